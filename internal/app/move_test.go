package app_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/store"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// installation is one with an import, an undo, a journal, people, settings and
// files.
func installation(t *testing.T, c app.Config) *app.App {
	t.Helper()
	ctx := t.Context()
	c.MaxUpload = 1 << 20
	a, err := app.Open(ctx, c, slog.New(slog.DiscardHandler))
	must(t, err)
	p, _, err := a.Principal(ctx, "")
	must(t, err)
	first := importLeads(t, a, p, 300)
	importLeads(t, a, p, 340) // 300 of them there
	undo, err := a.Engine.Undo(ctx, p, first.ID, importer.Options{})
	must(t, err)
	_, err = a.Watch(ctx, undo.ID, nil)
	must(t, err)
	_, err = a.Store.AddChoice(ctx, p, "source", "Zürich 🎪", 0)
	must(t, err)
	must(t, a.Store.AddToken(ctx, p, &access.Token{User: p.User.ID, Name: "script"}, access.HashSecret("secret")))
	must(t, a.Store.SetSetting(ctx, p, "organization", "Acme 'quoted' \\ \"GmbH\""))
	must(t, a.StopWork(ctx))
	return a
}

// sums is what a database holds, asked of the database itself: every row of
// every table as text, but for what a transfer leaves behind.
func sums(t *testing.T, c app.Config) map[string][]string {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(c.Data, "leadport.db"), URL: c.DatabaseURL, ReadOnly: true, Transfer: true})
	must(t, err)
	defer s.Close()
	db := s.Readers()
	list := `select name from sqlite_master where type = 'table' and sql not like 'create virtual%'`
	if c.DatabaseURL != "" {
		list = `select table_name from information_schema.tables where table_schema = current_schema()`
	}
	rows, err := db.QueryContext(t.Context(), list)
	must(t, err)
	var tables []string
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		if !strings.HasPrefix(name, "river_") && !strings.HasPrefix(name, "lead_search") && !strings.HasPrefix(name, "sqlite_") && name != "goose_db_version" {
			tables = append(tables, name)
		}
	}
	must(t, rows.Err())
	out := map[string][]string{}
	for _, table := range tables {
		rows, err := db.QueryContext(t.Context(), `select * from `+table)
		must(t, err)
		columns, err := rows.Columns()
		must(t, err)
		out[table] = []string{}
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			must(t, rows.Scan(into...))
			var cells []string
			for i, v := range values {
				if columns[i] != "lease_until" {
					cells = append(cells, fmt.Sprintf("%s=%v", columns[i], v))
				}
			}
			slices.Sort(cells)
			line := strings.Join(cells, "|")
			if !strings.Contains(line, "key=moved|") && !strings.Contains(line, "key=files|") && !strings.Contains(line, "name=search_") {
				out[table] = append(out[table], line)
			}
		}
		must(t, rows.Err())
		slices.Sort(out[table])
	}
	return out
}

func same(t *testing.T, what string, got, want map[string][]string) {
	t.Helper()
	if g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(g, w) {
		t.Fatalf("%s: tables %v, want %v", what, g, w)
	}
	rows := 0
	for table := range want {
		if !slices.Equal(got[table], want[table]) {
			t.Errorf("%s: table %s has %d rows, want %d, or others: %v", what, table, len(got[table]), len(want[table]), first(got[table], want[table]))
		}
		rows += len(want[table])
	}
	if rows < 1000 {
		t.Errorf("%s: %d rows prove little", what, rows)
	}
}

func first(a, b []string) []string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return []string{a[i], b[i]}
		}
	}
	return nil
}

