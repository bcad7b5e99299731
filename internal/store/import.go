package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

const importColumns = `id, parent, kind, state, file, sha256, size, actor, at, started_at, finished_at, recipe,
	detection, plan, first_id, accounting, options, reason, cancel`

// importRow scans and writes an import; JSON columns pass through it as text.
type importRow struct {
	importer.Import
	detection, plan, accounting, options string
}

func (r *importRow) dest() []any {
	i := &r.Import
	return []any{&i.ID, &i.Parent, &i.Kind, &i.State, &i.File, &i.SHA256, &i.Size, &i.Actor, timeColumn{&i.At},
		timeColumn{&i.Started}, timeColumn{&i.Finished}, &i.Recipe, &r.detection, &r.plan, &i.FirstID,
		&r.accounting, &r.options, &i.Reason, &i.Cancel}
}

func (r *importRow) decode() error {
	r.Detection = []byte(r.detection)
	if r.plan != "" {
		r.Plan = new(importer.PlanInfo)
	}
	err := errors.Join(fromJSON(r.plan, r.Plan), fromJSON(r.accounting, &r.Accounting), fromJSON(r.options, &r.Options))
	if err != nil {
		return fmt.Errorf("import %d: %w", r.ID, err)
	}
	return nil
}

func (r *importRow) encode() error {
	var e [3]error
	r.detection, r.plan = string(r.Detection), ""
	if r.Plan != nil {
		r.plan, e[0] = toJSON(r.Plan)
	}
	r.accounting, e[1] = toJSON(r.Accounting)
	r.options, e[2] = toJSON(r.Options)
	return errors.Join(e[:]...)
}

func (r *importRow) values() []any {
	i := &r.Import
	return []any{i.ID, i.Parent, i.Kind, string(i.State), i.File, i.SHA256, i.Size, i.Actor, millis(i.At),
		millis(i.Started), millis(i.Finished), i.Recipe, r.detection, r.plan, i.FirstID,
		r.accounting, r.options, i.Reason, number(i.Cancel)}
}

// number is how the database holds a yes or no.
func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// CreateImport implements importer.Imports. Actor and At are set if they are
// not; who may not import (kind undo: undo) gets lead.ErrForbidden.
func (s *Store) CreateImport(ctx context.Context, p access.Principal, imp *importer.Import) error {
	right := access.Import
	if imp.Kind == "undo" {
		right = access.Undo
	}
	if !p.Can(right) {
		return fmt.Errorf("create import: %w", lead.ErrForbidden)
	}
	if imp.Actor == 0 {
		imp.Actor = p.User.ID
	}
	if imp.At.IsZero() {
		imp.At = s.now()
	}
	imp.At = imp.At.UTC().Truncate(time.Millisecond)
	if imp.Kind == "" {
		imp.Kind = "file"
	}
	if imp.State == "" {
		imp.State = importer.Draft
	}
	return s.inTx(ctx, func(t *tx) error {
		id, err := t.allot(ctx, "import", 1)
		if err != nil {
			return err
		}
		r := &importRow{Import: *imp}
		r.ID = id
		if err := r.encode(); err != nil {
			return err
		}
		_, err = t.exec(ctx, `insert into import (`+importColumns+`)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`, r.values()...)
		if err == nil {
			imp.ID = id
		}
		return s.err("create import", err)
	})
}

// GetImport implements importer.Imports.
func (s *Store) GetImport(ctx context.Context, p access.Principal, id int64) (*importer.Import, error) {
	return s.getImport(ctx, s.r, p, id)
}

func (s *Store) getImport(ctx context.Context, q querier, p access.Principal, id int64) (*importer.Import, error) {
	var r importRow
	err := q.QueryRowContext(ctx, `select `+importColumns+` from import where id = $1 and `+importScope(p), id).Scan(r.dest()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("import", id)
	}
	if err == nil {
		err = r.decode()
	}
	return &r.Import, s.err("read import", err)
}

// importScope is which imports a person may see: those that import or undo
// reach, by who started them.
func importScope(p access.Principal) string {
	return "(" + p.Predicate(access.Import, "actor") + " or " + p.Predicate(access.Undo, "actor") + ")"
}

// UpdateImport implements importer.Imports.
func (s *Store) UpdateImport(ctx context.Context, p access.Principal, id int64, f func(*importer.Import) error) error {
	return s.inTx(ctx, func(t *tx) error {
		imp, err := s.getImport(ctx, t.q, p, id)
		if err != nil {
			return err
		}
		if err := f(imp); err != nil {
			return err
		}
		imp.ID = id
		return t.putImport(ctx, imp)
	})
}

