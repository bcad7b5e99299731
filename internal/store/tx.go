package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// tx is one write transaction on the writing connection. No two run at once,
// on any node, but for those of parts of one import (see InPart): what one reads
// is so until it commits.
type tx struct {
	leads                   // reads inside the transaction
	part     *importer.Part // that shares the lock with others, or nil
	sql      *sql.Tx
	direct   *sqliteBulk       // bulk writer of SQLite with its statements, until the end of the transaction
	numbered map[string]string // the same on PostgreSQL: statements with $1 for ?
	fields   *layout           // see layoutNow
	shapesOf *layout
	shapes   map[uint64]*rowShape // of leads, by the columns that have a value
	changes  *rowShape
	written  int64 // leads
	changeID int64 // the next one allotted to the journal, of so many
	changesN int64
	keys     []keyOp            // held back, so that the index is written in order
	held     int64              // how many were
	tidy     bool               // there may be runs of keys to be merged
	seq      int64              // of this transaction, 0 = nothing written yet
	seqOf    int64              // the import it belongs to
	accounts map[string]account // by folded key
	tags     map[string]bool    // folded keys known to exist
	teams    map[int64]int64    // user → team
	sent     *sent              // what is not known to have been written yet
	failed   error              // of what was sent: nothing more may be kept
}

// sent is what was given to the database while the program goes on.
type sent struct {
	done chan error
	said func(error) error
}

// settled waits until everything sent is written, before anything else uses the
// connection, and returns the first error of it.
func (t *tx) settled() error {
	if s := t.sent; s != nil {
		t.sent = nil
		if err := <-s.done; err != nil {
			t.failed = s.said(err)
		}
	}
	return t.failed
}

// said makes an error of what a bulk write was for.
func (t *tx) said(what string) func(error) error {
	return func(err error) error { return t.s.err(what, err) }
}

// settling is a transaction that is used once everything sent is written.
type settling struct {
	querier
	t *tx
}

// ExecContext implements querier.
func (q settling) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := q.t.settled(); err != nil {
		return nil, err
	}
	return q.querier.ExecContext(ctx, query, args...)
}

// QueryContext implements querier.
func (q settling) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := q.t.settled(); err != nil {
		return nil, err
	}
	return q.querier.QueryContext(ctx, query, args...)
}

// QueryRowContext implements querier. A row cannot hold an error of ours: write
// returns it in the end.
func (q settling) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	q.t.settled()
	return q.querier.QueryRowContext(ctx, query, args...)
}

// noticed is how long one waits to write before it counts as waiting.
const noticed = 20 * time.Millisecond

// InTx implements importer.Runs. An error of f, or of the commit, leaves
// nothing behind.
func (s *Store) InTx(ctx context.Context, f func(importer.Tx) error) error {
	return s.behind(ctx, func(t *tx) error { return f(t) })
}

// AtOnce implements importer.Runs.
func (s *Store) AtOnce(ctx context.Context, f func(importer.Tx) error) error {
	return s.inTx(ctx, func(t *tx) error { return f(t) })
}

// InPart implements importer.Runs. Transactions of the parts of one import share
// the lock that keeps writers apart, so what several of them may write has to be
// the part's own: its leads, their keys and journal, its row, which Advance
// writes last. Ids and sequences come from beside the transaction.
func (s *Store) InPart(ctx context.Context, part *importer.Part, f func(importer.Tx) error) error {
	if !s.d.nodes() {
		return s.InTx(ctx, f)
	}
	s.giveWay(ctx)
	return s.write(ctx, 0, part, func(t *tx) error { return f(t) })
}

// patience is how long work that nobody waits for lets others go first.
const patience = 250 * time.Millisecond

// behind is inTx for that work. It does not count as waiting.
func (s *Store) behind(ctx context.Context, f func(*tx) error) error {
	s.giveWay(ctx)
	return s.write(ctx, 0, nil, f)
}

func (s *Store) giveWay(ctx context.Context) {
	for came := time.Now(); s.waiting.Load() > 0 && time.Since(came) < patience && ctx.Err() == nil; {
		time.Sleep(time.Millisecond)
	}
}

