package importer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/store"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// several is a desk whose imports several nodes run.
type several struct {
	*desk
	nodes []*desk // the first is the desk itself
}

// joined makes nodes for a desk: on SQLite they share its store, as there all is
// one process.
func joined(d *desk, nodes int) *several {
	s := &several{desk: d, nodes: []*desk{d}}
	for n := 1; n < nodes; n++ {
		other := *d
		if d.store.Nodes() {
			c := d.config
			c.Node = fmt.Sprintf("node%d", n)
			var err error
			other.store, err = store.Open(d.ctx, c)
			d.must(err)
			d.t.Cleanup(func() { other.store.Close() })
		}
		other.engine = &importer.Engine{
			Leads: other.store, Dir: other.store, Imports: other.store, Runs: other.store, Journal: other.store,
			Files: files{d.files}, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		}
		s.nodes = append(s.nodes, &other)
	}
	return s
}

// together lets all nodes step an import to its end. One that dies comes back
// and ends its own leases.
func (s *several) together(id int64) *importer.Import {
	s.t.Helper()
	var wait sync.WaitGroup
	failed := make([]error, len(s.nodes))
	for i, n := range s.nodes {
		wait.Go(func() {
			for end := time.Now().Add(time.Minute); time.Now().Before(end); {
				imp, err := n.store.GetImport(n.ctx, n.p, id)
				if err != nil || imp.State.Finished() {
					failed[i] = err
					return
				}
				_, err = n.engine.Step(n.ctx, id)
				if errors.Is(err, errKilled) {
					n.kill(-1, 0)
					err = n.store.EndLeases(n.ctx)
				}
				if err != nil {
					failed[i] = err
					return
				}
				time.Sleep(time.Millisecond)
			}
			failed[i] = errors.New("no end")
		})
	}
	wait.Wait()
	s.must(errors.Join(failed...))
	return s.get(id)
}

// world is everything that an import leaves and people see, but for times.
func (d *desk) world(id int64) map[string]string {
	d.t.Helper()
	out := map[string]string{}
	for _, l := range d.leads() {
		out[fmt.Sprintf("lead %d", l.ID)] = fmt.Sprintf("%s owner %d by %d #%d", d.show(&l), l.Owner, l.CreatedImport, l.CreatedRecord)
	}
	rows, err := d.store.Changes(d.ctx, id, 0, 1<<30)
	d.must(err)
	for _, r := range rows {
		out[fmt.Sprintf("record %d wrote", r.Record)] += fmt.Sprintf("lead %d v%d %v → %v (reverts %v)", r.Lead, r.Version, r.Before, r.After, r.Reverts != 0)
	}
	for _, r := range d.results(id) {
		out[fmt.Sprintf("result %d", r.Record)] = fmt.Sprint(r)
	}
	imp := d.get(id)
	out["import"] = fmt.Sprintf("%s %+v %s", imp.State, imp.Accounting, imp.Reason)
	for _, name := range []string{"Acme", "Bolt", "Cog"} {
		if a, err := d.store.Entity(d.ctx, "account", 0, name); err == nil {
			out["account "+name] = fmt.Sprintf("%d %s by %d", a.ID, a.Name, a.Import)
		} else if !errors.Is(err, lead.ErrNotFound) {
			d.must(err)
		}
	}
	return out
}

