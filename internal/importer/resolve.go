package importer

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/cespare/xxhash/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// stateBudget bounds the merged leads that are kept in memory; beyond it they
// are made again from the file and the database when a later record needs them.
const stateBudget = 4_000

// keySlots bounds the keys of the file that are kept in memory, at 64 MB.
const keySlots = 1 << 22

// resolver decides record after record, each against the database and the
// earlier records as merged so far (rule 5.7). It is one goroutine's.
type resolver struct {
	*frame
	leads    Leads
	tiers    []tier
	merger   *lead.Merger
	follower *lead.Merger // later records of a lead that the file makes
	later    *lead.Merger // later records of a lead that was there
	home     *lead.Merger // for an export coming home: lists slot by slot
	now      time.Time
	empty    bool // the database has no leads at all
	// again reads a record of the file once more.
	again func(ctx context.Context, record int64) (*draft, error)
	// decided are the final outcomes of another import's records that came
	// home as rejects already (rule 10.1).
	cameHome func(ctx context.Context, imp, record int64) (bool, error)

	file      keyTable
	heads     map[int64]int64   // lead of the database → the record that first changed it
	followers map[int64][]int64 // head record → records merged into it
	makes     *roaring.Bitmap   // records that make a new lead

	crowds    map[uint64]*crowd // by the hash of the key
	crowdFrom int               // leads of a key; 0: there are no crowds

	budget int // of states
	states map[entity]*state
	idle   []*state // forgotten ones, to be used again
	hits   map[Key][]int64
	typed  map[int64]lead.Set

	news, turns int64 // new leads so far, and of them those that the file gives to nobody
	ties        []tie // of the record at hand
}

// touch notes what the outcome of the record at hand hangs on.
func (r *resolver) touch(m tie) {
	if !slices.Contains(r.ties, m) {
		r.ties = append(r.ties, m)
	}
}

// prefetch looks up all that a batch of records may touch, in three queries.
func (r *resolver) prefetch(ctx context.Context, batch []draft) error {
	r.hits = map[Key][]int64{}
	r.typed = nil
	if len(r.states) > r.budget {
		for _, st := range r.states {
			if len(r.idle) == r.budget { // those that were read again add to them, too
				break
			}
			clear(st.change.Touched)
			clear(st.change.Values) // texts that keep pieces of the file alive
			*st = state{change: st.change}
			r.idle = append(r.idle, st)
		}
		clear(r.states)
	}
	if r.empty {
		return nil
	}
	var keys []Key
	byHash := map[uint64]int{} // names of several companies have one
	var ids, all []int64       // to be loaded; and those that are known already, too
	want := map[int64]bool{}
	need := func(id int64) {
		if id <= 0 || want[id] {
			return
		}
		want[id] = true
		all = append(all, id)
		if r.states[entity(id)] == nil {
			ids = append(ids, id)
		}
	}
	for i := range batch {
		d := &batch[i]
		if d.failed {
			continue
		}
		need(d.id)
		need(int64(d.answer.ent))
		for _, k := range d.keys {
			if c := r.crowds[k.Hash]; c != nil && c.known {
				continue
			}
			if _, asked := byHash[k.Hash]; !asked {
				byHash[k.Hash] = len(keys)
				keys = append(keys, k)
			}
			r.hits[k] = nil
		}
	}
	found, err := r.leads.FindKeys(ctx, r.principal, keys)
	if err != nil {
		return fmt.Errorf("look up keys: %w", err)
	}
	of := make([][]int64, len(keys))
	for _, h := range found {
		of[h.Key] = append(of[h.Key], h.Lead)
	}
	for i, k := range keys {
		switch {
		case maybeOnly(k.Kind):
			of[i] = of[i][:min(len(of[i]), likeEnough)]
		case r.crowdFrom > 0 && len(of[i]) > r.crowdFrom:
			if err := r.gather(ctx, r.crowd(k), of[i]); err != nil {
				return err
			}
			of[i] = nil
		}
		for _, id := range of[i] {
			need(id)
		}
	}
	for k := range r.hits {
		r.hits[k] = of[byHash[k.Hash]]
	}
	if err := r.load(ctx, ids); err != nil {
		return err
	}
	if len(all) > 0 {
		r.typed, err = r.leads.HandEdited(ctx, all, r.now.AddDate(0, 0, -30))
	}
	return err
}

