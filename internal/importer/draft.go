package importer

import (
	"strings"

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
	keys     keySet
	made     made

	answer recordAnswer // a person's, about a conflict

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
	after   lead.Record // of a new lead or an update
	version int64
	flags   Flags
}

// changeHash identifies a change: the slots that differ with their text before
// and after (FNV-1a, Fowler, Noll, Vo). A record of a new lead has no before.
func changeHash(before, after lead.Record) uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	mix := func(s string) {
		list := strings.HasPrefix(s, "[{")
		for i := 0; i < len(s); i++ {
			if list && s[i] == '{' && strings.HasPrefix(s[i:], `{"id":`) {
				// What id a new element gets depends on the lead's version, which
				// an edit of another field moves on.
				for i += len(`{"id":`); i < len(s)-1 && '0' <= s[i] && s[i] <= '9'; {
					i++
				}
			}
			h = (h ^ uint64(s[i])) * prime
		}
		h = (h ^ 0x1ff) * prime
	}
	for i, v := range after.Values {
		var old string
		if before.Values != nil {
			old = before.Values[i]
		}
		if old == v {
			continue
		}
		h = (h ^ uint64(i+1)) * prime
		mix(old)
		mix(v)
	}
	return h
}
