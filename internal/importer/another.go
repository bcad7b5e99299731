package importer

import (
	"context"
	"errors"
	"fmt"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// While an installation is brought up to date, nodes of two versions work on it.
// What one of them planned, only its like can do.

// ErrOtherEngine says that an import goes on by a plan of another version of the
// engine, so that a node of that version has to do it.
var ErrOtherEngine = errors.New("it was checked by another version of Leadport")

// foreign reports whether an import has such a plan.
func foreign(imp *Import) bool {
	return imp.Plan != nil && imp.Plan.Engine != 0 && imp.Plan.Engine != Version
}

// errForeign is why such a plan cannot be started here.
func errForeign(imp *Import) error {
	return fmt.Errorf("import %d was checked by another version of Leadport; check it again: %w", imp.ID, lead.ErrConflict)
}

// waits says in the import what its run waits for, or with "" that it goes on.
func (e *Engine) waits(ctx context.Context, imp *Import, why string) error {
	if imp.Reason == why {
		return nil
	}
	return e.Imports.UpdateImport(ctx, access.System(), imp.ID, func(i *Import) error {
		if i.State == Running {
			i.Reason = why
		}
		return nil
	})
}
