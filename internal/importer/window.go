package importer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/table"
)

// Window asks for records of a checked import in file order.
type Window struct {
	First   int64   // record number, 1…
	At      int64   // place in the list that the rest makes, from 0; -1: by First
	Limit   int     // records to return at most
	Outcome Outcome // Pending: any
	Group   int     // index in Groups; -1: any
	// Code and Column narrow to the groups of one kind; "": any.
	Code   string
	Column int
	// Problems: only records with an error or a warning.
	Problems bool
	// Cells: only cells and issues, without was and will.
	Cells bool
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
	// lead, or what a record in conflict would make. Stale: the lead was
	// changed since the check.
	Before, After *lead.Record
	Stale         bool
	// Candidates are what a record in conflict may be about.
	Candidates []Candidate
}

// Candidate is a lead that a record in conflict may be about: one that is
// there, or one that an earlier record of the file makes (Row).
type Candidate struct {
	Lead, Row int64
	Record    lead.Record
}

// Records returns a window of an import's records, the record at which the
// next one begins, 0 at the end, and how many the list has (-1 if only a walk
// would tell). A window costs what it shows: the plan is one seek away, and so
// is each record's line in the file.
func (e *Engine) Records(ctx context.Context, p access.Principal, id int64, w Window) (rows []WindowRow, next, total int64, err error) {
	v, err := e.windower(ctx, p, id)
	if err != nil {
		return nil, 0, 0, err
	}
	defer v.plan.Close()
	list, next, total, err := v.find(w)
	if err != nil || len(list) == 0 {
		return nil, 0, total, err
	}
	rows, err = v.rows(ctx, list, w.Cells)
	return rows, next, total, err
}

// NextProblem returns the next record after from, or before it, that a window
// lists and that has an error or a warning, with its place in the list; record
// 0: there is none.
func (e *Engine) NextProblem(ctx context.Context, p access.Principal, id int64, w Window, from int64, back bool) (record, at int64, err error) {
	v, err := e.windower(ctx, p, id)
	if err != nil {
		return 0, 0, err
	}
	defer v.plan.Close()
	w.Problems = false
	list, err := v.filter(w)
	if err != nil {
		return 0, 0, err
	}
	w.Problems = true
	with, err := v.filter(w)
	if err != nil {
		return 0, 0, err
	}
	before := with.Rank(uint32(max(from, 0))) // those up to from
	if back {
		before = with.Rank(uint32(max(from-1, 0)))
		if from <= 1 || before == 0 {
			return 0, 0, nil
		}
		before--
	}
	found, err := with.Select(uint32(before))
	if err != nil {
		return 0, 0, nil // there is none
	}
	record = int64(found)
	at = record - 1
	if list != nil {
		at = int64(list.Rank(uint32(record))) - 1
	}
	return record, at, nil
}

type windower struct {
	engine *Engine
	p      access.Principal
	imp    *Import
	plan   *Plan
	groups []Group
	final  map[int64]Result
}

// windower opens the plan of an import; the caller closes it.
func (e *Engine) windower(ctx context.Context, p access.Principal, id int64) (*windower, error) {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if imp.Plan == nil {
		return nil, fmt.Errorf("import %d was not checked yet: %w", id, lead.ErrConflict)
	}
	groups, err := e.groupsOf(ctx, imp)
	if err != nil {
		return nil, err
	}
	final := map[int64]Result{}
	if !imp.Started.IsZero() {
		results, err := e.Runs.Results(ctx, id, 1, imp.Plan.Records)
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			final[r.Record] = r
		}
	}
	plan, err := OpenPlan(ctx, e.Files, imp.Plan)
	return &windower{engine: e, p: p, imp: imp, plan: plan, groups: groups, final: final}, err
}

// lastGroups keeps the groups of the check that was looked at last: who
// scrolls asks for them again and again.
type lastGroups struct {
	mu     sync.Mutex
	plan   string
	groups []Group
}

