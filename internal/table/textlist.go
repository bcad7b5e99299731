package table

import "unsafe"

// textList keeps many texts in pieces that are neither moved nor, as they hold no
// pointers, looked through by the collector.
type textList struct {
	count  int
	pieces [][]byte
	places [][]uint64 // of placesAtOnce texts each: piece, offset and length
}

const (
	pieceSize    = chunkSize // more than any text of a cell
	offsetBits   = 18
	lengthBits   = 18
	placesAtOnce = 4096
)

// add keeps a copy of b, which is shorter than pieceSize.
func (l *textList) add(b []byte) {
	last := len(l.pieces) - 1
	if last < 0 || len(l.pieces[last])+len(b) > pieceSize {
		l.pieces = append(l.pieces, make([]byte, 0, pieceSize))
		last++
	}
	from := len(l.pieces[last])
	l.pieces[last] = append(l.pieces[last], b...)
	if l.count%placesAtOnce == 0 {
		l.places = append(l.places, make([]uint64, 0, placesAtOnce))
	}
	p := &l.places[len(l.places)-1]
	*p = append(*p, uint64(last)<<(offsetBits+lengthBits)|uint64(from)<<lengthBits|uint64(len(b)))
	l.count++
}

// get is text i, which lies in its piece.
func (l *textList) get(i int) string {
	place := l.places[i/placesAtOnce][i%placesAtOnce]
	n := int(place & (1<<lengthBits - 1))
	if n == 0 { // perhaps at the very end of a piece
		return ""
	}
	return unsafe.String(&l.pieces[place>>(offsetBits+lengthBits)][place>>lengthBits&(1<<offsetBits-1)], n)
}

// memory is about what they take.
func (l *textList) memory() int { return len(l.pieces)*pieceSize + len(l.places)*placesAtOnce*8 }
