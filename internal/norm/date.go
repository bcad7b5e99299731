package norm

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Order says how a column writes dates in numbers. It comes from the whole
// column or from the person, never from one cell (rule 1.6).
type Order uint8

const (
	Unknown Order = iota
	DMY           // 22.8.2026
	MDY           // 8/22/2026
	YMD           // 26-8-22; a year of four digits in front needs no order
)

// TwoDigitPivot is the first of the two-digit years that mean 19xx: 69 is
// 1969, 68 is 2068 (POSIX strptime %y).
const TwoDigitPivot = 69

// Date reads a day: ISO 8601, numbers in the column's order, or with the
// month's name in any of some 15 languages. Canonical is "2026-08-22". A time
// behind it is dropped. Two readings without an order are left out with
// CodeDateAmbiguous; a day that only fits another order than the column's is
// read with CodeDateOrder, a year of two digits with CodeDateTwoDigit;
// everything else, days that do not exist too, is left out with
// CodeDateInvalid. A bare serial number of Excel is never taken for a date
// here, only suggested: DateSerial reads it where the person has said so.
func Date(s string, o Order) (string, Finding) {
	if s == "" || canonicalDate(s) {
		return s, Finding{}
	}
	d, rest, f := readDate(s, o)
	if d.year == 0 {
		return "", f
	}
	if rest != "" {
		if _, ok := readTime(rest); !ok {
			return "", Finding{Code: CodeDateInvalid, Detail: "not a date"}
		}
	}
	return d.String(), f
}

// DateSerial reads Excel's count of days since 1899-12-30 (ECMA-376, 18.17.4.1,
// the 1900 date system with its non-existent 29 February 1900) as a day.
func DateSerial(s string) (string, Finding) {
	t, ok := serialTime(s)
	if !ok {
		return Date(s, Unknown)
	}
	return t.Format(time.DateOnly), Finding{}
}

// DateTimeSerial is DateSerial with the fraction read as the time of day in
// loc. Canonical as DateTime.
func DateTimeSerial(s string, loc *time.Location) (string, Finding) {
	t, ok := serialTime(s)
	if !ok {
		return DateTime(s, Unknown, loc)
	}
	return inZone(t, loc)
}

func serialTime(s string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	days, err := strconv.Atoi(whole)
	if err != nil || len(whole) > 7 || !isDigit(whole[0]) || days < 1 || days == 60 || days > 2958465 {
		return time.Time{}, false
	}
	if days < 60 {
		days++
	}
	seconds := 0.0
	if fraction != "" {
		share, err := strconv.ParseFloat("0."+fraction, 64)
		if err != nil {
			return time.Time{}, false
		}
		seconds = share * 86400
	}
	return time.Date(1899, 12, 30+days, 0, 0, int(seconds+0.5), 0, time.UTC), true
}

// canonicalDate reports "2026-08-22" where that day exists.
func canonicalDate(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	for i := 0; i < 10; i++ {
		if i != 4 && i != 7 && !isDigit(s[i]) {
			return false
		}
	}
	return day{number(s[:4]), number(s[5:7]), number(s[8:])}.exists()
}

type day struct{ year, month, day int }

func (d day) exists() bool {
	return d.year >= 1000 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= monthDays(d.year, d.month)
}

