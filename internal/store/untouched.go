package store

import (
	"context"
	"fmt"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// An undo takes most leads back that nobody has touched since. Those it does not
// read: the database journals and changes them where they are, many in one
// statement.

// ofStretch selects the leads l that an import made of some records.
const ofStretch = `l.created_import = $1 and l.created_import <> 0 and l.created_record > $2 and l.created_record <= $3`

// isUntouched is the condition that a lead l is as it was made, and that the
// principal may take it back. Every change raises the version.
func isUntouched(p access.Principal) string {
	return `l.version = 1 and l.deleted_at = 0 and ` + p.Predicate(access.LeadView, "l.owner") + ` and ` + p.Predicate(access.LeadEdit, "l.owner")
}

// Made implements importer.Journal.
func (r leads) Made(ctx context.Context, p access.Principal, imp, after int64, limit int) (importer.Made, error) {
	m := importer.Made{Import: imp, After: after}
	err := r.q.QueryRowContext(ctx, `select count(*), coalesce(max(created_record), 0), coalesce(sum(untouched), 0) from (
		select l.created_record, case when `+isUntouched(p)+` then 1 else 0 end untouched from lead l
		where l.created_import = $1 and l.created_import <> 0 and l.created_record > $2 order by l.created_record limit $3) made`,
		imp, after, limit).Scan(&m.Leads, &m.Last, &m.Untouched)
	return m, r.s.err("look at the leads of an import", err)
}

// Created implements importer.Journal.
func (r leads) Created(ctx context.Context, p access.Principal, made importer.Made) ([]importer.Lead, error) {
	l, err := r.s.layoutOf(ctx, r.q)
	if err != nil {
		return nil, err
	}
	l = l.only(func(f *lead.Field) bool { return f.Key == "name" || f.Key == "owner" }, true)
	where := ofStretch
	if made.Untouched > 0 {
		where += ` and not (` + isUntouched(p) + `)`
	}
	out := make([]importer.Lead, 0, made.Leads-made.Untouched)
	err = r.s.d.each(ctx, r, l, l.query+` where `+where+` order by l.created_record, l.id`, []any{made.Import, made.After, made.Last}, func(l *Lead) error {
		out = append(out, l.Lead)
		return nil
	})
	return out, err
}

// BinUntouched implements importer.Tx.
func (t *tx) BinUntouched(ctx context.Context, p access.Principal, o importer.Origin, made importer.Made) error {
	if !p.Can(access.Undo) {
		return fmt.Errorf("undo: %w", lead.ErrForbidden)
	}
	at := millis(o.At)
	seq, err := t.sequence(ctx, o.Import, at)
	if err != nil {
		return err
	}
	change, err := t.allotChanges(ctx, made.Untouched)
	if err != nil {
		return err
	}
	where := ` where ` + ofStretch + ` and ` + isUntouched(p)
	before, after := binMember(time.Time{}), binMember(o.At)
	journalled, err := t.exec(ctx, `insert into lead_change (`+changeColumns+`)
		select $4 - 1 + row_number() over (order by l.created_record), l.id, l.version + 1, $5, $6, $7, $8, l.created_record, -1, $9, $10 from lead l`+where,
		made.Import, made.After, made.Last, change, seq, at, o.Actor, o.Import, before, after)
	if err != nil {
		return t.s.err("journal leads", err)
	}
	binned, err := t.exec(ctx, `update lead as l set version = version + 1, seq = $4, updated_at = $5, deleted_at = $5, deleted_by = $6`+where,
		made.Import, made.After, made.Last, seq, at, o.Actor)
	if err != nil {
		return t.s.err("write leads", err)
	}
	if journalled != made.Untouched || binned != made.Untouched {
		return fmt.Errorf("%d leads of import %d were untouched, now %d and %d are: %w", made.Untouched, made.Import, journalled, binned, lead.ErrConflict)
	}
	t.written += binned
	return nil
}

// binMember is what the journal holds of a lead's place in the bin.
func binMember(t time.Time) string {
	return string(append(appendMember([]byte("{"), "deleted_at", importer.BinText(t)), '}'))
}
