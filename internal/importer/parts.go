package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// Where several nodes work on a database, the run of a large file is cut into
// parts, stretches of records, that nodes run side by side. The result is that
// of one part (rule 5.7), because a plan is final: what a record does hangs on
// no other record but the one that it merges into. Where that one is in another
// part, the record waits for the last part, which goes in file order over all
// that waited. Ids of leads are their places in the plan, owners are shared by
// them, and accounts and tags that several parts may name are made beforehand.

const (
	// partRecords is how many records a part has, leastParts how many parts are
	// worth the trouble, mostParts how many there are at most.
	partRecords = 25_000
	leastParts  = 6
	mostParts   = 64
	// mostWritten is how many leads may have been written since the check, so
	// that it is looked whether the plan writes any of them.
	mostWritten = 10_000
)

// beginning is how the run of a plan begins: in several parts, or in one.
func (e *Engine) beginning(ctx context.Context, f *frame, det *table.Detection, imp *Import) (Beginning, error) {
	a := imp.Plan.Accounting
	b := Beginning{New: a.New, Parts: []Part{{Import: imp.ID, Number: 1, First: 1, Last: a.Records, Cursor: 1}}}
	size, least := int64(e.sizes.part), int64(2)
	if size == 0 && e.Runs.Nodes() {
		size, least = partRecords, leastParts
	}
	// Rejects that come home mark records of other imports; a packed file whose
	// rows are not kept would be read from its beginning for each part.
	if size == 0 || a.Records < least*size || f.homeRecord >= 0 || !e.hasRows(ctx, imp, det) {
		return b, nil
	}
	accounts, tags, ok, err := e.creations(ctx, imp)
	if err != nil || !ok {
		return b, err
	}
	if written, err := e.written(ctx, imp); err != nil || written {
		return b, err
	}
	b.Accounts, b.Tags, b.Parts = accounts, tags, nil
	size = max(size, (a.Records+mostParts-1)/mostParts)
	for first := int64(1); first <= a.Records; first += size {
		b.Parts = append(b.Parts, Part{Import: imp.ID, Number: int64(len(b.Parts) + 1), First: first, Last: min(first+size-1, a.Records), Cursor: first})
	}
	b.Parts = append(b.Parts, Part{Import: imp.ID, Number: int64(len(b.Parts) + 1), First: 1, Last: a.Records, Cursor: 1, Later: true})
	return b, nil
}

// creations are the accounts and tags that a plan makes, as they are written
// first; ok is false where nobody knows.
func (e *Engine) creations(ctx context.Context, imp *Import) (accounts, tags []string, ok bool, err error) {
	if imp.Plan.Accounting.Accounts+imp.Plan.Accounting.Tags == 0 {
		return nil, nil, true, nil
	}
	t, err := openTrace(ctx, e.Files, imp.Plan.Trace, "")
	if errors.Is(err, errStale) || errors.Is(err, fs.ErrNotExist) {
		return nil, nil, false, nil
	}
	if err != nil {
		return nil, nil, false, err
	}
	defer t.f.Close()
	for _, c := range t.tail.Creations {
		switch {
		case c.Records == 0:
		case c.Name == "":
			return nil, nil, false, nil
		case c.Tag:
			tags = append(tags, c.Name)
		default:
			accounts = append(accounts, c.Name)
		}
	}
	return accounts, tags, true, nil
}

// written reports whether a lead that the plan changes was written since the
// check, or so many leads that nobody looks. Then it matters which records were
// judged before the import changed that lead itself, and all go in turn.
func (e *Engine) written(ctx context.Context, imp *Import) (bool, error) {
	ids, err := e.Leads.WrittenAfter(ctx, imp.Plan.Seq, mostWritten+1)
	if err != nil || len(ids) == 0 || len(ids) > mostWritten {
		return len(ids) > 0, err
	}
	since := make(map[int64]bool, len(ids))
	for _, id := range ids {
		since[id] = true
	}
	plan, err := OpenPlan(ctx, e.Files, imp.Plan)
	if err != nil {
		return false, err
	}
	defer plan.Close()
	found := false
	err = plan.each(func(_ int64, entry *Entry) error {
		if entry.Outcome == Update && since[entry.Lead] {
			found = true
			return io.EOF
		}
		return nil
	})
	if found {
		err = nil
	}
	return found, err
}

