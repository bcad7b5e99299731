package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

const (
	// txTime and txRows bound one transaction of a run: long enough that the
	// indexes are written in bulk, short enough that an edit or a cancel waits
	// less than two seconds.
	txTime = time.Second
	txRows = 20_000
	// politeFor is how long after somebody had to wait transactions are short.
	politeFor = 5 * time.Second
	// stepTime is about how long one step works before it hands over to the
	// next one.
	stepTime = 10 * time.Second
	// leaseTime is how long a part stays its worker's without a commit.
	leaseTime = 8 * time.Second

	codeCameHome = "home.imported"
)

// Start begins the run of a checked plan. It refuses while a question is open
// (lead.ErrConflict), and with all or nothing while any record is in error.
func (e *Engine) Start(ctx context.Context, p access.Principal, id int64) error {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return err
	}
	if imp.State != Checked || imp.Plan == nil {
		return fmt.Errorf("import %d is %s, so it cannot be started: %w", id, imp.State, lead.ErrConflict)
	}
	if foreign(imp) {
		return errForeign(imp)
	}
	if len(imp.Plan.Decisions) > 0 {
		return fmt.Errorf("a decision is missing: %s: %w", imp.Plan.Decisions[0].Question, lead.ErrConflict)
	}
	f, det, err := e.frame(ctx, p, imp)
	if err != nil {
		return err
	}
	a := imp.Plan.Accounting
	if f.recipe.AllOrNothing && a.Open() {
		return fmt.Errorf("all or nothing: %d records with errors and %d that need a decision, so nothing is imported: %w", a.Errors, a.Conflicts, lead.ErrConflict)
	}
	if most, ok, err := f.stopAfter(a.Records); err != nil || (ok && a.Errors > most) {
		return errors.Join(err, fmt.Errorf("%d records with errors are more than the %d after which the import is to stop: %w", a.Errors, most, lead.ErrConflict))
	}
	if err := e.addOptions(ctx, p, f, id); err != nil {
		return err
	}
	b, err := e.beginning(ctx, f, det, imp)
	if err != nil {
		return err
	}
	return e.Runs.StartRun(ctx, p, id, []State{Checked}, Running, b)
}

// addOptions makes the options that answers ask for (rule 2.5).
func (e *Engine) addOptions(ctx context.Context, p access.Principal, f *frame, id int64) error {
	for field, answers := range f.recipe.Values {
		for _, text := range answers {
			a := recipe.ParseAnswer(text)
			if a.Do != recipe.AddOption {
				continue
			}
			got, err := e.Dir.AddChoice(ctx, p, field, a.Value, id)
			if err != nil {
				return err
			}
			if got != norm.OptionID(a.Value) {
				return fmt.Errorf("%q is too much like the option %q; answer with that one instead: %w", a.Value, got, lead.ErrConflict)
			}
		}
	}
	return nil
}

// stopAfter is the number of errors after which the import stops (rule 8.4).
func (f *frame) stopAfter(records int64) (most int64, set bool, err error) {
	if f.recipe.StopAfter == "" {
		return 0, false, nil
	}
	count, percent, err := f.recipe.Stop()
	if percent > 0 {
		count = int64(float64(records) * percent / 100)
	}
	return count, true, err
}

// Cancel stops a run within two seconds; what is in stays until it is undone.
func (e *Engine) Cancel(ctx context.Context, p access.Principal, id int64) error {
	return e.Imports.UpdateImport(ctx, p, id, func(imp *Import) error {
		switch imp.State {
		case Running:
			imp.State = Cancelling
		case Paused:
			imp.State = Cancelled
		default:
			return fmt.Errorf("import %d is %s, so there is nothing to cancel: %w", id, imp.State, lead.ErrConflict)
		}
		return nil
	})
}

// Continue goes on with a cancelled or paused run where it stopped.
func (e *Engine) Continue(ctx context.Context, p access.Principal, id int64) error {
	return e.Runs.StartRun(ctx, p, id, []State{Cancelled, Paused}, Running, Beginning{})
}

