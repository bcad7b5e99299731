package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

type userBody struct {
	Username string `json:"username" minLength:"1" maxLength:"255"`
	Name     string `json:"name,omitempty" maxLength:"255"`
	Email    string `json:"email,omitempty" maxLength:"254"`
	Role     string `json:"role" enum:"admin,manager,sales,readonly"`
	Team     int64  `json:"team,omitempty" doc:"0: none"`
	Zone     string `json:"zone,omitempty" maxLength:"64"`
	Disabled bool   `json:"disabled,omitempty" doc:"Sessions and tokens end at once"`
	Password string `json:"password,omitempty" doc:"Empty: none, or unchanged" maxLength:"1024"`
}

type teamInfo struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func (a *API) peopleRoutes() {
	add(a, route{Method: "GET", Path: "/users", Needs: access.Settings, Tag: "People", Summary: "Everybody"},
		func(ctx context.Context, _ access.Principal, _ *none) (*body[items[user]], error) {
			list, err := a.Store.Users(ctx)
			return itemsOf(usersOf(list)), err
		})
	add(a, route{Method: "POST", Path: "/users", Needs: access.Settings, Tag: "People", Summary: "Add a person", Status: http.StatusCreated},
		func(ctx context.Context, p access.Principal, in *struct{ Body userBody }) (*body[user], error) {
			u, hash, err := a.userIn(ctx, &in.Body)
			if err == nil {
				err = a.Store.AddUser(ctx, p, &u, hash)
			}
			return answerOf(userOf(u)), err
		})
	add(a, route{Method: "PUT", Path: "/users/{id}", Needs: access.Settings, Tag: "People", Summary: "Change a person; a new password or disabling ends their sessions"},
		func(ctx context.Context, p access.Principal, in *struct {
			IdPath
			Body userBody
		}) (*body[user], error) {
			u, hash, err := a.userIn(ctx, &in.Body)
			if err != nil {
				return nil, err
			}
			if u.ID = in.ID; u.ID == p.User.ID && (u.Disabled || u.Role != p.User.Role) {
				return nil, fmt.Errorf("you cannot take your own rights away: %w", lead.ErrInvalid)
			}
			if err := a.Store.UpdateUser(ctx, p, u); err != nil {
				return nil, err
			}
			if hash != "" {
				if err := a.Store.SetPassword(ctx, p, u.ID, hash); err != nil {
					return nil, err
				}
			}
			if hash != "" || u.Disabled {
				if err := a.Store.EndSessions(ctx, u.ID, callerOf(ctx).session); err != nil {
					return nil, err
				}
			}
			return answerOf(userOf(u)), nil
		})
	add(a, route{Method: "GET", Path: "/teams", Needs: access.Settings, Tag: "People", Summary: "All teams"},
		func(ctx context.Context, _ access.Principal, _ *none) (*body[items[teamInfo]], error) {
			list, err := a.Store.Teams(ctx)
			out := make([]teamInfo, len(list))
			for i, t := range list {
				out[i] = teamInfo(t)
			}
			return itemsOf(out), err
		})
	add(a, route{Method: "POST", Path: "/teams", Needs: access.Settings, Tag: "People", Summary: "Add a team", Status: http.StatusCreated},
		func(ctx context.Context, p access.Principal, in *struct {
			Body struct {
				Name string `json:"name" minLength:"1" maxLength:"255"`
			}
		}) (*body[teamInfo], error) {
			t, err := a.Store.AddTeam(ctx, p, in.Body.Name)
			return answerOf(teamInfo(t)), err
		})
}

// userIn reads a person; hash is "" without a password.
func (a *API) userIn(ctx context.Context, b *userBody) (u access.User, hash string, err error) {
	if b.Zone != "" {
		if err := validZone(b.Zone); err != nil {
			return u, "", err
		}
	}
	if b.Password != "" {
		if hash, err = a.hash(ctx, b.Password); err != nil {
			return u, "", err
		}
	}
	return access.User{Username: b.Username, Name: b.Name, Email: b.Email, Role: b.Role, Team: b.Team, Zone: b.Zone, Disabled: b.Disabled}, hash, nil
}
