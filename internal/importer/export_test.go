package importer

import (
	"context"

	"github.com/leadport/leadport/internal/access"
)

// SetSizes makes the engine work in small pieces; 0 is the usual size. Where few
// states are kept in memory, few keys are, too.
func (e *Engine) SetSizes(batch, tx, undo, states int) {
	e.sizes = sizes{batch: batch, tx: tx, undo: undo, states: states}
	if states > 0 {
		e.sizes.keys = 4
	}
}

// SetCrowd says how many leads of one key make a crowd.
func (e *Engine) SetCrowd(n int) { e.sizes.crowd = n }

// SetPart cuts a run into parts of so many records; 0: as usual.
func (e *Engine) SetPart(records int) { e.sizes.part = records }

// SetValues says how many values of one code and column are listed.
func (e *Engine) SetValues(n int) { e.sizes.values = n }

// SetAgain says how many of a hundred records are decided again after a fix,
// rather than all.
func (e *Engine) SetAgain(percent int) { e.sizes.again = percent }

// Again returns how many records the next check decides again; ok is false if
// it checks all.
func (e *Engine) Again(ctx context.Context, p access.Principal, id int64) (n int, ok bool, err error) {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return 0, false, err
	}
	f, det, err := e.frame(ctx, p, imp)
	if err != nil {
		return 0, false, err
	}
	seq, err := e.Leads.Seq(ctx)
	if err != nil {
		return 0, false, err
	}
	on, err := f.ground(imp, seq)
	if err != nil {
		return 0, false, err
	}
	open := func() (*rows, error) { return e.openRows(ctx, imp, det) }
	l, err := e.lastCheck(ctx, imp, on)
	if err != nil {
		return 0, false, err
	}
	defer l.close()
	c, err := l.recheck(ctx, &checker{engine: e, frame: f, det: det, open: open, groups: newGroups(e.size().values)})
	if err != nil || c == nil {
		return 0, false, err
	}
	return int(l.set.GetCardinality()), true, nil
}
