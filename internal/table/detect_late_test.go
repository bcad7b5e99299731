package table

import (
	"fmt"
	"strings"
	"testing"
)

// TestLateEvidence: quotes and escapes that first appear far below the head (rule 1.3).
func TestLateEvidence(t *testing.T) {
	var plain strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&plain, "%d,Name %d,name%d@example.com\n", i, i, i)
	}
	head := "id,name,email\n"
	for name, tt := range map[string]struct{ lines, want, quote, escape string }{
		"backslash":  {"1,\"say \\\"hi\\\", ok\",a@example.com\n", `say "hi", ok`, `"`, `\`},
		"apostrophe": {"1,'Acme, Inc.',a@example.com\n2,'Globex, Ltd',b@example.com\n", "Acme, Inc.", "'", "'"},
		"doubled":    {"1,\"say \"\"hi\"\", ok\",a@example.com\n", `say "hi", ok`, `"`, `"`},
	} {
		t.Run(name, func(t *testing.T) {
			for where, text := range map[string]string{"after 100 KB": head + plain.String()[:100_000] + "\n" + tt.lines, "at the end": head + plain.String() + tt.lines} {
				det, rows := readAll(t, BytesSource("x", []byte(text)), Options{})
				found := false
				for _, r := range rows {
					found = found || r.Cells[1] == tt.want
				}
				if !found || det.Quote != tt.quote || det.Escape != tt.escape {
					t.Errorf("%s: quote %q escape %q, last %q", where, det.Quote, det.Escape, rows[len(rows)-1].Cells)
				}
			}
		})
	}
}
