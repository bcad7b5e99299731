package table

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"
)

// cellStyle is what a number format means for a value.
type cellStyle struct {
	kind byte        // 0 general, d date, t time, b both, e elapsed, z leading zeros, p percent
	n    int         // digits of leading zeros
	show shownFormat // for Options.AsShown, nil = General
}

// builtinStyle are the formats that need no definition (18.8.30), with the dates of East Asian ones.
func builtinStyle(id int) cellStyle {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id >= 57 && id <= 58:
		return cellStyle{kind: 'd'}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 55, id == 56:
		return cellStyle{kind: 't'}
	case id == 22:
		return cellStyle{kind: 'b'}
	case id >= 45 && id <= 47:
		return cellStyle{kind: 'e'}
	case id == 9 || id == 10:
		return cellStyle{kind: 'p'}
	}
	return cellStyle{}
}

// parseFormat reads a format code (18.8.31), its first section only.
func parseFormat(code string) cellStyle {
	var date, clock, elapsed, percent bool
	digits := 0
	plainZeros := true
	lower := strings.ToLower(code)
	for i := 0; i < len(lower); i++ {
		c := lower[i]
		switch c {
		case ';':
			i = len(lower)
			continue
		case '"':
			if k := strings.IndexByte(lower[i+1:], '"'); k >= 0 {
				i += k + 1
			}
			plainZeros = false
			continue
		case '\\', '_', '*':
			i++
			plainZeros = false
			continue
		case '[':
			k := strings.IndexByte(lower[i:], ']')
			if k < 0 {
				continue
			}
			if in := strings.Trim(lower[i+1:i+k], "hms"); in == "" && k > 1 {
				elapsed = true
			}
			i += k
			continue
		case 'y', 'd':
			date = true
		case 'h', 's':
			clock = true
		case 'm':
			// A month, or minutes beside hours or seconds.
			if !strings.ContainsAny(lower, "hs") {
				date = true
			}
		case '%':
			percent = true
		case 'g':
			if strings.HasPrefix(lower[i:], "general") {
				i += 6
			}
		case '0':
			digits++
			continue
		case 'a':
			if strings.HasPrefix(lower[i:], "am/pm") {
				i += 4
			}
		}
		plainZeros = false
	}
	switch {
	case elapsed && !date:
		return cellStyle{kind: 'e'}
	case date && clock:
		return cellStyle{kind: 'b'}
	case date:
		return cellStyle{kind: 'd'}
	case clock:
		return cellStyle{kind: 't'}
	case percent:
		return cellStyle{kind: 'p'}
	case plainZeros && digits > 1:
		return cellStyle{kind: 'z', n: digits}
	}
	return cellStyle{}
}

func (w *workbook) readStyles(part string) error {
	codes := map[int]cellStyle{}
	inXfs := false
	return w.each(part, func(t *tag) error {
		switch string(t.name) {
		case "numFmt":
			if t.end {
				return nil
			}
			id, err := strconv.Atoi(string(t.attr("numFmtId")))
			if err != nil {
				return nil //nolint:nilerr // a format nobody can refer to
			}
			code, err := appendText(nil, t.attr("formatCode"))
			style := parseFormat(string(code))
			style.show = parseShown(string(code))
			codes[id] = style
			return err
		case "cellXfs":
			inXfs = !t.end && !t.empty
		case "xf":
			if !inXfs || t.end {
				return nil
			}
			id, _ := strconv.Atoi(string(t.attr("numFmtId")))
			style, ok := codes[id]
			if !ok {
				style = builtinStyle(id)
				if code := builtinCodes[id]; code != "" {
					style.show = parseShown(code)
				}
			}
			w.styles = append(w.styles, style)
		}
		return nil
	})
}

// formatNumber appends a stored number as text: dates in ISO 8601, no exponent,
// no more than the 15 digits that Excel has.
func (w *workbook) formatNumber(dst, v []byte, style cellStyle) []byte {
	short := plainNumber(v)
	switch {
	case short && style.kind == 0 && !w.asShown, short && len(v) <= 10 && style.show == nil && w.asShown:
		return append(dst, v...)
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || bytes.ContainsAny(v, "_xX") || math.IsInf(f, 0) || math.IsNaN(f) {
		return append(dst, v...)
	}
	if w.asShown {
		if style.show == nil {
			return appendGeneral(dst, f)
		}
		return appendShown(dst, f, style.show, w.date1904)
	}
	switch style.kind {
	case 'd', 't', 'b':
		if f >= 0 && f < 2958466 {
			return appendSerial(dst, f, style.kind, w.date1904)
		}
	case 'e':
		s := int64(math.Round(f * 86400))
		if s >= 0 {
			dst = strconv.AppendInt(dst, s/3600, 10)
			return append(dst, time.Unix(s%3600, 0).UTC().Format(":04:05")...)
		}
	case 'z':
		if f >= 0 && f == math.Trunc(f) && f < 1e15 {
			digits := strconv.FormatInt(int64(f), 10)
			dst = append(dst, strings.Repeat("0", max(0, style.n-len(digits)))...)
			return append(dst, digits...)
		}
	case 'p':
		return append(appendDecimal(dst, f*100), '%')
	}
	if len(v) <= 15 && !strings.ContainsAny(string(v), "eE") {
		return append(dst, v...)
	}
	return appendDecimal(dst, f)
}

// plainNumber: at most 15 characters, digits and a point that need no rounding and
// have no noughts at either end, as nearly all numbers are stored.
func plainNumber(v []byte) bool {
	if len(v) == 0 || len(v) > 15 {
		return false
	}
	digits := v
	if v[0] == '-' {
		digits = v[1:]
	}
	point := -1
	for i, c := range digits {
		if c == '.' && point < 0 {
			point = i
		} else if c < '0' || c > '9' {
			return false
		}
	}
	n := len(digits)
	switch {
	case n == 0 || point == 0 || point == n-1:
		return false
	case digits[0] == '0':
		return n == 1 && len(v) == 1 || point == 1 && digits[2] != '0' && digits[n-1] != '0'
	}
	return point < 0 || digits[n-1] != '0'
}

// appendDecimal writes at most 15 significant digits without exponent.
func appendDecimal(dst []byte, f float64) []byte {
	short, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if err != nil {
		short = f
	}
	return strconv.AppendFloat(dst, short, 'f', -1, 64)
}

// appendSerial writes a date of the 1900 system, in which 1900 wrongly is a leap
// year (18.17.4.1), or the 1904 system.
func appendSerial(dst []byte, f float64, kind byte, date1904 bool) []byte {
	ms := int64(math.Round(f * 86400 * 1000))
	sec := (ms + 500) / 1000 // Excel shows whole seconds
	day, clock := sec/86400, sec%86400
	if kind == 't' && day == 0 {
		return appendClock(dst, clock)
	}
	year, month, dom, _ := civil(day, date1904)
	if day == 0 && !date1904 {
		year, month, dom = 1899, 12, 31
	}
	dst = appendTwo(append(appendTwo(append(appendTwo(appendTwo(dst, year/100), year%100), '-'), month), '-'), dom)
	if kind != 't' && clock == 0 {
		return dst
	}
	return appendClock(append(dst, ' '), clock)
}

func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// appendClock writes 15:04:05.
func appendClock(dst []byte, sec int64) []byte {
	return appendTwo(append(appendTwo(append(appendTwo(dst, int(sec/3600)), ':'), int(sec/60%60)), ':'), int(sec%60))
}
