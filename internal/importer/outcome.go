package importer

import (
	"fmt"

	"github.com/leadport/leadport/internal/lead"
)

// Outcome is what becomes of a record; each record has exactly one (rule 7.1).
type Outcome uint8

const (
	Pending Outcome = iota
	New
	Update
	Unchanged
	Skip
	Failure  // "error": the record is not imported
	Conflict // "Needs your decision"
)

var outcomeNames = [...]string{"pending", "new", "update", "unchanged", "skipped", "error", "conflict"}

func (o Outcome) String() string { return outcomeNames[o] }

// ParseOutcome is the inverse of Outcome.String.
func ParseOutcome(s string) (Outcome, error) {
	for i, n := range outcomeNames {
		if n == s {
			return Outcome(i), nil
		}
	}
	return 0, fmt.Errorf("outcome %q: %w", s, lead.ErrInvalid)
}

// Reason says why a record is skipped, or which conflict it is in.
type Reason uint8

const (
	NoReason Reason = iota
	SkipMerged
	SkipDeleted
	SkipExisting
	SkipNotFound
	SkipSample
	SkipCameHome
	SkipDecided
	SkipNoRight
	ConflictID
	ConflictAmbiguous
	ConflictSplit
	ConflictOtherPerson
	ConflictSinceCheck
	ConflictSinceExport
)

var reasonCodes = [...]string{"", "skip.merged", "skip.deleted", "skip.existing", "skip.not_found",
	"skip.sample", "skip.came_home", "skip.decided", "skip.no_right",
	"id.contradicted", "match.ambiguous", "match.split", "match.other_person",
	"changed.since_check", "changed.since_export"}

// Code is the reason's stable code.
func (r Reason) Code() string { return reasonCodes[r] }

// Accounting is the line that always balances (rule 7.1): records = new +
// update + unchanged + skipped + errors + conflicts.
type Accounting struct {
	Records   int64 `json:"records"`
	New       int64 `json:"new"`
	Update    int64 `json:"update"`
	Unchanged int64 `json:"unchanged"`
	Skipped   int64 `json:"skipped"`
	Errors    int64 `json:"errors"`
	Conflicts int64 `json:"conflicts"`
	// CellsNotImported counts the cells of mapped columns whose value was left
	// out although their record is imported.
	CellsNotImported int64 `json:"cells_not_imported"`
	// Updates are split by what they do at most (rule 7.2).
	UpdateFill    int64 `json:"update_fill,omitempty"`
	UpdateReplace int64 `json:"update_replace,omitempty"`
	UpdateTyped   int64 `json:"update_typed,omitempty"`
	// Warned counts the imported records that have a warning.
	Warned   int64 `json:"warned,omitempty"`
	Accounts int64 `json:"accounts,omitempty"` // to be created
	Tags     int64 `json:"tags,omitempty"`     // to be created
	Blank    int64 `json:"blank_lines,omitempty"`
	// Of an undo.
	Removed  int64 `json:"removed,omitempty"`  // leads put into the bin
	Restored int64 `json:"restored,omitempty"` // leads whose fields went back
	Kept     int64 `json:"kept,omitempty"`     // leads kept because someone touched them since
}

// Balanced reports whether every record has exactly one outcome.
func (a Accounting) Balanced() bool {
	return a.Records == a.New+a.Update+a.Unchanged+a.Skipped+a.Errors+a.Conflicts
}

// Leads is how many leads the import writes.
func (a Accounting) Leads() int64 { return a.New + a.Update }

// Open reports whether records were rejected or need a decision.
func (a Accounting) Open() bool { return a.Errors+a.Conflicts > 0 }

func (a *Accounting) count(o Outcome, n int64) {
	a.Records += n
	switch o {
	case New:
		a.New += n
	case Update:
		a.Update += n
	case Unchanged:
		a.Unchanged += n
	case Skip:
		a.Skipped += n
	case Failure:
		a.Errors += n
	case Conflict:
		a.Conflicts += n
	}
}

// Add sums two accountings, as those of the parts of one run.
func (a *Accounting) Add(b Accounting) {
	a.Records += b.Records
	a.New += b.New
	a.Update += b.Update
	a.Unchanged += b.Unchanged
	a.Skipped += b.Skipped
	a.Errors += b.Errors
	a.Conflicts += b.Conflicts
	a.CellsNotImported += b.CellsNotImported
	a.UpdateFill += b.UpdateFill
	a.UpdateReplace += b.UpdateReplace
	a.UpdateTyped += b.UpdateTyped
	a.Warned += b.Warned
	a.Accounts += b.Accounts
	a.Tags += b.Tags
	a.Removed += b.Removed
	a.Restored += b.Restored
	a.Kept += b.Kept
}
