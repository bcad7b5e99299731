package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// Write implements importer.Tx: the only code that changes leads, their keys,
// values and journal. It sets ID and Version of each write's After to what the
// lead has now. A write that changes nothing writes nothing.
//
// Rights are the last line of defence, checked per lead in the statement
// itself: create, edit or delete in the scope of the principal, assign for a
// new owner; taking back (Reverts) needs undo and edit. It fails with
// lead.ErrForbidden, with lead.ErrNotFound for leads that may not be seen, and
// with lead.ErrConflict naming the lead whose version moved on.
func (t *tx) Write(ctx context.Context, p access.Principal, o importer.Origin, writes []importer.Write) error {
	if len(writes) == 0 {
		return nil
	}
	w := &writer{tx: t, p: p, o: o, at: millis(o.At)}
	var err error
	if w.layout, err = t.layoutNow(ctx); err != nil {
		return err
	}
	if err := w.prepare(ctx, writes); err != nil {
		return err
	}
	if w.seq, err = t.sequence(ctx, o.Import, w.at); err != nil {
		return err
	}
	if w.journalled > 0 {
		if w.nextChange, err = t.allotChanges(ctx, w.journalled); err != nil {
			return err
		}
	}
	err = t.s.d.bulk(ctx, t, func(b bulk) error {
		for i := range writes {
			if i&1023 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if err := w.one(b, i, &writes[i]); err != nil {
				return err
			}
		}
		return nil
	}, func(err error) error {
		var i untouched
		var stale outdated
		switch {
		case errors.As(err, &i):
			return w.why(ctx, writes[i].Lead, writes[i].Before.Version)
		case errors.As(err, &stale):
			return w.why(ctx, stale.lead, stale.version)
		}
		return t.s.err("write leads", err)
	})
	if err != nil {
		return err
	}
	if err := w.offerHeld(ctx, writes); err != nil {
		return t.s.err("offer fields", err)
	}
	t.written += int64(len(writes))
	if len(t.keys) > heldKeys {
		return t.flush(ctx)
	}
	return nil
}

// writer is the state of one call of Write.
type writer struct {
	*tx
	p          access.Principal
	o          importer.Origin
	at, seq    int64
	layout     *layout
	journalled int64
	nextChange int64
	set        uint64 // columns that new leads have, as in updateKey
	shape      *rowShape
	updates    map[updateKey]*updateShape
	args       args
	accountOf  map[string]account // by name as written
}

type updateKey struct {
	columns uint64 // bit set over layout.columns; custom is the bit after
	bin     bool
	right   access.Permission
}

// prepare does everything that reads: checks rights of new leads, finds or
// makes accounts and tags, allots ids, counts journal rows.
func (w *writer) prepare(ctx context.Context, writes []importer.Write) error {
	fields := len(w.layout.schema.Fields)
	blank := make([]string, fields) // before of every new lead
	var newIDs int64
	for i := range writes {
		wr := &writes[i]
		if wr.After.Values == nil {
			wr.After = wr.Before.Clone()
		}
		if wr.Create {
			wr.Before.Values = blank
		}
		wr.Before.Values, wr.After.Values = pad(wr.Before.Values, fields), pad(wr.After.Values, fields)
		if wr.Create && wr.Lead == 0 {
			newIDs++
		}
		if !wr.Create || w.o.Import == 0 {
			w.journalled++
		}
		if err := w.allowed(ctx, wr); err != nil {
			return err
		}
	}
	w.setShape(writes)
	if err := w.resolveAccounts(ctx, writes); err != nil {
		return err
	}
	if err := w.resolveTags(ctx, writes); err != nil {
		return err
	}
	if newIDs > 0 {
		id, err := w.allot(ctx, "lead", newIDs)
		if err != nil {
			return err
		}
		for i := range writes {
			if writes[i].Create && writes[i].Lead == 0 {
				writes[i].Lead = id
				id++
			}
		}
	}
	return nil
}

// pad makes a record of an older schema as long as the present one.
func pad(values []string, n int) []string {
	for len(values) < n {
		values = append(values, "")
	}
	return values
}

