package api

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// links are the one-time links of this process that sign somebody in. They are
// gone with the process.
type links struct {
	mu     sync.Mutex
	signIn map[string]int64 // hash → user
}

func newLinks() *links { return &links{signIn: map[string]int64{}} }

// SetupLink makes the secret of the set-up link, which is good on every node; an
// earlier one of this node ends.
func (a *API) SetupLink(ctx context.Context) (string, error) {
	secret := access.NewSecret()
	return secret, a.Store.AddSetupLink(ctx, access.HashSecret(secret))
}

// SignInLink makes the secret of a link that signs a user in, once.
func (a *API) SignInLink(user int64) string {
	secret := access.NewSecret()
	a.links.mu.Lock()
	defer a.links.mu.Unlock()
	a.links.signIn[access.HashSecret(secret)] = user
	return secret
}

func (l *links) take(secret string) (user int64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	hash := access.HashSecret(secret)
	user, ok = l.signIn[hash]
	delete(l.signIn, hash)
	return user, ok
}

type setupBody struct {
	Secret   string `json:"secret" doc:"From the link on the server's console" maxLength:"100"`
	Username string `json:"username" minLength:"1" maxLength:"255"`
	Password string `json:"password" maxLength:"1024"`
	Name     string `json:"name,omitempty" maxLength:"255"`
	Email    string `json:"email,omitempty" maxLength:"254"`
	Country  string `json:"country" doc:"ISO 3166-1 alpha-2; of local phone numbers and addresses without one" pattern:"^[A-Z]{2}$"`
	Zone     string `json:"zone" doc:"IANA time zone, such as Europe/Berlin" minLength:"1" maxLength:"64"`
}

type setupState struct {
	Needed bool `json:"needed"`
}

func (a *API) setupRoutes() {
	add(a, route{Method: "GET", Path: "/setup", Needs: anyone, Tag: "Set-up", Summary: "Whether the set-up is still to be done"},
		func(ctx context.Context, _ access.Principal, _ *none) (*body[setupState], error) {
			needed, err := a.Store.NeedsSetup(ctx)
			return answerOf(setupState{needed}), err
		})
	add(a, route{Method: "POST", Path: "/setup", Needs: anyone, Tag: "Set-up", Summary: "Make the first administrator, and sign in"},
		func(ctx context.Context, _ access.Principal, in *struct{ Body setupBody }) (*signedInAnswer, error) {
			b := in.Body
			good, err := a.Store.IsSetupLink(ctx, access.HashSecret(b.Secret))
			if err != nil {
				return nil, err
			}
			if !good {
				return nil, &Problem{Status: http.StatusForbidden, Code: "link", Detail: "This set-up link is used or not of this server.",
					Remedy: "Take the link that the server printed when it started last.", cause: lead.ErrForbidden}
			}
			if err := validZone(b.Zone); err != nil {
				return nil, err
			}
			hash, err := a.hash(ctx, b.Password)
			if err != nil {
				return nil, err
			}
			u := access.User{Username: strings.TrimSpace(b.Username), Name: b.Name, Email: b.Email, Role: "admin", Zone: b.Zone}
			if err := a.Store.SetUp(ctx, &u, hash, map[string]string{"country": b.Country, "zone": b.Zone}); err != nil {
				return nil, err
			}
			return a.signIn(ctx, u)
		})
	add(a, route{Method: "POST", Path: "/session/link", Needs: anyone, Tag: "Session", Summary: "Sign in by a one-time link from the server's console"},
		func(ctx context.Context, _ access.Principal, in *struct {
			Body struct {
				Secret string `json:"secret" maxLength:"100"`
			}
		}) (*signedInAnswer, error) {
			id, ok := a.links.take(in.Body.Secret)
			if !ok {
				return nil, &Problem{Status: http.StatusForbidden, Code: "link", Detail: "This link is used or not of this server.", cause: lead.ErrForbidden}
			}
			u, err := a.Store.UserByID(ctx, id)
			if err != nil {
				return nil, err
			}
			return a.signIn(ctx, u)
		})
}

func validZone(zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return &Problem{Status: http.StatusUnprocessableEntity, Code: "invalid", Detail: "There is no such time zone.",
			Errors: []FieldProblem{{Location: "body.zone", Message: "Write it like Europe/Berlin."}}, cause: lead.ErrInvalid}
	}
	return nil
}
