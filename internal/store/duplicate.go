package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// Twins is a pair of leads that may be the same; Lead is the newer one.
type Twins struct {
	Lead, Other Lead
	Score       int
	By          []string // what they share
}

// crowd is from how many leads on a key says nothing about any two of them: the
// number of a switchboard, the address of a mailing list.
const crowd = 50

// twin is a row of lead_twin.
type twin struct {
	lead, other int64
	score       int
}

// twins finds the pairs of some leads, which are as they are written now, and
// all others (import-rules.md 5.8) and stores them instead of the old ones.
func (t *tx) twins(ctx context.Context, schema *lead.Schema, batch []Lead) error {
	ids := make([]int64, len(batch))
	keysOf := make(map[int64][]importer.Key, len(batch))
	var keys []importer.Key
	for i := range batch {
		l := &batch[i]
		ids[i] = l.ID
		if !l.DeletedAt.IsZero() {
			continue
		}
		all := importer.KeysOf(schema, l.Record)
		keysOf[l.ID] = all
		for _, k := range all {
			if _, none := t.s.crowded.Load(k.Hash); k.Kind != norm.KeyName && !none { // most names are of many people
				keys = append(keys, k)
			}
		}
	}
	for _, column := range []string{"lead", "other"} {
		if _, err := t.exec(ctx, `delete from lead_twin where separate = 0 and `+t.s.d.in(column, "$1"), t.s.d.ints(ids)); err != nil {
			return t.s.err("find duplicates", err)
		}
	}
	pairs, err := t.twinPairs(ctx, keys, keysOf)
	if err != nil || len(pairs) == 0 {
		return err
	}
	var others []int64
	for p := range pairs {
		for _, id := range p {
			if keysOf[id] == nil {
				others = append(others, id)
			}
		}
	}
	slices.Sort(others)
	found, err := t.Load(ctx, access.System(), slices.Compact(others))
	if err != nil {
		return err
	}
	for i := range found {
		if found[i].DeletedAt.IsZero() {
			keysOf[found[i].ID] = importer.KeysOf(schema, found[i].Record)
		}
	}
	for p := range pairs {
		score, _ := importer.Alike(keysOf[p[0]], keysOf[p[1]])
		if score == 0 {
			continue
		}
		if _, err := t.exec(ctx, `insert into lead_twin (lead, other, score) values ($1, $2, $3)
			on conflict (lead, other) do update set score = excluded.score`, p[0], p[1], score); err != nil {
			return t.s.err("find duplicates", err)
		}
	}
	return nil
}

// twinPairs are the pairs, newer lead first, that meet in a key of the batch.
func (t *tx) twinPairs(ctx context.Context, keys []importer.Key, batch map[int64][]importer.Key) (map[[2]int64]bool, error) {
	hits, err := t.FindKeys(ctx, access.System(), keys)
	if err != nil {
		return nil, err
	}
	pairs := map[[2]int64]bool{}
	for len(hits) > 0 {
		n := 1
		for n < len(hits) && hits[n].Key == hits[0].Key {
			n++
		}
		same := hits[:n]
		hits = hits[n:]
		if len(same) > crowd {
			t.s.crowded.Store(keys[same[0].Key].Hash, nil)
			continue
		}
		for i, a := range same {
			for _, b := range same[:i] {
				if a.Lead != b.Lead && (batch[a.Lead] != nil || batch[b.Lead] != nil) {
					pairs[[2]int64{max(a.Lead, b.Lead), min(a.Lead, b.Lead)}] = true
				}
			}
		}
	}
	return pairs, nil
}

