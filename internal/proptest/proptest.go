// Package proptest checks properties over drawn cases: the same ones at every run
// of make test, new ones by make search (docs/decisions/drawn-cases.md).
package proptest

import (
	"flag"

	"pgregory.net/rapid"
)

// seed is that of a run for which nobody gave one by -rapid.seed.
const seed = "1"

// Check is rapid.Check with a fixed seed, unless -rapid.seed gives one.
func Check(t rapid.TB, prop func(*rapid.T)) {
	t.Helper()
	if f := flag.Lookup("rapid.seed"); f.Value.String() == f.DefValue {
		if err := f.Value.Set(seed); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, prop)
}
