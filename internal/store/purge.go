package store

import (
	"context"
	"time"

	"github.com/leadport/leadport/internal/importer"
)

// PurgeLog forgets the commits before a moment; a plan older than that finds
// every write since to be another's.
func (s *Store) PurgeLog(ctx context.Context, before time.Time) error {
	return s.inTx(ctx, func(t *tx) error {
		var floor int64
		err := t.q.QueryRowContext(ctx, `select coalesce(max(seq), 0) from commit_log where at < $1`, millis(before)).Scan(&floor)
		if err != nil || floor == 0 {
			return s.err("purge commit log", err)
		}
		if _, err := t.exec(ctx, `delete from commit_log where seq <= $1`, floor); err != nil {
			return s.err("purge commit log", err)
		}
		_, err = t.exec(ctx, `insert into counter (name, value) values ('commit_floor', $1)
			on conflict (name) do update set value = excluded.value`, floor)
		return s.err("purge commit log", err)
	})
}

// purgeBatch is how many leads one transaction takes out, so that others can
// write in between.
const purgeBatch = 1000

// PurgeBin takes leads out for good that went into the bin before a moment,
// with their keys, values and journal, and returns how many.
func (s *Store) PurgeBin(ctx context.Context, before time.Time) (int64, error) {
	var total int64
	for {
		n, err := s.purgeBin(ctx, before)
		total += n
		if err != nil || n < purgeBatch {
			return total, err
		}
	}
}

func (s *Store) purgeBin(ctx context.Context, before time.Time) (int64, error) {
	rows, err := s.r.QueryContext(ctx, `select id from lead where deleted_at <> 0 and deleted_at < $1 order by deleted_at limit $2`,
		millis(before), purgeBatch)
	if err != nil {
		return 0, s.err("purge bin", err)
	}
	ids, err := collect(rows, func(id *int64) []any { return []any{id} })
	if err != nil || len(ids) == 0 {
		return 0, s.err("purge bin", err)
	}
	err = s.inTx(ctx, func(t *tx) error {
		// Restored meanwhile? Then it stays.
		at, list := millis(before), s.d.ints(ids)
		gone := `select id from lead where ` + s.d.in("id", "$1") + ` and deleted_at <> 0 and deleted_at < $2`
		for _, query := range []string{
			`update import set purged = purged + (select count(*) from lead where created_import = import.id and id in (` + gone + `))
				where id in (select created_import from lead where id in (` + gone + `))`,
			`delete from lead_value where lead in (` + gone + `)`,
			`delete from lead_change where lead in (` + gone + `)`,
		} {
			if _, err := t.exec(ctx, query, list, at); err != nil {
				return s.err("purge bin", err)
			}
		}
		if err := t.dropKeys(ctx, ids, at); err != nil {
			return err
		}
		_, err := t.exec(ctx, `delete from lead where id in (`+gone+`)`, list, at)
		return s.err("purge bin", err)
	})
	return int64(len(ids)), err
}

// dropKeys takes out the keys of leads in the bin. The index is by hash, so
// they are found through the leads.
func (t *tx) dropKeys(ctx context.Context, ids []int64, before int64) error {
	layout, err := t.s.layoutOf(ctx, t.q)
	if err != nil {
		return err
	}
	err = t.each(ctx, t.s.d.in("l.id", "$1")+` and l.deleted_at <> 0 and l.deleted_at < $2`, []any{t.s.d.ints(ids), before}, func(l *Lead) error {
		for _, k := range importer.KeysOf(layout.schema, l.Record) {
			t.hold(keyOp{hash: int64(k.Hash), lead: l.ID, drop: true})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.flush(ctx)
}
