package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSeek: in every format each record can be reached by its position, forwards
// and backwards, with its number and line (rules 1.1, 1.5).
func TestSeek(t *testing.T) {
	const n = 3000
	var csvText, jsonl bytes.Buffer
	var book bytes.Buffer
	w := NewXLSXWriter(&book)
	write(t, w, []string{"id", "name"})
	csvText.WriteString("id,name\n")
	for i := range n {
		fmt.Fprintf(&csvText, "%d,\"Müller\n%d\"\n", i, i)
		fmt.Fprintf(&jsonl, "{\"id\":%d,\"name\":\"Müller\\n%d\"}\n", i, i)
		write(t, w, []string{fmt.Sprint(i), fmt.Sprintf("Müller\n%d", i)})
		if i%7 == 0 {
			csvText.WriteString("\n")
			jsonl.WriteString("\n")
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	array := "[" + strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(jsonl.String()), "\n\n", "\n"), "}\n", "},\n") + "]"
	for name, raw := range map[string][]byte{
		"csv": csvText.Bytes(), "utf-16": encodeText(t, csvText.String(), "utf-16be"), "windows-1252": encodeText(t, csvText.String(), "windows-1252"),
		"jsonl": jsonl.Bytes(), "json": []byte(array), "xlsx": book.Bytes(), "gzip": gzipped(t, csvText.Bytes()),
	} {
		t.Run(name, func(t *testing.T) {
			src := BytesSource("x", raw)
			det, rows := readAll(t, src, Options{})
			if len(rows) != n {
				t.Fatalf("%d rows of %d: %+v", len(rows), n, det)
			}
			r, err := det.Open(src)
			if err != nil {
				t.Fatal(err)
			}
			b := Batch{Max: 3}
			for _, i := range []int{2500, 0, 1, 2998, 1024, 1023, 7} {
				if err := errors.Join(r.Seek(rows[i].Position()), r.Next(t.Context(), &b)); err != nil {
					t.Fatal(err)
				}
				for k, got := range b.Rows {
					want := rows[i+k]
					if got.Record != want.Record || got.Line != want.Line || got.Offset != want.Offset || !slices.Equal(got.Cells, want.Cells) {
						t.Fatalf("at %d: got %+v, want %+v", i+k, got, want)
					}
				}
			}
			if rawRow, err := r.Raw(&rows[5]); err != nil || name == "csv" && string(rawRow) != "5,\"Müller\n5\"\n" {
				t.Errorf("raw %q, %v", rawRow, err)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// endless is a large file of one byte repeated, which is nowhere.
type endless struct {
	size int64
	b    byte
}

func (e endless) Size() int64  { return e.size }
func (e endless) Name() string { return "endless.csv" }
func (e endless) ReadAt(b []byte, off int64) (int, error) {
	n := int(min(int64(len(b)), e.size-off))
	for i := range b[:n] {
		b[i] = e.b
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// TestOneLine: 3 GB without a line end give a clear error in bounded memory (rule 1.4).
func TestOneLine(t *testing.T) {
	for _, b := range []byte{'x', ',', '"', 0xc3} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Detect(t.Context(), endless{3 << 30, b}, Options{})
		runtime.ReadMemStats(&after)
		var refusal *Refusal
		if !errors.As(err, &refusal) || after.TotalAlloc-before.TotalAlloc > 64<<20 {
			t.Errorf("%q: %v, %d MB", b, err, (after.TotalAlloc-before.TotalAlloc)>>20)
		}
	}
}

// TestHostile: senseless files are read or refused within 5 s per MB (rule 1.4).
func TestHostile(t *testing.T) {
	units := map[string]string{
		"opening quotes": "x,\"y\n", "quotes": "\"", "open quotes far apart": "a,\"" + strings.Repeat("b,c\n", 1000), "three quotes": "x,\"\"\"\n",
		"commas": ",,,,\n", "wide": strings.Repeat("a,", 15000) + "\na\n", "backslashes": "a,\"b\\\"\n", "CRs": "\r", "mixed": "a\rb\r\nc\n\"", "NULs": "a\x00,b\n",
		"delimiters in turn": "a,b;c\td|e\n1;2,3|4\t5\n", "no line end": "a,\"b\"\"c;", "quotes in turn": "\"a','b\",`c\n", "deep quotes": strings.Repeat("\"", 1001) + ",a\n",
		"quoted line ends": "\"\n\",", "blanks": " ,\t;\n", "headings": "name,mail\n\n", "signs": "!#$%&*/:=?@^_|~\n", "wide quotes": "″a″,“b”\n", "cut UTF-8": "\xc3,\xe2\x82\n",
	}
	for name, unit := range units {
		t.Run(name, func(t *testing.T) { readHostile(t, "h1,h2\n"+strings.Repeat(unit, 1<<20/len(unit))) })
	}
	for c := 0; c < 256; c += 9 { // one byte alone, with and without a heading
		t.Run(fmt.Sprintf("byte %#02x", c), func(t *testing.T) {
			text := strings.Repeat(string([]byte{byte(c)}), 16<<10)
			readHostile(t, text)
			readHostile(t, "a,b\n"+text)
		})
	}
}

// readHostile reads the text, or sees it refused, within 5 s per MB and three seconds, as small files cost some and machines are busy.
func readHostile(t *testing.T, text string) {
	t.Helper()
	start := time.Now()
	src := BytesSource("x", []byte(text))
	det, err := Detect(t.Context(), src, Options{})
	if err == nil {
		_, err = drain(t, src, det)
	}
	limit := 3*time.Second + time.Duration(len(text))*5*time.Second/(1<<20)
	if d := time.Since(start); d > limit {
		t.Errorf("%d bytes took %s, %v", len(text), d, err)
	} else if testing.Verbose() && d > 100*time.Millisecond {
		t.Log(len(text), d, err)
	}
}

// TestCancel: a cancelled context stops reading and is not remembered.
func TestCancel(t *testing.T) {
	src := BytesSource("x", benchCSV(5000))
	det, err := Detect(t.Context(), src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := det.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var b Batch
	if err := r.Next(ctx, &b); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := r.Next(t.Context(), &b); err != nil || b.Rows[0].Record != 1 {
		t.Error(err)
	}
}

// TestCellsUntouched: cells are not cleaned here (rule 3.1 is norm's).
func TestCellsUntouched(t *testing.T) {
	_, rows := readAll(t, BytesSource("x", []byte("name,zip\n  Ana\u00a0 ,\"=\"\"00123\"\"\"\n'=1+1,\u200bx\n")), Options{})
	if got := rows[0].Cells; got[0] != "  Ana\u00a0 " || got[1] != `="00123"` || rows[1].Cells[0] != "'=1+1" || rows[1].Cells[1] != "\u200bx" {
		t.Errorf("%+v", rows)
	}
}
