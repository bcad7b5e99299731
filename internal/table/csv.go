package table

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
	"unsafe"
)

// csvReader reads delimited text. Its buffer is never written again once cells
// point into it, so cells need no copy: one allocation holds the texts of
// hundreds of rows. Quotes are undoubled in place before a row is given out.
type csvReader struct {
	src   Source
	di    dialect
	width int // headings
	quick bool
	quote string      // one beyond ASCII
	dec   textDecoder // nil = the bytes are UTF-8 as they are

	off, end int64 // next byte of the source to read, and where the table ends
	buf      []byte
	pos      int   // in buf: the next record
	base     int64 // source offset of buf[0], where dec is nil
	eof      bool  // buf holds the rest
	chunk    int   // bytes to read next
	dirty    bool  // buf may hold bytes that are no UTF-8
	checked  int   // buf[:checked] was looked at for that
	marks    []mark
	bads     []badBytes

	comment             []byte
	line, record, empty int64
	comments            int64

	esc    []escapedCell
	escBy  dialect // by which they are to be read
	wide   string  // the record's own quotes beyond ASCII
	piece  piece
	wasted int64 // bytes looked at in vain for closing quotes
	tried  int64 // bytes looked at by mender over line ends

	present, absent int64 // cells of a very wide table
}

func newCSVReader(src Source, det *Detection) (*csvReader, error) {
	dec, err := decoderOf(det.Encoding, det.Quote)
	if err != nil {
		return nil, err
	}
	r := &csvReader{src: src, di: det.dialect(), width: len(det.Headings), dec: dec, comment: []byte(det.Comment)}
	r.quick = !r.di.lfcr && len(r.di.delim) == 1 && r.di.delim[0] != 0 && r.di.delim[0] < 0x80 && r.di.escape == 0 &&
		r.di.delim[0] != '\n' && r.di.delim[0] != '\r' && r.di.delim[0] != ' '
	if isWideQuote(det.Quote) {
		r.quote = det.Quote
	}
	r.end = src.Size()
	if det.EndOffset > 0 {
		r.end = min(r.end, det.EndOffset)
	}
	return r, r.seek(Position{det.FirstOffset, det.FirstLine, 1})
}

func (r *csvReader) seek(pos Position) error {
	if pos.Offset < 0 || pos.Offset > r.end {
		return fmt.Errorf("outside of the table's %d bytes", r.end)
	}
	r.off, r.base, r.chunk = pos.Offset, pos.Offset, seekChunk
	r.buf, r.pos, r.checked, r.eof, r.dirty = nil, 0, 0, false, false
	r.marks, r.bads = append(r.marks[:0], mark{0, pos.Offset}), r.bads[:0]
	r.line, r.record = pos.Line, pos.Record
	return nil
}

func (r *csvReader) blank() int64 { return r.empty }

func (r *csvReader) raw(row *Row) ([]byte, error) {
	b := make([]byte, row.Length)
	n, err := readSome(r.src, b, row.Offset)
	return b[:n], err
}

func (r *csvReader) next(ctx context.Context, b *Batch) error {
	for len(b.Rows) < b.Max && len(b.cells) < maxBatchCells {
		if r.pos >= len(r.buf) {
			if r.eof {
				break
			}
			if err := r.fill(ctx); err != nil {
				return err
			}
			continue
		}
		if err := r.row(ctx, b); err != nil {
			return err
		}
	}
	if len(b.Rows) == 0 {
		return io.EOF
	}
	return nil
}

// fill moves what is left to a new buffer and reads on.
func (r *csvReader) fill(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	rest := r.buf[r.pos:]
	want := int(min(int64(max(r.chunk, len(rest))), r.end-r.off))
	r.chunk = min(4*r.chunk, chunkSize)
	size := len(rest) + want
	buf := make([]byte, len(rest), size+padding)
	copy(buf, rest)
	if r.dec == nil {
		r.base += int64(r.pos)
		n, err := r.read(buf[len(rest):size])
		if err != nil {
			return err
		}
		buf = buf[:len(rest)+n]
	} else {
		r.shift(r.pos)
		raw := make([]byte, want)
		at := r.off
		n, err := r.read(raw)
		if err != nil {
			return err
		}
		var used int
		buf, used = r.dec.decode(buf, raw[:n], at, r.eof, &r.marks, &r.bads)
		if used < n {
			r.off, r.eof = at+int64(used), false
			if used == 0 {
				if n > MaxRecord {
					return fmt.Errorf("decode text at byte %d: its line does not end within %d MB", at, MaxRecord>>20)
				}
				r.chunk = 4 * n // more of the line is needed
			}
		}
	}
	r.checked = max(0, r.checked-r.pos)
	r.buf, r.pos = pad(buf), 0
	r.check()
	return nil
}

