package importer

import (
	"context"
	"fmt"
	"slices"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/recipe"
)

// tier is one way to recognise a lead (rule 5.1).
type tier struct {
	name recipe.Tier
	kind norm.KeyKind
	// stronger keys contradict a hit of this tier where both sides have some
	// and share none (rule 5.5).
	stronger []norm.KeyKind
	nameOnly bool // the company does not count (rule 5.9)
	first    bool // of several, the first (rule 5.9)
}

// tiersOf makes the recipe's tiers ready.
func tiersOf(r *recipe.Recipe, names []recipe.Tier) []tier {
	out := make([]tier, 0, len(names))
	for _, name := range names {
		t := tier{name: name, first: r.FirstMatch}
		switch name {
		case recipe.TierExternal:
			t.kind = norm.KeyExternalID
		case recipe.TierEmail:
			t.kind, t.stronger = norm.KeyEmail, []norm.KeyKind{norm.KeyExternalID}
		case recipe.TierName:
			t.kind, t.stronger = norm.KeyName, []norm.KeyKind{norm.KeyExternalID, norm.KeyEmail}
		case recipe.TierLeadName:
			t.kind, t.nameOnly = norm.KeyName, true
		}
		out = append(out, t)
	}
	return out
}

// candidate is a lead that a key of the record leads to.
type candidate struct {
	ent   entity
	state *state
}

// verdict is what matching found for a record.
type verdict struct {
	ent     entity // 0: no lead
	reason  Reason // a conflict or skip, else NoReason
	refused bool   // only candidates that were refused
	others  []entity
	unknown bool     // the Id names no lead
	apart   []entity // a decision says that these are not it
	// Nor are those whom this tier met as other persons.
	separate *tier
}

// isApart: a decision says that a candidate is not the lead.
func (r *resolver) isApart(d *draft, v *verdict, c candidate) bool {
	if slices.Contains(v.apart, c.ent) {
		return true
	}
	if v.separate == nil || contradicted(*v.separate, d.keys, c.state.keys) {
		return false
	}
	_, other := r.samePerson(d, []candidate{c}, &verdict{})
	return len(other) > 0
}

// match decides which lead a record is about (rules 5.1–5.6).
func (r *resolver) match(ctx context.Context, d *draft) (verdict, error) {
	var v verdict
	if done, err := r.answered(ctx, d, &v); err != nil || done {
		return v, err
	}
	for i := range r.tiers {
		t := r.tiers[i]
		if t.name == recipe.TierID {
			done, err := r.matchID(ctx, d, &v)
			if err != nil || done {
				return v, err
			}
			continue
		}
		cands, refused, err := r.candidates(ctx, d, t, &v)
		if err != nil {
			return v, err
		}
		v.refused = v.refused || refused
		kept := cands[:0]
		for _, c := range cands {
			switch {
			case r.isApart(d, &v, c):
			case contradicted(t, d.keys, c.state.keys):
				v.refused = true
			default:
				kept = append(kept, c)
			}
		}
		if t.kind == norm.KeyEmail {
			var other []candidate
			kept, other = r.samePerson(d, kept, &v)
			if len(kept) == 0 && len(other) > 0 {
				switch r.recipe.Decide["match.other_person"] {
				case "same":
					kept = other
				case "separate": // from the tiers below, too
					v.separate = &r.tiers[i]
				case "skip":
					v.reason = SkipDecided
					return v, nil
				default:
					v.reason, v.others = ConflictOtherPerson, entities(present(other))
					return v, nil
				}
			}
		}
		kept = present(kept)
		if len(kept) > 1 && (t.first || kept[0].state.deleted()) { // all are in the bin, or none is
			kept = kept[:1]
		}
		switch len(kept) {
		case 0:
			continue
		case 1:
			return r.settle(ctx, d, kept[0], v)
		default:
			v.reason, v.others = ConflictAmbiguous, entities(kept)
			return v, nil
		}
	}
	return v, nil
}

// matchID is the tier of rule 5.2. It reports whether the record is settled.
func (r *resolver) matchID(ctx context.Context, d *draft, v *verdict) (bool, error) {
	if d.id == 0 {
		return false, nil
	}
	r.touch(leadTie(entity(d.id)))
	st, err := r.state(ctx, entity(d.id))
	if err != nil {
		return false, err
	}
	if st == nil || (st.deleted() && r.revive()) {
		v.unknown = st == nil
		return false, nil
	}
	if !d.trusted && !r.corroborated(d, st) {
		switch r.recipe.Decide["id.contradicted"] {
		case "same":
		case "separate":
			v.apart = append(v.apart, entity(d.id))
			return false, nil
		case "skip":
			v.reason = SkipDecided
			return true, nil
		default:
			v.ent, v.reason = entity(d.id), ConflictID
			return true, nil
		}
	}
	settled, err := r.settle(ctx, d, candidate{entity(d.id), st}, *v)
	*v = settled
	return true, err
}

// corroborated reports whether record and lead agree in e-mail, phone or lead
// name, or the record has nothing to compare.
func (r *resolver) corroborated(d *draft, st *state) bool {
	nothing := true
	for _, kind := range []norm.KeyKind{norm.KeyEmail, norm.KeyPhone} {
		mine := d.keys.of(kind)
		nothing = nothing && len(mine) == 0
		if _, share := mine.meets(kind, st.keys); share {
			return true
		}
	}
	name := d.change.Values[r.slot.name]
	if name == "" || d.composed {
		return nothing
	}
	return norm.Fold(name) == norm.Fold(st.Values[r.slot.name])
}

