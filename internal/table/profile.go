package table

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// Profile says what the whole file holds, column by column.
type Profile struct {
	Records     int64 `json:"records"`
	Blank       int64 `json:"blank"`       // blank lines skipped
	Comments    int64 `json:"comments"`    // comment lines skipped
	Ragged      int64 `json:"ragged"`      // records with cells missing at the end
	Long        int64 `json:"long"`        // records with too many cells
	Bad         int64 `json:"bad"`         // records with a Problem, the long ones included
	Undecodable int64 `json:"undecodable"` // cells with bytes that do not decode
	// FirstBad is the first record with a Problem or an undecodable cell; Record 0 = none.
	FirstBad BadRecordInfo   `json:"first_bad"`
	Columns  []ColumnProfile `json:"columns"`
	// Ledger holds the guesses about columns: dates, decimal (rule 1.6).
	Ledger []Guess `json:"ledger"`
}

// BadRecordInfo names a damaged record.
type BadRecordInfo struct {
	Record  int64  `json:"record"`
	Line    int64  `json:"line"`
	Problem string `json:"problem"`
}

// maxDistinct is up to how many values of a column are counted exactly.
const maxDistinct = 1000

// ValueCount is one distinct value, without blanks around it, and how many records hold it.
type ValueCount struct {
	Text  string `json:"text"`
	Count int64  `json:"count"`
}

// ColumnProfile is what one column holds. Counts are of filled cells.
type ColumnProfile struct {
	Heading string `json:"heading"`
	Filled  int64  `json:"filled"`
	// Values are the distinct ones by falling count; where there are more than maxDistinct they
	// are Capped: only some of the values, with counts that are too low.
	Values   []ValueCount `json:"values,omitempty"`
	Capped   bool         `json:"capped,omitempty"`
	Samples  []string     `json:"samples,omitempty"` // the first 5 different values
	MaxBytes int          `json:"max_bytes"`         // of the longest cell
	Shapes   Shapes       `json:"shapes"`

	// Dates: dmy, mdy, ymd, "" where the column is none of dates.
	DateOrder     string    `json:"date_order,omitempty"`
	DateCertainty Certainty `json:"date_certainty,omitempty"`
	DateRecord    int64     `json:"date_record,omitempty"` // that proves it
	// Decimal is the mark "." or ",", "" where no cell has one.
	Decimal          string    `json:"decimal,omitempty"`
	DecimalCertainty Certainty `json:"decimal_certainty,omitempty"`
	DecimalRecord    int64     `json:"decimal_record,omitempty"`

	// SerialDates: whole numbers that are Excel's count of days, under a date's heading.
	SerialDates  bool  `json:"serial_dates,omitempty"`
	SerialRecord int64 `json:"serial_record,omitempty"` // the first
	// Scientific counts numbers like 4.9E+11, whose digits are lost (rule 3.3).
	Scientific       int64 `json:"scientific,omitempty"`
	ScientificRecord int64 `json:"scientific_record,omitempty"` // the first
	// LostZeros counts the cells of a postal code column that are a digit or two
	// short of the five that the others have (rule 3.3).
	LostZeros       int64 `json:"lost_zeros,omitempty"`
	LostZerosRecord int64 `json:"lost_zeros_record,omitempty"` // the first
	// Digits counts the cells of digits only, by their number, up to 15.
	Digits [16]int64 `json:"digits"`
}

// Shapes counts the cells that look like something; one cell counts once, but
// DateDMY and DateMDY count among Date.
type Shapes struct {
	Email   int64 `json:"email,omitempty"`
	Phone   int64 `json:"phone,omitempty"`
	URL     int64 `json:"url,omitempty"`
	Integer int64 `json:"integer,omitempty"`
	Decimal int64 `json:"decimal,omitempty"`
	Date    int64 `json:"date,omitempty"`
	DateYMD int64 `json:"date_ymd,omitempty"` // begins with a year
	DateDMY int64 `json:"date_dmy,omitempty"` // can only be day first
	DateMDY int64 `json:"date_mdy,omitempty"` // can only be month first
	YesNo   int64 `json:"yes_no,omitempty"`
	Prefix  int64 `json:"prefix,omitempty"`  // Mr, Ms, Dr …
	Country int64 `json:"country,omitempty"` // an ISO 3166 code
	Text    int64 `json:"text,omitempty"`
}

