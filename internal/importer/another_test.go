package importer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
)

// A plan of another version of the engine: it is not started here, a run of it
// is left to nodes of that version, and one that was to follow its check is
// checked again.
func TestOtherEngine(t *testing.T) {
	d := newDesk(t)
	d.engine.SetSizes(2, 2, 2, 0)
	other := func(id int64, by int) {
		d.must(d.store.UpdateImport(d.ctx, access.System(), id, func(i *importer.Import) error {
			i.Plan.Engine += by
			return nil
		}))
	}
	const file = "Lead name,Emails 1 Email\nAna,ana@x.example\nBo,bo@x.example\nCy,cy@x.example\nDi,di@x.example\nEd,ed@x.example\n"
	imp := d.check("leads.csv", file, &recipe.Recipe{})
	if imp.Plan.Engine != importer.Version {
		t.Fatalf("the plan is of engine %d", imp.Plan.Engine)
	}
	other(imp.ID, 1)
	if err := d.engine.Start(d.ctx, d.p, imp.ID); !errors.Is(err, lead.ErrConflict) || !strings.Contains(err.Error(), "check it again") {
		t.Fatalf("started: %v", err)
	}
	other(imp.ID, -1)
	d.must(d.engine.Start(d.ctx, d.p, imp.ID))
	other(imp.ID, 1)
	for range 2 {
		if _, err := d.engine.Step(d.ctx, imp.ID); !errors.Is(err, importer.ErrOtherEngine) {
			t.Fatalf("a step of it: %v", err)
		}
	}
	if got := d.get(imp.ID); got.State != importer.Running || !strings.Contains(got.Reason, "another version") {
		t.Fatalf("%s, %q", got.State, got.Reason)
	}
	if n, err := d.store.Count(d.ctx); err != nil || n != 0 {
		t.Fatalf("%d leads, %v", n, err)
	}
	other(imp.ID, -1) // a node of its version
	if got := d.steps(imp.ID); got.State != importer.Done || got.Reason != "" || got.Accounting.New != 5 {
		t.Fatalf("%s, %q, %+v", got.State, got.Reason, got.Accounting)
	}

	// Nobody is left: it pauses, a cancelled one is cancelled.
	for _, c := range []struct {
		cancel bool
		want   importer.State
	}{{false, importer.Paused}, {true, importer.Cancelled}} {
		imp := d.check("more.csv", strings.ReplaceAll(file, "x.example", string(c.want)+".example"), &recipe.Recipe{})
		d.must(d.engine.Start(d.ctx, d.p, imp.ID))
		other(imp.ID, 1)
		if c.cancel {
			d.must(d.engine.Cancel(d.ctx, d.p, imp.ID))
		}
		d.must(d.engine.Pause(d.ctx, imp.ID, importer.ErrOtherEngine))
		if got := d.get(imp.ID); got.State != c.want || !strings.Contains(got.Reason, "another version") {
			t.Errorf("%s, %q, want %s", got.State, got.Reason, c.want)
		}
	}

	imp = d.check("again.csv", strings.ReplaceAll(file, "x.example", "z.example"), &recipe.Recipe{})
	d.must(d.store.UpdateImport(d.ctx, access.System(), imp.ID, func(i *importer.Import) error {
		i.Options.Run = true
		i.Plan.Engine++
		return nil
	}))
	_, err := d.engine.Step(d.ctx, imp.ID)
	d.must(err)
	if got := d.steps(imp.ID); got.State != importer.Done || got.Plan.Engine != importer.Version || got.Plan.Name() == imp.Plan.Name() {
		t.Errorf("%s with the plan %+v", got.State, got.Plan)
	}
}
