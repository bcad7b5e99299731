package table

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"sort"
)

// A rows file holds the rows of a table as they were read, so that any record of
// a workbook or packed file is one seek away and nothing is unpacked twice:
//
//	block …   length and CRC-32C of what follows; its first record, how many, the rows
//	index     the first record of each block and where it lies
//	footer    magic, key, place and length of the index, blank lines, CRC of both
//
// Numbers are varints, those of index and footer little endian.

const (
	rowsMagic      = "LEADROWS"
	rowsFooter     = 8 + sha256.Size + 8 + 4 + 8 + 4
	rowsBlock      = 16 << 10 // bytes of rows from which a block is ended: a seek reads one
	rowsBlockHead  = 8
	rowsIndexEntry = 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrOtherRows: the file holds no rows, or not those that are looked for.
var ErrOtherRows = errors.New("not the rows of this table")

var errRowsLimit = errors.New("the rows take more room than is allowed")

// rowNotes are the problems and notices by their number in a rows file.
var rowNotes = []string{"", TooManyCells, UnclosedQuote, RowTooLong, CellTooLong, Undecodable, BadRecord, StrayQuote, OtherDialect, FormulaBlank}

// Packed: a record cannot be reached without reading all before it.
func (d *Detection) Packed() bool { return d.Container != "" || d.Format == "xlsx" }

// RowsKey names the rows that d reads: other settings, another key. version is
// raised whenever the same settings may read otherwise.
func (d *Detection) RowsKey(version int) ([]byte, error) {
	plain := *d
	plain.Ledger, plain.Skipped, plain.Sheets = nil, nil, nil
	text, err := json.Marshal(struct {
		Version   int
		Detection *Detection
	}{version, &plain})
	sum := sha256.Sum256(text)
	return sum[:], err
}

// RowsWriter writes a rows file.
type RowsWriter struct {
	w       io.Writer
	limit   int64
	block   []byte
	head    []byte
	first   int64 // record of the block, 0 = it is empty
	count   int64
	index   []byte
	written int64
	err     error
}

// NewRowsWriter begins a rows file of at most limit bytes.
func NewRowsWriter(w io.Writer, limit int64) *RowsWriter { return &RowsWriter{w: w, limit: limit} }

// Add adds the rows of a batch. Close tells what went wrong.
func (w *RowsWriter) Add(b *Batch) {
	for i := range b.Rows {
		if w.err != nil {
			return
		}
		row := &b.Rows[i]
		if w.count == 0 {
			w.first = row.Record
		}
		w.count++
		w.block = w.appendRow(w.block, row)
		if len(w.block) >= rowsBlock {
			w.flush()
		}
	}
}

func (w *RowsWriter) flush() {
	if w.count == 0 || w.err != nil {
		return
	}
	w.head = append(w.head[:0], make([]byte, rowsBlockHead)...)
	w.head = binary.AppendUvarint(binary.AppendUvarint(w.head, uint64(w.first)), uint64(w.count))
	binary.LittleEndian.PutUint32(w.head, uint32(len(w.head)-rowsBlockHead+len(w.block)))
	binary.LittleEndian.PutUint32(w.head[4:], crc32.Update(crc32.Checksum(w.head[rowsBlockHead:], castagnoli), castagnoli, w.block))
	w.index = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(w.index, uint64(w.first)), uint64(w.written))
	w.put(w.head)
	w.put(w.block)
	w.block, w.count = w.block[:0], 0
}

func (w *RowsWriter) put(b []byte) {
	if w.written += int64(len(b)); w.err == nil && w.written > w.limit {
		w.err = errRowsLimit
	}
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
}

// Close ends the file under a key of Detection.RowsKey; blank is how many blank
// lines the table has.
func (w *RowsWriter) Close(key []byte, blank int64) error {
	w.flush()
	le, at := binary.LittleEndian, w.written
	footer := append(append(append([]byte{}, w.index...), rowsMagic...), key...)
	footer = le.AppendUint32(le.AppendUint64(footer, uint64(at)), uint32(len(w.index)))
	footer = le.AppendUint64(footer, uint64(blank))
	footer = le.AppendUint32(footer, crc32.Checksum(footer, castagnoli))
	w.put(footer)
	return w.err
}

