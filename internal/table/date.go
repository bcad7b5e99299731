package table

import "strings"

// dateParts is a date as written, before its order is known.
type dateParts struct {
	a, b, c int
	// order: ymd where the first part has four digits; dmy or mdy where a month is
	// named; "" where only the column can tell.
	order string
	named bool // the month is
	short bool // three groups of two digits at most
	sep   byte
}

func (d *dateParts) dmy() bool { return isDay(d.a, d.b) }
func (d *dateParts) mdy() bool { return isDay(d.b, d.a) }

// ymd: a year of two digits may come first.
func (d *dateParts) ymd() bool { return d.short && isDay(d.c, d.b) }

// isDay: some year has that day.
func isDay(day, month int) bool {
	return month >= 1 && month <= 12 && day >= 1 && day <= [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}

// parseDate reads three groups of digits with one separator among - / . and
// blank, an eight-digit date only with separators, or a named month; a time may
// follow. It says nothing of which part is the day unless the text does.
func parseDate(s string) (d dateParts, ok bool) {
	if len(s) < 6 || len(s) > 48 {
		return d, false
	}
	if s[4] >= 0x80 {
		if s, ok = eastAsianDate(s); !ok {
			return d, false
		}
	}
	var n [3]int
	var width [3]int
	i, part := 0, 0
	month := -1
	for part < 3 {
		if i < len(s) && s[i] >= 'A' {
			i += fillerWord(s[i:])
		}
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' && i-start < 5 {
			n[part] = n[part]*10 + int(s[i]-'0')
			i++
		}
		width[part] = i - start
		if i == start {
			for i < len(s) && (s[i] >= 'a' && s[i] <= 'z' || s[i] >= 'A' && s[i] <= 'Z' || s[i] >= 0x80) {
				i++
			}
			if i-start < 3 || i-start > 24 || month >= 0 || part == 2 {
				return d, false
			}
			m := monthOf(s[start:i])
			if m == 0 {
				return d, false
			}
			n[part], month = m, part
		} else if i < len(s) && s[i] > '9' {
			i += ordinal(s[i:])
		}
		part++
		if part == 3 {
			break
		}
		if i >= len(s) {
			return d, false
		}
		sep := s[i]
		if sep != '-' && sep != '/' && sep != '.' && sep != ' ' && sep != ',' {
			return d, false
		}
		if d.sep == 0 {
			d.sep = sep
		}
		if sep != d.sep && month < 0 {
			return d, false
		}
		i++
		for i < len(s) && s[i] == ' ' && (sep != ' ' || month >= 0) {
			i++
		}
	}
	if tail := s[i:]; tail != "" && tail != " г." && tail != " г" && tail != " р." && !isTimeTail(tail) {
		return d, false
	}
	d.a, d.b, d.c = n[0], n[1], n[2]
	d.named = month >= 0
	switch {
	case month == 1 && width[0] <= 2:
		d.order = "dmy"
		return d, d.a >= 1 && d.a <= 31 && (width[2] == 2 || width[2] == 4)
	case month == 0 && width[1] <= 2:
		d.order = "mdy"
		return d, d.b >= 1 && d.b <= 31 && (width[2] == 2 || width[2] == 4)
	case month == 1 && width[0] == 4 && width[2] <= 2:
		d.order = "ymd"
		return d, d.a >= 1000 && d.c >= 1 && d.c <= 31
	case month >= 0:
		return d, false
	case width[0] == 4 && d.a >= 1000 && width[1] <= 2 && width[2] <= 2:
		d.order = "ymd"
		return d, d.sep != ' ' && d.b >= 1 && d.b <= 12 && d.c >= 1 && d.c <= 31
	case width[0] >= 1 && width[0] <= 2 && width[1] >= 1 && width[1] <= 2 && (width[2] == 4 || width[2] == 2):
		if d.sep == ' ' || d.sep == ',' || (width[2] == 4 && (d.c < 1000 || d.c > 2999)) {
			return d, false
		}
		d.short = width[2] == 2
		return d, d.dmy() || d.mdy() || d.ymd() && width[0] == 2
	}
	return d, false
}

// eastAsianDate writes 2024年3月5日 and 2024년 3월 5일 with hyphens.
func eastAsianDate(s string) (string, bool) {
	if !strings.HasPrefix(s[4:], "年") && !strings.HasPrefix(s[4:], "년") {
		return "", false
	}
	s = strings.NewReplacer("年", "-", "月", "-", "日", "", "년 ", "-", "월 ", "-", "년", "-", "월", "-", "일", "").Replace(s)
	return s, len(s) >= 6
}

// fillerWord is the length of a word at the beginning of s that says nothing, with its blank.
func fillerWord(s string) int {
	for _, w := range []string{"de ", "del ", "of ", "den ", "d'", "do ", "di "} {
		if hasFold(s, w) {
			return len(w)
		}
	}
	return 0
}

// ordinal is the length of what follows a day's number, as in 1st, 2nd, 1er, 1º.
func ordinal(s string) int {
	for _, o := range []string{"st", "nd", "rd", "th", "er", "º", "°"} {
		if hasFold(s, o) && len(s) > len(o) && (s[len(o)] == ' ' || s[len(o)] == ',') {
			return len(o)
		}
	}
	return 0
}

// isTimeTail: a time of day, perhaps with T, fractions, zone or AM/PM.
func isTimeTail(s string) bool {
	if s[0] != ' ' && s[0] != 'T' && s[0] != ',' {
		return false
	}
	colon := false
	for _, c := range []byte(s[1:]) {
		switch {
		case c == ':':
			colon = true
		case c >= '0' && c <= '9', c == ' ', c == '.', c == '+', c == '-', c == 'Z', c == 'a', c == 'p', c == 'm', c == 'A', c == 'P', c == 'M', c == 'U', c == 'T', c == 'C':
		default:
			return false
		}
	}
	return colon
}
