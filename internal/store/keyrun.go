package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/leadport/leadport/internal/access"
)

// errBlock says that a block cannot be read.
var errBlock = fmt.Errorf("%w: a block of keys cannot be read", ErrCorrupt)

// runFrom is how many keys of new leads are worth a run of their own.
const runFrom = 1000

var (
	blockRows = &rowShape{table: "lead_key_block", columns: []string{"id", "block"}}
	runRows   = &rowShape{table: "lead_key_run", columns: []string{"id", "mid", "shift", "low", "high", "keys", "merge"}}
)

// EachKey calls f for every key of every lead that the principal may see, in
// order of hash as a signed number, then lead, as they are at one moment.
func (s *Store) EachKey(ctx context.Context, p access.Principal, f func(hash uint64, lead, seq int64) error) error {
	q, err := s.r.BeginTx(ctx, &sql.TxOptions{Isolation: s.d.snapshot(), ReadOnly: true})
	if err != nil {
		return s.err("read keys", err)
	}
	defer q.Rollback()
	var total int64
	err = q.QueryRowContext(ctx, `select (select count(*) from lead_key) + (select coalesce(sum(keys), 0) from lead_key_run)`).Scan(&total)
	if err != nil {
		return s.err("read keys", err)
	}
	r := leads{s: s, q: q}
	slice := newRun(max(2, total), int64(s.mergeSlice)) // its blocks are the slices
	for low, more := int64(math.MinInt64), true; more; {
		high := slice.last(slice.block(low))
		more = high < math.MaxInt64
		keys, err := r.keysBetween(ctx, p, low, high)
		if err != nil {
			return s.err("read keys", err)
		}
		for _, k := range keys {
			if err := f(uint64(k.hash), k.lead, k.seq); err != nil {
				return err
			}
		}
		low = high + 1
	}
	return nil
}

func (r leads) keysBetween(ctx context.Context, p access.Principal, low, high int64) ([]storedKey, error) {
	blocks, err := inRange(ctx, r.q, 0, low, high)
	if err != nil {
		return nil, err
	}
	rows, err := r.q.QueryContext(ctx, `select hash, lead, seq from lead_key where hash between $1 and $2`, low, high)
	if err != nil {
		return nil, err
	}
	var own []storedKey
	if err := eachStored(rows, func(k storedKey) { own = append(own, k) }); err != nil {
		return nil, err
	}
	return r.visible(ctx, p, override(blocks, own))
}

// writeRun writes sorted keys, of which none is there.
func (t *tx) writeRun(ctx context.Context, keys []storedKey) error {
	r := newRun(int64(len(keys)), t.s.d.perBlock())
	first, err := t.allot(ctx, "key_block", r.blocks())
	if err != nil {
		return err
	}
	r.place(first)
	t.tidy = t.part == nil || t.s.tidying.often()
	return t.s.d.bulk(ctx, t, func(b bulk) error {
		if err := insertBlocks(b, &r, keys); err != nil {
			return err
		}
		return b.insert(runRows, new(args).ints(r.id, r.mid, r.shift, r.low, r.high, r.keys, r.merge).v)
	}, t.said("write keys"))
}

func insertBlocks(b bulk, r *keyRun, keys []storedKey) error {
	var a args
	return r.cut(keys, func(id int64, data []byte) error {
		return b.insert(blockRows, a.reset().ints(id).bytes(data).v)
	})
}

// keyRuns returns the runs of one target, or with 0 those that are not being
// merged into another, the largest first.
func keyRuns(ctx context.Context, q querier, target int64) ([]keyRun, error) {
	rows, err := q.QueryContext(ctx, `select `+runColumns+` from lead_key_run where merge = $1 order by keys desc, id`, target)
	if err != nil {
		return nil, err
	}
	return collect(rows, (*keyRun).dest)
}

// inRange returns the keys of blocks with hashes from low to high, of the runs of
// a target, or with 0 of all.
func inRange(ctx context.Context, q querier, target, low, high int64) ([]storedKey, error) {
	rows, err := q.QueryContext(ctx, `select r.low, r.high, b.block from lead_key_run r join lead_key_block b
		on b.id between r.mid + (cast($1 as bigint) >> cast(r.shift as integer)) and r.mid + (cast($2 as bigint) >> cast(r.shift as integer))
		where r.merge = $3 or cast($3 as bigint) = 0`, low, high, target)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []storedKey
	var from, to int64
	var data sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&from, &to, &data); err != nil {
			return nil, err
		}
		b, ok := openBlock(data)
		if ok {
			from, to = max(from, low), min(to, high)
			ok = b.each(from, to, func(k storedKey) { out = append(out, k) })
		}
		if !ok {
			return nil, errBlock
		}
	}
	return out, rows.Err()
}

// due returns the runs that are to be one, of some in order of size: the smaller
// ones together have twice as much as the first of them. So a key is written a
// few times at most, and there are two runs of about a size at most.
func due(runs []keyRun) []keyRun {
	var rest int64
	for _, r := range runs {
		rest += r.keys
	}
	for i, r := range runs {
		if rest -= r.keys; rest > 0 && rest >= 2*r.keys {
			return runs[i:]
		}
	}
	return nil
}

// mergeable reports whether there is something to merge, or to go on with.
func mergeable(runs []keyRun) bool {
	return len(due(runs)) > 0 || slices.ContainsFunc(runs, func(r keyRun) bool { return r.high < math.MaxInt64 })
}

// mergeSlice is how many keys one transaction merges, about.
const mergeSlice = 1 << 18

