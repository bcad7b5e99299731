// Package blob keeps files: uploads and rejects under the SHA-256 of their
// content, plans under a name that the caller chooses.
//
// A file is seen whole or not at all: it is built out of sight and takes its
// name only after its bytes are on the disk. The package imports nothing of
// ours.
package blob

import (
	"context"
	"errors"
	"io"
	"regexp"
	"time"
)

// Kinds of errors, to be tested with errors.Is. A file that is not there is
// fs.ErrNotExist, one that may not be touched fs.ErrPermission.
var (
	ErrTooLarge = errors.New("larger than allowed")
	ErrNoSpace  = errors.New("no space left for files") // disk or quota is full: try again later
	ErrName     = errors.New("not a file name")
)

// Store is what a directory and an object store have in common. Its methods
// may be called from several goroutines.
type Store interface {
	// Put stores all of r under the SHA-256 of its content. More than limit
	// bytes are ErrTooLarge. Whatever fails, nothing of r is left.
	Put(ctx context.Context, r io.Reader, limit int64) (Ref, error)
	// Create begins a file that gets its name by Commit.
	Create(ctx context.Context) (*Writer, error)
	// Open opens a stored file by the name that Put or Commit gave it.
	Open(ctx context.Context, name string) (File, error)
	// Remove deletes a stored file; one that is not there is no error, so that
	// housekeeping can repeat itself.
	Remove(ctx context.Context, name string) error
	// Sweep deletes files that were begun and never finished, last written to
	// longer ago than olderThan, and says how many. Give it more than the
	// longest pause of a Writer that is still in use.
	Sweep(ctx context.Context, olderThan time.Duration) (int, error)
}

// Ref names stored content: the SHA-256 in lower-case hex (also its name in the
// store) and the size in bytes.
type Ref struct {
	SHA256 string
	Size   int64
}

// File is a stored file. It does not change while it is open, even if its name
// is removed or given to another file.
type File interface {
	io.ReaderAt
	io.ReadCloser
	Size() int64 // bytes
	Name() string
}

// A name is one plain path element on every system, and never hidden.
var (
	plainName   = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,127}$`)
	contentName = regexp.MustCompile(`^[0-9a-f]{64}$`)
)
