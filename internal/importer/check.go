package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// Check reads every record and decides what becomes of it; it writes nothing
// to leads (rule 8.1). It leaves the plan, the groups of issues and the
// accounting with the import, whose state is then "checked".
func (e *Engine) Check(ctx context.Context, p access.Principal, id int64, tell func(Progress)) error {
	fence, err := e.BeginCheck(ctx, p, id, nil)
	if err != nil {
		return err
	}
	return e.RunCheck(ctx, p, id, fence, tell)
}

// BeginCheck makes the caller the one who checks an import, after f, if it is
// not nil, has changed it: RunCheck must follow. A check of it that another
// node has begun comes to nothing.
func (e *Engine) BeginCheck(ctx context.Context, p access.Principal, id int64, f func(*Import) error) (fence int64, err error) {
	return e.beginCheck(ctx, p, id, false, f)
}

func (e *Engine) beginCheck(ctx context.Context, p access.Principal, id int64, idle bool, f func(*Import) error) (fence int64, err error) {
	return e.Imports.BeginCheck(ctx, p, id, idle, leaseTime, func(imp *Import) error {
		switch imp.State {
		case Draft, Checked, Checking:
		default:
			return fmt.Errorf("import %d is %s and cannot be checked again: %w", id, imp.State, lead.ErrConflict)
		}
		if f == nil {
			return nil
		}
		return f(imp)
	})
}

// beatEvery is how often a check says that it goes on, and how far it is.
const beatEvery = time.Second

// RunCheck does the check that BeginCheck began.
func (e *Engine) RunCheck(ctx context.Context, p access.Principal, id, fence int64, tell func(Progress)) error {
	checking, lost := context.WithCancelCause(ctx)
	var mu sync.Mutex
	at := Progress{Phase: "checking"}
	beat := func() {
		mu.Lock()
		now := at
		mu.Unlock()
		// A database out of reach is no reason to give up: it may be back in time.
		if err := e.Imports.HoldCheck(checking, id, fence, leaseTime, now); errors.Is(err, lead.ErrFenced) {
			lost(err)
		}
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(beatEvery)
		defer tick.Stop()
		for {
			select {
			case <-checking.Done():
				return
			case <-tick.C:
				beat()
			}
		}
	})
	err := e.check(checking, p, id, fence, func(now Progress) {
		mu.Lock()
		at = now
		mu.Unlock()
		if tell != nil {
			tell(now)
		}
	})
	lost(nil)
	wait.Wait()
	if err == nil {
		return nil
	}
	if cause := context.Cause(checking); errors.Is(cause, lead.ErrFenced) {
		err = cause
	}
	if errors.Is(err, lead.ErrFenced) {
		return err // it is another's now
	}
	back := e.Imports.EndCheck(context.WithoutCancel(ctx), p, id, fence, 0, nil, func(imp *Import) error {
		if imp.State != Checking {
			return nil
		}
		imp.State, imp.Reason = Draft, strings.TrimSuffix(err.Error(), ": "+lead.ErrInvalid.Error())
		if errors.Is(err, context.Canceled) { // the person went on with something else
			imp.Reason = ""
		}
		return nil
	})
	if back != nil && !errors.Is(back, lead.ErrNotFound) && !errors.Is(back, lead.ErrFenced) {
		e.Log.ErrorContext(ctx, "put import back to draft", "import", id, "error", back)
	}
	return err
}