// load puts leads of the database into states, with what this file's earlier
// records made of them.
func (r *resolver) load(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	got, err := r.leads.Load(ctx, r.principal, ids)
	if err != nil {
		return fmt.Errorf("load %d leads: %w", len(ids), err)
	}
	for _, l := range got {
		st := &state{Lead: l, keys: KeysOf(r.schema, l.Record)}
		if head := r.heads[l.ID]; head != 0 {
			if err := r.replay(ctx, st, head, false); err != nil {
				return err
			}
		}
		r.states[entity(l.ID)] = st
	}
	return nil
}

// state returns a lead as merged so far, nil if there is none that may be seen.
func (r *resolver) state(ctx context.Context, e entity) (*state, error) {
	st, err := r.glance(ctx, e)
	if st != nil && st.Values == nil { // made by a record whose lead nobody asked for so far
		st.Record = r.create(&st.change, r.defaults, st.called)
	}
	return st, err
}

// newState is the state of a lead that a record makes. It takes the draft's
// change over and makes the lead of it when it is asked for.
func (r *resolver) newState(d *draft) *state {
	st := &state{}
	if n := len(r.idle); n > 0 {
		st, r.idle = r.idle[n-1], r.idle[:n-1]
	}
	room := st.change
	*st = state{change: d.change, called: d.called}
	if st.keys = d.held; r.keyed {
		st.Record = r.create(&st.change, r.defaults, st.called)
		st.keys = KeysOf(r.schema, st.Record)
	}
	d.change = room
	return st
}

// glance is state where only the keys are asked for.
func (r *resolver) glance(ctx context.Context, e entity) (*state, error) {
	if st := r.states[e]; st != nil {
		return st, nil
	}
	if e > 0 {
		if r.empty {
			return nil, nil
		}
		err := r.load(ctx, []int64{int64(e)})
		return r.states[e], err
	}
	st := &state{}
	if err := r.replay(ctx, st, int64(-e), true); err != nil {
		return nil, err
	}
	r.states[e] = st
	return st, nil
}

// replay applies a head and its followers to a state once more.
func (r *resolver) replay(ctx context.Context, st *state, head int64, create bool) error {
	d, err := r.again(ctx, head)
	if err != nil {
		return fmt.Errorf("read record %d again: %w", head, err)
	}
	switch {
	case create && len(r.followers[head]) == 0 && !r.keyed: // as newState
		st.change, st.called, st.keys = d.change, d.called, d.held
		return nil
	case create:
		st.Record = r.make(d).Record
	case d.trusted: // the answers about an export coming home hold again
		if d.version != st.Version && r.recipe.Decide["changed.since_export"] == "keep" {
			if err := r.keepEdited(ctx, d); err != nil {
				return err
			}
		}
		r.blanks(d, st)
		fallthrough
	default:
		st.Record = r.mergerFor(d).Merge(st.Record, d.change)
	}
	for _, f := range r.followers[head] {
		d, err := r.again(ctx, f)
		if err != nil {
			return fmt.Errorf("read record %d again: %w", f, err)
		}
		st.Record = r.followerOf(create).Merge(st.Record, d.change)
	}
	st.keys = KeysOf(r.schema, st.Record)
	return nil
}

func (r *resolver) followerOf(made bool) *lead.Merger {
	if made {
		return r.follower
	}
	return r.later
}

func (r *resolver) mergerFor(d *draft) *lead.Merger {
	if d.trusted {
		return r.home
	}
	return r.merger
}

