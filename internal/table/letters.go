package table

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// runeSet holds characters of the basic plane.
type runeSet [1 << 10]uint64

func setOf(text string) *runeSet {
	s := &runeSet{}
	for _, r := range text {
		s[r>>6] |= 1 << (r & 63)
	}
	return s
}

func (s *runeSet) has(r rune) bool { return r < 1<<16 && s[r>>6]>>(r&63)&1 != 0 }

// letterUse is how a text uses one character beyond ASCII.
type letterUse struct {
	letterKind
	n float64
	// known is what its places count where it is a letter of the language, beside its
	// frequency, and other what they count where it is none.
	known, other float64
}

type letterKind struct {
	low                         rune
	letter, lower, upper, ascii bool
	base                        float64 // of one that is no letter of the language
	sign                        bool
}

func kindOfLetter(r rune) letterKind {
	k := letterKind{low: unicode.ToLower(r), letter: unicode.IsLetter(r), lower: unicode.IsLower(r), upper: unicode.IsUpper(r), ascii: r < 0x80}
	switch {
	case strings.ContainsRune("–—‘’“”„…•€£©®°«»§·№™´\u00a0", r):
		k.sign, k.base = true, .4
	case k.letter || unicode.IsMark(r):
		k.base = -.5
	case unicode.IsControl(r), r == utf8.RuneError, r >= 0x2500 && r < 0x2600:
		k.base = -1.5
	default:
		k.base = -.7
	}
	return k
}

var asciiLetters = func() (out [utf8.RuneSelf]letterKind) {
	for r := range out {
		out[r] = kindOfLetter(rune(r))
	}
	return out
}()

// textLetters are the characters beyond ASCII of a text.
type textLetters struct {
	list  []letterUse
	count float64
}

// lettersOf counts them once for all languages: letters of a language count by
// their frequency, others and odd places count against it. In some scripts words are
// of their letters alone.
func lettersOf(text string, alone bool) *textLetters {
	out := &textLetters{}
	at := map[rune]int{}
	none := &letterKind{}
	kind := func(r rune) (*letterKind, int) {
		if r < utf8.RuneSelf {
			return &asciiLetters[r], -1
		}
		i, ok := at[r]
		if !ok {
			i = len(out.list)
			at[r] = i
			out.list = append(out.list, letterUse{letterKind: kindOfLetter(r)})
		}
		return &out.list[i].letterKind, i
	}
	prev, this, use, r := letterKind{}, letterKind{}, -1, rune(0)
	step := func(next *letterKind) {
		if use >= 0 {
			out.list[use].place(r, &prev, next, alone)
			out.count++
		}
	}
	for _, c := range text {
		next, i := kind(c)
		step(next)
		prev, this, use, r = this, *next, i, c
	}
	step(none)
	return out
}

// moneyMisread are the letters as which € and £ are read in other encodings; none of
// them is a word by itself.
const moneyMisread = "ÇÄÛŰŪñúœ"

// place counts r between its neighbours.
func (l *letterUse) place(r rune, prev, next *letterKind, alone bool) {
	l.n++
	l.other += l.base
	if l.sign && (prev.letter && next.letter && r != 0x2019 && r != '·' || r == '€' && next.letter) {
		l.other -= 1.4
	}
	capital := l.low != r
	if capital && prev.lower {
		l.known -= 1.5 // a capital inside a word
	} else if capital && alone && next.lower {
		l.known += .3
	}
	if !capital && prev.upper && next.upper {
		l.known -= .7
	}
	if (r == 'ς' || r >= 'ך' && r <= 'ץ' && strings.ContainsRune("ךםןףץ", r)) && next.letter {
		l.known -= 1 // they end words
	}
	if alone && (prev.ascii && prev.letter || next.ascii && next.letter || !prev.letter && !next.letter) {
		l.known -= .6
	}
	if !alone && !prev.letter && !next.letter && strings.ContainsRune(moneyMisread, r) {
		l.known -= 1.2
	}
	if !alone && prev.letter && !prev.ascii && next.letter && !next.ascii {
		l.known -= .8 // three accents in a row
	}
}

// few: one or two different letters, in either case, tell little, so that the usual
// encodings have to be meant.
func (t *textLetters) few() bool {
	seen := map[rune]bool{}
	for i := range t.list {
		if l := &t.list[i]; l.letter {
			seen[l.low] = true
		}
	}
	return len(seen) <= 2
}

// best is the highest of the languages' scores, each the mean over all characters.
func (t *textLetters) best(ranks []map[rune]float64) float64 {
	if t.count == 0 {
		return 0
	}
	best := math.Inf(-1)
	for _, rank := range ranks {
		sum := 0.
		for i := range t.list {
			l := &t.list[i]
			if w, known := rank[l.low]; known {
				sum += l.n*w + l.known
			} else {
				sum += l.other
			}
		}
		best = max(best, sum/t.count)
	}
	return best
}
