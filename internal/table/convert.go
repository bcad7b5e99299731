package table

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Tables inside other documents are turned into CSV in a temporary file, which is
// then read like any other.

// maxMarkup bounds a document that is read as a whole.
const maxMarkup = 256 << 20

// convert writes the table that f finds to a temporary file.
func convert(src Source, f func(Source, RowWriter) error) (Source, func() error, error) {
	file, err := os.CreateTemp("", "leadport-table-*")
	if err != nil {
		return nil, nil, err
	}
	done := func() error { return errors.Join(file.Close(), os.Remove(file.Name())) }
	w := NewCSVWriter(&bombWriter{w: file, packed: src.Size(), name: src.Name()}, CSVOptions{LineEnd: "\n"})
	if err = f(src, blankRows{w}); err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, nil, errors.Join(damaged(src, err), done())
	}
	size, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, nil, errors.Join(err, done())
	}
	return &File{File: file, size: size, name: src.Name()}, done, nil
}

// blankRows writes rows without text as blank lines, to be skipped and counted.
type blankRows struct{ RowWriter }

func (b blankRows) Write(cells []string) error {
	if blankCells(cells) {
		return b.RowWriter.(*csvWriter).endLine()
	}
	return b.RowWriter.Write(cells)
}

// markup tells HTML and SpreadsheetML 2003, which CRMs export under the name .xls.
func markup(head []byte) string {
	if name, n := byBOM(head); name != "" && name != "utf-8" {
		if dec, err := newTextDecoder(name); err == nil {
			var marks []mark
			var bads []badBytes
			head, _ = dec.decode(nil, head[n:min(len(head), 8192)], 0, false, &marks, &bads)
		}
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if len(head) == 0 || head[0] != '<' {
		return ""
	}
	low := bytes.ToLower(head[:min(len(head), 8192)])
	switch {
	case bytes.Contains(low, []byte("urn:schemas-microsoft-com:office:spreadsheet")) && bytes.Contains(low, []byte("<workbook")):
		return "xml"
	case bytes.HasPrefix(low, []byte("<!doctype html")), bytes.HasPrefix(low, []byte("<html")), bytes.Contains(low, []byte("<table")),
		bytes.HasPrefix(low, []byte("<meta")), bytes.HasPrefix(low, []byte("<head")):
		return "html"
	}
	return ""
}

// convertMarkup writes the table with the most cells of an HTML page or of a
// SpreadsheetML workbook.
func convertMarkup(src Source, w RowWriter, encoding *string) error {
	if src.Size() > maxMarkup {
		return refuse("html", fmt.Sprintf("This is a web page of more than %d MB.", maxMarkup>>20), saveAsCSV)
	}
	raw := make([]byte, src.Size())
	if _, err := readSome(src, raw, 0); err != nil {
		return err
	}
	text, err := decodeMarkup(raw, encoding)
	if err != nil {
		return err
	}
	p := markupParser{}
	p.parse(text)
	best := -1
	for i, t := range p.tables {
		if best < 0 || t.cells > p.tables[best].cells {
			best = i
		}
	}
	if p.blanks > maxSpanned {
		return refuse("html", fmt.Sprintf("Its cells span more than %d million others.", maxSpanned>>20), saveAsCSV)
	}
	if best < 0 || p.tables[best].cells == 0 {
		return refuse("html", "This is a web page without a table; the export may have ended in a sign-in or error page.", "Export the data again as CSV.")
	}
	if len(p.open) > 0 {
		return fmt.Errorf("the page ends inside its table: %w", io.ErrUnexpectedEOF)
	}
	for _, row := range p.tables[best].rows {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}

// decodeMarkup follows *encoding, else the BOM, then what the page says of itself,
// then rule 1.2, and tells what it was.
func decodeMarkup(raw []byte, encoding *string) (string, error) {
	name, n := byBOM(raw)
	raw = raw[n:]
	if *encoding != "" {
		name = *encoding
	}
	if name == "" && !utf8.Valid(raw) {
		head := string(bytes.ToLower(raw[:min(len(raw), 4096)]))
		for _, key := range []string{"charset=", "encoding="} {
			if i := strings.Index(head, key); i >= 0 && name == "" {
				label := strings.TrimLeft(head[i+len(key):], `"' `)
				if k := strings.IndexAny(label, `"' ;>?`); k > 0 {
					if _, canonical, err := lookupEncoding(label[:k]); err == nil && canonical != "utf-8" {
						name = canonical
					}
				}
			}
		}
		if name == "" {
			name = rankLegacy(raw, false)[0].name
		}
	}
	_, canonical, err := lookupEncoding(name)
	if err != nil {
		return "", err
	}
	*encoding = canonical
	dec, err := newTextDecoder(name)
	if err != nil || dec == nil {
		return string(raw), err
	}
	var marks []mark
	var bads []badBytes
	text, _ := dec.decode(nil, raw, 0, true, &marks, &bads)
	return string(text), nil
}

type markupTable struct {
	rows  [][]string
	cells int // filled
	// down is the row before which the cell above ends, by column.
	down []int
}

// markupParser is as lenient as browsers are where it matters for tables.
type markupParser struct {
	tables []*markupTable
	open   []*markupTable // nested tables
	row    []string
	inRow  bool
	inCell bool
	cell   strings.Builder
	span   int
	rows   int // that the cell reaches through
	blanks int // cells that spans have added
}

// maxSpanned bounds the blank cells that spans add.
const maxSpanned = 8 << 20

func (p *markupParser) parse(s string) {
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			p.text(s)
			return
		}
		p.text(s[:i])
		s = s[i:]
		if strings.HasPrefix(s, "<!--") {
			k := strings.Index(s, "-->")
			if k < 0 {
				return
			}
			s = s[k+3:]
			continue
		}
		k := strings.IndexByte(s, '>')
		if k < 0 {
			return
		}
		in := s[1:k]
		s = s[k+1:]
		name, attrs, _ := strings.Cut(strings.TrimSuffix(in, "/"), " ")
		name = strings.ToLower(strings.TrimSpace(name))
		if c := strings.LastIndexByte(name, ':'); c >= 0 { // ss:Row
			closing := strings.HasPrefix(name, "/")
			if name = name[c+1:]; closing {
				name = "/" + name
			}
		}
		if name == "script" || name == "style" {
			e := strings.Index(strings.ToLower(s), "</"+name)
			if e < 0 {
				return
			}
			s = s[e:]
			continue
		}
		p.tag(name, attrs, strings.HasSuffix(in, "/"))
	}
}

