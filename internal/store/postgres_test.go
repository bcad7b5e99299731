package store

import (
	"context"
	"errors"
	"strings"
	"testing"

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
			if _, err := s.r.Exec(`insert into goose_db_version (version_id, is_applied) values (999, true)`); err != nil {
				t.Fatal(err)
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
		{"one that another process works on", func(t *testing.T) string {
			url := pgtest.URL(t)
			openConfig(t, Config{URL: url})
			return url
		}, ErrUnavailable, "another leadport works on"},
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
	other := &Store{d: s.d, path: s.path, few: fewLeads, now: s.now} // past the lock of the process
	d, err := newPostgres(url)
	if err != nil {
		t.Fatal(err)
	}
	if other.w, err = d.openReaders(Config{}); err != nil {
		t.Fatal(err)
	}
	other.r = other.w
	defer other.w.Close()
	entered, leave, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- s.inTx(context.Background(), func(*tx) error { close(entered); <-leave; return nil })
	}()
	<-entered
	second := make(chan error)
	go func() {
		second <- other.inTx(context.Background(), func(t *tx) error { return t.audit(context.Background(), 1, "second", 0, "") })
	}()
	for { // it waits in the database
		var waits bool
		if err := s.r.QueryRow(`select exists (select 1 from pg_locks where locktype = 'advisory' and not granted)`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
		if waits {
			break
		}
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
