package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"go.uber.org/goleak"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/store/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSQLite(t *testing.T) {
	testStore(t, func(t *testing.T) *Store { return openAt(t, filepath.Join(t.TempDir(), "leadport.db")) })
}

func TestPostgres(t *testing.T) {
	migrated := sync.OnceValues(func() (string, error) {
		return pgtest.Template(func(url string) error {
			s, err := Open(t.Context(), Config{URL: url})
			if err != nil {
				return err
			}
			return s.Close()
		})
	})
	testStore(t, func(t *testing.T) *Store {
		pgtest.Need(t)
		template, err := migrated()
		if err != nil {
			t.Fatal(err)
		}
		return openConfig(t, Config{URL: pgtest.FromTemplate(t, template)})
	})
}

func openAt(t *testing.T, path string) *Store {
	t.Helper()
	return openConfig(t, Config{Path: path})
}

func openConfig(t *testing.T, c Config) *Store {
	t.Helper()
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// testStore is what every database must do. open gives an empty one.
func testStore(t *testing.T, open func(t *testing.T) *Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *fixture)
	}{
		{"lead round trip", testRoundTrip},
		{"scope", testScope},
		{"rights to write", testRights},
		{"versions", testVersions},
		{"journal", testJournal},
		{"keys", testKeys},
		{"keys in blocks", testKeyBlocks},
		{"bin", testBin},
		{"untouched leads into the bin", testUntouched},
		{"accounts", testAccounts},
		{"what an undone import made", testMade},
		{"tags", testTags},
		{"custom fields", testCustom},
		{"choices", testChoices},
		{"sequence and other writers", testForeign},
		{"fence", testFence},
		{"fence of a check", testCheckFence},
		{"two versions", testTwoVersions},
		{"rollback", testRollback},
		{"start a run", testStartRun},
		{"undo takes its parent along", testUndoParent},
		{"finish", testFinish},
		{"results", testResults},
		{"imports", testImports},
		{"issues and fixes", testGroups},
		{"users", testUsers},
		{"settings", testSettings},
		{"recipes", testRecipes},
		{"links", testLinks},
		{"outbox", testOutbox},
		{"audit", testAudit},
		{"lists of leads", testLists},
		{"check", testCheck},
		{"duplicates", testDuplicates},
		{"duplicates of a crowd", testDuplicatesOfACrowd},
		{"lists as a model has them", testListModel},
		{"qualify", testQualify},
		{"lists by filter", testListLeads},
		{"pages of a list", testListPages},
		{"change many at once", testOperate},
		{"sessions", testSessions},
		{"requests remembered", testRemember},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			schema, err := s.Schema(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c.test(t, &fixture{T: t, Store: s, schema: schema})
		})
	}
}

// fixture is a test with an empty database.
type fixture struct {
	*testing.T
	*Store
	schema *lead.Schema
}

func (f *fixture) ctx() context.Context { return f.T.Context() }

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) is(err, kind error) {
	f.Helper()
	if !errors.Is(err, kind) {
		f.Fatalf("got %v, want %v", err, kind)
	}
}

// record makes a record of "key=value" pairs; lists take their first part.
func (f *fixture) record(pairs ...string) lead.Record {
	f.Helper()
	r := f.schema.New()
	for _, p := range pairs {
		key, v, _ := strings.Cut(p, "=")
		f.set(&r, key, v)
	}
	return r
}

func (f *fixture) set(r *lead.Record, key, v string) {
	f.Helper()
	i := f.schema.Index(key)
	if i < 0 {
		f.Fatalf("no field %q", key)
	}
	if fl := &f.schema.Fields[i]; fl.List() && v != "" {
		var list []lead.Element
		for n, part := range strings.Split(v, ",") {
			values := make([]string, len(fl.Parts))
			values[0] = part
			list = append(list, lead.Element{ID: int64(n + 1), Values: values})
		}
		v = lead.EncodeList(fl.Parts, list)
	}
	r.Values[i] = v
}

func (f *fixture) write(p access.Principal, imp int64, writes ...importer.Write) error {
	return f.InTx(f.ctx(), func(tx importer.Tx) error {
		return tx.Write(f.ctx(), p, importer.Origin{Actor: p.User.ID, Import: imp, At: time.Now()}, writes)
	})
}

// create makes a lead by hand, or by an import, and returns its id.
func (f *fixture) create(imp int64, pairs ...string) int64 {
	f.Helper()
	w := []importer.Write{{Create: true, After: f.record(pairs...), Record: 1}}
	f.must(f.write(admin(), imp, w...))
	var id int64
	f.must(f.w.QueryRowContext(f.ctx(), `select max(id) from lead`).Scan(&id))
	return id
}

// edit returns a write that changes fields of a lead as it is now.
func (f *fixture) edit(id int64, pairs ...string) importer.Write {
	f.Helper()
	l := f.get(id)
	w := importer.Write{Lead: id, Before: l.Record, After: l.Record.Clone()}
	for _, p := range pairs {
		key, v, _ := strings.Cut(p, "=")
		f.set(&w.After, key, v)
	}
	return w
}

func (f *fixture) get(id int64) importer.Lead {
	f.Helper()
	got, err := f.Load(f.ctx(), admin(), []int64{id})
	f.must(err)
	if len(got) != 1 {
		f.Fatalf("lead %d: found %d", id, len(got))
	}
	return got[0]
}

func (f *fixture) value(id int64, key string) string {
	f.Helper()
	return f.schema.Get(f.get(id).Record, key)
}

// holders returns who holds the one key of a kind that a record would have.
func (f *fixture) holders(p access.Principal, kind norm.KeyKind, pairs ...string) []int64 {
	f.Helper()
	hits, err := f.FindKeys(f.ctx(), p, []importer.Key{f.key(kind, pairs...)})
	f.must(err)
	var ids []int64
	for _, h := range hits {
		ids = append(ids, h.Lead)
	}
	return ids
}

func (f *fixture) key(kind norm.KeyKind, pairs ...string) importer.Key {
	f.Helper()
	for _, k := range importer.KeysOf(f.schema, f.record(pairs...)) {
		if k.Kind == kind {
			return k
		}
	}
	f.Fatalf("no key in %v", pairs)
	return importer.Key{}
}

