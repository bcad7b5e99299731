package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// bookParts is a workbook of one sheet, written as few programs write it: absolute
// and backslashed part names, namespaces of strict files, prefixes.
func bookParts(sheet string) map[string]string {
	return map[string]string{
		`[Content_Types].xml`: `<Types/>`,
		`_rels\.rels`:         `<Relationships><Relationship Id="a" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		`xl\workbook.xml`: `<x:workbook xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main" xmlns:rel="r"><x:sheets><x:sheet name="Chart" sheetId="3" rel:id="c"/>` +
			`<x:sheet name="Old &amp; gone" sheetId="2" state="hidden" rel:id="b"/><x:sheet name="Data" sheetId="1" rel:id="d"/></x:sheets></x:workbook>`,
		`xl\_rels\workbook.xml.rels`: `<Relationships><Relationship Id="d" Type="http://x/worksheet" Target="/xl/worksheets/sheet1.xml"/><Relationship Id="b" Type="http://x/worksheet" Target="worksheets/sheet2.xml"/>` +
			`<Relationship Id="c" Type="http://x/chartsheet" Target="chartsheets/sheet1.xml"/><Relationship Id="s" Type="http://x/styles" Target="styles.xml"/><Relationship Id="t" Type="http://x/sharedStrings" Target="../xl/strings.xml"/></Relationships>`,
		`xl\styles.xml`: `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="&quot;No. &quot;0"/><numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode=";;;"/></numFmts>` +
			`<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="10"/><xf numFmtId="166"/></cellXfs></styleSheet>`,
		`xl\strings.xml`: `<sst count="1" uniqueCount="9999"><si><t>Name</t></si><si><r><rPr><b/></rPr><t>Rich</t></r><r><t xml:space="preserve"> text</t></r></si>` +
			`<si><t>課</t><rPh sb="0" eb="1"><t>か</t></rPh></si><si><t>two_x000D_&#10;lines</t></si><si><t/></si></sst>`,
		`xl\worksheets\sheet1.xml`: sheet,
		`xl\worksheets\sheet2.xml`: `<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`,
	}
}

