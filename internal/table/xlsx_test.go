package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestDamagedWorkbooks: rule 1.5, never a shorter table; bombs refused in bounded memory.
func TestDamagedWorkbooks(t *testing.T) {
	dir := corpus(t, "xlsx-damaged")
	files, err := filepath.Glob(filepath.Join(dir, "*.xlsx"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".xlsx")
		t.Run(name, func(t *testing.T) {
			src, err := OpenFile(path)
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			n, err := countRows(t, src)
			runtime.ReadMemStats(&after)
			t.Logf("%d rows, %v, %d MB allocated", n, err, (after.TotalAlloc-before.TotalAlloc)>>20)
			if name == "ok" || name == "stored" {
				if err != nil || n != 2000 {
					t.Errorf("%d rows, %v", n, err)
				}
				return
			}
			if err == nil {
				t.Errorf("read %d rows without an error", n)
			}
			if after.TotalAlloc-before.TotalAlloc > 128<<20 {
				t.Errorf("%d MB allocated", (after.TotalAlloc-before.TotalAlloc)>>20)
			}
		})
	}
}

// countRows reads without heading.
func countRows(t testing.TB, src Source) (int, error) {
	zero := 0
	det, err := Detect(t.Context(), src, Options{Header: &zero})
	if err != nil {
		return 0, err
	}
	r, err := det.Open(src)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	n := 0
	var b Batch
	for {
		err := r.Next(t.Context(), &b)
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n += len(b.Rows)
	}
}

// TestCells: the kinds of cells and number formats (rules 1.1, 3.3).
func TestCells(t *testing.T) {
	tests := []struct{ name, cell, want string }{
		{"shared", `<c t="s"><v>0</v></c>`, "shared"},
		{"rich text without phonetics", `<c t="s"><v>1</v></c>`, "rich text"},
		{"escapes", `<c t="s"><v>2</v></c>`, "a\rb & A"},
		{"inline", `<c t="inlineStr"><is><t> x </t></is></c>`, "x"},
		{"inline with its blanks", `<c t="inlineStr"><is><t xml:space="preserve"> x </t></is></c>`, " x "},
		{"rich with its blanks", `<c t="inlineStr"><is><r><t xml:space="preserve">a </t></r><r><t> b</t></r></is></c>`, "a b"},
		{"escaped escape", `<c t="inlineStr"><is><t>_x005F_x000D_</t></is></c>`, "_x000D_"},
		{"two halves of a character", `<c t="inlineStr"><is><t>a_xD83D__xDE00_b_xD83D_</t></is></c>`, "a😀b\ufffd"},
		{"inline rich", `<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>`, "ab"},
		{"cdata", `<c t="inlineStr"><is><t><![CDATA[a<b&c]]></t></is></c>`, "a<b&c"},
		{"integer", `<c><v>42</v></c>`, "42"},
		{"long id", `<c><v>491701234567</v></c>`, "491701234567"},
		{"id in scientific notation", `<c><v>4.9170123456700001E+11</v></c>`, "491701234567"},
		{"float noise", `<c><v>1.1000000000000001</v></c>`, "1.1"},
		{"date", `<c s="1"><v>45658</v></c>`, "2025-01-01"},
		{"date and time", `<c s="2"><v>45658.75</v></c>`, "2025-01-01 18:00:00"},
		{"before the day that never was", `<c s="1"><v>59</v></c>`, "1900-02-28"},
		{"after it", `<c s="1"><v>61</v></c>`, "1900-03-01"},
		{"leading zeros", `<c s="3"><v>1234</v></c>`, "01234"},
		{"percent", `<c s="4"><v>0.07</v></c>`, "7%"},
		{"time", `<c s="5"><v>0.5</v></c>`, "12:00:00"},
		{"elapsed", `<c s="6"><v>1.5</v></c>`, "36:00:00"},
		{"quoted letters are no date", `<c s="7"><v>5</v></c>`, "5"},
		{"true", `<c t="b"><v>1</v></c>`, "TRUE"},
		{"error", `<c t="e"><v>#N/A</v></c>`, "#N/A"},
		{"formula", `<c t="str"><f>A1&amp;B1</f><v>cached</v></c>`, "cached"},
		{"number of a formula", `<c><f>1+1</f><v>2</v></c>`, "2"},
		{"formula without a value", `<c><f>1+1</f></c>`, ""},
		{"iso date", `<c t="d"><v>2025-01-01</v></c>`, "2025-01-01"},
		{"iso date and time", `<c s="2" t="d"><v>2025-01-01T12:30:00.000</v></c>`, "2025-01-01 12:30:00"},
		{"iso date before the day that never was", `<c s="1" t="d"><v>1900-01-15</v></c>`, "1900-01-15"},
		{"prefix and other quotes", `<x:c s='1'><x:v>45658</x:v></x:c>`, "2025-01-01"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sheet := `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="inlineStr"><is><t>value</t></is></c></row><row r="3"><c r="A3" t="inlineStr"><is><t>x</t></is></c>` + tt.cell + `</row></sheetData></worksheet>`
			one := 1
			_, rows := readAll(t, BytesSource("x.xlsx", tinyBook(t, sheet)), Options{Header: &one})
			if len(rows) != 1 || rows[0].Cells[1] != tt.want || rows[0].Line != 3 {
				t.Errorf("%+v, want %q", rows, tt.want)
			}
		})
	}
}

// TestSheets: rule 1.1, the fullest visible sheet first; changeable by name or number.
func TestSheets(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for i, name := range []string{"Notes", "Leads", "Hidden"} {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for row := range []int{2, 50, 500}[i] {
			for col := range 3 {
				cell, err := excelize.CoordinatesToCellName(col+1, row+1)
				if err != nil {
					t.Fatal(err)
				}
				if err := f.SetCellValue(name, cell, fmt.Sprintf("%s %d", name, row)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	date1904 := true
	if err := errors.Join(f.SetSheetVisible("Hidden", false), f.DeleteSheet("Sheet1"), f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &date1904})); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := f.Write(&buf); err != nil {
		t.Fatal(err)
	}
	src := BytesSource("x.xlsx", buf.Bytes())
	for opt, want := range map[string]string{"": "Leads", "Notes": "Notes", "notes": "Notes", "3": "Hidden"} {
		det, rows := readAll(t, src, Options{Sheet: opt})
		if det.Sheet != want || !strings.HasPrefix(rows[0].Cells[2], want) {
			t.Errorf("%q: %s %q", opt, det.Sheet, rows[0].Cells)
		}
	}
	if _, err := Detect(t.Context(), src, Options{Sheet: "nope"}); err == nil {
		t.Error("an unknown sheet was found")
	}
	if got := string(appendSerial(nil, 44196, 'd', true)); got != "2025-01-01" {
		t.Error(got)
	}
}
