package app

import (
	"context"
	"errors"

	"github.com/leadport/leadport/internal/api"
	"github.com/leadport/leadport/internal/metrics"
)

// served measures and logs an answer.
func (a *App) served(ctx context.Context, s api.Served) {
	route := s.Route
	if route == "" {
		route = "none"
	}
	a.metrics.Answered(s.Method, route, s.Status, s.Took)
	a.Log.InfoContext(ctx, "answered", "method", s.Method, "route", route, "status", s.Status, "ms", s.Took.Milliseconds())
}

// failing are the parts without which no request can be answered.
func (a *App) failing(ctx context.Context) map[string]error {
	out := map[string]error{}
	if err := a.Store.Ready(ctx); err != nil {
		out["database"] = err
	}
	if err := a.Files.Ready(ctx); err != nil {
		out["files"] = err
	}
	return out
}

// state is what is measured of the installation.
func (a *App) state(ctx context.Context) (metrics.State, error) {
	n, err := a.Store.Numbers(ctx)
	if err != nil {
		return metrics.State{}, err
	}
	jobs, age, err := a.jobs.Waiting(ctx)
	return metrics.State{Imports: n.Imports, Records: n.Records, Mail: n.Mail, Jobs: jobs, QueueAge: age}, err
}

// measure begins to measure the database and the installation.
func (a *App) measure() error {
	errs := []error{a.metrics.Installation(a.state), a.metrics.Database(a.Store.Readers(), "readers"), a.metrics.Database(a.Store.Writer(), "writer")}
	if pool := a.Store.Pool(); pool != nil {
		errs = append(errs, a.metrics.Queue(pool))
	}
	return errors.Join(errs...)
}
