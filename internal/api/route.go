package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// Needs of a route that are no permission.
const (
	anyone   access.Permission = "anyone"    // signed in or not
	signedIn access.Permission = "signed in" // whatever one may
)

// route is one operation: where it is and what it needs. The test of the
// matrix of routes and roles reads this list.
type route struct {
	Method, Path string
	Needs        access.Permission
	Summary      string
	Tag          string
	Status       int // of success; 0: 200, without a body 204
	MaxBody      int64
	Body         *huma.RequestBody // where it is not JSON
	Extra        map[string]*huma.Response
}

// none is an operation's input or output without anything.
type none struct{}

// add registers a route. Its handler gets the person; its errors are answered
// by the table in problem.go.
func add[I, O any](a *API, r route, h func(ctx context.Context, p access.Principal, in *I) (*O, error)) {
	a.routes = append(a.routes, r)
	op := huma.Operation{
		OperationID: r.Method + r.Path, Method: r.Method, Path: Prefix + r.Path, Summary: r.Summary, Tags: []string{r.Tag},
		Description: "Needs: " + string(r.Needs), DefaultStatus: r.Status, MaxBodyBytes: r.MaxBody,
		Responses:  map[string]*huma.Response{"default": problemResponse(a.huma)},
		Extensions: map[string]any{"x-permission": string(r.Needs)},
	}
	for code, extra := range r.Extra {
		op.Responses[code] = extra
	}
	if r.Needs != anyone {
		op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	}
	op.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
		ctx = &answer{inner: ctx}
		if err := permitted(callerOf(ctx.Context()), r.Needs); err != nil {
			p := a.problemOf(err)
			if p.Status == http.StatusUnauthorized {
				ctx.SetHeader("WWW-Authenticate", `Bearer realm="leadport"`)
			}
			ctx.SetHeader("Content-Type", "application/problem+json")
			ctx.SetStatus(p.Status)
			a.huma.Marshal(ctx.BodyWriter(), "application/json", a.finish(ctx.Context(), p)) // a client that is gone needs no answer
			return
		}
		next(ctx)
	}}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, callerOf(ctx).principal, in)
		if err != nil {
			return nil, a.problemOf(err)
		}
		return out, nil
	})
	if r.Body != nil { // huma would read it whole
		item := a.huma.OpenAPI().Paths[op.Path]
		for _, documented := range []*huma.Operation{item.Post, item.Patch} {
			if documented != nil && documented.Method == r.Method {
				documented.RequestBody = r.Body
			}
		}
	}
}

// permitted is the first line of defence; the store's own checks are the last.
func permitted(c caller, needs access.Permission) error {
	switch {
	case needs == anyone:
		return nil
	case c.principal.User.ID == 0:
		return ErrSignIn
	case needs == signedIn || c.principal.Can(needs):
		return nil
	}
	return &Problem{Status: http.StatusForbidden, Code: "forbidden", Detail: "You may not do this. It needs the permission " + string(needs) + ".", cause: lead.ErrForbidden}
}

func problemResponse(api huma.API) *huma.Response {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	return &huma.Response{Description: "Problem", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
}

// body is a JSON answer.
type body[T any] struct{ Body T }

func answerOf[T any](v T) *body[T] { return &body[T]{v} }

// items is a list that is given whole.
type items[T any] struct {
	Items []T `json:"items" nullable:"false"`
}

func itemsOf[T any](list []T) *body[items[T]] {
	if list == nil {
		list = []T{}
	}
	return answerOf(items[T]{list})
}

// Raw takes the request as it is, where the body is a stream.
type Raw struct{ ctx huma.Context }

// Resolve implements huma.Resolver.
func (r *Raw) Resolve(ctx huma.Context) []error {
	r.ctx = ctx
	return nil
}
