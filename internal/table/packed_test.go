package table

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"
)

func gzipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func zipped(t *testing.T, files ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestPacked: rules 1.1 and 1.5.
func TestPacked(t *testing.T) {
	data := benchCSV(20_000) // beyond inMemory
	for name, packed := range map[string][]byte{"gzip": gzipped(t, data), "gzip filled up": append(gzipped(t, data), make([]byte, 700)...),
		"gzip of two members": append(append(gzipped(t, data[:500]), 0), gzipped(t, data[500:])...), "zip": zipped(t, "__MACOSX/x", "", "a/leads.csv", string(data))} {
		src := BytesSource("leads."+name, packed)
		det, rows := readAll(t, src, Options{})
		if !strings.HasPrefix(name, det.Container) || len(rows) != 20_000 {
			t.Errorf("%s: %s, %d rows", name, det.Container, len(rows))
		}
		r, err := det.Open(src)
		if err != nil {
			t.Fatal(err)
		}
		b := Batch{Max: 1}
		if err := errors.Join(r.Seek(rows[15_000].Position()), r.Next(t.Context(), &b), r.Close()); err != nil || b.Rows[0].Cells[2] != rows[15_000].Cells[2] {
			t.Errorf("%s: %v", name, err)
		}
	}
	var damage *Damage
	if _, err := Detect(t.Context(), BytesSource("cut.gz", gzipped(t, data)[:100_000]), Options{}); !errors.As(err, &damage) {
		t.Errorf("cut gzip: %v", err)
	}
	var refusal *Refusal
	if _, err := Detect(t.Context(), BytesSource("bomb.gz", gzipped(t, make([]byte, 40<<20))), Options{}); !errors.As(err, &refusal) || refusal.Format != "bomb" {
		t.Errorf("bomb: %v", err)
	}
}

// compoundFile is the head and the directory of an OLE compound file.
func compoundFile(streams ...string) string {
	b := make([]byte, 4*512)
	copy(b, compoundMagic)
	b[30], b[48] = 9, 2 // sectors of 512 bytes, the directory in the third after the head
	for i, name := range append([]string{"Root Entry"}, streams...) {
		for k, r := range name {
			b[3*512+128*i+2*k] = byte(r)
		}
	}
	return string(b)
}

// TestRefusals: rule 1.1, by content and with a way out.
func TestRefusals(t *testing.T) {
	tests := []struct{ name, content, format string }{
		{"pdf", "%PDF-1.7\n", "pdf"},
		{"xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "xls"},
		{"xls by its directory", compoundFile("Workbook"), "xls"},
		{"encrypted workbook", compoundFile("\x06DataSpaces", "EncryptedPackage"), "encrypted"},
		{"doc", compoundFile("1Table", "WordDocument"), "doc"},
		{"compound file cut", compoundFile("WordDocument")[:600], "xls"},
		{"program", "MZ\x90\x00\x03", "executable"},
		{"linux program", "\x7fELF\x02", "executable"},
		{"picture", "\x89PNG\r\n\x1a\n", "image"},
		{"empty", "", "empty"},
		{"blank lines", "\n\n\n", "empty"},
		{"two tables", string(zipped(t, "a.csv", "a,b\n", "b.csv", "a,b\n")), "zip"},
		{"zip of nothing", string(zipped(t)), "zip"},
		{"zip in zip", string(zipped(t, "a.zip", string(zipped(t, "a.csv", "a,b\n")))), "zip"},
		{"word", string(zipped(t, "[Content_Types].xml", "", "word/document.xml", "")), "docx"},
		{"binary workbook", string(zipped(t, "[Content_Types].xml", "", "xl/workbook.bin", "")), "xlsb"},
		{"many columns", strings.Repeat("a,", MaxColumns+5) + "b\n", "csv"},
		{"one long line", strings.Repeat("abc ", MaxRecord/2), "csv"},
		{"binary", "\x01\x02\x00\x00\xff\x00\x10\x80" + strings.Repeat("\x00\x91\x05\x00\x00\xc3", 500), "binary"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Detect(t.Context(), BytesSource("x.csv", []byte(tt.content)), Options{})
			var refusal *Refusal
			if !errors.As(err, &refusal) || refusal.Format != tt.format || refusal.Message == "" || refusal.Remedy == "" {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := OpenFile(t.TempDir()); err == nil {
		t.Error("a folder was opened")
	}
}

// TestLongRecords: rule 1.4, over the limit in the middle of a file.
func TestLongRecords(t *testing.T) {
	text := "a,b\n1,2\n" + "3," + strings.Repeat("x", MaxCell+5) + "\n4," + strings.Repeat("y,", MaxRecord) + "\n" + strings.Repeat("z,", 2*MaxColumns) + "\n5,6\n"
	_, rows := readAll(t, BytesSource("x.csv", []byte(text)), Options{})
	want := []string{"", CellTooLong, RowTooLong, RowTooLong, ""}
	if len(rows) != len(want) {
		t.Fatalf("%d rows", len(rows))
	}
	for i, r := range rows {
		if r.Problem != want[i] || r.Record != int64(i+1) || r.Line != int64(i+2) || len(r.Cells) < 2 {
			t.Errorf("record %d line %d: %q, want %q", r.Record, r.Line, r.Problem, want[i])
		}
	}
}