// groupsOf returns the groups of an import's check; they are shared: read-only.
func (e *Engine) groupsOf(ctx context.Context, imp *Import) ([]Group, error) {
	name := imp.Plan.Name()
	e.last.mu.Lock()
	known, groups := e.last.plan == name, e.last.groups
	e.last.mu.Unlock()
	if known {
		return groups, nil
	}
	groups, err := e.Imports.Groups(ctx, imp.ID)
	if err == nil && imp.State != Checking { // else they may be of the check to come
		e.last.mu.Lock()
		e.last.plan, e.last.groups = name, groups
		e.last.mu.Unlock()
	}
	return groups, err
}

// planned is a record found for the window.
type planned struct {
	record int64
	Entry
}

// filter is the set of records that a window lists; nil: all of them.
func (v *windower) filter(w Window) (*roaring.Bitmap, error) {
	var out *roaring.Bitmap
	narrow := func(b *roaring.Bitmap) {
		if out == nil {
			out = b
		} else {
			out = roaring.And(out, b)
		}
	}
	if w.Group >= len(v.groups) {
		return nil, fmt.Errorf("group %d: %w", w.Group, lead.ErrNotFound)
	}
	if w.Group >= 0 {
		narrow(v.groups[w.Group].Records)
	}
	if w.Code != "" {
		narrow(v.union(func(g *Group) bool { return g.Code == w.Code && g.Column == w.Column }))
	}
	if w.Problems {
		narrow(v.union(func(g *Group) bool { return g.Severity >= Warning }))
	}
	if w.Outcome == Pending {
		return out, nil
	}
	of := roaring.New()
	err := v.walk(1, func(record int64, _ Entry, outcome Outcome) bool {
		if outcome == w.Outcome {
			of.Add(uint32(record))
		}
		return true
	})
	narrow(of)
	return out, err
}

// union is all records of the groups that fit.
func (v *windower) union(fits func(*Group) bool) *roaring.Bitmap {
	var sets []*roaring.Bitmap
	for i := range v.groups {
		if g := &v.groups[i]; fits(g) {
			sets = append(sets, g.Records)
		}
	}
	return roaring.FastOr(sets...)
}

// walk shows f the plan from a record on, with each record's outcome of now,
// until f has enough.
func (v *windower) walk(first int64, f func(record int64, e Entry, outcome Outcome) bool) error {
	entries := make([]Entry, 4096)
	for ; ; first += int64(len(entries)) {
		n, err := v.plan.Read(first, entries)
		if err != nil {
			return err
		}
		for i, e := range entries[:n] {
			outcome := e.Outcome
			if r, ok := v.final[first+int64(i)]; ok {
				outcome = r.Outcome
			}
			if !f(first+int64(i), e, outcome) {
				return nil
			}
		}
		if n < len(entries) {
			return nil
		}
	}
}

// find lists the records of the window.
func (v *windower) find(w Window) (list []planned, next, total int64, err error) {
	if w.At < 0 && w.Group < 0 && w.Code == "" && !w.Problems { // the next of one outcome are mostly near
		err = v.walk(max(w.First, 1), func(record int64, e Entry, outcome Outcome) bool {
			switch {
			case w.Outcome != Pending && outcome != w.Outcome:
			case len(list) == w.Limit:
				next = record
				return false
			default:
				list = append(list, planned{record, e})
			}
			return true
		})
		return list, next, -1, err
	}
	set, err := v.filter(w)
	if err != nil {
		return nil, 0, 0, err
	}
	total = v.plan.Len()
	numbers := func(yield func(int64) bool) {
		for n := max(w.First, w.At+1, 1); n <= total && yield(n); n++ {
		}
	}
	if set != nil {
		total = int64(set.GetCardinality())
		it := set.Iterator()
		if w.At < 0 {
			it.AdvanceIfNeeded(uint32(w.First))
		} else if n, err := set.Select(uint32(w.At)); err == nil {
			it.AdvanceIfNeeded(n)
		} else {
			return nil, 0, total, nil // behind the last
		}
		numbers = func(yield func(int64) bool) {
			for it.HasNext() && yield(int64(it.Next())) {
			}
		}
	}
	for n := range numbers {
		if len(list) == w.Limit {
			next = n
			break
		}
		e, err := v.plan.At(n)
		if err != nil {
			return nil, 0, 0, err
		}
		list = append(list, planned{n, e})
	}
	return list, next, total, nil
}