// SQLite and a folder, to PostgreSQL and S3, and back: the same in every table
// and file, also if it is killed again and again; and what holds, holds.
func TestMove(t *testing.T) {
	ctx, url, s3 := t.Context(), pgtest.URL(t), s3place(t)
	here, back := app.Config{Data: t.TempDir(), MaxUpload: 1 << 20}, app.Config{Data: t.TempDir(), MaxUpload: 1 << 20}
	there := app.Config{Data: here.Data, DatabaseURL: url, Files: s3, MaxUpload: 1 << 20}
	a := installation(t, here)
	must(t, a.Close(ctx))
	was := sums(t, here)
	files := listFiles(t, filepath.Join(here.Data, "files"))

	breaks := breakingOff(t, 2, func(ctx context.Context, tell func(string, int64, int64)) error {
		done, err := app.Move(ctx, here, there, tell)
		if err == nil && (done.Rows < 1000 || done.Files.Files < 3 || done.Kept != filepath.Join(here.Data, "leadport.db.moved")) {
			t.Errorf("%+v", done)
		}
		return err
	}, func(breaks int) {
		if _, err := app.Open(ctx, there, slog.New(slog.DiscardHandler)); breaks > 5 && !errors.Is(err, store.ErrMoved) && !errors.Is(err, lead.ErrInvalid) {
			t.Errorf("half of it can be worked on: %v", err)
		}
	})
	if breaks < 4 {
		t.Errorf("it broke off %d times only", breaks)
	}
	same(t, "PostgreSQL", sums(t, there), was)
	for _, c := range []app.Config{there, {Data: t.TempDir(), DatabaseURL: url, Files: s3}} { // the same node, and a new one
		a, err := app.Open(ctx, c, slog.New(slog.DiscardHandler))
		must(t, err)
		holds(t, a)
		if _, err := a.Engine.Fate(ctx, access.System(), 1, 7); err != nil {
			t.Errorf("what became of a record: %v", err)
		}
		must(t, a.Close(ctx))
	}
	busy, err := app.Open(ctx, app.Config{Data: t.TempDir(), DatabaseURL: url, Files: s3}, slog.New(slog.DiscardHandler))
	must(t, err)
	if _, err := app.Move(ctx, there, back, nil); !errors.Is(err, lead.ErrConflict) || !strings.Contains(err.Error(), "sessions of leadport work on") {
		t.Errorf("another node works on it: %v", err)
	}
	must(t, busy.Close(ctx))
	was = sums(t, there) // new nodes have left their names
	if _, err := app.Move(ctx, there, back, nil); err != nil {
		t.Fatal(err)
	}
	same(t, "SQLite", sums(t, back), was)
	if got := listFiles(t, filepath.Join(back.Data, "files")); !maps.Equal(got, files) && len(got) != len(files)+1 { // and the mark
		t.Errorf("files %v, want %v", got, files)
	}
	a, err = app.Open(ctx, back, slog.New(slog.DiscardHandler))
	must(t, err)
	holds(t, a)
	p, _, err := a.Principal(ctx, "")
	must(t, err)
	importLeads(t, a, p, 350) // ids and sequences go on
	must(t, a.Close(ctx))
	if _, err := app.Open(ctx, there, slog.New(slog.DiscardHandler)); !errors.Is(err, store.ErrMoved) {
		t.Errorf("what was moved can be worked on: %v", err)
	}
}

// breakingOff does something that breaks off at its 1st sign of life, then at one
// some times as far, and so on, until it comes to its end. It calls broken each
// time, and returns how often that was.
func breakingOff(t *testing.T, times int, do func(ctx context.Context, tell func(string, int64, int64)) error, broken func(breaks int)) (breaks int) {
	t.Helper()
	for at := 1; ; at *= times {
		ctx, cancel := context.WithCancel(t.Context())
		signs := 0
		err := do(ctx, func(string, int64, int64) {
			if signs++; signs == at {
				cancel()
			}
		})
		cancel()
		if err == nil {
			return breaks
		}
		if breaks++; !errors.Is(err, context.Canceled) || breaks > 20 {
			t.Fatal(err)
		}
		broken(breaks)
	}
}

func holds(t *testing.T, a *app.App) {
	t.Helper()
	found, err := a.Store.Check(t.Context())
	must(t, err)
	for _, f := range found {
		t.Errorf("%s: %s", f.What, f.Detail)
	}
}

// listFiles are the files below a folder with their sizes.
func listFiles(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			info, err := e.Info()
			must(t, err)
			rel, err := filepath.Rel(dir, path)
			must(t, err)
			out[rel] = info.Size()
		}
		return err
	}))
	return out
}

