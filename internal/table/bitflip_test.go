package table

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestBitFlips: rule 1.5, a workbook with a flipped bit gives the same table or an
// error, never another one. Zip checks every part's CRC; what no CRC covers (names,
// times, comments in the directory) may change nothing.
func TestBitFlips(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(corpus(t, "xlsx-damaged"), "ok.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	read := func(b []byte) ([][]string, error) {
		src := BytesSource("x.xlsx", b)
		det, err := Detect(t.Context(), src, Options{})
		if err != nil {
			return nil, err
		}
		rows, err := drain(t, src, det)
		cells := [][]string{det.Headings}
		for _, r := range rows {
			cells = append(cells, r.Cells)
		}
		return cells, err
	}
	want, err := read(raw)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 5))
	refused := 0
	const flips = 150
	for range flips {
		b := bytes.Clone(raw)
		at, bit := rng.IntN(len(b)), rng.IntN(8)
		b[at] ^= 1 << bit
		got, err := read(b)
		if err != nil {
			refused++
			continue
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("bit %d of byte %d: another table of %d rows, not %d", bit, at, len(got), len(want))
		}
	}
	t.Logf("%d of %d refused, the others the same table", refused, flips)
}
