// Package lead says what a lead is: its fields, its canonical values, what a
// change of it is and how changes merge.
//
// Inside the engine every value is canonical text ("+491701234567",
// "2026-08-22", "1234.50"), so that diff, journal and preview need no types;
// types live at the edges. The package imports nothing of ours: every other
// package may import it.
package lead

import "errors"

// Kinds of errors, to be tested with errors.Is. The API maps each to one HTTP
// status, the command line to one exit code.
var (
	ErrNotFound  = errors.New("not found")             // does not exist, or may not be seen
	ErrForbidden = errors.New("not allowed")           // may be seen, may not be done
	ErrConflict  = errors.New("conflict")              // changed meanwhile
	ErrInvalid   = errors.New("not valid")             // the request is wrong
	ErrFenced    = errors.New("taken over by another") // a part's fence moved on
)

// Record is one lead: canonical text in Schema.Fields order, "" is empty. A
// list field holds its elements as EncodeList writes them. Two records differ
// where their values differ by !=.
type Record struct {
	ID, Version int64
	Values      []string
}

// Clone returns a copy that shares nothing with r.
func (r Record) Clone() Record {
	r.Values = append([]string(nil), r.Values...)
	return r
}
