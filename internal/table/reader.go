package table

import (
	"context"
	"errors"
	"fmt"
)

// Reader hands out the rows of one table. It is not safe for use by several
// goroutines; open one each.
type Reader struct {
	rows   rowReader
	close  func() error
	failed error
}

// rowReader is one format.
type rowReader interface {
	next(ctx context.Context, b *Batch) error
	seek(pos Position) error
	blank() int64
	raw(row *Row) ([]byte, error)
}

// Open starts reading src, which must hold the bytes that were detected, at the
// first record. It fails with a *Refusal if the file is of another kind.
func (d *Detection) Open(src Source) (*Reader, error) {
	if d.Container != "" {
		return d.openPacked(src)
	}
	switch d.Format {
	case "csv":
		r, err := newCSVReader(src, d)
		if err != nil {
			return nil, err
		}
		return &Reader{rows: r}, nil
	case "xlsx":
		r, err := newXLSXReader(src, d)
		if err != nil {
			return nil, err
		}
		return &Reader{rows: r, close: r.close}, nil
	case "jsonl", "json":
		return &Reader{rows: newJSONReader(src, d)}, nil
	}
	return nil, fmt.Errorf("open %s: unknown format %q", src.Name(), d.Format)
}

// openPacked unpacks the table to a temporary file, so that offsets work, and opens that.
func (d *Detection) openPacked(src Source) (*Reader, error) {
	inner, done, err := unpack(src, d)
	if err != nil {
		return nil, err
	}
	plain := *d
	plain.Container = ""
	if d.converted() {
		plain.Encoding = "utf-8" // of the CSV that it was turned into
	}
	r, err := plain.Open(inner)
	if err != nil {
		return nil, errors.Join(err, done())
	}
	if last := r.close; last != nil {
		r.close = func() error { return errors.Join(last(), done()) }
	} else {
		r.close = done
	}
	return r, nil
}

// Next fills b with up to b.Max rows. At the end it returns io.EOF with no rows.
// Any other error means that the rest of the file cannot be read (a cut gzip, a
// damaged workbook): what was read so far is not the whole table, and Next
// returns the same error from then on.
func (r *Reader) Next(ctx context.Context, b *Batch) error {
	b.reset()
	if r.failed != nil {
		return r.failed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := r.rows.next(ctx, b)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		r.failed = err
	}
	return err
}

// Seek makes pos, taken from a row or kept since, the next record that Next gives.
func (r *Reader) Seek(pos Position) error {
	r.failed = nil
	if err := r.rows.seek(pos); err != nil {
		return fmt.Errorf("go to record %d at byte %d: %w", pos.Record, pos.Offset, err)
	}
	return nil
}

// Blank is the number of blank lines skipped so far.
func (r *Reader) Blank() int64 { return r.rows.blank() }

// Comments is the number of comment lines skipped so far, those before the first record not counted.
func (r *Reader) Comments() int64 {
	if c, ok := r.rows.(*csvReader); ok {
		return c.comments
	}
	return 0
}

// sheetNotes says what a sheet holds that its cells do not show, once all of it
// was read.
func (r *Reader) sheetNotes() []Guess {
	x, ok := r.rows.(*xlsxReader)
	if !ok {
		return nil
	}
	var out []Guess
	if s := x.scan; s.merged > 0 {
		out = append(out, Guess{Name: "merged cells", Value: fmt.Sprint(s.merged), Certainty: Proven, Column: -1, Samples: []string{s.firstMerged},
			Evidence: "only the first cell of each range holds its value, the others are blank"})
	}
	if s := x.scan; s.unvalued > 0 {
		out = append(out, Guess{Name: "formulas without a value", Value: fmt.Sprint(s.unvalued), Certainty: Proven, Column: -1, Samples: []string{s.firstUnvalued},
			Evidence: "the program that wrote the workbook has not computed them, so their cells are blank; open it in Excel and save it"})
	}
	return out
}

// Raw returns the record as it stands in the file, with its line end; nil where
// the format has none (a workbook). row needs only Offset and Length.
func (r *Reader) Raw(row *Row) ([]byte, error) { return r.rows.raw(row) }

// Close frees temporary files; it does not close the source.
func (r *Reader) Close() error {
	if r.close == nil {
		return nil
	}
	c := r.close
	r.close = nil
	return c()
}
