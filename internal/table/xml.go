package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// xmlScanner reads an XML part piece by piece in bounded memory. It knows as much
// of XML 1.0 as ECMA-376 parts use: no DTD, elements, attributes, text, CDATA,
// comments, the five entities and character references.
type xmlScanner struct {
	r     io.Reader
	buf   []byte
	pos   int
	off   int64 // of buf[0] in the part
	eof   bool
	limit int // bytes of one piece
}

var errXMLPiece = errors.New("a single element is too long")

func newXMLScanner(r io.Reader) *xmlScanner {
	return &xmlScanner{r: r, limit: MaxRecord, buf: make([]byte, 0, chunkSize)}
}

// more reads on; it keeps buf[pos:].
func (x *xmlScanner) more() error {
	if x.eof {
		return io.ErrUnexpectedEOF
	}
	rest := len(x.buf) - x.pos
	if rest > x.limit {
		return errXMLPiece
	}
	if x.pos > 0 {
		copy(x.buf[:cap(x.buf)], x.buf[x.pos:])
		x.off += int64(x.pos)
		x.pos = 0
	}
	if rest > cap(x.buf)/2 {
		buf := make([]byte, rest, 2*cap(x.buf))
		copy(buf, x.buf[:rest])
		x.buf = buf
	}
	n := 0
	for n == 0 {
		k, err := x.r.Read(x.buf[rest:cap(x.buf)])
		n = k
		if errors.Is(err, io.EOF) {
			x.eof = true
			break
		}
		if err != nil {
			return err
		}
	}
	x.buf = x.buf[:rest+n]
	return nil
}

// tag is a start tag, end tag, or text.
type tag struct {
	name  []byte // without prefix; nil for text
	attrs []byte
	end   bool // </name>
	empty bool // <name/>
	text  []byte
}

// next returns the next tag or text, valid until the next call.
func (x *xmlScanner) next() (tag, error) {
	for {
		if x.pos >= len(x.buf) {
			if x.eof {
				return tag{}, io.EOF
			}
			if err := x.more(); err != nil {
				return tag{}, err
			}
			continue
		}
		t, n, err := parseTag(x.buf[x.pos:])
		if err != nil {
			return tag{}, fmt.Errorf("at byte %d of the part: %w", x.off+int64(x.pos), err)
		}
		if n == 0 || (t.name == nil && x.pos+n == len(x.buf) && !x.eof) {
			if err := x.more(); err != nil {
				return tag{}, err
			}
			continue
		}
		x.pos += n
		if t.name == nil && t.text == nil {
			continue // a comment or the like
		}
		return t, nil
	}
}

// parseTag reads one tag or text at the start of b; n = 0 if more bytes are needed.
func parseTag(b []byte) (t tag, n int, err error) {
	if b[0] != '<' {
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			i = len(b)
		}
		t.text = b[:i]
		return t, i, nil
	}
	if len(b) < 2 {
		return t, 0, nil
	}
	if b[1] == '?' || b[1] == '!' {
		return parseMarkup(b)
	}
	i := bytes.IndexByte(b, '>')
	if i < 0 {
		return t, 0, nil
	}
	// A > in quotes does not end the tag; most tags plainly end after a quote or have none.
	if c := b[i-1]; (c != '"' || b[i-2] == '=') && bytes.IndexByte(b[:i], '=') >= 0 {
		for quotesOpen(b[:i]) {
			k := bytes.IndexByte(b[i+1:], '>')
			if k < 0 {
				return t, 0, nil
			}
			i += 1 + k
		}
	}
	in := b[1:i]
	n = i + 1
	if len(in) > 0 && in[0] == '/' {
		t.end = true
		in = in[1:]
	} else if len(in) > 0 && in[len(in)-1] == '/' {
		t.empty = true
		in = in[:len(in)-1]
	}
	k := 0
	for k < len(in) && in[k] > ' ' {
		if in[k] == '<' {
			return t, 0, errors.New("malformed XML: a tag inside a tag")
		}
		k++
	}
	if k == 0 {
		return t, 0, errors.New("malformed XML: a tag without a name")
	}
	t.name, t.attrs = in[:k], in[k:]
	if c := bytes.IndexByte(t.name, ':'); c >= 0 {
		t.name = t.name[c+1:]
	}
	return t, n, nil
}

