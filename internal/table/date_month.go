package table

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// monthOf is the number of a month named in one of our languages, 0 for another word.
func monthOf(word string) int {
	return lookUp(monthNames(), word)
}

// lookUp finds a word written in any case among lower ones, without an
// allocation where it is ASCII: every text that ends in a digit comes by here.
func lookUp[V any](words map[string]V, word string) V {
	var low [24]byte
	if len(word) > len(low) {
		return words[strings.ToLower(word)]
	}
	for i := range len(word) {
		c := word[i]
		if c >= 0x80 {
			return words[strings.ToLower(word)]
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		low[i] = c
	}
	return words[string(low[:len(word)])]
}

// monthNames are the full and short names of the languages that formats know, also
// without their accents, and the forms beside a day. A name that means two months
// in two languages (listopad) has the meaning of the earlier one here.
var monthNames = sync.OnceValue(func() map[string]int {
	names := make(map[string]int, 1024)
	add := func(name string, month int) {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		for _, n := range []string{name, withoutMarks(name)} {
			if names[n] == 0 && len(n) >= 3 {
				names[n] = month
			}
		}
	}
	for _, lang := range []int{0x09, 0x07, 0x0c, 0x0a, 0x10, 0x16, 0x13, 0x15, 0x19, genitive, 0x1f, 0x05, 0x0b, 0x1d, 0x06, 0x14, 0x0e, 0x18, 0x22, 0x08} {
		l := namesOf[lang]
		for i, full := range l.months {
			add(full, i+1)
			if l.shortMonths != nil {
				add(l.shortMonths[i], i+1)
			} else {
				add(firstLetters(full, 3), i+1)
			}
		}
	}
	for i, list := range []string{
		"stycznia ledna tammikuuta ιανουαρίου січня jän jänner gener", "lutego února helmikuuta φεβρουαρίου лютого feber fév", "marca března maaliskuuta μαρτίου березня mär", "kwietnia dubna huhtikuuta απριλίου квітня",
		"maja května toukokuuta μαΐου травня", "czerwca června kesäkuuta ιουνίου червня", "lipca července heinäkuuta ιουλίου липня juil", "sierpnia srpna elokuuta αυγούστου серпня aoû",
		"września syyskuuta σεπτεμβρίου вересня sept setiembre", "października října lokakuuta οκτωβρίου жовтня", "listopada marraskuuta νοεμβρίου", "grudnia prosince joulukuuta δεκεμβρίου грудня",
	} {
		for name := range strings.FieldsSeq(list) {
			add(name, i+1)
		}
	}
	return names
})

// withoutMarks writes décembre as decembre.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// weekdays are the names of days, full and short, and the short ones without a point.
var weekdays = sync.OnceValue(func() map[string]bool {
	days := map[string]bool{}
	for _, l := range namesOf {
		for i, full := range l.days {
			short := firstLetters(full, 3)
			if l.shortDays != nil {
				short = strings.TrimSuffix(l.shortDays[i], ".")
			}
			days[strings.ToLower(full)], days[strings.ToLower(short)] = true, true
		}
	}
	return days
})

// withoutWeekday leaves out a day's name at the beginning of s, as in Mo., 15. Januar 2024.
func withoutWeekday(s string) string {
	word, rest, found := strings.Cut(s, " ")
	if !found || len(word) > 24 || !lookUp(weekdays(), strings.TrimRight(word, ".,")) {
		return s
	}
	return strings.TrimLeft(rest, " ")
}