// Duplicates returns a page of the pairs of leads that may be the same and
// that the principal may see both, newest first; lead.ErrInvalid for a place
// of another list.
func (s *Store) Duplicates(ctx context.Context, p access.Principal, after string, limit int) (out []Twins, next string, err error) {
	at, err := parsePlace(after, "twins")
	if err != nil {
		return nil, "", err
	}
	if _, err := s.indexFew(ctx); err != nil {
		return nil, "", err
	}
	query := `select t.lead, t.other, t.score from lead_twin t join lead l on l.id = t.lead join lead o on o.id = t.other
		where t.separate = 0 and l.deleted_at = 0 and o.deleted_at = 0 and ` + p.Predicate(access.LeadView, "l.owner") + ` and ` + p.Predicate(access.LeadView, "o.owner")
	args := []any{limit + 1}
	if at != nil {
		var lead int64
		if _, err := fmt.Sscan(at.key, &lead); err != nil {
			return nil, "", errPlace()
		}
		query += ` and (t.lead, t.other) < ($2, $3)`
		args = append(args, lead, at.id)
	}
	rows, err := s.r.QueryContext(ctx, query+` order by t.lead desc, t.other desc limit $1`, args...)
	if err != nil {
		return nil, "", s.err("list duplicates", err)
	}
	list, err := collect(rows, func(t *twin) []any { return []any{&t.lead, &t.other, &t.score} })
	if err != nil {
		return nil, "", s.err("list duplicates", err)
	}
	if len(list) > limit {
		list = list[:limit]
		last := list[limit-1]
		next = place{"twins", fmt.Sprint(last.lead), last.other}.String()
	}
	var ids []int64
	for _, t := range list {
		ids = append(ids, t.lead, t.other)
	}
	leads := map[int64]*Lead{}
	schema, err := s.Schema(ctx)
	if err != nil {
		return nil, "", err
	}
	err = s.each(ctx, s.d.in("l.id", "$1"), []any{s.d.ints(ids)}, func(l *Lead) error {
		leads[l.ID] = l
		return nil
	})
	for _, t := range list {
		a, b := leads[t.lead], leads[t.other]
		if a == nil || b == nil { // gone between the two looks
			continue
		}
		score, by := importer.Alike(importer.KeysOf(schema, a.Record), importer.KeysOf(schema, b.Record))
		if score > 0 {
			out = append(out, Twins{*a, *b, score, by})
		}
	}
	return out, next, err
}

// CountDuplicates counts the pairs of Duplicates, up to most.
func (s *Store) CountDuplicates(ctx context.Context, p access.Principal, most int64) (n int64, err error) {
	err = s.r.QueryRowContext(ctx, `select count(*) from (select 1 from lead_twin t join lead l on l.id = t.lead join lead o on o.id = t.other
		where t.separate = 0 and l.deleted_at = 0 and o.deleted_at = 0 and `+p.Predicate(access.LeadView, "l.owner")+` and `+
		p.Predicate(access.LeadView, "o.owner")+` limit $1) few`, most).Scan(&n)
	return n, s.err("count duplicates", err)
}

// SetSeparate keeps that two leads are not the same, or takes that back. The
// principal must see both and edit one.
func (s *Store) SetSeparate(ctx context.Context, p access.Principal, a, b int64, separate bool) error {
	if a == b {
		return fmt.Errorf("a lead is not its own duplicate: %w", lead.ErrInvalid)
	}
	edits := false
	for _, id := range []int64{a, b} {
		l, err := s.Get(ctx, p, id)
		if err != nil {
			return err
		}
		edits = edits || p.Reaches(access.LeadEdit, l.Owner, l.OwnerTeam)
	}
	if !edits {
		return fmt.Errorf("say that leads %d and %d are not the same: %w", a, b, lead.ErrForbidden)
	}
	return s.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `insert into lead_twin (lead, other, score, separate) values ($1, $2, 0, $3)
			on conflict (lead, other) do update set separate = excluded.separate`, max(a, b), min(a, b), number(separate))
		return s.err("keep leads apart", err)
	})
}

// Separate returns the leads of which a person said that they are not this one.
func (s *Store) Separate(ctx context.Context, id int64) ([]int64, error) {
	rows, err := s.r.QueryContext(ctx, `select lead + other - $1 from lead_twin where separate = 1 and (lead = $1 or other = $1)`, id)
	if err != nil {
		return nil, s.err("read duplicates", err)
	}
	out, err := collect(rows, func(v *int64) []any { return []any{v} })
	return out, s.err("read duplicates", err)
}
