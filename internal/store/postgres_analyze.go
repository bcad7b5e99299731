package store

import (
	"context"
	"database/sql"
	"sync"
)

// analyzed is when this node's writes made PostgreSQL look at the tables: plans
// for empty tables sort all leads for each batch of a large one, and autovacuum
// comes a minute late.
type analyzed struct {
	mu      sync.Mutex
	written int64 // leads since then
	known   int64 // leads there were
}

// analyzeFrom is how many written leads are worth a look.
const analyzeFrom = 10_000

// grown implements dialect: it looks whenever the leads may have doubled.
func (d *postgres) grown(ctx context.Context, readers *sql.DB, leads int64) {
	a := &d.analyzed
	a.mu.Lock()
	a.written += leads
	due := a.written >= max(analyzeFrom, a.known)
	if due {
		a.written = 0
	}
	a.mu.Unlock()
	if !due {
		return
	}
	// Only what queries are planned by. It changes no result, so an error is
	// none: autovacuum does it in the end.
	_, err := readers.ExecContext(ctx, `analyze lead (id, seq, owner, status, account, created_import, created_record, deleted_at, follow_up_on),
		lead_key, lead_change (id, lead, import)`)
	var known int64
	if err != nil || readers.QueryRowContext(ctx, `select reltuples::bigint from pg_class where oid = 'lead'::regclass`).Scan(&known) != nil {
		return
	}
	a.mu.Lock()
	a.known = known
	a.mu.Unlock()
}
