package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

// drain reads everything; it returns the records, or the error that the file deserves.
func drain(t testing.TB, src Source, det *Detection) ([]Row, error) {
	r, err := det.Open(src)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var rows []Row
	b := Batch{Max: 16}
	for {
		err := r.Next(t.Context(), &b)
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		for _, row := range b.Rows {
			if len(row.Cells) < len(det.Headings) && row.Problem == "" {
				t.Fatalf("record %d has %d cells for %d headings", row.Record, len(row.Cells), len(det.Headings))
			}
			row.Cells = slices.Clone(row.Cells)
			rows = append(rows, row)
		}
	}
}

// FuzzCSV: no panic; records follow each other without gap or overlap in number,
// and the quick and the complete splitter agree (rules 1.4, 1.5).
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a,b\r1,\"2\r\"\"\n", "\"a", "a,\"b\nc\nd,\"e\"\n", ",\n\n,,\x00\r\n", "a\xff,\"\xc3\n"} {
		f.Add([]byte(s), byte(','), 2)
	}
	f.Fuzz(func(t *testing.T, data []byte, delim byte, width int) {
		if delim >= 0x80 || delim == '"' || delim == '\n' || delim == '\r' || width < 0 || width > 20 {
			t.Skip()
		}
		det := &Detection{Format: "csv", Encoding: "utf-8", Delimiter: string(delim), Quote: `"`, Escape: `"`, Headings: make([]string, width), FirstLine: 1}
		src := BytesSource("x", data)
		quick, err := drain(t, src, det)
		if err != nil {
			t.Fatal(err)
		}
		slow, err := newCSVReader(src, det)
		if err != nil {
			t.Fatal(err)
		}
		slow.quick = false
		b := Batch{Max: 1 << 20}
		if err := slow.next(t.Context(), &b); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if len(b.Rows) != len(quick) {
			t.Fatalf("%d and %d rows", len(quick), len(b.Rows))
		}
		end := int64(0)
		for i, q := range quick {
			s := b.Rows[i]
			if q.Offset < end || q.Record != int64(i+1) || q.Offset != s.Offset || q.Line != s.Line || q.Length != s.Length || strings.Join(q.Cells, "\x1f") != strings.Join(s.Cells, "\x1f") {
				t.Fatalf("record %d: quick %+v, slow %+v", i+1, q, s)
			}
			end = q.Offset + q.Length
		}
	})
}

// FuzzDetect: any bytes give a detection that can be opened, or an error; never a panic (rule 1.1).
func FuzzDetect(f *testing.F) {
	for _, s := range []string{"", "a,b\n1,2\n", "\xff\xfea\x00,\x00", "sep=;\na;b\n", "{\"a\":1}\n", "[{}]", "<table><tr><td>a", "PK\x03\x04", "\x1f\x8b\x08", "# x\n\n#y", "a\x1b$B"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		src := BytesSource("x", data)
		det, err := Detect(t.Context(), src, Options{})
		if err != nil {
			return
		}
		rows, err := drain(t, src, det)
		if err != nil {
			return
		}
		if len(rows) > 0 {
			r, err := det.Open(src)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			last := rows[len(rows)-1]
			b := Batch{Max: 1}
			if err := r.Seek(last.Position()); err != nil {
				t.Fatal(err)
			}
			if err := r.Next(t.Context(), &b); err != nil || strings.Join(b.Rows[0].Cells, "\x1f") != strings.Join(last.Cells, "\x1f") {
				t.Fatalf("seek to record %d: %v %+v, want %q", last.Record, err, b.Rows, last.Cells)
			}
		}
	})
}

// FuzzShown: any format shows any number, text or date without a panic, in bounded
// length.
func FuzzShown(f *testing.F) {
	for _, code := range []string{"General", "#,##0.00_);[Red](#,##0.00)", "[h]:mm:ss.000", "[$-411]ggge\"年\"m\"月\"", "# ??/??", "##0.0E+0", "[<=99]0;[>1]@;;", "[$-F800]", "0.0,,\"M\"", "上午/下午h", "aaa"} {
		f.Add(code, 45658.75)
		f.Add(code, -0.5)
	}
	f.Fuzz(func(t *testing.T, code string, v float64) {
		if len(code) > 255 || math.IsNaN(v) || math.IsInf(v, 0) {
			t.Skip()
		}
		shown := parseShown(code)
		if len(shown) == 0 {
			return
		}
		got := appendShown(nil, v, shown, len(code)%2 == 0)
		if len(got) > 400+100*len(code) {
			t.Errorf("%q of %v: %d bytes", code, v, len(got))
		}
		appendShownText(nil, "text", shown)
	})
}

