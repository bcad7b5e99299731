package api_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/api"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/server"
)

// BenchmarkWatchers imports a file alone and with 1,000 watchers of its
// progress, in turns, and reports how much longer it took with them:
//
//	go test -run '^$' -bench Watchers -benchtime 1x ./internal/api
//
// The watchers are a process of their own with the lowest priority, so that
// their own work takes of the processors only what the server leaves.
func BenchmarkWatchers(b *testing.B) {
	const watchers, records, rounds = 1000, 300_000, 3
	ctx := context.Background()
	a, err := app.Open(ctx, app.Config{Data: b.TempDir(), MaxUpload: 64 << 20}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := a.Close(ctx); err != nil {
			b.Error(err)
		}
	}()
	rest := a.API(false)
	defer rest.Close()
	if err := a.Work(ctx); err != nil {
		b.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := &http.Server{Handler: server.Handler(rest, false)}
	go s.Serve(ln)
	defer s.Close()
	u := access.User{Username: "ana", Role: "admin"}
	if err := a.Store.AddFirstUser(ctx, &u, ""); err != nil {
		b.Fatal(err)
	}
	token := access.Token{User: u.ID, Name: "bench"}
	secret := access.TokenPrefix + access.NewSecret()
	if err := a.Store.AddToken(ctx, access.For(u), &token, access.HashSecret(secret)); err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	do := func(ctx context.Context, method, path, kind string, body io.Reader) (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, method, "http://"+ln.Addr().String()+api.Prefix+path, body)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer "+secret)
		r.Header.Set("Content-Type", kind)
		return client.Do(r)
	}
	call := func(method, path, kind string, body io.Reader) (out struct {
		ID       int64
		State    string
		Started  time.Time
		Finished time.Time
	}) {
		b.Helper()
		r, err := do(ctx, method, path, kind, body)
		if err != nil {
			b.Fatal(err)
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode >= 300 || json.Unmarshal(text, &out) != nil {
			b.Fatal(method, path, r.StatusCode, string(text), err)
		}
		return out
	}
	var file int
	run := func(watched bool) (took time.Duration, events int64) {
		file++
		var csv strings.Builder
		csv.WriteString("First name,Last name,Email,Company name,Phone\n")
		for i := range records {
			fmt.Fprintf(&csv, "Ana,Lima %d,a%d.%d@x.example,Acme %d,+49301234%06d\n", i, file, i, i%500, i)
		}
		body, kind := form(fmt.Sprintf("f%d.csv", file), csv.String())
		imp := call("POST", "/imports", kind, body)
		at := fmt.Sprintf("/imports/%d", imp.ID)
		call("POST", at+"/prepare", "application/json", bytes.NewReader([]byte("{}")))
		call("POST", at+"/check", "application/json", bytes.NewReader([]byte("{}")))
		settled := func() bool {
			got := call("GET", at, "", nil)
			took = got.Finished.Sub(got.Started)
			return !slices.Contains([]string{"checking", "running"}, got.State)
		}
		for !settled() {
			time.Sleep(50 * time.Millisecond)
		}
		stop := func() int64 { return 0 }
		if watched {
			stop = watch(b, "http://"+ln.Addr().String()+api.Prefix+at+"/events", secret, watchers)
		}
		call("POST", at+"/start", "application/json", bytes.NewReader([]byte("{}")))
		for !settled() {
			time.Sleep(50 * time.Millisecond)
		}
		return took, stop()
	}
	for b.Loop() {
		var alone, with []time.Duration
		var events int64
		for range rounds {
			took, _ := run(false)
			alone = append(alone, took)
			took, n := run(true)
			with = append(with, took)
			events += n
		}
		slices.Sort(alone)
		slices.Sort(with)
		b.ReportMetric(float64(alone[rounds/2].Milliseconds()), "ms/alone")
		b.ReportMetric(float64(with[rounds/2].Milliseconds()), "ms/watched")
		b.ReportMetric(100*(float64(with[rounds/2])/float64(alone[rounds/2])-1), "%slower")
		b.ReportMetric(float64(events)/rounds/watchers, "events/watcher")
		b.ReportMetric(0, "ns/op")
	}
}

// watch starts a process of watchers and waits until all of them watch. The
// function it returns ends it and says how many events they have seen.
func watch(b *testing.B, url, secret string, watchers int) (stop func() int64) {
	b.Helper()
	c := exec.Command("nice", "-n", "19", os.Args[0], "-test.run", "^TestWatchersOfBench$")
	c.Env = append(os.Environ(), "LEADPORT_WATCH="+url, "LEADPORT_WATCH_TOKEN="+secret, "LEADPORT_WATCHERS="+strconv.Itoa(watchers))
	in, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		b.Fatalf("the watchers say %q", lines.Text())
	}
	return func() (events int64) {
		in.Close()
		if !lines.Scan() {
			b.Fatal("the watchers say nothing")
		}
		events, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, out)
		if err := c.Wait(); err != nil {
			b.Fatal(err)
		}
		return events
	}
}

// TestWatchersOfBench is the process that BenchmarkWatchers starts; by itself
// it has nobody to watch.
func TestWatchersOfBench(t *testing.T) {
	url := os.Getenv("LEADPORT_WATCH")
	if url == "" {
		return
	}
	n, err := strconv.Atoi(os.Getenv("LEADPORT_WATCHERS"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var ready, wait sync.WaitGroup
	var seen, failed atomic.Int64
	ready.Add(n)
	for range n {
		wait.Go(func() {
			r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
			if err == nil {
				r.Header.Set("Authorization", "Bearer "+os.Getenv("LEADPORT_WATCH_TOKEN"))
				var res *http.Response
				if res, err = http.DefaultClient.Do(r); err == nil && res.StatusCode == http.StatusOK {
					defer res.Body.Close()
					ready.Done()
					for lines := bufio.NewScanner(res.Body); lines.Scan(); {
						if strings.HasPrefix(lines.Text(), "event:") {
							seen.Add(1)
						}
					}
					return
				}
			}
			failed.Add(1)
			ready.Done()
		})
	}
	ready.Wait()
	if failed.Load() > 0 {
		t.Fatalf("%d of %d cannot watch", failed.Load(), n)
	}
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	stop()
	wait.Wait()
	fmt.Println(seen.Load())
}
