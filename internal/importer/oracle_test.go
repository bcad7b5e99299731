package importer_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/importer/oracle"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/proptest"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// rapidly runs a property: some seconds of it, or as often as LEADPORT_RAPID says.
func rapidly(t *testing.T, checks int, prop func(*rapid.T)) {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("LEADPORT_RAPID")); err == nil {
		checks = n
	} else if testing.Short() || pgtest.Selected() { // every case makes a database
		checks = max(checks/10, 1)
	}
	old := flag.Lookup("rapid.checks").Value.String()
	if old == "100" { // the default: nobody asked for another number
		flag.Set("rapid.checks", strconv.Itoa(checks))
		defer flag.Set("rapid.checks", old)
	}
	proptest.Check(t, prop)
}

// headings of the generated files; each is mapped to one field.
func headings() []string {
	return []string{"Id", "Lead name", "First", "Last", "Company", "Job", "Status", "Source", "Dnc",
		"Mail 1", "Mail 2", "Phone", "Tags", "System", "Number", "Notes", "Token"}
}

func mapping() *recipe.Recipe {
	to := []string{"id", "name", "first_name", "last_name", "company_name", "job_title", "status", "source", "do_not_call",
		"emails.1.email", "emails.2.email", "phones.1.phone", "tags", "external_id.1.system", "external_id.1.id", "notes", ""}
	var pairs []string
	for i, h := range headings() {
		pairs = append(pairs, h, to[i])
	}
	return mapped(pairs...)
}

// row is one generated record: its cells, and what they mean.
type row struct {
	cells []string
	means oracle.Record
}

func genRow(maxID int64) *rapid.Generator[row] {
	return rapid.Custom(func(t *rapid.T) row {
		r := row{cells: make([]string, len(headings())), means: oracle.Record{One: map[string]string{}, Many: map[string][]string{}}}
		pick := func(label string, blanks int, values ...string) string {
			n := rapid.IntRange(0, len(values)+blanks-1).Draw(t, label)
			if n < blanks {
				return ""
			}
			return values[n-blanks]
		}
		one := func(column int, field string, blanks int, values ...string) {
			v := pick(headings()[column], blanks, values...)
			r.cells[column], r.means.One[field] = v, v
		}
		if id := rapid.Int64Range(-2*maxID-6, maxID+1).Draw(t, "Id"); id > 0 {
			r.cells[0], r.means.ID = strconv.FormatInt(id, 10), id
		}
		one(1, "name", 2, "Oro Inc.", "ORO inc.", "Gov Mart")
		one(2, "first_name", 2, "Jerry", "Ann")
		one(3, "last_name", 3, "Coleman", "coleman", "Colman", "Smith")
		one(4, "company_name", 3, "Oro", "oro", "Gov")
		one(5, "job_title", 3, "Boss", "Clerk")
		one(6, "status", 3, "qualified", "new")
		one(7, "source", 3, "website", "partner")
		if v := pick("Dnc", 3, "yes", "no"); v != "" {
			r.cells[8], r.means.One["do_not_call"] = v, map[string]string{"yes": "true", "no": "false"}[v]
		}
		for c := 9; c <= 10; c++ {
			if v := pick(headings()[c], 3*(c-8), "ann@x.example", "ANN@x.example", "bob@x.example", "info@x.example"); v != "" {
				r.cells[c] = v
				r.means.Many["emails"] = append(r.means.Many["emails"], v)
			}
		}
		if v := pick("Phone", 4, "+15852551127", "+1 585-255-1127", "+1 (585) 255-1147"); v != "" {
			r.cells[11] = v
			r.means.Many["phones"] = []string{oracle.Digits(v)}
		}
		for _, v := range strings.Split(pick("Tags", 3, "Fair", "fair", "Hot; Fair", "Cold"), "; ") {
			if v != "" {
				r.means.Many["tags"] = append(r.means.Many["tags"], v)
			}
		}
		r.cells[12] = strings.Join(r.means.Many["tags"], "; ")
		if n := pick("Number", 4, "7", "8"); n != "" {
			r.cells[13], r.cells[14] = pick("System", 0, "hs", "sf"), n
			r.means.Many["external_id"] = []string{r.cells[13] + "/" + n}
		}
		if v := pick("Notes", 4, "met at the fair", "call back", "wants a demo"); v != "" {
			r.cells[15], r.means.Many["notes"] = v, []string{v}
		}
		r.cells[16] = "x" // so that no record is a blank line
		return r
	})
}

