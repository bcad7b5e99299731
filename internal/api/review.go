package api

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
)

// groupInfo is all issues of one kind and value.
type groupInfo struct {
	Group int `json:"group" doc:"Its number, to ask for its records"`
	importer.Issue
	Severity string `json:"severity" enum:"info,warning,error"`
	Count    int64  `json:"count" doc:"Records"`
	Proposal string `json:"proposal,omitempty" doc:"What an unknown value may mean: an option's id, a user's name"`
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
	Name    string         `json:"name,omitempty" doc:"Of the lead that is updated"`
	Head    int64          `json:"merged_into,omitempty" doc:"A record of the same file"`
	Does    string         `json:"does,omitempty" doc:"Of an update: fills blanks, replaces, or replaces what a person typed lately" enum:"fills,replaces,typed"`
	Cells   []string       `json:"cells" doc:"As read, fixes applied"`
	Fixed   []int          `json:"fixed,omitempty" doc:"Columns whose cell is mended"`
	Issues  []cellIssue    `json:"issues,omitempty"`
	Was     map[string]any `json:"was,omitempty" doc:"Of an update: the fields that change, as they are"`
	Will    map[string]any `json:"will,omitempty" doc:"… and as they will be; all fields of a new lead"`
	Stale   bool           `json:"stale,omitempty" doc:"The lead was changed since the check"`
	// Candidates are beside what the record itself says (will).
	Candidates []candidateInfo `json:"candidates,omitempty" doc:"Of a record in conflict: the leads that it may be about"`
}

type cellIssue struct {
	importer.Issue
	Severity string `json:"severity"`
}

type recordPage struct {
	Items []recordInfo `json:"items" nullable:"false"`
	Next  int64        `json:"next,omitempty" doc:"Give it as first for the next page"`
	Total int64        `json:"total" doc:"Records that the list has; -1: not counted, as for a list by outcome and first"`
}

// candidateInfo is a lead that a record in conflict may be about.
type candidateInfo struct {
	Lead   int64          `json:"lead,omitempty"`
	Row    int64          `json:"row,omitempty" doc:"Of a lead that an earlier record of the file makes: that record"`
	Values map[string]any `json:"values"`
}

type groupPage struct {
	Items []groupInfo `json:"items" nullable:"false"`
	// Totals count records once, however many groups they are in.
	Totals []totalInfo `json:"totals" nullable:"false" doc:"By kind of problem and column, worst first"`
	// Problems count the records that have any.
	Problems int64 `json:"problems" doc:"Records with an error or a warning"`
}

type totalInfo struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Column   int    `json:"column"`
	Heading  string `json:"heading,omitempty"`
	Groups   int    `json:"groups"`
	Records  int64  `json:"records"`
}

// RecordList says which records a list has.
type RecordList struct {
	Outcome string `query:"outcome" enum:"new,update,unchanged,skipped,error,conflict"`
	Group   int    `query:"group" minimum:"-1" default:"-1" doc:"Only those of this group"`
	Code    string `query:"code" maxLength:"100" doc:"Only those with this problem, in the column"`
	Column  int    `query:"column" minimum:"-1" default:"-1"`
	Problem bool   `query:"problems" doc:"Only those with an error or a warning"`
}

func (l *RecordList) window() (importer.Window, error) {
	w := importer.Window{At: -1, Group: l.Group, Code: l.Code, Column: l.Column, Problems: l.Problem}
	if l.Outcome == "" {
		return w, nil
	}
	var err error
	w.Outcome, err = importer.ParseOutcome(l.Outcome)
	return w, err
}

type problemPlace struct {
	Record int64 `json:"record" doc:"0: there is none"`
	At     int64 `json:"at" doc:"Its place in the list, from 0"`
}

type cellPage struct {
	Items []importer.CellHit `json:"items"`
	Next  int64              `json:"next,omitempty" doc:"Give it as first to go on"`
}

// fixCell is one cell mended.
type fixCell struct {
	Record int64  `json:"record" minimum:"1"`
	Column int    `json:"column" minimum:"0" doc:"From 0"`
	Was    string `json:"was" doc:"The cell as it was shown"`
	New    string `json:"new" maxLength:"1048576"`
}

type fixBody struct {
	Fixes []fixCell `json:"fixes,omitempty" maxItems:"10000"`
	Group *groupFix `json:"group,omitempty" doc:"The same text for the cells of all the group's records"`
}

type groupFix struct {
	Group int    `json:"group" minimum:"0"`
	New   string `json:"new" maxLength:"1048576"`
}

