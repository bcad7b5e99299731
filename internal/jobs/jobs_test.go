package jobs_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/jobs"
	"github.com/leadport/leadport/internal/store"
	"github.com/leadport/leadport/internal/store/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// worker is a fake engine: each step calls do with the number of the call.
type worker struct {
	mu      sync.Mutex
	calls   []time.Time
	gaveUp  chan error
	do      func(ctx context.Context, n int, imp int64) (bool, error)
	stepped chan int
}

func newWorker(do func(ctx context.Context, n int, imp int64) (bool, error)) *worker {
	return &worker{do: do, gaveUp: make(chan error, 1), stepped: make(chan int, 1000)}
}

func (w *worker) Step(ctx context.Context, imp int64) (bool, error) {
	w.mu.Lock()
	w.calls = append(w.calls, time.Now())
	n := len(w.calls)
	w.mu.Unlock()
	defer func() { w.stepped <- n }()
	if w.do == nil {
		return false, nil
	}
	return w.do(ctx, n, imp)
}

func (w *worker) GiveUp(_ context.Context, _ int64, reason error) error {
	w.gaveUp <- reason
	return nil
}

func (w *worker) wait(t *testing.T, within time.Duration) int {
	t.Helper()
	select {
	case n := <-w.stepped:
		return n
	case <-time.After(within):
		t.Fatalf("no step within %s", within)
		return 0
	}
}

type mailer struct{ delivered chan struct{} }

func (m mailer) Deliver(context.Context) (int, error) {
	select {
	case m.delivered <- struct{}{}:
	default:
	}
	return 0, nil
}

type rig struct {
	*store.Store
	jobs *jobs.Jobs
	mail mailer
	imp  int64
}

func admin() access.Principal { return access.For(access.User{ID: 1, Role: "admin"}) }

// start opens a database with one checked import and starts a queue on it.
func start(t *testing.T, w *worker, c jobs.Config) *rig {
	t.Helper()
	ctx := t.Context()
	config := store.Config{Path: filepath.Join(t.TempDir(), "leadport.db")}
	if pgtest.Selected() {
		config = store.Config{URL: pgtest.URL(t)}
	}
	s, err := store.Open(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	r := &rig{Store: s, mail: mailer{make(chan struct{}, 1)}}
	if r.jobs, err = jobs.New(ctx, s, w, r.mail, c); err != nil {
		t.Fatal(err)
	}
	s.OnWake(r.jobs)
	imp := &importer.Import{State: importer.Checked}
	if err := s.CreateImport(ctx, admin(), imp); err != nil {
		t.Fatal(err)
	}
	r.imp = imp.ID
	if err := r.jobs.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.stop(t) })
	return r
}