func genOptions(undone bool) *rapid.Generator[oracle.Options] {
	return rapid.Custom(func(t *rapid.T) oracle.Options {
		often := func(label string, values ...string) string { // mostly the default
			return rapid.SampledFrom(append([]string{"", "", "", ""}, values...)).Draw(t, label)
		}
		o := oracle.Options{
			Mode:               often("mode", "create", "update"),
			Existing:           often("existing", "fill", "leave"),
			OtherPerson:        often("other person", "same", "separate", "skip"),
			Contradicted:       often("contradicted", "same", "separate", "skip"),
			DuplicatesAsErrors: often("duplicates", "error") != "",
			Revive:             often("revive", "new") != "",
			Policy:             map[string]string{},
		}
		if f := often("policy", "job_title", "source", "emails", "tags", "notes", "status"); f != "" {
			policies := []string{"fill", "keep"}
			if !undone || !slices.Contains(oracle.Lists(), f) {
				policies = append(policies, "replace")
			}
			o.Policy[f] = rapid.SampledFrom(policies).Draw(t, f)
		}
		return o
	})
}

func recipeOf(o oracle.Options) *recipe.Recipe {
	r := mapping()
	r.Mode, r.Existing, r.DuplicatesAsErrors, r.ReviveDeleted = o.Mode, o.Existing, o.DuplicatesAsErrors, o.Revive
	for f, p := range o.Policy {
		if r.Policy == nil {
			r.Policy = map[string]string{}
		}
		r.Policy[f] = p
	}
	r.SetDecision("id", "id")
	if o.OtherPerson != "" {
		r.SetDecision("match.other_person", o.OtherPerson)
	}
	if o.Contradicted != "" {
		r.SetDecision("id.contradicted", o.Contradicted)
	}
	return r
}

// story is a desk and its oracle, step by step.
type story struct {
	t     *rapid.T
	desk  *desk
	model *oracle.Desk
	files int
	last  map[int64]int64 // import → its last undo
	ended []int64         // imports that ran
}

func newStory(t *rapid.T) *story {
	s := &story{t: t, desk: newDesk(t), model: oracle.New(), last: map[int64]int64{}}
	if rapid.Bool().Draw(t, "in small pieces") {
		few := rapid.IntRange(1, 3)
		s.desk.engine.SetSizes(few.Draw(t, "batch"), few.Draw(t, "transaction"), few.Draw(t, "undo"), few.Draw(t, "states"))
		s.desk.engine.SetCrowd(few.Draw(t, "crowd"))
	}
	s.desk.engine.SetPart(rapid.IntRange(0, 2).Draw(t, "part"))
	return s
}

// mayDie lets the process end somewhere in the run or undo that follows.
func (s *story) mayDie() {
	s.desk.kill(rapid.IntRange(-6, 3).Draw(s.t, "killed at"), rapid.IntRange(0, 2).Draw(s.t, "when"))
}

// text makes the file of some records.
func text(rows []row) string {
	table := [][]string{headings()}
	for _, r := range rows {
		table = append(table, r.cells)
	}
	return csvText(table...)
}

func (s *story) file() string {
	s.files++
	return fmt.Sprintf("file%d.csv", s.files)
}

func (s *story) prepare(rows []row, o oracle.Options) (*importer.Import, oracle.Options) {
	name := s.file()
	imp := s.desk.check(name, text(rows), recipeOf(o))
	o.Stamp = imp.At.UTC().Format("2006-01-02") + " " + name
	return imp, o
}

// imports lets both import a file and compares plan, accounting and leads.
func (s *story) imports(rows []row, o oracle.Options) {
	s.t.Logf("import with %+v\n%s", o, text(rows))
	imp, o := s.prepare(rows, o)
	var records []oracle.Record
	for _, r := range rows {
		records = append(records, r.means)
	}
	want := s.model.Import(int(imp.ID), records, o)
	got := s.desk.plan(imp)
	s.mayDie()
	imp = s.desk.run(imp.ID)
	s.desk.kill(-1, 0)
	s.ended = append(s.ended, imp.ID)
	if imp.State != importer.Done {
		s.t.Fatalf("import %d is %s: %s", imp.ID, imp.State, imp.Reason)
	}
	for i, w := range want {
		g, _ := s.desk.engine.Fate(s.desk.ctx, s.desk.p, imp.ID, int64(i+1))
		if g.Outcome != w.What || w.Reason != "" && g.Reason != w.Reason || w.Head != g.Head || (w.What == "new" || w.What == "update" || w.What == "unchanged") && g.Lead != w.Lead {
			s.t.Fatalf("record %d: engine says %s, model says %+v\nentry %+v", i+1, show(g), w, got[i])
		}
	}
	if res := s.desk.results(imp.ID); len(res) > 0 {
		s.t.Fatalf("nobody interfered, yet the run differs from its plan: %+v", res)
	}
	if a, b := imp.Accounting, imp.Plan.Accounting; a != b {
		s.t.Fatalf("run %+v\nplan %+v", a, b)
	}
	s.account(imp.Accounting, want)
	s.compare()
}

