package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// Qualification is what a lead becomes; an empty part is left out.
type Qualification struct {
	FirstName, LastName string // the contact
	Account             string
	Opportunity         string
}

// Qualify sets a lead's status to qualified and links it to a contact, an
// account and an opportunity, which are made where there is none of that name
// (an opportunity always is), as an operation that can be undone. It fails
// with lead.ErrConflict if the lead has another version or is in the bin.
func (s *Store) Qualify(ctx context.Context, p access.Principal, id, version int64, q Qualification) (*importer.Import, error) {
	schema, err := s.Schema(ctx)
	if err != nil {
		return nil, err
	}
	options := schema.Field("status").Options
	if !slices.ContainsFunc(options, func(o lead.Option) bool { return o.ID == "qualified" && !o.Retired }) {
		return nil, fmt.Errorf("the status Qualified is not offered any more: %w", lead.ErrConflict)
	}
	var imp *importer.Import
	err = s.inTx(ctx, func(t *tx) error {
		l, err := t.Get(ctx, p, id)
		switch {
		case err != nil:
			return err
		case l.Version != version:
			return fmt.Errorf("lead %d has version %d now, not %d: %w", id, l.Version, version, lead.ErrConflict)
		case !l.DeletedAt.IsZero():
			return fmt.Errorf("lead %d is in the bin; restore it first: %w", id, lead.ErrConflict)
		}
		w := []importer.Write{{Lead: id, Before: l.Record, After: l.Clone(), Record: 1}}
		values := w[0].After.Values
		values[schema.Index("status")] = "qualified"
		if a := strings.TrimSpace(q.Account); a != "" {
			values[schema.Index("account")] = a
		}
		imp, err = t.operation(ctx, p, "Qualify", importer.Accounting{Records: 1, Update: 1}, func(imp int64) error {
			if first, last := strings.TrimSpace(q.FirstName), strings.TrimSpace(q.LastName); first+last != "" {
				ref, err := t.contact(ctx, imp, first, last)
				if err != nil {
					return err
				}
				link(schema, values, "contact", false, first, last, strconv.FormatInt(ref, 10))
			}
			if name := strings.TrimSpace(q.Opportunity); name != "" {
				ref, err := t.opportunity(ctx, imp, name)
				if err != nil {
					return err
				}
				link(schema, values, "opportunities", true, name, strconv.FormatInt(ref, 10))
			}
			return nil
		}, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	return imp, nil
}

// link sets a list field to one element, or adds it.
func link(s *lead.Schema, values []string, key string, add bool, parts ...string) {
	slot := s.Index(key)
	f := &s.Fields[slot]
	list := lead.DecodeList(f.Parts, values[slot])
	e := lead.Element{ID: 1, Values: parts}
	for _, x := range list {
		e.ID = max(e.ID, x.ID+1)
	}
	if !add {
		list = nil
	}
	values[slot] = lead.EncodeList(f.Parts, append(list, e))
}

// contact finds the only contact of that name, or makes one.
func (t *tx) contact(ctx context.Context, imp int64, first, last string) (id int64, err error) {
	key := norm.Key(norm.KeyPerson, first, last)
	var n int64
	err = t.q.QueryRowContext(ctx, `select count(*), coalesce(min(id), 0) from contact where key = $1 and gone = 0`, key).Scan(&n, &id)
	if err != nil || n == 1 && key != "" {
		return id, t.s.err("find contact", err)
	}
	if id, err = t.allot(ctx, "contact", 1); err != nil {
		return 0, err
	}
	_, err = t.exec(ctx, `insert into contact (id, first_name, last_name, key, created_import) values ($1, $2, $3, $4, $5)`, id, first, last, key, imp)
	return id, t.s.err("create contact", err)
}

func (t *tx) opportunity(ctx context.Context, imp int64, name string) (int64, error) {
	id, err := t.allot(ctx, "opportunity", 1)
	if err != nil {
		return 0, err
	}
	_, err = t.exec(ctx, `insert into opportunity (id, name, key, created_import) values ($1, $2, $3, $4)`, id, name, norm.Key(norm.KeyAccount, name), imp)
	return id, t.s.err("create opportunity", err)
}
