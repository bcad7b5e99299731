package table

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

type papaCase struct {
	Description string
	Input       any
	Config      map[string]any
	Expected    json.RawMessage
}

// TestPapaParse: its parser cases with the dialect that they name; at least 95 %,
// what differs on purpose is in docs/table.md (rules 1.3, 1.4).
func TestPapaParse(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(corpus(t, "papaparse"), "papaparse-tests.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string][]papaCase
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	total, good := 0, 0
	for _, set := range []string{"CORE_PARSER_TESTS", "PARSE_TESTS"} {
		for _, c := range all[set] {
			input, ok := c.Input.(string)
			if !ok || input == "" {
				continue
			}
			var want struct{ Data []any }
			if json.Unmarshal(c.Expected, &want) != nil {
				continue
			}
			if c.Config["dynamicTyping"] != nil {
				continue // types are not table's matter
			}
			total++
			got := papaRead(t, input, c.Config)
			w := papaWant(want.Data, got)
			if c.Config["header"] == true && len(got) > 0 {
				w = append([][]string{got[0]}, w[min(1, len(w)):]...) // headings are not renamed here
			}
			if reflect.DeepEqual(got, w) {
				good++
			} else {
				t.Logf("%s: %s %v\n  %q\n  got  %q\n  want %q", set, c.Description, c.Config, clip(input), got, w)
			}
		}
	}
	t.Logf("%d of %d", good, total)
	if good*100 < total*95 {
		t.Errorf("%d of %d are less than 95 %%", good, total)
	}
}

// papaRead reads the text without heading, in the dialect of the case.
func papaRead(t *testing.T, input string, config map[string]any) [][]string {
	zero := 0
	opt := Options{Header: &zero, Format: "csv"}
	str := func(k string) string { s, _ := config[k].(string); return s }
	opt.Delimiter, opt.Quote, opt.Escape = str("delimiter"), str("quoteChar"), str("escapeChar")
	if n, ok := config["skipFirstNLines"].(float64); ok {
		end := "\n"
		if nl := str("newline"); nl != "" {
			end = nl
		}
		lines := strings.SplitAfter(input, end)
		n = max(n, 0)
		input = strings.Join(lines[min(len(lines), int(n)):], "")
	}
	src := BytesSource("papa", []byte(input))
	det, err := Detect(t.Context(), src, opt)
	if err != nil {
		return nil
	}
	det.FirstOffset, det.FirstLine, det.EndOffset = 0, 1, 0
	if strings.HasPrefix(input, "\ufeff") {
		det.FirstOffset = 3
	}
	det.Comment = str("comments")
	if config["comments"] == true {
		det.Comment = "#"
	}
	det.Headings = nil // no width: every row as long as it is
	rows := readRows(t, src, det)
	if n, ok := config["preview"].(float64); ok && n > 0 {
		rows = rows[:min(len(rows), int(n)+boolInt(config["header"] == true))]
	}
	var out [][]string
	for _, r := range rows {
		if !blankCells(r.Cells) { // a record of quoted blanks is one to us
			out = append(out, r.Cells)
		}
	}
	return out
}

// papaWant leaves out blank lines, which we skip and count, and turns records keyed by heading back into cells.
func papaWant(data []any, got [][]string) [][]string {
	var out [][]string
	for i, d := range data {
		var row []string
		switch v := d.(type) {
		case []any:
			for _, c := range v {
				b, _ := json.Marshal(c)
				if s, ok := c.(string); ok {
					b = []byte(s)
				}
				row = append(row, string(b))
			}
		case map[string]any:
			if i == 0 && len(got) > 0 {
				out = append(out, got[0])
			}
			for _, h := range got[0] {
				if c, ok := v[h].(string); ok {
					row = append(row, c)
				}
			}
			if extra, ok := v["__parsed_extra"].([]any); ok {
				for _, c := range extra {
					row = append(row, c.(string))
				}
			}
		}
		if len(row) > 0 && !blankCells(row) {
			out = append(out, row)
		}
	}
	return slices.Clip(out)
}
