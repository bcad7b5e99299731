package table

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Numbers as Excel shows them and as it writes them into CSV: by their number
// format (ECMA-376 part 1, 18.8.31), in the English (US) locale. Only for
// Options.AsShown: an import wants the value and not its looks.

// builtinCodes are the formats that need no definition (18.8.30).
var builtinCodes = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
	5: `"$"#,##0_);\("$"#,##0\)`, 6: `"$"#,##0_);\("$"#,##0\)`, 7: `"$"#,##0.00_);\("$"#,##0.00\)`, 8: `"$"#,##0.00_);\("$"#,##0.00\)`,
	9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
	14: "m/d/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yyyy h:mm",
	37: `#,##0_);\(#,##0\)`, 38: `#,##0_);\(#,##0\)`, 39: `#,##0.00_);\(#,##0.00\)`, 40: `#,##0.00_);\(#,##0.00\)`,
	41: `_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)`, 42: `_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)`,
	43: `_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)`, 44: `_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)`,
	45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
	// Of East Asian workbooks, as Excel shows them elsewhere.
	27: "m/d/yyyy", 28: "m/d/yyyy", 29: "m/d/yyyy", 30: "m/d/yyyy", 31: "m/d/yyyy", 32: "h:mm:ss", 33: "h:mm:ss", 34: "h:mm:ss", 35: "h:mm:ss", 36: "m/d/yyyy",
	50: "m/d/yyyy", 51: "m/d/yyyy", 52: "m/d/yyyy", 53: "m/d/yyyy", 54: "m/d/yyyy", 55: "m/d/yyyy", 56: "m/d/yyyy", 57: "m/d/yyyy", 58: "m/d/yyyy",
	59: "0", 60: "0.00", 61: "#,##0", 62: "#,##0.00", 67: "0%", 68: "0.00%", 69: "# ?/?", 70: "# ??/??",
	71: "m/d/yyyy", 72: "m/d/yyyy", 73: "d-mmm-yy", 74: "d-mmm", 75: "mmm-yy", 76: "h:mm", 77: "h:mm:ss", 78: "m/d/yyyy h:mm", 79: "mm:ss", 80: "[h]:mm:ss", 81: "mm:ss.0",
}

// token is a piece of a format's section.
type token struct {
	kind byte // t text, 0 digit place (0 # ?), . point, , comma, % percent, E exponent, / fraction bar, d date part, e elapsed, a AM/PM, s fraction of a second, g General, @ text
	text string
}

// section is one of a format's parts between semicolons.
type section struct {
	tokens   []token
	op       string // a condition, as in [>=100]
	bound    float64
	date     bool
	halfDay  bool
	fraction bool
	exponent bool
	text     bool // holds an @
	// long and clock: the system's own date or time, whatever the tokens say.
	long, clock bool
}

// shownFormat is a parsed format code.
type shownFormat []section