// allowed checks what a statement cannot: the right to make a lead and to give
// it to somebody.
func (w *writer) allowed(ctx context.Context, wr *importer.Write) error {
	if wr.Reverts != 0 {
		if !w.p.Can(access.Undo) {
			return fmt.Errorf("undo: %w", lead.ErrForbidden)
		}
		return nil
	}
	owner := wr.After.Values[w.layout.owner]
	if !wr.Create && owner == wr.Before.Values[w.layout.owner] {
		return nil
	}
	id, err := ownerID(owner)
	if err != nil {
		return err
	}
	if !w.reaches(access.LeadAssign, access.All) || !w.reaches(access.LeadCreate, access.All) {
		if err := w.loadTeams(ctx); err != nil {
			return err
		}
	}
	if wr.Create && !w.p.Reaches(access.LeadCreate, id, w.teams[id]) {
		return fmt.Errorf("create lead: %w", lead.ErrForbidden)
	}
	if id != w.p.User.ID && !w.p.Reaches(access.LeadAssign, id, w.teams[id]) {
		return fmt.Errorf("assign lead to user %d: %w", id, lead.ErrForbidden)
	}
	return nil
}

func (w *writer) reaches(perm access.Permission, scope access.Scope) bool {
	return w.p.Grants[perm] == scope
}

func (t *tx) loadTeams(ctx context.Context) error {
	if t.teams != nil {
		return nil
	}
	t.teams = map[int64]int64{}
	rows, err := t.q.QueryContext(ctx, `select id, team from app_user`)
	if err != nil {
		return t.s.err("read teams", err)
	}
	defer rows.Close()
	for rows.Next() {
		var user, team int64
		if err := rows.Scan(&user, &team); err != nil {
			return t.s.err("read teams", err)
		}
		t.teams[user] = team
	}
	return t.s.err("read teams", rows.Err())
}

func ownerID(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("owner %q is not a user's id: %w", text, lead.ErrInvalid)
	}
	return id, nil
}

// one writes one lead.
func (w *writer) one(b bulk, number int, wr *importer.Write) error {
	if i := w.layout.account; wr.After.Values[i] != "" {
		// Two spellings are one account: lead and journal hold the account's own.
		a := w.accountOf[wr.After.Values[i]]
		if a.name != wr.After.Values[i] {
			wr.After = wr.After.Clone()
			wr.After.Values[i] = a.name
		}
		// Nor is it a change if the caller wrote it with the other one just before.
		if was := wr.Before.Values[i]; was != "" && was != a.name && norm.Key(norm.KeyAccount, was) == norm.Key(norm.KeyAccount, a.name) {
			wr.Before = wr.Before.Clone()
			wr.Before.Values[i] = a.name
		}
	}
	wr.After.ID = wr.Lead
	if wr.Create {
		wr.After.Version = 1
		if err := w.insert(b, wr); err != nil {
			return err
		}
		if w.o.Import == 0 {
			return w.journal(b, wr, lead.Diff(wr.Before, wr.After))
		}
		return nil
	}
	changed := lead.Diff(wr.Before, wr.After)
	if changed.Empty() && wr.Deleted == nil {
		wr.After.Version = wr.Before.Version
		return nil
	}
	wr.After.Version = wr.Before.Version + 1
	if err := w.update(b, number, wr, changed); err != nil {
		return err
	}
	return w.journal(b, wr, changed)
}

func (w *writer) insert(b bulk, wr *importer.Write) error {
	l, values := w.layout, wr.After.Values
	a := &w.args
	a.reset()
	a.ints(wr.Lead, 1, w.seq, w.at, w.at, w.o.Actor, w.o.Import, wr.Record)
	if err := w.columns(w.set, values, encodeCustom(l, values)); err != nil {
		return err
	}
	if err := b.insert(w.shape, a.v); err != nil {
		return err
	}
	keys := wr.Keys
	if keys == nil {
		keys = importer.KeysOf(l.schema, wr.After)
	}
	for _, k := range keys {
		w.hold(keyOp{hash: int64(k.Hash), lead: wr.Lead, seq: w.seq, fresh: true})
	}
	return w.mirror(b, wr, nil)
}

// setShape finds which columns the new leads have; the others are left to their
// default. One shape serves all, so that they are written together.
func (w *writer) setShape(writes []importer.Write) {
	l := w.layout
	for i := range writes {
		if !writes[i].Create {
			continue
		}
		values := writes[i].After.Values
		for c, column := range l.columns {
			if values[column.slot] != "" {
				w.set |= 1 << c
			}
		}
		for _, slot := range l.custom {
			if values[slot] != "" {
				w.set |= 1 << len(l.columns)
			}
		}
	}
	if w.shapesOf != l {
		w.shapesOf, w.shapes = l, map[uint64]*rowShape{}
	}
	if w.shapes[w.set] == nil {
		w.shapes[w.set] = l.leadShape(w.set)
	}
	w.shape = w.shapes[w.set]
}

