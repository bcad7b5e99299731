package importer_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/recipe"
)

// TestCleanedOnce: a run reads what its check cleaned, not the file, and comes to
// the same where that is missing, damaged or of other settings
// (docs/decisions/clean-once.md).
func TestCleanedOnce(t *testing.T) {
	var text strings.Builder
	text.WriteString("Lead name,Email,Phone,Status,Owner,City,Tags,Employees\n")
	for i := range 60 {
		email, city, status := fmt.Sprintf("a%d@example.com", i%50), []string{"Köln", "", " Łódź "}[i%3], []string{"new", "nonsense", ""}[i%7%3]
		if i%9 == 4 {
			email = "no address"
		}
		fmt.Fprintf(&text, "Lead %d,%s,+49 221 5550%03d,%s,admin,%s,\"a;tag %d\",%d\n", i, email, i, status, city, i%4, i)
	}
	text.WriteString(",,,,,,,\n,,,,,x,,\n") // a blank line, a record that fails
	const there = "Lead name,Email\nLead 3,a3@example.com\nLead 10,a10@example.com\n"

	for _, x := range []struct {
		name    string
		between func(d *desk, imp *importer.Import)
		reads   bool // the upload all the same
	}{
		{"as it was", func(*desk, *importer.Import) {}, false},
		{"killed in between", func(d *desk, _ *importer.Import) { d.kill(4, 2) }, false},
		{"other settings", func(d *desk, _ *importer.Import) {
			d.must(d.store.SetSetting(d.ctx, d.p, "country", "PL"))
		}, true},
		{"damage", func(d *desk, imp *importer.Import) {
			if _, err := d.files.Open(d.ctx, imp.SHA256+".clean"); err == nil {
				damage(t, d, imp.SHA256+".clean")
			}
		}, true},
	} {
		run := func(missing bool) map[string]string {
			d := newDesk(t)
			d.imports("there.csv", there, &recipe.Recipe{})
			count := &readCounter{files: files{d.files}}
			d.engine.Files = count
			d.engine.SetSizes(8, 16, 0, 0)
			imp := d.check("leads.csv", text.String(), &recipe.Recipe{})
			if missing {
				d.must(d.files.Remove(d.ctx, imp.SHA256+".clean"))
			}
			x.between(d, imp)
			count.uploads.Store(0)
			d.must(d.engine.Start(d.ctx, d.p, imp.ID))
			if x.name == "damage" && !missing {
				if _, err := d.engine.Step(d.ctx, imp.ID); err == nil {
					t.Error("damaged records were read")
				}
				d.must(d.store.EndLeases(d.ctx))
			}
			d.steps(imp.ID)
			if read := count.uploads.Load() > 0; read != (x.reads || missing) {
				t.Errorf("%s, missing %v: the upload was read: %v", x.name, missing, read)
			}
			if _, err := d.files.Open(d.ctx, imp.SHA256+".clean"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: cleaned records outlive their run: %v", x.name, err)
			}
			return d.world(imp.ID)
		}
		without, with := run(true), run(false)
		differ(t, x.name, without, with)
		differ(t, x.name, with, without)
	}
}
