package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/recipe"
)

// recipeInfo is saved import settings.
type recipeInfo struct {
	Name    string         `json:"name"`
	Owner   int64          `json:"owner"`
	Updated time.Time      `json:"updated"`
	Recipe  *recipe.Recipe `json:"recipe,omitempty" doc:"Not in the list"`
	TOML    string         `json:"toml,omitempty" doc:"The same as a file; not in the list"`
}

type RecipePath struct {
	Name string `path:"name" minLength:"1" maxLength:"255"`
}

func (a *API) recipeRoutes() {
	add(a, route{Method: "GET", Path: "/recipes", Needs: access.Import, Tag: "Recipes", Summary: "Saved import settings, by name"},
		func(ctx context.Context, p access.Principal, _ *none) (*body[items[recipeInfo]], error) {
			list, err := a.Store.Recipes(ctx, p)
			out := make([]recipeInfo, len(list))
			for i, r := range list {
				out[i] = recipeInfo{Name: r.Name, Owner: r.Owner, Updated: r.Updated}
			}
			return itemsOf(out), err
		})
	add(a, route{Method: "GET", Path: "/recipes/{name}", Needs: access.Import, Tag: "Recipes", Summary: "Saved import settings"},
		func(ctx context.Context, p access.Principal, in *RecipePath) (*body[recipeInfo], error) {
			return a.recipeAnswer(ctx, p, in.Name)
		})
	add(a, route{Method: "PUT", Path: "/recipes/{name}", Needs: access.Import, Tag: "Recipes", Summary: "Save import settings", MaxBody: 4 << 20},
		func(ctx context.Context, p access.Principal, in *struct {
			RecipePath
			Body json.RawMessage
		}) (*body[recipeInfo], error) {
			r, err := parseRecipe(in.Body)
			if err != nil {
				return nil, err
			}
			s, err := a.Store.Schema(ctx)
			if err != nil {
				return nil, err
			}
			if err := errors.Join(r.Validate(s)...); err != nil {
				return nil, err
			}
			var text bytes.Buffer
			if err := recipe.Save(&text, r); err != nil {
				return nil, err
			}
			if err := a.Store.SaveRecipe(ctx, p, in.Name, text.String()); err != nil {
				return nil, err
			}
			return a.recipeAnswer(ctx, p, strings.TrimSpace(in.Name))
		})
	add(a, route{Method: "DELETE", Path: "/recipes/{name}", Needs: access.Import, Tag: "Recipes", Summary: "Delete saved import settings", Status: http.StatusNoContent},
		func(ctx context.Context, p access.Principal, in *RecipePath) (*none, error) {
			return nil, a.Store.DeleteRecipe(ctx, p, in.Name)
		})
}

func (a *API) recipeAnswer(ctx context.Context, p access.Principal, name string) (*body[recipeInfo], error) {
	r, err := a.Store.GetRecipe(ctx, p, name)
	if err != nil {
		return nil, err
	}
	parsed, err := recipe.Load(strings.NewReader(r.TOML))
	return answerOf(recipeInfo{r.Name, r.Owner, r.Updated, parsed, r.TOML}), err
}