func (t *tx) putImport(ctx context.Context, imp *importer.Import) error {
	r := &importRow{Import: *imp}
	if err := r.encode(); err != nil {
		return err
	}
	if err := t.noneOpen(ctx, imp.ID); err != nil {
		return err
	}
	return t.one(ctx, "import", imp.ID, `update import set parent = $2, kind = $3, state = $4, file = $5, sha256 = $6,
		size = $7, actor = $8, at = $9, started_at = $10, finished_at = $11, recipe = $12, detection = $13, plan = $14,
		first_id = $15, accounting = $16, options = $17, reason = $18, cancel = $19 where id = $1`, r.values()...)
}

// Uploads implements importer.Imports.
func (s *Store) Uploads(ctx context.Context, p access.Principal, sha256 string) ([]importer.Import, error) {
	return s.imports(ctx, `sha256 = $1 and sha256 <> '' and kind = 'file' and state in ('done', 'cancelled', 'failed')
		and started_at <> 0 and `+importScope(p)+` order by id desc`, sha256)
}

// UploadUsed reports whether another import than this one needs the same bytes;
// one whose file was refused does not.
func (s *Store) UploadUsed(ctx context.Context, sha256 string, but int64) (used bool, err error) {
	err = s.r.QueryRowContext(ctx, `select exists (select 1 from import where sha256 = $1 and id <> $2
		and not (state = 'failed' and started_at = 0))`, sha256, but).Scan(&used)
	return used, s.err("look for uploads", err)
}

// DropImport implements importer.Imports.
func (s *Store) DropImport(ctx context.Context, p access.Principal, id int64) (imp *importer.Import, used bool, err error) {
	err = s.inTx(ctx, func(t *tx) error {
		if imp, err = s.getImport(ctx, t.q, p, id); err != nil {
			return err
		}
		if imp.State != importer.Draft && imp.State != importer.Checked || !imp.Started.IsZero() {
			return fmt.Errorf("import %d is %s; only a draft can be discarded: %w", id, imp.State, lead.ErrConflict)
		}
		for _, query := range []string{
			`delete from import_check where import = $1`,
			`delete from import_issue where import = $1`,
			`delete from import_fix where import = $1`,
			`delete from import where id = $1`,
		} {
			if _, err := t.exec(ctx, query, id); err != nil {
				return s.err("discard import", err)
			}
		}
		return nil
	})
	if err == nil {
		used, err = s.UploadUsed(ctx, imp.SHA256, id)
	}
	return imp, used, err
}

// FinishedRecipes implements importer.Imports.
func (s *Store) FinishedRecipes(ctx context.Context, p access.Principal, limit int) ([]importer.Finished, error) {
	rows, err := s.r.QueryContext(ctx, `select id, at, recipe from import where kind = 'file' and state = 'done' and recipe <> ''
		and `+importScope(p)+` order by id desc limit $1`, limit)
	if err != nil {
		return nil, s.err("read recipes", err)
	}
	out, err := collect(rows, func(f *importer.Finished) []any { return []any{&f.ID, timeColumn{&f.At}, &f.Recipe} })
	return out, s.err("read recipes", err)
}

// Undos implements importer.Imports.
func (s *Store) Undos(ctx context.Context, id int64) ([]importer.Import, error) {
	return s.imports(ctx, `parent = $1 and kind = 'undo' order by id`, id)
}

// ImportFilter narrows a list of imports; the zero value is all of them.
type ImportFilter struct {
	Kind   string // "file" or "undo"
	State  importer.State
	Actor  int64
	Parent int64 // its undos and child imports
}

// ListImports returns up to limit imports that the principal may see, newest
// first, with ids below before (0: from the newest).
func (s *Store) ListImports(ctx context.Context, p access.Principal, f ImportFilter, before int64, limit int) ([]importer.Import, error) {
	where, args := importScope(p), []any{limit}
	put := func(cond string, v any) {
		args = append(args, v)
		where += " and " + cond + " $" + strconv.Itoa(len(args))
	}
	if before > 0 {
		put("id <", before)
	}
	if f.Kind != "" {
		put("kind =", f.Kind)
	}
	if f.State != "" {
		put("state =", string(f.State))
	}
	if f.Actor != 0 {
		put("actor =", f.Actor)
	}
	if f.Parent != 0 {
		put("parent =", f.Parent)
	}
	return s.imports(ctx, where+` order by id desc limit $1`, args...)
}

