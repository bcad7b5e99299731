//go:build dev

package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/leadport/leadport/internal/web/bundle"
)

// live serves the sources instead of the embedded bundle, made anew when one of
// them has changed; the page loads itself again then. It is for working on the
// interface: go run -tags dev ./cmd/leadport serve --demo
func live() http.Handler {
	_, file, _, _ := runtime.Caller(0)
	return &sources{dir: filepath.Dir(file)}
}

// sources is the bundle of a folder as it is now.
type sources struct {
	dir string

	mu    sync.Mutex
	at    time.Time // of the newest source when it was made
	files map[string]asset
	err   error
}

const (
	reloadPath = "/__live"
	reloader   = `new EventSource("` + reloadPath + `").onmessage = () => location.reload();`
	lookEvery  = 300 * time.Millisecond
)

func (s *sources) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case reloadPath:
		s.tell(w, r)
		return
	case reloadPath + ".js":
		newAsset(".js", []byte(reloader)).serve(w, r, false)
		return
	}
	files, err := s.made()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	serveFiles(files).ServeHTTP(w, r)
}

// made is the bundle of the sources as they are now.
func (s *sources) made() (map[string]asset, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, err := s.newest()
	if err != nil || at.Equal(s.at) {
		return s.files, errorOr(err, s.err)
	}
	built, err := bundle.Build(s.dir)
	s.at, s.err, s.files = at, err, map[string]asset{}
	for name, text := range built {
		if name == "index.html" {
			text = bytes.Replace(text, []byte("</head>"), []byte(`<script src="`+reloadPath+`.js" defer></script></head>`), 1)
		}
		s.files["/"+name] = newAsset(name, text)
	}
	return s.files, err
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// newest is when the youngest source was written.
func (s *sources) newest() (at time.Time, err error) {
	err = filepath.WalkDir(filepath.Join(s.dir, "src"), func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.ModTime().After(at) {
			at = info.ModTime()
		}
		return err
	})
	return at, err
}

// tell says when a source has changed.
func (s *sources) tell(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	was, err := s.newest() // before anybody hears of us and changes one
	out := http.NewResponseController(w)
	out.Flush()
	for tick := time.NewTicker(lookEvery); err == nil; {
		select {
		case <-r.Context().Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		var now time.Time
		if now, err = s.newest(); err == nil && !now.Equal(was) {
			was = now
			fmt.Fprint(w, "data: changed\n\n")
			out.Flush()
		}
	}
}
