package store

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// LeadQuery is a list of leads: filters, order and place. The zero value is
// the newest leads that are not in the bin.
type LeadQuery struct {
	Text     string // words that begin a word of name, company, e-mail, external id; or a phone
	Status   string // choice id
	Source   string // choice id
	Owner    string // user id, "none" for leads without one
	Import   int64  // made by this import
	Changed  int64  // changed by this import
	Last     bool   // made by the principal's last import of a file
	Open     bool   // neither qualified nor disqualified
	Fresh    bool   // nobody changed it since it was made
	Tag      string
	Country  string // ISO 3166-1 alpha-2
	Domain   string // of an e-mail
	FollowUp string // due on or before this day, 2006-01-02
	Deleted  bool   // those in the bin instead
	IDs      []int64
	Sort     string // "created" (also ""), "updated", "name", "company"
	Asc      bool
	After    string // LeadList.Next of the page before
	Limit    int
}

// LeadList is one page.
type LeadList struct {
	Leads []Lead
	Next  string // "" at the end
	// Indexing: leads written just now are not found by words, tag, country
	// and domain yet.
	Indexing bool
}

// fewLeads is how many leads a filter may leave to be put in the order of their
// names or companies by themselves; where it leaves more, they are found along
// the order of all.
const fewLeads = 20_000

// searchInline is how many leads a list that needs the search index takes into
// it before it answers.
const searchInline = 4 * searchBatch

// where is the condition of a query's filters on l.
func (q *LeadQuery) where(d dialect, p access.Principal) (string, []any, error) {
	cond := []string{"l.deleted_at = 0"}
	if q.Deleted {
		cond[0] = "l.deleted_at <> 0"
	}
	var args []any
	put := func(text string, v any) {
		args = append(args, v)
		cond = append(cond, fmt.Sprintf(text, "$"+strconv.Itoa(len(args))))
	}
	if q.Status != "" {
		put("l.status = %s", q.Status)
	}
	if q.Source != "" {
		put("l.source = %s", q.Source)
	}
	switch q.Owner {
	case "":
	case "none":
		cond = append(cond, "l.owner = 0")
	default:
		id, err := strconv.ParseInt(q.Owner, 10, 64)
		if err != nil {
			return "", nil, fmt.Errorf("owner %q is neither a user's id nor none: %w", q.Owner, lead.ErrInvalid)
		}
		put("l.owner = %s", id)
	}
	if q.Import != 0 {
		put("l.created_import = %s and l.created_import <> 0", q.Import)
	}
	if q.Changed != 0 {
		put("l.id in (select lead from lead_change where import = %s and import <> 0)", q.Changed)
	}
	if q.Last {
		put("l.created_import <> 0 and l.created_import = (select max(id) from import where kind = 'file' and started_at <> 0 and actor = %s)", p.User.ID)
	}
	if q.Open {
		cond = append(cond, "l.status not in ('qualified', 'canceled')")
	}
	if q.Fresh {
		cond = append(cond, "l.version = 1")
	}
	if q.FollowUp != "" {
		put("l.follow_up_on <> '' and l.follow_up_on <= %s", q.FollowUp)
	}
	if q.IDs != nil {
		args = append(args, d.ints(q.IDs))
		cond = append(cond, d.in("l.id", "$"+strconv.Itoa(len(args))))
	}
	if q.indexed() {
		args = append(args, d.match(q.words()))
		cond = append(cond, d.found("l.id", "$"+strconv.Itoa(len(args))))
	}
	cond = append(cond, p.Predicate(access.LeadView, "l.owner"))
	return strings.Join(cond, " and "), args, nil
}

// indexed reports whether the query needs the search index.
func (q *LeadQuery) indexed() bool { return len(q.words()) > 0 }

// words is what a lead must have.
func (q *LeadQuery) words() [][]word {
	out := searchQuery(q.Text)
	for _, x := range []struct{ kind, value string }{
		{"tag", norm.Key(norm.KeyTag, q.Tag)}, {"country", norm.Fold(q.Country)}, {"domain", norm.Fold(q.Domain)},
	} {
		if x.value != "" {
			out = append(out, []word{{text: wholeWord(x.kind, x.value)}})
		}
	}
	return out
}

// ListLeads returns one page of the leads that the principal may see. It fails
// with lead.ErrInvalid for an order it does not know and a place of another
// list.
func (s *Store) ListLeads(ctx context.Context, p access.Principal, q LeadQuery) (*LeadList, error) {
	out := &LeadList{}
	if q.indexed() || q.Sort == "name" || q.Sort == "company" {
		current, err := s.IndexSearch(ctx, searchInline)
		if err != nil {
			return nil, err
		}
		out.Indexing = !current
	}
	where, args, err := q.where(s.d, p)
	if err != nil {
		return nil, err
	}
	place, err := parsePlace(q.After, q.Sort)
	if err != nil {
		return nil, err
	}
	switch q.Sort {
	case "", "created":
		err = s.byNumber(ctx, out, &q, where, args, "l.id", place)
	case "updated":
		err = s.byNumber(ctx, out, &q, where, args, "l.seq", place)
	case "name":
		err = s.byText(ctx, out, &q, where, args, "name", place)
	case "company":
		err = s.byText(ctx, out, &q, where, args, "company", place)
	default:
		err = fmt.Errorf("leads are sorted by created, updated, name or company, not by %q: %w", q.Sort, lead.ErrInvalid)
	}
	return out, err
}

