package importer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/store"
	"github.com/leadport/leadport/internal/table"
)

// exporter shows the store's leads as the export wants them.
type exporter struct{ *store.Store }

func (x exporter) EachLead(ctx context.Context, p access.Principal, r importer.Reading, f func(importer.Lead, importer.Stamps) error) error {
	return x.Store.EachLead(ctx, p, store.LeadFilter{}, r, func(l *store.Lead) error {
		return f(l.Lead, importer.Stamps{Created: l.CreatedAt, Updated: l.UpdatedAt, CreatedBy: l.CreatedBy})
	})
}

func (d *desk) export() string {
	d.t.Helper()
	var b strings.Builder
	w := table.NewCSVWriter(&b, table.CSVOptions{Protect: true})
	_, err := d.engine.Export(d.ctx, d.p, exporter{d.store}, w, false)
	d.must(err)
	d.must(w.Close())
	return b.String()
}

func (d *desk) rejects(id int64) string {
	d.t.Helper()
	var b strings.Builder
	w := table.NewCSVWriter(&b, table.CSVOptions{Protect: true})
	_, err := d.engine.Rejects(d.ctx, d.p, id, w)
	d.must(err)
	d.must(w.Close())
	return b.String()
}

// full is a desk with leads that hold everything that is hard to write.
func full(t tb) *desk {
	d := newDesk(t)
	d.addUser(access.User{Username: "sally", Name: "Sally Sales", Role: "sales"})
	d.add(map[string]any{"name": "=1+1", "first_name": "'=x", "last_name": "O'Neil", "job_title": "'tis", "company_name": "A, B \"C\"",
		"notes": "line one\nline two\n\nthree", "emails": []any{"a@x.example", "B@x.example"}, "phones": []any{
			map[string]any{"phone": "+15852551127", "written": "+1 585 255 1127"}, map[string]any{"phone": "ask Bob", "written": "ask Bob"}},
		"tags": []any{"fair", "two words"}, "external_id": []any{map[string]any{"id": "007", "system": "hs"}, map[string]any{"id": "8", "system": "sf"}},
		"owner": "sally", "source": "website", "status": "qualified", "do_not_email": "true", "number_of_employees": "1200",
		"website": "https://x.example/a?b=c", "twitter": "@handle", "linked_in": "-dash", "follow_up_on": "2026-08-22",
		"source_created": "2026-08-22T10:00:00Z", "account": "Oro",
		"addresses": []any{map[string]any{"label": "Office", "street": "1 Main St", "postal_code": "01234", "city": "Rochester", "state": "New York", "region": "US-NY", "country": "US"},
			map[string]any{"street": "2 Side St", "city": "London", "country": "GB"}}})
	d.add(map[string]any{"name": "n/a", "industry": "#N/A", "job_title": "-"})
	d.add(map[string]any{"name": "plain"})
	return d
}

// rules 6.5 and 10.3: an export that comes home untouched changes nothing.
func TestExportComesHome(t *testing.T) {
	d := full(t)
	before := d.leads()
	text := d.export()
	r := &recipe.Recipe{}
	r.SetDecision("erase.blank", "erase") // a placeholder is no blank cell
	imp := d.imports("export.csv", text, r)
	if a := imp.Accounting; a.Unchanged != 3 || a.Records != 3 {
		t.Errorf("%s\n%s\n%s", line(a), strings.Join(d.issues(imp.ID), "\n"), text)
	}
	for i, l := range d.leads() {
		if d.show(&l) != d.show(&before[i]) {
			t.Errorf("%s\nwas\n%s", d.show(&l), d.show(&before[i]))
		}
	}
}

