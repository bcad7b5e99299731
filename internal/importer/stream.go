package importer

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/leadport/leadport/internal/table"
)

// batchRows is how many records travel together.
const batchRows = 1024

// stream hands out drafts in file order, made on all cores. One goroutine reads
// batches, the others make drafts of them; close waits for them.
type stream struct {
	cancel context.CancelFunc
	wait   sync.WaitGroup
	free   chan *load
	order  chan *load
	last   *load // what next gave out
	// ahead makes the workers make the lead of each record; the caller turns it
	// off where most records make none.
	ahead atomic.Bool
}

// load is one batch on its way.
type load struct {
	rows   table.Batch
	block  []byte       // the drafts as they are kept
	at     cleanedBlock // where those of a run are from
	drafts []draft
	ready  chan struct{}
	err    error // the stream ended with it
}

// drafting is where drafts are from.
type drafting interface {
	// next reads a batch, and io.EOF behind the last.
	next(ctx context.Context, l *load) error
	// worker returns what makes the drafts of batches, on one goroutine, and
	// workers how many of them are of use: each has batches in memory.
	worker() func(l *load) error
	workers() int
}

// cleaning makes drafts of the records that rd gives next; with keep it also
// writes them down for the run.
type cleaning struct {
	*frame
	rd   records
	keep bool
}

func (c *cleaning) next(ctx context.Context, l *load) error { return c.rd.Next(ctx, &l.rows) }

func (c *cleaning) workers() int { return runtime.GOMAXPROCS(0) }

func (c *cleaning) worker() func(*load) error {
	clean := newCleaner(c.frame)
	return func(l *load) error {
		l.drafts, l.block = l.drafts[:len(l.rows.Rows)], l.block[:0]
		for i := range l.rows.Rows {
			clean.draft(&l.rows.Rows[i], &l.drafts[i])
			if c.keep {
				l.block = appendCleaned(l.block, &l.drafts[i])
			}
		}
		return nil
	}
}

func newStream(ctx context.Context, f *frame, from drafting, size int) *stream {
	workers := from.workers()
	depth := 2*workers + 1
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{cancel: cancel, free: make(chan *load, depth), order: make(chan *load, depth)}
	work := make(chan *load, depth)
	for range depth {
		s.free <- &load{rows: table.Batch{Max: size}, drafts: make([]draft, size), ready: make(chan struct{}, 1)}
	}
	s.wait.Add(1 + workers)
	go func() {
		defer s.wait.Done()
		defer close(work)
		defer close(s.order)
		for {
			var l *load
			select {
			case l = <-s.free:
			case <-ctx.Done():
				return
			}
			// Neither send blocks: there are no more loads than places.
			if l.err = from.next(ctx, l); l.err != nil {
				l.ready <- struct{}{}
				s.order <- l
				return
			}
			work <- l
			s.order <- l
		}
	}()
	for range workers {
		go func() {
			defer s.wait.Done()
			turn := from.worker()
			for l := range work {
				l.err = turn(l)
				for i := range l.drafts {
					if s.ahead.Load() && !l.drafts[i].failed {
						f.make(&l.drafts[i])
					}
				}
				l.ready <- struct{}{}
			}
		}()
	}
	return s
}

// next returns the next drafts, which are the caller's until it calls again.
// At the end of the file it returns io.EOF.
func (s *stream) next(ctx context.Context) ([]draft, error) {
	if s.last != nil {
		s.free <- s.last
		s.last = nil
	}
	select {
	case l, ok := <-s.order:
		if !ok {
			return nil, errors.Join(ctx.Err(), io.ErrUnexpectedEOF)
		}
		<-l.ready
		if l.err != nil {
			return nil, l.err
		}
		s.last = l
		return l.drafts, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *stream) close() {
	s.cancel()
	s.wait.Wait()
}
