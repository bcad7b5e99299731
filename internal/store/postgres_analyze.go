package store

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// analyzed is when this node's writes made PostgreSQL look at the tables: plans
// for empty tables sort all leads for each batch of a large one, and autovacuum
// comes a minute late.
type analyzed struct {
	mu      sync.Mutex
	written int64 // leads since then
	known   int64 // leads there were
	busy    bool
	wait    sync.WaitGroup
}

// analyzeFrom is how many written leads are worth a look.
const analyzeFrom = 10_000

// analyzeWithin bounds one look, for which a process that ends waits.
const analyzeWithin = 5 * time.Second

// grown implements dialect: it looks whenever the leads may have doubled, while
// the next leads are written.
func (d *postgres) grown(ctx context.Context, readers *sql.DB, leads int64) {
	a := &d.analyzed
	a.mu.Lock()
	a.written += leads
	due := !a.busy && a.written >= max(analyzeFrom, a.known)
	if due {
		a.written, a.busy = 0, true
	}
	a.mu.Unlock()
	if due {
		a.wait.Go(func() { a.look(ctx, readers) })
	}
}

func (a *analyzed) look(ctx context.Context, readers *sql.DB) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), analyzeWithin)
	defer cancel()
	// It changes no result, so an error is none: autovacuum does it in the end.
	known, err := glance(ctx, readers)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy = false
	if err == nil {
		a.known = known
	}
}

// glance analyzes only what queries are planned by, from 3,000 rows of a table
// instead of 30,000: it is soon done again, and autovacuum looks more closely. It
// returns how many leads there are.
func glance(ctx context.Context, readers *sql.DB) (known int64, err error) {
	q, err := readers.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer q.Rollback()
	for _, text := range []string{`select set_config('default_statistics_target', '10', true)`,
		`analyze lead (id, seq, owner, status, account, created_import, created_record, deleted_at, follow_up_on), lead_key, lead_key_run, lead_key_block (id), lead_change (id, lead, import)`} {
		if _, err := q.ExecContext(ctx, text); err != nil {
			return 0, err
		}
	}
	if err := q.QueryRowContext(ctx, `select reltuples::bigint from pg_class where oid = 'lead'::regclass`).Scan(&known); err != nil {
		return 0, err
	}
	return known, q.Commit()
}

func (d *postgres) idle() { d.analyzed.wait.Wait() }
