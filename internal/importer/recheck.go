package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/table"
)

// lastCheck is what an import's last check left, as far as the next one can
// build on it. After fixes and answers only the records that they concern are
// decided again, with all that hang together with them (see trace); the result
// is that of a check of all records.
type lastCheck struct {
	engine *Engine
	imp    *Import
	plan   *Plan  // nil: it was of other inputs
	trace  *trace // nil: all records have to be checked
	remap  *remap // nil: the columns are what they were

	groups []Group
	set    *roaring.Bitmap // the records to decide again
	seen   *roaring.Bitmap // those of them whose trace was looked at
	ties   *tieSet         // of these
	asked  *tieSet         // questions with another answer than before
	was    map[int64]traceOf
	is     map[int64]traceOf
}

// traceOf is what a check said of a record.
type traceOf struct {
	Entry
	traced
}

// lastCheck opens what the last check of the import left.
func (e *Engine) lastCheck(ctx context.Context, imp *Import, on ground) (*lastCheck, error) {
	l := &lastCheck{engine: e, imp: imp}
	if imp.Plan == nil {
		return l, nil
	}
	var err error
	if imp.Plan.Base != on.plan {
		return l, l.openRemapped(ctx, on)
	}
	if l.plan, err = OpenPlan(ctx, e.Files, imp.Plan); err != nil || imp.Plan.Trace == "" {
		return l, err
	}
	l.trace, err = openTrace(ctx, e.Files, imp.Plan.Trace, on.trace)
	if errors.Is(err, errStale) || errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return l, err
}

func (l *lastCheck) close() {
	if l.plan != nil {
		l.plan.Close()
	}
	if l.trace != nil {
		l.trace.f.Close()
	}
}

// under is the plan that the next one may be a delta of.
func (l *lastCheck) under() *Plan {
	if l.plan == nil || l.remap != nil || len(l.imp.Plan.Deltas) >= maxDeltas {
		return nil
	}
	return l.plan
}

// recheck decides again what has to be. It returns the checker that did so, or
// nil where all records have to be checked.
func (l *lastCheck) recheck(ctx context.Context, c *checker) (*checker, error) {
	if l.trace == nil || !c.divisible() {
		return nil, nil
	}
	var err error
	if l.groups, err = l.engine.Imports.Groups(ctx, l.imp.ID); err != nil {
		return nil, err
	}
	if sum, err := groupsHash(l.groups); err != nil || sum != l.trace.tail.Groups {
		return nil, err // another check has ended meanwhile
	}
	l.set, l.seen, l.ties, l.asked, l.was = roaring.New(), roaring.New(), newTieSet(), newTieSet(), map[int64]traceOf{}
	if err := l.seed(c.frame); err != nil {
		return nil, err
	}
	if l.remap != nil {
		if ok, err := l.remapped(ctx, c); err != nil || !ok {
			return nil, err
		}
	}
	for {
		if err := l.gather(ctx); err != nil {
			return nil, err
		}
		if 100*int64(l.set.GetCardinality()) > int64(l.engine.size().again)*l.plan.Len() {
			return nil, nil
		}
		again := &checker{engine: c.engine, frame: c.frame, det: c.det, open: c.open, groups: newGroups(c.groups.most)}
		if err := l.decide(ctx, again); err != nil {
			return nil, err
		}
		before, met := l.set.GetCardinality(), false
		for _, x := range l.is {
			for _, m := range x.ties {
				met = l.ties.add(m) || met
			}
		}
		if met {
			if err := l.gather(ctx); err != nil {
				return nil, err
			}
		}
		if l.set.GetCardinality() > before {
			continue // what was decided anew meets further records
		}
		more, ok := l.regroup(again)
		if !ok {
			return nil, nil
		}
		if len(more) == 0 {
			return again, nil
		}
		l.set.AddMany(more)
	}
}

