package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// fewLeads is how many leads a filter may leave to be gathered and sorted by
// themselves. Where it leaves more, they are met soon along the order of all; if
// not within as many of that, they are gathered nevertheless.
const fewLeads = 20_000

// ListLeads returns one page of the leads that the principal may see. It fails
// with lead.ErrInvalid for an order it does not know and a place of another
// list.
func (s *Store) ListLeads(ctx context.Context, p access.Principal, q LeadQuery) (*LeadList, error) {
	at, err := parsePlace(q.After, q.Sort)
	if err != nil {
		return nil, err
	}
	f, indexing, err := s.query(ctx, p, &q)
	if err != nil {
		return nil, err
	}
	out := &LeadList{Indexing: indexing && (q.indexed() || q.named())}
	out.Leads, out.Next, err = s.page(ctx, f, at)
	return out, err
}

// page is one page from a place on.
func (s *Store) page(ctx context.Context, f *query, at *place) (out []Lead, next string, err error) {
	l, err := s.layoutOf(ctx, s.r)
	if err != nil {
		return nil, "", err
	}
	for tested := 0; ; {
		n := f.Limit + 1 - len(out)
		if len(f.tests) > 0 {
			if n = max(4*n, 200); tested >= int(s.few)/5 { // they are not so common after all
				f = f.exact()
			}
		}
		rows, err := s.rows(ctx, f, at, n)
		if err != nil {
			return nil, "", err
		}
		leads, err := s.byID(ctx, rows)
		if err != nil {
			return nil, "", err
		}
		for _, r := range rows {
			v := leads[r.id]
			if v == nil || !f.passes(l.schema, v) {
				continue
			}
			if len(out) == f.Limit {
				return out, next, nil
			}
			out, next = append(out, *v), place{f.Sort, r.key, r.id}.String()
		}
		if len(rows) < n {
			return out, "", nil
		}
		tested += len(rows)
		at = &place{f.Sort, rows[len(rows)-1].key, rows[len(rows)-1].id}
	}
}

// row is a lead's id and its key in an order.
type row struct {
	id  int64
	key string
}

func (s *Store) byID(ctx context.Context, rows []row) (map[int64]*Lead, error) {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	out := make(map[int64]*Lead, len(ids))
	return out, s.each(ctx, s.d.in("l.id", "$1"), []any{s.d.ints(ids)}, func(l *Lead) error {
		out[l.ID] = l
		return nil
	})
}

// rows are the next n of a list, but for what f.passes tests.
func (s *Store) rows(ctx context.Context, f *query, at *place, n int) ([]row, error) {
	f = f.clone()
	switch f.Sort {
	case "", "created":
		return s.byCreated(ctx, f, at, n)
	case "updated":
		return s.along(ctx, f, at, order{"lead l", "l.seq", "l.id"}, n)
	case "name", "company":
		return s.along(ctx, f, at, order{"lead_order s cross join lead l", "s." + f.Sort, "s.lead"}, n)
	}
	return nil, fmt.Errorf("leads are sorted by created, updated, name or company, not by %q: %w", f.Sort, lead.ErrInvalid)
}

// order is one that an index keeps: from where, a lead's key in it and its id.
type order struct{ from, key, id string }

// named reports whether it is kept in a table of its own.
func (o order) named() bool { return o.from != "lead l" }

// byCreated is the order of ids, in which the search index gives what it finds.
func (s *Store) byCreated(ctx context.Context, f *query, at *place, n int) ([]row, error) {
	o := order{"lead l", "l.id", "l.id"}
	switch words := f.all(); {
	case len(words) > 0:
		var cond string
		o.from, o.id, cond = s.d.walk(f.arg(s.d.match(words)))
		o.key, f.where = o.id, cond+" and "+f.where
	case f.FollowUp != "":
		o.key, o.id = "(l.id + 0)", "(l.id + 0)" // few, which have an index of their own
	}
	return s.list(ctx, f, at, o, n)
}

// along is an order that an index keeps. Few leads are gathered and sorted
// instead of being waited for along it, and so are many that are not met soon.
func (s *Store) along(ctx context.Context, f *query, at *place, o order, n int) ([]row, error) {
	words := f.all()
	few, err := s.leavesFew(ctx, f, o)
	if err != nil {
		return nil, err
	}
	if !few {
		c, bound := f.clone(), false
		if len(words) > 0 {
			if bound, err = s.bound(ctx, c, at, o); err != nil {
				return nil, err
			}
		}
		if o.named() {
			c.where = "s.lead = l.id and " + c.where
			if err := s.within(ctx, c); err != nil {
				return nil, err
			}
		}
		if len(c.words) > 0 {
			c.where += " and " + s.d.has("l.id", c.arg(s.d.match(c.words)))
		}
		rows, err := s.list(ctx, c, at, o, n)
		if err != nil || len(rows) == n || !bound {
			return rows, err
		}
	}
	return s.gather(ctx, f, at, o, n)
}

