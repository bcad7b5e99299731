package table

import (
	"fmt"
	"strings"
	"testing"
)

// accounted says which bytes of a delimited file belong to nothing: neither to a
// record, nor to a blank line or comment among them, nor above and below the table
// to the heading or to what the detection names as skipped (rule 1.5). It knows
// lines and blanks only, nothing of how records are cut.
func accounted(src Source, raw []byte, det *Detection, rows []Row) error {
	a := accounts{det: det, raw: raw}
	end := det.EndOffset
	if end == 0 {
		end = src.Size()
	}
	at := det.FirstOffset
	for _, row := range rows {
		if row.Offset < at || row.Length <= 0 || row.Offset+row.Length > end {
			return fmt.Errorf("record %d has bytes %d to %d, those before it end at %d, the table at %d", row.Record, row.Offset, row.Offset+row.Length, at, end)
		}
		if err := a.gap(at, row.Offset); err != nil {
			return err
		}
		at = row.Offset + row.Length
	}
	if err := a.gap(at, end); err != nil {
		return err
	}
	if err := a.above(); err != nil {
		return err
	}
	return a.below(end)
}

type accounts struct {
	det *Detection
	raw []byte
}

func (a *accounts) lines(from, to int64) ([]string, error) {
	dec, err := newTextDecoder(a.det.Encoding)
	text := a.raw[from:to]
	if err == nil && dec != nil {
		var marks []mark
		var bads []badBytes
		text, _ = dec.decode(nil, text, from, true, &marks, &bads)
	}
	s := strings.ReplaceAll(string(text), "\r\n", "\n")
	if a.det.LineEnd == "cr" || a.det.LineEnd == "any" || a.det.LineEnd == "lfcr" {
		s = strings.ReplaceAll(s, "\r", "\n") // else one alone is text, or blank
	}
	return strings.Split(strings.TrimPrefix(s, "\ufeff"), "\n"), err
}

func (a *accounts) blank(line string) bool {
	if a.det.Delimiter != "" {
		line = strings.ReplaceAll(line, a.det.Delimiter, "")
	}
	return strings.Trim(line, " \t\r") == ""
}

// gap: between records stand blank lines and comments alone.
func (a *accounts) gap(from, to int64) error {
	lines, err := a.lines(from, to)
	open := false // a quoted cell in a comment
	for _, line := range lines {
		comment := open || a.det.Comment != "" && strings.HasPrefix(line, a.det.Comment)
		if !comment && !a.blank(line) {
			return fmt.Errorf("bytes %d to %d hold %q, which is no record", from, to, line)
		}
		if comment && a.det.Quote != "" && strings.Count(line, a.det.Quote)%2 == 1 {
			open = !open
		}
	}
	return err
}

// above: each line is named, or of the heading, or of a table that is named.
func (a *accounts) above() error {
	lines, err := a.lines(0, a.det.FirstOffset)
	kinds := map[int]string{}
	for _, s := range a.det.Skipped {
		kinds[int(s.Line)] = s.Kind
	}
	kind, open := "", false
	for i, line := range lines {
		n := i + 1
		if k := kinds[n]; k != "" && !open {
			kind = k
		} else if a.det.HeaderLine > 0 && n >= a.det.HeaderLine {
			kind = "heading"
		} else if !open && kind != "table" && !a.blank(line) {
			return fmt.Errorf("line %d above the table is nothing: %q (%+v)", n, line, a.det.Skipped)
		}
		if a.det.Quote != "" && strings.Count(line, a.det.Quote)%2 == 1 {
			open = !open
		}
	}
	return err
}

// below: of the lines after the table none is unnamed.
func (a *accounts) below(end int64) error {
	before, err := a.lines(0, end)
	if err != nil {
		return err
	}
	lines, err := a.lines(end, int64(len(a.raw)))
	named := 0
	for _, s := range a.det.Skipped {
		switch n := int(s.Line) - len(before); {
		case s.Kind == "table" && s.Line >= a.det.FirstLine && n < len(lines):
			lines = lines[:max(n, 0)] // all below is that table's, or of those after it
		case n >= 0 || s.Kind == "footer":
			named += 1 + strings.Count(s.Text, "\n")
		}
	}
	for _, line := range lines {
		if !a.blank(line) {
			named--
		}
	}
	if named < 0 {
		return fmt.Errorf("%d of the lines below the table are nothing: %q (%+v)", -named, lines, a.det.Skipped)
	}
	return err
}

// TestAccounted: of the spoiled files every byte is accounted for.
func TestAccounted(t *testing.T) {
	s := newDrawn(77)
	s.wholeFile()
	for _, row := range []int{0, 1, 40, len(s.t.rows) - 1} {
		s.record(row)
		for col := range s.t.header {
			s.position(row, col)
		}
	}
	bad := 0
	for _, f := range s.files {
		src := BytesSource("x", f.data)
		det, err := Detect(t.Context(), src, Options{})
		if err != nil {
			if f.kind != "empty file" {
				t.Errorf("%s %s: %v", f.kind, f.name, err)
			}
			continue
		}
		rows, err := drain(t, src, det)
		if err == nil {
			err = accounted(src, f.data, det, rows)
		}
		if err != nil {
			if bad++; bad < 20 {
				t.Errorf("%s %s: %v", f.kind, f.name, err)
			}
		}
	}
	t.Logf("%d of %d files", len(s.files)-bad, len(s.files))
}

// FuzzAccounted: the same of any bytes, read by any delimiter and quote.
func FuzzAccounted(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "x\n\na,b\r\n1,\"2\r\n3\"\r\n#c\r\n\"4,5\n6,7\n", "a,\"b\nc\nd,\"e\"\n", ",\n\n,,\x00\r\n", "a;b\r1;2\r\r3;\"\"4\"\r", "Total\na,b\n1,2\n\nt,u,v\n1,2,3\n4,5,6\n", "\xff\xfea\x00,\x00b\x00\n\x001\x00\n\x00", "''a',b\n' c',\"d\n", ",0\n#\r0"} {
		f.Add([]byte(s), "", "")
		f.Add([]byte(s), ",", `"`)
	}
	f.Fuzz(func(t *testing.T, data []byte, delim, quote string) {
		src := BytesSource("x", data)
		det, err := Detect(t.Context(), src, Options{Delimiter: delim, Quote: quote})
		if err != nil || det.Format != "csv" || det.Container != "" {
			return
		}
		r, err := det.Open(src)
		if err != nil {
			return
		}
		defer r.Close()
		b := Batch{Max: 7}
		end, record := det.FirstOffset, int64(0)
		for {
			if err := r.Next(t.Context(), &b); err != nil {
				break
			}
			for _, row := range b.Rows {
				a := accounts{det, data}
				if record++; row.Record != record || row.Offset < end || row.Length <= 0 {
					t.Fatalf("record %d after %d at %d: %+v", record, end, row.Offset, row)
				}
				if err := a.gap(end, row.Offset); err != nil && !odd(det) {
					t.Fatal(err)
				}
				end = row.Offset + row.Length
			}
		}
		last := det.EndOffset
		if last == 0 {
			last = src.Size()
		}
		if end > last {
			t.Fatalf("the last record ends at %d, the table at %d", end, last)
		}
		if err := (&accounts{det, data}).gap(end, last); err != nil && !odd(det) {
			t.Fatal(err)
		}
	})
}

// odd: what is blank cannot be told from the text alone.
func odd(det *Detection) bool {
	return det.Escape != det.Quote || strings.Trim(det.Delimiter, " \t\r\n") == "" && det.Delimiter != "" || isWideQuote(det.Quote)
}