// rule 6.5: what was changed here and in the file since the export is a
// conflict; what was changed on one side only is not.
func TestChangedSinceExport(t *testing.T) {
	const file = "Id,Leadport version,Lead name,Job title,Industry,Emails 1 Email\n1,TESTDESK-1,Ann,Boss,Steel,ann@x.example\n"
	for _, c := range []struct {
		name, field, decide, outcome, job, industry string
	}{
		{"another field", "first_name", "", "update", "Boss", "Steel"},
		{"the same field", "job_title", "", "conflict", "Hand", ""},
		{"the file holds", "job_title", "file", "update", "Boss", "Steel"},
		{"the lead keeps", "job_title", "keep", "update", "Hand", "Steel"},
	} {
		for _, size := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s, pieces of %d", c.name, size), func(t *testing.T) {
				d := newDesk(t)
				d.engine.SetSizes(size, size, size, size)
				d.add(map[string]any{"name": "Ann", "job_title": "Clerk", "emails": []any{"ann@x.example"}})
				d.set(1, c.field, "Hand")
				r := &recipe.Recipe{}
				if c.decide != "" {
					r.SetDecision("changed.since_export", c.decide)
				}
				imp := d.imports("export.csv", file, r)
				f, err := d.engine.Fate(d.ctx, d.p, imp.ID, 1)
				d.must(err)
				l := d.lead(1)
				if f.Outcome != c.outcome || d.schema.Get(l.Record, "job_title") != c.job || d.schema.Get(l.Record, "industry") != c.industry {
					t.Errorf("%s %s %s\n%s\n%s", f.Outcome, f.Reason, f.Note, d.show(l), strings.Join(d.issues(imp.ID), "\n"))
				}
				if imp.Accounting != imp.Plan.Accounting {
					t.Errorf("run %s\nplan %s", line(imp.Accounting), line(imp.Plan.Accounting))
				}
			})
		}
	}
}

// rules 10.1 and 4.4: rejects hold the records as they were, come home once,
// and are known when they come again.
func TestRejectsComeHome(t *testing.T) {
	d := newDesk(t)
	const file = "Lead name,Status Id,Email\ngood,new,g@x.example\nbad,Hot,b@x.example\npartly,new,nonsense\nodd,\"Hot, hot\",o@x.example\n"
	imp := d.check("leads.csv", file, &recipe.Recipe{})
	if early := d.rejects(imp.ID); strings.Count(early, "\n") != 4 {
		t.Errorf("before the run:\n%s", early)
	}
	imp = d.run(imp.ID)
	if a := imp.Accounting; a.New != 2 || a.Errors != 2 || a.CellsNotImported != 1 {
		t.Fatal(line(a))
	}
	got := d.rejects(imp.ID)
	want := "Lead name,Status Id,Email,Leadport reasons,Leadport import,Leadport record\r\n" +
		"bad,Hot,b@x.example,\"Status Id: The value \"\"Hot\"\" is not a valid choice.\",1,2\r\n" +
		"partly,new,nonsense,\"Email: \"\"nonsense\"\" is not an e-mail address.\",1,3\r\n" +
		"odd,\"Hot, hot\",o@x.example,\"Status Id: The value \"\"Hot, hot\"\" is not a valid choice.\",1,4\r\n"
	if strings.ReplaceAll(got, "\r\n", "\n") != strings.ReplaceAll(want, "\r\n", "\n") {
		t.Fatalf("%q\nwant\n%q", got, want)
	}
	mended := strings.Replace(strings.Replace(got, ",Hot,", ",new,", 1), "nonsense,", "p@x.example,", 1)
	home := d.imports("rejects.csv", mended, &recipe.Recipe{})
	if a := home.Accounting; a.New != 1 || a.Update+a.New != 2 || a.Errors != 1 {
		t.Fatalf("%s\n%s", line(a), strings.Join(d.issues(home.ID), "\n"))
	}
	if all := strings.Join(d.issues(home.ID), "\n"); strings.Contains(all, "Leadport") {
		t.Errorf("the columns of home are no columns with data\n%s", all)
	}
	// The mended ones are in: they are no rejects any more, and a second time skipped.
	if left := d.rejects(imp.ID); strings.Contains(left, "bad,") || !strings.Contains(left, "odd,") {
		t.Errorf("rejects of the first import now:\n%s", left)
	}
	again := d.imports("rejects2.csv", mended+"\n", &recipe.Recipe{})
	for n := int64(1); n <= 2; n++ {
		if f, _ := d.engine.Fate(d.ctx, d.p, again.ID, n); f.Reason != "skip.came_home" {
			t.Errorf("row #%d: %+v", n, f)
		}
	}
	if len(d.leads()) != 3 {
		t.Errorf("%d leads", len(d.leads()))
	}
	// Where what came home is undone, it is rejected as it was, and may come
	// again; its lead is in the bin now (rule 5.6).
	undo := d.undo(home.ID, importer.Options{})
	if left := d.rejects(imp.ID); left != got {
		t.Errorf("rejects after the undo:\n%s", left)
	}
	once := d.imports("rejects3.csv", mended, &recipe.Recipe{})
	if f, _ := d.engine.Fate(d.ctx, d.p, once.ID, 1); once.Accounting.Update != 1 || f.Reason != "skip.deleted" {
		t.Errorf("after the undo: %s, %+v", line(once.Accounting), f)
	}
	// The undo undone as well, each is in once.
	d.undo(once.ID, importer.Options{})
	d.undo(undo.ID, importer.Options{})
	if left := d.rejects(imp.ID); strings.Contains(left, "bad,") {
		t.Errorf("rejects after the undo was undone:\n%s", left)
	}
}

