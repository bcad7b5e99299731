package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

func TestOpenNotWritable(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "leadport-store-") // every folder above must let others in
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "leadport.db")
	s, err := Open(t.Context(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), os.Chmod(path, 0o444), os.Chmod(dir, 0o555)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, path string
		want       error
	}{
		{"a file that may only be read", path, ErrReadOnly},
		{"a folder that may only be read", filepath.Join(dir, "new.db"), ErrUnavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if os.Geteuid() == 0 { // root may write anything; file rights are the thread's
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				if err := syscall.Setfsuid(65534); err != nil {
					t.Fatal(err)
				}
				defer syscall.Setfsuid(0)
			}
			s, err := Open(t.Context(), Config{Path: tc.path})
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}
