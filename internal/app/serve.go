package app

import (
	"context"
	"errors"
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
	// Examples is the folder with the demo's files.
	Examples string
	// Internal is the server for metrics and probes; nil without one.
	Internal *server.Server

	health *server.Health
	close  func() error
}

// Serve answers HTTP. With demo it makes the demo administrator first and
// stays on this computer.
func (a *App) Serve(ctx context.Context, c server.Config, demo bool) (w *Web, err error) {
	needs, err := a.Store.NeedsSetup(ctx)
	if err != nil {
		return nil, err
	}
	w = &Web{health: &server.Health{Check: a.failing, Log: a.Log}}
	c.MayLeaveLoopback, c.Log, c.Health, c.Connections = !needs && !demo, a.Log, w.health, a.Config.HTTPConnections
	rest := a.API(c.TLS())
	defer func() {
		if err != nil {
			rest.Close()
		}
	}()
	switch {
	case demo:
		u, err := a.Demo(ctx)
		if err != nil {
			return nil, err
		}
		w.Examples, w.Link = a.examples(), "/#sign-in="+rest.SignInLink(u.ID)
	case needs:
		secret, err := rest.SetupLink(ctx)
		if err != nil {
			return nil, err
		}
		w.Link = "/#setup=" + secret
	}
	if w.Server, err = server.Start(c, rest); err != nil {
		return nil, err
	}
	if a.Config.MetricsAddr != "" {
		err = a.measure()
		if err == nil {
			w.Internal, err = server.StartInternal(server.Config{Listen: a.Config.MetricsAddr, Log: a.Log, Health: w.health}, a.metrics.Handler())
		}
		if err != nil {
			return nil, errors.Join(err, w.Server.Close())
		}
	}
	search, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() { a.IndexSearch(search) })
	w.close = func() error {
		stop()
		rest.Close() // ends the event streams, so that the server need not wait for them
		err := w.Server.Close()
		if w.Internal != nil {
			err = errors.Join(err, w.Internal.Close())
		}
		wait.Wait()
		return err
	}
	return w, nil
}

// Stopping says to probes that the end is near.
func (w *Web) Stopping() { w.health.Stop() }

// Close ends the server and what works for it.
func (w *Web) Close() error { return w.close() }
