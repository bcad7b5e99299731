package importer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/blob"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/store"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// tb is what a desk needs of *testing.T and *rapid.T.
type tb interface {
	pgtest.T
	Fatalf(string, ...any)
	Errorf(string, ...any)
	Logf(string, ...any)
}

// desk is the real engine on a real folder.
type desk struct {
	t      tb
	ctx    context.Context
	store  *store.Store
	files  *blob.Dir
	engine *importer.Engine
	p      access.Principal
	config store.Config
	schema *lead.Schema
}

// files shows the blob store as the engine wants it.
type files struct{ *blob.Dir }

func (f files) Open(ctx context.Context, name string) (importer.File, error) {
	return f.Dir.Open(ctx, name)
}
func (f files) Create(ctx context.Context) (importer.FileWriter, error) { return f.Dir.Create(ctx) }

// emptyFolder is a migrated database with one administrator, made once: every
// desk begins as a copy of it.
var emptyFolder = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "leadport-empty-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	path := filepath.Join(dir, "leadport.db")
	if err := fillEmpty(ctx, store.Config{Path: path, Cache: 1 << 20}); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// emptyDatabase is the same on PostgreSQL: the name of a template.
var emptyDatabase = sync.OnceValues(func() (string, error) {
	return pgtest.Template(func(url string) error { return fillEmpty(context.Background(), store.Config{URL: url}) })
})

func fillEmpty(ctx context.Context, c store.Config) error {
	s, err := store.Open(ctx, c)
	if err != nil {
		return err
	}
	u := access.User{Username: "admin", Name: "Ada Admin", Email: "ada@example.com"}
	err = s.AddFirstUser(ctx, &u, "")
	if err == nil {
		err = s.SetSetting(ctx, access.System(), "installation", "TESTDESK")
	}
	return errors.Join(err, s.Close())
}

// fastTemp is a folder in memory where there is one: hundreds of small databases
// are made here, and none of these tests is about durability.
func fastTemp() string {
	if os.Getenv("TMPDIR") == "" {
		if i, err := os.Stat("/dev/shm"); err == nil && i.IsDir() {
			return "/dev/shm"
		}
	}
	return ""
}

// emptyCopy is an empty database in a folder, or on PostgreSQL.
func emptyCopy(t tb, dir string) store.Config {
	t.Helper()
	if pgtest.Selected() {
		pgtest.Need(t)
		template, err := emptyDatabase()
		if err != nil {
			t.Fatal(err)
		}
		return store.Config{URL: pgtest.FromTemplate(t, template)}
	}
	empty, err := emptyFolder()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "leadport.db")
	if err := os.WriteFile(path, empty, 0o600); err != nil {
		t.Fatal(err)
	}
	return store.Config{Path: path, Cache: 1 << 20}
}

func newDesk(t tb) *desk {
	t.Helper()
	dir, err := os.MkdirTemp(fastTemp(), "leadport-desk-")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, ctx: context.Background()}
	d.config = emptyCopy(t, dir)
	if d.store, err = store.Open(d.ctx, d.config); err != nil {
		t.Fatal(err)
	}
	if d.files, err = blob.OpenDir(filepath.Join(dir, "files")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.store.Close()
		d.files.Close()
		os.RemoveAll(dir)
	})
	d.engine = &importer.Engine{
		Leads: d.store, Dir: d.store, Imports: d.store, Runs: d.store, Journal: d.store,
		Files: files{d.files}, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	d.p = d.as("admin")
	if d.schema, err = d.store.Schema(d.ctx); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) as(name string) access.Principal {
	d.t.Helper()
	u, err := d.store.UserByName(d.ctx, name)
	d.must(err)
	return access.For(u)
}

func (d *desk) addUser(u access.User) access.Principal {
	d.t.Helper()
	d.must(d.store.AddUser(d.ctx, d.as("admin"), &u, ""))
	return access.For(u)
}

// upload keeps a file and prepares it with a recipe.
func (d *desk) upload(name, text string, over *recipe.Recipe) (*importer.Import, *importer.Prepared) {
	d.t.Helper()
	imp, err := d.engine.Upload(d.ctx, d.p, name, func() (string, int64, error) {
		ref, err := d.files.Put(d.ctx, strings.NewReader(text), 1<<30)
		return ref.SHA256, ref.Size, err
	}, importer.Options{})
	d.must(err)
	prep, err := d.engine.Prepare(d.ctx, d.p, imp.ID, over)
	d.must(err)
	return imp, prep
}

// check uploads and checks a file.
func (d *desk) check(name, text string, over *recipe.Recipe) *importer.Import {
	d.t.Helper()
	imp, _ := d.upload(name, text, over)
	d.must(d.engine.Check(d.ctx, d.p, imp.ID, nil))
	return d.get(imp.ID)
}

