package table

import (
	"errors"
	"io"
	"slices"
)

// sheetTail holds the last rows of a long sheet back until its end is known, so
// that a footer is no record. A nil one holds nothing.
type sheetTail struct {
	det     *Detection
	held    []*Batch
	records int64 // given out or held
	blank   int64 // lines before the footer, once it is found
}

const tailBatches = 2

// tailOf is nil where no footer is looked for, or where Detect has seen all rows.
func tailOf(det *Detection) *sheetTail {
	if det.Container != "" || det.Format != "xlsx" || det.HeaderLine == 0 || det.EndOffset > 0 {
		return nil
	}
	return &sheetTail{det: det}
}

// hold takes a batch and gives the one that is surely no part of the end, nil if
// there is none yet.
func (t *sheetTail) hold(b *Batch) *Batch {
	if t == nil {
		return b
	}
	t.records += int64(len(b.Rows))
	t.held = append(t.held, b)
	if len(t.held) <= tailBatches {
		return nil
	}
	first := t.held[0]
	t.held = slices.Delete(t.held, 0, 1)
	return first
}

// end gives what is held, at the sheet's end without the footer.
func (t *sheetTail) end(err error) []*Batch {
	if t == nil {
		return nil
	}
	if t.records > sheetSample && errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.cut()
	}
	return t.held
}

// maxTail is how many rows the end of a sheet is judged by.
const maxTail = 64

func (t *sheetTail) cut() {
	var rows []*Row
	for _, b := range t.held {
		for i := range b.Rows {
			rows = append(rows, &b.Rows[i])
		}
	}
	rows = rows[max(0, len(rows)-maxTail):]
	var sample []sampleRow
	for i, r := range rows {
		if i > 0 && rows[i-1].Line+1 < r.Line {
			sample = append(sample, sampleRow{blank: true, cells: []string{""}})
		}
		sample = append(sample, sampleRow{cells: trimBlank(slices.Clone(r.Cells)), line: int(r.Line), off: r.Offset})
	}
	if !t.det.footerAt(sample) {
		return
	}
	for _, b := range t.held {
		n := len(b.Rows)
		b.Rows = slices.DeleteFunc(b.Rows, func(r Row) bool { return r.Offset >= t.det.EndOffset })
		t.records -= int64(n - len(b.Rows))
	}
	last := rows[0].Line
	for _, b := range t.held {
		if n := len(b.Rows); n > 0 {
			last = b.Rows[n-1].Line
		}
	}
	t.blank = last - t.det.FirstLine + 1 - t.records
}
