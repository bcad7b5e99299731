package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

func TestOpenRefuses(t *testing.T) {
	sound := func(t *testing.T, dir string) string {
		path := filepath.Join(dir, "leadport.db")
		s, err := Open(t.Context(), Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tc := range []struct {
		name     string
		prepare  func(t *testing.T, dir string) string // returns the path to open
		readOnly bool
		want     error
		says     string
	}{
		{"a newer database", func(t *testing.T, dir string) string {
			path := sound(t, dir)
			s := openAt(t, path)
			if _, err := s.w.Exec(`insert into goose_db_version (version_id, is_applied) values (999, 1); update counter set value = 999 where name = 'min_reader'`); err != nil {
				t.Fatal(err)
			}
			return path
		}, false, ErrNewer, "version 999"},
		{"a newer database, read-only", func(t *testing.T, dir string) string {
			path := sound(t, dir)
			s := openAt(t, path)
			if _, err := s.w.Exec(`insert into goose_db_version (version_id, is_applied) values (999, 1); update counter set value = 999 where name = 'min_reader'`); err != nil {
				t.Fatal(err)
			}
			return path
		}, true, ErrNewer, "version 999"},
		{"a file that is no database", func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "leadport.db")
			if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}, false, ErrCorrupt, "restore a backup"},
		{"a folder that does not exist", func(t *testing.T, dir string) string {
			return filepath.Join(dir, "no", "leadport.db")
		}, false, ErrUnavailable, "folder exists"},
		{"read-only without a file", func(t *testing.T, dir string) string {
			return filepath.Join(dir, "leadport.db")
		}, true, ErrUnavailable, "cannot be opened"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := tc.prepare(t, t.TempDir())
			s, err := Open(t.Context(), Config{Path: path, ReadOnly: tc.readOnly})
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want %v that says %q", err, tc.want, tc.says)
			}
		})
	}
}

func TestOpenOddPath(t *testing.T) {
	openAt(t, filepath.Join(t.TempDir(), "50% ?ünï#code.db"))
}

func TestDiskFull(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "leadport.db"))
	if _, err := s.w.Exec(`pragma max_page_count = 1`); err != nil { // the pages there are, and no more
		t.Fatal(err)
	}
	schema, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fill := func() error {
		return s.InTx(t.Context(), func(tx importer.Tx) error {
			w := make([]importer.Write, 2000)
			for i := range w {
				w[i] = importer.Write{Create: true, After: sample(schema, i)}
			}
			return tx.Write(t.Context(), admin(), importer.Origin{Import: 1, At: time.Now()}, w)
		})
	}
	if err := fill(); !errors.Is(err, ErrFull) {
		t.Fatalf("got %v", err)
	}
	if n, err := s.Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d leads, %v", n, err)
	}
	if _, err := s.w.Exec(`pragma max_page_count = 1000000`); err != nil {
		t.Fatal(err)
	}
	if err := fill(); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

func TestReadersBesideAWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "leadport.db")
	s := openAt(t, path)
	schema, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ro, err := Open(t.Context(), Config{Path: path, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer ro.Close()
	if err := ro.InTx(t.Context(), func(importer.Tx) error { return nil }); !errors.Is(err, ErrReadOnly) {
		t.Errorf("write: %v", err)
	}
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	for _, reader := range []*Store{s, ro} {
		wg.Go(func() {
			for ctx.Err() == nil {
				n, err := reader.Count(t.Context())
				if err != nil || n%100 != 0 {
					t.Errorf("%d leads, %v", n, err)
					return
				}
			}
		})
	}
	for batch := range 10 {
		err := s.InTx(t.Context(), func(tx importer.Tx) error {
			w := make([]importer.Write, 100)
			for i := range w {
				w[i] = importer.Write{Create: true, After: sample(schema, batch*100+i)}
			}
			return tx.Write(t.Context(), admin(), importer.Origin{Import: 1, At: time.Now()}, w)
		})
		if err != nil {
			t.Error(err)
		}
	}
	cancel()
	wg.Wait()
	if n, err := ro.Count(t.Context()); n != 1000 || err != nil {
		t.Errorf("%d leads, %v", n, err)
	}
}

// A long transaction learns that somebody waits, and the next ones that
// somebody had to.
func TestWaiting(t *testing.T) {
	s, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "leadport.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	began := time.Now().Add(-time.Minute)
	nothing := func(importer.Tx) error { return nil }
	if s.Waiting() || s.WaitedSince(began) {
		t.Error("nobody came yet")
	}
	var other sync.WaitGroup
	err = s.InTx(t.Context(), func(importer.Tx) error {
		other.Go(func() {
			if err := s.AtOnce(context.Background(), nothing); err != nil {
				t.Error(err)
			}
		})
		for end := time.Now().Add(5 * time.Second); !s.Waiting() && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		if !s.Waiting() {
			t.Error("somebody waits")
		}
		time.Sleep(2 * noticed)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	other.Wait()
	if s.Waiting() || !s.WaitedSince(began) || s.WaitedSince(time.Now().Add(time.Minute)) {
		t.Error("somebody had to wait just now")
	}
}

func TestBackup(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, filepath.Join(dir, "leadport.db"))
	f := &fixture{T: t, Store: s}
	var err error
	f.schema, err = s.Schema(t.Context())
	f.must(err)
	id := f.create(1, "name=A", "emails=a@x.example")
	f.must(s.Audit(t.Context(), 1, "backup", 0, ""))
	path := filepath.Join(dir, "copy.db")
	// While somebody is writing.
	f.must(s.InTx(t.Context(), func(tx importer.Tx) error {
		w := []importer.Write{{Create: true, After: f.record("name=B")}}
		return errors.Join(tx.Write(t.Context(), admin(), importer.Origin{Import: 1, At: time.Now()}, w), s.Backup(t.Context(), path))
	}))
	f.is(s.Backup(t.Context(), path), lead.ErrConflict)
	c := openAt(t, path)
	copied := &fixture{T: t, Store: c, schema: f.schema}
	copied.equal("lead", copied.value(id, "name"), "A")
	n, err := c.Count(t.Context())
	f.must(err)
	f.equal("only what was committed", n, int64(1))
	copied.clean()
	if _, err := os.Stat(path + ".part"); !os.IsNotExist(err) {
		t.Errorf("leftover: %v", err)
	}
}