// run starts a checked import and steps it to its end.
func (d *desk) run(id int64) *importer.Import {
	d.t.Helper()
	d.must(d.engine.Start(d.ctx, d.p, id))
	return d.steps(id)
}

func (d *desk) steps(id int64) *importer.Import {
	d.t.Helper()
	for range 1000 {
		imp := d.get(id)
		if imp.State.Finished() {
			return imp
		}
		_, err := d.engine.Step(d.ctx, id)
		if errors.Is(err, errKilled) { // another process comes, and nobody holds the leases
			d.kill(-1, 0)
			d.must(d.store.EndLeases(d.ctx))
			continue
		}
		if err != nil {
			d.t.Fatalf("step import %d: %v", id, err)
		}
	}
	d.t.Fatalf("import %d does not come to an end", id)
	return nil
}

// imports checks and runs a file.
func (d *desk) imports(name, text string, over *recipe.Recipe) *importer.Import {
	d.t.Helper()
	return d.run(d.check(name, text, over).ID)
}

func (d *desk) undo(id int64, opt importer.Options) *importer.Import {
	d.t.Helper()
	u, err := d.engine.Undo(d.ctx, d.p, id, opt)
	d.must(err)
	if u == nil {
		return nil
	}
	return d.steps(u.ID)
}

func (d *desk) get(id int64) *importer.Import {
	d.t.Helper()
	imp, err := d.store.GetImport(d.ctx, d.p, id)
	d.must(err)
	return imp
}

// errKilled stands for the end of the process.
var errKilled = errors.New("killed")

// killer ends the process at the nth transaction: before it, before its
// commit, or after its commit.
type killer struct {
	importer.Runs
	left, when int
}

func (k *killer) InTx(ctx context.Context, f func(importer.Tx) error) error {
	return k.in(f, func(f func(importer.Tx) error) error { return k.Runs.InTx(ctx, f) })
}

func (k *killer) InPart(ctx context.Context, part *importer.Part, f func(importer.Tx) error) error {
	return k.in(f, func(f func(importer.Tx) error) error { return k.Runs.InPart(ctx, part, f) })
}

func (k *killer) Leave(importer.Part) {} // who is dead forgets

func (k *killer) in(f func(importer.Tx) error, write func(func(importer.Tx) error) error) error {
	k.left--
	if k.left != -1 {
		return write(f)
	}
	switch k.when {
	case 0:
		return errKilled
	case 1:
		return write(func(tx importer.Tx) error { return errors.Join(f(tx), errKilled) })
	}
	return errors.Join(write(f), errKilled)
}

// kill lets the engine die at the nth transaction from now; -1: never.
func (d *desk) kill(n, when int) {
	d.engine.Runs = d.store
	if n >= 0 {
		d.engine.Runs = &killer{d.store, n, when}
	}
}

// lead returns a lead by id, nil if there is none.
func (d *desk) lead(id int64) *importer.Lead {
	d.t.Helper()
	got, err := d.store.Load(d.ctx, d.as("admin"), []int64{id})
	d.must(err)
	if len(got) == 0 {
		return nil
	}
	return &got[0]
}

// leads returns all leads by id, those in the bin included.
func (d *desk) leads() []importer.Lead {
	d.t.Helper()
	var out []importer.Lead
	for _, bin := range []bool{false, true} {
		d.must(d.store.EachLead(d.ctx, d.as("admin"), store.LeadFilter{Deleted: bin}, importer.Reading{}, func(l *store.Lead) error {
			out = append(out, l.Lead)
			return nil
		}))
	}
	slices.SortFunc(out, func(a, b importer.Lead) int { return int(a.ID - b.ID) })
	return out
}

// edit changes fields of a lead as a person; values are canonical.
func (d *desk) edit(id int64, change func(r *lead.Record)) {
	d.t.Helper()
	l := d.lead(id)
	w := importer.Write{Lead: id, Before: l.Record, After: l.Record.Clone()}
	change(&w.After)
	d.write(w)
}

// bin puts a lead into the bin, or takes it out.
func (d *desk) bin(id int64, in bool) {
	d.t.Helper()
	l := d.lead(id)
	var at time.Time
	if in {
		at = time.Now()
	}
	d.write(importer.Write{Lead: id, Before: l.Record, After: l.Record, Deleted: &at, Binned: l.DeletedAt})
}

func (d *desk) write(w importer.Write) {
	d.t.Helper()
	d.must(d.store.InTx(d.ctx, func(tx importer.Tx) error {
		return tx.Write(d.ctx, d.p, importer.Origin{Actor: d.p.User.ID, At: time.Now()}, []importer.Write{w})
	}))
}

