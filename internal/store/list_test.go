package store

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

func testListLeads(t *testing.T, f *fixture) {
	a := f.create(3, "name=Zoé Garnier", "status=new", "owner=1", "emails=zoe@acme.example", "phones=+33639989779", "tags=VIP")
	b := f.create(3, "name=Ömer Şahin", "status=qualified", "company_name=Güneş Tekstil", "owner=2", "external_id=TS-17")
	c := f.create(0, "name=abel", "company_name=Acme")
	ids := func(p access.Principal, q LeadQuery) []int64 {
		t.Helper()
		if q.Limit == 0 {
			q.Limit = 10
		}
		got, err := f.ListLeads(f.ctx(), p, q)
		f.must(err)
		if got.Indexing {
			t.Error("the search index is behind")
		}
		out := []int64{}
		for _, l := range got.Leads {
			out = append(out, l.ID)
		}
		return out
	}
	own := access.For(access.User{ID: 2, Role: "sales"})
	for _, tc := range []struct {
		name string
		p    access.Principal
		q    LeadQuery
		want []int64
	}{
		{"newest first", admin(), LeadQuery{}, []int64{c, b, a}},
		{"by name, folded", admin(), LeadQuery{Sort: "name", Asc: true}, []int64{c, b, a}},
		{"by company", admin(), LeadQuery{Sort: "company"}, []int64{b, c, a}},
		{"own only", own, LeadQuery{}, []int64{b}},
		{"own only, by word", own, LeadQuery{Text: "zoe"}, []int64{}},
		{"beginning of a word, without accents", admin(), LeadQuery{Text: "gar zo"}, []int64{a}},
		{"company", admin(), LeadQuery{Text: "gunes"}, []int64{b}},
		{"e-mail", admin(), LeadQuery{Text: "zoe@acme.example"}, []int64{a}},
		{"phone as dialled at home", admin(), LeadQuery{Text: "06 39 98 97 79"}, []int64{a}},
		{"external id", admin(), LeadQuery{Text: "TS-17"}, []int64{b}},
		{"query syntax is text", admin(), LeadQuery{Text: `" OR words:* NEAR(a b) -`}, []int64{}},
		{"tag", admin(), LeadQuery{Tag: "vip"}, []int64{a}},
		{"domain", admin(), LeadQuery{Domain: "ACME.example"}, []int64{a}},
		{"status and import", admin(), LeadQuery{Status: "qualified", Import: 3}, []int64{b}},
		{"without an owner", admin(), LeadQuery{Owner: "none"}, []int64{c}},
		{"open", admin(), LeadQuery{Open: true}, []int64{c, a}},
		{"untouched", admin(), LeadQuery{Fresh: true}, []int64{c, b, a}},
		{"these", admin(), LeadQuery{IDs: []int64{a, 99}}, []int64{a}},
		{"bin", admin(), LeadQuery{Deleted: true}, []int64{}},
	} {
		f.equal(tc.name, ids(tc.p, tc.q), tc.want)
	}
	f.must(f.write(admin(), 0, f.edit(a, "name=Zita Garnier")))
	f.equal("touched", ids(admin(), LeadQuery{Fresh: true}), []int64{c, b})
	imp := f.newImport(importer.Import{State: importer.Done, Started: time.Now(), Actor: 1})
	d := f.create(imp, "name=Last")
	f.must(f.write(admin(), imp, f.edit(b, "job_title=Head")))
	f.equal("my last import", ids(admin(), LeadQuery{Last: true}), []int64{d})
	f.equal("another's last import", ids(access.For(access.User{ID: 9, Role: "admin"}), LeadQuery{Last: true}), []int64{})
	f.equal("changed by an import", ids(admin(), LeadQuery{Changed: imp}), []int64{b})
	f.must(f.write(admin(), 0, f.edit(a, "first_name=Z")))
	f.equal("changed last", ids(admin(), LeadQuery{Sort: "updated"}), []int64{a, b, d, c})
	f.equal("the old name", ids(admin(), LeadQuery{Text: "zoé garnier zoe"}), []int64{a}) // its e-mail still says zoe
	f.equal("the new name", ids(admin(), LeadQuery{Text: "zita"}), []int64{a})
	for _, bad := range []LeadQuery{{Sort: "colour"}, {After: "x"}, {Owner: "me"}} {
		_, err := f.ListLeads(f.ctx(), admin(), bad)
		f.is(err, lead.ErrInvalid)
	}
}

