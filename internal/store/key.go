package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
)

// FindKeys implements importer.Leads. Keys may repeat.
func (r leads) FindKeys(ctx context.Context, p access.Principal, keys []importer.Key) ([]importer.Hit, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if err := r.ready(ctx); err != nil {
		return nil, err
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

	seen := ""
	if p.Grants[access.LeadView] != access.All {
		seen = p.Predicate(access.LeadView, "l.owner")
	}
	var hits []importer.Hit
	err := r.s.d.eachKey(ctx, r, hashes, seen, func(hash, lead, seq int64) {
		h := importer.Hit{Lead: lead, Seq: seq}
		at, _ := slices.BinarySearchFunc(byHash, hash, func(i int, h int64) int { return cmp.Compare(int64(keys[i].Hash), h) })
		for ; at < len(byHash) && int64(keys[byHash[at]].Hash) == hash; at++ {
			h.Key = byHash[at]
			hits = append(hits, h)
		}
	})
	if err != nil {
		return nil, r.s.err("find keys", err)
	}
	slices.SortFunc(hits, func(a, b importer.Hit) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Lead, b.Lead))
	})
	return hits, nil
}

// eachKeyScanned is dialect.eachKey by database/sql.
func (r leads) eachKeyScanned(ctx context.Context, hashes []int64, seen string, f func(hash, lead, seq int64)) error {
	query := `select k.hash, k.lead, k.seq from lead_key k where ` + r.s.d.in("k.hash", "$1")
	if seen != "" {
		query = `select k.hash, k.lead, k.seq from lead_key k join lead l on l.id = k.lead
			where ` + r.s.d.in("k.hash", "$1") + ` and ` + seen
	}
	rows, err := r.q.QueryContext(ctx, query, r.s.d.ints(hashes))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var hash, lead, seq int64
		if err := rows.Scan(&hash, &lead, &seq); err != nil {
			return err
		}
		f(hash, lead, seq)
	}
	return rows.Err()
}

// EachKey calls f for every key of every lead that the principal may see, in
// order of hash: what a check holds in memory instead of asking key by key.
func (r leads) EachKey(ctx context.Context, p access.Principal, f func(hash uint64, lead, seq int64) error) error {
	query := `select hash, lead, seq from lead_key order by hash, lead`
	if p.Grants[access.LeadView] != access.All {
		query = `select k.hash, k.lead, k.seq from lead_key k join lead l on l.id = k.lead
			where ` + p.Predicate(access.LeadView, "l.owner") + ` order by k.hash, k.lead`
	}
	rows, err := r.q.QueryContext(ctx, query)
	if err != nil {
		return r.s.err("read keys", err)
	}
	defer rows.Close()
	for rows.Next() {
		var hash, lead, seq int64
		if err := rows.Scan(&hash, &lead, &seq); err != nil {
			return r.s.err("read keys", err)
		}
		if err := f(uint64(hash), lead, seq); err != nil {
			return err
		}
	}
	return r.s.err("read keys", rows.Err())
}

// keyOp is a key to be written or taken away.
type keyOp struct {
	hash, lead, seq int64
	drop            bool
	fresh           bool  // of a lead that this transaction made: not there yet
	n               int32 // order of the operations
}

// hold keeps an operation until flush.
func (t *tx) hold(op keyOp) {
	op.n = int32(len(t.keys))
	t.keys = append(t.keys, op)
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