func show(f *importer.Fate) string {
	return fmt.Sprintf("%s %s lead %d head %d %s", f.Outcome, f.Reason, f.Lead, f.Head, f.Note)
}

// account holds rule 7.1 against the model's outcomes.
func (s *story) account(a importer.Accounting, want []oracle.Outcome) {
	n := map[string]int64{}
	for _, w := range want {
		n[w.What]++
	}
	if !a.Balanced() || a.Records != int64(len(want)) || a.New != n["new"] || a.Update != n["update"] || a.Unchanged != n["unchanged"] ||
		a.Skipped != n["skipped"] || a.Errors != n["error"] || a.Conflicts != n["conflict"] ||
		a.UpdateFill+a.UpdateReplace+a.UpdateTyped != a.Update || a.CellsNotImported != 0 {
		s.t.Fatalf("accounting %+v, want %v", a, n)
	}
}

// compare holds every lead of the database against the model.
func (s *story) compare() {
	s.t.Helper()
	got := s.desk.leads()
	want := s.model.Leads
	var bad []string
	for i := range got {
		if i < len(want) && s.line(&got[i]) != want[i].String() {
			bad = append(bad, "engine: "+s.line(&got[i]), "model:  "+want[i].String())
		}
	}
	if len(got) != len(want) || len(bad) > 0 {
		s.t.Fatalf("%d leads, model has %d\n%s", len(got), len(want), strings.Join(bad, "\n"))
	}
}

// line shows a lead of the database as the model shows its own.
func (s *story) line(l *importer.Lead) string {
	m := oracle.Lead{ID: l.ID, Deleted: !l.DeletedAt.IsZero(), One: map[string]string{}, Many: map[string][]oracle.Element{}}
	for _, f := range oracle.Scalars() {
		m.One[f] = s.desk.schema.Get(l.Record, f)
	}
	for _, f := range oracle.Lists() {
		if f == "notes" {
			if v := s.desk.schema.Get(l.Record, f); v != "" {
				for _, block := range strings.Split(v, "\n\n") {
					m.Many[f] = append(m.Many[f], oracle.Element{Text: block})
				}
			}
			continue
		}
		for _, e := range s.desk.schema.List(l.Record, f) {
			v := e.Values[0]
			if f == "external_id" {
				v = e.Values[1] + "/" + v
			}
			m.Many[f] = append(m.Many[f], oracle.Element{Text: v})
		}
	}
	return m.String()
}

