package store

import (
	"context"
	"errors"
	"slices"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// removeMade takes back the accounts, contacts, opportunities, tags, options and
// fields that an undone import made, if no lead outside the bin uses them
// (import-rules.md 9.2). They are only marked, so that a lead brought back from
// the bin finds them again.
func (t *tx) removeMade(ctx context.Context, imp int64) error {
	if err := t.removeAccounts(ctx, imp); err != nil {
		return err
	}
	var options int64
	for _, field := range []string{"status", "source"} {
		// Not "not in", for which all leads are read even if the import made none.
		n, err := t.exec(ctx, `update choice set retired = 1 where created_import = $1 and field = $2
			and not exists (select 1 from lead where deleted_at = 0 and `+field+` = choice.id)`, imp, field)
		if err != nil {
			return err
		}
		options += n
	}
	fields, err := t.exec(ctx, `update custom_field set gone = 1 where created_import = $1 and gone = 0
		and not exists (select 1 from lead where deleted_at = 0 and custom <> '' and custom like '%"' || custom_field.id || '":%')`, imp)
	if err != nil {
		return err
	}
	if options+fields > 0 {
		if err := t.schemaChanged(ctx); err != nil {
			return err
		}
	}
	for entity, column := range map[string]string{"contact": "contact", "opportunity": "opportunities"} {
		_, err := t.exec(ctx, `update `+entity+` set gone = 1 where created_import = $1 and not exists (
			select 1 from lead where deleted_at = 0 and `+column+` <> '' and `+column+` like '%"ref":"' || `+entity+`.id || '"%')`, imp)
		if err != nil {
			return err
		}
	}
	return t.removeTags(ctx, imp)
}

// offerHeld offers those fields again that the leads just written hold values
// of: they came back from the bin, or another import still maps a column there.
func (w *writer) offerHeld(ctx context.Context, writes []importer.Write) error {
	return w.offerFields(ctx, w.layout, func(slot int) bool {
		return slices.ContainsFunc(writes, func(x importer.Write) bool {
			return slot < len(x.After.Values) && x.After.Values[slot] != "" && (x.Deleted == nil || x.Deleted.IsZero())
		})
	})
}

// offerFields offers custom fields again, unless another has the name meanwhile.
func (t *tx) offerFields(ctx context.Context, l *layout, which func(slot int) bool) error {
	for _, slot := range l.custom {
		f := &l.schema.Fields[slot]
		if !f.Gone || !which(slot) || l.named(f.Label) {
			continue
		}
		n, err := t.exec(ctx, `update custom_field set gone = 0 where id = $1 and gone = 1`, f.ID)
		if err == nil && n > 0 {
			err = t.schemaChanged(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// removeUnused takes back the accounts and tags that a run of several parts made
// beforehand, for leads that it did not come to.
func (t *tx) removeUnused(ctx context.Context, imp int64) error {
	split, err := t.split(ctx, imp)
	if err != nil || !split {
		return err
	}
	return errors.Join(t.removeAccounts(ctx, imp), t.removeTags(ctx, imp))
}

// removeAccounts reads all leads, once for however many accounts; only an import
// that made some pays for it.
func (t *tx) removeAccounts(ctx context.Context, imp int64) error {
	var made bool
	err := t.q.QueryRowContext(ctx, `select exists (select 1 from account where created_import = $1)`, imp).Scan(&made)
	if err != nil || !made {
		return err
	}
	_, err = t.exec(ctx, `update account set gone = 1 where created_import = $1
		and id not in (select account from lead where account <> 0 and deleted_at = 0)`, imp)
	return err
}

// offerMade offers the options, contacts, opportunities and fields that an
// import made again.
func (t *tx) offerMade(ctx context.Context, imp int64) error {
	for _, entity := range []string{"contact", "opportunity"} {
		if _, err := t.exec(ctx, `update `+entity+` set gone = 0 where created_import = $1 and gone = 1`, imp); err != nil {
			return err
		}
	}
	made, err := t.fieldsOf(ctx, imp)
	if err != nil {
		return err
	}
	l, err := t.s.layoutOf(ctx, t.q)
	if err != nil {
		return err
	}
	if err := t.offerFields(ctx, l, func(slot int) bool { return slices.Contains(made, l.schema.Fields[slot].ID) }); err != nil {
		return err
	}
	n, err := t.exec(ctx, `update choice set retired = 0 where created_import = $1 and retired = 1`, imp)
	if err != nil || n == 0 {
		return err
	}
	return t.schemaChanged(ctx)
}

// fieldsOf lists the custom fields that an import made.
func (t *tx) fieldsOf(ctx context.Context, imp int64) ([]int64, error) {
	rows, err := t.q.QueryContext(ctx, `select id from custom_field where created_import = $1`, imp)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(id *int64) []any { return []any{id} })
}

// removeTags reads all leads' tags, since the database never folds; only an
// import that made tags pays for it.
func (t *tx) removeTags(ctx context.Context, imp int64) error {
	rows, err := t.q.QueryContext(ctx, `select key from tag where created_import = $1 and gone = 0`, imp)
	if err != nil {
		return err
	}
	made, err := collect(rows, func(k *string) []any { return []any{k} })
	if err != nil || len(made) == 0 {
		return err
	}
	l, err := t.s.layoutOf(ctx, t.q)
	if err != nil {
		return err
	}
	parts := l.schema.Field("tags").Parts
	rows, err = t.q.QueryContext(ctx, `select distinct tags from lead where tags <> '' and deleted_at = 0`)
	if err != nil {
		return err
	}
	lists, err := collect(rows, func(v *string) []any { return []any{v} })
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, text := range lists {
		for _, e := range lead.DecodeList(parts, text) {
			used[norm.Key(norm.KeyTag, e.Values[0])] = true
		}
	}
	for _, key := range made {
		if used[key] {
			continue
		}
		if _, err := t.exec(ctx, `update tag set gone = 1 where key = $1`, key); err != nil {
			return err
		}
	}
	return nil
}