type answerBody struct {
	Records []int64 `json:"records,omitempty" maxItems:"10000" doc:"These; or else all in conflict of this group, or of this code and column"`
	Group   int     `json:"group,omitempty" minimum:"0"`
	Code    string  `json:"code,omitempty" maxLength:"100"`
	Column  int     `json:"column,omitempty" minimum:"-1"`
	Do      string  `json:"do" enum:"update,new,skip,ask" doc:"ask: take an earlier answer back"`
	Lead    int64   `json:"lead,omitempty" minimum:"0" doc:"Of update: this lead"`
	Row     int64   `json:"row,omitempty" minimum:"0" doc:"… or the lead that this earlier record makes"`
}

func (a *API) reviewRoutes() {
	add(a, route{Method: "GET", Path: "/imports/{id}/groups", Needs: access.Import, Tag: "Imports", Summary: "Problems grouped by their repair, worst first"},
		func(ctx context.Context, p access.Principal, in *ImportPath) (*body[groupPage], error) {
			if _, err := a.Store.GetImport(ctx, p, in.ID); err != nil {
				return nil, err
			}
			list, err := a.Store.Groups(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := groupsOf(list)
			return answerOf(out), a.propose(ctx, out.Items)
		})
	add(a, route{Method: "GET", Path: "/imports/{id}/records", Needs: access.Import, Tag: "Imports", Summary: "Records in file order: cells, outcome, was and will be"},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			RecordList
			First int64 `query:"first" minimum:"1" default:"1"`
			At    int64 `query:"at" minimum:"-1" default:"-1" doc:"Instead of first: the place in the list, from 0"`
			Limit int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
			Cells bool  `query:"cells" doc:"Only cells and problems"`
		}) (*body[recordPage], error) {
			w, err := in.window()
			if err != nil {
				return nil, err
			}
			w.First, w.At, w.Limit, w.Cells = in.First, in.At, in.Limit, in.Cells
			s, err := a.Store.Schema(ctx)
			if err != nil {
				return nil, err
			}
			rows, next, total, err := a.Engine.Records(ctx, p, in.ID, w)
			if err != nil {
				return nil, err
			}
			out := recordPage{Items: []recordInfo{}, Next: next, Total: total}
			for i := range rows {
				out.Items = append(out.Items, recordOf(s, &rows[i]))
			}
			return answerOf(out), a.changed(ctx, p, s, in.ID, out.Items)
		})
	add(a, route{Method: "GET", Path: "/imports/{id}/problems", Needs: access.Import, Tag: "Imports", Summary: "The next record with an error or a warning in a list of records"},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			RecordList
			From int64 `query:"from" minimum:"0" doc:"After this record"`
			Back bool  `query:"back" doc:"Before it instead"`
		}) (*body[problemPlace], error) {
			w, err := in.window()
			if err != nil {
				return nil, err
			}
			record, at, err := a.Engine.NextProblem(ctx, p, in.ID, w, in.From, in.Back)
			return answerOf(problemPlace{record, at}), err
		})
	add(a, route{Method: "GET", Path: "/imports/{id}/cells", Needs: access.Import, Tag: "Imports", Summary: "Find a text in the cells"},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			Text   string `query:"text" required:"true" minLength:"1" maxLength:"1000"`
			Column int    `query:"column" minimum:"-1" default:"-1" doc:"-1: in all columns"`
			Exact  bool   `query:"exact" doc:"Case counts"`
			First  int64  `query:"first" minimum:"1" default:"1" doc:"From this record on"`
			Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"The record that brings the cells to so many is the last"`
		}) (*body[cellPage], error) {
			hits, next, err := a.Engine.Find(ctx, p, in.ID, in.Text, in.Column, in.Exact, in.First, in.Limit)
			return answerOf(cellPage{hits, next}), err
		})
	add(a, route{Method: "POST", Path: "/imports/{id}/fixes", Needs: access.Import, Tag: "Imports", Summary: "Mend cells; check the import again afterwards", Status: 204, MaxBody: 16 << 20},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			Body fixBody
		}) (*none, error) {
			if _, err := a.Store.GetImport(ctx, p, in.ID); err != nil {
				return nil, err
			}
			if err := a.checks.stop(ctx, in.ID); err != nil {
				return nil, err
			}
			if g := in.Body.Group; g != nil {
				fixes, err := a.Engine.FixGroup(ctx, p, in.ID, g.Group, g.New)
				if err != nil {
					return nil, err
				}
				return nil, a.Store.SaveFixes(ctx, in.ID, fixes)
			}
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
	add(a, route{Method: "POST", Path: "/imports/{id}/answers", Needs: access.Import, Tag: "Imports", Summary: "Decide about records in conflict; check the import again afterwards", Status: 204},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			Body answerBody
		}) (*none, error) {
			if _, err := a.Store.GetImport(ctx, p, in.ID); err != nil {
				return nil, err
			}
			b := in.Body
			if b.Do == "ask" {
				b.Do = ""
			}
			if err := a.checks.stop(ctx, in.ID); err != nil {
				return nil, err
			}
			list := importer.Window{Group: b.Group, Code: b.Code, Column: b.Column}
			if b.Code != "" {
				list.Group = -1
			}
			fixes, err := a.Engine.Answer(ctx, p, in.ID, importer.RecordAnswer{Records: b.Records, List: list, Do: b.Do, Lead: b.Lead, Row: b.Row})
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

// changed says of updates that this import has made what it changed: their
// leads are not those of the plan any more.
func (a *API) changed(ctx context.Context, p access.Principal, s *lead.Schema, imp int64, list []recordInfo) error {
	of := map[int64]*recordInfo{}
	for i := range list {
		if r := &list[i]; r.Lead != 0 && (r.Stale || r.Outcome == "update" && r.Was == nil) {
			of[r.Lead] = r
		}
	}
	if len(of) == 0 {
		return nil
	}
	seen, _, _, err := a.Store.ListLeads(ctx, p, LeadQuery{IDs: slices.Collect(maps.Keys(of)), Limit: len(of)})
	if err != nil {
		return err
	}
	ids := make([]int64, len(seen))
	for i := range seen {
		ids[i] = seen[i].ID
		of[ids[i]].Name = s.Get(seen[i].Record, "name")
	}
	all, err := a.Store.History(ctx, ids)
	if err != nil {
		return err
	}
	for id, rows := range all {
		for _, row := range rows {
			if r := of[id]; row.Import == imp && row.Record == r.Record {
				done := changeOf(s, row)
				r.Stale, r.Was, r.Will = false, done.Before, done.After
			}
		}
	}
	return nil
}

// propose says what unknown values may mean (rule 2.5).
func (a *API) propose(ctx context.Context, list []groupInfo) error {
	s, err := a.Store.Schema(ctx)
	if err != nil {
		return err
	}
	var users []lead.Option
	for i := range list {
		g := &list[i]
		f := s.Field(g.Field)
		if f == nil || g.Value == "" {
			continue
		}
		options := f.Options
		switch g.Code {
		case "status.unknown", "choice.unknown":
		case "owner.unknown":
			if users == nil {
				all, err := a.Store.Users(ctx)
				if err != nil {
					return err
				}
				users = []lead.Option{}
				for _, u := range all {
					if !u.Disabled {
						users = append(users, lead.Option{ID: u.Username, Label: u.Display()})
					}
				}
			}
			options = users
		default:
			continue
		}
		if answer, _, ok := recipe.ProposeValue(f, g.Value, options); ok {
			g.Proposal = answer.String()
		}
	}
	return nil
}

// groupsOf shows groups and what they come to by kind and column.
func groupsOf(list []importer.Group) groupPage {
	out := groupPage{Items: make([]groupInfo, len(list)), Totals: []totalInfo{}}
	type key struct {
		code   string
		column int
	}
	at, sets, problems := map[key]int{}, []*roaring.Bitmap{}, roaring.New()
	for i, g := range list {
		out.Items[i] = groupInfo{Group: i, Issue: g.Issue, Severity: g.Severity.String(), Count: g.Count}
		k := key{g.Code, g.Column}
		n, known := at[k]
		if !known {
			n = len(sets)
			at[k], sets = n, append(sets, roaring.New())
			out.Totals = append(out.Totals, totalInfo{Code: g.Code, Severity: g.Severity.String(), Column: g.Column, Heading: g.Heading})
		}
		out.Totals[n].Groups++
		sets[n].Or(g.Records)
		if g.Severity >= importer.Warning {
			problems.Or(g.Records)
		}
	}
	out.Problems = int64(problems.GetCardinality())
	for n := range sets {
		out.Totals[n].Records = int64(sets[n].GetCardinality())
	}
	return out
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
	for _, c := range r.Candidates {
		out.Candidates = append(out.Candidates, candidateInfo{c.Lead, c.Row, valuesOf(s, c.Record)})
	}
	switch {
	case r.After == nil:
	case r.Before == nil:
		out.Will = valuesOf(s, *r.After)
	default:
		out.Name = s.Get(*r.Before, "name")
		out.Was, out.Will = map[string]any{}, map[string]any{}
		lead.Diff(*r.Before, *r.After).Each(func(i int) {
			f := &s.Fields[i]
			out.Was[f.Key], out.Will[f.Key] = valueOf(f, r.Before.Values[i]), valueOf(f, r.After.Values[i])
		})
	}
	return out
}
