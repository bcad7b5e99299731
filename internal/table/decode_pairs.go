package table

import (
	"encoding/binary"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

// pairDecoder decodes the stateless encodings of East Asia, whose characters are
// nearly all of one or two bytes, by a table; the rest goes to rare, or is bad if
// that has no decoder.
type pairDecoder struct {
	*pairTable
	rare lineDecoder
}

// pairTable holds characters of the BMP, 0 where there is none.
type pairTable struct {
	one [256]uint16
	two [128 << 8]uint16 // by first byte from 0x80 on and second byte
}

var (
	pairTables   = map[string]*pairTable{}
	pairTablesMu sync.Mutex
)

// pairTableOf makes the table of an encoding on first use, in a few milliseconds.
func pairTableOf(name string, e encoding.Encoding) *pairTable {
	pairTablesMu.Lock()
	defer pairTablesMu.Unlock()
	t := pairTables[name]
	if t != nil {
		return t
	}
	t = new(pairTable)
	dec := e.NewDecoder()
	var out [16]byte
	lookup := func(src ...byte) uint16 {
		dec.Reset()
		n, used, err := dec.Transform(out[:], src, true)
		r, size := utf8.DecodeRune(out[:n])
		if err != nil || used != len(src) || size != n || r == utf8.RuneError || r > 0xffff {
			return 0
		}
		return uint16(r)
	}
	for a := range 256 {
		t.one[a] = lookup(byte(a))
		if a < 0x80 || t.one[a] != 0 {
			continue
		}
		for b := 0x30; b < 0x100; b++ {
			t.two[(a-0x80)<<8|b] = lookup(byte(a), byte(b))
		}
	}
	pairTables[name] = t
	return t
}

func (d *pairDecoder) decode(dst, src []byte, off int64, atEOF bool, marks *[]mark, bads *[]badBytes) ([]byte, int) {
	for i := 0; i < len(src); {
		c := src[i]
		if c < 0x80 {
			// ASCII, eight bytes at a time where no line ends.
			for i+8 <= len(src) {
				w := binary.LittleEndian.Uint64(src[i:])
				if (w|(w-ones*0x0e)&^w)&highs != 0 {
					break
				}
				dst = binary.LittleEndian.AppendUint64(dst, w)
				i += 8
			}
			for i < len(src) && src[i] < 0x80 {
				c = src[i]
				dst = append(dst, c)
				i++
				if c == '\n' || c == '\r' {
					*marks = append(*marks, mark{len(dst), off + int64(i)})
					break
				}
			}
			continue
		}
		r, n := d.one[c], 1
		if r == 0 && i+1 < len(src) {
			r, n = d.two[int(c-0x80)<<8|int(src[i+1])], 2
		}
		if r == 0 && i+1 == len(src) && !atEOF {
			return dst, i // it may be the first of two
		}
		switch {
		case r >= 0x800:
			dst = append(dst, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
			i += n
		case r != 0:
			dst = utf8.AppendRune(dst, rune(r))
			i += n
		case d.rare.dec == nil:
			*bads = append(*bads, badBytes{len(dst), off + int64(i), []byte{c}})
			dst = append(dst, "\uFFFD"...)
			i++
		default:
			end := min(len(src), i+8)
			var used int
			dst, used = d.rare.char(dst, src[i:end], off+int64(i), atEOF && end == len(src), end < len(src), bads)
			if used == 0 {
				return dst, i
			}
			i += used
		}
	}
	return dst, len(src)
}
