// Package jobs wakes what has to be done in the background: the next step of
// an import, mail, housekeeping. River is the alarm clock only: what an import
// has done and what is left is in its row and its parts, so that a lost job
// costs two seconds and a doubled one nothing (import-rules.md 8.3).
//
// The package may import importer and notify. The database comes in as an
// interface; SQL is the store's.
package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// Worker does the steps of imports. GiveUp is told the last error of a step
// that failed too often; it pauses the import with the reason.
type Worker interface {
	// Step does a few seconds of work. While another holds the import it does
	// nothing and returns no error. again asks for one more step.
	Step(ctx context.Context, imp int64) (again bool, err error)
	GiveUp(ctx context.Context, imp int64, reason error) error
}

// Deliverer sends the mail that is due; see notify.Deliverer.
type Deliverer interface {
	Deliver(ctx context.Context) (sent int, err error)
}

// Store is what the jobs need of the database.
type Store interface {
	Writer() *sql.DB     // the queue's database on SQLite
	Pool() *pgxpool.Pool // the queue's database on PostgreSQL, else nil
	Alone(ctx context.Context, f func() error) error
	// Stalled returns the imports that ought to go on while nobody holds them.
	Stalled(ctx context.Context) ([]int64, error)
	// TakeUp enqueues the next step of an import that nobody holds, even if a
	// killed process left a job of it as running.
	TakeUp(ctx context.Context, imp int64) error
	// Helpable returns the runs that other nodes are at, of which a part is free.
	Helpable(ctx context.Context) ([]int64, error)
	WakeImport(ctx context.Context, imp int64) error
	MailDue(ctx context.Context, now time.Time) (bool, error)
	WakeMail(ctx context.Context) error
	PurgeLog(ctx context.Context, before time.Time) error
	PurgeBin(ctx context.Context, before time.Time) (int64, error)
}

// Config is what can be chosen.
type Config struct {
	// Sweep removes files that nothing needs any more; nil for nothing.
	Sweep func(ctx context.Context) error
	Log   *slog.Logger // nil discards
	// Workers is how many steps run at once; 0 means 2. Each writes for itself
	// only a part of the time.
	Workers int
	// Patience is how long a step waits for a node of the version that it needs,
	// before GiveUp; 0 means a minute.
	Patience time.Duration
	// Away tells that a step failed since the database could not be reached: it
	// waits and is tried again for as long as that lasts. nil is never.
	Away func(error) bool
	// Retries is how often a failing step is tried before GiveUp; 0 means 8,
	// over half a minute.
	Retries int
}

const (
	binDays     = 30 // a lead in the bin can be restored so long
	logDays     = 30 // a check can be run so long after it was made
	sweepEvery  = 2 * time.Second
	stopWithin  = 10 * time.Second
	softStop    = 6 * time.Second // then the contexts of running steps end
	stepTimeout = time.Minute
)

// Jobs is the job queue of one process.
type Jobs struct {
	store   Store
	worker  Worker
	log     *slog.Logger
	client  client
	stop    context.CancelFunc
	wait    sync.WaitGroup
	helpers helpers
}

// New makes the queue and its tables. It starts nothing. Hand it to
// Store.OnWake, so that Tx.Wake enqueues.
func New(ctx context.Context, store Store, worker Worker, mail Deliverer, c Config) (*Jobs, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Workers == 0 {
		c.Workers = 2
	}
	if c.Patience == 0 {
		c.Patience = time.Minute
	}
	if c.Away == nil {
		c.Away = func(error) bool { return false }
	}
	if c.Retries == 0 {
		c.Retries = 8
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &stepWorker{worker: worker, store: store, log: c.Log, patience: c.Patience, away: c.Away})
	river.AddWorker(workers, &mailWorker{mail: mail, log: c.Log})
	river.AddWorker(workers, &housekeepingWorker{store: store, sweep: c.Sweep})
	config := &river.Config{
		Workers: workers,
		Queues: map[string]river.QueueConfig{
			queueImport:        {MaxWorkers: c.Workers, FetchPollInterval: 150 * time.Millisecond, FetchCooldown: 50 * time.Millisecond},
			queueMail:          {MaxWorkers: 1, FetchPollInterval: time.Second}, // one deliverer, or mail goes out twice
			river.QueueDefault: {MaxWorkers: 1, FetchPollInterval: 5 * time.Second},
		},
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(time.Hour),
			func() (river.JobArgs, *river.InsertOpts) { return housekeepingArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})},
		// Asking the one writing connection every 150 ms is less work than
		// River's notifications, which ask every 50 ms and write besides.
		PollOnly:                    true,
		JobTimeout:                  stepTimeout,
		RescueStuckJobsAfter:        stepTimeout + 30*time.Second,
		SoftStopTimeout:             softStop,
		MaxAttempts:                 c.Retries,
		RetryPolicy:                 backoff{},
		CompletedJobRetentionPeriod: time.Minute,
		CancelledJobRetentionPeriod: time.Hour,
		DiscardedJobRetentionPeriod: 24 * time.Hour,
		Logger:                      slog.New(quiet{c.Log.Handler()}),
	}
	j := &Jobs{store: store, worker: worker, log: c.Log}
	var err error
	if pool := store.Pool(); pool == nil {
		j.client, err = newClient(ctx, riversqlite.New(store.Writer()), config)
	} else {
		err = store.Alone(ctx, func() error { // other nodes start, too
			j.client, err = newClient(ctx, riverpgxv5.New(pool), config)
			return err
		})
	}
	return j, err
}

