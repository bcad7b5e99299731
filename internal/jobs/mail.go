package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/leadport/leadport/internal/notify"
)

// mailArgs ask for a look into the outbox.
type mailArgs struct{}

func (mailArgs) Kind() string { return "mail" }

// InsertOpts implements river.JobArgsWithInsertOpts. A message enqueued while
// a delivery runs is found by the next sweep.
func (mailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMail, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: alive()}}
}

type mailWorker struct {
	river.WorkerDefaults[mailArgs]
	mail Deliverer
	log  *slog.Logger
}

// Work implements river.Worker. Tries of a message are counted in the outbox,
// so the job itself is never tried again.
func (w *mailWorker) Work(ctx context.Context, _ *river.Job[mailArgs]) error {
	sent, err := w.mail.Deliver(ctx)
	if sent > 0 {
		w.log.Info("mail sent", "messages", sent)
	}
	if err != nil && ctx.Err() == nil {
		w.log.Warn("deliver mail", "err", err)
	}
	return err
}

// OutboxStore is the outbox as the database keeps it: messages are text there.
type OutboxStore interface {
	EachDue(ctx context.Context, now time.Time, f func(id int64, tries int, message string) error) error
	Sent(ctx context.Context, id int64) error
	Failed(ctx context.Context, id int64, next time.Time, reason string, permanent bool) error
}

// Outbox is a database's outbox as notify.Deliverer wants it.
type Outbox struct{ OutboxStore }

var _ notify.Outbox = Outbox{}

// Due implements notify.Outbox. A message that cannot be read is failed for
// good, so that it does not keep the others.
func (o Outbox) Due(ctx context.Context, now time.Time) ([]notify.Queued, error) {
	var due []notify.Queued
	err := o.EachDue(ctx, now, func(id int64, tries int, message string) error {
		q := notify.Queued{ID: id, Attempt: tries}
		if err := json.Unmarshal([]byte(message), &q.Message); err != nil {
			return o.Failed(ctx, id, now, fmt.Sprintf("the message cannot be read: %v", err), true)
		}
		due = append(due, q)
		return nil
	})
	return due, err
}

// EncodeMessage is how a message is kept in the outbox.
func EncodeMessage(m notify.Message) (string, error) {
	b, err := json.Marshal(m)
	return string(b), err
}
