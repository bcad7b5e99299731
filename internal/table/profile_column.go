package table

import (
	"cmp"
	"math/bits"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// columnCounter gathers one column's figures.
type columnCounter struct {
	filled     int64
	maxBytes   int
	shapes     Shapes
	distinct   map[string]*seenValue
	capped     bool
	samples    []proof // the first different values
	digits     [16]int64
	zeros      int64 // digits only, with a leading zero
	serial     int64
	scientific int64
	sci        proof
	firstDay   proof // a number that may be Excel's day
	short      proof // three or four digits
	yes        proof // or no

	dmy, mdy, ambiguous proof  // dates
	ymd                 proof  // begins with its year
	shortYear           proof  // can only begin with a year of two digits
	firsts, lasts       uint32 // of dates such as 24/05/23: the numbers that might be day and year, or year and day
	settled             proof  // a date that cannot begin with a year of two digits
	named               proof  // a date whose month is named
	namedOrder          string
	dotted              bool  // all ambiguous dates have dots
	dot, comma          proof // decimal marks proven
	dots, commas        int64 // by so many cells
	group               proof // 1,234: either
	groupMark           byte
}

type seenValue struct {
	count, first int64
	kind         kind
}

func (c *columnCounter) add(s string, record int64) {
	if s = strings.TrimSpace(s); s == "" {
		return
	}
	c.filled++
	c.maxBytes = max(c.maxBytes, len(s))
	if !c.capped && len(s) <= 200 {
		if v := c.distinct[s]; v != nil {
			v.count++ // settle counts what it looks like
			return
		}
		k := kindOf(s)
		if len(c.distinct) == maxDistinct {
			c.capped = true
		} else {
			c.distinct[strings.Clone(s)] = &seenValue{count: 1, first: record, kind: k}
		}
		c.sample(s, record)
		c.count(k, s, record, 1)
		return
	}
	c.capped = true
	c.count(kindOf(s), s, record, 1)
}

// settle counts the values that came again, each once for all its records:
// their first record has shown already what they prove.
func (c *columnCounter) settle() {
	for s, v := range c.distinct {
		if v.count > 1 {
			c.count(v.kind, s, v.first, v.count-1)
		}
	}
}

const maxSamples = 5

func (c *columnCounter) sample(s string, record int64) {
	if len(c.samples) < maxSamples {
		c.samples = append(c.samples, proof{record, strings.Clone(clip(s))})
	}
}

// count notes what a value looks like that stands in so many records, of which
// record is the first.
func (c *columnCounter) count(k kind, s string, record, times int64) {
	switch k {
	case kindEmail:
		c.shapes.Email += times
	case kindURL:
		c.shapes.URL += times
	case kindPhone:
		c.shapes.Phone += times
	case kindBool:
		c.shapes.YesNo += times
		c.yes.see(record, s)
	case kindInteger:
		c.shapes.Integer += times
		c.integer(s, record, times)
	case kindDecimal:
		c.shapes.Decimal += times
		c.decimal(s, record, times)
	case kindDate:
		c.shapes.Date += times
		c.date(s, record, times)
	default:
		switch {
		case len(s) <= 6 && isPrefix(s):
			c.shapes.Prefix += times
		case len(s) <= 3 && isCountry(s):
			c.shapes.Country += times
		default:
			c.shapes.Text += times
		}
	}
}

func (c *columnCounter) integer(s string, record, times int64) {
	if n := len(s); n < len(c.digits) && s[0] >= '0' {
		c.digits[n] += times
		if s[0] == '0' && n > 1 {
			c.zeros += times
		}
		if n == 3 || n == 4 {
			c.short.see(record, s)
		}
		c.serialDay(s, record, times)
	}
}

// serialDay counts what may be Excel's day, from 1954 to 2064, with a time perhaps.
func (c *columnCounter) serialDay(s string, record, times int64) {
	if len(s) >= 5 && s[:5] >= "20000" && s[:5] <= "60000" && (len(s) == 5 || s[5] == '.') {
		c.serial += times
		c.firstDay.see(record, s)
	}
}

// decimal looks for the mark: the last of two different ones, one not before
// three digits, or the other of one that occurs twice.
func (c *columnCounter) decimal(s string, record, times int64) {
	if i := strings.IndexAny(s, "eE"); i > 0 {
		c.scientific += times
		c.sci.see(record, s)
		s = s[:i]
	}
	c.serialDay(s, record, times)
	dots, commas := strings.Count(s, "."), strings.Count(s, ",")
	last := strings.LastIndexAny(s, ".,")
	if last < 0 {
		return
	}
	see := func(mark byte) {
		if mark == '.' {
			c.dots += times
			c.dot.see(record, s)
		} else {
			c.commas += times
			c.comma.see(record, s)
		}
	}
	other := map[byte]byte{'.': ',', ',': '.'}[s[last]]
	after := 0
	for i := last + 1; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		after++
	}
	before := strings.TrimLeft(s[:last], "(+-$€£ ")
	switch {
	case dots > 0 && commas > 0:
		see(s[last])
	case dots+commas > 1:
		if groupsOfThree(s, s[last]) {
			see(other)
		}
	case after != 3, before == "", strings.HasPrefix(before, "0"), len(before) > 3:
		see(s[last])
	default:
		if c.group.record == 0 || record < c.group.record {
			c.groupMark = s[last]
		}
		c.group.see(record, s)
	}
}

