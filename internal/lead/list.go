package lead

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Element is one entry of a list field. ID is stable for the lead's life and
// 0 for an element that no lead holds yet; Values are canonical text in the
// field's Parts order.
type Element struct {
	ID     int64
	Values []string
}

// Empty reports whether no part has a value.
func (e Element) Empty() bool {
	for _, v := range e.Values {
		if v != "" {
			return false
		}
	}
	return true
}

func (e Element) clone() Element {
	e.Values = append([]string(nil), e.Values...)
	return e
}

// EncodeList writes elements as the canonical text of a list field: a JSON
// array of objects with the element's id and its non-empty parts in order
// (RFC 8259); "" for no elements. Equal lists give equal text.
func EncodeList(parts []Part, list []Element) string {
	return string(AppendList(make([]byte, 0, 48*len(list)), parts, list))
}

// AppendList appends what EncodeList returns.
func AppendList(b []byte, parts []Part, list []Element) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(b, '[')
	for i, e := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		comma := false
		if e.ID != 0 {
			b = append(b, `"id":`...)
			b = strconv.AppendInt(b, e.ID, 10)
			comma = true
		}
		for p, v := range e.Values {
			if v == "" {
				continue
			}
			if comma {
				b = append(b, ',')
			}
			comma = true
			b = append(b, '"')
			b = append(b, parts[p].Key...)
			b = append(b, '"', ':')
			b = appendJSON(b, v)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// DecodeList reads what EncodeList wrote. Text that EncodeList cannot have
// written gives the elements read so far.
func DecodeList(parts []Part, text string) []Element {
	var room ListRoom
	return room.Decode(parts, text)
}

// ListRoom is memory for the elements of one list after the other.
type ListRoom struct {
	list   []Element
	values []string
}

// Decode is DecodeList; the elements stand until it is called again.
func (room *ListRoom) Decode(parts []Part, text string) []Element {
	d := listDecoder{s: text}
	if !d.take('[') {
		return nil
	}
	most := strings.Count(text, "{")
	if most > cap(room.list) || most*len(parts) > len(room.values) {
		room.list, room.values = make([]Element, 0, most), make([]string, most*len(parts))
	}
	list, values := room.list[:0], room.values
	clear(values[:most*len(parts)])
	for d.take('{') {
		e := Element{Values: values[:len(parts):len(parts)]}
		values = values[len(parts):]
		for !d.take('}') {
			key, ok := d.text()
			if !ok || !d.take(':') {
				return list
			}
			if key == "id" && d.digit() {
				e.ID = d.number()
			} else {
				v, ok := d.text()
				if !ok {
					return list
				}
				for p := range parts {
					if parts[p].Key == key {
						e.Values[p] = v
						break
					}
				}
			}
			d.take(',')
		}
		list = append(list, e)
		d.take(',')
	}
	return list
}

const hex = "0123456789abcdef"

func appendJSON(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		start = i + 1
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

type listDecoder struct {
	s string
	i int
}

func (d *listDecoder) take(c byte) bool {
	if d.i < len(d.s) && d.s[d.i] == c {
		d.i++
		return true
	}
	return false
}

func (d *listDecoder) digit() bool {
	return d.i < len(d.s) && d.s[d.i] >= '0' && d.s[d.i] <= '9'
}

func (d *listDecoder) number() int64 {
	start := d.i
	for d.digit() {
		d.i++
	}
	n, _ := strconv.ParseInt(d.s[start:d.i], 10, 64)
	return n
}

func (d *listDecoder) text() (string, bool) {
	if !d.take('"') {
		return "", false
	}
	end := d.i
	for end < len(d.s) && d.s[end] != '"' && d.s[end] != '\\' {
		end++
	}
	if end == len(d.s) {
		return "", false
	}
	if d.s[end] == '"' {
		v := d.s[d.i:end]
		d.i = end + 1
		return v, true
	}
	var b []byte
	for d.i < len(d.s) {
		c := d.s[d.i]
		d.i++
		switch {
		case c == '"':
			return string(b), true
		case c != '\\':
			b = append(b, c)
		case d.i >= len(d.s):
			return "", false
		default:
			e := d.s[d.i]
			d.i++
			switch e {
			case 'n':
				b = append(b, '\n')
			case 'u':
				if d.i+4 > len(d.s) {
					return "", false
				}
				r, err := strconv.ParseUint(d.s[d.i:d.i+4], 16, 32)
				if err != nil {
					return "", false
				}
				d.i += 4
				b = utf8.AppendRune(b, rune(r))
			default:
				b = append(b, e)
			}
		}
	}
	return "", false
}
