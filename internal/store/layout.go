package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// layout is where the fields of a schema lie in table lead. Identifiers come
// from the registry only.
type layout struct {
	version int64 // counter schema when it was read
	schema  *lead.Schema
	columns []column // text, owner and account columns in schema order
	custom  []int    // slots of the custom fields, which share one JSON column
	indexed []int    // those mirrored in lead_value
	owner   int      // slots
	account int
	tags    int
	keyed   []int  // slots that keys are made of
	query   string // select list of a lead; see leads.scan
	brief   bool   // of a lead only the values, until the next are read
}

type column struct {
	slot int
	name string
}

func newLayout(version int64, schema *lead.Schema) *layout {
	l := &layout{version: version, schema: schema}
	for i := range schema.Fields {
		switch f := &schema.Fields[i]; {
		case f.Virtual:
		case f.Custom:
			l.custom = append(l.custom, i)
			if f.Indexed {
				l.indexed = append(l.indexed, i)
			}
		default:
			l.columns = append(l.columns, column{i, f.Key})
		}
	}
	l.owner, l.account, l.tags = schema.Index("owner"), schema.Index("account"), schema.Index("tags")
	for _, key := range importer.KeyFields() {
		l.keyed = append(l.keyed, schema.Index(key))
	}
	l.query = l.selectText(true)
	return l
}

// named reports whether a field that is offered has the name.
func (l *layout) named(label string) bool {
	return slices.ContainsFunc(l.schema.Fields, func(f lead.Field) bool { return !f.Gone && norm.Fold(f.Heading) == norm.Fold(label) })
}

// only is the layout of leads of which some fields are read, and their owner's
// team if it is asked for.
func (l *layout) only(need func(*lead.Field) bool, withTeam bool) *layout {
	some := *l
	some.columns = slices.DeleteFunc(slices.Clone(l.columns), func(c column) bool { return !need(&l.schema.Fields[c.slot]) })
	some.custom = slices.DeleteFunc(slices.Clone(l.custom), func(slot int) bool { return !need(&l.schema.Fields[slot]) })
	some.query = some.selectText(withTeam)
	return &some
}

// inBrief is the layout of leads of which only the values are read.
func (l *layout) inBrief() *layout {
	some := *l
	some.brief = true
	some.query = some.selectText(false)
	return &some
}

func (l *layout) selectText(withTeam bool) string {
	var list strings.Builder
	from, team, custom := `lead l`, `0`, `''`
	if withTeam {
		from, team = `lead l left join app_user u on u.id = l.owner`, `coalesce(u.team, 0)`
	}
	if len(l.custom) > 0 {
		custom = `l.custom`
	}
	for _, c := range l.columns {
		if c.name == "account" {
			list.WriteString(", coalesce(a.name, '')")
			from += ` left join account a on a.id = l.account`
		} else {
			list.WriteString(", l." + c.name)
		}
	}
	meta := `l.id, l.version, l.seq, l.created_import, l.created_record, l.deleted_at, l.deleted_by,
		l.created_at, l.updated_at, l.created_by, ` + team
	if l.brief {
		meta = `0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0`
	}
	return `select ` + meta + `, ` + custom + list.String() + `
		from ` + from + ` `
}

// layoutOf returns the layout as q sees it. What a transaction sees is not
// shared before it commits.
func (s *Store) layoutOf(ctx context.Context, q querier) (*layout, error) {
	var version int64
	err := q.QueryRowContext(ctx, `select coalesce(max(value), 0) from counter where name = 'schema'`).Scan(&version)
	if err != nil {
		return nil, s.err("read fields", err)
	}
	if l := s.layout.Load(); l != nil && l.version == version {
		return l, nil
	}
	schema, err := readSchema(ctx, q)
	if err != nil {
		return nil, s.err("read fields", err)
	}
	l := newLayout(version, schema)
	if q == querier(s.r) {
		s.layout.Store(l)
	}
	return l, nil
}

// layoutNow is the layout as the transaction sees it, which reads it once.
func (t *tx) layoutNow(ctx context.Context) (l *layout, err error) {
	if t.fields == nil {
		t.fields, err = t.s.layoutOf(ctx, t.q)
	}
	return t.fields, err
}

func readSchema(ctx context.Context, q querier) (*lead.Schema, error) {
	options := map[string][]lead.Option{}
	rows, err := q.QueryContext(ctx, `select field, id, label, retired from choice order by field, position, id`)
	if err != nil {
		return nil, err
	}
	type choice struct {
		field string
		lead.Option
	}
	choices, err := collect(rows, func(c *choice) []any { return []any{&c.field, &c.ID, &c.Label, &c.Retired} })
	if err != nil {
		return nil, err
	}
	for _, c := range choices {
		options[c.field] = append(options[c.field], c.Option)
	}
	custom, err := readCustomFields(ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range custom {
		custom[i].Options = options[custom[i].Key]
	}
	return lead.NewSchema(options["status"], options["source"], custom), nil
}

// readCustomFields returns them by id, so that a record of an older schema is
// a prefix of one of a newer.
func readCustomFields(ctx context.Context, q querier) ([]lead.Field, error) {
	type row struct {
		id          int64
		label, kind string
		indexed     bool
		gone        bool
	}
	rows, err := q.QueryContext(ctx, `select id, label, kind, indexed, gone from custom_field order by id`)
	if err != nil {
		return nil, err
	}
	found, err := collect(rows, func(r *row) []any { return []any{&r.id, &r.label, &r.kind, &r.indexed, &r.gone} })
	if err != nil {
		return nil, err
	}
	fields := make([]lead.Field, 0, len(found))
	for _, r := range found {
		kind, err := lead.ParseKind(r.kind)
		if err != nil {
			return nil, err
		}
		f := customField(r.id, r.label, kind, r.indexed)
		f.Gone = r.gone
		fields = append(fields, f)
	}
	return fields, nil
}

func customField(id int64, label string, kind lead.Kind, indexed bool) lead.Field {
	f := lead.Field{Key: "custom_" + strconv.FormatInt(id, 10), Heading: label, Label: label, Kind: kind,
		Custom: true, Indexed: indexed, ID: id}
	switch kind {
	case lead.Text, lead.URL, lead.Email, lead.Phone:
		f.MaxLen = 255
	case lead.LongText:
		f.MaxLen = 64 << 10
	case lead.MultiChoice: // a list of choices
		f.Policy = lead.Append
		f.Parts = []lead.Part{{Key: "choice", Heading: label, Kind: lead.Choice}}
	}
	return f
}