// holders are the entities that may hold a key: the database's hits and this
// file's. The caller compares the text.
func (r *resolver) holders(k Key) []entity {
	var out []entity
	for _, id := range r.hits[k] {
		r.touch(leadTie(entity(id)))
		out = append(out, entity(id))
	}
	hash := r.inFile(k)
	r.touch(tieOf(hash))
	r.file.each(hash, func(e entity) {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	})
	return out
}

// hold remembers that a lead of this file, or one that it changes, holds a key.
// Keys that only ever make a possible duplicate lead to the first few that hold
// them: thousands may share a switchboard's number.
func (r *resolver) hold(k Key, e entity, st *state) {
	most := math.MaxInt
	switch {
	case maybeOnly(k.Kind):
		most = likeEnough
	case r.crowdFrom > 0:
		most = r.crowdFrom
	}
	hash := r.inFile(k)
	r.touch(tieOf(hash))
	if !r.file.add(hash, e, most) && !maybeOnly(k.Kind) {
		r.join(r.crowd(k), e, st)
	}
}

// maybeOnly: keys of the kind only ever make a possible duplicate.
func maybeOnly(k norm.KeyKind) bool { return k == norm.KeyPhone || k == norm.KeyPerson }

// inFile is the hash by which this file's leads are found. A name is looked
// for together with its company, unless a tier asks for the name alone: else a
// thousand leads of one name would be looked at for each further one. Nor are
// persons without a company looked for by their outline: only those of the very
// same name are like enough.
func (r *resolver) inFile(k Key) uint64 {
	switch {
	case k.Kind == norm.KeyPerson && strings.HasSuffix(k.Text, separator):
		return xxhash.Sum64String(k.Text)
	case k.Kind != norm.KeyName:
		return k.Hash
	}
	for _, t := range r.tiers {
		if t.nameOnly {
			return k.Hash
		}
	}
	return xxhash.Sum64String(k.Text)
}

// decideRecord gives a record its one outcome (rule 7.1) and remembers what it
// does for the records after it.
func (r *resolver) decideRecord(ctx context.Context, d *draft) (decision, error) {
	r.ties = r.ties[:0]
	switch {
	case d.sample:
		return decision{outcome: Skip, reason: SkipSample}, nil
	case d.failed:
		return decision{outcome: Failure}, nil
	}
	if d.homeRecord > 0 {
		if done, err := r.cameHome(ctx, d.homeImport, d.homeRecord); err != nil || done {
			return decision{outcome: Skip, reason: SkipCameHome}, err
		}
	}
	v, err := r.match(ctx, d)
	if err != nil {
		return decision{}, err
	}
	if v.unknown {
		r.note(d, "id.unknown", "id", fmt.Sprint(d.id), "")
	}
	if v.refused {
		r.note(d, "match.refused", "", "", "")
	}
	if v.reason != NoReason {
		return r.stop(ctx, d, v)
	}
	if v.ent == 0 {
		return r.decideNew(ctx, d)
	}
	return r.decideExisting(ctx, d, v)
}

// stop is the end of a record that matching does not let through.
func (r *resolver) stop(ctx context.Context, d *draft, v verdict) (decision, error) {
	out := decision{outcome: Skip, reason: v.reason, ent: v.ent}
	if v.reason < ConflictID {
		if v.reason == SkipDeleted {
			st := r.states[v.ent]
			day := st.DeletedAt.UTC().Format("2 January 2006")
			r.note(d, "skip.deleted", "", day, day)
		}
		return out, nil
	}
	out.outcome = Conflict
	if v.reason == ConflictID {
		r.note(d, v.reason.Code(), "id", strconv.FormatInt(d.id, 10),
			fmt.Sprintf("%s here, %s in the file", r.states[v.ent].Values[r.slot.name], d.display(r.slot)))
		d.issues[len(d.issues)-1].Others = []int64{int64(v.ent)}
		return out, nil
	}
	some := v.others[:min(len(v.others), mostOthers)]
	names, others := make([]string, len(some)), make([]int64, len(some))
	for n, e := range some {
		names[n], others[n] = r.nameFor(ctx, e), int64(e)
	}
	who := strings.Join(names, ", ") // as the value, too: other leads make another group (rule 4.4)
	if len(some) < len(v.others) {
		who += " and others"
	}
	r.note(d, v.reason.Code(), "", who, who)
	d.issues[len(d.issues)-1].Others = others
	return out, nil
}

