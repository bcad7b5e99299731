package importer_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/recipe"
)

var update = flag.Bool("update", false, "write the want.txt of the cases anew")

// before is the desk that a case begins with.
type before struct {
	As       string            // who imports: admin
	Users    []access.User     // beside admin
	Settings map[string]string // of the installation
	Leads    []map[string]any  // by field: a text, a list of texts, or of parts by key
	Bin      []int64           // leads that are in the bin
	Home     bool              // {mark} in the file becomes this installation's mark
}

// rules 1.4, 1.6, 2.1, 2.2, 2.3, 2.4, 2.5, 3.1, 3.2, 3.3, 3.4, 4.1, 4.2, 4.3 and 4.4
// rules 5.1, 5.2, 5.3, 5.4, 5.5, 5.6, 5.7, 5.8 and 5.9
// rules 6.1, 6.2, 6.3, 6.4, 6.5, 7.1, 7.2, 8.6, 10.3 and 10.5
//
// Each folder of testdata/cases is a file, its recipe, the desk before, and what
// has to come out; its name begins with the number of the rule that it proves.
func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(folders) == 0 {
		t.Fatal(len(folders), err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			got := runCase(t, folder)
			name := filepath.Join(folder, "want.txt")
			if *update {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func runCase(t *testing.T, folder string) string {
	d := newDesk(t)
	var b before
	if text, err := os.ReadFile(filepath.Join(folder, "before.json")); err == nil {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		d.must(dec.Decode(&b))
	}
	d.before(&b)
	in, err := os.ReadFile(filepath.Join(folder, "in.csv"))
	d.must(err)
	r := &recipe.Recipe{}
	if text, err := os.ReadFile(filepath.Join(folder, "recipe.toml")); err == nil {
		r, err = recipe.Load(bytes.NewReader(text))
		d.must(err)
	}
	if r.Preset != "" {
		base, err := recipe.Preset(r.Preset)
		d.must(err)
		r = recipe.Apply(base, r)
	}
	if r.File.Encoding == "" {
		r.File.Encoding = "UTF-8"
	}
	imp := d.check("in.csv", strings.ReplaceAll(string(in), "{mark}", "TESTDESK"), r)
	return d.report(imp)
}

func (d *desk) before(b *before) {
	for _, u := range b.Users {
		d.addUser(u)
	}
	for k, v := range b.Settings {
		d.must(d.store.SetSetting(d.ctx, d.p, k, v))
	}
	for _, l := range b.Leads {
		d.add(l)
	}
	for _, id := range b.Bin {
		at := time.Date(2026, 8, 22, 12, 0, 0, 0, time.UTC)
		l := d.lead(id)
		d.write(importer.Write{Lead: id, Before: l.Record, After: l.Record, Deleted: &at})
	}
	if b.As != "" {
		d.p = d.as(b.As)
	}
}

// add makes a lead by hand.
func (d *desk) add(fields map[string]any) {
	rec := d.schema.New()
	rec.Values[d.schema.Index("status")] = "new"
	rec.Values[d.schema.Index("owner")] = strconv.FormatInt(d.p.User.ID, 10)
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		slot := d.schema.Index(key)
		if slot < 0 {
			d.t.Fatalf("no field %s", key)
		}
		switch v := fields[key].(type) {
		case string:
			if key == "owner" {
				v = strconv.FormatInt(d.as(v).User.ID, 10)
			}
			rec.Values[slot] = v
		case []any:
			f := &d.schema.Fields[slot]
			var list []lead.Element
			for n, x := range v {
				e := lead.Element{ID: int64(n + 1), Values: make([]string, len(f.Parts))}
				if text, ok := x.(string); ok {
					e.Values[0] = text
				} else {
					for p := range f.Parts {
						e.Values[p], _ = x.(map[string]any)[f.Parts[p].Key].(string)
					}
				}
				list = append(list, e)
			}
			rec.Values[slot] = lead.EncodeList(f.Parts, list)
		}
	}
	d.write(importer.Write{Create: true, After: rec})
}

// report is everything that a case is held to.
func (d *desk) report(imp *importer.Import) string {
	var b strings.Builder
	fmt.Fprintln(&b, line(imp.Accounting))
	for _, x := range imp.Plan.Decisions {
		fmt.Fprintf(&b, "decision %s: %s %s\n", x.Code, x.Question, strings.Join(x.Flags, " | "))
	}
	for _, i := range d.issues(imp.ID) {
		fmt.Fprintln(&b, i)
	}
	if len(imp.Plan.Decisions) == 0 {
		imp = d.run(imp.ID)
		if imp.Accounting != imp.Plan.Accounting || imp.State != importer.Done {
			fmt.Fprintf(&b, "run: %s %s\n", imp.State, line(imp.Accounting))
		}
	}
	for n := int64(1); n <= imp.Accounting.Records; n++ {
		f, err := d.engine.Fate(d.ctx, d.p, imp.ID, n)
		d.must(err)
		fmt.Fprintf(&b, "row #%d: %s", n, f.Outcome)
		if f.Reason != "" {
			fmt.Fprintf(&b, " %s", f.Reason)
		}
		if f.Head != 0 {
			fmt.Fprintf(&b, " of row #%d", f.Head)
		}
		if f.Lead != 0 {
			fmt.Fprintf(&b, ", lead %d", f.Lead)
		}
		b.WriteString("\n")
	}
	for _, l := range d.leads() {
		fmt.Fprintln(&b, d.show(&l))
	}
	return strings.ReplaceAll(b.String(), time.Now().UTC().Format("2006-01-02")+" in.csv", "(today) in.csv")
}

func line(a importer.Accounting) string {
	s := fmt.Sprintf("%d records: %d new, %d update, %d unchanged, %d skipped, %d errors, %d conflicts; %d cells not imported",
		a.Records, a.New, a.Update, a.Unchanged, a.Skipped, a.Errors, a.Conflicts, a.CellsNotImported)
	for _, x := range []struct {
		n    int64
		what string
	}{{a.UpdateFill, "updates fill"}, {a.UpdateReplace, "replace"}, {a.UpdateTyped, "replace what a person typed"},
		{a.Accounts, "accounts"}, {a.Tags, "tags"}, {a.Blank, "blank lines"}} {
		if x.n > 0 {
			s += fmt.Sprintf("; %d %s", x.n, x.what)
		}
	}
	return s
}

// sample is the manual's own file.
func sample(t *testing.T) string {
	dir := os.Getenv("LEADPORT_CORPORA")
	if dir == "" {
		dir = "../../../shared/corpora"
	}
	text, err := os.ReadFile(filepath.Join(dir, "manual-sample", "lead_user_guide_sample.csv"))
	if err != nil {
		t.Skip("needs the corpora, from LEADPORT_CORPORA: " + err.Error())
	}
	return string(text)
}

// rules 5.2 and 7.1: the sample of OroCRM's manual (lead-fields.md).
func TestManualSample(t *testing.T) {
	text := sample(t)
	t.Run("with Jerry", func(t *testing.T) {
		d := newDesk(t)
		jerry := d.addUser(access.User{Username: "Jerry", Role: "sales"})
		imp := d.imports("leads.csv", text, &recipe.Recipe{})
		if a := imp.Accounting; a.Records != 1 || a.New != 1 || a.CellsNotImported != 1 {
			t.Errorf("%+v", a)
		}
		var warned []string
		for _, i := range d.issues(imp.ID) {
			if strings.HasPrefix(i, "Warning") {
				warned = append(warned, i)
			}
		}
		want := []string{
			`Warning in row #1. ID: There is no lead with Id "111"; the record is treated as one without an Id.`,
			`Warning in row #1. Address 1 Label: The address has only a label or a name, so there is nothing to store.`,
		}
		slices.Sort(warned)
		slices.Sort(want)
		if !slices.Equal(warned, want) {
			t.Errorf("%q", warned)
		}
		l := d.lead(1)
		for key, v := range map[string]string{"name": "Gov Mart", "name_prefix": "Mr", "first_name": "Jerry", "last_name": "Coleman",
			"status": "new", "company_name": "Gov Mart", "twitter": "@Jerry", "linked_in": "LinkedInID"} {
			if got := d.schema.Get(l.Record, key); got != v {
				t.Errorf("%s = %q, want %q", key, got, v)
			}
		}
		if l.Owner != jerry.User.ID {
			t.Errorf("owner %d", l.Owner)
		}
	})
	t.Run("without Jerry", func(t *testing.T) {
		d := newDesk(t)
		imp := d.check("leads.csv", text, &recipe.Recipe{})
		if a := imp.Accounting; a.Records != 1 || a.Errors != 1 {
			t.Errorf("%+v", a)
		}
		if all := d.issues(imp.ID); len(all) == 0 || all[0] != `Error in row #1. Owner Username: There is no user "Jerry".` {
			t.Errorf("%q", all)
		}
	})
}

// rule 5.1: keys fold by norm.Key, so that the texts here mean what they say.
func TestKeysOf(t *testing.T) {
	d := newDesk(t)
	d.add(map[string]any{"name": "Straße", "emails": []any{"Jerry@BÜCHER.example"}, "last_name": "Coleman"})
	var got []string
	for _, k := range importer.KeysOf(d.schema, d.lead(1).Record) {
		got = append(got, fmt.Sprintf("%d %s", k.Kind, strings.ReplaceAll(k.Text, "\x1f", "|")))
	}
	want := []string{
		fmt.Sprintf("%d jerry@xn--bcher-kva.example", norm.KeyEmail),
		fmt.Sprintf("%d strasse|", norm.KeyName),
		fmt.Sprintf("%d |coleman|", norm.KeyPerson),
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
