package recipe

import (
	"strings"
	"unicode"

	"github.com/leadport/leadport/internal/norm"
)

// FoldHeading makes what headings are compared by (rule 2.1): no case, no
// accents, letters and digits only. "E-Mail Address" and "e_mail  address"
// are one heading.
func FoldHeading(heading string) string {
	return strings.Join(words(heading), "")
}

// words cuts a heading into runs of letters and runs of digits, folded. A
// change from small to capital letter begins a word: "FirstName" is two.
func words(heading string) []string {
	var out []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			out = append(out, foldWord(word.String()))
			word.Reset()
		}
	}
	var before rune
	for _, r := range heading {
		switch {
		case unicode.Is(unicode.Mn, r):
			word.WriteRune(r)
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.IsDigit(r) != unicode.IsDigit(before),
			unicode.IsUpper(r) && unicode.IsLower(before):
			flush()
			word.WriteRune(r)
		default:
			word.WriteRune(r)
		}
		before = r
	}
	flush()
	return joinEmail(out)
}

// joinEmail makes the two words of "E-mail" one.
func joinEmail(words []string) []string {
	for i := 0; i+1 < len(words); i++ {
		if words[i] == "e" && (words[i+1] == "mail" || words[i+1] == "mails") {
			words[i] += words[i+1]
			words = append(words[:i+1], words[i+2:]...)
		}
	}
	return words
}

// foldWord keeps what FoldName leaves of letters and digits: some letters
// decompose into a letter and a mark.
func foldWord(w string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, norm.FoldName(w))
}

// distance is the number of single-letter edits between two words, a swap of
// neighbours counting as one (Damerau 1964; optimal string alignment). It
// stops counting above limit.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if abs(len(x)-len(y)) > limit {
		return limit + 1
	}
	prev2, prev := make([]int, len(y)+1), make([]int, len(y)+1)
	row := make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return min(prev[len(y)], limit+1)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// nearest returns the known word closest to text, or "" if none is close
// enough to be a slip of the pen.
func nearest(text string, known []string) string {
	best, bestAt := "", 1+max(1, len(text)/3)
	for _, k := range known {
		if d := distance(strings.ToLower(text), strings.ToLower(k), bestAt); d < bestAt {
			best, bestAt = k, d
		}
	}
	return best
}
