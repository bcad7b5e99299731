package api

import (
	"context"
	"fmt"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// qualifyBody says what a lead becomes; a part that is left out is not made.
type qualifyBody struct {
	FirstName   string `json:"first_name,omitempty" maxLength:"255" doc:"Of the contact"`
	LastName    string `json:"last_name,omitempty" maxLength:"255" doc:"Of the contact; one of that name is found again"`
	Account     string `json:"account,omitempty" maxLength:"255" doc:"One of that name is found again"`
	Opportunity string `json:"opportunity,omitempty" maxLength:"255" doc:"A new one of that name"`
}

// linkInfo is what leads link to.
type linkInfo struct {
	Kind   string `json:"kind" enum:"account,contact,opportunity"`
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Linked string `json:"linked" doc:"The filter of the leads that link to it"`
	Import int64  `json:"import,omitempty" doc:"That made it"`
}

func (a *API) qualifyRoutes() {
	add(a, route{Method: "POST", Path: "/leads/{id}/qualify", Needs: access.LeadEdit, Tag: "Leads", Summary: "Qualify a lead: to a contact, an account, an opportunity; can be undone"},
		func(ctx context.Context, p access.Principal, in *struct {
			LeadPath
			Precondition
			Body qualifyBody
		}) (*body[bulkAnswer], error) {
			var imp *importer.Import
			err := a.atVersion(ctx, p, in.ID, in.Precondition, func(version int64) (err error) {
				imp, err = a.Store.Qualify(ctx, p, in.ID, version, Qualification(in.Body))
				return err
			})
			if err != nil {
				return nil, err
			}
			return answerOf(bulkOf(imp, imp.Accounting)), nil
		})
	add(a, route{Method: "GET", Path: "/links/{kind}", Needs: access.LeadView, Tag: "Leads", Summary: "An account, contact or opportunity, as far as leads that one may see link to it"},
		func(ctx context.Context, p access.Principal, in *struct {
			Kind string `path:"kind" enum:"account,contact,opportunity"`
			ID   int64  `query:"id" minimum:"1"`
			Name string `query:"name" doc:"Of an account, instead of its id" maxLength:"255"`
		}) (*body[linkInfo], error) {
			e, err := a.Store.Entity(ctx, in.Kind, in.ID, in.Name)
			if err != nil {
				return nil, err
			}
			out := linkInfo{Kind: in.Kind, ID: e.ID, Name: e.Name, Linked: fmt.Sprintf("%s:%d", in.Kind, e.ID), Import: e.Import}
			seen, _, _, err := a.Store.ListLeads(ctx, p, LeadQuery{Linked: out.Linked, Limit: 1})
			if err == nil && len(seen) == 0 {
				err = fmt.Errorf("%s %d: %w", in.Kind, e.ID, lead.ErrNotFound)
			}
			return answerOf(out), err
		})
}
