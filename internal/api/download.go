package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/table"
)

type FormatQuery struct {
	Format string `query:"format" enum:"csv,xlsx,jsonl" default:"csv"`
}

func (a *API) downloadRoutes() {
	files := streamed("application/octet-stream", "The file")
	add(a, route{Method: "GET", Path: "/template", Needs: access.Import, Tag: "Files", Summary: "The import template, with a sample row", Extra: files},
		func(ctx context.Context, p access.Principal, in *FormatQuery) (*huma.StreamResponse, error) {
			s, err := a.Store.Schema(ctx)
			if err != nil {
				return nil, err
			}
			cols, sample := importer.Template(s, p.User)
			return a.file("leads_template", in.Format, table.CSVOptions{}, func(_ context.Context, w table.RowWriter) error {
				return importer.WriteTemplate(w, cols, sample)
			}), nil
		})
	add(a, route{Method: "GET", Path: "/export", Needs: access.LeadExport, Tag: "Files", Summary: "Leads that one may export, as a file that import takes back", Extra: files},
		func(ctx context.Context, p access.Principal, in *struct {
			FormatQuery
			LeadFilters
			System  bool     `query:"system" doc:"Also when and by whom each was created and changed"`
			BOM     bool     `query:"bom" doc:"Begin CSV with a byte order mark, for Excel"`
			Columns []string `query:"columns" doc:"Only these fields, beside Id and version" maxItems:"200"`
		}) (*huma.StreamResponse, error) {
			q := in.query(p)
			if err := a.Store.Audit(ctx, p.User.ID, "lead.export", 0, in.Format); err != nil {
				return nil, err
			}
			return a.file("leads", in.Format, table.CSVOptions{BOM: in.BOM, Protect: true}, func(ctx context.Context, w table.RowWriter) error {
				_, err := a.Engine.Export(ctx, p, a.Store.Exporter(q), w, in.System, in.Columns...)
				return err
			}), nil
		})
	add(a, route{Method: "GET", Path: "/imports/{id}/rejects", Needs: access.Import, Tag: "Files", Summary: "Records not or partly imported, with the reasons", Extra: files},
		func(ctx context.Context, p access.Principal, in *struct {
			ImportPath
			FormatQuery
		}) (*huma.StreamResponse, error) {
			imp, err := a.Store.GetImport(ctx, p, in.ID)
			if err != nil {
				return nil, err
			}
			if imp.Plan == nil {
				return nil, fmt.Errorf("import %d was not checked yet: %w", in.ID, lead.ErrConflict)
			}
			return a.file(fmt.Sprintf("rejects-%d", in.ID), in.Format, table.CSVOptions{Protect: true}, func(ctx context.Context, w table.RowWriter) error {
				_, err := a.Engine.Rejects(ctx, p, in.ID, w)
				return err
			}), nil
		})
}

// file answers with a table under a fixed name. Headers are sent with the first
// bytes, so that what fails before them is still a problem; what fails later
// breaks the connection off, never ends the file as if it were whole.
func (a *API) file(name, format string, csv table.CSVOptions, write func(context.Context, table.RowWriter) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		out := &lateHeader{hc: hc, name: name + "." + format, kind: contentType(format)}
		var w table.RowWriter
		switch format {
		case "xlsx":
			w = table.NewXLSXWriter(out)
		case "jsonl":
			w = table.NewJSONLWriter(out)
		default:
			w = table.NewCSVWriter(out, csv)
		}
		err := write(hc.Context(), w)
		if err == nil {
			err = w.Close()
		}
		switch {
		case err == nil:
			out.begin() // of an empty file
		case out.begun:
			if !errors.Is(err, context.Canceled) {
				a.Log.ErrorContext(hc.Context(), "download broke off", "error", err)
			}
			panic(http.ErrAbortHandler)
		default:
			p := a.problemOf(err)
			hc.SetHeader("Content-Type", "application/problem+json")
			hc.SetStatus(p.Status)
			a.huma.Marshal(hc.BodyWriter(), "application/json", a.finish(hc.Context(), p)) // a client that is gone needs no answer
		}
	}}
}

func contentType(format string) string {
	switch format {
	case "xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case "jsonl":
		return "application/jsonl"
	}
	return "text/csv; charset=utf-8"
}

type lateHeader struct {
	hc         huma.Context
	name, kind string
	begun      bool
}

func (l *lateHeader) begin() {
	if l.begun {
		return
	}
	l.begun = true
	l.hc.SetHeader("Content-Type", l.kind)
	l.hc.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", l.name))
	l.hc.SetStatus(http.StatusOK)
	if w, ok := l.hc.BodyWriter().(http.ResponseWriter); ok {
		http.NewResponseController(w).SetWriteDeadline(time.Time{}) // as long as it is read
	}
}

func (l *lateHeader) Write(b []byte) (int, error) {
	l.begin()
	return l.hc.BodyWriter().Write(b)
}
