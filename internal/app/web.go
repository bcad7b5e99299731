package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/api"
	"github.com/leadport/leadport/internal/blob"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/store"
)

// API returns the REST interface on this App. secure says that people come by
// TLS. The caller closes it before the App.
func (a *App) API(secure bool) *api.API {
	return api.New(api.Deps{
		Store: desk{a.Store}, Engine: a.Engine, Files: contents{a.Files}, Parts: uploads{a.parts}, Log: a.Log, Now: time.Now,
		Version: Version, Served: a.served, MaxUpload: a.Config.MaxUpload, Secure: secure, Mail: a.MailConfigured(), Refused: a.TellRefused,
		Kinds: []api.Kind{
			{Err: store.ErrFull, Status: http.StatusInsufficientStorage, Code: "disk-full"},
			{Err: blob.ErrNoSpace, Status: http.StatusInsufficientStorage, Code: "disk-full"},
			{Err: store.ErrNewer, Status: http.StatusServiceUnavailable, Code: "unavailable"},
			{Err: store.ErrUnavailable, Status: http.StatusServiceUnavailable, Code: "unavailable"},
			{Err: blob.ErrUnavailable, Status: http.StatusServiceUnavailable, Code: "unavailable"},
		},
	})
}

// IndexSearch keeps the search index up to the leads until ctx ends. It leaves
// the database to an import that runs.
func (a *App) IndexSearch(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		if busy, err := a.Unfinished(ctx); err == nil && len(busy) == 0 {
			_, err = a.Store.IndexSearch(ctx, 50_000)
			if err != nil && ctx.Err() == nil {
				a.Log.ErrorContext(ctx, "index search", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// contents shows the blob store as the API wants it.
type contents struct{ blob.Store }

func (c contents) Put(ctx context.Context, r io.Reader, limit int64) (string, int64, error) {
	ref, err := c.Store.Put(ctx, r, limit)
	if errors.Is(err, blob.ErrTooLarge) {
		err = fmt.Errorf("a file has at most %d bytes: %w", limit, api.ErrTooLarge)
	}
	return ref.SHA256, ref.Size, err
}

// desk shows the store as the API wants it: the same methods with the API's
// own types.
type desk struct{ *store.Store }

func (d desk) Get(ctx context.Context, p access.Principal, id int64) (*api.Lead, error) {
	l, err := d.Store.Get(ctx, p, id)
	return (*api.Lead)(l), err
}

func (d desk) ListLeads(ctx context.Context, p access.Principal, q api.LeadQuery) ([]api.Lead, string, bool, error) {
	page, err := d.Store.ListLeads(ctx, p, store.LeadQuery(q))
	if err != nil {
		return nil, "", false, err
	}
	return each(page.Leads, func(l store.Lead) api.Lead { return api.Lead(l) }), page.Next, page.Indexing, nil
}

func (d desk) CountQuery(ctx context.Context, p access.Principal, q api.LeadQuery, most int64) (int64, error) {
	return d.Store.CountQuery(ctx, p, store.LeadQuery(q), most)
}

func (d desk) Operate(ctx context.Context, p access.Principal, name string, q api.LeadQuery, edit func(*api.Lead) (*importer.Write, error)) (*importer.Import, importer.Accounting, error) {
	return d.Store.Operate(ctx, p, name, store.LeadQuery(q), func(l *store.Lead) (*importer.Write, error) { return edit((*api.Lead)(l)) })
}

func (d desk) Qualify(ctx context.Context, p access.Principal, id, version int64, q api.Qualification) (*importer.Import, error) {
	return d.Store.Qualify(ctx, p, id, version, store.Qualification(q))
}

func (d desk) Entity(ctx context.Context, kind string, id int64, name string) (api.Entity, error) {
	e, err := d.Store.Entity(ctx, kind, id, name)
	return api.Entity(e), err
}

func (d desk) Duplicates(ctx context.Context, p access.Principal, after string, limit int) ([]api.Twins, string, error) {
	list, next, err := d.Store.Duplicates(ctx, p, after, limit)
	return each(list, func(t store.Twins) api.Twins {
		return api.Twins{Lead: api.Lead(t.Lead), Other: api.Lead(t.Other), Score: t.Score, By: t.By}
	}), next, err
}

func (d desk) Exporter(q api.LeadQuery) importer.Exporter {
	return exporter{d.Store, store.LeadQuery(q)}
}

type exporter struct {
	store *store.Store
	query store.LeadQuery
}

func (x exporter) EachLead(ctx context.Context, p access.Principal, r importer.Reading, f func(importer.Lead, importer.Stamps) error) error {
	return x.store.EachOf(ctx, p, x.query, r, func(l *store.Lead) error {
		return f(l.Lead, importer.Stamps{Created: l.CreatedAt, Updated: l.UpdatedAt, CreatedBy: l.CreatedBy})
	})
}

func (d desk) Teams(ctx context.Context) ([]api.Team, error) {
	list, err := d.Store.Teams(ctx)
	return each(list, func(t store.Team) api.Team { return api.Team(t) }), err
}

func (d desk) AddTeam(ctx context.Context, p access.Principal, name string) (api.Team, error) {
	t, err := d.Store.AddTeam(ctx, p, name)
	return api.Team(t), err
}

func (d desk) ListImports(ctx context.Context, p access.Principal, f api.ImportFilter, before int64, limit int) ([]importer.Import, error) {
	return d.Store.ListImports(ctx, p, store.ImportFilter(f), before, limit)
}

func (d desk) Recipes(ctx context.Context, p access.Principal) ([]api.Recipe, error) {
	list, err := d.Store.Recipes(ctx, p)
	return each(list, func(r store.Recipe) api.Recipe { return api.Recipe(r) }), err
}

func (d desk) GetRecipe(ctx context.Context, p access.Principal, name string) (api.Recipe, error) {
	r, err := d.Store.GetRecipe(ctx, p, name)
	return api.Recipe(r), err
}

func (d desk) Views(ctx context.Context, p access.Principal) ([]api.View, error) {
	list, err := d.Store.Views(ctx, p)
	return each(list, func(v store.View) api.View { return api.View(v) }), err
}

func (d desk) SaveView(ctx context.Context, p access.Principal, v *api.View) error {
	return d.Store.SaveView(ctx, p, (*store.View)(v))
}

func (d desk) Remember(ctx context.Context, p access.Principal, key, request string, stale time.Time) (*api.Remembered, error) {
	r, err := d.Store.Remember(ctx, p, key, request, stale)
	return (*api.Remembered)(r), err
}

func (d desk) AddUpload(ctx context.Context, p access.Principal, u api.Upload) error {
	return d.Store.AddUpload(ctx, p, store.Upload(u))
}

func (d desk) GetUpload(ctx context.Context, p access.Principal, id string) (api.Upload, error) {
	u, err := d.Store.GetUpload(ctx, p, id)
	return api.Upload(u), err
}

func (d desk) AuditLog(ctx context.Context, p access.Principal, before int64, limit int) ([]api.AuditEntry, error) {
	list, err := d.Store.AuditLog(ctx, p, before, limit)
	return each(list, func(e store.AuditEntry) api.AuditEntry { return api.AuditEntry(e) }), err
}

func (d desk) ListMail(ctx context.Context, p access.Principal, before int64, limit int) ([]api.Mail, error) {
	list, err := d.Store.ListMail(ctx, p, before, limit)
	return each(list, func(m store.Mail) api.Mail { return api.Mail(m) }), err
}

func each[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}
