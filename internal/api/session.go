package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// Sign-in back-off: failures within backOff per account and address, and per
// address whatever the account.
const (
	backOff     = 15 * time.Minute
	mostFailed  = 10
	mostAddress = 100
)

// me is the person who asks.
type me struct {
	User        user                         `json:"user"`
	Permissions map[access.Permission]string `json:"permissions" doc:"own, team or all"`
	Mail        bool                         `json:"mail" doc:"Mail is sent; else it stays in the outbox"`
}

type signInBody struct {
	Username string `json:"username" maxLength:"255"`
	Password string `json:"password" maxLength:"1024"`
}

type profileBody struct {
	Name  string `json:"name" maxLength:"255"`
	Email string `json:"email" maxLength:"254" doc:"Where mail about my imports goes"`
	Zone  string `json:"zone" maxLength:"64" doc:"IANA time zone; empty: UTC"`
}

type signedInAnswer struct {
	SetCookie string `header:"Set-Cookie"`
	Body      me
}

func (a *API) sessionRoutes() {
	add(a, route{Method: "POST", Path: "/session", Needs: anyone, Tag: "Session", Summary: "Sign in"},
		func(ctx context.Context, _ access.Principal, in *struct{ Body signInBody }) (*signedInAnswer, error) {
			u, err := a.checkPassword(ctx, in.Body.Username, in.Body.Password)
			if err != nil {
				return nil, err
			}
			return a.signIn(ctx, u)
		})
	add(a, route{Method: "GET", Path: "/session", Needs: signedIn, Tag: "Session", Summary: "Who I am, and what I may"},
		func(_ context.Context, p access.Principal, _ *none) (*body[me], error) {
			return answerOf(a.meOf(p)), nil
		})
	add(a, route{Method: "DELETE", Path: "/session", Needs: signedIn, Tag: "Session", Summary: "Sign out", Status: http.StatusNoContent},
		func(ctx context.Context, _ access.Principal, _ *none) (*struct {
			SetCookie string `header:"Set-Cookie"`
		}, error) {
			err := a.Store.EndSession(ctx, callerOf(ctx).session)
			return &struct {
				SetCookie string `header:"Set-Cookie"`
			}{a.cookie("")}, err
		})
	add(a, route{Method: "PUT", Path: "/session/profile", Needs: signedIn, Tag: "Session", Summary: "Change my name, e-mail and time zone"},
		func(ctx context.Context, p access.Principal, in *struct{ Body profileBody }) (*body[me], error) {
			if in.Body.Zone != "" {
				if err := validZone(in.Body.Zone); err != nil {
					return nil, err
				}
			}
			u, err := a.Store.UserByID(ctx, p.User.ID)
			if err != nil {
				return nil, err
			}
			u.Name, u.Email, u.Zone = strings.TrimSpace(in.Body.Name), strings.TrimSpace(in.Body.Email), in.Body.Zone
			if err := a.Store.UpdateProfile(ctx, p, u); err != nil {
				return nil, err
			}
			p.User = u
			return answerOf(a.meOf(p)), nil
		})
	add(a, route{Method: "PUT", Path: "/session/password", Needs: signedIn, Tag: "Session", Summary: "Change my password; other sessions end", Status: http.StatusNoContent},
		func(ctx context.Context, p access.Principal, in *struct {
			Body struct {
				Old string `json:"old" maxLength:"1024"`
				New string `json:"new" maxLength:"1024"`
			}
		}) (*none, error) {
			if callerOf(ctx).session == "" {
				return nil, &Problem{Status: http.StatusForbidden, Code: "forbidden", Detail: "A token cannot change a password."}
			}
			_, has, err := a.Store.PasswordHash(ctx, p.User.Username)
			if err != nil {
				return nil, err
			}
			if has != "" { // who came by a link from the console may have none yet
				if _, err := a.checkPassword(ctx, p.User.Username, in.Body.Old); err != nil {
					return nil, &Problem{Status: http.StatusUnprocessableEntity, Code: "invalid", Detail: "The present password is not right.", Errors: []FieldProblem{{Location: "body.old", Message: "This is not your present password."}}, cause: err}
				}
			}
			hash, err := a.hash(ctx, in.Body.New)
			if err != nil {
				return nil, err
			}
			if err := a.Store.SetPassword(ctx, p, p.User.ID, hash); err != nil {
				return nil, err
			}
			return nil, a.Store.EndSessions(ctx, p.User.ID, callerOf(ctx).session)
		})
}

