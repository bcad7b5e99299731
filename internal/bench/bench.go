// Package bench measures Leadport against the yardsticks of performance.md:
// what a database's own loader needs for the same file, Go's encoding/csv, and
// fixed limits. It drives the program as it is shipped, by its commands and its
// API, each row in runs that alternate with its yardstick.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Options say what to measure.
type Options struct {
	Binary  string   // the leadport to measure
	Dir     string   // for files and data; about 5 KB a record
	Records int      // of the generated file
	Seed    uint64   // of the generated file
	Runs    int      // of each row
	Rows    []string // names of rows; none for all
	// Postgres is the URL of a database for the rows on PostgreSQL, in which they
	// make schemas of their own; "" leaves them out.
	Postgres string
}

// row is one line of the table. measure gives one run's figure.
type row struct {
	name    string
	what    string
	target  float64
	atMost  bool   // the figure is to be at most the target, not at least
	unit    string // "×" for a ratio of speeds
	needs   string // a program on the PATH
	measure func(ctx context.Context, b *bench) (float64, error)
}

func rows() []row {
	return []row{
		{"job", "check and run of the file, against sqlite3 .import", 1, false, "×", "sqlite3", job},
		{"upsert", "half of the records update leads that are there, against sqlite3's upsert", 1, false, "×", "sqlite3", upsert},
		{"check", "check alone, against encoding/csv reading the file", 0.2, false, "×", "", check},
		{"pg-job", "check and run on PostgreSQL, against psql \\copy", 1, false, "×", "psql", postgresJob},
		{"pg-upsert", "half of the records update leads there, against \\copy and an upsert", 1, false, "×", "psql", postgresUpsert},
		{"pg-undo", "undo of the import there, against the import", 2, false, "×", "psql", postgresUndo},
		{"undo", "undo of the import, against the import", 2, false, "×", "", undo},
		{"export", "export of all leads as CSV, k records/s", 150, false, "k/s", "", export},
		{"xlsx", "a workbook of at most 100,000 records read, k records/s", 100, false, "k/s", "", xlsx},
		{"xlsx-memory", "peak memory of that", 64, true, "MiB", "", xlsxMemory},
		{"memory", "peak memory of check and run", 512, true, "MiB", "", memory},
		{"start", "serve in a new folder, to its first answer", 0.3, true, "s", "", start},
		{"list", "p95 of a page of the list, over sorts and filters", 0.1, true, "s", "", list},
		{"search", "p95 of a search by name, e-mail, phone, company", 0.1, true, "s", "", search},
		{"window", "slowest of 50 windows of records anywhere in the checked file", 0.05, true, "s", "", window},
		{"recheck", "check again after one value is answered", 0.3, true, "s", "", recheck},
		{"remap", "check again after one column is mapped otherwise", 2, true, "s", "", remap},
		{"reads", "p99 of API reads during an import, against idle", 3, true, "×", "", reads},
		{"edit", "p95 of an edit saved during an import", 0.5, true, "s", "", edit},
	}
}

// Names returns the rows there are, each with what it measures.
func Names() []string {
	var out []string
	for _, r := range rows() {
		out = append(out, fmt.Sprintf("%-12s %s (%s)", r.name, r.what, r.bound()))
	}
	return out
}

func (r *row) bound() string {
	sign := "≥"
	if r.atMost {
		sign = "≤"
	}
	return fmt.Sprintf("%s %g %s", sign, r.target, r.unit)
}

// bench is what the rows share.
type bench struct {
	Options
	files map[string]string // made so far
	loads map[string]string // data folders with leads, made so far
	n     int               // of temporary folders
}

// Run measures the rows and prints one table. It fails if a row cannot be
// measured, not if it misses its target.
func Run(ctx context.Context, out io.Writer, o Options) error {
	b := &bench{Options: o, files: map[string]string{}, loads: map[string]string{}}
	chosen, err := choose(o.Rows)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d records of %d columns, seed %d; %s, %s/%s, %d cores\n\n", o.Records, len(headings), o.Seed, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	fmt.Fprintf(out, "%-12s %-10s %9s %9s %9s\n", "", "target", "min", "median", "max")
	var errs []error
	for _, r := range chosen {
		if r.needs != "" && !installed(r.needs) {
			fmt.Fprintf(out, "%-12s %-10s not measured: %s is not installed\n", r.name, r.bound(), r.needs)
			continue
		}
		if r.needs == "psql" && o.Postgres == "" {
			fmt.Fprintf(out, "%-12s %-10s not measured: name a database with --postgres\n", r.name, r.bound())
			continue
		}
		var got []float64
		for range o.Runs {
			v, err := r.measure(ctx, b)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", r.name, err))
				break
			}
			got = append(got, v)
		}
		if len(got) < o.Runs {
			fmt.Fprintf(out, "%-12s %-10s failed\n", r.name, r.bound())
			continue
		}
		slices.Sort(got)
		median := got[len(got)/2]
		verdict := "held"
		if r.atMost == (median > r.target) && median != r.target {
			verdict = "missed"
		}
		fmt.Fprintf(out, "%-12s %-10s %9s %9s %9s  %s\n", r.name, r.bound(), figure(got[0]), figure(median), figure(got[len(got)-1]), verdict)
	}
	return errors.Join(errs...)
}

func choose(names []string) ([]row, error) {
	all := rows()
	if len(names) == 0 {
		return all, nil
	}
	var out []row
	for _, name := range names {
		i := slices.IndexFunc(all, func(r row) bool { return r.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no row %q; the rows are:\n  %s", name, strings.Join(Names(), "\n  "))
		}
		out = append(out, all[i])
	}
	return out, nil
}

// figure shows three digits.
func figure(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// file generates a file once.
func (b *bench) file(first, n int, later bool) (string, error) {
	name := filepath.Join(b.Dir, fmt.Sprintf("leads-%d-%d-%t.csv", first, n, later))
	if b.files[name] != "" {
		return name, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return "", err
	}
	err = errors.Join(Generate(f, first, n, b.Seed, later), f.Close())
	b.files[name] = name
	return name, err
}

// fresh is a folder name that nothing has used.
func (b *bench) fresh(kind string) string {
	b.n++
	return filepath.Join(b.Dir, fmt.Sprintf("%s-%d", kind, b.n))
}
