package norm

import (
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Clean trims a cell of all Unicode blanks and zero-width marks, undoes
// ="00123", drops U+0000 (no database stores it) and composes the rest (NFC,
// Unicode Standard Annex 15) (rule 3.1). A blank cell gives "". Bytes that are
// not UTF-8 stay as they are; reading has reported them.
func Clean(s string) string {
	if alreadyClean(s) {
		return s
	}
	return cleaned(s)
}

func cleaned(s string) string {
	for {
		t := trim(s)
		t, undone := unquoteFormula(t)
		if !undone {
			s = t
			break
		}
		s = t
	}
	if strings.IndexByte(s, 0) >= 0 {
		return cleaned(strings.ReplaceAll(s, "\x00", ""))
	}
	if !norm.NFC.IsNormalString(s) {
		s = norm.NFC.String(s)
	}
	return s
}

// alreadyClean reports that there is nothing to do: the case of most cells.
func alreadyClean(s string) bool {
	if s == "" {
		return true
	}
	if first, last := s[0], s[len(s)-1]; first <= ' ' || last <= ' ' || first == '=' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf {
			return plainText(s, i)
		} else if c == 0 {
			return false
		}
	}
	return true
}

// plainText reports whether s, ASCII up to from, consists of characters that
// are composed whatever stands beside them, and begins and ends with none that
// is trimmed.
func plainText(s string, from int) bool {
	for i, r := range s[from:] {
		switch {
		case r == 0, r == utf8.RuneError:
			return false
		case r < utf8.RuneSelf:
		case !composed.has(r) || (from+i == 0 || from+i+utf8.RuneLen(r) == len(s)) && ignorable(r):
			return false
		}
	}
	return true
}

// composed knows the characters of the basic plane that NFC leaves as they are
// in any text: they are composed, and combine with nothing before them (Unicode
// Standard Annex 15, quick check). It is filled as scripts are met.
var composed runeBits

// runeBits holds a bit for each character, by blocks of 256.
type runeBits [256]atomic.Pointer[[4]uint64]

func (b *runeBits) has(r rune) bool {
	if r >= 1<<16 {
		return false
	}
	bits := b[r>>8].Load()
	if bits == nil {
		bits = composedBlock(r &^ 255)
		b[r>>8].Store(bits)
	}
	return bits[r>>6&3]&(1<<(r&63)) != 0
}

func composedBlock(first rune) *[4]uint64 {
	var bits [4]uint64
	for r := first; r < first+256; r++ {
		if c := string(r); norm.NFC.PropertiesString(c).BoundaryBefore() && norm.NFC.IsNormalString(c) {
			bits[r>>6&3] |= 1 << (r & 63)
		}
	}
	return &bits
}

func trim(s string) string { return strings.TrimFunc(s, ignorable) }

// ignorable reports whether r shows nothing at either end of a cell.
func ignorable(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || r >= '\t' && r <= '\r' || r == 0
	}
	return unicode.IsSpace(r) || zeroWidth(r)
}

// zeroWidth reports the marks that copying from mail, web pages and Windows'
// contact cards leaves around a value: joiners, direction marks, byte order
// marks, soft hyphens, and fillers that look blank.
func zeroWidth(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F:
		return true
	}
	switch r {
	case 0xAD, 0x061C, 0x180E, 0x2800, 0x3164, 0xFEFF, 0xFFA0:
		return true
	}
	return false
}

// unquoteFormula undoes ="00123", with which exports keep a spreadsheet from
// dropping zeros; a real formula (="a"&"b") stays.
func unquoteFormula(s string) (string, bool) {
	if len(s) < 3 || s[0] != '=' || s[1] != '"' || s[len(s)-1] != '"' {
		return s, false
	}
	inner := s[2 : len(s)-1]
	if strings.IndexByte(inner, '"') < 0 {
		return inner, true
	}
	plain := strings.ReplaceAll(inner, `""`, "")
	if strings.IndexByte(plain, '"') >= 0 {
		return s, false
	}
	return strings.ReplaceAll(inner, `""`, `"`), true
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func isLetter(c byte) bool { return (c|0x20)-'a' < 26 }

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
