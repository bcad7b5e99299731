package importer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/importer/oracle"
	"github.com/leadport/leadport/internal/lead"
)

// rule 8.1: the same file, recipe and leads give the same plan.
func TestCheckTwice(t *testing.T) {
	rapidly(t, 25, func(t *rapid.T) {
		s := newStory(t)
		s.imports(s.rows(5), oracle.Options{})
		imp, _ := s.prepare(s.rows(8), genOptions(false).Draw(t, "options"))
		few := rapid.IntRange(1, 3)
		s.desk.engine.SetSizes(few.Draw(t, "batch"), 0, 0, few.Draw(t, "states"))
		s.desk.forget(imp.ID)
		s.desk.must(s.desk.engine.Check(s.desk.ctx, s.desk.p, imp.ID, nil))
		again := s.desk.get(imp.ID)
		if imp.Plan.Hash != again.Plan.Hash || imp.Accounting != again.Accounting {
			t.Fatalf("first  %s %+v\nsecond %s %+v", imp.Plan.Hash, imp.Accounting, again.Plan.Hash, again.Accounting)
		}
	})
}

// rule 8.2: what a person changes between check and run makes conflicts of
// exactly the records it concerns, and is never overwritten.
func TestInterference(t *testing.T) {
	rapidly(t, 60, func(t *rapid.T) {
		s := newStory(t)
		s.imports(s.rows(4), oracle.Options{})
		rows := s.rows(6)
		o := genOptions(false).Draw(t, "options")
		t.Logf("check with %+v\n%s", o, text(rows))
		imp, o := s.prepare(rows, o)
		var records []oracle.Record
		for _, r := range rows {
			records = append(records, r.means)
		}
		planned := s.model.Clone()
		want := planned.Import(int(imp.ID), records, o)
		must := map[int64]string{} // records that have to be conflicts, and why
		held := func() {}          // what has to hold afterwards
		concerns := func(i int) bool { return true }
		kind := rapid.IntRange(0, 3).Draw(t, "interference")
		if len(s.model.Leads) == 0 {
			kind = 2
		}
		switch kind {
		case 0:
			l := rapid.SampledFrom(s.model.Leads).Draw(t, "lead")
			f := rapid.SampledFrom([]string{"job_title", "first_name"}).Draw(t, "field")
			t.Logf("meanwhile: lead %d: %s = Hand", l.ID, f)
			s.desk.set(l.ID, f, "Hand")
			for _, w := range planned.Lead(l.ID).Writes {
				if w.Op == int(imp.ID) && w.Field == f {
					must[w.Record] = "would overwrite " + f
				}
			}
			held = func() {
				if v := s.desk.schema.Get(s.desk.lead(l.ID).Record, f); v != "Hand" {
					t.Fatalf("lead %d: %s = %q, a person had written Hand", l.ID, f, v)
				}
			}
			concerns = func(i int) bool { return want[i].Lead == l.ID }
		case 1:
			l := rapid.SampledFrom(s.model.Leads).Draw(t, "lead")
			t.Logf("meanwhile: lead %d is deleted", l.ID)
			s.desk.bin(l.ID, true)
			before := s.desk.show(s.desk.lead(l.ID))
			for i, w := range want {
				if w.Lead == l.ID && (w.What == "update" || w.What == "unchanged") {
					must[int64(i+1)] = "is about a deleted lead"
				}
			}
			held = func() {
				if after := s.desk.show(s.desk.lead(l.ID)); after != before {
					t.Fatalf("a deleted lead was written\n%s\n%s", before, after)
				}
			}
		case 2:
			v := rapid.SampledFrom([]string{"ann@x.example", "bob@x.example"}).Draw(t, "e-mail")
			t.Logf("meanwhile: a new lead with %s", v)
			rec := s.desk.schema.New()
			rec.Values[s.desk.schema.Index("name")] = "By hand"
			f := s.desk.schema.Field("emails")
			rec.Values[s.desk.schema.Index("emails")] = lead.EncodeList(f.Parts, []lead.Element{{ID: 1, Values: []string{v}}})
			s.desk.write(importer.Write{Create: true, After: rec})
			hit := func(i int) bool {
				for _, e := range rows[i].means.Many["emails"] {
					if strings.EqualFold(e, v) {
						return true
					}
				}
				return false
			}
			for i, w := range want {
				if hit(i) && (w.What == "new" || w.What == "update" || w.What == "unchanged" || w.Head != 0) {
					must[int64(i+1)] = "has the e-mail of a new lead"
				}
			}
			concerns = func(i int) bool { return hit(i) || rows[i].means.ID == s.model.Next }
		}
		if kind == 3 { // a change that concerns nothing
			l := rapid.SampledFrom(s.model.Leads).Draw(t, "lead")
			s.desk.set(l.ID, "industry", "Hand")
			concerns = func(int) bool { return false }
		}
		imp = s.desk.run(imp.ID)
		held()
		diverted := map[int64]importer.Result{}
		for _, r := range s.desk.results(imp.ID) {
			diverted[r.Record] = r
		}
		for n, why := range must {
			if r := diverted[n]; r.Outcome != importer.Conflict {
				t.Errorf("record %d %s, but is no conflict: %+v", n, why, r)
			}
		}
		for n, r := range diverted {
			w := want[n-1]
			head := false // an earlier record was not imported, so this one meets other leads
			for m := int64(1); m < n; m++ {
				head = head || diverted[m].Record != 0
			}
			if must[n] == "" && !head && !concerns(int(n-1)) {
				t.Errorf("record %d was %+v, and nothing concerned it: %+v", n, w, r)
			}
		}
		for i, w := range want {
			if w.Head != 0 && diverted[w.Head].Record != 0 && diverted[int64(i+1)].Record == 0 {
				t.Errorf("record %d follows record %d, which was not imported", i+1, w.Head)
			}
		}
		if a := imp.Accounting; !a.Balanced() || a.Records != int64(len(rows)) {
			t.Errorf("%+v", a)
		}
		n := imp.Plan.Accounting.New
		for _, r := range diverted {
			if want[r.Record-1].What == "new" {
				n--
			}
		}
		if imp.Accounting.New != n {
			t.Errorf("new %d, want %d", imp.Accounting.New, n)
		}
	})
}