// Pause stops a run that cannot go on and keeps the reason (rule 8.5).
func (e *Engine) Pause(ctx context.Context, id int64, reason error) error {
	return e.Imports.UpdateImport(ctx, access.System(), id, func(imp *Import) error {
		switch imp.State {
		case Running, Undoing:
			imp.State, imp.Reason = Paused, reason.Error()
		case Cancelling:
			imp.State, imp.Reason = Cancelled, reason.Error()
		}
		return nil
	})
}

// Step does some seconds of an import's work, whatever it is at; jobs call it
// whenever they are woken. It reports whether there is more to do; the next
// step is then enqueued already.
func (e *Engine) Step(ctx context.Context, id int64) (again bool, err error) {
	imp, err := e.Imports.GetImport(ctx, access.System(), id)
	if errors.Is(err, lead.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	p, err := e.actor(ctx, imp.Actor)
	if err != nil {
		return false, err
	}
	switch {
	case imp.Options.Run && (imp.State == Checking || imp.State == Checked && foreign(imp)):
		fence, err := e.beginCheck(ctx, p, id, true, nil)
		if errors.Is(err, lead.ErrConflict) {
			return false, nil // another worker is at it
		}
		if err == nil {
			err = e.RunCheck(ctx, p, id, fence, nil)
		}
		if err != nil {
			return false, err
		}
		return false, e.startOrWait(ctx, p, id)
	case imp.State == Checked && imp.Options.Run:
		return false, e.startOrWait(ctx, p, id)
	case imp.Kind == "undo" && imp.State == Undoing:
		return e.undoStep(ctx, imp)
	case (imp.State == Running || imp.State == Cancelling) && foreign(imp):
		return false, errors.Join(ErrOtherEngine, e.waits(ctx, imp, ErrOtherEngine.Error()+"; a node of that one goes on with it"))
	case imp.State == Running || imp.State == Cancelling:
		if err := e.waits(ctx, imp, ""); err != nil {
			return false, err
		}
		return e.runStep(ctx, p, imp)
	case imp.State == Failed && imp.Kind == "file" && imp.Accounting.Leads() > 0:
		return false, e.takeBack(ctx, p, imp)
	}
	return false, nil
}

// takeBack undoes what a failed run of all or nothing left (rule 8.4).
func (e *Engine) takeBack(ctx context.Context, p access.Principal, imp *Import) error {
	r, err := recipe.Load(strings.NewReader(imp.Recipe))
	if err != nil || !r.AllOrNothing {
		return err
	}
	undos, err := e.Imports.Undos(ctx, imp.ID)
	if err != nil || len(undos) > 0 {
		return err
	}
	_, err = e.Undo(ctx, p.TakingBack(), imp.ID, Options{TakeBack: true})
	return err
}

// startOrWait starts a run that was to follow its check. A plan with open
// questions, or with nothing to write, waits for its person.
func (e *Engine) startOrWait(ctx context.Context, p access.Principal, id int64) error {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return err
	}
	if imp.Plan != nil && imp.Plan.Accounting.Leads() > 0 {
		if err = e.Start(ctx, p, id); !errors.Is(err, lead.ErrConflict) {
			return err
		}
	}
	return e.Withdraw(ctx, id)
}

// Withdraw takes back that the run is to follow the check. It changes nothing
// once the run has begun.
func (e *Engine) Withdraw(ctx context.Context, id int64) error {
	return e.Imports.UpdateImport(ctx, access.System(), id, func(imp *Import) error {
		switch imp.State {
		case Draft, Checking, Checked:
			imp.Options.Run = false
		}
		return nil
	})
}

// actor is the person an import acts for, with the rights of now (rule 8.6).
func (e *Engine) actor(ctx context.Context, id int64) (access.Principal, error) {
	users, err := e.Dir.Users(ctx)
	if err != nil {
		return access.Principal{}, err
	}
	for _, u := range users {
		if u.ID == id {
			return access.For(u), nil
		}
	}
	return access.Principal{}, fmt.Errorf("user %d who started the import: %w", id, lead.ErrNotFound)
}

func (e *Engine) runStep(ctx context.Context, p access.Principal, imp *Import) (again bool, err error) {
	parts, err := e.Runs.Parts(ctx, imp.ID)
	if err != nil {
		return false, err
	}
	if len(parts) > 1 {
		return e.runParts(ctx, p, imp)
	}
	part, err := e.Runs.Claim(ctx, imp.ID, 1, leaseTime)
	if errors.Is(err, lead.ErrConflict) {
		return false, nil // another worker is at it
	}
	if err != nil {
		return false, err
	}
	return e.runPart(ctx, p, imp, part, nil, e.Now())
}

