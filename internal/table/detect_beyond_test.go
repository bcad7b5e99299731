package table

import (
	"fmt"
	"strings"
	"testing"
)

// TestTablesBeyondSample: rule 1.3, a table that begins after more than 256 KB and
// 1,000 rows is a table of its own; the larger is offered.
func TestTablesBeyondSample(t *testing.T) {
	table := func(heading, format string, n int) string {
		var b strings.Builder
		b.WriteString(heading + "\n")
		for i := range n {
			fmt.Fprintf(&b, format+"\n", i)
		}
		return b.String()
	}
	people := func(n int) string { return table("id,name,mail", "%d,Ana Lee of the third floor,ana@example.com", n) }
	sales := func(n int) string { return table("region,sum", "north %d,12.50", n) }
	for name, tt := range map[string]struct {
		text, sheet string
		records     int
		heading     string
		line        int64
	}{
		"the first is larger":     {people(30_000) + "\n" + sales(50), "table 1", 30_000, "mail", 2},
		"the second is larger":    {people(9_000) + "\n" + sales(90_000), "table 2", 90_000, "sum", 9_004},
		"few bytes, many records": {table("a,b", "%d,1", 1_500) + "\n" + people(4_000), "table 2", 4_000, "mail", 1_504},
		"no blank line":           {people(9_000) + sales(90_000), "table 2", 90_000, "sum", 9_003},
		"three":                   {people(9_000) + "\n" + sales(20) + "\n\n" + people(9_500), "table 3", 9_500, "mail", 9_027},
	} {
		t.Run(name, func(t *testing.T) {
			src := BytesSource("x.csv", []byte(tt.text))
			det, rows := readAll(t, src, Options{})
			if det.Sheet != tt.sheet || len(rows) != tt.records || det.Headings[len(det.Headings)-1] != tt.heading || rows[0].Line != tt.line {
				t.Errorf("%s of %q, %d records from line %d, %q\n%+v", det.Sheet, det.Sheets, len(rows), rows[0].Line, det.Headings, det.Ledger)
			}
			if g, ok := det.Guess("sheet"); !ok || len(g.Alternatives) != len(det.Sheets)-1 || len(det.Skipped) != len(det.Sheets)-1 {
				t.Errorf("%+v %+v", g, det.Skipped)
			}
			if name == "the second is larger" {
				det, rows := readAll(t, src, Options{Sheet: "1"})
				if len(rows) != 9_000 || det.Sheet != "table 1" {
					t.Errorf("asked for the first: %s, %d records", det.Sheet, len(rows))
				}
				if _, err := Detect(t.Context(), src, Options{Sheet: "3"}); err == nil {
					t.Error("an unknown table was found")
				}
			}
		})
	}
	// Ragged records and blank lines are no other table.
	var b strings.Builder
	b.WriteString("id,name,mail\n")
	for i := range 30_000 {
		switch {
		case i%997 == 0:
			b.WriteString("\n7,Bo\n8,Cy,c@example.com,,\n")
		case i%1009 == 0:
			b.WriteString("id,name,mail\n")
		}
		fmt.Fprintf(&b, "%d,Ana,ana%d@example.com\n", i, i)
	}
	det, rows := readAll(t, BytesSource("x.csv", []byte(b.String())), Options{})
	if det.Sheets != nil || len(rows) != 30_000+31*2+29 {
		t.Errorf("%q, %d records", det.Sheets, len(rows))
	}
}

// TestMixedEncodings: rule 1.2, lines of two encodings in one file are never passed
// in silence, and where UTF-8 prevails each cell that is none is named.
func TestMixedEncodings(t *testing.T) {
	text := "name,town\n" + strings.Repeat("Jörg,Köln\n", 5) + "Bj\xf6rn,Malm\xf6\n" + strings.Repeat("Zoë,Orléans\n", 5)
	det, rows := readAll(t, BytesSource("x.csv", []byte(text)), Options{})
	if det.Encoding != "utf-8" || len(rows) != 11 || len(rows[5].Bad) != 2 || rows[5].Bad[1].Column != 1 || rows[5].Bad[1].Line != 7 || len(rows[4].Bad)+len(rows[6].Bad) > 0 {
		t.Errorf("%s %+v", det.Encoding, rows)
	}
	for text, encoding := range map[string]string{
		"name,town\nAna,K\xf6ln\nBo,Düren\n":                                "utf-8",
		"name,town\nAna,K\xf6ln\nJ\xf6rg,F\xfcrth\nBo,Düren\nA,L\xfcbeck\n": "windows-1252",
	} {
		det, _ := readAll(t, BytesSource("x.csv", []byte(text)), Options{})
		g, _ := det.Guess("encoding")
		if g.Certainty != Unproven || g.Value != encoding || !strings.Contains(g.Evidence, "mixes") {
			t.Errorf("%q: %+v", text, g)
		}
	}
}
