package table

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// newTextDecoder returns the decoder of an encoding, nil for UTF-8.
func newTextDecoder(name string) (textDecoder, error) {
	e, canonical, err := lookupEncoding(name)
	if err != nil || e == nil {
		return nil, err
	}
	if own := ownDecoder(canonical); own != nil {
		return own, nil
	}
	switch canonical {
	case "utf-16le":
		return wideDecoder{binary.LittleEndian, 2}, nil
	case "utf-16be":
		return wideDecoder{binary.BigEndian, 2}, nil
	case "utf-32le":
		return wideDecoder{binary.LittleEndian, 4}, nil
	case "utf-32be":
		return wideDecoder{binary.BigEndian, 4}, nil
	}
	if c, ok := e.(*charmap.Charmap); ok {
		return newByteDecoder(c), nil
	}
	switch canonical {
	case "shift_jis", "euc-jp", "euc-kr", "gb18030", "gbk", "big5":
		return &pairDecoder{pairTableOf(canonical, e), lineDecoder{e.NewDecoder()}}, nil
	}
	return &lineDecoder{e.NewDecoder()}, nil
}

// byteDecoder decodes one byte to one character.
type byteDecoder struct {
	text [256][4]byte // UTF-8, its length in the last byte; 0 = no character
}

func newByteDecoder(c *charmap.Charmap) *byteDecoder {
	d := new(byteDecoder)
	for b := range 256 {
		d.set(byte(b), c.DecodeByte(byte(b)))
	}
	return d
}

// set gives b a character of the BMP, beyond which no such encoding goes.
func (d *byteDecoder) set(b byte, r rune) {
	if r != utf8.RuneError {
		d.text[b][3] = byte(utf8.EncodeRune(d.text[b][:3], r))
	}
}

func (d *byteDecoder) decode(dst, src []byte, off int64, atEOF bool, marks *[]mark, bads *[]badBytes) ([]byte, int) {
	for i, c := range src {
		t := &d.text[c]
		switch t[3] {
		case 1:
			dst = append(dst, t[0])
			if t[0] == '\n' || t[0] == '\r' {
				*marks = append(*marks, mark{len(dst), off + int64(i) + 1})
			}
		case 2:
			dst = append(dst, t[0], t[1])
		case 3:
			dst = append(dst, t[0], t[1], t[2])
		default:
			*bads = append(*bads, badBytes{len(dst), off + int64(i), []byte{c}})
			dst = append(dst, "\uFFFD"...)
		}
	}
	return dst, len(src)
}

// wideDecoder decodes UTF-16 and UTF-32 (RFC 2781, Unicode 3.10).
type wideDecoder struct {
	order binary.ByteOrder
	width int
}

func (d wideDecoder) decode(dst, src []byte, off int64, atEOF bool, marks *[]mark, bads *[]badBytes) ([]byte, int) {
	i := 0
	bad := func(n int) {
		*bads = append(*bads, badBytes{len(dst), off + int64(i), bytes.Clone(src[i : i+n])})
		dst = append(dst, "\uFFFD"...)
		i += n
	}
	for i+d.width <= len(src) {
		var c rune
		n := d.width
		if d.width == 4 {
			v := d.order.Uint32(src[i:])
			if v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
				bad(4)
				continue
			}
			c = rune(v)
		} else {
			c = rune(d.order.Uint16(src[i:]))
			if utf16.IsSurrogate(c) {
				if i+4 > len(src) {
					if !atEOF {
						return dst, i
					}
					bad(2)
					continue
				}
				c = utf16.DecodeRune(c, rune(d.order.Uint16(src[i+2:])))
				if c == utf8.RuneError {
					bad(2)
					continue
				}
				n = 4
			}
		}
		dst = utf8.AppendRune(dst, c)
		i += n
		if c == '\n' || c == '\r' {
			*marks = append(*marks, mark{len(dst), off + int64(i)})
		}
	}
	if atEOF && i < len(src) {
		bad(len(src) - i)
	}
	return dst, i
}

// lineDecoder decodes the multi-byte encodings of East Asia. In none of them can
// LF or CR be part of a character, and each line begins in the initial state.
type lineDecoder struct{ dec *encoding.Decoder }

func (d *lineDecoder) decode(dst, src []byte, off int64, atEOF bool, marks *[]mark, bads *[]badBytes) ([]byte, int) {
	i := 0
	for i < len(src) {
		n := bytes.IndexAny(src[i:], "\r\n")
		if n < 0 {
			if !atEOF {
				return dst, i // its state is known at its beginning alone
			}
			n = len(src) - i
		}
		dst = d.line(dst, src[i:i+n], off+int64(i), bads)
		i += n
		if i < len(src) {
			dst = append(dst, src[i])
			i++
			*marks = append(*marks, mark{len(dst), off + int64(i)})
		}
	}
	return dst, i
}

// line decodes a whole line.
func (d *lineDecoder) line(dst, src []byte, off int64, bads *[]badBytes) []byte {
	if isASCII(src) && bytes.IndexByte(src, 0x1b) < 0 && !bytes.Contains(src, []byte("~{")) {
		return append(dst, src...)
	}
	d.dec.Reset()
	if out, err := d.dec.Bytes(src); err == nil && !bytes.ContainsRune(out, utf8.RuneError) {
		return append(dst, out...)
	}
	// Character by character, to know where the bad ones are.
	d.dec.Reset()
	for i := 0; i < len(src); {
		var used int
		dst, used = d.char(dst, src[i:], off+int64(i), true, false, bads)
		i += used
	}
	return dst
}

// char decodes one character, or notes that its first byte is bad. It returns 0
// if more bytes are needed: src ends too early, is not whole, and nothing follows.
func (d *lineDecoder) char(dst, src []byte, off int64, whole, follows bool, bads *[]badBytes) ([]byte, int) {
	var out [64]byte
	for n := 1; n <= 8 && n <= len(src); n++ {
		w, k, _ := d.dec.Transform(out[:], src[:n], whole && n == len(src))
		if k == 0 {
			continue
		}
		if bytes.ContainsRune(out[:w], utf8.RuneError) {
			*bads = append(*bads, badBytes{len(dst), off, bytes.Clone(src[:k])})
		}
		return append(dst, out[:w]...), k
	}
	if !whole && !follows {
		return dst, 0
	}
	*bads = append(*bads, badBytes{len(dst), off, bytes.Clone(src[:1])})
	return append(dst, "\uFFFD"...), 1
}

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&highs != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
