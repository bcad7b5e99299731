// Package table turns the bytes of an uploaded file into rows with positions,
// and rows back into bytes.
//
// Detect looks at a file and says what it is (format, encoding, dialect,
// heading) with a ledger of its guesses; Detection.Open gives a Reader that
// hands out batches of rows, each with the record number, physical line and
// byte offset by which it can be reached again; Profile reads the whole file
// once and says what each column holds. Writers make CSV, XLSX and JSON Lines.
//
// It knows nothing of leads and must not import any other package of ours.
package table
