package notify

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Queued is a message in the outbox.
type Queued struct {
	ID      int64
	Attempt int // tries so far, 0 when new
	Message Message
}

// Outbox keeps messages until they are sent. Entries are removed from or kept
// in it as it likes; what was Sent or Failed for good is not Due again.
type Outbox interface {
	// Due lists messages whose time has come, the oldest first; it may give them
	// in portions.
	Due(ctx context.Context, now time.Time) ([]Queued, error)
	// Sent notes that the mail server took the message.
	Sent(ctx context.Context, id int64) error
	// Failed counts one more try. The message is due again at next, or never if
	// permanent. The reason is one line for the administrator.
	Failed(ctx context.Context, id int64, next time.Time, reason string, permanent bool) error
}

// Deliverer takes messages from the outbox to the mail server. Only one may work
// on an outbox at a time, or messages are sent twice.
type Deliverer struct {
	Outbox Outbox
	Sender interface {
		Send(context.Context, Message) error
	}
	Now func() time.Time // nil is time.Now
}

// Deliver sends what is due, once, and says how much. That a message could not
// be sent is noted in the outbox and is no error; err is about the outbox, or
// ctx is done.
//
// A message is delivered at least once: if the program dies, or the outbox
// fails, between the server's yes and Sent, it is sent again with the same
// Message-ID.
func (d *Deliverer) Deliver(ctx context.Context) (sent int, err error) {
	now := d.Now
	if now == nil {
		now = time.Now
	}
	due, err := d.Outbox.Due(ctx, now())
	if err != nil {
		return 0, fmt.Errorf("list mail to send: %w", err)
	}
	var unreachable error // then the others are spared the wait for the same answer
	for _, q := range due {
		sendErr := unreachable
		if sendErr == nil {
			sendErr = d.Sender.Send(ctx, q.Message)
		}
		if sendErr == nil {
			// The mail is out: noting that must not be lost to a shutdown.
			if err := d.Outbox.Sent(context.WithoutCancel(ctx), q.ID); err != nil {
				return sent, fmt.Errorf("note mail %d as sent: %w", q.ID, err)
			}
			sent++
			continue
		}
		if ctx.Err() != nil {
			return sent, ctx.Err() // we gave up, not the server: no try to count
		}
		if errors.Is(sendErr, ErrUnreachable) {
			unreachable = sendErr
		}
		wait := NextTry(q.Attempt + 1)
		permanent := errors.Is(sendErr, ErrPermanent) || wait == 0
		if err := d.Outbox.Failed(ctx, q.ID, now().Add(wait), reason(sendErr), permanent); err != nil {
			return sent, fmt.Errorf("note mail %d as not sent: %w", q.ID, err)
		}
	}
	return sent, nil
}

// NextTry says how long to wait after the given number of failed tries (1 after
// the first), and 0 when to give up: after 4 days and 8 hours, within the 4 to 5
// days of RFC 5321 4.5.4.1. The first tries come sooner than its 30 minutes: the
// server is our own, and people wait for the mail.
func NextTry(attempt int) time.Duration {
	const h = time.Hour
	waits := [...]time.Duration{time.Minute, 5 * time.Minute, 14 * time.Minute, 40 * time.Minute,
		1 * h, 2 * h, 4 * h, 8 * h, 16 * h, 24 * h, 24 * h, 24 * h}
	if attempt < 1 {
		attempt = 1
	}
	if attempt > len(waits) {
		return 0
	}
	return waits[attempt-1]
}