// maxShapes bounds the prepared statements of one transaction.
const maxShapes = 64

// leadShape is a row of table lead with the columns in a set.
func (l *layout) leadShape(set uint64) *rowShape {
	r := &rowShape{table: "lead", columns: []string{"id", "version", "seq", "created_at", "updated_at", "created_by", "created_import", "created_record"}}
	for i := 0; i <= len(l.columns); i++ {
		if set&(1<<i) != 0 {
			r.columns = append(r.columns, l.column(i))
		}
	}
	return r
}

func (l *layout) column(i int) string {
	if i == len(l.columns) {
		return "custom"
	}
	return l.columns[i].name
}

// columns adds the values of the columns in a set.
func (w *writer) columns(set uint64, values []string, custom string) error {
	for i, c := range w.layout.columns {
		if set&(1<<i) == 0 {
			continue
		}
		switch v := values[c.slot]; c.slot {
		case w.layout.owner:
			id, err := ownerID(v)
			if err != nil {
				return err
			}
			w.args.ints(id)
		case w.layout.account:
			w.args.ints(w.accountOf[v].id)
		default:
			w.args.texts(v)
		}
	}
	if set&(1<<len(w.layout.columns)) != 0 {
		w.args.texts(custom)
	}
	return nil
}

func (w *writer) update(b bulk, number int, wr *importer.Write, changed lead.Set) error {
	l := w.layout
	key := updateKey{bin: wr.Deleted != nil, right: access.LeadEdit}
	for i, c := range l.columns {
		if changed.Has(c.slot) {
			key.columns |= 1 << i
		}
	}
	var custom string
	for _, i := range l.custom {
		if changed.Has(i) {
			key.columns |= 1 << len(l.columns)
			custom = encodeCustom(l, wr.After.Values)
			break
		}
	}
	if key.bin && wr.Reverts == 0 {
		key.right = access.LeadDelete
	}
	if w.updates == nil {
		w.updates = map[updateKey]*updateShape{}
	}
	shape, ok := w.updates[key]
	if !ok {
		if len(w.updates) >= maxShapes {
			key.columns = 1<<(len(l.columns)+1) - 1
			custom = encodeCustom(l, wr.After.Values)
		}
		shape = l.updateShape(key, w.p)
		w.updates[key] = shape
	}
	w.args.reset()
	w.args.ints(w.seq, w.at)
	if err := w.columns(key.columns, wr.After.Values, custom); err != nil {
		return err
	}
	if key.bin {
		var by int64
		if !wr.Deleted.IsZero() {
			by = w.o.Actor
		}
		w.args.ints(millis(*wr.Deleted), by)
	}
	w.args.ints(wr.Lead, wr.Before.Version)
	if err := b.change(number, shape, w.args.v); err != nil {
		return fmt.Errorf("lead %d: %w", wr.Lead, err)
	}
	if slices.ContainsFunc(l.keyed, changed.Has) {
		w.updateKeys(wr)
	}
	return w.mirror(b, wr, changed)
}

// updateShape is the change of the columns in a set, if the lead has the version
// and the principal the right.
func (l *layout) updateShape(key updateKey, p access.Principal) *updateShape {
	u := &updateShape{columns: []string{"seq", "updated_at"}, condition: p.Predicate(key.right, "owner")}
	for i := 0; i <= len(l.columns); i++ {
		if key.columns&(1<<i) != 0 {
			u.columns = append(u.columns, l.column(i))
		}
	}
	if key.bin {
		u.columns = append(u.columns, "deleted_at", "deleted_by")
	}
	u.text = "update lead set version = version + 1, " + strings.Join(u.columns, " = ?, ") + " = ? where id = ? and version = ? and " + u.condition
	return u
}

// updateKeys writes the difference. A key of new text under an old hash is
// stamped anew: it appeared with this write.
func (w *writer) updateKeys(wr *importer.Write) {
	before, after := importer.KeysOf(w.layout.schema, wr.Before), importer.KeysOf(w.layout.schema, wr.After)
	for _, k := range before {
		if !slices.ContainsFunc(after, func(a importer.Key) bool { return a.Hash == k.Hash }) {
			w.hold(keyOp{hash: int64(k.Hash), lead: wr.Lead, drop: true})
		}
	}
	for _, k := range after {
		if !slices.Contains(before, k) {
			w.hold(keyOp{hash: int64(k.Hash), lead: wr.Lead, seq: w.seq})
		}
	}
}

