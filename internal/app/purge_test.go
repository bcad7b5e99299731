package app_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// rule 10.4: the upload goes after its time; what became of a record stays.
func TestPurgeUploads(t *testing.T) {
	ctx := t.Context()
	a, err := app.Open(ctx, app.Config{Data: t.TempDir(), DatabaseURL: pgtest.Chosen(t), MaxUpload: 1 << 20}, slog.New(slog.DiscardHandler))
	must(t, err)
	defer a.Close(ctx)
	p, _, err := a.Principal(ctx, "")
	must(t, err)
	imp, err := a.Engine.Upload(ctx, p, "leads.csv", func() (string, int64, error) {
		ref, err := a.Files.Put(ctx, strings.NewReader("Lead name\nAcme\n"), 1<<20)
		return ref.SHA256, ref.Size, err
	}, importer.Options{})
	must(t, err)
	_, err = a.Engine.Prepare(ctx, p, imp.ID, &recipe.Recipe{})
	must(t, err)
	must(t, a.Engine.Check(ctx, p, imp.ID, nil))

	kept := func() bool {
		f, err := a.Files.Open(ctx, imp.SHA256)
		if err == nil {
			f.Close()
		}
		return err == nil
	}
	must(t, a.PurgeUploads(ctx, time.Now().AddDate(0, 0, 29)))
	if !kept() {
		t.Fatal("gone after 29 days")
	}
	must(t, a.PurgeUploads(ctx, time.Now().AddDate(0, 0, 31)))
	if kept() {
		t.Fatal("still there after 31 days")
	}
	fate, err := a.Engine.Fate(ctx, p, imp.ID, 1)
	must(t, err)
	if fate.Outcome != "new" {
		t.Errorf("%+v", fate)
	}
	if err := a.Engine.Check(ctx, p, imp.ID, nil); err == nil || !strings.Contains(err.Error(), "no longer kept") {
		t.Errorf("checked again: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
