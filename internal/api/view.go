package api

import (
	"context"
	"net/http"

	"github.com/leadport/leadport/internal/access"
)

type ViewBody struct {
	Name   string `json:"name" minLength:"1" maxLength:"100"`
	Query  string `json:"query" doc:"What stands in the list's URL" maxLength:"4000"`
	Shared bool   `json:"shared,omitempty" doc:"Everybody sees it"`
}

type viewInfo struct {
	ID   int64 `json:"id"`
	User int64 `json:"user"`
	ViewBody
}

type IdPath struct {
	ID int64 `path:"id" minimum:"1"`
}

func viewOf(v View) viewInfo { return viewInfo{v.ID, v.User, ViewBody{v.Name, v.Query, v.Shared}} }

func (a *API) viewRoutes() {
	add(a, route{Method: "GET", Path: "/views", Needs: access.LeadView, Tag: "Leads", Summary: "Saved views: mine, and those shared"},
		func(ctx context.Context, p access.Principal, _ *none) (*body[items[viewInfo]], error) {
			list, err := a.Store.Views(ctx, p)
			out := make([]viewInfo, len(list))
			for i, v := range list {
				out[i] = viewOf(v)
			}
			return itemsOf(out), err
		})
	save := func(ctx context.Context, p access.Principal, id int64, b ViewBody) (*body[viewInfo], error) {
		v := View{ID: id, Name: b.Name, Query: b.Query, Shared: b.Shared}
		err := a.Store.SaveView(ctx, p, &v)
		return answerOf(viewOf(v)), err
	}
	add(a, route{Method: "POST", Path: "/views", Needs: access.LeadView, Tag: "Leads", Summary: "Save a view", Status: http.StatusCreated},
		func(ctx context.Context, p access.Principal, in *struct{ Body ViewBody }) (*body[viewInfo], error) {
			return save(ctx, p, 0, in.Body)
		})
	add(a, route{Method: "PUT", Path: "/views/{id}", Needs: access.LeadView, Tag: "Leads", Summary: "Change a view of mine"},
		func(ctx context.Context, p access.Principal, in *struct {
			IdPath
			Body ViewBody
		}) (*body[viewInfo], error) {
			return save(ctx, p, in.ID, in.Body)
		})
	add(a, route{Method: "DELETE", Path: "/views/{id}", Needs: access.LeadView, Tag: "Leads", Summary: "Delete a view of mine", Status: http.StatusNoContent},
		func(ctx context.Context, p access.Principal, in *IdPath) (*none, error) {
			return nil, a.Store.DeleteView(ctx, p, in.ID)
		})
}
