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

// nearest returns the known word closest to text, or "" if none is close
// enough to be a slip of the pen.
func nearest(text string, known []string) string {
	best, bestAt := "", 1+max(1, len(text)/3)
	for _, k := range known {
		if d := norm.Distance(strings.ToLower(text), strings.ToLower(k), bestAt); d < bestAt {
			best, bestAt = k, d
		}
	}
	return best
}