func parseShown(code string) shownFormat {
	var out shownFormat
	sec := section{}
	end := func() {
		switch {
		case sec.long:
			sec.tokens = parseShown("dddd, mmmm d, yyyy")[0].tokens
		case sec.clock:
			sec.tokens, sec.halfDay = parseShown("h:mm:ss AM/PM")[0].tokens, true
		}
		sec.minutes()
		out = append(out, sec)
		sec = section{}
	}
	add := func(kind byte, text string) { sec.tokens = append(sec.tokens, token{kind, text}) }
	r := []rune(code)
	for i := 0; i < len(r); i++ {
		c := r[i]
		run := func() string {
			k := i
			for k < len(r) && lowerASCII(r[k]) == lowerASCII(c) {
				k++
			}
			s := strings.ToLower(string(r[i:k]))
			i = k - 1
			return s
		}
		switch {
		case c == ';':
			end()
		case c == '"':
			k := i + 1
			for k < len(r) && r[k] != '"' {
				k++
			}
			add('t', string(r[i+1:k]))
			i = k
		case c == '\\':
			if i+1 < len(r) {
				i++
				add('t', string(r[i]))
			}
		case c == '_':
			i++
			add('t', " ")
		case c == '*':
			i++
		case c == '[':
			k := i + 1
			for k < len(r) && r[k] != ']' {
				k++
			}
			sec.bracket(string(r[i+1 : k]))
			i = k
		case c == '0' || c == '#' || c == '?':
			add('0', string(c))
		case c == '.':
			if sec.date && i+1 < len(r) && r[i+1] == '0' {
				i++
				c = '0'
				add('s', run())
				continue
			}
			add('.', ".")
		case c == ',':
			add(',', ",")
		case c == '%':
			add('%', "%")
		case c == '@':
			add('@', "@")
			sec.text = true
		case (c == 'E' || c == 'e') && i+1 < len(r) && (r[i+1] == '+' || r[i+1] == '-'):
			add('E', string(r[i+1]))
			sec.exponent = true
			i++
		case c == '/' && !sec.date && hasDigit(sec.tokens):
			add('/', "/")
			sec.fraction = true
		case c >= '1' && c <= '9' && sec.fraction:
			k := i
			for k < len(r) && r[k] >= '0' && r[k] <= '9' {
				k++
			}
			add('n', string(r[i:k]))
			i = k - 1
		case strings.HasPrefix(strings.ToLower(string(r[i:])), "general"):
			add('g', "")
			i += 6
		case strings.HasPrefix(strings.ToLower(string(r[i:])), "am/pm"):
			add('a', "am/pm")
			sec.date, sec.halfDay = true, true
			i += 4
		case strings.HasPrefix(strings.ToLower(string(r[i:])), "a/p"):
			add('a', "a/p")
			sec.date, sec.halfDay = true, true
			i += 2
		case strings.ContainsRune("ymdhsYMDHS", c):
			sec.date = true
			add('d', run())
		case c == 'e' || c == 'E':
			run() // the year of an era, which is of our own
			sec.date = true
			add('d', "yyyy")
		case (c == 'g' || c == 'G') && i+1 < len(r):
			run() // the era's name
		default:
			add('t', string(c))
		}
	}
	end()
	return out
}

func lowerASCII(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r | 0x20
	}
	return r
}

func hasDigit(tokens []token) bool {
	for _, t := range tokens {
		if t.kind == '0' {
			return true
		}
	}
	return false
}

// bracket reads [h], [Red], [$€-407], [>=100].
func (s *section) bracket(in string) {
	low := strings.ToLower(in)
	switch {
	case low != "" && strings.Trim(low, low[:1]) == "" && strings.Contains("hms", low[:1]):
		s.tokens = append(s.tokens, token{'e', low})
		s.date = true
	case strings.EqualFold(in, "$-F800"), strings.EqualFold(in, "$-x-sysdate"):
		s.long, s.date = true, true
	case strings.EqualFold(in, "$-F400"), strings.EqualFold(in, "$-x-systime"):
		s.clock, s.date = true, true
	case strings.HasPrefix(in, "$"):
		symbol, _, _ := strings.Cut(in[1:], "-")
		s.tokens = append(s.tokens, token{'t', symbol})
	case low != "" && strings.Contains("<>=", low[:1]):
		n := strings.IndexFunc(in, func(r rune) bool { return !strings.ContainsRune("<>=", r) })
		if v, err := strconv.ParseFloat(in[max(n, 0):], 64); err == nil {
			s.op, s.bound = in[:n], v
		}
	}
}

// minutes: an m after hours or before seconds.
func (s *section) minutes() {
	last := byte(0)
	for i := range s.tokens {
		t := &s.tokens[i]
		switch {
		case t.kind == 'e' || t.kind == 'd' && t.text[0] != 'm':
			last = t.text[0]
			if last == 's' {
				for k := i - 1; k >= 0; k-- {
					if p := &s.tokens[k]; p.kind == 'd' || p.kind == 'e' {
						if p.kind == 'd' && p.text[0] == 'm' && len(p.text) <= 2 {
							p.text = strings.Repeat("n", len(p.text))
						}
						break
					}
				}
			}
		case t.kind == 'd' && last == 'h' && len(t.text) <= 2:
			t.text = strings.Repeat("n", len(t.text))
			last = 'n'
		case t.kind == 'd':
			last = 'm'
		}
	}
}

