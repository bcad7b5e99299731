package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/leadport/leadport/internal/access"
)

// Remembered is what a request with an Idempotency-Key was and answered.
// Status 0: it is under way, or the process that worked on it was killed.
type Remembered struct {
	Request string // SHA-256 of method, path and body
	Status  int
	Answer  string
	At      time.Time
}

// Remember begins a request under a key. Of any number of callers exactly one
// gets nil, and works; the others get what is known of it. Keys are forgotten
// after 24 hours; one that is under way since before stale is given to the
// caller.
func (s *Store) Remember(ctx context.Context, p access.Principal, key, request string, stale time.Time) (*Remembered, error) {
	var found *Remembered
	err := s.inTx(ctx, func(t *tx) error {
		now := s.now()
		if _, err := t.exec(ctx, `delete from idempotency where at < $1 or (status = 0 and at < $2)`,
			millis(now.Add(-24*time.Hour)), millis(stale)); err != nil {
			return s.err("forget old requests", err)
		}
		var r Remembered
		err := t.q.QueryRowContext(ctx, `select request, status, answer, at from idempotency where "user" = $1 and key = $2`, p.User.ID, key).
			Scan(&r.Request, &r.Status, &r.Answer, timeColumn{&r.At})
		if err == nil {
			found = &r
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return s.err("remember request", err)
		}
		_, err = t.exec(ctx, `insert into idempotency ("user", key, request, at) values ($1, $2, $3, $4)`, p.User.ID, key, request, millis(now))
		return s.err("remember request", err)
	})
	return found, err
}

// Answered keeps what a request answered; status 0 forgets it, so that it can
// be tried again.
func (s *Store) Answered(ctx context.Context, p access.Principal, key string, status int, answer string) error {
	return s.inTx(ctx, func(t *tx) error {
		query, args := `update idempotency set status = $3, answer = $4 where "user" = $1 and key = $2`, []any{p.User.ID, key, status, answer}
		if status == 0 {
			query, args = `delete from idempotency where "user" = $1 and key = $2`, args[:2]
		}
		_, err := t.exec(ctx, query, args...)
		return s.err("remember answer", err)
	})
}
