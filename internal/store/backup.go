package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/leadport/leadport/internal/lead"
)

// Backup writes a copy of the database to a path that must not exist: as it is
// at one moment, while others go on reading and writing. The copy is whole and
// on disk, or it is not there.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("back up to %s: a file of that name exists: %w", path, lead.ErrConflict), err)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("back up: %w", err)
	}
	err := s.d.backup(ctx, s.r, part)
	if err == nil {
		err = syncFile(part)
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return errors.Join(s.err("back up to "+path, err), remove(part))
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Name is what messages call the database.
func (s *Store) Name() string { return s.path }
