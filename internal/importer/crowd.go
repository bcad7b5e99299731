package importer

import (
	"context"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/leadport/leadport/internal/norm"
)

// Thousands of leads may share one address (none@none.com), and each of a
// file's records with it may be about any of them. So that a record need not
// look at all, a crowd files those that hold one key by what the rules compare:
// last names a typo apart, no last name, an e-mail or none, an external id or
// none of its system. A record then looks at those only that its own values
// could let through, and at the first few where all fit. What a list says of a
// lead may be out of date: the lead itself is looked at before it counts.
type crowd struct {
	known   bool // the database's leads are in it
	lists   [2]map[uint64][]place
	ranks   map[entity]int64
	systems []string // of external ids that were asked for
}

// place is a lead's in a list: those of the database come first, then those
// that came to hold the key in this file, by turns.
type place struct {
	rank int64
	ent  entity
}

const (
	crowdFrom   = 32      // that hold a key of the file, or of the database
	mostOthers  = 20      // leads that a conflict names
	rankOfFile  = 1 << 62 // the first of the file
	bucketShift = 44      // a million lists at most
)

// bucket is a list's name.
func bucket(what byte, text string) uint64 {
	return xxhash.Sum64String(string(what)+text) >> bucketShift
}

// What leads are filed by.
const (
	byAll      = 'a'
	byLast     = 'l' // and each name a typo away; "" for none
	byEmail    = 'e' // "" for none
	byExternal = 'x'
	bySystem   = 's'
	bySystemNo = 'n' // no external id in it
	byNameKey  = 't'
)

func (r *resolver) crowd(k Key) *crowd {
	c := r.crowds[k.Hash]
	if c == nil {
		c = &crowd{ranks: map[entity]int64{}, lists: [2]map[uint64][]place{{}, {}}}
		r.crowds[k.Hash] = c
	}
	return c
}

// gather puts the leads of the database that hold a key into its crowd.
func (r *resolver) gather(ctx context.Context, c *crowd, ids []int64) error {
	for part := range slices.Chunk(ids, 1000) {
		var fresh []int64
		for _, id := range part {
			if r.states[entity(id)] == nil {
				fresh = append(fresh, id)
			}
		}
		if err := r.load(ctx, fresh); err != nil {
			return err
		}
		for _, id := range part {
			st := r.states[entity(id)]
			if st == nil || st.deleted() && r.revive() {
				continue
			}
			if _, there := c.ranks[entity(id)]; !there {
				c.ranks[entity(id)] = id
			}
			r.put(c, entity(id), st)
		}
		for _, id := range fresh {
			delete(r.states, entity(id))
		}
	}
	c.known = true
	return nil
}

// join puts a lead that came to hold the key in this file into its crowd.
func (r *resolver) join(c *crowd, e entity, st *state) {
	if _, there := c.ranks[e]; !there {
		c.ranks[e] = rankOfFile + int64(len(c.ranks))
	}
	r.put(c, e, st)
}

// put files a lead by what is true of it now.
func (r *resolver) put(c *crowd, e entity, st *state) {
	at, lists := place{c.ranks[e], e}, c.lists[0]
	if st.deleted() {
		lists = c.lists[1]
	}
	add := func(what byte, text string) {
		b := bucket(what, text)
		if i, there := at.in(lists[b]); !there {
			lists[b] = slices.Insert(lists[b], i, at)
		}
	}
	add(byAll, "")
	for _, v := range nearBy(r.lastOf(st)) {
		add(byLast, v)
	}
	mailed := false
	for _, k := range st.keys {
		switch k.Kind {
		case norm.KeyEmail:
			mailed = true
			add(byEmail, k.Text)
		case norm.KeyExternalID:
			add(byExternal, k.Text)
			add(bySystem, firstPart(k.Text))
		case norm.KeyName:
			add(byNameKey, k.Text)
		}
	}
	if !mailed {
		add(byEmail, "")
	}
	for _, s := range c.systems {
		if !inSystem(st.keys, s) {
			add(bySystemNo, s)
		}
	}
}

func (p place) in(list []place) (int, bool) {
	return slices.BinarySearchFunc(list, p.rank, func(x place, rank int64) int {
		switch {
		case x.rank < rank:
			return -1
		case x.rank > rank:
			return 1
		}
		return 0
	})
}

func inSystem(keys keySet, system string) bool {
	return slices.ContainsFunc(keys, func(k Key) bool { return k.Kind == norm.KeyExternalID && firstPart(k.Text) == system })
}

// ask makes the lists of those without an id in a system.
func (c *crowd) ask(system string) {
	if slices.Contains(c.systems, system) {
		return
	}
	c.systems = append(c.systems, system)
	for _, lists := range c.lists {
		with := lists[bucket(bySystem, system)]
		b := bucket(bySystemNo, system)
		for _, p := range lists[bucket(byAll, "")] {
			if _, there := p.in(with); !there {
				if i, there := p.in(lists[b]); !there {
					lists[b] = slices.Insert(lists[b], i, p)
				}
			}
		}
	}
}