func (s *Store) inTx(ctx context.Context, f func(*tx) error) error { return s.write(ctx, 1, nil, f) }

// begin begins a transaction of a part, which is nil if it has to be alone or
// could not share.
func (s *Store) begin(ctx context.Context, conn *sql.Conn, part *importer.Part) (*sql.Tx, *importer.Part, error) {
	q, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	var imp int64
	if part != nil {
		imp = part.Import
	}
	err = s.d.begin(ctx, q, s.r, imp)
	if err == nil && s.d.nodes() {
		err = s.mayStill(ctx, q)
	}
	if err == nil {
		return q, part, nil
	}
	err = errors.Join(err, q.Rollback())
	if !errors.Is(err, errOthersShare) {
		return nil, nil, err
	}
	// Alone for once, after which the parts of this import share.
	if q, part, err = s.begin(ctx, conn, nil); err != nil {
		return nil, nil, err
	}
	if _, err = q.ExecContext(ctx, `insert into counter (name, value) values ($1, $2)
		on conflict (name) do update set value = excluded.value`, sharing, imp); err != nil {
		return nil, nil, errors.Join(err, q.Rollback())
	}
	return q, part, nil
}

// write counts a number of people as waiting until it begins.
func (s *Store) write(ctx context.Context, people int32, part *importer.Part, f func(*tx) error) (err error) {
	if s.w == nil {
		return fmt.Errorf("it was opened for reading only: %w", ErrReadOnly)
	}
	s.waiting.Add(people)
	came := time.Now()
	conn, err := s.w.Conn(ctx)
	s.waiting.Add(-people)
	if err != nil {
		return s.err("begin to write", err)
	}
	defer conn.Close()
	q, part, err := s.begin(ctx, conn, part)
	if err != nil {
		return s.err("begin to write", err)
	}
	if people > 0 && time.Since(came) > noticed {
		s.waited.Store(millis(time.Now()))
	}
	t := &tx{leads: leads{s: s, conn: conn}, sql: q, part: part}
	t.leads.q, t.leads.held = settling{q, t}, t.sorted
	done := false
	defer func() {
		if e := t.settled(); e != nil { // whatever failed after it, failed because of it
			err = e
		}
		t.closeBulk()
		if !done { // an error, or a panic of f
			if e := q.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
				err = errors.Join(err, e)
			}
		}
	}()
	if err := f(t); err != nil {
		return err
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	if err := t.settled(); err != nil {
		return err
	}
	t.closeBulk()
	done = true
	if err := q.Commit(); err != nil {
		return s.err("commit", err)
	}
	if t.written > 0 {
		s.d.grown(ctx, s.r, t.written)
	}
	if t.tidy {
		s.tidyKeys()
	}
	return nil
}

// Leads implements importer.Tx.
func (t *tx) Leads() importer.Leads { return t.leads }

// Wake implements importer.Tx.
func (t *tx) Wake(ctx context.Context, imp int64) error {
	if t.s.waker == nil {
		return nil
	}
	failed := func(err error) error { return t.s.err(fmt.Sprintf("wake import %d", imp), err) }
	rows, err := t.q.QueryContext(ctx, `select fence, cursor from import_part where import = $1 order by part`, imp)
	if err != nil {
		return failed(err)
	}
	type place struct{ fence, cursor int64 }
	parts, err := collect(rows, func(p *place) []any { return []any{&p.fence, &p.cursor} })
	if err != nil {
		return failed(err)
	}
	var turn strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&turn, "%d.%d ", p.fence, p.cursor)
	}
	return failed(t.s.d.inQueue(t, func(tx any) error {
		return t.s.waker.WakeImport(ctx, tx, imp, turn.String())
	}))
}

