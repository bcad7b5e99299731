package store

import (
	"context"
	"errors"
	"sort"
	"unsafe"

	lib "modernc.org/sqlite/lib"
)

// perBlock is what leaves little of a page empty and is soon searched.
func (sqlite) perBlock() int64 { return 256 }

// scanFrom is of how many blocks of a run one has to be needed for all to be gone
// over: the next one costs a fraction of finding one.
const scanFrom = 3

// eachBlockKey reads past the driver, on the transaction's connection or in a
// transaction of its own, so that runs and blocks go together.
func (sqlite) eachBlockKey(ctx context.Context, r leads, hashes []int64, f func(storedKey)) (err error) {
	conn := r.conn
	if conn == nil {
		if conn, err = r.s.r.Conn(ctx); err != nil {
			return err
		}
		defer conn.Close()
	}
	return conn.Raw(func(dc any) (err error) {
		d, err := directOf(dc)
		if err != nil {
			return err
		}
		if r.conn == nil {
			if err := d.exec("begin"); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, d.exec("rollback")) }()
		}
		b := blockReader{direct: d}
		defer b.close()
		defer d.interruptible(ctx)() // not the rollback
		return errors.Join(b.each(hashes, f), ctx.Err())
	})
}

// exec runs a statement of no rows and no arguments once.
func (d direct) exec(text string) error {
	st, err := d.prepare(text)
	if err != nil {
		return err
	}
	defer st.close()
	return st.run(nil)
}

// blockReader looks hashes up in the runs.
type blockReader struct {
	direct
	one, some *directStmt
}

func (b *blockReader) close() {
	for _, st := range []*directStmt{b.one, b.some} {
		if st != nil {
			st.close()
		}
	}
}

func (b *blockReader) each(hashes []int64, f func(storedKey)) error {
	var runs []keyRun
	st, err := b.prepare(`select ` + runColumns + ` from lead_key_run`)
	if err != nil {
		return err
	}
	defer st.close()
	err = st.each(nil, func() error {
		var r keyRun
		for i, v := range r.dest() {
			*v.(*int64) = lib.Xsqlite3_column_int64(b.tls, st.p, int32(i))
		}
		runs = append(runs, r)
		return nil
	})
	if err != nil || len(runs) == 0 {
		return err
	}
	if b.one, err = b.prepare(`select block from lead_key_block where id = ?`); err != nil {
		return err
	}
	if b.some, err = b.prepare(`select block, id from lead_key_block where id between ? and ?`); err != nil {
		return err
	}
	for i := range runs {
		r := &runs[i]
		from := sort.Search(len(hashes), func(i int) bool { return hashes[i] >= r.low })
		to := sort.Search(len(hashes), func(i int) bool { return hashes[i] > r.high })
		if from < to {
			if err := b.run(r, hashes[from:to], f); err != nil {
				return err
			}
		}
	}
	return nil
}

// run looks hashes up that are all the run's.
func (b *blockReader) run(r *keyRun, hashes []int64, f func(storedKey)) error {
	first, last := r.block(hashes[0]), r.block(hashes[len(hashes)-1])
	if int64(len(hashes)) > (last-first)/scanFrom {
		return b.some.each([]arg{{number: first}, {number: last}}, func() error {
			id := lib.Xsqlite3_column_int64(b.tls, b.some.p, 1)
			for len(hashes) > 0 && r.block(hashes[0]) < id {
				hashes = hashes[1:]
			}
			n := 0
			for n < len(hashes) && r.block(hashes[n]) == id {
				n++
			}
			if n == 0 {
				return nil
			}
			err := b.some.block(hashes[:n], f)
			hashes = hashes[n:]
			return err
		})
	}
	for len(hashes) > 0 {
		id, n := r.block(hashes[0]), 1
		for n < len(hashes) && r.block(hashes[n]) == id {
			n++
		}
		if err := b.one.each([]arg{{number: id}}, func() error { return b.one.block(hashes[:n], f) }); err != nil {
			return err
		}
		hashes = hashes[n:]
	}
	return nil
}

// block looks hashes up in the block that is the row's first column.
func (st *directStmt) block(hashes []int64, f func(storedKey)) error {
	p := lib.Xsqlite3_column_blob(st.tls, st.p, 0)
	if p == 0 {
		return errBlock
	}
	b, ok := openBlock(unsafe.Slice(at[byte](p), lib.Xsqlite3_column_bytes(st.tls, st.p, 0)))
	for i := 0; ok && i < len(hashes); i++ {
		ok = b.each(hashes[i], hashes[i], f)
	}
	if !ok {
		return errBlock
	}
	return nil
}

// each runs a statement and calls f at each row.
func (st *directStmt) each(args []arg, f func() error) error {
	if err := st.bind(args); err != nil {
		return err
	}
	defer lib.Xsqlite3_reset(st.tls, st.p)
	for {
		switch code := lib.Xsqlite3_step(st.tls, st.p); code {
		case lib.SQLITE_ROW:
			if err := f(); err != nil {
				return err
			}
		case lib.SQLITE_DONE:
			return nil
		default:
			return st.err(code)
		}
	}
}
