package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// bulk writes while the program goes on: PostgreSQL works on one core, who
// prepares the next batch on another. One batch is under way at a time.
func (*postgres) bulk(ctx context.Context, t *tx, f func(bulk) error, said func(error) error) error {
	if t.numbered == nil {
		t.numbered = map[string]string{}
	}
	b := &postgresBulk{ctx: ctx, t: t, numbered: t.numbered}
	if err := f(b); err != nil {
		return said(err)
	}
	if err := t.settled(); err != nil {
		return err
	}
	s := &sent{done: make(chan error, 1), said: said}
	t.sent = s
	go func() { s.done <- t.conn.Raw(b.write) }()
	return nil
}

// postgresBulk copies rows, changes leads many in one statement, and sends other
// statements many at a time, without waiting for each one's answer.
type postgresBulk struct {
	ctx      context.Context
	t        *tx
	conn     *pgx.Conn         // in write
	numbered map[string]string // statements with $1 for ?
	shapes   []*rowShape       // that rows wait for, in order of the first
	rows     map[*rowShape]*copied
	changing []*updateShape // that changes wait for, in order of the first
	changes  map[*updateShape]*changed
	waiting  map[int64]bool // leads whose change waits
	batch    pgx.Batch
	expected []expected // of the statements in batch
	later    []func(ctx context.Context, conn *pgx.Conn) error
}

// expected is what a statement has to do: change one row, all the leads of a
// change, or anything.
type expected struct {
	number int // -1: anything
	leads  *changed
}

// outdated is a lead that is not there in the version that was to be changed, or
// not for this person.
type outdated struct{ lead, version int64 }

func (outdated) Error() string { return "no such lead in this version" }

// maxBatch is how many statements are sent at once.
const maxBatch = 500

func (b *postgresBulk) exec(text string, args []arg) error {
	return b.one(-1, text, args)
}

func (b *postgresBulk) one(number int, text string, args []arg) error {
	numbered, ok := b.numbered[text]
	if !ok {
		numbered = numbers(text)
		b.numbered[text] = numbered
	}
	v := make([]any, len(args))
	for i := range args {
		v[i] = args[i].value()
	}
	b.batch.Queue(numbered, v...)
	b.expected = append(b.expected, expected{number: number})
	if len(b.expected) < maxBatch {
		return nil
	}
	return b.send()
}

// numbers puts $1, $2 … for every ?.
func numbers(text string) string {
	var out strings.Builder
	n := 0
	for _, c := range []byte(text) {
		if c != '?' {
			out.WriteByte(c)
			continue
		}
		n++
		out.WriteString("$" + strconv.Itoa(n))
	}
	return out.String()
}

// changed are changes of leads that one statement makes, by column.
type changed struct {
	texts    [][]string // nil for a column of numbers
	ints     [][]int64
	leads    int // the column of their ids; the versions' is behind it
	sequence int64
}

func (b *postgresBulk) change(_ int, u *updateShape, args []arg) error {
	n := len(args) - 2
	lead := args[n].number
	if b.waiting[lead] { // its change before this one comes first
		if err := b.send(); err != nil {
			return err
		}
	}
	if b.changes == nil {
		b.changes, b.waiting = map[*updateShape]*changed{}, map[int64]bool{}
	}
	c := b.changes[u]
	if c == nil {
		c = &changed{texts: make([][]string, len(args)), ints: make([][]int64, len(args)), leads: n, sequence: args[0].number}
		b.changes[u] = c
		b.changing = append(b.changing, u)
	}
	b.waiting[lead] = true
	for i, a := range args {
		if a.isText {
			c.texts[i] = append(c.texts[i], a.text)
		} else {
			c.ints[i] = append(c.ints[i], a.number)
		}
	}
	return nil
}

// queue adds the statement of a change. begin has seen to it that each lead is
// looked up by its id, however little is known of the table.
func (b *postgresBulk) queue(u *updateShape, c *changed) {
	var set, from, names strings.Builder
	arrays := make([]any, len(c.ints))
	for i := range c.ints {
		arrays[i] = c.ints[i]
		kind := "bigint"
		if c.ints[i] == nil {
			arrays[i], kind = c.texts[i], "text"
		}
		if i > 0 {
			from.WriteString(", ")
			names.WriteString(", ")
		}
		at := strconv.Itoa(i + 1)
		from.WriteString("$" + at + "::" + kind + "[]")
		names.WriteString("c" + at)
		if i < c.leads {
			set.WriteString(", " + u.columns[i] + " = u.c" + at)
		}
	}
	b.batch.Queue("update lead set version = version + 1"+set.String()+" from unnest("+from.String()+") u ("+names.String()+
		") where id = u.c"+strconv.Itoa(c.leads+1)+" and version = u.c"+strconv.Itoa(c.leads+2)+" and "+u.condition, arrays...)
	b.expected = append(b.expected, expected{leads: c})
}

