package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
)

// housekeepingArgs ask for what is done once an hour.
type housekeepingArgs struct{}

func (housekeepingArgs) Kind() string { return "housekeeping" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (housekeepingArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: alive()}}
}

type housekeepingWorker struct {
	river.WorkerDefaults[housekeepingArgs]
	store Store
	sweep func(context.Context) error
}

// Work implements river.Worker. One part that fails does not keep the others;
// all come again in an hour.
func (w *housekeepingWorker) Work(ctx context.Context, _ *river.Job[housekeepingArgs]) error {
	now := time.Now()
	errs := []error{w.store.PurgeLog(ctx, now.AddDate(0, 0, -logDays))}
	_, err := w.store.PurgeBin(ctx, now.AddDate(0, 0, -binDays))
	errs = append(errs, err)
	if w.sweep != nil {
		errs = append(errs, w.sweep(ctx))
	}
	return errors.Join(errs...)
}

// quiet lets only warnings and errors of River through, and these only where
// all is logged: what matters of them comes as an error of a step, once, and
// River says the same again with each of its own tries.
type quiet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, slog.LevelInfo)
}

// Handle implements slog.Handler. That something was cancelled is no news:
// River says so of its own periodic jobs whenever it is stopped.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	cancelled := false
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && errors.Is(err, context.Canceled) || a.Value.String() == context.Canceled.Error() {
			cancelled = true
		}
		return !cancelled
	})
	if cancelled {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (q quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(a)} }

// WithGroup implements slog.Handler.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