func zipOf(t *testing.T, parts map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

const oddSheet = `<?xml version="1.0"?><worksheet xmlns="m"><dimension ref="A1:B2"/><sheetData>
<row r="2" spans="1:3"><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c><c t="inlineStr"><is><t>When</t></is></c><c t="str"><v>Share &amp; more</v></c></row>
<row><c r="c3" s="2"><v>12</v></c><c r="A3" t="b"><v>1</v></c><c r="B3" t="e"><v>#N/A</v></c><c r="D3" s="1" t="d"><v>2025-01-02</v></c><c r="E3" s="4"><f>1/8</f><v>0.125</v></c></row>
<row r="5" hidden="1"><c t="str"><v>x</v></c><c t="s"><v>3</v></c><c s="3"><v>1.5</v></c><c s="1"><v>45659</v></c><c s="4"><v>1</v></c></row>
<row r="6"><c t="n"><v>1E3</v></c><c s="5"><f>A1</f><v>7</v></c><c t="s"><v>4</v></c><c s="0"><v>0.30000000000000004</v></c><c t="str"><f>A1</f><v></v></c><c><f>A9</f></c><c><f t="shared" si="0"/></c></row>
<row r="8"><c t="inlineStr"><is><t>Total</t></is></c></row></sheetData><mergeCells count="2"><mergeCell ref="A8:B8"/><mergeCell ref="A9:B9"/></mergeCells></worksheet>`

// TestOddWorkbook: what programs other than Excel write.
func TestOddWorkbook(t *testing.T) {
	src := BytesSource("odd.xlsx", zipOf(t, bookParts(oddSheet)))
	for _, shown := range []bool{false, true} {
		det, err := Detect(t.Context(), src, Options{AsShown: shown})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := drain(t, src, det)
		if err != nil {
			t.Fatal(err)
		}
		got := [][]string{det.Headings}
		for _, r := range rows {
			got = append(got, r.Cells)
		}
		want := [][]string{
			{"Name", "Rich text", "課", "When", "Share & more"},
			{"TRUE", "#N/A", "12", "2025-01-02", "12.5%"}, {"x", "two\r\nlines", "36:00:00", "2025-01-02", "100%"}, {"1000", "7", "", "0.3", ""},
		}
		if shown {
			want[1], want[2], want[3] = []string{"TRUE", "#N/A", "No. 12", "1/2/2025", "12.50%"}, []string{"x", "two\r\nlines", "36:00", "1/2/2025", "100.00%"}, []string{"1000", "", "", "0.3", ""}
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("shown %v:\n%q\nwant\n%q", shown, got, want)
		}
		if det.Sheet != "Data" || !slices.Equal(det.Sheets, []string{"Data", "Old & gone"}) {
			t.Errorf("sheets %q, %q", det.Sheet, det.Sheets)
		}
		if len(det.Skipped) != 1 || det.Skipped[0].Kind != "footer" || det.Skipped[0].Line != 8 {
			t.Errorf("skipped %v", det.Skipped)
		}
		p, err := ProfileOf(t.Context(), src, det)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(p.Ledger, func(g Guess) bool { return g.Name == "merged cells" && g.Value == "2" && g.Samples[0] == "A8:B8" }) {
			t.Errorf("ledger %v", p.Ledger)
		}
		if !slices.ContainsFunc(p.Ledger, func(g Guess) bool {
			return g.Name == "formulas without a value" && g.Value == "2" && g.Samples[0] == "F6"
		}) {
			t.Errorf("ledger %v", p.Ledger)
		}
	}
}

// TestWorkbookRefused: what cannot be right is an error, never a guess.
func TestWorkbookRefused(t *testing.T) {
	for name, change := range map[string][2]string{
		"a cell twice":         {`<c r="A3" t="b"><v>1</v></c>`, `<c r="C3" t="b"><v>1</v></c>`},
		"a string too far":     {`<v>3</v>`, `<v>33</v>`},
		"no end of the sheet":  {`</sheetData>`, ``},
		"rows backwards":       {`r="8"`, `r="4"`},
		"an unknown entity":    {`&amp;`, `&nope;`},
		"a reference too wide": {`r="E3"`, `r="XFE3"`},
	} {
		src := BytesSource("bad.xlsx", zipOf(t, bookParts(strings.Replace(oddSheet, change[0], change[1], 1))))
		if n, err := countRows(t, src); err == nil {
			t.Errorf("%s: %d rows", name, n)
		}
	}
}

// TestReadAhead: a sheet that is unpacked ahead is the same, seeks and closes early.
func TestReadAhead(t *testing.T) {
	var sheet strings.Builder
	sheet.WriteString(`<worksheet><sheetData><row><c t="str"><v>Name</v></c><c t="str"><v>Number</v></c></row>`)
	for i := range 30_000 {
		sheet.WriteString(`<row><c t="str"><v>somebody</v></c><c><v>`)
		sheet.WriteString(strings.Repeat(string(rune('1'+i%9)), 5))
		sheet.WriteString(`</v></c></row>`)
	}
	sheet.WriteString(`</sheetData></worksheet>`)
	src := BytesSource("long.xlsx", zipOf(t, bookParts(sheet.String())))
	det, err := Detect(t.Context(), src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := drain(t, src, det)
	if err != nil || len(rows) != 30_000 || rows[29_999].Cells[1] != "33333" {
		t.Fatal(len(rows), err)
	}
	r, err := det.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	if err := r.Next(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	last := rows[20_000]
	if err := r.Seek(Position{Offset: last.Offset, Line: last.Line, Record: last.Record}); err != nil {
		t.Fatal(err)
	}
	if err := r.Next(t.Context(), &b); err != nil || b.Rows[0].Record != last.Record || b.Rows[0].Cells[1] != last.Cells[1] {
		t.Fatal(b.Rows[0], err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestLongSheetFooter: the footer of a sheet that is longer than what Detect looks
// at is no record, wherever the batches end; a sheet without one keeps its last row.
func TestLongSheetFooter(t *testing.T) {
	for _, n := range []int{300, 600, 1023, 1024, 1025, 2048, 2050} {
		for _, footer := range []string{"", `<row r="%d"><c t="str"><v>Total</v></c></row>`} {
			var sheet strings.Builder
			sheet.WriteString(`<worksheet><sheetData><row r="1"><c t="str"><v>Name</v></c><c t="str"><v>City</v></c><c t="str"><v>Number</v></c></row>`)
			for i := range n {
				fmt.Fprintf(&sheet, `<row r="%d"><c t="str"><v>Somebody %d</v></c><c t="str"><v>Rome</v></c><c><v>%d</v></c></row>`, i+2, i, i)
			}
			if footer != "" {
				fmt.Fprintf(&sheet, footer, n+3)
			}
			sheet.WriteString(`</sheetData></worksheet>`)
			src := BytesSource("long.xlsx", zipOf(t, bookParts(sheet.String())))
			det, err := Detect(t.Context(), src, Options{})
			if err != nil {
				t.Fatal(err)
			}
			p, err := ProfileOf(t.Context(), src, det)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := drain(t, src, det)
			if err != nil || p.Records != int64(n) || len(rows) != n || p.Blank != 0 || rows[n-1].Cells[2] != fmt.Sprint(n-1) {
				t.Errorf("%d rows, footer %q: %d in the profile, %d read, %d blank, %v", n, footer, p.Records, len(rows), p.Blank, err)
			}
			if found := len(det.Skipped) == 1 && det.Skipped[0].Line == int64(n+3); found != (footer != "") {
				t.Errorf("%d rows, footer %q: skipped %v", n, footer, det.Skipped)
			}
			if _, told := det.Guess("footer"); told != (footer != "") {
				t.Errorf("%d rows, footer %q: ledger %v", n, footer, det.Ledger)
			}
		}
	}
}

// TestOddPackages: how the zip around a workbook may be written, and may not.
func TestOddPackages(t *testing.T) {
	parts := bookParts(oddSheet)
	build := func(change func(*zip.FileHeader), extra ...string) Source {
		var buf bytes.Buffer
		z := zip.NewWriter(&buf)
		names := append(slices.Sorted(maps.Keys(parts)), extra...)
		for _, name := range names {
			h := &zip.FileHeader{Name: name, Method: zip.Deflate}
			change(h)
			w, err := z.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(parts[name])); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return BytesSource("odd.xlsm", buf.Bytes())
	}
	for name, src := range map[string]Source{
		"with data descriptors": build(func(*zip.FileHeader) {}),
		"stored":                build(func(h *zip.FileHeader) { h.Method = zip.Store }),
		"in other case":         build(func(h *zip.FileHeader) { h.Name = strings.ToUpper(h.Name) }),
		"with slashes":          build(func(h *zip.FileHeader) { h.Name = strings.ReplaceAll(h.Name, `\`, "/") }),
		"with a leading slash":  build(func(h *zip.FileHeader) { h.Name = "/" + strings.ReplaceAll(h.Name, `\`, "/") }),
	} {
		if n, err := countRows(t, src); err != nil || n != 5 {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
	}
	var refusal *Refusal
	if _, err := countRows(t, build(func(h *zip.FileHeader) { h.Flags |= 1 })); !errors.As(err, &refusal) || refusal.Format != "encrypted" {
		t.Errorf("encrypted parts: %v", err)
	}
	var damage *Damage
	if _, err := countRows(t, build(func(*zip.FileHeader) {}, `xl/WORKSHEETS/sheet1.xml`)); !errors.As(err, &damage) {
		t.Errorf("a part twice: %v", err)
	}
}

// TestWholeSheet: as Excel saves it, and no more than it holds.
func TestWholeSheet(t *testing.T) {
	read := func(sheet string) ([][]string, error) {
		src := BytesSource("x.xlsx", tinyBook(t, sheet))
		det, err := Detect(t.Context(), src, Options{AsShown: true, Whole: true})
		if err != nil {
			return nil, err
		}
		rows, err := drain(t, src, det)
		var out [][]string
		for _, r := range rows {
			if r.Problem != "" {
				t.Errorf("row %d: %s", r.Line, r.Problem)
			}
			out = append(out, r.Cells)
		}
		return out, err
	}
	const text = `<c r="%s" t="str"><v>%s</v></c>`
	// Two tables, a title, a total and comments are all of the sheet.
	got, err := read(`<worksheet><sheetData><row r="1">` + fmt.Sprintf(text, "A1", "Title") + `</row><row r="3">` + fmt.Sprintf(text, "B3", "# x") + `</row><row r="4"><c r="C4"><v>1</v></c></row>` +
		`<row r="9">` + fmt.Sprintf(text, "A9", "Total") + `<c r="E9" s="1"/></row></sheetData></worksheet>`)
	if want := [][]string{{"Title", "", ""}, {"", "# x", ""}, {"", "", "1"}, {"Total", "", ""}}; err != nil || !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%q, %v", got, err)
	}
	// One cell far to the right.
	got, err = read(`<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="XFD2"><v>2</v></c></row></sheetData></worksheet>`)
	if err != nil || len(got) != 2 || len(got[0]) != MaxColumns || got[1][MaxColumns-1] != "2" {
		t.Errorf("%d rows, %v", len(got), err)
	}
	// Columns that begin below the rows looked at.
	var long strings.Builder
	long.WriteString(`<worksheet><dimension ref="A1:D%[1]d"/><sheetData>`)
	for range sheetSample + 10 {
		long.WriteString(`<row><c><v>1</v></c><c><v>2</v></c></row>`)
	}
	long.WriteString(`<row><c><v>1</v></c><c/><c/><c><v>4</v></c></row></sheetData></worksheet>`)
	for _, said := range []bool{true, false} {
		sheet, width := long.String(), 4
		if !said {
			sheet, width = strings.Replace(sheet, "dimension", "other", 1), 2
		}
		got, err = read(sheet)
		if err != nil || len(got) != sheetSample+11 || len(got[0]) != width || len(got[sheetSample+10]) != 4 {
			t.Errorf("said %v: %d rows of %d, %v", said, len(got), len(got[0]), err)
		}
	}
	// A few cells that would be printed as gigabytes of commas.
	var sparse strings.Builder
	sparse.WriteString(`<worksheet><sheetData><row r="1"><c r="XFD1"><v>1</v></c></row>`)
	for i := range 5000 {
		fmt.Fprintf(&sparse, `<row r="%d"><c><v>1</v></c></row>`, i*200+2)
	}
	sparse.WriteString(`</sheetData></worksheet>`)
	var refusal *Refusal
	if _, err := read(sparse.String()); !errors.As(err, &refusal) {
		t.Errorf("sparse: %v", err)
	}
}

// TestDefaultStyle: a cell that names no style has the first one (18.3.1.4).
func TestDefaultStyle(t *testing.T) {
	src := BytesSource("x.xlsx", packBook(`<worksheet><sheetData><row r="1"><c r="A1"><v>45658</v></c><c r="B1" t="n"><v>45659</v></c><c r="C1" s="1"><v>45658</v></c></row></sheetData></worksheet>`, `<sst/>`,
		`<styleSheet><cellXfs><xf numFmtId="14"/><xf numFmtId="0"/></cellXfs></styleSheet>`))
	zero := 0
	if _, rows := readAll(t, src, Options{Header: &zero}); !slices.Equal(rows[0].Cells, []string{"2025-01-01", "2025-01-02", "45658"}) {
		t.Errorf("%q", rows[0].Cells)
	}
}

// TestPartEncodings: parts in UTF-16, as a package may hold them, and in what they
// declare; rows are found again by their offsets.
func TestPartEncodings(t *testing.T) {
	const sheet = `<worksheet><sheetData><row r="1"><c t="str"><v>Name</v></c><c t="str"><v>Note</v></c></row><row r="2"><c t="str"><v>Žofie €</v></c><c t="s"><v>0</v></c></row><row r="3"><c t="str"><v>Åke</v></c><c><v>2</v></c></row></sheetData></worksheet>`
	for _, name := range []string{"utf-16le", "utf-16be", "windows-1252", "utf-8"} {
		parts := bookParts(`<?xml version="1.0" encoding="` + strings.TrimRight(name, "lbe") + `"?>` + sheet)
		for part, text := range parts {
			if strings.HasPrefix(name, "utf-16") {
				text = "\ufeff" + text
			} else if !strings.Contains(part, "sheet1") {
				continue
			}
			raw, ok := tryEncode(text, name)
			if !ok {
				t.Fatal(name)
			}
			parts[part] = string(raw)
		}
		src := BytesSource("x.xlsx", zipOf(t, parts))
		_, rows := readAll(t, src, Options{})
		if len(rows) != 2 || rows[0].Cells[0] != "Žofie €" || rows[0].Cells[1] != "Name" || rows[1].Cells[0] != "Åke" {
			t.Errorf("%s: %v", name, rows)
		}
	}
}

// TestTargets: relationships may name parts with backslashes or in percent encoding;
// a number is digits alone.
func TestTargets(t *testing.T) {
	parts := bookParts(`<worksheet><sheetData><row><c t="str"><v>Name</v></c><c t="str"><v>n</v></c></row><row><c t="str"><v>Ann</v></c><c><v>1_000</v></c></row></sheetData></worksheet>`)
	rels := `xl\_rels\workbook.xml.rels`
	parts[rels] = strings.NewReplacer("/xl/worksheets/sheet1.xml", `worksheets\sheet1.xml`, "worksheets/sheet2.xml", "worksheets/sheet%202.xml").Replace(parts[rels])
	parts[`xl\worksheets\sheet 2.xml`] = parts[`xl\worksheets\sheet2.xml`]
	delete(parts, `xl\worksheets\sheet2.xml`)
	det, rows := readAll(t, BytesSource("x.xlsx", zipOf(t, parts)), Options{})
	if len(rows) != 1 || !slices.Equal(rows[0].Cells, []string{"Ann", "1_000"}) || len(det.Sheets) != 2 {
		t.Errorf("%v of %q", rows, det.Sheets)
	}
}

// TestFormulaBlank: rule 1.5, a record is not blank in silence because nothing has
// computed its formulas.
func TestFormulaBlank(t *testing.T) {
	sheet := `<worksheet><sheetData><row><c t="str"><v>Name</v></c><c t="str"><v>Sum</v></c><c t="str"><v>Kind</v></c></row>` +
		`<row><c t="str"><v>Ann</v></c><c><f>1+1</f><v>2</v></c><c t="str"><f>""</f><v></v></c></row>` +
		`<row><c t="str"><v>Bob</v></c><c><f>1+1</f><v></v></c></row>` +
		`<row><c t="str"><v>Cy</v></c><c><f>1+1</f><v/></c></row>` +
		`<row><c><f>A2</f></c></row><row><c t="str"><f>""</f><v></v></c></row></sheetData></worksheet>`
	det, rows := readAll(t, BytesSource("made.xlsx", zipOf(t, bookParts(sheet))), Options{})
	var got []string
	for _, r := range rows {
		got = append(got, r.Cells[0]+" "+r.Cells[1]+" "+r.Notice)
	}
	if want := []string{"Ann 2 ", "Bob  " + FormulaBlank, "Cy  " + FormulaBlank, "  " + FormulaBlank}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q; %v", got, want, det.Headings)
	}
}