// rule 10.1: in a workbook of rejects a bad cell is red with a note, and a column
// of choices has its drop-down list.
func TestRejectsWorkbook(t *testing.T) {
	d := newDesk(t)
	imp := d.check("leads.csv", "Lead name,Status Id,Email\nbad,Hot,b@x.example\n", &recipe.Recipe{})
	var b bytes.Buffer
	w := table.NewXLSXWriter(&b)
	_, err := d.engine.Rejects(d.ctx, d.p, imp.ID, w)
	d.must(err)
	d.must(w.Close())
	book, err := excelize.OpenReader(&b)
	d.must(err)
	defer book.Close()
	notes, err := book.GetComments("Leads")
	d.must(err)
	if len(notes) != 1 || notes[0].Cell != "B2" || !strings.Contains(notes[0].Paragraph[0].Text, "not a valid choice") {
		t.Errorf("notes: %+v", notes)
	}
	lists, err := book.GetDataValidations("Leads")
	d.must(err)
	if len(lists) != 1 || !strings.HasPrefix(lists[0].Sqref, "B2:") {
		t.Fatalf("lists: %+v", lists)
	}
	choices, err := book.GetCols("Lists")
	d.must(err)
	if got := strings.Join(choices[1], "|"); !strings.HasPrefix(got, "New|") {
		t.Errorf("choices: %q", got)
	}
}

// rule 10.4: what happened to record N is known after the upload is gone.
func TestFate(t *testing.T) {
	d := newDesk(t)
	imp := d.imports("leads.csv", "Lead name,Email\na,a@x.example\nb,A@x.example\n,\nc,nonsense\n", mapped("Lead name", "name", "Email", "emails"))
	d.must(d.files.Remove(d.ctx, imp.SHA256))
	for n, want := range map[int64]importer.Fate{
		1: {Outcome: "new", Lead: 1, Line: 2},
		2: {Outcome: "skipped", Reason: "skip.merged", Head: 1, Line: 3},
		3: {Outcome: "new", Lead: 2, Line: 5},
	} {
		got, err := d.engine.Fate(d.ctx, d.p, imp.ID, n)
		if err != nil || got.Outcome != want.Outcome || got.Reason != want.Reason || got.Lead != want.Lead || got.Head != want.Head || got.Line != want.Line {
			t.Errorf("record %d: %+v %v", n, got, err)
		}
	}
	if got, err := d.engine.Fate(d.ctx, d.p, imp.ID, 3); err != nil || len(got.Issues) != 1 || got.Issues[0].Record != 3 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := d.engine.Fate(d.ctx, d.p, imp.ID, 9); err == nil {
		t.Error("record 9 has a fate")
	}
}

// rule 8.1: a fix is an overlay; one that no longer finds its text is set aside.
func TestFixes(t *testing.T) {
	d := newDesk(t)
	imp, _ := d.upload("leads.csv", "Lead name,Status\na,Hot\nb,Hot\n", mapped("Lead name", "name", "Status", "status"))
	d.must(d.engine.Check(d.ctx, d.p, imp.ID, nil))
	first := d.get(imp.ID)
	plan := d.plan(first)
	d.must(d.store.SaveFixes(d.ctx, imp.ID, []importer.Fix{
		{Offset: plan[0].Offset, Column: 1, Old: "Hot", New: "qualified"},
		{Offset: plan[1].Offset, Column: 1, Old: "Cold", New: "new"},
	}))
	d.must(d.engine.Check(d.ctx, d.p, imp.ID, nil))
	second := d.get(imp.ID)
	if len(second.Plan.Deltas) != 1 || second.Plan.File != first.Plan.File { // rule 8.1
		t.Errorf("the fixes' check is no delta over the plan: %+v", second.Plan)
	}
	if second.Accounting.New != 1 || second.Accounting.Errors != 1 || first.Plan.Hash == second.Plan.Hash || first.Plan.Inputs == second.Plan.Inputs {
		t.Errorf("%s\n%s", line(second.Accounting), strings.Join(d.issues(imp.ID), "\n"))
	}
	if all := strings.Join(d.issues(imp.ID), "\n"); !strings.Contains(all, `"Cold"`) {
		t.Errorf("nothing is said of the fix that does not fit:\n%s", all)
	}
	d.run(imp.ID)
	if l := d.lead(1); d.schema.Get(l.Record, "status") != "qualified" {
		t.Error(d.show(l))
	}
}

