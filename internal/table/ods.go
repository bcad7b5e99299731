package table

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// convertODS writes the fullest sheet of an OpenDocument spreadsheet (ODF 1.3
// part 3, 9). Dates stand in ISO 8601, numbers as stored.
func convertODS(src Source, w RowWriter) error {
	z, err := openZip(src)
	if err != nil {
		return err
	}
	f := zipFile(z, "content.xml")
	if f == nil {
		return errors.New("the part content.xml is missing")
	}
	// Twice: the first time to count, so that no sheet is kept in memory.
	best, most, width := 0, 0, 0
	for pass := range 2 {
		part, err := openXML(f)
		if err != nil {
			return err
		}
		s := odsScanner{x: newXMLScanner(part), want: best}
		if pass == 0 {
			s.want = -1
		} else {
			s.w, s.width = w, width
		}
		if err := errors.Join(s.run(), part.Close()); err != nil {
			return err
		}
		for i, n := range s.filled {
			if n > most {
				best, most, width = i, n, s.widths[i]
			}
		}
	}
	if most == 0 {
		return refuse("empty", "The spreadsheet holds no cells.", "Export it again.")
	}
	return nil
}

// maxPadded is the width up to which the rows of a sheet are filled up.
const maxPadded = 1000

type odsScanner struct {
	x      *xmlScanner
	w      RowWriter
	want   int // sheet to write
	filled []int
	widths []int // of each sheet's widest row
	width  int   // of the sheet to write, to which its rows are filled up
	row    []string
	gap    int // blank rows not yet written: the sheet's end has a million of them
	cell   odsCell
	text   []byte
}

type odsCell struct {
	open, inText bool
	value        string
	repeat       int
	paragraphs   int
}

func (s *odsScanner) run() error {
	closed, note, rows := false, 0, 1
	for {
		t, err := s.x.next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read content.xml: %w", err)
		}
		if t.name == nil {
			if s.cell.open && s.cell.inText && note == 0 {
				if s.text, err = appendText(s.text, t.text); err != nil {
					return err
				}
			}
			continue
		}
		switch string(t.name) {
		case "document-content":
			closed = t.end
		case "table":
			if !t.end {
				s.filled, s.widths, s.gap = append(s.filled, 0), append(s.widths, 0), 0
			}
		case "table-row":
			if !t.end {
				rows = max(1, atoi(t.attr("table:number-rows-repeated")))
				s.row = s.row[:0]
			}
			if t.end || t.empty {
				if err := s.endRow(rows); err != nil {
					return err
				}
			}
		case "table-cell", "covered-table-cell":
			if !t.end {
				s.begin(t)
			}
			if t.end || t.empty {
				if err := s.endCell(); err != nil {
					return err
				}
			}
		case "annotation":
			note += map[bool]int{true: -1, false: 1}[t.end] * (1 - boolInt(t.empty))
		case "p":
			if s.cell.open && note == 0 && !t.end {
				if s.cell.paragraphs++; s.cell.paragraphs > 1 {
					s.text = append(s.text, '\n')
				}
			}
			s.cell.inText = !t.end && !t.empty
		case "s":
			for range min(max(1, atoi(t.attr("text:c"))), 1000) {
				if !t.end && note == 0 {
					s.text = append(s.text, ' ')
				}
			}
		case "tab":
			s.text = append(s.text, '\t')
		case "line-break":
			s.text = append(s.text, '\n')
		}
	}
	if !closed {
		return fmt.Errorf("content.xml ends too early: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

func (s *odsScanner) begin(t tag) {
	s.text = s.text[:0]
	s.cell = odsCell{open: true, repeat: max(1, atoi(t.attr("table:number-columns-repeated")))}
	switch string(t.attr("office:value-type")) {
	case "date":
		s.cell.value = strings.Replace(strings.TrimSuffix(string(t.attr("office:date-value")), "T00:00:00"), "T", " ", 1)
	case "float", "currency":
		v := string(t.attr("office:value"))
		if f, err := strconv.ParseFloat(v, 64); err == nil && (len(v) > 15 || strings.ContainsAny(v, "eE")) {
			v = string(appendDecimal(nil, f))
		}
		s.cell.value = v
	case "percentage":
		if f, err := strconv.ParseFloat(string(t.attr("office:value")), 64); err == nil {
			s.cell.value = string(appendDecimal(nil, f*100)) + "%"
		}
	case "time":
		s.cell.value = odsClock(string(t.attr("office:time-value")))
	case "boolean":
		s.cell.value = strings.ToUpper(string(t.attr("office:boolean-value")))
	}
}

// odsClock writes PT12H30M05S as 12:30:05, in whole seconds; "" if it is none.
func odsClock(v string) string {
	d, err := time.ParseDuration(strings.ToLower(strings.TrimPrefix(v, "PT")))
	if err != nil || d < 0 {
		return ""
	}
	sec := int64(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", sec/3600, sec/60%60, sec%60)
}

func (s *odsScanner) endCell() error {
	if !s.cell.open {
		return nil
	}
	s.cell.open = false
	v := s.cell.value
	if text := string(s.text); v == "" || (v == "0" || v == "1") && (text == "TRUE" || text == "FALSE") {
		v = text // also of formulas of truth values, which LibreOffice keeps as numbers
	}
	if len(s.filled) == 0 {
		return errors.New("malformed XML: a cell outside of a sheet")
	}
	if v == "" {
		if s.cell.repeat > MaxColumns-len(s.row) {
			return nil // the rest of the row
		}
	} else if s.cell.repeat > 1000 {
		return refuse("bomb", "A cell is repeated more than 1,000 times.", "Save the sheet as CSV.")
	}
	for range s.cell.repeat {
		s.row = append(s.row, v)
		s.filled[len(s.filled)-1] += boolInt(v != "")
	}
	if len(s.row) > MaxColumns {
		return refuse("ods", fmt.Sprintf("The sheet has more than %d columns.", MaxColumns), exportData)
	}
	return nil
}

func (s *odsScanner) endRow(repeat int) error {
	row := trimBlank(s.row)
	if len(row) == 0 {
		s.gap += repeat
		return nil
	}
	if repeat > 100_000 {
		return refuse("bomb", "A row is repeated more than 100,000 times.", "Save the sheet as CSV.")
	}
	sheet := len(s.filled) - 1
	s.widths[sheet] = max(s.widths[sheet], len(row))
	if s.w == nil || sheet != s.want {
		s.gap = 0
		return nil
	}
	for ; s.gap > 0; s.gap-- {
		if err := s.w.Write(nil); err != nil {
			return err
		}
	}
	for len(row) < s.width && s.width <= maxPadded {
		row = append(row, "")
	}
	for range repeat {
		if err := s.w.Write(row); err != nil {
			return err
		}
	}
	return nil
}
