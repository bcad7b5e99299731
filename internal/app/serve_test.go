package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// get returns status and text of an answer.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	must(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, string(text)
}

func TestHealthAndMetrics(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	a, err := app.Open(ctx, app.Config{Data: dir, DatabaseURL: pgtest.Chosen(t), MaxUpload: 1 << 20, MetricsAddr: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	must(t, err)
	defer a.Close(ctx)
	p, _, err := a.Principal(ctx, "")
	must(t, err)
	web, err := a.Serve(ctx, app.WebConfig{Listen: "127.0.0.1:0"}, false)
	must(t, err)
	importLeads(t, a, p, 50)
	people, inside := web.Server.URL(), web.Internal.URL()
	for _, url := range []string{people, inside} {
		for _, path := range []string{"/healthz", "/readyz"} {
			if status, text := get(t, url+path); status != http.StatusOK || text != "ok\n" {
				t.Errorf("%s: %d %q", path, status, text)
			}
		}
	}
	get(t, people+"/api/v1/setup")
	if _, text := get(t, people+"/metrics"); strings.Contains(text, "leadport_") {
		t.Error("anybody who reaches the server reads its metrics")
	}
	if status, _ := get(t, inside+"/api/v1/setup"); status != http.StatusNotFound {
		t.Errorf("the address for metrics answers the API with %d", status)
	}
	status, text := get(t, inside+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	for _, want := range []string{
		`leadport_up 1`, `leadport_imports{state="done"} 1`, `leadport_records_done_total{kind="file"} 50`, `leadport_queue_age_seconds `,
		`leadport_queue_jobs{state="running"} `, `leadport_mail{state="waiting"} 1`, `leadport_log_lines_total{level="error"} 0`,
		`leadport_http_request_duration_seconds_count{method="GET",route="/api/v1/setup",status="200"} 1`,
		`go_sql_open_connections{db_name="readers"} `, `go_goroutines `, `process_resident_memory_bytes `, `leadport_build_info{version="` + app.Version + `"} 1`,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("metrics say nothing of %s", want)
		}
	}

	// Without its files it is not ready, and alive.
	files := filepath.Join(dir, "files", "tmp")
	must(t, os.Rename(files, files+".away"))
	until(t, "not ready", func() bool {
		status, text := get(t, people+"/readyz")
		return status == http.StatusServiceUnavailable && text == "not ready: files\n"
	})
	must(t, os.Rename(files+".away", files))
	until(t, "ready again", func() bool { status, _ := get(t, people+"/readyz"); return status == http.StatusOK })
	web.Stopping()
	if status, text := get(t, people+"/readyz"); status != http.StatusServiceUnavailable || text != "stopping\n" {
		t.Errorf("stopping: %d %q", status, text)
	}
	if status, _ := get(t, people+"/healthz"); status != http.StatusOK {
		t.Errorf("alive: %d", status)
	}
	must(t, web.Close())
}

func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if f() {
			return
		}
	}
	t.Errorf("waited too long: %s", what)
}

// lines is a log in memory.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// The log says which request and which import each line belongs to, and nothing
// of what is in the files: not of good records, bad ones, files that cannot be
// read, nor of a database that fails in the middle.
func TestLog(t *testing.T) {
	ctx := t.Context()
	var log lines
	a, err := app.Open(ctx, app.Config{Data: t.TempDir(), DatabaseURL: pgtest.Chosen(t), MaxUpload: 1 << 20},
		slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	must(t, err)
	defer a.Close(ctx)
	p, _, err := a.Principal(ctx, "")
	must(t, err)
	secret := access.TokenPrefix + access.NewSecret()
	must(t, a.Store.AddToken(ctx, p, &access.Token{User: p.User.ID, Name: "test"}, access.HashSecret(secret)))
	web, err := a.Serve(ctx, app.WebConfig{Listen: "127.0.0.1:0"}, false)
	must(t, err)
	call := func(method, path, kind string, body io.Reader) {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, method, web.Server.URL()+"/api/v1"+path, body)
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+secret)
		req.Header.Set("Content-Type", kind)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		res.Body.Close()
	}
	upload := func(text string) {
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		part, err := form.CreateFormFile("file", "leads.csv")
		must(t, err)
		_, err = io.WriteString(part, text)
		must(t, err)
		must(t, form.Close())
		call(http.MethodPost, "/imports", form.FormDataContentType(), &b)
	}
	const mark = "Qx7token"
	file := "Lead name,Emails 1 Email,Status Id,Follow up on\n" + mark + "," + mark + "@example.com,,\n" +
		mark + "2,not-an-address-" + mark + "," + mark + "," + mark + "-not-a-date\n" + strings.Repeat(mark+",", 9) + "\n"
	upload(file)
	upload("PK\x03\x04" + mark)       // a broken workbook
	upload("\xff\xfe\x00\xd8" + mark) // broken text
	call("POST", "/imports/1/check", "application/json", strings.NewReader("{}"))
	call("GET", "/imports/1", "", nil)
	call("GET", "/leads?q="+mark, "", nil)
	call("POST", "/leads", "application/json", strings.NewReader(`{"values":{"`+mark+`":"`+mark+`"}}`))

	// A run whose every step fails in the database.
	_, err = a.Engine.Prepare(ctx, p, 1, &recipe.Recipe{})
	must(t, err)
	must(t, a.Engine.Check(ctx, p, 1, nil))
	must(t, a.Work(ctx))
	_, err = a.Store.Writer().ExecContext(ctx, `alter table lead_key rename to lead_key_away`)
	must(t, err)
	must(t, a.Engine.Start(ctx, p, 1))
	until(t, "a step fails", func() bool { return strings.Contains(log.String(), "import step failed") })
	_, err = a.Store.Writer().ExecContext(ctx, `alter table lead_key_away rename to lead_key`)
	must(t, err)
	must(t, web.Close())
	must(t, a.StopWork(ctx))

	text := log.String()
	if strings.Contains(text, mark) {
		t.Errorf("contents of a row are in the log:\n%s", regexp.MustCompile(`(?m)^.*`+mark+`.*$`).FindString(text))
	}
	requests, imports, steps := 0, 0, 0
	for line := range strings.Lines(text) {
		var l struct {
			Msg, Request, Route string
			Import              int64
		}
		must(t, json.Unmarshal([]byte(line), &l))
		switch {
		case l.Msg == "answered":
			requests++
			if l.Request == "" {
				t.Errorf("without its request: %s", line)
			}
			if strings.HasPrefix(l.Route, "/api/v1/imports/{id}") {
				imports++
				if l.Import != 1 {
					t.Errorf("without its import: %s", line)
				}
			}
		case l.Msg == "import step failed":
			steps++
			if l.Import != 1 {
				t.Errorf("without its import: %s", line)
			}
		}
	}
	if requests < 6 || imports < 2 || steps < 1 {
		t.Errorf("%d requests, %d of imports, %d steps prove nothing:\n%s", requests, imports, steps, text)
	}
}
