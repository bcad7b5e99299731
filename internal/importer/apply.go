package importer

import (
	"context"
	"fmt"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// applier writes records within one transaction.
type applier struct {
	*runner
	tx       Tx
	resolver *resolver
	foreign  map[int64]bool // sequences since the check at which others wrote

	current map[int64]*Lead // leads of this batch as written so far
	found   map[Key][]Hit   // by the keys of this batch, where others wrote since the check
	there   map[int64]*Lead // leads that were found, or are named by their number
	writes  []Write
	results []Result
	homes   map[int64][]Result // rejects that came home, by the import they are from
}

func (r *runner) begin(ctx context.Context, tx Tx) (*applier, error) {
	foreign, err := tx.Foreign(ctx, r.imp.Plan.Seq, r.imp.ID)
	if err != nil {
		return nil, err
	}
	b := &applier{runner: r, tx: tx, foreign: foreign}
	b.resolver, err = r.engine.resolver(ctx, r.frame, tx.Leads(), nil)
	return b, err
}

// apply writes what the plan says of these records, unless something changed
// since the check: then the record becomes a conflict, never an overwrite.
func (b *applier) apply(ctx context.Context, drafts []draft, acc *Accounting) error {
	entries, err := b.planned(drafts)
	if err != nil {
		return err
	}
	if drafts, entries = b.choose(drafts, entries); len(drafts) == 0 {
		return nil
	}
	if err := b.linker.prepare(ctx, drafts); err != nil {
		return err
	}
	if err := b.fetch(ctx, drafts, entries); err != nil {
		return err
	}
	if err := b.look(ctx, drafts); err != nil {
		return err
	}
	b.writes, b.results, b.homes = b.writes[:0], b.results[:0], nil
	for i := range drafts {
		outcome, err := b.record(ctx, &drafts[i], &entries[i])
		if err != nil {
			return err
		}
		b.account(acc, &drafts[i], &entries[i], outcome)
	}
	o := Origin{Actor: b.imp.Actor, Import: b.imp.ID, At: b.engine.Now()}
	if len(b.writes) > 0 {
		if err := b.tx.Write(ctx, b.acting, o, b.writes); err != nil {
			return err
		}
	}
	for from, results := range b.homes {
		if err := b.tx.SaveResults(ctx, from, results); err != nil {
			return err
		}
	}
	if len(b.results) == 0 {
		return nil
	}
	return b.tx.SaveResults(ctx, b.imp.ID, b.results)
}

// planned reads what the plan says of records, which mostly follow one another.
func (b *applier) planned(drafts []draft) ([]Entry, error) {
	entries := b.entries[:len(drafts)]
	if !b.part.Later {
		n, err := b.plan.Read(drafts[0].record, entries)
		if err != nil || n != len(drafts) {
			return nil, fmt.Errorf("plan holds %d of %d records: %w", n, len(drafts), err)
		}
		return entries, nil
	}
	for i := range drafts {
		var err error
		if entries[i], err = b.plan.At(drafts[i].record); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func (b *applier) account(acc *Accounting, d *draft, e *Entry, outcome Outcome) {
	acc.count(outcome, 1)
	if outcome != e.Outcome {
		return
	}
	acc.countUpdate(outcome, e.Flags, 1)
	if outcome == New || outcome == Update || outcome == Unchanged || e.Reason == SkipMerged {
		acc.CellsNotImported += int64(e.Cells)
		if e.Flags&Warned != 0 {
			acc.Warned++
		}
	}
	if d.homeRecord > 0 && outcome != Skip && outcome != Failure && outcome != Conflict {
		if b.homes == nil {
			b.homes = map[int64][]Result{}
		}
		b.homes[d.homeImport] = append(b.homes[d.homeImport], Result{Record: d.homeRecord, Outcome: outcome, Code: codeCameHome, By: b.imp.ID,
			Lead: b.leadOf(e), Message: fmt.Sprintf("imported by import %d as row #%d", b.imp.ID, d.record)})
	}
}

// leadOf is the lead that an entry writes; a new lead's id is allotted.
func (b *applier) leadOf(e *Entry) int64 {
	if e.Outcome == New {
		return b.imp.FirstID + e.Lead
	}
	return e.Lead
}

// fetch loads the leads that a batch changes.
func (b *applier) fetch(ctx context.Context, drafts []draft, entries []Entry) error {
	b.current = map[int64]*Lead{}
	var ids []int64
	for i := range entries {
		e := &entries[i]
		switch {
		case e.Outcome == Update, e.Outcome == Unchanged && len(b.foreign) > 0:
			ids = append(ids, e.Lead)
		case e.Reason == SkipMerged:
			id, err := b.headLead(e)
			if err != nil {
				return err
			}
			if b.part.Later || e.Head < drafts[0].record || e.Flags&HeadNew == 0 {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	got, err := b.tx.Leads().Load(ctx, b.acting, ids)
	if err != nil {
		return err
	}
	for i := range got {
		b.current[got[i].ID] = &got[i]
	}
	return nil
}

// headLead is the lead that a follower merges into.
func (b *applier) headLead(e *Entry) (int64, error) {
	if e.Flags&HeadNew == 0 {
		return e.Lead, nil
	}
	head, err := b.plan.At(e.Head)
	return b.imp.FirstID + head.Lead, err
}

func (b *applier) record(ctx context.Context, d *draft, e *Entry) (Outcome, error) {
	switch {
	case e.Outcome == New:
		return b.create(ctx, d, e)
	case e.Outcome == Update, e.Outcome == Unchanged && len(b.foreign) > 0:
		return b.update(ctx, d, e)
	case e.Reason == SkipMerged:
		return b.follow(ctx, d, e)
	}
	return e.Outcome, nil
}

func (b *applier) create(ctx context.Context, d *draft, e *Entry) (Outcome, error) {
	if !b.acting.Can(access.LeadCreate) {
		return b.divert(d, Skip, SkipNoRight, 0, "the right to create leads was taken away since the check"), nil
	}
	if same, err := b.rematch(ctx, d, 0); err != nil || !same {
		return b.divert(d, Conflict, ConflictSinceCheck, 0, "a lead with one of the record's keys appeared"), err
	}
	if d.planned != e.Change {
		return b.divert(d, Conflict, ConflictSinceCheck, 0, "fields, choices or users changed, so the record would become another lead"), nil
	}
	made := b.make(d)
	id, after := b.leadOf(e), made.Record
	b.share(d, after, e)
	after.ID = id
	b.writes = append(b.writes, Write{Lead: id, Create: true, After: after, Record: d.record, Keys: made.keys})
	after.Version = 1
	b.current[id] = &Lead{Record: after}
	return New, nil
}

func (b *applier) update(ctx context.Context, d *draft, e *Entry) (Outcome, error) {
	cur := b.current[e.Lead]
	if cur == nil || !cur.DeletedAt.IsZero() {
		return b.divert(d, Conflict, ConflictSinceCheck, e.Lead, "the lead was deleted"), nil
	}
	if same, err := b.rematch(ctx, d, e.Lead); err != nil || !same {
		return b.divert(d, Conflict, ConflictSinceCheck, e.Lead, "the record is about another lead now"), err
	}
	if d.trusted && d.version != e.Version && b.recipe.Decide["changed.since_export"] == "keep" {
		if err := b.resolver.keepEdited(ctx, d); err != nil {
			return Pending, err
		}
	}
	if e.Outcome == Unchanged && b.parts != nil && !b.foreign[cur.Seq] {
		return Unchanged, nil // a later record of another part may have changed it since
	}
	b.resolver.blanks(d, &state{Lead: *cur})
	after := b.resolver.mergerFor(d).Merge(cur.Record, d.change)
	if e.Outcome == Unchanged {
		if !lead.Diff(cur.Record, after).Empty() {
			return b.divert(d, Conflict, ConflictSinceCheck, e.Lead, "the lead no longer equals the record"), nil
		}
		return Unchanged, nil
	}
	if changeHash(cur.Record, after) != e.Change {
		return b.divert(d, Conflict, ConflictSinceCheck, e.Lead, "the lead was edited, so the change would be another one"), nil
	}
	if !b.acting.Reaches(access.LeadEdit, cur.Owner, cur.OwnerTeam) {
		return b.divert(d, Skip, SkipNoRight, e.Lead, "the right to edit this lead was taken away since the check"), nil
	}
	b.write(d, cur, after)
	return Update, nil
}

// follow merges a record into the lead that an earlier one wrote.
func (b *applier) follow(ctx context.Context, d *draft, e *Entry) (Outcome, error) {
	id, err := b.headLead(e)
	if err != nil {
		return Skip, err
	}
	cur := b.current[id]
	if b.diverted[e.Head] || cur == nil || !cur.DeletedAt.IsZero() {
		return b.divert(d, Conflict, ConflictSinceCheck, id, fmt.Sprintf("row #%d, which it belongs to, was not imported", e.Head)), nil
	}
	if same, err := b.rematch(ctx, d, id); err != nil || !same {
		return b.divert(d, Conflict, ConflictSinceCheck, id, "the record is about another lead now"), err
	}
	after := b.resolver.followerOf(e.Flags&HeadNew != 0).Merge(cur.Record, d.change)
	if changeHash(cur.Record, after) != e.Change {
		return b.divert(d, Conflict, ConflictSinceCheck, id, "the lead was edited, so the change would be another one"), nil
	}
	if !lead.Diff(cur.Record, after).Empty() {
		b.write(d, cur, after)
	}
	return Skip, nil
}

func (b *applier) write(d *draft, cur *Lead, after lead.Record) {
	b.writes = append(b.writes, Write{Lead: cur.ID, Before: cur.Record, After: after, Record: d.record})
	next := *cur
	next.Record = after
	next.Version++
	next.Seq = 0 // it is ours now
	b.current[cur.ID] = &next
}

// divert gives a record another outcome than its plan.
func (b *applier) divert(d *draft, o Outcome, r Reason, id int64, why string) Outcome {
	b.diverted[d.record] = true
	b.results = append(b.results, Result{Record: d.record, Outcome: o, Code: r.Code(), Lead: id, Message: why})
	return o
}

// look looks up all that a batch may be about, at once: record by record it
// costs ten times what the writing does.
func (b *applier) look(ctx context.Context, drafts []draft) error {
	if len(b.foreign) == 0 {
		return nil
	}
	b.found, b.there = map[Key][]Hit{}, map[int64]*Lead{}
	var keys []Key
	var ids []int64
	need := func(id int64) {
		if _, ok := b.there[id]; !ok && id > 0 {
			b.there[id] = nil
			ids = append(ids, id)
		}
	}
	for i := range drafts {
		need(drafts[i].id)
		for _, k := range drafts[i].keys {
			if _, ok := b.found[k]; !ok {
				b.found[k] = nil
				keys = append(keys, k)
			}
		}
	}
	hits, err := b.tx.Leads().FindKeys(ctx, b.acting, keys)
	if err != nil {
		return err
	}
	for _, h := range hits {
		b.found[keys[h.Key]] = append(b.found[keys[h.Key]], h)
		need(h.Lead)
	}
	got, err := b.tx.Leads().Load(ctx, b.acting, ids)
	for i := range got {
		b.there[got[i].ID] = &got[i]
	}
	return err
}

// untouched reports whether nobody else wrote any lead or key that the record
// may be about since the check.
func (b *applier) untouched(d *draft, planned int64) bool {
	foreign := func(id int64) bool {
		l := b.current[id]
		if l == nil {
			l = b.there[id]
		}
		return l != nil && b.foreign[l.Seq]
	}
	if planned != 0 && b.current[planned] == nil || foreign(planned) || foreign(d.id) {
		return false
	}
	for _, k := range d.keys {
		for _, h := range b.found[k] {
			if h.Lead != planned && (b.foreign[h.Seq] || foreign(h.Lead)) {
				return false
			}
		}
	}
	return true
}

// rematch reports whether the record is still about the lead that its plan
// names (0: none). Only leads and keys that others wrote since the check are
// looked at.
func (b *applier) rematch(ctx context.Context, d *draft, planned int64) (bool, error) {
	if len(b.foreign) == 0 || b.untouched(d, planned) {
		return true, nil
	}
	r := b.resolver
	r.empty = false
	clear(r.states)
	r.hits = map[Key][]int64{}
	cur := b.current[planned]
	fresh := planned != 0 && (cur == nil || b.foreign[cur.Seq])
	if cur != nil {
		st, err := b.state(ctx, planned)
		if err != nil {
			return false, err
		}
		for _, k := range d.keys {
			if st.keys.has(k.Kind, k.Text) || k.Kind == norm.KeyName {
				r.hits[k] = append(r.hits[k], planned)
			}
		}
	}
	hits, err := b.tx.Leads().FindKeys(ctx, b.acting, d.keys)
	if err != nil {
		return false, err
	}
	for _, h := range hits {
		if h.Lead == planned {
			continue
		}
		st, err := b.state(ctx, h.Lead)
		if err != nil {
			return false, err
		}
		if b.foreign[h.Seq] || st != nil && b.foreign[st.Seq] {
			fresh = true
			r.hits[d.keys[h.Key]] = append(r.hits[d.keys[h.Key]], h.Lead)
		}
	}
	if first := b.imp.FirstID; d.id >= first && d.id < first+b.imp.Plan.Accounting.New {
		d.id = 0 // the file cannot mean a lead that it makes itself
	}
	if d.id > 0 && d.id != planned {
		st, err := b.state(ctx, d.id)
		if err != nil {
			return false, err
		}
		if st == nil || !b.foreign[st.Seq] {
			d.id = 0 // judged at the check, and not changed since
		} else {
			fresh = true
		}
	}
	if !fresh {
		return true, nil
	}
	v, err := r.match(ctx, d)
	return err == nil && v.reason == NoReason && v.ent == entity(planned), err
}

// state is a lead as this import wrote it so far.
func (b *applier) state(ctx context.Context, id int64) (*state, error) {
	if l := b.current[id]; l != nil && b.resolver.states[entity(id)] == nil {
		b.resolver.states[entity(id)] = &state{Lead: *l, keys: KeysOf(b.schema, l.Record)}
	}
	return b.resolver.state(ctx, entity(id))
}
