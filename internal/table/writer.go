package table

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// RowWriter writes a table row by row. Write's first row is the heading. It
// fails with the underlying writer's error, at the latest in Close.
type RowWriter interface {
	Write(cells []string) error
	// Mark puts a note on a cell of the next row that is written: red in a
	// workbook; formats that have no notes ignore it.
	Mark(column int, note string)
	// Offer gives a column a drop-down list, for the rows that a person fills in
	// or mends; formats that have none ignore it.
	Offer(column int, choices []string)
	// Close writes what is left; it does not close the underlying writer.
	Close() error
}

// CSVOptions are the dialect to write; the zero value is RFC 4180 with commas and CRLF.
type CSVOptions struct {
	BOM       bool   // begin with the UTF-8 byte order mark, which Excel needs
	Delimiter string // "" = ","
	Quote     byte   // 0 = "
	LineEnd   string // "" = CRLF
	// Protect puts one ' before a cell that a spreadsheet would take for a formula
	// (rule 10.3); the import side takes it off.
	Protect bool
}

type csvWriter struct {
	w   io.Writer
	opt CSVOptions
	any [256]bool // bytes that make a cell need quotes
	buf []byte    // not written yet
	err error
}

// csvBuffer is how much is gathered before it is written.
const csvBuffer = 64 << 10

// NewCSVWriter writes delimited text (RFC 4180).
func NewCSVWriter(w io.Writer, opt CSVOptions) RowWriter {
	if opt.Delimiter == "" {
		opt.Delimiter = ","
	}
	if opt.Quote == 0 {
		opt.Quote = '"'
	}
	if opt.LineEnd == "" {
		opt.LineEnd = "\r\n"
	}
	c := &csvWriter{w: w, opt: opt, buf: make([]byte, 0, csvBuffer+4<<10)}
	for _, b := range []byte("\r\n" + string(opt.Quote) + opt.Delimiter) {
		c.any[b] = true
	}
	if opt.BOM {
		c.buf = append(c.buf, "\ufeff"...)
	}
	return c
}

// NeedsProtection: the text matches ^'*[=+\-@\t\r], which a spreadsheet may run
// as a formula (OWASP, CSV injection).
func NeedsProtection(s string) bool {
	s = strings.TrimLeft(s, "'")
	return s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0
}

func (c *csvWriter) Write(cells []string) error {
	if c.err != nil {
		return c.err
	}
	// A row of blanks alone would read as a blank line.
	blank := blankCells(cells)
	for i, s := range cells {
		if i > 0 {
			c.buf = append(c.buf, c.opt.Delimiter...)
		}
		if s != "" || blank && i == 0 {
			c.cell(s, blank && i == 0)
		}
	}
	return c.endLine()
}

func (c *csvWriter) endLine() error {
	if c.buf = append(c.buf, c.opt.LineEnd...); len(c.buf) >= csvBuffer {
		c.flush()
	}
	return c.err
}

// cell appends a cell, in quotes where it needs them or has to have them.
func (c *csvWriter) cell(s string, quoted bool) {
	if c.opt.Protect && NeedsProtection(s) {
		s = "'" + s
	}
	if !quoted && !c.needsQuotes(s) {
		c.buf = append(c.buf, s...)
		return
	}
	c.buf = append(c.buf, c.opt.Quote)
	for {
		at := strings.IndexByte(s, c.opt.Quote)
		if at < 0 {
			break
		}
		c.buf = append(append(c.buf, s[:at+1]...), c.opt.Quote)
		s = s[at+1:]
	}
	c.buf = append(append(c.buf, s...), c.opt.Quote)
}

func (c *csvWriter) needsQuotes(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		if c.any[s[i]] {
			return true
		}
	}
	return s[0] == ' ' || s[len(s)-1] == ' ' || s[0] == '#' || strings.HasPrefix(s, "\ufeff")
}

func (c *csvWriter) flush() {
	if c.err == nil {
		_, c.err = c.w.Write(c.buf)
	}
	c.buf = c.buf[:0]
}

func (c *csvWriter) Mark(int, string)    {}
func (c *csvWriter) Offer(int, []string) {}

func (c *csvWriter) Close() error {
	c.flush()
	if c.err != nil {
		return c.err
	}
	c.err = errors.New("write to a closed table")
	return nil
}

type jsonlWriter struct {
	w        *bufio.Writer
	headings []string
}

// NewJSONLWriter writes one JSON object per row, its keys the headings of the
// first row; blank cells are left out, and a repeated or blank heading gets its
// column's number.
func NewJSONLWriter(w io.Writer) RowWriter { return &jsonlWriter{w: bufio.NewWriterSize(w, 64<<10)} }

func (j *jsonlWriter) Write(cells []string) error {
	if j.headings == nil {
		j.headings = make([]string, len(cells))
		seen := map[string]bool{}
		for i, h := range cells {
			if h == "" || seen[h] {
				h = strings.TrimSpace(fmt.Sprintf("%s %d", h, i+1))
			}
			seen[h] = true
			b, err := json.Marshal(h)
			if err != nil {
				return err
			}
			j.headings[i] = string(b)
		}
		return nil
	}
	sep := byte('{')
	for i, c := range cells[:min(len(cells), len(j.headings))] {
		if c == "" {
			continue
		}
		b, err := json.Marshal(c)
		if err != nil {
			return err
		}
		j.w.WriteByte(sep)
		j.w.WriteString(j.headings[i])
		j.w.WriteByte(':')
		j.w.Write(b)
		sep = ','
	}
	if sep == '{' {
		j.w.WriteByte(sep)
	}
	_, err := j.w.WriteString("}\n")
	return err
}

func (j *jsonlWriter) Mark(int, string)    {}
func (j *jsonlWriter) Offer(int, []string) {}
func (j *jsonlWriter) Close() error        { return j.w.Flush() }
