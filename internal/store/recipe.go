package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// Recipe is a saved recipe. Everybody who imports may use it; its owner and
// administrators may change it.
type Recipe struct {
	Name    string
	TOML    string
	Owner   int64
	Updated time.Time
}

func recipeDest(r *Recipe) []any { return []any{&r.Name, &r.TOML, &r.Owner, timeColumn{&r.Updated}} }

// SaveRecipe stores a recipe under a name; over another person's it fails with
// lead.ErrForbidden.
func (s *Store) SaveRecipe(ctx context.Context, p access.Principal, name, toml string) error {
	name = strings.TrimSpace(name)
	switch {
	case !p.Can(access.Import):
		return fmt.Errorf("save recipe: %w", lead.ErrForbidden)
	case name == "":
		return fmt.Errorf("a recipe needs a name: %w", lead.ErrInvalid)
	}
	return s.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `insert into recipe (name, toml, owner, updated_at) values ($1, $2, $3, $4)
			on conflict (name) do update set toml = excluded.toml, updated_at = excluded.updated_at
			where recipe.owner = excluded.owner or $5 <> 0`, name, toml, p.User.ID, millis(s.now()), number(p.Can(access.Settings)))
		if err == nil && n != 1 {
			return fmt.Errorf("recipe %q is another person's: %w", name, lead.ErrForbidden)
		}
		return s.err("save recipe", err)
	})
}

// GetRecipe fails with lead.ErrNotFound.
func (s *Store) GetRecipe(ctx context.Context, p access.Principal, name string) (Recipe, error) {
	var r Recipe
	if !p.Can(access.Import) {
		return r, fmt.Errorf("recipe %q: %w", name, lead.ErrNotFound)
	}
	err := s.r.QueryRowContext(ctx, `select name, toml, owner, updated_at from recipe where name = $1`, name).Scan(recipeDest(&r)...)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fmt.Errorf("recipe %q: %w", name, lead.ErrNotFound)
	}
	return r, s.err("read recipe", err)
}

// Recipes returns all saved recipes by name; none to who may not import.
func (s *Store) Recipes(ctx context.Context, p access.Principal) ([]Recipe, error) {
	if !p.Can(access.Import) {
		return nil, nil
	}
	rows, err := s.r.QueryContext(ctx, `select name, toml, owner, updated_at from recipe order by name`)
	if err != nil {
		return nil, s.err("list recipes", err)
	}
	out, err := collect(rows, recipeDest)
	return out, s.err("list recipes", err)
}

// DeleteRecipe fails with lead.ErrNotFound also for another person's recipe.
func (s *Store) DeleteRecipe(ctx context.Context, p access.Principal, name string) error {
	return s.inTx(ctx, func(t *tx) error {
		return t.one(ctx, "recipe", name, `delete from recipe where name = $1 and (owner = $2 or $3 <> 0)`,
			name, p.User.ID, number(p.Can(access.Settings)))
	})
}
