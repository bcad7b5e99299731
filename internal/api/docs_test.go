package api_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every command of docs/api.md that goes to the API is run, in its order.
func TestDocsCommands(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	_, c := d.person("ada", "admin")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "leads.csv"), []byte("First name,Last name,Email\nAna,Lima,ana@x.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^curl .*$`).FindAllString(string(text), -1)
	if len(lines) != 5 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "URL="+strings.TrimSuffix(d.url, "/api/v1"), "TOKEN="+strings.TrimPrefix(c.head.Get("Authorization"), "Bearer "))
		out, err := cmd.CombinedOutput()
		if err != nil || strings.Contains(string(out), `"code":`) && strings.Contains(string(out), `"request_id"`) {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
	}
	if got := c.settle(1); got.State != "done" || got.Accounting["new"] != 1 {
		t.Errorf("%+v", got)
	}
}
