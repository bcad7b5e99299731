package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/table"
)

func (a *API) restRoutes() {
	add(a, route{Method: "POST", Path: "/imports/{id}/rest", Needs: access.Import, Tag: "Imports", Status: http.StatusCreated,
		Summary: "Make an import of the records that were not imported, to mend and decide them; one that waits already is given back"},
		func(ctx context.Context, p access.Principal, in *ImportPath) (*createdImport, error) {
			imp, err := a.rest(ctx, p, in.ID)
			if err != nil {
				return nil, err
			}
			return a.created(ctx, imp)
		})
}

// rest makes a child of an import from what it left (rule 8.2): its rejects,
// come home at once. The child has its own check, run and undo.
func (a *API) rest(ctx context.Context, p access.Principal, id int64) (*importer.Import, error) {
	imp, err := a.Store.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if imp.Kind != "file" || imp.Started.IsZero() || !imp.State.Finished() {
		return nil, fmt.Errorf("import %d is %s, so nothing of it is left over: %w", id, imp.State, lead.ErrConflict)
	}
	children, err := a.Store.ListImports(ctx, p, ImportFilter{Kind: "file", Parent: id}, 0, 200)
	if err != nil {
		return nil, err
	}
	for i := range children {
		if c := &children[i]; c.Started.IsZero() && c.Actor == p.User.ID && c.State != importer.Failed {
			return c, nil
		}
	}
	name := strings.TrimSuffix(imp.File, path.Ext(imp.File)) + " (rest).csv"
	child := &importer.Import{Kind: "file", State: importer.Draft, Parent: id, File: fileName(name), Actor: p.User.ID, At: a.Now(),
		Options: importer.Options{Owner: imp.Options.Owner, Country: imp.Options.Country, Zone: imp.Options.Zone}}
	if child.SHA256, child.Size, err = a.putLeft(ctx, p, id); err != nil {
		return nil, err
	}
	return child, a.Store.CreateImport(ctx, p, child)
}

// putLeft keeps the records that an import left as a file.
func (a *API) putLeft(ctx context.Context, p access.Principal, id int64) (sha256 string, size int64, err error) {
	r, w := io.Pipe()
	written := make(chan error, 1)
	go func() {
		out := table.NewCSVWriter(w, table.CSVOptions{Protect: true})
		n, err := a.Engine.Left(ctx, p, id, out)
		if err == nil && n == 0 {
			err = fmt.Errorf("every record of import %d is in, or was dealt with: %w", id, lead.ErrConflict)
		}
		if err == nil {
			err = out.Close()
		}
		w.CloseWithError(err) // and nil ends the file
		written <- err
	}()
	sha256, size, err = a.Files.Put(ctx, r, a.MaxUpload)
	r.Close() // whoever still writes stops
	if failed := <-written; failed != nil && !errors.Is(failed, io.ErrClosedPipe) {
		err = failed // as it was said, without what the reading end makes of it
	}
	return sha256, size, err
}
