package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// Schema implements importer.Directory. The same fields give the same pointer.
func (s *Store) Schema(ctx context.Context) (*lead.Schema, error) {
	l, err := s.layoutOf(ctx, s.r)
	if err != nil {
		return nil, err
	}
	return l.schema, nil
}

// Setting implements importer.Directory.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	var v string
	err := s.r.QueryRowContext(ctx, `select value from setting where key = $1`, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return v, s.err("read setting "+key, err)
}

// Settings returns every setting that has a value.
func (s *Store) Settings(ctx context.Context) (map[string]string, error) {
	rows, err := s.r.QueryContext(ctx, `select key, value from setting`)
	if err != nil {
		return nil, s.err("read settings", err)
	}
	pairs, err := collect(rows, func(p *[2]string) []any { return []any{&p[0], &p[1]} })
	out := map[string]string{}
	for _, p := range pairs {
		out[p[0]] = p[1]
	}
	return out, s.err("read settings", err)
}

// FirstSetting stores a setting that has no value yet.
func (s *Store) FirstSetting(ctx context.Context, key, value string) error {
	return s.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `insert into setting (key, value) values ($1, $2) on conflict (key) do nothing`, key, value)
		return s.err("store setting "+key, err)
	})
}

// SetSetting stores a setting; "" takes it away.
func (s *Store) SetSetting(ctx context.Context, p access.Principal, key, value string) error {
	if !p.Can(access.Settings) {
		return fmt.Errorf("change setting %s: %w", key, lead.ErrForbidden)
	}
	return s.inTx(ctx, func(t *tx) error {
		var err error
		if value == "" {
			_, err = t.exec(ctx, `delete from setting where key = $1`, key)
		} else {
			_, err = t.exec(ctx, `insert into setting (key, value) values ($1, $2)
				on conflict (key) do update set value = excluded.value`, key, value)
		}
		if err != nil {
			return s.err("change setting "+key, err)
		}
		return t.audit(ctx, p.User.ID, "setting", 0, key)
	})
}

// Links implements importer.Directory. A key that several rows have is left
// out.
func (s *Store) Links(ctx context.Context, entity string, keys []string) (map[string]int64, error) {
	switch entity { // it becomes an identifier
	case "account", "contact", "opportunity":
	default:
		return nil, fmt.Errorf("links to %q: %w", entity, lead.ErrInvalid)
	}
	rows, err := s.r.QueryContext(ctx, `select key, min(id) from `+entity+` where `+s.d.in("key", "$1")+
		` and gone = 0 group by key having count(*) = 1`, s.d.texts(keys))
	if err != nil {
		return nil, s.err("find "+entity, err)
	}
	type row struct {
		key string
		id  int64
	}
	found, err := collect(rows, func(r *row) []any { return []any{&r.key, &r.id} })
	out := make(map[string]int64, len(found))
	for _, r := range found {
		out[r.key] = r.id
	}
	return out, s.err("find "+entity, err)
}

// Tags implements importer.Directory.
func (s *Store) Tags(ctx context.Context, keys []string) (map[string]bool, error) {
	rows, err := s.r.QueryContext(ctx, `select key from tag where gone = 0 and `+s.d.in("key", "$1"), s.d.texts(keys))
	if err != nil {
		return nil, s.err("find tags", err)
	}
	found, err := collect(rows, func(k *string) []any { return []any{k} })
	out := make(map[string]bool, len(found))
	for _, k := range found {
		out[k] = true
	}
	return out, s.err("find tags", err)
}

