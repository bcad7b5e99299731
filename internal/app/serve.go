package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/leadport/leadport/internal/server"
)

// WebConfig says where to listen.
type WebConfig = server.Config

// uploadAge is how long an upload may be left unfinished; older ones go at the
// next start.
const uploadAge = 24 * time.Hour

// Web is the server in front of an App.
type Web struct {
	Server *server.Server
	// Link is the path of the one-time link to print: it signs the demo
	// administrator in, or makes the first one; "" where neither is due.
	Link string

	close func() error
}

// Serve answers HTTP. With demo it makes the demo administrator first and
// stays on this computer.
func (a *App) Serve(ctx context.Context, c server.Config, demo bool) (*Web, error) {
	needs, err := a.Store.NeedsSetup(ctx)
	if err != nil {
		return nil, err
	}
	c.MayLeaveLoopback, c.Log = !needs && !demo, a.Log
	rest, parts, err := a.API(c.TLS())
	if err != nil {
		return nil, err
	}
	old, err := a.Store.OldUploads(ctx, time.Now().Add(-uploadAge))
	for _, id := range old {
		err = errors.Join(err, parts.Remove(id))
	}
	if err != nil {
		rest.Close()
		return nil, errors.Join(err, parts.Close())
	}
	w := &Web{}
	switch {
	case demo:
		u, err := a.Demo(ctx)
		if err != nil {
			rest.Close()
			return nil, errors.Join(err, parts.Close())
		}
		w.Link = "/#sign-in=" + rest.SignInLink(u.ID)
	case needs:
		w.Link = "/#setup=" + rest.SetupLink()
	}
	if w.Server, err = server.Start(c, rest); err != nil {
		rest.Close()
		return nil, errors.Join(err, parts.Close())
	}
	search, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() { a.IndexSearch(search) })
	w.close = func() error {
		stop()
		rest.Close() // ends the event streams, so that the server need not wait for them
		err := w.Server.Close()
		wait.Wait()
		return errors.Join(err, parts.Close())
	}
	return w, nil
}

// Close ends the server and what works for it.
func (w *Web) Close() error { return w.close() }
