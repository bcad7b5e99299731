package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/api"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/server"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// desk is the whole server on a real folder.
type desk struct {
	t   *testing.T
	app *app.App
	api *api.API
	url string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	return deskOn(t, app.Config{Data: t.TempDir(), DatabaseURL: pgtest.Chosen(t), MaxUpload: 1 << 20})
}

func deskOn(t *testing.T, c app.Config) *desk {
	t.Helper()
	ctx := context.Background()
	a, err := app.Open(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	rest := a.API(false)
	if err := a.Work(ctx); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(server.Handler(rest, false))
	t.Cleanup(func() {
		rest.Close()
		s.Close()
		if err := a.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return &desk{t, a, rest, s.URL + api.Prefix}
}

// person adds a user and signs in by a token.
func (d *desk) person(username, role string) (access.User, *client) {
	d.t.Helper()
	u := access.User{Username: username, Role: role}
	if err := d.app.Store.AddUser(d.t.Context(), access.System(), &u, ""); err != nil {
		d.t.Fatal(err)
	}
	secret := access.TokenPrefix + access.NewSecret()
	if err := d.app.Store.AddToken(d.t.Context(), access.For(u), &access.Token{User: u.ID, Name: "test"}, access.HashSecret(secret)); err != nil {
		d.t.Fatal(err)
	}
	return u, &client{d: d, head: http.Header{"Authorization": {"Bearer " + secret}}}
}

type client struct {
	d    *desk
	head http.Header
}

type reply struct {
	status int
	head   http.Header
	text   string
}

// do sends a request; headers are pairs. A body that is no reader goes as JSON.
func (c *client) do(method, path string, body any, headers ...string) reply {
	c.d.t.Helper()
	var in io.Reader
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case io.Reader:
		in = b
	case string:
		in = strings.NewReader(b)
	default:
		text, _ := json.Marshal(b)
		in = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, c.d.url+path, in)
	if err != nil {
		c.d.t.Error(err)
		return reply{}
	}
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	for name, v := range c.head {
		r.Header[name] = v
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		c.d.t.Error(err)
		return reply{}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.d.t.Error(err)
	}
	return reply{res.StatusCode, res.Header, string(text)}
}

// ok is do that must succeed; the answer is read into out.
func (c *client) ok(method, path string, body, out any, headers ...string) reply {
	c.d.t.Helper()
	r := c.do(method, path, body, headers...)
	if r.status >= 300 {
		c.d.t.Fatalf("%s %s: %d %s", method, path, r.status, r.text)
	}
	if out != nil {
		if err := json.Unmarshal([]byte(r.text), out); err != nil {
			c.d.t.Fatal(err)
		}
	}
	return r
}

func (c *client) is(want int, method, path string, body any, headers ...string) reply {
	c.d.t.Helper()
	r := c.do(method, path, body, headers...)
	if r.status != want {
		c.d.t.Errorf("%s %s: %d, want %d: %s", method, path, r.status, want, r.text)
	}
	if r.status >= 400 && r.status != http.StatusNotFound && !strings.Contains(r.text, `"request_id"`) && method != "HEAD" {
		c.d.t.Errorf("%s %s: no problem with a request id: %s", method, path, r.text)
	}
	return r
}

func form(name, content string) (io.Reader, string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, _ := w.CreateFormFile("file", name)
	io.WriteString(part, content)
	w.Close()
	return &b, w.FormDataContentType()
}

type importJSON struct {
	ID         int64
	State      string
	File       string
	Reason     string
	Accounting map[string]int64
}

func (c *client) upload(name, content string, headers ...string) importJSON {
	c.d.t.Helper()
	body, kind := form(name, content)
	var out importJSON
	c.ok("POST", "/imports", body, &out, append(headers, "Content-Type", kind)...)
	return out
}

// settle waits until an import is at rest.
func (c *client) settle(id int64) importJSON {
	c.d.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var out importJSON
		c.ok("GET", fmt.Sprintf("/imports/%d", id), nil, &out)
		switch out.State {
		case "checking", "running", "cancelling", "undoing":
		default:
			return out
		}
	}
	c.d.t.Fatal("the import does not come to rest")
	return importJSON{}
}

func (c *client) checked(name, content string) int64 {
	c.d.t.Helper()
	imp := c.upload(name, content)
	c.ok("POST", fmt.Sprintf("/imports/%d/prepare", imp.ID), map[string]any{}, nil)
	c.ok("POST", fmt.Sprintf("/imports/%d/check", imp.ID), map[string]any{}, nil)
	if got := c.settle(imp.ID); got.State != "checked" {
		c.d.t.Fatalf("%+v", got)
	}
	return imp.ID
}

const people = "First name,Last name,Email,Status\nAna,Lima,ana@x.example,New\nBo,Berg,bo@x.example,Hot\n<img src=x onerror=alert(1)>,Evil,e@x.example,New\n"

func TestImportJourney(t *testing.T) {
	d := newDesk(t)
	_, c := d.person("ada", "admin")
	id := c.checked("people.csv", people)
	at := fmt.Sprintf("/imports/%d", id)
	var groups struct {
		Items []struct {
			Group          int
			Code, Proposal string
			Count          int64
		}
	}
	c.ok("GET", at+"/groups", nil, &groups)
	if groups.Items[0].Code != "status.unknown" || groups.Items[0].Count != 1 || groups.Items[0].Proposal != "new" {
		t.Fatalf("%+v", groups)
	}
	var page struct {
		Items []struct {
			Record  int64
			Outcome string
			Cells   []string
			Will    map[string]any
			Lead    int64
		}
	}
	c.ok("GET", at+"/records?outcome=error", nil, &page)
	if len(page.Items) != 1 || page.Items[0].Record != 2 || page.Items[0].Cells[3] != "Hot" {
		t.Fatalf("%+v", page)
	}
	fix := map[string]any{"fixes": []any{map[string]any{"record": 2, "column": 3, "was": "Hot", "new": "Qualified"}}}
	c.is(204, "POST", at+"/fixes", fix)
	c.is(409, "POST", at+"/fixes", fix) // the cell holds something else now
	c.ok("POST", at+"/check", map[string]any{}, nil)
	if got := c.settle(id); got.Accounting["new"] != 3 {
		t.Fatalf("%+v", got)
	}
	c.ok("GET", at+"/records?first=3", nil, &page)
	if page.Items[0].Will["first_name"] != "<img src=x onerror=alert(1)>" {
		t.Errorf("hostile text is text: %+v", page.Items[0])
	}
	c.ok("POST", at+"/start", nil, nil, "Idempotency-Key", "start-1")
	if got := c.settle(id); got.State != "done" || got.Accounting["new"] != 3 {
		t.Fatalf("%+v", got)
	}
	if r := c.ok("POST", at+"/start", nil, nil, "Idempotency-Key", "start-1"); r.head.Get("Idempotent-Replayed") != "true" {
		t.Error("the repeated start is not the first one's answer")
	}
	var leads struct {
		Items []struct {
			ID, Version, Record int64
			Values              map[string]any
		}
	}
	c.ok("GET", fmt.Sprintf("/leads?import=%d&sort=name&order=asc&q=berg", id), nil, &leads)
	if len(leads.Items) != 1 || leads.Items[0].Values["status"] != "qualified" {
		t.Fatalf("%+v", leads)
	}
	var history struct {
		Fields map[string]struct {
			Record int64
			File   string
		}
	}
	c.ok("GET", fmt.Sprintf("/leads/%d/history", leads.Items[0].ID), nil, &history)
	if f := history.Fields["emails"]; f.Record != 2 || f.File != "people.csv" {
		t.Errorf("provenance: %+v", f)
	}
	var fate struct{ Lead int64 }
	c.ok("GET", at+"/records/2", nil, &fate)
	if fate.Lead != leads.Items[0].ID {
		t.Errorf("fate: %+v", fate)
	}
	c.is(404, "GET", at+"/records/99", nil)

	// An updated list: was and will be, then undo of both.
	second := c.checked("again.csv", "Email,Job title\nana@x.example,Boss\n")
	page.Items = nil
	c.ok("GET", fmt.Sprintf("/imports/%d/records", second), nil, &page)
	if page.Items[0].Outcome != "update" || page.Items[0].Will["job_title"] != "Boss" || len(page.Items[0].Will) != 1 {
		t.Errorf("%+v", page.Items[0])
	}
	for path, want := range map[string]string{
		at + "/rejects?format=csv": "First name", "/export?format=jsonl": "Ana", "/template?format=csv": "Lead name", at + "/rejects?format=xlsx": "PK",
	} {
		if r := c.ok("GET", path, nil, nil); !strings.Contains(r.text, want) || !strings.HasPrefix(r.head.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %.200s", path, r.text)
		}
	}
	var preview struct{ Accounting map[string]int64 }
	c.ok("POST", at+"/undo/preview", map[string]any{}, &preview)
	var undo importJSON
	c.ok("POST", at+"/undo", map[string]any{}, &undo)
	if got := c.settle(undo.ID); preview.Accounting["removed"] != 3 || got.Accounting["removed"] != 3 {
		t.Errorf("undo: %+v, preview %+v", got, preview)
	}
}

func TestLeads(t *testing.T) {
	d := newDesk(t)
	_, ada := d.person("ada", "admin")
	type leadJSON struct {
		ID, Version int64
		Values      map[string]any
	}
	var l, m leadJSON
	r := ada.ok("POST", "/leads", map[string]any{"values": map[string]any{"first_name": "Ana", "last_name": "Lima",
		"emails": []any{"Ana@X.example", map[string]any{"email": "a2@x.example"}}, "tags": []any{"VIP"}}}, &l)
	if l.Values["name"] != "Ana Lima" || l.Values["status"] != "new" || r.head.Get("ETag") != `"1"` {
		t.Fatalf("%+v %v", l, r.head)
	}
	at := fmt.Sprintf("/leads/%d", l.ID)
	job := func(v any) map[string]any { return map[string]any{"values": map[string]any{"job_title": v}} }
	ada.is(428, "PATCH", at, job("A"))
	ada.ok("PATCH", at, job("A"), nil, "If-Match", `"1"`)
	if r := ada.is(412, "PATCH", at, job("B"), "If-Match", `"1"`); !strings.Contains(r.text, `"current_version":2`) {
		t.Error(r.text)
	}
	ada.is(412, "PATCH", at, job("B"), "If-Match", `W/"2"`)
	if r := ada.is(422, "PATCH", at, map[string]any{"values": map[string]any{"website": "not a site", "emails": []any{"x"}, "nope": 1}}, "If-Match", `"2"`); !strings.Contains(r.text, "body.values.nope") {
		t.Error(r.text)
	}
	if r := ada.is(422, "PATCH", at, map[string]any{"values": map[string]any{"emails": []any{"ok@x.example", "x y"}}}, "If-Match", `"2"`); !strings.Contains(r.text, "body.values.emails.2.email") {
		t.Error(r.text)
	}
	ada.is(400, "POST", "/leads", `{"values":{},"wat":1}`)
	var called struct {
		ID     int64
		Values struct{ Phones []map[string]any }
	}
	ada.ok("POST", "/leads", `{"values":{"name":"Called","phones":["+493090112239","+49 (30) 90112240"]}}`, &called)
	if p := called.Values.Phones; p[0]["shown"] != "+49 30 90112239" || p[1]["shown"] != "+49 (30) 90112240" {
		t.Errorf("phones as shown: %v", p)
	}
	ada.ok("PATCH", fmt.Sprintf("/leads/%d", called.ID), map[string]any{"values": map[string]any{"phones": called.Values.Phones[:1]}}, nil, "If-Match", `"1"`) // as they were read
	ada.is(422, "POST", "/leads", `{"values":{"website":"https://x.example"}}`)                                                                                // no name
	ada.ok("PATCH", at, job(nil), &m, "If-Match", `"2"`)
	if _, has := m.Values["job_title"]; has {
		t.Error("null does not clear")
	}
	ada.ok("POST", at+"/comments", map[string]any{"text": "Called."}, &m)
	if !strings.HasSuffix(m.Values["notes"].(string), "ada\nCalled.") {
		t.Errorf("%q", m.Values["notes"])
	}
	// Two editors at once: one wins.
	var wait sync.WaitGroup
	won := make(chan int, 8)
	for i := range 8 {
		wait.Go(func() {
			won <- ada.do("PATCH", at, job(fmt.Sprint(i)), "If-Match", fmt.Sprintf("%q", fmt.Sprint(m.Version))).status
		})
	}
	wait.Wait()
	close(won)
	count := map[int]int{}
	for s := range won {
		count[s]++
	}
	if count[200] != 1 || count[412] != 7 {
		t.Errorf("eight editors: %v", count)
	}
	// Duplicates, merge, and its undo.
	ada.ok("POST", "/leads", map[string]any{"values": map[string]any{"name": "A. Lima", "emails": []any{"a2@x.example"}, "company_name": "X"}}, &m)
	if r := ada.ok("GET", at+"/duplicates", nil, nil); !strings.Contains(r.text, `"by":["e-mail"]`) {
		t.Error(r.text)
	}
	ada.ok("GET", at, nil, &l)
	var op struct{ Import, Changed int64 }
	ada.ok("POST", "/leads/merge", map[string]any{"into": l.ID, "version": l.Version, "from": []any{map[string]any{"id": m.ID, "version": m.Version}}}, &op)
	ada.ok("GET", at, nil, &l)
	if l.Values["company_name"] != "X" || op.Changed != 2 {
		t.Errorf("%+v %+v", l, op)
	}
	var undo importJSON
	ada.ok("POST", fmt.Sprintf("/imports/%d/undo", op.Import), map[string]any{}, &undo)
	ada.settle(undo.ID)
	l = leadJSON{}
	ada.ok("GET", at, nil, &l)
	if r := ada.ok("GET", fmt.Sprintf("/leads/%d", m.ID), nil, nil); l.Values["company_name"] != nil || strings.Contains(r.text, "deleted_at") {
		t.Errorf("after the undo: %+v %s", l, r.text)
	}
	ada.ok("POST", "/leads/bulk", map[string]any{"filter": map[string]any{"tag": "vip"}, "add_tags": []any{"Hot"}}, &op)
	if r := ada.ok("GET", "/leads?tag=hot", nil, nil); op.Changed != 1 || !strings.Contains(r.text, `"tag":"Hot"`) {
		t.Errorf("%+v %s", op, r.text)
	}
	ada.is(422, "POST", "/leads/bulk", map[string]any{"delete": true})
	// To the bin and back, by filter.
	ada.ok("POST", "/leads/bulk", map[string]any{"filter": map[string]any{"tag": "hot"}, "delete": true}, &op)
	if r := ada.ok("GET", "/leads?tag=hot", nil, nil); op.Changed != 1 || strings.Contains(r.text, `"tag":"Hot"`) {
		t.Errorf("%+v %s", op, r.text)
	}
	ada.ok("POST", "/leads/bulk", map[string]any{"filter": map[string]any{}, "restore": true}, &op)
	if r := ada.ok("GET", "/leads?tag=hot", nil, nil); op.Changed != 1 || !strings.Contains(r.text, `"tag":"Hot"`) {
		t.Errorf("%+v %s", op, r.text)
	}
	// Qualify, and its undo.
	ada.ok("GET", at, nil, &l)
	ada.is(428, "POST", at+"/qualify", map[string]any{})
	ada.is(412, "POST", at+"/qualify", map[string]any{}, "If-Match", `"1"`)
	ada.ok("POST", at+"/qualify", map[string]any{"last_name": "Lima", "opportunity": "Lima 2026"}, &op, "If-Match", fmt.Sprintf("%q", fmt.Sprint(l.Version)))
	if r := ada.ok("GET", at, nil, nil); !strings.Contains(r.text, `"status":"qualified"`) || !strings.Contains(r.text, "Lima 2026") {
		t.Error(r.text)
	}
	ada.ok("POST", fmt.Sprintf("/imports/%d/undo", op.Import), map[string]any{}, &undo)
	ada.settle(undo.ID)
	if r := ada.ok("GET", at, nil, nil); !strings.Contains(r.text, `"status":"new"`) || strings.Contains(r.text, "Lima 2026") {
		t.Error(r.text)
	}
	if r := ada.ok("GET", "/export?columns=emails,tags", nil, nil); !strings.HasPrefix(strings.TrimPrefix(r.text, "\ufeff"), "Id,Emails 1 Email,Emails 2 Email,Tags,Leadport version") {
		t.Error(r.text)
	}
	ada.is(422, "GET", "/export?columns=nope", nil)
	// Pairs, until a person says no.
	twin := fmt.Sprintf("/leads/%d/duplicates/%d", l.ID, m.ID)
	if r := ada.ok("GET", "/duplicates", nil, nil); !strings.Contains(r.text, `"count":1`) {
		t.Error(r.text)
	}
	ada.ok("PUT", twin, map[string]any{"separate": true}, nil)
	if r := ada.ok("GET", at+"/duplicates", nil, nil); strings.TrimSpace(r.text) != `{"items":[]}` {
		t.Error(r.text)
	}
	ada.ok("PUT", twin, map[string]any{"separate": false}, nil)
	ada.ok("GET", at, nil, &l)
	// What one may not see does not exist.
	_, sam := d.person("sam", "sales")
	for _, path := range []string{at, at + "/history", at + "/duplicates", "/leads/99"} {
		sam.is(404, "GET", path, nil)
	}
	sam.is(404, "PUT", twin, map[string]any{"separate": true})
	sam.is(404, "PATCH", at, job("x"), "If-Match", `"1"`)
	ada.ok("DELETE", at, nil, nil, "If-Match", fmt.Sprintf("%q", fmt.Sprint(l.Version)))
}

// Every route × role gives what its permission says, and nobody gets anything
// without one.
// A damaged file is refused with its reason, like one that is no table.
func TestDamagedFile(t *testing.T) {
	d := newDesk(t)
	_, c := d.person("ana", "manager")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, strings.Repeat(people, 1000))
	z.Close()
	imp := c.upload("cut.csv.gz", packed.String()[:packed.Len()/2])
	got := c.is(422, "POST", fmt.Sprintf("/imports/%d/prepare", imp.ID), map[string]any{})
	if !strings.Contains(got.text, `"code":"file.damaged"`) || !strings.Contains(got.text, "cut off") {
		t.Error(got.text)
	}
	c.ok("GET", fmt.Sprintf("/imports/%d", imp.ID), nil, &imp)
	if imp.State != "failed" {
		t.Errorf("state %s", imp.State)
	}
}

