package importer

import (
	"testing"

	"github.com/leadport/leadport/internal/norm"
)

// rule 5.8
func TestLikeness(t *testing.T) {
	lead := func(first, last, company, phone string) *state {
		st, m := &state{}, keyMaker{}
		m.put(&st.keys, norm.KeyPerson, first, last, company)
		m.put(&st.keys, norm.KeyPhone, phone)
		return st
	}
	ann := lead("Ann", "Müller", "Acme", "+15852551127")
	for _, c := range []struct {
		name  string
		other *state
		score int
		meet  bool // by hash
	}{
		{"same person", lead("ann", "MULLER", "acme", ""), 80, true},
		{"same person and phone", lead("Ann", "Müller", "Acme", "+15852551127"), 90, true},
		{"a typo apart", lead("Anne", "Miller", "Acme", ""), 70, true},
		{"a typo apart, same phone", lead("Anne", "Miller", "Acme", "+15852551127"), 80, true},
		{"same phone", lead("Bob", "Ray", "Other", "+15852551127"), 60, true},
		{"other company", lead("Ann", "Müller", "Other", ""), 0, false},
		{"other person", lead("Bob", "Ray", "Acme", ""), 0, false},
		{"no company", lead("Ann", "Miller", "", ""), 0, false},
	} {
		score, why := likeness(ann, c.other)
		meet := false
		for _, k := range ann.keys {
			for _, o := range c.other.keys {
				meet = meet || k.Hash == o.Hash
			}
		}
		if score != c.score || meet != c.meet {
			t.Errorf("%s: score %d (%s), want %d; meet %v", c.name, score, why, c.score, meet)
		}
	}
}
