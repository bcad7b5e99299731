package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/trace"
)

const (
	queueImport = "import"
	queueMail   = "mail"
)

// stepArgs wake one import. Turn says where its parts stand (their fences and
// cursors), so that the next step can be enqueued while this one runs.
type stepArgs struct {
	Import int64  `json:"import"`
	Turn   string `json:"turn"`
}

func (stepArgs) Kind() string { return "import_step" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (stepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueImport, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: alive()}}
}

// alive are the states of a job that is still to be worked or being worked.
func alive() []rivertype.JobState {
	return []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled}
}

func importOf(args []byte) (int64, error) {
	var a stepArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return 0, fmt.Errorf("import step: %w", err)
	}
	return a.Import, nil
}

type stepWorker struct {
	river.WorkerDefaults[stepArgs]
	worker Worker
	store  Store
	log    *slog.Logger
	// patience is how long a step waits for a node that can do it.
	patience time.Duration
	away     func(error) bool
}

// snooze is how long a step waits for the database, or after a node that cannot
// do it, so that another takes it: they ask all the time.
const snooze = time.Second

// Work implements river.Worker.
func (w *stepWorker) Work(ctx context.Context, job *river.Job[stepArgs]) error {
	imp := job.Args.Import
	ctx = trace.With(ctx, trace.Import, imp)
	again, err := step(ctx, w.worker, imp)
	if err == nil {
		if again { // nothing if the step has enqueued the next one
			return w.store.WakeImport(ctx, imp)
		}
		return nil
	}
	if errors.Is(err, importer.ErrOtherEngine) && time.Since(job.CreatedAt) < w.patience {
		return river.JobSnooze(snooze)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return err // we are stopping; the sweep of the next start goes on
	}
	w.log.WarnContext(ctx, "import step failed", "attempt", job.Attempt, "err", err)
	if w.away(err) {
		return river.JobSnooze(snooze)
	}
	if job.Attempt < job.MaxAttempts && !errors.Is(err, importer.ErrOtherEngine) {
		return err
	}
	// The reason is kept even if the time of this job is over.
	if e := w.worker.GiveUp(context.WithoutCancel(ctx), imp, err); e != nil {
		return errors.Join(err, e)
	}
	return river.JobCancel(err)
}

// step turns a panic into an error, so that it counts as a try like any other.
func step(ctx context.Context, worker Worker, imp int64) (again bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			again, err = false, fmt.Errorf("import %d: panic: %v\n%s", imp, p, debug.Stack())
		}
	}()
	return worker.Step(ctx, imp)
}

// backoff waits 0.25, 0.5, 1 … s after each failed try, at most 16 s.
type backoff struct{}

// NextRetry implements river.ClientRetryPolicy.
func (backoff) NextRetry(job *rivertype.JobRow) time.Time {
	wait := 250 * time.Millisecond << min(max(len(job.Errors), 0), 6)
	return time.Now().Add(wait)
}