// rule 8.2: what a person typed since the check is not overwritten, and a lead
// that appeared since is not doubled.
func TestChangedSinceCheck(t *testing.T) {
	d := newDesk(t)
	d.add(map[string]any{"name": "Ann", "job_title": "Clerk", "emails": []any{"ann@x.example"}})
	imp := d.check("a.csv", "Email,Job title\nann@x.example,Boss\nbob@x.example,Boss\n", mapped("Email", "emails", "Job title", "job_title"))
	if a := imp.Accounting; a.Update != 1 || a.New != 1 {
		t.Fatal(line(a))
	}
	d.set(1, "job_title", "Hand")
	d.add(map[string]any{"name": "Bob", "emails": []any{"bob@x.example"}})
	if imp = d.run(imp.ID); imp.Accounting.Conflicts != 2 || len(d.leads()) != 2 {
		t.Errorf("%s, %d leads", line(imp.Accounting), len(d.leads()))
	}
	if v := d.schema.Get(d.lead(1).Record, "job_title"); v != "Hand" {
		t.Errorf("a person typed Hand, now %q", v)
	}
}

// rule 8.2: a lead that comes out of the bin since the check is met.
func TestRestoredSince(t *testing.T) {
	d := newDesk(t)
	d.add(map[string]any{"name": "Ann", "emails": []any{"ann@x.example"}})
	d.bin(1, true)
	r := mapped("Lead name", "name", "Email", "emails")
	r.ReviveDeleted = true
	imp := d.check("a.csv", "Lead name,Email\nAnn,ann@x.example\n", r)
	if imp.Accounting.New != 1 {
		t.Fatal(line(imp.Accounting))
	}
	d.bin(1, false)
	if imp = d.run(imp.ID); imp.Accounting.Conflicts != 1 || len(d.leads()) != 1 {
		t.Errorf("%s", line(imp.Accounting))
	}
}

