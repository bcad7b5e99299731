package norm

import (
	"strings"
	"time"
	"unicode"
)

// DateTime reads a date as Date does with a time of day and a zone behind it:
// "2026-08-22T13:00:00+02:00", "8/22/2026 1:05 PM", "22.08.2026 13:05 Uhr".
// Without a zone it is a time in loc (rule 3.4; nil is UTC), without a time
// midnight. Canonical is RFC 3339 in UTC with whole seconds,
// "2026-08-22T13:00:00Z". An hour that loc skipped in spring is read as the
// hour after it, with CodeDateTimeGap.
func DateTime(s string, o Order, loc *time.Location) (string, Finding) {
	if s == "" || canonicalDateTime(s) {
		return s, Finding{}
	}
	d, rest, f := readDate(s, o)
	if d.year == 0 {
		return "", f
	}
	c, ok := readTime(rest)
	if !ok {
		return "", Finding{Code: CodeDateInvalid, Detail: "not a time of day"}
	}
	if c.zoned {
		t := time.Date(d.year, time.Month(d.month), d.day, c.hour, c.minute, c.second, 0, time.UTC).Add(-c.offset)
		return instant(t, f)
	}
	text, gap := inZone(time.Date(d.year, time.Month(d.month), d.day, c.hour, c.minute, c.second, 0, time.UTC), loc)
	if f.Code == "" {
		f = gap
	}
	return text, f
}

// inZone reads t's wall clock in loc.
func inZone(t time.Time, loc *time.Location) (string, Finding) {
	if loc == nil {
		loc = time.UTC
	}
	local := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, loc)
	var f Finding
	if local.Hour() != t.Hour() || local.Minute() != t.Minute() {
		f = Finding{Code: CodeDateTimeGap, Detail: "the clocks went forward; read as " + local.Format("15:04")}
	}
	return instant(local, f)
}

func instant(t time.Time, f Finding) (string, Finding) {
	t = t.UTC()
	if y := t.Year(); y < 1000 || y > 9999 {
		return "", Finding{Code: CodeDateInvalid, Detail: "no such day"}
	}
	return t.Format("2006-01-02T15:04:05Z"), f
}

func canonicalDateTime(s string) bool {
	return len(s) == 20 && s[10] == 'T' && s[13] == ':' && s[16] == ':' && s[19] == 'Z' && canonicalDate(s[:10]) &&
		within(s[11:13], 23) && within(s[14:16], 59) && within(s[17:19], 59)
}

func within(s string, most int) bool {
	n := number(s)
	return n >= 0 && n <= most
}

type clock struct {
	hour, minute, second int
	offset               time.Duration // east of UTC
	zoned                bool
}

// readTime reads "13:05", "13:05:09.123", "1 PM", "13h05", "13.05 Uhr", each
// with a zone or none; "" is midnight.
func readTime(s string) (clock, bool) {
	var c clock
	if len(s) > 1 && (s[0] == 'T' || s[0] == 't') && isDigit(s[1]) {
		s = s[1:]
	}
	s = strings.TrimPrefix(s, "at ")
	s = strings.TrimPrefix(s, "um ")
	if s == "" {
		return c, true
	}
	digits := func(most int) (int, bool) {
		i := 0
		for i < len(s) && i < 2 && isDigit(s[i]) {
			i++
		}
		n := number(s[:i])
		s = s[i:]
		return n, n >= 0 && n <= most
	}
	skip := func(marks string) bool {
		if len(s) > 1 && strings.IndexByte(marks, s[0]) >= 0 && isDigit(s[1]) {
			s = s[1:]
			return true
		}
		return false
	}
	ok, parts := false, 1
	if c.hour, ok = digits(24); !ok {
		return c, false
	}
	if skip(":.hH") {
		parts++
		if c.minute, ok = digits(59); !ok {
			return c, false
		}
		if skip(":.m") {
			parts++
			if c.second, ok = digits(60); !ok {
				return c, false
			}
			if skip(".,") {
				s = strings.TrimLeft(s, "0123456789")
			}
		}
	} else if strings.HasPrefix(s, "h") || strings.HasPrefix(s, "H") {
		s = s[1:]
		parts++
	}
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	half, rest := cutHalf(s)
	switch {
	case half == 0 && parts == 1 && !strings.HasPrefix(toLowerASCII(s), "uhr"):
		return c, false
	case half != 0 && (c.hour < 1 || c.hour > 12):
		// "13:05 PM" happens; its hour is plain enough. "0:30 AM" too.
		if c.hour > 12 && half == 'a' {
			return c, false
		}
	case half == 'p' && c.hour < 12:
		c.hour += 12
	case half == 'a' && c.hour == 12:
		c.hour = 0
	}
	if c.hour == 24 && c.minute+c.second > 0 {
		return c, false
	}
	if c.second == 60 { // a leap second; clocks of programs do not know it
		c.second = 59
	}
	return readZone(c, rest)
}

// cutHalf takes AM or PM off: 'a', 'p' or 0.
func cutHalf(s string) (byte, string) {
	t := toLowerASCII(s)
	for _, word := range [...]string{"a.m.", "p.m.", "a. m.", "p. m.", "am", "pm", "uhr", "h"} {
		if strings.HasPrefix(t, word) {
			rest := strings.TrimLeftFunc(s[len(word):], unicode.IsSpace)
			if word[0] == 'a' || word[0] == 'p' {
				return word[0], rest
			}
			return 0, rest
		}
	}
	return 0, s
}

// zones are the named ones, in hours from UTC.
var zones = map[string]int{
	"Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "WET": 0,
	"EST": -5, "EDT": -4, "AST": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
	"CET": 1, "MEZ": 1, "WEST": 1, "BST": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3,
}

// readZone reads Z, +02:00, +0200, +02, UTC+2, (UTC) and the names that RFC
// 5322 (4.3) and Europe's time directive define; other names mean several
// zones.
func readZone(c clock, s string) (clock, bool) {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "("), ")")
	if s == "" {
		return c, true
	}
	c.zoned = true
	if hours, ok := zones[strings.ToUpper(s)]; ok {
		c.offset = time.Duration(hours) * time.Hour
		return c, true
	}
	for _, name := range [...]string{"UTC", "GMT"} {
		s = strings.TrimPrefix(s, name)
	}
	sign := time.Duration(1)
	switch {
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	case strings.HasPrefix(s, "-"):
		s, sign = s[1:], -1
	case strings.HasPrefix(s, "−"):
		s, sign = s[len("−"):], -1
	default:
		return c, false
	}
	hours, minutes, colon := strings.Cut(s, ":")
	if !colon && len(s) == 4 {
		hours, minutes = s[:2], s[2:]
	}
	h, m := number(hours), 0
	if minutes != "" {
		m = number(minutes)
	}
	if h < 0 || h > 14 || m < 0 || m > 59 || len(hours) > 2 {
		return c, false
	}
	c.offset = sign * (time.Duration(h)*time.Hour + time.Duration(m)*time.Minute)
	return c, true
}
