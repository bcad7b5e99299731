package importer

import "math/bits"

// keyTable maps key hashes to the entities that hold them in this file: open
// addressing by the hash's first bits, 16 bytes a slot, several entities per
// hash. Where they are more than most, those so far go to a file (coldKeys).
// Who uses it looks at err after each batch.
type keyTable struct {
	hash []uint64
	ent  []entity // 0 = free
	n    int
	most int // slots, a power of two from 4; 0: as many as it takes
	cold coldKeys
	err  error
}

// entity is a lead as a check sees it: positive, a lead of the database;
// negative, the lead that record −entity will make.
type entity int64

// add notes that an entity holds a key, unless most others do already: then it
// reports false.
func (t *keyTable) add(hash uint64, e entity, most int) bool {
	there := false
	t.each(hash, func(other entity) {
		there = there || other == e
		most--
	})
	if there || most < 0 {
		return there
	}
	if t.n*4 >= len(t.hash)*3 {
		t.makeRoom()
	}
	t.put(hash, e)
	return true
}

func (t *keyTable) put(hash uint64, e entity) {
	i := t.home(hash)
	for t.ent[i] != 0 {
		i = (i + 1) & (len(t.ent) - 1)
	}
	t.hash[i], t.ent[i] = hash, e
	t.n++
}

// each calls f for the holders of a key, mostly in the order in which they came.
func (t *keyTable) each(hash uint64, f func(entity)) {
	if t.cold.maybe.has(hash) {
		if err := t.cold.each(hash, f); err != nil && t.err == nil {
			t.err = err
		}
	}
	if t.n == 0 {
		return
	}
	for i := t.home(hash); t.ent[i] != 0; i = (i + 1) & (len(t.ent) - 1) {
		if t.hash[i] == hash {
			f(t.ent[i])
		}
	}
}

func (t *keyTable) home(hash uint64) int {
	return int(hash >> (64 - bits.TrailingZeros(uint(len(t.ent)))))
}

func (t *keyTable) makeRoom() {
	if t.most > 0 && len(t.ent) >= t.most {
		n := t.order()
		if err := t.cold.add(t.hash[:n], t.ent[:n]); err != nil && t.err == nil {
			t.err = err
		}
		clear(t.ent)
		t.n = 0
		return
	}
	old := *t
	size := 2 * len(old.ent)
	if size == 0 {
		size = 1024
	}
	if t.most > 0 {
		size = min(size, t.most)
	}
	t.hash, t.ent, t.n = make([]uint64, size), make([]entity, size), 0
	for i, e := range old.ent {
		if e != 0 {
			t.put(old.hash[i], e)
		}
	}
}

// order moves the entries to the front, in order of hash and of coming, and
// returns their number. They nearly are so, as each lies a little behind its
// home; but those whose home is at the end may lie at the front.
func (t *keyTable) order() (n int) {
	insert := func(h uint64, e entity) {
		at := n
		for ; at > 0 && t.hash[at-1] > h; at-- {
			t.hash[at], t.ent[at] = t.hash[at-1], t.ent[at-1]
		}
		t.hash[at], t.ent[at] = h, e
		n++
	}
	type entry struct {
		hash uint64
		ent  entity
	}
	var last []entry
	for i, e := range t.ent {
		switch h := t.hash[i]; {
		case e == 0:
		case t.home(h) > i:
			last = append(last, entry{h, e})
		default:
			insert(h, e)
		}
	}
	for _, x := range last {
		insert(x.hash, x.ent)
	}
	return n
}

func (t *keyTable) close() error { return t.cold.close() }