func TestRights(t *testing.T) {
	d := newDesk(t)
	clients := map[string]*client{"": {d: d, head: http.Header{}}}
	for _, r := range access.Roles() {
		_, clients[r.Key] = d.person("the-"+r.Key, r.Key)
	}
	known := append(access.Permissions(), api.Anyone, api.SignedIn)
	fill := strings.NewReplacer("{id}", "4711", "{record}", "1", "{upload}", "none", "{name}", "none", "{field}", "none", "{option}", "none")
	for _, route := range d.api.Routes() {
		declared := false
		for _, k := range known {
			declared = declared || k == route.Needs
		}
		if !declared {
			t.Errorf("%s %s declares no permission: give it one in route.Needs", route.Method, route.Path)
		}
		if route.Path == "/session" && route.Method == "DELETE" || route.Path == "/imports/{id}/events" {
			continue
		}
		for role, c := range clients {
			r := c.do(route.Method, fill.Replace(route.Path), nil, "Tus-Resumable", "1.0.0")
			grants, _ := access.RoleByKey(role)
			may := route.Needs == api.Anyone || role != "" && (route.Needs == api.SignedIn || grants.Grants[route.Needs] != access.None)
			denied := r.status == 401 && role == "" || strings.Contains(r.text, `"code":"forbidden"`) && strings.Contains(r.text, "permission")
			if route.Method == "HEAD" {
				denied = r.status == 401 || r.status == 403
			}
			if may == denied {
				t.Errorf("%s %s as %q: %d %s", route.Method, route.Path, role, r.status, r.text)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
				if r.head.Get(name) != want {
					t.Errorf("%s %s: %s is %q", route.Method, route.Path, name, r.head.Get(name))
				}
			}
			if csp := r.head.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("%s %s: %s", route.Method, route.Path, csp)
			}
		}
	}
}

