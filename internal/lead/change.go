package lead

import (
	"math/bits"
	"slices"
)

// Set is a bit set of field slots.
type Set []uint64

// Has reports whether slot i is in the set.
func (s Set) Has(i int) bool { return i>>6 < len(s) && s[i>>6]&(1<<(i&63)) != 0 }

// Add puts slot i into the set.
func (s *Set) Add(i int) {
	for i>>6 >= len(*s) {
		*s = append(*s, 0)
	}
	(*s)[i>>6] |= 1 << (i & 63)
}

// Remove takes slot i out of the set.
func (s Set) Remove(i int) {
	if i>>6 < len(s) {
		s[i>>6] &^= 1 << (i & 63)
	}
}

// Empty reports whether nothing is in the set.
func (s Set) Empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

// Each calls f for every slot in the set, in order.
func (s Set) Each(f func(i int)) {
	for w, word := range s {
		for word != 0 {
			f(w<<6 + bits.TrailingZeros64(word))
			word &= word - 1
		}
	}
}

// Change is what is to become of a lead: the touched fields and their values.
// Untouched differs from cleared: a touched field with value "" is cleared.
// The elements of a list field have id 0 until a lead holds them.
type Change struct {
	Touched Set
	Values  []string // Schema.Fields order
}

// NewChange returns a change of nothing.
func (s *Schema) NewChange() Change { return Change{Values: make([]string, len(s.Fields))} }

// Clone returns a copy that shares nothing with c.
func (c Change) Clone() Change {
	return Change{Touched: slices.Clone(c.Touched), Values: slices.Clone(c.Values)}
}

// Put sets the value of slot i.
func (c *Change) Put(i int, value string) {
	c.Touched.Add(i)
	c.Values[i] = value
}

// Diff returns the slots in which two records differ.
func Diff(before, after Record) Set {
	var s Set
	for i := range after.Values {
		if before.Values[i] != after.Values[i] {
			s.Add(i)
		}
	}
	return s
}