func (e *Engine) check(ctx context.Context, p access.Principal, id, fence int64, tell func(Progress)) error {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return err
	}
	f, det, err := e.frame(ctx, p, imp)
	if err != nil {
		return err
	}
	seq, err := e.Leads.Seq(ctx)
	if err != nil {
		return err
	}
	fixes, err := e.Imports.Fixes(ctx, id)
	if err != nil {
		return err
	}
	ground, err := f.ground(imp, seq)
	if err != nil {
		return err
	}
	inputs, err := inputsHash(ground.plan, f.recipe.Values, fixes)
	if err != nil {
		return err
	}
	open := func() (*rows, error) { return e.openRows(ctx, imp, det) }
	last, err := e.lastCheck(ctx, imp, ground)
	if err != nil {
		return err
	}
	defer last.close()
	name := fmt.Sprintf("%d-%s", id, strconv.FormatInt(e.Now().UnixNano(), 36))
	out := &checkFiles{plan: "plan-" + name, trace: "trace-" + name, ground: ground, inputs: inputs}
	defer out.abort()
	c := &checker{engine: e, frame: f, det: det, open: open, groups: newGroups(e.size().values), tell: tell, size: imp.Size}
	again, err := last.recheck(ctx, c)
	switch {
	case err != nil:
	case again == nil:
		err = c.all(ctx, last, out)
	default:
		c = again
		err = c.merged(ctx, last, out)
	}
	if err != nil {
		return err
	}
	c.fileIssues(ctx, p, imp)
	groups := c.groups.sorted()
	hash, err := out.commit(c, groups)
	if err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	if groups == nil {
		groups = []Group{}
	}
	info := &PlanInfo{File: out.plan, Trace: out.trace, Hash: hash, Base: ground.plan, Inputs: inputs, Engine: Version, Seq: seq, Records: out.planned.n, Accounting: c.acc,
		Decisions: decisions(det, f.recipe, f.program, f.schema)}
	if d := c.idDecision(); d != nil {
		info.Decisions = append(info.Decisions, *d)
	}
	var old []string
	switch {
	case imp.Plan == nil:
	case out.planned.under != nil:
		info.File, info.Deltas = imp.Plan.File, append(slices.Clone(imp.Plan.Deltas), out.plan)
		old = []string{imp.Plan.Trace}
	default:
		old = imp.Plan.files()
	}
	var lease time.Duration
	if imp.Options.Run {
		lease = leaseTime // until the run has begun
	}
	err = e.Imports.EndCheck(ctx, p, id, fence, lease, groups, func(imp *Import) error {
		imp.State, imp.Plan, imp.Accounting = Checked, info, c.acc
		return nil
	})
	if err == nil && imp.Options.Validate {
		err = e.Runs.InTx(ctx, func(tx Tx) error {
			now := *imp
			now.State, now.Plan, now.Accounting = Checked, info, c.acc
			return e.tell(ctx, tx, &now)
		})
	}
	if err != nil {
		return err
	}
	for _, name := range old {
		if name == "" {
			continue
		}
		if err := e.Files.Remove(ctx, name); err != nil {
			e.Log.WarnContext(ctx, "remove a replaced plan", "import", id, "error", err)
		}
	}
	return nil
}

// maxDeltas is after how many checks of fixes a plan is written anew.
const maxDeltas = 16

// mostInDelta bounds what a delta holds, which whoever reads the plan keeps in
// memory.
const mostInDelta = 1 << 16

// checker is one check under way.
type checker struct {
	*frame
	engine *Engine
	det    *table.Detection
	open   func() (*rows, error)
	groups *groups
	acc    Accounting
	tell   func(Progress)
	size   int64
	// decided takes what was decided about a record.
	decided func(record int64, e *Entry, x *traced) error

	resolver *resolver
	linker   *linker
	back     *rereader
	trace    traced

	ids, contradicted int64
	blank             []int // columns that feed nothing, as long as they hold nothing
	told              time.Time
}

// start makes ready to decide records.
func (c *checker) start(ctx context.Context, at func(record int64) table.Position) error {
	c.back = &rereader{frame: c.frame, open: c.open, at: at}
	c.linker = newLinker(c.frame, c.engine.Dir)
	var err error
	if c.resolver, err = c.engine.resolver(ctx, c.frame, c.engine.Leads, c.again); err != nil {
		return err
	}
	n, err := c.engine.Leads.Count(ctx)
	c.resolver.empty = n == 0
	c.resolver.crowdFrom = c.engine.size().crowd
	return err
}

func (c *checker) close() {
	c.back.close()
	c.resolver.file.close()
}

