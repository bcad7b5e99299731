package store

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/store/pgtest"
)

func TestPostgresOpenRefuses(t *testing.T) {
	for _, tc := range []struct {
		name    string
		prepare func(t *testing.T) string // returns the URL to open
		want    error
		says    string
	}{
		{"a newer database", func(t *testing.T) string {
			url := pgtest.URL(t)
			s := openConfig(t, Config{URL: url})
			for _, q := range []string{`insert into goose_db_version (version_id, is_applied) values (999, true)`, `update counter set value = 999 where name = 'min_reader'`} {
				if _, err := s.r.Exec(q); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return url
		}, ErrNewer, "version 999"},
		{"a database that does not exist", func(t *testing.T) string {
			return strings.Replace(pgtest.URL(t), "/test", "/none", 1)
		}, ErrUnavailable, "--database-url"},
		{"nobody there", func(t *testing.T) string { return "postgres://leadport:secret@127.0.0.1:1/leadport" }, ErrUnavailable, "cannot be reached"},
		{"no URL", func(t *testing.T) string { return "postgres://leadport:secret@127.0.0.1:x/" }, nil, "database URL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(t.Context(), Config{URL: tc.prepare(t)})
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			if tc.want != nil && !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want %v with %q", err, tc.want, tc.says)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%v holds the password", err)
			}
		})
	}
}

// A cut connection costs the transaction that was on it, nothing else.
func TestPostgresCut(t *testing.T) {
	s := openConfig(t, Config{URL: pgtest.URL(t)})
	schema, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{T: t, Store: s, schema: schema}
	cut := func() {
		t.Helper()
		if _, err := s.r.Exec(`select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and pid <> pg_backend_pid()`); err != nil {
			t.Fatal(err)
		}
	}
	err = f.InTx(f.ctx(), func(tx importer.Tx) error {
		w := []importer.Write{{Create: true, After: f.record("name=Lost")}}
		if err := tx.Write(f.ctx(), admin(), importer.Origin{Actor: 1}, w); err != nil {
			return err
		}
		cut()
		return tx.Write(f.ctx(), admin(), importer.Origin{Actor: 1}, w)
	})
	f.is(err, ErrUnavailable)
	err = f.InTx(f.ctx(), func(tx importer.Tx) error {
		cut() // only the commit meets it
		return nil
	})
	f.is(err, ErrUnavailable)
	f.must(f.InTx(f.ctx(), func(importer.Tx) error { return nil }))
	cut() // while nobody does anything
	id := f.create(0, "name=Kept")
	f.equal("leads", f.value(id, "name"), "Kept")
	n, err := f.Count(f.ctx())
	f.must(err)
	f.equal("count", n, int64(1))
}

// The sequence follows the order of commits, whoever writes.
func TestPostgresOneWriter(t *testing.T) {
	url := pgtest.URL(t)
	s := openConfig(t, Config{URL: url})
	other := openConfig(t, Config{URL: url})
	entered, leave, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- s.inTx(context.Background(), func(*tx) error { close(entered); <-leave; return nil })
	}()
	select {
	case <-entered:
	case err := <-done:
		t.Fatal(err)
	}
	second := make(chan error)
	go func() {
		second <- other.inTx(context.Background(), func(t *tx) error { return t.audit(context.Background(), 1, "second", 0, "") })
	}()
	for !s.Waiting() { // it waits in the database, and who writes sees that
		select {
		case err := <-second:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
	}
	close(leave)
	if err := errors.Join(<-done, <-second); err != nil {
		t.Fatal(err)
	}
	if log, err := s.AuditLog(t.Context(), access.For(access.User{ID: 1, Role: "admin"}), 0, 1); err != nil || log[0].Action != "second" {
		t.Errorf("%v, %v", log, err)
	}
}

