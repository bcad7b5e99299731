package jobs

import (
	"context"
	"sync"
	"time"

	"github.com/leadport/leadport/internal/trace"
)

// A run of several parts is one job, of one node. The others see by themselves
// that there is more to do and help, each with a part at a time, until nothing
// is left. They need no job for it: which node a job comes to is chance.

// helpAgain is how long a node that could not help leaves a run to the others.
const helpAgain = 30 * time.Second

// helpers are the runs that this node helps with.
type helpers struct {
	wait   sync.WaitGroup
	mu     sync.Mutex
	at     map[int64]bool
	failed map[int64]time.Time
}

// help begins to help with every run that has a part to spare.
func (j *Jobs) help(ctx context.Context) error {
	list, err := j.store.Helpable(ctx)
	if err != nil {
		return err
	}
	h := &j.helpers
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at == nil {
		h.at, h.failed = map[int64]bool{}, map[int64]time.Time{}
	}
	for imp, at := range h.failed {
		if time.Since(at) > helpAgain {
			delete(h.failed, imp)
		}
	}
	for _, imp := range list {
		if h.at[imp] || !h.failed[imp].IsZero() {
			continue
		}
		h.at[imp] = true
		h.wait.Go(func() {
			err := j.helpWith(ctx, imp)
			h.mu.Lock()
			defer h.mu.Unlock()
			delete(h.at, imp)
			if err != nil {
				h.failed[imp] = time.Now()
			}
		})
	}
	return nil
}

// helpWith does steps of an import until nothing is left for this node. Once ctx
// has ended it has as long as a job to come to its end.
func (j *Jobs) helpWith(ctx context.Context, imp int64) error {
	work, cancel := context.WithCancel(trace.With(context.WithoutCancel(ctx), trace.Import, imp))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(softStop, cancel) })
	defer stop()
	for ctx.Err() == nil {
		again, err := step(work, j.worker, imp)
		if err != nil && ctx.Err() == nil {
			j.log.WarnContext(work, "help with an import", "err", err)
		}
		if err != nil || !again {
			return err
		}
	}
	return nil
}