// all checks every record.
func (c *checker) all(ctx context.Context, last *lastCheck, out *checkFiles) error {
	if err := out.create(ctx, c.engine.Files, last.under()); err != nil {
		return err
	}
	c.decided = func(_ int64, e *Entry, x *traced) error {
		return errors.Join(out.planned.add(e), out.traced.add(x))
	}
	rd, err := c.open()
	if err != nil {
		return err
	}
	defer rd.Close()
	var at positions
	if err := c.start(ctx, at.before); err != nil {
		return err
	}
	defer c.close()
	for _, ig := range c.program.Ignored {
		c.blank = append(c.blank, ig.Column)
	}
	s := newStream(ctx, c.frame, rd.Reader, c.engine.size().batch)
	defer s.close()
	for {
		drafts, err := s.next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		for i := range drafts {
			at.add(table.Position{Offset: drafts[i].offset, Line: drafts[i].line, Record: drafts[i].record})
		}
		if err == nil {
			err = c.batch(ctx, drafts)
		}
		if err != nil {
			return err
		}
	}
	c.acc.Blank = rd.Blank()
	c.acc.Accounts, c.acc.Tags = c.linker.created()
	return nil
}

// again reads a record once more, for the merged state of an earlier one.
func (c *checker) again(ctx context.Context, record int64) (*draft, error) {
	d, err := c.back.draft(ctx, record)
	if err != nil {
		return nil, err
	}
	one := []draft{*d}
	err = c.linker.prepare(ctx, one)
	return &one[0], err
}

func (c *checker) batch(ctx context.Context, drafts []draft) error {
	if err := c.linker.prepare(ctx, drafts); err != nil {
		return fmt.Errorf("look up links: %w", err)
	}
	if err := c.resolver.prefetch(ctx, drafts); err != nil {
		return err
	}
	for i := range drafts {
		if err := c.record(ctx, &drafts[i]); err != nil {
			return fmt.Errorf("check record %d: %w", drafts[i].record, err)
		}
	}
	if err := c.resolver.file.err; err != nil {
		return fmt.Errorf("keep the file's keys: %w", err)
	}
	if c.tell != nil && len(drafts) > 0 && time.Since(c.told) > 100*time.Millisecond {
		c.told = time.Now()
		c.tell(Progress{"checking", drafts[len(drafts)-1].offset, c.size, c.acc})
	}
	return nil
}

func (c *checker) record(ctx context.Context, d *draft) error {
	dec, err := c.resolver.decideRecord(ctx, d)
	if err != nil {
		return err
	}
	c.blank = slices.DeleteFunc(c.blank, func(column int) bool { return norm.Clean(cell(d.cells, column)) != "" })
	entry := Entry{Offset: d.offset, Line: d.line, Outcome: dec.outcome, Reason: dec.reason, Flags: dec.flags,
		Version: dec.version, Head: dec.head, Cells: uint16(min(d.omitted, 65535))}
	if dec.ent > 0 {
		entry.Lead = int64(dec.ent)
	}
	c.linker.made = c.linker.made[:0]
	switch {
	case dec.outcome == New:
		entry.Lead, entry.Change = dec.ordinal, d.planned
		c.linker.count(dec.account, dec.tags)
	case entry.written():
		if dec.outcome != Unchanged {
			entry.Change = changeHash(dec.before, dec.after)
		}
		c.linker.count(dec.after.Values[c.slot.account], dec.after.Values[c.slot.tags])
	}
	if entry.written() && d.warned() {
		entry.Flags |= Warned
	}
	c.acc.entry(&entry, 1)
	if d.id > 0 {
		c.ids++
		if dec.reason == ConflictID {
			c.contradicted++
		}
	}
	for _, i := range d.issues {
		c.groups.add(i)
	}
	c.trace = traced{fixed: len(c.fixes[d.offset]) > 0, id: d.id > 0, ties: c.resolver.ties, asks: d.asks, makes: c.linker.made}
	return c.decided(d.record, &entry, &c.trace)
}

// entry counts a record n times.
func (a *Accounting) entry(e *Entry, n int64) {
	a.count(e.Outcome, n)
	a.countUpdate(e.Outcome, e.Flags, n)
	if e.written() {
		a.CellsNotImported += n * int64(e.Cells)
		if e.Flags&Warned != 0 {
			a.Warned += n
		}
	}
}

func (a *Accounting) countUpdate(o Outcome, f Flags, n int64) {
	if o != Update {
		return
	}
	switch {
	case f&Typed != 0:
		a.UpdateTyped += n
	case f&Replaces != 0:
		a.UpdateReplace += n
	default:
		a.UpdateFill += n
	}
}

