package recipe

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Whatever columns a file mixes, no field is fed by two of them (rule 2.1),
// traps are never better than Likely (rule 2.2) and the recipe compiles.
func TestSuggestNeverFeedsTwice(t *testing.T) {
	var lines []string
	files, _ := filepath.Glob("testdata/vendor/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(strings.TrimSpace(string(text)), "\n")...)
	}
	for _, h := range orocrmHeadings() {
		lines = append(lines, h+" = ")
	}
	s := testSchema()
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		cols := sheet(lines[:5+random.IntN(60)]...)
		r, proposals := suggestColumns(cols, s, nil)
		fed := map[string]string{}
		for i, p := range proposals {
			if trap := trapOf(p.Heading); trap != noTrap && trap < trapID && !trapEvenIfExact(p.Heading) && p.Confidence > Likely {
				t.Errorf("trap %q is %v", p.Heading, p.Confidence)
			}
			for _, to := range p.To {
				if other, twice := fed[to]; twice && to != FullName {
					t.Errorf("%s is proposed for %q and %q", to, other, p.Heading)
				}
				fed[to] = p.Heading
			}
			if p.Confidence <= Check && len(r.Columns[i].To) > 0 {
				t.Errorf("%q is applied though %v", p.Heading, p.Confidence)
			}
		}
		headings := make([]string, len(cols))
		for i := range cols {
			headings[i] = cols[i].heading
		}
		program, err := compile(r, headings, s)
		if err != nil {
			t.Fatal(err)
		}
		if len(program.Conflicts) > 0 || len(program.Missing) > 0 {
			t.Errorf("conflicts %v, missing %v in %q", program.Conflicts, program.Missing, headings)
		}
	}
}

// Headings name the same whatever their case and punctuation.
func FuzzFoldHeading(f *testing.F) {
	for _, s := range []string{"E-Mail Address", "Straße", "İletişim", "ﬁrst name", "Ａｃｃｏｕｎｔ", "e mail", "Phone2", "\u0301", "名前 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := FoldHeading(s)
		if again := FoldHeading(once); again != once {
			t.Errorf("%q folds to %q, then to %q", s, once, again)
		}
		if strings.ContainsAny(once, " -_.") {
			t.Errorf("%q folds to %q", s, once)
		}
	})
}

// No expression panics or makes a text past its bound.
func FuzzExpr(f *testing.F) {
	for _, s := range []string{`value + row["B"]`, `join(",", value)`, `part(value, "", -3)`, `let x = value; x + x`, `replace(value, "", value)`, `value matches "(a+)+$"`,
		`value?.a ?? nil`, `row`, `{"a": 1}`, `value[0]`, `value[1:3]`, `-value`, `1/0`, `int("9999999999999999999")`, `5 % 0`, `2 ** 5000`} {
		f.Add(s, "cell")
	}
	f.Fuzz(func(t *testing.T, source, cell string) {
		program, err := compileExpr(source, func(h string) int { return slices.Index([]string{"A", "B"}, h) })
		if err != nil {
			return
		}
		if out, err := runExpr(program, cell, []string{cell, "b"}); err == nil && len(out) > maxText+len(cell)+maxExpr {
			t.Errorf("%d bytes", len(out))
		}
	})
}
