package table

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is the shape of one cell, as far as the text alone shows it.
type kind uint8

const (
	kindBlank kind = iota
	kindText       // words
	kindOdd        // holds what might be delimiters or quotes
	kindInteger
	kindDecimal
	kindDate
	kindEmail
	kindURL
	kindPhone
	kindBool
	kindTime // of day
)

func (k kind) typed() bool { return k >= kindInteger }

// family joins the kinds that share a column: 12 and 12.5, or 5551234 and 555-1234.
func (k kind) family() kind {
	if k == kindDecimal || k == kindPhone {
		return kindInteger
	}
	return k
}

// kindOf judges a cell; blanks around it do not count.
func kindOf(s string) kind {
	s = strings.TrimSpace(s)
	if s == "" {
		return kindBlank
	}
	if len(s) > 400 {
		return kindText
	}
	if c := s[len(s)-1]; c == ',' || c == ';' {
		return kindOdd
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '+', c == '-', c == '(', c == '.', c == '$', c == '#':
		if k := numberKind(s); k != kindText {
			return k
		}
	case strings.HasPrefix(s, "€") || strings.HasPrefix(s, "£"):
		if k := numberKind(strings.TrimLeft(s, "€£ ")); k != kindText {
			return k
		}
	}
	if i := strings.IndexByte(s, '@'); i > 0 && i < len(s)-3 && strings.IndexByte(s[i:], '.') > 1 && !strings.ContainsAny(s, " \t,;|\"<>") {
		return kindEmail
	}
	if first := s[0] | 0x20; first == 'h' && (hasFold(s, "http://") || hasFold(s, "https://")) || first == 'w' && hasFold(s, "www.") || isPath(s) {
		if !strings.ContainsAny(s, " \t|\"<>") {
			return kindURL
		}
	}
	if isYesNo(s) {
		return kindBool
	}
	if c := s[len(s)-1]; c >= '0' && c <= '9' || strings.IndexByte(s, ':') > 0 {
		// Only a named month, perhaps after a day of the week, can begin a date here.
		if _, ok := parseDate(withoutWeekday(s)); ok {
			return kindDate
		}
	}
	return textKind(s)
}

// isPath: a domain and a path without the http://, as in example.com/a/b.
func isPath(s string) bool {
	host, _, found := strings.Cut(s, "/")
	dot := strings.LastIndexByte(host, '.')
	if !found || dot < 1 || len(host)-dot < 3 {
		return false
	}
	for i, c := range []byte(host) {
		if (c < 'a' || c > 'z') && c != '.' && (i > dot || (c < '0' || c > '9') && c != '-') {
			return false
		}
	}
	return true
}

// isYesNo knows the usual words; in lower case without an allocation, as it sees every cell.
func isYesNo(s string) bool {
	if s[0] >= utf8.RuneSelf {
		return len(s) <= 15 && otherYesNo[s]
	}
	var low [10]byte
	if len(s) > len(low) {
		return false
	}
	for i := range len(s) {
		low[i] = s[i]
		if c := s[i]; c >= 'A' && c <= 'Z' {
			low[i] |= 0x20
		}
	}
	switch string(low[:len(s)]) {
	case "true", "false", "yes", "no", "ja", "nein", "oui", "non", "si", "sí", "y", "n", "t", "f",
		"vrai", "faux", "wahr", "falsch", "vero", "falso", "verdadero", "verdadeiro", "sim", "não", "nao", "tak", "nie", "prawda", "fałsz",
		"ano", "ne", "pravda", "nepravda", "evet", "hayır", "hayir", "doğru", "yanlış", "waar", "onwaar", "nee", "nej", "nei", "igen", "nem", "kyllä", "ei":
		return true
	}
	return false
}

