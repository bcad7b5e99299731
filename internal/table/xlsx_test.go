package table

import (
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestDamagedWorkbooks: rule 1.5, never a shorter table; bombs refused in bounded memory.
func TestDamagedWorkbooks(t *testing.T) {
	dir := corpus(t, "xlsx-damaged")
	files, err := filepath.Glob(filepath.Join(dir, "*.xlsx"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".xlsx")
		t.Run(name, func(t *testing.T) {
			src, err := OpenFile(path)
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			n, err := countRows(t, src)
			runtime.ReadMemStats(&after)
			t.Logf("%d rows, %v, %d MB allocated", n, err, (after.TotalAlloc-before.TotalAlloc)>>20)
			if name == "ok" || name == "stored" {
				if err != nil || n != 2000 {
					t.Errorf("%d rows, %v", n, err)
				}
				return
			}
			if err == nil {
				t.Errorf("read %d rows without an error", n)
			}
			if after.TotalAlloc-before.TotalAlloc > 128<<20 {
				t.Errorf("%d MB allocated", (after.TotalAlloc-before.TotalAlloc)>>20)
			}
		})
	}
}

// countRows reads without heading.
func countRows(t testing.TB, src Source) (int, error) {
	zero := 0
	det, err := Detect(t.Context(), src, Options{Header: &zero})
	if err != nil {
		return 0, err
	}
	r, err := det.Open(src)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	n := 0
	var b Batch
	for {
		err := r.Next(t.Context(), &b)
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n += len(b.Rows)
	}
}