// rules 10.5 and 2.1: the template's headings all map, its sample is skipped.
func TestTemplate(t *testing.T) {
	d := newDesk(t)
	cols, sample := importer.Template(d.schema, d.p.User)
	var b strings.Builder
	w := table.NewCSVWriter(&b, table.CSVOptions{})
	d.must(importer.WriteTemplate(w, cols, sample))
	d.must(w.Close())
	imp := d.check("leads_template.csv", b.String(), &recipe.Recipe{})
	if a := imp.Accounting; a.Skipped != 1 || a.Records != 1 {
		t.Error(line(a))
	}
	for _, i := range d.issues(imp.ID) {
		if strings.Contains(i, "is not imported") {
			t.Error(i)
		}
	}
	changed := strings.Replace(b.String(), "Rochester", "Buffalo", 1)
	if imp = d.check("leads_template.csv", changed, &recipe.Recipe{}); imp.Accounting.New != 1 {
		t.Errorf("a changed sample: %s\n%s", line(imp.Accounting), strings.Join(d.issues(imp.ID), "\n"))
	}
}

// rules 9.1 and 9.3: some records, one field, and leads that were edited since.
func TestUndoSome(t *testing.T) {
	start := func(t *testing.T) (*desk, *importer.Import) {
		d := newDesk(t)
		r := mapped("Lead name", "name", "Email", "emails", "Job", "job_title", "Industry", "industry")
		d.imports("old.csv", "Lead name,Email,Job,Industry\nold,old@x.example,Clerk,Wood\n", r)
		imp := d.imports("new.csv", "Lead name,Email,Job,Industry\na,a@x.example,,\nold,old@x.example,Boss,Steel\nb,b@x.example,,\n", r)
		return d, imp
	}
	get := func(d *desk, id int64, field string) string { return d.schema.Get(d.lead(id).Record, field) }
	t.Run("some records", func(t *testing.T) {
		d, imp := start(t)
		u := d.undo(imp.ID, importer.Options{Records: []int64{1}})
		if u.Accounting.Removed != 1 || u.Accounting.Restored != 0 || d.lead(2).DeletedAt.IsZero() || !d.lead(3).DeletedAt.IsZero() || get(d, 1, "job_title") != "Boss" {
			t.Errorf("%+v", u.Accounting)
		}
		if s := d.get(imp.ID).State; s != importer.PartlyUndone {
			t.Error(s)
		}
		u = d.undo(imp.ID, importer.Options{}) // and then the rest
		if u.Accounting.Removed != 1 || u.Accounting.Restored != 1 || get(d, 1, "job_title") != "Clerk" || d.get(imp.ID).State != importer.Undone {
			t.Errorf("%+v", u.Accounting)
		}
	})
	t.Run("one field", func(t *testing.T) {
		d, imp := start(t)
		d.undo(imp.ID, importer.Options{Field: "job_title"})
		if get(d, 1, "job_title") != "Clerk" || get(d, 1, "industry") != "Steel" || !d.lead(2).DeletedAt.IsZero() {
			t.Error(d.show(d.lead(1)))
		}
		if _, err := d.engine.Undo(d.ctx, d.p, imp.ID, importer.Options{Field: "nonsense"}); err == nil {
			t.Error("a field that does not exist was undone")
		}
	})
	t.Run("edited since", func(t *testing.T) {
		d, imp := start(t)
		d.set(2, "job_title", "Hand")
		p, err := d.engine.PreviewUndo(d.ctx, d.p, imp.ID, importer.Options{})
		d.must(err)
		if p.Accounting.Kept != 1 || len(p.Kept) != 1 || p.Kept[0].Record != 1 || !strings.HasPrefix(p.Kept[0].Why, "kept: changed since, by Ada Admin on "+time.Now().UTC().Format("2 January 2006")) {
			t.Errorf("%+v", p)
		}
		d.undo(imp.ID, importer.Options{})
		if !d.lead(2).DeletedAt.IsZero() || d.lead(3).DeletedAt.IsZero() {
			t.Error(d.show(d.lead(2)))
		}
		d.undo(imp.ID, importer.Options{RemoveToo: true})
		if d.lead(2).DeletedAt.IsZero() {
			t.Error("remove these too: kept all the same")
		}
	})
}

