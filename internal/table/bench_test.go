package table

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"
)

// benchCSV is a leads file of n records × 30 columns, about 390 bytes a record.
func benchCSV(n int) []byte {
	var b bytes.Buffer
	for i := range 30 {
		fmt.Fprintf(&b, "Column %d,", i)
	}
	b.Truncate(b.Len() - 1)
	b.WriteByte('\n')
	for i := range n {
		fmt.Fprintf(&b, "%d,Anna,Müller %d,anna.mueller%d@example.com,+49 170 %07d,\"Acme, Inc.\",Head of Sales,new,www.example.com/a/%d,", i, i, i, i, i)
		fmt.Fprintf(&b, "Main Street %d,,Springfield,%05d,IL,United States,web,2025-03-%02d,1234.50,12,@anna,linkedin.com/in/anna%d,", i%200, i%99999, i%28+1, i)
		b.WriteString("trade show;2025,\"met at booth, wants \"\"demo\"\"\",yes,no,,,,x,Jerry\n")
	}
	return b.Bytes()
}

// BenchmarkCSV compares our reader, which tracks positions, with encoding/csv,
// which does not, on the same bytes.
func BenchmarkCSV(b *testing.B) {
	data := benchCSV(50_000)
	b.Run("encoding-csv", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			r := csv.NewReader(bytes.NewReader(data))
			r.ReuseRecord = true
			for {
				if _, err := r.Read(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("table", func(b *testing.B) {
		src := BytesSource("bench.csv", data)
		det, err := Detect(context.Background(), src, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			r, err := det.Open(src)
			if err != nil {
				b.Fatal(err)
			}
			var batch Batch
			n := 0
			for {
				if err := r.Next(context.Background(), &batch); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
				n += len(batch.Rows)
			}
			if n != 50_000 {
				b.Fatal(n)
			}
		}
	})
}

// BenchmarkProfile is the pass over the whole file after detection.
func BenchmarkProfile(b *testing.B) {
	data := benchCSV(50_000)
	src := BytesSource("bench.csv", data)
	det, err := Detect(context.Background(), src, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := ProfileOf(context.Background(), src, det); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDetect is what a person waits for after the upload.
func BenchmarkDetect(b *testing.B) {
	data := benchCSV(50_000)
	src := BytesSource("bench.csv", data)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Detect(context.Background(), src, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkXLSX reads 5,000 × 30 cells; excelize for comparison.
func BenchmarkXLSX(b *testing.B) {
	var buf bytes.Buffer
	w := NewXLSXWriter(&buf)
	r := csv.NewReader(bytes.NewReader(benchCSV(5_000)))
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err := errors.Join(err, w.Write(row)); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("excelize", func(b *testing.B) {
		for b.Loop() {
			f, err := excelize.OpenReader(bytes.NewReader(buf.Bytes()))
			if err != nil {
				b.Fatal(err)
			}
			rows, err := f.Rows("Leads")
			if err != nil {
				b.Fatal(err)
			}
			for rows.Next() {
				if _, err := rows.Columns(); err != nil {
					b.Fatal(err)
				}
			}
			if err := errors.Join(rows.Close(), f.Close()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("table", func(b *testing.B) {
		src := BytesSource("x.xlsx", buf.Bytes())
		det, err := Detect(context.Background(), src, Options{})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			r, err := det.Open(src)
			if err != nil {
				b.Fatal(err)
			}
			var batch Batch
			n := 0
			for err = r.Next(context.Background(), &batch); err == nil; err = r.Next(context.Background(), &batch) {
				n += len(batch.Rows)
			}
			if n != 5_000 || !errors.Is(err, io.EOF) {
				b.Fatal(n, err)
			}
		}
	})
}

// BenchmarkDecode is the decoding of a text file to UTF-8, without cutting it.
// BenchmarkUTF8 is what decoding UTF-8 is: each chunk is checked, as csvReader.check does.
func BenchmarkUTF8(b *testing.B) {
	for _, tt := range []struct{ name, text string }{
		{"ASCII", "Miller, George,Boston,a.b@example.com,+1 617 555,Main Street 5\n"},
		{"German", "Müller, Jürgen,Köln,a.b@example.com,+49 221 555,Straße 5\n"},
		{"Russian", "Иван Петров,Москва,ivan@example.com,улица Ленина 5\n"},
		{"Chinese", "张伟,北京市海淀区,zhang@example.cn,中国科技有限公司\n"},
	} {
		b.Run(tt.name, func(b *testing.B) {
			r := csvReader{buf: bytes.Repeat([]byte(tt.text), 4*chunkSize/len(tt.text)), eof: true}
			b.SetBytes(int64(len(r.buf)))
			for b.Loop() {
				r.checked = 0
				if r.check(); r.dirty {
					b.Fatal("not valid")
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, tt := range []struct{ name, text string }{
		{"windows-1252", "Müller, Jürgen,Köln,a.b@example.com,+49 221 555,Straße 5\n"},
		{"windows-1251", "Иван Петров,Москва,ivan@example.com,улица Ленина 5\n"},
		{"utf-16le", "Müller, Jürgen,Köln,a.b@example.com,+49 221 555,Straße 5\n"},
		{"utf-16be", "Иван Петров,Москва,ivan@example.com,улица Ленина 5\n"},
		{"big5", "張偉,台北市信義區,chang@example.tw,台灣科技有限公司\n"},
		{"euc-jp", "田中太郎,東京都新宿区,tanaka@example.jp,株式会社ミライ\n"},
		{"shift_jis", "田中太郎,東京都新宿区,tanaka@example.jp,株式会社ミライ\n"},
		{"gb18030", "张伟,北京市海淀区,zhang@example.cn,中国科技有限公司\n"},
		{"euc-kr", "김철수,서울특별시 강남구,kim@example.kr,주식회사 한국\n"},
	} {
		b.Run(tt.name, func(b *testing.B) {
			raw, ok := tryEncode(string(bytes.Repeat([]byte(tt.text), 20_000)), tt.name)
			if !ok {
				b.Fatal("not encodable")
			}
			dec, err := newTextDecoder(tt.name)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(raw)))
			dst := make([]byte, 0, 4*chunkSize)
			for b.Loop() {
				for off := 0; off < len(raw); {
					var marks []mark
					var bads []badBytes
					end := min(off+chunkSize, len(raw))
					_, used := dec.decode(dst, raw[off:end], int64(off), end == len(raw), &marks, &bads)
					off += used
				}
			}
		})
	}
}

// benchSheet is a workbook as Excel writes it, 30 columns: shared strings, whole
// and broken numbers, dates, amounts, truth values, styled blanks.
func benchSheet(records int) []byte {
	column := func(c int) string {
		if c >= 26 {
			return "A" + string(rune('A'+c-26))
		}
		return string(rune('A' + c))
	}
	var strs, sheet bytes.Buffer
	strs.WriteString(`<sst>`)
	for i := range 3 * records {
		fmt.Fprintf(&strs, `<si><t>Shared text %d</t></si>`, i)
	}
	strs.WriteString(`</sst>`)
	sheet.WriteString(`<worksheet><sheetData>`)
	for r := 1; r <= records+1; r++ {
		fmt.Fprintf(&sheet, `<row r="%d" spans="1:30">`, r)
		for c := range 30 {
			ref := fmt.Sprintf(`<c r="%s%d"`, column(c), r)
			switch {
			case c < 14 || r == 1:
				fmt.Fprintf(&sheet, `%s t="s"><v>%d</v></c>`, ref, (r*31+c*7919)%(3*records))
			case c < 18:
				fmt.Fprintf(&sheet, `%s><v>%d</v></c>`, ref, r*17+c)
			case c < 20:
				fmt.Fprintf(&sheet, `%s s="1"><v>%d</v></c>`, ref, 40000+r%6000)
			case c < 22:
				fmt.Fprintf(&sheet, `%s s="2"><v>%v</v></c>`, ref, 40000+float64(r%6000)+float64(r%1440)/1440)
			case c < 24:
				fmt.Fprintf(&sheet, `%s s="4"><v>%v</v></c>`, ref, float64(r)*1.25)
			case c < 25:
				fmt.Fprintf(&sheet, `%s s="3"><v>%d</v></c>`, ref, r%99999)
			case c < 26:
				fmt.Fprintf(&sheet, `%s t="b"><v>1</v></c>`, ref)
			case c < 28:
				fmt.Fprintf(&sheet, `%s s="0"/>`, ref)
			default:
				fmt.Fprintf(&sheet, `%s><v>%v</v></c>`, ref, float64(r)/7)
			}
		}
		sheet.WriteString(`</row>`)
	}
	sheet.WriteString(`</sheetData></worksheet>`)
	return packBook(sheet.String(), strs.String(), `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy\ hh:mm"/><numFmt numFmtId="165" formatCode="00000"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="4"/></cellXfs></styleSheet>`)
}

// BenchmarkSheet reads 30,000 records of benchSheet, from the opening to the last:
// as stored for an import, and as a person sees them.
func BenchmarkSheet(b *testing.B) {
	const records = 30_000
	src := BytesSource("x.xlsx", benchSheet(records))
	for _, shown := range []bool{false, true} {
		b.Run(map[bool]string{false: "stored", true: "shown"}[shown], func(b *testing.B) {
			for b.Loop() {
				det, err := Detect(context.Background(), src, Options{AsShown: shown})
				if err != nil {
					b.Fatal(err)
				}
				r, err := det.Open(src)
				if err != nil {
					b.Fatal(err)
				}
				var batch Batch
				n := 0
				for err = r.Next(context.Background(), &batch); err == nil; err = r.Next(context.Background(), &batch) {
					n += len(batch.Rows)
				}
				if err := errors.Join(r.Close(), err); n != records || !errors.Is(err, io.EOF) {
					b.Fatal(n, err)
				}
			}
			b.ReportMetric(records*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
