package table

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Numbers as Excel shows them and as it writes them into CSV: by their number
// format, in the English (US) locale. Only for Options.AsShown: an import wants
// the value and not its looks.

// appendShownText writes a text in the format: by the fourth section, or one with an @.
func appendShownText(dst []byte, text string, f shownFormat) []byte {
	last := f[len(f)-1]
	if len(f) < 4 && !last.text {
		return append(dst, text...)
	}
	for _, t := range last.tokens {
		switch t.kind {
		case '@':
			dst = append(dst, text...)
		case 't', '0', '.', ',', '%':
			dst = append(dst, t.text...)
		}
	}
	return dst
}

// plainText: texts stay as they are.
func (f shownFormat) plainText() bool {
	if len(f) == 0 {
		return true
	}
	last := f[len(f)-1]
	return len(f) < 4 && !last.text || last.text && len(last.tokens) == 1
}

// appendShown writes v in the format; the workbook's dates begin in 1900 or 1904.
func appendShown(dst []byte, v float64, f shownFormat, date1904 bool) []byte {
	s := f.pick(v)
	switch {
	case s == nil:
		return appendGeneral(dst, v)
	case s.date:
		return s.appendDate(dst, v, date1904)
	}
	if v < 0 {
		v = -v
		if !s.unsigned {
			dst = append(dst, '-')
		}
	}
	if !hasDigit(s.tokens) {
		for _, t := range s.tokens {
			switch t.kind {
			case 'g', '@':
				dst = appendGeneral(dst, v)
			default:
				dst = append(dst, t.text...)
			}
		}
		return dst
	}
	switch {
	case s.fraction && v >= 1e15:
		return appendGeneral(dst, v)
	case s.fraction:
		return append(dst, s.fractional(v)...)
	case s.exponent:
		return s.scientific(dst, v)
	}
	return s.decimal(dst, v)
}

// places counts the digit places before and after the point, and whether commas group or scale.
func (s *section) places() (whole, decimals, scale int, group bool) {
	point := false
	lastDigit := -1
	for i, t := range s.tokens {
		switch t.kind {
		case '.':
			point = true
		case '0':
			lastDigit = i
			if point {
				decimals++
			} else {
				whole++
			}
		case 'E', '/':
			point = true
		}
	}
	seen := false
	for i, t := range s.tokens {
		if t.kind == '0' {
			seen = true
		}
		if t.kind == ',' && seen {
			if i > lastDigit || nextKind(s.tokens[i+1:]) != '0' {
				scale++
			} else {
				group = true
			}
		}
	}
	return whole, decimals, scale, group
}

// nextKind is the kind of the first token that is not a comma.
func nextKind(tokens []token) byte {
	for _, t := range tokens {
		if t.kind != ',' {
			return t.kind
		}
	}
	return 0
}

func (s *section) decimal(dst []byte, v float64) []byte {
	whole, decimals, scale, group := s.places()
	for _, t := range s.tokens {
		if t.kind == '%' {
			v *= 100
		}
	}
	for range scale {
		v /= 1000
	}
	var buf [48]byte
	intPart, frac := cutPoint(fixed(buf[:0], v, decimals))
	return s.fill(dst, intPart, frac, whole, group)
}

// cutPoint cuts digits at the point; a nought before it is no digit.
func cutPoint(digits []byte) (intPart, frac []byte) {
	intPart, frac, _ = bytes.Cut(digits, []byte("."))
	if len(intPart) == 1 && intPart[0] == '0' {
		intPart = nil
	}
	return intPart, frac
}

// fixed appends v, which is not negative, rounded half up on the 15 digits that
// Excel has.
func fixed(out []byte, v float64, decimals int) []byte {
	var buf [32]byte
	b := strconv.AppendFloat(buf[:0], v, 'e', 14, 64) // 1.23456789012345e+02
	exp, err := strconv.Atoi(string(b[min(17, len(b)):]))
	if err != nil {
		return append(out, b...) // infinite
	}
	return rounded(out, b, exp, decimals)
}

// general is fixed for the 11 characters of the format General.
func general(out []byte, v float64) []byte {
	var buf [32]byte
	b := strconv.AppendFloat(buf[:0], v, 'e', 14, 64)
	exp, err := strconv.Atoi(string(b[min(17, len(b)):]))
	if err != nil {
		return append(out, b...)
	}
	return rounded(out, b, exp, max(0, 9-max(exp, 0)))
}

