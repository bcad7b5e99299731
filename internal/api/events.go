package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadport/leadport/internal/access"
)

// Events are whole: each says all about the import as it is, and its id is a
// hash of that. So whoever comes back with Last-Event-ID has missed nothing
// but steps in between, and gets the present one unless that was the last.
const (
	pollEvery  = 250 * time.Millisecond
	perWatcher = 2 * time.Millisecond // the events of many, some 30 µs each, would slow the run
	pingEvery  = 15 * time.Second
	checkEvery = 3 * time.Second // a session that ended ends its stream
)

// event is one snapshot of an import, as it is written to all that watch it.
type event struct {
	id   string
	text []byte
	last bool // the import is at rest
}

// hub looks at each watched import, and at each session that watches, once for
// all its watchers.
type hub struct {
	api   *API
	mu    sync.Mutex
	feeds map[int64]*feed

	guard sync.Mutex
	in    map[string]seen // by session or token
}

// seen is when a session was looked at, and whether it had ended.
type seen struct {
	at time.Time
	in bool
}

type feed struct {
	watchers map[chan event]*watcher
	look     chan struct{} // somebody new is there
}

// watcher is shown only what was read after it came: who has just changed an
// import never sees it as it was before.
type watcher struct {
	waits bool // for the next look to begin
	shown string
}

func newHub(a *API) *hub { return &hub{api: a, feeds: map[int64]*feed{}, in: map[string]seen{}} }

// watch returns a channel with the import as it is from now on; a slow watcher
// skips steps.
func (h *hub) watch(id int64) (events <-chan event, stop func()) {
	c := make(chan event, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[id]
	if f == nil {
		f = &feed{watchers: map[chan event]*watcher{}, look: make(chan struct{}, 1)}
		h.feeds[id] = f
		h.api.wait.Go(func() { h.poll(id, f) })
	}
	f.watchers[c] = &watcher{waits: true}
	select {
	case f.look <- struct{}{}:
	default:
	}
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(f.watchers, c)
	}
}

// poll ends when nobody watches.
func (h *hub) poll(id int64, f *feed) {
	tick, every := time.NewTicker(pollEvery), pollEvery
	defer tick.Stop()
	for {
		h.mu.Lock()
		for _, w := range f.watchers {
			w.waits = false
		}
		pace := max(pollEvery, time.Duration(len(f.watchers))*perWatcher)
		h.mu.Unlock()
		if pace != every {
			tick.Reset(pace)
			every = pace
		}
		e, err := h.snapshot(id)
		h.mu.Lock()
		if len(f.watchers) == 0 || err != nil && h.api.ctx.Err() != nil {
			delete(h.feeds, id)
			h.mu.Unlock()
			return
		}
		for c, w := range f.watchers {
			if err != nil || w.waits || w.shown == e.id {
				continue
			}
			w.shown = e.id
			select {
			case <-c: // the step before was not taken yet
			default:
			}
			c <- e
		}
		h.mu.Unlock()
		select {
		case <-tick.C:
		case <-f.look:
		case <-h.api.ctx.Done():
			h.mu.Lock()
			delete(h.feeds, id)
			h.mu.Unlock()
			return
		}
	}
}

func (h *hub) snapshot(id int64) (event, error) {
	imp, err := h.api.Store.GetImport(h.api.ctx, access.System(), id)
	if err != nil {
		return event{}, err
	}
	info, err := h.api.importOf(h.api.ctx, imp)
	if err != nil {
		return event{}, err
	}
	text, err := json.Marshal(info)
	sum := sha256.Sum256(text)
	e := event{id: hex.EncodeToString(sum[:8]), last: imp.State.Finished()}
	e.text = fmt.Appendf(nil, "event: import\nid: %s\ndata: %s\n\n", e.id, text)
	return e, err
}

// stillIn reports whether the caller's session or token is good, as it was at
// most a third of checkEvery ago.
func (h *hub) stillIn(ctx context.Context, who caller, authorization string) bool {
	key := who.session
	if key == "" {
		key = authorization
	}
	h.guard.Lock()
	defer h.guard.Unlock()
	if s, ok := h.in[key]; ok && time.Since(s.at) < checkEvery/3 {
		return s.in
	}
	maps.DeleteFunc(h.in, func(_ string, s seen) bool { return time.Since(s.at) > checkEvery })
	s := seen{time.Now(), h.api.stillIn(ctx, who, authorization)}
	if ctx.Err() == nil { // else it says nothing about the others
		h.in[key] = s
	}
	return s.in
}

func (a *API) eventRoutes() {
	add(a, route{Method: "GET", Path: "/imports/{id}/events", Needs: access.Import, Tag: "Imports", Summary: "Server-sent events: the import, whenever it changes",
		Extra: streamed("text/event-stream", "Events named import, whose data is the import; end: it is at rest")},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			Until         string `query:"until" enum:"rest" doc:"End when the import is at rest"`
			LastEventID   string `header:"Last-Event-ID"`
			Authorization string `header:"Authorization" hidden:"true"`
		}) (*huma.StreamResponse, error) {
			if _, err := a.Store.GetImport(ctx, p, in.ID); err != nil {
				return nil, err
			}
			return &huma.StreamResponse{Body: func(hc huma.Context) { a.stream(hc, in.ID, in.LastEventID, in.Authorization, in.Until != "") }}, nil
		})
}

// stream writes events until the client goes, its session ends, or the server
// does (WHATWG HTML 9.2).
func (a *API) stream(hc huma.Context, id int64, last, authorization string, untilRest bool) {
	ctx, w := hc.Context(), hc.BodyWriter()
	control := http.NewResponseController(w.(http.ResponseWriter))
	control.SetWriteDeadline(time.Time{}) // it lives as long as it is read
	hc.SetHeader("Content-Type", "text/event-stream")
	hc.SetHeader("X-Accel-Buffering", "no")
	hc.SetStatus(http.StatusOK)
	fmt.Fprint(w, "retry: 1000\n\n")
	control.Flush()
	events, stop := a.hub.watch(id)
	defer stop()
	ping, check := time.NewTicker(pingEvery), time.NewTicker(checkEvery)
	defer ping.Stop()
	defer check.Stop()
	who := callerOf(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.ctx.Done():
			return
		case <-check.C:
			if !a.hub.stillIn(ctx, who, authorization) {
				return
			}
			continue
		case <-ping.C:
			fmt.Fprint(w, ": still here\n\n")
		case e := <-events:
			if e.id != last {
				w.Write(e.text) // Flush says whether anybody reads
				last = e.id
			}
			if e.last {
				fmt.Fprintf(w, "event: end\nid: %s\ndata: {}\n\n", e.id)
				if untilRest {
					return
				}
			}
		}
		if control.Flush() != nil {
			return
		}
	}
}

func streamed(kind, what string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Description: what, Content: map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: "string"}}}}}
}
