package norm

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

// Marks says how a column writes numbers. Decimal is '.', ',' or 0 where the
// column does not prove one; the other of the two groups thousands, as blanks
// and apostrophes always do.
type Marks struct{ Decimal byte }

// Integer reads a whole number not below least: "1,200", "1.200", "1 200",
// "1'200", "+5", "100.0". Canonical is plain digits. A range ("50-100",
// "10,001+") is left out with CodeIntegerRange, its lower bound as the
// suggestion (IntegerRange has both); "1,200" without a known mark with
// CodeNumberAmbiguous; what Excel has rounded with CodeExcelScientific.
func Integer(s string, m Marks, least int64) (string, Finding) {
	if canonicalInteger(s) {
		return boundInteger(s, least)
	}
	if Scientific(s) {
		return "", Finding{Code: CodeExcelScientific, Detail: "the last digits are lost"}
	}
	number, code := readNumber(s, m)
	if code == "" {
		whole, fraction, _ := strings.Cut(number, ".")
		if fraction != "" {
			return "", Finding{Code: CodeIntegerInvalid, Detail: "not a whole number", Suggestion: suggestInteger(whole, least)}
		}
		return boundInteger(whole, least)
	}
	if lower, upper, ok := IntegerRange(s, m); ok {
		suggestion := lower
		if suggestion == "" {
			suggestion = upper
		}
		return "", Finding{Code: CodeIntegerRange, Detail: s, Suggestion: suggestion}
	}
	if code == CodeNumberAmbiguous {
		return "", Finding{Code: code, Detail: "a thousands mark or a decimal mark"}
	}
	return "", Finding{Code: CodeIntegerInvalid, Detail: "not a whole number", Suggestion: suggestInteger(roughInteger(s, m), least)}
}

func boundInteger(s string, least int64) (string, Finding) {
	if s == "" {
		return "", Finding{}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return "", Finding{Code: CodeIntegerTooBig, Detail: "more than 9,223,372,036,854,775,807"}
	}
	if n < least {
		return "", Finding{Code: CodeIntegerTooSmall, Detail: "less than " + strconv.FormatInt(least, 10)}
	}
	return s, Finding{}
}

func suggestInteger(s string, least int64) string {
	s, _ = boundInteger(s, least)
	return s
}

func canonicalInteger(s string) bool {
	if s == "" || s == "0" {
		return true
	}
	i := 0
	if s[0] == '-' {
		i = 1
	}
	if i == len(s) || s[i] == '0' {
		return false
	}
	for ; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// IntegerRange reads "50-100", "50 to 100", "10,001+", "> 50", "< 10", also
// with a unit behind it ("51-200 employees"). A bound that is open is "".
func IntegerRange(s string, m Marks) (lower, upper string, ok bool) {
	s = strings.TrimRightFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsSpace(r) || r == '.' })
	whole := func(t string) (string, bool) {
		t = strings.TrimFunc(t, unicode.IsSpace)
		n, code := readNumber(t, m)
		if code == CodeNumberAmbiguous {
			// Bounds are whole, so the mark groups.
			n, code = readNumber(t, Marks{Decimal: other(lastMark(t))})
		}
		return n, code == "" && n != "" && n[0] != '-' && strings.IndexByte(n, '.') < 0
	}
	if s == "" {
		return "", "", false
	}
	if t, found := strings.CutSuffix(s, "+"); found {
		lower, ok = whole(t)
		return lower, "", ok
	}
	for _, prefix := range [...]string{">=", ">", "≥"} {
		if t, found := strings.CutPrefix(s, prefix); found {
			lower, ok = whole(t)
			return lower, "", ok
		}
	}
	for _, prefix := range [...]string{"<=", "<", "≤"} {
		if t, found := strings.CutPrefix(s, prefix); found {
			upper, ok = whole(t)
			return "", upper, ok
		}
	}
	for _, between := range [...]string{"-", "–", "—", "−", "..", " to ", " bis ", " à ", " a ", "~"} {
		i := strings.Index(s, between)
		if i <= 0 {
			continue
		}
		lower, ok1 := whole(s[:i])
		upper, ok2 := whole(strings.TrimLeft(s[i+len(between):], "."))
		if ok1 && ok2 {
			return lower, upper, true
		}
	}
	return "", "", false
}

// roughInteger finds the one number in "ca. 250 employees" and "5k".
func roughInteger(s string, m Marks) string {
	start := strings.IndexAny(s, "0123456789")
	if start < 0 {
		return ""
	}
	end := strings.LastIndexAny(s, "0123456789") + 1
	n, code := readNumber(s[start:end], m)
	if code != "" {
		return ""
	}
	factor := ""
	switch strings.ToLower(strings.TrimSpace(s[end:])) {
	case "k":
		factor = "000"
	case "m", "mio", "mio.":
		factor = "000000"
	}
	whole, fraction, _ := strings.Cut(n, ".")
	if len(fraction) > len(factor) {
		return ""
	}
	out := strings.TrimLeft(whole+fraction+factor[len(fraction):], "0")
	if out == "" {
		return "0"
	}
	return out
}