// untouched returns a lead of these that was not changed.
func (b *postgresBulk) untouched(c *changed) error {
	var missed outdated
	err := b.conn.QueryRow(b.ctx, `select u.lead, u.version from unnest($1::bigint[], $2::bigint[]) u (lead, version)
		where not exists (select 1 from lead l where l.id = u.lead and l.version = u.version + 1 and l.seq = $3) limit 1`,
		c.ints[c.leads], c.ints[c.leads+1], c.sequence).Scan(&missed.lead, &missed.version)
	if err != nil {
		return err
	}
	return missed
}

// copied are rows as COPY takes them in its binary format (PostgreSQL, COPY).
type copied struct{ bytes.Buffer }

func (c *copied) row(fields int) {
	if c.Len() == 0 {
		c.WriteString("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	}
	c.Write(binary.BigEndian.AppendUint16(c.AvailableBuffer(), uint16(fields)))
}

func (c *copied) int(v int64) {
	c.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(c.AvailableBuffer(), 8), uint64(v)))
}

func (c *copied) text(v string) {
	c.Write(binary.BigEndian.AppendUint32(c.AvailableBuffer(), uint32(len(v))))
	c.WriteString(v)
}

// send copies the rows into a table.
func (c *copied) send(ctx context.Context, conn *pgx.Conn, table string, columns []string) error {
	c.Write([]byte{0xff, 0xff})
	_, err := conn.PgConn().CopyFrom(ctx, &c.Buffer, "copy "+table+" ("+strings.Join(columns, ", ")+") from stdin (format binary)")
	return err
}

func (b *postgresBulk) insert(r *rowShape, args []arg) error {
	if b.rows == nil {
		b.rows = map[*rowShape]*copied{}
	}
	c := b.rows[r]
	if c == nil {
		c = &copied{}
		b.rows[r] = c
		b.shapes = append(b.shapes, r)
	}
	c.row(len(args))
	for i := range args {
		if args[i].isText {
			c.text(args[i].text)
		} else {
			c.int(args[i].number)
		}
	}
	return nil
}

// send writes what waits and waits for it.
func (b *postgresBulk) send() error {
	if err := b.t.settled(); err != nil {
		return err
	}
	return b.t.conn.Raw(b.write)
}

// write writes what waits: new rows first, since statements may be about them.
func (b *postgresBulk) write(dc any) error {
	b.conn = dc.(*stdlib.Conn).Conn()
	if err := b.rowsAndStatements(); err != nil {
		return err
	}
	for _, f := range b.later {
		if err := f(b.ctx, b.conn); err != nil {
			return err
		}
	}
	b.later = nil
	return nil
}

func (b *postgresBulk) rowsAndStatements() error {
	for _, r := range b.shapes {
		if err := b.rows[r].send(b.ctx, b.conn, r.table, r.columns); err != nil {
			return err
		}
	}
	b.shapes, b.rows = nil, nil
	for _, u := range b.changing {
		b.queue(u, b.changes[u])
	}
	b.changing, b.changes, b.waiting = nil, nil, nil
	if len(b.expected) == 0 {
		return nil
	}
	results := b.conn.SendBatch(b.ctx, &b.batch)
	var err error
	var missed *changed
	for _, e := range b.expected {
		var tag pgconn.CommandTag
		if tag, err = results.Exec(); err != nil {
			break
		}
		if e.leads != nil && tag.RowsAffected() != int64(len(e.leads.ints[e.leads.leads])) {
			missed = e.leads
			break
		}
		if e.leads == nil && e.number >= 0 && tag.RowsAffected() != 1 {
			err = untouched(e.number)
			break
		}
	}
	b.batch, b.expected = pgx.Batch{}, b.expected[:0]
	err = errors.Join(err, results.Close())
	if err == nil && missed != nil {
		return b.untouched(missed)
	}
	return err
}

// keys copies the keys of leads made in this transaction, which nobody has
// written yet; the others are set by one statement.
func (b *postgresBulk) keys(ops []keyOp) error {
	var fresh copied
	var hashes, leads, seqs, dropped, of []int64
	for _, op := range ops {
		switch {
		case op.drop:
			dropped, of = append(dropped, op.hash), append(of, op.lead)
		case op.fresh:
			fresh.row(3)
			fresh.int(op.hash)
			fresh.int(op.lead)
			fresh.int(op.seq)
		default:
			hashes, leads, seqs = append(hashes, op.hash), append(leads, op.lead), append(seqs, op.seq)
		}
	}
	b.later = append(b.later, func(ctx context.Context, conn *pgx.Conn) error {
		if len(dropped) > 0 {
			if _, err := conn.Exec(ctx, `delete from lead_key k using unnest($1::bigint[], $2::bigint[]) u (hash, lead)
			where k.hash = u.hash and k.lead = u.lead`, dropped, of); err != nil {
				return err
			}
		}
		if len(hashes) > 0 {
			if _, err := conn.Exec(ctx, `insert into lead_key (hash, lead, seq) select * from unnest($1::bigint[], $2::bigint[], $3::bigint[])
			on conflict (hash, lead) do update set seq = excluded.seq`, hashes, leads, seqs); err != nil {
				return err
			}
		}
		if fresh.Len() == 0 {
			return nil
		}
		return fresh.send(ctx, conn, "lead_key", []string{"hash", "lead", "seq"})
	})
	return nil
}