// gather is a page of leads that are found first and sorted then.
func (s *Store) gather(ctx context.Context, f *query, at *place, o order, n int) ([]row, error) {
	words := f.all()
	if o.named() && len(words) > 0 {
		// What the index finds is sorted before any lead is read. Mostly the first
		// of them meet the other conditions, too.
		c := f.clone()
		c.where = s.d.found("s.lead", c.arg(s.d.match(words)))
		firsts, err := c.sorted(at, order{"lead_order s", s.d.unindexed(o.key), o.id}, 2*n)
		if err != nil {
			return nil, err
		}
		// Its arguments come after those of f.where, which is asked of them.
		c.where = "s.id = l.id and " + f.where
		rows, err := s.list(ctx, c, nil, order{"(" + firsts + ") s cross join lead l", "s.k", "s.id"}, n)
		if err != nil || len(rows) == n {
			return rows, err
		}
	}
	if len(words) > 0 {
		f.where = s.d.found("l.id", f.arg(s.d.match(words))) + " and " + f.where
	}
	if o.named() {
		f.where = "s.lead = l.id and " + f.where
		return s.list(ctx, f, at, order{"lead l cross join lead_order s", s.d.unindexed(o.key), o.id}, n)
	}
	return s.list(ctx, f, at, order{o.from, "(l.seq + 0)", o.id}, n)
}

// within says of a query between which ids its leads are: those of one import
// lie together, and others are passed over without being read.
func (s *Store) within(ctx context.Context, f *query) error {
	if f.Import <= 0 {
		return nil
	}
	var first, last int64
	err := s.r.QueryRowContext(ctx, `select coalesce(min(id), 0), coalesce(max(id), 0) from lead where created_import = $1 and created_import <> 0`, f.Import).Scan(&first, &last)
	f.where += " and s.lead between " + f.arg(first) + " and " + f.arg(last)
	return s.err("list leads", err)
}

// leavesFew reports whether a query leaves few leads, by what the index finds
// where that is asked.
func (s *Store) leavesFew(ctx context.Context, f *query, o order) (bool, error) {
	if f.FollowUp != "" {
		return true, nil
	}
	most := s.few + 1
	if words := f.all(); len(words) > 0 {
		var n int64
		err := s.r.QueryRowContext(ctx, `select count(*) from (select 1 from lead_search f where `+s.d.finds("$1")+` limit $2) few`, s.d.match(words), most).Scan(&n)
		return n < most, s.err("count leads", err)
	}
	if f.every || !o.named() {
		return false, nil
	}
	n, err := f.count(ctx, s, most)
	return n < most, err
}

// bound ends a query some way ahead in an order, if that goes on further.
func (s *Store) bound(ctx context.Context, f *query, at *place, o order) (bool, error) {
	c := &query{LeadQuery: f.LeadQuery, where: "true"}
	o.from, _, _ = strings.Cut(o.from, " cross")
	text, err := c.sorted(at, o, 1)
	if err != nil {
		return false, err
	}
	rows, err := s.ask(ctx, text+" offset "+c.arg(s.few), c.args)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	cond, err := f.behind(&place{f.Sort, rows[0].key, rows[0].id}, o)
	f.where += " and not " + cond
	return true, err
}

// behind is the condition that a lead comes after a place.
func (f *query) behind(at *place, o order) (string, error) {
	than := "<"
	if f.Asc {
		than = ">"
	}
	var key any = at.key
	if !o.named() || o.key == o.id {
		n, err := strconv.ParseInt(at.key, 10, 64)
		if err != nil {
			return "", errPlace()
		}
		key = n
	}
	if o.key == o.id {
		return fmt.Sprintf("%s %s %s", o.id, than, f.arg(key)), nil
	}
	return fmt.Sprintf("(%s, %s) %s (%s, %s)", o.key, o.id, than, f.arg(key), f.arg(at.id)), nil
}

// sorted is the statement for n rows from a place on, id and key as k.
func (f *query) sorted(at *place, o order, n int) (string, error) {
	if at != nil {
		cond, err := f.behind(at, o)
		if err != nil {
			return "", err
		}
		f.where += " and " + cond
	}
	dir := "desc"
	if f.Asc {
		dir = "asc"
	}
	by := o.key + " " + dir
	if o.key != o.id {
		by += ", " + o.id + " " + dir
	}
	return fmt.Sprintf("select %s id, %s k from %s where %s order by %s limit %s", o.id, o.key, o.from, f.where, by, f.arg(n)), nil
}

// list asks for n rows from a place on.
func (s *Store) list(ctx context.Context, f *query, at *place, o order, n int) ([]row, error) {
	text, err := f.sorted(at, o, n)
	if err != nil {
		return nil, err
	}
	return s.ask(ctx, text, f.args)
}

func (s *Store) ask(ctx context.Context, text string, args []any) ([]row, error) {
	rows, err := s.r.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, s.err("list leads", err)
	}
	list, err := collect(rows, func(r *row) []any { return []any{&r.id, &r.key} })
	return list, s.err("list leads", err)
}

// CountQuery counts the leads of a query that the principal may see, up to
// most: a larger result says "more than that".
func (s *Store) CountQuery(ctx context.Context, p access.Principal, q LeadQuery, most int64) (int64, error) {
	f, _, err := s.query(ctx, p, &q)
	if err != nil {
		return 0, err
	}
	return f.count(ctx, s, most)
}

// count counts up to most.
func (f *query) count(ctx context.Context, s *Store, most int64) (n int64, err error) {
	if len(f.tests) > 0 {
		f = f.exact()
	}
	c := f.clone()
	from, where := "lead l", c.where
	if words := c.all(); len(words) > 0 {
		found, _, cond := s.d.walk(c.arg(s.d.match(words)))
		from, where = found, cond+" and "+c.where
	}
	err = s.r.QueryRowContext(ctx, `select count(*) from (select 1 from `+from+` where `+where+` limit `+c.arg(most)+`) few`, c.args...).Scan(&n)
	return n, s.err("count leads", err)
}
