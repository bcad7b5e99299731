package importer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// An undo is an import of its own kind: it has parts, a journal and an
// accounting, goes on after a kill, and can itself be undone (rule 9.3). Its
// first part goes over the parent's journal, newest first; its second over the
// leads that the parent made.
const (
	undoChanges = 1
	undoCreated = 2
	undoBatch   = 2000
	// journalTop is where the first part begins: above every journal row.
	journalTop = math.MaxInt64
)

// Kept is one record of an import whose undo left something as it is.
type Kept struct {
	Record int64     `json:"record"`
	Lead   int64     `json:"lead"`
	Name   string    `json:"name"`
	Why    string    `json:"why"`
	At     time.Time `json:"at,omitzero"`
	Actor  int64     `json:"actor,omitempty"`
}

// UndoPreview is what an undo would do.
type UndoPreview struct {
	Accounting Accounting `json:"accounting"`
	Kept       []Kept     `json:"kept"` // at most keptShown; Accounting.Kept is exact
}

const keptShown = 1000

// CanUndo reports why an import cannot be undone, or nil.
func (e *Engine) CanUndo(p access.Principal, imp *Import) error {
	switch {
	case !p.Can(access.Undo):
		return fmt.Errorf("undo imports: %w", lead.ErrForbidden)
	case p.Grants[access.Undo] == access.Own && imp.Actor != p.User.ID:
		return fmt.Errorf("undo somebody else's import: %w", lead.ErrForbidden)
	case imp.State == Undone:
		return nil // a no-op
	case imp.State != Done && imp.State != Cancelled && imp.State != Failed && imp.State != PartlyUndone:
		return fmt.Errorf("import %d is %s, so there is nothing to undo: %w", imp.ID, imp.State, lead.ErrConflict)
	case !imp.Finished.IsZero() && e.Now().After(imp.UndoUntil()):
		return fmt.Errorf("import %d could be undone until %s: %w", imp.ID, imp.UndoUntil().Format("2 January 2006"), lead.ErrConflict)
	}
	return nil
}

// PreviewUndo says what Undo would do, and writes nothing.
func (e *Engine) PreviewUndo(ctx context.Context, p access.Principal, id int64, opt Options) (*UndoPreview, error) {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if err := e.CanUndo(p, imp); err != nil {
		return nil, err
	}
	out := &UndoPreview{}
	opt.Undo = id
	u, err := e.undoer(ctx, p, &Import{Kind: "undo", Parent: id, Options: opt, Actor: p.User.ID})
	if err != nil {
		return nil, err
	}
	for _, number := range []int64{undoChanges, undoCreated} {
		part := Part{Number: number, Cursor: undoFirst(number)}
		for {
			batch, err := u.batch(ctx, e.Leads, &part)
			if err != nil {
				return nil, err
			}
			out.Accounting.Add(batch.acc)
			for _, k := range batch.kept {
				if len(out.Kept) < keptShown {
					out.Kept = append(out.Kept, k)
				}
			}
			if batch.last {
				break
			}
			part.Cursor = batch.cursor
		}
	}
	return out, nil
}

func undoFirst(part int64) int64 {
	if part == undoChanges {
		return journalTop
	}
	return 0
}

// Undo starts taking an import back and returns the undo; nil where nothing is
// left to undo.
func (e *Engine) Undo(ctx context.Context, p access.Principal, id int64, opt Options) (*Import, error) {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if err := e.CanUndo(p, imp); err != nil || imp.State == Undone {
		return nil, err
	}
	opt.Undo = id
	if _, err := e.undoer(ctx, p, &Import{Kind: "undo", Parent: id, Options: opt}); err != nil {
		return nil, err // what it cannot do it must not begin
	}
	undo := &Import{Kind: "undo", Parent: id, State: Draft, File: imp.File, Actor: p.User.ID, At: e.Now(), Options: opt}
	if err := e.Imports.CreateImport(ctx, p, undo); err != nil {
		return nil, err
	}
	parts := []Part{
		{Import: undo.ID, Number: undoChanges, Cursor: journalTop},
		{Import: undo.ID, Number: undoCreated},
	}
	return undo, e.Runs.StartRun(ctx, p, undo.ID, []State{Draft}, Undoing, Beginning{Parts: parts})
}

