package importer

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A table that keeps few of its keys in memory answers as a plain map does.
func TestKeyTable(t *testing.T) {
	for _, most := range []int{0, 4, 64, 1 << 10} {
		r := rand.New(rand.NewPCG(1, uint64(most)))
		table, plain := keyTable{most: most}, map[uint64][]entity{}
		n := 5_000
		if most > 0 {
			n = min(n, 50*most)
		}
		for i := range n {
			hash := r.Uint64() >> r.IntN(2) // many in one half
			switch r.IntN(4) {
			case 0:
				hash = uint64(i) % 50 // some that many hold
			case 1:
				hash |= 1<<64 - 1<<8 // and some whose home is the last
			}
			e, few := entity(r.IntN(5000)-2500), r.IntN(40)
			if e == 0 {
				continue
			}
			there := slices.Contains(plain[hash], e)
			if want := there || len(plain[hash]) <= few; table.add(hash, e, few) != want {
				t.Fatalf("%d slots: add(%d, %d) of %d holders is not %t", most, hash, e, len(plain[hash]), want)
			} else if want && !there {
				plain[hash] = append(plain[hash], e)
			}
		}
		for hash, want := range plain {
			var got []entity
			table.each(hash, func(e entity) { got = append(got, e) })
			if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				t.Fatalf("%d slots: %d is held by %v, want %v", most, hash, got, want)
			}
		}
		if (len(table.cold.runs) > 0) != (most > 0) || table.err != nil {
			t.Errorf("%d slots: %d runs, error %v", most, len(table.cold.runs), table.err)
		}
		if err := table.close(); err != nil {
			t.Error(err)
		}
	}
}