// pick is the section for a value, and the value as that section writes it.
func (f shownFormat) pick(v float64) (*section, float64) {
	holds := func(s *section) bool {
		switch s.op {
		case "<":
			return v < s.bound
		case "<=":
			return v <= s.bound
		case ">":
			return v > s.bound
		case ">=":
			return v >= s.bound
		case "=":
			return v == s.bound
		case "<>":
			return v != s.bound
		}
		return false
	}
	n := min(len(f), 3)
	if n > 1 && n == len(f) && f[n-1].text {
		n-- // it is for texts
	}
	for i := range f[:n] {
		if f[i].op == "" {
			continue
		}
		for k := range f[:n] {
			if f[k].op != "" && holds(&f[k]) {
				return &f[k], v
			}
		}
		return &f[n-1], v
	}
	switch {
	case v < 0 && n > 1:
		return &f[1], -v
	case v == 0 && n > 2:
		return &f[2], v
	}
	return &f[0], v
}

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
	s, v := f.pick(v)
	if s.date {
		return s.appendDate(dst, v, date1904)
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
	neg := v < 0
	v = math.Abs(v)
	var body []byte
	switch {
	case s.fraction:
		body = s.fractional(v)
	case s.exponent:
		body = s.scientific(v)
	default:
		body = s.decimal(v)
	}
	if neg {
		dst = append(dst, '-')
	}
	return append(dst, body...)
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

func (s *section) decimal(v float64) []byte {
	whole, decimals, scale, group := s.places()
	for _, t := range s.tokens {
		if t.kind == '%' {
			v *= 100
		}
	}
	for range scale {
		v /= 1000
	}
	digits := fixed(v, decimals)
	intPart, frac, _ := strings.Cut(digits, ".")
	if intPart == "0" {
		intPart = ""
	}
	return s.fill(intPart, frac, whole, group)
}

// fixed rounds v, which is not negative, half up on the 15 digits that Excel has.
func fixed(v float64, decimals int) string {
	var buf [32]byte
	b := strconv.AppendFloat(buf[:0], v, 'e', 14, 64) // 1.23456789012345e+02
	exp, err := strconv.Atoi(string(b[17:]))
	if err != nil {
		return string(b) // infinite
	}
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
	out := make([]byte, 0, max(whole, 1)+decimals+2)
	for i := -max(whole, 0); i <= 0; i++ {
		if c := digit(i); c != '0' || len(out) > 0 || i == 0 {
			out = append(out, c)
		}
	}
	if decimals > 0 {
		out = append(out, '.')
		for i := 1; i <= decimals; i++ {
			out = append(out, digit(i))
		}
	}
	return string(out)
}

// fill puts the digits into the section's places.
func (s *section) fill(intPart, frac string, whole int, group bool) []byte {
	var out []byte
	// The places before the point, from the left: the first takes all surplus digits.
	at := len(intPart) - whole // index of the digit of the next place; negative = none
	emit := func(i int) {
		out = append(out, intPart[i])
		if left := len(intPart) - 1 - i; group && left > 0 && left%3 == 0 {
			out = append(out, ',')
		}
	}
	point, first, k := false, true, 0
	started := false
	for _, t := range s.tokens {
		switch t.kind {
		case '0':
			if point {
				c := byte('0')
				if k < len(frac) {
					c = frac[k]
				}
				rest := strings.Trim(frac[min(k, len(frac)):], "0")
				k++
				switch {
				case t.text == "0" || rest != "":
					out = append(out, c)
				case t.text == "?":
					out = append(out, ' ')
				}
				continue
			}
			if first {
				for i := 0; i < at; i++ {
					emit(i)
					started = true
				}
				first = false
			}
			switch {
			case at >= 0:
				emit(at)
				started = true
			case t.text == "0" || started:
				out = append(out, '0')
				started = true
				if left := len(intPart) - 1 - at; group && left > 0 && left%3 == 0 {
					out = append(out, ',')
				}
			case t.text == "?":
				out = append(out, ' ')
			}
			at++
		case '.':
			if whole == 0 && intPart != "" && !point {
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

// scientific writes 1.23E+04; several places before the point step the exponent.
func (s *section) scientific(v float64) []byte {
	step, decimals, expDigits := 0, 0, 0
	sign := ""
	phase := 0
	for _, t := range s.tokens {
		switch {
		case t.kind == '.':
			phase = 1
		case t.kind == 'E':
			phase, sign = 2, t.text
		case t.kind == '0' && phase == 0:
			step++
		case t.kind == '0' && phase == 1:
			decimals++
		case t.kind == '0':
			expDigits++
		}
	}
	step = max(step, 1)
	exp := 0
	if v != 0 {
		exp = int(math.Floor(math.Log10(v)))
		exp -= ((exp % step) + step) % step
	}
	mant := v / math.Pow(10, float64(exp))
	text := fixed(mant, decimals)
	if step == 1 && strings.HasPrefix(text, "10") {
		exp++
		text = fixed(mant/10, decimals)
	}
	var out []byte
	phase = 0
	for _, t := range s.tokens {
		switch {
		case t.kind == '0' || t.kind == '.':
			if phase == 0 {
				out = append(out, text...)
				phase = 1
			}
		case t.kind == 'E':
			phase = 1
			out = append(out, 'E')
			if exp < 0 {
				out = append(out, '-')
			} else if sign == "+" {
				out = append(out, '+')
			}
			out = fmt.Appendf(out, "%0*d", expDigits, max(exp, -exp))
		default:
			out = append(out, t.text...)
		}
	}
	return out
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
	num, den := nearest(v-whole, int(math.Pow(10, float64(min(denPlaces, 5))))-1, given)
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
		if whole > 0 || num == 0 {
			out = strconv.AppendFloat(out, whole, 'f', 0, 64)
		}
		for _, t := range s.tokens[:numFrom] {
			if t.kind == 't' && (whole > 0 || num == 0 || t.text != " ") {
				out = append(out, t.text...)
			} else if t.kind == 't' {
				out = append(out, ' ')
			}
		}
	}
	if mixed && num == 0 {
		out = append(out, strings.Repeat(" ", width+1+denPlaces)...)
	} else {
		out = fmt.Appendf(out, "%*d/%-*d", width, num, denPlaces, den)
	}
	for _, t := range s.tokens[to:] {
		out = append(out, t.text...)
	}
	return out
}

// nearest is the best fraction for v with a denominator up to limit.
func nearest(v float64, limit, given int) (num, den int) {
	if given > 0 {
		return int(math.Round(v * float64(given))), given
	}
	best := math.Inf(1)
	for d := 1; d <= limit; d++ {
		n := math.Round(v * float64(d))
		if e := math.Abs(v - n/float64(d)); e < best-1e-12 {
			best, num, den = e, int(n), d
		}
	}
	return num, den
}

// appendGeneral writes what the format General shows: 11 characters at most, but
// whole numbers of up to 15 digits in full, as identifiers and phones need.
func appendGeneral(dst []byte, v float64) []byte {
	a := math.Abs(v)
	switch {
	case v == math.Trunc(v) && a < 1e15:
		return strconv.AppendFloat(dst, v, 'f', 0, 64)
	case a >= 1e11 || a < 1e-9:
		return exponential(dst, v)
	}
	whole := len(strconv.FormatFloat(math.Trunc(a), 'f', 0, 64))
	text := fixed(a, max(0, 10-whole))
	if a < 1e-4 {
		if back, err := strconv.ParseFloat(text, 64); err != nil || math.Abs(back-a) > a*1e-14 {
			return exponential(dst, v)
		}
	}
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if v < 0 {
		dst = append(dst, '-')
	}
	return append(dst, text...)
}

func exponential(dst []byte, v float64) []byte {
	mant, exp, _ := strings.Cut(strconv.FormatFloat(v, 'E', 5, 64), "E")
	dst = append(dst, strings.TrimRight(strings.TrimRight(mant, "0"), ".")...)
	return append(append(dst, 'E'), exp...)
}

var monthsEnglish = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

// appendDate writes a serial date or time; negative ones have none.
func (s *section) appendDate(dst []byte, v float64, date1904 bool) []byte {
	if v < 0 || v >= 2958466 {
		return appendGeneral(dst, v)
	}
	fraction := 0
	seconds := false
	for _, t := range s.tokens {
		if t.kind == 's' {
			fraction = len(t.text)
		}
		seconds = seconds || (t.kind == 'd' || t.kind == 'e') && t.text[0] == 's'
	}
	unit := math.Pow(10, float64(fraction))
	ticks := int64(math.Round(v * 86400 * unit))
	if fraction == 0 && !seconds {
		ticks = int64(math.Floor(v*86400 + 0.5))
	}
	sec, part := ticks/int64(unit), ticks%int64(unit)
	day, clock := sec/86400, sec%86400
	year, month, dom, weekday := civil(day, date1904)
	hour := clock / 3600
	for _, t := range s.tokens {
		switch t.kind {
		case 'd':
			n := len(t.text)
			switch t.text[0] {
			case 'y':
				if n <= 2 {
					dst = appendTwo(dst, year%100)
				} else {
					dst = appendTwo(appendTwo(dst, year/100), year%100)
				}
			case 'm':
				switch name := monthsEnglish[month-1]; {
				case n >= 5:
					dst = append(dst, name[0])
				case n == 4:
					dst = append(dst, name...)
				case n == 3:
					dst = append(dst, name[:3]...)
				default:
					dst = appendPadded(dst, n, int64(month))
				}
			case 'd':
				switch name := weekday.String(); {
				case n >= 4:
					dst = append(dst, name...)
				case n == 3:
					dst = append(dst, name[:3]...)
				default:
					dst = appendPadded(dst, n, int64(dom))
				}
			case 'h':
				h := hour
				if s.halfDay {
					h = (hour+11)%12 + 1
				}
				dst = appendPadded(dst, min(n, 2), h)
			case 'n':
				dst = appendPadded(dst, n, clock/60%60)
			case 's':
				dst = appendPadded(dst, min(n, 2), clock%60)
			}
		case 'e':
			total := sec
			switch t.text[0] {
			case 'h':
				total /= 3600
			case 'm':
				total /= 60
			}
			dst = appendPadded(dst, len(t.text), total)
		case 's':
			dst = appendPadded(append(dst, '.'), len(t.text), part)
		case 'a':
			word := "AM"
			if hour >= 12 {
				word = "PM"
			}
			if t.text == "a/p" {
				word = word[:1]
			}
			dst = append(dst, word...)
		default:
			dst = append(dst, t.text...)
		}
	}
	return dst
}

// appendPadded writes n with at least width digits.
func appendPadded(dst []byte, width int, n int64) []byte {
	for limit := int64(10); width > 1; width, limit = width-1, limit*10 {
		if n < limit {
			dst = append(dst, '0')
		}
	}
	return strconv.AppendInt(dst, n, 10)
}

// civil is the calendar day of a serial number: in the 1900 system 29 February
// 1900 exists, and day 0 is 0 January (18.17.4.1).
func civil(day int64, date1904 bool) (year, month, dom int, weekday time.Weekday) {
	const epoch1900, epoch1904 = 25569, 24107 // serials of 1970-01-01
	switch {
	case date1904:
		day -= epoch1904
	case day == 60:
		return 1900, 2, 29, time.Wednesday
	case day == 0:
		return 1900, 1, 0, time.Saturday
	case day < 60:
		weekday = time.Weekday((day + 6) % 7) // Excel's own, a day off
		y, m, d := fromUnixDay(day - epoch1900 + 1)
		return y, m, d, weekday
	default:
		day -= epoch1900
	}
	year, month, dom = fromUnixDay(day)
	return year, month, dom, time.Weekday(((day+4)%7 + 7) % 7)
}

// fromUnixDay is the Gregorian date of a day counted from 1970-01-01 (eras of 400
// years that begin in March, so that the leap day is their last).
func fromUnixDay(day int64) (year, month, dom int) {
	day += 719468
	era := day / 146097
	doe := day % 146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	dom = int(doy - (153*mp+2)/5 + 1)
	if month = int(mp) + 3; month > 12 {
		month -= 12
	}
	year = int(yoe + era*400)
	return year + boolInt(month <= 2), month, dom
}