func (f *fixture) equal(what string, got, want any) {
	f.Helper()
	if !reflect.DeepEqual(got, want) {
		f.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (f *fixture) newImport(i importer.Import) int64 {
	f.Helper()
	f.must(f.CreateImport(f.ctx(), admin(), &i))
	return i.ID
}

// people makes a team of two, ana and bob, and cid outside it.
func (f *fixture) people() (ana, bob, cid access.Principal) {
	f.Helper()
	team, err := f.AddTeam(f.ctx(), admin(), "North")
	f.must(err)
	add := func(name string, team int64) access.Principal {
		u := access.User{Username: name, Role: "sales", Team: team}
		f.must(f.AddUser(f.ctx(), admin(), &u, ""))
		return access.For(u)
	}
	return add("ana", team.ID), add("bob", team.ID), add("cid", 0)
}

func owner(p access.Principal) string { return "owner=" + strconv.FormatInt(p.User.ID, 10) }

func testRoundTrip(t *testing.T, f *fixture) {
	r := sample(f.schema, 7)
	for i := range f.schema.Fields {
		if fl := &f.schema.Fields[i]; !fl.Virtual && !fl.List() && r.Values[i] == "" {
			r.Values[i] = `odd "text" \ Ünïcode ` + fl.Key
		}
	}
	f.must(f.write(admin(), 5, importer.Write{Create: true, After: r, Record: 9}))
	got := f.get(1)
	f.equal("values", got.Values, r.Values)
	f.equal("provenance", []int64{got.Version, got.CreatedImport, got.CreatedRecord, got.Owner}, []int64{1, 5, 9, 1})
	if got.Seq == 0 || !got.DeletedAt.IsZero() {
		t.Errorf("seq %d, deleted %s", got.Seq, got.DeletedAt)
	}
}

func testScope(t *testing.T, f *fixture) {
	ana, bob, cid := f.people()
	readonly := access.For(access.User{ID: 99, Role: "readonly"})
	nobody := access.For(access.User{ID: 98, Role: "admin", Disabled: true})
	a := f.create(1, "name=A", "emails=a@x.example", owner(ana))
	b := f.create(1, "name=B", "emails=a@x.example", owner(bob))
	c := f.create(1, "name=C", "emails=a@x.example", owner(cid))
	none := f.create(1, "name=N", "emails=a@x.example")
	for _, tc := range []struct {
		name string
		p    access.Principal
		see  []int64
		out  []int64 // may export
	}{
		{"administrator sees all", admin(), []int64{a, b, c, none}, []int64{a, b, c, none}},
		{"read-only sees all, exports none", readonly, []int64{a, b, c, none}, nil},
		{"sales sees the team, exports own", ana, []int64{a, b}, []int64{a}},
		{"sales without a team sees own", cid, []int64{c}, []int64{c}},
		{"disabled sees none", nobody, nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f.equal("keys", f.holders(tc.p, norm.KeyEmail, "emails=A@x.example"), tc.see)
			got, err := f.Load(f.ctx(), tc.p, []int64{a, b, c, none, 999})
			f.must(err)
			var ids []int64
			for _, l := range got {
				ids = append(ids, l.ID)
			}
			slices.Sort(ids) // loaded in any order
			f.equal("loaded", ids, tc.see)
			var out []int64
			f.must(f.EachLead(f.ctx(), tc.p, LeadFilter{}, importer.Reading{}, func(l *Lead) error { out = append(out, l.ID); return nil }))
			f.equal("exported", out, tc.out)
			n, err := f.CountLeads(f.ctx(), tc.p, LeadFilter{})
			f.must(err)
			f.equal("counted", n, int64(len(tc.see)))
			var keys int
			f.must(f.EachKey(f.ctx(), tc.p, func(uint64, int64, int64) error { keys++; return nil }))
			f.equal("keys of all", keys, 2*len(tc.see))
		})
	}
	f.equal("owner's team", f.get(a).OwnerTeam, ana.User.Team)
}

func testRights(t *testing.T, f *fixture) {
	ana, bob, cid := f.people()
	mine := f.create(1, "name=Mine", owner(ana))
	bobs := f.create(1, "name=Bob's", owner(bob))
	cids := f.create(1, "name=Cid's", owner(cid))
	now := time.Now()
	for _, tc := range []struct {
		name string
		w    importer.Write
		want error
	}{
		{"edit own", f.edit(mine, "job_title=CEO"), nil},
		{"edit a team mate's", f.edit(bobs, "job_title=CEO"), lead.ErrForbidden},
		{"edit unseen", f.edit(cids, "job_title=CEO"), lead.ErrNotFound},
		{"give away", f.edit(mine, owner(bob)), lead.ErrForbidden},
		{"create own", importer.Write{Create: true, After: f.record("name=New", owner(ana))}, nil},
		{"create for another", importer.Write{Create: true, After: f.record("name=New", owner(bob))}, lead.ErrForbidden},
		{"delete a team mate's", importer.Write{Lead: bobs, Before: f.get(bobs).Record, Deleted: &now}, lead.ErrForbidden},
		{"undo on own", importer.Write{Lead: mine, Before: f.get(mine).Record, Deleted: &now, Reverts: -1}, lead.ErrConflict}, // edited above
		{"undo on another's", importer.Write{Lead: bobs, Before: f.get(bobs).Record, Deleted: &now, Reverts: -1}, lead.ErrForbidden},
		{"owner is no id", importer.Write{Create: true, After: f.record("name=New", "owner=ana")}, lead.ErrInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := f.write(ana, 0, tc.w); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
	f.is(f.write(access.For(access.User{ID: 9, Role: "readonly"}), 0,
		importer.Write{Create: true, After: f.record("name=X")}), lead.ErrForbidden)
}

func testVersions(t *testing.T, f *fixture) {
	id := f.create(1, "name=A")
	first, second := f.edit(id, "name=B"), f.edit(id, "name=C")
	writes := []importer.Write{first}
	f.must(f.write(admin(), 0, writes...))
	f.equal("version", f.get(id).Version, int64(2))
	err := f.write(admin(), 0, second)
	f.is(err, lead.ErrConflict)
	if !strings.Contains(err.Error(), fmt.Sprintf("lead %d ", id)) {
		t.Errorf("%v does not name the lead", err)
	}
	f.equal("name", f.value(id, "name"), "B")
	before := f.get(id)
	f.must(f.write(admin(), 0, f.edit(id)))
	f.equal("a write that changes nothing writes nothing", f.get(id), before)
	f.is(f.write(admin(), 0, importer.Write{Lead: 999, Before: f.record("name=X"), After: f.record("name=Y")}), lead.ErrNotFound)

	w := []importer.Write{{Create: true, After: f.record("name=New")}}
	f.must(f.InTx(f.ctx(), func(tx importer.Tx) error {
		o := importer.Origin{Actor: 1, At: time.Now()}
		if err := tx.Write(f.ctx(), admin(), o, w); err != nil {
			return err
		}
		again := importer.Write{Lead: w[0].Lead, Before: w[0].After, After: w[0].After.Clone()}
		f.set(&again.After, "name", "Newer")
		return tx.Write(f.ctx(), admin(), o, []importer.Write{again})
	}))
	f.equal("written twice in one transaction", f.get(w[0].Lead).Version, int64(2))
}

func testJournal(t *testing.T, f *fixture) {
	byImport := f.create(7, "name=A", "job_title=CTO")
	byHand := f.create(0, "name=B")
	f.must(f.write(admin(), 8, f.edit(byImport, "name=A2", "job_title=")))
	w := f.edit(byImport, "name=A")
	w.Reverts = 2
	f.must(f.write(admin(), 9, w))
	f.must(f.write(admin(), 0, f.edit(byImport, "company_name=Oro")))

	history, err := f.History(f.ctx(), []int64{byImport, byHand})
	f.must(err)
	rows := history[byImport]
	if len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	f.equal("before", rows[0].Before, map[string]string{"name": "A", "job_title": "CTO"})
	f.equal("after", rows[0].After, map[string]string{"name": "A2", "job_title": ""})
	f.equal("stamps", []int64{rows[0].Version, rows[0].Import, rows[0].Actor, rows[0].Reverts}, []int64{2, 8, 1, 0})
	f.equal("reverts", []int64{rows[1].Version, rows[1].Import, rows[1].Reverts}, []int64{3, 9, 2})
	f.equal("made by hand", history[byHand][0].Before, map[string]string{})
	f.equal("made by hand", history[byHand][0].After, map[string]string{"name": "B"})

	changes, err := f.Changes(f.ctx(), 8, 0, 10)
	f.must(err)
	f.equal("changes of the import", len(changes), 1)
	changes, err = f.Changes(f.ctx(), 8, changes[0].ID, 10)
	f.must(err)
	f.equal("before the first", len(changes), 0)
	edited, err := f.HandEdited(f.ctx(), []int64{byImport}, time.Now().Add(-time.Hour))
	f.must(err)
	f.equal("edited by hand", edited[byImport], slots(f, "company_name"))
	edited, err = f.HandEdited(f.ctx(), []int64{byImport}, time.Now().Add(time.Hour))
	f.must(err)
	f.equal("edited by hand since", len(edited), 0)
	since, err := f.ChangedSince(f.ctx(), byImport, 2)
	f.must(err)
	f.equal("changed since version 2", since, slots(f, "name", "company_name"))
	imports, err := f.LeadImports(f.ctx(), byImport)
	f.must(err)
	f.equal("imports of the lead", imports, []int64{7, 8, 9})
}

func slots(f *fixture, keys ...string) lead.Set {
	var s lead.Set
	for _, k := range keys {
		s.Add(f.schema.Index(k))
	}
	return s
}

func testKeys(t *testing.T, f *fixture) {
	id := f.create(1, "name=Gov Mart", "company_name=Oro", "emails=Jerry@Bücher.example,j@oro.example", "phones=+4917012345")
	other := f.create(1, "name=gov  MART", "company_name=ORO", "emails=j@oro.example")
	f.equal("folded name", f.holders(admin(), norm.KeyName, "name=GOV MART", "company_name=oro"), []int64{id, other})
	f.equal("e-mail in IDNA", f.holders(admin(), norm.KeyEmail, "emails=jerry@xn--bcher-kva.example"), []int64{id})

	f.must(f.write(admin(), 0, f.edit(id, "name=New Mart", "emails=j@oro.example")))
	f.equal("old name", f.holders(admin(), norm.KeyName, "name=gov mart", "company_name=oro"), []int64{other})
	f.equal("new name", f.holders(admin(), norm.KeyName, "name=new mart", "company_name=oro"), []int64{id})
	f.equal("e-mail gone", f.holders(admin(), norm.KeyEmail, "emails=jerry@bücher.example"), []int64(nil))
	f.equal("e-mail kept", f.holders(admin(), norm.KeyEmail, "emails=j@oro.example"), []int64{id, other})

	asked := []importer.Key{f.key(norm.KeyEmail, "emails=j@oro.example"), f.key(norm.KeyEmail, "emails=nobody@oro.example"), f.key(norm.KeyEmail, "emails=j@oro.example")}
	hits, err := f.FindKeys(f.ctx(), admin(), asked)
	f.must(err)
	var order [][2]int64
	for _, h := range hits {
		order = append(order, [2]int64{int64(h.Key), h.Lead})
	}
	f.equal("order of hits, repeated keys", order, [][2]int64{{0, id}, {0, other}, {2, id}, {2, other}})

	// The hash of a name leaves the company out, so its key is stamped anew.
	f.must(f.write(admin(), 0, f.edit(other, "company_name=Acme")))
	hits, err = f.FindKeys(f.ctx(), admin(), []importer.Key{f.key(norm.KeyName, "name=Gov Mart", "company_name=Acme")})
	f.must(err)
	f.equal("stamp of a new text", []int64{hits[0].Lead, hits[0].Seq}, []int64{other, f.get(other).Seq})

	// Within one transaction keys are seen before they are flushed, and the last word counts.
	f.must(f.InTx(f.ctx(), func(tx importer.Tx) error {
		w := []importer.Write{{Create: true, After: f.record("name=Temp", "emails=t@oro.example")}}
		o := importer.Origin{Actor: 1, Import: 3, At: time.Now()}
		if err := tx.Write(f.ctx(), admin(), o, w); err != nil {
			return err
		}
		hits, err := tx.Leads().FindKeys(f.ctx(), admin(), []importer.Key{f.key(norm.KeyEmail, "emails=t@oro.example")})
		f.equal("seen inside", len(hits), 1)
		for _, mail := range []string{"u@oro.example", "t@oro.example", "v@oro.example"} {
			n := importer.Write{Lead: w[0].Lead, Before: w[0].After, After: w[0].After.Clone()}
			f.set(&n.After, "emails", mail)
			w[0] = n
			if err := tx.Write(f.ctx(), admin(), o, w); err != nil {
				return err
			}
		}
		return err
	}))
	f.equal("first e-mail", f.holders(admin(), norm.KeyEmail, "emails=t@oro.example"), []int64(nil))
	f.equal("last e-mail", len(f.holders(admin(), norm.KeyEmail, "emails=v@oro.example")), 1)
}

func testBin(t *testing.T, f *fixture) {
	imp := f.newImport(importer.Import{State: importer.Done, Accounting: importer.Accounting{Records: 1, New: 1}})
	id := f.create(imp, "name=A", "emails=a@x.example")
	now, zero := time.Now().Truncate(time.Millisecond).UTC(), time.Time{}
	f.must(f.write(admin(), 0, importer.Write{Lead: id, Before: f.get(id).Record, Deleted: &now}))
	f.equal("deleted", f.get(id).DeletedAt, now)
	f.equal("keys stay (rule 5.6)", f.holders(admin(), norm.KeyEmail, "emails=a@x.example"), []int64{id})
	history, err := f.History(f.ctx(), []int64{id})
	f.must(err)
	f.equal("journal", history[id][0].After, map[string]string{"deleted_at": importer.BinText(now)})
	page, err := f.LeadsPage(f.ctx(), admin(), LeadFilter{Deleted: true}, 0, 10)
	f.must(err)
	f.equal("listed in the bin", len(page), 1)
	f.equal("deleted by", page[0].DeletedBy, int64(1))

	f.must(f.write(admin(), 0, importer.Write{Lead: id, Before: f.get(id).Record, Deleted: &zero}))
	if got := f.get(id); !got.DeletedAt.IsZero() {
		t.Errorf("not restored: %v", got.DeletedAt)
	}
	n, err := f.PurgeBin(f.ctx(), time.Now().Add(time.Hour))
	f.must(err)
	f.equal("nothing to purge", n, int64(0))
	f.must(f.write(admin(), 0, importer.Write{Lead: id, Before: f.get(id).Record, Deleted: &now}))
	n, err = f.PurgeBin(f.ctx(), time.Now().Add(time.Hour))
	f.must(err)
	f.equal("purged", n, int64(1))
	f.equal("keys gone", f.holders(admin(), norm.KeyEmail, "emails=a@x.example"), []int64(nil))
	f.clean()
}

// clean says that the database passes its own check.
func (f *fixture) clean() {
	f.Helper()
	found, err := f.Check(f.ctx())
	f.must(err)
	for _, x := range found {
		f.Errorf("check: %s: %s", x.What, x.Detail)
	}
}

func testAccounts(t *testing.T, f *fixture) {
	a := f.create(3, "name=A", "account=Müller & Söhne")
	b := f.create(4, "name=B", "account=MÜLLER  & söhne")
	c := f.create(4, "name=C", "account=Other")
	f.equal("one account, the first spelling", f.value(b, "account"), f.value(a, "account"))
	links, err := f.Links(f.ctx(), "account", []string{norm.Key(norm.KeyAccount, "müller & söhne"), norm.Key(norm.KeyAccount, "other"), "none"})
	f.must(err)
	f.equal("links", len(links), 2)
	var by int64
	f.must(f.w.QueryRowContext(f.ctx(), `select created_import from account where name = 'Müller & Söhne'`).Scan(&by))
	f.equal("made by", by, int64(3))

	// Another spelling of the same account is no change of the lead.
	f.must(f.write(admin(), 0, f.edit(a, "account=müller & söhne")))
	f.equal("version", f.get(a).Version, int64(1))
	f.must(f.write(admin(), 0, f.edit(c, "account=müller & söhne")))
	history, err := f.History(f.ctx(), []int64{c})
	f.must(err)
	f.equal("the journal has the account's own name", history[c][0].After["account"], "Müller & Söhne")
	f.must(f.write(admin(), 0, f.edit(c, "account=")))
	f.equal("cleared", f.value(c, "account"), "")
}

func testTags(t *testing.T, f *fixture) {
	f.create(3, "name=A", "tags=Fair,VIP")
	f.create(4, "name=B", "tags=fair,New")
	tags, err := f.Tags(f.ctx(), []string{"fair", "vip", "new", "none"})
	f.must(err)
	f.equal("tags", tags, map[string]bool{"fair": true, "vip": true, "new": true})
	var name string
	var by int64
	f.must(f.w.QueryRowContext(f.ctx(), `select name, created_import from tag where key = 'fair'`).Scan(&name, &by))
	f.equal("first spelling", []any{name, by}, []any{"Fair", int64(3)})
}

func testCustom(t *testing.T, f *fixture) {
	old := f.schema
	size, err := f.AddField(f.ctx(), admin(), "Shoe size", lead.Integer, true, 0)
	f.must(err)
	colour, err := f.AddField(f.ctx(), admin(), "Colours", lead.MultiChoice, true, 0)
	f.must(err)
	_, err = f.AddField(f.ctx(), admin(), "shoe  SIZE", lead.Text, false, 0)
	f.is(err, lead.ErrInvalid)
	_, err = f.AddField(f.ctx(), access.For(access.User{Role: "sales"}), "X", lead.Text, false, 0)
	f.is(err, lead.ErrForbidden)

	f.must(f.write(admin(), 1, importer.Write{Create: true, After: old.New()})) // decided on the schema of before
	f.schema, err = f.Schema(f.ctx())
	f.must(err)
	same, err := f.Schema(f.ctx())
	f.must(err)
	if same != f.schema {
		t.Error("the same fields give another schema")
	}
	id := f.create(1, "name=A", size.Key+"=43", colour.Key+"=Red,Blue")
	f.equal("value", f.value(id, size.Key), "43")
	f.equal("list", f.value(id, colour.Key), `[{"id":1,"choice":"Red"},{"id":2,"choice":"Blue"}]`)
	mirrored := func() (n int) {
		f.must(f.w.QueryRowContext(f.ctx(), `select count(*) from lead_value where lead = $1`, id).Scan(&n))
		return n
	}
	f.equal("mirrored", mirrored(), 3)
	f.must(f.write(admin(), 0, f.edit(id, colour.Key+"=Red", size.Key+"=")))
	f.equal("mirrored", mirrored(), 1)
	f.equal("cleared", f.value(id, size.Key), "")
	history, err := f.History(f.ctx(), []int64{id})
	f.must(err)
	f.equal("journal", history[id][0].Before[size.Key], "43")
	for n := 2; n < maxIndexed; n++ {
		_, err = f.AddField(f.ctx(), admin(), fmt.Sprintf("Field %d", n), lead.Text, true, 0)
		f.must(err)
	}
	_, err = f.AddField(f.ctx(), admin(), "One too many", lead.Text, true, 0)
	f.is(err, lead.ErrInvalid)
	_, err = f.AddField(f.ctx(), admin(), "Not indexed", lead.Text, false, 0)
	f.must(err)
}

func testChoices(t *testing.T, f *fixture) {
	add := func(field, label string) string {
		t.Helper()
		id, err := f.AddChoice(f.ctx(), admin(), field, label, 4)
		f.must(err)
		return id
	}
	f.equal("id", add("status", "Really Hot!"), "really_hot")
	f.equal("the same", add("status", "really hot!"), "really_hot")
	f.equal("another of the same id", add("status", "Really-Hot"), "really_hot_2")
	s, err := f.Schema(f.ctx())
	f.must(err)
	options := s.Field("status").Options
	f.equal("last option", options[len(options)-1], lead.Option{ID: "really_hot_2", Label: "Really-Hot"})
	f.must(f.RetireChoice(f.ctx(), admin(), "status", "really_hot"))
	s, err = f.Schema(f.ctx())
	f.must(err)
	f.equal("retired", s.Field("status").Options[len(options)-2].Retired, true)
	_, err = f.AddChoice(f.ctx(), admin(), "name", "X", 0)
	f.is(err, lead.ErrInvalid)
}

func testForeign(t *testing.T, f *fixture) {
	f.create(7, "name=A")
	start, err := f.Seq(f.ctx())
	f.must(err)
	f.create(7, "name=B")
	f.create(0, "name=C")
	f.create(8, "name=D")
	foreign := func(seq, imp int64) map[int64]bool {
		var got map[int64]bool
		f.must(f.InTx(f.ctx(), func(tx importer.Tx) (err error) {
			got, err = tx.Foreign(f.ctx(), seq, imp)
			return err
		}))
		return got
	}
	f.equal("since the start", foreign(start, 7), map[int64]bool{start + 2: true, start + 3: true})
	f.equal("since now", foreign(start+3, 7), map[int64]bool{})
	f.must(f.PurgeLog(f.ctx(), time.Now().Add(time.Hour)))
	f.equal("the log is gone", foreign(start, 7), map[int64]bool{start + 1: true, start + 2: true, start + 3: true})
	f.equal("since now", foreign(start+3, 7), map[int64]bool{})

	n := int64(0)
	f.must(f.InTx(f.ctx(), func(tx importer.Tx) error {
		for range 3 {
			w := []importer.Write{{Create: true, After: f.record("name=X")}}
			if err := tx.Write(f.ctx(), admin(), importer.Origin{Import: 7, At: time.Now()}, w); err != nil {
				return err
			}
			n++
		}
		return nil
	}))
	now, err := f.Seq(f.ctx())
	f.must(err)
	f.equal("one sequence per transaction", now, start+4)
}

func (f *fixture) startRun(id int64, parts ...importer.Part) {
	f.Helper()
	f.must(f.StartRun(f.ctx(), admin(), id, []importer.State{importer.Checked}, importer.Running, importer.Beginning{Parts: parts, New: 10}))
}

func testFence(t *testing.T, f *fixture) {
	now := time.Now()
	imp := f.newImport(importer.Import{State: importer.Checked})
	f.startRun(imp, importer.Part{Number: 1, First: 1, Last: 100})
	old, err := f.Claim(f.ctx(), imp, 1, time.Minute)
	f.must(err)
	f.equal("part", []int64{old.Fence, old.First, old.Last, old.Cursor}, []int64{1, 1, 100, 1})
	_, err = f.Claim(f.ctx(), imp, 1, time.Minute)
	f.is(err, lead.ErrConflict)
	_, err = f.Claim(f.ctx(), imp, 2, time.Minute)
	f.is(err, lead.ErrNotFound)
	stalled, err := f.Stalled(f.ctx())
	f.must(err)
	f.equal("nothing stalled", len(stalled), 0)

	f.leaseEnds(imp)
	stalled, err = f.Stalled(f.ctx())
	f.must(err)
	f.equal("stalled", stalled, []int64{imp})
	next, err := f.Claim(f.ctx(), imp, 1, time.Minute)
	f.must(err)
	f.equal("fence", next.Fence, int64(2))

	err = f.InTx(f.ctx(), func(tx importer.Tx) error {
		w := []importer.Write{{Create: true, After: f.record("name=Ghost", "emails=ghost@x.example")}}
		return errors.Join(tx.Write(f.ctx(), admin(), importer.Origin{Import: imp, At: now}, w),
			tx.Advance(f.ctx(), &old, 50, importer.Accounting{}, time.Minute))
	})
	f.is(err, lead.ErrFenced)
	n, err := f.Count(f.ctx())
	f.must(err)
	f.equal("the old holder wrote nothing", n, int64(0))
	f.equal("nor keys", f.holders(admin(), norm.KeyEmail, "emails=ghost@x.example"), []int64(nil))

	f.must(f.InTx(f.ctx(), func(tx importer.Tx) error {
		return tx.Advance(f.ctx(), &next, 50, importer.Accounting{Records: 49, New: 49}, 0)
	}))
	stale := next
	stale.Cursor = 1
	f.is(f.InTx(f.ctx(), func(tx importer.Tx) error {
		return tx.Advance(f.ctx(), &stale, 60, importer.Accounting{}, time.Minute)
	}), lead.ErrFenced)
	parts, err := f.Parts(f.ctx(), imp)
	f.must(err)
	f.equal("advanced", []int64{parts[0].Cursor, parts[0].Accounting.New}, []int64{50, 49})
	_, err = f.Claim(f.ctx(), imp, 1, time.Hour) // a lease of 0 set it free
	f.must(err)
	f.must(f.EndLeases(f.ctx()))
	_, err = f.Claim(f.ctx(), imp, 1, time.Hour)
	f.must(err)
}

// A newer Leadport has migrated: one that its migration spares goes on.
func testTwoVersions(t *testing.T, f *fixture) {
	_, err := f.w.Exec(`insert into goose_db_version (version_id, is_applied) values (999, true)`)
	f.must(err)
	least := func(n int64) {
		_, err := f.w.Exec(`update counter set value = $1 where name = 'min_reader'`, n)
		f.must(err)
	}
	f.must(f.migrate(f.ctx()))
	f.must(f.checkVersion(f.ctx()))
	f.create(0, "name=Beside the newer one")
	least(999)
	f.is(f.migrate(f.ctx()), ErrNewer)
	f.is(f.checkVersion(f.ctx()), ErrNewer)
	if f.d.nodes() { // what it would write, the newer one might take for something else
		f.is(f.inTx(f.ctx(), func(*tx) error { t.Error("a node too old writes"); return nil }), ErrNewer)
		f.is(f.InPart(f.ctx(), &importer.Part{Import: 1}, func(importer.Tx) error { t.Error("a part of a node too old writes"); return nil }), ErrNewer)
	}
}

// leaseEnds lets the leases of an import run out.
func (f *fixture) leaseEnds(imp int64) {
	f.Helper()
	f.must(f.inTx(f.ctx(), func(t *tx) error {
		for _, table := range []string{"import_part", "import_check"} {
			if _, err := t.exec(f.ctx(), `update `+table+` set lease_until = `+f.d.clock()+` - 1 where import = $1`, imp); err != nil {
				return err
			}
		}
		return nil
	}))
}

// A check is its latest holder's, by the fence; leases of the dead end.
func testCheckFence(t *testing.T, f *fixture) {
	imp := f.newImport(importer.Import{})
	begin := func(idle bool) (int64, error) {
		return f.BeginCheck(f.ctx(), admin(), imp, idle, time.Minute, func(*importer.Import) error { return nil })
	}
	end := func(fence int64) error {
		return f.EndCheck(f.ctx(), admin(), imp, fence, 0, []importer.Group{}, func(i *importer.Import) error { i.State = importer.Checked; return nil })
	}
	idle := func(want ...int64) {
		t.Helper()
		got, err := f.IdleChecks(f.ctx())
		f.must(err)
		f.equal("idle", got, want)
	}
	first, err := begin(true)
	f.must(err)
	idle()
	held, err := f.Held(f.ctx())
	f.must(err)
	f.equal("held", held, map[int64]bool{imp: true})
	_, err = begin(true)
	f.is(err, lead.ErrConflict)
	second, err := begin(false)
	f.must(err)
	f.is(end(first), lead.ErrFenced)
	f.must(f.HoldCheck(f.ctx(), imp, second, time.Minute, importer.Progress{Phase: "checking", Done: 7}))
	if f.Nodes() {
		f.is(f.HoldCheck(f.ctx(), imp, first, time.Minute, importer.Progress{}), lead.ErrFenced)
		at, err := f.CheckProgress(f.ctx(), imp)
		f.must(err)
		f.equal("progress", at.Done, int64(7))
	}
	f.leaseEnds(imp)
	idle(imp)
	f.must(end(second)) // late, but nobody came
	got, err := f.GetImport(f.ctx(), admin(), imp)
	f.must(err)
	f.equal("state", got.State, importer.Checked)
	idle()

	_, err = begin(false)
	f.must(err)
	f.must(f.StopCheck(f.ctx(), imp, true, "broken"))
	got, err = f.GetImport(f.ctx(), admin(), imp)
	f.must(err)
	f.equal("one that is held is not stopped as idle", got.State, importer.Checking)
	f.must(f.StopCheck(f.ctx(), imp, false, "stopped"))
	got, err = f.GetImport(f.ctx(), admin(), imp)
	f.must(err)
	f.equal("stopped", []any{got.State, got.Reason}, []any{importer.Draft, "stopped"})
	f.is(end(second+1), lead.ErrFenced)

	_, err = begin(false)
	f.must(err)
	f.must(f.EndLeases(f.ctx()))
	idle(imp)
}

func testRollback(t *testing.T, f *fixture) {
	id := f.create(1, "name=A")
	before, err := f.Seq(f.ctx())
	f.must(err)
	stop := errors.New("stop")
	attempt := func(end func() error) error {
		return f.InTx(f.ctx(), func(tx importer.Tx) error {
			w := []importer.Write{{Create: true, After: f.record("name=B", "account=Acme", "tags=x", "emails=b@x.example")}, f.edit(id, "name=C")}
			f.must(tx.Write(f.ctx(), admin(), importer.Origin{Import: 2, At: time.Now()}, w))
			f.must(tx.SaveResults(f.ctx(), 2, []importer.Result{{Record: 1, Outcome: importer.Conflict}}))
			return end()
		})
	}
	f.is(attempt(func() error { return stop }), stop)
	func() {
		defer func() { _ = recover() }()
		_ = attempt(func() error { panic("killed") })
		t.Error("the panic was swallowed")
	}()
	for table, want := range map[string]int{"lead": 1, "lead_key": 1, "lead_change": 0, "account": 0, "tag": 0, "import_result": 0, "commit_log": 1} {
		var n int
		f.must(f.w.QueryRowContext(f.ctx(), "select count(*) from "+table).Scan(&n))
		f.equal("rows of "+table, n, want)
	}
	after, err := f.Seq(f.ctx())
	f.must(err)
	f.equal("sequence", after, before)
	ctx, cancel := context.WithCancel(f.ctx())
	cancel()
	if err := f.InTx(ctx, func(importer.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func testStartRun(t *testing.T, f *fixture) {
	imp := f.newImport(importer.Import{State: importer.Checked})
	f.startRun(imp, importer.Part{Number: 1, First: 1, Last: 5}, importer.Part{Number: 2, First: 6, Last: 9})
	got, err := f.GetImport(f.ctx(), admin(), imp)
	f.must(err)
	f.equal("state", got.State, importer.Running)
	f.equal("first id", got.FirstID, int64(1))
	if got.Started.IsZero() {
		t.Error("no start")
	}
	f.equal("the next id is behind them", f.create(0, "name=A"), int64(11))
	err = f.StartRun(f.ctx(), admin(), imp, []importer.State{importer.Checked}, importer.Running, importer.Beginning{})
	f.is(err, lead.ErrConflict)
	f.is(f.StartRun(f.ctx(), admin(), 99, nil, importer.Running, importer.Beginning{}), lead.ErrNotFound)

	part, err := f.Claim(f.ctx(), imp, 2, time.Hour)
	f.must(err)
	f.must(f.InTx(f.ctx(), func(tx importer.Tx) error {
		return errors.Join(tx.Advance(f.ctx(), &part, 8, importer.Accounting{}, time.Hour),
			tx.Finish(f.ctx(), imp, importer.Paused, importer.Accounting{}, "disk full"))
	}))
	f.must(f.StartRun(f.ctx(), admin(), imp, []importer.State{importer.Paused}, importer.Running, importer.Beginning{New: 10}))
	part, err = f.Claim(f.ctx(), imp, 2, time.Hour)
	f.must(err)
	f.equal("goes on from its cursor", part.Cursor, int64(8))
	got, err = f.GetImport(f.ctx(), admin(), imp)
	f.must(err)
	f.equal("ids are allotted once", []any{got.FirstID, got.Reason}, []any{int64(1), ""})
}

func testUndoParent(t *testing.T, f *fixture) {
	parent := f.newImport(importer.Import{State: importer.Done})
	undo := func() (int64, error) {
		id := f.newImport(importer.Import{Kind: "undo", Parent: parent})
		return id, f.StartRun(f.ctx(), admin(), id, []importer.State{importer.Draft}, importer.Undoing, importer.Beginning{Parts: []importer.Part{{Number: 1, First: 1, Last: 2}}})
	}
	first, err := undo()
	f.must(err)
	got, err := f.GetImport(f.ctx(), admin(), parent)
	f.must(err)
	f.equal("parent", got.State, importer.Undoing)
	_, err = undo()
	f.is(err, lead.ErrConflict)
	stalled, err := f.Stalled(f.ctx())
	f.must(err)
	f.equal("the undo goes on, not its parent", stalled, []int64{first})
	undos, err := f.Undos(f.ctx(), parent)
	f.must(err)
	f.equal("undos", []any{len(undos), undos[0].ID, undos[1].State}, []any{2, first, importer.Draft})
}

func testFinish(t *testing.T, f *fixture) {
	imp := f.newImport(importer.Import{State: importer.Running})
	finish := func(state importer.State, reason string) importer.Import {
		f.must(f.InTx(f.ctx(), func(tx importer.Tx) error {
			return tx.Finish(f.ctx(), imp, state, importer.Accounting{Records: 3, New: 2, Errors: 1}, reason)
		}))
		got, err := f.GetImport(f.ctx(), admin(), imp)
		f.must(err)
		return *got
	}
	if got := finish(importer.Paused, "disk full"); !got.Finished.IsZero() || got.Reason != "disk full" {
		t.Errorf("paused: %+v", got)
	}
	done := finish(importer.Done, "")
	f.equal("accounting", done.Accounting, importer.Accounting{Records: 3, New: 2, Errors: 1})
	if done.Finished.IsZero() {
		t.Error("no end")
	}
	f.equal("the time for undoing stays", finish(importer.Undone, "").Finished, done.Finished)
	f.is(f.InTx(f.ctx(), func(tx importer.Tx) error {
		return tx.Finish(f.ctx(), 99, importer.Done, importer.Accounting{}, "")
	}), lead.ErrNotFound)
}

func testResults(t *testing.T, f *fixture) {
	save := func(r ...importer.Result) {
		f.must(f.InTx(f.ctx(), func(tx importer.Tx) error { return tx.SaveResults(f.ctx(), 1, r) }))
	}
	save(importer.Result{Record: 2, Outcome: importer.Conflict, Code: "changed.since_check", Lead: 9, Message: "m"},
		importer.Result{Record: 5, Outcome: importer.Failure, Code: "x"})
	save(importer.Result{Record: 5, Outcome: importer.Skip, Code: "y"})
	got, err := f.Results(f.ctx(), 1, 2, 5)
	f.must(err)
	f.equal("results", got, []importer.Result{
		{Record: 2, Outcome: importer.Conflict, Code: "changed.since_check", Lead: 9, Message: "m"},
		{Record: 5, Outcome: importer.Skip, Code: "y"}})
	got, err = f.Results(f.ctx(), 1, 3, 4)
	f.must(err)
	f.equal("none", len(got), 0)
}

func testImports(t *testing.T, f *fixture) {
	in := importer.Import{State: importer.Draft, File: "leads.csv", SHA256: "abc", Size: 3, Recipe: "a = 1",
		Detection: []byte(`{"x":1}`), Plan: &importer.PlanInfo{File: "p", Seq: 4, Records: 5}, Options: importer.Options{Run: true}}
	f.must(f.CreateImport(f.ctx(), admin(), &in))
	got, err := f.GetImport(f.ctx(), admin(), in.ID)
	f.must(err)
	f.equal("round trip", *got, in)
	stop := errors.New("stop")
	f.is(f.UpdateImport(f.ctx(), admin(), in.ID, func(i *importer.Import) error { i.File = "x"; return stop }), stop)
	f.must(f.UpdateImport(f.ctx(), admin(), in.ID, func(i *importer.Import) error { i.Cancel = true; return nil }))
	got, err = f.GetImport(f.ctx(), admin(), in.ID)
	f.must(err)
	f.equal("updated", []any{got.File, got.Cancel}, []any{"leads.csv", true})

	readonly := access.For(access.User{ID: 9, Role: "readonly"})
	_, err = f.GetImport(f.ctx(), readonly, in.ID)
	f.is(err, lead.ErrNotFound)
	f.is(f.CreateImport(f.ctx(), readonly, &importer.Import{}), lead.ErrForbidden)

	finished := f.newImport(importer.Import{State: importer.Done, SHA256: "abc", Recipe: "b = 2", Started: time.Now()})
	f.newImport(importer.Import{State: importer.Undone, SHA256: "abc", Recipe: "c = 3", Started: time.Now()})
	uploads, err := f.Uploads(f.ctx(), admin(), "abc")
	f.must(err)
	f.equal("finished uploads of the bytes", []any{len(uploads), uploads[0].ID}, []any{1, finished})
	recipes, err := f.FinishedRecipes(f.ctx(), admin(), 5)
	f.must(err)
	f.equal("recipes", []any{len(recipes), recipes[0].ID, recipes[0].Recipe}, []any{1, finished, "b = 2"})

	list, err := f.ListImports(f.ctx(), admin(), ImportFilter{}, 0, 2)
	f.must(err)
	f.equal("page", []int64{list[0].ID, list[1].ID}, []int64{3, 2})
	list, err = f.ListImports(f.ctx(), admin(), ImportFilter{}, 2, 2)
	f.must(err)
	f.equal("next page", []any{len(list), list[0].ID}, []any{1, int64(1)})
	list, err = f.ListImports(f.ctx(), admin(), ImportFilter{State: importer.Done, Kind: "file", Actor: 1}, 9, 2)
	f.must(err)
	f.equal("filtered", []any{len(list), list[0].ID}, []any{1, finished})
}

func testGroups(t *testing.T, f *fixture) {
	in := []importer.Group{
		{Issue: importer.Issue{Code: "b", Severity: importer.Error, Record: 3, Column: -1, Message: "m"}, Count: 2, Records: roaring.BitmapOf(3, 70000)},
		{Issue: importer.Issue{Code: "a", Severity: importer.Info, Record: 1, Column: 2, Value: "v"}, Count: 1, Records: roaring.BitmapOf(1)},
	}
	f.must(f.inTx(f.ctx(), func(t *tx) error { return t.saveGroups(f.ctx(), 1, append(in, in...)) }))
	f.must(f.inTx(f.ctx(), func(t *tx) error { return t.saveGroups(f.ctx(), 1, in) }))
	got, err := f.Groups(f.ctx(), 1)
	f.must(err)
	f.equal("groups", len(got), 2)
	for i := range got {
		f.equal("issue", got[i].Issue, in[i].Issue)
		f.equal("count", got[i].Count, in[i].Count)
		f.equal("records", got[i].Records.ToArray(), in[i].Records.ToArray())
	}
	f.must(f.SaveFixes(f.ctx(), 1, []importer.Fix{{Offset: 9, Column: 1, Old: "x", New: "y"}, {Offset: 3, Column: 1, Old: "a", New: "b"}}))
	f.must(f.SaveFixes(f.ctx(), 1, []importer.Fix{{Offset: 9, Column: 1, Old: "x", New: "z"}, {Offset: 3, Column: 1, Old: "a", New: "a"}}))
	fixes, err := f.Fixes(f.ctx(), 1)
	f.must(err)
	f.equal("fixes", fixes, []importer.Fix{{Offset: 9, Column: 1, Old: "x", New: "z"}})
}

func testUsers(t *testing.T, f *fixture) {
	first := access.User{Username: "Ana", Name: "Ana Gómez", Email: "ana@oro.example", Role: "sales"}
	f.must(f.AddFirstUser(f.ctx(), &first, "hash"))
	f.equal("the first is an administrator", first.Role, "admin")
	f.is(f.AddFirstUser(f.ctx(), &access.User{Username: "eve"}, ""), lead.ErrConflict)
	f.is(f.AddUser(f.ctx(), admin(), &access.User{Username: "ANA", Role: "sales"}, ""), lead.ErrConflict)
	f.is(f.AddUser(f.ctx(), admin(), &access.User{Username: "x", Role: "boss"}, ""), lead.ErrInvalid)
	f.is(f.AddUser(f.ctx(), admin(), &access.User{Username: " ", Role: "sales"}, ""), lead.ErrInvalid)
	f.is(f.AddUser(f.ctx(), access.For(access.User{Role: "sales"}), &access.User{Username: "x", Role: "sales"}, ""), lead.ErrForbidden)
	second := access.User{Username: "bob", Name: "Ana Gómez", Role: "sales"}
	f.must(f.AddUser(f.ctx(), admin(), &second, ""))
	for _, tc := range []struct {
		text string
		want int64
	}{{"ANA", first.ID}, {"Ana@Oro.example", first.ID}, {"bob", second.ID}} {
		got, err := f.UserByName(f.ctx(), tc.text)
		f.must(err)
		f.equal(tc.text, got.ID, tc.want)
	}
	_, err := f.UserByName(f.ctx(), "Ana Gómez") // two have it
	f.is(err, lead.ErrNotFound)
	second.Name, second.Disabled = "Bob", true
	f.must(f.UpdateUser(f.ctx(), admin(), second))
	got, err := f.UserByID(f.ctx(), second.ID)
	f.must(err)
	f.equal("updated", got, second)
	id, hash, err := f.PasswordHash(f.ctx(), "ana")
	f.must(err)
	f.equal("password", []any{id, hash}, []any{first.ID, "hash"})
	_, _, err = f.PasswordHash(f.ctx(), "bob") // disabled
	f.is(err, lead.ErrNotFound)
	f.is(f.SetPassword(f.ctx(), access.For(second), first.ID, "x"), lead.ErrForbidden)
	f.must(f.SetPassword(f.ctx(), admin(), second.ID, "x"))
	_, err = f.AddTeam(f.ctx(), admin(), "North")
	f.must(err)
	_, err = f.AddTeam(f.ctx(), admin(), "North")
	f.is(err, lead.ErrConflict)
}

func testSettings(t *testing.T, f *fixture) {
	f.must(f.SetSetting(f.ctx(), admin(), "country", "DE"))
	f.must(f.SetSetting(f.ctx(), admin(), "country", "AT"))
	f.must(f.SetSetting(f.ctx(), admin(), "zone", "UTC"))
	f.must(f.SetSetting(f.ctx(), admin(), "zone", ""))
	v, err := f.Setting(f.ctx(), "country")
	f.must(err)
	f.equal("country", v, "AT")
	v, err = f.Setting(f.ctx(), "nothing")
	f.must(err)
	f.equal("nothing", v, "")
	all, err := f.Settings(f.ctx())
	f.must(err)
	f.equal("all", all, map[string]string{"country": "AT"})
	f.is(f.SetSetting(f.ctx(), access.For(access.User{Role: "sales"}), "country", "DE"), lead.ErrForbidden)
}

func testRecipes(t *testing.T, f *fixture) {
	ana := access.For(access.User{ID: 5, Role: "sales"})
	bob := access.For(access.User{ID: 6, Role: "sales"})
	f.must(f.SaveRecipe(f.ctx(), ana, "Fair", "a = 1"))
	f.must(f.SaveRecipe(f.ctx(), ana, "Fair", "a = 2"))
	f.is(f.SaveRecipe(f.ctx(), bob, "Fair", "a = 3"), lead.ErrForbidden)
	got, err := f.GetRecipe(f.ctx(), bob, "Fair")
	f.must(err)
	f.equal("recipe", []any{got.TOML, got.Owner}, []any{"a = 2", int64(5)})
	f.is(f.DeleteRecipe(f.ctx(), bob, "Fair"), lead.ErrNotFound)
	f.must(f.SaveRecipe(f.ctx(), admin(), "Fair", "a = 4"))
	list, err := f.Recipes(f.ctx(), bob)
	f.must(err)
	f.equal("list", []any{len(list), list[0].TOML}, []any{1, "a = 4"})
	f.must(f.DeleteRecipe(f.ctx(), ana, "Fair"))
	_, err = f.GetRecipe(f.ctx(), ana, "Fair")
	f.is(err, lead.ErrNotFound)
}

func testLinks(t *testing.T, f *fixture) {
	for i, name := range []string{"a", "b", "b"} {
		_, err := f.w.ExecContext(f.ctx(), `insert into opportunity (id, name, key) values ($1, $2, $2)`, i+1, name)
		f.must(err)
	}
	links, err := f.Links(f.ctx(), "opportunity", []string{"a", "b", "c"})
	f.must(err)
	f.equal("what several have is left out", links, map[string]int64{"a": 1})
	_, err = f.Links(f.ctx(), "lead; drop table lead", []string{"a"})
	f.is(err, lead.ErrInvalid)
}

func testOutbox(t *testing.T, f *fixture) {
	stop := errors.New("stop")
	queue := func(subject string, end error) error {
		return f.InTx(f.ctx(), func(tx importer.Tx) error {
			return errors.Join(f.Enqueue(f.ctx(), tx, Mail{Subject: subject, Message: subject, Import: 4}), end)
		})
	}
	f.is(queue("lost", stop), stop)
	f.must(queue("one", nil))
	f.must(queue("two", nil))
	now := time.Now()
	due := func(at time.Time) (out []string) {
		f.must(f.EachDue(f.ctx(), at, func(id int64, tries int, m string) error {
			out = append(out, fmt.Sprintf("%d %d %s", id, tries, m))
			return nil
		}))
		return out
	}
	f.equal("due", due(now), []string{"1 0 one", "2 0 two"})
	f.must(f.Failed(f.ctx(), 1, now.Add(time.Hour), "refused", false))
	f.must(f.Sent(f.ctx(), 2))
	f.equal("due", due(now), []string(nil))
	f.equal("due later", due(now.Add(2*time.Hour)), []string{"1 1 one"})
	f.must(f.Failed(f.ctx(), 1, now, "no such mailbox", true))
	is, err := f.MailDue(f.ctx(), now.Add(2*time.Hour))
	f.must(err)
	f.equal("due", is, false)
	list, err := f.ListMail(f.ctx(), admin(), 0, 10)
	f.must(err)
	f.equal("list", []any{list[0].State, list[1].State, list[1].Reason, list[1].Attempts}, []any{"sent", "failed", "no such mailbox", 2})
}

func testAudit(t *testing.T, f *fixture) {
	for n := range 4 {
		f.must(f.Audit(f.ctx(), 1, "export", int64(n), "12 leads"))
	}
	verify := func() int64 {
		id, err := f.VerifyAudit(f.ctx())
		f.must(err)
		return id
	}
	f.equal("whole", verify(), int64(0))
	log, err := f.AuditLog(f.ctx(), admin(), 4, 2)
	f.must(err)
	f.equal("page", []int64{log[0].ID, log[1].ID}, []int64{3, 2})
	for _, tc := range []struct {
		name, query string
		want        int64
	}{
		{"changed", `update audit set detail = '13 leads' where id = 2`, 2},
		{"put back", `update audit set detail = '12 leads' where id = 2`, 0},
		{"end cut off", `delete from audit where id = 4`, 4},
		{"removed", `delete from audit where id = 2`, 3},
	} {
		_, err := f.w.ExecContext(f.ctx(), tc.query)
		f.must(err)
		f.equal(tc.name, verify(), tc.want)
	}
}

func testLists(t *testing.T, f *fixture) {
	a := f.create(3, "name=A", "status=new", "owner=1")
	b := f.create(3, "name=B", "status=qualified", "source=website")
	c := f.create(4, "name=C", "status=new")
	ids := func(filter LeadFilter) (out []int64) {
		f.must(f.EachLead(f.ctx(), admin(), filter, importer.Reading{}, func(l *Lead) error { out = append(out, l.ID); return nil }))
		return out
	}
	f.equal("all", ids(LeadFilter{}), []int64{a, b, c})
	f.equal("import", ids(LeadFilter{Import: 3}), []int64{a, b})
	f.equal("status", ids(LeadFilter{Status: "new"}), []int64{a, c})
	f.equal("source", ids(LeadFilter{Source: "website", Import: 3}), []int64{b})
	f.equal("owner", ids(LeadFilter{Owner: 1}), []int64{a})
	f.equal("ids", ids(LeadFilter{IDs: []int64{c, a}, Status: "new"}), []int64{a, c})
	f.equal("no ids", ids(LeadFilter{IDs: []int64{}}), []int64(nil))
	page, err := f.LeadsPage(f.ctx(), admin(), LeadFilter{}, 0, 2)
	f.must(err)
	f.equal("page", []int64{page[0].ID, page[1].ID}, []int64{c, b})
	page, err = f.LeadsPage(f.ctx(), admin(), LeadFilter{}, b, 2)
	f.must(err)
	f.equal("next page", []any{len(page), page[0].ID}, []any{1, a})
	stop := errors.New("stop")
	f.is(f.EachLead(f.ctx(), admin(), LeadFilter{}, importer.Reading{}, func(*Lead) error { return stop }), stop)
	one, err := f.Get(f.ctx(), admin(), a)
	f.must(err)
	f.equal("one", []any{one.ID, one.CreatedBy, one.CreatedAt.IsZero()}, []any{a, int64(1), false})
	_, err = f.Get(f.ctx(), access.Principal{}, a)
	f.is(err, lead.ErrNotFound)
}

func testCheck(t *testing.T, f *fixture) {
	f.must(f.AddFirstUser(f.ctx(), &access.User{Username: "ana"}, ""))
	imp := f.newImport(importer.Import{State: importer.Done, Accounting: importer.Accounting{Records: 1, New: 1}})
	id := f.create(imp, "name=A", "emails=a@x.example", "owner=1")
	f.clean()
	for _, tc := range []struct{ name, what, query string }{
		{"a key is missing", "keys", `delete from lead_key where hash = (select min(hash) from lead_key)`},
		{"a key too many", "keys", `insert into lead_key (hash, lead, seq) values (1, 1, 1), (2, 1, 1)`},
		{"a key without its lead", "leftover", `insert into lead_key (hash, lead, seq) values (1, 77, 1)`},
		{"accounting does not balance", "accounting", `update import set accounting = '{"records":2,"new":1}'`},
		{"a lead is missing", "accounting", `update import set accounting = '{"records":2,"new":2}'`},
		{"the audit log was changed", "audit", `update audit set actor = 9 where id = 1`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			undo, err := f.w.BeginTx(f.ctx(), nil)
			f.must(err)
			_, err = undo.ExecContext(f.ctx(), tc.query)
			f.must(err)
			f.must(undo.Commit())
			found, err := f.Check(f.ctx())
			f.must(err)
			for _, x := range found {
				if x.What == tc.what {
					f.repair(id, imp)
					return
				}
			}
			t.Errorf("not found, but %v", found)
		})
	}
}

// repair puts back what testCheck damaged.
func (f *fixture) repair(id, imp int64) {
	f.Helper()
	for _, q := range []string{`delete from lead_key`, `update audit set actor = 0 where id = 1`,
		`update import set accounting = '{"records":1,"new":1}'`} {
		_, err := f.w.ExecContext(f.ctx(), q)
		f.must(err)
	}
	for _, k := range importer.KeysOf(f.schema, f.get(id).Record) {
		_, err := f.w.ExecContext(f.ctx(), `insert into lead_key (hash, lead, seq) values ($1, $2, 1)`, int64(k.Hash), id)
		f.must(err)
	}
}