// ProfileOf reads the whole file once, on two goroutines, and fails as Reader.Next does.
func ProfileOf(ctx context.Context, src Source, det *Detection) (*Profile, error) {
	return ProfileAndKeep(ctx, src, det, nil)
}

// ProfileAndKeep is ProfileOf; it writes the rows to keep as well, which the
// caller closes. The footer of a sheet of which Detect saw only the beginning is
// found here: det then says where it begins.
func ProfileAndKeep(ctx context.Context, src Source, det *Detection, keep *RowsWriter) (*Profile, error) {
	r, err := det.Open(src)
	if err != nil {
		return nil, err
	}
	tail := tailOf(det)
	parts, err := profileAll(ctx, r, len(det.Headings), tail, keep)
	blank, comments := r.Blank(), r.Comments()
	if tail != nil && det.EndOffset > 0 {
		blank = tail.blank
	}
	notes := r.sheetNotes()
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	p := parts[0]
	for _, q := range parts[1:] {
		p.merge(q)
	}
	out := p.finish(det)
	out.Blank, out.Comments = blank, comments
	out.Ledger = append(out.Ledger, notes...)
	return out, nil
}

const profilers = 2

// profileAll hands the batches out to the profilers. It returns after all have ended.
func profileAll(ctx context.Context, r *Reader, width int, tail *sheetTail, keep *RowsWriter) ([]*profiler, error) {
	work := make(chan *Batch, profilers)
	free := make(chan *Batch, 2*profilers+tailBatches)
	parts := make([]*profiler, profilers)
	var wg sync.WaitGroup
	for i := range parts {
		parts[i] = newProfiler(width)
		wg.Go(func() {
			for b := range work {
				for k := range b.Rows {
					parts[i].row(&b.Rows[k])
				}
				free <- b
			}
			for k := range parts[i].cols {
				parts[i].cols[k].settle()
			}
		})
	}
	for range cap(free) {
		free <- &Batch{}
	}
	give := func(b *Batch) {
		if keep != nil {
			keep.Add(b)
		}
		work <- b
	}
	var err error
	for err == nil {
		b := <-free
		if err = r.Next(ctx, b); err == nil {
			if b = tail.hold(b); b != nil {
				give(b)
			}
		}
	}
	for _, b := range tail.end(err) {
		give(b)
	}
	close(work)
	wg.Wait()
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return parts, err
}

// profiler counts the rows given to it.
type profiler struct {
	p    Profile
	cols []columnCounter
}

func newProfiler(width int) *profiler {
	p := &profiler{cols: make([]columnCounter, width)}
	for i := range p.cols {
		p.cols[i].distinct = map[string]*seenValue{}
	}
	return p
}

func (p *profiler) row(row *Row) {
	p.p.Records++
	if row.Missing > 0 {
		p.p.Ragged++
	}
	p.p.Undecodable += int64(len(row.Bad))
	if row.Problem != "" || len(row.Bad) > 0 {
		problem := row.Problem
		if problem == "" {
			problem = Undecodable
		} else {
			p.p.Bad++
		}
		if problem == TooManyCells {
			p.p.Long++
		}
		if f := &p.p.FirstBad; f.Record == 0 || row.Record < f.Record {
			*f = BadRecordInfo{row.Record, row.Line, problem}
		}
	}
	if row.Problem != "" {
		return // its cells may stand in wrong columns
	}
	for i, c := range row.Cells[:min(len(row.Cells), len(p.cols))] {
		if c != "" {
			p.cols[i].add(c, row.Record)
		}
	}
}

func (p *profiler) merge(q *profiler) {
	a, b := &p.p, &q.p
	a.Records += b.Records
	a.Ragged += b.Ragged
	a.Long += b.Long
	a.Bad += b.Bad
	a.Undecodable += b.Undecodable
	if b.FirstBad.Record > 0 && (a.FirstBad.Record == 0 || b.FirstBad.Record < a.FirstBad.Record) {
		a.FirstBad = b.FirstBad
	}
	for i := range p.cols {
		p.cols[i].merge(&q.cols[i])
	}
}