// rules 8.3 and 8.5: a cancelled run stops, keeps what is in, and goes on.
func TestCancelAndContinue(t *testing.T) {
	d := newDesk(t)
	d.engine.SetSizes(1, 1, 0, 0)
	imp := d.check("five.csv", "Lead name\na\nb\nc\nd\ne\n", mapped("Lead name", "name"))
	d.must(d.engine.Start(d.ctx, d.p, imp.ID))
	d.engine.Runs = &between{Runs: d.store, at: 2, do: func() { d.must(d.engine.Cancel(d.ctx, d.p, imp.ID)) }}
	imp = d.steps(imp.ID)
	if imp.State != importer.Cancelled || len(d.leads()) != 2 || imp.Accounting.New != 2 {
		t.Fatalf("%s, %d leads, %+v %s", imp.State, len(d.leads()), imp.Accounting, imp.Reason)
	}
	d.must(d.engine.Continue(d.ctx, d.p, imp.ID))
	imp = d.steps(imp.ID)
	if imp.State != importer.Done || len(d.leads()) != 5 || imp.Accounting != imp.Plan.Accounting {
		t.Fatalf("%s, %d leads, %+v", imp.State, len(d.leads()), imp.Accounting)
	}
	undo := d.undo(imp.ID, importer.Options{})
	if undo.Accounting.Removed != 5 {
		t.Fatalf("%+v", undo.Accounting)
	}
}

// between does something after the nth transaction.
type between struct {
	importer.Runs
	at int
	do func()
}

func (b *between) InTx(ctx context.Context, f func(importer.Tx) error) error {
	err := b.Runs.InTx(ctx, f)
	if b.at--; b.at == 0 {
		b.do()
	}
	return err
}

// rule 8.3: a worker whose part was taken over writes nothing more.
func TestFence(t *testing.T) {
	d := newDesk(t)
	d.engine.SetSizes(1, 1, 0, 0)
	imp := d.check("five.csv", "Lead name,Status\na,1\nb,2\nc,3\nd,4\ne,5\n", mapped("Lead name", "name", "Status", "status"))
	d.must(d.engine.Start(d.ctx, d.p, imp.ID))
	e := d.engine
	slow := &importer.Engine{Leads: e.Leads, Dir: e.Dir, Imports: e.Imports, Journal: e.Journal, Files: e.Files, Now: e.Now, Log: e.Log}
	slow.SetSizes(1, 1, 0, 0)
	slow.Runs = &frozen{Runs: d.store, at: 2, do: func() { // its lease runs out, and another goes on
		d.must(d.store.EndLeases(d.ctx))
		d.kill(3, 0)
		if _, err := d.engine.Step(d.ctx, imp.ID); !errors.Is(err, errKilled) {
			t.Errorf("the second worker: %v", err)
		}
		d.kill(-1, 0)
	}}
	if _, err := slow.Step(d.ctx, imp.ID); err != nil {
		t.Fatal(err)
	}
	if parts, err := d.store.Parts(d.ctx, imp.ID); err != nil || parts[0].Cursor != 5 || parts[0].Accounting.Errors != 4 {
		t.Errorf("the frozen worker wrote: %+v %v", parts, err)
	}
	d.must(d.store.EndLeases(d.ctx))
	if got := d.steps(imp.ID); got.State != importer.Done || got.Accounting != got.Plan.Accounting {
		t.Fatalf("%s, %+v", got.State, got.Accounting)
	}
}