func (s *Store) imports(ctx context.Context, where string, args ...any) ([]importer.Import, error) {
	rows, err := s.r.QueryContext(ctx, `select `+importColumns+` from import where `+where, args...)
	if err != nil {
		return nil, s.err("list imports", err)
	}
	found, err := collect(rows, (*importRow).dest)
	if err != nil {
		return nil, s.err("list imports", err)
	}
	out := make([]importer.Import, len(found))
	for i := range found {
		if err := found[i].decode(); err != nil {
			return nil, err
		}
		out[i] = found[i].Import
	}
	return out, nil
}

// saveGroups replaces the groups of issues that were there.
func (t *tx) saveGroups(ctx context.Context, id int64, groups []importer.Group) error {
	if _, err := t.exec(ctx, `delete from import_issue where import = $1`, id); err != nil {
		return t.s.err("save issues", err)
	}
	for n, g := range groups {
		issue, err := toJSON(&g.Issue)
		if err != nil {
			return err
		}
		records := []byte{}
		if g.Records != nil {
			if records, err = g.Records.ToBytes(); err != nil {
				return fmt.Errorf("save issues: %w", err)
			}
		}
		if _, err := t.exec(ctx, `insert into import_issue (import, n, issue, count, records) values ($1, $2, $3, $4, $5)`,
			id, n, issue, g.Count, records); err != nil {
			return t.s.err("save issues", err)
		}
	}
	return nil
}

// Groups implements importer.Imports, in the order in which they were saved.
func (s *Store) Groups(ctx context.Context, id int64) ([]importer.Group, error) {
	type row struct {
		issue   string
		count   int64
		records []byte
	}
	rows, err := s.r.QueryContext(ctx, `select issue, count, records from import_issue where import = $1 order by n`, id)
	if err != nil {
		return nil, s.err("read issues", err)
	}
	found, err := collect(rows, func(r *row) []any { return []any{&r.issue, &r.count, &r.records} })
	if err != nil {
		return nil, s.err("read issues", err)
	}
	out := make([]importer.Group, len(found))
	for i, r := range found {
		out[i].Count, out[i].Records = r.count, roaring.New()
		if err := fromJSON(r.issue, &out[i].Issue); err != nil {
			return nil, fmt.Errorf("read issues: %w", err)
		}
		if len(r.records) > 0 {
			if err := out[i].Records.UnmarshalBinary(r.records); err != nil {
				return nil, fmt.Errorf("read issues: records: %w", err)
			}
		}
	}
	return out, nil
}

// Fixes implements importer.Imports, in order of their place in the file.
func (s *Store) Fixes(ctx context.Context, id int64) ([]importer.Fix, error) {
	rows, err := s.r.QueryContext(ctx, `select pos, col, old, new from import_fix where import = $1 order by pos, col`, id)
	if err != nil {
		return nil, s.err("read fixes", err)
	}
	out, err := collect(rows, func(f *importer.Fix) []any { return []any{&f.Offset, &f.Column, &f.Old, &f.New} })
	return out, s.err("read fixes", err)
}

// SaveFixes adds fixes to an import; one for the same cell replaces the
// earlier, one that says Old again takes it back.
func (s *Store) SaveFixes(ctx context.Context, id int64, fixes []importer.Fix) error {
	return s.inTx(ctx, func(t *tx) error {
		for _, f := range fixes {
			var err error
			if f.New == f.Old {
				_, err = t.exec(ctx, `delete from import_fix where import = $1 and pos = $2 and col = $3`, id, f.Offset, f.Column)
			} else {
				_, err = t.exec(ctx, `insert into import_fix (import, pos, col, old, new) values ($1, $2, $3, $4, $5)
					on conflict (import, pos, col) do update set old = excluded.old, new = excluded.new`,
					id, f.Offset, f.Column, f.Old, f.New)
			}
			if err != nil {
				return s.err("save fixes", err)
			}
		}
		return nil
	})
}

// SpentUploads returns the SHA-256 of uploads whose imports all came to rest
// before a time: their bytes may go.
func (s *Store) SpentUploads(ctx context.Context, before time.Time) ([]string, error) {
	rows, err := s.r.QueryContext(ctx, `select sha256 from import where sha256 <> '' group by sha256
		having max(case when finished_at > at then finished_at else at end) < $1
		and sum(case when state in ('checking', 'running', 'paused', 'cancelling', 'undoing') then 1 else 0 end) = 0`, millis(before))
	if err != nil {
		return nil, s.err("list spent uploads", err)
	}
	sums, err := collect(rows, func(v *string) []any { return []any{v} })
	return sums, s.err("list spent uploads", err)
}
