package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// View is a saved view of the list of leads: what stands in its URL.
type View struct {
	ID     int64
	User   int64
	Name   string
	Query  string
	Shared bool // everybody sees it
}

func viewDest(v *View) []any { return []any{&v.ID, &v.User, &v.Name, &v.Query, &v.Shared} }

// Views returns one's own views and those shared, by name.
func (s *Store) Views(ctx context.Context, p access.Principal) ([]View, error) {
	rows, err := s.r.QueryContext(ctx, `select id, "user", name, query, shared from saved_view where "user" = $1 or shared <> 0 order by name, id`, p.User.ID)
	if err != nil {
		return nil, s.err("list views", err)
	}
	out, err := collect(rows, viewDest)
	return out, s.err("list views", err)
}

// SaveView keeps a view and sets its ID; with an ID it changes one's own view,
// lead.ErrNotFound for any other.
func (s *Store) SaveView(ctx context.Context, p access.Principal, v *View) error {
	if v.Name = strings.TrimSpace(v.Name); v.Name == "" {
		return fmt.Errorf("a view needs a name: %w", lead.ErrInvalid)
	}
	v.User = p.User.ID
	return s.inTx(ctx, func(t *tx) (err error) {
		if v.ID != 0 {
			return t.one(ctx, "view", v.ID, `update saved_view set name = $3, query = $4, shared = $5 where id = $1 and "user" = $2`,
				v.ID, v.User, v.Name, v.Query, number(v.Shared))
		}
		if v.ID, err = t.allot(ctx, "view", 1); err != nil {
			return err
		}
		_, err = t.exec(ctx, `insert into saved_view (id, "user", name, query, shared) values ($1, $2, $3, $4, $5)`,
			v.ID, v.User, v.Name, v.Query, number(v.Shared))
		return s.err("save view", err)
	})
}

// DeleteView fails with lead.ErrNotFound also for another person's view.
func (s *Store) DeleteView(ctx context.Context, p access.Principal, id int64) error {
	return s.inTx(ctx, func(t *tx) error {
		return t.one(ctx, "view", id, `delete from saved_view where id = $1 and "user" = $2`, id, p.User.ID)
	})
}
