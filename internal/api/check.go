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
	at  map[int64]*checkUnderWay
}

type checkUnderWay struct {
	progress importer.Progress
	cancel   context.CancelFunc
	done     chan struct{}
}

func newChecks(a *API) *checks { return &checks{api: a, at: map[int64]*checkUnderWay{}} }

func (c *checks) progress(id int64) importer.Progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	if under := c.at[id]; under != nil {
		return under.progress
	}
	return importer.Progress{}
}

// stop ends a check of this process that is under way and waits for it: its
// person goes on to change what it looks at.
func (c *checks) stop(id int64) {
	c.mu.Lock()
	under := c.at[id]
	c.mu.Unlock()
	if under != nil {
		under.cancel()
		<-under.done
	}
}

// begin starts a check; one under way gives way to it.
func (c *checks) begin(ctx context.Context, p access.Principal, imp *importer.Import) error {
	c.stop(imp.ID)
	under := &checkUnderWay{progress: importer.Progress{Phase: "checking", Total: imp.Size}, done: make(chan struct{})}
	var checking context.Context
	checking, under.cancel = context.WithCancel(c.api.ctx)
	c.mu.Lock()
	if c.at[imp.ID] != nil {
		c.mu.Unlock()
		under.cancel()
		return fmt.Errorf("import %d is being checked already: %w", imp.ID, lead.ErrConflict)
	}
	c.at[imp.ID] = under
	c.mu.Unlock()
	end := func() {
		under.cancel()
		c.mu.Lock()
		delete(c.at, imp.ID)
		c.mu.Unlock()
		close(under.done)
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
		err := c.api.Engine.Check(checking, p, imp.ID, func(pr importer.Progress) {
			c.mu.Lock()
			defer c.mu.Unlock()
			under.progress = pr
		})
		if err != nil && !errors.Is(err, context.Canceled) {
			c.api.Log.Info("check", "import", imp.ID, "error", c.api.refused(context.WithoutCancel(ctx), imp, err))
		}
	})
	return nil
}
