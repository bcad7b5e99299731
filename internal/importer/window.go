package importer

import (
	"context"
	"fmt"
	"slices"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/table"
)

// Window asks for records of a checked import in file order.
type Window struct {
	First   int64   // record number, 1…
	Limit   int     // records to return at most
	Outcome Outcome // Pending: any
	Group   int     // index in Groups; -1: any
}

// WindowRow is one record with its plan, or after the run with what became of
// it.
type WindowRow struct {
	Record, Line int64
	Outcome      Outcome
	Reason       string // code
	Note         string // why the outcome differs from the plan
	Lead, Head   int64  // Head: the record it is merged into
	Flags        Flags
	Cells        []string // fixes applied
	Fixed        []int    // columns of cells that hold a fix
	Issues       []Issue
	// Before and After are the lead around an update; After alone is a new
	// lead. Stale: the lead was changed since the check.
	Before, After *lead.Record
	Stale         bool
}

// Records returns a window of an import's records and the record at which the
// next one begins, 0 at the end. A window costs what it shows: the plan is one
// seek away, and so is each record's line in the file.
func (e *Engine) Records(ctx context.Context, p access.Principal, id int64, w Window) (rows []WindowRow, next int64, err error) {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return nil, 0, err
	}
	if imp.Plan == nil {
		return nil, 0, fmt.Errorf("import %d was not checked yet: %w", id, lead.ErrConflict)
	}
	plan, err := OpenPlan(ctx, e.Files, imp.Plan)
	if err != nil {
		return nil, 0, err
	}
	defer plan.Close()
	groups, err := e.Imports.Groups(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	final := map[int64]Result{}
	if !imp.Started.IsZero() {
		results, err := e.Runs.Results(ctx, id, 1, plan.Len())
		if err != nil {
			return nil, 0, err
		}
		for _, r := range results {
			final[r.Record] = r
		}
	}
	v := &windower{engine: e, p: p, imp: imp, plan: plan, groups: groups, final: final}
	list, next, err := v.find(w)
	if err != nil || len(list) == 0 {
		return nil, 0, err
	}
	rows, err = v.rows(ctx, list)
	return rows, next, err
}

type windower struct {
	engine *Engine
	p      access.Principal
	imp    *Import
	plan   *Plan
	groups []Group
	final  map[int64]Result
}

// planned is a record found for the window.
type planned struct {
	record int64
	Entry
}

// find walks the plan from the window's first record on.
func (v *windower) find(w Window) (list []planned, next int64, err error) {
	take := func(record int64, e Entry) bool { // false: the window is full
		outcome := e.Outcome
		if r, ok := v.final[record]; ok {
			outcome = r.Outcome
		}
		if w.Outcome != Pending && outcome != w.Outcome {
			return true
		}
		if len(list) == w.Limit {
			next = record
			return false
		}
		list = append(list, planned{record, e})
		return true
	}
	if w.Group >= 0 {
		if w.Group >= len(v.groups) {
			return nil, 0, fmt.Errorf("group %d: %w", w.Group, lead.ErrNotFound)
		}
		it := v.groups[w.Group].Records.Iterator()
		for it.AdvanceIfNeeded(uint32(w.First)); it.HasNext(); {
			record := int64(it.Next())
			e, err := v.plan.At(record)
			if err != nil {
				return nil, 0, err
			}
			if !take(record, e) {
				break
			}
		}
		return list, next, nil
	}
	entries := make([]Entry, 4096)
	for first := max(w.First, 1); ; first += int64(len(entries)) {
		n, err := v.plan.Read(first, entries)
		if err != nil {
			return nil, 0, err
		}
		for i, e := range entries[:n] {
			if !take(first+int64(i), e) {
				return list, next, nil
			}
		}
		if n < len(entries) {
			return list, 0, nil
		}
	}
}

// rows reads the records and shows what they do.
func (v *windower) rows(ctx context.Context, list []planned) ([]WindowRow, error) {
	e := v.engine
	f, det, err := e.frame(ctx, v.p, v.imp)
	if err != nil {
		return nil, err
	}
	src, err := e.openUpload(ctx, v.imp)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	rd, err := det.Open(src)
	if err != nil {
		return nil, err
	}
	defer rd.Close()
	clean, drafts := newCleaner(f), make([]draft, len(list))
	for i, x := range list {
		if err := rd.Seek(table.Position{Offset: x.Offset, Line: x.Line, Record: x.record}); err != nil {
			return nil, err
		}
		batch := table.Batch{Max: 1} // its own: the cells are kept
		if err := rd.Next(ctx, &batch); err != nil {
			return nil, fmt.Errorf("read record %d: %w", x.record, err)
		}
		clean.draft(&batch.Rows[0], &drafts[i])
	}
	if err := newLinker(f, e.Dir).prepare(ctx, drafts); err != nil {
		return nil, err
	}
	var ids []int64
	for _, x := range list {
		if x.Outcome == Update {
			ids = append(ids, x.Lead)
		}
	}
	current := map[int64]*Lead{}
	loaded, err := e.Leads.Load(ctx, v.p, ids)
	if err != nil {
		return nil, err
	}
	for i := range loaded {
		current[loaded[i].ID] = &loaded[i]
	}
	resolver, err := e.resolver(ctx, f, e.Leads, nil)
	if err != nil {
		return nil, err
	}
	out := make([]WindowRow, len(list))
	for i, x := range list {
		out[i] = v.row(f, resolver, x, &drafts[i], current[x.Lead])
	}
	return out, nil
}

