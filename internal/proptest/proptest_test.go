package proptest

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSame: without a seed two runs draw the same cases, and not always the same one.
func TestSame(t *testing.T) {
	draw := func() (all []int64) {
		Check(t, func(t *rapid.T) { all = append(all, rapid.Int64().Draw(t, "n")) })
		return all
	}
	first, again := draw(), draw()
	if !slices.Equal(first, again) {
		t.Error("another run draws other cases")
	}
	slices.Sort(first)
	if n := len(slices.Compact(first)); n < 50 {
		t.Errorf("only %d different cases", n)
	}
}
