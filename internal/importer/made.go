package importer

import (
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// made is the lead that a record makes if it is new: the cells, then the
// defaults, with the keys it will hold and the hash of the change.
type made struct {
	lead.Record
	keys keySet
	hash uint64
	done bool
}

// make makes the lead of a draft. The workers do so ahead, as it costs more
// than to decide; whoever changes the draft afterwards forgets it.
func (f *frame) make(d *draft) *made {
	if m := &d.made; !m.done {
		m.Record = f.maker.Create(d.change, d.defaults)
		m.keys = f.newKeys(d, m.Record)
		m.hash = changeHash(lead.Record{}, m.Record)
		m.done = true
	}
	return &d.made
}

// newKeys is KeysOf of a new lead: mostly what identifies its record already.
func (f *frame) newKeys(d *draft, after lead.Record) keySet {
	s := f.slot
	for _, slot := range []int{s.emails, s.phones, s.external, s.firstName, s.lastName, s.company} {
		if d.defaults.Touched.Has(slot) {
			return KeysOf(f.schema, after)
		}
	}
	keys := d.keys
	if d.composed { // never a key of the record, but the lead's name
		keys = append(make(keySet, 0, len(keys)+1), keys...)
		keys.put(norm.KeyName, after.Values[s.name], after.Values[s.company])
	}
	return keys
}