func (r *csvReader) read(b []byte) (int, error) {
	if left := r.end - r.off; int64(len(b)) >= left {
		b = b[:left]
		r.eof = true
	}
	n, err := readSome(r.src, b, r.off)
	if err == nil && n < len(b) {
		err = fmt.Errorf("read at byte %d: %w", r.off+int64(n), io.ErrUnexpectedEOF)
	}
	r.off += int64(n)
	return n, err
}

// pad makes sure that zero bytes follow b.
func pad(b []byte) []byte {
	n := len(b)
	b = slices.Grow(b, padding)[:n+padding]
	clear(b[n:])
	return b[:n]
}

func (r *csvReader) padded() int { return len(r.buf) + padding }

// check looks for bytes that are no UTF-8 among those newly read; a rune cut by
// the buffer's end waits for the rest.
func (r *csvReader) check() {
	if r.dec != nil {
		r.dirty = len(r.bads) > 0
		return
	}
	if r.checked == 0 {
		r.dirty = false
	}
	end := len(r.buf)
	if !r.eof {
		for k := 1; k < utf8.UTFMax && k <= end; k++ {
			if c := r.buf[end-k]; c >= 0xc0 {
				end -= k
				break
			} else if c < 0x80 {
				break
			}
		}
	}
	if end > r.checked {
		r.dirty = r.dirty || !utf8.Valid(r.buf[r.checked:end])
		r.checked = end
	}
}

// row reads the record at r.pos, or more bytes.
func (r *csvReader) row(ctx context.Context, b *Batch) error {
	var s scanned
	row := Row{}
	end := scanOdd
	if r.quick {
		row.Cells, end = r.scan(b.room(r.width+1), &s)
		if end == scanRow && r.width > 1 && (len(row.Cells) != r.width && !(len(row.Cells) == 1 && blankCells(row.Cells)) || startsOddly(row.Cells) && oddlyQuoted(row.Cells, r.di.quote) || len(row.Cells) > 2 && r.spacedQuote(row.Cells[1]) && !r.isQuoted(row.Cells[1])) {
			if !r.isComment(r.pos) {
				end = scanOdd // perhaps a quote never closed, or another dialect
			}
		}
	}
	odd := end == scanOdd
	if odd {
		row.Cells, end = r.slow(b.room(r.width+1), &s, &row)
	}
	if end == scanWide {
		return r.tooLong(ctx, b, &s)
	}
	if end == scanMore {
		if len(r.buf)-r.pos > MaxRecord {
			return r.tooLong(ctx, b, &scanned{})
		}
		return r.fill(ctx)
	}
	at := r.pos
	r.pos = s.next
	line := r.line
	r.line += int64(s.lines)
	if !s.quoted && blankCells(row.Cells) {
		r.empty++
		return nil
	}
	if len(row.Cells) != r.width && r.isComment(at) {
		r.comments++
		return nil
	}
	row.Record, row.Line = r.record, line
	r.record++
	row.Offset, row.Length = r.place(at, s.next)
	if len(row.Cells) == r.width && r.width > 2 && len(row.Cells[1]) > 0 && row.Cells[1][0] == ' ' && !slices.ContainsFunc(row.Cells[1:], r.isQuoted) {
		trimSpaced(row.Cells, &r.di)
	}
	if r.dirty {
		r.findBad(&row, at, s.next)
	}
	by := &r.di
	if odd {
		by = &r.escBy
	}
	for _, e := range r.esc {
		t := by.unescape(r.buf[e.start:e.end], !e.plain)
		row.Cells[e.column] = unsafe.String(unsafe.SliceData(t), len(t))
	}
	if wide := cmp.Or(r.wide, r.quote); wide != "" {
		for i, c := range row.Cells {
			row.Cells[i] = unquoteByte(c, wide)
		}
		r.wide = ""
	}
	if len(row.Bad) > 0 && r.dec == nil {
		for _, bad := range row.Bad {
			row.Cells[bad.Column] = string([]rune(row.Cells[bad.Column])) // U+FFFD for each bad byte
		}
	}
	if r.width > 1000 {
		r.present += int64(len(row.Cells))
		if r.absent += int64(max(0, r.width-len(row.Cells))); r.absent > maxAbsent && r.absent/20 > r.present {
			return refuse("csv", fmt.Sprintf("The heading has %d columns but nearly all cells of the records are missing.", r.width),
				"Look for the right heading and delimiter, or delete the columns that hold nothing.")
		}
	}
	r.shape(&row, s.next-at)
	b.add(row)
	return nil
}