// runPart works on a part for as long as there is something to do and the step
// lasts that began at a time; parts are all of the run, nil if there is but one.
func (e *Engine) runPart(ctx context.Context, p access.Principal, imp *Import, part Part, parts []Part, began time.Time) (again bool, err error) {
	defer func() {
		if err != nil {
			e.Runs.Leave(part)
		}
	}()
	r, err := e.runner(ctx, p, imp, part, parts)
	if err != nil {
		return false, err
	}
	defer r.close()
	for {
		more, err := r.transaction(ctx)
		if errors.Is(err, lead.ErrFenced) {
			return false, nil // taken over: nothing of this transaction was kept
		}
		if err != nil || !more {
			return false, err
		}
		if e.Now().Sub(began) > stepTime {
			return true, e.handOver(ctx, imp.ID, &r.part)
		}
	}
}

// turn is how long a transaction gathers work: less while people edit leads
// beside the import, as whoever comes waits for its commit as well.
func (e *Engine) turn() time.Duration {
	if e.Runs.WaitedSince(e.Now().Add(-politeFor)) {
		return txTime / 10
	}
	return txTime
}

// handOver frees the parts that a step has held and enqueues the next one.
func (e *Engine) handOver(ctx context.Context, id int64, parts ...*Part) error {
	return e.Runs.InTx(ctx, func(tx Tx) error {
		for _, part := range parts {
			if err := tx.Advance(ctx, part, part.Cursor, part.Accounting, 0); err != nil {
				return err
			}
		}
		return tx.Wake(ctx, id)
	})
}

// runner applies a plan, transaction by transaction (rule 8.2).
type runner struct {
	*frame
	engine   *Engine
	acting   access.Principal // the person's rights as of this transaction (rule 8.6)
	imp      *Import
	part     Part
	parts    []Part // of a run of several
	plan     *Plan
	later    *Plan // a second one, of what is for later
	rd       *rows
	stream   *stream
	linker   *linker
	diverted map[int64]bool // records that are not written although the plan says so
	entries  []Entry
}

func (e *Engine) runner(ctx context.Context, p access.Principal, imp *Import, part Part, parts []Part) (r *runner, err error) {
	r = &runner{engine: e, imp: imp, part: part, parts: parts, diverted: map[int64]bool{}, entries: make([]Entry, e.size().batch)}
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	f, det, err := e.frame(ctx, p, imp)
	if err != nil {
		return r, err
	}
	r.frame, r.linker = f, newLinker(f, e.Dir)
	if r.plan, err = OpenPlan(ctx, e.Files, imp.Plan); err != nil {
		return r, err
	}
	if r.rd, err = e.openRows(ctx, imp, det); err != nil {
		return r, err
	}
	done := part.Cursor - 1
	if part.Later {
		done = part.Last
	}
	results, err := e.Runs.Results(ctx, imp.ID, part.First, done)
	if err != nil {
		return r, err
	}
	for _, res := range results {
		r.diverted[res.Record] = true
	}
	rest := records(&stretch{records: r.rd, last: part.Last})
	if part.Later {
		if r.later, err = OpenPlan(ctx, e.Files, imp.Plan); err != nil {
			return r, err
		}
		rest = &scattered{rd: r.rd.Reader, plan: r.later, mine: r.mine, next: part.Cursor}
	} else if part.Cursor <= part.Last {
		at, err := r.plan.At(part.Cursor)
		if err != nil {
			return r, err
		}
		if err := r.rd.Seek(table.Position{Offset: at.Offset, Line: at.Line, Record: part.Cursor}); err != nil {
			return r, err
		}
	}
	r.stream = newStream(ctx, f, rest, e.size().batch)
	r.stream.ahead.Store(2*imp.Plan.Accounting.New >= imp.Plan.Accounting.Records)
	return r, nil
}

func (r *runner) close() {
	if r.stream != nil {
		r.stream.close()
	}
	if r.rd != nil {
		r.rd.Close()
	}
	if r.plan != nil {
		r.plan.Close()
	}
	if r.later != nil {
		r.later.Close()
	}
}

