package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// fewLeads is how many leads a filter may leave to be gathered and sorted by
// themselves. Where it leaves more, they are met soon along the order of all.
const fewLeads = 20_000

// search is a query as the database is asked: what the plain columns say, and
// the words in the search index, which has one for most filters, too, so that
// the few leads of a rare value are not looked for among all.
type search struct {
	*LeadQuery
	where string
	args  []any
	words [][]word
}

// search prepares a query. indexing says that the leads written just now are
// not in the index yet; then only what cannot do without it uses it.
func (s *Store) search(ctx context.Context, p access.Principal, q *LeadQuery) (f *search, indexing bool, err error) {
	var current bool
	if q.indexed() || q.Sort == "name" || q.Sort == "company" {
		current, err = s.indexFew(ctx)
	} else { // it can do without the index
		current, err = s.IndexSearch(ctx, 0)
	}
	if err != nil {
		return nil, false, err
	}
	if q.Last {
		q.Last = false
		err := s.r.QueryRowContext(ctx, `select coalesce(max(id), -1) from import where kind = 'file' and started_at <> 0 and actor = $1`, p.User.ID).Scan(&q.Import)
		if err != nil {
			return nil, false, s.err("find the last import", err)
		}
	}
	f = &search{LeadQuery: q, words: q.words()}
	if current {
		f.words = append(f.words, q.values(p)...)
	}
	f.where, f.args, err = q.plain(s.d, p)
	return f, !current, err
}

// values are the words of the filters that are values of columns. They say
// again what the columns do.
func (q *LeadQuery) values(p access.Principal) [][]word {
	var out [][]word
	put := func(kind, value string) {
		if value != "" {
			out = append(out, []word{{text: wholeWord(kind, value)}})
		}
	}
	put("status", q.Status)
	put("source", q.Source)
	put("owner", q.Owner)
	if q.Import > 0 {
		put("import", strconv.FormatInt(q.Import, 10))
	}
	if q.Deleted {
		put("bin", "bin")
	}
	scope := p.Grants[access.LeadView]
	if scope == access.Own || scope == access.Team && p.User.Team == 0 {
		put("owner", strconv.FormatInt(p.User.ID, 10))
	}
	return out
}

// valueWords are the words of a lead that LeadQuery.values looks for.
func valueWords(s *lead.Schema, l *Lead) []string {
	out := []string{
		wholeWord("status", s.Get(l.Record, "status")), wholeWord("source", s.Get(l.Record, "source")),
		wholeWord("owner", cmp.Or(s.Get(l.Record, "owner"), "none")),
	}
	if l.CreatedImport != 0 {
		out = append(out, wholeWord("import", strconv.FormatInt(l.CreatedImport, 10)))
	}
	if !l.DeletedAt.IsZero() {
		out = append(out, wholeWord("bin", "bin"))
	}
	return out
}

// arg adds an argument and returns its placeholder.
func (f *search) arg(v any) string {
	f.args = append(f.args, v)
	return "$" + strconv.Itoa(len(f.args))
}

// count counts up to most.
func (f *search) count(ctx context.Context, s *Store, most int64) (n int64, err error) {
	c := *f
	c.args = slices.Clone(f.args)
	from, where := "lead l", c.where
	if len(c.words) > 0 {
		found, _, cond := s.d.walk(c.arg(s.d.match(c.words)))
		from, where = found, cond+" and "+c.where
	}
	err = s.r.QueryRowContext(ctx, `select count(*) from (select 1 from `+from+` where `+where+` limit `+c.arg(most)+`) few`, c.args...).Scan(&n)
	return n, s.err("count leads", err)
}