// Pages of any order join without a gap or a repeat, also in the middle of
// leads that are equal in it.
func testListPages(t *testing.T, f *fixture) {
	var writes []importer.Write
	for i := range 2500 {
		writes = append(writes, importer.Write{Create: true, After: f.record(fmt.Sprintf("name=N%d", i%7)), Record: int64(i + 1)})
	}
	f.must(f.write(admin(), 0, writes...))
	if page, err := f.ListLeads(f.ctx(), admin(), LeadQuery{Sort: "name", Limit: 10}); err != nil || !page.Indexing {
		t.Errorf("a list waits for 2,500 leads to be indexed: %+v %v", page, err)
	}
	current, err := f.IndexSearch(f.ctx(), 10_000)
	f.must(err)
	f.equal("indexed", current, true)
	for i, sort := range []string{"created", "updated", "name", "company", "name", "company"} {
		if i == 4 {
			f.few = 10 // along the order of all
		}
		for _, asc := range []bool{true, false} {
			seen, before := map[int64]bool{}, ""
			for q := (LeadQuery{Sort: sort, Asc: asc, Limit: 999, Text: "n"}); ; {
				page, err := f.ListLeads(f.ctx(), admin(), q)
				f.must(err)
				for _, l := range page.Leads {
					now := l.Values[f.schema.Index("name")]
					if sort == "name" && before != "" && (now < before) == asc && now != before {
						t.Fatalf("%s after %s", now, before)
					}
					before = now
				}
				for _, l := range page.Leads {
					if seen[l.ID] {
						t.Fatalf("%s: lead %d twice", sort, l.ID)
					}
					seen[l.ID] = true
				}
				if q.After = page.Next; q.After == "" {
					break
				}
			}
			f.equal(sort, len(seen), 2500)
		}
	}
	n, err := f.CountQuery(f.ctx(), admin(), LeadQuery{}, 1000)
	f.must(err)
	f.equal("counted", n, int64(1000))
}

func testOperate(t *testing.T, f *fixture) {
	f.must(f.AddFirstUser(f.ctx(), &access.User{Username: "ana"}, ""))
	f.must(f.AddUser(f.ctx(), admin(), &access.User{Username: "bo", Role: "sales"}, ""))
	mine, other := f.create(0, "name=A", "owner=2", "status=new"), f.create(0, "name=B", "owner=1", "status=new")
	team := access.For(access.User{ID: 2, Role: "sales", Team: 1})
	team.Grants = map[access.Permission]access.Scope{access.LeadView: access.All, access.LeadEdit: access.Own, access.LeadDelete: access.Own}
	status := f.schema.Index("status")
	edit := func(l *Lead) (*importer.Write, error) {
		if l.Values[status] == "qualified" {
			return nil, nil
		}
		w := &importer.Write{After: l.Record.Clone()}
		w.After.Values[status] = "qualified"
		return w, nil
	}
	imp, acc, err := f.Operate(f.ctx(), team, "Status", LeadQuery{}, edit)
	f.must(err)
	f.equal("accounting", []int64{acc.Records, acc.Update, acc.Skipped}, []int64{2, 1, 1})
	f.equal("mine", f.value(mine, "status"), "qualified")
	f.equal("another's", f.value(other, "status"), "new")
	rows, err := f.Changes(f.ctx(), imp.ID, 0, 10)
	f.must(err)
	f.equal("journal", []any{len(rows), rows[0].Lead, rows[0].Before["status"]}, []any{1, mine, "new"})
	now := time.Now()
	bin, _, err := f.Operate(f.ctx(), admin(), "Delete", LeadQuery{IDs: []int64{other}}, func(*Lead) (*importer.Write, error) { return &importer.Write{Deleted: &now}, nil })
	f.must(err)
	if l := f.get(other); bin == nil || l.DeletedAt.IsZero() {
		t.Error("the lead is not in the bin")
	}
	none, acc, err := f.Operate(f.ctx(), admin(), "Status", LeadQuery{IDs: []int64{mine}}, edit)
	f.must(err)
	f.equal("nothing to do", []any{none == nil, acc.Unchanged}, []any{true, int64(1)})
	found, err := f.Check(f.ctx())
	f.must(err)
	f.equal("doctor", found, []Finding(nil))
}

