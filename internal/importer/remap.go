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

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// Another mapping of a column whose field nothing is matched, named or linked by
// changes few outcomes: only those of records with something to say about what
// the column feeds, before or after, and of records that change leads or merge
// with others. All records are read for it, and of each only the columns that
// feed the changed fields are cleaned, under the recipe as it was and as it is.

// mostRemapped bounds the records of such a check, each of which takes eight
// bytes of memory.
const mostRemapped = 4 << 20

// remap is a change of columns since the last check.
type remap struct {
	was    string       // the recipe of the last check
	change []uint64     // by record, from 0: what the hash of its values changed by
	held   map[int]bool // columns that feed nothing, and hold something
}

// openRemapped opens the last check where nothing but the columns is another.
func (l *lastCheck) openRemapped(ctx context.Context, on ground) error {
	info := l.imp.Plan
	if info.Trace == "" || info.Records > mostRemapped {
		return nil
	}
	t, err := openTrace(ctx, l.engine.Files, info.Trace, "")
	if errors.Is(err, errStale) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if t.tail.Rest != on.rest {
		return t.f.Close()
	}
	plan, err := OpenPlan(ctx, l.engine.Files, info)
	if err != nil {
		t.f.Close()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	l.plan, l.trace, l.remap = plan, t, &remap{was: t.tail.Recipe}
	return nil
}

// remapped adds the records whose outcome may be another to the set. ok is false
// where a changed column concerns more than its own field.
func (l *lastCheck) remapped(ctx context.Context, c *checker) (ok bool, err error) {
	before := *l.imp
	before.Recipe = l.remap.was
	was, _, err := l.engine.frame(ctx, c.principal, &before)
	if err != nil {
		return false, err
	}
	was.recipe.Values = c.recipe.Values // another answer is another matter (see seed)
	fields, ok := changedFields(was, c.frame)
	if !ok {
		return false, nil
	}
	err = l.plan.each(func(record int64, e *Entry) error {
		switch e.Outcome {
		case New, Failure, Conflict:
		default:
			l.set.Add(uint32(record))
		}
		if e.Head > 0 {
			l.set.Add(uint32(e.Head))
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	l.remap.change, l.remap.held = make([]uint64, l.plan.Len()), map[int]bool{}
	return true, l.compare(ctx, c, was.only(fields), c.only(fields))
}

// changedFields are the fields that are fed otherwise than before. ok is false
// where a record's outcome hangs on one of them.
func changedFields(was, is *frame) (fields lead.Set, ok bool) {
	plain := true
	add := func(inputs []recipe.Input, others []recipe.Input) {
		for _, in := range inputs {
			if slices.ContainsFunc(others, in.Same) {
				continue
			}
			plain = plain && in.Full == nil && !in.Tags
			if in.Comments {
				fields.Add(is.slot.notes)
			}
			for _, t := range in.Targets {
				fields.Add(t.Field)
				plain = plain && is.plain(t)
			}
		}
	}
	add(was.program.Inputs, is.program.Inputs)
	add(is.program.Inputs, was.program.Inputs)
	return fields, plain
}

// plain reports whether no record is matched, named, linked or read by what the
// target holds.
func (f *frame) plain(t lead.Target) bool {
	fl := &f.schema.Fields[t.Field]
	switch s := &f.slot; t.Field {
	case s.addresses:
		return t.Part != f.address.country // phones are read by it
	case s.name, s.firstName, s.lastName, s.company, s.owner, s.account:
		return false
	}
	return !fl.List() && !fl.Virtual && !fl.Required
}

// only is the frame with no columns but those that feed the fields.
func (f *frame) only(fields lead.Set) *frame {
	out, program := *f, *f.program
	program.Same = nil
	program.Inputs = slices.DeleteFunc(slices.Clone(program.Inputs), func(in recipe.Input) bool { return !in.Feeds(fields, f.slot.notes) })
	out.program, out.homeImport, out.homeRecord = &program, -1, -1
	return &out
}

// compare cleans every record under both, on all cores where the file can be
// entered anywhere.
func (l *lastCheck) compare(ctx context.Context, c *checker, was, is *frame) error {
	workers := 1
	if c.det.Format == "csv" && c.det.Container == "" {
		workers = runtime.GOMAXPROCS(0)
	}
	n := l.plan.Len()
	share := max(1, (n+int64(workers)-1)/int64(workers))
	var wait sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for first := int64(1); first <= n; first += share {
		e, err := l.plan.At(first)
		if err != nil {
			errs = append(errs, err)
			break
		}
		from := table.Position{Offset: e.Offset, Line: e.Line, Record: first}
		wait.Go(func() {
			set, held, err := l.compared(ctx, c, was, is, from, min(n, first+share-1))
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
			l.set.Or(set)
			for column := range held {
				l.remap.held[column] = true
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// compared does so with the records up to last. It returns those with something
// to say, and the ignored columns that hold something.
func (l *lastCheck) compared(ctx context.Context, c *checker, was, is *frame, from table.Position, last int64) (set *roaring.Bitmap, held map[int]bool, err error) {
	set, held = roaring.New(), map[int]bool{}
	rd, err := c.open()
	if err != nil {
		return set, held, err
	}
	defer rd.Close()
	if from.Record > 1 {
		if err := rd.Seek(from); err != nil {
			return set, held, err
		}
	}
	before, now := newCleaner(was), newCleaner(is)
	var a, b draft
	var batch table.Batch
	for {
		err := rd.Next(ctx, &batch)
		if errors.Is(err, io.EOF) {
			return set, held, nil
		}
		if err != nil {
			return set, held, fmt.Errorf("read the records again: %w", err)
		}
		for i := range batch.Rows {
			row := &batch.Rows[i]
			if row.Record > last {
				return set, held, nil
			}
			before.draft(row, &a)
			now.draft(row, &b)
			l.remap.change[row.Record-1] = b.planned - a.planned
			if len(a.issues)+len(a.asks)+len(b.issues)+len(b.asks) > 0 {
				set.Add(uint32(row.Record))
			}
			for _, ig := range c.program.Ignored {
				if !held[ig.Column] && norm.Clean(cell(b.cells, ig.Column)) != "" {
					held[ig.Column] = true
				}
			}
		}
	}
}

// blank are the columns that feed nothing and hold nothing.
func (m *remap) blank(p *recipe.Program) (out []int) {
	for _, ig := range p.Ignored {
		if !m.held[ig.Column] {
			out = append(out, ig.Column)
		}
	}
	return out
}