// lanes are the runs of several parts that this process is at: it takes one part
// of each at a time.
type lanes struct {
	mu sync.Mutex
	at map[int64]bool
}

func (l *lanes) enter(imp int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at[imp] {
		return false
	}
	if l.at == nil {
		l.at = map[int64]bool{}
	}
	l.at[imp] = true
	return true
}

func (l *lanes) leave(imp int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.at, imp)
}

// runParts works on one part after the other for as long as a step takes.
func (e *Engine) runParts(ctx context.Context, p access.Principal, imp *Import) (again bool, err error) {
	if !e.lanes.enter(imp.ID) {
		return false, nil
	}
	defer e.lanes.leave(imp.ID)
	r, err := recipe.Load(strings.NewReader(imp.Recipe))
	if err != nil {
		return false, err
	}
	for began := e.Now(); ; {
		now, err := e.Imports.GetImport(ctx, access.System(), imp.ID)
		if err != nil {
			return false, err
		}
		parts, err := e.Runs.Parts(ctx, imp.ID)
		if err != nil {
			return false, err
		}
		if run := sumOf(parts); now.State != Running || run.done || r.AllOrNothing && run.Open() {
			return false, e.endParts(ctx, imp, r.AllOrNothing)
		}
		if e.Now().Sub(began) > stepTime {
			return true, e.handOver(ctx, imp.ID)
		}
		part, err := e.Runs.ClaimNext(ctx, imp.ID, leaseTime)
		if errors.Is(err, lead.ErrConflict) {
			return false, nil // others are at all that is left
		}
		if err != nil {
			return false, err
		}
		if again, err = e.runPart(ctx, p, imp, part, parts, began); err != nil || again {
			return again, err
		}
	}
}

// sum is how a run of several parts stands.
type sum struct {
	Accounting
	done bool
}

func sumOf(parts []Part) sum {
	s := sum{done: true}
	for i := range parts {
		s.Add(parts[i].Accounting)
		s.done = s.done && parts[i].Cursor > parts[i].Last
	}
	return s
}

// endParts ends the run if that is due: nobody writes meanwhile.
func (e *Engine) endParts(ctx context.Context, imp *Import, allOrNothing bool) error {
	return e.Runs.InTx(ctx, func(tx Tx) error {
		now, err := e.Imports.GetImport(ctx, access.System(), imp.ID)
		if err != nil {
			return err
		}
		parts, err := e.Runs.Parts(ctx, imp.ID)
		if err != nil {
			return err
		}
		run := sumOf(parts)
		total := totalOf(now, run.Accounting)
		switch {
		case now.State == Cancelling:
			return e.finish(ctx, tx, now, Cancelled, total, cancelledAfter(total.Records, now.Plan.Records))
		case now.State != Running:
			return nil
		case allOrNothing && run.Open():
			return e.fail(ctx, tx, now, total)
		case run.done:
			return e.finish(ctx, tx, now, Done, total, "")
		}
		return nil
	})
}

// Progressed is how many records the parts of a run have done.
func Progressed(parts []Part) (done int64) {
	for i := range parts {
		done += parts[i].Accounting.Records
	}
	return done
}

// mine reports whether a record of the plan is for the part.
func (r *runner) mine(record int64, e *Entry) bool {
	switch {
	case r.parts == nil:
		return true
	case e.Outcome != Skip || e.Reason != SkipMerged:
		return !r.part.Later
	case r.part.Later:
		return e.Head < r.parts[partOf(r.parts, record)].First
	}
	return e.Head >= r.part.First
}

