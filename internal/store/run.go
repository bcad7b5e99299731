package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// StartRun implements importer.Runs. A part that exists already goes on from
// its cursor; ids are allotted once. Reason and cancel are cleared.
func (s *Store) StartRun(ctx context.Context, p access.Principal, id int64, from []importer.State, to importer.State, b importer.Beginning) error {
	return s.inTx(ctx, func(t *tx) error {
		imp, err := s.getImport(ctx, t.q, p, id)
		if err != nil {
			return err
		}
		if !slices.Contains(from, imp.State) {
			return fmt.Errorf("import %d is %s: %w", id, imp.State, lead.ErrConflict)
		}
		imp.State, imp.Reason, imp.Cancel, imp.Finished = to, "", false, time.Time{}
		if imp.Started.IsZero() {
			imp.Started = s.now()
		}
		if b.New > 0 && imp.FirstID == 0 {
			if imp.FirstID, err = t.allot(ctx, "lead", b.New); err != nil {
				return err
			}
		}
		if err := t.putImport(ctx, imp); err != nil {
			return err
		}
		if imp.Kind == "undo" && to == importer.Undoing {
			if err := t.undoParent(ctx, imp.Parent); err != nil {
				return err
			}
		}
		if err := t.startParts(ctx, id, b.Parts); err != nil {
			return err
		}
		if err := t.create(ctx, id, b); err != nil {
			return err
		}
		if err := t.audit(ctx, p.User.ID, "import."+string(to), id, ""); err != nil {
			return err
		}
		return t.Wake(ctx, id)
	})
}

// undoParent takes the import that is undone to its state; two undos of one
// import never run at once.
func (t *tx) undoParent(ctx context.Context, parent int64) error {
	n, err := t.exec(ctx, `update import set state = 'undoing'
		where id = $1 and state in ('done', 'failed', 'cancelled', 'partly undone')`, parent)
	if err == nil && n != 1 {
		return fmt.Errorf("import %d cannot be undone in its present state: %w", parent, lead.ErrConflict)
	}
	return t.s.err("undo import", err)
}

func (t *tx) startParts(ctx context.Context, id int64, parts []importer.Part) error {
	if _, err := t.exec(ctx, `update import_part set lease_until = 0 where import = $1`, id); err != nil {
		return t.s.err("start parts", err)
	}
	for _, part := range parts {
		acc, err := toJSON(part.Accounting)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `insert into import_part (import, part, first, last, cursor, accounting, later)
			values ($1, $2, $3, $4, $5, $6, $7) on conflict (import, part) do nothing`,
			id, part.Number, part.First, part.Last, max(part.Cursor, part.First), acc, number(part.Later)); err != nil {
			return t.s.err("start parts", err)
		}
	}
	return nil
}

// create makes what the parts of a run may all name, so that none of them does,
// or makes it again where the run goes on.
func (t *tx) create(ctx context.Context, id int64, b importer.Beginning) error {
	split, err := t.split(ctx, id)
	if err != nil || !split {
		return err
	}
	for _, table := range []string{"account", "tag"} {
		if _, err := t.exec(ctx, `update `+table+` set gone = 0 where created_import = $1 and gone = 1`, id); err != nil {
			return t.s.err("create "+table, err)
		}
	}
	w := &writer{tx: t, o: importer.Origin{Import: id}}
	t.accounts = map[string]account{}
	keys, first := make([]string, len(b.Accounts)), map[string]string{}
	for i, name := range b.Accounts {
		keys[i] = norm.Key(norm.KeyAccount, name)
		first[keys[i]] = name
	}
	if len(keys) > 0 {
		if err := w.findAccounts(ctx, keys, first); err != nil {
			return err
		}
	}
	keys = make([]string, len(b.Tags))
	for i, name := range b.Tags {
		keys[i] = norm.Key(norm.KeyTag, name)
	}
	return t.makeTags(ctx, id, keys, b.Tags)
}

// split reports whether a run has several parts.
func (t *tx) split(ctx context.Context, id int64) (yes bool, err error) {
	err = t.q.QueryRowContext(ctx, `select exists (select 1 from import_part where import = $1 and later = 1)`, id).Scan(&yes)
	return yes, t.s.err("read parts", err)
}