// Parts of one import write side by side. Until all that began earlier has
// committed, nobody takes a sequence for reached, and whoever else writes waits;
// parts of another import do so in turn.
func TestPostgresParts(t *testing.T) {
	ctx := t.Context()
	url := pgtest.URL(t)
	f := &fixture{T: t, Store: openConfig(t, Config{URL: url, Node: "one"})}
	other := openConfig(t, Config{URL: url, Node: "other"})
	var err error
	f.schema, err = f.Schema(ctx)
	f.must(err)
	imp, next := f.newImport(importer.Import{State: importer.Checked}), f.newImport(importer.Import{State: importer.Checked})
	for _, id := range []int64{imp, next} {
		f.startRun(id, importer.Part{Number: 1, First: 1, Last: 3}, importer.Part{Number: 2, First: 4, Last: 6},
			importer.Part{Number: 3, First: 1, Last: 6, Later: true})
	}
	claim := func(s *Store, id int64) *importer.Part {
		p, err := s.ClaimNext(ctx, id, time.Minute)
		f.must(err)
		return &p
	}
	first, second := claim(f.Store, imp), claim(other, imp)
	f.equal("parts", []int64{first.Number, second.Number}, []int64{1, 2})
	third := claim(other, next)
	_, err = f.ClaimNext(ctx, imp, time.Minute)
	f.is(err, lead.ErrConflict) // the last part is for later
	write := func(ctx context.Context, s *Store, p *importer.Part, id int64, between func()) error {
		return s.InPart(ctx, p, func(tx importer.Tx) error {
			w := []importer.Write{{Create: true, Lead: id, After: f.record("name=Part", "tags=Fair")}}
			if err := tx.Write(ctx, admin(), importer.Origin{Import: p.Import, At: time.Now()}, w); err != nil {
				return err
			}
			if between != nil {
				between()
			}
			return tx.Advance(ctx, p, p.Cursor+1, importer.Accounting{}, time.Minute)
		})
	}
	// The first ones of an import may be alone; then they share.
	f.must(write(ctx, f.Store, first, 101, nil))
	f.must(write(ctx, other, second, 104, nil))
	seq := func() int64 {
		n, err := f.Seq(ctx)
		f.must(err)
		return n
	}
	if current, err := other.IndexSearch(ctx, 100); err != nil || !current {
		t.Errorf("the search index: %v %v", current, err)
	}
	before := seq()
	f.must(write(ctx, f.Store, first, 102, func() {
		f.must(write(ctx, other, second, 105, nil))
		f.equal("the sequence waits for the one that began first", seq(), before)
		if current, err := other.IndexSearch(ctx, 100); err != nil || current {
			t.Errorf("the search index is at what may come later: %v %v", current, err)
		}
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		if err := other.inTx(short, func(*tx) error { return nil }); err == nil {
			t.Error("somebody else wrote meanwhile")
		}
		short, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		if err := write(short, other, third, 201, nil); err == nil {
			t.Error("a part of another import wrote meanwhile")
		}
	}))
	f.equal("all is committed", seq(), before+2)
	if current, err := other.IndexSearch(ctx, 100); err != nil || !current {
		t.Errorf("the search index: %v %v", current, err)
	}
	for _, table := range []string{"lead", "lead_search"} {
		var n int64
		f.must(f.r.QueryRow(`select count(*) from ` + table).Scan(&n))
		f.equal(table, n, int64(4))
	}
	helpable, err := f.Helpable(ctx)
	f.must(err)
	f.equal("to help with: it is at the other one already", helpable, []int64{next})
	// One that broke off in the middle keeps nobody from looking on.
	broken := errors.New("broken")
	f.must(write(ctx, f.Store, first, 103, nil))
	f.must(other.EndLeases(ctx))
	second = claim(other, imp)
	err = other.InPart(ctx, second, func(tx importer.Tx) error {
		w := []importer.Write{{Create: true, Lead: 106, After: f.record("name=Broken")}}
		return errors.Join(tx.Write(ctx, admin(), importer.Origin{Import: imp, At: time.Now()}, w), broken)
	})
	f.is(err, broken)
	behind := seq()
	f.must(f.UpdateImport(ctx, admin(), imp, func(i *importer.Import) error { i.State = importer.Paused; return nil }))
	if now := seq(); now <= behind {
		t.Errorf("the sequence stays at %d", now)
	}
}

// Nodes that start at once migrate once, and make one installation.
func TestPostgresStartTogether(t *testing.T) {
	url := pgtest.URL(t)
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() {
			s, err := Open(t.Context(), Config{URL: url})
			if err == nil {
				err = errors.Join(s.FirstSetting(t.Context(), "mark", rand.Text()), s.Close())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	var rows, versions int
	s := openConfig(t, Config{URL: url})
	if err := s.r.QueryRow(`select count(*), count(distinct version_id) from goose_db_version`).Scan(&rows, &versions); err != nil || rows != versions {
		t.Errorf("%d migrations of %d versions, %v", rows, versions, err)
	}
}

// A node that is frozen while it writes is ended by one that waits, in the
// middle of a transaction and of a COPY; what it wrote is gone.
func TestPostgresFrozen(t *testing.T) {
	for _, c := range []struct {
		name   string
		freeze func(ctx context.Context, t *tx, thaw <-chan struct{}) error
	}{
		{"between statements", func(ctx context.Context, t *tx, thaw <-chan struct{}) error {
			err := t.audit(ctx, 1, "frozen", 0, "")
			<-thaw
			return err
		}},
		{"in a COPY", func(ctx context.Context, t *tx, thaw <-chan struct{}) error {
			return t.conn.Raw(func(dc any) error {
				first := true
				_, err := dc.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{"commit_log"}, []string{"seq", "import", "at"}, pgx.CopyFromFunc(func() ([]any, error) {
					if !first {
						<-thaw
						return nil, nil
					}
					first = false
					return []any{int64(999), int64(0), int64(0)}, nil
				}))
				return err
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			frozen, other := openConfig(t, Config{URL: url}), openConfig(t, Config{URL: url})
			other.d.(*postgres).silent = 500 * time.Millisecond
			began, thaw, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
			go func() {
				done <- frozen.inTx(context.Background(), func(t *tx) error {
					close(began)
					return c.freeze(context.Background(), t, thaw)
				})
			}()
			select {
			case <-began:
			case err := <-done:
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			err := other.inTx(ctx, func(t *tx) error { return t.audit(ctx, 1, "other", 0, "") })
			close(thaw)
			if err != nil {
				t.Error(err)
			}
			if err := <-done; err == nil {
				t.Error("the frozen one has written")
			}
			var n int
			if err := other.r.QueryRow(`select (select count(*) from audit where action = 'frozen') + (select count(*) from commit_log)`).Scan(&n); err != nil || n != 0 {
				t.Errorf("%d rows of the frozen one, %v", n, err)
			}
			if err := frozen.inTx(t.Context(), func(t *tx) error { return t.audit(ctx, 1, "awake", 0, "") }); err != nil {
				t.Errorf("it does not go on: %v", err)
			}
		})
	}
}
