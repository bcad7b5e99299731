package lead

import "strings"

// Merger applies changes to leads by the rules of import-rules.md 6.
type Merger struct {
	Schema *Schema
	// Key folds a value so that a difference in spelling alone (the case of an
	// e-mail, the format of a phone) compares equal; see norm.Key.
	Key func(kind Kind, value string) string
	// Policies holds one policy per slot; nil takes each field's own.
	Policies []Policy
	// Stamp heads a block that is appended to a comment, for example
	// "2026-08-22 trade-show.csv".
	Stamp string
}

// FollowerPolicies are those of a later record of the same file that falls on
// a lead an earlier one wrote: it fills blanks and adds to lists and comments,
// and changes nothing that stands (import-rules.md 5.7). own are the policies
// towards a lead that was there before the file: what they keep from the first
// record they keep from a later one, too; nil for a lead that the file made.
func FollowerPolicies(s *Schema, own []Policy) []Policy {
	p := make([]Policy, len(s.Fields))
	for i := range s.Fields {
		switch f := &s.Fields[i]; {
		case own != nil && (own[i] == Keep || own[i] == Fill):
			p[i] = own[i]
		case f.Policy == Append || f.Policy == Raise:
			p[i] = f.Policy
		default:
			p[i] = Fill
		}
	}
	return p
}

// Create returns the record of a new lead: the change's values, where it has
// none the defaults', list elements numbered from 1.
func (m *Merger) Create(c, defaults Change) Record {
	r := m.Schema.New()
	for _, from := range []*Change{&c, &defaults} {
		from.Touched.Each(func(i int) {
			f := &m.Schema.Fields[i]
			switch v := from.Values[i]; {
			case f.Virtual || v == "" || r.Values[i] != "":
			case f.List():
				r.Values[i] = m.newList(f, v)
			default:
				r.Values[i] = v
			}
		})
	}
	return r
}

// newList is the list of a new lead: without repeats, numbered from 1.
func (m *Merger) newList(f *Field, text string) string {
	const one = `[{"`
	if strings.HasPrefix(text, one) && !strings.HasPrefix(text, `[{"id":`) && strings.Count(text, "{") == 1 {
		return `[{"id":1,"` + text[len(one):] // most lists: nothing to compare
	}
	return EncodeList(f.Parts, m.add(f, nil, DecodeList(f.Parts, text), Append, 1))
}

// Merge returns the lead as it is after the change. Equal values, differences
// in spelling included, leave what stands, so that Diff of the two records is
// what has to be written.
func (m *Merger) Merge(before Record, c Change) Record {
	after := before.Clone()
	c.Touched.Each(func(i int) {
		f := &m.Schema.Fields[i]
		if f.Virtual {
			return
		}
		policy := f.Policy
		if m.Policies != nil {
			policy = m.Policies[i]
		}
		if f.List() {
			after.Values[i] = m.mergeList(f, before.Values[i], c.Values[i], policy, freshID(before.Version))
		} else {
			after.Values[i] = m.mergeValue(f, before.Values[i], c.Values[i], policy)
		}
	})
	return after
}

func (m *Merger) mergeValue(f *Field, old, new string, policy Policy) string {
	if new == old {
		return old
	}
	if new == "" { // cleared on purpose; a blank cell does not touch
		if policy == Replace && !f.Required {
			return ""
		}
		return old
	}
	if old == "" {
		if policy == Keep {
			return old
		}
		return new
	}
	switch policy {
	case Replace:
		if m.same(f.Kind, old, new) {
			return old
		}
		return new
	case Append:
		return m.appendText(f, old, new)
	case Raise:
		if new == "true" {
			return new
		}
	}
	return old
}

// appendText adds a comment as a block of its own unless it stands there
// already; past the field's limit the new block is cut, never the old text.
func (m *Merger) appendText(f *Field, old, new string) string {
	if f.Kind != LongText || strings.Contains(old, new) {
		return old
	}
	head := "\n\n"
	if m.Stamp != "" {
		head += m.Stamp + "\n"
	}
	if f.MaxLen > 0 && len(old)+len(head)+len(new) > f.MaxLen {
		return old
	}
	return old + head + new
}

func (m *Merger) same(kind Kind, a, b string) bool {
	return a == b || m.Key(kind, a) == m.Key(kind, b)
}

func (m *Merger) mergeList(f *Field, old, new string, policy Policy, fresh int64) string {
	if policy == Keep || (new == "" && policy != Replace) {
		return old
	}
	have, add := DecodeList(f.Parts, old), DecodeList(f.Parts, new)
	switch {
	case policy == Fill && len(have) > 0 && f.Kind != Group:
		return old
	case policy == Slotwise:
		return EncodeList(f.Parts, m.slotwise(f, have, add, fresh))
	case policy == Replace:
		return EncodeList(f.Parts, m.replaceSlots(f, have, add, fresh))
	}
	return EncodeList(f.Parts, m.add(f, have, add, policy, fresh))
}

