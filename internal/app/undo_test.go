package app_test

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/importer"
)

// rule 9.3: an undo that takes many steps comes to its end. The clock runs
// fast, so that a step is over after some hundred leads.
func TestLongUndo(t *testing.T) {
	ctx := t.Context()
	a, err := app.Open(ctx, app.Config{Data: t.TempDir(), MaxUpload: 1 << 20}, slog.New(slog.DiscardHandler))
	must(t, err)
	defer a.Close(ctx)
	p, _, err := a.Principal(ctx, "")
	must(t, err)
	const leads = 3_000
	imp := importLeads(t, a, p, leads)

	var asked atomic.Int64
	a.Engine.Now = func() time.Time { return time.Now().Add(time.Duration(asked.Add(1)) * 900 * time.Millisecond) }
	began := time.Now()
	undo, err := a.Engine.Undo(ctx, p, imp.ID, importer.Options{})
	must(t, err)
	done, err := a.Watch(ctx, undo.ID, nil)
	must(t, err)
	if done.State != importer.Done || done.Accounting.Removed != leads {
		t.Errorf("%s, %d removed", done.State, done.Accounting.Removed)
	}
	if took := time.Since(began); took > 25*time.Second {
		t.Errorf("took %s: its steps wait for each other's leases", took)
	}
}