// noneOpen notes that no part of an import is writing: who calls it writes alone.
func (t *tx) noneOpen(ctx context.Context, id int64) error {
	_, err := t.exec(ctx, `update import_part set seq = 0 where import = $1 and seq > 0`, id)
	return t.s.err("look at parts", err)
}

const partColumns = `import, part, first, last, cursor, fence, accounting, later`

type partRow struct {
	importer.Part
	accounting string
}

func (r *partRow) dest() []any {
	p := &r.Part
	return []any{&p.Import, &p.Number, &p.First, &p.Last, &p.Cursor, &p.Fence, &r.accounting, &p.Later}
}

// Claim implements importer.Runs.
func (s *Store) Claim(ctx context.Context, id, part int64, lease time.Duration) (importer.Part, error) {
	return s.claim(ctx, id, part, lease, `part = $2 and `+s.free("import_part", id))
}

// ClaimNext implements importer.Runs. What somebody was at and left lying goes
// before what nobody has begun.
func (s *Store) ClaimNext(ctx context.Context, id int64, lease time.Duration) (importer.Part, error) {
	return s.claim(ctx, id, 1, lease, `$2 > 0 and part = (select p.part from import_part p where p.import = $1 and `+s.claimable("p", id)+`
		order by p.lease_until = 0, p.part limit 1)`)
}

// free is the condition that nobody is at a part, of this import or of any (0):
// its lease has run out, or it is this process's, which has left the part.
func (s *Store) free(p string, imp int64) string {
	text := p + `.lease_until <= ` + s.d.clock()
	for _, part := range s.left.of(imp) {
		text += fmt.Sprintf(` or %[1]s.part = %[2]d and %[1]s.fence = %[3]d`, p, part.Number, part.Fence)
	}
	return `(` + text + `)`
}

// left are the parts that this process has left, as it had claimed them.
type left struct {
	mu    sync.Mutex
	parts []importer.Part
}

func (l *left) of(imp int64) (parts []importer.Part) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.parts {
		if l.parts[i].Import == imp {
			parts = append(parts, l.parts[i])
		}
	}
	return parts
}

// forget takes a part from those that were left, however it was claimed.
func (l *left) forget(part importer.Part) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.parts = slices.DeleteFunc(l.parts, func(p importer.Part) bool { return p.Import == part.Import && p.Number == part.Number })
}

// Leave implements importer.Runs.
func (s *Store) Leave(part importer.Part) {
	s.left.forget(part)
	s.left.mu.Lock()
	defer s.left.mu.Unlock()
	s.left.parts = append(s.left.parts, part)
}

// claimable is the condition that there is work on a part and nobody is at it.
func (s *Store) claimable(p string, imp int64) string {
	return s.free(p, imp) + ` and ` + p + `.cursor <= ` + p + `.last and (` + p + `.later = 0 or not exists (
		select 1 from import_part o where o.import = ` + p + `.import and o.later = 0 and o.cursor <= o.last))`
}

// claim takes a part. Nobody writes meanwhile, so that whoever held it has
// written all that it ever will.
func (s *Store) claim(ctx context.Context, id, part int64, lease time.Duration, which string) (importer.Part, error) {
	var r partRow
	err := s.inTx(ctx, func(t *tx) error {
		err := t.q.QueryRowContext(ctx, `update import_part set fence = fence + 1, lease_until = `+s.d.clock()+` + $3, holder = $4, seq = 0
			where import = $1 and `+which+` returning `+partColumns,
			id, part, lease.Milliseconds(), s.node).Scan(r.dest()...)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var held bool
		err = t.q.QueryRowContext(ctx, `select exists (select 1 from import_part where import = $1 and part = $2)`, id, part).Scan(&held)
		if err == nil && held {
			return fmt.Errorf("another holds it: %w", lead.ErrConflict)
		}
		return errors.Join(err, lead.ErrNotFound)
	})
	if err == nil {
		s.left.forget(r.Part)
		err = fromJSON(r.accounting, &r.Accounting)
	}
	return r.Part, s.err(fmt.Sprintf("claim part %d of import %d", part, id), err)
}

