// Package web is the user interface: a single-page application that uses
// nothing but the public REST API. It holds the committed bundle and serves it.
// A program built with the tag dev serves the sources instead, and the page
// loads itself again when one of them changes:
//
//	go run -tags dev ./cmd/leadport serve --demo
//
// It must not import anything of ours.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:generate go run generate.go

//go:embed all:dist
var dist embed.FS

// Policy is the Content-Security-Policy of every page: nothing inline, nothing
// from elsewhere.
const Policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// asset is one file of the bundle, ready to send.
type asset struct {
	plain, packed []byte // packed is nil where gzip gains nothing
	kind, tag     string
}

// Handler serves the bundle: files under /assets/ may be kept for ever, since
// their names hold a hash; every other path gets the page, whose router knows
// it. A missing file under /assets/ or with an extension is 404.
func Handler() http.Handler {
	if h := live(); h != nil {
		return h
	}
	files := map[string]asset{}
	err := fs.WalkDir(dist, "dist", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := dist.ReadFile(name)
		if err != nil {
			return err
		}
		files[strings.TrimPrefix(name, "dist")] = newAsset(name, text)
		return nil
	})
	if err != nil {
		panic("web: the embedded bundle cannot be read: " + err.Error()) // not possible in a built program
	}
	return serveFiles(files)
}

func serveFiles(files map[string]asset) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		name := path.Clean(r.URL.Path)
		a, ok := files[name]
		switch {
		case !ok && (strings.HasPrefix(name, "/assets/") || path.Ext(name) != ""):
			http.NotFound(w, r)
			return
		case !ok:
			a = files["/index.html"]
		}
		a.serve(w, r, strings.HasPrefix(name, "/assets/"))
	})
}

func newAsset(name string, text []byte) asset {
	sum := sha256.Sum256(text)
	a := asset{plain: text, kind: mime.TypeByExtension(path.Ext(name)), tag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	switch path.Ext(name) { // whatever the system's own table says
	case ".js":
		a.kind = "text/javascript; charset=utf-8"
	case ".css":
		a.kind = "text/css; charset=utf-8"
	case ".html":
		a.kind = "text/html; charset=utf-8"
	case ".svg":
		a.kind = "image/svg+xml"
	case ".woff2":
		a.kind = "font/woff2"
		return a
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	z.Write(text)                                         // a buffer takes everything
	z.Close()
	a.packed = b.Bytes()
	return a
}

func (a asset) serve(w http.ResponseWriter, r *http.Request, forever bool) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", Policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
	if forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("ETag", a.tag)
	h.Add("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == a.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.plain
	if a.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.packed
	}
	if r.Method == http.MethodHead {
		return
	}
	w.Write(body) // a reader that has gone away needs no answer
}