// otherYesNo are those in other letters, as they are written.
var otherYesNo = func() map[string]bool {
	words := map[string]bool{}
	for w := range strings.FieldsSeq("да нет истина ложь так ні ναι όχι はい いいえ 是 否 예 아니오 아니요") {
		first, n := utf8.DecodeRuneInString(w)
		words[w], words[strings.ToUpper(w)], words[string(unicode.ToUpper(first))+w[n:]] = true, true, true
	}
	return words
}()

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// textKind tells words from text that seems to be cut wrongly: a comma without a
// blank after it, a semicolon, tab or bar, or quotes at an end.
func textKind(s string) kind {
	if c := s[0]; c == '"' || c == '\'' {
		return kindOdd
	}
	if c := s[len(s)-1]; c == '"' || c == '\'' || c == '\\' {
		return kindOdd
	}
	letters := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			if !letters { // no character beyond ASCII is odd
				r, _ := utf8.DecodeRuneInString(s[i:])
				letters = r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
			}
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9':
			letters = true
		case c == ',':
			if i+1 < len(s) && s[i+1] != ' ' {
				return kindOdd
			}
		case c == ';', c == '|', c == '\t', c == '^', c == '~', c == '"', c < ' ' && c != '\n' && c != '\r':
			return kindOdd
		}
	}
	if !letters {
		return kindOdd
	}
	return kindText
}

// isClock: 9:30, 09:30:15.250, 9:30 PM.
func isClock(s string) bool {
	if len(s) < 4 || len(s) > 16 || s[1] != ':' && s[2] != ':' || s[0] > '9' || s[0] < '0' {
		return false
	}
	s = strings.TrimRight(s, " aAmMpP")
	colons, digits := 0, 0
	for _, c := range []byte(s) {
		switch {
		case c == ':':
			colons++
		case c >= '0' && c <= '9':
			digits++
		case c != '.':
			return false
		}
	}
	return colons <= 2 && colons >= 1 && digits >= 3 && s[len(s)-1] != ':'
}

// numberKind sorts what begins like a number: integer, decimal, date, phone.
func numberKind(s string) kind {
	if s == "" {
		return kindText
	}
	if _, ok := parseDate(s); ok {
		return kindDate
	}
	if isClock(s) {
		return kindTime
	}
	digits, seps, letters, other := 0, 0, 0, 0
	exponent := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' || c == ',' || c == '\'':
			seps++
		case c == ' ' || c == '-' || c == '(' || c == ')' || c == '/' || c == '+':
			other++
		case c == '%' || c == '$' || c >= 0x80:
		case (c == 'e' || c == 'E') && i > 0 && i+1 < len(s) && (s[i+1] == '+' || s[i+1] == '-' || s[i+1] <= '9'):
			exponent = true
		default:
			letters++
		}
	}
	lead := 0
	if s[0] == '-' || s[0] == '+' || s[0] == '$' {
		lead = 1
	}
	switch {
	case digits == 0 || letters > 0:
		return kindText
	case exponent && seps <= 2 && other <= 2:
		return kindDecimal
	case seps == 0 && digits == len(s):
		return kindInteger
	case seps == 0 && lead == 1 && digits+1 == len(s):
		if s[0] == '+' && digits > 6 {
			return kindPhone
		}
		return kindInteger
	case other-boolInt(lead == 1 && s[0] != '$') <= 0 && seps <= 4:
		return kindDecimal
	case seps > 0 && isAmount(s):
		return kindDecimal
	case digits >= 6 && digits <= 16 && (other > 0 || seps > 1):
		return kindPhone
	}
	return kindText
}

// isAmount: 1 234,56 with blanks between groups of three, (1,234.56) and 12.50- for
// negative ones, each with a mark.
func isAmount(s string) bool {
	switch {
	case s[0] == '(' && s[len(s)-1] == ')':
		s = s[1 : len(s)-1]
	case s[len(s)-1] == '-':
		s = s[:len(s)-1]
	}
	s = strings.TrimRight(strings.TrimLeft(s, "+-$€£ "), "%$€£ ")
	run, blanks, marks := 0, 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			run++
			continue
		case c == ' ' && marks == 0 && run > 0 && run <= 3 && (blanks == 0 || run == 3):
			blanks++
		case (c == '.' || c == ',' || c == '\'') && run > 0 && (marks > 0 || blanks == 0 || run == 3):
			marks++
		default:
			return false
		}
		run = 0
	}
	return run > 0 && marks > 0 && (marks == 1 || blanks == 0)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (k kind) String() string {
	switch k {
	case kindInteger, kindDecimal:
		return "numbers"
	case kindDate:
		return "dates"
	case kindEmail:
		return "e-mail addresses"
	case kindURL:
		return "web addresses"
	case kindPhone:
		return "phone numbers"
	case kindBool:
		return "yes or no"
	case kindTime:
		return "times"
	}
	return "text"
}
