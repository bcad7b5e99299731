package api

import (
	"context"
	"fmt"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// groupInfo is all issues of one kind and value.
type groupInfo struct {
	Group int `json:"group" doc:"Its number, to ask for its records"`
	importer.Issue
	Severity string `json:"severity" enum:"info,warning,error"`
	Count    int64  `json:"count" doc:"Records"`
}

// recordInfo is one record of the file with its plan, or after the run with
// what became of it.
type recordInfo struct {
	Record  int64          `json:"record"`
	Line    int64          `json:"line"`
	Outcome string         `json:"outcome"`
	Reason  string         `json:"reason,omitempty"`
	Note    string         `json:"note,omitempty"`
	Lead    int64          `json:"lead,omitempty"`
	Head    int64          `json:"merged_into,omitempty" doc:"A record of the same file"`
	Does    string         `json:"does,omitempty" doc:"Of an update: fills blanks, replaces, or replaces what a person typed lately" enum:"fills,replaces,typed"`
	Cells   []string       `json:"cells" doc:"As read, fixes applied"`
	Fixed   []int          `json:"fixed,omitempty" doc:"Columns whose cell is mended"`
	Issues  []cellIssue    `json:"issues,omitempty"`
	Was     map[string]any `json:"was,omitempty" doc:"Of an update: the fields that change, as they are"`
	Will    map[string]any `json:"will,omitempty" doc:"… and as they will be; all fields of a new lead"`
	Stale   bool           `json:"stale,omitempty" doc:"The lead was changed since the check"`
}

type cellIssue struct {
	importer.Issue
	Severity string `json:"severity"`
}

type recordPage struct {
	Items []recordInfo `json:"items"`
	Next  int64        `json:"next,omitempty" doc:"Give it as first for the next page"`
}

// fixCell is one cell mended.
type fixCell struct {
	Record int64  `json:"record" minimum:"1"`
	Column int    `json:"column" minimum:"0" doc:"From 0"`
	Was    string `json:"was" doc:"The cell as it was shown"`
	New    string `json:"new" maxLength:"1048576"`
}

type fixBody struct {
	Fixes []fixCell `json:"fixes" minItems:"1" maxItems:"10000"`
}

func (a *API) reviewRoutes() {
	add(a, route{Method: "GET", Path: "/imports/{id}/groups", Needs: access.Import, Tag: "Imports", Summary: "Problems grouped by their repair, worst first"},
		func(ctx context.Context, p access.Principal, in *ImportPath) (*body[items[groupInfo]], error) {
			if _, err := a.Store.GetImport(ctx, p, in.ID); err != nil {
				return nil, err
			}
			list, err := a.Store.Groups(ctx, in.ID)
			out := make([]groupInfo, len(list))
			for i, g := range list {
				out[i] = groupInfo{i, g.Issue, g.Severity.String(), g.Count}
			}
			return itemsOf(out), err
		})
	add(a, route{Method: "GET", Path: "/imports/{id}/records", Needs: access.Import, Tag: "Imports", Summary: "Records in file order: cells, outcome, was and will be"},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			First   int64  `query:"first" minimum:"1" default:"1"`
			Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
			Outcome string `query:"outcome" enum:"new,update,unchanged,skipped,error,conflict"`
			Group   int    `query:"group" minimum:"-1" default:"-1" doc:"Only those of this group"`
		}) (*body[recordPage], error) {
			w := importer.Window{First: in.First, Limit: in.Limit, Group: in.Group}
			var err error
			if in.Outcome != "" {
				if w.Outcome, err = importer.ParseOutcome(in.Outcome); err != nil {
					return nil, err
				}
			}
			s, err := a.Store.Schema(ctx)
			if err != nil {
				return nil, err
			}
			rows, next, err := a.Engine.Records(ctx, p, in.ID, w)
			if err != nil {
				return nil, err
			}
			out := recordPage{Items: []recordInfo{}, Next: next}
			for i := range rows {
				out.Items = append(out.Items, recordOf(s, &rows[i]))
			}
			return answerOf(out), nil
		})
	add(a, route{Method: "POST", Path: "/imports/{id}/fixes", Needs: access.Import, Tag: "Imports", Summary: "Mend cells; check the import again afterwards", Status: 204, MaxBody: 16 << 20},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			Body fixBody
		}) (*none, error) {
			list := make([]importer.CellFix, len(in.Body.Fixes))
			for i, f := range in.Body.Fixes {
				list[i] = importer.CellFix{Record: f.Record, Column: f.Column, Was: f.Was, New: f.New}
			}
			fixes, err := a.Engine.Fixes(ctx, p, in.ID, list)
			if err != nil {
				return nil, err
			}
			return nil, a.Store.SaveFixes(ctx, in.ID, fixes)
		})
	add(a, route{Method: "GET", Path: "/imports/{id}/records/{record}", Needs: access.Import, Tag: "Imports", Summary: "What became of one record"},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			Record int64 `path:"record" minimum:"1"`
		}) (*body[*importer.Fate], error) {
			imp, err := a.Store.GetImport(ctx, p, in.ID)
			if err != nil {
				return nil, err
			}
			if imp.Plan == nil || in.Record > imp.Plan.Records {
				return nil, fmt.Errorf("record %d: %w", in.Record, lead.ErrNotFound)
			}
			fate, err := a.Engine.Fate(ctx, p, in.ID, in.Record)
			return answerOf(fate), err
		})
}

func recordOf(s *lead.Schema, r *importer.WindowRow) recordInfo {
	out := recordInfo{Record: r.Record, Line: r.Line, Outcome: r.Outcome.String(), Reason: r.Reason, Note: r.Note, Lead: r.Lead,
		Head: r.Head, Cells: r.Cells, Fixed: r.Fixed, Stale: r.Stale}
	for _, i := range r.Issues {
		out.Issues = append(out.Issues, cellIssue{i, i.Severity.String()})
	}
	if r.Outcome == importer.Update {
		switch {
		case r.Flags&importer.Typed != 0:
			out.Does = "typed"
		case r.Flags&importer.Replaces != 0:
			out.Does = "replaces"
		default:
			out.Does = "fills"
		}
	}
	switch {
	case r.After == nil:
	case r.Before == nil:
		out.Will = valuesOf(s, *r.After)
	default:
		out.Was, out.Will = map[string]any{}, map[string]any{}
		lead.Diff(*r.Before, *r.After).Each(func(i int) {
			f := &s.Fields[i]
			out.Was[f.Key], out.Will[f.Key] = valueOf(f, r.Before.Values[i]), valueOf(f, r.After.Values[i])
		})
	}
	return out
}
