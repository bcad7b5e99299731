package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"
)

// testStore is what every Store must do; open gives a fresh, empty one.
func testStore(t *testing.T, open func() Store) {
	ctx := context.Background()
	big := bytes.Repeat([]byte("0123456789abcdef"), 64<<10) // 1 MiB, four buffers
	parts := make([]byte, 40<<20+7)                         // three parts in S3
	for i := range parts {
		parts[i] = byte(i) ^ byte(i>>11)
	}

	t.Run("put, open, remove", func(t *testing.T) {
		for name, content := range map[string][]byte{"empty": nil, "small": []byte("Lead Name\nAna\n"), "big": big, "parts": parts} {
			s := open()
			ref, err := s.Put(ctx, iotest.HalfReader(bytes.NewReader(content)), int64(len(content)))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if want := (Ref{sum(content), int64(len(content))}); ref != want {
				t.Fatalf("%s: stored as %v, want %v", name, ref, want)
			}
			if got := read(t, s, ref.SHA256); !bytes.Equal(got, content) {
				t.Errorf("%s: %d bytes came back as %d others", name, len(content), len(got))
			}
			for range 2 { // the second time it is not there
				if err := s.Remove(ctx, ref.SHA256); err != nil {
					t.Errorf("%s: remove: %v", name, err)
				}
			}
			absent(t, s, ref.SHA256)
		}
	})

	t.Run("the rows of a content go with it", func(t *testing.T) {
		s := open()
		for _, kept := range []bool{true, false} {
			name := sum(big)
			if kept {
				if _, err := s.Put(ctx, bytes.NewReader(big), math.MaxInt64); err != nil {
					t.Fatal(err)
				}
			}
			w, err := s.Create(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte("rows")); err != nil {
				t.Fatal(err)
			}
			if err := w.Commit(RowsOf(name)); err != nil {
				t.Fatal(err)
			}
			if got := read(t, s, RowsOf(name)); string(got) != "rows" {
				t.Errorf("%q came back", got)
			}
			if err := s.Remove(ctx, name); err != nil {
				t.Fatal(err)
			}
			absent(t, s, name)
			absent(t, s, RowsOf(name))
		}
	})

	t.Run("same content twice is one file", func(t *testing.T) {
		s := open()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := s.Put(ctx, bytes.NewReader(big), math.MaxInt64); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := read(t, s, sum(big)); !bytes.Equal(got, big) {
			t.Error("content differs")
		}
	})

	t.Run("an open file outlives its name", func(t *testing.T) {
		s := open()
		ref, err := s.Put(ctx, bytes.NewReader(big), math.MaxInt64)
		if err != nil {
			t.Fatal(err)
		}
		f, err := s.Open(ctx, ref.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := s.Remove(ctx, ref.SHA256); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err == nil && !bytes.Equal(got, big) {
			t.Errorf("read %d other bytes", len(got))
		}
		if _, dir := s.(*Dir); err != nil && (dir || !errors.Is(err, fs.ErrNotExist)) {
			t.Error(err)
		}
	})

	t.Run("an open file does not change", func(t *testing.T) {
		s := open()
		for _, b := range []byte("ab") {
			w := create(t, s)
			if _, err := w.Write(bytes.Repeat([]byte{b}, 2<<20)); err != nil {
				t.Fatal(err)
			}
			if err := w.Commit("plan"); err != nil {
				t.Fatal(err)
			}
			if b == 'b' {
				break
			}
			f, err := s.Open(ctx, "plan")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { // when the name is another file's
				for off := int64(0); off < f.Size(); off += 100_000 {
					got := make([]byte, 1000)
					if _, err := f.ReadAt(got, off); errors.Is(err, fs.ErrNotExist) {
						break
					} else if err != nil && !errors.Is(err, io.EOF) {
						t.Fatal(err)
					}
					if bytes.ContainsRune(got, 'b') {
						t.Fatalf("at %d are bytes of the other file", off)
					}
				}
				f.Close()
			}()
		}
	})

	t.Run("read anywhere", func(t *testing.T) {
		s := open()
		ref, err := s.Put(ctx, bytes.NewReader(parts), math.MaxInt64)
		if err != nil {
			t.Fatal(err)
		}
		f, err := s.Open(ctx, ref.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		size := int64(len(parts))
		var wg sync.WaitGroup
		for g := range int64(4) { // a stream from a place, and looks at others
			wg.Go(func() {
				for i := range int64(40) {
					off, n := (g*size/4+i*100_003)%size, 1+(i*7919)%150_000
					if i%5 == 4 {
						off = (i * 1_000_003 * (g + 1)) % size
					}
					got := make([]byte, n)
					m, err := f.ReadAt(got, off)
					if want := min(n, size-off); int64(m) != want || (err != nil) != (want < n) || err != nil && err != io.EOF {
						t.Errorf("read %d bytes at %d: %d, %v", n, off, m, err)
					}
					if !bytes.Equal(got[:m], parts[off:off+int64(m)]) {
						t.Errorf("other bytes at %d", off)
					}
				}
			})
		}
		wg.Wait()
		if n, err := f.ReadAt(make([]byte, 1), size); n != 0 || err != io.EOF {
			t.Errorf("behind the end: %d, %v", n, err)
		}
	})

	t.Run("list", func(t *testing.T) {
		s := open()
		want := map[string]int64{sum(big): int64(len(big)), sum(nil): 0, "import-1.plan": 4}
		for _, content := range [][]byte{big, nil} {
			if _, err := s.Put(ctx, bytes.NewReader(content), math.MaxInt64); err != nil {
				t.Fatal(err)
			}
		}
		w := create(t, s)
		if _, err := w.Write([]byte("plan")); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit("import-1.plan"); err != nil {
			t.Fatal(err)
		}
		got := map[string]int64{}
		if err := s.Each(ctx, func(name string, size int64) error { got[name] = size; return nil }); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if err := s.Ready(ctx); err != nil {
			t.Error(err)
		}
	})

	t.Run("over the size", func(t *testing.T) {
		for _, limit := range []int64{0, 10, int64(len(big)) - 1, 20 << 20} {
			s, big := open(), big
			if limit > int64(len(big)) {
				big = parts
			}
			_, err := s.Put(ctx, bytes.NewReader(big), limit)
			if !errors.Is(err, ErrTooLarge) {
				t.Fatalf("limit %d: %v", limit, err)
			}
			if want := fmt.Sprintf("more than %d bytes", limit); !strings.Contains(err.Error(), want) {
				t.Errorf("error %q does not say %q", err, want)
			}
			clean(t, s)
			absent(t, s, sum(big))
		}
	})

	t.Run("upload cut", func(t *testing.T) {
		for _, begun := range [][]byte{big, parts} {
			s := open()
			cut := errors.New("connection reset")
			_, err := s.Put(ctx, io.MultiReader(bytes.NewReader(begun), iotest.ErrReader(cut)), math.MaxInt64)
			if !errors.Is(err, cut) {
				t.Fatal(err)
			}
			clean(t, s)
			absent(t, s, sum(begun))
		}
	})

	t.Run("upload cancelled", func(t *testing.T) {
		s := open()
		cctx, cancel := context.WithCancel(ctx)
		came := 0
		once := readerFunc(func(p []byte) (int, error) {
			if came += len(p); came > 17<<20 {
				cancel()
			}
			return len(p), nil
		})
		if _, err := s.Put(cctx, once, math.MaxInt64); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		clean(t, s)
	})

	t.Run("named file at any offset", func(t *testing.T) {
		s := open()
		w := create(t, s)
		if _, err := w.Write([]byte("head....")); err != nil {
			t.Fatal(err)
		}
		if _, err := w.WriteAt([]byte("tail"), 12); err != nil {
			t.Fatal(err)
		}
		if _, err := w.WriteAt([]byte("body"), 4); err != nil {
			t.Fatal(err)
		}
		if err := w.Sync(); err != nil {
			t.Fatal(err)
		}
		absent(t, s, "import-7.plan")
		if err := w.Commit("import-7.plan"); err != nil {
			t.Fatal(err)
		}
		if err := w.Abort(); err != nil {
			t.Errorf("abort after commit: %v", err)
		}
		if got := read(t, s, "import-7.plan"); string(got) != "headbody\x00\x00\x00\x00tail" {
			t.Errorf("got %q", got)
		}
		f, err := s.Open(ctx, "import-7.plan")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		part := make([]byte, 4)
		if _, err := f.ReadAt(part, 12); err != nil || string(part) != "tail" {
			t.Errorf("read at 12: %q, %v", part, err)
		}
		if f.Size() != 16 || f.Name() != "import-7.plan" {
			t.Errorf("size %d, name %s", f.Size(), f.Name())
		}
	})

	t.Run("commit replaces", func(t *testing.T) {
		s := open()
		for _, text := range []string{"first", "second, longer", "3rd"} {
			w := create(t, s)
			if _, err := w.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
			if err := w.Commit("plan"); err != nil {
				t.Fatal(err)
			}
			if got := read(t, s, "plan"); string(got) != text {
				t.Errorf("got %q, want %q", got, text)
			}
		}
	})

	t.Run("abort", func(t *testing.T) {
		s := open()
		w := create(t, s)
		w.Write([]byte("half"))
		if err := w.Abort(); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit("plan"); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("commit after abort: %v", err)
		}
		clean(t, s)
		absent(t, s, "plan")
	})

	t.Run("hostile names", func(t *testing.T) {
		s := open()
		for _, name := range []string{"", ".", "..", "../x", "../../etc/passwd", "/etc/passwd", "a/b", `a\b`, `..\x`,
			".hidden", "a\x00b", "a\nb", "C:x", "x:stream", "tmp/x", "Plan", "ü", strings.Repeat("a", 200)} {
			if _, err := s.Open(ctx, name); !errors.Is(err, ErrName) {
				t.Errorf("open %q: %v", name, err)
			}
			if err := s.Remove(ctx, name); !errors.Is(err, ErrName) {
				t.Errorf("remove %q: %v", name, err)
			}
			if err := create(t, s).Commit(name); !errors.Is(err, ErrName) {
				t.Errorf("commit %q: %v", name, err)
			}
		}
		if err := create(t, s).Commit(sum(big)); !errors.Is(err, ErrName) {
			t.Errorf("commit under the name of content: %v", err)
		}
		clean(t, s)
	})

	t.Run("sweep", func(t *testing.T) {
		s := open()
		w := create(t, s)
		defer w.Abort()
		if n, err := s.Sweep(ctx, time.Hour); n != 0 || err != nil {
			t.Errorf("a young file: swept %d, %v", n, err)
		}
		if n, err := s.Sweep(ctx, -time.Second); n != 1 || err != nil {
			t.Errorf("an old file: swept %d, %v", n, err)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func create(t *testing.T, s Store) *Writer {
	t.Helper()
	w, err := s.Create(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func read(t *testing.T, s Store, name string) []byte {
	t.Helper()
	f, err := s.Open(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if f.Size() != int64(len(b)) {
		t.Errorf("%s: size says %d, it has %d bytes", name, f.Size(), len(b))
	}
	return b
}

func absent(t *testing.T, s Store, name string) {
	t.Helper()
	if f, err := s.Open(context.Background(), name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s can be opened (error %v)", name, err)
		if err == nil {
			f.Close()
		}
	}
}

// clean reports a file that was begun and left.
func clean(t *testing.T, s Store) {
	t.Helper()
	if n, err := s.Sweep(context.Background(), -time.Second); n != 0 || err != nil {
		t.Errorf("%d unfinished files were left (error %v)", n, err)
	}
}
