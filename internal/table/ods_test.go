package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// odsOf is an OpenDocument spreadsheet of these rows.
func odsOf(t *testing.T, rows string) Source {
	t.Helper()
	const head = `<?xml version="1.0"?><office:document-content><office:body><office:spreadsheet><table:table table:name="a">`
	return BytesSource("x.ods", zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml", "<x/>",
		"content.xml", head+rows+`</table:table></office:spreadsheet></office:body></office:document-content>`))
}

// TestODS: values, not what is shown of them; repeated rows and cells; covered
// cells are blank; notes are no text.
func TestODS(t *testing.T) {
	cell := func(attrs, text string) string {
		return `<table:table-cell ` + attrs + `><text:p>` + text + `</text:p></table:table-cell>`
	}
	row := func(cells ...string) string {
		return `<table:table-row>` + strings.Join(cells, "") + `</table:table-row>`
	}
	src := odsOf(t, row(cell("", "Name"), cell("", "When"), cell("", "Share"), cell("", "Price"), cell("", "Yes"))+
		row(cell("", "Ana"), cell(`office:value-type="date" office:date-value="2025-01-02"`, "01/02/25"), cell(`office:value-type="percentage" office:value="0.12345"`, "12%"), cell(`office:value-type="currency" office:currency="EUR" office:value="1234.5"`, "€ 1,234.50"), cell(`office:value-type="boolean" office:boolean-value="true"`, "WAHR"))+
		row(cell("", "Bob"), cell(`office:value-type="date" office:date-value="2025-01-02T18:30:00"`, "x"), cell(`office:value-type="percentage" office:value="0.07"`, "7%"), cell(`office:value-type="float" office:value="4.91701234567E+11"`, "4,92E+11"), cell(`table:formula="of:=FALSE()" office:value-type="float" office:value="0"`, "FALSE"))+
		`<table:table-row table:number-rows-repeated="2">`+cell("", "Twin")+cell(`office:value-type="time" office:time-value="PT09H05M07S"`, "9:05")+`<table:table-cell table:number-columns-repeated="2"><text:p>-</text:p></table:table-cell>`+`<table:covered-table-cell/></table:table-row>`+
		row(cell("", "Cleo"), cell("", "a<text:line-break/>b<text:tab/>c<text:s text:c=\"2\"/>d"), `<table:table-cell><office:annotation><text:p>a note</text:p></office:annotation><text:p>one</text:p><text:p>two</text:p></table:table-cell>`)+
		`<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`)
	det, rows := readAll(t, src, Options{})
	want := [][]string{
		{"Ana", "2025-01-02", "12.345%", "1234.5", "TRUE"}, {"Bob", "2025-01-02 18:30:00", "7%", "491701234567", "FALSE"},
		{"Twin", "09:05:07", "-", "-", ""}, {"Twin", "09:05:07", "-", "-", ""}, {"Cleo", "a\nb\tc  d", "one\ntwo", "", ""},
	}
	if len(rows) != len(want) || det.Container != "ods" {
		t.Fatalf("%+v", rows)
	}
	for i, r := range rows {
		if !slices.Equal(r.Cells, want[i]) || r.Problem != "" {
			t.Errorf("%q %s, want %q", r.Cells, r.Problem, want[i])
		}
	}
}

// TestODSRefused: cut, empty, and what a number alone makes large.
func TestODSRefused(t *testing.T) {
	var damage *Damage
	whole := `<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell></table:table-row>`
	cut := BytesSource("x.ods", zipped(t, "mimetype", "x", "META-INF/manifest.xml", "<x/>", "content.xml", `<office:document-content><table:table>`+whole))
	if _, err := Detect(t.Context(), cut, Options{}); !errors.As(err, &damage) {
		t.Errorf("cut: %v", err)
	}
	wide := fmt.Sprintf(`<table:table-row table:number-rows-repeated="100000"><table:table-cell table:number-columns-repeated="900"><text:p>%s</text:p></table:table-cell></table:table-row>`, strings.Repeat("x", 100))
	for name, rows := range map[string]string{"empty": `<table:table-row/>`, "bomb": strings.Repeat(wide, 20)} {
		var refusal *Refusal
		if _, err := Detect(t.Context(), odsOf(t, rows), Options{}); !errors.As(err, &refusal) || refusal.Format != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}
