package table

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Format codes (ECMA-376 part 1, 18.8.30 and 18.8.31), cut into what shows numbers,
// dates and texts.

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
	lang        int // of the names of months and days, 0 = English
	// unsigned: only negative numbers come here, so the section says itself how
	// they look.
	unsigned bool
}

// shownFormat is a parsed format code.
type shownFormat []section

func parseShown(code string) shownFormat {
	if code == "" {
		return nil
	}
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
		case beginsFold(r[i:], "general"):
			add('g', "")
			i += 6
		case beginsFold(r[i:], "am/pm"):
			add('a', "")
			sec.date, sec.halfDay = true, true
			i += 4
		case beginsFold(r[i:], "a/p"):
			add('a', string(r[i:i+3]))
			sec.date, sec.halfDay = true, true
			i += 2
		case beginsFold(r[i:], "上午/下午"):
			add('a', "上午/下午")
			sec.date, sec.halfDay = true, true
			i += 4
		case beginsFold(r[i:], "aaa"):
			sec.date = true
			add('d', strings.Repeat("d", min(len(run()), 4)))
		case strings.ContainsRune("ymdhsYMDHSeEgG", c), (c == 'b' || c == 'B') && beginsFold(r[i:], "bb"):
			sec.date = true
			add('d', run())
		default:
			add('t', string(c))
		}
	}
	end()
	out.signs()
	return out
}

func lowerASCII(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r | 0x20
	}
	return r
}

// beginsFold: r begins with the text, whatever the case of its letters.
func beginsFold(r []rune, text string) bool {
	n := utf8.RuneCountInString(text)
	return len(r) >= n && strings.EqualFold(string(r[:n]), text)
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
		symbol, locale, _ := strings.Cut(in[1:], "-")
		s.lang = localeLanguage(locale)
		if symbol != "" {
			s.tokens = append(s.tokens, token{'t', symbol})
		}
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

// numbers is how many of the sections are for numbers.
func (f shownFormat) numbers() int {
	n := min(len(f), 3)
	if n > 1 && n == len(f) && f[n-1].text {
		n--
	}
	return n
}

// holds: the section's condition, or without one what its place says.
func (f shownFormat) holds(i, n int, v float64) bool {
	s := &f[i]
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
	switch {
	case i == n-1:
		return true
	case i == 0 && n == 2:
		return v >= 0
	case i == 0:
		return v > 0
	}
	return v < 0
}

// signs finds the sections that only negative numbers can come to.
func (f shownFormat) signs() {
	n := f.numbers()
	left := true // numbers that are not negative come this far
	for i := range f[:n] {
		s := &f[i]
		switch s.op {
		case "":
			s.unsigned = !left || i == 1
			if i == 1 && n == 2 && f[0].op != "" {
				s.unsigned = !left
			}
			left = left && i > 0
		case "<":
			s.unsigned = !left || s.bound <= 0
		case "<=", "=":
			s.unsigned = !left || s.bound < 0
		case ">":
			s.unsigned, left = !left, left && s.bound >= 0
		case ">=":
			s.unsigned, left = !left, left && s.bound > 0
		default:
			s.unsigned = !left
		}
	}
}

// pick is the section for a number, nil for General.
func (f shownFormat) pick(v float64) *section {
	n := f.numbers()
	for i := range f[:n] {
		if f.holds(i, n, v) {
			return &f[i]
		}
	}
	return nil
}
