package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// Lead is a lead with what only Leadport writes about it.
type Lead struct {
	importer.Lead
	CreatedAt, UpdatedAt time.Time
	CreatedBy, DeletedBy int64
}

// leads reads leads, from the pool of readers or inside a transaction.
type leads struct {
	s    *Store
	q    querier
	conn *sql.Conn // of the transaction
	// held is the keys that a transaction holds back; nil for readers.
	held func() []keyOp
}

// Load implements importer.Leads.
func (r leads) Load(ctx context.Context, p access.Principal, ids []int64) ([]importer.Lead, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	out := make([]importer.Lead, 0, len(ids))
	where := r.s.d.in("l.id", "$1") + " and " + p.Predicate(access.LeadView, "l.owner")
	err := r.each(ctx, where, []any{r.s.d.ints(ids)}, func(l *Lead) error {
		out = append(out, l.Lead)
		return nil
	})
	return out, err
}

// Get returns one lead, deleted or not; lead.ErrNotFound if it does not exist
// or may not be seen.
func (r leads) Get(ctx context.Context, p access.Principal, id int64) (*Lead, error) {
	var found *Lead
	where := "l.id = $1 and " + p.Predicate(access.LeadView, "l.owner")
	err := r.each(ctx, where, []any{id}, func(l *Lead) error {
		found = l
		return nil
	})
	if err == nil && found == nil {
		err = notFound("lead", id)
	}
	return found, err
}

// LeadFilter narrows a list of leads; the zero value is every lead that is
// not in the bin.
type LeadFilter struct {
	Import  int64  // made by this import
	Status  string // choice id
	Source  string // choice id
	Owner   int64
	Deleted bool    // those in the bin instead
	IDs     []int64 // only these
}

func (f LeadFilter) where(d dialect) (string, []any) {
	cond := []string{"l.deleted_at = 0"}
	if f.Deleted {
		cond[0] = "l.deleted_at <> 0"
	}
	var args []any
	put := func(text string, v any) {
		args = append(args, v)
		cond = append(cond, fmt.Sprintf(text, "$"+strconv.Itoa(len(args))))
	}
	if f.Import != 0 {
		put("l.created_import = %s and l.created_import <> 0", f.Import)
	}
	if f.Status != "" {
		put("l.status = %s", f.Status)
	}
	if f.Source != "" {
		put("l.source = %s", f.Source)
	}
	if f.Owner != 0 {
		put("l.owner = %s", f.Owner)
	}
	if f.IDs != nil {
		args = append(args, d.ints(f.IDs))
		cond = append(cond, d.in("l.id", "$"+strconv.Itoa(len(args))))
	}
	return strings.Join(cond, " and "), args
}

// EachLead calls f for every lead of the filter that the principal may
// export, in order of id, as they are at one moment; an error of f ends it.
// The lead is f's to keep.
func (r leads) EachLead(ctx context.Context, p access.Principal, filter LeadFilter, part importer.Reading, f func(*Lead) error) error {
	where, args := filter.where(r.s.d)
	return r.eachPart(ctx, part, where+" and "+p.Predicate(access.LeadExport, "l.owner"), args, f)
}

// LeadsPage returns up to limit leads that the principal may see, newest
// first, with ids below before (0: from the newest).
func (r leads) LeadsPage(ctx context.Context, p access.Principal, filter LeadFilter, before int64, limit int) ([]Lead, error) {
	where, args := filter.where(r.s.d)
	if before > 0 {
		args = append(args, before)
		where += " and l.id < $" + strconv.Itoa(len(args))
	}
	args = append(args, limit)
	where += " and " + p.Predicate(access.LeadView, "l.owner") + " order by l.id desc limit $" + strconv.Itoa(len(args))
	var out []Lead
	err := r.each(ctx, where, args, func(l *Lead) error {
		out = append(out, *l)
		return nil
	})
	return out, err
}

// CountLeads is how many leads of the filter the principal may see.
func (r leads) CountLeads(ctx context.Context, p access.Principal, filter LeadFilter) (int64, error) {
	where, args := filter.where(r.s.d)
	var n int64
	err := r.q.QueryRowContext(ctx, `select count(*) from lead l where `+where+` and `+p.Predicate(access.LeadView, "l.owner"), args...).Scan(&n)
	return n, r.s.err("count leads", err)
}

// Count implements importer.Leads.
func (r leads) Count(ctx context.Context) (int64, error) {
	var n int64
	err := r.q.QueryRowContext(ctx, `select count(*) from lead`).Scan(&n)
	return n, r.s.err("count leads", err)
}

// WrittenAfter implements importer.Leads.
func (r leads) WrittenAfter(ctx context.Context, seq int64, limit int) ([]int64, error) {
	rows, err := r.q.QueryContext(ctx, `select id from lead where seq > $1 limit $2`, seq, limit)
	if err != nil {
		return nil, r.s.err("look for changed leads", err)
	}
	ids, err := collect(rows, func(id *int64) []any { return []any{id} })
	return ids, r.s.err("look for changed leads", err)
}