// Decimal reads a number with a decimal mark, thousands marks, a currency
// sign, parentheses for minus or an exponent. Canonical has a point, no plus,
// no needless zeros: "1234.5". A value that only the mark can tell ("1,200")
// is left out with CodeNumberAmbiguous, others with CodeDecimalInvalid.
func Decimal(s string, m Marks) (string, Finding) {
	if canonicalInteger(s) && len(s) <= maxDigits {
		return s, Finding{}
	}
	mantissa, exponent := s, 0
	if Scientific(s) {
		e := strings.IndexAny(s, "eE")
		mantissa = s[:e]
		exponent, _ = strconv.Atoi(s[e+1:])
	}
	n, code := readNumber(mantissa, m)
	if code == "" && exponent != 0 {
		n, code = shift(n, exponent)
	}
	if code == CodeNumberAmbiguous {
		return "", Finding{Code: code, Detail: "a thousands mark or a decimal mark"}
	}
	if code != "" || len(n) > maxDigits {
		return "", Finding{Code: CodeDecimalInvalid, Detail: "not a number"}
	}
	return n, Finding{}
}

const maxDigits = 60 // more is no quantity of anything

func shift(n string, exponent int) (string, string) {
	if exponent > 40 || exponent < -40 {
		return "", CodeDecimalInvalid
	}
	r, ok := new(big.Rat).SetString(n + "e" + strconv.Itoa(exponent))
	if !ok {
		return "", CodeDecimalInvalid
	}
	text := r.FloatString(40 + maxDigits)
	return trimZeros(text), ""
}

// readNumber gives the canonical decimal of s, or a code: "x" for no number,
// CodeNumberAmbiguous where only a known mark could tell.
func readNumber(s string, m Marks) (string, string) {
	const no = "x"
	s = trim(s)
	negative := false
	if len(s) > 2 && s[0] == '(' && s[len(s)-1] == ')' {
		negative, s = true, s[1:len(s)-1]
	}
	s = trimCurrency(s)
	switch {
	case strings.HasPrefix(s, "-"):
		negative, s = !negative, s[1:]
	case strings.HasPrefix(s, "−"):
		negative, s = !negative, s[len("−"):]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	s = trimCurrency(s)
	if s == "" {
		return "", no
	}
	mark := m.Decimal
	commas, points := strings.Count(s, ","), strings.Count(s, ".")
	switch {
	case mark != 0:
	case commas > 0 && points > 0:
		mark = lastMark(s)
	case commas > 1:
		mark = '.'
	case points > 1:
		mark = ','
	case commas+points == 1:
		i := strings.IndexAny(s, ",.")
		if len(s)-i-1 == 3 && i >= 1 && i <= 3 && s[0] != '0' && allDigits(s[:i]) && allDigits(s[i+1:]) {
			return "", CodeNumberAmbiguous
		}
		mark = s[i]
	}
	whole, fraction := s, ""
	if mark != 0 {
		if i := strings.IndexByte(s, mark); i >= 0 {
			whole, fraction = s[:i], s[i+1:]
		}
	}
	if !allDigits(fraction) {
		return "", no
	}
	digits, ok := ungroup(whole, mark)
	if !ok || digits == "" && fraction == "" {
		return "", no
	}
	n := trimZeros(digits + "." + fraction)
	if negative && n != "0" {
		n = "-" + n
	}
	return n, ""
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// ungroup takes thousands marks out: groups of three, or of two before the
// last (Indian lakhs); one kind of mark only.
func ungroup(s string, mark byte) (string, bool) {
	if allDigits(s) {
		return s, true
	}
	b := make([]byte, 0, len(s))
	group, kind, groups := 0, rune(0), 0
	for _, r := range s {
		if r < 0x80 && isDigit(byte(r)) {
			b = append(b, byte(r))
			group++
			continue
		}
		switch r {
		case ',', '.':
			if byte(r) == mark {
				return "", false
			}
		case '\'', '’', '_':
		default:
			if !unicode.IsSpace(r) {
				return "", false
			}
			r = ' '
		}
		if kind == 0 {
			kind = r
		}
		if r != kind || group == 0 || group > 3 || groups > 0 && group < 2 {
			return "", false
		}
		groups++
		group = 0
	}
	return string(b), group == 3
}

func trimCurrency(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.Is(unicode.Sc, r) || unicode.IsSpace(r) })
}

func lastMark(s string) byte {
	if i := strings.LastIndexAny(s, ",."); i >= 0 {
		return s[i]
	}
	return 0
}

func other(mark byte) byte {
	switch mark {
	case ',':
		return '.'
	case '.':
		return ','
	}
	return 0
}

// trimZeros drops zeros that say nothing: "007.50" is 7.5.
func trimZeros(s string) string {
	if strings.IndexByte(s, '.') >= 0 {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	s = strings.TrimLeft(s, "0")
	if s == "" || s[0] == '.' {
		s = "0" + s
	}
	if s == "0" {
		return s
	}
	return sign + s
}
