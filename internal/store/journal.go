package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

const changeColumns = `id, lead, version, seq, at, actor, import, record, reverts, before, after`

// Changes implements importer.Journal.
func (r leads) Changes(ctx context.Context, imp, before int64, limit int) ([]importer.JournalRow, error) {
	where, args := `import = $1 and import <> 0 order by id desc limit $2`, []any{imp, limit}
	if before > 0 {
		where, args = `import = $1 and import <> 0 and id < $3 order by id desc limit $2`, append(args, before)
	}
	return r.changes(ctx, where, args...)
}

// History implements importer.Journal.
func (r leads) History(ctx context.Context, ids []int64) (map[int64][]importer.JournalRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	where, args := r.s.d.in("lead", "$1"), []any{r.s.d.ints(ids)}
	if first, last := slices.Min(ids), slices.Max(ids); last-first < 2*int64(len(ids)) {
		// Leads of an import lie side by side: one look, not one for each.
		where, args = "lead between $1 and $2", []any{first, last}
	}
	rows, err := r.changes(ctx, where+` order by lead, id`, args...)
	if err != nil {
		return nil, err
	}
	out := map[int64][]importer.JournalRow{}
	for _, row := range rows {
		out[row.Lead] = append(out[row.Lead], row)
	}
	return out, nil
}

func (r leads) changes(ctx context.Context, where string, args ...any) ([]importer.JournalRow, error) {
	type row struct {
		importer.JournalRow
		before, after string
	}
	rows, err := r.q.QueryContext(ctx, `select `+changeColumns+` from lead_change where `+where, args...)
	if err != nil {
		return nil, r.s.err("read journal", err)
	}
	found, err := collect(rows, func(v *row) []any {
		j := &v.JournalRow
		return []any{&j.ID, &j.Lead, &j.Version, &j.Seq, timeColumn{&j.At}, &j.Actor, &j.Import, &j.Record, &j.Reverts, &v.before, &v.after}
	})
	if err != nil {
		return nil, r.s.err("read journal", err)
	}
	out := make([]importer.JournalRow, len(found))
	for i := range found {
		v := &found[i]
		if err := errors.Join(fromJSON(v.before, &v.Before), fromJSON(v.after, &v.After)); err != nil {
			return nil, fmt.Errorf("journal row %d: %w", v.ID, err)
		}
		out[i] = v.JournalRow
	}
	return out, nil
}

// HandEdited implements importer.Leads.
func (r leads) HandEdited(ctx context.Context, ids []int64, since time.Time) (map[int64]lead.Set, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	l, err := r.s.layoutOf(ctx, r.q)
	if err != nil {
		return nil, err
	}
	rows, err := r.changes(ctx, r.s.d.in("lead", "$1")+` and at >= $2 and import = 0 and reverts = 0`, r.s.d.ints(ids), millis(since))
	if err != nil {
		return nil, err
	}
	out := map[int64]lead.Set{}
	for _, row := range rows {
		set := out[row.Lead]
		l.addSlots(&set, row)
		out[row.Lead] = set
	}
	return out, nil
}

// ChangedSince implements importer.Leads.
func (r leads) ChangedSince(ctx context.Context, id, version int64) (lead.Set, error) {
	l, err := r.s.layoutOf(ctx, r.q)
	if err != nil {
		return nil, err
	}
	rows, err := r.changes(ctx, `lead = $1 and version > $2`, id, version)
	if err != nil {
		return nil, err
	}
	var set lead.Set
	for _, row := range rows {
		l.addSlots(&set, row)
	}
	return set, nil
}

// addSlots adds the fields that a journal row changed.
func (l *layout) addSlots(set *lead.Set, row importer.JournalRow) {
	for key := range row.After {
		if i := l.schema.Index(key); i >= 0 {
			set.Add(i)
		}
	}
}

// LeadImports returns the imports that touched a lead, oldest first: the one
// that made it, then those in its journal.
func (r leads) LeadImports(ctx context.Context, id int64) ([]int64, error) {
	rows, err := r.q.QueryContext(ctx, `select created_import from lead where id = $1 and created_import <> 0
		union select import from lead_change where lead = $1 and import <> 0 order by 1`, id)
	if err != nil {
		return nil, r.s.err("read imports of lead "+strconv.FormatInt(id, 10), err)
	}
	ids, err := collect(rows, func(v *int64) []any { return []any{v} })
	return ids, r.s.err("read imports of lead", err)
}
