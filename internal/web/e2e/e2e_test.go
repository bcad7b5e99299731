// Package e2e drives the user interface in a real browser.
package e2e

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/store/pgtest"
	"github.com/leadport/leadport/internal/web"
)

// need finds a program. Where CI=true it is installed if it is missing, from
// the system's packages; elsewhere the test skips.
func need(t *testing.T, name string, packages ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "true" {
		if out, err := exec.CommandContext(t.Context(), "../../../scripts/need", append([]string{name}, packages...)...).CombinedOutput(); err != nil {
			t.Logf("%v\n%s", err, out)
		}
		path, err = exec.LookPath(name)
	}
	if err != nil {
		missing(t, name+" is not installed (apt-get install "+strings.Join(packages, " ")+"), so the user interface is not tested")
	}
	return path
}

// missing skips, or fails where CI=true: there nothing may be missing.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

func TestDesk(t *testing.T) { drive(t, "desk.mjs", nil) }

// drive runs a script that drives a browser, on a demo of its own.
func drive(t *testing.T, script string, args []string, env ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is not short")
	}
	chromium := need(t, "chromium", "chromium")
	tools(t)
	base, secret := serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute) // two minutes where nothing else runs
	defer cancel()
	c := exec.CommandContext(ctx, "node", append([]string{script, base, secret}, args...)...)
	c.Env = append(append(os.Environ(), "CHROMIUM="+chromium), env...)
	out, err := c.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("%v", err)
	}
}

// TestTypes lets the TypeScript compiler look at the sources, which esbuild
// does not.
func TestTypes(t *testing.T) {
	if testing.Short() {
		t.Skip("the compiler is not short")
	}
	tools(t)
	if out, err := exec.CommandContext(t.Context(), "node_modules/.bin/tsc", "--noEmit", "-p", "..").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestFormat: the sources look as prettier writes them.
func TestFormat(t *testing.T) {
	if testing.Short() {
		t.Skip("reads every source")
	}
	tools(t)
	check := exec.CommandContext(t.Context(), "e2e/node_modules/.bin/prettier", "--check", "src", "e2e")
	check.Dir = ".."
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\nTo mend it: cd internal/web && e2e/node_modules/.bin/prettier --write src e2e", err, out)
	}
}

// tools finds node and what package-lock.json names; CI installs it.
func tools(t *testing.T) {
	t.Helper()
	need(t, "node", "nodejs", "npm")
	if _, err := os.Stat("node_modules/playwright-core"); err == nil {
		return
	}
	if os.Getenv("CI") != "true" {
		t.Skip("run npm ci --ignore-scripts in internal/web/e2e to test the user interface")
	}
	if out, err := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
}

// serve starts the demo and puts the interface before it. It returns the
// address and the secret of the one-time link.
func serve(t *testing.T) (base, secret string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "leadport")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../../cmd/leadport").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	if help, err := exec.CommandContext(t.Context(), binary, "serve", "--help").Output(); err != nil || !strings.Contains(string(help), "--demo") {
		missing(t, "leadport serve has no --demo")
	}
	c := exec.Command(binary, "serve", "--demo", "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"))
	c.Env = append(os.Environ(), "LEADPORT_DATABASE_URL="+pgtest.Chosen(t))
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = c.Stdout
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		c.Wait()
	})
	var said []string
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		said = append(said, lines.Text())
		if link, err := url.Parse(strings.TrimSpace(lines.Text())); err == nil && strings.HasPrefix(link.Fragment, "sign-in=") {
			secret = strings.TrimPrefix(link.Fragment, "sign-in=")
			proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: link.Scheme, Host: link.Host})
			proxy.FlushInterval = -1
			mux := http.NewServeMux()
			mux.Handle("/api/", proxy)
			mux.Handle("/", web.Handler())
			front := httptest.NewServer(mux)
			t.Cleanup(front.Close)
			return front.URL, secret
		}
	}
	t.Fatalf("serve prints no link:\n%s", strings.Join(said, "\n"))
	return "", ""
}
