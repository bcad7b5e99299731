package table

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// detectXLSX settles sheet and heading of a workbook.
func (d *Detection) detectXLSX(src Source, z *zip.Reader, opt Options) error {
	book, err := openWorkbook(src, z)
	if err != nil {
		return damaged(src, err)
	}
	book.asShown, d.AsShown = opt.AsShown, opt.AsShown
	rows, err := d.chooseSheet(src, book, opt)
	if err != nil {
		return err
	}
	width := 0
	for _, r := range rows {
		width = max(width, len(r.cells))
	}
	if opt.Whole {
		d.wholeSheet(rows, width, book)
		return nil
	}
	padded := slices.Clone(rows)
	filled := 0
	for i, r := range padded {
		filled += filledCells(r.cells)
		if width <= 1000 {
			padded[i].cells = append(slices.Clone(r.cells), make([]string, width-len(r.cells))...)
		}
	}
	if width > 1000 && filled*20 < width*len(rows) {
		return nearlyEmpty(width)
	}
	if err := d.detectHeader(padded, opt); err != nil {
		return err
	}
	if opt.Header == nil || *opt.Header > 0 {
		d.sheetFooter(rows)
	}
	return nil
}

// wholeSheet reads all of the sheet as records. It is as wide as its first rows, and
// where there are more, as it says itself.
func (d *Detection) wholeSheet(rows []sampleRow, width int, book *workbook) {
	for _, s := range book.sheets {
		if s.name == d.Sheet && len(rows) == sheetSample {
			width = max(width, s.cols)
		}
	}
	d.Whole = true
	g := Guess{Name: "header", Certainty: Proven, Evidence: "the whole sheet was asked for", Flag: "--header"}
	d.noHeader(rows[0], width, &g)
	d.note(g)
}

func nearlyEmpty(width int) error {
	return refuse("xlsx", fmt.Sprintf("The sheet is %d columns wide but nearly all of its cells are empty.", width),
		"Delete the columns that hold nothing, or copy the table to a new sheet.")
}

// sheetFooter finds the footer of a sheet of which all rows are known; rows are
// without the blank ones.
func (d *Detection) sheetFooter(rows []sampleRow) {
	if len(rows) == sheetSample {
		return
	}
	var all []sampleRow
	for i, r := range rows {
		if int64(r.line) < d.FirstLine {
			continue
		}
		if i > 0 && rows[i-1].line+1 < r.line && len(all) > 0 {
			all = append(all, sampleRow{blank: true, cells: []string{""}})
		}
		all = append(all, r)
	}
	d.footerAt(all)
}

// footerAt ends the table before the footer among the last rows of a sheet, if
// there is one.
func (d *Detection) footerAt(rows []sampleRow) bool {
	cut := footerCut(rows, len(d.Headings), 0)
	if cut == len(rows) || cut == 0 {
		return false
	}
	d.EndOffset = rows[cut].off
	for _, r := range rows[cut:] {
		if !r.blank {
			d.Skipped = append(d.Skipped, Skipped{Kind: "footer", Line: int64(r.line), Text: clip(strings.Join(r.cells, " "))})
		}
	}
	d.note(Guess{Name: "footer", Value: fmt.Sprintf("%d lines", len(rows)-cut), Certainty: Likely, Evidence: "rows at the end that are no records", Samples: []string{clip(rows[cut].cells[0])}})
	return true
}

// sheetSample is how many rows of a sheet are looked at.
const sheetSample = 500

// chooseSheet takes the fullest visible sheet, or the one asked for, and returns its first rows.
func (d *Detection) chooseSheet(src Source, book *workbook, opt Options) ([]sampleRow, error) {
	order := make([]*sheetInfo, len(book.sheets))
	for i := range book.sheets {
		order[i] = &book.sheets[i]
	}
	if opt.Sheet != "" {
		if !slices.ContainsFunc(order, func(s *sheetInfo) bool { return s.name == opt.Sheet }) {
			for _, s := range order { // Excel's names differ by more than case
				if strings.EqualFold(s.name, opt.Sheet) {
					opt.Sheet = s.name
				}
			}
		}
		order = slices.DeleteFunc(order, func(s *sheetInfo) bool { return s.name != opt.Sheet })
		if n, err := strconv.Atoi(opt.Sheet); len(order) == 0 && err == nil && n >= 1 && n <= len(book.sheets) {
			order = append(order, &book.sheets[n-1])
		}
		if len(order) == 0 {
			return nil, fmt.Errorf("the workbook has no sheet %q", opt.Sheet)
		}
	}
	slices.SortStableFunc(order, func(a, b *sheetInfo) int {
		if a.hidden != b.hidden {
			return boolInt(a.hidden) - boolInt(b.hidden)
		}
		return cmp.Compare(b.part.UncompressedSize64, a.part.UncompressedSize64)
	})
	var rows []sampleRow
	for _, s := range order {
		got, err := sampleSheet(src, book, s)
		if err != nil {
			return nil, err
		}
		if len(got) == 0 {
			continue
		}
		if rows == nil {
			rows, d.Sheet = got, s.name
		}
		d.Sheets = append(d.Sheets, s.name)
	}
	if rows == nil {
		return nil, refuse("empty", "The workbook holds no cells.", "Export it again.")
	}
	g := Guess{Name: "sheet", Value: d.Sheet, Certainty: Proven, Evidence: "the only sheet with cells", Flag: "--sheet"}
	if opt.Sheet != "" {
		g.Evidence = "as you said"
	} else if len(d.Sheets) > 1 {
		g.Certainty, g.Evidence, g.Alternatives = Likely, fmt.Sprintf("the fullest of %d sheets", len(d.Sheets)), d.Sheets[1:]
	}
	d.note(g)
	var hidden []string
	for _, s := range book.sheets {
		if s.hidden {
			hidden = append(hidden, s.name)
		}
	}
	if len(hidden) > 0 {
		d.note(Guess{Name: "hidden sheets", Value: fmt.Sprint(len(hidden)), Certainty: Proven, Evidence: "not offered first: " + clip(strings.Join(hidden, ", ")), Samples: clipAll(hidden, 8), Flag: "--sheet"})
	}
	n := 0
	for _, r := range rows {
		n += boolInt(r.hidden)
	}
	if n > 0 {
		d.note(Guess{Name: "hidden rows", Value: fmt.Sprint(n), Certainty: Proven, Evidence: fmt.Sprintf("%d of the first %d rows are hidden in Excel, perhaps by a filter; they are read as well", n, len(rows))})
	}
	return rows, nil
}

// sampleSheet reads the first rows of a sheet, blank ones left out.
func sampleSheet(src Source, book *workbook, s *sheetInfo) ([]sampleRow, error) {
	scan, err := book.scanSheet(s, false)
	if err != nil {
		return nil, damaged(src, err)
	}
	defer scan.close()
	defer func() { s.cols = scan.cols }()
	var rows []sampleRow
	cells := 0
	for len(rows) < sheetSample && cells < maxBatchCells {
		got, err := scan.next(nil)
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return nil, damaged(src, err)
		}
		cells += len(got.cells)
		got.cells = trimBlank(got.cells)
		if len(got.cells) == 0 {
			continue
		}
		rows = append(rows, sampleRow{cells: got.cells, line: int(got.line), endLine: int(got.line) + 1, hidden: got.hidden, off: got.from, endOff: got.end})
	}
	return rows, nil
}
