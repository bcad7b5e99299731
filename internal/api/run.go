package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

type undoBody struct {
	RemoveToo bool    `json:"remove_too,omitempty" doc:"Also new leads that were edited since"`
	Records   []int64 `json:"records,omitempty" maxItems:"10000" doc:"Only these records' leads"`
	Field     string  `json:"field,omitempty" doc:"Only this field"`
}

func (b *undoBody) options() importer.Options {
	return importer.Options{RemoveToo: b.RemoveToo, Records: b.Records, Field: b.Field}
}

type undoInput struct {
	ImportPath
	Body undoBody
}

func (a *API) runRoutes() {
	add(a, route{Method: "POST", Path: "/imports/{id}/check", Needs: access.Import, Tag: "Imports", Summary: "Check every record, in the background", Status: http.StatusAccepted},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			Body struct {
				Validate bool `json:"validate,omitempty" doc:"Send its result by mail, too"`
			}
		}) (*body[importInfo], error) {
			imp, err := a.Store.GetImport(ctx, p, in.ID)
			if err != nil {
				return nil, err
			}
			if imp.Kind != "file" || imp.Recipe == "" {
				return nil, fmt.Errorf("import %d has no settings yet; prepare it first: %w", in.ID, lead.ErrConflict)
			}
			imp.Options.Validate = in.Body.Validate
			if err := a.checks.begin(ctx, p, imp); err != nil {
				return nil, err
			}
			return a.importAnswer(ctx, p, in.ID)
		})
	for _, x := range []struct {
		path, summary string
		act           func(ctx context.Context, p access.Principal, id int64) error
	}{
		{"start", "Import what the check found", a.Engine.Start},
		{"cancel", "Stop a run; what is in stays until it is undone", a.Engine.Cancel},
		{"continue", "Go on with a cancelled or paused run", a.Engine.Continue},
	} {
		add(a, route{Method: "POST", Path: "/imports/{id}/" + x.path, Needs: access.Import, Tag: "Imports", Summary: x.summary},
			func(ctx context.Context, p access.Principal, in *ImportPath) (*body[importInfo], error) {
				if _, err := a.Store.GetImport(ctx, p, in.ID); err != nil {
					return nil, err
				}
				if err := x.act(ctx, p, in.ID); err != nil {
					return nil, err
				}
				return a.importAnswer(ctx, p, in.ID)
			})
	}
	add(a, route{Method: "POST", Path: "/imports/{id}/undo/preview", Needs: access.Undo, Tag: "Imports", Summary: "What an undo would do"},
		func(ctx context.Context, p access.Principal, in *undoInput) (*body[*importer.UndoPreview], error) {
			out, err := a.Engine.PreviewUndo(ctx, p, in.ID, in.Body.options())
			return answerOf(out), err
		})
	add(a, route{Method: "POST", Path: "/imports/{id}/undo", Needs: access.Undo, Tag: "Imports", Summary: "Take an import back, sparing what was changed since", Status: http.StatusAccepted},
		func(ctx context.Context, p access.Principal, in *undoInput) (*body[importInfo], error) {
			undo, err := a.Engine.Undo(ctx, p, in.ID, in.Body.options())
			if err != nil {
				return nil, err
			}
			if undo == nil {
				return nil, fmt.Errorf("import %d is undone already: %w", in.ID, lead.ErrConflict)
			}
			return a.importAnswer(ctx, p, undo.ID)
		})
}