func (r *resolver) decideNew(ctx context.Context, d *draft) (decision, error) {
	if r.recipe.Mode == "update" {
		return decision{outcome: Skip, reason: SkipNotFound}, nil
	}
	if !r.principal.Can(access.LeadCreate) {
		r.note(d, "skip.no_right", "", "", "")
		return decision{outcome: Skip, reason: SkipNoRight}, nil
	}
	if firstOf(d.change.Values[r.slot.name], d.called, d.defaults.Values[r.slot.name]) == "" {
		r.note(d, "name.missing", "name", "", "")
		return decision{outcome: Failure}, nil
	}
	var turn int64
	if !d.change.Touched.Has(r.slot.owner) {
		r.turns++
		turn = r.turns
	}
	e := entity(-d.record)
	st := r.newState(d)
	if err := r.possibleDuplicates(ctx, d, st); err != nil {
		return decision{}, err
	}
	r.states[e] = st
	r.makes.Add(uint32(d.record))
	r.news++
	for _, k := range st.keys {
		r.hold(k, e, st)
	}
	return decision{outcome: New, ent: e, ordinal: r.news - 1, version: turn, account: st.made(r.frame, r.slot.account), tags: st.made(r.frame, r.slot.tags)}, nil
}

func (r *resolver) decideExisting(ctx context.Context, d *draft, v verdict) (decision, error) {
	st := r.states[v.ent]
	out := decision{ent: v.ent, before: st.Record, version: st.Version}
	head := int64(-v.ent)
	if v.ent > 0 {
		head = r.heads[int64(v.ent)]
	}
	if head > 0 {
		return r.follow(d, out, st, head)
	}
	if r.recipe.Mode == "create" || r.recipe.Existing == "leave" {
		return decision{outcome: Skip, reason: SkipExisting, ent: v.ent}, nil
	}
	if d.trusted && d.version != st.Version {
		if changed, err := r.changedSinceExport(ctx, d, st); err != nil || changed {
			out.outcome, out.reason = Conflict, ConflictSinceExport
			return out, err
		}
	}
	r.blanks(d, st)
	out.after = r.mergerFor(d).Merge(st.Record, d.change)
	touched := lead.Diff(st.Record, out.after)
	if touched.Empty() {
		out.outcome = Unchanged
		return out, nil
	}
	if !r.principal.Reaches(access.LeadEdit, st.Owner, st.OwnerTeam) {
		r.note(d, "skip.no_right", "", "", "")
		return decision{outcome: Skip, reason: SkipNoRight, ent: v.ent}, nil
	}
	out.outcome = Update
	out.flags = r.updateFlags(st, out.after, touched)
	r.heads[int64(v.ent)] = d.record
	r.become(v.ent, st, out.after)
	return out, nil
}

// follow merges a later record of the file into the lead that an earlier one
// wrote (rule 5.7).
func (r *resolver) follow(d *draft, out decision, st *state, head int64) (decision, error) {
	if r.recipe.DuplicatesAsErrors {
		row := fmt.Sprintf("row #%d", head)
		r.note(d, "duplicate.in_file", "", row, row)
		return decision{outcome: Failure}, nil
	}
	out.outcome, out.reason, out.head = Skip, SkipMerged, head
	if out.ent < 0 {
		out.flags |= HeadNew
	}
	out.after = r.followerOf(out.ent < 0).Merge(st.Record, d.change)
	r.followers[head] = append(r.followers[head], d.record)
	r.become(out.ent, st, out.after)
	return out, nil
}