// mergeStep merges the next slice of hashes, or nothing, and reports whether there
// may be more to do. The target has the hashes up to where it is, the sources those
// behind, so that each key is in one run at any time.
func (t *tx) mergeStep(ctx context.Context) (more bool, err error) {
	failed := func(err error) (bool, error) { return false, t.s.err("merge keys", err) }
	all, err := keyRuns(ctx, t.q, 0)
	if err != nil {
		return failed(err)
	}
	var target keyRun
	var sources []keyRun
	free := all[:0]
	for _, r := range all {
		if r.high == math.MaxInt64 {
			free = append(free, r)
		} else {
			target = r
		}
	}
	if target.id == 0 {
		sources = due(free)
		if len(sources) == 0 {
			return false, nil
		}
		if target, err = t.beginMerge(ctx, sources); err != nil {
			return failed(err)
		}
	}
	if sources, err = keyRuns(ctx, t.q, target.id); err != nil {
		return failed(err)
	}
	// From the first hash that the target has not on, whole blocks of it.
	low := sources[0].low
	var total int64
	for _, r := range sources {
		total += r.keys
	}
	first := target.block(low)
	step := max(1, int64(float64(t.s.mergeSlice)/float64(total)*float64(target.blocks())))
	last := min(first+step-1, target.block(math.MaxInt64))
	high := target.last(last)
	if err := t.mergeRange(ctx, &target, sources, low, high); err != nil {
		return failed(err)
	}
	return true, nil
}

// beginMerge makes the run that others are merged into; it has no hashes yet.
func (t *tx) beginMerge(ctx context.Context, sources []keyRun) (keyRun, error) {
	var keys int64
	for _, r := range sources {
		keys += r.keys
	}
	target := newRun(keys, t.s.d.perBlock())
	first, err := t.allot(ctx, "key_block", target.blocks())
	if err != nil {
		return target, err
	}
	target.place(first)
	target.keys = 0
	_, err = t.exec(ctx, `insert into lead_key_run (`+runColumns+`) values ($1, $2, $3, $4, $5, 0, 0)`,
		target.id, target.mid, target.shift, target.low, target.low)
	for _, r := range sources {
		if err == nil {
			err = t.one(ctx, "run", r.id, `update lead_key_run set merge = $1 where id = $2`, target.id, r.id)
		}
	}
	return target, err
}

// mergeRange moves the keys with hashes from low to high, without those that are
// gone, and takes the blocks away that are done.
func (t *tx) mergeRange(ctx context.Context, target *keyRun, sources []keyRun, low, high int64) error {
	keys, err := inRange(ctx, t.q, target.id, low, high)
	if err != nil {
		return err
	}
	rows, err := t.q.QueryContext(ctx, `select hash, lead, seq from lead_key where seq = 0 and hash between $1 and $2`, low, high)
	if err != nil {
		return err
	}
	var gone []storedKey
	if err := eachStored(rows, func(k storedKey) { gone = append(gone, k) }); err != nil {
		return err
	}
	slices.SortFunc(gone, compareKeys)
	slices.SortFunc(keys, compareKeys)
	var hidden []keyOp
	keys = slices.DeleteFunc(keys, func(k storedKey) bool {
		if _, ok := slices.BinarySearchFunc(gone, k, compareKeys); !ok {
			return false
		}
		hidden = append(hidden, keyOp{hash: k.hash, lead: k.lead, drop: true})
		return true
	})
	err = t.s.d.bulk(ctx, t, func(b bulk) error {
		if len(hidden) > 0 {
			if err := b.keys(hidden); err != nil {
				return err
			}
		}
		return insertBlocks(b, target, keys)
	}, t.said("merge keys"))
	if err != nil {
		return err
	}
	for _, r := range sources {
		// A block that reaches beyond goes when it is done.
		last := r.block(high)
		if r.last(last) > high {
			last--
		}
		if _, err := t.exec(ctx, `delete from lead_key_block where id between $1 and $2`, r.block(low), last); err != nil {
			return err
		}
	}
	if _, err := t.exec(ctx, `update lead_key_run set high = $1, keys = keys + $2 where id = $3`, high, len(keys), target.id); err != nil {
		return err
	}
	if high < math.MaxInt64 {
		_, err = t.exec(ctx, `update lead_key_run set low = $1 where merge = $2`, high+1, target.id)
		return err
	}
	_, err = t.exec(ctx, `delete from lead_key_run where merge = $1`, target.id)
	return err
}

// tidying is the merging of runs, beside the work.
type tidying struct {
	mu   sync.Mutex
	busy bool
	wait sync.WaitGroup
	stop context.CancelFunc
	ctx  context.Context
	runs atomic.Int64 // of parts
}

// often is true now and then: merging keeps the parts of an import from writing
// side by side.
func (y *tidying) often() bool { return y.runs.Add(1)%16 == 0 }

// tidyKeys merges what is due, in short transactions that let others go first. It
// changes no result, so an error is none: it goes on at the next occasion.
func (s *Store) tidyKeys() {
	y := &s.tidying
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.busy || y.ctx.Err() != nil {
		return
	}
	y.busy = true
	y.wait.Go(func() {
		runs, err := keyRuns(y.ctx, s.r, 0)
		for more := err == nil && mergeable(runs); more; {
			more = false
			_ = s.behind(y.ctx, func(t *tx) (err error) {
				more, err = t.mergeStep(y.ctx)
				return err
			})
		}
		y.mu.Lock()
		y.busy = false
		y.mu.Unlock()
	})
}
