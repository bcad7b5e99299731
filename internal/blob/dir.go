package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"syscall"
	"time"
)

// Dir is a Store in a directory of this machine:
//
//	tmp/RANDOM            files being built
//	content/ab/cd/abcd…   what Put stored; two levels keep folders small
//	named/NAME            what Commit named
//
// os.Root keeps every access inside the directory, whatever names and symbolic
// links are met. Files are readable for their owner only.
type Dir struct{ root *os.Root }

// OpenDir opens the directory at path and makes it if it is not there.
func OpenDir(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for files: %w", kind(err))
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("open the folder for files: %w", err)
	}
	d := &Dir{root}
	for _, folder := range []string{"tmp", "named", "content"} {
		if err := d.mkdir(folder); err != nil {
			root.Close()
			return nil, fmt.Errorf("make the folder for files: %w", kind(err))
		}
	}
	return d, nil
}

// Close releases the directory. Open files and Writers stay usable, but a
// Writer can no longer be committed.
func (d *Dir) Close() error { return d.root.Close() }

// Put implements Store. It holds 256 KiB of r at a time.
func (d *Dir) Put(ctx context.Context, r io.Reader, limit int64) (Ref, error) {
	f, tmp, err := d.temporary()
	if err != nil {
		return Ref{}, fmt.Errorf("store file: %w", kind(err))
	}
	ref, err := copyHashed(ctx, f, r, limit)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = d.publish(tmp, contentPath(ref.SHA256))
	}
	if err != nil {
		d.root.Remove(tmp) // if that fails too, Sweep finds it
		return Ref{}, fmt.Errorf("store file: %w", kind(err))
	}
	return ref, nil
}

// copyHashed copies r to w up to its end, at most limit bytes.
func copyHashed(ctx context.Context, w io.Writer, r io.Reader, limit int64) (Ref, error) {
	hash := sha256.New()
	buf := make([]byte, 256<<10)
	var size int64
	for {
		if err := ctx.Err(); err != nil {
			return Ref{}, err
		}
		n, readErr := r.Read(buf)
		if size += int64(n); size > limit {
			return Ref{}, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
		}
		hash.Write(buf[:n])
		if _, err := w.Write(buf[:n]); err != nil {
			return Ref{}, err
		}
		if readErr == io.EOF {
			return Ref{SHA256: hex.EncodeToString(hash.Sum(nil)), Size: size}, nil
		}
		if readErr != nil {
			return Ref{}, fmt.Errorf("read its bytes: %w", readErr)
		}
	}
}

// Create implements Store.
func (d *Dir) Create(ctx context.Context) (*Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, tmp, err := d.temporary()
	if err != nil {
		return nil, fmt.Errorf("begin file: %w", kind(err))
	}
	return &Writer{
		file:   f,
		commit: func(name string) error { return d.publish(tmp, path.Join("named", name)) },
		abort: func() error {
			if err := d.root.Remove(tmp); !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return nil
		},
	}, nil
}

// Open implements Store.
func (d *Dir) Open(ctx context.Context, name string) (File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	at, err := stored(name)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	f, err := d.root.Open(at)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrName
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open file %s: %w", name, err)
	}
	return file{f, name, info.Size()}, nil
}

// Remove implements Store.
func (d *Dir) Remove(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at, err := stored(name)
	if err != nil {
		return fmt.Errorf("remove file: %w", err)
	}
	err = d.root.Remove(at)
	if contentName.MatchString(name) && (err == nil || errors.Is(err, fs.ErrNotExist)) {
		if e := d.Remove(ctx, RowsOf(name)); e != nil {
			return e
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = d.syncDir(path.Dir(at)) // erased must stay erased after power loss
	}
	if err != nil {
		return fmt.Errorf("remove file: %w", kind(err))
	}
	return nil
}

// Sweep implements Store.
func (d *Dir) Sweep(ctx context.Context, olderThan time.Duration) (int, error) {
	return sweep(ctx, d.root, "tmp", olderThan)
}

// sweep removes the files in a folder last written to longer ago than
// olderThan.
func sweep(ctx context.Context, root *os.Root, folder string, olderThan time.Duration) (int, error) {
	entries, err := fs.ReadDir(root.FS(), folder)
	if err != nil {
		return 0, fmt.Errorf("sweep unfinished files: %w", err)
	}
	before, removed := time.Now().Add(-olderThan), 0
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.ModTime().Before(before) {
			continue // finished meanwhile, or still young
		}
		if err == nil {
			err = root.Remove(path.Join(folder, e.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, fmt.Errorf("sweep unfinished files: %w", err)
		}
		removed++
	}
	return removed, nil
}

// Each implements Store.
func (d *Dir) Each(ctx context.Context, f func(name string, size int64) error) error {
	for _, folder := range []string{"content", "named"} {
		err := fs.WalkDir(d.root.FS(), folder, func(at string, e fs.DirEntry, err error) error {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil // removed meanwhile
			}
			if err != nil {
				return err
			}
			if _, err := stored(e.Name()); err != nil {
				return nil // not of our making
			}
			return f(e.Name(), info.Size())
		})
		if err != nil {
			return fmt.Errorf("list files: %w", err)
		}
	}
	return nil
}

// Ready implements Store: what is stored first needs its folder.
func (d *Dir) Ready(context.Context) error {
	f, tmp, err := d.temporary()
	if err == nil {
		err = errors.Join(f.Close(), d.root.Remove(tmp))
	}
	if err != nil {
		return fmt.Errorf("folder of files: %w", kind(err))
	}
	return nil
}

// temporary makes an empty file under a name that nobody can guess or know.
func (d *Dir) temporary() (*os.File, string, error) { return temporary(d.root, "tmp") }

func temporary(root *os.Root, folder string) (*os.File, string, error) {
	tmp := path.Join(folder, rand.Text())
	f, err := root.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	return f, tmp, err
}

// publish gives the closed and synced file tmp its name. A file with that name
// is replaced in one step, also if it is the same content: that mends a file
// which the disk damaged. If the last step fails the name stays: it may have
// been there before, and another import may need it.
func (d *Dir) publish(tmp, at string) error {
	folder := path.Dir(at)
	if err := d.mkdir(folder); err != nil {
		return err
	}
	if err := d.root.Rename(tmp, at); err != nil {
		return err
	}
	return d.syncDir(folder)
}

// mkdir makes a folder with its parents. One that is there may be so new that
// it is not yet on the disk, so its parent is synced in any case.
func (d *Dir) mkdir(folder string) error {
	parent := path.Dir(folder)
	if parent != "." {
		if err := d.mkdir(parent); err != nil {
			return err
		}
	}
	if err := d.root.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.syncDir(parent)
}

// syncDir makes names in a folder durable; Windows does so by itself and knows
// no such call.
func (d *Dir) syncDir(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := d.root.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// stored says where a name is kept; a name that is no plain element is ErrName.
func stored(name string) (string, error) {
	switch {
	case contentName.MatchString(name):
		return contentPath(name), nil
	case plainName.MatchString(name):
		return path.Join("named", name), nil
	}
	return "", fmt.Errorf("%q: %w", name, ErrName)
}

func contentPath(sum string) string { return path.Join("content", sum[:2], sum[2:4], sum) }

// kind adds ErrNoSpace to errors of a full disk or quota.
func kind(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}

type file struct {
	*os.File
	name string
	size int64
}

func (f file) Name() string { return f.name }
func (f file) Size() int64  { return f.size }