func (s *story) undo(id int64) {
	imp := s.desk.get(id)
	s.t.Logf("undo %s %d (%s)", imp.Kind, id, imp.State)
	preview, err := s.desk.engine.PreviewUndo(s.desk.ctx, s.desk.p, id, importer.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	want := s.model.Clone().Undo(-1, int(id))
	if a := preview.Accounting; a.Removed != want.Removed || a.Restored != want.Restored || a.Kept != want.Kept {
		s.t.Fatalf("preview: removed %d, restored %d, kept %d; model %+v\n%+v\n%s", a.Removed, a.Restored, a.Kept, want, preview.Kept, s.model)
	}
	s.mayDie()
	u := s.desk.undo(id, importer.Options{})
	s.desk.kill(-1, 0)
	if imp.State == importer.Undone {
		if u != nil {
			s.t.Fatalf("undone twice: %+v", u)
		}
		return
	}
	if u.Accounting != preview.Accounting {
		s.t.Fatalf("undo %+v\npreview %+v", u.Accounting, preview.Accounting)
	}
	s.model.Undo(int(u.ID), int(id))
	s.compare()
	state := importer.Undone
	if want.Kept > 0 {
		state = importer.PartlyUndone
	}
	if got := s.desk.get(id).State; got != state {
		s.t.Fatalf("import %d is %s, want %s", id, got, state)
	}
	if imp.Kind == "file" {
		s.last[id] = u.ID
	} else {
		delete(s.last, imp.Parent)
	}
}

// edit lets a person change a lead.
func (s *story) edit() {
	l := rapid.SampledFrom(s.model.Leads).Draw(s.t, "lead")
	switch rapid.IntRange(0, 9).Draw(s.t, "edit") {
	case 0:
		s.t.Logf("lead %d: bin %v", l.ID, !l.Deleted)
		s.model.Bin(l, !l.Deleted)
		s.desk.bin(l.ID, l.Deleted)
	case 1, 2:
		f := rapid.SampledFrom([]string{"emails", "tags"}).Draw(s.t, "list")
		s.editList(l, f)
	default:
		f := rapid.SampledFrom([]string{"name", "last_name", "company_name", "job_title", "status"}).Draw(s.t, "field")
		v := rapid.SampledFrom([]string{"Oro Inc.", "Coleman", "Boss", "Hand", ""}).Draw(s.t, "value")
		if f == "status" {
			v = rapid.SampledFrom([]string{"new", "qualified", "canceled"}).Draw(s.t, "value")
		}
		if v == l.One[f] || f == "name" && v == "" {
			return
		}
		s.t.Logf("lead %d: %s = %q", l.ID, f, v)
		s.model.Edit(l, f, v)
		s.desk.set(l.ID, f, v)
	}
	s.compare()
}

// editList lets a person add a value to a list, or take the first one away.
func (s *story) editList(l *oracle.Lead, f string) {
	now := slices.Clone(l.Many[f])
	field := s.desk.schema.Field(f)
	slot := s.desk.schema.Index(f)
	if len(now) > 0 && rapid.Bool().Draw(s.t, "take away") {
		s.t.Logf("lead %d: %s without %q", l.ID, f, now[0].Text)
		s.model.EditList(l, f, now[1:])
		s.desk.edit(l.ID, func(r *lead.Record) {
			r.Values[slot] = lead.EncodeList(field.Parts, lead.DecodeList(field.Parts, r.Values[slot])[1:])
		})
		return
	}
	v := rapid.SampledFrom([]string{"hand@x.example", "bob@x.example"}).Draw(s.t, "value")
	if slices.ContainsFunc(now, func(x oracle.Element) bool { return strings.EqualFold(x.Text, v) }) {
		return
	}
	s.t.Logf("lead %d: %s with %q", l.ID, f, v)
	s.model.Add(l, f, v)
	s.desk.edit(l.ID, func(r *lead.Record) {
		list := lead.DecodeList(field.Parts, r.Values[slot])
		e := lead.Element{ID: 1_000_000 + int64(len(l.Writes)), Values: make([]string, len(field.Parts))}
		e.Values[0] = v
		r.Values[slot] = lead.EncodeList(field.Parts, append(list, e))
	})
}

func (s *story) rows(most int) []row {
	return rapid.SliceOfN(genRow(s.model.Next-1), 1, most).Draw(s.t, "records")
}

// rules 5.1, 5.2, 5.3, 5.4, 5.5, 5.6, 5.7, 6.1, 6.2, 6.3, 7.1, 9.1 and 9.3: any course
// of imports, edits and undos leaves the leads, outcomes and accounts of the model.
func TestOracle(t *testing.T) {
	rapidly(t, 130, func(t *rapid.T) {
		s := newStory(t)
		steps := rapid.IntRange(1, 7).Draw(t, "steps")
		for range steps {
			s.step()
		}
	})
}

func (s *story) step() {
	what := rapid.IntRange(0, 9).Draw(s.t, "step")
	switch {
	case what < 5 || len(s.ended) == 0:
		s.imports(s.rows(5), genOptions(true).Draw(s.t, "options"))
	case what < 7:
		if len(s.model.Leads) > 0 {
			s.edit()
		}
	default:
		id := rapid.SampledFrom(s.ended).Draw(s.t, "which")
		if u := s.last[id]; u != 0 && rapid.Bool().Draw(s.t, "undo of the undo") {
			id = u
		}
		s.undo(id)
	}
}

// rules 5.1–5.7 alone: longer files, no undo.
func TestOracleImports(t *testing.T) {
	rapidly(t, 90, func(t *rapid.T) {
		s := newStory(t)
		for range rapid.IntRange(1, 2).Draw(t, "files") {
			s.imports(s.rows(12), genOptions(false).Draw(t, "options"))
		}
	})
}