// Foreign implements importer.Tx. Sequences whose log is gone already
// (see Purge) count as foreign, because nobody can know.
func (t *tx) Foreign(ctx context.Context, seq, imp int64) (map[int64]bool, error) {
	var floor int64
	err := t.q.QueryRowContext(ctx, `select coalesce(max(value), 0) from counter where name = 'commit_floor'`).Scan(&floor)
	if err != nil {
		return nil, t.s.err("look for other writers", err)
	}
	rows, err := t.q.QueryContext(ctx, `select seq from commit_log where seq > $1 and import <> $2`, seq, imp)
	if err != nil {
		return nil, t.s.err("look for other writers", err)
	}
	found, err := collect(rows, func(n *int64) []any { return []any{n} })
	foreign := make(map[int64]bool, len(found))
	for _, n := range found {
		foreign[n] = true
	}
	for n := seq + 1; n <= floor; n++ {
		foreign[n] = true
	}
	return foreign, t.s.err("look for other writers", err)
}

// allot returns the first of n new ids of a kind; ids are never used twice.
func (t *tx) allot(ctx context.Context, name string, n int64) (int64, error) {
	if t.part != nil { // the counter would be the transaction's until it commits
		return t.allotIn(ctx, t.s.r, name, n)
	}
	return t.allotIn(ctx, t.q, name, n)
}

func (t *tx) allotIn(ctx context.Context, q querier, name string, n int64) (int64, error) {
	var last int64
	err := q.QueryRowContext(ctx, `insert into counter (name, value) values ($1, $2)
		on conflict (name) do update set value = counter.value + excluded.value returning value`, name, n).Scan(&last)
	return last - n + 1, t.s.err("allot "+name+" ids", err)
}

// allotChanges returns the first of n new ids of the journal. A transaction that
// goes on gets more at once, so as not to wait for what it has sent.
func (t *tx) allotChanges(ctx context.Context, n int64) (first int64, err error) {
	if t.changesN < n {
		block := max(n, min(t.written, 1<<14))
		if t.changeID, err = t.allot(ctx, "change", block); err != nil {
			return 0, err
		}
		t.changesN = block
	}
	first = t.changeID
	t.changeID, t.changesN = t.changeID+n, t.changesN-n
	return first, nil
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := t.q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// one runs a statement that must change exactly one row.
func (t *tx) one(ctx context.Context, what string, id any, query string, args ...any) error {
	n, err := t.exec(ctx, query, args...)
	if err != nil {
		return t.s.err("write "+what, err)
	}
	if n != 1 {
		return fmt.Errorf("%s %v: %w", what, id, lead.ErrNotFound)
	}
	return nil
}

// sequence returns the transaction's sequence for writes of an import; the
// commit log says whose it is.
func (t *tx) sequence(ctx context.Context, imp, at int64) (int64, error) {
	if t.seq != 0 && t.seqOf == imp {
		return t.seq, nil
	}
	var seq int64
	var err error
	if t.part != nil {
		seq, err = t.openSequence(ctx)
	} else {
		seq, err = t.allot(ctx, "seq", 1)
	}
	if err != nil {
		return 0, err
	}
	t.seq, t.seqOf = seq, imp
	_, err = t.exec(ctx, `insert into commit_log (seq, import, at) values ($1, $2, $3)`, seq, imp, at)
	return seq, t.s.err("log commit", err)
}

// openSequence allots a sequence that may be committed behind later ones: with
// the part until Advance, so that everybody knows (see Seq).
func (t *tx) openSequence(ctx context.Context) (seq int64, err error) {
	q, err := t.s.r.BeginTx(ctx, nil)
	if err != nil {
		return 0, t.s.err("allot sequence", err)
	}
	defer q.Rollback()
	if seq, err = t.allotIn(ctx, q, "seq", 1); err != nil {
		return 0, err
	}
	res, err := q.ExecContext(ctx, `update import_part set seq = $1 where import = $2 and part = $3 and fence = $4`,
		seq, t.part.Import, t.part.Number, t.part.Fence)
	if err != nil {
		return 0, t.s.err("allot sequence", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return 0, errors.Join(err, fmt.Errorf("part %d of import %d: %w", t.part.Number, t.part.Import, lead.ErrFenced))
	}
	return seq, t.s.err("allot sequence", q.Commit())
}
