package table

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// readAll reads a source to its end.
func readAll(t testing.TB, src Source, opt Options) (*Detection, []Row) {
	t.Helper()
	det, err := Detect(context.Background(), src, opt)
	if err != nil {
		t.Fatalf("detect %s: %v", src.Name(), err)
	}
	return det, readRows(t, src, det)
}

func readRows(t testing.TB, src Source, det *Detection) []Row {
	t.Helper()
	r, err := det.Open(src)
	if err != nil {
		t.Fatalf("open %s: %v", src.Name(), err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var rows []Row
	var b Batch
	for {
		err := r.Next(context.Background(), &b)
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatalf("read %s: %v", src.Name(), err)
		}
		for _, row := range b.Rows {
			row.Cells = append([]string(nil), row.Cells...)
			rows = append(rows, row)
		}
	}
}

func TestOrdinaryCSV(t *testing.T) {
	src := BytesSource("a.csv", []byte("Name,Note\r\n\"Müller, Ana\",\"said \"\"hi\"\"\"\r\n\r\nBob,x\r\n"))
	det, rows := readAll(t, src, Options{})
	if det.Headings[0] != "Name" || len(rows) != 2 {
		t.Fatalf("%+v %+v", det, rows)
	}
	if rows[0].Cells[0] != "Müller, Ana" || rows[0].Cells[1] != `said "hi"` || rows[1].Line != 4 {
		t.Fatalf("%+v", rows)
	}
}

// TestQuotedAsIs: what stands in quotes is text, also where the same without quotes
// would be odd: blanks before every cell, other quotes around every cell (rule 1.3).
func TestQuotedAsIs(t *testing.T) {
	for line, want := range map[string][]string{
		`""," "," "`:             {"", " ", " "},
		`1," a"," b"`:            {"1", " a", " b"},
		`1, a, b`:                {"1", "a", "b"},
		`1," a", b`:              {"1", " a", " b"},
		`"'x'","'y'","'z'"`:      {"'x'", "'y'", "'z'"},
		`'x','y','z'`:            {"x", "y", "z"},
		`1," ""a"""," ""b"", c"`: {"1", ` "a"`, ` "b", c`},
	} {
		for text, record := range map[string]int{line: 0, line + "\n": 0, "a,b,c\n1,2,3\n" + line + "\r\n4,5,6\n": 2} {
			det := &Detection{Format: "csv", Encoding: "utf-8", Delimiter: ",", Quote: `"`, Escape: `"`, Headings: make([]string, 3), FirstLine: 1}
			row := readRows(t, BytesSource("x", []byte(text)), det)[record]
			if !slices.Equal(row.Cells, want) || strings.Contains(line, `""a`) && row.Notice != "" {
				t.Errorf("%q: got %q %s, want %q", text, row.Cells, row.Notice, want)
			}
		}
	}
}