// client is River on either database.
type client interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	JobList(ctx context.Context, params *river.JobListParams) (*river.JobListResult, error)
	// insert enqueues in the store's transaction.
	insert(ctx context.Context, tx any, args river.JobArgs) error
}

type queue[T any] struct{ *river.Client[T] }

func (q queue[T]) insert(ctx context.Context, tx any, args river.JobArgs) error {
	_, err := q.InsertTx(ctx, tx.(T), args, nil)
	return err
}

func newClient[T any](ctx context.Context, driver riverdriver.Driver[T], config *river.Config) (client, error) {
	if err := migrate(ctx, driver); err != nil {
		return nil, err
	}
	c, err := river.NewClient(driver, config)
	if err != nil {
		return nil, fmt.Errorf("make job queue: %w", err)
	}
	return queue[T]{c}, nil
}

func migrate[T any](ctx context.Context, driver riverdriver.Driver[T]) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("migrate job queue: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate job queue: %w", err)
	}
	return nil
}

// Start begins to work. The leases of a dead process are ended, or run out.
func (j *Jobs) Start(ctx context.Context) error {
	// The jobs outlive ctx: they end by Stop.
	if err := j.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	ctx, j.stop = context.WithCancel(context.WithoutCancel(ctx))
	j.wait.Go(func() { j.sweep(ctx) })
	return nil
}

// Stop takes no more jobs and waits for those that run, at most 10 s: after 6
// their contexts end, and what they did not commit is done again later.
func (j *Jobs) Stop(ctx context.Context) error {
	if j.stop == nil {
		return nil
	}
	j.stop()
	j.wait.Wait()
	defer j.helpers.wait.Wait()
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	if err := j.client.Stop(ctx); err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

// WakeImport implements store.Waker. Wake-ups of one import at one turn that
// have not been worked yet are one.
func (j *Jobs) WakeImport(ctx context.Context, tx any, imp int64, turn string) error {
	return j.client.insert(ctx, tx, stepArgs{Import: imp, Turn: turn})
}

// WakeMail implements store.Waker.
func (j *Jobs) WakeMail(ctx context.Context, tx any) error {
	return j.client.insert(ctx, tx, mailArgs{})
}

// sweep finds every two seconds what was left lying: imports whose holder is
// gone, and mail whose time has come.
func (j *Jobs) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := j.sweepOnce(ctx); err != nil && ctx.Err() == nil {
			j.log.Warn("look for work", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (j *Jobs) sweepOnce(ctx context.Context) error {
	stalled, err := j.store.Stalled(ctx)
	if err != nil {
		return err
	}
	var errs []error
	if len(stalled) > 0 {
		waiting, err := j.waiting(ctx)
		if err != nil {
			return err
		}
		for _, imp := range stalled {
			if !waiting[imp] {
				errs = append(errs, j.store.TakeUp(ctx, imp))
			}
		}
	}
	errs = append(errs, j.help(ctx))
	due, err := j.store.MailDue(ctx, time.Now())
	if due {
		err = j.store.WakeMail(ctx)
	}
	return errors.Join(append(errs, err)...)
}

// waiting returns the imports that have a step coming: one enqueued, or one
// that failed and waits for its next try.
func (j *Jobs) waiting(ctx context.Context) (map[int64]bool, error) {
	list, err := j.client.JobList(ctx, river.NewJobListParams().Kinds(stepArgs{}.Kind()).First(1000).
		States(rivertype.JobStateAvailable, rivertype.JobStateRetryable, rivertype.JobStateScheduled, rivertype.JobStatePending))
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	out := map[int64]bool{}
	for _, row := range list.Jobs {
		imp, err := importOf(row.EncodedArgs)
		if err != nil {
			return nil, err
		}
		out[imp] = true
	}
	return out, nil
}
