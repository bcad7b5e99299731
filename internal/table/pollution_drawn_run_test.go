package table

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// drawnScore is the file's by Pollock's measures, and what was printed.
func (f *sweptFile) drawnScore(t *testing.T, opt Options) (float64, string) {
	out, err := cleanText(t, BytesSource("x.csv", f.data), opt)
	var refusal *Refusal
	if errors.As(err, &refusal) && refusal.Format == "empty" {
		err = nil // prints nothing
	}
	if err != nil {
		return 0, err.Error()
	}
	best := sum(measures(out, f.want))
	for _, a := range f.also {
		best = max(best, sum(measures(out, a)))
	}
	return best, string(out)
}

// TestPollutionDrawn: rules 1.3 and 1.4 on drawn tables, without hints and with.
// LEADPORT_SEED is a first seed, LEADPORT_POLLUTION=all means every position, and
// LEADPORT_SHOW shows the files of that kind or name alone.
func TestPollutionDrawn(t *testing.T) {
	first, seeds, every := uint64(11), uint64(1), 40
	if s := os.Getenv("LEADPORT_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		first = n
	}
	if s := os.Getenv("LEADPORT_SEEDS"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seeds = n
	}
	if os.Getenv("LEADPORT_POLLUTION") == "all" {
		every = 1
	}
	var files []sweptFile
	for seed := first; seed < first+seeds; seed++ {
		s := newDrawn(seed)
		s.wholeFile()
		for row := range s.t.rows {
			if row%every != 0 && row != len(s.t.rows)-1 {
				continue
			}
			s.record(row)
			for col := range s.t.header {
				s.position(row, col)
			}
		}
		files = append(files, s.files...)
	}
	for _, hinted := range []bool{false, true} {
		simple, byKind := scoreDrawn(t, files, hinted)
		if simple < 9.97 || byKind < 9.95 {
			t.Errorf("hints %v: simple %.3f, by kind %.3f", hinted, simple, byKind)
		}
	}
}

func scoreDrawn(t *testing.T, files []sweptFile, hinted bool) (simple, byKind float64) {
	type tally struct {
		n          int
		sum, worst float64
		low        []string
	}
	kinds := map[string]*tally{}
	n := 0
	for i := range files {
		f := &files[i]
		show := os.Getenv("LEADPORT_SHOW")
		if !strings.Contains(f.kind+": "+f.name, show) {
			continue
		}
		opt := Options{}
		if hinted {
			if opt = f.hints; opt == (Options{}) {
				continue
			}
		}
		score, out := f.drawnScore(t, opt)
		k := kinds[f.kind]
		if k == nil {
			k = &tally{worst: 10}
			kinds[f.kind] = k
		}
		k.n++
		n++
		k.sum += score
		simple += score
		k.worst = min(k.worst, score)
		if score < 9.99 {
			k.low = append(k.low, fmt.Sprintf("%6.3f %s", score, f.name))
			if show != "" {
				if to := os.Getenv("LEADPORT_DUMP"); to != "" {
					_ = os.WriteFile(to, f.data, 0o600)
				}
				t.Logf("--- %s: %s\n%.3000s\n--- read as\n%.2000s", f.kind, f.name, f.data, out)
			}
		}
	}
	for _, k := range kinds {
		byKind += k.sum / float64(k.n)
	}
	simple, byKind = simple/float64(n), byKind/float64(len(kinds))
	mean := func(k *tally) float64 { return k.sum / float64(k.n) }
	names := slices.SortedFunc(maps.Keys(kinds), func(a, b string) int {
		if mean(kinds[a]) < mean(kinds[b]) {
			return -1
		}
		return 1
	})
	var report strings.Builder
	for _, name := range names {
		k := kinds[name]
		fmt.Fprintf(&report, "%-40s %6d files %6.3f worst %6.3f\n", name, k.n, mean(k), k.worst)
		slices.Sort(k.low)
		for i := 0; i < min(len(k.low), 14); i++ {
			fmt.Fprintf(&report, "      %s\n", k.low[i])
		}
	}
	t.Logf("hints %v: %d files, simple %.3f, by kind %.3f\n%s", hinted, n, simple, byKind, report.String())
	return simple, byKind
}