// ListLeads returns one page of the leads that the principal may see. It fails
// with lead.ErrInvalid for an order it does not know and a place of another
// list.
func (s *Store) ListLeads(ctx context.Context, p access.Principal, q LeadQuery) (*LeadList, error) {
	at, err := parsePlace(q.After, q.Sort)
	if err != nil {
		return nil, err
	}
	f, indexing, err := s.search(ctx, p, &q)
	if err != nil {
		return nil, err
	}
	out := &LeadList{Indexing: indexing && (q.indexed() || q.Sort == "name" || q.Sort == "company")}
	var ids []int64
	switch q.Sort {
	case "", "created":
		ids, out.Next, err = s.byCreated(ctx, f, at)
	case "updated":
		ids, out.Next, err = s.along(ctx, f, at, "lead l", "l.seq", "l.id")
	case "name", "company":
		ids, out.Next, err = s.along(ctx, f, at, "lead_order s cross join lead l", "s."+q.Sort, "s.lead")
	default:
		err = fmt.Errorf("leads are sorted by created, updated, name or company, not by %q: %w", q.Sort, lead.ErrInvalid)
	}
	if err != nil {
		return nil, err
	}
	place := make(map[int64]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	err = s.each(ctx, s.d.in("l.id", "$1"), []any{s.d.ints(ids)}, func(l *Lead) error {
		out.Leads = append(out.Leads, *l)
		return nil
	})
	slices.SortFunc(out.Leads, func(a, b Lead) int { return cmp.Compare(place[a.ID], place[b.ID]) })
	return out, err
}

// byCreated is the order of ids, in which the search index gives what it finds.
func (s *Store) byCreated(ctx context.Context, f *search, at *place) ([]int64, string, error) {
	from, id := "lead l", "l.id"
	switch {
	case len(f.words) > 0:
		var cond string
		from, id, cond = s.d.walk(f.arg(s.d.match(f.words)))
		f.where = cond + " and " + f.where
	case f.FollowUp != "":
		id = "(l.id + 0)" // few, which have an index of their own
	}
	return s.ids(ctx, f, at, from, id, id)
}

// along is an order that an index keeps. Few leads are gathered and sorted
// instead of being waited for along it.
func (s *Store) along(ctx context.Context, f *search, at *place, from, key, id string) ([]int64, string, error) {
	few := f.FollowUp != ""
	if len(f.words) > 0 || from != "lead l" {
		n, err := f.count(ctx, s, s.few+1)
		if err != nil {
			return nil, "", err
		}
		few = n <= s.few
	}
	begins := slices.ContainsFunc(f.words, func(any []word) bool { return slices.ContainsFunc(any, func(w word) bool { return w.begin }) })
	if from != "lead l" {
		f.where = "s.lead = l.id and " + f.where
	}
	if len(f.words) > 0 {
		match := f.arg(s.d.match(f.words))
		if few || begins { // looking a beginning up lead by lead costs more than finding all
			f.where = s.d.found("l.id", match) + " and " + f.where
		} else {
			f.where += " and " + s.d.has("l.id", match)
		}
	}
	if few {
		key = s.d.unindexed(key)
		if from != "lead l" {
			from = "lead l cross join lead_order s"
		} else {
			key = "(l.seq + 0)"
		}
	}
	return s.ids(ctx, f, at, from, key, id)
}

// ids asks for the ids of one page, whose order is a key and then the id.
func (s *Store) ids(ctx context.Context, f *search, at *place, from, key, id string) ([]int64, string, error) {
	than, order := "<", "desc"
	if f.Asc {
		than, order = ">", "asc"
	}
	text := f.Sort == "name" || f.Sort == "company"
	if at != nil {
		var after any = at.key
		if !text {
			n, err := strconv.ParseInt(at.key, 10, 64)
			if err != nil {
				return nil, "", errPlace()
			}
			after = n
		}
		if key == id {
			f.where += fmt.Sprintf(" and %s %s %s", id, than, f.arg(after))
		} else {
			f.where += fmt.Sprintf(" and (%s, %s) %s (%s, %s)", key, id, than, f.arg(after), f.arg(at.id))
		}
	}
	by := key + " " + order
	if key != id {
		by += ", " + id + " " + order
	}
	type row struct {
		id  int64
		key string
	}
	rows, err := s.r.QueryContext(ctx, fmt.Sprintf("select %s, %s from %s where %s order by %s limit %s", id, key, from, f.where, by, f.arg(f.Limit+1)), f.args...)
	if err != nil {
		return nil, "", s.err("list leads", err)
	}
	list, err := collect(rows, func(r *row) []any { return []any{&r.id, &r.key} })
	if err != nil {
		return nil, "", s.err("list leads", err)
	}
	next := ""
	if len(list) > f.Limit {
		list = list[:f.Limit]
		next = place{f.Sort, list[f.Limit-1].key, list[f.Limit-1].id}.String()
	}
	ids := make([]int64, len(list))
	for i, r := range list {
		ids[i] = r.id
	}
	return ids, next, nil
}

// CountQuery counts the leads of a query that the principal may see, up to
// most: a larger result says "more than that".
func (s *Store) CountQuery(ctx context.Context, p access.Principal, q LeadQuery, most int64) (int64, error) {
	f, _, err := s.search(ctx, p, &q)
	if err != nil {
		return 0, err
	}
	return f.count(ctx, s, most)
}
