package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/leadport/leadport/internal/blob"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/store"
)

// Moved says what a move, a backup or a restore brought along; all of it was
// compared with the source.
type Moved struct {
	Tables []store.TableSum `json:"tables,omitempty"`
	Rows   int64            `json:"rows"`
	Files  copied           `json:"files"`
	// Kept is where the old database is, "" if it was not moved.
	Kept string `json:"kept,omitempty"`
}

func (m *Moved) count() *Moved {
	for _, t := range m.Tables {
		m.Rows += t.Rows
	}
	return m
}

// MoveProgress is told how far a move is, of how much: rows of a table, or
// bytes of files.
type MoveProgress func(what string, done, of int64)

// filesMoved is what MoveProgress is told the files are.
const filesMoved = "bytes of files"

const (
	database  = "leadport.db"
	movedAway = "leadport.db.moved" // what is left of a database that was moved
	inMaking  = "leadport.db.part"  // the target of a transfer
	mark      = "installation"      // the file, and setting, that says whose files they are
)

// Move brings an installation from where one configuration says to where
// another does: its database, its files, or both. Nobody works on it meanwhile.
// Killed in the middle it is called again.
func Move(ctx context.Context, from, to Config, tell MoveProgress) (*Moved, error) {
	moveData := from.DatabaseURL != to.DatabaseURL || from.DatabaseURL == "" && from.Data != to.Data
	moveFiles := from.place() != to.place()
	if !moveData && !moveFiles {
		return nil, fmt.Errorf("everything is there already: %w", lead.ErrInvalid)
	}
	unlock, err := lockFolders(from.Data, to.Data)
	if err != nil {
		return nil, err
	}
	defer unlock()
	source, path, err := openSource(ctx, from)
	if err != nil {
		return nil, err
	}
	done := false
	defer func() {
		if !done {
			source.Close() // an error is told already
		}
	}()
	if err := atRest(ctx, source); err != nil {
		return nil, err
	}
	if err := sameFiles(ctx, source, from); err != nil {
		return nil, err
	}
	out := &Moved{}
	if moveFiles {
		if out.Files, err = moveAll(ctx, source, from, to, tell); err != nil {
			return nil, err
		}
	}
	settings := map[string]string{filesSetting: s3Name(to.Files)}
	if !moveData {
		return out, source.PutSettings(ctx, settings)
	}
	target, err := openTarget(ctx, to)
	if err != nil {
		return nil, err
	}
	there := to.Data
	if to.DatabaseURL != "" {
		there = target.Name()
	}
	out.Tables, err = source.Transfer(ctx, target, store.Transfer{Move: true, There: there, Tell: tell})
	if err == nil {
		out.Kept, done = source.Name(), true
		err = source.Close()
	}
	if err == nil && from.DatabaseURL == "" {
		if out.Kept = filepath.Join(from.Data, movedAway); path != out.Kept {
			err = os.Rename(path, out.Kept)
		}
	}
	if err == nil {
		err = target.Finish(ctx, settings)
	}
	if err = errors.Join(err, target.Close()); err != nil {
		return nil, err
	}
	return out.count(), settle(to)
}

// place is where the files of a configuration are.
func (c Config) place() string {
	if blob.IsS3(c.Files) {
		return c.Files
	}
	return c.filesDir()
}

// lockFolders keeps every other process from the folders.
func lockFolders(folders ...string) (unlock func(), err error) {
	var locks []*flock.Flock
	unlock = func() {
		for _, l := range locks {
			l.Close()
		}
	}
	for i, dir := range folders {
		if i > 0 && dir == folders[0] {
			continue
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			unlock()
			return nil, fmt.Errorf("the folder %s cannot be made: %w", dir, err)
		}
		l := flock.New(filepath.Join(dir, "server.lock"), flock.SetPermissions(0o600))
		locked, err := l.TryLock()
		if err == nil && !locked {
			err = fmt.Errorf("a leadport works on the folder %s: end it first: %w", dir, ErrLocked)
		}
		if err != nil {
			unlock()
			return nil, err
		}
		locks = append(locks, l)
	}
	return unlock, nil
}

