package store

import (
	"testing"
	"time"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// rule 9.2
func testMade(t *testing.T, f *fixture) {
	imp := f.newImport(importer.Import{State: importer.Done})
	hot, err := f.AddChoice(f.ctx(), admin(), "status", "Hot", imp)
	f.must(err)
	hall, err := f.AddField(f.ctx(), admin(), "Hall", lead.Text, false, imp)
	f.must(err)
	f.schema, err = f.Schema(f.ctx())
	f.must(err)
	id := f.create(imp, "name=A", "account=Acme", "tags=Fair,Shared", "status="+hot, hall.Key+`=7 "2":`)
	f.create(0, "name=B", "tags=Shared")
	account := norm.Key(norm.KeyAccount, "Acme")
	fair, shared := norm.Key(norm.KeyTag, "Fair"), norm.Key(norm.KeyTag, "Shared")
	there := func(what string, accounts, fairs int, retired bool) {
		t.Helper()
		links, err := f.Links(f.ctx(), "account", []string{account})
		f.must(err)
		f.equal(what+": accounts", len(links), accounts)
		tags, err := f.Tags(f.ctx(), []string{fair, shared})
		f.must(err)
		f.equal(what+": tags", len(tags), fairs+1)
		schema, err := f.Schema(f.ctx())
		f.must(err)
		options := schema.Field("status").Options
		f.equal(what+": retired", options[len(options)-1].Retired, retired)
		f.equal(what+": field gone", schema.Field(hall.Key).Gone, retired)
	}
	finish := func(state importer.State) {
		t.Helper()
		f.must(f.InTx(f.ctx(), func(tx importer.Tx) error {
			return tx.Finish(f.ctx(), imp, state, importer.Accounting{}, "")
		}))
	}
	there("before", 1, 1, false)
	finish(importer.PartlyUndone)
	there("a lead still uses them", 1, 1, false)

	now, zero := time.Now(), time.Time{}
	l := f.get(id)
	f.must(f.write(admin(), imp, importer.Write{Lead: id, Before: l.Record, After: l.Record, Deleted: &now}))
	finish(importer.Undone)
	there("undone", 0, 0, true)

	l = f.get(id)
	f.must(f.write(admin(), imp, importer.Write{Lead: id, Before: l.Record, After: l.Record, Binned: l.DeletedAt, Deleted: &zero}))
	finish(importer.Done)
	there("undo undone", 1, 1, false)
	f.equal("account of the lead", f.value(id, "account"), "Acme")

	// A lead that comes back brings its field, where the name is free.
	bin := func(when *time.Time) {
		l := f.get(id)
		f.must(f.write(admin(), imp, importer.Write{Lead: id, Before: l.Record, After: l.Record, Binned: l.DeletedAt, Deleted: when}))
	}
	bin(&now)
	finish(importer.Undone)
	bin(&zero)
	gone := func(what string, want bool) {
		t.Helper()
		schema, err := f.Schema(f.ctx())
		f.must(err)
		f.equal(what, schema.Field(hall.Key).Gone, want)
	}
	gone("a lead that came back brings its field", false)
	bin(&now)
	finish(importer.Undone)
	gone("it is in the bin again", true)
	_, err = f.AddField(f.ctx(), admin(), "hall", lead.Integer, false, 0)
	f.must(err)
	bin(&zero)
	gone("another field has its name", true)
}
