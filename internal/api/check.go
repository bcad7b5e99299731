package api

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// checks runs the checks of this process in the background; one at a time for
// an import. What a check comes to is in the database.
type checks struct {
	api *API
	mu  sync.Mutex
	at  map[int64]importer.Progress
}

func newChecks(a *API) *checks { return &checks{api: a, at: map[int64]importer.Progress{}} }

func (c *checks) progress(id int64) importer.Progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[id]
}

// begin starts a check; lead.ErrConflict while one is under way.
func (c *checks) begin(ctx context.Context, p access.Principal, imp *importer.Import) error {
	c.mu.Lock()
	if _, under := c.at[imp.ID]; under {
		c.mu.Unlock()
		return fmt.Errorf("import %d is being checked already: %w", imp.ID, lead.ErrConflict)
	}
	c.at[imp.ID] = importer.Progress{Phase: "checking", Total: imp.Size}
	c.mu.Unlock()
	end := func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.at, imp.ID)
	}
	// From now on everybody sees it, whatever the goroutine does first.
	err := c.api.Store.UpdateImport(ctx, p, imp.ID, func(i *importer.Import) error {
		if i.State != importer.Draft && i.State != importer.Checked {
			return fmt.Errorf("import %d is %s and cannot be checked: %w", i.ID, i.State, lead.ErrConflict)
		}
		i.State, i.Options = importer.Checking, imp.Options
		return nil
	})
	if err != nil {
		end()
		return err
	}
	c.api.wait.Go(func() {
		defer end()
		err := c.api.Engine.Check(c.api.ctx, p, imp.ID, func(pr importer.Progress) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.at[imp.ID] = pr
		})
		if err != nil {
			err = c.api.refused(context.WithoutCancel(ctx), imp, err)
			if !errors.Is(err, context.Canceled) {
				c.api.Log.Info("check", "import", imp.ID, "error", err)
			}
		}
	})
	return nil
}
