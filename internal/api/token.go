package api

import (
	"context"
	"net/http"
	"time"

	"github.com/leadport/leadport/internal/access"
)

type tokenInfo struct {
	ID      int64               `json:"id"`
	User    int64               `json:"user"`
	Name    string              `json:"name"`
	Scopes  []access.Permission `json:"scopes" nullable:"false" doc:"None: all that its user may"`
	Created time.Time           `json:"created"`
	Expires *time.Time          `json:"expires,omitempty"`
	Used    *time.Time          `json:"used,omitempty"`
	Secret  string              `json:"secret,omitempty" doc:"Only in the answer that made it"`
}

func tokenOf(t access.Token) tokenInfo {
	out := tokenInfo{t.ID, t.User, t.Name, t.Scopes, t.Created, timeOf(t.Expires), timeOf(t.Used), ""}
	if out.Scopes == nil {
		out.Scopes = []access.Permission{}
	}
	return out
}

func (a *API) tokenRoutes() {
	add(a, route{Method: "GET", Path: "/tokens", Needs: signedIn, Tag: "Tokens", Summary: "My tokens; an administrator sees all"},
		func(ctx context.Context, p access.Principal, _ *none) (*body[items[tokenInfo]], error) {
			list, err := a.Store.Tokens(ctx, p)
			out := make([]tokenInfo, len(list))
			for i, t := range list {
				out[i] = tokenOf(t)
			}
			return itemsOf(out), err
		})
	add(a, route{Method: "POST", Path: "/tokens", Needs: signedIn, Tag: "Tokens", Summary: "Make a token for myself; only in a session", Status: http.StatusCreated},
		func(ctx context.Context, p access.Principal, in *struct {
			Body struct {
				Name   string `json:"name" minLength:"1" maxLength:"255" doc:"What it is for"`
				Scopes string `json:"scopes,omitempty" doc:"Permissions separated by commas; none: all that I may" maxLength:"255"`
				Days   int    `json:"days,omitempty" minimum:"0" maximum:"3650" doc:"Until it expires; 0: never"`
			}
		}) (*body[tokenInfo], error) {
			if callerOf(ctx).session == "" { // a token with few scopes must not make one with all
				return nil, &Problem{Status: http.StatusForbidden, Code: "forbidden", Detail: "A token cannot make tokens."}
			}
			scopes, err := access.ParseScopes(in.Body.Scopes)
			if err != nil {
				return nil, err
			}
			t := access.Token{User: p.User.ID, Name: in.Body.Name, Scopes: scopes}
			if in.Body.Days > 0 {
				t.Expires = a.Now().AddDate(0, 0, in.Body.Days)
			}
			secret := access.TokenPrefix + access.NewSecret()
			if err := a.Store.AddToken(ctx, p, &t, access.HashSecret(secret)); err != nil {
				return nil, err
			}
			out := tokenOf(t)
			out.Secret = secret
			return answerOf(out), nil
		})
	add(a, route{Method: "DELETE", Path: "/tokens/{id}", Needs: signedIn, Tag: "Tokens", Summary: "Revoke a token", Status: http.StatusNoContent},
		func(ctx context.Context, p access.Principal, in *IdPath) (*none, error) {
			return nil, a.Store.RevokeToken(ctx, p, in.ID)
		})
}