// groupsOfThree: the mark groups thousands, as in 1.234.567, or lakhs, as in
// 1,23,456; it does not in 1.2.3.
func groupsOfThree(s string, mark byte) bool {
	run, last := 0, 0
	for i := len(s) - 1; i >= 0; i-- {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			run++
		case c == mark:
			if last == 0 && run != 3 || run != 2 && run != 3 {
				return false
			}
			last, run = i, 0
		}
	}
	return run > 0 && run <= 3
}

func (c *columnCounter) date(s string, record, times int64) {
	d, ok := parseDate(withoutWeekday(s))
	if !ok {
		return
	}
	if d.named {
		if c.named.record == 0 || record < c.named.record {
			c.namedOrder = d.order
		}
		c.named.see(record, s)
	}
	switch {
	case d.order == "ymd":
		c.shapes.DateYMD += times
		c.ymd.see(record, s)
	case d.order != "":
		// A named month needs no order.
	case !d.dmy() && !d.mdy():
		c.shapes.DateYMD += times
		c.shortYear.see(record, s)
	case !d.mdy():
		c.shapes.DateDMY += times
		c.dmy.see(record, s)
	case !d.dmy():
		c.shapes.DateMDY += times
		c.mdy.see(record, s)
	case d.a != d.b:
		if c.ambiguous.record == 0 {
			c.dotted = true
		}
		c.dotted = c.dotted && d.sep == '.'
		c.ambiguous.see(record, s)
	}
	if d.order == "" {
		if d.ymd() {
			c.firsts |= 1 << min(d.a, 31)
			c.lasts |= 1 << d.c
		} else {
			c.settled.see(record, s)
		}
	}
}

func (c *columnCounter) merge(d *columnCounter) {
	c.filled += d.filled
	c.maxBytes = max(c.maxBytes, d.maxBytes)
	c.capped = c.capped || d.capped
	for v, s := range d.distinct {
		if have := c.distinct[v]; have != nil {
			have.count += s.count
			have.first = min(have.first, s.first)
		} else if len(c.distinct) < maxDistinct {
			c.distinct[v] = s
		} else {
			c.capped = true
		}
	}
	c.samples = append(c.samples, d.samples...)
	for i, n := range d.digits {
		c.digits[i] += n
	}
	c.zeros += d.zeros
	c.serial += d.serial
	c.dots += d.dots
	c.commas += d.commas
	c.firsts |= d.firsts
	c.lasts |= d.lasts
	c.scientific += d.scientific
	if c.ambiguous.record == 0 {
		c.dotted = d.dotted
	} else if d.ambiguous.record > 0 {
		c.dotted = c.dotted && d.dotted
	}
	if c.group.record == 0 || d.group.record > 0 && d.group.record < c.group.record {
		c.groupMark = d.groupMark
	}
	if c.named.record == 0 || d.named.record > 0 && d.named.record < c.named.record {
		c.namedOrder = d.namedOrder
	}
	for _, p := range []struct{ a, b *proof }{{&c.sci, &d.sci}, {&c.firstDay, &d.firstDay}, {&c.short, &d.short}, {&c.yes, &d.yes}, {&c.ymd, &d.ymd}, {&c.settled, &d.settled}, {&c.shortYear, &d.shortYear}, {&c.dmy, &d.dmy}, {&c.mdy, &d.mdy}, {&c.ambiguous, &d.ambiguous}, {&c.named, &d.named}, {&c.dot, &d.dot}, {&c.comma, &d.comma}, {&c.group, &d.group}} {
		p.a.merge(*p.b)
	}
	a, b := &c.shapes, &d.shapes
	for _, p := range []struct{ a, b *int64 }{{&a.Email, &b.Email}, {&a.Phone, &b.Phone}, {&a.URL, &b.URL}, {&a.Integer, &b.Integer}, {&a.Decimal, &b.Decimal}, {&a.Date, &b.Date}, {&a.DateYMD, &b.DateYMD}, {&a.DateDMY, &b.DateDMY}, {&a.DateMDY, &b.DateMDY}, {&a.YesNo, &b.YesNo}, {&a.Prefix, &b.Prefix}, {&a.Country, &b.Country}, {&a.Text, &b.Text}} {
		*p.a += *p.b
	}
}