// openSource opens what is to be moved, and says which file that is on SQLite.
// A move that was killed may have given it its new name already.
func openSource(ctx context.Context, c Config) (*store.Store, string, error) {
	path := filepath.Join(c.Data, database)
	if c.DatabaseURL == "" && !exists(path) {
		if path = filepath.Join(c.Data, movedAway); !exists(path) {
			return nil, "", fmt.Errorf("there is no database in the folder %s: say with --from where it is: %w", c.Data, lead.ErrInvalid)
		}
	}
	s, err := store.Open(ctx, store.Config{Path: path, URL: c.DatabaseURL, Transfer: true})
	if err != nil {
		return nil, "", err
	}
	id, err := s.Setting(ctx, mark)
	if err == nil && id == "" {
		err = fmt.Errorf("%s is empty, so there is nothing to move: %w", s.Name(), lead.ErrInvalid)
	}
	if err != nil {
		return nil, "", errors.Join(err, s.Close())
	}
	return s, path, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// openTarget opens what a database is moved to. On SQLite that is a file that
// gets its name in the end.
func openTarget(ctx context.Context, c Config) (*store.Store, error) {
	if c.DatabaseURL == "" && exists(filepath.Join(c.Data, database)) {
		return nil, fmt.Errorf("the folder %s has a database already: name another: %w", c.Data, lead.ErrConflict)
	}
	return store.Open(ctx, store.Config{Path: filepath.Join(c.Data, inMaking), URL: c.DatabaseURL, Transfer: true})
}

// settle makes the folder that of the new database.
func settle(c Config) error {
	note := filepath.Join(c.Data, "postgres")
	if c.DatabaseURL != "" {
		return os.WriteFile(note, []byte("The database of this folder is on PostgreSQL.\n"), 0o600)
	}
	if err := os.Rename(filepath.Join(c.Data, inMaking), filepath.Join(c.Data, database)); err != nil {
		return err
	}
	if err := os.Remove(note); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// atRest refuses while somebody works on the database, or an import is under
// way.
func atRest(ctx context.Context, s *store.Store) error {
	n, err := s.Others(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("%d sessions of leadport work on %s: end every serve and command first: %w", n, s.Name(), lead.ErrConflict)
	}
	list, err := (&App{Store: s}).Unfinished(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	var names []string
	for _, imp := range list {
		names = append(names, fmt.Sprintf("%d (%s)", imp.ID, imp.State))
	}
	return fmt.Errorf("imports are under way: %s. Let them come to their end with leadport imports, or cancel them with leadport imports N --cancel; then move: %w",
		strings.Join(names, ", "), lead.ErrConflict)
}

// sameFiles refuses to move from another place than where the files are.
func sameFiles(ctx context.Context, s *store.Store, c Config) error {
	have, err := s.Setting(ctx, filesSetting)
	if err == nil && have != "" && have != s3Name(c.Files) {
		err = fmt.Errorf("the files of this installation are in %s: say so with --files or --from: %w", have, lead.ErrInvalid)
	}
	return err
}

// openStore opens a place for files.
func openStore(ctx context.Context, c Config) (blob.Store, error) {
	if blob.IsS3(c.Files) {
		return blob.OpenS3(ctx, c.Files, filepath.Join(c.Data, "scratch"))
	}
	return blob.OpenDir(c.filesDir())
}

// moveAll copies the files of an installation to a place that is empty, or what
// an earlier call has left there.
func moveAll(ctx context.Context, s *store.Store, from, to Config, tell MoveProgress) (done copied, err error) {
	id, err := s.Setting(ctx, mark)
	if err != nil {
		return done, err
	}
	source, err := openStore(ctx, from)
	if err != nil {
		return done, err
	}
	defer source.Close()
	target, err := openStore(ctx, to)
	if err != nil {
		return done, err
	}
	defer target.Close()
	if err := claim(ctx, target, id, to.place()); err != nil {
		return done, err
	}
	return copyFiles(ctx, source, target, tell)
}

// claim marks a place for files as an installation's. It refuses one that holds
// files without this mark.
func claim(ctx context.Context, s blob.Store, id, place string) error {
	f, err := s.Open(ctx, mark)
	if err == nil {
		got, err := io.ReadAll(f)
		if err = errors.Join(err, f.Close()); err == nil && string(got) != id {
			err = fmt.Errorf("%s holds the files of another installation: name another place: %w", place, lead.ErrConflict)
		}
		return err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	some := fmt.Errorf("%s is not empty: name another place: %w", place, lead.ErrConflict)
	if err := s.Each(ctx, func(string, int64) error { return some }); err != nil {
		return err
	}
	return putNamed(ctx, s, mark, strings.NewReader(id))
}