func (p *markupParser) text(s string) {
	if p.inCell {
		p.cell.WriteString(s)
	}
}

func (p *markupParser) tag(name, attrs string, empty bool) {
	switch name {
	case "table":
		t := &markupTable{}
		p.tables, p.open = append(p.tables, t), append(p.open, t)
		p.row, p.inRow, p.inCell = nil, false, false
	case "/table":
		p.endRow()
		if len(p.open) > 0 {
			p.open = p.open[:len(p.open)-1]
		}
	case "tr", "row":
		p.endRow()
		p.inRow = len(p.open) > 0
		if p.inRow && name == "row" {
			if n := attrInt(attrs, "index"); n > 0 && n < 1<<20 {
				for t := p.open[len(p.open)-1]; len(t.rows) < n-1; {
					t.rows = append(t.rows, nil)
				}
			}
			if empty {
				p.endRow()
			}
		}
	case "/tr", "/row":
		p.endRow()
	case "td", "th", "cell":
		p.endCell()
		if !p.inRow && len(p.open) > 0 {
			p.inRow = true
		}
		p.rows = 1
		if p.inRow && name != "cell" { // in SpreadsheetML an index says the column
			p.under()
			p.rows = max(1, min(attrInt(attrs, "rowspan"), MaxRecord))
		}
		p.inCell, p.span = p.inRow, max(1, min(attrInt(attrs, "colspan"), 1000), min(attrInt(attrs, "mergeacross")+1, 1000))
		if n := attrInt(attrs, "index"); name == "cell" && n > 0 && n <= MaxColumns {
			for len(p.row) < n-1 {
				p.row = append(p.row, "")
			}
		}
		if empty {
			p.endCell()
		}
	case "/td", "/th", "/cell":
		p.endCell()
	case "br", "p", "/p", "div":
		if p.inCell && strings.TrimSpace(p.cell.String()) != "" && name != "/p" {
			p.cell.WriteByte('\x00') // a line end that is not folded
		}
	}
}

func (p *markupParser) endCell() {
	if !p.inCell {
		return
	}
	p.inCell = false
	lines := strings.Split(p.cell.String(), "\x00")
	p.cell.Reset()
	for i, l := range lines {
		lines[i] = strings.TrimSpace(strings.ReplaceAll(html.UnescapeString(strings.Join(strings.Fields(l), " ")), "\u00a0", " "))
	}
	text := strings.Trim(strings.Join(lines, "\n"), "\n")
	if text != "" && len(p.open) > 0 {
		p.open[len(p.open)-1].cells++
	}
	if p.rows > 1 && len(p.open) > 0 {
		t := p.open[len(p.open)-1]
		for len(t.down) < len(p.row)+p.span {
			t.down = append(t.down, 0)
		}
		for i := range p.span {
			t.down[len(p.row)+i] = len(t.rows) + p.rows
		}
	}
	p.row = append(p.row, text)
	for range p.span - 1 {
		p.addBlank()
	}
}

// under leaves out the columns that a cell above reaches into.
func (p *markupParser) under() {
	if len(p.open) == 0 {
		return
	}
	for t := p.open[len(p.open)-1]; len(p.row) < len(t.down) && t.down[len(p.row)] > len(t.rows) && p.blanks <= maxSpanned; {
		p.addBlank()
	}
}

func (p *markupParser) addBlank() {
	if p.blanks++; p.blanks <= maxSpanned {
		p.row = append(p.row, "")
	}
}

func (p *markupParser) endRow() {
	p.endCell()
	if p.inRow && len(p.open) > 0 {
		t := p.open[len(p.open)-1]
		t.rows = append(t.rows, p.row)
	}
	p.row, p.inRow = nil, false
}

// attrInt is the whole number of an attribute, with any prefix, 0 if absent.
func attrInt(attrs, name string) int {
	low := strings.ToLower(attrs)
	i := strings.Index(low, name+"=")
	if i < 0 {
		return 0
	}
	v := strings.TrimLeft(low[i+len(name)+1:], `"'`)
	k := 0
	for k < len(v) && v[k] >= '0' && v[k] <= '9' {
		k++
	}
	n, err := strconv.Atoi(v[:k])
	if err != nil {
		return 0
	}
	return n
}
