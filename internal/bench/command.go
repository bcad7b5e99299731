package bench

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/table"
)

// usage is what one call of a program took.
type usage struct {
	took time.Duration
	rss  float64 // MiB at the peak
}

func installed(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// call runs leadport on a data folder. Exit code 3 is fine: some records are in
// error.
func (b *bench) call(ctx context.Context, data string, args ...string) (usage, error) {
	return b.callOn(ctx, data, "", args...)
}

// callOn is call with the database at a URL.
func (b *bench) callOn(ctx context.Context, data, database string, args ...string) (usage, error) {
	cmd := exec.CommandContext(ctx, b.Binary, args...)
	cmd.Env = append(os.Environ(), "LEADPORT_DATA="+data, "LEADPORT_DATABASE_URL="+database)
	// What it prints is not kept: see workbook.
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	err := cmd.Run()
	u := usage{took: time.Since(began)}
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 3) {
		return u, fmt.Errorf("leadport %s: %w\n%s", strings.Join(args, " "), err, said.String())
	}
	u.rss = peak(cmd.ProcessState)
	return u, nil
}

// imported imports the file into a fresh folder.
func (b *bench) imported(ctx context.Context) (data string, u usage, err error) {
	file, err := b.file(1, b.Records, false)
	if err != nil {
		return "", u, err
	}
	data = b.fresh("data")
	u, err = b.call(ctx, data, "import", file, "--yes")
	return data, u, err
}

// loaded is a folder with the file's leads in it, made once.
func (b *bench) loaded(ctx context.Context) (string, error) {
	if b.loads["leads"] == "" {
		data, _, err := b.imported(ctx)
		if err != nil {
			return "", err
		}
		b.loads["leads"] = data
	}
	return b.loads["leads"], nil
}

// copied is a copy of the folder with the leads.
func (b *bench) copied(ctx context.Context) (string, error) {
	from, err := b.loaded(ctx)
	if err != nil {
		return "", err
	}
	to := b.fresh("data")
	return to, os.CopyFS(to, os.DirFS(from))
}

func job(ctx context.Context, b *bench) (float64, error) {
	file, err := b.file(1, b.Records, false)
	if err != nil {
		return 0, err
	}
	data, ours, err := b.imported(ctx)
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(data)
	theirs, db, err := b.load(ctx, file)
	os.Remove(db)
	return theirs.took.Seconds() / ours.took.Seconds(), err
}

func upsert(ctx context.Context, b *bench) (float64, error) {
	file, err := b.file(1+b.Records/2, b.Records, true)
	if err != nil {
		return 0, err
	}
	data, err := b.copied(ctx)
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(data)
	ours, err := b.call(ctx, data, "import", file, "--yes")
	if err != nil {
		return 0, err
	}
	before, err := b.file(1, b.Records, false)
	if err != nil {
		return 0, err
	}
	_, db, err := b.load(ctx, before)
	if err != nil {
		return 0, err
	}
	defer os.Remove(db)
	theirs, err := b.merge(ctx, db, file)
	return theirs.took.Seconds() / ours.took.Seconds(), err
}

func check(ctx context.Context, b *bench) (float64, error) {
	file, err := b.file(1, b.Records, false)
	if err != nil {
		return 0, err
	}
	data := b.fresh("data")
	defer os.RemoveAll(data)
	ours, err := b.call(ctx, data, "check", file)
	if err != nil {
		return 0, err
	}
	theirs, err := merelyRead(file)
	return theirs.Seconds() / ours.took.Seconds(), err
}

// merelyRead is how long Go's own reader takes.
func merelyRead(file string) (time.Duration, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	began := time.Now()
	r := csv.NewReader(f)
	r.ReuseRecord, r.FieldsPerRecord = true, -1
	for {
		_, err := r.Read()
		if errors.Is(err, io.EOF) {
			return time.Since(began), nil
		}
		if err != nil {
			return 0, err
		}
	}
}

func undo(ctx context.Context, b *bench) (float64, error) {
	data, there, err := b.imported(ctx)
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(data)
	back, err := b.call(ctx, data, "undo", "1", "--yes")
	return there.took.Seconds() / back.took.Seconds(), err
}

func export(ctx context.Context, b *bench) (float64, error) {
	data, err := b.loaded(ctx)
	if err != nil {
		return 0, err
	}
	out := filepath.Join(b.Dir, "export.csv")
	defer os.Remove(out)
	u, err := b.call(ctx, data, "export", out)
	return float64(b.Records) / 1000 / u.took.Seconds(), err
}

func memory(ctx context.Context, b *bench) (float64, error) {
	data, u, err := b.imported(ctx)
	os.RemoveAll(data)
	return u.rss, err
}

func xlsx(ctx context.Context, b *bench) (float64, error) {
	u, n, err := b.workbook(ctx)
	return float64(n) / 1000 / u.took.Seconds(), err
}

func xlsxMemory(ctx context.Context, b *bench) (float64, error) {
	u, _, err := b.workbook(ctx)
	return u.rss, err
}

// workbook reads the file's first records from a workbook.
func (b *bench) workbook(ctx context.Context) (usage, int, error) {
	n := min(b.Records, 100_000)
	book := filepath.Join(b.Dir, "leads.xlsx")
	if b.files[book] == "" {
		// By a process of its own: the peak of one that starts another counts as the
		// other's, too (getrusage(2)).
		if _, err := b.call(ctx, b.Dir, "bench", "generate", book, "--records", strconv.Itoa(n), "--seed", strconv.FormatUint(b.Seed, 10)); err != nil {
			return usage{}, 0, err
		}
		b.files[book] = book
	}
	u, err := b.call(ctx, b.Dir, "table", book)
	return u, n, err
}

// GenerateWorkbook is Generate into a workbook.
func GenerateWorkbook(ctx context.Context, name string, n int, seed uint64) error {
	text, err := os.CreateTemp(filepath.Dir(name), "leads-*.csv")
	if err != nil {
		return err
	}
	defer os.Remove(text.Name())
	if err := errors.Join(Generate(text, 1, n, seed, false), text.Close()); err != nil {
		return err
	}
	return convert(ctx, text.Name(), name)
}

// convert writes a CSV file as a workbook.
func convert(ctx context.Context, from, to string) (err error) {
	src, err := table.OpenFile(from)
	if err != nil {
		return err
	}
	defer src.Close()
	det, err := table.Detect(ctx, src, table.Options{})
	if err != nil {
		return err
	}
	rd, err := det.Open(src)
	if err != nil {
		return err
	}
	defer rd.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := table.NewXLSXWriter(out)
	if err := w.Write(det.Headings); err != nil {
		return err
	}
	batch := table.Batch{Max: 1024}
	for {
		err := rd.Next(ctx, &batch)
		if errors.Is(err, io.EOF) {
			return w.Close()
		}
		if err != nil {
			return err
		}
		for i := range batch.Rows {
			if err := w.Write(batch.Rows[i].Cells); err != nil {
				return err
			}
		}
	}
}
