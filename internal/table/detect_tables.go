package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Several tables may stand in one file, one below the other. A new one begins
// where, after blank lines, the records have another width or a heading comes that
// does not fit the columns above; or, without a blank line, where the width
// changes for good and the first such row names columns of values.

// tableBlock is one table among the rows of a file: rows[from:to].
type tableBlock struct{ from, to, width int }

// weight is by how much a table counts as the largest: its filled cells.
func (b tableBlock) weight(rows []sampleRow) int {
	n := 0
	for _, r := range rows[b.from:b.to] {
		if len(r.cells) > 1 || b.width == 1 {
			n += filledCells(r.cells)
		}
	}
	return n
}

// chooseTable narrows rows to the largest table, or the one asked for. before are
// the rows between it and the table above.
func (d *Detection) chooseTable(rows []sampleRow, opt Options) (table, before []sampleRow, err error) {
	if d.Format != "csv" {
		return rows, nil, nil
	}
	blocks := d.tableBlocks(rows)
	best := 0
	for i, b := range blocks {
		if b.weight(rows) > blocks[best].weight(rows) {
			best = i
		}
	}
	var names []string
	for i := range blocks {
		names = append(names, fmt.Sprintf("table %d", i+1))
	}
	said := ""
	switch {
	case opt.Header != nil && *opt.Header > 0:
		for i, b := range blocks {
			if rows[b.from].line <= *opt.Header {
				best = i
			}
		}
		said = "its heading is in the line that you said"
	case opt.Sheet != "" && (len(blocks) > 1 || opt.Sheet != "1"):
		n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(opt.Sheet, "table")))
		if err != nil || n < 1 || n > len(blocks) {
			return nil, nil, fmt.Errorf("the file has no table %q; it has %d", opt.Sheet, len(blocks))
		}
		best, said = n-1, "as you said"
	}
	if len(blocks) == 1 {
		return rows, nil, nil
	}
	d.Sheet, d.Sheets = names[best], names
	b := blocks[best]
	g := Guess{Name: "sheet", Value: d.Sheet, Certainty: Likely, Flag: "--sheet", Alternatives: without(names, best)}
	g.Evidence = fmt.Sprintf("the largest of %d tables", len(blocks))
	if said != "" {
		g.Evidence, g.Certainty = said, Proven
	}
	for i, o := range blocks {
		first, last := rows[o.from], rows[o.to-1]
		g.Samples = append(g.Samples, fmt.Sprintf("%s: lines %d to %d", names[i], first.line, last.endLine-1))
		if i != best {
			d.Skipped = append(d.Skipped, Skipped{Kind: "table", Line: int64(first.line), Text: clip(strings.Join(trimBlank(first.cells), d.Delimiter+" "))})
		}
	}
	d.note(g)
	if best+1 < len(blocks) {
		// Lines between the two belong to neither.
		for b.to > b.from+1 && (rows[b.to-1].blank || b.width > 2 && len(rows[b.to-1].cells) == 1) {
			b.to--
			if r := rows[b.to]; !r.blank {
				d.Skipped = append(d.Skipped, Skipped{Kind: "footer", Line: int64(r.line), Text: clip(strings.Join(trimBlank(r.cells), d.Delimiter+" "))})
			}
		}
		d.EndOffset = rows[b.to].off
	}
	return rows[b.from:b.to], nil, nil
}

func without(list []string, i int) []string {
	return slices.Concat(list[:i], list[i+1:])
}

// tableBlocks cuts rows into tables; lines of one cell before the first or after
// the last belong to it as preamble and footer.
func (d *Detection) tableBlocks(rows []sampleRow) []tableBlock {
	blocks := []tableBlock{{from: 0, to: len(rows)}}
	for i := 1; i < len(rows); i++ {
		last := &blocks[len(blocks)-1]
		if rows[i].blank || d.isComment(rows[i]) {
			continue
		}
		if len(rows[i].cells) < 2 || !rows[i-1].blank && valuesIn(rows[i].cells) > 0 {
			continue // a record as any
		}
		above := d.records(rows[max(last.from, i-tableLook):i], -1)
		if wide(above) < 2 || !d.newTable(above, rows[i-1], rows[i:]) {
			continue
		}
		last.to = i
		blocks = append(blocks, tableBlock{from: i, to: len(rows)})
	}
	for i := range blocks {
		b := &blocks[i]
		b.width = modalWidth(rows[b.from:b.to])
	}
	return blocks
}

// wide counts the rows with more than one filled cell: spreadsheets write the
// lines above a table as wide as the table.
func wide(rows []sampleRow) int {
	n := 0
	for _, r := range rows {
		n += boolInt(filledCells(r.cells) > 1)
	}
	return n
}

const tableLook = 50 // rows that are looked at on either side

// newTable: another table than that of the rows above begins with rows[0].
func (d *Detection) newTable(above []sampleRow, before sampleRow, rows []sampleRow) bool {
	first := rows[0]
	if len(first.cells) < 2 || first.loose {
		return false
	}
	width := modalWidth(above)
	if width < 2 {
		return false
	}
	// The rows up to the next blank line, or a few of them.
	var next []sampleRow
	for _, r := range rows[1:] {
		if r.blank || len(next) == tableLook {
			break
		}
		if !d.isComment(r) {
			next = append(next, r)
		}
	}
	w := len(first.cells)
	if w != width {
		same, old := 0, 0
		for i, r := range next {
			same += boolInt(len(r.cells) == w)
			old += boolInt(len(r.cells) == width)
			if i < 2 && len(r.cells) != w {
				return false
			}
		}
		names, against := headingOver(first.cells, next, w)
		heading := names > 0 && against == 0
		if values := slices.ContainsFunc(columnKinds(above, width), kind.typed); values && old == 0 && same >= 3 && same == len(next) {
			heading = true // text under values, and never again their width
		}
		if before.blank {
			return same >= 1 && same > 4*old && (heading || same >= 2 && valuesIn(first.cells) == 0)
		}
		return same >= 2 && heading && valuesIn(first.cells) == 0 && same > old
	}
	if valuesIn(first.cells) > 0 || len(next) == 0 {
		return false
	}
	// The same width: its heading stands where values were, and what follows differs.
	old := columnKinds(d.records(above, -1), width)
	if k := headerIndex(above, width); k >= 0 {
		if slices.Equal(above[k].cells, first.cells) {
			return false // the heading once more
		}
		old = columnKinds(above[k+1:], width)
	}
	kinds := columnKinds(next, w)
	names, changed, typed, gone := 0, 0, 0, 0
	for i := range w {
		if old[i].typed() {
			typed++
			gone += boolInt(kinds[i] != old[i] && kinds[i] != kindBlank)
			names += boolInt(nameKind(first.cells[i], old[i]) == kindText)
		}
		if kinds[i] != old[i] && kinds[i] != kindBlank {
			changed++
		}
	}
	if before.blank && typed > 0 && names == typed && gone*2 >= typed {
		return true // few columns hold such values any more
	}
	below, against := headingOver(first.cells, next, w)
	if typed == 0 && len(above) > maxHeadings && below*2 > w && against == 0 && len(next) >= 2 && valuesIn(next[0].cells)*2 > w {
		return true // values under text
	}
	if below == 0 || against > 0 {
		return false
	}
	if before.blank {
		return names == typed && (names > 0 || changed > 0)
	}
	return names >= 1 && names == typed && changed*3 >= w && len(next) >= 2
}

// headerIndex is the first row of the table's width.
func headerIndex(rows []sampleRow, width int) int {
	return slices.IndexFunc(rows, func(r sampleRow) bool { return len(r.cells) == width })
}