func (e *Engine) undoStep(ctx context.Context, imp *Import) (again bool, err error) {
	began := e.Now()
	var total Accounting
	var claimed []*Part
	defer func() {
		if err != nil {
			for _, part := range claimed {
				e.Runs.Leave(*part)
			}
		}
	}()
	for _, number := range []int64{undoChanges, undoCreated} {
		part, err := e.Runs.Claim(ctx, imp.ID, number, leaseTime)
		if errors.Is(err, lead.ErrConflict) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		claimed = append(claimed, &part)
		for part.Last == 0 { // Last is set when the part is done
			p, err := e.actor(ctx, imp.Actor)
			if err != nil {
				return false, err
			}
			if imp.Options.TakeBack {
				p = p.TakingBack()
			}
			err = e.undoTransaction(ctx, p, imp, &part)
			if errors.Is(err, lead.ErrFenced) {
				return false, nil
			}
			if err != nil {
				return false, err
			}
			if e.Now().Sub(began) > stepTime {
				return true, e.handOver(ctx, imp.ID, claimed...)
			}
		}
		total.Add(part.Accounting)
	}
	err = e.finishUndo(ctx, imp, total, claimed)
	if errors.Is(err, lead.ErrFenced) {
		return false, nil
	}
	return false, err
}

// undoTransaction takes batches back for up to txTime and commits them whole.
func (e *Engine) undoTransaction(ctx context.Context, p access.Principal, imp *Import, part *Part) error {
	u, err := e.undoer(ctx, p, imp)
	if err != nil {
		return err
	}
	next := *part
	return e.Runs.InTx(ctx, func(tx Tx) error {
		defer u.drop()
		rows := 0
		turn := e.turn()
		for began := e.Now(); next.Last == 0 && rows < e.size().tx && e.Now().Sub(began) < turn; rows += e.size().undo {
			if rows > 0 && e.Runs.Waiting() {
				break
			}
			batch, err := u.batch(ctx, tx.Leads(), &next)
			if err != nil {
				return err
			}
			if next.Number == undoCreated && !batch.last && rows+e.size().undo < e.size().tx {
				u.readAhead(ctx, batch.cursor)
			}
			o := Origin{Actor: imp.Actor, Import: imp.ID, At: e.Now()}
			if batch.made.Untouched > 0 {
				if err := tx.BinUntouched(ctx, p, o, batch.made); err != nil {
					return err
				}
			}
			if len(batch.writes) > 0 {
				if err := tx.Write(ctx, p, o, batch.writes); err != nil {
					return err
				}
			}
			if err := tx.SaveResults(ctx, imp.ID, batch.results()); err != nil {
				return err
			}
			next.Accounting.Add(batch.acc)
			next.Cursor = batch.cursor
			if batch.last {
				next.Last = 1
			}
		}
		part.Last = next.Last
		return tx.Advance(ctx, part, next.Cursor, next.Accounting, leaseTime)
	})
}

func (e *Engine) finishUndo(ctx context.Context, imp *Import, total Accounting, held []*Part) error {
	parent, err := e.Imports.GetImport(ctx, access.System(), imp.Parent)
	if err != nil {
		return err
	}
	state := Undone
	if total.Kept > 0 || len(imp.Options.Records) > 0 || imp.Options.Field != "" {
		state = PartlyUndone
	}
	return e.Runs.InTx(ctx, func(tx Tx) error {
		for _, part := range held { // another may have ended the undo already
			if err := tx.Advance(ctx, part, part.Cursor, part.Accounting, 0); err != nil {
				return err
			}
		}
		if err := e.finish(ctx, tx, imp, Done, total, ""); err != nil {
			return err
		}
		if err := tx.Finish(ctx, parent.ID, state, parent.Accounting, parent.Reason); err != nil || parent.Kind != "undo" {
			return err
		}
		again := Done // what the undone undo had taken back is there again
		if total.Kept > 0 {
			again = PartlyUndone
		}
		root, err := e.Imports.GetImport(ctx, access.System(), parent.Parent)
		if err != nil {
			return err
		}
		return tx.Finish(ctx, root.ID, again, root.Accounting, root.Reason)
	})
}

// undoer decides what an undo does, the same for preview and run.
type undoer struct {
	engine    *Engine
	principal access.Principal
	imp       *Import
	schema    *lead.Schema
	users     map[int64]access.User
	records   map[int64]bool
	undos     map[int64][]Import // undos of imports, read once
	ahead     chan madeLeads     // what comes next, being read
}