// FuzzKeptRows: a rows file of any bytes gives rows or an error.
func FuzzKeptRows(f *testing.F) {
	var buf bytes.Buffer
	w := NewRowsWriter(&buf, 1<<20)
	key := make([]byte, 32)
	w.Add(&Batch{Rows: []Row{{Record: 1, Line: 2, Cells: []string{"a", "", "é"}}, {Record: 2, Line: 3, Problem: TooManyCells, Cells: []string{"b"}, Bad: []BadCell{{Bytes: []byte{255}}}}}})
	if err := w.Close(key, 1); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := OpenRows(bytes.NewReader(file), int64(len(file)), key, func() {})
		if err != nil {
			return
		}
		rows, _ := rest(r)
		for _, row := range rows {
			if err := r.Seek(row.Position()); err != nil {
				return
			}
		}
		// The rows of a block whose checksum fits.
		d := rowsReader{rest: file, left: 1, damaged: func() {}}
		if _, err := d.row(&Batch{}); err == nil {
			s := rowDecoder{b: file}
			if s.skip(); s.failed {
				t.Error("a row that is read cannot be skipped")
			}
		}
	})
}

// FuzzXLSX: a sheet's XML of any bytes gives rows or an error, never a panic (rule 1.5).
func FuzzXLSX(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c t="inlineStr"><is><t>a</t></is></c></row></sheetData></worksheet>`))
	f.Add([]byte(`<worksheet><sheetData><row><c s="1"><v>45000.5</v></c><c t="b"><v>1</v></c></row><row r="9"/></sheetData></worksheet>`))
	f.Add([]byte(oddSheet))
	f.Add([]byte(`<x:worksheet xmlns:x="m"><x:sheetData><x:row r="3"><x:c r="XFD3" s="99" t="s"><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>`))
	f.Add([]byte(`<worksheet><sheetData><row><c t="inlineStr"><is><t xml:space="preserve"> _xD83D__xDE00_ </t><rPh><t>x</t></rPh></is></c><c t="d" s="2"><v>1900-01-15</v></c><c><f>A1</f></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`))
	f.Fuzz(func(t *testing.T, sheet []byte) {
		src := BytesSource("x.xlsx", tinyBook(t, string(sheet)))
		det, err := Detect(t.Context(), src, Options{})
		if err != nil {
			return
		}
		_, _ = drain(t, src, det)
	})
}

// tinyBook is a workbook around one sheet's XML.
func tinyBook(_ *testing.T, sheet string) []byte {
	return packBook(sheet,
		`<sst><si><t>shared</t></si><si><r><rPr><b/></rPr><t xml:space="preserve">rich </t></r><r><t>text</t></r><rPh sb="0" eb="1"><t>phonetic</t></rPh></si><si><t>a_x000D_b &amp; &#x41;</t></si></sst>`,
		`<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy\ hh:mm"/><numFmt numFmtId="165" formatCode="00000"/><numFmt numFmtId="166" formatCode="[$-409]h:mm\ AM/PM"/><numFmt numFmtId="167" formatCode="&quot;day &quot;0"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="9"/><xf numFmtId="166"/><xf numFmtId="46"/><xf numFmtId="167"/></cellXfs></styleSheet>`)
}

// packBook is a workbook of these parts.
func packBook(sheet, strs, styles string) []byte {
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, part := range [][2]string{
		{"[Content_Types].xml", "<Types/>"},
		{"_rels/.rels", `<Relationships><Relationship Id="rId1" Type="` + rel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="` + rel + `/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + rel + `/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="` + rel + `/styles" Target="styles.xml"/></Relationships>`},
		{"xl/sharedStrings.xml", strs}, {"xl/styles.xml", styles}, {"xl/worksheets/sheet1.xml", sheet},
	} {
		w, err := z.Create(part[0])
		if err == nil {
			_, err = w.Write([]byte(part[1]))
		}
		if err != nil {
			panic(err) // into memory
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return buf.Bytes()
}
