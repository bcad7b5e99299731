package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// readBatch is how many leads are read before they are handed out: in between
// the connection is free.
const readBatch = 256

// each reads leads past the driver, which takes the columns one by one into
// values of their own: five times as long.
func (sqlite) each(ctx context.Context, r leads, l *layout, query string, args []any, f func(*Lead) error) (err error) {
	conn := r.conn
	if conn == nil {
		if conn, err = r.s.r.Conn(ctx); err != nil {
			return r.s.err("read leads", err)
		}
		defer conn.Close()
	}
	rd := leadReader{l: l, batch: make([]*Lead, 0, readBatch)}
	defer func() { err = errors.Join(err, conn.Raw(func(any) error { return rd.close() })) }()
	for more := true; more; {
		err := conn.Raw(func(dc any) (err error) {
			if rd.st == nil {
				if err := rd.open(dc, query, args); err != nil {
					return err
				}
			}
			more, err = rd.read(ctx)
			return err
		})
		if err != nil {
			return r.s.err("read leads", err)
		}
		for i, v := range rd.batch {
			rd.batch[i] = nil
			if err := f(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// leadReader reads rows of layout.query.
type leadReader struct {
	l      *layout
	st     *directStmt
	stride uintptr // of the columns' values
	batch  []*Lead
	slab   leadSlab
	// Of a layout in brief: the leads of a batch and their texts, which those of
	// the next take over.
	used []*Lead
	text []byte
}

func (rd *leadReader) open(conn any, query string, args []any) error {
	d, err := directOf(conn)
	if err != nil {
		return err
	}
	if rd.st, err = d.prepare(query); err != nil {
		return err
	}
	bound := make([]arg, len(rd.st.bound))
	for i := range bound {
		// $2 may come before $1.
		n, err := strconv.Atoi(libc.GoString(lib.Xsqlite3_bind_parameter_name(d.tls, rd.st.p, int32(i+1)))[1:])
		if err != nil || n > len(args) {
			return fmt.Errorf("parameter %d of %q: %w", i+1, query, errors.Join(err, sql.ErrNoRows))
		}
		switch v := args[n-1].(type) {
		case string:
			bound[i] = arg{text: v, isText: true}
		case int64:
			bound[i] = arg{number: v}
		case int:
			bound[i] = arg{number: int64(v)}
		default:
			return fmt.Errorf("parameter %d of %q is a %T", n, query, v)
		}
	}
	return rd.st.bind(bound)
}

func (rd *leadReader) close() error {
	if rd.st != nil {
		rd.st.close()
	}
	return nil
}

// read fills the batch and reports whether there may be more.
func (rd *leadReader) read(ctx context.Context) (more bool, err error) {
	defer rd.st.interruptible(ctx)()
	rd.batch, rd.text = rd.batch[:0], rd.text[:0]
	for len(rd.batch) < cap(rd.batch) {
		switch code := lib.Xsqlite3_step(rd.st.tls, rd.st.p); code {
		case lib.SQLITE_ROW:
			v, err := rd.lead()
			if err != nil {
				return false, err
			}
			rd.batch = append(rd.batch, v)
		case lib.SQLITE_DONE:
			return false, nil
		default:
			return false, errors.Join(ctx.Err(), rd.st.err(code))
		}
	}
	return true, ctx.Err()
}

// interruptible lets the end of a context interrupt what runs on the connection
// until the function that it returns is called.
func (d direct) interruptible(ctx context.Context) func() {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		tls := libc.NewTLS() // the connection's is in use
		lib.Xsqlite3_interrupt(tls, d.db)
		tls.Close()
		close(interrupted)
	})
	return func() {
		if !stop() {
			<-interrupted
		}
	}
}

// text is a value's text where it lies, until the next step.
func (d direct) text(value uintptr) []byte {
	p := lib.Xsqlite3_value_blob(d.tls, value)
	if p == 0 {
		return nil
	}
	return unsafe.Slice(at[byte](p), lib.Xsqlite3_value_bytes(d.tls, value))
}

// lead takes the row in; its texts share one piece of memory.
func (rd *leadReader) lead() (*Lead, error) {
	d, l := rd.st.direct, rd.l
	first := lib.Xsqlite3_column_value(d.tls, rd.st.p, 0)
	if rd.stride == 0 { // the values of a row lie one behind the other
		rd.stride = lib.Xsqlite3_column_value(d.tls, rd.st.p, 1) - first
	}
	var meta [11]int64
	for i := range meta {
		meta[i] = lib.Xsqlite3_value_int64(d.tls, first+uintptr(i)*rd.stride)
	}
	v := rd.room(&meta)
	next := first + uintptr(len(meta))*rd.stride
	custom := string(d.text(next))
	begin, size := next, 0
	for _, c := range l.columns {
		next += rd.stride
		if c.slot == l.owner {
			v.Owner = lib.Xsqlite3_value_int64(d.tls, next)
			continue
		}
		text := d.text(next)
		size += len(text)
	}
	all := rd.text
	if !l.brief {
		all = make([]byte, 0, size)
	}
	next = begin
	for _, c := range l.columns {
		next += rd.stride
		if c.slot == l.owner {
			continue
		}
		if text := d.text(next); len(text) > 0 {
			n := len(all)
			all = append(all, text...)
			v.Values[c.slot] = unsafe.String(&all[n], len(text))
		}
	}
	if l.brief {
		rd.text = all
	}
	if v.Owner != 0 {
		v.Values[l.owner] = strconv.FormatInt(v.Owner, 10)
	}
	return v, decodeCustom(l, custom, &v.Record)
}

// room is a lead without values for the row at hand.
func (rd *leadReader) room(meta *[11]int64) *Lead {
	if !rd.l.brief {
		return rd.slab.lead(rd.l, meta)
	}
	n := len(rd.batch)
	if n == len(rd.used) {
		rd.used = append(rd.used, rd.slab.lead(rd.l, meta))
	}
	v := rd.used[n]
	clear(v.Values)
	return v
}

// eachKey joins the keys to the hashes as a virtual table, which costs half of
// what a list in JSON does. In a transaction that table has the rows that wait
// to be written.
func (sqlite) eachKey(ctx context.Context, r leads, hashes []int64, f func(storedKey)) error {
	if r.conn != nil {
		return r.eachKeyScanned(ctx, hashes, f)
	}
	conn, err := r.s.r.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	query := `select k.hash, k.lead, k.seq from ` + rowsName + ` w cross join lead_key k on k.hash = w.c0`
	return conn.Raw(func(dc any) error {
		d, err := directOf(dc)
		if err != nil {
			return err
		}
		w := waiting{d: d}
		defer func() {
			w.cells.free(d)
			w.texts.free(d)
		}()
		if w.host, err = d.hostRows(); err != nil {
			return err
		}
		for _, h := range hashes {
			if err := w.add([]arg{{number: h}}); err != nil {
				return err
			}
		}
		w.show()
		st, err := d.prepare(query)
		if err != nil {
			return err
		}
		defer st.close()
		defer d.interruptible(ctx)()
		for {
			switch code := lib.Xsqlite3_step(d.tls, st.p); code {
			case lib.SQLITE_ROW:
				f(storedKey{lib.Xsqlite3_column_int64(d.tls, st.p, 0), lib.Xsqlite3_column_int64(d.tls, st.p, 1), lib.Xsqlite3_column_int64(d.tls, st.p, 2)})
			case lib.SQLITE_DONE:
				return ctx.Err()
			default:
				return errors.Join(ctx.Err(), d.err(code))
			}
		}
	})
}
