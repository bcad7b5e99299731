package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"testing"
	"testing/iotest"
)

// testParts is what every Parts must do; open gives an empty one, and the same
// again as another node sees it.
func testParts(t *testing.T, open func() (here, there Parts)) {
	ctx := context.Background()
	const id = "0123456789abcdef"
	big := bytes.Repeat([]byte("0123456789"), 2<<20) // 20 MiB

	t.Run("what came before a cut is kept, and any node goes on", func(t *testing.T) {
		here, there := open()
		if err := here.Create(ctx, id); err != nil {
			t.Fatal(err)
		}
		if n, err := there.Size(ctx, id); n != 0 || err != nil {
			t.Fatalf("size %d, %v", n, err)
		}
		cut := io.MultiReader(bytes.NewReader(big[:17<<20]), iotest.ErrReader(errors.New("connection reset")))
		if n, err := here.Append(ctx, id, 0, cut); n != 17<<20 || err != nil {
			t.Fatalf("append: %d, %v", n, err)
		}
		if n, err := there.Size(ctx, id); n != 17<<20 || err != nil {
			t.Fatalf("size %d, %v", n, err)
		}
		for _, wrong := range []int64{0, 5, 18 << 20} {
			if _, err := there.Append(ctx, id, wrong, bytes.NewReader(big)); !errors.Is(err, ErrOffset) {
				t.Errorf("append at %d: %v", wrong, err)
			}
		}
		if n, err := there.Append(ctx, id, 17<<20, bytes.NewReader(big[17<<20:])); n != int64(len(big)) || err != nil {
			t.Fatalf("append: %d, %v", n, err)
		}
		f, err := here.Open(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, big) {
			t.Errorf("%d bytes came back: %v", len(got), err)
		}
	})

	t.Run("remove", func(t *testing.T) {
		here, there := open()
		if err := here.Create(ctx, id); err != nil {
			t.Fatal(err)
		}
		if _, err := here.Append(ctx, id, 0, bytes.NewReader(big[:100])); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time it is not there
			if err := there.Remove(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := here.Size(ctx, id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("size: %v", err)
		}
		if _, err := here.Append(ctx, id, 0, bytes.NewReader(big[:1])); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("append: %v", err)
		}
		if _, err := here.Open(ctx, id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open: %v", err)
		}
	})
}

func TestDirParts(t *testing.T) {
	testParts(t, func() (Parts, Parts) {
		dir := t.TempDir()
		var two [2]Parts
		for i := range two {
			p, err := OpenParts(dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { p.Close() })
			two[i] = p
		}
		return two[0], two[1]
	})
}
