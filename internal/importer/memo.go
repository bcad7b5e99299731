package importer

import (
	"hash/maphash"
	"strings"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
)

// memo remembers what the cells of a column became, by their text as read: in
// columns of countries, choices or dates the same few cells stand in all
// records. A cell whose place another has is cleaned each time. It is one
// goroutine's.
type memo struct {
	slots []*memoized // by hash
	n     int
}

// memoSize bounds the cells that are remembered of a column.
const memoSize = 4096

type memoized struct {
	cell  string
	value string // the cell without what is around it
	got   cleaned
}

var memoSeed = maphash.MakeSeed()

func (m *memo) slot(cell string) **memoized {
	return &m.slots[maphash.String(memoSeed, cell)&uint64(len(m.slots)-1)]
}

func (m *memo) find(cell string) *memoized {
	if m.n == 0 || cell == "" {
		return nil
	}
	if x := *m.slot(cell); x != nil && x.cell == cell {
		return x
	}
	return nil
}

func (m *memo) add(cell, value string, got cleaned) {
	if m.n*2 >= len(m.slots) && len(m.slots) < memoSize {
		m.grow()
	}
	if x := m.slot(cell); *x == nil {
		got.value = strings.Clone(got.value) // the cell keeps a chunk of the file in memory
		*x = &memoized{strings.Clone(cell), strings.Clone(value), got}
		m.n++
	}
}

func (m *memo) grow() {
	old := m.slots
	m.slots = make([]*memoized, max(64, 8*len(old)))
	for _, x := range old {
		if x != nil {
			*m.slot(x.cell) = x
		}
	}
}

// repeats reports whether a column is one of few values, whose cells mean the
// same in every record.
func (f *frame) repeats(in *recipe.Input) bool {
	if in.Computed() || in.Full != nil || in.Comments || in.Tags || len(in.Targets) != 1 || in.Column < len(f.zeros) && in.Column >= 0 && f.zeros[in.Column] {
		return false
	}
	t := in.Targets[0]
	fl := &f.schema.Fields[t.Field]
	kind := fl.Kind
	if fl.List() {
		kind = fl.Parts[t.Part].Kind
	}
	switch fl.Key {
	case "tags", "phones", "emails", "external_id":
		return false
	}
	switch kind {
	case lead.Choice, lead.MultiChoice, lead.Country, lead.User, lead.Bool, lead.Date, lead.Integer:
		return !fl.Virtual
	}
	return false
}
