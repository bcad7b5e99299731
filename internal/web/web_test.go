package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/web"
	"github.com/leadport/leadport/internal/web/bundle"
)

// The committed bundle is what the sources give, so it cannot be stale, and it
// is small.
func TestBundle(t *testing.T) {
	files, err := bundle.Build(".")
	if err != nil {
		t.Fatal(err)
	}
	size := map[string]int{}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("dist", filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("dist/%s is not what src gives; run go generate ./internal/web", name)
		}
		size[filepath.Ext(name)] += packed(t, want)
	}
	err = filepath.WalkDir("dist", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if name, _ := filepath.Rel("dist", p); files[filepath.ToSlash(name)] == nil {
			t.Errorf("%s is not part of the bundle; run go generate ./internal/web", p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for ext, most := range map[string]int{".js": 120 << 10, ".css": 15 << 10} {
		t.Logf("%s: %d bytes packed, at most %d", ext, size[ext], most)
		if size[ext] == 0 || size[ext] > most {
			t.Errorf("%s: %d bytes packed, at most %d", ext, size[ext], most)
		}
	}
}

func packed(t *testing.T, text []byte) int {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// Every vendored file is listed with package, version, licence and SHA-256.
func TestVendor(t *testing.T) {
	text, err := os.ReadFile("vendor/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest []struct {
		Package, Version, Licence string
		Files                     map[string]string
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"manifest.json": true}
	for _, m := range manifest {
		if m.Package == "" || m.Version == "" || m.Licence == "" {
			t.Errorf("%+v: package, version and licence are needed", m)
		}
		for name, want := range m.Files {
			known[name] = true
			text, err := os.ReadFile(filepath.Join("vendor", filepath.FromSlash(name)))
			sum := sha256.Sum256(text)
			if got := hex.EncodeToString(sum[:]); err != nil || got != want {
				t.Errorf("vendor/%s: SHA-256 %s, the manifest has %s", name, got, want)
			}
		}
	}
	err = filepath.WalkDir("vendor", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if name, _ := filepath.Rel("vendor", p); !known[filepath.ToSlash(name)] {
			t.Errorf("%s is not in vendor/manifest.json", p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestHandler(t *testing.T) {
	h := web.Handler()
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	page := get("/leads/17")
	if page.Code != 200 || !strings.Contains(page.Body.String(), `id="app"`) || page.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("a route gets the page: %d %v", page.Code, page.Header())
	}
	if strings.Contains(page.Body.String(), "<style") || strings.Contains(page.Body.String(), "<script>") {
		t.Error("the page has something inline")
	}
	names, err := filepath.Glob("dist/assets/app-*")
	if err != nil || len(names) != 2 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		w := get("/assets/" + filepath.Base(name))
		if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Security-Policy") != web.Policy {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		if !strings.Contains(page.Body.String(), `"/assets/`+filepath.Base(name)+`"`) {
			t.Errorf("the page does not name %s", name)
		}
	}
	for _, path := range []string{"/assets/none.js", "/robots.txt"} {
		if w := get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST /: %d", w.Code)
	}
	again := httptest.NewRequest(http.MethodGet, "/", nil)
	again.Header.Set("If-None-Match", page.Header().Get("ETag"))
	w = httptest.NewRecorder()
	h.ServeHTTP(w, again)
	if w.Code != http.StatusNotModified {
		t.Errorf("the same page again: %d", w.Code)
	}
}

// The program for working on the interface is built and tested by its tag.
func TestDev(t *testing.T) {
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-tags", "dev", "-run", "^TestLive$", ".").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
