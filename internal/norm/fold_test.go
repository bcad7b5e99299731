package norm

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// rule 5.1: folding character by character gives what folding the whole text
// gives, wherever it dares to.
func TestFoldRunes(t *testing.T) {
	for r := rune(1); r < 1<<16; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		for _, s := range []string{string(r), "a" + string(r), string(r) + "\u0301b", "Σ " + string(r) + "Ω", "각" + string(r) + "ﬁ", string(r) + string(r)} {
			if got, ok := folding(s, &folds, foldText); ok && got != foldText(s) {
				t.Errorf("Fold(%+q) is %+q, want %+q", s, got, foldText(s))
			}
			if got, ok := folding(s, &nameFolds, foldName); ok && got != foldName(s) {
				t.Errorf("FoldName(%+q) is %+q, want %+q", s, got, foldName(s))
			}
		}
	}
	for _, s := range []string{"Müller & Söhne", "Παπαδόπουλος ΑΕ", "Иванов ООД", "株式会社", "כהן", "Straße  2"} {
		if got, ok := folding(s, &folds, foldText); !ok || got != foldText(s) || strings.Contains(got, "  ") {
			t.Errorf("Fold(%q) is %q, %t", s, got, ok)
		}
	}
}

func FuzzFoldRunes(f *testing.F) {
	f.Add("Müller\u0308 ẞ ﬃ")
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := folding(s, &folds, foldText); ok && got != foldText(s) {
			t.Errorf("Fold(%+q) is %+q, want %+q", s, got, foldText(s))
		}
		if got, ok := folding(s, &nameFolds, foldName); ok && got != foldName(s) {
			t.Errorf("FoldName(%+q) is %+q, want %+q", s, got, foldName(s))
		}
	})
}

func folding(s string, known *runeFolds, fold func(string) string) (string, bool) {
	b, ok := appendFoldRunes(nil, s, known, fold)
	return string(b), ok
}
