package table

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// TestConverted: rule 1.1, by content and not by name.
func TestConverted(t *testing.T) {
	want := [][]string{{"Ana Müller", "a@x.com", "00123"}, {"Bob & Co", "b@x.com", "7"}}
	const htm = `<html><head><meta charset="utf-8"><style>td{a:b}</style></head><body><table><tr><td>layout</td></tr></table>
<table border=1><thead><tr><th>Name</th><th>E-mail</th><th>Zip</th></tr></thead>
<tr><td>Ana&nbsp;Müller</td><td><a href="x">a@x.com</a></td><td>00123</td></tr><tr></tr>
<tr><td>Bob &amp; Co<td>b@x.com<td>7</tr></table></body></html>`
	const xml = `<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>
<Row><Cell><Data ss:Type="String">Name</Data></Cell><Cell><Data ss:Type="String">E-mail</Data></Cell><Cell><Data ss:Type="String">Zip</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">Ana Müller</Data></Cell><Cell><Data ss:Type="String">a@x.com</Data></Cell><Cell><Data ss:Type="String">00123</Data></Cell></Row>
<Row ss:Index="4"><Cell><Data ss:Type="String">Bob &amp; Co</Data></Cell><Cell ss:Index="2"><Data ss:Type="String">b@x.com</Data></Cell><Cell><Data ss:Type="Number">7</Data></Cell></Row></Table></Worksheet></Workbook>`
	const ods = `<?xml version="1.0"?><office:document-content><office:body><office:spreadsheet><table:table table:name="a"><table:table-row>
<table:table-cell office:value-type="string"><text:p>Name</text:p></table:table-cell><table:table-cell><text:p>E-mail</text:p></table:table-cell><table:table-cell><text:p>Zip</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>Ana<text:s/>Müller</text:p></table:table-cell><table:table-cell><text:p>a@x.com</text:p></table:table-cell><table:table-cell><text:p>00123</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16381"/></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
<table:table-row><table:table-cell><text:p>Bob &amp; Co</text:p></table:table-cell><table:table-cell><text:p>b@x.com</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>`
	tests := []struct{ name, content, container string }{
		{"html named xls", htm, "html"},
		{"spreadsheetml", xml, "xml"},
		{"ods", string(zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", ods, "META-INF/manifest.xml", "<x/>")), "ods"},
		{"tab text named xls", "Name\tE-mail\tZip\nAna Müller\ta@x.com\t00123\nBob & Co\tb@x.com\t7\n", ""},
		{"utf-16 tab text", string(encodeText(t, "\ufeffName\tE-mail\tZip\r\nAna Müller\ta@x.com\t00123\r\nBob & Co\tb@x.com\t7\r\n", "utf-16le")), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			det, rows := readAll(t, BytesSource("x.xls", []byte(tt.content)), Options{})
			var got [][]string
			for _, r := range rows {
				got = append(got, r.Cells)
			}
			if det.Container != tt.container || !reflect.DeepEqual(got, want) || strings.Join(det.Headings, "|") != "Name|E-mail|Zip" {
				t.Errorf("%+v\n%q", det, got)
			}
		})
	}
}

// TestSpans: a cell that reaches over rows and columns moves no other one.
func TestSpans(t *testing.T) {
	const page = `<table><tr><th>Team</th><th>Name</th><th>City</th><th>Zip</th></tr>
<tr><td rowspan="2">North</td><td>Ana</td><td>Oslo</td><td>0150</td></tr><tr><td>Bob</td><td rowspan=3>Bergen</td><td>5003</td></tr>
<tr><td>South</td><td>Cid</td><td>5004</td></tr><tr><td colspan=2 rowspan=2>nobody</td><td>5005</td></tr><tr><td>Rome</td><td>00100</td></tr><tr><td>East</td><td>Eva</td><td>Bari</td><td>70100</td></tr></table>`
	_, rows := readAll(t, BytesSource("x.xls", []byte(page)), Options{})
	var got []string
	for _, r := range rows {
		got = append(got, strings.Join(r.Cells, "|"))
	}
	if want := []string{"North|Ana|Oslo|0150", "|Bob|Bergen|5003", "South|Cid||5004", "nobody|||5005", "||Rome|00100", "East|Eva|Bari|70100"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	var refusal *Refusal
	if _, err := Detect(t.Context(), BytesSource("x.xls", []byte("<table><tr><td rowspan=100000 colspan=1000>a</td></tr>"+strings.Repeat("<tr><td>x", 10_000)+"</table>")), Options{}); !errors.As(err, &refusal) {
		t.Errorf("a page of blanks: %v", err)
	}
}

// TestJSON: rule 1.1; headings in the order first seen over the whole file, and
// one bad record spoils no other (1.4).
func TestJSON(t *testing.T) {
	lines := "{\"name\":\"Ana\",\"n\":1.50}\n\nnot json\n{\"email\":\"b@x\",\"tags\":[\"a\",\"b\"],\"address\":{\"city\":\"Köln\"},\"x\":null}\n"
	det, rows := readAll(t, BytesSource("x", []byte(lines)), Options{})
	if got := strings.Join(det.Headings, "|"); det.Format != "jsonl" || got != "name|n|email|tags|address.city|x" || len(rows) != 3 {
		t.Fatalf("%s %s %+v", det.Format, got, rows)
	}
	if rows[1].Problem != BadRecord || rows[1].Line != 3 || rows[0].Cells[1] != "1.50" || rows[2].Cells[3] != "a; b" || rows[2].Cells[4] != "Köln" {
		t.Errorf("%+v", rows)
	}
	det, rows = readAll(t, BytesSource("x", []byte("[\n {\"a\":\"1,]\"},\n {\"a\":\"2\",\"b\":true}\n]\n")), Options{})
	if det.Format != "json" || len(rows) != 2 || rows[0].Cells[0] != "1,]" || rows[1].Cells[1] != "true" || rows[1].Line != 3 {
		t.Errorf("%s %+v", det.Format, rows)
	}
	if _, err := Detect(t.Context(), BytesSource("x", []byte(`[{"a":"1"},{"a"`)), Options{}); err == nil {
		t.Error("a cut array was read") // rule 1.5
	}
}
