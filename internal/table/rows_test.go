package table

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// kept profiles src and returns its rows file.
func kept(t *testing.T, src Source, det *Detection) (file, key []byte) {
	t.Helper()
	var buf bytes.Buffer
	w := NewRowsWriter(&buf, 1<<30)
	p, err := ProfileAndKeep(t.Context(), src, det, w)
	if err != nil {
		t.Fatal(err)
	}
	key, err = det.RowsKey(1)
	if err = errors.Join(err, w.Close(key, p.Blank)); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), key
}

func openKept(file, key []byte) (*Reader, error) {
	return OpenRows(bytes.NewReader(file), int64(len(file)), key, func() {})
}

// rest reads to the end.
func rest(r *Reader) ([]Row, error) {
	var rows []Row
	b := Batch{Max: 100}
	for {
		err := r.Next(context.Background(), &b)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		for _, row := range b.Rows {
			row.Cells = append([]string{}, row.Cells...)
			rows = append(rows, row)
		}
	}
}

// TestKeptRows: the rows kept of a packed file are those that the file gives, in
// every detail, from the beginning and from any record on.
func TestKeptRows(t *testing.T) {
	book, err := os.ReadFile(filepath.Join(corpus(t, "xlsx-damaged"), "ok.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	odd := "a,b,c\n1,2\n\n3,4,5,6\n7,\"x\n8,y\"\"z,9\n\"open,1,2\n" + strings.Repeat("10,eleven,twelve\n\n", 5000) + "13,b\xffd,15\n16," + strings.Repeat("long ", 40_000) + ",17\n" + strings.Repeat("a,b,c\n", 3000)
	for name, raw := range map[string][]byte{"book": book, "odd": zipOf(t, bookParts(oddSheet)), "gzip": gzipped(t, []byte(odd)), "zip": zipped(t, "a.csv", odd), "json": gzipped(t, []byte("{\"a\":1}\n{\"b\":\n{\"a\":3}\n")), "html": []byte("<table><tr><td>a<td>b<tr><td>1<td>2<tr><td>3<td>4</table>")} {
		t.Run(name, func(t *testing.T) {
			src := BytesSource("x", raw)
			det, err := Detect(t.Context(), src, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !det.Packed() {
				t.Error("not packed")
			}
			direct, err := det.Open(src)
			if err != nil {
				t.Fatal(err)
			}
			defer direct.Close()
			want, err := rest(direct)
			if err != nil || len(want) == 0 {
				t.Fatal(len(want), err)
			}
			file, key := kept(t, src, det)
			r, err := openKept(file, key)
			if err != nil {
				t.Fatal(err)
			}
			got, err := rest(r)
			if err != nil || len(got) != len(want) || r.Blank() != direct.Blank() {
				t.Fatalf("%d rows for %d, %d blank for %d, %v", len(got), len(want), r.Blank(), direct.Blank(), err)
			}
			for i := range want {
				if !reflect.DeepEqual(got[i], want[i]) {
					t.Fatalf("row %d: %+v, want %+v", i, got[i], want[i])
				}
			}
			rng := rand.New(rand.NewPCG(1, 9))
			b := Batch{Max: 3}
			for range 200 {
				x := want[rng.IntN(len(want))]
				if err := errors.Join(r.Seek(x.Position()), r.Next(t.Context(), &b)); err != nil || !reflect.DeepEqual(b.Rows[0].Cells, x.Cells) || b.Rows[0].Offset != x.Offset || b.Rows[0].Record != x.Record {
					t.Fatalf("record %d: %+v, %v", x.Record, b.Rows, err)
				}
			}
			if r.Seek(Position{}) == nil {
				t.Error("there is a record 0")
			}
		})
	}
}

// TestKeptRowsDamaged: a flipped bit or a cut gives the same rows or an error.
func TestKeptRowsDamaged(t *testing.T) {
	src := BytesSource("x.gz", gzipped(t, benchCSV(2000)))
	det, err := Detect(t.Context(), src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	file, key := kept(t, src, det)
	r, err := openKept(file, key)
	if err != nil {
		t.Fatal(err)
	}
	want, err := rest(r)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(2, 7))
	refused := 0
	for n := range 300 {
		b := bytes.Clone(file)
		if n%10 == 0 {
			b = b[:rng.IntN(len(b))]
		} else {
			at := rng.IntN(len(b))
			if n%3 == 0 {
				at = len(b) - 1 - rng.IntN(1200) // the index and the footer
			}
			b[at] ^= 1 << rng.IntN(8)
		}
		told := false
		r, err := OpenRows(bytes.NewReader(b), int64(len(b)), key, func() { told = true })
		var got []Row
		if err == nil {
			got, err = rest(r)
		}
		switch {
		case err != nil:
			refused++
			if !told && !errors.Is(err, ErrOtherRows) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%v was not told", err)
			}
		case !reflect.DeepEqual(got, want):
			t.Fatalf("other rows: %d for %d", len(got), len(want))
		}
	}
	t.Logf("%d of 300 refused", refused)
	other := *det
	other.Delimiter = ";"
	if k, err := other.RowsKey(1); err != nil || bytes.Equal(k, key) {
		t.Error("another delimiter has the same key")
	}
	if k, err := det.RowsKey(2); err != nil || bytes.Equal(k, key) {
		t.Error("another version has the same key")
	}
	var full bytes.Buffer
	w := NewRowsWriter(&full, 10_000)
	if _, err := ProfileAndKeep(t.Context(), src, det, w); err != nil || w.Close(key, 0) == nil || full.Len() > 10_000 {
		t.Errorf("%d bytes over the limit", full.Len())
	}
}