// Seq implements importer.Leads.
func (r leads) Seq(ctx context.Context) (int64, error) {
	var n int64
	err := r.q.QueryRowContext(ctx, `select coalesce((select min(seq) - 1 from import_part where seq > 0),
		(select value from counter where name = 'seq'), 0)`).Scan(&n)
	return n, r.s.err("read sequence", err)
}

// each streams the leads that a condition on l selects.
func (r leads) each(ctx context.Context, where string, args []any, f func(*Lead) error) error {
	l, err := r.s.layoutOf(ctx, r.q)
	if err != nil {
		return err
	}
	return r.s.d.each(ctx, r, l, l.query+" where "+where, args, f)
}

// eachPart is each in order of id, for what part asks for.
func (r leads) eachPart(ctx context.Context, part importer.Reading, where string, args []any, f func(*Lead) error) error {
	l, err := r.s.layoutOf(ctx, r.q)
	if err != nil {
		return err
	}
	if part.Need != nil {
		l = l.only(part.Need, false)
	}
	if part.Brief {
		l = l.inBrief()
	}
	if part.Shares > 1 {
		var last int64
		if err := r.q.QueryRowContext(ctx, `select coalesce(max(id), 0) from lead`).Scan(&last); err != nil {
			return r.s.err("read leads", err)
		}
		if part.Share > 0 {
			where += " and l.id > " + strconv.FormatInt(last*part.Share/part.Shares, 10)
		}
		if part.Share < part.Shares-1 {
			where += " and l.id <= " + strconv.FormatInt(last*(part.Share+1)/part.Shares, 10)
		}
	}
	return r.s.d.each(ctx, r, l, l.query+" where "+where+" order by l.id", args, f)
}

// eachScanned is dialect.each by database/sql.
func (r leads) eachScanned(ctx context.Context, l *layout, query string, args []any, f func(*Lead) error) error {
	rows, err := r.q.QueryContext(ctx, query, args...)
	if err != nil {
		return r.s.err("read leads", err)
	}
	defer rows.Close()
	sc := newLeadScan(l)
	for rows.Next() {
		if err := rows.Scan(sc.dest...); err != nil {
			return r.s.err("read leads", err)
		}
		v, err := sc.lead()
		if err != nil {
			return r.s.err("read leads", err)
		}
		if err := f(v); err != nil {
			return err
		}
	}
	return r.s.err("read leads", rows.Err())
}

// leadScan scans rows of layout.query; its targets are made once.
type leadScan struct {
	l      *layout
	meta   [11]int64 // id, version, seq, import, record, deleted at and by, created, updated, created by, team
	custom string
	owner  int64
	text   []string
	dest   []any
	slab   leadSlab
}

func newLeadScan(l *layout) *leadScan {
	s := &leadScan{l: l, text: make([]string, len(l.columns))}
	for i := range s.meta {
		s.dest = append(s.dest, &s.meta[i])
	}
	s.dest = append(s.dest, &s.custom)
	for i, c := range l.columns {
		if c.slot == l.owner {
			s.dest = append(s.dest, &s.owner)
		} else {
			s.dest = append(s.dest, &s.text[i])
		}
	}
	return s
}

// lead is the row just scanned.
func (s *leadScan) lead() (*Lead, error) {
	v := s.slab.lead(s.l, &s.meta)
	v.Owner = s.owner
	for i, c := range s.l.columns {
		v.Values[c.slot] = s.text[i]
	}
	if s.owner != 0 {
		v.Values[s.l.owner] = strconv.FormatInt(s.owner, 10)
	}
	return v, decodeCustom(s.l, s.custom, &v.Record)
}

// leadSlab makes leads in pieces that grow to this many, since one by one their
// values cost as much as reading them. Who keeps one of a piece keeps the piece.
type leadSlab struct {
	leads  []Lead
	values []string
	size   int
}

const maxLeadSlab = 32

// lead is a lead without its values.
func (b *leadSlab) lead(l *layout, m *[11]int64) *Lead {
	n := len(l.schema.Fields)
	if len(b.leads) == 0 {
		b.size = min(max(1, 2*b.size), maxLeadSlab)
		b.leads, b.values = make([]Lead, b.size), make([]string, b.size*n)
	}
	v := &b.leads[0]
	*v = Lead{
		Lead: importer.Lead{Record: lead.Record{ID: m[0], Version: m[1], Values: b.values[:n:n]},
			Seq: m[2], CreatedImport: m[3], CreatedRecord: m[4], DeletedAt: fromMillis(m[5]), OwnerTeam: m[10]},
		DeletedBy: m[6], CreatedAt: fromMillis(m[7]), UpdatedAt: fromMillis(m[8]), CreatedBy: m[9],
	}
	b.leads, b.values = b.leads[1:], b.values[n:]
	return v
}
