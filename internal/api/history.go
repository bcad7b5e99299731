package api

import (
	"context"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// changeInfo is one change of a lead. Before and after hold the changed fields
// only; deleted_at stands for the bin.
type changeInfo struct {
	ID      int64          `json:"id"`
	Version int64          `json:"version"`
	At      time.Time      `json:"at"`
	Actor   int64          `json:"actor"`
	Import  int64          `json:"import,omitempty"`
	Record  int64          `json:"record,omitempty"`
	File    string         `json:"file,omitempty" doc:"Of the import, if one may see it"`
	Reverts int64          `json:"reverts,omitempty" doc:"The change that an undo took back; -1: the making"`
	Before  map[string]any `json:"before"`
	After   map[string]any `json:"after"`
}

// origin is where a field's present value comes from.
type origin struct {
	At     time.Time `json:"at"`
	Actor  int64     `json:"actor"`
	Import int64     `json:"import,omitempty"`
	Record int64     `json:"record,omitempty"`
	File   string    `json:"file,omitempty" doc:"Of the import, if one may see it"`
}

type historyInfo struct {
	Changes []changeInfo      `json:"changes" nullable:"false" doc:"Newest first"`
	Fields  map[string]origin `json:"fields" doc:"By field key"`
}

func (a *API) historyRoutes() {
	add(a, route{Method: "GET", Path: "/leads/{id}/history", Needs: access.LeadView, Tag: "Leads", Summary: "Every change, and where each field's value comes from"},
		func(ctx context.Context, p access.Principal, in *LeadPath) (*body[historyInfo], error) {
			out, err := a.history(ctx, p, in.ID)
			return answerOf(out), err
		})
}

func (a *API) history(ctx context.Context, p access.Principal, id int64) (historyInfo, error) {
	out := historyInfo{Changes: []changeInfo{}, Fields: map[string]origin{}}
	l, err := a.Store.Get(ctx, p, id)
	if err != nil {
		return out, err
	}
	s, err := a.Store.Schema(ctx)
	if err != nil {
		return out, err
	}
	all, err := a.Store.History(ctx, []int64{id})
	if err != nil {
		return out, err
	}
	files, ofFile := map[int64]string{}, map[int64]bool{}
	from := func(at time.Time, actor, imp, record int64) origin {
		if _, known := files[imp]; imp != 0 && !known {
			files[imp] = ""
			if i, err := a.Store.GetImport(ctx, p, imp); err == nil {
				files[imp], ofFile[imp] = i.File, i.Kind == "file"
			}
		}
		if !ofFile[imp] {
			record = 0 // of what was done by hand to many leads: its records tell nobody anything
		}
		return origin{at, actor, imp, record, files[imp]}
	}
	for key := range valuesOf(s, l.Record) {
		out.Fields[key] = from(l.CreatedAt, l.CreatedBy, l.CreatedImport, l.CreatedRecord)
	}
	for _, row := range all[id] { // oldest first
		o := from(row.At, row.Actor, row.Import, row.Record)
		for key := range row.After {
			if _, has := out.Fields[key]; has {
				out.Fields[key] = o
			}
		}
		c := changeOf(s, row)
		c.Record, c.File = o.Record, o.File
		out.Changes = append([]changeInfo{c}, out.Changes...)
	}
	return out, nil
}

func changeOf(s *lead.Schema, row importer.JournalRow) changeInfo {
	shown := func(values map[string]string) map[string]any {
		out := map[string]any{}
		for key, v := range values {
			out[key] = v
			if f := s.Field(key); f != nil && v != "" {
				out[key] = valueOf(f, v)
			}
		}
		return out
	}
	return changeInfo{ID: row.ID, Version: row.Version, At: row.At, Actor: row.Actor, Import: row.Import, Record: row.Record, Reverts: row.Reverts, Before: shown(row.Before), After: shown(row.After)}
}