func quotesOpen(b []byte) bool {
	if bytes.IndexByte(b, '"') < 0 && bytes.IndexByte(b, '\'') < 0 {
		return false
	}
	var q byte
	for _, c := range b {
		switch {
		case q == 0 && (c == '"' || c == '\''):
			q = c
		case c == q:
			q = 0
		}
	}
	return q != 0
}

func parseMarkup(b []byte) (t tag, n int, err error) {
	for _, m := range []struct{ open, close string }{{"<?", "?>"}, {"<!--", "-->"}, {"<![CDATA[", "]]>"}} {
		if len(b) < len(m.open) && bytes.HasPrefix([]byte(m.open), b) {
			return t, 0, nil
		}
		if !bytes.HasPrefix(b, []byte(m.open)) {
			continue
		}
		i := bytes.Index(b[len(m.open):], []byte(m.close))
		if i < 0 {
			return t, 0, nil
		}
		n = len(m.open) + i + len(m.close)
		if m.open == "<![CDATA[" {
			t.text = escapeXML(b[len(m.open) : len(m.open)+i])
		}
		return t, n, nil
	}
	return t, 0, errors.New("malformed XML: a document type or other declaration is not allowed")
}

func escapeXML(b []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(append([]byte{}, b...), []byte("&"), []byte("&amp;")), []byte("<"), []byte("&lt;"))
}

// attr returns the raw value of an attribute (its name with any prefix), nil if absent.
func (t *tag) attr(name string) []byte {
	a := t.attrs
	for {
		key, value, rest := nextAttr(a)
		if key == nil {
			return nil
		}
		if string(key) == name {
			return value
		}
		a = rest
	}
}

// nextAttr cuts the first attribute off; key is nil at the end.
func nextAttr(a []byte) (key, value, rest []byte) {
	for len(a) > 0 && a[0] <= ' ' {
		a = a[1:]
	}
	i := 0
	for i < len(a) && a[i] != '=' && a[i] > ' ' {
		i++
	}
	key = a[:i]
	for i < len(a) && (a[i] == '=' || a[i] <= ' ') {
		i++
	}
	if i >= len(a) || len(key) == 0 || a[i] != '"' && a[i] != '\'' {
		return nil, nil, nil
	}
	for k := i + 1; k < len(a); k++ {
		if a[k] == a[i] {
			return key, a[i+1 : k], a[k+1:]
		}
	}
	return nil, nil, nil
}

var errEntity = errors.New("malformed XML: an & that begins no known entity")

// appendText appends s with its entities resolved and line ends as XML wants them.
func appendText(dst, s []byte) ([]byte, error) {
	if bytes.IndexByte(s, '\r') >= 0 {
		s = bytes.ReplaceAll(bytes.ReplaceAll(s, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	for {
		i := bytes.IndexByte(s, '&')
		if i < 0 {
			return append(dst, s...), nil
		}
		dst = append(dst, s[:i]...)
		s = s[i+1:]
		end := bytes.IndexByte(s[:min(len(s), 12)], ';')
		if end < 0 {
			return dst, errEntity
		}
		switch name := string(s[:end]); name {
		case "lt":
			dst = append(dst, '<')
		case "gt":
			dst = append(dst, '>')
		case "amp":
			dst = append(dst, '&')
		case "quot":
			dst = append(dst, '"')
		case "apos":
			dst = append(dst, '\'')
		default:
			if name == "" || name[0] != '#' {
				return dst, errEntity
			}
			base, digits := 10, name[1:]
			if len(digits) > 0 && (digits[0] == 'x' || digits[0] == 'X') {
				base, digits = 16, digits[1:]
			}
			v, err := strconv.ParseUint(digits, base, 32)
			if err != nil {
				return dst, errEntity
			}
			dst = utf8.AppendRune(dst, rune(v))
		}
		s = s[end+1:]
	}
}
