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
	// ErrUnavailable is a store that cannot be reached at present.
	ErrUnavailable = errors.New("the files cannot be reached")
	// ErrOffset is a part of an upload that does not begin where it stands.
	ErrOffset = errors.New("not where the upload stands")
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
	// Remove deletes a stored file, and with a content what was derived from it
	// (RowsOf); one that is not there is no error, so that housekeeping can repeat
	// itself.
	Remove(ctx context.Context, name string) error
	// Sweep deletes files that were begun and never finished, last written to
	// longer ago than olderThan, and says how many. Give it more than the
	// longest pause of a Writer that is still in use.
	Sweep(ctx context.Context, olderThan time.Duration) (int, error)
	// Each goes over all stored files, in any order.
	Each(ctx context.Context, f func(name string, size int64) error) error
	// Ready fails while files cannot be read or stored.
	Ready(ctx context.Context) error
	Close() error
}

// Parts keeps the bytes of uploads under way by id (hex digits). What has
// arrived survives a kill, and several nodes on one store find it.
type Parts interface {
	Create(ctx context.Context, id string) error
	// Append adds r at the end, which must be at offset (else ErrOffset), and
	// returns the new size. That r breaks off is no error: what came is kept.
	Append(ctx context.Context, id string, offset int64, r io.Reader) (int64, error)
	Size(ctx context.Context, id string) (int64, error)
	Open(ctx context.Context, id string) (io.ReadCloser, error)
	// Remove deletes an upload; one that is not there is no error.
	Remove(ctx context.Context, id string) error
	Close() error
}

// RowsOf is the name for the rows that were read from a content: they live no
// longer than it does.
func RowsOf(sum string) string { return sum + ".rows" }

// Ref names stored content: the SHA-256 in lower-case hex (also its name in the
// store) and the size in bytes.
type Ref struct {
	SHA256 string
	Size   int64
}

// File is a stored file. It does not change while it is open: if its name is
// removed or given to another file, a directory's file can be read on, and one
// in S3 fails with fs.ErrNotExist where it was not read before.
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