var (
	dateHeading = regexp.MustCompile(`(?i)date|d[aá]tum|dato\b|дата|tarih|日付|日期|날짜|naissance|nascita|nacimiento|nascimento|urodz|naroz|expir|deadline|created|updated|modified|birth|geburt|fecha|data\b|_at$|\bat$|\bon$|day`)
	zipHeading  = regexp.MustCompile(`(?i)zip|postal|post ?code|plz|postleitzahl|\bcp\b|cap\b`)
)

func (c *columnCounter) finish(heading string) ColumnProfile {
	out := ColumnProfile{Heading: heading, Filled: c.filled, MaxBytes: c.maxBytes, Shapes: c.shapes, Digits: c.digits, Capped: c.capped, Scientific: c.scientific, ScientificRecord: c.sci.record}
	out.Values = topValues(c.distinct)
	slices.SortStableFunc(c.samples, func(a, b proof) int { return cmp.Compare(a.record, b.record) })
	for _, s := range c.samples {
		if len(out.Samples) < maxSamples && !slices.Contains(out.Samples, s.cell) {
			out.Samples = append(out.Samples, s.cell)
		}
	}
	c.finishDates(&out)
	c.finishDecimal(&out)
	whole := c.shapes.Integer
	if c.serial > 0 && c.serial*10 >= c.filled*9 && dateHeading.MatchString(heading) {
		out.SerialDates, out.SerialRecord = true, c.firstDay.record
	}
	if short := c.digits[4] + c.digits[3]; short > 0 && c.digits[5] >= short && c.zeros == 0 && zipHeading.MatchString(heading) &&
		(short+c.digits[5])*20 >= whole*19 && whole*10 >= c.filled*8 {
		out.LostZeros, out.LostZerosRecord = short, c.short.record
	}
	return out
}

func (c *columnCounter) finishDates(out *ColumnProfile) {
	s := &c.shapes
	if s.Date == 0 || s.Date*2 < c.filled {
		return
	}
	switch {
	case c.conflict():
		out.DateOrder, out.DateCertainty = "dmy", Unproven
		if s.DateMDY > s.DateDMY {
			out.DateOrder = "mdy"
		} else if c.shortYear.record > 0 {
			out.DateOrder = "ymd"
		}
	case c.shortYear.record > 0:
		out.DateOrder, out.DateCertainty, out.DateRecord = "ymd", Proven, c.shortYear.record
	case s.DateDMY > 0 && c.settled.record == 0:
		// Day or year of two digits first: days differ more than years do.
		out.DateOrder, out.DateCertainty = "dmy", Likely
		switch firsts, lasts := bits.OnesCount32(c.firsts), bits.OnesCount32(c.lasts); {
		case firsts == lasts:
			out.DateCertainty = Unproven
		case firsts < lasts:
			out.DateOrder = "ymd"
			if firsts*2 > lasts {
				out.DateCertainty = Unproven
			}
		}
	case s.DateDMY > 0:
		out.DateOrder, out.DateCertainty, out.DateRecord = "dmy", Proven, c.dmy.record
	case s.DateMDY > 0:
		out.DateOrder, out.DateCertainty, out.DateRecord = "mdy", Proven, c.mdy.record
	case c.onlyNamed():
		out.DateOrder, out.DateCertainty, out.DateRecord = c.namedOrder, Proven, c.named.record
	case c.ambiguous.record == 0 && s.DateYMD > 0:
		out.DateOrder, out.DateCertainty, out.DateRecord = "ymd", Proven, c.ymd.record
	case c.ambiguous.record > 0 && c.dotted:
		out.DateOrder, out.DateCertainty = "dmy", Likely
	case c.ambiguous.record > 0:
		out.DateOrder, out.DateCertainty = "dmy", Unproven
	}
}