// AddChoice adds a value to a choice field (status, source or a custom one),
// stamped with the import it was asked for in (0: none). Its id is made from
// the label and returned; a label that exists already, by its folded text,
// gives the existing id, offered again if it was retired.
func (s *Store) AddChoice(ctx context.Context, p access.Principal, field, label string, imp int64) (string, error) {
	if !p.Can(access.Settings) {
		return "", fmt.Errorf("add a choice to %s: %w", field, lead.ErrForbidden)
	}
	var id string
	err := s.inTx(ctx, func(t *tx) error {
		l, err := s.layoutOf(ctx, t.q)
		if err != nil {
			return err
		}
		f := l.schema.Field(field)
		if f == nil || (f.Kind != lead.Choice && f.Kind != lead.MultiChoice) {
			return fmt.Errorf("%q is no field with choices: %w", field, lead.ErrInvalid)
		}
		want := norm.OptionID(label)
		if want == "" {
			return fmt.Errorf("a choice needs a name: %w", lead.ErrInvalid)
		}
		id = want
		taken := map[string]bool{}
		for _, o := range f.Options {
			taken[o.ID] = true
			if norm.Fold(o.Label) == norm.Fold(label) {
				id = o.ID
				_, err := t.exec(ctx, `update choice set retired = 0 where field = $1 and id = $2`, field, id)
				return errors.Join(s.err("add choice", err), t.schemaChanged(ctx))
			}
		}
		for n := 2; taken[id]; n++ {
			id = fmt.Sprintf("%s_%d", want, n)
		}
		if _, err := t.exec(ctx, `insert into choice (field, id, label, position, created_import)
			values ($1, $2, $3, (select coalesce(max(position), 0) + 1 from choice where field = $1), $4)`,
			field, id, strings.TrimSpace(label), imp); err != nil {
			return s.err("add choice", err)
		}
		if err := t.audit(ctx, p.User.ID, "choice.add", imp, field+"."+id); err != nil {
			return err
		}
		return t.schemaChanged(ctx)
	})
	return id, err
}

// RetireChoice keeps a choice for the leads that have it and offers it no
// longer.
func (s *Store) RetireChoice(ctx context.Context, p access.Principal, field, id string) error {
	if !p.Can(access.Settings) {
		return fmt.Errorf("retire a choice of %s: %w", field, lead.ErrForbidden)
	}
	return s.inTx(ctx, func(t *tx) error {
		if err := t.one(ctx, "choice", field+"."+id, `update choice set retired = 1 where field = $1 and id = $2`, field, id); err != nil {
			return err
		}
		return t.schemaChanged(ctx)
	})
}

// maxIndexed is how many custom fields may be indexed: each is one more index
// entry per lead.
const maxIndexed = 10

// AddField creates a custom field; its type never changes. It fails with
// lead.ErrInvalid for a label that a field has already, for a type that custom
// fields cannot have, and for the eleventh indexed one.
func (s *Store) AddField(ctx context.Context, p access.Principal, label string, kind lead.Kind, indexed bool, imp int64) (*lead.Field, error) {
	if !p.Can(access.Settings) {
		return nil, fmt.Errorf("create a field: %w", lead.ErrForbidden)
	}
	switch kind {
	case lead.Link, lead.Country, lead.Region, lead.Group:
		return nil, fmt.Errorf("a custom field cannot be of type %s: %w", kind, lead.ErrInvalid)
	}
	label = strings.TrimSpace(label)
	if label == "" {
		return nil, fmt.Errorf("a field needs a name: %w", lead.ErrInvalid)
	}
	var field lead.Field
	err := s.inTx(ctx, func(t *tx) error {
		l, err := s.layoutOf(ctx, t.q)
		if err != nil {
			return err
		}
		if l.named(label) {
			return fmt.Errorf("there is a field %q already: %w", label, lead.ErrInvalid)
		}
		if indexed && len(l.indexed) >= maxIndexed {
			return fmt.Errorf("at most %d custom fields can be indexed: %w", maxIndexed, lead.ErrInvalid)
		}
		id, err := t.allot(ctx, "custom_field", 1)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `insert into custom_field (id, label, kind, indexed, created_import) values ($1, $2, $3, $4, $5)`,
			id, label, kind.String(), number(indexed), imp); err != nil {
			return s.err("create field", err)
		}
		field = customField(id, label, kind, indexed)
		if err := t.audit(ctx, p.User.ID, "field.add", id, kind.String()); err != nil {
			return err
		}
		return t.schemaChanged(ctx)
	})
	return &field, err
}

// schemaChanged makes every node read the fields anew.
func (t *tx) schemaChanged(ctx context.Context) error {
	t.fields = nil
	_, err := t.allot(ctx, "schema", 1)
	return err
}