// rule 9.3: who may undo, and how long.
func TestMayUndo(t *testing.T) {
	d := newDesk(t)
	admin := d.p
	sally := d.addUser(userOf("sally", "sales"))
	reader := d.addUser(userOf("rita", "readonly"))
	mine := d.imports("a.csv", "Lead name\na\n", mapped("Lead name", "name"))
	if _, err := d.engine.Undo(d.ctx, sally, mine.ID, importer.Options{}); !errors.Is(err, lead.ErrForbidden) && !errors.Is(err, lead.ErrNotFound) {
		t.Errorf("somebody else's import: %v", err)
	}
	if _, err := d.engine.PreviewUndo(d.ctx, reader, mine.ID, importer.Options{}); err == nil {
		t.Error("a reader may undo")
	}
	d.p = sally
	hers := d.imports("b.csv", "Lead name\nb\nc\n", mapped("Lead name", "name"))
	given := hers.FirstID + 1
	d.p = admin
	l := d.lead(given)
	after := l.Record.Clone()
	after.Values[d.schema.Index("owner")] = fmt.Sprint(admin.User.ID)
	d.write(importer.Write{Lead: given, Before: l.Record, After: after})
	d.p = sally
	d.engine.Now = func() time.Time { return time.Now().AddDate(0, 0, 91) }
	if _, err := d.engine.Undo(d.ctx, d.p, hers.ID, importer.Options{}); !errors.Is(err, lead.ErrConflict) {
		t.Errorf("after 91 days: %v", err)
	}
	d.engine.Now = time.Now
	u := d.undo(hers.ID, importer.Options{})
	if u.Accounting.Removed != 1 {
		t.Errorf("%+v", u.Accounting)
	}
	d.p = admin
	if !d.lead(given).DeletedAt.IsZero() {
		t.Error("a lead that was given away was removed")
	}
}

// rule 9.2: accounts and tags that the import made go if nothing uses them.
func TestUndoLeavesNothing(t *testing.T) {
	d := newDesk(t)
	r := mapped("Lead name", "name", "Account", "account", "Tags", "tags")
	imp := d.imports("a.csv", "Lead name,Account,Tags\na,Oro,fair\nb,Gov,hot\n", r)
	d.imports("b.csv", "Lead name,Account,Tags\nc,Gov,hot\n", r)
	d.undo(imp.ID, importer.Options{})
	again := d.check("c.csv", "Lead name,Account,Tags\nx,Oro,fair\ny,Gov,hot\n", r)
	if again.Accounting.Accounts != 1 || again.Accounting.Tags != 1 {
		t.Errorf("%s: Oro and fair ought to be gone, Gov and hot to be there", line(again.Accounting))
	}
}

// rules 10.1 and 8.4: what rejects brought with them can be taken away again,
// and settings that decide no record leave the file checked.
func TestSettingsAreTakenAway(t *testing.T) {
	d := newDesk(t)
	over := &recipe.Recipe{Strict: true, Same: []recipe.Same{{Field: "tags", Value: "fair"}}}
	imp := d.imports("leads.csv", "Lead name,Email\ngood,g@x.example\nbad,nonsense\n", over)
	home, prep := d.upload("rejects.csv", d.rejects(imp.ID), &recipe.Recipe{})
	if r := prep.Recipe; !r.Strict || len(r.Same) != 1 {
		t.Fatalf("the settings do not come home: %+v", r)
	}
	r := prep.Recipe
	r.Strict, r.Same = false, nil
	prep, err := d.engine.Change(d.ctx, d.p, home.ID, r)
	d.must(err)
	if r := prep.Recipe; r.Strict || r.Same != nil {
		t.Errorf("settings taken away are there again: %+v", r)
	}
	if prep, err = d.engine.Prepared(d.ctx, d.p, home.ID); err != nil || prep.Recipe.Strict {
		t.Errorf("%v, strict again: %v", err, prep.Recipe.Strict)
	}
	d.must(d.engine.Check(d.ctx, d.p, home.ID, nil))
	plan := d.get(home.ID).Plan
	r = prep.Recipe
	r.Tell, r.AllOrNothing, r.StopAfter, r.Name = []string{"jerry"}, true, "5%", "fair"
	if _, err = d.engine.Change(d.ctx, d.p, home.ID, r); err != nil {
		t.Fatal(err)
	}
	if now := d.get(home.ID); now.State != importer.Checked || now.Plan.Hash != plan.Hash || !strings.Contains(now.Recipe, "jerry") {
		t.Errorf("%s, %s", now.State, now.Recipe)
	}
	r.Existing = "fill"
	if _, err = d.engine.Change(d.ctx, d.p, home.ID, r); err != nil {
		t.Fatal(err)
	}
	if now := d.get(home.ID); now.State != importer.Draft {
		t.Errorf("%s after a change that may change records", now.State)
	}
}
