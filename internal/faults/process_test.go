// Package faults_test does to the built program what the world does to it:
// kills, signals, full disks, broken files, a database that goes away. It is a
// black box: nothing of internal/ but the PostgreSQL for tests is imported, the
// database is read past it, and what must be there is computed by a small model
// (people_test.go).
package faults_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/store/pgtest"
)

// binary builds the program once per test run.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "leadport-faults-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // some tests run it as another user
		return "", err
	}
	name := filepath.Join(dir, "leadport")
	cmd := exec.Command("go", "build", "-o", name, "github.com/leadport/leadport/cmd/leadport")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return name, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if name, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(name))
	}
	os.Exit(code)
}

// folder is a data folder and the program on it.
type folder struct {
	t    *testing.T
	data string
	url  string              // of a PostgreSQL database, "" for SQLite
	set  []string            // in its environment
	as   *syscall.Credential // run as another user
	max  time.Duration       // of one command; 0 means two minutes
}

func newFolder(t *testing.T) *folder {
	t.Helper()
	return &folder{t: t, data: filepath.Join(t.TempDir(), "data"), url: pgtest.Chosen(t)}
}

// process is one run of the program.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err bytes.Buffer
	began    time.Time
	took     time.Duration
	ended    chan struct{}
}

// start runs a command of the program on the folder.
func (f *folder) start(args ...string) *process {
	f.t.Helper()
	name, err := binary()
	if err != nil {
		f.t.Fatal(err)
	}
	if args[0] == "serve" { // any free port: tests run beside whatever else serves
		args = append(args, "--listen", "127.0.0.1:0")
	}
	most := f.max
	if most == 0 {
		most = 2 * time.Minute
	}
	ctx, cancel := context.WithTimeout(context.Background(), most)
	p := &process{t: f.t, cmd: exec.CommandContext(ctx, name, args...), began: time.Now(), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "LEADPORT_DATA="+f.data, "LEADPORT_SMTP_URL=", "LEADPORT_DATABASE_URL="+f.url)
	p.cmd.Env = append(p.cmd.Env, f.set...)
	p.cmd.Dir = filepath.Dir(f.data)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	if f.as != nil {
		p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: f.as}
	}
	if err := p.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	go func() {
		defer cancel()
		defer close(p.ended)
		p.cmd.Wait()
		p.took = time.Since(p.began)
	}()
	f.t.Cleanup(func() {
		p.signal(syscall.SIGKILL)
		<-p.ended
		if f.t.Failed() { // was it stuck, or did it come to nothing for want of a processor?
			s := p.cmd.ProcessState
			f.t.Logf("leadport %s: %v from start to end, %v of it on a processor\n%s", strings.Join(args, " "), p.took, s.UserTime()+s.SystemTime(), p.text())
		}
	})
	return p
}

// run runs a command to its end.
func (f *folder) run(args ...string) *process {
	f.t.Helper()
	p := f.start(args...)
	<-p.ended
	return p
}

// must runs a command that has to end with one of these exit codes.
func (f *folder) must(codes string, args ...string) *process {
	f.t.Helper()
	p := f.run(args...)
	if !strings.Contains(codes, p.code()) {
		f.t.Fatalf("leadport %s: exit %s, want %s\n%s%s", strings.Join(args, " "), p.code(), codes, &p.out, &p.err)
	}
	return p
}

// code is the exit code as text; "killed" for a process ended by a signal.
func (p *process) code() string {
	<-p.ended
	if c := p.cmd.ProcessState.ExitCode(); c >= 0 {
		return string(rune('0' + c))
	}
	return "killed"
}

func (p *process) text() string { <-p.ended; return p.out.String() + p.err.String() }

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// signal sends a signal to a process that still runs.
func (p *process) signal(s syscall.Signal) {
	if p.running() {
		p.cmd.Process.Signal(s)
	}
}

func (p *process) kill() { p.signal(syscall.SIGKILL); <-p.ended }

// rss is the most memory the process had, in MiB.
func (p *process) rss() int64 {
	<-p.ended
	return p.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10
}

// eventually waits until something holds.
func eventually(t *testing.T, within time.Duration, what string, holds func() bool) {
	t.Helper()
	for began := time.Now(); !holds(); {
		if time.Since(began) > within {
			t.Fatalf("%s: not within %v", what, within)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// clean fails unless doctor finds everything in order.
func (f *folder) clean() {
	f.t.Helper()
	f.must("0", "doctor")
}
