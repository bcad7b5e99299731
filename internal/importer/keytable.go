package importer

import "math"

// keyTable maps key hashes to the entities that hold them in this file: open
// addressing, 16 bytes a slot, several entities per hash. A file of a million
// records needs some 100 MB.
type keyTable struct {
	hash []uint64
	ent  []entity // 0 = free
	n    int
}

// entity is a lead as a check sees it: positive, a lead of the database;
// negative, the lead that record −entity will make.
type entity int64

// add notes that an entity holds a key, unless most others do already: then it
// reports false.
func (t *keyTable) add(hash uint64, e entity, most int) bool {
	if t.n*4 >= len(t.hash)*3 {
		t.grow()
	}
	mask := uint64(len(t.hash) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		if t.ent[i] == 0 {
			t.hash[i], t.ent[i] = hash, e
			t.n++
			return true
		}
		if t.hash[i] != hash {
			continue
		}
		if t.ent[i] == e {
			return true
		}
		if most--; most < 0 {
			return false
		}
	}
}

func (t *keyTable) each(hash uint64, f func(entity)) {
	if t.n == 0 {
		return
	}
	mask := uint64(len(t.hash) - 1)
	for i := hash & mask; t.ent[i] != 0; i = (i + 1) & mask {
		if t.hash[i] == hash {
			f(t.ent[i])
		}
	}
}

func (t *keyTable) grow() {
	old := *t
	size := max(1024, 2*len(old.hash))
	*t = keyTable{hash: make([]uint64, size), ent: make([]entity, size)}
	for i, e := range old.ent {
		if e != 0 {
			t.add(old.hash[i], e, math.MaxInt)
		}
	}
}