// add appends the elements that the list does not hold yet. An address is one
// value and is paired first (import-rules.md 6.4).
func (m *Merger) add(f *Field, have, add []Element, policy Policy, fresh int64) []Element {
	next := nextID(have, fresh)
	for _, e := range add {
		if e.Empty() {
			continue
		}
		if f.Kind == Group {
			if i := m.pair(f, have, e); i >= 0 {
				have[i] = m.mergeParts(f, have[i], e, policy)
				continue
			}
		} else if m.find(f, have, e) >= 0 {
			continue
		}
		e.ID = next
		next++
		have = append(have, e)
	}
	return have
}

// replaceSlots makes the list what the file says, slot by slot; an element
// that is there already keeps its id and, where only the spelling differs,
// its text.
func (m *Merger) replaceSlots(f *Field, have, want []Element, fresh int64) []Element {
	next := nextID(have, fresh)
	used := make([]bool, len(have))
	out := make([]Element, 0, len(want))
	for _, e := range want {
		if e.Empty() {
			continue
		}
		e.ID = 0
		for i := range have {
			if !used[i] && m.sameElement(f, have[i], e) {
				used[i] = true
				e = have[i]
				break
			}
		}
		out = append(out, e)
	}
	for n := range out {
		if out[n].ID != 0 {
			continue
		}
		if n < len(have) && !used[n] {
			used[n] = true
			out[n].ID = have[n].ID
			continue
		}
		out[n].ID = next
		next++
	}
	return out
}

// slotwise puts the nth element of the file where the lead's nth stands; a
// blank one leaves it, further ones are added (import-rules.md 6.5).
func (m *Merger) slotwise(f *Field, have, want []Element, fresh int64) []Element {
	next := nextID(have, fresh)
	for n, e := range want {
		switch {
		case e.Empty():
		case n >= len(have):
			e.ID = next
			next++
			have = append(have, e)
		case !m.sameElement(f, have[n], e):
			id := have[n].ID
			have[n] = e
			have[n].ID = id
		}
	}
	return have
}

// freshID is above every id that the elements of a lead's list had before this
// version of it, those that are gone included: an id is never used twice, so
// that an undo can tell a new element from one that was changed.
func freshID(version int64) int64 { return version<<10 + 1 }

func nextID(list []Element, fresh int64) int64 {
	most := fresh - 1
	for _, e := range list {
		most = max(most, e.ID)
	}
	return most + 1
}

func (m *Merger) find(f *Field, list []Element, e Element) int {
	for i := range list {
		if m.sameElement(f, list[i], e) {
			return i
		}
	}
	return -1
}

// sameElement compares what identifies an element: every part that a column
// can give, except that a part the cleaning derives never counts.
func (m *Merger) sameElement(f *Field, a, b Element) bool {
	if f.Kind == Phone && m.sameWritten(f, a, b) {
		return true
	}
	for p := range f.Parts {
		if f.Parts[p].Derived && f.Kind != Link {
			continue
		}
		kind := f.Parts[p].Kind
		if f.Key == "tags" || kind == Region || kind == Country {
			kind = Choice // compared without case
		}
		if !m.same(kind, a.Values[p], b.Values[p]) {
			return false
		}
	}
	return true
}

// sameWritten compares phones as they were written: a number that cannot be
// read without its country is still the one that was once read with it.
func (m *Merger) sameWritten(f *Field, a, b Element) bool {
	w := partIndex(f, "written")
	return a.Values[w] != "" && m.same(Choice, a.Values[w], b.Values[w])
}

// pair finds the address that e is about: the one with the same label, else
// the same street and postal code, else a lone incomplete one that contradicts
// nothing; -1 if e is another.
func (m *Merger) pair(f *Field, have []Element, e Element) int {
	label, street, zip := partIndex(f, "label"), partIndex(f, "street"), partIndex(f, "postal_code")
	eq := func(i, p int) bool {
		return e.Values[p] != "" && m.same(Choice, have[i].Values[p], e.Values[p])
	}
	for i := range have {
		if eq(i, label) {
			return i
		}
	}
	for i := range have {
		if eq(i, street) && m.same(Choice, have[i].Values[zip], e.Values[zip]) {
			return i
		}
	}
	if len(have) != 1 || (e.Values[label] != "" && have[0].Values[label] != "") {
		return -1
	}
	incomplete := false
	for p := range f.Parts {
		a, b := have[0].Values[p], e.Values[p]
		if a == "" && b != "" {
			incomplete = true
		}
		if a != "" && b != "" && !m.same(Choice, a, b) {
			return -1
		}
	}
	if !incomplete && (have[0].Values[street] != "" || e.Values[street] != "") {
		if m.same(Choice, have[0].Values[street], e.Values[street]) || e.Values[street] == "" {
			return 0
		}
		return -1
	}
	return 0
}

func (m *Merger) mergeParts(f *Field, old, new Element, policy Policy) Element {
	out := old.clone()
	for p, v := range new.Values {
		if v == "" || (policy == Fill && out.Values[p] != "") {
			continue
		}
		if !m.same(Choice, out.Values[p], v) {
			out.Values[p] = v
		}
	}
	return out
}

func partIndex(f *Field, key string) int {
	for i := range f.Parts {
		if f.Parts[i].Key == key {
			return i
		}
	}
	return 0
}