// idDecision proposes a contradicted Id column as External Id (rule 5.2),
// unless the person mapped it.
func (c *checker) idDecision() *Decision {
	if c.contradicted*20 <= c.ids || c.recipe.Decide["id"] != "" {
		return nil
	}
	for i := range c.program.Inputs {
		in := &c.program.Inputs[i]
		for _, t := range in.Targets {
			if c.schema.Fields[t.Field].Key == "id" {
				d := idDecision(in.Heading, c.contradicted, c.ids)
				return &d
			}
		}
	}
	return nil
}

// repeated reports whether a column's heading stood over a column before it.
func (c *checker) repeated(column int) bool {
	if column < 0 || column >= len(c.headings) || c.headings[column] == "" {
		return false
	}
	mine := recipe.FoldHeading(c.headings[column])
	return slices.ContainsFunc(c.headings[:column], func(h string) bool { return recipe.FoldHeading(h) == mine })
}

// fileIssues says what concerns the file as a whole.
func (c *checker) fileIssues(ctx context.Context, p access.Principal, imp *Import) {
	var d draft
	groups := map[string]int{} // columns with data of each group that is reported as one
	for _, ig := range c.program.Ignored {
		switch {
		case slices.Contains(c.blank, ig.Column):
		case ig.Group != "":
			groups[ig.Group]++
		case c.repeated(ig.Column):
			d.add(c.rules.rule("heading.repeated"), Issue{Column: ig.Column, Value: ig.Heading}, "")
		case c.homeRecord < 0:
			d.add(c.rules.rule("column.not_imported"), Issue{Column: ig.Column, Value: ig.Heading}, "")
		}
	}
	for group, n := range groups {
		d.add(c.rules.rule("columns.not_imported"), Issue{Column: -1, Value: group}, strconv.Itoa(n))
	}
	for _, m := range c.program.Missing {
		d.add(c.rules.rule("column.missing"), Issue{Column: -1, Value: m.Heading}, "")
	}
	for _, list := range c.fixes {
		for _, x := range list {
			if !x.used.Load() {
				d.add(c.rules.rule("fix.set_aside"), Issue{Column: x.Column, Value: x.Old}, "")
			}
		}
	}
	before, err := c.engine.Imports.Uploads(ctx, p, imp.SHA256)
	if err == nil && len(before) > 0 && before[0].ID != imp.ID {
		d.add(c.rules.rule("file.imported_before"), Issue{Column: -1},
			before[0].Finished.UTC().Format("on 2 January 2006")+fmt.Sprintf(" (import %d)", before[0].ID))
	}
	for _, i := range d.issues {
		c.groups.add(i)
	}
}

// resolver makes one for a check, or for what a run has to decide again.
func (e *Engine) resolver(ctx context.Context, f *frame, leads Leads, again func(context.Context, int64) (*draft, error)) (*resolver, error) {
	home := append([]lead.Policy(nil), f.program.Policies...)
	for i := range home {
		switch fl := &f.schema.Fields[i]; {
		case fl.Policy == lead.Raise:
		case fl.List() && f.recipe.Decide["erase.blank"] != "erase":
			home[i] = lead.Slotwise
		default:
			home[i] = lead.Replace
		}
	}
	r := &resolver{
		frame: f, leads: leads, tiers: tiersOf(f.recipe, f.program.Tiers), now: e.Now(), again: again,
		budget: e.size().states, heads: map[int64]int64{}, followers: map[int64][]int64{}, makes: roaring.New(), states: map[entity]*state{}, crowds: map[uint64]*crowd{}, file: keyTable{most: e.size().keys},
	}
	r.merger = &lead.Merger{Schema: f.schema, Key: sameKey, Policies: f.program.Policies, Stamp: f.stamp}
	r.follower = &lead.Merger{Schema: f.schema, Key: sameKey, Policies: lead.FollowerPolicies(f.schema, nil), Stamp: f.stamp}
	r.later = &lead.Merger{Schema: f.schema, Key: sameKey, Policies: lead.FollowerPolicies(f.schema, f.program.Policies), Stamp: f.stamp}
	r.home = &lead.Merger{Schema: f.schema, Key: sameKey, Policies: home}
	r.cameHome = func(ctx context.Context, imp, record int64) (bool, error) {
		if e.Runs == nil {
			return false, nil
		}
		got, err := e.Runs.Results(ctx, imp, record, record)
		return len(got) == 1 && got[0].Code == codeCameHome, err
	}
	return r, nil
}
