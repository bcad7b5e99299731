package importer

import (
	"cmp"
	"context"
	"slices"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/norm"
)

// Duplicate is a lead that may be the same as another, how likely (0 to 99),
// and what they share: "e-mail", "phone", "external id", "name", "similar name
// and company".
type Duplicate struct {
	Lead  Lead
	Score int
	By    []string
}

// mostAlike bounds how many leads with a key of the same hash are looked at:
// many people have one name.
const mostAlike = 200

// Duplicates returns the leads that share a key with this one (rule 5.8) and
// that the principal may see, the likeliest first. Leads in the bin are left
// out.
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
	// A name says least, so that those who share more are looked at first.
	slices.SortStableFunc(hits, func(a, b Hit) int { return nameLast(keys[a.Key].Kind) - nameLast(keys[b.Key].Kind) })
	var ids []int64
	seen := map[int64]bool{id: true}
	for _, h := range hits {
		if !seen[h.Lead] && len(ids) < mostAlike {
			seen[h.Lead] = true
			ids = append(ids, h.Lead)
		}
	}
	slices.Sort(ids)
	found, err := e.Leads.Load(ctx, p, ids)
	if err != nil {
		return nil, err
	}
	var out []Duplicate
	for _, l := range found {
		if !l.DeletedAt.IsZero() {
			continue
		}
		if score, by := Alike(keys, KeysOf(schema, l.Record)); score > 0 {
			out = append(out, Duplicate{l, score, by})
		}
	}
	slices.SortStableFunc(out, func(a, b Duplicate) int {
		return cmp.Or(-cmp.Compare(a.Score, b.Score), cmp.Compare(a.Lead.ID, b.Lead.ID))
	})
	return out, nil
}

func nameLast(k norm.KeyKind) int {
	if k == norm.KeyName {
		return 1
	}
	return 0
}

// Alike says how likely two leads with these keys are one, 0 to 99, and what
// they share.
func Alike(a, b []Key) (score int, by []string) {
	add := func(points int, what string) {
		if !slices.Contains(by, what) {
			score = min(99, max(score, points)+5*len(by))
			by = append(by, what)
		}
	}
	for _, x := range []struct {
		kind   norm.KeyKind
		points int
		what   string
	}{
		{norm.KeyExternalID, 95, "external id"}, {norm.KeyEmail, 90, "e-mail"}, {norm.KeyPerson, 80, "name"}, {norm.KeyName, 75, "name"}, {norm.KeyPhone, 60, "phone"},
	} {
		if _, share := keySet(a).meets(x.kind, keySet(b)); share {
			add(x.points, x.what)
		}
	}
	if !slices.Contains(by, "name") && nearPerson(a, b) {
		add(70, "similar name and company")
	}
	return score, by
}
