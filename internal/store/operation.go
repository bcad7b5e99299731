package store

import (
	"context"
	"fmt"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// maxOperation is how many leads one operation may change: one transaction,
// some seconds.
const maxOperation = 50_000

// Operate changes every lead of a query in one transaction, as an operation
// that can be undone like an import: an import of kind "bulk" whose journal
// holds the changes. edit returns the change of one lead, or nil to leave it; its
// error ends all.
// Leads that the principal sees but may not change are counted as skipped. The
// operation is nil where nothing changed. More than 50,000 leads are
// lead.ErrInvalid.
func (s *Store) Operate(ctx context.Context, p access.Principal, name string, q LeadQuery, edit func(*Lead) (*importer.Write, error)) (*importer.Import, importer.Accounting, error) {
	var acc importer.Accounting
	var imp *importer.Import
	if q.indexed() {
		if current, err := s.IndexSearch(ctx, 100*searchBatch); err != nil || !current {
			return nil, acc, fmt.Errorf("the search is not up to date yet, try again in a minute: %w", orConflict(err))
		}
	}
	err := s.inTx(ctx, func(t *tx) error {
		where, args, err := q.where(s.d, p)
		if err != nil {
			return err
		}
		var writes []importer.Write
		err = t.each(ctx, where+" order by l.id", args, func(l *Lead) error {
			if acc.Records++; acc.Records > maxOperation {
				return fmt.Errorf("at most %d leads can be changed at once: filter first: %w", maxOperation, lead.ErrInvalid)
			}
			w, err := edit(l)
			if err != nil {
				return err
			}
			if w == nil {
				acc.Unchanged++
				return nil
			}
			right := access.LeadEdit
			if w.Deleted != nil {
				right = access.LeadDelete
			}
			if !p.Reaches(right, l.Owner, l.OwnerTeam) {
				acc.Skipped++
				return nil
			}
			acc.Update++
			w.Lead, w.Before, w.Binned, w.Record = l.ID, l.Record, l.DeletedAt, acc.Records
			writes = append(writes, *w)
			return nil
		})
		if err != nil || len(writes) == 0 {
			return err
		}
		imp, err = t.operation(ctx, p, name, acc, nil, writes)
		return err
	})
	if err != nil {
		return nil, acc, err
	}
	return imp, acc, nil
}

// operation writes leads as an import of kind "bulk", which can be undone.
// before runs once its number is known.
func (t *tx) operation(ctx context.Context, p access.Principal, name string, acc importer.Accounting, before func(imp int64) error, writes []importer.Write) (*importer.Import, error) {
	now := t.s.now().UTC().Truncate(time.Millisecond)
	imp := &importer.Import{Kind: "bulk", State: importer.Done, File: name, Actor: p.User.ID, At: now, Started: now, Finished: now, Accounting: acc}
	if err := t.addImport(ctx, imp); err != nil {
		return nil, err
	}
	if before != nil {
		if err := before(imp.ID); err != nil {
			return nil, err
		}
	}
	if err := t.Write(ctx, p, importer.Origin{Actor: p.User.ID, Import: imp.ID, At: now}, writes); err != nil {
		return nil, err
	}
	return imp, t.audit(ctx, p.User.ID, "lead.bulk", imp.ID, fmt.Sprint(acc.Update))
}

func orConflict(err error) error {
	if err != nil {
		return err
	}
	return lead.ErrConflict
}

// addImport stores an import in this transaction and sets its ID.
func (t *tx) addImport(ctx context.Context, imp *importer.Import) error {
	id, err := t.allot(ctx, "import", 1)
	if err != nil {
		return err
	}
	imp.ID = id
	r := &importRow{Import: *imp}
	if err := r.encode(); err != nil {
		return err
	}
	_, err = t.exec(ctx, `insert into import (`+importColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`, r.values()...)
	return t.s.err("create import", err)
}
