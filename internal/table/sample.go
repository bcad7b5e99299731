package table

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
)

const (
	sampleBytes = 256 << 10
	maxSample   = MaxRecord + sampleBytes // where a first record is very long
)

// endMark is DOS's end of a text file, with which some programs fill it up.
const endMark = "\x1a"

// beforeEndMark ends the table before that.
func (d *Detection) beforeEndMark(src Source) error {
	if d.EndOffset > 0 || strings.HasPrefix(d.Encoding, "utf-16") || strings.HasPrefix(d.Encoding, "utf-32") {
		return nil
	}
	tail := make([]byte, min(src.Size(), 4<<10))
	n, err := readSome(src, tail, src.Size()-int64(len(tail)))
	if err != nil {
		return err
	}
	if marks := n - len(bytes.TrimRight(tail[:n], endMark)); marks > 0 {
		d.EndOffset = src.Size() - int64(marks)
	}
	return nil
}

// sample is the head of a text file, decoded, with the source offsets of its lines.
type sample struct {
	text  []byte
	whole bool // the file ends with it
	marks []mark
	plain bool // text is the source's bytes from base on
	base  int64

	lfcr  bool   // lines end with LF CR
	quote string // one beyond ASCII, for which text has quoteByte

	doubled []byte // unusual quotes that are doubled inside cells

	start, startLine int // where the text begins after a line "sep=;"
}

// readSample decodes the first sampleBytes from byte off on, more if they hold no line end.
func readSample(src Source, encoding, quote string, off int64) (*sample, error) {
	dec, err := decoderOf(encoding, quote)
	if err != nil {
		return nil, err
	}
	s := &sample{plain: dec == nil, base: off, quote: quote}
	for size := int64(sampleBytes); ; size *= 4 {
		size = min(size, maxSample)
		raw := make([]byte, min(size, src.Size()-off))
		n, err := readSome(src, raw, off)
		if err != nil {
			return nil, err
		}
		raw = raw[:n]
		if s.whole = off+int64(n) >= src.Size(); s.whole && !strings.HasPrefix(encoding, "utf-16") && !strings.HasPrefix(encoding, "utf-32") {
			raw = bytes.TrimRight(raw, endMark)
		}
		if dec == nil {
			s.text = raw
		} else {
			s.marks = append(s.marks[:0], mark{0, off})
			var bads []badBytes
			s.text, _ = dec.decode(nil, raw, off, s.whole, &s.marks, &bads)
		}
		if s.whole || bytes.ContainsAny(s.text, "\r\n") {
			return s, nil
		}
		if size == maxSample {
			return nil, tooLongLine()
		}
	}
}

func tooLongLine() error {
	return refuse("csv", fmt.Sprintf("The first %d MB hold no line end: this is no table, or one line of it is too long.", MaxRecord>>20),
		"Look at the file in a text editor and export it again with one record per line.")
}

// offset is where the line that begins at text[p] begins in the source.
func (s *sample) offset(p int) int64 {
	if s.plain || len(s.marks) == 0 {
		return s.base + int64(p)
	}
	i := sort.Search(len(s.marks), func(i int) bool { return s.marks[i].dec >= p })
	if i == len(s.marks) {
		i--
	}
	return s.marks[i].raw
}

// sampleRow is a record of the sample.
type sampleRow struct {
	cells       []string
	at          int // in text
	end         int
	line        int
	blank       bool
	loose       bool  // a quote is stray or unclosed
	off, endOff int64 // in the source
	endLine     int   // the physical line after it
	quote       bool  // some cell is quoted
	allQuoted   bool
	// quotedBehind: some cell but the first is quoted.
	quotedBehind bool
	hidden       bool   // in a workbook
	kinds        []kind // of cells, once judge was called
}

// kind is what cell i is.
func (r *sampleRow) kind(i int) kind {
	if r.kinds != nil {
		return r.kinds[i]
	}
	return kindOf(r.cells[i])
}

// judge keeps the kinds of all cells, as tables are looked for around every row.
func judge(rows []sampleRow) {
	for i := range rows {
		r := &rows[i]
		r.kinds = make([]kind, len(r.cells))
		for k, c := range r.cells {
			r.kinds[k] = kindOf(c)
		}
	}
}

// rows cuts the sample's first n records from byte pos, physical line line, on.
// A record that the sample's end cuts is left out.
func (s *sample) rows(d *dialect, pos, line, n int) []sampleRow {
	var rows []sampleRow
	var p piece
	for pos < len(s.text) && len(rows) < n {
		if !d.split(&p, s.text, pos, s.whole, 0, 64<<10) {
			break
		}
		if p.unclosed && p.breakAt > 0 || p.stray && p.breakAt > 0 {
			stop := p.breakAt
			end := stop
			for end > pos && (s.text[end-1] == '\n' || s.text[end-1] == '\r') {
				end--
			}
			d.split(&p, s.text[:end:end], pos, true, 0, 64<<10)
			p.next, p.lines, p.unclosed = stop, 1, true
		}
		row := sampleRow{at: pos, end: p.next, line: line, loose: p.stray || p.unclosed, quote: p.anyQuote}
		row.cells = make([]string, len(p.spans))
		row.allQuoted = row.quote
		for i, sp := range p.spans {
			row.allQuoted = row.allQuoted && sp.quoted
			row.quotedBehind = row.quotedBehind || i > 0 && sp.quoted
			t := s.text[sp.start:sp.end]
			if sp.escaped {
				t = d.unescape(bytes.Clone(t), sp.quoted)
			}
			row.cells[i] = string(t)
			if d.quote == quoteByte {
				row.cells[i] = unquoteByte(row.cells[i], s.quote)
			}
		}
		row.blank = !p.anyQuote && blankCells(row.cells)
		pos = p.next
		line += p.lines
		row.off, row.endOff, row.endLine = s.offset(row.at), s.offset(pos), line+boolInt(p.lines == 0)
		rows = append(rows, row)
	}
	return rows
}