// divisible reports whether a record's outcome hangs on nothing but its own
// text, its ties and the leads: links to contacts and opportunities, rejects
// of other imports and columns that feed nothing do not show in a trace.
func (c *checker) divisible() bool {
	if c.homeRecord >= 0 || c.recipe.NoNewAccounts {
		return false
	}
	for i := range c.program.Inputs {
		for _, t := range c.program.Inputs[i].Targets {
			if t.Field == c.slot.contact || t.Field == c.slot.opportunities {
				return false
			}
		}
	}
	for _, list := range c.fixes {
		for _, x := range list {
			for _, ig := range c.program.Ignored {
				if ig.Column == x.Column {
					return false
				}
			}
		}
	}
	return true
}

// seed notes what the fixes and the new answers concern.
func (l *lastCheck) seed(f *frame) error {
	old := l.trace.tail.Values
	for field, answers := range f.recipe.Values {
		for value, a := range answers {
			if was, ok := old[field][value]; !ok || was != a {
				l.asked.add(askTie(field, norm.Fold(value)))
			}
		}
	}
	for field, answers := range old {
		for value := range answers {
			if _, ok := f.recipe.Values[field][value]; !ok {
				l.asked.add(askTie(field, norm.Fold(value)))
			}
		}
	}
	if len(f.fixes) == 0 {
		return nil
	}
	return l.plan.each(func(record int64, e *Entry) error {
		for _, x := range f.fixes[e.Offset] {
			l.set.Add(uint32(record))
			if a := parseAnswer(x.New); x.Column == answerColumn && a.ent < 0 {
				l.set.Add(uint32(-a.ent)) // the record that makes the lead it is merged into
			}
		}
		return nil
	})
}

// gather adds to the set what hangs together with it.
func (l *lastCheck) gather(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		skip := func(record int64, b []byte) bool {
			n := uint32(record)
			return !mayMeet(b, l.ties, l.asked) && !l.set.Contains(n) || l.seen.Contains(n)
		}
		records, traces, err := l.trace.find(skip, func(record int64, x *traced) bool {
			return x.fixed || l.ties.meets(x.ties) || l.asked.meets(x.asks) || l.set.Contains(uint32(record))
		})
		if err != nil || len(records) == 0 {
			return err
		}
		for i, record := range records {
			l.set.Add(uint32(record))
			l.seen.Add(uint32(record))
			for _, m := range traces[i].ties {
				l.ties.add(m)
			}
			e, err := l.plan.At(record)
			if err != nil {
				return err
			}
			if e.Head > 0 {
				l.set.Add(uint32(e.Head))
			}
			l.was[record] = traceOf{e, traces[i]}
		}
	}
}

// decide decides the records of the set as if there were no others.
func (l *lastCheck) decide(ctx context.Context, c *checker) error {
	l.is = make(map[int64]traceOf, len(l.was))
	c.decided = func(record int64, e *Entry, x *traced) error {
		l.is[record] = traceOf{*e, x.clone()}
		return nil
	}
	at := func(record int64) table.Position {
		x := l.was[record]
		return table.Position{Offset: x.Offset, Line: x.Line, Record: record}
	}
	if err := c.start(ctx, at); err != nil {
		return err
	}
	defer c.back.close()
	c.linker.goOn(l.trace.tail.Creations)
	for _, x := range l.was {
		for _, n := range x.makes {
			c.linker.creations[n].Records--
		}
	}
	rd, err := c.open()
	if err != nil {
		return err
	}
	defer rd.Close()
	cleaners := make([]*cleaner, runtime.GOMAXPROCS(0))
	for i := range cleaners {
		cleaners[i] = newCleaner(c.frame)
	}
	drafts := make([]draft, c.engine.size().batch)
	return l.rows(ctx, c, rd.Reader, at, func(rows []table.Row) error {
		var wg sync.WaitGroup
		share := (len(rows) + len(cleaners) - 1) / len(cleaners)
		for i, clean := range cleaners {
			wg.Go(func() {
				for n := i * share; n < min(len(rows), (i+1)*share); n++ {
					clean.draft(&rows[n], &drafts[n])
				}
			})
		}
		wg.Wait()
		return c.batch(ctx, drafts[:len(rows)])
	})
}

