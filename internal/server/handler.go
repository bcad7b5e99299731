package server

import (
	"net/http"

	"github.com/leadport/leadport/internal/api"
	"github.com/leadport/leadport/internal/web"
)

// policy lets a page load and call only what comes from this server; nothing
// inline, no eval, in no frame (CSP Level 3).
const policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// Handler is everything that is answered over HTTP. Requests that change
// something are refused if a browser sends them from another site; a program
// with a token sends no such headers and passes.
func Handler(a *api.API, secure bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(api.Prefix+"/", a)
	mux.Handle("/", web.Handler())
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		w.Write([]byte(`{"type":"about:blank","title":"Forbidden","status":403,"code":"cross-origin","detail":"This request comes from another site."}` + "\n"))
	}))
	return headers(guard.Handler(mux), secure)
}

func headers(next http.Handler, secure bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
