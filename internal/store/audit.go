package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// AuditEntry is one line of the audit log. Detail holds ids and counts, never
// values of leads.
type AuditEntry struct {
	ID     int64
	At     time.Time
	Actor  int64
	Action string // "import.done", "user.add", "export" …
	Target int64
	Detail string
	Hash   string
}

// hash chains an entry to the one before: SHA-256 over that one's hash and
// every column, each with its length before it.
func (e *AuditEntry) hash(previous string) string {
	h := sha256.New()
	for _, part := range []string{previous, fmt.Sprint(e.ID), fmt.Sprint(millis(e.At)), fmt.Sprint(e.Actor), e.Action, fmt.Sprint(e.Target), e.Detail} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Audit appends to the audit log.
func (s *Store) Audit(ctx context.Context, actor int64, action string, target int64, detail string) error {
	return s.inTx(ctx, func(t *tx) error { return t.audit(ctx, actor, action, target, detail) })
}

func (t *tx) audit(ctx context.Context, actor int64, action string, target int64, detail string) error {
	var previous string
	err := t.q.QueryRowContext(ctx, `select hash from audit order by id desc limit 1`).Scan(&previous)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t.s.err("audit", err)
	}
	e := AuditEntry{At: t.s.now(), Actor: actor, Action: action, Target: target, Detail: detail}
	if e.ID, err = t.allot(ctx, "audit", 1); err != nil {
		return err
	}
	_, err = t.exec(ctx, `insert into audit (id, at, actor, action, target, detail, hash) values ($1, $2, $3, $4, $5, $6, $7)`,
		e.ID, millis(e.At), e.Actor, e.Action, e.Target, e.Detail, e.hash(previous))
	return t.s.err("audit", err)
}

// AuditLog returns up to limit entries, newest first, with ids below before
// (0: from the newest). It needs the right to the settings.
func (s *Store) AuditLog(ctx context.Context, p access.Principal, before int64, limit int) ([]AuditEntry, error) {
	if !p.Can(access.Settings) {
		return nil, fmt.Errorf("audit log: %w", lead.ErrForbidden)
	}
	rows, err := s.r.QueryContext(ctx, `select id, at, actor, action, target, detail, hash from audit
		where id < $1 or $1 = 0 order by id desc limit $2`, before, limit)
	if err != nil {
		return nil, s.err("read audit log", err)
	}
	out, err := collect(rows, auditDest)
	return out, s.err("read audit log", err)
}

func auditDest(e *AuditEntry) []any {
	return []any{&e.ID, timeColumn{&e.At}, &e.Actor, &e.Action, &e.Target, &e.Detail, &e.Hash}
}

// VerifyAudit returns the id of the first entry that does not follow from the
// one before it: changed, removed or slipped in; 0 if the chain is whole. An
// end that was cut off shows against the counter of ids.
func (s *Store) VerifyAudit(ctx context.Context) (int64, error) {
	rows, err := s.r.QueryContext(ctx, `select id, at, actor, action, target, detail, hash from audit order by id`)
	if err != nil {
		return 0, s.err("verify audit log", err)
	}
	defer rows.Close()
	var last AuditEntry
	for rows.Next() {
		var e AuditEntry
		if err := rows.Scan(auditDest(&e)...); err != nil {
			return 0, s.err("verify audit log", err)
		}
		if e.ID != last.ID+1 || e.Hash != e.hash(last.Hash) {
			return e.ID, nil
		}
		last = e
	}
	if err := rows.Err(); err != nil {
		return 0, s.err("verify audit log", err)
	}
	var allotted int64
	err = s.r.QueryRowContext(ctx, `select coalesce(max(value), 0) from counter where name = 'audit'`).Scan(&allotted)
	if err == nil && allotted != last.ID {
		return last.ID + 1, nil
	}
	return 0, s.err("verify audit log", err)
}
