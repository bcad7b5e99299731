package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// sheetScanner reads a sheet's rows (18.3.1.73). The part is read to its end, so
// that its CRC is checked, and must be closed properly.
type sheetScanner struct {
	book   *workbook
	strs   *stringTable
	part   io.Closer
	x      *xmlScanner
	line   int64 // number of the last row
	inData bool
	done   bool
	text   []byte
	value  []byte
	arena  arena
	shown  []shownNumber

	pending       bool // the cell at hand is a formula without a saved value
	unvalued      int  // formulas without a saved value
	firstUnvalued string
	cols          int // wide by its own account, 0 = not said
	merged        int // ranges of merged cells, known at the end
	firstMerged   string
}

// sheetRow is one row: its cells from column A on, as far as they are filled.
type sheetRow struct {
	cells     []string
	line      int64
	from, end int64 // bytes of the part
	hidden    bool
	unvalued  bool // a formula in it has no saved value
}

// scanSheet begins to read a sheet, ahead if all of it will be read.
func (w *workbook) scanSheet(s *sheetInfo, ahead bool) (*sheetScanner, error) {
	r, err := openXML(s.part)
	if err != nil {
		return nil, err
	}
	strs, err := w.sharedStrings(ahead)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	if ahead && s.part.UncompressedSize64 > aheadFrom {
		r = newReadAhead(r)
	}
	return &sheetScanner{book: w, strs: strs, part: r, x: newXMLScanner(r)}, nil
}

func (s *sheetScanner) close() error { return errors.Join(s.part.Close(), s.strs.close()) }

// next appends the cells of the next row to cells. At the end of a sound sheet: io.EOF.
func (s *sheetScanner) next(cells []string) (sheetRow, error) {
	if s.done {
		return sheetRow{}, io.EOF
	}
	for {
		at := s.x.off + int64(s.x.pos)
		t, err := s.x.next()
		if errors.Is(err, io.EOF) {
			return sheetRow{}, fmt.Errorf("the sheet ends too early: %w", io.ErrUnexpectedEOF)
		}
		if err != nil {
			return sheetRow{}, err
		}
		if t.name == nil {
			if s.inData && len(bytes.TrimSpace(t.text)) > 0 {
				return sheetRow{}, errors.New("malformed XML: text between rows")
			}
			continue
		}
		switch string(t.name) {
		case "dimension":
			if _, end, ok := strings.Cut(string(t.attr("ref")), ":"); ok && !s.inData {
				s.cols, _ = columnNumber([]byte(end))
			}
		case "sheetData":
			if t.end || t.empty {
				s.done = true
				return sheetRow{}, s.finish()
			}
			s.inData = true
		case "row":
			if t.end || !s.inData {
				return sheetRow{}, errors.New("malformed XML: a row out of place")
			}
			return s.row(t, cells, at)
		default:
			if s.inData {
				return sheetRow{}, fmt.Errorf("malformed XML: %q between rows", t.name)
			}
		}
	}
}

// finish reads what follows the rows; it returns io.EOF if all is well.
func (s *sheetScanner) finish() error {
	closed := false
	for {
		t, err := s.x.next()
		if errors.Is(err, io.EOF) {
			if !closed {
				return fmt.Errorf("the sheet ends too early: %w", io.ErrUnexpectedEOF)
			}
			if err := s.strs.finish(); err != nil {
				return err
			}
			return io.EOF
		}
		if err != nil {
			return err
		}
		switch string(t.name) {
		case "worksheet":
			closed = closed || t.end
		case "mergeCell":
			if s.merged++; s.merged == 1 {
				s.firstMerged = string(t.attr("ref"))
			}
		}
	}
}

