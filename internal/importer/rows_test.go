package importer_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// readCounter counts the bytes that are read of uploads.
type readCounter struct {
	files
	uploads atomic.Int64
}

type countedFile struct {
	importer.File
	n *atomic.Int64
}

func (c countedFile) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.File.ReadAt(b, off)
	c.n.Add(int64(n))
	return n, err
}

func (c *readCounter) Open(ctx context.Context, name string) (importer.File, error) {
	f, err := c.files.Open(ctx, name)
	if err != nil || len(name) != 64 {
		return f, err
	}
	return countedFile{f, &c.uploads}, nil
}

// packedLeads are the same records as CSV, as a workbook and in gzip.
func packedLeads(t *testing.T, n int) map[string]string {
	t.Helper()
	var text, book, packed bytes.Buffer
	plain, sheet := table.NewCSVWriter(&text, table.CSVOptions{}), table.NewXLSXWriter(&book)
	row := []string{"First name", "Last name", "Email", "Company", "Phone"}
	for i := range n {
		if err := errors.Join(plain.Write(row), sheet.Write(row)); err != nil {
			t.Fatal(err)
		}
		row = []string{"Anna", fmt.Sprintf("Name%d", i), fmt.Sprintf("a%d@example.com", i), fmt.Sprintf("Firm %d", i%50), fmt.Sprintf("+1 212 555 %04d", i)}
		if i%100 == 7 {
			row[2] = "no address"
		}
	}
	z := gzip.NewWriter(&packed)
	if err := errors.Join(plain.Close(), sheet.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(text.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"leads.csv": text.String(), "leads.xlsx": book.String(), "leads.csv.gz": packed.String()}
}

// TestPackedRows: after the first pass nothing reads a workbook or packed file
// again, neither check nor window nor run; the records are those of the CSV; the
// rows go with the upload (docs/decisions/packed-rows.md).
func TestPackedRows(t *testing.T) {
	const records = 3000
	var want []importer.WindowRow
	all := packedLeads(t, records+1)
	for _, name := range []string{"leads.csv", "leads.xlsx", "leads.csv.gz"} {
		d := newDesk(t)
		count := &readCounter{files: files{d.files}}
		d.engine.Files = count
		imp, _ := d.upload(name, all[name], &recipe.Recipe{})
		count.uploads.Store(0)
		d.must(d.engine.Check(d.ctx, d.p, imp.ID, nil))
		var got []importer.WindowRow
		slowest := time.Duration(0)
		for first := int64(1); first > 0; {
			begin := time.Now()
			list, next, _, err := d.engine.Records(d.ctx, d.p, imp.ID, importer.Window{First: first, At: -1, Limit: 200, Group: -1})
			d.must(err)
			slowest = max(slowest, time.Since(begin))
			got, first = append(got, list...), next
		}
		t.Logf("%s: slowest window %v", name, slowest)
		if len(got) != records {
			t.Fatalf("%s: %d records", name, len(got))
		}
		sum := d.get(imp.ID).SHA256
		_, missing := d.files.Open(d.ctx, sum+".rows")
		if name == "leads.csv" {
			want = got
			if !errors.Is(missing, fs.ErrNotExist) {
				t.Errorf("rows of a plain file are kept: %v", missing)
			}
			continue
		}
		for i := range got {
			if !reflect.DeepEqual(got[i].Cells, want[i].Cells) || got[i].Outcome != want[i].Outcome || len(got[i].Issues) != len(want[i].Issues) {
				t.Fatalf("%s: record %d: %+v, want %+v", name, i+1, got[i], want[i])
			}
		}
		if missing != nil {
			t.Fatal(missing)
		}
		if n := count.uploads.Load(); n != 0 {
			t.Errorf("%s: %d bytes of the upload were read again", name, n)
		}

		// Without the rows, and with damaged ones, the upload is read.
		d.must(d.files.Remove(d.ctx, sum+".rows"))
		again, _, _, err := d.engine.Records(d.ctx, d.p, imp.ID, importer.Window{First: 2990, At: -1, Limit: 5, Group: -1})
		if err != nil || !reflect.DeepEqual(again[0].Cells, want[2989].Cells) {
			t.Errorf("%s: without rows: %+v, %v", name, again, err)
		}
		if _, err := d.engine.Prepare(d.ctx, d.p, imp.ID, &recipe.Recipe{}); err != nil {
			t.Fatal(err)
		}
		damage(t, d, sum)
		if err := d.engine.Check(d.ctx, d.p, imp.ID, nil); err == nil {
			t.Errorf("%s: damaged rows were read", name)
		}
		d.must(d.engine.Check(d.ctx, d.p, imp.ID, nil))
		if acc := d.run(imp.ID).Accounting; acc.New == 0 || acc.Records != records {
			t.Errorf("%s: %+v", name, acc)
		}

		// A draft of the same bytes keeps what another import needs; with the
		// upload its rows go.
		twin, _ := d.upload(name, all[name], &recipe.Recipe{})
		d.must(d.engine.Discard(d.ctx, d.p, twin.ID))
		if _, err := d.files.Open(d.ctx, sum+".rows"); err != nil {
			t.Errorf("%s: the rows of an upload in use: %v", name, err)
		}
		d.must(d.files.Remove(d.ctx, sum))
		if _, err := d.files.Open(d.ctx, sum+".rows"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the rows outlive the upload: %v", name, err)
		}
	}
}

// damage flips a bit in the middle of the rows of an upload.
func damage(t *testing.T, d *desk, sum string) {
	t.Helper()
	f, err := d.files.Open(d.ctx, sum+".rows")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, f.Size())
	if _, err := f.ReadAt(b, 0); err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 4
	w, err := d.files.Create(d.ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(sum + ".rows"); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
}