func (r *rig) stop(t *testing.T) {
	t.Helper()
	if err := r.jobs.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func (r *rig) run(t *testing.T) {
	t.Helper()
	err := r.StartRun(t.Context(), admin(), r.imp, []importer.State{importer.Checked}, importer.Running,
		importer.Beginning{Parts: []importer.Part{{Number: 1, First: 1, Last: 10}}})
	if err != nil {
		t.Fatal(err)
	}
}

// done ends the import, so that the sweep leaves it alone.
func (r *rig) done(ctx context.Context) error {
	return r.InTx(ctx, func(tx importer.Tx) error {
		return tx.Finish(ctx, r.imp, importer.Done, importer.Accounting{}, "")
	})
}

func TestStep(t *testing.T) {
	t.Run("a rolled back wake-up never runs", func(t *testing.T) {
		w := newWorker(nil)
		r := start(t, w, jobs.Config{})
		no := errors.New("no")
		err := r.InTx(t.Context(), func(tx importer.Tx) error {
			return errors.Join(tx.Wake(t.Context(), r.imp), no)
		})
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		select {
		case <-w.stepped:
			t.Error("a step ran")
		case <-time.After(400 * time.Millisecond):
		}
	})

	t.Run("a step begins soon after it is enqueued", func(t *testing.T) {
		var r *rig
		w := newWorker(func(ctx context.Context, n int, _ int64) (bool, error) { return false, r.done(ctx) })
		r = start(t, w, jobs.Config{})
		time.Sleep(300 * time.Millisecond) // the queue has begun to ask
		from := time.Now()
		r.run(t)
		w.wait(t, time.Second)
		w.mu.Lock()
		defer w.mu.Unlock()
		if took := w.calls[0].Sub(from); took > 400*time.Millisecond { // 200 ms and room for a busy machine
			t.Errorf("began after %s", took)
		}
	})

	t.Run("a step enqueues the next one while it runs", func(t *testing.T) {
		var r *rig
		w := newWorker(func(ctx context.Context, n int, imp int64) (bool, error) {
			part, err := r.Claim(ctx, imp, 1, time.Minute)
			if err != nil {
				return false, err
			}
			return false, r.InTx(ctx, func(tx importer.Tx) error {
				if n == 3 {
					return tx.Finish(ctx, imp, importer.Done, importer.Accounting{}, "")
				}
				return errors.Join(tx.Advance(ctx, &part, part.Cursor+1, importer.Accounting{}, 0), tx.Wake(ctx, imp))
			})
		})
		r = start(t, w, jobs.Config{})
		r.run(t)
		for range 3 { // the next one may end first: it begins when this one commits
			w.wait(t, 1500*time.Millisecond)
		}
	})

	t.Run("again asks for one more", func(t *testing.T) {
		var r *rig
		w := newWorker(func(ctx context.Context, n int, imp int64) (bool, error) {
			if n == 2 {
				return false, r.done(ctx)
			}
			_, err := r.Claim(ctx, imp, 1, time.Minute)
			return true, err
		})
		r = start(t, w, jobs.Config{})
		r.run(t)
		w.wait(t, time.Second)
		w.wait(t, time.Second)
	})

	t.Run("wake-ups of one turn are one", func(t *testing.T) {
		release := make(chan struct{})
		w := newWorker(func(context.Context, int, int64) (bool, error) { <-release; return false, nil })
		r := start(t, w, jobs.Config{})
		for range 20 {
			if err := r.WakeImport(t.Context(), r.imp); err != nil {
				t.Fatal(err)
			}
		}
		close(release)
		w.wait(t, time.Second)
		time.Sleep(300 * time.Millisecond)
		if n := len(w.stepped); n > 0 {
			t.Errorf("%d more steps", n)
		}
	})
}

func TestRetry(t *testing.T) {
	t.Run("error and panic are tried again", func(t *testing.T) {
		var r *rig
		w := newWorker(func(ctx context.Context, n int, imp int64) (bool, error) {
			if _, err := r.Claim(ctx, imp, 1, 0); err != nil {
				return false, err
			}
			switch n {
			case 1:
				return false, errors.New("disk full")
			case 2:
				panic("killed")
			}
			return false, r.done(ctx)
		})
		r = start(t, w, jobs.Config{})
		r.run(t)
		for want := 1; want <= 3; want++ {
			if n := w.wait(t, 3*time.Second); n != want {
				t.Fatalf("step %d, want %d", n, want)
			}
		}
	})

	t.Run("given up after N tries with the reason", func(t *testing.T) {
		full := errors.New("disk full")
		var r *rig
		w := newWorker(func(ctx context.Context, n int, imp int64) (bool, error) {
			_, err := r.Claim(ctx, imp, 1, time.Minute)
			return false, errors.Join(full, err)
		})
		r = start(t, w, jobs.Config{Retries: 1})
		r.run(t)
		select {
		case err := <-w.gaveUp:
			if !errors.Is(err, full) {
				t.Errorf("reason %v", err)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("not given up")
		}
	})

	t.Run("a database that is away is waited for", func(t *testing.T) {
		gone := errors.New("connection refused")
		var r *rig
		w := newWorker(func(ctx context.Context, n int, imp int64) (bool, error) {
			if n < 3 {
				return false, gone
			}
			return false, r.done(ctx)
		})
		r = start(t, w, jobs.Config{Retries: 1, Away: func(err error) bool { return errors.Is(err, gone) }})
		r.run(t)
		for range 3 {
			w.wait(t, 10*time.Second)
		}
		if len(w.gaveUp) > 0 {
			t.Errorf("gave up: %v", <-w.gaveUp)
		}
	})
}

func TestSweep(t *testing.T) {
	t.Run("an expired lease is woken", func(t *testing.T) {
		var r *rig
		w := newWorker(func(ctx context.Context, n int, imp int64) (bool, error) {
			if n == 1 { // dies silently with the lease in hand
				_, err := r.Claim(ctx, imp, 1, time.Millisecond)
				return false, err
			}
			return false, r.done(ctx)
		})
		r = start(t, w, jobs.Config{})
		r.run(t)
		w.wait(t, 2*time.Second)
		w.wait(t, 4*time.Second) // 2 s and room for a busy machine
	})

	t.Run("a job that a killed process left running keeps nobody", func(t *testing.T) {
		if testing.Short() {
			t.Skip("takes eight seconds, most of them to stop the hung step")
		}
		for _, claimed := range []bool{false, true} {
			t.Run(map[bool]string{true: "after its claim", false: "before its claim"}[claimed], func(t *testing.T) {
				t.Parallel()
				var r *rig
				killed := make(chan struct{})
				w := newWorker(func(ctx context.Context, n int, imp int64) (bool, error) {
					if n > 1 {
						return false, r.done(ctx)
					}
					var err error
					if claimed {
						_, err = r.Claim(ctx, imp, 1, time.Millisecond)
					}
					close(killed)
					<-ctx.Done() // hangs, as its row does after a kill
					return false, err
				})
				r = start(t, w, jobs.Config{})
				r.run(t)
				<-killed
				deadline := time.After(4 * time.Second)
				for {
					w.mu.Lock()
					n := len(w.calls)
					w.mu.Unlock()
					if n > 1 {
						return
					}
					select {
					case <-deadline:
						t.Fatal("not taken over")
					case <-time.After(50 * time.Millisecond):
					}
				}
			})
		}
	})
}

func TestMail(t *testing.T) {
	r := start(t, newWorker(nil), jobs.Config{})
	err := r.InTx(t.Context(), func(tx importer.Tx) error {
		return r.Enqueue(t.Context(), tx, store.Mail{Message: `{"Subject":"Result"}`, Subject: "Result"})
	})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-r.mail.delivered:
	case <-time.After(3 * time.Second):
		t.Fatal("not delivered")
	}
	due, err := jobs.Outbox{OutboxStore: r.Store}.Due(t.Context(), time.Now())
	if err != nil || len(due) != 1 || due[0].Message.Subject != "Result" {
		t.Errorf("due %v, %v", due, err)
	}
}

func TestHousekeeping(t *testing.T) {
	swept := make(chan struct{}, 1)
	start(t, newWorker(nil), jobs.Config{Sweep: func(context.Context) error { swept <- struct{}{}; return nil }})
	select {
	case <-swept:
	case <-time.After(15 * time.Second):
		t.Fatal("not swept at start")
	}
}

func TestStop(t *testing.T) {
	t.Run("waits for the step", func(t *testing.T) {
		var finished bool
		begun := make(chan struct{})
		w := newWorker(func(ctx context.Context, n int, _ int64) (bool, error) {
			close(begun)
			time.Sleep(500 * time.Millisecond)
			finished = ctx.Err() == nil
			return false, nil
		})
		r := start(t, w, jobs.Config{})
		if err := r.WakeImport(t.Context(), r.imp); err != nil {
			t.Fatal(err)
		}
		<-begun
		r.stop(t)
		if !finished {
			t.Error("the step was cut off")
		}
	})
	t.Run("ends the step's context after six seconds", func(t *testing.T) {
		if testing.Short() {
			t.Skip("takes six seconds")
		}
		begun := make(chan struct{})
		w := newWorker(func(ctx context.Context, n int, _ int64) (bool, error) {
			close(begun)
			<-ctx.Done()
			return false, ctx.Err()
		})
		r := start(t, w, jobs.Config{})
		if err := r.WakeImport(t.Context(), r.imp); err != nil {
			t.Fatal(err)
		}
		<-begun
		from := time.Now()
		r.stop(t)
		if took := time.Since(from); took > 10*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// A step that this node cannot do is left to others, and given up after a while.
func TestOtherEngine(t *testing.T) {
	t.Run("another takes it", func(t *testing.T) {
		t.Parallel()
		var r *rig
		w := newWorker(func(ctx context.Context, n int, imp int64) (bool, error) {
			if n < 3 {
				return false, importer.ErrOtherEngine
			}
			return false, r.done(ctx)
		})
		r = start(t, w, jobs.Config{Retries: 1})
		r.run(t)
		for range 3 {
			w.wait(t, 10*time.Second)
		}
		if len(w.gaveUp) > 0 {
			t.Errorf("gave up: %v", <-w.gaveUp)
		}
	})
	t.Run("nobody is there", func(t *testing.T) {
		t.Parallel()
		w := newWorker(func(context.Context, int, int64) (bool, error) { return false, importer.ErrOtherEngine })
		start(t, w, jobs.Config{Patience: 1500 * time.Millisecond}).run(t)
		select {
		case err := <-w.gaveUp:
			if !errors.Is(err, importer.ErrOtherEngine) {
				t.Error(err)
			}
		case <-time.After(15 * time.Second):
			t.Error("it is not given up")
		}
	})
}
