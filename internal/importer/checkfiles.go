package importer

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"github.com/leadport/leadport/internal/recipe"
)

// ground is what a check stands on, as two hashes: plan is over all that
// decides a plan but fixes and answers; trace also over what may change while a
// file is reviewed, and is read again only by a check of all records; rest is
// over that without the columns, which recipe holds.
type ground struct{ plan, trace, rest, recipe string }

func (f *frame) ground(imp *Import, seq int64) (g ground, err error) {
	var text, rest bytes.Buffer
	r := f.recipe.OfRecords()
	r.Values = nil
	if err := recipe.Save(&text, r); err != nil {
		return g, err
	}
	r.Columns = nil
	if err := recipe.Save(&rest, r); err != nil {
		return g, err
	}
	hash := func(recipe string) (plan, trace string) {
		if err == nil {
			plan, err = inputsHash(imp.SHA256, recipe, f.schema.Fields, f.owners, f.country, f.zone.String(), seq)
		}
		if err == nil {
			trace, err = inputsHash(plan, string(imp.Detection), f.principal, f.users, f.org, f.mark, f.stamp)
		}
		return plan, trace
	}
	g.recipe = text.String()
	g.plan, g.trace = hash(g.recipe)
	_, g.rest = hash(rest.String())
	return g, err
}

// checkFiles are the plan and the trace of a check in the making.
type checkFiles struct {
	plan, trace string // names
	ground      ground
	inputs      string

	planned *planWriter
	traced  *traceWriter
	kept    bool
}

// create begins them; under is the plan that the new one is a delta of, or nil.
func (o *checkFiles) create(ctx context.Context, files Files, under *Plan) error {
	f, err := files.Create(ctx)
	if err != nil {
		return err
	}
	if o.planned, err = newPlanWriter(f, o.ground.plan, o.inputs, under); err != nil {
		f.Abort()
		return err
	}
	if f, err = files.Create(ctx); err != nil {
		return err
	}
	if o.traced, err = newTraceWriter(f, o.ground.trace); err != nil {
		f.Abort()
	}
	return err
}

// commit keeps them and returns the plan's hash.
func (o *checkFiles) commit(c *checker, groups []Group) (string, error) {
	sum, err := groupsHash(groups)
	if err != nil {
		return "", err
	}
	tail := &traceTail{Rest: o.ground.rest, Recipe: o.ground.recipe, Values: c.recipe.Values, Blank: c.blank, IDs: c.ids, Contradicted: c.contradicted, Creations: c.linker.creations, Groups: sum}
	if err := o.traced.commit(o.trace, tail); err != nil {
		return "", err
	}
	hash, err := o.planned.commit(o.plan)
	o.kept = err == nil
	return hash, err
}

// abort drops what was not kept.
func (o *checkFiles) abort() {
	if o.kept {
		return
	}
	if o.planned != nil {
		o.planned.f.Abort()
	}
	if o.traced != nil {
		o.traced.f.Abort()
	}
}

// groupsHash tells one list of issues from another.
func groupsHash(groups []Group) (uint64, error) {
	h := xxhash.New()
	for i := range groups {
		g := &groups[i]
		h.WriteString(g.Code + "\x00" + g.Value + "\x00")
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(g.Column)))
		if g.Records == nil {
			continue
		}
		records, err := g.Records.ToBytes()
		if err != nil {
			return 0, err
		}
		h.Write(records)
	}
	return h.Sum64(), nil
}
