package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestImport drives the import journey: by mouse and by keyboard alone, with
// hostile text, with 100,000 records that are all wrong, and with cuts. With
// LEADPORT_SHOTS=DIR it leaves the pictures of docs/guide.md there.
func TestImport(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser is not short")
	}
	chromium := need(t, "chromium", "chromium")
	tools(t)
	base, secret := serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "node", "import.mjs", base, secret)
	shots := os.Getenv("LEADPORT_SHOTS")
	if shots != "" {
		dir, err := filepath.Abs(shots)
		if err != nil {
			t.Fatal(err)
		}
		shots = dir
	}
	corpora := os.Getenv("LEADPORT_CORPORA")
	if corpora == "" {
		corpora = filepath.Join("..", "..", "..", "..", "shared", "corpora")
	}
	c.Env = append(os.Environ(), "CHROMIUM="+chromium, "LEADPORT_CORPORA="+corpora, "SHOTS="+shots, fmt.Sprintf("SLACK=%.1f", slack()))
	out, err := c.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("%v", err)
	}
}

// slack is how many times slower than alone this machine is just now: what
// waits for its processors, for each of them.
func slack() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 1
	}
	var load float64
	if _, err := fmt.Sscan(strings.Fields(string(text))[0], &load); err != nil {
		return 1
	}
	return max(1, load/float64(runtime.NumCPU()))
}