// What a move does not touch.
func TestMoveRefused(t *testing.T) {
	ctx := t.Context()
	here, other := app.Config{Data: t.TempDir(), MaxUpload: 1 << 20}, app.Config{Data: t.TempDir(), MaxUpload: 1 << 20}
	for _, c := range []app.Config{here, other} {
		a := installation(t, c)
		must(t, a.Close(ctx))
	}
	full := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(full, "files", "named"), 0o700))
	must(t, os.WriteFile(filepath.Join(full, "files", "named", "x"), []byte("x"), 0o600))
	for _, c := range []struct {
		name     string
		from, to app.Config
		says     string
	}{
		{"another installation is there", here, other, "is not empty"},
		{"files are there", here, app.Config{Data: full}, "is not empty"},
		{"nothing is here", app.Config{Data: t.TempDir()}, app.Config{Data: t.TempDir()}, "there is no database"},
		{"it is there already", here, here, "there already"},
	} {
		if _, err := app.Move(ctx, c.from, c.to, nil); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	a, err := app.Open(ctx, here, slog.New(slog.DiscardHandler))
	must(t, err)
	if _, err := app.Move(ctx, here, app.Config{Data: t.TempDir()}, nil); !errors.Is(err, app.ErrLocked) {
		t.Errorf("somebody works on it: %v", err)
	}
	must(t, a.Store.UpdateImport(ctx, access.System(), 2, func(i *importer.Import) error { i.State = importer.Running; return nil }))
	must(t, a.Close(ctx))
	if _, err := app.Move(ctx, here, app.Config{Data: t.TempDir()}, nil); !errors.Is(err, lead.ErrConflict) || !strings.Contains(err.Error(), "imports are under way: 2 (running)") {
		t.Errorf("an import is under way: %v", err)
	}
}

// A backup of either database, made while somebody works, is restored to either.
func TestBackupRestore(t *testing.T) {
	for _, from := range []string{"SQLite", "PostgreSQL"} {
		t.Run(from, func(t *testing.T) {
			ctx := t.Context()
			c := app.Config{Data: t.TempDir()}
			if from == "PostgreSQL" {
				c.DatabaseURL = pgtest.URL(t)
			}
			a := installation(t, c)
			dir := filepath.Join(t.TempDir(), "monday")
			ends := map[string][2]int64{}
			made, err := a.BackUp(ctx, dir, func(what string, done, of int64) {
				if was := ends[what]; done < was[0] || done > of {
					t.Errorf("%s: %d of %d after %d", what, done, of, was[0])
				}
				ends[what] = [2]int64{done, of}
			})
			must(t, err)
			for what, end := range ends {
				if end[0] != end[1] {
					t.Errorf("%s ends at %d of %d", what, end[0], end[1])
				}
			}
			if n := made.Files.Bytes; ends["bytes of files"] != [2]int64{n, n} || from == "PostgreSQL" && ends["lead"][0] == 0 {
				t.Errorf("told %v of %+v", ends, made)
			}
			was := sums(t, c)
			must(t, a.Close(ctx))
			if made.Rows < 1000 || made.Files.Files < 2 {
				t.Errorf("%+v", made)
			}
			for _, to := range []app.Config{{Data: t.TempDir()}, {Data: t.TempDir(), DatabaseURL: pgtest.URL(t), Files: s3place(t)}} {
				breakingOff(t, 3, func(ctx context.Context, tell func(string, int64, int64)) error {
					_, err := app.Restore(ctx, dir, to, tell)
					return err
				}, func(int) {})
				same(t, "restored", sums(t, to), was)
				to.MaxUpload = 1 << 20
				a, err := app.Open(ctx, to, slog.New(slog.DiscardHandler))
				must(t, err)
				holds(t, a)
				p, _, err := a.Principal(ctx, "")
				must(t, err)
				importLeads(t, a, p, 350)
				must(t, a.Close(ctx))
				if _, err := app.Restore(ctx, dir, to, nil); !errors.Is(err, lead.ErrConflict) {
					t.Errorf("restored over something: %v", err)
				}
			}
			// The folder can be worked on, and is no backup any more.
			a, err = app.Open(ctx, app.Config{Data: dir, MaxUpload: 1 << 20}, slog.New(slog.DiscardHandler))
			must(t, err)
			holds(t, a)
			p, _, err := a.Principal(ctx, "")
			must(t, err)
			importLeads(t, a, p, 350)
			must(t, a.Close(ctx))
			if _, err := app.Restore(ctx, dir, app.Config{Data: t.TempDir()}, nil); err == nil || !strings.Contains(err.Error(), "not as it was made") {
				t.Errorf("a changed backup: %v", err)
			}
		})
	}
}
