package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// DirParts is Parts in a directory: a file per upload, whose size is how much
// has arrived.
type DirParts struct{ root *os.Root }

// OpenParts opens the directory at path and makes it if it is not there.
func OpenParts(path string) (*DirParts, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("folder of uploads: %w", kind(err))
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("folder of uploads: %w", err)
	}
	return &DirParts{root}, nil
}

// Close closes the directory.
func (p *DirParts) Close() error { return p.root.Close() }

// Create implements Parts.
func (p *DirParts) Create(_ context.Context, id string) error {
	f, err := p.root.OpenFile(id, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("begin upload: %w", kind(err))
	}
	return f.Close()
}

// Append implements Parts.
func (p *DirParts) Append(_ context.Context, id string, offset int64, r io.Reader) (int64, error) {
	f, err := p.root.OpenFile(id, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, fmt.Errorf("upload: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() != offset {
		err = fmt.Errorf("%d bytes have arrived, not %d: %w", info.Size(), offset, ErrOffset)
	}
	if err != nil {
		return 0, errors.Join(err, f.Close())
	}
	from := breaking{Reader: r}
	n, err := io.Copy(f, &from)
	if from.err != nil {
		err = nil
	}
	return offset + n, errors.Join(kind(err), kind(f.Sync()), f.Close())
}

// breaking tells an error of the reader from one of where its bytes go.
type breaking struct {
	io.Reader
	err error
}

func (r *breaking) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// Size implements Parts.
func (p *DirParts) Size(_ context.Context, id string) (int64, error) {
	info, err := p.root.Stat(id)
	if err != nil {
		return 0, fmt.Errorf("upload: %w", err)
	}
	return info.Size(), nil
}

// Open implements Parts.
func (p *DirParts) Open(_ context.Context, id string) (io.ReadCloser, error) {
	f, err := p.root.Open(id)
	if err != nil {
		return nil, fmt.Errorf("upload: %w", err)
	}
	return f, nil
}

// Remove implements Parts.
func (p *DirParts) Remove(_ context.Context, id string) error {
	if err := p.root.Remove(id); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove upload: %w", err)
	}
	return nil
}
