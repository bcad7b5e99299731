package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// BeginCheck implements importer.Imports.
func (s *Store) BeginCheck(ctx context.Context, p access.Principal, id int64, idle bool, lease time.Duration, f func(*importer.Import) error) (fence int64, err error) {
	err = s.inTx(ctx, func(t *tx) error {
		imp, err := s.getImport(ctx, t.q, p, id)
		if err != nil {
			return err
		}
		if idle {
			held, err := t.checkHeld(ctx, id)
			if err != nil {
				return err
			}
			if held {
				return fmt.Errorf("import %d is being checked: %w", id, lead.ErrConflict)
			}
		}
		if err := f(imp); err != nil {
			return err
		}
		imp.State, imp.Reason = importer.Checking, ""
		if err := t.putImport(ctx, imp); err != nil {
			return err
		}
		if !s.d.nodes() {
			lease = 100 * 365 * 24 * time.Hour // nobody else is there; it ends with the process
		}
		err = t.q.QueryRowContext(ctx, `insert into import_check (import, fence, lease_until, holder) values ($1, 1, `+s.d.clock()+` + $2, $3)
			on conflict (import) do update set fence = import_check.fence + 1, lease_until = excluded.lease_until,
			holder = excluded.holder, progress = '' returning fence`, id, lease.Milliseconds(), s.node).Scan(&fence)
		return s.err("begin check", err)
	})
	return fence, err
}

func (t *tx) checkHeld(ctx context.Context, id int64) (held bool, err error) {
	err = t.q.QueryRowContext(ctx, `select exists (select 1 from import_check where import = $1 and lease_until > `+t.s.d.clock()+`)`, id).Scan(&held)
	return held, t.s.err("look at check", err)
}

// HoldCheck implements importer.Imports. It waits for no other writer: nothing
// that others rely on changes. Where no other process can be there, it writes
// nothing.
func (s *Store) HoldCheck(ctx context.Context, id, fence int64, lease time.Duration, at importer.Progress) error {
	if !s.d.nodes() {
		return nil
	}
	text, err := toJSON(at)
	if err != nil {
		return err
	}
	res, err := s.r.ExecContext(ctx, `update import_check set lease_until = `+s.d.clock()+` + $3, progress = $4 where import = $1 and fence = $2`,
		id, fence, lease.Milliseconds(), text)
	if err != nil {
		return s.err("hold check", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(fmt.Errorf("check of import %d: %w", id, lead.ErrFenced), err)
	}
	return nil
}

// EndCheck implements importer.Imports.
func (s *Store) EndCheck(ctx context.Context, p access.Principal, id, fence int64, lease time.Duration, groups []importer.Group, f func(*importer.Import) error) error {
	return s.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `update import_check set lease_until = `+s.d.clock()+` + $3, progress = '' where import = $1 and fence = $2`,
			id, fence, lease.Milliseconds())
		if err != nil {
			return s.err("end check", err)
		}
		if n != 1 {
			return fmt.Errorf("check of import %d: %w", id, lead.ErrFenced)
		}
		imp, err := s.getImport(ctx, t.q, p, id)
		if err != nil {
			return err
		}
		if err := f(imp); err != nil {
			return err
		}
		if groups != nil {
			if err := t.saveGroups(ctx, id, groups); err != nil {
				return err
			}
		}
		return t.putImport(ctx, imp)
	})
}

// StopCheck implements importer.Imports.
func (s *Store) StopCheck(ctx context.Context, id int64, idle bool, reason string) error {
	return s.inTx(ctx, func(t *tx) error {
		imp, err := s.getImport(ctx, t.q, access.System(), id)
		if err != nil || imp.State != importer.Checking {
			return err
		}
		if held, err := t.checkHeld(ctx, id); err != nil || held && idle {
			return err
		}
		if _, err := t.exec(ctx, `update import_check set fence = fence + 1, lease_until = 0, progress = '' where import = $1`, id); err != nil {
			return s.err("stop check", err)
		}
		imp.State, imp.Reason = importer.Draft, reason
		return t.putImport(ctx, imp)
	})
}

// CheckProgress is how far a check is, as its node last told; zero for one that
// is not under way.
func (s *Store) CheckProgress(ctx context.Context, id int64) (at importer.Progress, err error) {
	var text string
	err = s.r.QueryRowContext(ctx, `select progress from import_check where import = $1`, id).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) || err == nil && text == "" {
		return at, nil
	}
	if err == nil {
		err = fromJSON(text, &at)
	}
	return at, s.err("read progress", err)
}

// IdleChecks returns the imports whose check, or whose run that was to follow
// it, nobody goes on with, oldest first.
func (s *Store) IdleChecks(ctx context.Context) ([]int64, error) {
	rows, err := s.r.QueryContext(ctx, `select id from import
		where (state = 'checking' or state = 'checked' and options like '%"run":true%')
		and not exists (select 1 from import_check where import = import.id and lease_until > `+s.d.clock()+`) order by id`)
	if err != nil {
		return nil, s.err("look for checks", err)
	}
	ids, err := collect(rows, func(id *int64) []any { return []any{id} })
	return ids, s.err("look for checks", err)
}

// Held returns the imports that some process works on.
func (s *Store) Held(ctx context.Context) (map[int64]bool, error) {
	rows, err := s.r.QueryContext(ctx, `select import from import_part where lease_until > `+s.d.clock()+`
		union select import from import_check where lease_until > `+s.d.clock())
	if err != nil {
		return nil, s.err("look for imports under way", err)
	}
	ids, err := collect(rows, func(id *int64) []any { return []any{id} })
	held := map[int64]bool{}
	for _, id := range ids {
		held[id] = true
	}
	return held, s.err("look for imports under way", err)
}

// Nodes reports whether other processes may work on the database, too.
func (s *Store) Nodes() bool { return s.d.nodes() }
