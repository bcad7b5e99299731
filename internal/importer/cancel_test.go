package importer_test

import (
	"context"
	"testing"

	"github.com/leadport/leadport/internal/importer"
)

// rule 8.5: a cancel that comes while a transaction waits to begin is not kept
// waiting by that transaction.
func TestCancelBeforeTransaction(t *testing.T) {
	d := newDesk(t)
	d.engine.SetSizes(1, 1, 0, 0)
	imp := d.check("five.csv", "Lead name\na\nb\nc\nd\ne\n", mapped("Lead name", "name"))
	d.must(d.engine.Start(d.ctx, d.p, imp.ID))
	d.engine.Runs = &ahead{Runs: d.store, at: 2, do: func() { d.must(d.engine.Cancel(d.ctx, d.p, imp.ID)) }}
	imp = d.steps(imp.ID)
	if imp.State != importer.Cancelled || len(d.leads()) != 1 || imp.Accounting.New != 1 {
		t.Fatalf("%s, %d leads, %+v", imp.State, len(d.leads()), imp.Accounting)
	}
}

// rule 8.5: a run ends its transaction as soon as somebody waits to write.
func TestWaitingWriter(t *testing.T) {
	d := newDesk(t)
	d.engine.SetSizes(1, 0, 0, 0)
	imp := d.check("five.csv", "Lead name\na\nb\nc\nd\ne\n", mapped("Lead name", "name"))
	d.must(d.engine.Start(d.ctx, d.p, imp.ID))
	runs := &ahead{Runs: d.store, waiting: true}
	d.engine.Runs = runs
	if imp = d.steps(imp.ID); imp.State != importer.Done || len(d.leads()) != 5 {
		t.Fatalf("%s, %d leads", imp.State, len(d.leads()))
	}
	if runs.at > -5 {
		t.Errorf("5 records in %d transactions while somebody waited, want one each", -runs.at)
	}
}

// ahead does something before the nth transaction.
type ahead struct {
	importer.Runs
	at      int
	do      func()
	waiting bool
}

func (b *ahead) InTx(ctx context.Context, f func(importer.Tx) error) error {
	if b.at--; b.at == 0 {
		b.do()
	}
	return b.Runs.InTx(ctx, f)
}

func (b *ahead) Waiting() bool { return b.waiting }