// rounded appends the 15 digits of b, 1.23456789012345e+02 of which exp is read.
func rounded(out, b []byte, exp, decimals int) []byte {
	var digits [16]byte // after a nought, for what is carried
	digits[0] = '0'
	digits[1] = b[0]
	copy(digits[2:], b[2:16])
	whole := exp + 1
	if keep := whole + decimals; keep < 15 {
		up := keep >= 0 && digits[1+keep] >= '5'
		for i := max(keep, 0) + 1; i < len(digits); i++ {
			digits[i] = '0'
		}
		for i := keep; up && i >= 0; i-- {
			if digits[i] == '9' {
				digits[i] = '0'
			} else {
				digits[i]++
				up = false
			}
		}
	}
	digit := func(i int) byte { // i = 0 is the first before the point
		if i += whole; i >= 0 && i < len(digits) {
			return digits[i]
		}
		return '0'
	}
	from := len(out)
	for i := -max(whole, 0); i <= 0; i++ {
		if c := digit(i); c != '0' || len(out) > from || i == 0 {
			out = append(out, c)
		}
	}
	if decimals > 0 {
		out = append(out, '.')
		for i := 1; i <= decimals; i++ {
			out = append(out, digit(i))
		}
	}
	return out
}

// fill appends the digits in the section's places.
func (s *section) fill(out, intPart, frac []byte, whole int, group bool) []byte {
	// The places before the point, from the left: the first takes all surplus digits.
	at := len(intPart) - whole // index of the digit of the next place; negative = none
	last := len(frac)          // decimals without the noughts at the end
	for last > 0 && frac[last-1] == '0' {
		last--
	}
	point, first, k := false, true, 0
	started := false
	for _, t := range s.tokens {
		switch t.kind {
		case '0':
			if point {
				switch {
				case k < last:
					out = append(out, frac[k])
				case t.text == "0":
					out = append(out, '0')
				case t.text == "?":
					out = append(out, ' ')
				}
				k++
				continue
			}
			if first {
				for i := 0; i < at; i++ {
					out = appendDigit(out, intPart[i], len(intPart)-1-i, group)
					started = true
				}
				first = false
			}
			switch {
			case at >= 0:
				out = appendDigit(out, intPart[at], len(intPart)-1-at, group)
				started = true
			case t.text == "0" || started:
				out = appendDigit(out, '0', len(intPart)-1-at, group)
				started = true
			case t.text == "?":
				out = append(out, ' ')
			}
			at++
		case '.':
			if whole == 0 && !point {
				out = append(out, intPart...)
			}
			point = true
			out = append(out, '.')
		case ',':
		case 'g':
		default:
			out = append(out, t.text...)
		}
	}
	return out
}

// appendDigit appends a digit that so many follow before the point.
func appendDigit(out []byte, digit byte, left int, group bool) []byte {
	out = append(out, digit)
	if group && left > 0 && left%3 == 0 {
		out = append(out, ',')
	}
	return out
}

// scientific writes 1.23E+04; several places before the point step the exponent.
func (s *section) scientific(out []byte, v float64) []byte {
	e := 0
	for s.tokens[e].kind != 'E' {
		e++
	}
	mantissa := section{tokens: s.tokens[:e]}
	whole, decimals, _, _ := mantissa.places()
	step, exp := max(whole, 1), 0
	if v != 0 {
		exp = exponentOf(v)
		exp -= ((exp % step) + step) % step
	}
	var buf [48]byte
	intPart, frac := cutPoint(fixed(buf[:0], v/math.Pow10(exp), decimals))
	if len(intPart) > step { // rounded up
		exp += step
		intPart, frac = cutPoint(fixed(buf[:0], v/math.Pow10(exp), decimals))
	}
	out = append(mantissa.fill(out, intPart, frac, whole, false), 'E')
	if exp < 0 {
		out = append(out, '-')
	} else if s.tokens[e].text == "+" {
		out = append(out, '+')
	}
	places := 0
	for places < len(s.tokens)-e-1 && s.tokens[e+1+places].kind == '0' {
		places++
	}
	out = appendPadded(out, places, int64(max(exp, -exp)))
	for _, t := range s.tokens[e+1+places:] {
		out = append(out, t.text...)
	}
	return out
}

// exponentOf is the power of ten of v's first digit, on the 15 digits that Excel has.
func exponentOf(v float64) int {
	var buf [32]byte
	b := strconv.AppendFloat(buf[:0], v, 'e', 14, 64) // 1.23456789012345e+02
	n, err := strconv.Atoi(string(b[min(17, len(b)):]))
	if err != nil {
		return 0 // infinite
	}
	return n
}

