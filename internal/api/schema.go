package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// fieldInfo is a field of a lead as a form or a mapping needs it.
type fieldInfo struct {
	Key      string       `json:"key"`
	Label    string       `json:"label"`
	Heading  string       `json:"heading" doc:"In template and export"`
	Kind     string       `json:"kind"`
	MaxLen   int          `json:"max_length,omitempty"`
	Policy   string       `json:"policy" doc:"What a file's value does to a lead that has one"`
	Required bool         `json:"required,omitempty"`
	Custom   bool         `json:"custom,omitempty"`
	Indexed  bool         `json:"indexed,omitempty"`
	Mapped   bool         `json:"mapped" doc:"A file column can go here"`
	Editable bool         `json:"editable"`
	Entity   string       `json:"entity,omitempty"`
	Parts    []partInfo   `json:"parts,omitempty" doc:"Of the elements of a list"`
	Options  []optionInfo `json:"options,omitempty"`
}

type partInfo struct {
	Key     string `json:"key"`
	Heading string `json:"heading" doc:"%d is the element's number"`
	Kind    string `json:"kind"`
	MaxLen  int    `json:"max_length,omitempty"`
	Derived bool   `json:"derived,omitempty" doc:"Filled by cleaning"`
}

type optionInfo struct {
	ID      string `json:"id"`
	Label   string `json:"label"`
	Retired bool   `json:"retired,omitempty"`
}

type schemaInfo struct {
	Fields     []fieldInfo `json:"fields" nullable:"false"`
	Assignable []user      `json:"assignable" nullable:"false" doc:"Users one may give leads to"`
	Teams      []teamInfo  `json:"teams" nullable:"false" doc:"Whose people one may give leads to"`
	Users      []userName  `json:"users" nullable:"false" doc:"Names by id"`
	Roles      []roleInfo  `json:"roles" nullable:"false"`
}

type userName struct {
	ID      int64  `json:"id"`
	Display string `json:"display"`
}

type roleInfo struct {
	Key         string                       `json:"key"`
	Label       string                       `json:"label"`
	Permissions map[access.Permission]string `json:"permissions"`
}

func fieldOf(f *lead.Field) fieldInfo {
	out := fieldInfo{Key: f.Key, Label: f.Label, Heading: f.Heading, Kind: f.Kind.String(), MaxLen: f.MaxLen, Policy: f.Policy.String(),
		Required: f.Required, Custom: f.Custom, Indexed: f.Indexed, Mapped: !f.System, Editable: !f.System && !f.Virtual, Entity: f.Entity}
	for _, p := range f.Parts {
		out.Parts = append(out.Parts, partInfo{p.Key, p.Heading, p.Kind.String(), p.MaxLen, p.Derived})
	}
	for _, o := range f.Options {
		out.Options = append(out.Options, optionInfo{o.ID, o.Label, o.Retired})
	}
	return out
}

func (a *API) schemaRoutes() {
	add(a, route{Method: "GET", Path: "/schema", Needs: signedIn, Tag: "Schema", Summary: "Fields, choices, users and roles"},
		func(ctx context.Context, p access.Principal, _ *none) (*body[schemaInfo], error) {
			s, err := a.Store.Schema(ctx)
			if err != nil {
				return nil, err
			}
			users, err := a.Store.Users(ctx)
			if err != nil {
				return nil, err
			}
			teams, err := a.Store.Teams(ctx)
			if err != nil {
				return nil, err
			}
			out := schemaInfo{Assignable: []user{}, Teams: []teamInfo{}}
			for i := range s.Fields {
				if !s.Fields[i].Gone {
					out.Fields = append(out.Fields, fieldOf(&s.Fields[i]))
				}
			}
			for _, u := range users {
				out.Users = append(out.Users, userName{u.ID, u.Display()})
				if !u.Disabled && p.Reaches(access.LeadAssign, u.ID, u.Team) {
					out.Assignable = append(out.Assignable, userOf(u))
				}
			}
			for _, t := range teams {
				if slices.ContainsFunc(out.Assignable, func(u user) bool { return u.Team == t.ID }) {
					out.Teams = append(out.Teams, teamInfo(t))
				}
			}
			for _, r := range access.Roles() {
				out.Roles = append(out.Roles, roleInfo{r.Key, r.Label, a.meOf(access.Principal{Grants: r.Grants}).Permissions})
			}
			return answerOf(out), nil
		})
	add(a, route{Method: "POST", Path: "/fields", Needs: access.Settings, Tag: "Schema", Summary: "Create a custom field; its type never changes", Status: http.StatusCreated},
		func(ctx context.Context, p access.Principal, in *struct {
			Body struct {
				Label   string `json:"label" minLength:"1" maxLength:"255"`
				Kind    string `json:"kind" doc:"text, long text, integer, decimal, date, date-time, yes/no, choice, multi-choice, URL, e-mail, phone, user"`
				Indexed bool   `json:"indexed,omitempty" doc:"Can be filtered by; at most ten"`
				Import  int64  `json:"import,omitempty" doc:"The import whose file has it"`
			}
		}) (*body[fieldInfo], error) {
			kind, err := lead.ParseKind(in.Body.Kind)
			if err != nil {
				return nil, err
			}
			if in.Body.Import != 0 {
				if _, err := a.Store.GetImport(ctx, p, in.Body.Import); err != nil {
					return nil, err
				}
			}
			f, err := a.Store.AddField(ctx, p, in.Body.Label, kind, in.Body.Indexed, in.Body.Import)
			if err != nil {
				return nil, err
			}
			return answerOf(fieldOf(f)), nil
		})
	type ChoicePath struct {
		Field string `path:"field" maxLength:"100"`
	}
	add(a, route{Method: "POST", Path: "/fields/{field}/options", Needs: access.Settings, Tag: "Schema", Summary: "Add an option to a choice", Status: http.StatusCreated},
		func(ctx context.Context, p access.Principal, in *struct {
			ChoicePath
			Body struct {
				Label string `json:"label" minLength:"1" maxLength:"255"`
			}
		}) (*body[optionInfo], error) {
			id, err := a.Store.AddChoice(ctx, p, in.Field, in.Body.Label, 0)
			if err != nil {
				return nil, err
			}
			return answerOf(optionInfo{ID: id, Label: in.Body.Label}), nil
		})
	add(a, route{Method: "DELETE", Path: "/fields/{field}/options/{option}", Needs: access.Settings, Tag: "Schema", Summary: "Retire an option; leads that have it keep it", Status: http.StatusNoContent},
		func(ctx context.Context, p access.Principal, in *struct {
			ChoicePath
			Option string `path:"option" maxLength:"100"`
		}) (*none, error) {
			return nil, a.Store.RetireChoice(ctx, p, in.Field, in.Option)
		})
}