func (e *Engine) undoer(ctx context.Context, p access.Principal, imp *Import) (*undoer, error) {
	u := &undoer{engine: e, principal: p, imp: imp, users: map[int64]access.User{}, undos: map[int64][]Import{}}
	var err error
	if u.schema, err = e.Dir.Schema(ctx); err != nil {
		return nil, err
	}
	if imp.Options.Field != "" && u.schema.Index(imp.Options.Field) < 0 {
		return nil, fmt.Errorf("there is no field %q: %w", imp.Options.Field, lead.ErrInvalid)
	}
	users, err := e.Dir.Users(ctx)
	for _, x := range users {
		u.users[x.ID] = x
	}
	if len(imp.Options.Records) > 0 {
		u.records = map[int64]bool{}
		for _, r := range imp.Options.Records {
			u.records[r] = true
		}
	}
	return u, err
}

// undone is what one batch of an undo comes to.
type undone struct {
	made   Made // its untouched leads go into the bin together
	writes []Write
	kept   []Kept
	acc    Accounting
	cursor int64
	last   bool
}

func (b *undone) results() []Result {
	out := make([]Result, len(b.kept))
	for i, k := range b.kept {
		out[i] = Result{Record: k.Record, Outcome: Skip, Code: codeKept, Lead: k.Lead, Message: k.Why}
	}
	return out
}

const codeKept = "undo.kept"

func (u *undoer) batch(ctx context.Context, leads Leads, part *Part) (*undone, error) {
	if part.Number == undoCreated {
		return u.created(ctx, part.Cursor)
	}
	return u.changes(ctx, leads, part.Cursor)
}

