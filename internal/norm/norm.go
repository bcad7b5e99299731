// Package norm turns the text of a cell into the canonical text of a field:
// e-mail, phone, URL, number, date, yes/no, country, region, choice
// (import-rules.md 3, 4.3), and makes the keys that leads are matched by
// (5.1). It is the only place that folds text: the database never does.
//
// Every function is pure, safe for concurrent use, and leaves its own output
// as it is. A cell that is clean already costs no allocation. A caller runs
// them in this order: Clean, Unprotect, Absent, then the field's own.
//
// The package may import internal/lead and nothing else of ours.
package norm

// Finding is what cleaning noticed about a cell. Code is one of the Code…
// constants, or "" for nothing; Detail says what exactly was met, for the
// message; Suggestion is a value that the person can take over with one click.
type Finding struct{ Code, Detail, Suggestion string }