// become replaces a state's record and registers the keys it gained.
func (r *resolver) become(e entity, st *state, after lead.Record) {
	next := &state{Lead: st.Lead, keys: KeysOf(r.schema, after)}
	next.Record = after
	next.Version = st.Version
	r.states[e] = next
	// Who asks for one of its keys meets another lead now, though it may not
	// look at it: a crowd leaves out those that it has filed elsewhere.
	for _, k := range st.keys {
		r.touch(tieOf(r.inFile(k)))
	}
	for _, k := range next.keys {
		if !st.keys.has(k.Kind, k.Text) {
			r.hold(k, e, next)
		}
		if c := r.crowds[k.Hash]; c != nil && c.ranks[e] != 0 {
			r.put(c, e, next)
		}
	}
}

// adds reports whether a change of a field leaves all that stood there.
func adds(f *lead.Field, before, after string) bool {
	switch {
	case before == "":
		return true
	case f.Kind == lead.LongText:
		return strings.HasPrefix(after, before)
	case !f.List():
		return false
	}
	now := lead.DecodeList(f.Parts, after)
	for _, old := range lead.DecodeList(f.Parts, before) {
		at := byID(now, old.ID)
		if at < 0 {
			return false
		}
		for p, v := range old.Values {
			if v != "" && v != now[at].Values[p] {
				return false
			}
		}
	}
	return true
}

// updateFlags splits updates by what they do at most (rule 7.2).
func (r *resolver) updateFlags(st *state, after lead.Record, touched lead.Set) Flags {
	flags := Fills
	touched.Each(func(i int) {
		f := &r.schema.Fields[i]
		if adds(f, st.Values[i], after.Values[i]) {
			return
		}
		if flags == Fills {
			flags = Replaces
		}
		if r.typed[st.ID].Has(i) {
			flags = Typed
		}
	})
	return flags
}

// changedSinceExport looks for fields that were changed here since the version
// the export carries and differ in the file (rule 6.5).
func (r *resolver) changedSinceExport(ctx context.Context, d *draft, st *state) (bool, error) {
	if d.answer.do == answerUpdate {
		return false, nil
	}
	since, err := r.leads.ChangedSince(ctx, st.ID, d.version)
	if err != nil {
		return false, err
	}
	after := r.home.Merge(st.Record, d.change)
	var fields []int
	since.Each(func(i int) {
		if st.Values[i] == after.Values[i] {
			return
		}
		fields = append(fields, i)
	})
	switch r.recipe.Decide["changed.since_export"] {
	case "file":
		return false, nil
	case "keep":
		return false, r.keepEdited(ctx, d)
	}
	for _, i := range fields {
		r.note(d, "changed.since_export", r.schema.Fields[i].Key, after.Values[i], "")
	}
	return len(fields) > 0, nil
}

// keepEdited takes out of an export coming home what was changed here since.
func (r *resolver) keepEdited(ctx context.Context, d *draft) error {
	since, err := r.leads.ChangedSince(ctx, d.id, d.version)
	since.Each(func(i int) { d.change.Touched.Remove(i) })
	return err
}

// blanks asks once about the cells of an export coming home that are empty
// now: leave (default) or erase (rule 6.5).
func (r *resolver) blanks(d *draft, st *state) {
	if !d.trusted {
		return
	}
	erase := r.recipe.Decide["erase.blank"] == "erase"
	for _, i := range d.empties {
		f := &r.schema.Fields[i]
		if f.Virtual || f.Required || st.Values[i] == "" || d.change.Touched.Has(i) {
			continue
		}
		if erase {
			d.change.Put(i, "")
		} else {
			r.note(d, "erase.blank", f.Key, "", "")
		}
	}
}

// revive reports whether leads in the bin count as not there (rule 5.6).
func (r *resolver) revive() bool {
	return r.recipe.ReviveDeleted || r.recipe.Decide["skip.deleted"] == "new"
}
