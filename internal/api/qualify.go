package api

import (
	"context"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
)

// qualifyBody says what a lead becomes; a part that is left out is not made.
type qualifyBody struct {
	FirstName   string `json:"first_name,omitempty" maxLength:"255" doc:"Of the contact"`
	LastName    string `json:"last_name,omitempty" maxLength:"255" doc:"Of the contact; one of that name is found again"`
	Account     string `json:"account,omitempty" maxLength:"255" doc:"One of that name is found again"`
	Opportunity string `json:"opportunity,omitempty" maxLength:"255" doc:"A new one of that name"`
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
}
