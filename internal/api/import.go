package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// importInfo is an import, an undo or a bulk change.
type importInfo struct {
	ID         int64          `json:"id"`
	Kind       string         `json:"kind" enum:"file,undo,bulk"`
	Parent     int64          `json:"parent,omitempty" doc:"Of an undo: what it takes back; of an import: whose rest it is"`
	State      string         `json:"state"`
	Reason     string         `json:"reason,omitempty" doc:"Why it is paused, failed or a draft again"`
	File       string         `json:"file"`
	Size       int64          `json:"size"`
	Actor      int64          `json:"actor"`
	At         time.Time      `json:"at"`
	Started    *time.Time     `json:"started,omitempty"`
	Finished   *time.Time     `json:"finished,omitempty"`
	UndoUntil  *time.Time     `json:"undo_until,omitempty"`
	Owner      string         `json:"owner,omitempty" doc:"User names; of new leads that the file gives none, before what the recipe says"`
	Accounting accountingInfo `json:"accounting"`
	Decisions  []decisionInfo `json:"decisions,omitempty" doc:"Questions to be answered before it can start"`
	Plan       string         `json:"plan,omitempty" doc:"Of the latest check; every check has its own"`
	Prepared   bool           `json:"prepared" doc:"It has settings"`
	Planned    int64          `json:"planned,omitempty" doc:"Leads that the plan makes or changes"`
	Checked    bool           `json:"checked" doc:"There is a plan, so records and groups can be read"`
	Progress   *progressInfo  `json:"progress,omitempty"`
}

// accountingInfo balances: records = new + update + unchanged + skipped +
// errors + conflicts.
type accountingInfo struct {
	importer.Accounting
}

