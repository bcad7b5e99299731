package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Source is the kept bytes of an upload: any part can be read at any time, also
// by several goroutines at once.
type Source interface {
	io.ReaderAt
	// Size is the number of bytes.
	Size() int64
	// Name is the file's name as the person gave it; only shown, and never trusted to tell the format.
	Name() string
}

// File is a Source on disk.
type File struct {
	*os.File
	size int64
	name string
}

// OpenFile opens the file at path. It fails with a *Refusal for a directory and
// with the system's error otherwise. The caller closes it.
func OpenFile(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("look at %s: %w", path, err), f.Close())
	}
	if info.IsDir() {
		return nil, errors.Join(&Refusal{
			Format:  "directory",
			Message: fmt.Sprintf("%s is a folder, not a file.", filepath.Base(path)),
			Remedy:  "Choose one file in it.",
		}, f.Close())
	}
	return &File{File: f, size: info.Size(), name: filepath.Base(path)}, nil
}

// Size is the number of bytes when the file was opened.
func (f *File) Size() int64 { return f.size }

// Name is the file's name without its folder.
func (f *File) Name() string { return f.name }

type bytesSource struct {
	*bytes.Reader
	name string
}

// BytesSource is a Source in memory. It keeps b, which must not change afterwards.
func BytesSource(name string, b []byte) Source {
	return bytesSource{bytes.NewReader(b), name}
}

func (s bytesSource) Name() string { return s.name }

// readSome reads up to len(b) bytes at off; fewer only at the end of the file,
// which is no error here.
func readSome(src io.ReaderAt, b []byte, off int64) (int, error) {
	n, err := src.ReadAt(b, off)
	if err == io.EOF || (n == len(b) && err != nil) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("read %d bytes at %d: %w", len(b), off, err)
	}
	return n, err
}