// fractional writes 1 1/2: the nearest fraction whose denominator has as many
// digits as its places, or the given one.
func (s *section) fractional(v float64) []byte {
	bar := 0
	for i, t := range s.tokens {
		if t.kind == '/' {
			bar = i
		}
	}
	numFrom := bar
	for numFrom > 0 && s.tokens[numFrom-1].kind == '0' {
		numFrom--
	}
	mixed := hasDigit(s.tokens[:numFrom])
	denPlaces, given := 0, 0
	to := bar + 1
	for ; to < len(s.tokens) && (s.tokens[to].kind == '0' || s.tokens[to].kind == 'n'); to++ {
		if s.tokens[to].kind == 'n' {
			given, _ = strconv.Atoi(s.tokens[to].text)
		}
		denPlaces++
	}
	whole := 0.
	if mixed {
		whole = math.Floor(v)
	}
	num, den := nearest(v-whole, max(1, int(math.Pow10(min(denPlaces, 7)))-1), given)
	zero := hasZero(s.tokens[:numFrom]) // 0 1/2, not 1/2
	if mixed && num == den && den > 0 {
		whole++
		num = 0
	}
	width := bar - numFrom
	if given > 0 {
		denPlaces = len(strconv.Itoa(given))
	}
	var out []byte
	if mixed {
		if whole > 0 || num == 0 || zero {
			out = strconv.AppendFloat(out, whole, 'f', 0, 64)
		}
		for _, t := range s.tokens[:numFrom] {
			if t.kind == 't' {
				out = append(out, t.text...)
			}
		}
	}
	if mixed && num == 0 && !hasZero(s.tokens[numFrom:bar]) {
		out = append(out, strings.Repeat(" ", width+1+denPlaces)...)
	} else {
		out = fmt.Appendf(out, "%*d/%-*d", width, num, denPlaces, den)
	}
	for _, t := range s.tokens[to:] {
		out = append(out, t.text...)
	}
	return out
}

// hasZero: a place that shows its digit also if it is a nought.
func hasZero(tokens []token) bool {
	return slices.ContainsFunc(tokens, func(t token) bool { return t.kind == '0' && t.text == "0" })
}

// nearest is v as a fraction with a denominator up to limit, or with the given one.
// Excel takes the last step of v's continued fraction that fits, even where a
// fraction between two steps would be nearer: 123.456 is 123 1/2, not 123 4/9.
func nearest(v float64, limit, given int) (num, den int) {
	if given > 0 {
		return int(math.Round(v * float64(given))), given
	}
	n0, d0, num, den := 0, 1, 1, 0
	for x := v; ; x = 1 / x {
		a := math.Floor(x)
		if den > 0 && a > float64(limit) || d0+int(a)*den > limit {
			return num, den
		}
		n0, d0, num, den = num, den, n0+int(a)*num, d0+int(a)*den
		if x -= a; x < 1e-10 {
			return num, den
		}
	}
}

// appendGeneral writes what the format General shows: 11 characters at most, but
// whole numbers of up to 15 digits in full, as identifiers and phones need.
func appendGeneral(dst []byte, v float64) []byte {
	a := math.Abs(v)
	switch {
	case v == math.Trunc(v) && a < 1e15:
		return strconv.AppendFloat(dst, v, 'f', 0, 64)
	case a >= 99_999_999_999.5 || a < 1e-9:
		return exponential(dst, v)
	}
	var buf [48]byte
	text := general(buf[:0], a)
	if a < 1e-4 {
		if back, err := strconv.ParseFloat(string(text), 64); err != nil || math.Abs(back-a) > a*1e-14 {
			return exponential(dst, v)
		}
	}
	if bytes.IndexByte(text, '.') >= 0 {
		text = bytes.TrimRight(bytes.TrimRight(text, "0"), ".")
	}
	if v < 0 {
		dst = append(dst, '-')
	}
	return append(dst, text...)
}

// exponential writes 1.23457E+11, or 2.2251E-308: an exponent of three digits
// leaves the mantissa one less.
func exponential(dst []byte, v float64) []byte {
	decimals := 5
	if a := math.Abs(v); a >= 9.999995e99 || a < 9.999995e-100 {
		decimals = 4
	}
	mant, exp, _ := strings.Cut(strconv.FormatFloat(v, 'E', decimals, 64), "E")
	dst = append(dst, strings.TrimRight(strings.TrimRight(mant, "0"), ".")...)
	return append(append(dst, 'E'), exp...)
}
