package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/trace"
)

// Served is a request as it is measured and logged: nothing of what it asked
// for or got.
type Served struct {
	Method string
	Route  string // the pattern, "" for what does not exist
	Status int    // 0 if it broke off before
	Took   time.Duration
}

// serve returns what is to be done when a request has been answered.
func (a *API) serve(r *http.Request, w *statusWriter, began time.Time) func() {
	if a.Served == nil {
		return func() {}
	}
	_, pattern := a.mux.Handler(r)
	_, route, _ := strings.Cut(pattern, " ")
	return func() {
		a.Served(r.Context(), Served{r.Method, route, w.status, time.Since(began)})
	}
}

// traced puts the request, and the import it is about, into lines of the log.
func traced(ctx context.Context, request, path string) context.Context {
	ctx = trace.With(ctx, trace.Request, request)
	rest, found := strings.CutPrefix(path, Prefix+"/imports/")
	number, _, _ := strings.Cut(rest, "/")
	if id, err := strconv.ParseInt(number, 10, 64); found && err == nil {
		ctx = trace.With(ctx, trace.Import, id)
	}
	return ctx
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what is below.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