// recordReader reads records by their place in the file; those that follow one
// another without a seek.
type recordReader struct {
	rd   *table.Reader
	next int64
}

func (r *recordReader) row(ctx context.Context, record int64, e Entry, batch *table.Batch) (*table.Row, error) {
	if record != r.next {
		if err := r.rd.Seek(table.Position{Offset: e.Offset, Line: e.Line, Record: record}); err != nil {
			return nil, err
		}
	}
	r.next = record + 1
	batch.Max = 1
	if err := r.rd.Next(ctx, batch); err != nil {
		return nil, fmt.Errorf("read record %d: %w", record, err)
	}
	return &batch.Rows[0], nil
}

// rows reads the records and shows what they do.
func (v *windower) rows(ctx context.Context, list []planned, cells bool) ([]WindowRow, error) {
	e := v.engine
	f, det, err := e.frame(ctx, v.p, v.imp)
	if err != nil {
		return nil, err
	}
	rd, err := e.openRows(ctx, v.imp, det)
	if err != nil {
		return nil, err
	}
	defer rd.Close()
	reader := recordReader{rd: rd.Reader}
	clean, drafts := newCleaner(f), make([]draft, len(list))
	for i, x := range list {
		row, err := reader.row(ctx, x.record, x.Entry, &table.Batch{}) // its own batch: the cells are kept
		if err != nil {
			return nil, err
		}
		clean.draft(row, &drafts[i])
	}
	if err := newLinker(f, e.Dir).prepare(ctx, drafts); err != nil {
		return nil, err
	}
	out, of := make([]WindowRow, len(list)), v.groupsIn(list)
	for i, x := range list {
		out[i] = v.row(f, x, &drafts[i], of[x.record])
	}
	if cells {
		return out, nil
	}
	return out, v.changes(ctx, f, &reader, list, drafts, out)
}

// changes adds what the records do to leads.
func (v *windower) changes(ctx context.Context, f *frame, reader *recordReader, list []planned, drafts []draft, out []WindowRow) error {
	e := v.engine
	var ids []int64
	for _, x := range list {
		if x.Outcome == Update {
			ids = append(ids, x.Lead)
		}
	}
	resolver, err := e.resolver(ctx, f, e.Leads, nil)
	if err != nil {
		return err
	}
	for i := range out {
		if w := &out[i]; w.Outcome == Conflict {
			if err := v.candidates(ctx, f, resolver, reader, &drafts[i], w); err != nil {
				return err
			}
			for _, c := range w.Candidates {
				ids = append(ids, c.Lead)
			}
		}
	}
	loaded, err := e.Leads.Load(ctx, v.p, ids)
	if err != nil {
		return err
	}
	current := map[int64]*Lead{}
	for i := range loaded {
		current[loaded[i].ID] = &loaded[i]
	}
	for i, x := range list {
		w, d, cur := &out[i], &drafts[i], current[x.Lead]
		switch {
		case w.Outcome == Conflict && x.Outcome == Conflict:
			after := resolver.make(d).Record
			w.After = &after
			w.Candidates = slices.DeleteFunc(w.Candidates, func(c Candidate) bool { return c.Lead > 0 && current[c.Lead] == nil })
			for n := range w.Candidates {
				if c := &w.Candidates[n]; c.Lead > 0 {
					c.Record = current[c.Lead].Record
				}
			}
		case w.Outcome != x.Outcome: // it came otherwise
		case x.Outcome == New:
			after := resolver.make(d).Record
			f.share(d, after, &x.Entry)
			w.After = &after
		case x.Outcome == Update:
			w.Stale = cur == nil || cur.Version != x.Version
			if !w.Stale {
				resolver.blanks(d, &state{Lead: *cur})
				after := resolver.mergerFor(d).Merge(cur.Record, d.change)
				w.Before, w.After = &cur.Record, &after
			}
		}
	}
	return nil
}

