package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/leadport/leadport/internal/access"
)

// duplicateInfo is a lead that may be the same as another.
type duplicateInfo struct {
	Lead  LeadInfo `json:"lead"`
	Score int      `json:"score" doc:"How likely, 1 to 99"`
	By    []string `json:"by" nullable:"false" doc:"What both share"`
}

// twinsInfo is a pair of leads that may be the same.
type twinsInfo struct {
	Lead  LeadInfo `json:"lead" doc:"The newer one"`
	Other LeadInfo `json:"other"`
	Score int      `json:"score" doc:"How likely, 1 to 99"`
	By    []string `json:"by" nullable:"false" doc:"What both share"`
}

type twinsPage struct {
	Items []twinsInfo `json:"items" nullable:"false"`
	Next  string      `json:"next,omitempty" doc:"Give it as after for the next page"`
	Count int64       `json:"count" doc:"Exact up to 10,000; 10,001 means more"`
}

type TwinsPath struct {
	LeadPath
	Other int64 `path:"other" minimum:"1"`
}

func (a *API) duplicateRoutes() {
	add(a, route{Method: "GET", Path: "/duplicates", Needs: access.LeadView, Tag: "Leads", Summary: "Pairs of leads that may be the same, newest first"},
		func(ctx context.Context, p access.Principal, in *struct {
			After string `query:"after" maxLength:"2000"`
			Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		}) (*body[twinsPage], error) {
			s, err := a.Store.Schema(ctx)
			if err != nil {
				return nil, err
			}
			list, next, err := a.Store.Duplicates(ctx, p, in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			out := twinsPage{Items: []twinsInfo{}, Next: next}
			for i := range list {
				out.Items = append(out.Items, twinsInfo{leadOf(s, p, &list[i].Lead), leadOf(s, p, &list[i].Other), list[i].Score, list[i].By})
			}
			out.Count, err = a.Store.CountDuplicates(ctx, p, mostCounted)
			return answerOf(out), err
		})
	add(a, route{Method: "GET", Path: "/leads/{id}/duplicates", Needs: access.LeadView, Tag: "Leads", Summary: "Leads that may be the same as this one, the likeliest first"},
		func(ctx context.Context, p access.Principal, in *LeadPath) (*body[items[duplicateInfo]], error) {
			s, err := a.Store.Schema(ctx)
			if err != nil {
				return nil, err
			}
			found, err := a.Engine.Duplicates(ctx, p, in.ID)
			if err != nil {
				return nil, err
			}
			separate, err := a.Store.Separate(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			var out []duplicateInfo
			for _, d := range found {
				if slices.Contains(separate, d.Lead.ID) {
					continue
				}
				l, err := a.Store.Get(ctx, p, d.Lead.ID)
				if err != nil {
					return nil, err
				}
				out = append(out, duplicateInfo{leadOf(s, p, l), d.Score, d.By})
			}
			return itemsOf(out), nil
		})
	add(a, route{Method: "PUT", Path: "/leads/{id}/duplicates/{other}", Needs: access.LeadEdit, Tag: "Leads", Summary: "Say that two leads are not the same, or take that back", Status: http.StatusNoContent},
		func(ctx context.Context, p access.Principal, in *struct {
			TwinsPath
			Body struct {
				Separate bool `json:"separate" doc:"They are not the same"`
			}
		}) (*none, error) {
			return nil, a.Store.SetSeparate(ctx, p, in.ID, in.Other, in.Body.Separate)
		})
}