func (s *sheetScanner) row(t tag, cells []string, at int64) (sheetRow, error) {
	row := sheetRow{line: s.line + 1, from: at}
	if r := t.attr("r"); r != nil {
		n := int64(0)
		for _, c := range r {
			if c < '0' || c > '9' || n > 1<<21 {
				return row, fmt.Errorf("malformed row number %q", r)
			}
			n = n*10 + int64(c-'0')
		}
		if n <= s.line {
			return row, fmt.Errorf("row %d follows row %d", n, s.line)
		}
		row.line = n
	}
	s.line = row.line
	if h := t.attr("hidden"); h != nil {
		row.hidden = string(h) == "1" || string(h) == "true"
	}
	first, unvalued := len(cells), s.unvalued
	size := 0
	if !t.empty {
		for {
			more, ok, err := s.quickCell(cells, first)
			if err != nil {
				return row, err
			}
			if ok {
				cells = more
				if size += len(cells[len(cells)-1]); size > MaxRecord {
					return row, rowTooLong(row.line)
				}
				continue
			}
			t, ok := s.openCell()
			if !ok {
				t, err = s.x.next()
			}
			if err != nil {
				return row, unexpected(err)
			}
			if t.name == nil {
				if len(bytes.TrimSpace(t.text)) > 0 {
					return row, errors.New("malformed XML: text between cells")
				}
				continue
			}
			if t.end {
				if string(t.name) != "row" {
					return row, fmt.Errorf("malformed XML: </%s> ends a row", t.name)
				}
				break
			}
			if string(t.name) != "c" {
				if string(t.name) == "extLst" && !t.empty {
					if err := s.skip("extLst"); err != nil {
						return row, err
					}
					continue
				}
				return row, fmt.Errorf("malformed XML: %q in a row", t.name)
			}
			if cells, err = s.cell(t, cells, first); err != nil {
				return row, err
			}
			if n := len(cells); n > first {
				size += len(cells[n-1])
			}
			if size > MaxRecord {
				return row, rowTooLong(row.line)
			}
		}
	}
	row.cells, row.end, row.unvalued = cells[first:], s.x.off+int64(s.x.pos), s.unvalued > unvalued
	return row, nil
}

