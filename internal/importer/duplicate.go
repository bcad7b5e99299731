package importer

import (
	"cmp"
	"context"
	"slices"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/norm"
)

// Duplicate is a lead that may be the same as another, and what they share:
// "e-mail", "phone", "external id", "name".
type Duplicate struct {
	Lead Lead
	By   []string
}

// Duplicates returns the leads that share a key with this one (rule 5.8) and
// that the principal may see, those that share most first. Leads in the bin
// are left out.
func (e *Engine) Duplicates(ctx context.Context, p access.Principal, id int64) ([]Duplicate, error) {
	this, err := e.one(ctx, p, id)
	if err != nil {
		return nil, err
	}
	schema, err := e.Dir.Schema(ctx)
	if err != nil {
		return nil, err
	}
	keys := KeysOf(schema, this.Record)
	hits, err := e.Leads.FindKeys(ctx, p, keys)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, h := range hits {
		if h.Lead != id {
			ids = append(ids, h.Lead)
		}
	}
	slices.Sort(ids)
	found, err := e.Leads.Load(ctx, p, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	var out []Duplicate
	for _, l := range found {
		if !l.DeletedAt.IsZero() {
			continue
		}
		d := Duplicate{Lead: l}
		theirs := KeysOf(schema, l.Record)
		for _, k := range keys {
			if name := keyName(k.Kind); slices.Contains(theirs, k) && !slices.Contains(d.By, name) {
				d.By = append(d.By, name)
			}
		}
		if len(d.By) > 0 {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b Duplicate) int {
		return cmp.Or(-cmp.Compare(len(a.By), len(b.By)), cmp.Compare(a.Lead.ID, b.Lead.ID))
	})
	return out, nil
}

func keyName(k norm.KeyKind) string {
	switch k {
	case norm.KeyEmail:
		return "e-mail"
	case norm.KeyPhone:
		return "phone"
	case norm.KeyExternalID:
		return "external id"
	}
	return "name"
}
