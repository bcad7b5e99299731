// Package trace puts into every line of the log the request and the import that
// it belongs to. It imports nothing of ours, and every package may import it.
package trace

import (
	"context"
	"log/slog"
)

// Names of what lines belong to.
const (
	Request = "request" // the id in X-Request-Id
	Import  = "import"  // its number
)

type key struct{}

// With returns a context whose lines in the log say that name is value. A
// value given later under the same name counts.
func With(ctx context.Context, name string, value any) context.Context {
	have := of(ctx)
	list := make([]slog.Attr, 0, len(have)+1)
	for _, a := range have {
		if a.Key != name {
			list = append(list, a)
		}
	}
	return context.WithValue(ctx, key{}, append(list, slog.Any(name, value)))
}

func of(ctx context.Context) []slog.Attr {
	list, _ := ctx.Value(key{}).([]slog.Attr)
	return list
}

// Handler adds to each record what its context says, unless the record says it
// itself. counted, if not nil, is told the level of each.
func Handler(next slog.Handler, counted func(slog.Level)) slog.Handler { return handler{next, counted} }

type handler struct {
	slog.Handler
	counted func(slog.Level)
}

// Handle implements slog.Handler.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if h.counted != nil {
		h.counted(r.Level)
	}
	said := map[string]bool{}
	r.Attrs(func(a slog.Attr) bool { said[a.Key] = true; return true })
	for _, a := range of(ctx) {
		if !said[a.Key] {
			r.AddAttrs(a)
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(a []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(a), h.counted}
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.counted}
}