func TestSessions(t *testing.T) {
	d := newDesk(t)
	nobody := &client{d: d, head: http.Header{}}
	secret, err := d.api.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	setup := map[string]any{"secret": "wrong", "username": "root", "password": "correct horse battery", "country": "DE", "zone": "Europe/Berlin"}
	nobody.is(403, "POST", "/setup", setup)
	setup["secret"] = secret
	r := nobody.ok("POST", "/setup", setup, nil)
	nobody.is(403, "POST", "/setup", setup)
	cookie := r.head.Get("Set-Cookie")
	if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
		t.Error(cookie)
	}
	root := &client{d: d, head: http.Header{"Cookie": {strings.SplitN(cookie, ";", 2)[0]}}}
	root.ok("GET", "/session", nil, nil)
	var bo struct{ ID int64 }
	root.ok("POST", "/users", map[string]any{"username": "bo", "role": "sales", "password": "another long one"}, &bo)
	in := nobody.ok("POST", "/session", map[string]any{"username": "BO", "password": "another long one"}, nil)
	session := &client{d: d, head: http.Header{"Cookie": {strings.SplitN(in.head.Get("Set-Cookie"), ";", 2)[0]}}}
	session.ok("GET", "/leads", nil, nil)
	root.ok("PUT", fmt.Sprintf("/users/%d", bo.ID), map[string]any{"username": "bo", "role": "sales", "disabled": true}, nil)
	session.is(401, "GET", "/leads", nil)
	// One's own profile and password; the installation's settings.
	root.ok("PUT", "/session/profile", map[string]any{"name": "Rut", "email": "rut@x.example", "zone": "Europe/Rome"}, nil)
	root.is(422, "PUT", "/session/profile", map[string]any{"name": "Rut", "email": "", "zone": "Mars/Olympus"})
	if r := root.ok("GET", "/session", nil, nil); !strings.Contains(r.text, `"display":"Rut"`) || !strings.Contains(r.text, "Europe/Rome") {
		t.Error(r.text)
	}
	root.is(422, "PUT", "/session/password", map[string]any{"old": "wrong", "new": "a new long one"})
	root.ok("PUT", "/session/password", map[string]any{"old": "correct horse battery", "new": "a new long one"}, nil)
	root.ok("GET", "/session", nil, nil)
	if r := root.ok("GET", "/settings", nil, nil); !strings.Contains(r.text, `"upload_days":30`) {
		t.Error(r.text)
	}
	if r := root.ok("PUT", "/settings", map[string]any{"country": "DE", "zone": "", "organization": "", "upload_days": 7}, nil); !strings.Contains(r.text, `"upload_days":7`) {
		t.Error(r.text)
	}
	if days, _ := d.app.Store.Setting(t.Context(), "upload_days"); days != "7" { // as the sweep of uploads reads it
		t.Error(days)
	}
	// A request that a browser sends from another site changes nothing.
	root.do("DELETE", "/session", nil, "Sec-Fetch-Site", "cross-site")
	root.ok("GET", "/session", nil, nil)
	// Unknown user and wrong password look alike; then it backs off.
	a := nobody.is(401, "POST", "/session", map[string]any{"username": "bo", "password": "another long one"})
	b := nobody.is(401, "POST", "/session", map[string]any{"username": "who", "password": "x"})
	if strip(a.text) != strip(b.text) {
		t.Errorf("%s differs from %s", a.text, b.text)
	}
	for range 9 {
		nobody.is(401, "POST", "/session", map[string]any{"username": "who", "password": "x"})
	}
	nobody.is(429, "POST", "/session", map[string]any{"username": "who", "password": "x"})
	root.ok("DELETE", "/session", nil, nil)
	root.is(401, "GET", "/session", nil)
	link := d.api.SignInLink(1)
	nobody.ok("POST", "/session/link", map[string]any{"secret": link}, nil)
	nobody.is(403, "POST", "/session/link", map[string]any{"secret": link})
}

