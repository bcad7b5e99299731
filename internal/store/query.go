package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// query is a LeadQuery as the database is asked: what the plain columns say,
// and the words in the search index, which has one for most filters, too, so
// that the few leads of a rare value are not looked for among all.
type query struct {
	*LeadQuery
	where  string
	args   []any
	words  [][]word // that the index is asked for, and where does not say
	values [][]word // that say again what where does
	tests  [][]word // what the index is only asked for in part (spell)
	every  bool     // there is no filter
}

// query prepares a query. indexing says that the leads written just now are
// not in the index yet; then only what cannot do without it uses it.
func (s *Store) query(ctx context.Context, p access.Principal, q *LeadQuery) (f *query, indexing bool, err error) {
	var current bool
	if q.indexed() || q.named() {
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
	f = &query{LeadQuery: q}
	if current || q.named() { // these orders follow the leads with the index
		f.values = q.values(p)
	}
	for _, any := range q.words() {
		asked, part, err := s.d.spell(ctx, s.r, any, s.few/4)
		if err != nil {
			return nil, false, s.err("look at search index", err)
		}
		if part {
			f.tests = append(f.tests, any)
		}
		if asked != nil {
			f.words = append(f.words, asked)
		}
	}
	f.where, f.args, err = q.plain(s.d, p)
	if err == nil && q.Import > 0 && len(f.all()) == 0 {
		err = s.passImport(ctx, f)
	}
	f.every = len(f.args)+len(f.all()) == 0 && !q.Deleted && !q.Open && !q.Fresh && p.Grants[access.LeadView] == access.All
	return f, !current, err
}

// passImport lets a query of an import that made many leads go along its order,
// in which they are met soon, instead of by the index of imports, which would
// have to be read and sorted as a whole.
func (s *Store) passImport(ctx context.Context, f *query) error {
	var n int64
	err := s.r.QueryRowContext(ctx, `select count(*) from (select 1 from lead where created_import = $1 and created_import <> 0 limit $2) few`, f.Import, s.few+1).Scan(&n)
	if n > s.few {
		f.where = strings.Replace(f.where, "l.created_import =", "(l.created_import + 0) =", 1)
	}
	return s.err("count leads", err)
}

// named reports whether a table of its own keeps the order, behind the leads.
func (q *LeadQuery) named() bool { return q.Sort == "name" || q.Sort == "company" }

// all are all words that the index is asked for.
func (f *query) all() [][]word { return append(slices.Clip(f.words), f.values...) }

// exact is the query with everything asked of the index, however long it takes.
func (f *query) exact() *query {
	c := f.clone()
	c.words, c.tests = f.LeadQuery.words(), nil
	return c
}

func (f *query) clone() *query {
	c := *f
	c.args = slices.Clone(f.args)
	return &c
}

// passes reports whether a lead has the words that the index was asked for in
// part.
func (f *query) passes(schema *lead.Schema, l *Lead) bool {
	if len(f.tests) == 0 {
		return true
	}
	has := searchWords(schema, l.Record)
	for _, any := range f.tests {
		if !slices.ContainsFunc(any, func(w word) bool {
			return slices.ContainsFunc(has, func(x string) bool { return x == w.text || w.begin && strings.HasPrefix(x, w.text) })
		}) {
			return false
		}
	}
	return true
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
func (f *query) arg(v any) string {
	f.args = append(f.args, v)
	return "$" + strconv.Itoa(len(f.args))
}
