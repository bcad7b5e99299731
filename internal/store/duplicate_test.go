package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// rule 5.8, for the list
func testDuplicates(t *testing.T, f *fixture) {
	a := f.create(0, "name=Ann Müller", "first_name=Ann", "last_name=Müller", "company_name=Acme", "owner=1", "phones=+15852551127")
	b := f.create(0, "name=Anne Miller", "first_name=Anne", "last_name=Miller", "company_name=Acme", "owner=2")
	c := f.create(0, "name=Bob", "owner=2", "emails=bob@x.example")
	d := f.create(0, "name=Robert", "owner=2", "emails=BOB@x.example")
	f.create(0, "name=Zed", "emails=zed@x.example")
	pairs := func(p access.Principal) []string {
		t.Helper()
		out := []string{}
		for after := ""; ; {
			page, next, err := f.Duplicates(f.ctx(), p, after, 1) // one a page
			f.must(err)
			for _, x := range page {
				out = append(out, fmt.Sprint(x.Lead.ID, x.Other.ID, x.Score, x.By))
			}
			if after = next; next == "" {
				n, err := f.CountDuplicates(f.ctx(), p, 100)
				f.must(err)
				f.equal("count", n, int64(len(out)))
				return out
			}
		}
	}
	near := fmt.Sprint(b, a, 70, []string{"similar name and company"})
	same := fmt.Sprint(d, c, 90, []string{"e-mail"})
	f.equal("pairs", pairs(admin()), []string{same, near})
	own := access.For(access.User{ID: 2, Role: "sales"})
	f.equal("both must be seen", pairs(own), []string{same})

	f.is(f.SetSeparate(f.ctx(), own, a, b, true), lead.ErrNotFound)
	f.is(f.SetSeparate(f.ctx(), admin(), a, a, true), lead.ErrInvalid)
	f.must(f.SetSeparate(f.ctx(), admin(), a, b, true))
	f.equal("kept apart", pairs(admin()), []string{same})
	f.must(f.write(admin(), 0, f.edit(a, "job_title=Head")))
	f.equal("also after a change", pairs(admin()), []string{same})
	apart, err := f.Separate(f.ctx(), a)
	f.must(err)
	f.equal("said", apart, []int64{b})
	f.must(f.SetSeparate(f.ctx(), admin(), b, a, false))
	f.equal("taken back", pairs(admin()), []string{same, near})

	f.must(f.write(admin(), 0, f.edit(d, "emails=robert@x.example")))
	f.equal("no longer alike", pairs(admin()), []string{near})
	now := time.Now()
	l := f.get(b)
	f.must(f.write(admin(), 0, importer.Write{Lead: b, Before: l.Record, After: l.Record, Deleted: &now}))
	f.equal("one is in the bin", pairs(admin()), []string{})
	l = f.get(b)
	f.must(f.write(admin(), 0, importer.Write{Lead: b, Before: l.Record, After: l.Record, Binned: l.DeletedAt, Deleted: &time.Time{}}))
	f.equal("back from the bin", pairs(admin()), []string{near})
	_, _, err = f.Duplicates(f.ctx(), admin(), "x", 1)
	f.is(err, lead.ErrInvalid)
}

// A key of a crowd says nothing, and costs no pair of any two.
func testDuplicatesOfACrowd(t *testing.T, f *fixture) {
	var writes []importer.Write
	for i := range crowd + 1 {
		writes = append(writes, importer.Write{Create: true, After: f.record(fmt.Sprintf("name=N%d", i), "phones=+15852551127"), Record: int64(i + 1)})
	}
	f.must(f.write(admin(), 0, writes...))
	n, err := f.CountDuplicates(f.ctx(), admin(), 100)
	f.must(err)
	f.equal("pairs", n, int64(0))
}

func testQualify(t *testing.T, f *fixture) {
	id := f.create(0, "name=Ann Müller", "status=new", "company_name=Acme")
	q := Qualification{FirstName: "Ann", LastName: "Müller", Account: "Acme", Opportunity: "Ann Müller"}
	_, err := f.Qualify(f.ctx(), admin(), id, 7, q)
	f.is(err, lead.ErrConflict)
	imp, err := f.Qualify(f.ctx(), admin(), id, 1, q)
	f.must(err)
	f.equal("status", f.value(id, "status"), "qualified")
	f.equal("account", f.value(id, "account"), "Acme")
	f.equal("contact", f.value(id, "contact"), `[{"id":1,"first_name":"Ann","last_name":"Müller","ref":"1"}]`)
	f.equal("opportunity", f.value(id, "opportunities"), `[{"id":1,"name":"Ann Müller","ref":"1"}]`)
	// The contact is found again; another opportunity is another.
	second := f.create(0, "name=A. Müller", "status=new")
	_, err = f.Qualify(f.ctx(), admin(), second, 1, q)
	f.must(err)
	f.equal("same contact", f.value(second, "contact"), `[{"id":1,"first_name":"Ann","last_name":"Müller","ref":"1"}]`)
	f.equal("new opportunity", f.value(second, "opportunities"), `[{"id":1,"name":"Ann Müller","ref":"2"}]`)
	for _, x := range []struct {
		kind  string
		id    int64
		name  string
		leads []int64
	}{{"contact", 1, "Ann Müller", []int64{second, id}}, {"opportunity", 2, "Ann Müller", []int64{second}}, {"account", 0, "Acme", []int64{second, id}}} {
		e, err := f.Entity(f.ctx(), x.kind, x.id, " acme ")
		f.must(err)
		f.equal(x.kind, e.Name, x.name)
		page, err := f.ListLeads(f.ctx(), admin(), LeadQuery{Linked: fmt.Sprintf("%s:%d", x.kind, e.ID), Limit: 9})
		f.must(err)
		var ids []int64
		for _, l := range page.Leads {
			ids = append(ids, l.ID)
		}
		f.equal("leads of the "+x.kind, ids, x.leads)
	}
	_, err = f.Entity(f.ctx(), "contact", 12, "")
	f.is(err, lead.ErrNotFound)
	gone := func(entity string, id int64) (v bool) {
		t.Helper()
		f.must(f.r.QueryRowContext(f.ctx(), `select gone from `+entity+` where id = $1`, id).Scan(&v))
		return v
	}
	undo := func() {
		t.Helper()
		f.must(f.InTx(f.ctx(), func(tx importer.Tx) error {
			return tx.Finish(f.ctx(), imp.ID, importer.Undone, importer.Accounting{}, "")
		}))
	}
	f.must(f.write(admin(), 0, f.edit(id, "contact=", "opportunities=")))
	undo()
	f.equal("gone with their undo", []bool{gone("contact", 1), gone("opportunity", 1), gone("opportunity", 2)}, []bool{false, true, false})
	f.must(f.write(admin(), 0, f.edit(second, "contact=")))
	undo()
	f.equal("nobody links to it", gone("contact", 1), true)
	f.is(func() error {
		_, err := f.Qualify(f.ctx(), access.For(access.User{ID: 2, Role: "readonly"}), id, f.get(id).Version, q)
		return err
	}(), lead.ErrForbidden)
	found, err := f.Check(f.ctx())
	f.must(err)
	f.equal("doctor", found, []Finding(nil))
}
