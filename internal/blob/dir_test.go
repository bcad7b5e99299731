package blob

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDir(t *testing.T) {
	testStore(t, func() Store { return openDir(t, t.TempDir()) })
}

func openDir(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// files lists all files below path, relative to it.
func files(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(path, p)
			all = append(all, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestDirLayout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "files")
	d := openDir(t, path)
	ref, err := d.Put(context.Background(), strings.NewReader("x"), 1)
	if err != nil {
		t.Fatal(err)
	}
	s := ref.SHA256
	if got, want := files(t, path), "content/"+s[:2]+"/"+s[2:4]+"/"+s; len(got) != 1 || got[0] != want {
		t.Errorf("files %v, want %s", got, want)
	}
	info, err := os.Stat(filepath.Join(path, "content", s[:2], s[2:4], s))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600 (error %v)", info.Mode(), err)
	}
	again := openDir(t, path) // what a restart does
	if got := read(t, again, s); string(got) != "x" {
		t.Errorf("after opening it again: %q", got)
	}
}

// A link that leads out of the directory is not followed, whoever put it there.
func TestDirLinkOut(t *testing.T) {
	path, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	d := openDir(t, path)
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(path, "named", "plan")); err != nil {
		t.Fatal(err)
	}
	if f, err := d.Open(context.Background(), "plan"); err == nil {
		f.Close()
		t.Error("a link out of the directory was followed")
	}
}

// A process killed while it stores leaves nothing that can be seen, and what it
// leaves out of sight is swept.
func TestDirKilled(t *testing.T) {
	if path := os.Getenv("BLOB_TEST_HANG_IN"); path != "" {
		hang(t, path)
	}
	path := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestDirKilled$")
	cmd.Env = append(os.Environ(), "BLOB_TEST_HANG_IN="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "half way\n" {
		t.Errorf("the other process said %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()

	d := openDir(t, path)
	left := files(t, path)
	for _, f := range left {
		if !strings.HasPrefix(f, "tmp/") {
			t.Errorf("%s can be seen", f)
		}
	}
	if len(left) != 2 {
		t.Errorf("the kill did not come in mid-write: %v", left)
	}
	if n, err := d.Sweep(context.Background(), -time.Second); n != 2 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if left := files(t, path); len(left) != 0 {
		t.Errorf("left after the sweep: %v", left)
	}
}

// hang begins a named file and an upload, and finishes neither.
func hang(t *testing.T, path string) {
	d := openDir(t, path)
	if _, err := create(t, d).Write([]byte("half a plan")); err != nil {
		t.Fatal(err)
	}
	n := 0
	d.Put(context.Background(), readerFunc(func(p []byte) (int, error) {
		if n++; n > 3 {
			os.Stdout.WriteString("half way\n")
			time.Sleep(time.Minute) // the kill comes now
			return 0, errors.New("was not killed")
		}
		return len(p), nil
	}), math.MaxInt64)
}

func TestDirUnderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDir(path); err == nil {
		t.Error("a file was opened as a directory")
	}
}

// The directory vanishes under a running program: an error, no endless loop.
func TestDirGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "files")
	d := openDir(t, path)
	w := create(t, d)
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put(context.Background(), io.LimitReader(zeros{}, 10), 10); err == nil {
		t.Error("put into nothing")
	}
	if err := w.Commit("plan"); err == nil {
		t.Error("commit into nothing")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
