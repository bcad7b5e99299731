package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Tables that begin beyond the sample are looked for with the reader of the table
// above: only where a record is of another width or comes after a gap are its
// neighbours judged, so that a regular file costs one quick pass.

const (
	beyondBytes  = 64 << 20 // read in search of them
	beyondTries  = 200      // places judged
	beyondTables = 20
)

// detectBeyond offers the largest of the tables of a file whose first rows, up to
// byte seen, hold one table only; or the one asked for.
func (d *Detection) detectBeyond(ctx context.Context, src Source, seen int64, opt Options) error {
	if d.Sheets != nil || opt.Header != nil || d.EndOffset > 0 {
		return nil
	}
	tables, from, tries := []*Detection{d}, d.FirstOffset, beyondTries
	for len(tables) < beyondTables && tries > 0 {
		last := tables[len(tables)-1]
		pos, ok, err := last.nextTable(ctx, src, seen, from+beyondBytes, &tries)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		next, err := d.tableAt(src, pos)
		if err != nil {
			return err
		}
		last.EndOffset = pos.Offset
		tables, seen = append(tables, next), pos.Offset
	}
	best, said := 0, ""
	size := func(t *Detection) int64 {
		if t.EndOffset > 0 {
			return t.EndOffset - t.FirstOffset
		}
		return src.Size() - t.FirstOffset
	}
	for i, t := range tables {
		if size(t) > size(tables[best]) {
			best = i
		}
	}
	if opt.Sheet != "" {
		n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(opt.Sheet, "table")))
		if err != nil || n < 1 || n > len(tables) {
			return fmt.Errorf("the file has no table %q; it has %d", opt.Sheet, len(tables))
		}
		best, said = n-1, "as you said"
	}
	if len(tables) == 1 {
		return nil
	}
	return d.take(tables, best, said)
}

// take makes d the table of that number and names the others.
func (d *Detection) take(tables []*Detection, best int, said string) error {
	var names []string
	g := Guess{Name: "sheet", Certainty: Likely, Flag: "--sheet", Evidence: fmt.Sprintf("the largest of %d tables", len(tables))}
	if said != "" {
		g.Evidence, g.Certainty = said, Proven
	}
	skipped := slices.Clone(d.Skipped)
	for i, t := range tables {
		names = append(names, fmt.Sprintf("table %d", i+1))
		line := t.FirstLine
		if t.HeaderLine > 0 {
			line = int64(t.HeaderLine)
		}
		g.Samples = append(g.Samples, fmt.Sprintf("%s: from line %d", names[i], line))
		if i != best {
			skipped = append(skipped, Skipped{Kind: "table", Line: line, Text: clip(strings.Join(t.Headings, d.Delimiter+" "))})
		}
	}
	g.Value, g.Alternatives = names[best], without(names, best)
	if best > 0 {
		*d = *tables[best]
	}
	d.Skipped, d.Sheet, d.Sheets = skipped, names[best], names
	d.note(g)
	return nil
}

// tableAt detects the heading of the table that begins at pos, in the dialect of d.
func (d *Detection) tableAt(src Source, pos Position) (*Detection, error) {
	t := *d
	t.Headings, t.Skipped, t.HeaderLine, t.HeaderRows, t.EndOffset = nil, nil, 0, 0, 0
	t.Ledger = slices.DeleteFunc(slices.Clone(d.Ledger), func(g Guess) bool { return g.Name == "header" })
	s, err := readSample(src, d.Encoding, d.Quote, pos.Offset)
	if err != nil {
		return nil, err
	}
	di := d.dialect()
	rows := s.rows(&di, 0, int(pos.Line), 1000)
	// A third table is found by the next search.
	judge(rows)
	if blocks := t.tableBlocks(rows); len(blocks) > 1 {
		rows = rows[:blocks[0].to]
	}
	return &t, t.detectHeader(rows, Options{})
}

// nextTable finds where, after byte seen, another table than d's begins.
func (d *Detection) nextTable(ctx context.Context, src Source, seen, until int64, tries *int) (pos Position, ok bool, err error) {
	r, err := newCSVReader(src, d)
	if err != nil {
		return pos, false, err
	}
	var before [tableLook]Position // the last records
	n, end, odd := 0, int64(-1), false
	var b Batch
	for {
		b.reset()
		if err := r.next(ctx, &b); errors.Is(err, io.EOF) {
			return pos, false, nil
		} else if err != nil {
			return pos, false, err
		}
		for i := range b.Rows {
			row := &b.Rows[i]
			if row.Offset > until || *tries == 0 {
				return pos, false, nil
			}
			wasOdd := odd
			odd = row.Missing > 0 || row.Problem == TooManyCells
			if row.Offset > seen && n > 1 && (row.Offset > end || odd && !wasOdd) {
				*tries--
				if row.Offset == end && valued(row) {
					// A record as any (see tableBlocks).
				} else if pos, ok := d.beginsAt(src, before[max(0, n-tableLook)%tableLook], row.Offset); ok {
					return pos, true, nil
				}
			}
			before[n%tableLook] = row.Position()
			n++
			end = row.Offset + row.Length
		}
	}
}

// valued: the row was read without doubt and holds values, so that it can be no
// heading below other rows.
func valued(row *Row) bool {
	return row.Notice == "" && (row.Problem == "" || row.Problem == TooManyCells) &&
		slices.ContainsFunc(row.Cells, func(c string) bool { return nameKind(c, kindText).typed() })
}

// beginsAt judges the rows around the record at byte at, from a record above on.
func (d *Detection) beginsAt(src Source, above Position, at int64) (pos Position, ok bool) {
	s, err := readSample(src, d.Encoding, d.Quote, above.Offset)
	if err != nil {
		return pos, false
	}
	di := d.dialect()
	rows := s.rows(&di, 0, int(above.Line), 3*tableLook)
	judge(rows)
	for _, b := range d.tableBlocks(rows)[1:] {
		if first := rows[b.from]; first.off == at {
			return Position{Offset: first.off, Line: int64(first.line), Record: 1}, true
		}
	}
	return pos, false
}