func strip(problem string) string {
	before, _, _ := strings.Cut(problem, `"request_id"`)
	return before
}

func TestIdempotency(t *testing.T) {
	d := newDesk(t)
	_, c := d.person("ada", "admin")
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() {
			body, kind := form("x.csv", people)
			if r := c.do("POST", "/imports", body, "Content-Type", kind, "Idempotency-Key", "k"); r.status != 201 && r.status != 409 {
				t.Errorf("%d %s", r.status, r.text)
			}
		})
	}
	wait.Wait()
	var list struct{ Items []importJSON }
	if c.ok("GET", "/imports", nil, &list); len(list.Items) != 1 {
		t.Errorf("%d imports", len(list.Items))
	}
	body, kind := form("x.csv", "Name\nother\n")
	c.is(422, "POST", "/imports", body, "Content-Type", kind, "Idempotency-Key", "k")
	lead := map[string]any{"values": map[string]any{"name": "A"}}
	first := c.ok("POST", "/leads", lead, nil, "Idempotency-Key", "l")
	if again := c.ok("POST", "/leads", lead, nil, "Idempotency-Key", "l"); again.text != first.text || again.head.Get("ETag") != `"1"` {
		t.Error(again.text)
	}
	lead["values"] = map[string]any{"name": "B"}
	c.is(422, "POST", "/leads", lead, "Idempotency-Key", "l")
	// While the first is under way, a second with its key is told so. The first
	// is sent when the server asks for it, which then holds its key.
	body, kind = form("slow.csv", people)
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	slow := []string{"Content-Type", kind, "Idempotency-Key", "slow"}
	from, to := io.Pipe()
	answered := make(chan int)
	go func() { answered <- c.do("POST", "/imports", from, append(slow, "Expect", "100-continue")...).status }()
	to.Write(text[:1])
	c.is(409, "POST", "/imports", bytes.NewReader(text), slow...)
	to.Write(text[1:])
	to.Close()
	if got := <-answered; got != 201 {
		t.Errorf("the first is answered %d", got)
	}
}

