package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// A real file system of 1 MiB runs full: in Put, in Write and in WriteAt.
func TestDirFull(t *testing.T) {
	path := t.TempDir()
	if err := syscall.Mount("tmpfs", path, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a full disk needs a tmpfs, which may not be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(path, syscall.MNT_DETACH) })
	ctx, d := context.Background(), openDir(t, path)

	small, err := d.Put(ctx, strings.NewReader("was there before"), 100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put(ctx, io.LimitReader(zeros{}, 2<<20), math.MaxInt64); !errors.Is(err, ErrNoSpace) {
		t.Errorf("put: %v", err)
	}
	clean(t, d)
	for name, write := range map[string]func(w *Writer, off int64) error{
		"write":    func(w *Writer, _ int64) error { _, err := w.Write(make([]byte, 64<<10)); return err },
		"write at": func(w *Writer, off int64) error { _, err := w.WriteAt(make([]byte, 64<<10), off); return err },
	} {
		w := create(t, d)
		err := error(nil)
		for off := int64(0); err == nil && off < 2<<20; off += 64 << 10 {
			err = write(w, off)
		}
		if !errors.Is(err, ErrNoSpace) {
			t.Errorf("%s: %v", name, err)
		}
		if err := w.Abort(); err != nil {
			t.Errorf("%s: abort: %v", name, err)
		}
		clean(t, d)
	}
	// Reads go on, and space that came back can be used.
	if got := read(t, d, small.SHA256); string(got) != "was there before" {
		t.Errorf("read while full: %q", got)
	}
	if _, err := d.Put(ctx, io.LimitReader(zeros{}, 500<<10), math.MaxInt64); err != nil {
		t.Errorf("put when space is back: %v", err)
	}
}

func TestDirNotPermitted(t *testing.T) {
	base := t.TempDir()
	path := filepath.Join(base, "files")
	d := openDir(t, path)
	ref, err := d.Put(context.Background(), strings.NewReader("x"), 1)
	if err != nil {
		t.Fatal(err)
	}
	s := ref.SHA256
	folder := filepath.Join(path, "content", s[:2], s[2:4])
	for _, locked := range []string{filepath.Join(path, "tmp"), folder, base} {
		if err := os.Chmod(locked, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(locked, 0o700) })
	}
	asNobody(t, func() {
		ctx := context.Background()
		if _, err := d.Put(ctx, strings.NewReader("y"), 1); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("put: %v", err)
		}
		if _, err := d.Create(ctx); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("create: %v", err)
		}
		if err := d.Remove(ctx, s); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("remove: %v", err)
		}
		if _, err := OpenDir(filepath.Join(base, "other")); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("open directory: %v", err)
		}
	})
}

// asNobody runs f without root's right to ignore permissions: by the thread's
// file system user id, see setfsuid(2).
func asNobody(t *testing.T, f func()) {
	if os.Geteuid() != 0 {
		f()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := syscall.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setfsuid(0)
	f()
}