func (a *API) meOf(p access.Principal) me {
	out := me{User: userOf(p.User), Permissions: map[access.Permission]string{}, Mail: a.Mail}
	for perm, scope := range p.Grants {
		if scope != access.None {
			out.Permissions[perm] = scopeName(scope)
		}
	}
	return out
}

func scopeName(s access.Scope) string { return [...]string{"", "own", "team", "all"}[s] }

// signIn begins a session under a new id; one that the browser had ends.
func (a *API) signIn(ctx context.Context, u access.User) (*signedInAnswer, error) {
	if old := callerOf(ctx).session; old != "" {
		if err := a.Store.EndSession(ctx, old); err != nil {
			return nil, err
		}
	}
	secret, now := access.NewSecret(), a.Now()
	if err := a.Store.AddSession(ctx, access.Session{Hash: access.HashSecret(secret), User: u.ID, Created: now, Seen: now}); err != nil {
		return nil, err
	}
	return &signedInAnswer{a.cookie(secret), a.meOf(access.For(u))}, nil
}

// checkPassword finds a user by name and password. An unknown user, a wrong
// password and a disabled user look and take the same; too many failures are
// refused before the password is looked at.
func (a *API) checkPassword(ctx context.Context, username, password string) (access.User, error) {
	now := a.Now()
	address := callerOf(ctx).address
	account := access.HashSecret(strings.ToLower(strings.TrimSpace(username)) + "\x00" + address)
	for who, most := range map[string]int{account: mostFailed, access.HashSecret(address): mostAddress} {
		n, err := a.Store.FailedSignIns(ctx, who, now.Add(-backOff))
		if err != nil {
			return access.User{}, err
		}
		if n >= most {
			return access.User{}, &Problem{Status: http.StatusTooManyRequests, Code: "back-off", Detail: "Too many failed sign-ins.",
				Remedy: "Wait " + strconv.Itoa(int(backOff.Minutes())) + " minutes, or ask an administrator for a new password.", cause: ErrBack}
		}
	}
	id, hash, err := a.Store.PasswordHash(ctx, username)
	if err != nil && !errors.Is(err, lead.ErrNotFound) {
		return access.User{}, err
	}
	if hash == "" {
		id, hash = 0, access.NoPassword()
	}
	if err := a.mayHash(ctx); err != nil {
		return access.User{}, err
	}
	ok, err := access.CheckPassword(hash, password)
	<-a.hashing
	if err != nil {
		return access.User{}, err
	}
	if !ok || id == 0 {
		if err := a.Store.FailedSignIn(ctx, now, now.Add(-backOff), account, access.HashSecret(address)); err != nil {
			return access.User{}, err
		}
		return access.User{}, &Problem{Status: http.StatusUnauthorized, Code: "sign-in", Detail: "User name or password is wrong."}
	}
	return a.Store.UserByID(ctx, id)
}

// mayHash waits for a place: each hash takes 19 MiB.
func (a *API) mayHash(ctx context.Context) error {
	select {
	case a.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *API) hash(ctx context.Context, password string) (string, error) {
	if err := a.mayHash(ctx); err != nil {
		return "", err
	}
	defer func() { <-a.hashing }()
	return access.HashPassword(password)
}

// user is a person as others see them.
type user struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Name     string `json:"name"`
	Display  string `json:"display" doc:"The name to show"`
	Email    string `json:"email"`
	Role     string `json:"role"`
	Team     int64  `json:"team" doc:"0: none"`
	Zone     string `json:"zone" doc:"IANA time zone"`
	Disabled bool   `json:"disabled"`
}

func userOf(u access.User) user {
	return user{u.ID, u.Username, u.Name, u.Display(), u.Email, u.Role, u.Team, u.Zone, u.Disabled}
}

func usersOf(list []access.User) []user {
	out := make([]user, len(list))
	for i, u := range list {
		out[i] = userOf(u)
	}
	return slices.Clip(out)
}