// Parts implements importer.Runs.
func (s *Store) Parts(ctx context.Context, id int64) ([]importer.Part, error) {
	rows, err := s.r.QueryContext(ctx, `select `+partColumns+` from import_part where import = $1 order by part`, id)
	if err != nil {
		return nil, s.err("read parts", err)
	}
	found, err := collect(rows, (*partRow).dest)
	if err != nil {
		return nil, s.err("read parts", err)
	}
	out := make([]importer.Part, len(found))
	for i := range found {
		if err := fromJSON(found[i].accounting, &found[i].Accounting); err != nil {
			return nil, fmt.Errorf("part %d of import %d: %w", found[i].Number, id, err)
		}
		out[i] = found[i].Part
	}
	return out, nil
}

// Stalled returns the imports that ought to be going on while nobody holds any
// of their parts, oldest first. Of an import and its undo it is the undo that
// goes on.
func (s *Store) Stalled(ctx context.Context) ([]int64, error) {
	rows, err := s.r.QueryContext(ctx, `select id from import
		where state in ('checking', 'running', 'cancelling', 'undoing')
		and exists (select 1 from import_part where import = import.id)
		and not exists (select 1 from import_part where import = import.id and lease_until > `+s.d.clock()+`)
		and not exists (select 1 from import undo where undo.parent = import.id and undo.kind = 'undo' and undo.state = 'undoing')
		order by id`)
	if err != nil {
		return nil, s.err("look for stalled imports", err)
	}
	ids, err := collect(rows, func(id *int64) []any { return []any{id} })
	return ids, s.err("look for stalled imports", err)
}

// Helpable returns the runs of which others hold parts, this node holds none,
// and one is free.
func (s *Store) Helpable(ctx context.Context) ([]int64, error) {
	if !s.d.nodes() {
		return nil, nil
	}
	rows, err := s.r.QueryContext(ctx, `select id from import where state = 'running'
		and exists (select 1 from import_part p where p.import = import.id and `+s.claimable("p", 0)+`)
		and exists (select 1 from import_part where import = import.id and lease_until > `+s.d.clock()+`)
		and not exists (select 1 from import_part where import = import.id and lease_until > `+s.d.clock()+` and holder = $1)
		order by id`, s.node)
	if err != nil {
		return nil, s.err("look for imports to help with", err)
	}
	ids, err := collect(rows, func(id *int64) []any { return []any{id} })
	return ids, s.err("look for imports to help with", err)
}

// EndLeases ends the leases that a process left which no longer lives: one that
// had this node's folder before, as a lock on the folder says. On SQLite that is
// every process but this one.
func (s *Store) EndLeases(ctx context.Context) error {
	return s.inTx(ctx, func(t *tx) error {
		for _, table := range []string{"import_part", "import_check"} {
			query, args := `update `+table+` set lease_until = 0 where lease_until <> 0`, []any{}
			if s.d.nodes() {
				query, args = query+` and holder = $1`, []any{s.node}
			}
			if _, err := t.exec(ctx, query, args...); err != nil {
				return s.err("end leases", err)
			}
		}
		return nil
	})
}

// TakeUp enqueues the next step of an import that nobody holds. A new fence
// makes it a new turn: a process killed between fetching a job and claiming a
// part leaves the job of the old turn as running, which would stand for this one.
func (s *Store) TakeUp(ctx context.Context, imp int64) error {
	return s.inTx(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `update import_part set fence = fence + 1 where import = $1 and lease_until <= `+s.d.clock(), imp); err != nil {
			return s.err(fmt.Sprintf("take up import %d", imp), err)
		}
		return t.Wake(ctx, imp)
	})
}

// WakeImport enqueues the next step of an import in a transaction of its own.
func (s *Store) WakeImport(ctx context.Context, imp int64) error {
	return s.inTx(ctx, func(t *tx) error { return t.Wake(ctx, imp) })
}

// Advance implements importer.Tx. A lease of 0 sets the part free for whoever
// takes the next step. The part in memory is ahead of the database if the
// transaction then fails: claim it again.
func (t *tx) Advance(ctx context.Context, part *importer.Part, cursor int64, acc importer.Accounting, lease time.Duration) error {
	text, err := toJSON(acc)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, `update import_part set cursor = $5, accounting = $6, seq = 0,
		lease_until = case when $7 > 0 then `+t.s.d.clock()+` + $7 else 0 end
		where import = $1 and part = $2 and fence = $3 and cursor = $4`,
		part.Import, part.Number, part.Fence, part.Cursor, cursor, text, lease.Milliseconds())
	if err != nil {
		return t.s.err("advance part", err)
	}
	if n != 1 {
		return fmt.Errorf("part %d of import %d: %w", part.Number, part.Import, lead.ErrFenced)
	}
	part.Cursor, part.Accounting = cursor, acc
	return nil
}

