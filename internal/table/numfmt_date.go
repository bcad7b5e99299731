package table

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// appendDate writes a serial date or time; negative ones have none.
func (s *section) appendDate(dst []byte, v float64, date1904 bool) []byte {
	if v < 0 && date1904 { // in that system alone
		dst, v = append(dst, '-'), -v
	}
	if v < 0 || v >= 2958466 {
		return appendGeneral(dst, v)
	}
	fraction, unit := 0, int64(1)
	for _, t := range s.tokens {
		if t.kind == 's' {
			fraction = min(len(t.text), 6)
		}
	}
	for range fraction {
		unit *= 10
	}
	ticks := int64(math.Round(v * 86400 * float64(unit)))
	sec, part := ticks/unit, ticks%unit
	day, clock := sec/86400, sec%86400
	year, month, dom, weekday := civil(day, date1904)
	hour := clock / 3600
	for _, t := range s.tokens {
		switch t.kind {
		case 'd':
			n := len(t.text)
			switch t.text[0] {
			case 'y':
				dst = appendYear(dst, n, year)
			case 'b':
				dst = appendYear(dst, n, year+543) // of the Buddhist era
			case 'e', 'g':
				dst = s.appendEra(dst, t.text, year, month, dom)
			case 'm':
				if n >= 3 {
					dst = append(dst, monthName(s.lang, month, n)...)
				} else {
					dst = appendPadded(dst, n, int64(month))
				}
			case 'd':
				if n >= 3 {
					dst = append(dst, dayName(s.lang, weekday, n)...)
				} else {
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
			dst = appendPadded(append(dst, '.'), fraction, part)
		case 'a':
			words := t.text
			if words == "" {
				words = halfDays(s.lang)
			}
			am, pm, _ := strings.Cut(words, "/")
			if hour >= 12 {
				am = pm
			}
			dst = append(dst, am...)
		default:
			dst = append(dst, t.text...)
		}
	}
	return dst
}

func appendYear(dst []byte, places, year int) []byte {
	if places <= 2 {
		return appendTwo(dst, year%100)
	}
	return appendTwo(appendTwo(dst, year/100), year%100)
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