func differ(t tb, what string, one, many map[string]string) {
	t.Helper()
	for _, k := range slices.Sorted(maps.Keys(one)) {
		if one[k] != many[k] {
			t.Errorf("%s: %s\none node:      %s\nseveral nodes: %s", what, k, one[k], many[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(many)) {
		if _, ok := one[k]; !ok {
			t.Errorf("%s: %s\nonly with several nodes: %s", what, k, many[k])
		}
	}
}

// crowd makes the text of a file in which many records are about the same leads:
// those of the file, those that are there, and those of an earlier one.
func crowd(r *rand.Rand, n int) string {
	pick := func(values ...string) string { return values[r.IntN(len(values))] }
	table := [][]string{{"Mail", "Last", "Job", "Account", "Tags", "Phone", "Notes", "Token"}}
	for i := range n {
		mail := fmt.Sprintf("p%d@x.example", r.IntN(n))
		if r.IntN(9) == 0 {
			mail = "" // no key but the name
		}
		table = append(table, []string{mail, pick("Smith", "Coleman", "Coleman", ""), pick("", "Boss", "Clerk", "Head"),
			pick("", "", "Acme", "ACME", "acme ", "Bolt", "bolt", "Cog"), pick("", "", "Fair", "fair", "FAIR; Hot", "Cold"),
			pick("", "", fmt.Sprintf("+1585255%04d", r.IntN(n))), pick("", "", "", "called", "met"), fmt.Sprint(i)})
	}
	return csvText(table...)
}

func crowded() *recipe.Recipe {
	return mapped("Mail", "emails.1.email", "Last", "last_name", "Job", "job_title", "Account", "account", "Tags", "tags",
		"Phone", "phones.1.phone", "Notes", "notes", "Token", "")
}

// rules 5.7, 8.2, 8.3 and 9.1: what a run in several parts by several nodes
// leaves is what a run in one leaves, record by record; so is what its undo
// leaves. In between a person may have written, and nodes may die.
func TestParts(t *testing.T) {
	checks, atLeast, atMost := 30, 1, 1
	if pgtest.Selected() { // there nodes are side by side, and a tenth of the cases is drawn
		checks, atLeast, atMost = 60, 2, 3
	}
	rapidly(t, checks, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		records := rapid.IntRange(8, 60).Draw(t, "records")
		size := rapid.IntRange(1, records/2).Draw(t, "part")
		nodes := rapid.IntRange(atLeast, atMost).Draw(t, "nodes")
		allOrNothing := rapid.IntRange(0, 5).Draw(t, "all or nothing") == 0
		edits := rapid.SampledFrom([]int{0, 0, 0, 1, 3}).Draw(t, "edits")
		replace := rapid.Bool().Draw(t, "replace")
		split := false
		run := func(many bool) (after, undone map[string]string) {
			r := rand.New(rand.NewPCG(seed, 1))
			d := newDesk(t)
			d.addUser(userOf("ben", "manager"))
			d.imports("first.csv", crowd(r, records/3), crowded())
			over := crowded()
			over.AllOrNothing = allOrNothing
			over.Same = []recipe.Same{{Field: "owner", Value: "admin, ben"}}
			if replace {
				over.Policy = map[string]string{"job_title": "replace", "notes": "replace"}
			}
			d.engine.SetSizes(1+r.IntN(4), 1+r.IntN(6), 0, 0)
			imp := d.check("second.csv", crowd(r, records), over)
			there := d.leads()
			for range edits {
				l := there[r.IntN(len(there))]
				d.set(l.ID, []string{"job_title", "industry", "last_name"}[r.IntN(3)], "Hand")
			}
			s := joined(d, 1)
			if many {
				s = joined(d, nodes)
				for _, n := range s.nodes {
					n.engine.SetSizes(1+r.IntN(4), 1+r.IntN(6), 0, 0)
					n.engine.SetPart(size)
				}
			}
			if err := d.engine.Start(d.ctx, d.p, imp.ID); err != nil {
				return map[string]string{"not started": err.Error()}, nil
			}
			parts, err := d.store.Parts(d.ctx, imp.ID)
			d.must(err)
			split = split || many && len(parts) > 1
			if many {
				for _, n := range s.nodes {
					n.kill(rapid.IntRange(-4, 9).Draw(t, "killed at"), rapid.IntRange(0, 2).Draw(t, "when"))
				}
			}
			imp = s.together(imp.ID)
			if many {
				for _, n := range s.nodes {
					n.kill(-1, 0)
				}
			}
			after = d.world(imp.ID)
			if imp.State == importer.Failed { // all or nothing: Leadport itself takes it back
				for range 3 {
					_, err := d.engine.Step(d.ctx, imp.ID)
					d.must(err)
				}
				list, err := d.store.Undos(d.ctx, imp.ID)
				d.must(err)
				if len(list) == 1 {
					d.steps(list[0].ID)
				}
			} else {
				d.undo(imp.ID, importer.Options{})
			}
			undone = d.world(imp.ID)
			found, err := d.store.Check(d.ctx)
			d.must(err)
			if len(found) > 0 {
				t.Errorf("the database does not hold: %+v", found)
			}
			seq, err := d.store.Seq(d.ctx)
			d.must(err)
			if current, err := d.store.IndexSearch(d.ctx, 10_000); err != nil || !current {
				t.Errorf("the search index stays behind at sequence %d: %v", seq, err)
			}
			return after, undone
		}
		one, oneUndone := run(false)
		many, manyUndone := run(true)
		differ(t, "after the run", one, many)
		differ(t, "after its undo", oneUndone, manyUndone)
		if !split && edits == 0 && one["not started"] == "" {
			t.Errorf("%d records in parts of %d were run in one", records, size)
		}
	})
}

// rule 8.5: a run in parts is cancelled, keeps what is in, makes nothing that
// nobody uses, and goes on.
func TestPartsCancelled(t *testing.T) {
	d := newDesk(t)
	d.engine.SetSizes(1, 1, 0, 0)
	d.engine.SetPart(2)
	imp := d.check("ten.csv", "Lead name,Account,Tags\na,,\nb,,\nc,,\nd,,\ne,Acme,Hot\nf,,\ng,ACME,hot\nh,,\n",
		mapped("Lead name", "name", "Account", "account", "Tags", "tags"))
	d.must(d.engine.Start(d.ctx, d.p, imp.ID))
	d.engine.Runs = &betweenParts{between{Runs: d.store, at: 3, do: func() { d.must(d.engine.Cancel(d.ctx, d.p, imp.ID)) }}}
	imp = d.steps(imp.ID)
	if imp.State != importer.Cancelled || len(d.leads()) != 3 || imp.Accounting.New != 3 || imp.Reason != "cancelled after 3 of 8 records" {
		t.Fatalf("%s, %d leads, %+v %s", imp.State, len(d.leads()), imp.Accounting, imp.Reason)
	}
	if a, err := d.store.Entity(d.ctx, "account", 0, "Acme"); !errors.Is(err, lead.ErrNotFound) {
		t.Errorf("nobody came to the account, but it is there: %+v %v", a, err)
	}
	d.engine.Runs = d.store
	d.must(d.engine.Continue(d.ctx, d.p, imp.ID))
	imp = d.steps(imp.ID)
	if imp.State != importer.Done || len(d.leads()) != 8 || imp.Accounting != imp.Plan.Accounting {
		t.Fatalf("%s, %d leads, %+v", imp.State, len(d.leads()), imp.Accounting)
	}
	if a, err := d.store.Entity(d.ctx, "account", 0, "acme"); err != nil || a.Name != "Acme" || a.Import != imp.ID {
		t.Errorf("%+v %v", a, err)
	}
}

type betweenParts struct{ between }

func (b *betweenParts) InPart(ctx context.Context, part *importer.Part, f func(importer.Tx) error) error {
	err := b.Runs.InPart(ctx, part, f)
	if b.at--; b.at == 0 {
		b.do()
	}
	return err
}

// rule 5.7: a record that merges into one of a part that nobody has run yet waits,
// and so does the last part.
func TestPartsLater(t *testing.T) {
	d := newDesk(t)
	d.engine.SetPart(2)
	imp := d.check("four.csv", "Mail,Phone\na@x.example,\nb@x.example,\na@x.example,+15852550101\nc@x.example,\n",
		mapped("Mail", "emails.1.email", "Phone", "phones.1.phone"))
	d.must(d.engine.Start(d.ctx, d.p, imp.ID))
	if first, err := d.store.ClaimNext(d.ctx, imp.ID, time.Minute); err != nil || first.Number != 1 {
		t.Fatalf("%+v %v", first, err)
	}
	if _, err := d.engine.Step(d.ctx, imp.ID); err != nil {
		t.Fatal(err)
	}
	if n := len(d.leads()); n != 1 || len(d.results(imp.ID)) > 0 {
		t.Fatalf("the second part left %d leads and %v", n, d.results(imp.ID))
	}
	d.must(d.store.EndLeases(d.ctx))
	imp = d.steps(imp.ID)
	if imp.State != importer.Done || len(d.leads()) != 3 || imp.Accounting != imp.Plan.Accounting || imp.Accounting.Skipped != 1 {
		t.Fatalf("%s, %d leads, %+v", imp.State, len(d.leads()), imp.Accounting)
	}
	if l := d.lead(imp.FirstID); len(d.schema.List(l.Record, "phones")) != 1 {
		t.Errorf("the follower did not merge: %+v", l)
	}
}

// rule 8.3: one whose part was taken over writes nothing more; parts beside it
// go on.
func TestPartsFence(t *testing.T) {
	d := newDesk(t)
	d.engine.SetSizes(1, 1, 0, 0)
	d.engine.SetPart(2)
	imp := d.check("eight.csv", "Lead name\na\nb\nc\nd\ne\nf\ng\nh\n", mapped("Lead name", "name"))
	d.must(d.engine.Start(d.ctx, d.p, imp.ID))
	s := joined(d, 2)
	slow, other := s.nodes[0], s.nodes[1]
	other.engine.SetSizes(1, 1, 0, 0)
	part, err := slow.store.ClaimNext(d.ctx, imp.ID, time.Minute)
	d.must(err)
	beside, err := other.store.ClaimNext(d.ctx, imp.ID, time.Minute)
	d.must(err)
	if part.Number != 1 || beside.Number != 2 {
		t.Fatalf("parts %d and %d", part.Number, beside.Number)
	}
	d.must(slow.store.EndLeases(d.ctx))
	taken, err := other.store.ClaimNext(d.ctx, imp.ID, time.Minute)
	d.must(err)
	if taken.Number != 1 || taken.Fence <= part.Fence {
		t.Fatalf("taken over: %+v", taken)
	}
	write := func(n *desk, part *importer.Part) error {
		return n.store.InPart(d.ctx, part, func(tx importer.Tx) error {
			w := []importer.Write{{Create: true, Lead: imp.ID + 1000 + part.Number, After: lead.Record{Values: d.schema.New().Values}}}
			w[0].After.Values[d.schema.Index("name")] = "Ghost"
			return errors.Join(tx.Write(d.ctx, d.p, importer.Origin{Import: imp.ID, At: time.Now()}, w),
				tx.Advance(d.ctx, part, part.Cursor+1, importer.Accounting{}, time.Minute))
		})
	}
	if err := write(slow, &part); !errors.Is(err, lead.ErrFenced) {
		t.Errorf("the part is another's: %v", err)
	}
	if n := len(d.leads()); n != 0 {
		t.Errorf("%d leads of one who was fenced", n)
	}
	d.must(write(other, &beside))
	if n := len(d.leads()); n != 1 {
		t.Errorf("%d leads", n)
	}
}
