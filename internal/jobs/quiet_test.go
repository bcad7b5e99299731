package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestQuiet(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(quiet{slog.NewTextHandler(&b, nil)}).With("a", 1)
	log.Info("nothing new")
	log.Error("stopped", "error", context.Canceled)
	log.Error("stopped", "error", fmt.Errorf("begin: %w", context.Canceled))
	log.Error("stopped", slog.String("error", context.Canceled.Error()))
	log.Error("broken", "error", errors.New("disk full"))
	if got := b.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "disk full") {
		t.Errorf("logged:\n%s", got)
	}
}
