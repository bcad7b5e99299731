package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
)

// FindKeys implements importer.Leads. Keys may repeat.
func (r leads) FindKeys(ctx context.Context, p access.Principal, keys []importer.Key) ([]importer.Hit, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	byHash := make([]int, len(keys)) // indexes of keys in order of hash
	for i := range byHash {
		byHash[i] = i
	}
	slices.SortFunc(byHash, func(a, b int) int { return cmp.Compare(int64(keys[a].Hash), int64(keys[b].Hash)) })
	hashes := make([]int64, 0, len(keys))
	for _, i := range byHash {
		if h := int64(keys[i].Hash); len(hashes) == 0 || hashes[len(hashes)-1] != h {
			hashes = append(hashes, h)
		}
	}
	found, err := r.storedKeys(ctx, p, hashes)
	if err != nil {
		return nil, r.s.err("find keys", err)
	}
	hits := make([]importer.Hit, 0, len(found))
	for _, k := range found {
		at, _ := slices.BinarySearchFunc(byHash, k.hash, func(i int, h int64) int { return cmp.Compare(int64(keys[i].Hash), h) })
		for ; at < len(byHash) && int64(keys[byHash[at]].Hash) == k.hash; at++ {
			hits = append(hits, importer.Hit{Key: byHash[at], Lead: k.lead, Seq: k.seq})
		}
	}
	slices.SortFunc(hits, func(a, b importer.Hit) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Lead, b.Lead))
	})
	return hits, nil
}

// storedKeys returns the keys with one of these hashes, which are sorted, of leads
// that the principal may see.
func (r leads) storedKeys(ctx context.Context, p access.Principal, hashes []int64) ([]storedKey, error) {
	var rows, blocks []storedKey
	into := func(list *[]storedKey) func(storedKey) { return func(k storedKey) { *list = append(*list, k) } }
	// The rows first: a merge that comes in between takes a row away only with the
	// key of a block that it hides.
	if err := r.s.d.eachKey(ctx, r, hashes, into(&rows)); err != nil {
		return nil, err
	}
	if err := r.s.d.eachBlockKey(ctx, r, hashes, into(&blocks)); err != nil {
		return nil, err
	}
	found := override(blocks, rows)
	if r.held != nil {
		var own []storedKey
		for _, op := range r.held() {
			if _, asked := slices.BinarySearch(hashes, op.hash); asked {
				own = append(own, op.stored())
			}
		}
		if len(own) > 0 {
			found = override(found, own)
		}
	}
	return r.visible(ctx, p, found)
}

// visible leaves the keys of leads out that the principal may not see.
func (r leads) visible(ctx context.Context, p access.Principal, keys []storedKey) ([]storedKey, error) {
	if p.Grants[access.LeadView] == access.All || len(keys) == 0 {
		return keys, nil
	}
	ids := make([]int64, len(keys))
	for i, k := range keys {
		ids[i] = k.lead
	}
	slices.Sort(ids)
	rows, err := r.q.QueryContext(ctx, `select l.id from lead l where `+r.s.d.in("l.id", "$1")+` and `+p.Predicate(access.LeadView, "l.owner"),
		r.s.d.ints(slices.Compact(ids)))
	if err != nil {
		return nil, err
	}
	seen, err := collect(rows, func(id *int64) []any { return []any{id} })
	if err != nil {
		return nil, err
	}
	slices.Sort(seen)
	return slices.DeleteFunc(keys, func(k storedKey) bool {
		_, ok := slices.BinarySearch(seen, k.lead)
		return !ok
	}), nil
}

// eachKeyScanned is dialect.eachKey by database/sql.
func (r leads) eachKeyScanned(ctx context.Context, hashes []int64, f func(storedKey)) error {
	rows, err := r.q.QueryContext(ctx, `select hash, lead, seq from lead_key where `+r.s.d.in("hash", "$1"), r.s.d.ints(hashes))
	if err != nil {
		return err
	}
	return eachStored(rows, f)
}

func eachStored(rows *sql.Rows, f func(storedKey)) error {
	defer rows.Close()
	for rows.Next() {
		var k storedKey
		if err := rows.Scan(&k.hash, &k.lead, &k.seq); err != nil {
			return err
		}
		f(k)
	}
	return rows.Err()
}

// keyOp is a key to be written or taken away.
type keyOp struct {
	hash, lead, seq int64
	drop            bool
	fresh           bool  // of a lead that this transaction made: not there yet
	n               int64 // order of the operations
}

// stored is the key as it is afterwards.
func (op keyOp) stored() storedKey {
	if op.drop {
		op.seq = 0
	}
	return storedKey{op.hash, op.lead, op.seq}
}

// hold keeps an operation until flush.
func (t *tx) hold(op keyOp) {
	t.held++
	op.n = t.held
	t.keys = append(t.keys, op)
}

// heldKeys is how many keys a transaction holds back, of 48 bytes.
const heldKeys = 1 << 19

// sorted is what is held back, in order and once for each key.
func (t *tx) sorted() []keyOp {
	t.keys = latest(t.keys)
	return t.keys
}

// flush writes the keys held back: those of new leads, if they are many, as a run
// of blocks, the others as rows.
func (t *tx) flush(ctx context.Context) error {
	if len(t.keys) == 0 {
		return nil
	}
	ops := t.sorted()
	t.keys = nil
	var run []storedKey
	for _, op := range ops {
		if op.fresh && !op.drop {
			run = append(run, op.stored())
		}
	}
	if len(run) >= t.s.runFrom {
		if err := t.writeRun(ctx, run); err != nil {
			return err
		}
		ops = slices.DeleteFunc(ops, func(op keyOp) bool { return op.fresh && !op.drop })
	}
	if err := t.hide(ctx, ops); err != nil || len(ops) == 0 {
		return err
	}
	return t.s.d.bulk(ctx, t, func(b bulk) error { return b.keys(ops) }, t.said("write keys"))
}

// hide makes dropping a key of a block the writing of a row that says so.
func (t *tx) hide(ctx context.Context, ops []keyOp) error {
	var hashes []int64
	for _, op := range ops {
		if op.drop {
			hashes = append(hashes, op.hash)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	var there []storedKey
	err := t.s.d.eachBlockKey(ctx, t.leads, slices.Compact(hashes), func(k storedKey) { there = append(there, k) })
	if err != nil || len(there) == 0 {
		return t.s.err("write keys", err)
	}
	slices.SortFunc(there, compareKeys)
	for i := range ops {
		op := &ops[i]
		if _, ok := slices.BinarySearchFunc(there, op.stored(), compareKeys); op.drop && ok {
			op.drop, op.fresh, op.seq = false, false, 0
		}
	}
	return nil
}

// dropKey is the statement that takes one key away.
const dropKey = `delete from lead_key where hash = ? and lead = ?`

// latest sorts the operations by key, so that the index is written in order,
// and keeps the last one of each.
func latest(ops []keyOp) []keyOp {
	slices.SortFunc(ops, func(a, b keyOp) int { // three times quicker than a stable sort
		switch {
		case a.hash != b.hash:
			return cmp.Compare(a.hash, b.hash)
		case a.lead != b.lead:
			return cmp.Compare(a.lead, b.lead)
		}
		return cmp.Compare(a.n, b.n)
	})
	out := ops[:0]
	for i, op := range ops {
		if i+1 < len(ops) && op.hash == ops[i+1].hash && op.lead == ops[i+1].lead {
			continue
		}
		out = append(out, op)
	}
	return out
}
