package norm

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync/atomic"
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
	var short [64]byte
	return unlessSame(appendFold(short[:0], s), s)
}

// unlessSame is b as a string, without allocation where that is s.
func unlessSame(b []byte, s string) string {
	if string(b) == s {
		return s
	}
	return string(b)
}

// appendFold appends Fold(s).
func appendFold(dst []byte, s string) []byte {
	if b, ok := appendFoldASCII(dst, s); ok {
		return b
	}
	if b, ok := appendFoldRunes(dst, s, &folds, foldText); ok {
		return b
	}
	return append(dst, foldText(s)...)
}

func foldText(s string) string {
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

// appendFoldASCII folds pure ASCII.
func appendFoldASCII(dst []byte, s string) ([]byte, bool) {
	start := len(dst)
	dst = slices.Grow(dst, len(s))[:start+len(s)]
	b, n := dst[start:], 0
	blank := true // what stands before the next character
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return dst[:start], false
		case c <= ' ' || c == 0x7f:
			if !blank {
				b[n], blank = ' ', true
				n++
			}
			continue
		case c-'A' < 26:
			c |= 0x20
		}
		b[n], blank = c, false
		n++
	}
	return trimBlank(dst[:start+n], start), true
}

// trimBlank takes a blank off the end of what was appended since start.
func trimBlank(dst []byte, start int) []byte {
	if n := len(dst); n > start && dst[n-1] == ' ' {
		return dst[:n-1]
	}
	return dst
}

// runeFolds remembers how single characters fold: the bytes that they become
// from the second byte on, their number in the lowest; 0 is not known yet.
type runeFolds [1 << 16]atomic.Uint64

// foldTogether stands for a character that cannot be folded by itself.
const foldTogether = 0xff

var folds, nameFolds runeFolds

// appendFoldRunes folds character by character, ten times as fast as the text
// as a whole. It may where no character combines with the one before it,
// neither as it is nor folded (Unicode Standard Annex 15, boundaries); else it
// reports false.
func appendFoldRunes(dst []byte, s string, known *runeFolds, fold func(string) string) ([]byte, bool) {
	start := len(dst)
	for _, r := range s {
		n := len(dst)
		if r == ' ' {
			if n > start && dst[n-1] != ' ' {
				dst = append(dst, ' ')
			}
			continue
		}
		if int(r) >= len(known) || r == utf8.RuneError {
			return dst[:start], false
		}
		to := known[r].Load()
		if to == 0 {
			to = alone(r, fold)
			known[r].Store(to)
		}
		if to == foldTogether {
			return dst[:start], false
		}
		if cap(dst)-n < 8 {
			dst = slices.Grow(dst, max(8, len(s)))
		}
		binary.LittleEndian.PutUint64(dst[n:n+8], to>>8)
		dst = dst[:n+int(to&7)]
	}
	return trimBlank(dst, start), true
}

// alone is how a character folds by itself, as runeFolds has it.
func alone(r rune, fold func(string) string) uint64 {
	if !norm.NFKC.PropertiesString(string(r)).BoundaryBefore() || strings.Contains(norm.NFKC.String(string(r)), " ") {
		return foldTogether
	}
	text := fold(string(r))
	if text == "" || len(text) > 7 {
		return foldTogether
	}
	to := uint64(len(text))
	for i, c := range text {
		// What FoldName makes of a grave accent hangs on the rest of the text.
		if c == '`' || !norm.NFKC.PropertiesString(text[i:]).BoundaryBefore() {
			return foldTogether
		}
	}
	for i := range len(text) {
		to |= uint64(text[i]) << (8 * (i + 1))
	}
	return to
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
	var short [64]byte
	return unlessSame(appendFoldName(short[:0], s), s)
}

// appendFoldName appends FoldName(s).
func appendFoldName(dst []byte, s string) []byte {
	if b, ok := appendFoldASCII(dst, s); ok {
		return b
	}
	if b, ok := appendFoldRunes(dst, s, &nameFolds, foldName); ok {
		return b
	}
	return append(dst, foldName(s)...)
}

func foldName(s string) string {
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