// partOf is the index of the part in whose stretch a record is.
func partOf(parts []Part, record int64) int {
	return sort.Search(len(parts), func(i int) bool { return parts[i].Later || parts[i].First > record }) - 1
}

// choose leaves the records that are the part's, in order.
func (r *runner) choose(drafts []draft, entries []Entry) ([]draft, []Entry) {
	n := 0
	for i := range drafts {
		if r.mine(drafts[i].record, &entries[i]) {
			drafts[n], drafts[i] = drafts[i], drafts[n]
			entries[n] = entries[i]
			n++
		}
	}
	return drafts[:n], entries[:n]
}

// records hands out records in file order; io.EOF behind the last one.
type records interface {
	Next(ctx context.Context, b *table.Batch) error
}

// stretch is the records up to a last one.
type stretch struct {
	records
	last int64
	done bool
}

// Next implements records.
func (s *stretch) Next(ctx context.Context, b *table.Batch) error {
	if s.done {
		return io.EOF
	}
	if err := s.records.Next(ctx, b); err != nil {
		return err
	}
	for n := len(b.Rows); n > 0 && b.Rows[n-1].Record >= s.last; n-- {
		s.done = true
		if b.Rows[n-1].Record > s.last {
			b.Rows = b.Rows[:n-1]
		}
	}
	return nil
}

// scattered is the records that a condition on their plan chooses.
type scattered struct {
	rd   *table.Reader
	plan *Plan // its own
	mine func(record int64, e *Entry) bool
	next int64

	window []Entry
	first  int64 // record of the window's first entry
	held   int   // entries in the window
	batch  table.Batch
}

// farther is how many records are read to come to one, rather than to seek it.
const farther = 256

// Next implements records. What it gives out holds no piece of the file.
func (s *scattered) Next(ctx context.Context, b *table.Batch) error {
	b.Rows = b.Rows[:0]
	for ; s.next <= s.plan.n && len(b.Rows) < b.Max; s.next++ {
		e, err := s.entry(s.next)
		if err != nil {
			return err
		}
		if !s.mine(s.next, e) {
			continue
		}
		row, err := s.row(ctx, s.next, e)
		if err != nil {
			return fmt.Errorf("read record %d: %w", s.next, err)
		}
		b.Rows = append(b.Rows, *row)
		last := &b.Rows[len(b.Rows)-1]
		last.Cells, last.Bad = slices.Clone(row.Cells), slices.Clone(row.Bad)
		for i, c := range last.Cells {
			last.Cells[i] = strings.Clone(c)
		}
	}
	if len(b.Rows) == 0 {
		return io.EOF
	}
	return nil
}

func (s *scattered) entry(record int64) (*Entry, error) {
	if s.window == nil {
		s.window = make([]Entry, batchRows)
	}
	if record < s.first || record >= s.first+int64(s.held) {
		var err error
		s.first = record
		if s.held, err = s.plan.Read(record, s.window); err != nil {
			return nil, err
		}
	}
	return &s.window[record-s.first], nil
}

func (s *scattered) row(ctx context.Context, record int64, e *Entry) (*table.Row, error) {
	for {
		at := int64(-1) // the last record that was read
		if n := len(s.batch.Rows); n > 0 {
			at = s.batch.Rows[n-1].Record
			if i := record - s.batch.Rows[0].Record; i >= 0 && i < int64(n) {
				return &s.batch.Rows[i], nil
			}
		}
		if at < 0 || at >= record || record-at > farther {
			if err := s.rd.Seek(table.Position{Offset: e.Offset, Line: e.Line, Record: record}); err != nil {
				return nil, err
			}
		}
		s.batch.Max = farther / 4
		if err := s.rd.Next(ctx, &s.batch); err != nil {
			return nil, err
		}
	}
}