func testSessions(t *testing.T, f *fixture) {
	u := access.User{Username: "Ana"}
	if needs, _ := f.NeedsSetup(f.ctx()); !needs {
		t.Error("an empty folder needs a set-up")
	}
	f.must(f.SetUp(f.ctx(), &u, "hash", map[string]string{"country": "DE"}))
	f.is(f.SetUp(f.ctx(), &access.User{Username: "eve"}, "hash", nil), lead.ErrConflict)
	now := time.Now()
	f.must(f.AddSession(f.ctx(), access.Session{Hash: "h", User: u.ID, Created: now, Seen: now}))
	v, who, err := f.SessionByHash(f.ctx(), "h")
	f.must(err)
	f.equal("user", []any{who.Username, v.Alive(now.Add(11 * time.Hour)), v.Alive(now.Add(13 * time.Hour))}, []any{"Ana", true, false})
	u.Disabled = true
	f.must(f.UpdateUser(f.ctx(), admin(), u))
	_, _, err = f.SessionByHash(f.ctx(), "h")
	f.is(err, lead.ErrNotFound)
	tok := access.Token{User: u.ID, Name: "ci", Scopes: []access.Permission{access.LeadView}}
	f.must(f.AddToken(f.ctx(), admin(), &tok, "t"))
	_, _, err = f.TokenByHash(f.ctx(), "t")
	f.is(err, lead.ErrNotFound)
	u.Disabled = false
	f.must(f.UpdateUser(f.ctx(), admin(), u))
	got, _, err := f.TokenByHash(f.ctx(), "t")
	f.must(err)
	f.equal("scopes", fmt.Sprint(got.Scopes), "[lead.view]")
	f.is(f.RevokeToken(f.ctx(), access.For(access.User{ID: 77, Role: "sales"}), tok.ID), lead.ErrNotFound)
	f.must(f.RevokeToken(f.ctx(), admin(), tok.ID))
}

func testRemember(t *testing.T, f *fixture) {
	stale := time.Now().Add(-time.Minute)
	first, err := f.Remember(f.ctx(), admin(), "k", "request", stale)
	f.must(err)
	second, err := f.Remember(f.ctx(), admin(), "k", "request", stale)
	f.must(err)
	f.equal("one works", []any{first == nil, second != nil && second.Status == 0}, []any{true, true})
	f.must(f.Answered(f.ctx(), admin(), "k", 201, "{}"))
	third, err := f.Remember(f.ctx(), admin(), "k", "other", stale)
	f.must(err)
	f.equal("answer", []any{third.Request, third.Status, third.Answer}, []any{"request", 201, "{}"})
	other, err := f.Remember(f.ctx(), access.For(access.User{ID: 9}), "k", "request", stale)
	f.must(err)
	f.equal("another's key", other == nil, true)
}

