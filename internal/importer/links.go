package importer

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// linker resolves what a record's fields point at, a batch at a time, and
// counts what an import will create. It is one goroutine's.
type linker struct {
	*frame
	dir            Directory
	known          map[string]map[string]int64 // entity → folded key → id, 0: there is none
	tags           map[string]bool             // folded tag → exists
	asked, counted string                      // the tags of the record before, which are mostly the next one's
	// What the records so far would create, by number.
	creations []creation
	number    map[uint64]uint32 // by hash
	tagged    []uint32          // of the tags counted last
	made      []uint32          // of the record counted last
	anyOrder  bool              // records come in another order than in the file
}

func newLinker(f *frame, dir Directory) *linker {
	return &linker{frame: f, dir: dir, known: map[string]map[string]int64{"account": {}, "contact": {}, "opportunity": {}},
		tags: map[string]bool{}, number: map[uint64]uint32{}}
}

// prepare looks up every link of a batch and settles contacts, opportunities
// and, where none may be created, accounts.
func (l *linker) prepare(ctx context.Context, batch []draft) error {
	want := map[string][]string{}
	ask := func(entity, key string) {
		if key == "" {
			return
		}
		if _, ok := l.known[entity][key]; !ok {
			key = strings.Clone(key) // it outlives its batch
			l.known[entity][key] = 0
			want[entity] = append(want[entity], key)
		}
	}
	var tags []string
	for i := range batch {
		d := &batch[i]
		ask("account", norm.Key(norm.KeyAccount, d.change.Values[l.slot.account]))
		ask("account", norm.Key(norm.KeyAccount, d.defaults.Values[l.slot.account]))
		l.elements(d, l.slot.contact, func(e *lead.Element) { ask("contact", norm.Key(norm.KeyPerson, e.Values[0], e.Values[1])) })
		l.elements(d, l.slot.opportunities, func(e *lead.Element) { ask("opportunity", norm.Key(norm.KeyAccount, e.Values[0])) })
		if text := d.change.Values[l.slot.tags]; text != l.asked {
			l.asked = strings.Clone(text)
			l.elements(d, l.slot.tags, func(e *lead.Element) {
				k := norm.Key(norm.KeyTag, e.Values[0])
				if _, ok := l.tags[k]; !ok {
					k = strings.Clone(k)
					l.tags[k] = false
					tags = append(tags, k)
				}
			})
		}
	}
	for entity, keys := range want {
		found, err := l.dir.Links(ctx, entity, keys)
		if err != nil {
			return err
		}
		for k, id := range found {
			l.known[entity][k] = id
		}
	}
	if len(tags) > 0 {
		found, err := l.dir.Tags(ctx, tags)
		if err != nil {
			return err
		}
		for k := range found {
			l.tags[k] = true
		}
	}
	for i := range batch {
		l.settle(&batch[i])
	}
	return nil
}

func (l *linker) elements(d *draft, slot int, f func(*lead.Element)) {
	if d.change.Values[slot] == "" {
		return
	}
	list := lead.DecodeList(l.schema.Fields[slot].Parts, d.change.Values[slot])
	for i := range list {
		f(&list[i])
	}
}

// settle gives links their ids; one that names nothing is left out and said.
func (l *linker) settle(d *draft) {
	link := func(slot int, entity string, key func(e *lead.Element) string, shown func(e *lead.Element) string) {
		f := &l.schema.Fields[slot]
		if d.change.Values[slot] == "" {
			return
		}
		list := lead.DecodeList(f.Parts, d.change.Values[slot])
		kept := list[:0]
		for _, e := range list {
			id := l.known[entity][key(&e)]
			if id == 0 {
				l.note(d, entity+".unknown", f.Key, shown(&e), "")
				continue
			}
			e.Values[len(e.Values)-1] = strconv.FormatInt(id, 10)
			kept = append(kept, e)
		}
		defer l.changed(d)
		if len(kept) == 0 {
			d.change.Values[slot] = ""
			d.change.Touched.Remove(slot)
			return
		}
		d.change.Values[slot] = lead.EncodeList(f.Parts, kept)
	}
	link(l.slot.contact, "contact",
		func(e *lead.Element) string { return norm.Key(norm.KeyPerson, e.Values[0], e.Values[1]) },
		func(e *lead.Element) string { return norm.Clean(e.Values[0] + " " + e.Values[1]) })
	link(l.slot.opportunities, "opportunity",
		func(e *lead.Element) string { return norm.Key(norm.KeyAccount, e.Values[0]) },
		func(e *lead.Element) string { return e.Values[0] })
	if v := d.change.Values[l.slot.account]; v != "" && l.recipe.NoNewAccounts && l.known["account"][norm.Key(norm.KeyAccount, v)] == 0 {
		l.note(d, "account.unknown", "account", v, "")
		d.change.Values[l.slot.account] = ""
		d.change.Touched.Remove(l.slot.account)
		l.changed(d)
	}
}

// count notes the account and the tags that a written record would create.
func (l *linker) count(account, text string) {
	l.made = l.made[:0]
	if account != "" {
		k := norm.Key(norm.KeyAccount, account)
		if id, asked := l.known["account"][k]; asked && id == 0 {
			l.made = append(l.made, l.creation(norm.KeyAccount, k, account))
		}
	}
	if text != l.counted {
		l.counted, l.tagged = strings.Clone(text), l.tagged[:0]
		for _, e := range lead.DecodeList(l.schema.Fields[l.slot.tags].Parts, text) {
			k := norm.Key(norm.KeyTag, e.Values[0])
			if exists, asked := l.tags[k]; asked && !exists {
				if n := l.creation(norm.KeyTag, k, e.Values[0]); !slices.Contains(l.tagged, n) {
					l.tagged = append(l.tagged, n)
				}
			}
		}
	}
	l.made = append(l.made, l.tagged...)
	for _, n := range l.made {
		l.creations[n].Records++
	}
}

// mostNamed bounds the names that are kept of what is to be created.
const mostNamed = 10_000

// creation is the number of an account or a tag that is to be created.
func (l *linker) creation(kind norm.KeyKind, key, name string) uint32 {
	hash := norm.Hash(kind, key)
	n, ok := l.number[hash]
	if !ok {
		n = uint32(len(l.creations))
		l.number[hash] = n
		if n >= mostNamed {
			name = ""
		}
		l.creations = append(l.creations, creation{Hash: hash, Tag: kind == norm.KeyTag, Name: strings.Clone(name)})
	} else if c := &l.creations[n]; l.anyOrder && c.Name != name {
		c.Name = ""
	}
	return n
}

// goOn counts on from what an earlier check counted.
func (l *linker) goOn(creations []creation) {
	l.creations, l.anyOrder = slices.Clone(creations), true
	for n, c := range creations {
		l.number[c.Hash] = uint32(n)
	}
}

// created is how many accounts and tags there are to be created.
func (l *linker) created() (accounts, tags int64) {
	for _, c := range l.creations {
		switch {
		case c.Records == 0:
		case c.Tag:
			tags++
		default:
			accounts++
		}
	}
	return accounts, tags
}