// Finish implements importer.Tx. The moment from which the time for undoing
// runs is set when a run ends, and stays when it is undone.
func (t *tx) Finish(ctx context.Context, imp int64, state importer.State, acc importer.Accounting, reason string) error {
	if err := t.noneOpen(ctx, imp); err != nil {
		return err
	}
	t.tidy = true
	text, err := toJSON(acc)
	if err != nil {
		return err
	}
	finished := ""
	switch state {
	case importer.Done, importer.Failed, importer.Cancelled:
		finished = ", finished_at = $5"
	case importer.Undone, importer.PartlyUndone:
		finished = ", finished_at = case finished_at when 0 then $5 else finished_at end"
	}
	args := []any{imp, string(state), text, reason}
	if finished != "" {
		args = append(args, millis(t.s.now()))
	}
	if err := t.one(ctx, "import", imp, `update import set state = $2, accounting = $3, reason = $4, cancel = 0`+
		finished+` where id = $1`, args...); err != nil {
		return err
	}
	switch state {
	case importer.Undone, importer.PartlyUndone:
		err = t.removeMade(ctx, imp)
	case importer.Cancelled:
		err = t.removeUnused(ctx, imp)
	case importer.Done: // also an import whose undo was undone
		err = t.offerMade(ctx, imp)
	}
	if err != nil {
		return t.s.err("finish import", err)
	}
	return t.audit(ctx, 0, "import."+string(state), imp, text)
}

// SaveResults implements importer.Tx.
func (t *tx) SaveResults(ctx context.Context, imp int64, results []importer.Result) error {
	if len(results) == 0 {
		return nil
	}
	var a args
	return t.s.d.bulk(ctx, t, func(b bulk) error {
		for i := range results {
			r := &results[i]
			if r.By != 0 {
				a.reset().ints(imp, r.Record, r.By).texts(r.Outcome.String(), r.Code).ints(r.Lead).texts(r.Message)
				if err := b.exec(`insert into import_home (import, record, by_import, outcome, code, lead, message) values (?, ?, ?, ?, ?, ?, ?)
					on conflict (import, record, by_import) do nothing`, a.v); err != nil {
					return err
				}
				continue
			}
			a.reset().ints(imp, r.Record).texts(r.Outcome.String(), r.Code).ints(r.Lead).texts(r.Message)
			if err := b.exec(`insert into import_result (import, record, outcome, code, lead, message) values (?, ?, ?, ?, ?, ?)
				on conflict (import, record) do update set outcome = excluded.outcome, code = excluded.code,
				lead = excluded.lead, message = excluded.message`, a.v); err != nil {
				return err
			}
		}
		return nil
	}, t.said("save results"))
}

// Results implements importer.Runs; first and last are inclusive, in order of
// record. A record that came home says so, unless that import is undone.
func (s *Store) Results(ctx context.Context, id int64, first, last int64) ([]importer.Result, error) {
	type row struct {
		importer.Result
		outcome string
	}
	rows, err := s.r.QueryContext(ctx, `select record, outcome, code, lead, message, 0 as by_import from import_result
		where import = $1 and record between $2 and $3
		union all select h.record, h.outcome, h.code, h.lead, h.message, h.by_import from import_home h join import i on i.id = h.by_import
		where h.import = $1 and h.record between $2 and $3 and i.state <> 'undone' order by 1, 6 desc`, id, first, last)
	if err != nil {
		return nil, s.err("read results", err)
	}
	found, err := collect(rows, func(r *row) []any { return []any{&r.Record, &r.outcome, &r.Code, &r.Lead, &r.Message, &r.By} })
	if err != nil {
		return nil, s.err("read results", err)
	}
	out := make([]importer.Result, len(found))
	for i := range found {
		if found[i].Outcome, err = importer.ParseOutcome(found[i].outcome); err != nil {
			return nil, fmt.Errorf("read results: %w", err)
		}
		out[i] = found[i].Result
	}
	return slices.CompactFunc(out, func(a, b importer.Result) bool { return a.Record == b.Record }), nil
}
