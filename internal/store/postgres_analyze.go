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
	// Only what queries are planned by. It changes no result, so an error is
	// none: autovacuum does it in the end.
	_, err := readers.ExecContext(ctx, `analyze lead (id, seq, owner, status, account, created_import, created_record, deleted_at, follow_up_on),
		lead_key, lead_change (id, lead, import)`)
	var known int64
	if err == nil {
		err = readers.QueryRowContext(ctx, `select reltuples::bigint from pg_class where oid = 'lead'::regclass`).Scan(&known)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy = false
	if err == nil {
		a.known = known
	}
}

func (d *postgres) idle() { d.analyzed.wait.Wait() }
