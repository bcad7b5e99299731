package blob

import (
	"fmt"
	"os"
	"sync"
)

// Writer is a file being built, read and written at any offset. Nobody sees it
// before Commit. Writes at different offsets may come from several goroutines.
type Writer struct {
	file   *os.File
	commit func(name string) error // the bytes are on the disk: give them the name
	abort  func() error            // forget the file

	mu   sync.Mutex
	done bool
}

// Write appends p. A full disk is ErrNoSpace.
func (w *Writer) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	return n, kind(err)
}

// WriteAt writes p at offset off, in bytes. A full disk is ErrNoSpace.
func (w *Writer) WriteAt(p []byte, off int64) (int, error) {
	n, err := w.file.WriteAt(p, off)
	return n, kind(err)
}

// ReadAt reads what was written so far.
func (w *Writer) ReadAt(p []byte, off int64) (int, error) { return w.file.ReadAt(p, off) }

// Sync returns when all written bytes are on the disk. After an error the
// Writer is of no use: the system may have dropped the bytes, and a second Sync
// would report success without them.
func (w *Writer) Sync() error { return kind(w.file.Sync()) }

// Commit puts the file on the disk, gives it its name, replacing a file of that
// name, and closes the Writer. On any error the file is gone as after Abort.
// The names of content (64 hex digits) are refused with ErrName: they belong to
// Put.
func (w *Writer) Commit(name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return fmt.Errorf("commit file %q: %w", name, os.ErrClosed)
	}
	if !plainName.MatchString(name) || contentName.MatchString(name) {
		w.giveUp()
		return fmt.Errorf("commit file %q: %w", name, ErrName)
	}
	if err := w.file.Sync(); err != nil {
		w.giveUp()
		return fmt.Errorf("commit file %q: %w", name, kind(err))
	}
	if err := w.file.Close(); err != nil {
		w.giveUp()
		return fmt.Errorf("commit file %q: %w", name, kind(err))
	}
	if err := w.commit(name); err != nil {
		w.giveUp()
		return fmt.Errorf("commit file %q: %w", name, kind(err))
	}
	w.done = true
	return nil
}

// Abort forgets the file; after Commit it does nothing, so that it can be
// deferred.
func (w *Writer) Abort() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return nil
	}
	return w.giveUp()
}

func (w *Writer) giveUp() error {
	w.done = true
	w.file.Close() // the bytes are not wanted: nothing to learn from its error
	if err := w.abort(); err != nil {
		return fmt.Errorf("abandon file: %w", err)
	}
	return nil
}
