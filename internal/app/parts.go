package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/leadport/leadport/internal/lead"
)

// parts keeps the bytes of uploads under way, a file each by the upload's id.
// A file's size is how much has arrived: it survives a kill.
type parts struct{ root *os.Root }

func openParts(dir string) (*parts, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of uploads: %w", err)
	}
	root, err := os.OpenRoot(dir)
	return &parts{root}, err
}

// Close closes the folder.
func (p *parts) Close() error { return p.root.Close() }

// Create implements api.Parts.
func (p *parts) Create(id string) error {
	f, err := p.root.OpenFile(id, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("begin upload: %w", err)
	}
	return f.Close()
}

// Append implements api.Parts. That r breaks off is no error: its bytes so far
// are on the disk.
func (p *parts) Append(id string, offset int64, r io.Reader) (int64, error) {
	f, err := p.root.OpenFile(id, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, notThere(err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() != offset {
		err = fmt.Errorf("%d bytes have arrived, not %d: %w", info.Size(), offset, lead.ErrConflict)
	}
	if err != nil {
		return 0, errors.Join(err, f.Close())
	}
	var broken brokenOff
	n, err := io.Copy(f, &reading{r, &broken})
	if broken.err != nil {
		err = nil
	}
	return offset + n, errors.Join(err, f.Sync(), f.Close())
}

// reading tells an error of the reader from one of the disk.
type reading struct {
	io.Reader
	broken *brokenOff
}

type brokenOff struct{ err error }

func (r *reading) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if err != nil && err != io.EOF {
		r.broken.err = err
	}
	return n, err
}

// Size implements api.Parts.
func (p *parts) Size(id string) (int64, error) {
	info, err := p.root.Stat(id)
	if err != nil {
		return 0, notThere(err)
	}
	return info.Size(), nil
}

// Open implements api.Parts.
func (p *parts) Open(id string) (io.ReadCloser, error) {
	f, err := p.root.Open(id)
	if err != nil {
		return nil, notThere(err)
	}
	return f, nil
}

// Remove implements api.Parts.
func (p *parts) Remove(id string) error {
	err := p.root.Remove(id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func notThere(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("upload: %w", lead.ErrNotFound)
	}
	return err
}
