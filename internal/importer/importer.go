// Package importer turns a file into a plan, the plan into changes, and takes
// every change back: check → plan → run → undo, with the rules, issues,
// outcomes and the accounting that all surfaces share (docs/rules.txt).
//
// It may import lead, norm, table, recipe and access. It knows no SQL, no HTTP
// and no terminal.
package importer

import (
	"time"

	"github.com/leadport/leadport/internal/lead"
)

// Version is the engine's version; it is part of a plan's hash and is raised
// whenever the result of a check can change, or engines before may not run its
// plan: since 3 a run may have several parts, since 4 a workbook's cells may have the
// first style and its parts may be UTF-16, since 5 a damaged record may be read in
// quotes of its own, since 6 the hash of a new lead is a sum, since 7 a stray
// quote takes no whole records into its cell, and formulas without a value are told.
const Version = 7

// State of an import (rule 8.5; docs/state_machine.md).
type State string

const (
	Draft        State = "draft"
	Checking     State = "checking"
	Checked      State = "checked"
	Running      State = "running"
	Paused       State = "paused"
	Done         State = "done"
	Failed       State = "failed"
	Cancelling   State = "cancelling"
	Cancelled    State = "cancelled"
	Undoing      State = "undoing"
	PartlyUndone State = "partly undone"
	Undone       State = "undone"
)

// Finished reports whether nothing is going on any more.
func (s State) Finished() bool {
	switch s {
	case Checking, Running, Cancelling, Undoing:
		return false
	}
	return true
}

// Options are what was chosen for the course of an import, apart from the
// decisions about its file, which are the recipe's.
type Options struct {
	Run       bool    `json:"run,omitempty"`        // start the run as soon as the check leaves no question
	Validate  bool    `json:"validate,omitempty"`   // a validation was asked for: send its mail
	Owner     string  `json:"owner,omitempty"`      // owners of new leads that the file gives none, before the recipe: user names
	Country   string  `json:"country,omitempty"`    // the installation's, when the file has no answer
	Zone      string  `json:"zone,omitempty"`       // the person's time zone
	Undo      int64   `json:"undo,omitempty"`       // undo: the import that is taken back
	RemoveToo bool    `json:"remove_too,omitempty"` // undo: leads edited since, too
	TakeBack  bool    `json:"take_back,omitempty"`  // undo: Leadport's own, of a failed all or nothing
	Records   []int64 `json:"records,omitempty"`    // undo: only these records' leads
	Field     string  `json:"field,omitempty"`      // undo: only this field
}

// Import is one import or undo as the database holds it.
type Import struct {
	ID, Parent        int64
	Kind              string // "file" or "undo"
	State             State
	File, SHA256      string
	Size              int64
	Actor             int64
	At                time.Time
	Started, Finished time.Time
	Recipe            string // TOML, complete
	Detection         []byte // JSON of table.Detection
	Plan              *PlanInfo
	FirstID           int64 // first of the lead ids allotted to the run
	Accounting        Accounting
	Options           Options
	Reason            string
	Cancel            bool
}

// UndoUntil is the last moment at which the import can be undone (rule 9.3).
func (i *Import) UndoUntil() time.Time { return i.Finished.AddDate(0, 0, 90) }

// Part is a stretch of a run. The holder of the highest fence may write it
// (rule 8.3).
type Part struct {
	Import, Number      int64
	First, Last, Cursor int64 // record numbers, inclusive; Cursor is the next to do
	Fence               int64
	Accounting          Accounting
	// Later: its records are those of all parts that merge into a record of
	// another one, when these are done.
	Later bool
}

// Lead is a lead as matching and merging see it.
type Lead struct {
	lead.Record
	Owner, OwnerTeam int64
	CreatedImport    int64
	CreatedRecord    int64
	DeletedAt        time.Time // zero: not deleted
	Seq              int64
}
