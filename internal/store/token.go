package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

const tokenColumns = `t.id, t."user", t.name, t.scopes, t.created_at, t.expires_at, t.used_at`

type tokenRow struct {
	access.Token
	scopes string
}

func (r *tokenRow) dest() []any {
	t := &r.Token
	return []any{&t.ID, &t.User, &t.Name, &r.scopes, timeColumn{&t.Created}, timeColumn{&t.Expires}, timeColumn{&t.Used}}
}

func (r *tokenRow) token() (access.Token, error) {
	var err error
	r.Scopes, err = access.ParseScopes(r.scopes)
	return r.Token, err
}

// AddToken keeps a token by its hash and sets its ID: one's own, or with the
// right to the settings anybody's.
func (s *Store) AddToken(ctx context.Context, p access.Principal, v *access.Token, hash string) error {
	if v.User != p.User.ID && !p.Can(access.Settings) {
		return fmt.Errorf("add a token for somebody else: %w", lead.ErrForbidden)
	}
	if v.Name = strings.TrimSpace(v.Name); v.Name == "" {
		return fmt.Errorf("a token needs a name that says what it is for: %w", lead.ErrInvalid)
	}
	names := make([]string, len(v.Scopes))
	for i, scope := range v.Scopes {
		names[i] = string(scope)
	}
	return s.inTx(ctx, func(t *tx) (err error) {
		if v.ID, err = t.allot(ctx, "token", 1); err != nil {
			return err
		}
		v.Created = s.now().UTC().Truncate(time.Millisecond)
		if _, err := t.exec(ctx, `insert into token (id, "user", name, hash, scopes, created_at, expires_at)
			values ($1, $2, $3, $4, $5, $6, $7)`, v.ID, v.User, v.Name, hash, strings.Join(names, ","),
			millis(v.Created), millis(v.Expires)); err != nil {
			return s.err("add token", err)
		}
		return t.audit(ctx, p.User.ID, "token.add", v.ID, "")
	})
}

// Tokens returns one's own tokens, with the right to the settings everybody's,
// by id.
func (s *Store) Tokens(ctx context.Context, p access.Principal) ([]access.Token, error) {
	rows, err := s.r.QueryContext(ctx, `select `+tokenColumns+` from token t where t."user" = $1 or $2 <> 0 order by t.id`,
		p.User.ID, number(p.Can(access.Settings)))
	if err != nil {
		return nil, s.err("list tokens", err)
	}
	found, err := collect(rows, (*tokenRow).dest)
	if err != nil {
		return nil, s.err("list tokens", err)
	}
	out := make([]access.Token, len(found))
	for i := range found {
		if out[i], err = found[i].token(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// RevokeToken ends a token; lead.ErrNotFound also for one that the principal
// may not see.
func (s *Store) RevokeToken(ctx context.Context, p access.Principal, id int64) error {
	return s.inTx(ctx, func(t *tx) error {
		if err := t.one(ctx, "token", id, `delete from token where id = $1 and ("user" = $2 or $3 <> 0)`,
			id, p.User.ID, number(p.Can(access.Settings))); err != nil {
			return err
		}
		return t.audit(ctx, p.User.ID, "token.revoke", id, "")
	})
}

// TokenByHash returns a token and its user; lead.ErrNotFound if there is none
// or its user is disabled. Whether it has expired is for the caller.
func (s *Store) TokenByHash(ctx context.Context, hash string) (access.Token, access.User, error) {
	var r tokenRow
	var u access.User
	err := s.r.QueryRowContext(ctx, `select `+tokenColumns+`, u.id, u.username, u.name, u.email, u.role, u.team, u.zone, u.disabled
		from token t join app_user u on u.id = t."user" where t.hash = $1 and u.disabled = 0`, hash).Scan(append(r.dest(), userDest(&u)...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return r.Token, u, fmt.Errorf("token: %w", lead.ErrNotFound)
	}
	if err != nil {
		return r.Token, u, s.err("read token", err)
	}
	v, err := r.token()
	return v, u, err
}

// UseToken notes that a token is in use.
func (s *Store) UseToken(ctx context.Context, id int64, at time.Time) error {
	return s.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `update token set used_at = $2 where id = $1`, id, millis(at))
		return s.err("use token", err)
	})
}
