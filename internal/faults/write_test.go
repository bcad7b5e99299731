package faults_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestWriteError lets the system refuse what the program writes into its SQLite
// database, from a moment inside a run on, by strace: a broken disk; in the long
// version no space (see TestDiskFull) and a flush that fails, too. The import stops with a reason and
// reads go on; what is in is exactly what was committed; it goes on once the disk
// is whole.
func TestWriteError(t *testing.T) {
	long := kills(t) > 8
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("needs strace (Debian: apt-get install strace)")
	}
	dir := t.TempDir()
	first := firstFile(t, dir, 2000)
	file := nextFile(t, dir, 61, killRecords, first)
	for _, c := range []struct {
		calls, fault string
		long         bool
	}{{"pwrite64", "EIO", false}, {"pwrite64", "ENOSPC", true}, {"fsync,fdatasync", "EIO", true}} {
		if c.long && !long {
			continue
		}
		t.Run(c.calls+" "+c.fault, func(t *testing.T) {
			f := &folder{t: t, data: t.TempDir() + "/data"}
			f.must("0", "import", first.name, "--yes")
			d := f.open()
			defer d.Close()
			p := f.start("import", file.name, "--yes")
			eventually(t, time.Minute, "the run is inside", func() bool { return d.standing(2).inside() })
			fault := exec.Command(strace, "-f", "-qq", "-o", "/dev/null", "-p", strconv.Itoa(p.cmd.Process.Pid), "-P", f.data+"/leadport.db", "-P", f.data+"/leadport.db-wal",
				"-e", "trace="+c.calls, "-e", "inject="+c.calls+":error="+c.fault)
			if err := fault.Start(); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			select {
			case <-p.ended:
			case <-time.After(90 * time.Second):
				p.kill()
				t.Errorf("it does not end")
			}
			fault.Process.Kill()
			fault.Wait()
			took := time.Since(began)
			s := d.standing(2)
			if p.code() != "1" || s.state != "paused" && s.state != "running" || s.cursor > s.last {
				t.Fatalf("exit %s, the import is %s at %d of %d after %v; want 1 and paused or running inside\n%s", p.code(), s.state, s.cursor, s.last, took, p.text())
			}
			if text := p.text(); !strings.Contains(text, "leadport imports") || strings.Contains(text, "panic") {
				t.Errorf("the message does not say how to go on:\n%s", text)
			}
			d.stopped(2, file)
			f.leads() // reads go on
			if s.state == "paused" {
				f.must("03", "imports", "2", "--continue")
			} else {
				f.must("0", "imports")
			}
			f.clean()
			f.verify(first, 1, 2, file)
			t.Logf("refused at record %d (%s), said after %v", s.cursor, s.state, took.Round(time.Millisecond))
		})
	}
}