// byNumber pages along an index.
func (s *Store) byNumber(ctx context.Context, out *LeadList, q *LeadQuery, where string, args []any, column string, at *place) error {
	than, order := "<", "desc"
	if q.Asc {
		than, order = ">", "asc"
	}
	if at != nil {
		n, err := strconv.ParseInt(at.key, 10, 64)
		if err != nil {
			return errPlace()
		}
		where += fmt.Sprintf(" and (%s, l.id) %s ($%d, $%d)", column, than, len(args)+1, len(args)+2)
		args = append(args, n, at.id)
	}
	args = append(args, q.Limit+1)
	where += fmt.Sprintf(" order by %s %s, l.id %s limit $%d", column, order, order, len(args))
	err := s.each(ctx, where, args, func(l *Lead) error {
		out.Leads = append(out.Leads, *l)
		return nil
	})
	if err != nil || len(out.Leads) <= q.Limit {
		return err
	}
	out.Leads = out.Leads[:q.Limit]
	last := &out.Leads[q.Limit-1]
	key := last.ID
	if column == "l.seq" {
		key = last.Seq
	}
	out.Next = place{q.Sort, strconv.FormatInt(key, 10), last.ID}.String()
	return nil
}

// byText pages along lead_order, whose keys are made in Go, since the database
// never collates. A filter that leaves few leads is sorted by itself instead,
// since most of that order would be passed over in vain.
func (s *Store) byText(ctx context.Context, out *LeadList, q *LeadQuery, where string, args []any, column string, at *place) error {
	than, order := "<", "desc"
	if q.Asc {
		than, order = ">", "asc"
	}
	var few int64
	err := s.r.QueryRowContext(ctx, `select count(*) from (select 1 from lead l where `+where+fmt.Sprintf(" limit $%d) few", len(args)+1),
		append(slices.Clone(args), s.few+1)...).Scan(&few)
	if err != nil {
		return s.err("list leads", err)
	}
	from, sorted := "lead_order s cross join lead l", "s."+column
	if few <= s.few {
		from, sorted = "lead l cross join lead_order s", s.d.unindexed("s."+column)
	}
	if at != nil {
		where += fmt.Sprintf(" and (%s, s.lead) %s ($%d, $%d)", sorted, than, len(args)+1, len(args)+2)
		args = append(args, at.key, at.id)
	}
	args = append(args, q.Limit+1)
	type row struct {
		id  int64
		key string
	}
	rows, err := s.r.QueryContext(ctx, `select l.id, s.`+column+` from `+from+` where s.lead = l.id and `+where+
		fmt.Sprintf(" order by %s %s, s.lead %s limit $%d", sorted, order, order, len(args)), args...)
	if err != nil {
		return s.err("list leads", err)
	}
	list, err := collect(rows, func(r *row) []any { return []any{&r.id, &r.key} })
	if err != nil {
		return s.err("list leads", err)
	}
	if len(list) > q.Limit {
		list = list[:q.Limit]
		out.Next = place{q.Sort, list[q.Limit-1].key, list[q.Limit-1].id}.String()
	}
	ids := make([]int64, len(list))
	at0 := make(map[int64]int, len(list))
	for i, r := range list {
		ids[i], at0[r.id] = r.id, i
	}
	err = s.each(ctx, s.d.in("l.id", "$1"), []any{s.d.ints(ids)}, func(l *Lead) error {
		out.Leads = append(out.Leads, *l)
		return nil
	})
	slices.SortFunc(out.Leads, func(a, b Lead) int { return cmp.Compare(at0[a.ID], at0[b.ID]) })
	return err
}

// CountQuery counts the leads of a query that the principal may see, up to
// most: a larger result says "more than that".
func (s *Store) CountQuery(ctx context.Context, p access.Principal, q LeadQuery, most int64) (n int64, err error) {
	where, args, err := q.where(s.d, p)
	if err != nil {
		return 0, err
	}
	err = s.r.QueryRowContext(ctx, `select count(*) from (select 1 from lead l where `+where+fmt.Sprintf(" limit $%d) few", len(args)+1),
		append(args, most)...).Scan(&n)
	return n, s.err("count leads", err)
}

// place is where a page ends: the order, the last lead's key in it, its id.
type place struct {
	sort, key string
	id        int64
}

func (p place) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.sort + "\x00" + strconv.FormatInt(p.id, 10) + "\x00" + p.key))
}

func parsePlace(text, sort string) (*place, error) {
	if text == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.SplitN(string(raw), "\x00", 3)
	if err != nil || len(parts) != 3 || parts[0] != sort {
		return nil, errPlace()
	}
	id, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return nil, errPlace()
	}
	return &place{parts[0], parts[2], id}, nil
}

func errPlace() error {
	return fmt.Errorf("after: not the place that a page of this list gave: %w", lead.ErrInvalid)
}

// EachOf calls f for every lead of a query that the principal may export, in
// order of id, as they are at one moment; an error of f ends it.
func (s *Store) EachOf(ctx context.Context, p access.Principal, q LeadQuery, f func(*Lead) error) error {
	if q.indexed() {
		if current, err := s.IndexSearch(ctx, 100*searchBatch); err != nil || !current {
			return fmt.Errorf("the search is not up to date yet, try again in a minute: %w", orConflict(err))
		}
	}
	where, args, err := q.where(s.d, p)
	if err != nil {
		return err
	}
	return s.each(ctx, where+" and "+p.Predicate(access.LeadExport, "l.owner")+" order by l.id", args, f)
}
