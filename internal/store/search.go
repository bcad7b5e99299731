package store

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// searchBatch is how many leads one transaction of IndexSearch takes in, so
// that others can write in between.
const searchBatch = 1000

// IndexSearch brings the search index up to the leads, at most about a number
// of them, and reports whether it is there. The index follows lead.seq behind
// the writes, so that an import does not wait for it.
func (s *Store) IndexSearch(ctx context.Context, most int) (current bool, err error) {
	for done := 0; ; {
		seq, id, behind, ready, err := s.searchAt(ctx, s.r)
		if err != nil || !ready || done >= most {
			return err == nil && !behind, err
		}
		n, err := s.indexSearch(ctx, seq, id)
		if err != nil {
			return false, err
		}
		done += n
	}
}

// indexFew brings the search index up to the leads if only few are missing,
// such as one that was saved just now: nobody waits for what an import left to
// be taken in behind it. It reports whether the index is there.
func (s *Store) indexFew(ctx context.Context) (current bool, err error) {
	seq, id, behind, _, err := s.searchAt(ctx, s.r)
	if err != nil || !behind {
		return err == nil, err
	}
	var n int
	err = s.r.QueryRowContext(ctx, `select count(*) from (select 1 from lead l where (l.seq, l.id) > ($1, $2) limit $3) behind`, seq, id, searchBatch+1).Scan(&n)
	if err != nil || n > searchBatch {
		return false, s.err("look at search index", err)
	}
	return s.IndexSearch(ctx, searchBatch)
}

// settled is the condition that no lead appears before this one later: parts of
// an import that write side by side commit in any order.
const settled = `l.seq < coalesce((select min(seq) from import_part where seq > 0), 9223372036854775807)`

// searchAt is how far the index is: all leads up to and including this
// sequence and id are in it. The sequences of a transaction are seen together,
// so nothing appears behind that place later. Of the leads behind it some are
// ready to be taken in, or none.
func (s *Store) searchAt(ctx context.Context, q querier) (seq, id int64, behind, ready bool, err error) {
	err = q.QueryRowContext(ctx, `select seq, id, exists (select 1 from lead l where (l.seq, l.id) > (at.seq, at.id)),
		exists (select 1 from lead l where (l.seq, l.id) > (at.seq, at.id) and `+settled+`) from (
		select coalesce((select value from counter where name = 'search_seq'), 0) seq,
			coalesce((select value from counter where name = 'search_lead'), 0) id) at`).Scan(&seq, &id, &behind, &ready)
	return seq, id, behind, ready, s.err("look at search index", err)
}

// indexSearch takes in the next leads, unless another did meanwhile.
func (s *Store) indexSearch(ctx context.Context, seq, id int64) (n int, err error) {
	err = s.behind(ctx, func(t *tx) error {
		nowSeq, nowID, _, ready, err := s.searchAt(ctx, t.q)
		if err != nil || !ready || nowSeq != seq || nowID != id {
			return err
		}
		l, err := s.layoutOf(ctx, t.q)
		if err != nil {
			return err
		}
		var batch []Lead
		err = t.each(ctx, `(l.seq, l.id) > ($1, $2) and `+settled+` order by l.seq, l.id limit $3`, []any{seq, id, searchBatch}, func(v *Lead) error {
			batch = append(batch, *v)
			seq, id = v.Seq, v.ID
			return nil
		})
		if err != nil {
			return err
		}
		if err := t.words(ctx, l.schema, batch); err != nil {
			return err
		}
		if err := t.twins(ctx, l.schema, batch); err != nil {
			return err
		}
		n = len(batch)
		_, err = t.exec(ctx, `insert into counter (name, value) values ('search_seq', $1), ('search_lead', $2)
			on conflict (name) do update set value = excluded.value`, seq, id)
		return s.err("index search", err)
	})
	return n, err
}

