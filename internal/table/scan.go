package table

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// The quick splitter: eight bytes at a time (SWAR), for dialects of a one-byte
// delimiter and doubled quotes. It leaves whatever is odd to dialect.split.

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
	// padding is how many zero bytes must follow a buffer's end.
	padding = 16
)

type scanEnd int

const (
	scanRow  scanEnd = iota // a whole record
	scanMore                // it goes on beyond the buffer
	scanOdd                 // split has to look at it
	scanWide                // too many cells
)

// scanned is what is known about a record besides its cells.
type scanned struct {
	next   int  // where the next record begins
	lines  int  // line ends inside and after it
	quoted bool // any quote opened a cell
}

// escapedCell is a cell in which quotes have to be undoubled or escapes taken out.
type escapedCell struct {
	column, start, end int
	plain              bool // not quoted
}

// scan appends the cells of the record at r.pos to cells. Bits that a borrow sets
// falsely in a mask are harmless: every hit is looked at as a byte.
func (r *csvReader) scan(cells []string, s *scanned) ([]string, scanEnd) {
	n := len(r.buf)
	buf := r.buf[: n+padding : n+padding]
	delim := r.di.delim[0]
	dmask := ones * uint64(delim)
	quote := uint16(r.di.quote)
	if quote == 0 {
		quote = 256 // no byte
	}
	qmask := ones * uint64(r.di.quote)
	start := r.pos
	i := start
	var j int
	r.esc = r.esc[:0]
	*s = scanned{}

cell:
	for {
		if uint16(buf[start]) != quote {
			i = start
			for {
				w := binary.LittleEndian.Uint64(buf[i:])
				x := w ^ dmask
				m := ((x - ones) & ^x & highs) | ((w - ones*0x0e) & ^w & highs)
				for m != 0 {
					j = i + bits.TrailingZeros64(m)>>3
					c := buf[j]
					if c == delim {
						if len(cells) > MaxColumns {
							s.next = start
							return cells, scanWide
						}
						cells = append(cells, unsafe.String(&buf[start], j-start))
						start = j + 1
						if uint16(buf[start]) == quote {
							continue cell
						}
						m &= m - 1
						continue
					}
					if c == '\n' {
						cells = append(cells, unsafe.String(&buf[start], j-start))
						s.next = j + 1
						s.lines++
						return cells, scanRow
					}
					if j >= n {
						if !r.eof {
							return cells, scanMore
						}
						cells = append(cells, unsafe.String(&buf[start], n-start))
						s.next = n
						return cells, scanRow
					}
					if c == '\r' {
						switch {
						case buf[j+1] == '\n':
							s.next = j + 2
						case j+2 >= n && !r.eof:
							return cells, scanMore
						case buf[j+1] == '\r' && buf[j+2] == '\n' && j+2 < n:
							s.next = j + 3
						case j+1 == n || r.di.crEnds || len(cells)+1 == r.width || j == r.pos:
							s.next = j + 1
						default: // text
							m &= m - 1
							continue
						}
						cells = append(cells, unsafe.String(&buf[start], j-start))
						s.lines++
						return cells, scanRow
					}
					m &= m - 1
				}
				i += 8
			}
		}
		s.quoted = true
		start++
		i = start
		if len(cells) > MaxColumns {
			s.next = start
			return cells, scanWide
		}
		escaped := false
	inside:
		for {
			w := binary.LittleEndian.Uint64(buf[i:])
			x := w ^ qmask
			m := ((x - ones) & ^x & highs) | ((w - ones*0x0e) & ^w & highs)
			for m != 0 {
				j = i + bits.TrailingZeros64(m)>>3
				c := buf[j]
				if uint16(c) == quote {
					if buf[j+1] == byte(quote) {
						escaped = true
						i = j + 2
						continue inside
					}
					break inside
				}
				if c == '\n' || (c == '\r' && buf[j+1] != '\n') {
					s.lines++
				}
				if j >= n {
					if !r.eof {
						return cells, scanMore
					}
					return cells, scanOdd
				}
				m &= m - 1
			}
			i += 8
		}
		if escaped {
			r.esc = append(r.esc, escapedCell{column: len(cells), start: start, end: j})
		}
		cells = append(cells, unsafe.String(&buf[start], j-start))
		switch c := buf[j+1]; {
		case c == delim:
			start = j + 2
			continue cell
		case c == '\n':
			s.next = j + 2
			s.lines++
			return cells, scanRow
		case j+1 >= n:
			if !r.eof {
				return cells, scanMore
			}
			s.next = n
			return cells, scanRow
		case c == '\r' && buf[j+2] == '\n':
			s.next = j + 3
			s.lines++
			return cells, scanRow
		case c == '\r' && (j+2 < n || r.eof):
			s.next = j + 2
			s.lines++
			return cells, scanRow
		case c == '\r':
			return cells, scanMore
		default:
			return cells, scanOdd
		}
	}
}
