package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// sheetName is the workbook's only sheet that is seen.
const sheetName = "Leads"

type xlsxWriter struct {
	w      io.Writer
	file   *excelize.File
	sheet  *excelize.StreamWriter
	row    int
	cells  []any
	marks  map[int]string
	offers map[int][]string
	notes  []excelize.Comment
	header int
	red    int
	text   int
	width  int
	marked bool // some cell holds an escapeMark
	err    error
}

// maxNotes bounds the notes of a workbook, which are kept in memory; the cells are red all the same.
const maxNotes = 20_000

// NewXLSXWriter writes a workbook with one sheet, every cell a text, so that
// nothing in it can run as a formula (rule 10.3). It is written by Close.
func NewXLSXWriter(w io.Writer) RowWriter {
	return &xlsxWriter{w: w, marks: map[int]string{}, offers: map[int][]string{}}
}

// begin waits for the heading, as widths and panes must come before the rows.
func (x *xlsxWriter) begin(headings []string) error {
	x.file = excelize.NewFile()
	x.width = len(headings)
	var err error
	style := func(s *excelize.Style) (id int) {
		if err == nil {
			id, err = x.file.NewStyle(s)
		}
		return id
	}
	x.header = style(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8EDF3"}}})
	x.red = style(&excelize.Style{NumFmt: 49, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F8C9C4"}}})
	x.text = style(&excelize.Style{NumFmt: 49})
	if err == nil {
		err = x.file.SetSheetName("Sheet1", sheetName)
	}
	if err == nil {
		x.sheet, err = x.file.NewStreamWriter(sheetName)
	}
	if err == nil {
		err = x.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	}
	for i, h := range headings {
		if err == nil {
			err = x.sheet.SetColWidth(i+1, i+1, float64(min(40, max(12, utf8.RuneCountInString(h)+3))))
		}
	}
	return err
}

func (x *xlsxWriter) Mark(column int, note string)       { x.marks[column] = note }
func (x *xlsxWriter) Offer(column int, choices []string) { x.offers[column] = choices }

func (x *xlsxWriter) Write(cells []string) error {
	if x.err != nil {
		return x.err
	}
	if x.row == 0 {
		x.err = x.begin(cells)
	}
	x.row++
	x.cells = x.cells[:0]
	for i, c := range cells {
		style := x.text
		if x.row == 1 {
			style = x.header
		}
		if note, ok := x.marks[i]; ok {
			style = x.red
			if note != "" && len(x.notes) < maxNotes && x.err == nil {
				ref, err := excelize.CoordinatesToCellName(i+1, x.row)
				x.err = err
				x.notes = append(x.notes, excelize.Comment{Author: "Leadport", Cell: ref, Paragraph: []excelize.RichTextRun{{Text: note}}})
			}
		}
		if len(c) > MaxXLSXCell && len(utf16.Encode([]rune(c))) > MaxXLSXCell {
			x.err = errors.Join(x.err, fmt.Errorf("write row %d column %d: %d bytes are more than a workbook's cell holds", x.row, i+1, len(c)))
		}
		text, marked := escapeX(c)
		x.marked = x.marked || marked
		x.cells = append(x.cells, excelize.Cell{StyleID: style, Value: text})
	}
	clear(x.marks)
	if x.err == nil {
		x.err = x.sheet.SetRow(fmt.Sprintf("A%d", x.row), x.cells)
	}
	return x.err
}

func (x *xlsxWriter) Close() error {
	if x.file == nil {
		x.err = errors.Join(x.err, x.Write([]string{""}))
	}
	if x.err == nil {
		x.err = x.choices()
	}
	for _, n := range x.notes {
		if x.err == nil {
			x.err = x.file.AddComment(sheetName, n)
		}
	}
	if x.err == nil {
		x.err = x.sheet.Flush()
	}
	switch {
	case x.err != nil:
	case x.marked:
		var book bytes.Buffer
		if _, x.err = x.file.WriteTo(&book); x.err == nil {
			x.err = finishEscapes(x.w, book.Bytes())
		}
	default:
		_, x.err = x.file.WriteTo(x.w)
	}
	return errors.Join(x.err, x.file.Close())
}

// choices adds the drop-down lists; their texts are on a hidden sheet, as a
// validation's own list holds 255 characters and no comma.
func (x *xlsxWriter) choices() error {
	if len(x.offers) == 0 {
		return nil
	}
	const lists = "Lists"
	if _, err := x.file.NewSheet(lists); err != nil {
		return err
	}
	for col, list := range x.offers {
		if len(list) == 0 {
			continue
		}
		name, err := excelize.ColumnNumberToName(col + 1)
		if err != nil {
			return err
		}
		for i, c := range list {
			if err := x.file.SetCellStr(lists, fmt.Sprintf("%s%d", name, i+1), c); err != nil {
				return err
			}
		}
		v := excelize.NewDataValidation(true)
		v.SetSqref(fmt.Sprintf("%s2:%s1048576", name, name))
		v.SetSqrefDropList(fmt.Sprintf("%s!$%s$1:$%s$%d", lists, name, name, len(list)))
		v.ShowErrorMessage = false // a hint, not a fence: the check says what is wrong
		if err := x.file.AddDataValidation(sheetName, v); err != nil {
			return err
		}
	}
	return x.file.SetSheetVisible(lists, false)
}
