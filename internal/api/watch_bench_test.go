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
	"slices"
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
// progress, in turns, and reports how much longer it took with them. The
// watchers work on the same processors, so this is more than their cost to the
// server.
func BenchmarkWatchers(b *testing.B) {
	const watchers, records, rounds = 1000, 100_000, 3
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
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: watchers}}
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
		watch, stop := context.WithCancel(ctx)
		defer stop()
		var wait, ready sync.WaitGroup
		var seen atomic.Int64
		if watched {
			ready.Add(watchers)
			for range watchers {
				wait.Go(func() {
					r, err := do(watch, "GET", at+"/events", "", nil)
					ready.Done()
					if err != nil {
						return
					}
					defer r.Body.Close()
					for lines := bufio.NewScanner(r.Body); lines.Scan(); {
						if strings.HasPrefix(lines.Text(), "event:") {
							seen.Add(1)
						}
					}
				})
			}
			ready.Wait()
		}
		call("POST", at+"/start", "application/json", bytes.NewReader([]byte("{}")))
		for !settled() {
			time.Sleep(50 * time.Millisecond)
		}
		stop()
		wait.Wait()
		return took, seen.Load()
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
