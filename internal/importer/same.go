package importer

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/recipe"
)

// settleOwners finds who owns the new leads that the file gives nobody: the
// users said for this import, else those of the recipe, else who imports.
// Several, split as a cell's values are, share the leads equally.
func (f *frame) settleOwners(said string) error {
	i := slices.IndexFunc(f.program.Same, func(s recipe.Fixed) bool { return s.Target.Field == f.slot.owner && !s.Constant })
	if i >= 0 {
		if said == "" {
			said = f.program.Same[i].Value
		}
		f.program.Same = slices.Delete(f.program.Same, i, i+1)
	}
	names := []string{said}
	if _, one := f.users.find(said); !one {
		names = slices.Collect(split(said))
	}
	f.owners = nil
	for _, name := range names {
		u, ok := f.users.find(name)
		if !ok {
			return fmt.Errorf("owner: there is no user %q: %w", name, lead.ErrInvalid)
		}
		if !f.principal.Reaches(access.LeadAssign, u.ID, u.Team) {
			return fmt.Errorf("owner: you may not assign leads to %q: %w", u.Username, lead.ErrForbidden)
		}
		if id := strconv.FormatInt(u.ID, 10); !slices.Contains(f.owners, id) {
			f.owners = append(f.owners, id)
		}
	}
	if len(f.owners) == 0 {
		f.owners = []string{strconv.FormatInt(f.principal.User.ID, 10)}
	}
	f.owner = f.owners[0]
	return nil
}

// share gives a new lead, as it was just made, to its one of several owners: by
// its turn, which the plan holds, so that a run that goes on, or is repeated,
// gives it to the same one. Plans of before turns have its ordinal instead.
func (f *frame) share(d *draft, made lead.Record, e *Entry) {
	if len(f.owners) < 2 || d.change.Touched.Has(f.slot.owner) {
		return
	}
	turn := e.Version - 1
	if turn < 0 {
		turn = e.Lead
	}
	made.Values[f.slot.owner] = f.owners[turn%int64(len(f.owners))]
}

// settleSame reads the values that are the same for every record as cells are
// read. One that no cell could have is refused: it would be wrong everywhere.
func (f *frame) settleSame() error {
	c := newCleaner(f)
	for i := range f.program.Same {
		s := &f.program.Same[i]
		fl := &f.schema.Fields[s.Target.Field]
		kind, maxLen, name := fl.Kind, fl.MaxLen, fl.Heading
		if fl.List() {
			kind, maxLen, name = fl.Parts[s.Target.Part].Kind, fl.Parts[s.Target.Part].MaxLen, fl.Label
		}
		if fl.Key == "tags" {
			continue
		}
		got := c.cleanKind(nil, fl, kind, maxLen, norm.Clean(s.Value))
		if got.value == "" {
			return fmt.Errorf("same for every record: %s cannot be %q: %w", name, s.Value, lead.ErrInvalid)
		}
		s.Value = got.value
	}
	return nil
}