func (v *windower) row(f *frame, r *resolver, x planned, d *draft, cur *Lead) WindowRow {
	w := WindowRow{Record: x.record, Line: x.Line, Outcome: x.Outcome, Reason: x.Reason.Code(), Head: x.Head, Flags: x.Flags, Cells: d.cells}
	for _, fix := range f.fixes[x.Offset] {
		if fix.used.Load() {
			w.Fixed = append(w.Fixed, fix.Column)
		}
	}
	slices.Sort(w.Fixed)
	for i := range v.groups {
		if g := &v.groups[i]; g.Records.Contains(uint32(x.record)) {
			issue := g.Issue
			issue.Record, issue.Line = x.record, x.Line
			w.Issues = append(w.Issues, issue)
		}
	}
	switch x.Outcome {
	case New:
		if v.imp.FirstID > 0 {
			w.Lead = v.imp.FirstID + x.Lead
		}
		after := r.create(d)
		w.After = &after
	case Update:
		w.Lead = x.Lead
		w.Stale = cur == nil || cur.Version != x.Version
		if !w.Stale {
			r.blanks(d, &state{Lead: *cur})
			after := r.mergerFor(d).Merge(cur.Record, d.change)
			w.Before, w.After = &cur.Record, &after
		}
	case Unchanged:
		w.Lead = x.Lead
	}
	if res, ok := v.final[x.record]; ok {
		w.Outcome, w.Reason, w.Lead, w.Note = res.Outcome, res.Code, res.Lead, res.Message
		w.Before, w.After = nil, nil
	}
	return w
}

// CellFix is a correction by record and column (from 0). Was is the cell as
// the person saw it.
type CellFix struct {
	Record int64
	Column int
	Was    string
	New    string
}

// Fixes finds the places of corrections in the file, for Imports to keep. It
// fails with lead.ErrConflict where a cell does not hold what the person saw,
// and with lead.ErrInvalid for a place that does not exist.
func (e *Engine) Fixes(ctx context.Context, p access.Principal, id int64, list []CellFix) ([]Fix, error) {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if imp.State != Checked || imp.Plan == nil {
		return nil, fmt.Errorf("import %d is %s; its cells can be mended between check and run: %w", id, imp.State, lead.ErrConflict)
	}
	plan, err := OpenPlan(ctx, e.Files, imp.Plan)
	if err != nil {
		return nil, err
	}
	defer plan.Close()
	f, det, err := e.frame(ctx, p, imp)
	if err != nil {
		return nil, err
	}
	src, err := e.openUpload(ctx, imp)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	rd, err := det.Open(src)
	if err != nil {
		return nil, err
	}
	defer rd.Close()
	out := make([]Fix, len(list))
	var batch table.Batch
	for i, x := range list {
		if x.Record < 1 || x.Record > plan.Len() || x.Column < 0 || x.Column >= len(det.Headings) {
			return nil, fmt.Errorf("there is no record %d with a column %d: %w", x.Record, x.Column, lead.ErrInvalid)
		}
		entry, err := plan.At(x.Record)
		if err != nil {
			return nil, err
		}
		if err := rd.Seek(table.Position{Offset: entry.Offset, Line: entry.Line, Record: x.Record}); err != nil {
			return nil, err
		}
		batch.Max = 1
		if err := rd.Next(ctx, &batch); err != nil {
			return nil, fmt.Errorf("read record %d: %w", x.Record, err)
		}
		row := &batch.Rows[0]
		if was := cell(newCleaner(f).overlay(row), x.Column); was != x.Was {
			return nil, fmt.Errorf("record %d, column %d holds another text now: %w", x.Record, x.Column, lead.ErrConflict)
		}
		out[i] = Fix{Offset: entry.Offset, Column: x.Column, Old: cell(row.Cells, x.Column), New: x.New}
	}
	return out, nil
}
