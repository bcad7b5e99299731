package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/table"
)

// Problem is how every error is answered (RFC 9457, application/problem+json).
type Problem struct {
	Type   string `json:"type" doc:"about:blank; code tells kinds apart"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code" doc:"The kind of error; stable"`
	Detail string `json:"detail" doc:"What is wrong, for people"`
	Remedy string `json:"remedy,omitempty" doc:"What to do about it, for people"`
	// RequestID is what the log calls this request.
	RequestID string         `json:"request_id"`
	Errors    []FieldProblem `json:"errors,omitempty" doc:"What is wrong with which value"`
	// Current is the version that a lead has now.
	Current int64 `json:"current_version,omitempty"`

	cause error
}

// FieldProblem is what is wrong with one value.
type FieldProblem struct {
	Location   string `json:"location" doc:"Where, for example body.values.website"`
	Code       string `json:"code,omitempty"`
	Message    string `json:"message"`
	Remedy     string `json:"remedy,omitempty"`
	Suggestion string `json:"suggestion,omitempty"`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// Kind is a kind of error and how it is answered.
type Kind struct {
	Err    error
	Status int
	Code   string
}

// Kinds of errors of this package beside those of package lead.
var (
	// ErrTooLarge is a file over the limit.
	ErrTooLarge = errors.New("larger than allowed")
	// ErrSignIn is a request without a valid session or token.
	ErrSignIn = errors.New("sign in first")
	// ErrBack is too many failed sign-ins.
	ErrBack = errors.New("too many failed sign-ins")
)

// kinds is the one table from errors to answers; the first that fits counts.
func (a *API) kinds() []Kind {
	return append([]Kind{
		{ErrSignIn, http.StatusUnauthorized, "sign-in"},
		{ErrBack, http.StatusTooManyRequests, "back-off"},
		{ErrTooLarge, http.StatusRequestEntityTooLarge, "too-large"},
		{lead.ErrNotFound, http.StatusNotFound, "not-found"},
		{lead.ErrForbidden, http.StatusForbidden, "forbidden"},
		{lead.ErrConflict, http.StatusConflict, "conflict"},
		{lead.ErrInvalid, http.StatusUnprocessableEntity, "invalid"},
	}, a.Kinds...)
}

// problemOf turns an error into its answer. What is nobody's business is a 500
// that says only its request id; the log has the rest.
func (a *API) problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var form *importer.FormError
	if errors.As(err, &form) {
		p := &Problem{Status: http.StatusUnprocessableEntity, Code: "invalid", Detail: "Some values cannot be taken."}
		for _, i := range form.Issues {
			p.Errors = append(p.Errors, FieldProblem{Location: "body.values." + i.Heading, Code: i.Code, Message: i.Message, Remedy: i.Remedy, Suggestion: i.Suggestion})
		}
		return p
	}
	if refusal := table.Refused(err); refusal != nil {
		return &Problem{Status: http.StatusUnprocessableEntity, Code: "file." + refusal.Format, Detail: refusal.Message, Remedy: refusal.Remedy}
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		err = ErrTooLarge
	}
	for _, k := range a.kinds() {
		if errors.Is(err, k.Err) {
			return &Problem{Status: k.Status, Code: k.Code, Detail: sentence(err, k.Err), cause: err}
		}
	}
	return &Problem{Status: http.StatusInternalServerError, Code: "internal", Detail: "Something went wrong.", cause: err}
}

// sentence is an error as people read it: its kind left out, a capital at the
// beginning and a full stop at the end.
func sentence(err, kind error) string {
	text := strings.TrimSuffix(err.Error(), ": "+kind.Error())
	if errors.Is(kind, lead.ErrNotFound) {
		return "This does not exist, or you may not see it."
	}
	if r, size := utf8.DecodeRuneInString(text); size > 0 {
		text = string(unicode.ToUpper(r)) + text[size:]
	}
	if text != "" && !strings.ContainsAny(text[len(text)-1:], ".?!") {
		text += "."
	}
	return text
}

// finish fills in what every problem has, and logs what the person is not told.
func (a *API) finish(ctx context.Context, p *Problem) *Problem {
	out := *p
	out.Type, out.Title, out.RequestID = "about:blank", http.StatusText(p.Status), requestID(ctx)
	if out.Status >= 500 && p.cause != nil && !errors.Is(p.cause, context.Canceled) {
		a.Log.ErrorContext(ctx, "request failed", "error", p.cause)
	}
	return &out
}

// fail answers an error outside of huma.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	a.problem(w, r, a.problemOf(err))
}

func (a *API) problem(w http.ResponseWriter, r *http.Request, p *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="leadport"`)
	}
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(a.finish(r.Context(), p)) // a client that is gone needs no answer
}

// complete makes huma's own errors (a body that does not fit its schema) like
// all others. An unknown member is a mistake of the program that sends it: 400.
func (a *API) complete(ctx huma.Context, _ string, v any) (any, error) {
	switch e := v.(type) {
	case *Problem:
		return a.finish(ctx.Context(), e), nil
	case *huma.ErrorModel:
		p := &Problem{Status: e.Status, Code: "invalid", Detail: sentence(errors.New(e.Detail), lead.ErrInvalid)}
		for _, d := range e.Errors {
			p.Errors = append(p.Errors, FieldProblem{Location: d.Location, Message: d.Message})
			if strings.HasPrefix(d.Message, "unexpected property") || strings.HasPrefix(d.Message, "unknown query parameter") {
				p.Status, p.Code = http.StatusBadRequest, "unknown-member"
			}
		}
		if s, ok := ctx.(*answer); ok && p.Status != e.Status {
			s.override = p.Status
		}
		if p.Status >= 500 {
			p.Detail, p.Errors, p.cause = "Something went wrong.", nil, fmt.Errorf("%s: %v", e.Detail, e.Errors)
		}
		return a.finish(ctx.Context(), p), nil
	}
	return v, nil
}

// answer is a context whose status a transformer may still change.
type answer struct {
	inner
	override int
}

// inner has another name than the method Context.
type inner = huma.Context

// Unwrap gives adapters their own context back.
func (s *answer) Unwrap() huma.Context { return s.inner }

func (s *answer) SetStatus(status int) {
	if s.override != 0 {
		status = s.override
	}
	s.inner.SetStatus(status)
}

type requestKey struct{}

func withRequestID(ctx context.Context) (context.Context, string) {
	id := rand.Text()[:16]
	return context.WithValue(ctx, requestKey{}, id), id
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}
