package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/leadport/leadport/internal/blob"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/notify"
	"github.com/leadport/leadport/internal/store"
)

// files shows the blob store as the engine wants it.
type files struct{ *blob.Dir }

func (f files) Open(ctx context.Context, name string) (importer.File, error) {
	return f.Dir.Open(ctx, name)
}

func (f files) Create(ctx context.Context) (importer.FileWriter, error) { return f.Dir.Create(ctx) }

// stepper shows the engine as the jobs want it.
type stepper struct{ *importer.Engine }

func (s stepper) GiveUp(ctx context.Context, imp int64, reason error) error {
	return s.Pause(ctx, imp, reason)
}

// outbox shows the store's outbox as notify wants it.
type outbox struct{ *store.Store }

func (o outbox) Due(ctx context.Context, now time.Time) ([]notify.Queued, error) {
	var out []notify.Queued
	err := o.EachDue(ctx, now, func(id int64, tries int, message string) error {
		q := notify.Queued{ID: id, Attempt: tries}
		if err := json.Unmarshal([]byte(message), &q.Message); err != nil {
			return err
		}
		out = append(out, q)
		return nil
	})
	return out, err
}

// noMail stands where no mail server is configured: mail stays in the outbox.
type noMail struct{}

func (noMail) Deliver(context.Context) (int, error) { return 0, nil }
