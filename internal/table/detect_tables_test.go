package table

import (
	"strings"
	"testing"
)

// TestSecondTable: rule 1.3, the largest table is offered, the others are named
// and can be chosen; no row of one becomes a record of another.
func TestSecondTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("region,manager\nnorth,Ana\nsouth,Bob\n\nid,name,joined\n")
	for range 12 {
		b.WriteString("1,Ana,2024-01-02\n")
	}
	b.WriteString("\nid,city,since\nx,Oslo,high\ny,Rome,low\n")
	src := BytesSource("x.csv", []byte(b.String()))
	for sheet, want := range map[string]struct {
		heading string
		records int
		line    int64
	}{"": {"joined", 12, 6}, "1": {"manager", 2, 2}, "table 2": {"joined", 12, 6}, "3": {"since", 2, 20}} {
		det, rows := readAll(t, src, Options{Sheet: sheet})
		if det.Headings[len(det.Headings)-1] != want.heading || len(rows) != want.records || rows[0].Line != want.line {
			t.Errorf("table %q: %q, %d records, the first in line %d; %+v", sheet, det.Headings, len(rows), rows[0].Line, det.Ledger)
		}
		g, ok := det.Guess("sheet")
		if !ok || len(g.Alternatives) != 2 || len(det.Sheets) != 3 || len(det.Skipped) != 2 || g.Samples[2] != "table 3: lines 19 to 21" {
			t.Errorf("table %q: %+v, %+v", sheet, g, det.Skipped)
		}
	}
	if _, err := Detect(t.Context(), src, Options{Sheet: "4"}); err == nil {
		t.Error("an unknown table was found")
	}
	// Groups of the same records are one table.
	det, rows := readAll(t, BytesSource("x.csv", []byte("id,name\n1,Ana\n2,Bob\n\n3,Cy\n4,Di\n\nid,name\n5,Ed\n")), Options{})
	if len(det.Sheets) > 0 || len(rows) != 6 {
		t.Errorf("%+v, %d records", det.Sheets, len(rows))
	}
}

// TestPaddedPreamble: a title that a spreadsheet wrote as wide as its table is
// no table.
func TestPaddedPreamble(t *testing.T) {
	file := "Fair 2026;;;\nAs of 12.11.2026;;;\n\nCompany;Person;Phone;Since\nSmith & Co;Ann Smith;0511 123;03.11.2026\nLow AG;Bob Low;0511 124;31.12.2026\nTotal;;;\n"
	det, rows := readAll(t, BytesSource("x.csv", []byte(file)), Options{})
	if len(det.Sheets) > 0 || det.Headings[0] != "Company" || len(rows) != 2 {
		t.Errorf("%v, %v, %d records", det.Sheets, det.Headings, len(rows))
	}
}

// TestTotal: a row of sums is no record, where a company of that name is one.
func TestTotal(t *testing.T) {
	file := "Company,Leads,City\nAcme,3,Rome\nBell,4,Bern\nCar,9,Paris\n"
	for end, want := range map[string]int{
		"\nTotal,16,\n": 3, "\nGrand total:,,16\n": 3, "\nTotal records: 3\n": 3,
		"Total,16,\n": 4, "\nTotal,16,Paris\n": 4, "\nTotal Energies,16,\n": 4,
	} {
		if _, rows := readAll(t, BytesSource("x.csv", []byte(file+end)), Options{}); len(rows) != want {
			t.Errorf("%q: %d records, want %d", end, len(rows), want)
		}
	}
}
