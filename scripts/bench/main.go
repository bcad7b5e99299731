// Command bench measures an import as it is shipped: it generates a file
// (generate.go), runs "leadport import FILE --yes" on it in a fresh folder and
// prints how long check and run took and how much memory there was at the peak.
//
//	go run ./scripts/bench -n 100000 -runs 3
package main

import (
	"cmp"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	_ "modernc.org/sqlite"
)

func main() {
	n := flag.Int("n", 100_000, "records")
	runs := flag.Int("runs", 3, "runs")
	dir := flag.String("dir", "", "`folder` for file and data (default: a temporary one)")
	binary := flag.String("binary", "", "the leadport to measure (default: build this one)")
	only := flag.String("generate", "", "only write the file to this `name`")
	flag.Parse()
	if err := bench(*n, *runs, *dir, *binary, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// result is one run.
type result struct {
	wall, check, run time.Duration
	cpu              time.Duration // of all threads
	rss              int64         // MiB
}

func bench(n, runs int, dir, binary, only string) (err error) {
	if only != "" {
		return write(only, n)
	}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "leadport-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	file := filepath.Join(dir, fmt.Sprintf("bench-%d.csv", n))
	if err := write(file, n); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if binary == "" {
		binary = filepath.Join(dir, "leadport")
		build := exec.Command("go", "build", "-trimpath", "-o", binary, "./cmd/leadport")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build: %w\n%s", err, out)
		}
	}
	fmt.Printf("%d records of %d columns, %.0f bytes each; %s, %d cores\n", n, len(headings),
		float64(info.Size())/float64(n), runtime.Version(), runtime.NumCPU())
	var all []result
	for i := range runs {
		r, err := one(binary, file, filepath.Join(dir, fmt.Sprintf("data-%d", i)))
		if err != nil {
			return err
		}
		fmt.Printf("run %d: %5.1f s · check %s/s · run %s/s · %.1f s of CPU · %d MiB\n", i+1, r.wall.Seconds(), rate(n, r.check), rate(n, r.run), r.cpu.Seconds(), r.rss)
		all = append(all, r)
	}
	fmt.Println("\n              min    median       max")
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }
	row(all, "wall, s", func(r result) time.Duration { return r.wall }, seconds)
	row(all, "check, s", func(r result) time.Duration { return r.check }, seconds)
	row(all, "run, s", func(r result) time.Duration { return r.run }, seconds)
	row(all, "CPU, s", func(r result) time.Duration { return r.cpu }, seconds)
	row(all, "all, rec/s", func(r result) time.Duration { return -r.wall }, func(d time.Duration) string { return rate(n, -d) })
	row(all, "RSS, MiB", func(r result) int64 { return r.rss }, func(m int64) string { return fmt.Sprint(m) })
	return nil
}

func write(name string, n int) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(generate(f, n, 1), f.Close())
}

// one imports the file into a fresh folder.
func one(binary, file, data string) (r result, err error) {
	defer os.RemoveAll(data)
	cmd := exec.Command(binary, "import", file, "--yes")
	cmd.Env = append(os.Environ(), "LEADPORT_DATA="+data)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	r.wall = time.Since(began)
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 3) { // 3: some records are in error
		return r, fmt.Errorf("import: %w\n%s", err, out)
	}
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	r.rss = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "leadport.db")+"?mode=ro")
	if err != nil {
		return r, err
	}
	defer db.Close()
	var at, started, finished int64
	err = db.QueryRow(`select at, started_at, finished_at from import where id = 1`).Scan(&at, &started, &finished)
	r.check, r.run = time.Duration(started-at)*time.Millisecond, time.Duration(finished-started)*time.Millisecond
	return r, err
}

func rate(n int, d time.Duration) string {
	return fmt.Sprintf("%.1f k", float64(n)/1000/d.Seconds())
}

// row prints smallest, median and largest of one measure.
func row[T cmp.Ordered](all []result, name string, of func(result) T, text func(T) string) {
	var v []T
	for _, r := range all {
		v = append(v, of(r))
	}
	slices.Sort(v)
	fmt.Printf("%-10s %8s  %8s  %8s\n", name, text(v[0]), text(v[len(v)/2]), text(v[len(v)-1]))
}
