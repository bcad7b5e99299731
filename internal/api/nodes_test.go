package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/api"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// Two nodes on one PostgreSQL database, both behind a pooler in transaction
// mode: what is begun on one is seen, gone on with and ended on the other.

// nodes are two, with the same files.
func nodes(t *testing.T) (a, b *desk) {
	t.Helper()
	url, files := pgtest.Pooled(t, pgtest.URL(t)), filepath.Join(t.TempDir(), "files")
	open := func() *desk {
		return deskOn(t, app.Config{Data: t.TempDir(), DatabaseURL: url, Files: files, MaxUpload: 8 << 20})
	}
	return open(), open()
}

// on is the same person at another node.
func (c *client) on(d *desk) *client { return &client{d: d, head: c.head} }

// together runs one function on each node at once.
func together(f func(n int)) {
	var wait sync.WaitGroup
	for n := range 2 {
		wait.Go(func() { f(n) })
	}
	wait.Wait()
}

func TestNodesSignIn(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	desks := [2]*desk{a, b}
	var secrets [2]string
	for n, d := range desks {
		var err error
		if secrets[n], err = d.api.SetupLink(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	nobody := &client{head: http.Header{}}
	// Each with the link that the other node printed: one makes the first
	// administrator, and then no link is good any more.
	var got [2]reply
	together(func(n int) {
		got[n] = nobody.on(desks[n]).do("POST", "/setup", map[string]any{"secret": secrets[1-n], "username": fmt.Sprintf("root%d", n),
			"password": "correct horse battery", "country": "DE", "zone": "Europe/Berlin"})
	})
	first := 0
	if got[1].status == 200 {
		first = 1
	}
	if got[first].status != 200 || got[1-first].status != 403 && got[1-first].status != 409 {
		t.Fatalf("%+v", got)
	}
	for n, secret := range secrets {
		nobody.on(desks[n]).is(403, "POST", "/setup", map[string]any{"secret": secret, "username": "late", "password": "correct horse battery", "country": "DE", "zone": "Europe/Berlin"})
	}
	root := &client{d: a, head: http.Header{"Cookie": {strings.SplitN(got[first].head.Get("Set-Cookie"), ";", 2)[0]}}}
	var users struct {
		Items []struct{ Username, Role string }
	}
	for _, d := range desks {
		root.on(d).ok("GET", "/users", nil, &users)
		if len(users.Items) != 1 || users.Items[0].Role != "admin" {
			t.Errorf("%+v", users)
		}
	}
	// Signed out at one, out at both.
	root.on(b).ok("DELETE", "/session", nil, nil)
	root.on(a).is(401, "GET", "/leads", nil)
	// Failures count together: ten in turns, then both back off.
	for n := range 10 {
		nobody.on(desks[n%2]).is(401, "POST", "/session", map[string]any{"username": users.Items[0].Username, "password": "wrong"})
	}
	for _, d := range desks {
		nobody.on(d).is(429, "POST", "/session", map[string]any{"username": users.Items[0].Username, "password": "correct horse battery"})
	}
}

func TestNodesImport(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	_, c := a.person("ada", "admin")
	const records = 30_000
	var file strings.Builder
	file.WriteString("First name,Last name,Email,Company name\n")
	for n := range records {
		fmt.Fprintf(&file, "Ana,Lima%d,ana%d@x.example,Firm %d\n", n, n, n%1000)
	}
	content := file.String()

	// An upload: half at one node, half at the other.
	half := len(content) / 2
	begun := c.on(a).is(201, "POST", "/uploads", nil, "Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(content)),
		"Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte("people.csv")))
	at := strings.TrimPrefix(begun.head.Get("Location"), api.Prefix)
	const kind = "application/offset+octet-stream"
	c.on(a).is(204, "PATCH", at, strings.NewReader(content[:half]), "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type", kind)
	if r := c.on(b).ok("HEAD", at, nil, nil, "Tus-Resumable", "1.0.0"); r.head.Get("Upload-Offset") != fmt.Sprint(half) {
		t.Fatalf("the other node has %s bytes, want %d", r.head.Get("Upload-Offset"), half)
	}
	whole := c.on(b).is(204, "PATCH", at, strings.NewReader(content[half:]), "Tus-Resumable", "1.0.0", "Upload-Offset", fmt.Sprint(half), "Content-Type", kind)
	var id int64
	fmt.Sscan(whole.head.Get("Leadport-Import"), &id)

	imp := func(d *desk) (out struct {
		State    string
		Progress struct{ Done, Total int64 }
	}) {
		c.on(d).ok("GET", fmt.Sprintf("/imports/%d", id), nil, &out)
		return out
	}
	post := func(d *desk, what string) reply {
		var body any
		if what == "prepare" || what == "check" || strings.HasPrefix(what, "undo") {
			body = map[string]any{}
		}
		return c.on(d).do("POST", fmt.Sprintf("/imports/%d/%s", id, what), body)
	}
	is := func(r reply, what string) {
		t.Helper()
		if r.status >= 300 {
			t.Fatalf("%s: %d %s", what, r.status, r.text)
		}
	}
	is(post(b, "prepare"), "prepare")
	// A check of one node: the other sees how far it is, and stops it.
	is(post(a, "check"), "check")
	if got := imp(b); got.State != "checking" {
		t.Fatalf("the other node sees %+v", got)
	}
	is(post(b, "prepare"), "prepare while the other checks")
	if got := imp(a); got.State != "draft" {
		t.Fatalf("the check that was stopped is %+v", got)
	}
	// Two checks at once: one plan.
	together(func(n int) { post([]*desk{a, b}[n], "check") })
	if got := c.on(b).settle(id); got.State != "checked" || got.Accounting["new"] != records {
		t.Fatalf("%+v", got)
	}
	// Started at both at once, it runs once.
	var started [2]reply
	together(func(n int) { started[n] = post([]*desk{a, b}[n], "start") })
	if x, y := started[0].status, started[1].status; min(x, y) != 200 || max(x, y) != 409 {
		t.Fatalf("%+v", started)
	}
	// Progress is seen on both; cancelled on either within two seconds.
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		x, y := imp(a), imp(b)
		if x.State != "running" || y.State != "running" || time.Now().After(end) {
			t.Fatalf("no progress: %+v, %+v", x, y)
		}
		if x.Progress.Done > 0 && y.Progress.Done > 0 {
			break
		}
	}
	since := time.Now()
	is(post(b, "cancel"), "cancel")
	stopped := c.on(a).settle(id)
	if took := time.Since(since); stopped.State != "cancelled" || took > 4*time.Second { // two, and two for other tests beside
		t.Fatalf("%+v after %v", stopped, took)
	}
	if n := stopped.Accounting["new"]; n == 0 || n == records {
		t.Fatalf("%d of %d records at the cancel", n, records)
	}
	is(post(a, "continue"), "continue")
	if got := c.on(b).settle(id); got.State != "done" || got.Accounting["new"] != records {
		t.Fatalf("%+v", got)
	}
	// Undone at one, seen at the other; twice at once is once.
	var undone [2]reply
	together(func(n int) { undone[n] = post([]*desk{a, b}[n], "undo") })
	if x, y := undone[0].status, undone[1].status; min(x, y) != 202 || max(x, y) != 409 {
		t.Fatalf("%+v", undone)
	}
	if got := c.on(b).settle(id); got.State != "undone" {
		t.Fatalf("%+v", got)
	}
	// The same bytes sent to both at once are two drafts, and its leads are made once.
	var drafts [2]int64
	small := content[:strings.Index(content, "Lima9,")]
	small = strings.ReplaceAll(small[:strings.LastIndexByte(small, '\n')+1], "x.example", "y.example") // others than those in the bin
	together(func(n int) { drafts[n] = c.on([]*desk{a, b}[n]).checked("same.csv", small) })
	together(func(n int) { c.on([]*desk{a, b}[n]).ok("POST", fmt.Sprintf("/imports/%d/start", drafts[n]), nil, nil) })
	var made, met int64
	for n, d := range []*desk{b, a} {
		got := c.on(d).settle(drafts[n])
		if got.State != "done" {
			t.Fatalf("%+v", got)
		}
		made += got.Accounting["new"]
		met += got.Accounting["unchanged"] + got.Accounting["conflicts"] + got.Accounting["skipped"] + got.Accounting["update"]
	}
	if want := int64(strings.Count(small, "\n") - 1); made != want || met != want {
		t.Errorf("%d leads made and %d met, want %d each", made, met, want)
	}
	holds, err := a.app.Store.Check(t.Context())
	if err != nil || len(holds) > 0 {
		t.Errorf("%v, %v", holds, err)
	}
}
