//go:build dev

package web

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A change of a source reaches the page without a build by hand.
func TestLive(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"src", "vendor"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(name)); err != nil {
			t.Fatal(err)
		}
	}
	front := httptest.NewServer(&sources{dir: dir})
	defer front.Close()
	get := func(path string) string {
		t.Helper()
		r, err := http.Get(front.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		var b strings.Builder
		for s := bufio.NewScanner(r.Body); s.Scan(); {
			b.WriteString(s.Text())
		}
		return b.String()
	}
	page := get("/leads")
	if !strings.Contains(page, reloadPath+".js") || !strings.Contains(get(reloadPath+".js"), "EventSource") {
		t.Errorf("the page does not load itself again: %s", page)
	}
	r, err := http.Get(front.URL + reloadPath)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := os.ReadFile(filepath.Join(dir, "src", "theme.ts"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "src", "theme.ts"), append(text, "\ndocument.title = \"changed\";\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	os.Chtimes(filepath.Join(dir, "src", "theme.ts"), time.Time{}, time.Now().Add(time.Hour)) // on any clock of a disk
	told := bufio.NewScanner(r.Body)
	if !told.Scan() || told.Text() != "data: changed" {
		t.Errorf("nobody is told: %q", told.Text())
	}
	if get("/leads") == page {
		t.Error("the page is the old one")
	}
}
