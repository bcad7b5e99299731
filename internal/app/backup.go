package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/leadport/leadport/internal/blob"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/store"
)

// A backup of either database is a folder with an SQLite database, the files,
// and what they hold: it can be worked on, looked at with any tool, and restored
// to either database.

// manifest is what a backup says of itself.
type manifest struct {
	Leadport string           `json:"leadport"`
	At       time.Time        `json:"at"`
	Tables   []store.TableSum `json:"tables"`
	Files    copied           `json:"files"`
}

const manifestName = "backup.json"

// BackUp writes a consistent copy of the database and of all files into a new
// folder, while everything goes on.
func (a *App) BackUp(ctx context.Context, dir string, tell MoveProgress) (*Moved, error) {
	if err := os.Mkdir(dir, 0o700); errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("there is a folder %s already; name a new one for the backup", filepath.Base(dir))
	} else if err != nil {
		return nil, fmt.Errorf("the backup's folder cannot be made: %w", err)
	}
	// The database first: files it names are kept until they are too old, so all
	// of them are still there for the second step.
	part := filepath.Join(dir, inMaking)
	var err error
	if a.Store.Pool() == nil {
		err = a.Store.Backup(ctx, part)
	} else {
		err = a.transferTo(ctx, part, tell)
	}
	if err == nil {
		err = filesInFolder(ctx, part)
	}
	if err != nil {
		return nil, err
	}
	files, err := blob.OpenDir(filepath.Join(dir, "files"))
	if err != nil {
		return nil, err
	}
	m := manifest{Leadport: Version, At: time.Now().UTC()}
	m.Files, err = copyFiles(ctx, a.Files, files, tell)
	if err := errors.Join(err, files.Close()); err != nil {
		return nil, err
	}
	if m.Tables, err = sumsOf(ctx, part); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, manifestName), append(text, '\n'), 0o600); err != nil {
		return nil, err
	}
	out := &Moved{Tables: m.Tables, Files: m.Files}
	return out.count(), os.Rename(part, filepath.Join(dir, database)) // last: a folder without it is no backup
}

// transferTo copies a PostgreSQL database to an SQLite file.
func (a *App) transferTo(ctx context.Context, path string, tell MoveProgress) error {
	to, err := store.Open(ctx, store.Config{Path: path, Transfer: true})
	if err != nil {
		return err
	}
	if _, err = a.Store.Transfer(ctx, to, store.Transfer{Tell: tell}); err == nil {
		err = to.Finish(ctx, nil)
	}
	return errors.Join(err, to.Close())
}

// filesInFolder says in an SQLite database that its files are beside it.
func filesInFolder(ctx context.Context, path string) error {
	s, err := store.Open(ctx, store.Config{Path: path, Transfer: true})
	if err != nil {
		return err
	}
	return errors.Join(s.PutSettings(ctx, map[string]string{filesSetting: ""}), s.Close())
}

func sumsOf(ctx context.Context, path string) ([]store.TableSum, error) {
	s, err := store.OpenCopy(path)
	if err != nil {
		return nil, err
	}
	sums, err := s.Sums(ctx)
	return sums, errors.Join(err, s.Close())
}

// Restore makes an installation of a backup, where the configuration says and
// nothing is. It refuses a backup that is not as it was made. Killed in the
// middle it is called again.
func Restore(ctx context.Context, dir string, c Config, tell MoveProgress) (*Moved, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	var m manifest
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is no backup of leadport: %w", dir, err)
	}
	unlock, err := lockFolders(c.Data)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if exists(filepath.Join(c.Data, database)) {
		return nil, fmt.Errorf("the folder %s has a database already: name a new one with --data: %w", c.Data, lead.ErrConflict)
	}
	if err := asMade(ctx, filepath.Join(dir, database), m); err != nil {
		return nil, err
	}
	// A copy, which is brought up to date where the backup is of an older version.
	part := filepath.Join(c.Data, inMaking)
	if c.DatabaseURL != "" {
		part = filepath.Join(c.Data, "restore.db")
	}
	if err := copyDatabase(ctx, filepath.Join(dir, database), part); err != nil {
		return nil, err
	}
	source, err := store.Open(ctx, store.Config{Path: part, Transfer: true})
	if err != nil {
		return nil, err
	}
	out := &Moved{Tables: m.Tables}
	settings := map[string]string{filesSetting: s3Name(c.Files)}
	if c.DatabaseURL == "" {
		out.Files, err = moveAll(ctx, source, Config{Data: dir}, c, tell)
		if err == nil {
			err = source.PutSettings(ctx, settings)
		}
	} else {
		err = restoreTo(ctx, source, dir, c, out, settings, tell)
	}
	if err := errors.Join(err, source.Close()); err != nil {
		return nil, err
	}
	if c.DatabaseURL != "" {
		if err := os.Remove(part); err != nil {
			return nil, err
		}
	}
	return out.count(), settle(c)
}

// restoreTo restores to PostgreSQL.
func restoreTo(ctx context.Context, source *store.Store, dir string, c Config, out *Moved, settings map[string]string, tell MoveProgress) error {
	to, err := openTarget(ctx, c)
	if err != nil {
		return err
	}
	out.Tables, err = source.Transfer(ctx, to, store.Transfer{Tell: tell})
	if err == nil {
		out.Files, err = moveAll(ctx, source, Config{Data: dir}, c, tell)
	}
	if err == nil {
		err = to.Finish(ctx, settings)
	}
	return errors.Join(err, to.Close())
}

// asMade fails if a backup is not as it was made.
func asMade(ctx context.Context, path string, m manifest) error {
	if !exists(path) {
		return fmt.Errorf("the backup has no database: it was not finished, or lost it: %w", lead.ErrNotFound)
	}
	sums, err := sumsOf(ctx, path)
	if err != nil {
		return err
	}
	want := map[string]store.TableSum{}
	for _, t := range m.Tables {
		want[t.Table] = t
	}
	for _, t := range sums {
		if w := want[t.Table]; w != t {
			return fmt.Errorf("the backup is not as it was made: table %s has %d rows with the sum %s, not %d with %s. If somebody worked on it, back it up itself: leadport --data BACKUP backup DIR: %w",
				t.Table, t.Rows, t.Sum, w.Rows, w.Sum, lead.ErrConflict)
		}
		delete(want, t.Table)
	}
	for table := range want {
		return fmt.Errorf("the backup is not as it was made: table %s is gone: %w", table, lead.ErrConflict)
	}
	return nil
}

// copyDatabase copies an SQLite database over what an earlier call has left.
func copyDatabase(ctx context.Context, from, to string) error {
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(to + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	s, err := store.OpenCopy(from)
	if err != nil {
		return err
	}
	return errors.Join(s.Backup(ctx, to), s.Close())
}
