package table

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Signs other than " ' ` are quotes only where nearly all of them stand at the
// edges of cells, as often before as behind, or doubled inside.

// quotePairs are written differently before and behind.
var quotePairs = []string{"“”", "«»", "„“", "‘’", "‹›", "「」", "„”", "»«", "『』"}

// edges counts where a sign stands.
type edges struct{ opens, closes, doubled, total int }

// explained: it is used as quotes are.
func (e edges) explained(least int) bool {
	return e.opens >= least && e.closes >= least && (e.opens+e.closes+e.doubled)*10 >= e.total*9 &&
		abs(e.opens-e.closes)*10 <= e.opens+e.closes
}

func abs(n int) int { return max(n, -n) }

func (e edges) plus(f edges) edges {
	return edges{e.opens + f.opens, e.closes + f.closes, e.doubled + f.doubled, e.total + f.total}
}

// oddQuotes are ASCII signs that may be quotes, those that are doubled inside cells
// too, and the best of those beyond, which may be a pair.
func oddQuotes(text []byte) (ascii, doubled []byte, wide string) {
	seen := map[rune]*edges{}
	s := string(text)
	edge := func(r rune) bool { return r == ',' || r == ';' || r == '\t' || r == '|' || r == '\n' || r == '\r' }
	prev := '\n'
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !mayQuote(r) {
			prev, i = r, i+n
			continue
		}
		run := n
		for strings.HasPrefix(s[i+run:], s[i:i+n]) {
			run += n
		}
		next := '\n'
		if i+run < len(s) {
			next, _ = utf8.DecodeRuneInString(s[i+run:])
		}
		e := seen[r]
		if e == nil {
			e = &edges{}
			seen[r] = e
		}
		k := run / n
		e.total += k
		before, behind := edge(prev), edge(next)
		switch {
		case before && behind && k%2 == 0:
			e.opens++
			e.closes++
			e.doubled += k - 2
		case before && !behind && k%2 == 1:
			e.opens++
			e.doubled += k - 1
		case behind && !before && k%2 == 1:
			e.closes++
			e.doubled += k - 1
		case !before && !behind && k%2 == 0:
			e.doubled += k
		}
		prev, i = r, i+run
	}
	most := 0
	for r, e := range seen {
		switch {
		case r < utf8.RuneSelf && e.explained(2):
			ascii = append(ascii, byte(r))
			if e.doubled > 0 {
				doubled = append(doubled, byte(r))
			}
		case r >= utf8.RuneSelf && e.explained(1) && (e.total > most || e.total == most && string(r) < wide):
			wide, most = string(r), e.total
		}
	}
	for _, pair := range quotePairs {
		open, closing := quotePair(pair)
		a, b := seen[first(open)], seen[first(closing)]
		if a != nil && b != nil && a.closes == 0 && b.opens == 0 && a.plus(*b).explained(1) && a.total+b.total > most {
			wide, most = pair, a.total+b.total
		}
	}
	return ascii, doubled, wide
}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// mayQuote: no letter, digit, bracket, blank, usual delimiter or usual quote.
func mayQuote(r rune) bool {
	if r < utf8.RuneSelf {
		return strings.ContainsRune("!#$%&*/:=?@^_|~\x01\x02", r)
	}
	return r != utf8.RuneError && !unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Z)
}