// Every filter in every order gives what a look at all leads gives, whichever
// way it is found, also while the search index is behind.
func testListModel(t *testing.T, f *fixture) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var writes []importer.Write
	for i := range 300 {
		set := []string{"name=" + pick("Abe", "Zoé", "Ömer", "abe"), "company_name=" + pick("", "Acme", "Güneş", fmt.Sprint("Person", i)), "status=" + pick("new", "new", "qualified", "canceled"),
			"source=" + pick("", "website", "referral"), "owner=" + pick("", "1", "1", "2"), "follow_up_on=" + pick("", "", "2026-01-01", "2026-03-01"), "tags=" + pick("VIP", "")}
		writes = append(writes, importer.Write{Create: true, After: f.record(set...), Record: int64(i + 1)})
	}
	f.must(f.write(admin(), 0, writes[:100]...))
	f.must(f.write(admin(), 5, writes[100:200]...))
	f.must(f.write(admin(), 6, writes[200:]...))
	now := time.Now()
	_, _, err := f.Operate(f.ctx(), admin(), "Delete", LeadQuery{Source: "referral", Owner: "2"}, func(*Lead) (*importer.Write, error) { return &importer.Write{Deleted: &now}, nil })
	f.must(err)
	value := func(l *Lead, key string) string { return f.schema.Get(l.Record, key) }
	own := access.For(access.User{ID: 2, Role: "sales"})
	filters := []struct {
		q  LeadQuery
		p  access.Principal
		is func(l *Lead) bool
	}{
		{LeadQuery{}, admin(), func(*Lead) bool { return true }},
		{LeadQuery{Status: "canceled"}, admin(), func(l *Lead) bool { return value(l, "status") == "canceled" }},
		{LeadQuery{Source: "website", Owner: "none"}, admin(), func(l *Lead) bool { return value(l, "source") == "website" && value(l, "owner") == "" }},
		{LeadQuery{Owner: "2", Open: true}, admin(), func(l *Lead) bool { return value(l, "owner") == "2" && value(l, "status") == "new" }},
		{LeadQuery{Import: 5}, admin(), func(l *Lead) bool { return l.CreatedImport == 5 }},
		{LeadQuery{Tag: "vip", Text: "zo"}, admin(), func(l *Lead) bool { return value(l, "tags") != "" && value(l, "name") == "Zoé" }},
		{LeadQuery{Text: "person"}, admin(), func(l *Lead) bool { return strings.HasPrefix(value(l, "company_name"), "Person") }},
		{LeadQuery{Text: "p", Status: "new"}, admin(), func(l *Lead) bool {
			return strings.HasPrefix(value(l, "company_name"), "Person") && value(l, "status") == "new"
		}},
		{LeadQuery{FollowUp: "2026-02-01", Status: "new"}, admin(), func(l *Lead) bool { return value(l, "follow_up_on") == "2026-01-01" && value(l, "status") == "new" }},
		{LeadQuery{}, own, func(l *Lead) bool { return value(l, "owner") == "2" }},
		{LeadQuery{Deleted: true}, admin(), func(l *Lead) bool { return true }},
	}
	f.must(f.write(admin(), 0, f.edit(1, "status=canceled"))) // behind the index
	for _, few := range []int64{fewLeads, 5} {
		for _, current := range []bool{false, true} {
			f.few = few
			if current {
				_, err := f.IndexSearch(f.ctx(), 10_000)
				f.must(err)
			}
			for i, c := range filters {
				var want []Lead
				f.must(f.each(f.ctx(), "true", nil, func(l *Lead) error {
					if c.is(l) && l.DeletedAt.IsZero() != c.q.Deleted {
						want = append(want, *l)
					}
					return nil
				}))
				for _, sort := range []string{"created", "updated", "name", "company"} {
					key := func(l *Lead) string {
						return map[string]string{"created": "", "updated": fmt.Sprintf("%9d", l.Seq), "name": orderKey(value(l, "name")), "company": orderKey(value(l, "company_name"))}[sort]
					}
					for _, asc := range []bool{true, false} {
						slices.SortFunc(want, func(a, b Lead) int {
							n := cmp.Or(cmp.Compare(key(&a), key(&b)), cmp.Compare(a.ID, b.ID))
							if !asc {
								n = -n
							}
							return n
						})
						q, got := c.q, []int64{}
						for q.Sort, q.Asc, q.Limit = sort, asc, 37; ; {
							page, err := f.ListLeads(f.ctx(), c.p, q)
							f.must(err)
							for _, l := range page.Leads {
								got = append(got, l.ID)
							}
							if q.After = page.Next; q.After == "" {
								break
							}
						}
						ids := []int64{}
						for _, l := range want {
							ids = append(ids, l.ID)
						}
						f.equal(fmt.Sprint("filter ", i, " by ", sort, asc, few, current), got, ids)
					}
				}
				n, err := f.CountQuery(f.ctx(), c.p, c.q, 1000)
				f.must(err)
				f.equal("count", n, int64(len(want)))
			}
		}
	}
}
