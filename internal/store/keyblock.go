package store

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// storedKey is a key of a lead; with seq 0 it is gone.
type storedKey struct{ hash, lead, seq int64 }

// keyRun is many keys in blocks, each of which has the hashes with the same
// first bits, so that a hash says which block it is in.
type keyRun struct {
	id, mid   int64
	shift     int64
	low, high int64 // the hashes that are still, or already, this run's
	keys      int64
	merge     int64 // the run that takes its keys over, or 0
}

const runColumns = `id, mid, shift, low, high, keys, merge`

func (r *keyRun) dest() []any {
	return []any{&r.id, &r.mid, &r.shift, &r.low, &r.high, &r.keys, &r.merge}
}

// newRun is a run for a number of keys, in blocks of at most so many on average.
// Its id is still to be allotted (place).
func newRun(keys, perBlock int64) keyRun {
	b := max(1, bits.Len64(uint64((keys-1)/perBlock))) // so many first bits
	return keyRun{shift: int64(64 - b), low: math.MinInt64, high: math.MaxInt64, keys: keys}
}

// blocks is how many ids the run's blocks have.
func (r *keyRun) blocks() int64 { return 1 << (64 - r.shift) }

// place gives the run the ids from first on.
func (r *keyRun) place(first int64) { r.id, r.mid = first, first+r.blocks()/2 }

// block is the id of the block that a hash is in.
func (r *keyRun) block(hash int64) int64 { return r.mid + hash>>r.shift }

// last is the highest hash of a block.
func (r *keyRun) last(block int64) int64 { return (block-r.mid+1)<<r.shift - 1 }

// cut calls f for each block of sorted keys, with the bytes that are stored.
func (r *keyRun) cut(keys []storedKey, f func(block int64, data []byte) error) error {
	var buf []byte
	for len(keys) > 0 {
		id := r.block(keys[0].hash)
		n := 1
		for n < len(keys) && r.block(keys[n].hash) == id {
			n++
		}
		buf = appendBlock(buf[:0], keys[:n])
		if err := f(id, buf); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// A block is the number of its keys, their lowest lead and seq, the hashes in
// order with 8 bytes each (highest first), and for each key how far its lead and
// seq are above these. All numbers but the hashes are varints.

const hashSize = 8

func appendBlock(b []byte, keys []storedKey) []byte {
	lead, seq := keys[0].lead, keys[0].seq
	for _, k := range keys {
		lead, seq = min(lead, k.lead), min(seq, k.seq)
	}
	b = binary.AppendUvarint(b, uint64(len(keys)))
	b = binary.AppendUvarint(b, uint64(lead))
	b = binary.AppendUvarint(b, uint64(seq))
	for _, k := range keys {
		b = binary.BigEndian.AppendUint64(b, uint64(k.hash))
	}
	for _, k := range keys {
		b = binary.AppendUvarint(b, uint64(k.lead-lead))
		b = binary.AppendUvarint(b, uint64(k.seq-seq))
	}
	return b
}

// keyBlock is a block to be read.
type keyBlock struct {
	n         int
	lead, seq int64
	hashes    []byte
	rest      []byte
}

// openBlock reports whether the bytes are a block.
func openBlock(b []byte) (keyBlock, bool) {
	var head [3]uint64
	for i := range head {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return keyBlock{}, false
		}
		head[i], b = v, b[n:]
	}
	if head[0] > uint64(len(b)/hashSize) {
		return keyBlock{}, false
	}
	n := int(head[0])
	return keyBlock{n, int64(head[1]), int64(head[2]), b[:n*hashSize], b[n*hashSize:]}, true
}

func (b *keyBlock) hash(i int) int64 {
	return int64(binary.BigEndian.Uint64(b.hashes[i*hashSize:]))
}

// each calls f for the keys with hashes from low to high and reports whether it
// could read them.
func (b *keyBlock) each(low, high int64, f func(storedKey)) bool {
	from := b.n
	for i, j := 0, b.n; i < j; {
		if m := int(uint(i+j) / 2); b.hash(m) < low {
			i = m + 1
		} else {
			from, j = m, m
		}
	}
	if from == b.n || b.hash(from) > high {
		return true
	}
	rest := b.rest
	for i := 0; i < b.n; i++ {
		hash := b.hash(i)
		if hash > high {
			return true
		}
		lead, n := binary.Uvarint(rest)
		if n <= 0 {
			return false
		}
		seq, m := binary.Uvarint(rest[n:])
		if m <= 0 {
			return false
		}
		rest = rest[n+m:]
		if i >= from {
			f(storedKey{hash, b.lead + int64(lead), b.seq + int64(seq)})
		}
	}
	return true
}

func compareKeys(a, b storedKey) int {
	switch {
	case a.hash < b.hash:
		return -1
	case a.hash > b.hash:
		return 1
	case a.lead < b.lead:
		return -1
	case a.lead > b.lead:
		return 1
	}
	return 0
}

// override returns the keys of blocks as rows of lead_key change them, in order.
func override(blocks, rows []storedKey) []storedKey {
	slices.SortFunc(blocks, compareKeys)
	slices.SortFunc(rows, compareKeys)
	out := make([]storedKey, 0, len(blocks)+len(rows))
	for len(blocks) > 0 || len(rows) > 0 {
		c := -1
		switch {
		case len(blocks) == 0:
			c = 1
		case len(rows) > 0:
			c = compareKeys(blocks[0], rows[0])
		}
		if c < 0 {
			out, blocks = append(out, blocks[0]), blocks[1:]
			continue
		}
		if c == 0 {
			blocks = blocks[1:]
		}
		if rows[0].seq != 0 {
			out = append(out, rows[0])
		}
		rows = rows[1:]
	}
	return out
}