func monthDays(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

func (d day) String() string {
	b := [10]byte{4: '-', 7: '-'}
	put := func(at, width, n int) {
		for i := at + width - 1; i >= at; i-- {
			b[i] = byte('0' + n%10)
			n /= 10
		}
	}
	put(0, 4, d.year)
	put(5, 2, d.month)
	put(8, 2, d.day)
	return string(b[:])
}

// number of up to nine digits; -1 for anything else.
func number(s string) int {
	if s == "" || len(s) > 9 {
		return -1
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// token is a run of digits, or of letters, of a written date.
type token struct {
	text   string
	number int // -1 for letters
	end    int // where it ends in the cell
}

// readDate reads the date that s begins with; year is 0 where there is none,
// then the finding says why. rest is what follows, to be read as a time.
func readDate(s string, o Order) (d day, rest string, f Finding) {
	invalid := Finding{Code: CodeDateInvalid, Detail: "not a date"}
	if len(s) > 64 {
		return day{}, "", invalid
	}
	var tokens [3]token
	n, named, at := 0, 0, 0
	for n < 3 {
		t, ok := nextToken(s, at)
		if !ok {
			break
		}
		at = t.end
		if t.number < 0 {
			if t.text == "T" || isDigitLong(t.text) {
				return day{}, "", invalid
			}
			word := FoldName(t.text)
			if month := months()[word]; month > 0 {
				if named > 0 {
					return day{}, "", invalid
				}
				t.number, named = month, n+1
			} else if dateFiller(word) || n == 0 && weekday(word) {
				continue
			} else {
				return day{}, "", invalid
			}
		}
		if n == 0 && named == 0 && len(t.text) == 8 {
			d := day{t.number / 10000, t.number / 100 % 100, t.number % 100}
			if d.exists() {
				return d, strings.TrimSpace(s[at:]), Finding{}
			}
		}
		tokens[n] = t
		n++
	}
	if n < 3 {
		return day{}, "", loneNumber(s, invalid)
	}
	// 2026年8月22日 has a word behind the last number.
	if t, ok := nextToken(s, at); ok && dateFiller(t.text) && t.number < 0 && t.text != "T" {
		at = t.end
	}
	if at < len(s) && s[at] == '.' {
		at++
	}
	rest = strings.TrimLeftFunc(s[at:], func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	d, f = orderDate(tokens, named, o)
	if d.year == 0 && f.Code == "" {
		f = invalid
	}
	return d, rest, f
}

func isDigitLong(s string) bool { return s != "" && isDigit(s[0]) }

// nextToken skips the marks between the parts of a date. A time's colon ends
// the search.
func nextToken(s string, at int) (token, bool) {
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case r < 0x80 && isDigit(byte(r)):
			end := at
			for end < len(s) && isDigit(s[end]) {
				end++
			}
			if end-at > 9 {
				return token{}, false
			}
			return token{s[at:end], number(s[at:end]), end}, true
		case unicode.IsLetter(r):
			end := at
			for end < len(s) {
				r, size := utf8.DecodeRuneInString(s[end:])
				if !unicode.IsLetter(r) && !unicode.IsMark(r) {
					break
				}
				end += size
			}
			return token{s[at:end], -1, end}, true
		case r == '-' || r == '/' || r == '.' || r == ',' || r == '\'' || r == '’' || r == '‑' || r == '–' || unicode.IsSpace(r):
			at += size
		default:
			return token{}, false
		}
	}
	return token{}, false
}

// orderDate decides which of three parts is what. named is 1 + the index of
// the month that was written as a word, or 0.
func orderDate(t [3]token, named int, o Order) (day, Finding) {
	long := -1 // the part with a year of four digits
	for i, part := range t {
		if i != named-1 && len(part.text) == 4 {
			if long >= 0 {
				return day{}, Finding{}
			}
			long = i
		}
		if i != named-1 && (len(part.text) > 4 || len(part.text) == 3) {
			return day{}, Finding{}
		}
	}
	at := func(y, m, d int) day { return day{t[y].number, t[m].number, t[d].number} }
	if long < 0 {
		return twoDigitDate(t, named, o)
	}
	var d day
	switch {
	case named > 0:
		d = day{t[long].number, t[named-1].number, t[3-long-(named-1)].number}
	case long == 0:
		d = at(0, 1, 2)
	case long == 1:
		return day{}, Finding{}
	default:
		return chooseOrder(at(2, 1, 0), at(2, 0, 1), o)
	}
	if !d.exists() {
		return day{}, Finding{Code: CodeDateInvalid, Detail: "no such day"}
	}
	return d, Finding{}
}

// chooseOrder decides between the readings day first and month first.
func chooseOrder(dmy, mdy day, o Order) (day, Finding) {
	first, second := dmy, mdy
	if o == MDY {
		first, second = mdy, dmy
	}
	switch {
	case !dmy.exists() && !mdy.exists():
		return day{}, Finding{Code: CodeDateInvalid, Detail: "no such day"}
	case dmy == mdy:
		return dmy, Finding{}
	case o == DMY || o == MDY:
		if first.exists() {
			return first, Finding{}
		}
		return second, Finding{Code: CodeDateOrder, Detail: second.String()}
	case !dmy.exists():
		return mdy, Finding{}
	case !mdy.exists():
		return dmy, Finding{}
	}
	return day{}, Finding{Code: CodeDateAmbiguous, Detail: dmy.String() + " or " + mdy.String()}
}

// twoDigitDate reads 22.8.26, 8/22/26, 26-8-22 and 22-Aug-26.
func twoDigitDate(t [3]token, named int, o Order) (day, Finding) {
	at := func(y, m, d int) day { return day{century(t[y]), t[m].number, t[d].number} }
	var d day
	var f Finding
	switch {
	case named == 3:
		return day{}, Finding{}
	case named == 2 && o == YMD:
		d = at(0, 1, 2)
	case named == 2:
		d = at(2, 1, 0)
	case named == 1:
		d = at(2, 0, 1)
	case o == YMD:
		d = at(0, 1, 2)
	default:
		if d, f = chooseOrder(at(2, 1, 0), at(2, 0, 1), o); f.Code != "" {
			return d, f
		}
	}
	if !d.exists() {
		return day{}, Finding{Code: CodeDateInvalid, Detail: "no such day"}
	}
	return d, Finding{Code: CodeDateTwoDigit, Detail: strconv.Itoa(d.year)}
}

func century(t token) int {
	if len(t.text) != 2 {
		return 0
	}
	if t.number >= TwoDigitPivot {
		return 1900 + t.number
	}
	return 2000 + t.number
}

// loneNumber suggests what a bare number could mean as a date: a serial day of
// Excel between 1954 and 2064, or Unix time in seconds or milliseconds.
func loneNumber(s string, f Finding) Finding {
	whole, _, _ := strings.Cut(s, ".")
	if n := number(whole); len(whole) == 5 && n >= 20000 && n < 60000 {
		if t, ok := serialTime(s); ok {
			return Finding{Code: CodeDateInvalid, Detail: "a serial date of a spreadsheet", Suggestion: t.Format(time.DateOnly)}
		}
	}
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil && isDigit(whole[0]) {
		switch len(whole) {
		case 13:
			return Finding{Code: CodeDateInvalid, Detail: "Unix time", Suggestion: time.UnixMilli(n).UTC().Format(time.DateOnly)}
		case 10:
			return Finding{Code: CodeDateInvalid, Detail: "Unix time", Suggestion: time.Unix(n, 0).UTC().Format(time.DateOnly)}
		}
	}
	return f
}