// maxAbsent is how many cells may be missing in a table wider than 1,000 columns that
// holds next to nothing else: a megabyte of short records would become gigabytes.
const maxAbsent = 64 << 20

// isComment: the record at buf[at:] begins as comments do.
func (r *csvReader) isComment(at int) bool {
	return len(r.comment) > 0 && bytes.HasPrefix(r.buf[at:], r.comment)
}

func blankCells(cells []string) bool {
	for _, c := range cells {
		for i := 0; i < len(c); i++ {
			if c[i] != ' ' && c[i] != '\t' {
				return false
			}
		}
	}
	return true
}

// shape fits the cells to the headings.
func (r *csvReader) shape(row *Row, size int) {
	n := len(row.Cells)
	switch {
	case n < r.width:
		row.Missing = r.width - n
		row.Cells = slices.Grow(row.Cells, row.Missing)[:r.width]
		clear(row.Cells[n:]) // 16,384 for a byte, at worst
	case n > r.width && blankCells(row.Cells[r.width:]):
		row.Cells = row.Cells[:r.width]
	case n > MaxColumns:
		row.Cells = row.Cells[:MaxColumns]
		row.Problem = RowTooLong
	case n > r.width && row.Problem == "":
		row.Problem = TooManyCells
	}
	if size > MaxCell {
		for i, c := range row.Cells {
			if len(c) > MaxCell {
				row.Problem = CellTooLong
				row.Cells[i] = c[:MaxCell]
			}
		}
	}
}

// slow reads the record by dialect.split and decides what an unclosed or stray
// quote most likely means (rule 1.4).
func (r *csvReader) slow(cells []string, s *scanned, row *Row) ([]string, scanEnd) {
	*s = scanned{}
	r.esc, r.escBy = r.esc[:0], r.di
	p := &r.piece
	limit := MaxCell
	if r.wasted > 64<<20+4*(r.off) {
		limit = 16 << 10
	}
	if !r.di.split(p, r.buf, r.pos, r.eof, r.width, limit) {
		return cells, scanMore
	}
	if r.cutQuote(p) {
		r.wasted += int64(p.next - r.pos)
		end := p.breakAt
		// Read again as if the file ended with the line.
		stop := end
		if r.buf[stop-1] == '\n' {
			stop--
		}
		if stop > r.pos && r.buf[stop-1] == '\r' {
			stop--
		}
		r.di.split(p, r.buf[:stop:stop], r.pos, true, 0, limit)
		p.next, p.lines = end, 1
		p.unclosed = true
	}
	unclosed, closed := p.unclosed && !p.stray, false
	if r.width > 1 && (p.unclosed || len(p.spans) != r.width || p.stray && p.lines > 1 || r.wrapped(p) || r.width > 2 && !p.spans[1].quoted && r.spacedQuote(string(r.buf[p.spans[1].start:p.spans[1].end]))) {
		if !r.eof && len(r.buf)-r.pos < 2*mendReach {
			return cells, scanMore
		}
		stop, next := r.firstLine(p)
		m := mender{di: r.di, p: p, buf: r.buf, atEOF: r.eof, pos: r.pos, stop: stop, next: next, width: r.width, near: r.tried > mendBudget+8*r.off}
		row.Notice = m.mendLine()
		r.tried, r.wide = r.tried+int64(m.looked), m.wide
		closed = m.closed
		if row.Notice != "" {
			r.escBy = m.by
		}
	}
	switch {
	case unclosed && row.Notice == StrayQuote && !closed:
		// The cells may be right, but nobody knows where the quote should have ended.
		row.Notice, row.Problem = "", UnclosedQuote
	case row.Notice != "":
	case p.unclosed:
		row.Problem = UnclosedQuote
	case p.stray:
		row.Notice = StrayQuote
	}
	s.next, s.lines, s.quoted = p.next, p.lines, p.anyQuote
	if len(p.spans) > MaxColumns {
		return cells, scanWide
	}
	for _, sp := range p.spans {
		if sp.escaped {
			r.esc = append(r.esc, escapedCell{column: len(cells), start: sp.start, end: sp.end, plain: !sp.quoted})
		}
		cells = append(cells, unsafe.String(&r.buf[:r.padded()][sp.start], sp.end-sp.start))
	}
	return cells, scanRow
}