// changes takes back journal rows below an id, newest first.
func (u *undoer) changes(ctx context.Context, leads Leads, below int64) (*undone, error) {
	rows, err := u.engine.Journal.Changes(ctx, u.imp.Parent, below, u.engine.size().undo)
	if err != nil {
		return nil, err
	}
	out := &undone{cursor: below, last: len(rows) < u.engine.size().undo}
	if len(rows) == 0 {
		return out, nil
	}
	out.cursor = rows[len(rows)-1].ID
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.Lead)
	}
	history, current, err := u.load(ctx, leads, ids)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		cur := current[rows[i].Lead]
		if cur == nil || cur.CreatedImport == u.imp.Parent {
			continue // leads that the import made are taken back whole, with the second part
		}
		// All rows of a lead are taken back with its newest, so that a lead
		// counts once and a preview sees what a run sees.
		var mine []*JournalRow
		for n := range history[cur.ID] {
			if h := &history[cur.ID][n]; h.Import == u.imp.Parent {
				mine = append(mine, h)
			}
		}
		if len(mine) == 0 || mine[len(mine)-1].ID != rows[i].ID {
			continue
		}
		if err := u.changed(ctx, mine, cur, history[cur.ID], out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// changed takes back an import's rows of one lead, newest first.
func (u *undoer) changed(ctx context.Context, rows []*JournalRow, cur *Lead, history []JournalRow, out *undone) error {
	writes, kept := len(out.writes), len(out.kept)
	for _, row := range slices.Backward(rows) {
		if u.records != nil && !u.records[row.Record] {
			continue
		}
		if err := u.change(ctx, row, cur, history, out); err != nil {
			return err
		}
	}
	switch {
	case len(out.kept) > kept:
		out.acc.Kept++
	case len(out.writes) > writes:
		out.acc.Restored++
	}
	return nil
}

func (u *undoer) load(ctx context.Context, leads Leads, ids []int64) (map[int64][]JournalRow, map[int64]*Lead, error) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	history, err := u.engine.Journal.History(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	got, err := leads.Load(ctx, u.principal, ids)
	if err != nil {
		return nil, nil, err
	}
	current := make(map[int64]*Lead, len(got))
	for i := range got {
		current[got[i].ID] = &got[i]
	}
	return history, current, nil
}

// change takes one journal row back, field by field: only what still holds
// what the import wrote (rule 9.1).
func (u *undoer) change(ctx context.Context, row *JournalRow, cur *Lead, history []JournalRow, out *undone) error {
	reverted := revertedFields(row, history)
	after := cur.Record.Clone()
	w := Write{Lead: cur.ID, Before: cur.Record, Binned: cur.DeletedAt, Record: row.Record, Reverts: row.ID}
	touched := false
	var kept []string
	for key, wrote := range row.After {
		if reverted[key] || (u.imp.Options.Field != "" && key != u.imp.Options.Field) {
			continue
		}
		before, err := u.right(ctx, row, key, cur, history)
		if err != nil {
			return err
		}
		if key == deletedKey {
			if BinText(cur.DeletedAt) == wrote {
				t := parseBinText(before)
				w.Deleted, touched = &t, true
			} else if BinText(cur.DeletedAt) != before {
				kept = append(kept, "the bin")
			}
			continue
		}
		slot := u.schema.Index(key)
		if slot < 0 {
			continue
		}
		f := &u.schema.Fields[slot]
		value, whole := revertValue(f, before, row.Before[key], wrote, after.Values[slot])
		if value != after.Values[slot] {
			after.Values[slot] = value
			touched = true
		}
		if !whole {
			kept = append(kept, f.Label)
		}
	}
	if touched && !u.principal.Reaches(access.LeadEdit, cur.Owner, cur.OwnerTeam) {
		out.keep(row.Record, cur, u.schema, "you may not edit this lead", time.Time{}, 0)
		return nil
	}
	if len(kept) > 0 {
		slices.Sort(kept)
		at, who := lastTouch(u.imp.Parent, row, history)
		out.keep(row.Record, cur, u.schema, u.touchText(strings.Join(kept, ", ")+" changed", at, who), at, who)
	}
	if touched {
		w.After = after
		out.writes = append(out.writes, w)
		next := *cur
		next.Record = after
		next.Version++
		if w.Deleted != nil {
			next.DeletedAt = *w.Deleted
		}
		*cur = next
	}
	return nil
}

func (b *undone) keep(record int64, l *Lead, s *lead.Schema, why string, at time.Time, who int64) {
	b.kept = append(b.kept, Kept{Record: record, Lead: l.ID, Name: s.Get(l.Record, "name"), Why: why, At: at, Actor: who})
}

func (u *undoer) touchText(what string, at time.Time, who int64) string {
	if at.IsZero() {
		return "kept: " + what + " since"
	}
	name := "someone"
	if x, ok := u.users[who]; ok {
		name = x.Display()
	}
	return fmt.Sprintf("kept: %s since, by %s on %s", what, name, at.UTC().Format("2 January 2006 15:04 UTC"))
}

// right is the value that is right once a row is taken back: what stood before
// it, or, where that was written by an import whose undo had to leave it since
// this row stood over it, what stood before that one (rule 9.1).
func (u *undoer) right(ctx context.Context, row *JournalRow, key string, cur *Lead, history []JournalRow) (string, error) {
	value := row.Before[key]
	if row.Reverts != 0 {
		return value, nil // what an undo took away comes back as it was
	}
	for i := len(history) - 1; i >= 0; i-- {
		q := &history[i]
		wrote, ok := q.After[key]
		if q.ID >= row.ID || !ok || q.Reverts != 0 {
			continue
		}
		if wrote != value || q.Import == 0 || q.Import == cur.CreatedImport { // a lead that was made is taken back or kept whole
			return value, nil
		}
		left, err := u.leftByUndo(ctx, q, key)
		if err != nil || !left {
			return value, err
		}
		value = q.Before[key]
	}
	return value, nil
}

// leftByUndo reports whether a row's import is undone: what the row wrote, if
// it was not taken back, was left only because something stood over it.
func (u *undoer) leftByUndo(ctx context.Context, q *JournalRow, key string) (bool, error) {
	undos, ok := u.undos[q.Import]
	if !ok {
		var err error
		if undos, err = u.engine.Imports.Undos(ctx, q.Import); err != nil {
			return false, err
		}
		u.undos[q.Import] = undos
	}
	for _, x := range undos {
		if x.State == Done && (x.Options.Field == "" || x.Options.Field == key) &&
			(len(x.Options.Records) == 0 || slices.Contains(x.Options.Records, q.Record)) {
			return true, nil
		}
	}
	return false, nil
}

// madeLeads are leads that the import made, with what became of them.
type madeLeads struct {
	Made
	leads   []Lead // but for the untouched ones
	history map[int64][]JournalRow
	err     error
}

func (u *undoer) read(ctx context.Context, after int64) (m madeLeads) {
	if m.Made, m.err = u.engine.Journal.Made(ctx, u.principal, u.imp.Parent, after, u.engine.size().undo); m.err != nil {
		return m
	}
	if u.records != nil {
		m.Untouched = 0 // each one is looked at, whether it is asked for
	}
	if m.Untouched == m.Leads {
		return m
	}
	if m.leads, m.err = u.engine.Journal.Created(ctx, u.principal, m.Made); m.err != nil {
		return m
	}
	ids := make([]int64, len(m.leads))
	for i := range m.leads {
		ids[i] = m.leads[i].ID
	}
	m.history, m.err = u.engine.Journal.History(ctx, ids)
	return m
}

// readAhead reads the leads of the next batch while those of this one are
// written. It is only for within a transaction, where nobody else writes.
func (u *undoer) readAhead(ctx context.Context, after int64) {
	ahead := make(chan madeLeads, 1)
	u.ahead = ahead
	go func() { ahead <- u.read(ctx, after) }()
}

// drop waits for what is being read, and forgets it.
func (u *undoer) drop() {
	if u.ahead != nil {
		<-u.ahead
		u.ahead = nil
	}
}

// created puts leads that the import made into the bin, if nobody touched them.
func (u *undoer) created(ctx context.Context, after int64) (*undone, error) {
	var m madeLeads
	if u.ahead != nil {
		m, u.ahead = <-u.ahead, nil
	} else {
		m = u.read(ctx, after)
	}
	if m.err != nil {
		return nil, m.err
	}
	out := &undone{cursor: after, last: m.Leads < int64(u.engine.size().undo)}
	if m.Leads == 0 || u.imp.Options.Field != "" {
		out.last = true
		return out, nil
	}
	out.cursor, out.made, out.acc.Removed = m.Last, m.Made, m.Untouched
	now := u.engine.Now()
	for i := range m.leads {
		cur := &m.leads[i]
		record := cur.CreatedRecord
		seen := u.principal.Reaches(access.LeadView, cur.Owner, cur.OwnerTeam)
		if !seen || !cur.DeletedAt.IsZero() || (u.records != nil && !u.records[record]) {
			continue
		}
		touch := foreignTouch(u.imp.Parent, m.history[cur.ID])
		switch {
		case touch != nil && !u.imp.Options.RemoveToo:
			out.acc.Kept++
			out.keep(record, cur, u.schema, u.touchText("changed", touch.At, touch.Actor), touch.At, touch.Actor)
		case !u.principal.Reaches(access.LeadEdit, cur.Owner, cur.OwnerTeam):
			out.acc.Kept++
			out.keep(record, cur, u.schema, "you may not edit this lead", time.Time{}, 0)
		default:
			out.acc.Removed++
			out.writes = append(out.writes, Write{Lead: cur.ID, Before: cur.Record, After: cur.Record, Deleted: &now, Record: record, Reverts: -1})
		}
	}
	return out, nil
}

// foreignTouch is the newest change of a lead that is not the import's own and
// still stands; nil if there is none.
func foreignTouch(imp int64, history []JournalRow) *JournalRow {
	for i := len(history) - 1; i >= 0; i-- {
		h := &history[i]
		if h.Import == imp || h.Reverts != 0 {
			continue
		}
		reverted := revertedFields(h, history)
		for key := range h.After {
			if !reverted[key] {
				return h
			}
		}
	}
	return nil
}

// lastTouch is who changed something after a row.
func lastTouch(imp int64, row *JournalRow, history []JournalRow) (time.Time, int64) {
	for i := len(history) - 1; i >= 0; i-- {
		h := &history[i]
		if h.ID > row.ID && h.Import != imp {
			for key := range h.After {
				if _, ok := row.After[key]; ok {
					return h.At, h.Actor
				}
			}
		}
	}
	return time.Time{}, 0
}

// revertedFields are the fields of a row that an undo took back, unless that
// was undone itself.
func revertedFields(row *JournalRow, history []JournalRow) map[string]bool {
	var out map[string]bool
	for i := range history {
		h := &history[i]
		if h.Reverts != row.ID {
			continue
		}
		again := revertedFields(h, history)
		for key := range h.After {
			if !again[key] {
				if out == nil {
					out = map[string]bool{}
				}
				out[key] = true
			}
		}
	}
	return out
}

// deletedKey is how the journal names the bin.
const deletedKey = "deleted_at"

// BinText is the journal's text of when a lead was put into the bin; "" for
// one that is not in it.
func BinText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(binLayout)
}

const binLayout = "2006-01-02T15:04:05.000Z"

func parseBinText(text string) time.Time {
	t, err := time.Parse(binLayout, text)
	if err != nil {
		return time.Time{}
	}
	return t
}
