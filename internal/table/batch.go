package table

// Batch is what Reader.Next fills. Rows and their Cells slices are reused by the
// next call; the cells' texts are not and may be kept (one kept cell keeps about
// chunkSize bytes alive, so clone what is kept for long).
type Batch struct {
	Rows []Row
	Max  int // rows to fill at most; 0 = 1,024

	cells []string
}

// Row is one record with its position.
type Row struct {
	Record int64 // 1…n, the heading not counted
	Line   int64 // physical line on which it begins, 1…n; the sheet's row number in a workbook
	Offset int64 // bytes from the start of the table
	Length int64 // bytes of the record with its line end; 0 where a record has no bytes of its own
	// Cells are at least as many as there are headings; missing ones are "".
	// Untouched beyond the format's own decoding: not trimmed, NUL bytes kept.
	Cells []string
	// Problem is "" or what makes this record, and no other, unusable.
	Problem string
	// Notice is "" or something odd that does not make it unusable (row.stray_quote).
	Notice  string
	Missing int       // cells absent at the end
	Bad     []BadCell // bytes that do not decode, at most one per cell
}

// Problems and notices of a record.
const (
	TooManyCells  = "row.too_many_cells" // more cells than headings, and not blank
	UnclosedQuote = "row.unclosed_quote" // a quote is opened and never closed: read up to the line's end
	RowTooLong    = "row.too_long"       // over MaxRecord bytes or MaxColumns cells
	CellTooLong   = "cell.too_long"      // a cell over MaxCell bytes
	Undecodable   = "cell.undecodable"   // bytes that are no text in the file's encoding
	BadRecord     = "row.malformed"      // JSON that is none, or no object
	StrayQuote    = "row.stray_quote"    // notice: a quote that neither opens nor closes a cell, kept as written
	FormulaBlank  = "row.formula_blank"  // notice: a formula of a workbook has no saved value, so its cell is blank
	OtherDialect  = "row.other_dialect"  // notice: this record has another delimiter or quote than the rest, and was read by them
)

// BadCell says where in a cell the first byte lies that does not decode; in the
// cell's text each such byte is U+FFFD.
type BadCell struct {
	Column int    // from 0
	Offset int64  // bytes from the start of the table
	Line   int64  // physical
	Bytes  []byte // the undecodable bytes, at most 4
}

// Position leads back to a record.
type Position struct {
	Offset, Line, Record int64
}

// Position of the row, for Reader.Seek.
func (r *Row) Position() Position { return Position{r.Offset, r.Line, r.Record} }

func (b *Batch) reset() {
	if b.Max <= 0 {
		b.Max = defaultBatch
	}
	if cap(b.Rows) < b.Max {
		b.Rows = make([]Row, 0, b.Max)
	}
	b.Rows = b.Rows[:0]
	b.cells = b.cells[:0]
}

// room returns an empty slice with space for n more cells in the batch's slab.
func (b *Batch) room(n int) []string {
	if cap(b.cells)-len(b.cells) < n {
		b.cells = make([]string, 0, max(2*cap(b.cells), 4*n, 256))
	}
	return b.cells[len(b.cells):]
}

// add appends a row whose cells were appended to what room gave.
func (b *Batch) add(row Row) {
	n := len(b.cells)
	if c := row.Cells; len(c) > 0 && cap(b.cells)-n >= len(c) && &b.cells[:n+1][n] == &c[0] {
		b.cells = b.cells[:n+len(c)]
		row.Cells = c[:len(c):len(c)]
	}
	b.Rows = append(b.Rows, row)
}