type progressInfo struct {
	Phase string `json:"phase" enum:"checking,importing,undoing"`
	Done  int64  `json:"done"`
	Total int64  `json:"total" doc:"0: not known. Bytes while checking, records while importing"`
	// Accounting is of the records done so far.
	Accounting *importer.Accounting `json:"accounting,omitempty" doc:"While checking and importing: the records done so far"`
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (a *API) importOf(ctx context.Context, imp *importer.Import) (importInfo, error) {
	out := importInfo{ID: imp.ID, Kind: imp.Kind, Parent: imp.Parent, State: string(imp.State), Reason: imp.Reason, File: imp.File,
		Size: imp.Size, Actor: imp.Actor, At: imp.At, Started: timeOf(imp.Started), Finished: timeOf(imp.Finished),
		Owner: imp.Options.Owner, Accounting: accountingInfo{imp.Accounting}, Prepared: imp.Recipe != "", Checked: imp.Plan != nil}
	if !imp.Finished.IsZero() {
		until := imp.UndoUntil()
		out.UndoUntil = &until
	}
	if imp.Plan != nil {
		out.Plan, out.Planned, out.Decisions = imp.Plan.Name(), imp.Plan.Accounting.Leads(), decisionsOf(imp.Plan.Decisions)
	}
	var err error
	out.Progress, err = a.progressOf(ctx, imp)
	return out, err
}

// progressOf is how far an import under way is; nil for one at rest.
func (a *API) progressOf(ctx context.Context, imp *importer.Import) (*progressInfo, error) {
	switch {
	case imp.State == importer.Checking:
		p, err := a.checks.progress(ctx, imp.ID)
		return &progressInfo{"checking", p.Done, p.Total, &p.SoFar}, err
	case imp.State.Finished():
		return nil, nil
	case imp.Kind == "undo":
		return &progressInfo{Phase: "undoing"}, nil
	}
	parts, err := a.Store.Parts(ctx, imp.ID)
	if err != nil {
		return nil, err
	}
	out := &progressInfo{Phase: "importing", Accounting: &importer.Accounting{}}
	for _, p := range parts {
		out.Accounting.Add(p.Accounting)
	}
	out.Done, out.Total = importer.Progressed(parts), imp.Plan.Records
	return out, nil
}

// decisionInfo is a question; each answer is a change of the recipe.
type decisionInfo struct {
	Code     string            `json:"code"`
	Heading  string            `json:"heading,omitempty"`
	Question string            `json:"question"`
	Samples  []string          `json:"samples,omitempty"`
	Answers  []importer.Answer `json:"answers" nullable:"false" doc:"Any one answers it: file is the member of recipe.file that gets value, decide that of recipe.decide; else the column with this heading goes to these targets"`
}

func decisionsOf(list []importer.Decision) []decisionInfo {
	out := make([]decisionInfo, len(list))
	for i, d := range list {
		out[i] = decisionInfo{d.Code, d.Heading, d.Question, d.Samples, append([]importer.Answer{}, d.Answers...)}
	}
	return out
}

type importPage struct {
	Items []importInfo `json:"items" nullable:"false"`
	Next  int64        `json:"next,omitempty" doc:"Give it as before for the next page"`
}

// preparedInfo is what is known of a file before it is checked.
type preparedInfo struct {
	Detection *table.Detection `json:"detection"`
	Columns   []columnInfo     `json:"columns" nullable:"false"`
	Recipe    *recipe.Recipe   `json:"recipe" doc:"Complete: what was said, and what was suggested"`
	Decisions []decisionInfo   `json:"decisions" nullable:"false"`
	Conflicts []string         `json:"conflicts" nullable:"false" doc:"Fields that several columns feed"`
	Before    []importInfo     `json:"before" nullable:"false" doc:"Imports of the same bytes"`
	Records   int64            `json:"records"`
	Known     *knownInfo       `json:"known,omitempty" doc:"The latest import whose file had the same columns"`
	First     [][]string       `json:"first" nullable:"false" doc:"The first records as read"`
}

type knownInfo struct {
	Import int64     `json:"import"`
	At     time.Time `json:"at"`
}

// columnInfo is one column of the file and where it goes.
type columnInfo struct {
	Column     int      `json:"column" doc:"From 0"`
	Heading    string   `json:"heading"`
	To         []string `json:"to" nullable:"false" doc:"As suggested; what is applied is in the recipe"`
	Confidence string   `json:"confidence" doc:"Exact, Likely, Check, or nothing"`
	Reason     string   `json:"reason,omitempty"`
	Samples    []string `json:"samples" nullable:"false"`
	Filled     int64    `json:"filled" doc:"Records that have a value"`
	// Values are the distinct ones, the most frequent first, at most 100.
	Values []table.ValueCount `json:"values" nullable:"false"`
	Capped bool               `json:"capped,omitempty" doc:"There are more values than were counted"`
}

const mostValues = 100

func columnsOf(prep *importer.Prepared) []columnInfo {
	out := make([]columnInfo, len(prep.Detection.Headings))
	for i, h := range prep.Detection.Headings {
		c := columnInfo{Column: i, Heading: h, To: []string{}, Samples: []string{}, Values: []table.ValueCount{}}
		if i < len(prep.Profile.Columns) {
			p := &prep.Profile.Columns[i]
			c.Filled, c.Capped = p.Filled, p.Capped || len(p.Values) > mostValues
			c.Samples = append(c.Samples, p.Samples...)
			c.Values = append(c.Values, p.Values[:min(len(p.Values), mostValues)]...)
		}
		out[i] = c
	}
	for _, p := range prep.Proposals {
		if p.Column >= 0 && p.Column < len(out) {
			c := &out[p.Column]
			c.To, c.Confidence, c.Reason = append(c.To, p.To...), p.Confidence.String(), p.Reason
		}
	}
	return out
}

type ImportPath struct {
	ID int64 `path:"id" minimum:"1"`
}

type recipeBody struct {
	Recipe json.RawMessage `json:"recipe,omitempty" doc:"As GET gives it; what is left out is detected and suggested"`
	Saved  string          `json:"saved,omitempty" doc:"Begin with saved import settings of this name" maxLength:"255"`
	From   int64           `json:"from,omitempty" doc:"Begin with the settings of this import"`
}

func (a *API) importRoutes() {
	add(a, route{Method: "GET", Path: "/imports", Needs: access.Import, Tag: "Imports", Summary: "Imports, undos and bulk changes, newest first"},
		func(ctx context.Context, p access.Principal, in *struct {
			Kind   string `query:"kind" enum:"file,undo,bulk"`
			State  string `query:"state" maxLength:"20"`
			Actor  int64  `query:"actor"`
			Parent int64  `query:"parent" doc:"The undos of this import, and the imports of its rest"`
			Before int64  `query:"before" minimum:"0"`
			Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		}) (*body[importPage], error) {
			list, err := a.Store.ListImports(ctx, p, ImportFilter{in.Kind, importer.State(in.State), in.Actor, in.Parent}, in.Before, in.Limit+1)
			if err != nil {
				return nil, err
			}
			out := importPage{Items: []importInfo{}}
			if len(list) > in.Limit {
				list = list[:in.Limit]
				out.Next = list[in.Limit-1].ID
			}
			for i := range list {
				info, err := a.importOf(ctx, &list[i])
				if err != nil {
					return nil, err
				}
				out.Items = append(out.Items, info)
			}
			return answerOf(out), nil
		})
	add(a, route{Method: "GET", Path: "/imports/{id}", Needs: access.Import, Tag: "Imports", Summary: "One import"},
		func(ctx context.Context, p access.Principal, in *ImportPath) (*body[importInfo], error) {
			return a.importAnswer(ctx, p, in.ID)
		})
	add(a, route{Method: "PATCH", Path: "/imports/{id}", Needs: access.Import, Tag: "Imports", Summary: "Change the owner of its new leads; check it again afterwards"},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			Body struct {
				Owner string `json:"owner" doc:"User name; several, split by commas, share them equally; empty: who imports" maxLength:"2000"`
			}
		}) (*body[importInfo], error) {
			if _, err := a.Store.GetImport(ctx, p, in.ID); err != nil {
				return nil, err
			}
			if err := a.checks.stop(ctx, in.ID); err != nil {
				return nil, err
			}
			err := a.Store.UpdateImport(ctx, p, in.ID, func(imp *importer.Import) error {
				if imp.State != importer.Draft && imp.State != importer.Checked {
					return fmt.Errorf("import %d is %s, so its settings stand: %w", in.ID, imp.State, lead.ErrConflict)
				}
				imp.Options.Owner, imp.State = in.Body.Owner, importer.Draft
				return nil
			})
			if err != nil {
				return nil, err
			}
			return a.importAnswer(ctx, p, in.ID)
		})
	add(a, route{Method: "DELETE", Path: "/imports/{id}", Needs: access.Import, Tag: "Imports", Summary: "Discard a draft and its file", Status: http.StatusNoContent},
		func(ctx context.Context, p access.Principal, in *ImportPath) (*none, error) {
			if _, err := a.Store.GetImport(ctx, p, in.ID); err != nil {
				return nil, err
			}
			if err := a.checks.stop(ctx, in.ID); err != nil {
				return nil, err
			}
			return nil, a.Engine.Discard(ctx, p, in.ID)
		})
	add(a, route{Method: "POST", Path: "/imports/{id}/file", Needs: access.Import, Tag: "Imports", Summary: "Take the file of another draft instead; columns, answers and corrections stay, that draft goes"},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			Body struct {
				From int64 `json:"from" minimum:"1" doc:"The draft that has the file"`
			}
		}) (*body[preparedInfo], error) {
			other, err := a.Store.GetImport(ctx, p, in.Body.From)
			if err != nil {
				return nil, err
			}
			if err := a.checks.stop(ctx, in.ID); err != nil {
				return nil, err
			}
			if err := a.checks.stop(ctx, in.Body.From); err != nil {
				return nil, err
			}
			prep, err := a.Engine.Replace(ctx, p, in.ID, in.Body.From)
			if err != nil {
				return nil, a.refused(ctx, other, err)
			}
			return a.preparedOf(ctx, prep)
		})
	add(a, route{Method: "GET", Path: "/imports/{id}/prepared", Needs: access.Import, Tag: "Imports", Summary: "The file as it is read with the import's settings; changes nothing"},
		func(ctx context.Context, p access.Principal, in *ImportPath) (*body[preparedInfo], error) {
			prep, err := a.Engine.Prepared(ctx, p, in.ID)
			if err != nil {
				return nil, err
			}
			return a.preparedOf(ctx, prep)
		})
	add(a, route{Method: "POST", Path: "/imports/{id}/prepare", Needs: access.Import, Tag: "Imports", Summary: "Read the file, suggest columns, keep the settings", MaxBody: 4 << 20},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			Body recipeBody
		}) (*body[preparedInfo], error) {
			over, err := a.overOf(ctx, p, &in.Body)
			if err != nil {
				return nil, err
			}
			return a.prepare(ctx, p, in.ID, over, a.Engine.Prepare)
		})
	add(a, route{Method: "GET", Path: "/imports/{id}/recipe", Needs: access.Import, Tag: "Imports", Summary: "The import's settings"},
		func(ctx context.Context, p access.Principal, in *ImportPath) (*body[*recipe.Recipe], error) {
			r, err := a.recipeOf(ctx, p, in.ID)
			return answerOf(r), err
		})
	add(a, route{Method: "PUT", Path: "/imports/{id}/recipe", Needs: access.Import, Tag: "Imports", Summary: "Change the import's settings, as GET gives them", MaxBody: 4 << 20},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			Body json.RawMessage
		}) (*body[preparedInfo], error) {
			over, err := parseRecipe(in.Body)
			if err != nil {
				return nil, err
			}
			old, err := a.recipeOf(ctx, p, in.ID)
			if err != nil {
				return nil, err
			}
			return a.prepare(ctx, p, in.ID, withoutSuggestedID(over, old), a.Engine.Change)
		})
}