// tus 1.0.0: a connection that is cut loses nothing that arrived.
func TestResumableUpload(t *testing.T) {
	d := newDesk(t)
	_, c := d.person("ada", "admin")
	tus := []string{"Tus-Resumable", "1.0.0"}
	c.is(412, "POST", "/uploads", nil, "Upload-Length", "10")
	c.is(413, "POST", "/uploads", nil, append(tus, "Upload-Length", "99999999")...)
	r := c.ok("POST", "/uploads", nil, nil, append(tus, "Upload-Length", fmt.Sprint(len(people)), "Upload-Metadata", "filename Li4vcGVvcGxlLmNzdg==")...)
	at := strings.TrimPrefix(r.head.Get("Location"), api.Prefix)
	part := append(tus, "Content-Type", "application/offset+octet-stream")
	// The body breaks off after 20 bytes although it promised more.
	broken, err := http.NewRequest("PATCH", d.url+at, io.MultiReader(strings.NewReader(people[:20]), cut{}))
	if err != nil {
		t.Fatal(err)
	}
	broken.Header = http.Header{"Authorization": c.head["Authorization"], "Tus-Resumable": {"1.0.0"}, "Content-Type": {"application/offset+octet-stream"}, "Upload-Offset": {"0"}}
	broken.ContentLength = int64(len(people))
	if res, err := http.DefaultTransport.RoundTrip(broken); err == nil {
		res.Body.Close()
	}
	offset := ""
	for range 100 { // the server may not have noticed yet
		if offset = c.ok("HEAD", at, nil, nil, tus...).head.Get("Upload-Offset"); offset == "20" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if offset != "20" {
		t.Fatalf("offset %q", offset)
	}
	var last reply
	for range 100 {
		if last = c.do("PATCH", at, strings.NewReader(people[20:]), append(part, "Upload-Offset", "20")...); last.status != http.StatusLocked {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if last.status != 204 || last.head.Get("Leadport-Import") == "" {
		t.Fatalf("%d %s", last.status, last.text)
	}
	c.is(409, "PATCH", at, strings.NewReader("x"), append(part, "Upload-Offset", "3")...)
	var imp importJSON
	if c.ok("GET", "/imports/"+last.head.Get("Leadport-Import"), nil, &imp); imp.File != "people.csv" {
		t.Errorf("%+v", imp)
	}
	_, other := d.person("bo", "admin")
	other.is(404, "HEAD", at, nil, tus...)
	r = c.ok("POST", "/uploads", nil, nil, append(tus, "Upload-Length", "9")...)
	at = strings.TrimPrefix(r.head.Get("Location"), api.Prefix)
	c.is(204, "DELETE", at, nil, tus...)
	c.is(404, "HEAD", at, nil, tus...)
}

type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestEvents(t *testing.T) {
	d := newDesk(t)
	u, c := d.person("ada", "admin")
	id := c.checked("people.csv", people)
	open := func(last string) (*bufio.Scanner, io.Closer) {
		r, _ := http.NewRequest("GET", fmt.Sprintf("%s/imports/%d/events", d.url, id), nil)
		r.Header = c.head.Clone()
		if last != "" {
			r.Header.Set("Last-Event-ID", last)
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil || res.StatusCode != 200 {
			t.Fatal(res, err)
		}
		return bufio.NewScanner(res.Body), res.Body
	}
	next := func(s *bufio.Scanner) (name, id, data string) {
		for s.Scan() {
			key, v, _ := strings.Cut(s.Text(), ": ")
			switch key {
			case "event":
				name = v
			case "id":
				id = v
			case "data":
				return name, id, v
			}
		}
		return "", "", ""
	}
	s, body := open("")
	name, last, data := next(s)
	if name != "import" || !strings.Contains(data, `"state":"checked"`) {
		t.Fatalf("%s %s", name, data)
	}
	body.Close()
	s, body = open(last)
	defer body.Close()
	if name, _, _ := next(s); name != "end" {
		t.Errorf("what is known already is sent again: %s", name)
	}
	old, older := open("0123456789abcdef")
	if name, _, _ := next(old); name != "import" {
		t.Errorf("who has missed something gets %q first", name)
	}
	older.Close()
	c.ok("POST", fmt.Sprintf("/imports/%d/start", id), nil, nil)
	for data != "" && !strings.Contains(data, `"state":"done"`) {
		_, _, data = next(s)
	}
	// Disabling ends the stream within five seconds.
	u.Disabled = true
	if err := d.app.Store.UpdateUser(t.Context(), access.System(), u); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for data != "" {
		_, _, data = next(s)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the stream ended after %v", took)
	}
}

// The description is complete, and the pages load nothing from elsewhere.
func TestDocs(t *testing.T) {
	d := newDesk(t)
	c := &client{d: d, head: http.Header{}}
	var spec struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]any
	}
	c.ok("GET", "/openapi.json", nil, &spec)
	for _, r := range d.api.Routes() {
		if spec.Paths[api.Prefix+r.Path][strings.ToLower(r.Method)] == nil {
			t.Errorf("%s %s is not described", r.Method, r.Path)
		}
	}
	if !strings.HasPrefix(spec.OpenAPI, "3.1") {
		t.Error(spec.OpenAPI)
	}
	for _, page := range []string{"/docs", "/docs.js", "/docs.css"} {
		if r := c.ok("GET", page, nil, nil); strings.Contains(r.text, "://") || strings.Contains(r.text, "innerHTML") || strings.Contains(r.text, " style=") {
			t.Errorf("%s", page)
		}
	}
	c.is(404, "GET", "/nothing", nil)
	c.is(405, "DELETE", "/leads", nil)
	c.is(401, "GET", "/leads", nil, "Authorization", "Bearer lp_wrong")
	if text, err := os.ReadFile("../../docs/api.md"); err == nil && !strings.Contains(string(text), "/api/v1/docs") {
		t.Error("docs/api.md does not name the docs page")
	}
}