// words writes what leads are found by, and in whose order they are listed.
func (t *tx) words(ctx context.Context, schema *lead.Schema, batch []Lead) error {
	var a args
	return t.s.d.bulk(ctx, t, func(b bulk) error {
		for i := range batch {
			l := &batch[i]
			a.reset().ints(l.ID).texts(strings.Join(append(searchWords(schema, l.Record), valueWords(schema, l)...), " "))
			if err := b.exec(t.s.d.putWords(), a.v); err != nil {
				return err
			}
			a.reset().ints(l.ID).texts(orderKey(schema.Get(l.Record, "name")), orderKey(schema.Get(l.Record, "company_name")))
			if err := b.exec(`insert into lead_order (lead, name, company) values (?, ?, ?)
				on conflict (lead) do update set name = excluded.name, company = excluded.company`, a.v); err != nil {
				return err
			}
		}
		return nil
	}, t.said("index search"))
}

// orderKey is the folded beginning of a text, by which lists are sorted; the
// database never collates.
func orderKey(text string) string {
	const most = 40 // bytes
	text = norm.FoldName(text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// searchWords is what a lead is found by: the folded words of its name,
// company, e-mails and external ids, the digits of its phones, and one word
// each for a tag, a country and an e-mail domain, whole.
func searchWords(s *lead.Schema, r lead.Record) []string {
	var out []string
	text := func(v string) { out = append(out, wordsOf(v)...) }
	for _, key := range []string{"name", "first_name", "last_name", "company_name"} {
		text(s.Get(r, key))
	}
	for _, e := range s.List(r, "emails") {
		text(e.Values[0])
		if _, domain, ok := strings.Cut(e.Values[0], "@"); ok {
			out = append(out, wholeWord("domain", norm.Fold(domain)))
		}
	}
	for _, e := range s.List(r, "external_id") {
		text(e.Values[0])
	}
	for _, e := range s.List(r, "phones") {
		for _, v := range e.Values {
			if d := phoneDigits(v); d != "" {
				out = append(out, d)
				if len(d) >= phoneTail {
					out = append(out, "tail"+d[len(d)-phoneTail:])
				}
			}
		}
	}
	for _, e := range s.List(r, "tags") {
		out = append(out, wholeWord("tag", norm.Key(norm.KeyTag, e.Values[0])))
	}
	if f := s.Field("addresses"); f != nil {
		country := partIndex(f, "country")
		for _, e := range s.List(r, "addresses") {
			if v := e.Values[country]; v != "" {
				out = append(out, wholeWord("country", norm.Fold(v)))
			}
		}
	}
	return out
}

func partIndex(f *lead.Field, key string) int {
	for i := range f.Parts {
		if f.Parts[i].Key == key {
			return i
		}
	}
	return 0
}

// wordsOf folds a text and cuts it as the index's tokenizer does: at every
// ASCII character that is neither letter nor digit.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(norm.FoldName(text), func(r rune) bool {
		return r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	for i, w := range words {
		if len(w) > maxWord {
			words[i] = strings.ToValidUTF8(w[:maxWord], "")
		}
	}
	return words
}

// maxWord is how many bytes of a word can be looked for; PostgreSQL takes 2046.
const maxWord = 200

// wholeWord makes one word of a value that is only ever looked for whole.
func wholeWord(kind, value string) string {
	h := fnv.New64a()
	h.Write([]byte(value))
	return fmt.Sprintf("x%s%016x", kind, h.Sum64())
}

// phoneTail is how many last digits of a phone are a word of their own, so
// that a number is found with and without its country.
const phoneTail = 7

// phoneDigits are a phone's digits without leading zeros.
func phoneDigits(text string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	return strings.TrimLeft(digits, "0")
}

// word is one to look for in the search index: whole, or the beginning of one.
type word struct {
	text  string
	begin bool
}

// searchQuery is what to look for, for what a person typed: every word begins
// a word of the lead. Of each list one is enough; nil where nothing can be
// looked for.
func searchQuery(text string) (all [][]word) {
	rest := strings.Trim(text, " +-()/.0123456789")
	if d := phoneDigits(text); rest == "" && len(d) >= 4 {
		any := []word{{d, true}}
		if len(d) >= phoneTail {
			any = append(any, word{text: "tail" + d[len(d)-phoneTail:]})
		}
		return [][]word{any}
	}
	for _, w := range wordsOf(text) {
		all = append(all, []word{{w, true}})
	}
	return all
}
