package importer

import (
	"encoding/binary"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/leadport/leadport/internal/lead"
)

// draft is one record after reading, mapping and cleaning: what it says about
// a lead, before anything is known of the leads there are.
type draft struct {
	record, line, offset int64
	cells                []string // as read, fixes applied; owned by the batch

	id       int64       // of the Id column, 0: none
	version  int64       // of the Leadport version column, 0: none
	trusted  bool        // an export of this installation coming home (rule 6.5)
	change   lead.Change // the cells' values
	defaults lead.Change // what fills blanks of new leads only (rule 2.4)
	composed bool        // the lead name is made from other cells (never a key)
	called   string      // that name, "" if nothing gives one
	keys     keySet
	held     keySet // keys, and that of a composed name: what a new lead will hold
	planned  uint64 // identifies the lead that the record makes if it is new
	made     made

	answer recordAnswer // a person's, about a conflict

	asks    []tie // the values whose answer decided
	issues  []Issue
	failed  bool // has an error: the record is not imported
	omitted int  // cells that are left out
	sample  bool // the template's sample row, unchanged (rule 10.5)
	// A rejected record that comes home: which import and record it was.
	homeImport, homeRecord int64
	empties                []int // slots of mapped columns whose cell is blank
}

func (d *draft) warned() bool {
	for i := range d.issues {
		if d.issues[i].Severity == Warning {
			return true
		}
	}
	return false
}

// decision is what becomes of one record, before it is written down.
type decision struct {
	outcome Outcome
	reason  Reason
	ent     entity
	head    int64
	before  lead.Record // of an update
	after   lead.Record // of an update
	version int64
	flags   Flags
	// Of a new lead.
	ordinal       int64
	account, tags string
}

// changeHash identifies a change of a lead: the slots that differ with their
// text before and after (xxHash, Collet).
func changeHash(before, after lead.Record) uint64 {
	var short [1024]byte
	b := short[:0]
	for i, v := range after.Values {
		if old := before.Values[i]; old != v {
			b = binary.AppendUvarint(b, uint64(i))
			b = append(appendUnnumbered(b, old), 0xff)
			b = append(appendUnnumbered(b, v), 0xff)
		}
	}
	return xxhash.Sum64(b)
}

// appendUnnumbered appends a value without the ids of a list: which one a new
// element gets depends on the lead's version, which an edit of another field
// moves on.
func appendUnnumbered(b []byte, s string) []byte {
	const id = `{"id":`
	if !strings.HasPrefix(s, "[{") {
		return append(b, s...)
	}
	for {
		i := strings.Index(s, id)
		if i < 0 {
			return append(b, s...)
		}
		b = append(b, s[:i+len(id)]...)
		for s = s[i+len(id):]; s != "" && '0' <= s[0] && s[0] <= '9'; {
			s = s[1:]
		}
	}
}

// appendChange appends what tells one change from another.
func appendChange(b []byte, c *lead.Change) []byte {
	c.Touched.Each(func(i int) {
		b = binary.AppendUvarint(b, uint64(i))
		b = binary.AppendUvarint(b, uint64(len(c.Values[i])))
		b = append(b, c.Values[i]...)
	})
	return b
}

// plannedHash identifies the lead that a draft makes if it is new. It is a sum
// over the values, so that another value of one field changes it by the
// difference, whatever the others are (see remap).
func (f *frame) plannedHash(d *draft) uint64 {
	sum := f.fresh + valueHash(-1, d.called)
	d.change.Touched.Each(func(i int) { sum += valueHash(i, d.change.Values[i]) })
	return sum
}

// valueHash is a hash of a field's value: xxHash, mixed with the slot by the
// finalizer of SplitMix64 (Steele et al. 2014).
func valueHash(slot int, value string) uint64 {
	h := xxhash.Sum64String(value) + uint64(slot+2)*0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