// rule 8.3: who loses the database in the middle of a part goes on with it at
// once when it is back; another node waits for the lease to run out.
func TestLeft(t *testing.T) {
	d := newDesk(t)
	d.engine.SetSizes(1, 1, 0, 0)
	imp := d.check("five.csv", "Lead name\na\nb\nc\nd\ne\n", mapped("Lead name", "name"))
	d.must(d.engine.Start(d.ctx, d.p, imp.ID))
	away := errors.New("the database is away")
	lose := func(id, part int64) {
		t.Helper()
		d.engine.Runs = &breaks{Runs: d.store, at: 2, err: away}
		if _, err := d.engine.Step(d.ctx, id); !errors.Is(err, away) {
			t.Fatalf("step: %v", err)
		}
		d.engine.Runs = d.store
		if !d.store.Nodes() {
			return // all is one process there
		}
		if _, err := joined(d, 2).nodes[1].store.Claim(d.ctx, id, part, time.Minute); !errors.Is(err, lead.ErrConflict) {
			t.Errorf("another node took the part: %v", err)
		}
	}
	lose(imp.ID, 1)
	if imp = d.steps(imp.ID); imp.State != importer.Done || imp.Accounting != imp.Plan.Accounting || len(d.leads()) != 5 {
		t.Fatalf("%s, %d leads, %+v", imp.State, len(d.leads()), imp.Accounting)
	}
	undo, err := d.engine.Undo(d.ctx, d.p, imp.ID, importer.Options{})
	d.must(err)
	lose(undo.ID, 2)
	if undo = d.steps(undo.ID); undo.State != importer.Done || undo.Accounting.Removed != 5 {
		t.Fatalf("%s, %+v", undo.State, undo.Accounting)
	}
	// What was left and then taken over is not its own any more.
	again := d.check("six.csv", "Lead name\nf\ng\n", mapped("Lead name", "name"))
	d.must(d.engine.Start(d.ctx, d.p, again.ID))
	part, err := d.store.Claim(d.ctx, again.ID, 1, time.Minute)
	d.must(err)
	d.must(d.store.EndLeases(d.ctx))
	_, err = d.store.Claim(d.ctx, again.ID, 1, time.Minute)
	d.must(err)
	d.store.Leave(part)
	if _, err := d.store.Claim(d.ctx, again.ID, 1, time.Minute); !errors.Is(err, lead.ErrConflict) {
		t.Errorf("it took a part from whoever has it now: %v", err)
	}
}

// breaks fails in the nth transaction, of which nothing is kept.
type breaks struct {
	importer.Runs
	at  int
	err error
}

func (b *breaks) InTx(ctx context.Context, f func(importer.Tx) error) error {
	b.at--
	return b.Runs.InTx(ctx, func(tx importer.Tx) error {
		err := f(tx)
		if b.at == 0 {
			err = errors.Join(err, b.err)
		}
		return err
	})
}

// frozen does something just before the nth transaction.
type frozen struct {
	importer.Runs
	at int
	do func()
}

func (z *frozen) InTx(ctx context.Context, f func(importer.Tx) error) error {
	if z.at--; z.at == 0 {
		z.do()
	}
	return z.Runs.InTx(ctx, f)
}

// rules 8.3 and 8.5: a check that is broken off leaves a draft and no lead.
func TestCheckBrokenOff(t *testing.T) {
	d := newDesk(t)
	imp, _ := d.upload("a.csv", "Lead name\na\n", mapped("Lead name", "name"))
	ctx, cancel := context.WithCancel(d.ctx)
	cancel()
	if err := d.engine.Check(ctx, d.p, imp.ID, nil); err == nil {
		t.Error("checked although cancelled")
	}
	if got := d.get(imp.ID); got.State != importer.Draft {
		t.Errorf("the import is %s", got.State)
	}
}

// rule 8.4: all or nothing, and a bound on errors.
func TestAllOrNothing(t *testing.T) {
	d := newDesk(t)
	r := mapped("Lead name", "name", "Status", "status")
	r.AllOrNothing = true
	imp := d.check("a.csv", "Lead name,Status\na,new\nb,Hot\n", r)
	if err := d.engine.Start(d.ctx, d.p, imp.ID); !errors.Is(err, lead.ErrConflict) {
		t.Errorf("started with an error in the file: %v", err)
	}
	r = mapped("Lead name", "name", "Status", "status")
	r.StopAfter = "1"
	imp = d.check("b.csv", "Lead name,Status\na,new\nb,Hot\nc,Cold\n", r)
	if err := d.engine.Start(d.ctx, d.p, imp.ID); !errors.Is(err, lead.ErrConflict) {
		t.Errorf("started with more errors than allowed: %v", err)
	}
	r.StopAfter = "70%"
	if imp = d.imports("c.csv", "Lead name,Status\na,new\nb,Hot\nc,Cold\n", r); imp.State != importer.Done || len(d.leads()) != 1 {
		t.Errorf("%s %s", imp.State, imp.Reason)
	}
}