// candidates are the leads whose present text holds one of the record's keys
// of the tier, in the database or as merged so far from this file; of a crowd
// those that the rules let through, without those apart.
func (r *resolver) candidates(ctx context.Context, d *draft, t tier, v *verdict) (out []candidate, refused bool, err error) {
	seen := func(e entity) bool {
		for _, c := range out {
			if c.ent == e {
				return true
			}
		}
		return false
	}
	for _, k := range d.keys {
		if k.Kind != t.kind {
			continue
		}
		var many []candidate
		if c := r.crowds[k.Hash]; c != nil {
			found, inFront, less, err := r.crowded(ctx, d, t, k, c, v)
			if err != nil {
				return nil, false, err
			}
			refused = refused || less
			for _, x := range found[:inFront] {
				if !seen(x.ent) {
					out = append(out, x)
				}
			}
			many = found[inFront:]
		}
		for _, e := range r.holders(k) {
			if seen(e) {
				continue
			}
			st, err := r.state(ctx, e)
			if err != nil {
				return nil, false, err
			}
			if st == nil || (st.deleted() && r.revive()) || !r.holds(st, k, t) {
				continue
			}
			out = append(out, candidate{e, st})
		}
		for _, x := range many {
			if !seen(x.ent) {
				out = append(out, x)
			}
		}
	}
	return out, refused, nil
}

// present leaves the leads in the bin out if others are there: of those that
// may be meant, one in the bin gives way.
func present(cands []candidate) []candidate {
	var out []candidate
	for _, c := range cands {
		if !c.state.deleted() {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return cands
	}
	return out
}

func (r *resolver) holds(st *state, k Key, t tier) bool {
	if t.nameOnly {
		return norm.Fold(st.Values[r.slot.name]) == firstPart(k.Text)
	}
	return st.keys.has(k.Kind, k.Text)
}

func contradicted(t tier, mine, theirs keySet) bool {
	for _, kind := range t.stronger {
		if kind == norm.KeyExternalID {
			if contradictedID(mine, theirs) {
				return true
			}
			continue
		}
		if both, share := mine.meets(kind, theirs); both && !share {
			return true
		}
	}
	return false
}

// contradictedID compares external ids within their systems only.
func contradictedID(mine, theirs keySet) bool {
	for _, a := range mine {
		if a.Kind != norm.KeyExternalID {
			continue
		}
		both, share := false, false
		for _, b := range theirs {
			if b.Kind == norm.KeyExternalID && firstPart(a.Text) == firstPart(b.Text) {
				both = true
				share = share || a.Text == b.Text
			}
		}
		if both && !share {
			return true
		}
	}
	return false
}

// samePerson applies rule 5.3 to hits by e-mail: a role mailbox needs the same
// last name, and two last names that differ make another person.
func (r *resolver) samePerson(d *draft, cands []candidate, v *verdict) (same, other []candidate) {
	last := d.change.Values[r.slot.lastName]
	for _, c := range cands {
		theirs := c.state.Values[r.slot.lastName]
		role := true
		for _, k := range d.keys {
			if k.Kind == norm.KeyEmail && c.state.keys.has(k.Kind, k.Text) && !norm.RoleMailbox(k.Text) {
				role = false
			}
		}
		switch {
		case role && (last == "" || theirs == "" || !norm.NearName(last, theirs)):
			v.refused = true
		case last != "" && theirs != "" && !norm.NearName(last, theirs):
			other = append(other, c)
		default:
			same = append(same, c)
		}
	}
	return same, other
}

// settle is the end of a match: a lead in the bin is not revived (5.6), and an
// e-mail or external id that points at another lead makes a conflict (5.5).
func (r *resolver) settle(ctx context.Context, d *draft, c candidate, v verdict) (verdict, error) {
	v.ent, v.refused = c.ent, false
	if c.state.deleted() {
		v.reason = SkipDeleted
		return v, nil
	}
	for _, other := range r.tiers {
		if other.kind != norm.KeyEmail && other.kind != norm.KeyExternalID {
			continue
		}
		cands, _, err := r.candidates(ctx, d, other, &verdict{})
		if err != nil {
			return v, err
		}
		if other.kind == norm.KeyEmail {
			cands, _ = r.samePerson(d, cands, &verdict{})
		}
		for _, o := range cands {
			if o.ent != c.ent && !o.state.deleted() && !contradicted(other, d.keys, o.state.keys) {
				v.reason, v.others = ConflictSplit, []entity{c.ent, o.ent}
				return v, nil
			}
		}
	}
	return v, nil
}

func entities(cands []candidate) []entity {
	out := make([]entity, len(cands))
	for i, c := range cands {
		out[i] = c.ent
	}
	return out
}

// nameFor is how a message calls a lead.
func (r *resolver) nameFor(ctx context.Context, e entity) string {
	if e < 0 {
		return fmt.Sprintf("row #%d", -e)
	}
	st, err := r.state(ctx, e)
	if err != nil || st == nil {
		return fmt.Sprintf("lead %d", e)
	}
	return fmt.Sprintf("%s (lead %d)", st.Values[r.slot.name], e)
}

// state is a lead as merged so far in this file.
type state struct {
	Lead
	keys keySet
	// Of a lead that the file makes, as long as its Record is not made.
	change lead.Change
	called string
}

// made is the value that a new lead has in a slot of plain text or of a list.
func (s *state) made(f *frame, slot int) string {
	return firstOf(s.change.Values[slot], f.defaults.Values[slot])
}

func (s *state) deleted() bool { return !s.DeletedAt.IsZero() }
