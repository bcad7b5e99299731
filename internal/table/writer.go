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
	w     *bufio.Writer
	opt   CSVOptions
	quote string
	any   [256]bool // bytes that make a cell need quotes
	err   error
}

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
	c := &csvWriter{w: bufio.NewWriterSize(w, 64<<10), opt: opt, quote: string(opt.Quote)}
	for _, b := range []byte("\r\n" + c.quote + opt.Delimiter) {
		c.any[b] = true
	}
	if opt.BOM {
		_, c.err = c.w.WriteString("\ufeff")
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
	// A row of blanks alone would read as a blank line.
	blank := blankCells(cells)
	for i, s := range cells {
		if i > 0 {
			c.put(c.opt.Delimiter)
		}
		if c.opt.Protect && NeedsProtection(s) {
			s = "'" + s
		}
		if blank && i == 0 || c.needsQuotes(s) {
			c.put(c.quote)
			c.put(strings.ReplaceAll(s, c.quote, c.quote+c.quote))
			c.put(c.quote)
		} else {
			c.put(s)
		}
	}
	c.put(c.opt.LineEnd)
	return c.err
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
	// A row of cells in other quotes would be read as written with these.
	if last := s[len(s)-1]; last == s[0] && len(s) > 1 && strings.IndexByte("'`\"", last) >= 0 {
		return true
	}
	return s[0] == ' ' || s[len(s)-1] == ' ' || s[0] == '#' || strings.HasPrefix(s, "\ufeff")
}

func (c *csvWriter) put(s string) {
	if c.err == nil {
		_, c.err = c.w.WriteString(s)
	}
}

func (c *csvWriter) Mark(int, string)    {}
func (c *csvWriter) Offer(int, []string) {}

func (c *csvWriter) Close() error {
	if c.err != nil {
		return c.err
	}
	c.err = errors.New("write to a closed table")
	return c.w.Flush()
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