func rowTooLong(line int64) error {
	return refuse("xlsx", fmt.Sprintf("Row %d holds more than %d MB of text.", line, MaxRecord>>20), "Save the sheet as CSV UTF-8 and upload that.")
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// skip passes over the rest of an element.
func (s *sheetScanner) skip(name string) error {
	for {
		t, err := s.x.next()
		if err != nil {
			return unexpected(err)
		}
		if t.end && string(t.name) == name {
			return nil
		}
	}
}

// cell appends the value of <c>, after blanks for the columns left out (18.3.1.4).
func (s *sheetScanner) cell(t tag, cells []string, first int) ([]string, error) {
	col := len(cells) - first
	kind, style := byte('n'), 0
	for a := t.attrs; ; {
		key, value, rest := cellAttr(a)
		if len(key) == 0 {
			break
		}
		a = rest
		if len(key) > 1 {
			continue
		}
		switch key[0] {
		case 'r':
			n, ok := columnNumber(value)
			if !ok {
				return cells, fmt.Errorf("malformed cell reference %q", value)
			}
			if col = n - 1; col < len(cells)-first && cells[first+col] != "" {
				return cells, fmt.Errorf("cell %q comes twice", value)
			}
		case 's':
			style = atoi(value)
		case 't':
			switch string(value) {
			case "s":
				kind = 's'
			case "str", "inlineStr":
				kind = 'i'
			case "b":
				kind = 'b'
			case "e":
				kind = 'e'
			case "d":
				kind = 'd'
			}
		}
	}
	if col >= MaxColumns {
		return cells, fmt.Errorf("more than %d columns", MaxColumns)
	}
	for len(cells)-first < col {
		cells = append(cells, "")
	}
	format := cellStyle{}
	if style >= 0 && style < len(s.book.styles) {
		format = s.book.styles[style]
	}
	s.text = s.text[:0]
	if !t.empty {
		if err := s.content(kind == 'n'); err != nil {
			return cells, err
		}
		if s.pending {
			s.pending = false
			if s.unvalued++; s.unvalued == 1 {
				s.firstUnvalued = fmt.Sprintf("%s%d", columnLetters(col), s.line)
			}
		}
	}
	v, err := s.format(kind, format)
	if col < len(cells)-first {
		cells[first+col] = v // out of order, as some programs write them
		return cells, err
	}
	return append(cells, v), err
}

// columnNumber is the column of a reference such as B7, from 1.
func columnNumber(ref []byte) (n int, ok bool) {
	i := 0
	for ; i < len(ref) && ref[i]|0x20 >= 'a' && ref[i]|0x20 <= 'z' && i < 4; i++ {
		n = n*26 + int(ref[i]|0x20-'a') + 1
	}
	return n, i > 0 && n <= MaxColumns
}

// columnLetters names a column (from 0) as a sheet does.
func columnLetters(col int) string {
	name := ""
	for n := col + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// cellAttr is nextAttr, quick for ' r="A1"'.
func cellAttr(a []byte) (key, value, rest []byte) {
	if len(a) < 5 || a[0] != ' ' || a[2] != '=' || a[3] != '"' {
		return nextAttr(a)
	}
	for k := 4; k < len(a); k++ {
		if a[k] == '"' {
			return a[1:2], a[4:k], a[k+1:]
		}
	}
	return nil, nil, nil
}

func atoi(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' || n > 1<<28 {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// content reads the elements of a cell, of a number perhaps, to </c> and leaves its text in s.text.
func (s *sheetScanner) content(number bool) error {
	if s.plain() {
		return nil
	}
	take, phonetic, preserve, depth := false, false, true, 0
	formula, valued := false, false
	for {
		t, err := s.x.next()
		if err != nil {
			return unexpected(err)
		}
		if t.name == nil {
			if take && !phonetic {
				if s.text, err = appendSpaced(s.text, t.text, preserve); err != nil {
					return err
				}
			} else if depth == 0 && len(bytes.TrimSpace(t.text)) > 0 {
				return errors.New("malformed XML: text in a cell")
			}
			continue
		}
		switch string(t.name) {
		case "f":
			formula = true
		case "v":
			take, preserve, valued = !t.end && !t.empty, true, true
		case "t":
			take, preserve = !t.end && !t.empty, preserves(&t)
		case "rPh":
			phonetic = !t.end && !t.empty
		case "c":
			if !t.end || depth != 0 {
				return errors.New("malformed XML: a cell in a cell")
			}
			if utf16Len(s.text) > MaxXLSXCell {
				return cellTooLong()
			}
			// openpyxl writes <v></v>; a text that is empty has a type.
			s.pending = formula && (!valued || number && len(s.text) == 0)
			return nil
		case "row", "sheetData", "worksheet":
			return fmt.Errorf("malformed XML: %q in a cell", t.name)
		}
		if t.end {
			depth--
			if depth < 0 {
				return fmt.Errorf("malformed XML: </%s> in a cell", t.name)
			}
		} else if !t.empty {
			depth++
		}
	}
}

// openCell reads <c …> if it is next, is in the buffer and has nothing unusual.
func (s *sheetScanner) openCell() (t tag, ok bool) {
	b := s.x.buf[s.x.pos:]
	if len(b) < 4 || b[0] != '<' || b[1] != 'c' || b[2] != ' ' {
		return t, false
	}
	n := bytes.IndexByte(b[:min(len(b), 128)], '>')
	if n < 6 {
		return t, false
	}
	t.name, t.attrs = b[1:2], b[2:n]
	if b[n-1] == '/' {
		t.empty, t.attrs = true, b[2:n-1]
	}
	if a := t.attrs; a[len(a)-1] != '"' || a[len(a)-2] == '=' || bytes.IndexByte(a, '<') >= 0 {
		return tag{}, false
	}
	s.x.pos += n + 1
	return t, true
}

// plain reads the usual contents, <v>1</v></c> and <is><t>a</t></is></c>, at one
// go if all of it is in the buffer and nothing in it needs a second look.
func (s *sheetScanner) plain() bool {
	b := s.x.buf[s.x.pos:]
	open, end := "<v>", "</v></c>"
	if len(b) > 4 && b[1] == 'i' {
		open, end = "<is><t>", "</t></is></c>"
		if len(b) > 7 && b[6] == ' ' {
			open = `<is><t xml:space="preserve">`
		}
	}
	if len(b) < len(open) || string(b[:len(open)]) != open {
		return false
	}
	b = b[len(open):]
	n := bytes.IndexByte(b, '<')
	if trims := open == "<is><t>"; trims && n > 0 && (b[0] <= ' ' || b[n-1] <= ' ') {
		return false
	}
	if n < 0 || len(b) < n+len(end) || string(b[n:n+len(end)]) != end || n > MaxXLSXCell {
		return false
	}
	text, err := appendText(s.text, b[:n])
	if err != nil {
		return false // said by the thorough way
	}
	s.text = text
	s.x.pos += len(open) + n + len(end)
	return true
}

func (s *sheetScanner) format(kind byte, style cellStyle) (string, error) {
	switch kind {
	case 's':
		if len(s.text) == 0 {
			return "", nil
		}
		text, err := s.strs.get(atoi(bytes.TrimSpace(s.text)))
		if err != nil {
			return "", err
		}
		return s.shownText(text, style), nil
	case 'b':
		switch strings.TrimSpace(string(s.text)) {
		case "1", "true":
			return "TRUE", nil
		case "0", "false":
			return "FALSE", nil
		}
	case 'n':
		if v := bytes.TrimSpace(s.text); len(v) > 0 {
			return s.number(v, style, -1), nil
		}
		return "", nil
	case 'd':
		if serial, ok := isoSerial(string(s.text), s.book.date1904); ok {
			if style.kind == 0 {
				style = cellStyle{kind: 'b', show: isoShown}
			}
			s.value = s.book.formatNumber(s.value[:0], strconv.AppendFloat(nil, serial, 'f', -1, 64), style)
			return s.arena.keep(s.value), nil
		}
	case 'i':
		return s.shownText(s.arena.keep(unescapeX(s.text)), style), nil
	}
	return s.arena.keep(s.text), nil
}

// shownText is a text as its format shows it, if the person wants that.
func (s *sheetScanner) shownText(text string, style cellStyle) string {
	if !s.book.asShown || text == "" || style.show.plainText() {
		return text
	}
	s.value = appendShownText(s.value[:0], text, style.show)
	return s.arena.keep(s.value)
}

// isoShown is how a date without a format of its own shows.
var isoShown = parseShown("yyyy-mm-dd hh:mm:ss")

// isoSerial reads the dates of strict workbooks (18.18.11, t="d").
func isoSerial(text string, date1904 bool) (float64, bool) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05Z", "2006-01-02", "15:04:05", "2006-01-02T15:04"} {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
		switch {
		case t.Year() == 0:
			epoch = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
		case date1904:
			epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		serial := t.Sub(epoch).Seconds() / 86400
		if serial < 61 && serial >= 1 && !date1904 && t.Year() > 0 {
			serial-- // before the 29 February that never was
		}
		return serial, true
	}
	return 0, false
}

// xlsxReader reads one sheet. For Seek the sheet's XML is unpacked into a
// temporary file once, where a row is at its offset.
type xlsxReader struct {
	src           Source
	book          *workbook
	sheet         *sheetInfo
	det           *Detection
	scan          *sheetScanner
	width         int
	record, empty int64
	last          int64 // number of the last row seen
	blanks        int   // cells of a whole sheet that its rows and gaps are filled up with
	filled        int   // cells that they had
	spool         *os.File
}

func newXLSXReader(src Source, det *Detection) (*xlsxReader, error) {
	z, err := openZip(src)
	if err != nil {
		return nil, err
	}
	book, err := openWorkbook(src, z)
	if err != nil {
		return nil, damaged(src, err)
	}
	book.asShown = det.AsShown
	r := &xlsxReader{src: src, book: book, det: det, width: len(det.Headings)}
	for i := range book.sheets {
		if book.sheets[i].name == det.Sheet {
			r.sheet = &book.sheets[i]
		}
	}
	if r.sheet == nil {
		return nil, fmt.Errorf("the workbook has no sheet %q", det.Sheet)
	}
	if r.scan, err = book.scanSheet(r.sheet, true); err != nil {
		return nil, damaged(src, err)
	}
	r.record = 1
	r.last = det.FirstLine - 1
	return r, nil
}

func (r *xlsxReader) blank() int64                 { return r.empty }
func (r *xlsxReader) raw(row *Row) ([]byte, error) { return nil, nil }

func (r *xlsxReader) close() error {
	err := r.scan.close()
	if r.spool != nil {
		err = errors.Join(err, r.spool.Close(), os.Remove(r.spool.Name()))
	}
	return err
}

// maxBatchCells bounds a batch of very wide rows.
const maxBatchCells = 256 << 10

func (r *xlsxReader) next(ctx context.Context, b *Batch) error {
	for len(b.Rows) < b.Max && len(b.cells) < maxBatchCells {
		if len(b.Rows)&63 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		got, err := r.scan.next(b.room(r.width + 1))
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return damaged(r.src, err)
		}
		if got.line < r.det.FirstLine || r.det.EndOffset > 0 && got.from >= r.det.EndOffset {
			continue
		}
		gap := got.line - r.last - 1
		r.empty += gap
		r.last = got.line
		if blankCells(got.cells) && !got.unvalued {
			r.empty++
			continue
		}
		row := Row{Record: r.record, Line: got.line, Offset: got.from, Length: got.end - got.from, Cells: got.cells}
		if got.unvalued {
			row.Notice = FormulaBlank
		}
		r.record++
		row.fit(r.width)
		if r.det.Whole {
			if row.Problem = ""; len(row.Cells) > r.width {
				row.Cells = trimBlank(row.Cells)
			}
			r.blanks += int(gap)*r.width + max(0, len(row.Cells)-len(got.cells))
			if r.filled += len(got.cells); r.blanks > maxWholeBlanks && r.blanks/20 > r.filled {
				return nearlyEmpty(r.width)
			}
		}
		b.add(row)
	}
	if len(b.Rows) == 0 {
		return io.EOF
	}
	return nil
}

// maxWholeBlanks is how many blank cells a whole sheet may be filled up with if it
// holds next to nothing else.
const maxWholeBlanks = 16 << 20

// fit fits the cells to the headings. Cells after the last filled one are blank
// in a sheet, not missing.
func (row *Row) fit(width int) {
	for len(row.Cells) < width {
		row.Cells = append(row.Cells, "")
	}
	if len(row.Cells) > width {
		if blankCells(row.Cells[width:]) {
			row.Cells = row.Cells[:width]
		} else {
			row.Problem = TooManyCells
		}
	}
}

func (r *xlsxReader) seek(pos Position) error {
	if r.spool == nil {
		if err := r.unpack(); err != nil {
			return damaged(r.src, err)
		}
	}
	size, err := r.spool.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if pos.Offset < 0 || pos.Offset > size {
		return fmt.Errorf("outside of the sheet's %d bytes", size)
	}
	x := newXMLScanner(io.NewSectionReader(r.spool, pos.Offset, size-pos.Offset))
	x.off = pos.Offset
	r.scan.x, r.scan.inData, r.scan.done, r.scan.line = x, true, false, max(pos.Line-1, 0)
	r.record, r.last = max(pos.Record, 1), pos.Line-1
	return nil
}

func (r *xlsxReader) unpack() error {
	f, err := os.CreateTemp("", "leadport-sheet-*")
	if err != nil {
		return err
	}
	part, err := openXML(r.sheet.part)
	if err == nil {
		_, err = io.Copy(f, part)
		err = errors.Join(err, part.Close())
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	r.spool = f
	return nil
}
