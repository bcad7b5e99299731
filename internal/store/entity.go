package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// Entity is an account, contact or opportunity that leads link to.
type Entity struct {
	ID     int64
	Name   string
	Import int64 // that made it, 0: none
}

// Entity returns an account, contact or opportunity by its id, an account also
// by its name. It fails with lead.ErrNotFound.
func (s *Store) Entity(ctx context.Context, kind string, id int64, name string) (Entity, error) {
	var e Entity
	query, by := "", any(id)
	switch {
	case kind == "account" && id == 0:
		query, by = `select id, name, created_import from account where key = $1 and gone = 0`, norm.Key(norm.KeyAccount, name)
	case kind == "account":
		query = `select id, name, created_import from account where id = $1 and gone = 0`
	case kind == "contact":
		query = `select id, trim(first_name || ' ' || last_name), created_import from contact where id = $1 and gone = 0`
	case kind == "opportunity":
		query = `select id, name, created_import from opportunity where id = $1 and gone = 0`
	default:
		return e, fmt.Errorf("leads link to an account, contact or opportunity, not to %q: %w", kind, lead.ErrInvalid)
	}
	err := s.r.QueryRowContext(ctx, query, by).Scan(&e.ID, &e.Name, &e.Import)
	if errors.Is(err, sql.ErrNoRows) {
		return e, fmt.Errorf("%s %d %s: %w", kind, id, name, lead.ErrNotFound)
	}
	return e, s.err("read "+kind, err)
}

// linked is the condition, with its argument, of the leads that link to
// "account:7" and the like.
func linked(text string) (cond string, arg any, err error) {
	kind, number, _ := strings.Cut(text, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return "", nil, fmt.Errorf("%q is not account:7 or the like: %w", text, lead.ErrInvalid)
	}
	switch kind {
	case "account":
		return "l.account = %s", id, nil
	case "contact":
		return "l.contact <> '' and l.contact like %s", refs(id), nil
	case "opportunity":
		return "l.opportunities <> '' and l.opportunities like %s", refs(id), nil
	}
	return "", nil, fmt.Errorf("leads link to an account, contact or opportunity, not to %q: %w", kind, lead.ErrInvalid)
}

// refs is what a list of links holds that has this id among them.
func refs(id int64) string { return fmt.Sprintf(`%%"ref":"%d"%%`, id) }
