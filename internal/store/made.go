package store

import (
	"context"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// removeMade takes back the accounts, contacts, opportunities, tags and options that an undone import
// made, if no lead outside the bin uses them (import-rules.md 9.2). They are
// only marked, so that a lead brought back from the bin finds them again.
func (t *tx) removeMade(ctx context.Context, imp int64) error {
	_, err := t.exec(ctx, `update account set gone = 1 where created_import = $1
		and id not in (select account from lead where account <> 0 and deleted_at = 0)`, imp)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, `update choice set retired = 1 where created_import = $1 and field = 'status'
		and id not in (select status from lead where deleted_at = 0)`, imp)
	if err != nil {
		return err
	}
	m, err := t.exec(ctx, `update choice set retired = 1 where created_import = $1 and field = 'source'
		and id not in (select source from lead where deleted_at = 0)`, imp)
	if err != nil {
		return err
	}
	if n+m > 0 {
		if err := t.schemaChanged(ctx); err != nil {
			return err
		}
	}
	for entity, column := range map[string]string{"contact": "contact", "opportunity": "opportunities"} {
		_, err := t.exec(ctx, `update `+entity+` set gone = 1 where created_import = $1 and not exists (
			select 1 from lead where deleted_at = 0 and `+column+` like '%"ref":"' || `+entity+`.id || '"%')`, imp)
		if err != nil {
			return err
		}
	}
	return t.removeTags(ctx, imp)
}

// offerMade offers the options, contacts and opportunities that an import made
// again.
func (t *tx) offerMade(ctx context.Context, imp int64) error {
	for _, entity := range []string{"contact", "opportunity"} {
		if _, err := t.exec(ctx, `update `+entity+` set gone = 0 where created_import = $1 and gone = 1`, imp); err != nil {
			return err
		}
	}
	n, err := t.exec(ctx, `update choice set retired = 0 where created_import = $1 and retired = 1`, imp)
	if err != nil || n == 0 {
		return err
	}
	return t.schemaChanged(ctx)
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