func (w *RowsWriter) appendRow(b []byte, row *Row) []byte {
	number := func(n int64) { b = binary.AppendUvarint(b, uint64(n)) }
	note := func(s string) {
		n := slices.Index(rowNotes, s)
		if n < 0 {
			w.err = fmt.Errorf("record %d has the unknown note %q", row.Record, s)
		}
		b = append(b, byte(n))
	}
	number(row.Line)
	number(row.Offset)
	number(row.Length)
	note(row.Problem)
	note(row.Notice)
	number(int64(row.Missing))
	number(int64(len(row.Bad)))
	for _, bad := range row.Bad {
		number(int64(bad.Column))
		number(bad.Offset)
		number(bad.Line)
		number(int64(len(bad.Bytes)))
		b = append(b, bad.Bytes...)
	}
	number(int64(len(row.Cells)))
	for _, c := range row.Cells {
		number(int64(len(c)))
	}
	for _, c := range row.Cells {
		b = append(b, c...)
	}
	return b
}

// rowsReader reads a rows file block by block.
type rowsReader struct {
	src     io.ReaderAt
	damaged func()
	index   []byte
	end     int64 // of the blocks
	blanks  int64
	block   int    // the next one to read
	buf     []byte // the block at hand
	rest    []byte // what is left of it
	left    int64  // rows in rest
	record  int64  // of the first of them
	texts   arena
}

// OpenRows opens a rows file of size bytes. It fails with ErrOtherRows unless it
// was written under that key. damaged is called when a block is not as it was
// written, which is then the reader's error.
func OpenRows(src io.ReaderAt, size int64, key []byte, damaged func()) (*Reader, error) {
	footer := make([]byte, rowsFooter)
	if size < rowsFooter {
		return nil, ErrOtherRows
	}
	if _, err := readSome(src, footer, size-rowsFooter); err != nil {
		return nil, err
	}
	if string(footer[:8]) != rowsMagic || !bytes.Equal(footer[8:8+sha256.Size], key) {
		return nil, ErrOtherRows
	}
	le, f := binary.LittleEndian, footer[8+sha256.Size:]
	r := &rowsReader{src: src, damaged: damaged, end: int64(le.Uint64(f)), blanks: int64(le.Uint64(f[12:]))}
	n := int64(le.Uint32(f[8:]))
	if r.end < 0 || r.end+n+rowsFooter != size {
		return nil, r.broken()
	}
	r.index = make([]byte, n)
	if _, err := readSome(src, r.index, r.end); err != nil {
		return nil, err
	}
	if crc32.Update(crc32.Checksum(r.index, castagnoli), castagnoli, footer[:rowsFooter-4]) != le.Uint32(f[20:]) {
		return nil, r.broken()
	}
	return &Reader{rows: r}, nil
}

func (r *rowsReader) broken() error {
	r.damaged()
	return errors.New("the rows kept of this file are damaged on the disk; try again, and they are read anew")
}

func (r *rowsReader) blank() int64                 { return r.blanks }
func (r *rowsReader) raw(row *Row) ([]byte, error) { return nil, nil }

