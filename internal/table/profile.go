package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// profileValues is how many distinct values of a column are counted one by
	// one; a column with more is free text to whoever asks.
	profileValues = 1000
	// profileSamples is how many different values a person is shown.
	profileSamples = 5
)

// Profile is what one pass over the whole file tells of its columns.
type Profile struct {
	Records int64
	Blank   int64 // blank lines
	Ragged  int64 // records with too few cells
	Bad     int64 // records with a Problem
	Columns []ColumnProfile
	// Ledger holds the guesses about columns: dates and decimal.
	Ledger []Guess
}

// ColumnProfile is one column of a Profile.
type ColumnProfile struct {
	Filled  int64
	Values  []ValueCount // distinct values in order of their first record
	Capped  bool         // there are more than Values holds, whose counts end where it was full
	Samples []string     // the first different values

	index   map[string]int
	dates   orderEvidence
	numbers markEvidence
}

// ValueCount is a distinct value and how often it occurs.
type ValueCount struct {
	Text  string
	Count int64
}

// ProfileOf reads the whole table once. It fails where Reader.Next does.
func ProfileOf(ctx context.Context, src Source, det *Detection) (*Profile, error) {
	rd, err := det.Open(src)
	if err != nil {
		return nil, err
	}
	defer rd.Close()
	p := &Profile{Columns: make([]ColumnProfile, len(det.Headings))}
	for i := range p.Columns {
		p.Columns[i].index = map[string]int{}
	}
	var b Batch
	for {
		err := rd.Next(ctx, &b)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for i := range b.Rows {
			p.row(&b.Rows[i])
		}
	}
	p.Blank = rd.Blank()
	for i := range p.Columns {
		c := &p.Columns[i]
		c.index = nil
		for _, g := range []*Guess{c.dates.guess(c.Filled), c.numbers.guess(c.Filled)} {
			if g != nil {
				g.Column = i
				p.Ledger = append(p.Ledger, *g)
			}
		}
	}
	return p, nil
}

func (p *Profile) row(r *Row) {
	p.Records++
	if r.Missing > 0 {
		p.Ragged++
	}
	if r.Problem != "" {
		p.Bad++
		return
	}
	for i, cell := range r.Cells {
		if i < len(p.Columns) {
			if v := strings.TrimSpace(cell); v != "" {
				p.Columns[i].add(v, r.Record)
			}
		}
	}
}

func (c *ColumnProfile) add(v string, record int64) {
	c.Filled++
	if !c.Capped {
		if at, ok := c.index[v]; ok {
			c.Values[at].Count++
		} else if len(c.Values) == profileValues {
			c.Capped = true
		} else {
			v := strings.Clone(v)
			c.index[v] = len(c.Values)
			c.Values = append(c.Values, ValueCount{v, 1})
			if len(c.Samples) < profileSamples {
				c.Samples = append(c.Samples, v)
			}
		}
	}
	if d := v[0]; d >= '0' && d <= '9' || d == '-' || d == '+' {
		if c.dates.add(v, record) {
			return
		}
		c.numbers.add(v, record)
	}
}

// orderEvidence collects what a column says of the order of its dates.
type orderEvidence struct {
	dates, dotted        int64
	dmy, mdy             int64  // dates that prove an order: a part over 12
	dmyProof, mdyProof   string // the first of them
	dmyRecord, mdyRecord int64
	ambiguous            []string // samples of dates that read both ways
	open                 int64
}

func (e *orderEvidence) add(v string, record int64) bool {
	d, ok := parseDate(v)
	if !ok {
		return false
	}
	e.dates++
	if d.order != "" {
		return true
	}
	if d.sep == '.' {
		e.dotted++
	}
	switch {
	case d.a > 12:
		if e.dmy++; e.dmy == 1 {
			e.dmyProof, e.dmyRecord = strings.Clone(v), record
		}
	case d.b > 12:
		if e.mdy++; e.mdy == 1 {
			e.mdyProof, e.mdyRecord = strings.Clone(v), record
		}
	case d.a != d.b:
		e.open++
		if len(e.ambiguous) < profileSamples {
			e.ambiguous = append(e.ambiguous, strings.Clone(v))
		}
	}
	return true
}