// lastOf is the last name of a lead, which may not be made yet.
func (r *resolver) lastOf(st *state) string {
	if st.Values == nil {
		return st.made(r.frame, r.slot.lastName)
	}
	return st.Values[r.slot.lastName]
}

// nearBy are the texts of which two last names share one if they are near
// (norm.NearName): what is left of the beginning after as many letters were
// taken out as a typo may change (symmetric deletion, Garbe).
func nearBy(last string) []string {
	name := []rune(norm.FoldName(last))
	typos := 0
	switch {
	case len(name) >= 9:
		typos = 2
	case len(name) >= 3:
		typos = 1
	}
	if len(name) > 7 {
		name = name[:7]
	}
	out := []string{string(name)}
	from := 0
	for range typos {
		until := len(out)
		for _, s := range out[from:until] {
			left := []rune(s)
			for i := range left {
				if t := string(left[:i]) + string(left[i+1:]); !slices.Contains(out, t) {
					out = append(out, t)
				}
			}
		}
		from = until
	}
	return out
}

// count is how many places lists have.
func (c *crowd) count(buckets []uint64) (n int) {
	for _, lists := range c.lists {
		for _, b := range buckets {
			n += len(lists[b])
		}
	}
	return n
}

// each goes through the leads of some lists in order until f says that it has
// enough.
func (c *crowd) each(lists map[uint64][]place, buckets []uint64, f func(place) (more bool, err error)) error {
	var heads [][]place
	for _, b := range buckets {
		if len(lists[b]) > 0 {
			heads = append(heads, lists[b])
		}
	}
	for {
		first := place{rank: math.MaxInt64}
		for _, h := range heads {
			if len(h) > 0 && h[0].rank < first.rank {
				first = h[0]
			}
		}
		if first.ent == 0 {
			return nil
		}
		for i, h := range heads {
			if len(h) > 0 && h[0].rank == first.rank {
				heads[i] = h[1:]
			}
		}
		if more, err := f(first); err != nil || !more {
			return err
		}
	}
}

// narrow are the lists that hold all of a crowd that do not contradict the
// record in a tier; less reports that others may be left out.
func (c *crowd) narrow(d *draft, t tier, k Key) (out []uint64, less bool) {
	out = []uint64{bucket(byAll, "")}
	if t.kind == norm.KeyName && !t.nameOnly {
		out = []uint64{bucket(byNameKey, k.Text)}
	}
	for _, kind := range t.stronger {
		var some []uint64
		switch mine := d.keys.of(kind); {
		case len(mine) == 0:
			continue
		case kind == norm.KeyEmail:
			some = append(some, bucket(byEmail, ""))
			for _, m := range mine {
				some = append(some, bucket(byEmail, m.Text))
			}
		case kind == norm.KeyExternalID:
			system := firstPart(mine[0].Text)
			c.ask(system)
			some = append(some, bucket(bySystemNo, system))
			for _, m := range mine {
				some = append(some, bucket(byExternal, m.Text))
			}
		}
		if c.count(some) < c.count(out) {
			out, less = some, true
		}
	}
	return out, less
}

// crowded are the candidates of a tier among a crowd: all that matter, or as
// many as a conflict names and one more. Those of the database are in front of
// those of the file. refused reports that others were passed over that the
// rules refuse.
func (r *resolver) crowded(ctx context.Context, d *draft, t tier, k Key, c *crowd, v *verdict) (out []candidate, inFront int, refused bool, err error) {
	base, less := c.narrow(d, t, k)
	refused = less
	last := d.change.Values[r.slot.lastName]
	role := t.kind == norm.KeyEmail && norm.RoleMailbox(k.Text)
	take := func(buckets []uint64, wanted func(*state) bool) error {
		for gen, lists := range c.lists {
			if gen == 1 && len(out) > 0 {
				break // what is in the bin gives way
			}
			err := c.each(lists, buckets, func(p place) (bool, error) {
				r.touch(leadTie(p.ent))
				st, err := r.state(ctx, p.ent)
				if err != nil || st == nil || !r.holds(st, k, t) || r.isApart(d, v, candidate{p.ent, st}) {
					return true, err
				}
				if contradicted(t, d.keys, st.keys) {
					refused = true
					return true, nil
				}
				if wanted(st) {
					out = append(out, candidate{p.ent, st})
					if p.rank < rankOfFile {
						inFront++
					}
				}
				return gen == 0 && len(out) <= mostOthers || len(out) == 0, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	all := func(*state) bool { return true }
	near := func(st *state) bool {
		theirs := r.lastOf(st)
		return theirs == "" && !role || theirs != "" && norm.NearName(last, theirs)
	}
	switch {
	case t.kind != norm.KeyEmail, last == "" && !role:
		err = take(base, all)
	case last == "": // all are refused
		return nil, 0, true, nil
	default:
		var some []uint64
		for _, v := range nearBy(last) {
			some = append(some, bucket(byLast, v))
		}
		if !role {
			some = append(some, bucket(byLast, ""))
		}
		if c.count(base) < c.count(some) {
			some = base
		}
		err = take(some, near)
		switch {
		case role:
			refused = true
		case err == nil && len(out) == 0: // other persons
			err = take(base, all)
		}
	}
	return out, inFront, refused, err
}