// candidates lists what a record in conflict may be about: as the check found
// it, or for one of the rare kinds that share a group by matching once more.
func (v *windower) candidates(ctx context.Context, f *frame, r *resolver, reader *recordReader, d *draft, w *WindowRow) error {
	var others []int64
	for _, i := range w.Issues {
		others = append(others, i.Others...)
	}
	if len(others) == 0 && w.Lead > 0 {
		others = []int64{w.Lead}
	}
	if len(others) == 0 {
		if err := r.prefetch(ctx, []draft{*d}); err != nil {
			return err
		}
		found, err := r.match(ctx, d)
		if err != nil {
			return err
		}
		for _, e := range found.others {
			others = append(others, int64(e))
		}
	}
	for _, n := range others {
		if n > 0 {
			w.Candidates = append(w.Candidates, Candidate{Lead: n})
			continue
		}
		entry, err := v.plan.At(-n)
		if err != nil {
			return err
		}
		row, err := reader.row(ctx, -n, entry, &table.Batch{})
		if err != nil {
			return err
		}
		var other draft
		newCleaner(f).draft(row, &other)
		w.Candidates = append(w.Candidates, Candidate{Row: -n, Record: r.make(&other).Record})
	}
	return nil
}

// groupsIn lists the groups of each record of a window.
func (v *windower) groupsIn(list []planned) map[int64][]*Group {
	here, out := roaring.New(), map[int64][]*Group{}
	for _, x := range list {
		here.Add(uint32(x.record))
	}
	for i := range v.groups {
		g := &v.groups[i]
		if !g.Records.Intersects(here) {
			continue
		}
		for it := roaring.And(g.Records, here).Iterator(); it.HasNext(); {
			n := int64(it.Next())
			out[n] = append(out[n], g)
		}
	}
	return out
}