func (a *API) importAnswer(ctx context.Context, p access.Principal, id int64) (*body[importInfo], error) {
	imp, err := a.Store.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	info, err := a.importOf(ctx, imp)
	return answerOf(info), err
}

// parseRecipe reads a recipe strictly: an unknown member is a mistake.
func parseRecipe(text json.RawMessage) (*recipe.Recipe, error) {
	r := &recipe.Recipe{}
	if len(text) == 0 || string(text) == "null" {
		return r, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(r); err != nil {
		return nil, &Problem{Status: 400, Code: "unknown-member", Detail: "The recipe cannot be read: " + strings.TrimPrefix(err.Error(), "json: ") + ".", cause: err}
	}
	r.FoldValues()
	return r, nil
}

// withoutSuggestedID leaves a column to the suggestion that only repeats it:
// to map a column to Id on purpose answers the question whose Ids they are.
func withoutSuggestedID(over, old *recipe.Recipe) *recipe.Recipe {
	if old.Decide["id"] != "" || over.Decide["id"] != "" {
		return over
	}
	toID := func(c recipe.Column) bool { return len(c.To) == 1 && c.To[0] == "id" }
	for _, was := range old.Columns {
		for i, c := range over.Columns {
			if toID(was) && toID(c) && c.Heading == was.Heading && c.Nth == was.Nth {
				over.Columns = append(over.Columns[:i:i], over.Columns[i+1:]...)
				break
			}
		}
	}
	return over
}

func (a *API) recipeOf(ctx context.Context, p access.Principal, id int64) (*recipe.Recipe, error) {
	imp, err := a.Store.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if imp.Recipe == "" {
		return &recipe.Recipe{}, nil
	}
	return recipe.Load(strings.NewReader(imp.Recipe))
}

// overOf is what a person says about a file, over settings to begin with.
func (a *API) overOf(ctx context.Context, p access.Principal, b *recipeBody) (*recipe.Recipe, error) {
	over, err := parseRecipe(b.Recipe)
	if err != nil {
		return nil, err
	}
	if b.From != 0 {
		base, err := a.recipeOf(ctx, p, b.From)
		if err != nil {
			return nil, err
		}
		over = recipe.Apply(base, over)
	}
	if b.Saved != "" {
		kept, err := a.Store.GetRecipe(ctx, p, b.Saved)
		if err != nil {
			return nil, err
		}
		base, err := recipe.Load(strings.NewReader(kept.TOML))
		if err != nil {
			return nil, err
		}
		over = recipe.Apply(base, over)
	}
	return over, nil
}

func (a *API) prepare(ctx context.Context, p access.Principal, id int64, over *recipe.Recipe, with func(context.Context, access.Principal, int64, *recipe.Recipe) (*importer.Prepared, error)) (*body[preparedInfo], error) {
	if _, err := a.Store.GetImport(ctx, p, id); err != nil {
		return nil, err
	}
	if err := a.checks.stop(ctx, id); err != nil {
		return nil, err
	}
	imp, err := a.Store.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if imp.Kind != "file" || imp.State != importer.Draft && imp.State != importer.Checked {
		return nil, fmt.Errorf("import %d is %s, so its settings stand: %w", id, imp.State, lead.ErrConflict)
	}
	s, err := a.Store.Schema(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(over.Validate(s)...); err != nil {
		return nil, err
	}
	prep, err := with(ctx, p, id, over)
	if err != nil {
		return nil, a.refused(ctx, imp, err)
	}
	return a.preparedOf(ctx, prep)
}

func (a *API) preparedOf(ctx context.Context, prep *importer.Prepared) (*body[preparedInfo], error) {
	out := preparedInfo{Detection: prep.Detection, Recipe: prep.Recipe, Decisions: decisionsOf(prep.Decisions), Conflicts: []string{}, Before: []importInfo{},
		Records: prep.Profile.Records, First: prep.First}
	if k := prep.Known; k != nil {
		out.Known = &knownInfo{k.ID, k.At}
	}
	if out.First == nil {
		out.First = [][]string{}
	}
	for _, c := range prep.Program.Conflicts {
		out.Conflicts = append(out.Conflicts, c.String())
	}
	for i := range prep.Before {
		info, err := a.importOf(ctx, &prep.Before[i])
		if err != nil {
			return nil, err
		}
		out.Before = append(out.Before, info)
	}
	out.Columns = columnsOf(prep)
	return answerOf(out), nil
}

// refused ends an import whose file cannot be read, and tells its person.
func (a *API) refused(ctx context.Context, imp *importer.Import, err error) error {
	refusal := table.Refused(err)
	if refusal == nil || a.Refused == nil {
		return err
	}
	return errors.Join(err, a.Refused(ctx, imp, refusal.Message, refusal.Remedy))
}
