package table

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func profileOf(t *testing.T, text string) *Profile {
	t.Helper()
	src := BytesSource("x.csv", []byte(text))
	det, err := Detect(context.Background(), src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := ProfileOf(context.Background(), src, det)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProfileDates: rules 1.6 and 3.3.
func TestProfileDates(t *testing.T) {
	tests := []struct {
		name, cells string
		order       string
		certainty   Certainty
		record      int64
	}{
		{"day proven", "03/04/2025 05/06/2025 13/04/2025", "dmy", Proven, 3},
		{"month proven", "03/04/2025 03/14/2025", "mdy", Proven, 2},
		{"year first", "2025-03-04 2025-03-14", "ymd", Proven, 1},
		{"all ambiguous", "03/04/2025 05/06/2025", "dmy", Unproven, 0},
		{"dots", "03.04.2025 05.06.2025", "dmy", Likely, 0},
		{"conflicting", "13/04/2025 03/14/2025", "dmy", Unproven, 0},
		{"no dates", "a b", "", "", 0},
		{"ISO with times", "2025-03-04T10:00:00Z 2025-03-05T11:30:00+02:00", "ymd", Proven, 1},
		{"named months ask nothing", "4-Mar-2025 5-Apr-2025", "dmy", Proven, 1},
		{"a named month after dates of the year", "2025-03-04 Mar-5-2025", "mdy", Proven, 2},
		{"named months beside ambiguous ones", "4-Mar-2025 03/04/2025", "dmy", Unproven, 0},
		{"two digits, a year that is no day", "03/04/95 25/04/98", "dmy", Proven, 2},
		{"two digits, year first", "25-04-03 98-05-06", "ymd", Proven, 2},
		{"two digits, either first", "25-04-33 98-05-06", "ymd", Unproven, 0},
		{"two digits, year first by all", "95-04-03 98-05-06", "ymd", Proven, 1},
		{"two digits, days vary", "25/04/23 13/05/23 28/06/24", "dmy", Likely, 0},
		{"two digits, ends vary", "23/04/25 23/05/13 24/06/28", "ymd", Unproven, 0},
		{"no such day", "03/04/2025 31/04/2025 05/06/2025", "dmy", Unproven, 0},
		{"day and month the same", "03/03/2025 04/04/2025", "", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := profileOf(t, "name,when\n"+"x,"+strings.Join(strings.Fields(tt.cells), "\nx,")+"\n")
			c := p.Columns[1]
			if c.DateOrder != tt.order || c.DateCertainty != tt.certainty || c.DateRecord != tt.record {
				t.Errorf("%s %s %d, want %+v; %+v", c.DateOrder, c.DateCertainty, c.DateRecord, tt, p.Ledger)
			}
		})
	}
}

// TestProfileDecimal: rule 1.6.
func TestProfileDecimal(t *testing.T) {
	tests := []struct {
		name, cells, mark string
		certainty         Certainty
	}{
		{"dot", "1.5 2", ".", Proven},
		{"comma", "1,5 2", ",", Proven},
		{"both", "1.234,50 2", ",", Proven},
		{"thousands twice", "1.234.567 2", ",", Proven},
		{"either", "1,234 2", ".", Unproven},
		{"conflict", "1,5 2.5", ".", Unproven},
		{"conflict, mostly commas", "1,5 2,75 2.5", ",", Unproven},
		{"lakh", "1,23,456.78 99", ".", Proven},
		{"Swiss", "1'234.50 99", ".", Proven},
		{"versions tell nothing", "1.5 1.2.3", ".", Proven},
		{"bracketed", "(1.234,50) 99", ",", Proven},
		{"none", "1 2", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := profileOf(t, "name;amount\nx;"+strings.Join(strings.Fields(tt.cells), "\nx;")+"\n")
			if c := p.Columns[1]; c.Decimal != tt.mark || c.DecimalCertainty != tt.certainty {
				t.Errorf("%q %s, want %+v; %+v", c.Decimal, c.DecimalCertainty, tt, p.Ledger)
			}
		})
	}
}

// TestProfileCounts: rules 1.4, 3.3.
func TestProfileCounts(t *testing.T) {
	var b strings.Builder
	b.WriteString("name,zip,phone,start date\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "Name %d,%d,4.9E+11,45321\n", i%3, 2000+i*15)
	}
	b.WriteString("\nshort\n1,2,3,4,5\n")
	p := profileOf(t, b.String())
	if p.Records != 5002 || p.Blank != 1 || p.Ragged != 1 || p.Long != 1 || p.FirstBad.Record != 5002 {
		t.Errorf("%+v", p)
	}
	if p := profileOf(t, "a,b\n1,2\n# note\n3,4\n"); p.Records != 2 || p.Comments != 1 {
		t.Errorf("%+v", p)
	}
	if c := p.Columns[0]; len(c.Values) != 4 || c.Values[0] != (ValueCount{"Name 0", 1667}) || c.Capped {
		t.Errorf("%+v", c)
	}
	if c := p.Columns[1]; !c.Capped || c.LostZeros == 0 {
		t.Errorf("%v %d", c.Capped, c.LostZeros)
	}
	if c := p.Columns[2]; c.Scientific != 5000 || c.ScientificRecord != 1 {
		t.Errorf("%+v", c)
	}
	if !p.Columns[3].SerialDates {
		t.Errorf("%+v", p.Columns[3])
	}
}
