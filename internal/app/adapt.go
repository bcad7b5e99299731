package app

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"syscall"
	"time"

	"github.com/leadport/leadport/internal/blob"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/notify"
	"github.com/leadport/leadport/internal/store"
)

// files shows the blob store as the engine wants it.
type files struct{ blob.Store }

func (f files) Open(ctx context.Context, name string) (importer.File, error) {
	return f.Store.Open(ctx, name)
}

func (f files) Create(ctx context.Context) (importer.FileWriter, error) { return f.Store.Create(ctx) }

// stepper shows the engine as the jobs want it.
type stepper struct {
	*importer.Engine
	stands *standing
}

// Step implements jobs.Worker. A full or failing disk is not tried again and again: the
// import pauses, or, where not even that can be written, stands still until
// the sweep of the jobs finds it after its lease.
func (s stepper) Step(ctx context.Context, imp int64) (again bool, err error) {
	again, err = s.Engine.Step(ctx, imp)
	if err == nil {
		s.stands.set(imp, nil)
	}
	if errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrDisk) || errors.Is(err, syscall.ENOSPC) {
		if s.Pause(context.WithoutCancel(ctx), imp, err) != nil {
			s.stands.set(imp, err)
		}
		return false, nil
	}
	return again, err
}

// standing holds why imports stand still whose state cannot be written.
type standing struct {
	mu  sync.Mutex
	why map[int64]error
}

func (s *standing) set(imp int64, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if why == nil {
		delete(s.why, imp)
		return
	}
	if s.why == nil {
		s.why = map[int64]error{}
	}
	s.why[imp] = why
}

func (s *standing) reason(imp int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.why[imp]
}

// away tells a database that will be back from a disk that fails.
func away(err error) bool {
	return errors.Is(err, store.ErrUnavailable) && !errors.Is(err, store.ErrDisk) || errors.Is(err, store.ErrNewer)
}

func (s stepper) GiveUp(ctx context.Context, imp int64, reason error) error {
	err := s.Pause(ctx, imp, reason)
	if err != nil { // nor can that be written
		s.stands.set(imp, reason)
	}
	return err
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
