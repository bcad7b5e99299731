package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	lib "modernc.org/sqlite/lib"
)

// sqliteBulk writes on the transaction's connection, to the transaction's end.
type sqliteBulk struct {
	direct
	ctx      context.Context
	host     uintptr // of the rows that wait
	prepared map[string]*directStmt
	shapes   map[*rowShape]*waitingShape
	keyRows  *waitingShape
	args     args
}

// waitingShape are rows of a shape with the statement that takes them in.
type waitingShape struct {
	waiting
	st *directStmt
}

func (sqlite) bulk(ctx context.Context, t *tx, f func(bulk) error, said func(error) error) error {
	return said(t.conn.Raw(func(dc any) error {
		d, err := directOf(dc)
		if err != nil {
			return err
		}
		if lib.Xsqlite3_get_autocommit(d.tls, d.db) != 0 {
			return errors.Join(ctx.Err(), sql.ErrTxDone) // taken back when its context ended
		}
		if t.direct == nil {
			t.direct = &sqliteBulk{direct: d, prepared: map[string]*directStmt{}, shapes: map[*rowShape]*waitingShape{}}
		}
		t.direct.ctx = ctx
		if err := f(t.direct); err != nil {
			return err
		}
		return t.direct.send("")
	}))
}

// closeBulk ends the statements. If the connection is gone, they went with it.
func (t *tx) closeBulk() {
	b := t.direct
	if b == nil {
		return
	}
	t.direct = nil
	t.conn.Raw(func(any) error {
		for _, st := range b.prepared {
			st.close()
		}
		shapes := slices.Collect(maps.Values(b.shapes))
		if b.keyRows != nil {
			shapes = append(shapes, b.keyRows)
		}
		for _, s := range shapes {
			s.cells.free(b.direct)
			s.texts.free(b.direct)
		}
		return nil
	})
}

func (b *sqliteBulk) statement(text string) (*directStmt, error) {
	st := b.prepared[text]
	if st == nil {
		var err error
		if st, err = b.prepare(text); err != nil {
			return nil, err
		}
		b.prepared[text] = st
	}
	return st, nil
}

func (b *sqliteBulk) exec(text string, args []arg) error {
	if err := b.send("lead_change"); err != nil {
		return err
	}
	st, err := b.statement(text)
	if err != nil {
		return err
	}
	return st.run(args)
}

func (b *sqliteBulk) change(number int, u *updateShape, args []arg) error {
	return b.one(number, u.text, args)
}

func (b *sqliteBulk) one(number int, text string, args []arg) error {
	if err := b.exec(text, args); err != nil {
		return err
	}
	if lib.Xsqlite3_changes(b.tls, b.db) != 1 {
		return untouched(number)
	}
	return nil
}

func (b *sqliteBulk) insert(r *rowShape, args []arg) error {
	s := b.shapes[r]
	if s == nil {
		var err error
		if s, err = b.wait(r.table, r.columns); err != nil {
			return err
		}
		b.shapes[r] = s
	}
	return s.put(args)
}

func (b *sqliteBulk) wait(table string, columns []string) (*waitingShape, error) {
	if b.host == 0 {
		var err error
		if b.host, err = b.hostRows(); err != nil {
			return nil, err
		}
	}
	st, err := b.statement(rowsInsert(table, columns))
	return &waitingShape{waiting: waiting{d: b.direct, host: b.host}, st: st}, err
}

func (s *waitingShape) put(args []arg) error {
	if err := s.add(args); err != nil || !s.full() {
		return err
	}
	return s.send(s.st)
}

// send writes the rows that wait, but those of one table.
func (b *sqliteBulk) send(but string) error {
	for r, s := range b.shapes {
		if s.n > 0 && r.table != but {
			if err := s.send(s.st); err != nil {
				return err
			}
		}
	}
	return nil
}

const setKey = `insert into lead_key (hash, lead, seq) values (?, ?, ?)
	on conflict (hash, lead) do update set seq = excluded.seq`

func (b *sqliteBulk) keys(ops []keyOp) (err error) {
	if b.keyRows == nil {
		if b.keyRows, err = b.wait("lead_key", []string{"hash", "lead", "seq"}); err != nil {
			return err
		}
	}
	a := &b.args
	for i, op := range ops {
		if i&1023 == 0 && b.ctx.Err() != nil {
			return b.ctx.Err()
		}
		a.reset().ints(op.hash, op.lead)
		switch {
		case op.drop:
			err = b.exec(dropKey, a.v)
		case op.fresh:
			err = b.keyRows.put(a.ints(op.seq).v)
		default:
			err = b.exec(setKey, a.ints(op.seq).v)
		}
		if err != nil {
			return err
		}
	}
	if b.keyRows.n > 0 {
		return b.keyRows.send(b.keyRows.st)
	}
	return nil
}
