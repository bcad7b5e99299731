package store

import (
	"context"
	"fmt"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// Mail is a message in the outbox. Message is JSON of notify.Message, which
// this package does not know.
type Mail struct {
	ID         int64
	At         time.Time
	Import     int64 // that it tells of, 0 = none
	Message    string
	Recipients string // as shown to the administrator
	Subject    string
	State      string // waiting, sent, failed
	Attempts   int    // tries so far
	Next       time.Time
	Reason     string
}

const mailColumns = `id, at, import, message, recipients, subject, state, attempts, next_at, reason`

func mailDest(m *Mail) []any {
	return []any{&m.ID, timeColumn{&m.At}, &m.Import, &m.Message, &m.Recipients, &m.Subject, &m.State, &m.Attempts, timeColumn{&m.Next}, &m.Reason}
}

// Enqueue puts mail into the outbox in the transaction that did the work it
// tells of, so that it is sent if and only if the work is kept.
func (s *Store) Enqueue(ctx context.Context, in importer.Tx, mail ...Mail) error {
	t, ok := in.(*tx)
	if !ok || t.s != s {
		return fmt.Errorf("queue mail: the transaction is another database's: %w", lead.ErrInvalid)
	}
	if len(mail) == 0 {
		return nil
	}
	id, err := t.allot(ctx, "outbox", int64(len(mail)))
	if err != nil {
		return err
	}
	for _, m := range mail {
		if _, err := t.exec(ctx, `insert into outbox (id, at, import, message, recipients, subject, state)
			values ($1, $2, $3, $4, $5, $6, 'waiting')`, id, millis(s.now()), m.Import, m.Message, m.Recipients, m.Subject); err != nil {
			return s.err("queue mail", err)
		}
		id++
	}
	if s.waker == nil {
		return nil
	}
	return t.wakeMail(ctx)
}

// maxDue is how many messages are handed out at once.
const maxDue = 100

// EachDue calls f for messages whose time has come, the oldest first, at most
// 100. It holds no lock and no row while f runs.
func (s *Store) EachDue(ctx context.Context, now time.Time, f func(id int64, tries int, message string) error) error {
	due, err := s.mail(ctx, `state = 'waiting' and next_at <= $1 order by id limit $2`, millis(now), maxDue)
	if err != nil {
		return err
	}
	for _, m := range due {
		if err := f(m.ID, m.Attempts, m.Message); err != nil {
			return err
		}
	}
	return nil
}

// MailDue reports whether a message's time has come.
func (s *Store) MailDue(ctx context.Context, now time.Time) (bool, error) {
	var due bool
	err := s.r.QueryRowContext(ctx, `select exists (select 1 from outbox where state = 'waiting' and next_at <= $1)`, millis(now)).Scan(&due)
	return due, s.err("look into outbox", err)
}

// Sent notes that the mail server took a message.
func (s *Store) Sent(ctx context.Context, id int64) error {
	return s.inTx(ctx, func(t *tx) error {
		return t.one(ctx, "message", id, `update outbox set state = 'sent', attempts = attempts + 1, reason = '' where id = $1`, id)
	})
}

// Failed counts one more try; the message is due again at next, or never if
// permanent.
func (s *Store) Failed(ctx context.Context, id int64, next time.Time, reason string, permanent bool) error {
	state := "waiting"
	if permanent {
		state = "failed"
	}
	return s.inTx(ctx, func(t *tx) error {
		return t.one(ctx, "message", id, `update outbox set state = $2, attempts = attempts + 1, next_at = $3, reason = $4 where id = $1`,
			id, state, millis(next), reason)
	})
}

// ListMail returns up to limit messages of the outbox, newest first, with ids
// below before (0: from the newest). It needs the right to the settings.
func (s *Store) ListMail(ctx context.Context, p access.Principal, before int64, limit int) ([]Mail, error) {
	if !p.Can(access.Settings) {
		return nil, fmt.Errorf("list mail: %w", lead.ErrForbidden)
	}
	return s.mail(ctx, `id < $1 or $1 = 0 order by id desc limit $2`, before, limit)
}

func (s *Store) mail(ctx context.Context, where string, args ...any) ([]Mail, error) {
	rows, err := s.r.QueryContext(ctx, `select `+mailColumns+` from outbox where `+where, args...)
	if err != nil {
		return nil, s.err("read outbox", err)
	}
	out, err := collect(rows, mailDest)
	return out, s.err("read outbox", err)
}

// WakeMail enqueues a look into the outbox in a transaction of its own.
func (s *Store) WakeMail(ctx context.Context) error {
	if s.waker == nil {
		return nil
	}
	return s.behind(ctx, func(t *tx) error { return t.wakeMail(ctx) })
}

func (t *tx) wakeMail(ctx context.Context) error {
	return t.s.err("wake mail", t.s.d.inQueue(t, func(tx any) error { return t.s.waker.WakeMail(ctx, tx) }))
}
