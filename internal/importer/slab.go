package importer

import "unsafe"

// slab gives out texts and keys from shared blocks, so that one allocation
// holds those of many records. What is kept of it keeps its whole block, as a
// cell keeps its chunk of the file. It is one goroutine's.
type slab struct {
	block []byte
	keys  []Key
}

const (
	slabBytes = 32 << 10
	slabKeys  = 512
)

// text is b as a string.
func (s *slab) text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if cap(s.block)-len(s.block) < len(b) {
		s.block = make([]byte, 0, max(slabBytes, len(b)))
	}
	at := len(s.block)
	s.block = append(s.block, b...)
	return unsafe.String(&s.block[at], len(b))
}

// set is a copy of keys.
func (s *slab) set(keys keySet) keySet {
	if cap(s.keys)-len(s.keys) < len(keys) {
		s.keys = make([]Key, 0, max(slabKeys, len(keys)))
	}
	at := len(s.keys)
	s.keys = append(s.keys, keys...)
	return s.keys[at:len(s.keys):len(s.keys)]
}