// transaction does up to txTime of work and commits it whole: leads, journal,
// results, counters and cursor together, under the part's fence (rule 8.3).
// It reports whether there is more to do.
func (r *runner) transaction(ctx context.Context) (more bool, err error) {
	if r.acting, err = r.engine.actor(ctx, r.imp.Actor); err != nil {
		return false, err
	}
	state := Running
	acc, cursor := r.part.Accounting, r.part.Cursor
	write, lease := r.engine.Runs.InTx, leaseTime
	if r.parts != nil {
		write = func(ctx context.Context, f func(Tx) error) error { return r.engine.Runs.InPart(ctx, &r.part, f) }
	}
	err = write(ctx, func(tx Tx) error {
		// Asked in here, where nobody else writes: one that cancelled while
		// this transaction waited to begin has to wait for no other.
		now, err := r.engine.Imports.GetImport(ctx, access.System(), r.imp.ID)
		if err != nil {
			return err
		}
		if state = now.State; state != Running {
			return nil
		}
		b, err := r.begin(ctx, tx)
		if err != nil {
			return err
		}
		turn := r.engine.turn()
		for began := r.engine.Now(); cursor <= r.part.Last && cursor-r.part.Cursor < int64(r.engine.size().tx) && r.engine.Now().Sub(began) < turn; {
			if cursor > r.part.Cursor && r.engine.Runs.Waiting() {
				break
			}
			drafts, err := r.stream.next(ctx)
			if r.part.Later && errors.Is(err, io.EOF) {
				cursor = r.part.Last + 1
				break
			}
			if errors.Is(err, io.EOF) {
				return fmt.Errorf("the file ends before record %d of its plan", cursor)
			}
			if err != nil {
				return err
			}
			last := drafts[len(drafts)-1].record
			if err := b.apply(ctx, drafts, &acc); err != nil {
				return fmt.Errorf("import records %d–%d: %w", cursor, last, err)
			}
			cursor = last + 1
		}
		more = cursor <= r.part.Last && !(r.recipe.AllOrNothing && acc.Open())
		if r.parts != nil && !more {
			lease = 0
		}
		if err := tx.Advance(ctx, &r.part, cursor, acc, lease); err != nil || more || r.parts != nil {
			return err
		}
		if r.recipe.AllOrNothing && acc.Open() {
			return r.engine.fail(ctx, tx, r.imp, totalOf(r.imp, acc))
		}
		return r.engine.finish(ctx, tx, r.imp, Done, totalOf(r.imp, acc), "")
	})
	if err == nil && state != Running {
		return false, r.finishCancelled(ctx, state)
	}
	return more, err
}

// totalOf is a run's accounting as the import shows it.
func totalOf(imp *Import, acc Accounting) Accounting {
	acc.Accounts, acc.Tags, acc.Blank = imp.Plan.Accounting.Accounts, imp.Plan.Accounting.Tags, imp.Plan.Accounting.Blank
	return acc
}

// fail ends a run of all or nothing; Step takes back what is in, even after a
// kill.
func (e *Engine) fail(ctx context.Context, tx Tx, imp *Import, total Accounting) error {
	if err := e.finish(ctx, tx, imp, Failed, total, "all or nothing: a record changed since the check, so the others are taken back"); err != nil {
		return err
	}
	return tx.Wake(ctx, imp.ID)
}

func cancelledAfter(done, of int64) string {
	return fmt.Sprintf("cancelled after %d of %d records", done, of)
}

// finishCancelled ends a cancelled run; of one of several parts whoever set this
// one free does.
func (r *runner) finishCancelled(ctx context.Context, state State) error {
	if state != Cancelling && r.parts == nil {
		return nil
	}
	return r.engine.Runs.InTx(ctx, func(tx Tx) error {
		if err := tx.Advance(ctx, &r.part, r.part.Cursor, r.part.Accounting, 0); err != nil || r.parts != nil {
			return err
		}
		return r.engine.finish(ctx, tx, r.imp, Cancelled, totalOf(r.imp, r.part.Accounting), cancelledAfter(r.part.Cursor-1, r.part.Last))
	})
}