// mirror keeps lead_value in step with the indexed custom fields. changed nil
// means a new lead.
func (w *writer) mirror(b bulk, wr *importer.Write, changed lead.Set) error {
	for _, i := range w.layout.indexed {
		f := &w.layout.schema.Fields[i]
		if changed != nil {
			if !changed.Has(i) {
				continue
			}
			for _, v := range valueKeys(f, wr.Before.Values[i]) {
				w.args.reset().ints(f.ID).texts(v).ints(wr.Lead)
				if err := b.exec(`delete from lead_value where field = ? and key = ? and lead = ?`, w.args.v); err != nil {
					return err
				}
			}
		}
		for _, v := range valueKeys(f, wr.After.Values[i]) {
			w.args.reset().ints(f.ID).texts(v).ints(wr.Lead)
			if err := b.exec(`insert into lead_value (field, key, lead) values (?, ?, ?) on conflict do nothing`, w.args.v); err != nil {
				return err
			}
		}
	}
	return nil
}

// valueKeys is what an indexed custom field is found by: its folded value, or
// one for each element of a list.
func valueKeys(f *lead.Field, value string) []string {
	if value == "" {
		return nil
	}
	if !f.List() {
		return []string{norm.Fold(value)}
	}
	var keys []string
	for _, e := range lead.DecodeList(f.Parts, value) {
		keys = append(keys, norm.Fold(e.Values[0]))
	}
	return keys
}

// journal writes what changed: before and after of the changed fields only.
func (w *writer) journal(b bulk, wr *importer.Write, changed lead.Set) error {
	before, after := []byte("{"), []byte("{")
	changed.Each(func(i int) {
		key := w.layout.schema.Fields[i].Key
		if !wr.Create {
			before = appendMember(before, key, wr.Before.Values[i])
		}
		after = appendMember(after, key, wr.After.Values[i])
	})
	if wr.Deleted != nil {
		before = appendMember(before, "deleted_at", importer.BinText(wr.Binned))
		after = appendMember(after, "deleted_at", importer.BinText(*wr.Deleted))
	}
	w.args.reset()
	w.args.ints(w.nextChange, wr.Lead, wr.After.Version, w.seq, w.at, w.o.Actor, w.o.Import, wr.Record, wr.Reverts).
		texts(string(append(before, '}')), string(append(after, '}')))
	w.nextChange++
	return b.insert(w.changeShape(), w.args.v)
}

func (t *tx) changeShape() *rowShape {
	if t.changes == nil {
		t.changes = &rowShape{table: "lead_change", columns: strings.Split(changeColumns, ", ")}
	}
	return t.changes
}

// why says what kept an update from its lead.
func (w *writer) why(ctx context.Context, id, decidedOn int64) error {
	var version int64
	var seen bool
	err := w.q.QueryRowContext(ctx, `select version, `+w.p.Predicate(access.LeadView, "owner")+` from lead where id = $1`,
		id).Scan(&version, &seen)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && !seen:
		return notFound("lead", id)
	case err != nil:
		return w.s.err("read lead", err)
	case version != decidedOn:
		return fmt.Errorf("lead %d has version %d now, not %d: %w", id, version, decidedOn, lead.ErrConflict)
	}
	return fmt.Errorf("change lead %d: %w", id, lead.ErrForbidden)
}

// arg is an argument of a bulk statement: a text, bytes or a number.
type arg struct {
	text   string
	number int64
	isText bool // or bytes
	blob   bool // of an inserted row
}

func (a arg) value() any {
	if a.isText {
		return a.text
	}
	return a.number
}

// args are the arguments of one bulk statement, in order, reused.
type args struct{ v []arg }

func (a *args) reset() *args {
	a.v = a.v[:0]
	return a
}

func (a *args) ints(values ...int64) *args {
	for _, v := range values {
		a.v = append(a.v, arg{number: v})
	}
	return a
}

func (a *args) texts(values ...string) *args {
	for _, v := range values {
		a.v = append(a.v, arg{text: v, isText: true})
	}
	return a
}

func (a *args) bytes(value []byte) *args {
	a.v = append(a.v, arg{text: string(value), isText: true, blob: true})
	return a
}
