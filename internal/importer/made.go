package importer

import (
	"github.com/leadport/leadport/internal/lead"
)

// made is the lead that a record makes if it is new: the cells, then the
// defaults, with the keys it will hold.
type made struct {
	lead.Record
	keys keySet
	done bool
}

// make makes the lead of a draft. In a run the workers do so ahead, as it costs
// more than to decide; whoever changes the draft afterwards forgets it.
func (f *frame) make(d *draft) *made {
	if m := &d.made; !m.done {
		m.Record = f.create(&d.change, d.defaults, d.called)
		m.keys = f.newKeys(d, m.Record)
		m.done = true
	}
	return &d.made
}

// create is the record of a new lead; called is its name where no cell gives
// one.
func (f *frame) create(c *lead.Change, defaults lead.Change, called string) lead.Record {
	r := f.maker.Create(*c, defaults)
	if called != "" {
		r.Values[f.slot.name] = called
	}
	return r
}

// newKeys is KeysOf of a new lead: mostly what identifies its record already.
func (f *frame) newKeys(d *draft, after lead.Record) keySet {
	if f.keyed {
		return KeysOf(f.schema, after)
	}
	return d.held
}

// changed is to be called where a draft's change is not the one it was cleaned
// to.
func (f *frame) changed(d *draft) {
	d.made, d.planned = made{}, f.plannedHash(d)
}

// givesKeys reports whether the defaults give a new lead a key.
func (f *frame) givesKeys() bool {
	s := f.slot
	for _, slot := range []int{s.emails, s.phones, s.external, s.firstName, s.lastName, s.company} {
		if f.defaults.Touched.Has(slot) {
			return true
		}
	}
	return false
}
