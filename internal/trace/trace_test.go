package trace

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

func TestHandler(t *testing.T) {
	var b bytes.Buffer
	var levels []slog.Level
	log := slog.New(Handler(slog.NewTextHandler(&b, nil), func(l slog.Level) { levels = append(levels, l) })).With("node", "a")
	ctx := With(With(context.Background(), Request, "R1"), Import, 7)
	log.WarnContext(ctx, "both")
	log.InfoContext(ctx, "its own", "import", 9)
	log.ErrorContext(With(ctx, Request, "R2"), "later counts")
	log.Info("none")
	for i, want := range []string{"node=a request=R1 import=7", "node=a import=9 request=R1", "node=a import=7 request=R2", "msg=none node=a"} {
		if line := strings.Split(b.String(), "\n")[i]; !strings.HasSuffix(line, want) {
			t.Errorf("line %d is %q, want %q at its end", i, line, want)
		}
	}
	if len(levels) != 4 || levels[2] != slog.LevelError {
		t.Errorf("counted %v", levels)
	}
}
