// Package api is Leadport's REST interface under /api/v1: what the browser and
// other programs use (docs/api.md). It describes itself as OpenAPI 3.1, its
// errors are problem details (RFC 9457), and every route declares the
// permission it needs.
//
// It may import lead, table, recipe, importer, access and notify. It knows no
// SQL: what it asks of the database is in store.go of this package, and app
// wires it.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/leadport/leadport/internal/importer"
)

//go:generate go run ../../scripts/apitypes ../web/src/api-types.ts

// Prefix is where all routes are.
const Prefix = "/api/v1"

// Deps are what the API works with.
type Deps struct {
	Store   Store
	Engine  *importer.Engine
	Files   Files
	Parts   Parts
	Log     *slog.Logger
	Now     func() time.Time
	Version string
	// MaxUpload is the largest file taken, in bytes.
	MaxUpload int64
	// Secure: people come by TLS, so cookies are for TLS only.
	Secure bool
	// Mail reports whether mail leaves the house; without it stays in the outbox.
	Mail bool
	// Refused ends an import whose file cannot be read, and tells its person.
	Refused func(ctx context.Context, imp *importer.Import, reason, remedy string) error
	// Served is told of each answer; may be nil.
	Served func(ctx context.Context, s Served)
	// Kinds are further kinds of errors and their answers.
	Kinds []Kind
}

// API answers requests. Close ends what it does in the background.
type API struct {
	Deps
	huma    huma.API
	mux     *http.ServeMux
	routes  []route
	links   *links
	checks  *checks
	hub     *hub
	uploads uploadLocks
	hashing chan struct{} // bounds the memory of password hashes
	ctx     context.Context
	stop    context.CancelFunc
	wait    sync.WaitGroup
}

// New returns the API with all its routes.
func New(d Deps) *API {
	a := &API{Deps: d, mux: http.NewServeMux(), links: newLinks(), hashing: make(chan struct{}, 2)}
	a.ctx, a.stop = context.WithCancel(context.Background())
	a.checks = newChecks(a)
	a.hub = newHub(a)
	config := huma.DefaultConfig("Leadport", d.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = Prefix+"/openapi", "", ""
	config.CreateHooks = nil
	config.Transformers = []huma.Transformer{a.complete}
	config.RejectUnknownQueryParameters = true
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: a.cookieName()},
		"token":   {Type: "http", Scheme: "bearer"},
	}
	a.huma = humago.New(a.mux, config)
	a.register()
	return a
}

// register is the list of all routes there are.
func (a *API) register() {
	a.sessionRoutes()
	a.setupRoutes()
	a.schemaRoutes()
	a.leadRoutes()
	a.bulkRoutes()
	a.viewRoutes()
	a.importRoutes()
	a.reviewRoutes()
	a.runRoutes()
	a.restRoutes()
	a.eventRoutes()
	a.downloadRoutes()
	a.uploadRoutes()
	a.recipeRoutes()
	a.peopleRoutes()
	a.tokenRoutes()
	a.settingRoutes()
	a.docsRoutes()
}

// Close ends checks and event streams under way and waits for them.
func (a *API) Close() {
	a.stop()
	a.wait.Wait()
}

// ServeHTTP gives a request its id and its person, then answers it.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, id := withRequestID(r.Context())
	w.Header().Set("X-Request-Id", id)
	w.Header().Set("Cache-Control", "no-store")
	ctx = traced(ctx, id, r.URL.Path)
	r = r.WithContext(ctx)
	s := &statusWriter{ResponseWriter: w}
	w = s
	defer a.serve(r, s, time.Now())()
	who, err := a.authenticate(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	r = r.WithContext(withCaller(ctx, who))
	if _, pattern := a.mux.Handler(r); pattern == "" {
		a.unknown(w, r)
		return
	}
	a.idempotent(w, r)
}

// unknown answers a path or method that does not exist.
func (a *API) unknown(w http.ResponseWriter, r *http.Request) {
	probe := *r
	var allow []string
	for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} {
		probe.Method = m
		if _, pattern := a.mux.Handler(&probe); pattern != "" {
			allow = append(allow, m)
		}
	}
	if len(allow) == 0 {
		a.problem(w, r, &Problem{Status: http.StatusNotFound, Code: "not-found", Detail: "There is nothing at this address."})
		return
	}
	for _, m := range allow {
		w.Header().Add("Allow", m)
	}
	a.problem(w, r, &Problem{Status: http.StatusMethodNotAllowed, Code: "method", Detail: "This address does not take " + r.Method + "."})
}
