package table

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/leadport/leadport/internal/proptest"
)

// TestNaughtyStrings: byte-identical through CSV and XLSX (rule 10.3).
func TestNaughtyStrings(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(corpus(t, "blns"), "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"csv", "csv protected", "xlsx", "jsonl"} {
		t.Run(format, func(t *testing.T) {
			var buf bytes.Buffer
			var w RowWriter
			switch format {
			case "csv":
				w = NewCSVWriter(&buf, CSVOptions{BOM: true})
			case "csv protected":
				w = NewCSVWriter(&buf, CSVOptions{Protect: true})
			case "xlsx":
				w = NewXLSXWriter(&buf)
			case "jsonl":
				w = NewJSONLWriter(&buf)
			}
			write(t, w, []string{"id", "text"})
			for _, s := range all {
				write(t, w, []string{"x", s})
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			_, rows := readAll(t, BytesSource("blns", buf.Bytes()), Options{})
			if len(rows) != len(all) {
				t.Fatalf("%d rows of %d", len(rows), len(all))
			}
			for i, r := range rows {
				got := r.Cells[1]
				if format == "csv protected" && NeedsProtection(all[i]) {
					got = got[1:]
				}
				if got != all[i] {
					t.Errorf("record %d: got %q, want %q", i+1, got, all[i])
				}
			}
		})
	}
}

func write(t interface{ Fatal(...any) }, w RowWriter, cells []string) {
	if err := w.Write(cells); err != nil {
		t.Fatal(err)
	}
}

// TestXLSXWriterMarks: rule 10.1.
func TestXLSXWriterMarks(t *testing.T) {
	var buf bytes.Buffer
	w := NewXLSXWriter(&buf)
	w.Offer(1, []string{"new", "won"})
	write(t, w, []string{"name", "status"})
	w.Mark(1, "Hot is no status.")
	write(t, w, []string{"Ana", "Hot"})
	write(t, w, []string{"=1+1", "new"})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(buf.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	notes, err := f.GetComments("Leads")
	if err != nil || len(notes) != 1 || notes[0].Cell != "B2" {
		t.Errorf("notes %+v, %v", notes, err)
	}
	list, err := f.GetDataValidations("Leads")
	if err != nil || len(list) != 1 {
		t.Errorf("lists %+v, %v", list, err)
	}
	if formula, err := f.GetCellFormula("Leads", "A3"); err != nil || formula != "" {
		t.Errorf("a formula %q, %v", formula, err)
	}
	det, rows := readAll(t, BytesSource("x.xlsx", buf.Bytes()), Options{})
	if det.Sheet != "Leads" || len(rows) != 2 || rows[1].Cells[0] != "=1+1" || rows[1].Line != 3 {
		t.Errorf("%+v %+v", det, rows)
	}
}

// TestRoundTrip: what any dialect writes, its reader reads, and every record can
// be reached by its position (rules 1.3, 1.4).
func TestRoundTrip(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		opt := CSVOptions{
			Delimiter: rapid.SampledFrom([]string{",", ";", "\t", "|", ", ", "||", "¦", "~|~", " "}).Draw(t, "delimiter"),
			Quote:     rapid.SampledFrom([]byte{'"', '\''}).Draw(t, "quote"),
			LineEnd:   rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "line end"),
			BOM:       rapid.Bool().Draw(t, "bom"),
		}
		width := rapid.IntRange(1, 6).Draw(t, "width")
		cell := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9,;"'|~¦\t\r\n #\\]{0,12}`))
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, width, width), 1, 40).Draw(t, "rows")
		var buf bytes.Buffer
		w := NewCSVWriter(&buf, opt)
		for _, r := range rows {
			write(t, w, r)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		det := &Detection{Format: "csv", Encoding: "utf-8", Delimiter: opt.Delimiter, Quote: string(opt.Quote), Escape: string(opt.Quote), Headings: make([]string, width), FirstLine: 1}
		if opt.BOM {
			det.FirstOffset = 3
		}
		if opt.LineEnd == "\r" {
			det.LineEnd = "cr"
		}
		src := BytesSource("x", buf.Bytes())
		r, err := det.Open(src)
		if err != nil {
			t.Fatal(err)
		}
		b := Batch{Max: 7}
		var got []Row
		for r.Next(t.Context(), &b) == nil {
			for _, row := range b.Rows {
				row.Cells = slices.Clone(row.Cells)
				got = append(got, row)
			}
		}
		if len(got) != len(rows) {
			t.Fatalf("%d rows of %d in %q", len(got), len(rows), buf.String())
		}
		for i, row := range got {
			if !slices.Equal(row.Cells, rows[i]) || row.Problem != "" {
				t.Fatalf("row %d: got %q %s, want %q in %q", i, row.Cells, row.Problem, rows[i], buf.String())
			}
			if err := r.Seek(row.Position()); err != nil {
				t.Fatal(err)
			}
			if err := r.Next(t.Context(), &b); err != nil || b.Rows[0].Record != row.Record || b.Rows[0].Line != row.Line || !slices.Equal(b.Rows[0].Cells, row.Cells) {
				t.Fatalf("seek to record %d: %v", row.Record, err)
			}
		}
	})
}
