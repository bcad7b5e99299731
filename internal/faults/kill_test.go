package faults_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"
)

const (
	killRecords = 100_000
	// goesOnWithin is the longest until a command that was started after a
	// kill has gone on with the import.
	goesOnWithin = 10 * time.Second
)

// kills is how many the test does: 8, or LEADPORT_KILLS; make soak does 300.
func kills(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("LEADPORT_KILLS"))
	if err != nil {
		n = 8
	}
	if testing.Short() {
		t.Skip("kills take a minute")
	}
	return n
}

// TestKillRun kills runs of 100,000 records with SIGKILL at random moments,
// strictly inside the run, several times per run; the next command goes on by
// itself, and in the end nothing is lost, doubled or stuck.
//
// rules 8.2 and 8.3
func TestKillRun(t *testing.T) {
	want := kills(t)
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 3))
	dir := t.TempDir()
	first := firstFile(t, dir, 2000)
	other := firstFile(t, t.TempDir(), 100)
	var slowest, finish time.Duration
	done, imports, outside, merging := 0, 0, 0, 0
	for done < want {
		imports++
		file := nextFile(t, dir, uint64(100+imports), killRecords, first)
		f := newFolder(t)
		f.must("0", "import", first.name, "--yes")
		d := f.open()
		next := 0
		p := f.start("import", file.name, "--yes")
		imp := int64(2)
		eventually(t, 3*time.Minute, "run begins", func() bool { s := d.standing(imp); return s.cursor > 1 || !p.running() })
		for killed := 0; ; {
			// Into the start, the middle of a transaction, its commit; some
			// live long enough to get on.
			time.Sleep(time.Duration(r.IntN([...]int{700, 2600}[r.IntN(2)])) * time.Millisecond)
			p.kill()
			s := d.standing(imp)
			if s.inside() {
				done++
				killed++
				merging += int(d.number(`select count(*) from lead_key_run where high < 9223372036854775807`))
				d.stopped(imp, file)
			} else {
				outside++
			}
			if s.state == "done" {
				break
			}
			// Any next command goes on by itself.
			command := [][]string{{"imports"}, {"doctor"}, {"import", other.name, "--check"}, {"serve", "--listen", "127.0.0.1:0"}}[next%4]
			next++
			p = f.start(command...)
			if killed < 15 && done < want && s.cursor < 90_000 {
				continue
			}
			eventually(t, goesOnWithin, "the run goes on", func() bool { return d.standing(imp).cursor > s.cursor || d.state(imp) == "done" })
			slowest = max(slowest, time.Since(p.began))
			eventually(t, time.Minute, "the run ends", func() bool { return d.state(imp) == "done" })
			finish = max(finish, time.Since(p.began))
			if command[0] == "serve" {
				p.signal(syscall.SIGTERM)
			}
			if code := p.code(); code != "0" {
				t.Fatalf("leadport %v after a kill: exit %s\n%s", command, code, p.text())
			}
			break
		}
		d.Close()
		f.clean()
		f.verify(first, 1, imp, file)
		os.Remove(file.name)
		os.RemoveAll(f.data)
	}
	t.Logf("%d kills strictly inside %d runs of %d records (%d of them while keys were being merged; %d more outside): 0 lost, 0 doubled, 0 stuck; went on within %v, finished within %v of the start",
		done, imports, killRecords, merging, outside, slowest.Round(time.Millisecond), finish.Round(time.Millisecond))
}
