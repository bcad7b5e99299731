package api

import (
	"embed"
	"net/http"
)

//go:embed static
var static embed.FS

// docsRoutes serves the API's description for people. Nothing is loaded from
// elsewhere.
func (a *API) docsRoutes() {
	for name, file := range map[string]string{"docs": "docs.html", "docs.js": "docs.js", "docs.css": "docs.css"} {
		a.mux.HandleFunc("GET "+Prefix+"/"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, static, "static/"+file)
		})
	}
}
