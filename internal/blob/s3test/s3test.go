// Package s3test starts a private S3 server for the tests of one binary: on
// loopback, in a temporary folder, gone with the process however it ends.
package s3test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Keys of the server, which AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY say.
const (
	AccessKey = "leadport-tests"
	SecretKey = "leadport-tests-secret"
)

// T is what is needed of *testing.T, and of tests of other packages.
type T interface {
	Helper()
	Fatal(...any)
	Skip(...any)
}

// Server is an S3 server that runs.
type Server struct {
	Endpoint string // host:port, without TLS
	dir      string
	life     io.Closer // the server ends when it is closed, by the end of the process too
	buckets  atomic.Int64
}

// Start returns the server of this process. It skips the test without versitygw
// on the machine; with CI=true it fails.
func Start(t T) *Server {
	t.Helper()
	s, err := running()
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") != "true" {
		t.Skip("needs versitygw (go install github.com/versity/versitygw/cmd/versitygw, version in the Makefile)")
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Place makes an empty bucket and returns it as a place for files, for whoever
// has the keys in the environment.
func (s *Server) Place(t T) string {
	t.Helper()
	bucket := "test" + strconv.FormatInt(s.buckets.Add(1), 10)
	if err := os.Mkdir(filepath.Join(s.dir, "buckets", bucket), 0o700); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("s3://%s/leads?insecure=true&region=us-east-1&endpoint=%s", bucket, s.Endpoint)
}

var running = sync.OnceValues(start)

const script = `"$@" >>"$LOG" 2>&1 &
read -r _
kill -KILL $!
wait
rm -rf "$DIR"`

func start() (*Server, error) {
	bin, err := program()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "leadport-s3-")
	if err != nil {
		return nil, err
	}
	for _, folder := range []string{"buckets", "metadata"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			return nil, err
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	free.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	log := filepath.Join(dir, "log")
	sh := exec.Command("sh", "-c", script, "sh", bin, "--port", address, "--access", AccessKey, "--secret", SecretKey, "--health", "/health",
		"--quiet", "posix", "--sidecar", filepath.Join(dir, "metadata"), filepath.Join(dir, "buckets"))
	sh.Stdin, sh.Dir = r, dir
	sh.Env = append(os.Environ(), "LOG="+log, "DIR="+dir)
	if err := sh.Start(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	s := &Server{Endpoint: address, dir: dir, life: w}
	until := time.Now().Add(20 * time.Second)
	for {
		err := healthy(address)
		if err == nil {
			return s, nil
		}
		if time.Now().After(until) {
			text, _ := os.ReadFile(log)
			return nil, errors.Join(fmt.Errorf("start versitygw: %w: %s", err, text), w.Close())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func healthy(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/health", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return nil
}

// program is versitygw on the PATH, or where go install puts it.
func program() (string, error) {
	if path, err := exec.LookPath("versitygw"); err == nil {
		return path, nil
	}
	out, err := exec.Command("go", "env", "GOPATH").Output()
	if err != nil {
		return "", fmt.Errorf("versitygw: %w", exec.ErrNotFound)
	}
	path, err := exec.LookPath(filepath.Join(strings.TrimSpace(string(out)), "bin", "versitygw"))
	if err != nil {
		return "", fmt.Errorf("versitygw: %w", exec.ErrNotFound)
	}
	return path, nil
}
