package store

import (
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/leadport/leadport/internal/importer"
)

// Blocks are read as they were written, whichever hashes are asked for.
func TestKeyBlock(t *testing.T) {
	keys := []storedKey{{math.MinInt64, 7, 3}, {math.MinInt64, 1 << 60, 3}, {-5, 6, 1}, {-5, 9, 1 << 50}, {0, 6, 2}, {math.MaxInt64, 8, 2}}
	b, ok := openBlock(appendBlock(nil, keys))
	if !ok {
		t.Fatal("it is no block")
	}
	for _, low := range []int64{math.MinInt64, -6, -5, -4, 0, 1, math.MaxInt64} {
		for _, high := range []int64{math.MinInt64, -6, -5, -4, 0, 1, math.MaxInt64} {
			var got, want []storedKey
			for _, k := range keys {
				if k.hash >= low && k.hash <= high {
					want = append(want, k)
				}
			}
			if ok := b.each(low, high, func(k storedKey) { got = append(got, k) }); !ok || !slices.Equal(got, want) {
				t.Errorf("%d to %d: %v %v, want %v", low, high, ok, got, want)
			}
		}
	}
	whole := appendBlock(nil, keys)
	for n := range whole {
		b, ok := openBlock(whole[:n])
		if ok && b.each(math.MinInt64, math.MaxInt64, func(storedKey) {}) {
			t.Errorf("the first %d of %d bytes are a block", n, len(whole))
		}
	}
}

// testKeyBlocks writes, drops, merges and looks up keys at random, in transactions
// of which some are taken back, and compares with a map.
func testKeyBlocks(t *testing.T, f *fixture) {
	f.tidying.stop() // merges come when the test wants them
	f.runFrom, f.mergeSlice = 8, 40
	type key struct{ hash, lead int64 }
	model := map[key]int64{}
	rnd := rand.New(rand.NewPCG(1, 2))
	common := []int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64 - 1, math.MaxInt64, 1 << 40}
	var hashes []int64 // ever written
	hash := func() int64 {
		switch n := rnd.IntN(10); {
		case n < 2:
			return common[rnd.IntN(len(common))]
		case n < 6 && len(hashes) > 0:
			return hashes[rnd.IntN(len(hashes))]
		}
		return int64(rnd.Uint64())
	}
	found := func(r leads, want map[key]int64) {
		t.Helper()
		asked := map[int64]bool{}
		var keys []importer.Key
		for range rnd.IntN(60) + 1 {
			h := hash()
			asked[h] = true
			keys = append(keys, importer.Key{Hash: uint64(h)})
		}
		hits, err := r.FindKeys(f.ctx(), admin(), keys)
		f.must(err)
		got := map[key]int64{}
		for _, h := range hits {
			got[key{int64(keys[h.Key].Hash), h.Lead}] = h.Seq
		}
		some := map[key]int64{}
		for k, seq := range want {
			if asked[k.hash] {
				some[k] = seq
			}
		}
		if !maps.Equal(got, some) {
			t.Fatalf("found %v, want %v", got, some)
		}
	}
	var lead, seq int64
	taken := errors.New("taken back")
	merges := 0
	for step := range 250 {
		err := f.inTx(f.ctx(), func(x *tx) error {
			now := maps.Clone(model)
			seq++
			for range rnd.IntN(3) {
				for range rnd.IntN(12) { // new leads
					lead++
					for range rnd.IntN(8) {
						h := hash()
						hashes = append(hashes, h)
						x.hold(keyOp{hash: h, lead: lead, seq: seq, fresh: true})
						now[key{h, lead}] = seq
					}
				}
				for range rnd.IntN(20) { // others
					h, id := hash(), rnd.Int64N(lead+1)+1
					if had := slices.Collect(maps.Keys(now)); len(had) > 0 && rnd.IntN(2) == 0 {
						k := had[rnd.IntN(len(had))]
						h, id = k.hash, k.lead
					}
					if rnd.IntN(2) == 0 {
						x.hold(keyOp{hash: h, lead: id, seq: seq})
						hashes = append(hashes, h)
						now[key{h, id}] = seq
					} else {
						x.hold(keyOp{hash: h, lead: id, drop: true})
						delete(now, key{h, id})
					}
				}
				if rnd.IntN(3) == 0 {
					found(x.leads, now)
				}
				if rnd.IntN(3) == 0 {
					f.must(x.flush(f.ctx()))
				}
				lead++ // flushed leads are not new any more
			}
			if rnd.IntN(5) == 0 {
				return taken
			}
			model = now
			return nil
		})
		if err != nil && !errors.Is(err, taken) {
			t.Fatal(err)
		}
		for range rnd.IntN(4) {
			f.must(f.inTx(f.ctx(), func(x *tx) error {
				more, err := x.mergeStep(f.ctx())
				if more {
					merges++
				}
				return err
			}))
		}
		found(f.leads, model)
		if step%10 != 0 {
			continue
		}
		var last *storedKey
		all := map[key]int64{}
		f.must(f.EachKey(f.ctx(), admin(), func(hash uint64, lead, seq int64) error {
			k := storedKey{int64(hash), lead, seq}
			if last != nil && compareKeys(*last, k) >= 0 {
				t.Errorf("%v comes after %v", k, *last)
			}
			last = &k
			all[key{k.hash, k.lead}] = seq
			return nil
		}))
		if !maps.Equal(all, model) {
			t.Fatalf("step %d: %d keys, want %d", step, len(all), len(model))
		}
	}
	if merges < 20 {
		t.Errorf("%d slices were merged", merges)
	}
	// What says that a key is gone goes with the key.
	blocks := map[key]bool{}
	stored, err := inRange(f.ctx(), f.r, 0, math.MinInt64, math.MaxInt64)
	f.must(err)
	for _, k := range stored {
		if blocks[key{k.hash, k.lead}] {
			t.Errorf("%v is there twice", k)
		}
		blocks[key{k.hash, k.lead}] = true
	}
	rows, err := f.r.QueryContext(f.ctx(), `select hash, lead from lead_key where seq = 0`)
	f.must(err)
	gone, err := collect(rows, func(k *key) []any { return []any{&k.hash, &k.lead} })
	f.must(err)
	for _, k := range gone {
		if !blocks[k] {
			t.Errorf("%v is gone, but was in no block", k)
		}
	}
	if len(gone) == 0 || len(stored) < 500 {
		t.Errorf("%d keys gone of %d in blocks prove little", len(gone), len(stored))
	}
	for more, n := true, 0; more; n++ {
		if n == 1000 {
			t.Fatal("the merging does not end")
		}
		f.must(f.inTx(f.ctx(), func(x *tx) (err error) {
			more, err = x.mergeStep(f.ctx())
			return err
		}))
	}
	found(f.leads, model)
}