// rows hands out the records of the set by batches: each read where it lies, or
// all read in turn where that is quicker or the file allows nothing else.
func (l *lastCheck) rows(ctx context.Context, c *checker, rd *table.Reader, at func(int64) table.Position, f func([]table.Row) error) error {
	rows := make([]table.Row, 0, c.engine.size().batch)
	take := func(row *table.Row) error {
		rows = append(rows, *row)
		last := &rows[len(rows)-1]
		last.Cells, last.Bad = slices.Clone(row.Cells), slices.Clone(row.Bad)
		if len(rows) < cap(rows) {
			return nil
		}
		err := f(rows)
		rows = rows[:0]
		return err
	}
	var err error
	if few := 16*int64(l.set.GetCardinality()) < l.plan.Len(); few && c.det.Format == "csv" && c.det.Container == "" {
		one := table.Batch{Max: 1}
		for it := l.set.Iterator(); it.HasNext() && err == nil; {
			record := int64(it.Next())
			if err = errors.Join(rd.Seek(at(record)), rd.Next(ctx, &one)); err == nil {
				err = take(&one.Rows[0])
			}
		}
	} else {
		var batch table.Batch
		for err == nil {
			if err = rd.Next(ctx, &batch); errors.Is(err, io.EOF) {
				err = nil
				break
			}
			for i := range batch.Rows {
				if err == nil && l.set.Contains(uint32(batch.Rows[i].Record)) {
					err = take(&batch.Rows[i])
				}
			}
		}
	}
	if err != nil {
		return fmt.Errorf("read the records to check again: %w", err)
	}
	return f(rows)
}

// regroup puts the issues of the records decided again in the place of those
// they had. A group is told by its first record's issue: where that is another
// one now, which was not decided again, it is among more. ok is false where the
// order in which values were met decides which are listed.
func (l *lastCheck) regroup(c *checker) (more []uint32, ok bool) {
	type open struct {
		*Group
		lost bool // its first record is no longer in it
	}
	merged, crowded := newGroups(c.groups.most), l.crowded(c)
	kept := map[groupKey]*open{}
	for kind, x := range crowded {
		list, ok := x.settle(l.set)
		if !ok {
			return nil, false
		}
		for _, g := range list {
			kind.value = g.Value
			if g.isRest() {
				kind.value = restValue
			}
			merged.byKey[kind] = g
		}
	}
	for i := range l.groups {
		g := l.groups[i] // a copy: the next round begins with the same
		if g.Record == 0 || crowded[g.kind()] != nil {
			continue // about the file, or settled
		}
		x := &open{&g, l.set.Contains(uint32(g.Record))}
		g.Records = roaring.AndNot(g.Records, l.set)
		if !g.Records.IsEmpty() {
			kept[groupKey{g.Code, g.Column, g.Value}] = x
		}
	}
	for k, g := range c.groups.byKey {
		if crowded[g.kind()] != nil {
			continue
		}
		x := kept[k]
		if x == nil {
			kept[k] = &open{Group: g}
			continue
		}
		first := x.Record
		if x.lost {
			first = int64(x.Records.Minimum())
		}
		if g.Record < first {
			x.Issue, x.lost = g.Issue, false
		}
		x.Records.Or(g.Records)
	}
	for k, x := range kept {
		if x.lost {
			more = append(more, x.Records.Minimum())
		}
		x.Count = int64(x.Records.GetCardinality())
		merged.byKey[k] = x.Group
		if merged.kinds[x.kind()]++; merged.kinds[x.kind()] > merged.most {
			return nil, false
		}
	}
	if len(more) == 0 {
		c.groups = merged
	}
	return more, true
}

// crowdOfGroups are those of one code and column, some of whose values are too
// many to list.
type crowdOfGroups struct {
	was  []*Group // of all records
	is   []*Group // of the records decided again
	rest bool     // of the values met then, too, some are not listed
}