// onlyNamed: every date but those that begin with a year names its month.
func (c *columnCounter) onlyNamed() bool {
	return c.named.record > 0 && c.ambiguous.record == 0 && c.shapes.DateDMY+c.shapes.DateMDY == 0
}

// conflict: some dates can only be day first, others only month or year first.
func (c *columnCounter) conflict() bool {
	return c.shapes.DateDMY > 0 && c.shapes.DateMDY > 0 || c.shortYear.record > 0 && c.settled.record > 0
}

func (c *columnCounter) dateEvidence(out *ColumnProfile) (string, []string) {
	switch {
	case c.shortYear.record > 0 && c.settled.record > 0:
		return c.shortYear.String() + ", year first, but " + c.settled.String() + ", which is none", []string{c.shortYear.cell, c.settled.cell}
	case c.conflict():
		return c.dmy.String() + ", day first, but " + c.mdy.String() + ", month first", []string{c.dmy.cell, c.mdy.cell}
	case c.shortYear.record > 0:
		return c.shortYear.String() + ": there is no such day, so the year comes first", []string{c.shortYear.cell}
	case c.dmy.record > 0 && c.settled.record == 0:
		return c.dmy.String() + ": day or year first; days differ more than years do", []string{c.dmy.cell}
	case c.dmy.record > 0:
		return c.dmy.String() + ": there is no such month", []string{c.dmy.cell}
	case c.mdy.record > 0:
		return c.mdy.String() + ": there is no such month", []string{c.mdy.cell}
	case c.onlyNamed():
		return c.named.String() + ", with the month's name", []string{c.named.cell}
	case out.DateOrder == "ymd":
		return "every date begins with its year", out.Samples
	case c.dotted:
		return "dates with dots begin with the day", []string{c.ambiguous.cell}
	}
	return "in every date, day and month could be exchanged", []string{c.ambiguous.cell}
}

func (c *columnCounter) finishDecimal(out *ColumnProfile) {
	if (c.shapes.Decimal+c.shapes.Integer)*2 < c.filled {
		return
	}
	switch {
	case c.dot.record > 0 && c.comma.record > 0:
		out.Decimal, out.DecimalCertainty = ".", Unproven
		if c.commas > c.dots {
			out.Decimal = ","
		}
	case c.dot.record > 0:
		out.Decimal, out.DecimalCertainty, out.DecimalRecord = ".", Proven, c.dot.record
	case c.comma.record > 0:
		out.Decimal, out.DecimalCertainty, out.DecimalRecord = ",", Proven, c.comma.record
	case c.group.record > 0:
		// A mark before three digits groups thousands more often than not.
		out.Decimal, out.DecimalCertainty = ".", Unproven
		if c.groupMark == '.' {
			out.Decimal = ","
		}
	}
}

func (c *columnCounter) decimalEvidence(out *ColumnProfile) (string, []string) {
	switch {
	case c.dot.record > 0 && c.comma.record > 0:
		return c.dot.String() + ", but " + c.comma.String(), []string{c.dot.cell, c.comma.cell}
	case c.dot.record > 0:
		return c.dot.String(), []string{c.dot.cell}
	case c.comma.record > 0:
		return c.comma.String(), []string{c.comma.cell}
	}
	return c.group.String() + ": the mark may be decimal or group thousands", []string{c.group.cell}
}

func isPrefix(s string) bool {
	if s[0] < 'A' || len(s) < 2 {
		return false
	}
	switch strings.ToLower(strings.TrimSuffix(s, ".")) {
	case "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "hr", "fr", "sir", "mme", "mlle", "sr", "sra", "srta", "sig", "pan", "pani":
		return true
	}
	return false
}

func isCountry(s string) bool {
	if len(s) < 2 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	r, err := language.ParseRegion(s)
	return err == nil && r.IsCountry() || s == "UK"
}
