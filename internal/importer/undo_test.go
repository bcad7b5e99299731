package importer_test

import (
	"testing"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// rule 9.1: an undo keeps what was edited since, and what is right then.
func TestUndoKeeps(t *testing.T) {
	r := mapped("Lead name", "name", "Email", "emails", "Job", "job_title", "Tags", "tags")
	const head = "Lead name,Email,Job,Tags\nAnn,ann@x.example,"
	start := func() (*desk, func(string) int64, func(string) string) {
		d := newDesk(t)
		do := func(rest string) int64 { return d.imports("a.csv", head+rest+"\n", r).ID }
		do("Clerk,")
		return d, do, func(f string) string { return d.schema.Get(d.lead(1).Record, f) }
	}
	d, do, get := start()
	x := do("Boss,")
	d.set(1, "job_title", "Hand")
	if u := d.undo(x, importer.Options{}); get("job_title") != "Hand" || u.Accounting.Kept != 1 {
		t.Errorf("edited since: %s %+v", get("job_title"), u.Accounting)
	}

	d, do, get = start()
	x, y := do("Boss,"), do("Chief,")
	d.undo(x, importer.Options{})
	if d.undo(y, importer.Options{}); get("job_title") != "Clerk" {
		t.Errorf("both undone: %s", get("job_title"))
	}

	d, do, get = start()
	x = do(",fair")
	d.set(1, "tags", "")
	do(",hot")
	d.undo(x, importer.Options{})
	f := d.schema.Field("tags")
	if list := lead.DecodeList(f.Parts, get("tags")); len(list) != 1 || list[0].Values[0] != "hot" || d.get(x).State != importer.Undone {
		t.Errorf("another element: %s, %s", get("tags"), d.get(x).State)
	}
}