// crowded finds them among the groups of before and now.
func (l *lastCheck) crowded(c *checker) map[groupKey]*crowdOfGroups {
	out := map[groupKey]*crowdOfGroups{}
	for i := range l.groups {
		if g := &l.groups[i]; g.isRest() {
			out[g.kind()] = &crowdOfGroups{}
		}
	}
	for _, g := range c.groups.byKey {
		if g.isRest() {
			out[g.kind()] = &crowdOfGroups{rest: true}
		}
	}
	for i := range l.groups {
		if x := out[l.groups[i].kind()]; x != nil {
			x.was = append(x.was, &l.groups[i])
		}
	}
	for _, g := range c.groups.byKey {
		if x := out[g.kind()]; x != nil {
			x.is = append(x.is, g)
		}
	}
	return out
}

// settle returns the groups as they are after the records of the set were
// decided again: those found now, if these were all that had any; or those of
// before, if each record has what it had. Else ok is false.
func (x *crowdOfGroups) settle(set *roaring.Bitmap) (out []*Group, ok bool) {
	all := true
	values := map[string]*roaring.Bitmap{} // what the records of the set had
	for _, g := range x.was {
		had := roaring.And(g.Records, set)
		all = all && had.GetCardinality() == g.Records.GetCardinality()
		value := g.Value
		if g.isRest() {
			value = restValue
		}
		values[value] = had
	}
	if all {
		return x.is, true
	}
	if x.rest {
		return nil, false
	}
	rest := roaring.New()
	for _, g := range x.is {
		had, listed := values[g.Value]
		if !listed {
			rest.Or(g.Records)
			continue
		}
		if !had.Equals(g.Records) {
			return nil, false
		}
		had.Clear()
	}
	if had := values[restValue]; had != nil {
		had.Xor(rest)
	} else if !rest.IsEmpty() {
		return nil, false
	}
	for _, had := range values {
		if !had.IsEmpty() {
			return nil, false
		}
	}
	return x.was, true
}

// merged writes the plan: the records decided again among the others.
func (c *checker) merged(ctx context.Context, l *lastCheck, out *checkFiles) error {
	tail := &l.trace.tail
	acc := l.imp.Plan.Accounting
	first := l.plan.Len() // the first new lead that has another number now
	for record, x := range l.was {
		acc.entry(&x.Entry, -1)
		if x.id {
			c.ids--
			if x.Reason == ConflictID {
				c.contradicted--
			}
		}
		y := l.is[record]
		if (x.Outcome == New) != (y.Outcome == New) || (x.Outcome == New && x.Version > 0) != (y.Outcome == New && y.Version > 0) {
			first = min(first, record)
		}
	}
	for record, x := range l.was {
		for _, n := range x.makes { // who wrote it first is not known where a record no longer does
			if !slices.Contains(l.is[record].makes, n) {
				c.linker.creations[n].Name = ""
			}
		}
	}
	acc.Add(c.acc)
	acc.Accounts, acc.Tags = c.linker.created()
	c.acc, c.blank = acc, tail.Blank
	if l.remap != nil {
		c.blank = l.remap.blank(c.program)
	}
	c.ids, c.contradicted = c.ids+tail.IDs, c.contradicted+tail.Contradicted
	under := l.under()
	if l.plan.Len()-first > mostInDelta {
		under = nil
	}
	if err := out.create(ctx, c.engine.Files, under); err != nil {
		return err
	}
	var wait sync.WaitGroup
	var failed error
	wait.Go(func() {
		failed = l.trace.each(func(record int64, x *traced) error {
			if y, again := l.is[record]; again {
				x = &y.traced
			}
			return out.traced.add(x)
		})
	})
	var news, turns int64
	err := l.plan.each(func(record int64, e *Entry) error {
		if x, again := l.is[record]; again {
			*e = x.Entry
		} else if l.remap != nil && e.Outcome == New {
			e.Change += l.remap.change[record-1]
		}
		if e.Outcome == New {
			e.Lead = news
			news++
			if e.Version > 0 {
				turns++
				e.Version = turns
			}
		}
		return out.planned.add(e)
	})
	wait.Wait()
	return errors.Join(err, failed)
}