func (r *rowsReader) next(ctx context.Context, b *Batch) error {
	for len(b.Rows) < b.Max {
		if r.left == 0 {
			if r.block*rowsIndexEntry >= len(r.index) {
				break
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := r.read(r.block); err != nil {
				return err
			}
		}
		row, err := r.row(b)
		if err != nil {
			return err
		}
		b.add(row)
	}
	if len(b.Rows) == 0 {
		return io.EOF
	}
	return nil
}

// first is the first record of a block, at its place in the file.
func (r *rowsReader) first(block int) (record, at int64) {
	e := r.index[block*rowsIndexEntry:]
	return int64(binary.LittleEndian.Uint64(e)), int64(binary.LittleEndian.Uint64(e[8:]))
}

// read reads a block.
func (r *rowsReader) read(block int) error {
	record, at := r.first(block)
	to := r.end
	if (block+1)*rowsIndexEntry < len(r.index) {
		_, to = r.first(block + 1)
	}
	if at < 0 || to-at < rowsBlockHead || to > r.end {
		return r.broken()
	}
	if cap(r.buf) < int(to-at) {
		r.buf = make([]byte, to-at)
	}
	buf := r.buf[:to-at]
	r.left = 0
	if _, err := readSome(r.src, buf, at); err != nil {
		return err
	}
	rest := buf[rowsBlockHead:]
	if int(binary.LittleEndian.Uint32(buf)) != len(rest) || binary.LittleEndian.Uint32(buf[4:]) != crc32.Checksum(rest, castagnoli) {
		return r.broken()
	}
	d := rowDecoder{b: rest}
	first, count := d.number(), d.number()
	if d.failed || first != record {
		return r.broken()
	}
	r.block, r.rest, r.left, r.record = block+1, d.b, count, record
	return nil
}

func (r *rowsReader) row(b *Batch) (Row, error) {
	d := rowDecoder{b: r.rest}
	row := Row{Record: r.record, Line: d.number(), Offset: d.number(), Length: d.number(), Problem: d.note(), Notice: d.note(), Missing: int(d.number())}
	for range d.number() {
		if d.failed {
			break
		}
		row.Bad = append(row.Bad, BadCell{Column: int(d.number()), Offset: d.number(), Line: d.number(), Bytes: bytes.Clone(d.bytes(d.number()))})
	}
	n := d.number()
	if d.failed || n > int64(len(d.b)) {
		return row, r.broken()
	}
	cells, lengths, all := b.room(int(n)), d, int64(0)
	for range n {
		all += d.number()
	}
	// The texts outlive the block, in one piece per row.
	text := r.texts.keep(d.bytes(all))
	for range n {
		k := lengths.number()
		if d.failed || k > int64(len(text)) {
			return row, r.broken()
		}
		cells = append(cells, text[:k])
		text = text[k:]
	}
	row.Cells, r.rest = cells, d.b
	r.left--
	r.record++
	return row, nil
}

// rowDecoder reads a row; it fails rather than read beyond its end.
type rowDecoder struct {
	b      []byte
	failed bool
}

func (d *rowDecoder) number() int64 {
	if len(d.b) > 0 && d.b[0] < 0x80 {
		n := int64(d.b[0])
		d.b = d.b[1:]
		return n
	}
	v, n := binary.Uvarint(d.b)
	if n <= 0 || v > 1<<62 {
		d.failed, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return int64(v)
}

func (d *rowDecoder) bytes(n int64) []byte {
	if n > int64(len(d.b)) {
		d.failed, d.b = true, nil
		return nil
	}
	b := d.b[:n:n]
	d.b = d.b[n:]
	return b
}

// skip passes over a row.
func (d *rowDecoder) skip() {
	for range 6 { // line to missing
		d.number()
	}
	for n := d.number(); n > 0 && !d.failed; n-- {
		for range 3 {
			d.number()
		}
		d.bytes(d.number())
	}
	all := int64(0)
	for n := d.number(); n > 0 && !d.failed; n-- {
		all += d.number()
	}
	d.bytes(all)
}

func (d *rowDecoder) note() string {
	n := d.number()
	if n >= int64(len(rowNotes)) {
		d.failed = true
		return ""
	}
	return rowNotes[n]
}

// seek goes by the record's number alone.
func (r *rowsReader) seek(pos Position) error {
	blocks := len(r.index) / rowsIndexEntry
	block := sort.Search(blocks, func(i int) bool { first, _ := r.first(i); return first > pos.Record }) - 1
	if block < 0 || pos.Record < 1 {
		return fmt.Errorf("there is no record %d", pos.Record)
	}
	if r.block != block+1 || r.record > pos.Record {
		if err := r.read(block); err != nil {
			return err
		}
	}
	for r.record < pos.Record && r.left > 0 {
		d := rowDecoder{b: r.rest}
		d.skip()
		if d.failed {
			return r.broken()
		}
		r.rest = d.b
		r.record++
		r.left--
	}
	return nil
}
