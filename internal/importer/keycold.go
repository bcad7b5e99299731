package importer

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"os"
	"sort"
)

// coldKeys are the entries that a keyTable had no room for: runs in a temporary
// file, each in order of hash, found by the first hash of each of its pages. A
// filter in front says of nearly every hash that is in none of them that it is
// not, so that a file whose records share nothing hardly reads one again. It
// takes three bytes for each entry at the most.
type coldKeys struct {
	file  *os.File // without a name, where the system lets it
	runs  []coldRun
	n     int
	maybe filter
	named bool
	page  [coldPage]byte
}

// coldRun is the entries that left the table at one time.
type coldRun struct {
	at    int64 // in the file
	n     int
	first []uint64 // hash of each page
}

const (
	coldEntry = 16 // hash, entity
	coldPage  = 256 * coldEntry
)

// add makes a run of entries in order of hash.
func (c *coldKeys) add(hash []uint64, ent []entity) error {
	if c.file == nil {
		f, err := os.CreateTemp("", "leadport-keys-*")
		if err != nil {
			return err
		}
		c.file, c.named = f, os.Remove(f.Name()) != nil
	}
	run := coldRun{at: int64(c.n) * coldEntry, n: len(hash)}
	w := bufio.NewWriterSize(io.NewOffsetWriter(c.file, run.at), 1<<18)
	for i, h := range hash {
		if i*coldEntry%coldPage == 0 {
			run.first = append(run.first, h)
		}
		var b [coldEntry]byte
		binary.LittleEndian.PutUint64(b[:], h)
		binary.LittleEndian.PutUint64(b[8:], uint64(ent[i]))
		w.Write(b[:])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	c.runs, c.n = append(c.runs, run), c.n+run.n
	return c.remember(hash)
}

// remember puts the hashes of the latest run into the filter, or those of all
// into a larger one.
func (c *coldKeys) remember(latest []uint64) error {
	if c.n <= c.maybe.room() {
		for _, h := range latest {
			c.maybe.add(h)
		}
		return nil
	}
	c.maybe = newFilter(2 * c.n)
	r := bufio.NewReaderSize(io.NewSectionReader(c.file, 0, int64(c.n)*coldEntry), 1<<18)
	for range c.n {
		var b [coldEntry]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return err
		}
		c.maybe.add(binary.LittleEndian.Uint64(b[:]))
	}
	return nil
}

// each calls f for the entities of a hash, those of older runs first.
func (c *coldKeys) each(hash uint64, f func(entity)) error {
	for i := range c.runs {
		run := &c.runs[i]
		// The page before the first one that begins with the hash may end with it.
		p := max(0, sort.Search(len(run.first), func(p int) bool { return run.first[p] >= hash })-1)
		for ; p < len(run.first) && run.first[p] <= hash; p++ {
			page := c.page[:min(coldPage, run.n*coldEntry-p*coldPage)]
			if _, err := c.file.ReadAt(page, run.at+int64(p)*coldPage); err != nil {
				return err
			}
			entry := func(k int) uint64 { return binary.LittleEndian.Uint64(page[k*coldEntry:]) }
			n := len(page) / coldEntry
			for k := sort.Search(n, func(k int) bool { return entry(k) >= hash }); k < n && entry(k) == hash; k++ {
				f(entity(binary.LittleEndian.Uint64(page[k*coldEntry+8:])))
			}
		}
	}
	return nil
}

func (c *coldKeys) close() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	if c.named {
		err = errors.Join(err, os.Remove(c.file.Name()))
	}
	return err
}

// filter is a Bloom filter in blocks of 64 bits (Putze, Sanders and Singler,
// "Cache-, hash- and space-efficient Bloom filters", 2007): 12 bits for each
// hash, four of them set. Of hashes that were not added it takes one in a
// hundred for one that was.
type filter []uint64

func newFilter(n int) filter { return make(filter, (n*12+63)/64) }

// room is how many hashes it is for.
func (f filter) room() int { return len(f) * 64 / 12 }

func (f filter) has(hash uint64) bool {
	if len(f) == 0 {
		return false
	}
	at, set := f.bits(hash)
	return f[at]&set == set
}

func (f filter) add(hash uint64) {
	at, set := f.bits(hash)
	f[at] |= set
}

// bits are the word of a hash, by its first bits, and four bits in it, by its last.
func (f filter) bits(hash uint64) (at, set uint64) {
	at, _ = bits.Mul64(hash, uint64(len(f)))
	return at, 1<<(hash&63) | 1<<(hash>>6&63) | 1<<(hash>>12&63) | 1<<(hash>>18&63)
}
