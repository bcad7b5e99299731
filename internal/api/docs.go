package api

import (
	"embed"
	"net/http"
)

//go:embed static
var static embed.FS

// docsRoutes serves the pages that come with the API: its description for
// people, and those behind the links on the console, as long as there is no
// other user interface. Nothing is loaded from elsewhere.
func (a *API) docsRoutes() {
	for name, file := range map[string]string{"docs": "docs.html", "docs.js": "docs.js", "docs.css": "docs.css", "start": "start.html", "start.js": "start.js"} {
		a.mux.HandleFunc("GET "+Prefix+"/"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, static, "static/"+file)
		})
	}
}