// set is an edit of one field.
func (d *desk) set(id int64, field, value string) {
	d.t.Helper()
	d.edit(id, func(r *lead.Record) { r.Values[d.schema.Index(field)] = value })
}

// plan reads all entries of a checked import.
func (d *desk) plan(imp *importer.Import) []importer.Entry {
	d.t.Helper()
	p, err := importer.OpenPlan(d.ctx, files{d.files}, imp.Plan)
	d.must(err)
	defer p.Close()
	out := make([]importer.Entry, p.Len())
	if len(out) > 0 {
		_, err = p.Read(1, out)
		d.must(err)
	}
	return out
}

func (d *desk) results(id int64) []importer.Result {
	d.t.Helper()
	got, err := d.store.Results(d.ctx, id, 0, 1<<40)
	d.must(err)
	return got
}

// issues are the groups' texts, one line each, with the records behind them.
func (d *desk) issues(id int64) []string {
	d.t.Helper()
	all, err := d.store.Groups(d.ctx, id)
	d.must(err)
	var out []string
	for i := range all {
		line := all[i].Issue.Text()
		if all[i].Count > 1 {
			line += fmt.Sprintf(" (%d records)", all[i].Count)
		}
		out = append(out, line)
	}
	return out
}

// show is a lead as tests print it: field=value in order of the fields.
func (d *desk) show(l *importer.Lead) string {
	var b strings.Builder
	fmt.Fprintf(&b, "lead %d v%d", l.ID, l.Version)
	if !l.DeletedAt.IsZero() {
		b.WriteString(" (in the bin)")
	}
	for i := range d.schema.Fields {
		f := &d.schema.Fields[i]
		v := l.Values[i]
		if v == "" || f.Key == "owner" && l.Owner == d.p.User.ID {
			continue
		}
		if f.List() {
			v = showList(f, v)
		}
		fmt.Fprintf(&b, "\n  %s = %s", f.Key, strings.ReplaceAll(v, "\n", `\n`))
	}
	return b.String()
}

func showList(f *lead.Field, text string) string {
	var parts []string
	for _, e := range lead.DecodeList(f.Parts, text) {
		var vs []string
		for p, v := range e.Values {
			if v != "" && !f.Parts[p].Derived {
				if len(f.Parts) > 2 {
					v = f.Parts[p].Key + ":" + v
				}
				vs = append(vs, v)
			}
		}
		parts = append(parts, strings.Join(vs, " "))
	}
	return strings.Join(parts, " | ")
}

// csvText writes a table.
func csvText(rows ...[]string) string {
	var b bytes.Buffer
	for _, row := range rows {
		for i, c := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			if strings.ContainsAny(c, ",\"\n\r") || c == "" && len(row) == 1 {
				c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			}
			b.WriteString(c)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// mapped is a recipe that says where every column goes, so that nothing is
// guessed.
func mapped(pairs ...string) *recipe.Recipe {
	header := 1
	r := &recipe.Recipe{File: recipe.File{Encoding: "UTF-8", Delimiter: ",", Header: &header}}
	for i := 0; i < len(pairs); i += 2 {
		c := recipe.Column{Heading: pairs[i]}
		if pairs[i+1] != "" {
			c.To = strings.Fields(pairs[i+1])
		}
		r.Columns = append(r.Columns, c)
	}
	return r
}

// rules 7.1, 8.2 and 9.1: from the upload to the lead, and back.
func TestEndToEnd(t *testing.T) {
	d := newDesk(t)
	began := time.Now()
	imp := d.check("two.csv", "Lead name,Email\nOro Inc.,jerry@example.com\nGov Mart,\n", mapped("Lead name", "name", "Email", "emails.1.email"))
	if a := imp.Accounting; a.Records != 2 || a.New != 2 || !a.Balanced() || len(d.leads()) != 0 {
		t.Fatalf("%+v, %d leads before the run\n%s", a, len(d.leads()), d.issues(imp.ID))
	}
	imp = d.run(imp.ID)
	if imp.State != importer.Done || imp.Accounting.New != 2 || len(d.leads()) != 2 {
		t.Fatalf("%s %+v", imp.State, imp.Accounting)
	}
	undo := d.undo(imp.ID, importer.Options{})
	if undo.Accounting.Removed != 2 || d.get(imp.ID).State != importer.Undone {
		t.Fatalf("%+v %s", undo.Accounting, d.get(imp.ID).State)
	}
	for _, l := range d.leads() {
		if l.DeletedAt.IsZero() {
			t.Error(d.show(&l))
		}
	}
	t.Log(time.Since(began))
}

func userOf(name, role string) access.User { return access.User{Username: name, Role: role} }