func (v *windower) row(f *frame, x planned, d *draft, groups []*Group) WindowRow {
	w := WindowRow{Record: x.record, Line: x.Line, Outcome: x.Outcome, Reason: x.Reason.Code(), Head: x.Head, Flags: x.Flags, Cells: d.cells, Lead: x.Lead}
	if x.Outcome == New {
		w.Lead = 0
		if v.imp.FirstID > 0 {
			w.Lead = v.imp.FirstID + x.Lead
		}
	}
	for _, fix := range f.fixes[x.Offset] {
		if fix.used.Load() && fix.Column >= 0 {
			w.Fixed = append(w.Fixed, fix.Column)
		}
	}
	slices.Sort(w.Fixed)
	// What is wrong with the cells shows as they are now, what matching found
	// as it was at the check.
	w.Issues = append(w.Issues, d.issues...)
	here := func(i *Issue) bool {
		return slices.ContainsFunc(d.issues, func(o Issue) bool { return o.Code == i.Code && o.Column == i.Column })
	}
	for _, g := range groups {
		if here(&g.Issue) || g.Column >= 0 && slices.Contains(w.Fixed, g.Column) {
			continue
		}
		issue := g.Issue
		issue.Record, issue.Line = x.record, x.Line
		w.Issues = append(w.Issues, issue)
	}
	if res, ok := v.final[x.record]; ok {
		w.Outcome, w.Reason, w.Lead, w.Note = res.Outcome, res.Code, res.Lead, res.Message
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
	out := make([]Fix, len(list))
	return out, e.eachCell(ctx, p, id, func(v *windower, width int, read func(int64) (Entry, *table.Row, []string, error)) error {
		for i, x := range list {
			if x.Record < 1 || x.Record > v.plan.Len() || x.Column < 0 || x.Column >= width {
				return fmt.Errorf("there is no record %d with a column %d: %w", x.Record, x.Column, lead.ErrInvalid)
			}
			entry, row, cells, err := read(x.Record)
			if err != nil {
				return err
			}
			if cell(cells, x.Column) != x.Was {
				return fmt.Errorf("record %d, column %d holds another text now: %w", x.Record, x.Column, lead.ErrConflict)
			}
			out[i] = Fix{Offset: entry.Offset, Column: x.Column, Old: strings.Clone(cell(row.Cells, x.Column)), New: x.New}
		}
		return nil
	})
}

// FixGroup gives the cells of all records of a group one new text.
func (e *Engine) FixGroup(ctx context.Context, p access.Principal, id int64, group int, text string) ([]Fix, error) {
	var out []Fix
	return out, e.eachCell(ctx, p, id, func(v *windower, width int, read func(int64) (Entry, *table.Row, []string, error)) error {
		records, err := v.filter(Window{Group: group})
		if err != nil {
			return err
		}
		column := v.groups[group].Column
		if column < 0 || column >= width {
			return fmt.Errorf("group %d is about no cell: %w", group, lead.ErrInvalid)
		}
		for it := records.Iterator(); it.HasNext(); {
			entry, row, _, err := read(int64(it.Next()))
			if err != nil {
				return err
			}
			out = append(out, Fix{Offset: entry.Offset, Column: column, Old: strings.Clone(cell(row.Cells, column)), New: text})
		}
		return nil
	})
}

// eachCell opens a checked import for corrections: read gives a record as the
// file has it, and its cells with the fixes there are.
func (e *Engine) eachCell(ctx context.Context, p access.Principal, id int64, f func(v *windower, width int, read func(int64) (Entry, *table.Row, []string, error)) error) error {
	v, err := e.windower(ctx, p, id)
	if err != nil {
		return err
	}
	defer v.plan.Close()
	if v.imp.State != Checked && v.imp.State != Draft {
		return v.imp.settled()
	}
	frame, det, err := e.frame(ctx, p, v.imp)
	if err != nil {
		return err
	}
	rd, err := e.openRows(ctx, v.imp, det)
	if err != nil {
		return err
	}
	defer rd.Close()
	reader, clean, batch := recordReader{rd: rd.Reader}, newCleaner(frame), table.Batch{}
	return f(v, len(det.Headings), func(n int64) (Entry, *table.Row, []string, error) {
		entry, err := v.plan.At(n)
		if err != nil {
			return entry, nil, nil, err
		}
		row, err := reader.row(ctx, n, entry, &batch)
		if err != nil {
			return entry, nil, nil, err
		}
		return entry, row, clean.overlay(row), nil
	})
}

// settled says that the settings of an import cannot be changed any more.
func (i *Import) settled() error {
	return fmt.Errorf("import %d is %s, so its settings and cells stand: %w", i.ID, i.State, lead.ErrConflict)
}

// CellHit is a cell that a search found.
type CellHit struct {
	Record int64  `json:"record"`
	Column int    `json:"column"`
	Text   string `json:"text"`
}

// Find looks for a text in the cells of a checked import, fixes applied, from
// a record on; column -1: in all. Case does not count unless exact. It ends with
// the record that brings the hits to limit, and returns the record at which to
// go on, 0 at the end.
func (e *Engine) Find(ctx context.Context, p access.Principal, id int64, text string, column int, exact bool, first int64, limit int) (hits []CellHit, next int64, err error) {
	fold := strings.ToLower
	if exact {
		fold = func(s string) string { return s }
	}
	want := fold(text)
	hits = []CellHit{}
	err = e.eachCell(ctx, p, id, func(v *windower, width int, read func(int64) (Entry, *table.Row, []string, error)) error {
		for n := max(first, 1); n <= v.plan.Len(); n++ {
			if len(hits) >= limit {
				next = n
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			_, _, cells, err := read(n)
			if err != nil {
				return err
			}
			for i := range min(len(cells), width) {
				if (column < 0 || i == column) && strings.Contains(fold(cells[i]), want) {
					hits = append(hits, CellHit{n, i, strings.Clone(cells[i])})
				}
			}
		}
		return nil
	})
	return hits, next, err
}