// isQuoted: a quote stands before the cell, which still points into buf.
func (r *csvReader) isQuoted(c string) bool {
	if len(c) == 0 || r.di.quote == 0 {
		return false
	}
	at := int(uintptr(unsafe.Pointer(unsafe.StringData(c))) - uintptr(unsafe.Pointer(unsafe.SliceData(r.buf))))
	return at > 0 && r.buf[at-1] == r.di.quote
}

// firstLine is where the first line of the record p ends, and where the next begins.
func (r *csvReader) firstLine(p *piece) (stop, next int) {
	next = p.next
	if p.lines > 1 && p.breakAt > 0 {
		next = p.breakAt
	}
	stop = next
	for stop > r.pos && (r.buf[stop-1] == '\n' || r.buf[stop-1] == '\r') {
		stop--
	}
	return stop, next
}

// wrapped is oddlyQuoted for what split cut.
func (r *csvReader) wrapped(p *piece) bool {
	if len(p.spans) < 3 || p.spans[0].quoted {
		return false
	}
	var cells []string
	for _, sp := range p.spans[:min(len(p.spans), r.width)] {
		cells = append(cells, string(r.buf[sp.start:sp.end]))
	}
	return oddlyQuoted(cells, r.di.quote)
}

// spacedQuote: the cell begins with a blank and a quote, as in a row parted by ", ".
func (r *csvReader) spacedQuote(c string) bool {
	return len(c) > 2 && c[0] == ' ' && c[1] == r.di.quote && c[len(c)-1] == r.di.quote
}

// cutQuote tells whether the record should end at the first line end inside its
// odd quoted cell: if the cell is never closed; or if it reads badly as it is and
// the next line is a whole record by itself.
func (r *csvReader) cutQuote(p *piece) bool {
	if p.breakAt == 0 {
		return false
	}
	if p.unclosed {
		return true
	}
	if !p.stray && (len(p.spans) == r.width || r.width == 0) {
		return false
	}
	var next piece
	ok := r.di.split(&next, r.buf, p.breakAt, true, r.width, strayReach)
	if ok && len(next.spans) == r.width && !next.unclosed && !next.stray {
		return true
	}
	return p.stray && (len(p.spans) != r.width || r.width > 2 && r.di.swallows(r.buf, p.breakAt, p.next, r.width))
}

// tooLong passes over a record beyond MaxRecord or MaxColumns in bounded memory, up to
// the first line end behind what s has read of it: else that would be read again and again.
func (r *csvReader) tooLong(ctx context.Context, b *Batch, s *scanned) error {
	row := Row{Record: r.record, Line: r.line, Problem: RowTooLong}
	row.Offset, _ = r.place(r.pos, r.pos)
	head := r.buf[r.pos:min(r.pos+4<<10, len(r.buf))]
	r.di.split(&r.piece, head, 0, true, r.width, len(head))
	row.Cells = b.room(r.width)
	for _, sp := range r.piece.spans[:min(len(r.piece.spans), r.width)] {
		row.Cells = append(row.Cells, string(bytes.ToValidUTF8(head[sp.start:sp.end], []byte("\uFFFD"))))
	}
	r.pos = max(r.pos, s.next)
	for {
		if i := bytes.IndexAny(r.buf[r.pos:], "\n"); i >= 0 {
			r.pos += i + 1
			break
		}
		if r.eof {
			r.pos = len(r.buf)
			break
		}
		r.pos = len(r.buf)
		if err := r.fill(ctx); err != nil {
			return err
		}
	}
	end, _ := r.place(r.pos, r.pos)
	row.Length = end - row.Offset
	r.record++
	r.line += 1 + int64(s.lines)
	r.shape(&row, 0)
	b.add(row)
	return nil
}