// guess is nil for a column whose dates need none.
func (e *orderEvidence) guess(filled int64) *Guess {
	if e.dates*2 < filled || e.dmy+e.mdy+e.open == 0 {
		return nil
	}
	g := &Guess{Name: "dates", Flag: "--dates", Alternatives: []string{"mdy", "ymd"}, Value: "dmy", Samples: e.ambiguous}
	switch {
	case e.dmy > 0 && e.mdy == 0:
		g.Certainty, g.Record = Proven, e.dmyRecord
		g.Evidence = fmt.Sprintf("record %d has %s, which is no month", e.dmyRecord, e.dmyProof)
	case e.mdy > 0 && e.dmy == 0:
		g.Value, g.Alternatives = "mdy", []string{"dmy", "ymd"}
		g.Certainty, g.Record = Proven, e.mdyRecord
		g.Evidence = fmt.Sprintf("record %d has %s, which has no such month", e.mdyRecord, e.mdyProof)
	case e.dmy > 0:
		if e.mdy > e.dmy {
			g.Value, g.Alternatives = "mdy", []string{"dmy", "ymd"}
		}
		g.Certainty = Unproven
		g.Evidence = fmt.Sprintf("the column has both orders: %s in record %d, %s in record %d", e.dmyProof, e.dmyRecord, e.mdyProof, e.mdyRecord)
	case e.dotted == e.dates:
		g.Certainty = Likely
		g.Evidence = "dates with dots begin with the day"
	default:
		g.Certainty = Unproven
		g.Evidence = fmt.Sprintf("each of the %d dates reads both ways", e.open)
	}
	return g
}

// markEvidence collects what a column says of its decimal mark.
type markEvidence struct {
	numbers     int64
	proof       [2]int64 // '.' and ',' proved to be the decimal mark
	proofText   [2]string
	proofRecord [2]int64
	ambiguous   []string
	open        int64
}

func (e *markEvidence) add(v string, record int64) {
	digits, dots, commas, last := 0, 0, 0, -1
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			dots++
			last = i
		case c == ',':
			commas++
			last = i
		case c == '-' || c == '+':
			if i > 0 {
				return
			}
		case c == ' ' || c == '\'':
		default:
			return
		}
	}
	if digits == 0 {
		return
	}
	e.numbers++
	if last < 0 {
		return
	}
	mark := 0 // which of the two is the decimal one
	if v[last] == ',' {
		mark = 1
	}
	switch count := dots + commas; {
	case dots > 0 && commas > 0 && (dots == 1 || mark == 1) && (commas == 1 || mark == 0):
	case dots > 0 && commas > 0:
		return // 1,2.3,4 is no number
	case count > 1: // repeated: it groups thousands
		mark = 1 - mark
	case len(v)-last-1 != 3 || last > 3 || v[0] == '0':
	default:
		e.open++
		if len(e.ambiguous) < profileSamples {
			e.ambiguous = append(e.ambiguous, strings.Clone(v))
		}
		return
	}
	if e.proof[mark]++; e.proof[mark] == 1 {
		e.proofText[mark], e.proofRecord[mark] = strings.Clone(v), record
	}
}

func (e *markEvidence) guess(filled int64) *Guess {
	if e.numbers*2 < filled || e.proof[0]+e.proof[1]+e.open == 0 {
		return nil
	}
	marks := [2]string{".", ","}
	best := 0
	if e.proof[1] > e.proof[0] {
		best = 1
	}
	g := &Guess{Name: "decimal", Flag: "--decimal", Value: marks[best], Alternatives: []string{marks[1-best]}, Samples: e.ambiguous}
	switch {
	case e.proof[best] == 0:
		g.Certainty = Unproven
		g.Evidence = fmt.Sprintf("each of the %d numbers with a mark reads both ways", e.open)
	case e.proof[1-best] > 0:
		g.Certainty = Unproven
		g.Evidence = fmt.Sprintf("the column has both: %s in record %d, %s in record %d", e.proofText[0], e.proofRecord[0], e.proofText[1], e.proofRecord[1])
	default:
		g.Certainty, g.Record = Proven, e.proofRecord[best]
		g.Evidence = fmt.Sprintf("record %d has %s", e.proofRecord[best], e.proofText[best])
	}
	return g
}
