// Package pgtest starts a private PostgreSQL for the tests of one binary: on
// loopback, in a temporary folder, gone with the process however it ends.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Selected reports whether tests that run on one database are to run on
// PostgreSQL: LEADPORT_TEST_DATABASE=postgres.
func Selected() bool { return os.Getenv("LEADPORT_TEST_DATABASE") == "postgres" }

// T is what is needed of *testing.T, and of tests of other packages.
type T interface {
	Helper()
	Cleanup(func())
	Error(...any)
	Fatal(...any)
	Skip(...any)
}

// Need skips the test without PostgreSQL on the machine; with CI=true it fails.
func Need(t T) {
	t.Helper()
	_, err := running()
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") != "true" {
		t.Skip("needs PostgreSQL (Debian: apt-get install postgresql)")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Chosen makes an empty database where PostgreSQL is selected, else "".
func Chosen(t T) string {
	t.Helper()
	if !Selected() {
		return ""
	}
	return URL(t)
}

// URL makes an empty database and drops it after the test.
func URL(t T) string {
	t.Helper()
	return FromTemplate(t, "template0")
}

// FromTemplate makes a copy of a database of this cluster, to which nobody is
// connected, and drops it after the test.
func FromTemplate(t T, template string) string {
	t.Helper()
	Need(t)
	c, err := running()
	if err != nil {
		t.Fatal(err)
	}
	name, err := c.create(template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.do("drop database " + name + " with (force)"); err != nil {
			t.Error(err)
		}
	})
	return c.url(name)
}

// Template makes a database that FromTemplate copies, filled once by fill.
func Template(fill func(url string) error) (name string, err error) {
	c, err := running()
	if err != nil {
		return "", err
	}
	if name, err = c.create("template0"); err != nil {
		return "", err
	}
	return name, fill(c.url(name))
}

// running is the one cluster of this process.
var running = sync.OnceValues(func() (*cluster, error) { return start(forgetful) })

// Server is a PostgreSQL of one test's own that can be ended and started again.
// It keeps what it has committed if it, but not the machine, is killed.
type Server struct {
	*cluster
	t T
}

// NewServer starts one with an empty database and returns that one's URL.
func NewServer(t T) (s *Server, url string) {
	t.Helper()
	Need(t)
	c, err := start("-c autovacuum=off") // nor does it analyze what nobody asks it to
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, l := range c.lives {
			l.Close()
		}
	})
	name, err := c.create("template0")
	if err != nil {
		t.Fatal(err)
	}
	return &Server{c, t}, c.url(name)
}

// Restart ends it by a signal (SIGINT: fast, SIGQUIT: immediate, SIGKILL) and
// starts it after a while.
func (s *Server) Restart(by syscall.Signal, after time.Duration) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.data, "postmaster.pid"))
	if err != nil {
		s.t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := syscall.Kill(pid, by); err != nil {
		s.t.Fatal(err)
	}
	for until := time.Now().Add(20 * time.Second); s.alive(); {
		if time.Now().After(until) {
			s.t.Fatal("PostgreSQL does not end")
		}
		time.Sleep(10 * time.Millisecond)
	}
	// What was killed is a zombie of its shell, for which its file would stand.
	if err := os.Remove(filepath.Join(s.data, "postmaster.pid")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.t.Fatal(err)
	}
	time.Sleep(after)
	if err := s.launch(); err != nil {
		s.t.Fatal(err)
	}
}

// alive reports whether any process of it is left: they work in its folder.
func (c *cluster) alive() bool {
	all, _ := filepath.Glob("/proc/[0-9]*/cwd")
	return slices.ContainsFunc(all, func(at string) bool {
		dir, err := os.Readlink(at)
		return err == nil && dir == c.data
	})
}

type cluster struct {
	bin, dir, data, options string
	as                      *syscall.SysProcAttr
	port                    int
	lives                   []io.Closer // it ends when the last is closed, by the end of the process too

	mu   sync.Mutex // CREATE DATABASE copies a template that nobody else may copy
	made int
}

func (c *cluster) url(database string) string {
	return fmt.Sprintf("postgres://leadport@127.0.0.1:%d/%s?sslmode=disable", c.port, database)
}

func (c *cluster) create(template string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	name := "test" + strconv.Itoa(c.made)
	return name, c.do("create database " + name + " template " + template)
}

func (c *cluster) do(query string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, query)
	return errors.Join(err, conn.Close(ctx))
}

// start makes the cluster. A shell holds it and reads from a pipe, whose other
// end is this process's: its end, also by a kill, ends the cluster.
func start(options string) (*cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(memory(), "leadport-postgres-")
	if err != nil {
		return nil, err
	}
	as, err := owner(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--no-sync", "--username=leadport", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--pgdata="+data)
	initdb.SysProcAttr, initdb.Dir = as, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	var errs []error
	for range 3 { // another may take the free port first
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		port := free.Addr().(*net.TCPAddr).Port
		free.Close()
		c := &cluster{bin: bin, dir: dir, data: data, options: options, as: as, port: port}
		if err = c.launch(); err == nil {
			return c, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// memory is a folder in memory where there is one of some size, else "": a
// database is some 300 files, and every test makes one.
func memory() string {
	const shm = "/dev/shm"
	var free syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" || syscall.Statfs(shm, &free) != nil || free.Bavail*uint64(free.Bsize) < 4<<30 {
		return ""
	}
	return shm
}

const script = `"$1" -D "$2" -p "$3" $6 -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
	-c fsync=off -c max_wal_senders=0 -c max_connections=200 -c shared_buffers=64MB >>"$4" 2>&1 &
read -r _
kill -QUIT $!
wait
rm -rf "$5"`

// forgetful is how most tests have it: they are not about durability.
const forgetful = "-c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal"

func (c *cluster) launch() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	log := filepath.Join(c.dir, "log")
	sh := exec.Command("sh", "-c", script, "sh", filepath.Join(c.bin, "postgres"), c.data, strconv.Itoa(c.port), log, c.dir, c.options)
	sh.Stdin, sh.Dir, sh.SysProcAttr = r, c.dir, c.as
	if err := sh.Start(); err != nil {
		return errors.Join(err, w.Close())
	}
	until := time.Now().Add(20 * time.Second)
	for {
		err := c.do("select 1")
		if err == nil {
			c.lives = append(c.lives, w)
			return nil
		}
		if time.Now().After(until) {
			text, _ := os.ReadFile(log)
			return errors.Join(fmt.Errorf("start PostgreSQL: %w: %s", err, text), w.Close())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// programs is the folder of initdb and postgres: on the PATH, or the newest of
// Debian's, which does not put them there.
func programs() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("postgres: %w", exec.ErrNotFound)
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

// owner gives the folder to another user where this one is root, as which
// PostgreSQL does not run.
func owner(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}
