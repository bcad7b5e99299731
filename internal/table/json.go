package table

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// jsonScanner cuts a text into its JSON values (RFC 8259): one per line (JSON
// Lines), or the elements of one array. A value that is no object, or no JSON,
// damages its record only; an array that is not closed is an error.
type jsonScanner struct {
	src      io.ReaderAt
	off, end int64 // next byte to read
	buf      []byte
	pos      int
	base     int64
	array    bool
	line     int64
	empty    int64 // blank lines
	fresh    bool  // no value yet in this line
	eof      bool
	opened   bool // the array's bracket was passed
	closed   bool
}

// jsonPiece is one value in the source.
type jsonPiece struct {
	text      []byte // valid until the next call
	off, line int64
}

func newJSONScanner(src io.ReaderAt, off, end int64, array bool) *jsonScanner {
	return &jsonScanner{src: src, off: off, end: end, base: off, array: array, line: 1, fresh: true}
}

func (s *jsonScanner) fill() error {
	rest := len(s.buf) - s.pos
	if rest > MaxRecord {
		return refuse("json", fmt.Sprintf("The record in line %d is longer than %d MB.", s.line, MaxRecord>>20), "Export the data as CSV.")
	}
	buf := make([]byte, rest+max(chunkSize, rest))
	copy(buf, s.buf[s.pos:])
	s.base += int64(s.pos)
	s.pos = 0
	n, err := readSome(s.src, buf[rest:min(int64(len(buf)), int64(rest)+s.end-s.off)], s.off)
	if err != nil {
		return err
	}
	s.off += int64(n)
	s.eof = n == 0 || s.off >= s.end
	s.buf = buf[:rest+n]
	return nil
}

// next returns the next value, or io.EOF.
func (s *jsonScanner) next() (jsonPiece, error) {
	for {
		// Before a value: blanks, and in an array its bracket or a comma.
		for s.pos < len(s.buf) {
			c := s.buf[s.pos]
			switch {
			case c == '\n':
				s.line++
				s.empty += int64(boolInt(s.fresh && !s.array))
				s.fresh = true
			case c == ' ' || c == '\t' || c == '\r':
			case s.array && c == '[' && !s.opened:
				s.opened = true
			case s.array && c == ',' && s.opened:
			case s.array && c == ']' && s.opened:
				s.closed = true
				return jsonPiece{}, io.EOF
			default:
				goto value
			}
			s.pos++
		}
		if s.eof {
			if s.array && !s.closed {
				return jsonPiece{}, fmt.Errorf("the JSON array is not closed: %w", io.ErrUnexpectedEOF)
			}
			return jsonPiece{}, io.EOF
		}
		if err := s.fill(); err != nil {
			return jsonPiece{}, err
		}
		continue
	value:
		s.opened = true
		n := s.valueEnd()
		if n < 0 {
			if !s.eof {
				if err := s.fill(); err != nil {
					return jsonPiece{}, err
				}
				continue
			}
			if s.array {
				return jsonPiece{}, fmt.Errorf("the JSON array ends inside a record: %w", io.ErrUnexpectedEOF)
			}
			n = len(s.buf) - s.pos
		}
		p := jsonPiece{text: s.buf[s.pos : s.pos+n], off: s.base + int64(s.pos), line: s.line}
		s.line += int64(bytes.Count(p.text, []byte("\n")))
		s.pos += n
		s.fresh = false
		return p, nil
	}
}

// valueEnd is the length of the value at pos, -1 if it goes on. In JSON Lines the
// line is the value.
func (s *jsonScanner) valueEnd() int {
	b := s.buf[s.pos:]
	if !s.array {
		return bytes.IndexByte(b, '\n')
	}
	depth, inString := 0, false
	for i := 0; i < len(b); i++ {
		c := b[i]
		if inString {
			switch c {
			case '\\':
				i++
			case '"':
				inString = false
			}
			continue
		}
		switch c {
		case '"':
			inString = true
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth < 0 {
				return i
			}
			if depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return max(i, 1)
			}
		}
	}
	return -1
}

// flatten calls f for each member in order. A nested object's members get a
// heading like "address.city"; a list of plain values becomes one text with
// "; " between; what is deeper stays JSON.
func flatten(text []byte, prefix string, f func(key, value string)) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	t, err := dec.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return errors.New("not an object")
	}
	for dec.More() {
		k, err := dec.Token()
		if err != nil {
			return err
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		key := prefix + k.(string)
		switch raw[0] {
		case '"':
			var v string
			if err := json.Unmarshal(raw, &v); err != nil {
				return err
			}
			f(key, v)
		case '{':
			if strings.Count(key, ".") < 4 && len(raw) > 2 {
				if err := flatten(raw, key+".", f); err != nil {
					return err
				}
			}
		case '[':
			f(key, joinList(raw))
		case 'n':
			f(key, "")
		default:
			f(key, string(raw))
		}
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("more after the object")
	}
	return nil
}

