package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
)

// maxKeyed is the largest body of a request with an Idempotency-Key, in bytes;
// uploads take the key themselves (upload.go).
const maxKeyed = 4 << 20

// maxKey is the longest Idempotency-Key, in bytes.
const maxKey = 255

// staleRequest is when a request that never answered counts as lost: its
// process was killed.
const staleRequest = 2 * time.Minute

// kept is an answer as it is remembered.
type kept struct {
	Header http.Header `json:"header"`
	Body   string      `json:"body"`
}

// idempotent does a request with an Idempotency-Key once and gives its answer
// again to whoever repeats it (draft-ietf-httpapi-idempotency-key-header): the
// same key with another request is 422, while the first is under way 409.
// Errors of the server are not kept, so that they can be tried again.
func (a *API) idempotent(w http.ResponseWriter, r *http.Request) {
	key, who := r.Header.Get("Idempotency-Key"), callerOf(r.Context())
	upload := strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/")
	if key == "" || who.principal.User.ID == 0 || r.Method == http.MethodGet || r.Method == http.MethodHead || upload {
		a.mux.ServeHTTP(w, r)
		return
	}
	if len(key) > maxKey {
		a.problem(w, r, &Problem{Status: http.StatusBadRequest, Code: "invalid", Detail: "An Idempotency-Key has at most 255 characters."})
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxKeyed))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	sum := sha256.New()
	sum.Write([]byte(r.Method + " " + r.URL.RequestURI() + "\n" + r.Header.Get("If-Match") + "\n"))
	sum.Write(text)
	request := hex.EncodeToString(sum.Sum(nil))
	found, err := a.Store.Remember(r.Context(), who.principal, key, request, a.Now().Add(-staleRequest))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if found != nil {
		a.repeat(w, r, found, request)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	done := false
	defer func() {
		if !done { // a panic
			a.remember(r, who.principal, key, 0, "")
		}
	}()
	a.mux.ServeHTTP(rec, r)
	done = true
	status, answer := rec.status, ""
	if status >= 500 {
		status = 0
	} else if b, err := json.Marshal(kept{rec.header, rec.body.String()}); err == nil {
		answer = string(b)
	}
	a.remember(r, who.principal, key, status, answer)
	rec.send(w)
}

func (a *API) remember(r *http.Request, p access.Principal, key string, status int, answer string) {
	ctx := context.WithoutCancel(r.Context())
	if err := a.Store.Answered(ctx, p, key, status, answer); err != nil {
		a.Log.ErrorContext(ctx, "remember an answer", "error", err)
	}
}

func (a *API) repeat(w http.ResponseWriter, r *http.Request, found *Remembered, request string) {
	switch {
	case found.Request != request:
		a.problem(w, r, otherRequest())
	case found.Status == 0:
		a.problem(w, r, underWay())
	default:
		var k kept
		if err := json.Unmarshal([]byte(found.Answer), &k); err != nil {
			a.fail(w, r, err)
			return
		}
		w.Header().Set("Idempotent-Replayed", "true")
		rec := &recorder{header: k.Header, status: found.Status}
		rec.body.WriteString(k.Body)
		rec.send(w)
	}
}

func otherRequest() *Problem {
	return &Problem{Status: http.StatusUnprocessableEntity, Code: "idempotency-key", Detail: "This Idempotency-Key was used for another request.", Remedy: "Use a new key for each request."}
}

func underWay() *Problem {
	return &Problem{Status: http.StatusConflict, Code: "under-way", Detail: "A request with this Idempotency-Key is under way.", Remedy: "Try again in a moment."}
}

// recorder holds an answer back until it is remembered.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorder) send(w http.ResponseWriter) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.status)
	w.Write(r.body.Bytes()) // a client that is gone needs no answer
}
