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