func joinList(raw []byte) string {
	var list []any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if dec.Decode(&list) != nil {
		return string(raw)
	}
	var out []string
	for _, v := range list {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case json.Number:
			out = append(out, v.String())
		case bool:
			out = append(out, fmt.Sprint(v))
		case nil:
		default:
			return string(raw)
		}
	}
	return strings.Join(out, "; ")
}

// detectJSON reads the whole file for its headings, in the order first seen.
func (d *Detection) detectJSON(ctx context.Context, src Source, array bool) error {
	d.Format, d.Encoding = "jsonl", "utf-8"
	if array {
		d.Format = "json"
	}
	d.note(Guess{Name: "format", Value: d.Format, Certainty: Proven, Evidence: "the file begins as JSON does"})
	bom := int64(0)
	head := make([]byte, min(3, src.Size()))
	if _, err := readSome(src, head, 0); err != nil {
		return err
	}
	if string(head) == "\ufeff" {
		bom = 3
	}
	s := newJSONScanner(src, bom, src.Size(), array)
	seen := map[string]bool{}
	d.FirstLine = 0
	for n := 0; ; n++ {
		if n&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		p, err := s.next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return damaged(src, err)
		}
		if d.FirstLine == 0 {
			d.FirstOffset, d.FirstLine = p.off, p.line
		}
		_ = flatten(p.text, "", func(key, _ string) { // a bad record says so when it is read
			if !seen[key] && len(d.Headings) <= MaxColumns {
				seen[key] = true
				d.Headings = append(d.Headings, key)
			}
		})
	}
	if len(d.Headings) == 0 {
		return refuse("empty", "The file has no records: it holds no JSON object.", "Export it again, one object per record.")
	}
	if len(d.Headings) > MaxColumns {
		return refuse("json", fmt.Sprintf("The records have more than %d different keys.", MaxColumns), exportData)
	}
	return nil
}

// jsonReader gives out the objects as rows in the detection's headings.
type jsonReader struct {
	src     Source
	det     *Detection
	scan    *jsonScanner
	columns map[string]int
	record  int64
	arena   arena
}

func newJSONReader(src Source, det *Detection) *jsonReader {
	r := &jsonReader{src: src, det: det, columns: map[string]int{}}
	for i, h := range det.Headings {
		r.columns[h] = i
	}
	r.scan = newJSONScanner(src, det.FirstOffset, src.Size(), det.Format == "json")
	r.scan.opened, r.scan.line, r.record = true, det.FirstLine, 1
	return r
}

func (r *jsonReader) blank() int64 { return r.scan.empty }

func (r *jsonReader) raw(row *Row) ([]byte, error) {
	b := make([]byte, row.Length)
	n, err := readSome(r.src, b, row.Offset)
	return b[:n], err
}

func (r *jsonReader) seek(pos Position) error {
	if pos.Offset < 0 || pos.Offset > r.src.Size() {
		return fmt.Errorf("outside of the file's %d bytes", r.src.Size())
	}
	r.scan = newJSONScanner(r.src, pos.Offset, r.src.Size(), r.det.Format == "json")
	r.scan.opened, r.scan.line, r.record = true, pos.Line, pos.Record
	return nil
}

func (r *jsonReader) next(ctx context.Context, b *Batch) error {
	width := len(r.det.Headings)
	for len(b.Rows) < b.Max && len(b.cells) < maxBatchCells {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := r.scan.next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return damaged(r.src, err)
		}
		row := Row{Record: r.record, Line: p.line, Offset: p.off, Length: int64(len(p.text))}
		r.record++
		row.Cells = b.room(width)[:width]
		clear(row.Cells)
		err = flatten(p.text, "", func(key, value string) {
			if i, ok := r.columns[key]; ok {
				if len(value) > MaxCell {
					row.Problem, value = CellTooLong, value[:MaxCell]
				}
				row.Cells[i] = r.arena.keep([]byte(value))
			}
		})
		if err != nil {
			row.Problem = BadRecord
			if width > 0 {
				row.Cells[0] = strings.ToValidUTF8(clip(string(p.text)), "\uFFFD")
			}
		}
		if !utf8.Valid(p.text) {
			row.Bad = append(row.Bad, BadCell{Offset: p.off, Line: p.line})
			row.Problem = BadRecord
		}
		b.add(row)
	}
	if len(b.Rows) == 0 {
		return io.EOF
	}
	return nil
}

// looksLikeJSON tells JSON Lines and JSON arrays from other text.
func looksLikeJSON(head []byte) (array, ok bool) {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if len(head) < 2 {
		return false, false
	}
	rest := bytes.TrimLeft(head[1:], " \t\r\n")
	switch head[0] {
	case '{':
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '}' {
			return false, false
		}
		line, _, more := bytes.Cut(head, []byte("\n"))
		return false, json.Valid(bytes.TrimSpace(line)) || !more && bytes.IndexByte(head, ':') > 0
	case '[':
		return true, len(rest) > 0 && (rest[0] == '{' || rest[0] == ']' && len(rest) < 3)
	}
	return false, false
}
