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

// progress is how far a check is, here or on another node.
func (c *checks) progress(ctx context.Context, id int64) (importer.Progress, error) {
	c.mu.Lock()
	under := c.at[id]
	var at importer.Progress
	if under != nil {
		at = under.progress
	}
	c.mu.Unlock()
	if under != nil {
		return at, nil
	}
	return c.api.Store.CheckProgress(ctx, id)
}

// stop ends a check that is under way, since its person goes on to change what
// it looks at: one of this process is waited for, one of another node comes to
// nothing.
func (c *checks) stop(ctx context.Context, id int64) error {
	c.mu.Lock()
	under := c.at[id]
	c.mu.Unlock()
	if under != nil {
		under.cancel()
		<-under.done
	}
	imp, err := c.api.Store.GetImport(ctx, access.System(), id)
	if err != nil || imp.State != importer.Checking {
		return err
	}
	return c.api.Store.StopCheck(ctx, id, false, "")
}

// begin starts a check; one under way gives way to it.
func (c *checks) begin(ctx context.Context, p access.Principal, imp *importer.Import) error {
	if err := c.stop(ctx, imp.ID); err != nil {
		return err
	}
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
	fence, err := c.api.Engine.BeginCheck(ctx, p, imp.ID, func(i *importer.Import) error {
		if i.State == importer.Checking {
			return fmt.Errorf("import %d is being checked already: %w", i.ID, lead.ErrConflict)
		}
		i.Options = imp.Options
		return nil
	})
	if err != nil {
		end()
		return err
	}
	c.api.wait.Go(func() {
		defer end()
		err := c.api.Engine.RunCheck(checking, p, imp.ID, fence, func(pr importer.Progress) {
			c.mu.Lock()
			defer c.mu.Unlock()
			under.progress = pr
		})
		if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, lead.ErrFenced) {
			c.api.Log.Info("check", "import", imp.ID, "error", c.api.refused(context.WithoutCancel(ctx), imp, err))
		}
	})
	return nil
}