// rule 8.4: all or nothing takes back what is in when a record turns out to be
// a conflict during the run.
func TestAllOrNothingRun(t *testing.T) {
	d := newDesk(t)
	d.engine.SetSizes(1, 1, 0, 0)
	d.imports("before.csv", "Lead name,Email,Job\nold,old@x.example,Clerk\n", mapped("Lead name", "name", "Email", "emails", "Job", "job_title"))
	r := mapped("Lead name", "name", "Email", "emails", "Job", "job_title")
	r.AllOrNothing = true
	imp := d.check("a.csv", "Lead name,Email,Job\na,a@x.example,\nold,old@x.example,Boss\n", r)
	d.set(1, "job_title", "Hand")
	d.must(d.engine.Start(d.ctx, d.p, imp.ID))
	for range 20 {
		if _, err := d.engine.Step(d.ctx, imp.ID); err != nil {
			t.Fatal(err)
		}
		all, err := d.store.Undos(d.ctx, imp.ID)
		d.must(err)
		for _, u := range all {
			_, err := d.engine.Step(d.ctx, u.ID)
			d.must(err)
		}
	}
	got := d.get(imp.ID)
	live := 0
	for _, l := range d.leads() {
		if l.DeletedAt.IsZero() {
			live++
		}
	}
	if live != 1 || d.schema.Get(d.lead(1).Record, "job_title") != "Hand" {
		t.Errorf("%s %s: %d leads are left\n%s", got.State, got.Reason, live, d.show(d.lead(1)))
	}
}

// rule 8.6: the run acts with the rights of now; the same file again is said.
func TestRightsOfNow(t *testing.T) {
	d := newDesk(t)
	admin := d.p
	d.p = d.addUser(userOf("sally", "sales"))
	d.engine.SetSizes(1, 1, 0, 0)
	imp := d.check("a.csv", "Lead name\na\nb\nc\n", mapped("Lead name", "name"))
	d.must(d.engine.Start(d.ctx, d.p, imp.ID))
	sally := d.p.User
	sally.Role = "readonly"
	d.engine.Runs = &between{Runs: d.store, at: 1, do: func() { d.must(d.store.UpdateUser(d.ctx, admin, sally)) }}
	d.p = admin
	imp = d.steps(imp.ID)
	if imp.Accounting.New != 1 || imp.Accounting.Skipped != 2 || len(d.leads()) != 1 {
		t.Errorf("%s %+v: %d leads", imp.State, imp.Accounting, len(d.leads()))
	}
	imp = d.check("again.csv", "Lead name\na\nb\nc\n", mapped("Lead name", "name"))
	if all := strings.Join(d.issues(imp.ID), "\n"); !strings.Contains(all, "This very file was imported on "+time.Now().UTC().Format("2 January 2006")) {
		t.Errorf("nothing is said of the same file:\n%s", all)
	}
}

// rule 7.2: updates are split by what they replace.
func TestUpdatesSplit(t *testing.T) {
	d := newDesk(t)
	r := mapped("Lead name", "name", "Email", "emails", "Job", "job_title", "Industry", "industry")
	d.imports("a.csv", "Lead name,Email,Job,Industry\na,a@x.example,,\nb,b@x.example,Clerk,\nc,c@x.example,Clerk,\n", r)
	d.set(3, "job_title", "Hand")
	for _, size := range []int{0, 1} {
		d.engine.SetSizes(size, 0, 0, 0)
		imp := d.check("b.csv", "Lead name,Email,Job,Industry\nc,c@x.example,,\na,a@x.example,Boss,\nb,b@x.example,Boss,Steel\nc,c@x.example,Boss,\n", r)
		if a := imp.Accounting; a.Update != 3 || a.Unchanged != 1 || a.UpdateFill != 1 || a.UpdateReplace != 1 || a.UpdateTyped != 1 {
			t.Errorf("pieces of %d: %+v", size, a)
		}
	}
}
