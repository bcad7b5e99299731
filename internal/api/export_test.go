package api

import "github.com/leadport/leadport/internal/access"

// RouteNeeds shows the tests what is registered.
type RouteNeeds struct {
	Method, Path string
	Needs        access.Permission
}

// Routes are all routes with what they need.
func (a *API) Routes() []RouteNeeds {
	var out []RouteNeeds
	for _, r := range a.routes {
		out = append(out, RouteNeeds{r.Method, r.Path, r.Needs})
	}
	return out
}

// Anyone and SignedIn are needs that are no permission.
const (
	Anyone   = anyone
	SignedIn = signedIn
)
