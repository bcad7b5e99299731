package app

import (
	"context"
	"sync"

	"github.com/leadport/leadport/internal/server"
)

// WebConfig says where to listen.
type WebConfig = server.Config

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
	rest := a.API(c.TLS())
	w := &Web{}
	switch {
	case demo:
		u, err := a.Demo(ctx)
		if err != nil {
			rest.Close()
			return nil, err
		}
		w.Link = "/#sign-in=" + rest.SignInLink(u.ID)
	case needs:
		w.Link = "/#setup=" + rest.SetupLink()
	}
	if w.Server, err = server.Start(c, rest); err != nil {
		rest.Close()
		return nil, err
	}
	search, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() { a.IndexSearch(search) })
	w.close = func() error {
		stop()
		rest.Close() // ends the event streams, so that the server need not wait for them
		err := w.Server.Close()
		wait.Wait()
		return err
	}
	return w, nil
}

// Close ends the server and what works for it.
func (w *Web) Close() error { return w.close() }