func (p *profiler) finish(det *Detection) *Profile {
	out := &p.p
	for i := range p.cols {
		out.Columns = append(out.Columns, p.cols[i].finish(det.Headings[i]))
	}
	// A column that proves its order makes that of the others likely.
	dates, decimal := "", ""
	for i, c := range out.Columns {
		if c.DateCertainty == Proven && c.DateOrder != "ymd" && !p.cols[i].onlyNamed() {
			dates = c.DateOrder
		}
		if c.DecimalCertainty == Proven {
			decimal = c.Decimal
		}
	}
	for i := range out.Columns {
		p.cols[i].ledger(out, i, dates, decimal)
	}
	return out
}

func (c *columnCounter) ledger(out *Profile, i int, dates, decimal string) {
	col := &out.Columns[i]
	if col.DateOrder != "" {
		g := Guess{Name: "dates", Column: i, Flag: "--dates", Record: col.DateRecord}
		g.Evidence, g.Samples = c.dateEvidence(col)
		if col.DateCertainty == Unproven && dates != "" && !c.conflict() && (dates != "mdy" || c.shapes.DateDMY == 0) {
			col.DateOrder, col.DateCertainty = dates, Likely
			g.Evidence = "as in the other column of dates"
		}
		g.Value, g.Certainty = col.DateOrder, col.DateCertainty
		if g.Certainty != Proven {
			g.Alternatives = slices.DeleteFunc([]string{"dmy", "mdy"}, func(s string) bool { return s == col.DateOrder })
			if c.firsts > 0 && c.settled.record == 0 && col.DateOrder != "ymd" {
				g.Alternatives = append(g.Alternatives, "ymd")
			}
		}
		out.Ledger = append(out.Ledger, g)
	}
	if col.SerialDates {
		out.Ledger = append(out.Ledger, Guess{Name: "dates", Value: "excel", Certainty: Likely, Column: i, Flag: "--dates", Samples: col.Samples, Record: col.SerialRecord,
			Evidence: "whole numbers between 20,000 and 60,000 under the heading of a date are Excel's days"})
	}
	if g, ok := c.booleans(col, i); ok {
		out.Ledger = append(out.Ledger, g)
	}
	if col.Decimal != "" {
		g := Guess{Name: "decimal", Column: i, Flag: "--decimal", Record: col.DecimalRecord}
		g.Evidence, g.Samples = c.decimalEvidence(col)
		if col.DecimalCertainty == Unproven && decimal != "" && (c.dot.record == 0 || c.comma.record == 0) {
			col.Decimal, col.DecimalCertainty = decimal, Likely
			g.Evidence = "as in the other column of numbers"
		}
		g.Value, g.Certainty = col.Decimal, col.DecimalCertainty
		if g.Certainty != Proven {
			g.Alternatives = slices.DeleteFunc([]string{".", ","}, func(s string) bool { return s == col.Decimal })
		}
		out.Ledger = append(out.Ledger, g)
	}
}

// booleans says by which words a column means yes and no.
func (c *columnCounter) booleans(col *ColumnProfile, i int) (Guess, bool) {
	if c.shapes.YesNo*10 < c.filled*9 || c.filled == 0 || col.Capped {
		return Guess{}, false
	}
	var words []string
	for _, v := range col.Values {
		if isYesNo(v.Text) && len(words) < 4 {
			words = append(words, v.Text)
		}
	}
	g := Guess{Name: "booleans", Value: strings.Join(words, " / "), Certainty: Proven, Column: i, Record: c.yes.record, Samples: words, Evidence: "every filled cell is one of these words"}
	if c.shapes.YesNo < c.filled {
		g.Certainty, g.Evidence = Likely, fmt.Sprintf("%d of %d filled cells are such words", c.shapes.YesNo, c.filled)
	}
	return g, true
}

func topValues(m map[string]*seenValue) []ValueCount {
	out := make([]ValueCount, 0, len(m))
	for v, s := range m {
		out = append(out, ValueCount{v, s.count})
	}
	slices.SortFunc(out, func(a, b ValueCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(m[a.Text].first, m[b.Text].first))
	})
	return out
}

// proof is the first record that shows something, and its cell.
type proof struct {
	record int64
	cell   string
}

func (p *proof) see(record int64, cell string) {
	if p.record == 0 || record < p.record {
		*p = proof{record, strings.Clone(clip(cell))}
	}
}

func (p *proof) merge(q proof) {
	if q.record > 0 && (p.record == 0 || q.record < p.record) {
		*p = q
	}
}

func (p proof) String() string { return fmt.Sprintf("record %d has %q", p.record, p.cell) }
