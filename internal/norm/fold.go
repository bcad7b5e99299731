package norm

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold makes the text that is compared instead of the written one (rule 5.1):
// NFKC, full case folding (Unicode Standard, 3.13: ß is ss), zero-width marks
// removed, blanks and control characters collapsed to one blank and trimmed.
// Fold(Fold(s)) == Fold(s).
func Fold(s string) string {
	if folded, ok := foldASCII(s); ok {
		return folded
	}
	// One round is not always stable: folding can yield characters that NFKC
	// changes again (the NFKC_Casefold of the standard iterates likewise).
	for range 4 {
		t := collapse(cases.Fold().String(norm.NFKC.String(s)))
		t = norm.NFKC.String(t)
		if t == s {
			break
		}
		s = t
	}
	return s
}

// foldASCII folds pure ASCII, without allocation where nothing changes.
func foldASCII(s string) (string, bool) {
	same := true
	blank := true // the character before was a blank, or there was none
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return "", false
		case c-'A' < 26, c < ' ', c == 0x7f, c == ' ' && blank:
			same = false
		}
		blank = c == ' '
	}
	if s == "" || same && !blank {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c == 0x7f {
			if len(b) > 0 && b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
			continue
		}
		if c-'A' < 26 {
			c |= 0x20
		}
		b = append(b, c)
	}
	if len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return string(b), true
}

// collapse makes each run of blanks and controls one blank, trims, and drops
// zero-width marks.
func collapse(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			if len(b) > 0 && b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
		case zeroWidth(r):
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return strings.TrimSuffix(string(b), " ")
}

// FoldName is Fold with accents removed and the letters that Unicode does not
// decompose written plainly (ø o, ł l, æ ae), for comparing names of persons,
// places and headings.
func FoldName(s string) string {
	s = Fold(s)
	if isASCII(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for _, r := range norm.NFD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if plain := plainLetter(r); plain != "" {
			b = append(b, plain...)
			continue
		}
		b = utf8.AppendRune(b, r)
	}
	return Fold(string(b))
}

func plainLetter(r rune) string {
	switch r {
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ı':
		return "i"
	case 'ħ':
		return "h"
	case 'ŧ':
		return "t"
	case 'ŋ':
		return "n"
	case '’', '‘', 'ʼ', '`', '´', 'ʻ':
		return "'"
	case '‐', '‑', '–', '—':
		return "-"
	}
	return ""
}
