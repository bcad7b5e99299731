package server

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Health answers whether the process is alive, and whether it is ready for
// requests: /healthz and /readyz. Anybody may ask, so answers name no more than
// the parts that fail; the log says why.
type Health struct {
	// Check returns the parts that fail, by name.
	Check func(ctx context.Context) map[string]error
	Log   *slog.Logger

	stopping atomic.Bool
	mu       sync.Mutex
	at       time.Time
	failing  map[string]error
}

// askEvery is how long an answer holds, so that asking often costs nothing.
const askEvery = time.Second

// Stop says that the process is about to end: it is alive, and no longer ready.
func (h *Health) Stop() { h.stopping.Store(true) }

// Handle adds both answers to a mux.
func (h *Health) Handle(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", h.ready)
}

func (h *Health) ready(w http.ResponseWriter, _ *http.Request) {
	if h.stopping.Load() {
		say(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.at) > askEvery {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		failing := h.Check(ctx)
		for part, err := range failing {
			if h.failing[part] == nil {
				h.Log.Warn("not ready", "part", part, "error", err)
			}
		}
		for part := range h.failing {
			if failing[part] == nil {
				h.Log.Info("ready again", "part", part)
			}
		}
		h.failing, h.at = failing, time.Now()
	}
	if len(h.failing) == 0 {
		say(w, http.StatusOK, "ok")
		return
	}
	text := "not ready:"
	for _, part := range []string{"database", "files", "jobs"} {
		if h.failing[part] != nil {
			text += " " + part
		}
	}
	say(w, http.StatusServiceUnavailable, text)
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write([]byte(text + "\n")) // whoever asked may be gone
}
