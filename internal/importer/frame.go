package importer

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/recipe"
)

// frame is all that stays the same for every record of a check or run:
// read-only, shared by the workers.
type frame struct {
	recipe    *recipe.Recipe
	program   *recipe.Program
	schema    *lead.Schema
	slot      slots
	address   *addressParts
	rules     ruleTable
	principal access.Principal
	users     userIndex
	owner     string   // default owner of new leads, an id as canonical text
	owners    []string // several share them equally; owner is the first
	org       string   // this installation's organization
	mark      string   // this installation's export mark
	country   string   // for phones and addresses without one
	zone      *time.Location
	headings  []string
	orders    []norm.Order      // per file column
	marks     []norm.Marks      // per file column
	serial    []bool            // per file column: dates are Excel's serial numbers
	zeros     []bool            // per file column: codes that lost leading zeros
	sample    map[string]string // the template's sample row by folded heading
	maker     *lead.Merger      // of new leads
	defaults  lead.Change       // of new leads
	fresh     uint64            // identifies the defaults
	keyed     bool              // the defaults give new leads keys
	fixes     map[int64][]*fix  // by the record's byte offset
	stamp     string            // heads what is appended to comments
	// Columns of a rejects file that say where a record comes from; -1: none.
	homeImport, homeRecord int
}

// fix is a correction with whether a record took it.
type fix struct {
	Fix
	used atomic.Bool
}

// slots are the positions of the fields that the rules name.
type slots struct {
	name, firstName, lastName, company, status, owner, notes, emails, phones, addresses, tags, account, external, contact, opportunities int
}

func slotsOf(s *lead.Schema) slots {
	return slots{
		name: s.Index("name"), firstName: s.Index("first_name"), lastName: s.Index("last_name"),
		company: s.Index("company_name"), status: s.Index("status"), owner: s.Index("owner"),
		notes: s.Index("notes"), emails: s.Index("emails"), phones: s.Index("phones"),
		addresses: s.Index("addresses"), tags: s.Index("tags"), account: s.Index("account"),
		external: s.Index("external_id"), contact: s.Index("contact"), opportunities: s.Index("opportunities"),
	}
}

// sameKey folds values of a kind for the comparison of rule 6.3.
func sameKey(kind lead.Kind, value string) string {
	switch kind {
	case lead.Email:
		return norm.EmailKey(value)
	case lead.Choice, lead.Country, lead.Region, lead.Link:
		return norm.Fold(value)
	}
	return value
}

// order and mark read what recipe and ledger say: dmy, mdy, ymd; "." or ",".
func order(text string) norm.Order {
	switch text {
	case "dmy":
		return norm.DMY
	case "mdy":
		return norm.MDY
	case "ymd":
		return norm.YMD
	}
	return norm.Unknown
}

func mark(text string) norm.Marks {
	if text == "." || text == "," {
		return norm.Marks{Decimal: text[0]}
	}
	return norm.Marks{}
}

// whole reports whether a column feeds whole numbers only.
func (f *frame) whole(column int) bool {
	for i := range f.program.Inputs {
		in := &f.program.Inputs[i]
		if in.Column != column {
			continue
		}
		for _, t := range in.Targets {
			if kindOf(f.schema, t) == lead.Decimal {
				return false
			}
		}
	}
	return true
}

// grouping takes the mark in numbers that read both ways for the one that
// groups thousands.
func grouping(samples []string) norm.Marks {
	for _, s := range samples {
		switch {
		case strings.Contains(s, "."):
			return norm.Marks{Decimal: ','}
		case strings.Contains(s, ","):
			return norm.Marks{Decimal: '.'}
		}
	}
	return norm.Marks{}
}
