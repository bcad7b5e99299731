package table

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
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
	best, most := 0, 0
	for pass := range 2 {
		part, err := openPart(f)
		if err != nil {
			return err
		}
		s := odsScanner{x: newXMLScanner(part), want: best}
		if pass == 0 {
			s.want = -1
		} else {
			s.w = w
		}
		if err := errors.Join(s.run(), part.Close()); err != nil {
			return err
		}
		for i, n := range s.filled {
			if n > most {
				best, most = i, n
			}
		}
	}
	if most == 0 {
		return refuse("empty", "The spreadsheet holds no cells.", "Export it again.")
	}
	return nil
}

type odsScanner struct {
	x      *xmlScanner
	w      RowWriter
	want   int // sheet to write
	filled []int
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
				s.filled, s.gap = append(s.filled, 0), 0
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
	case "boolean":
		s.cell.value = strings.ToUpper(string(t.attr("office:boolean-value")))
	}
}

func (s *odsScanner) endCell() error {
	if !s.cell.open {
		return nil
	}
	s.cell.open = false
	v := s.cell.value
	if v == "" {
		v = string(s.text)
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
	if s.w == nil || len(s.filled)-1 != s.want {
		s.gap = 0
		return nil
	}
	for ; s.gap > 0; s.gap-- {
		if err := s.w.Write(nil); err != nil {
			return err
		}
	}
	for range repeat {
		if err := s.w.Write(row); err != nil {
			return err
		}
	}
	return nil
}
