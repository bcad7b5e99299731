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

// stream reads records, cleans them on all cores and hands the drafts out in
// file order. One goroutine reads, the others clean; Close waits for them.
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
	drafts []draft
	ready  chan struct{}
	err    error // the reading ended with it
}

// newStream begins with the record that rd gives next.
func newStream(ctx context.Context, f *frame, rd records, size int) *stream {
	workers := runtime.GOMAXPROCS(0)
	depth := 2*workers + 2
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
			if l.err = rd.Next(ctx, &l.rows); l.err != nil {
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
			c := newCleaner(f)
			for l := range work {
				l.drafts = l.drafts[:len(l.rows.Rows)]
				for i := range l.rows.Rows {
					c.draft(&l.rows.Rows[i], &l.drafts[i])
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
