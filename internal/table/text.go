package table

import (
	"bytes"
	"sort"
	"unicode/utf8"
	"unsafe"
)

// mark ties a place in decoded text, always just after a line end, to its byte in the source.
type mark struct {
	dec int
	raw int64
}

// badBytes is a place in decoded text where U+FFFD stands for bytes that are no text.
type badBytes struct {
	dec   int
	raw   int64
	bytes []byte
}

// textDecoder makes UTF-8. decode appends to dst the text of src, which begins at
// byte off of the file, and returns how much of src it used: all of it if atEOF,
// else perhaps less. It notes a mark after every line end and the bad bytes.
type textDecoder interface {
	decode(dst, src []byte, off int64, atEOF bool, marks *[]mark, bads *[]badBytes) ([]byte, int)
}

// shift drops what lies before n in the buffer.
func (r *csvReader) shift(n int) {
	i := sort.Search(len(r.marks), func(i int) bool { return r.marks[i].dec >= n })
	i = min(i, max(0, len(r.marks)-1)) // keep one
	r.marks = append(r.marks[:0], r.marks[i:]...)
	for i := range r.marks {
		r.marks[i].dec -= n
	}
	i = sort.Search(len(r.bads), func(i int) bool { return r.bads[i].dec >= n })
	r.bads = append(r.bads[:0], r.bads[i:]...)
	for i := range r.bads {
		r.bads[i].dec -= n
	}
}

// place is where buf[from:to], a whole record, lies in the source.
func (r *csvReader) place(from, to int) (off, length int64) {
	if r.dec == nil {
		return r.base + int64(from), int64(to - from)
	}
	at := func(p int) int64 {
		i := sort.Search(len(r.marks), func(i int) bool { return r.marks[i].dec >= p })
		if i < len(r.marks) {
			return r.marks[i].raw
		}
		return r.off
	}
	off = at(from)
	return off, at(to) - off
}

// findBad names the cells of the record at buf[from:to] that hold undecodable bytes.
func (r *csvReader) findBad(row *Row, from, to int) {
	if r.dec == nil {
		if utf8.Valid(r.buf[from:to]) {
			return
		}
		r.findInvalid(row, from, to)
		return
	}
	i := sort.Search(len(r.bads), func(i int) bool { return r.bads[i].dec >= from })
	for ; i < len(r.bads) && r.bads[i].dec < to; i++ {
		bad := r.bads[i]
		col := r.columnAt(row, bad.dec)
		if n := len(row.Bad); n > 0 && row.Bad[n-1].Column == col {
			continue
		}
		line := row.Line + int64(countLines(r.buf[from:bad.dec]))
		row.Bad = append(row.Bad, BadCell{Column: col, Offset: bad.raw, Line: line, Bytes: bad.bytes})
	}
}

// columnAt is the column of the byte at buf[at] in row, whose cells still point into buf.
func (r *csvReader) columnAt(row *Row, at int) int {
	base := uintptr(unsafe.Pointer(unsafe.SliceData(r.buf)))
	for i, c := range row.Cells {
		if len(c) > 0 && at < int(uintptr(unsafe.Pointer(unsafe.StringData(c)))-base)+len(c) {
			return i
		}
	}
	return max(0, len(row.Cells)-1)
}

func (r *csvReader) findInvalid(row *Row, from, to int) {
	for i := from; i < to; {
		c, n := utf8.DecodeRune(r.buf[i:to])
		if c != utf8.RuneError || n > 1 {
			i += n
			continue
		}
		col := r.columnAt(row, i)
		if k := len(row.Bad); k == 0 || row.Bad[k-1].Column != col {
			e := i + 1
			for e < to && e < i+4 && r.buf[e] >= 0x80 && !utf8.FullRune(r.buf[e:e+1]) {
				e++
			}
			row.Bad = append(row.Bad, BadCell{
				Column: col,
				Offset: r.base + int64(i),
				Line:   row.Line + int64(countLines(r.buf[from:i])),
				Bytes:  bytes.Clone(r.buf[i:e]),
			})
		}
		i++
	}
}

// countLines counts line ends: LF, CRLF, CR.
func countLines(b []byte) int {
	n := bytes.Count(b, []byte{'\n'})
	for i := 0; ; i++ {
		k := bytes.IndexByte(b[i:], '\r')
		if k < 0 {
			return n
		}
		i += k
		if i+1 >= len(b) || b[i+1] != '\n' {
			n++
		}
	}
}
