package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// AddSession keeps a sign-in and forgets sessions that have run out.
func (s *Store) AddSession(ctx context.Context, v access.Session) error {
	return s.inTx(ctx, func(t *tx) error {
		now := s.now()
		if _, err := t.exec(ctx, `delete from session where created_at < $1 or seen_at < $2`,
			millis(now.Add(-access.SessionMost)), millis(now.Add(-access.SessionIdle))); err != nil {
			return s.err("forget old sessions", err)
		}
		if _, err := t.exec(ctx, `insert into session (hash, "user", created_at, seen_at) values ($1, $2, $3, $4)`,
			v.Hash, v.User, millis(v.Created), millis(v.Seen)); err != nil {
			return s.err("sign in", err)
		}
		return t.audit(ctx, v.User, "session.begin", v.User, "")
	})
}

// SessionByHash returns a session and its user; lead.ErrNotFound if there is
// none, or its user is disabled. Whether it is still alive is for the caller.
func (s *Store) SessionByHash(ctx context.Context, hash string) (v access.Session, u access.User, err error) {
	dest := append([]any{&v.Hash, &v.User, timeColumn{&v.Created}, timeColumn{&v.Seen}}, userDest(&u)...)
	err = s.r.QueryRowContext(ctx, `select s.hash, s."user", s.created_at, s.seen_at, `+userColumns+`
		from session s join app_user on id = s."user" where s.hash = $1 and disabled = 0`, hash).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return v, u, fmt.Errorf("session: %w", lead.ErrNotFound)
	}
	return v, u, s.err("read session", err)
}

// TouchSession notes that a session is in use.
func (s *Store) TouchSession(ctx context.Context, hash string, at time.Time) error {
	return s.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `update session set seen_at = $2 where hash = $1`, hash, millis(at))
		return s.err("touch session", err)
	})
}

// EndSession signs out; one that is not there is no error.
func (s *Store) EndSession(ctx context.Context, hash string) error {
	return s.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `delete from session where hash = $1`, hash)
		return s.err("sign out", err)
	})
}

// EndSessions signs a user out everywhere, but for one session ("" for none).
func (s *Store) EndSessions(ctx context.Context, user int64, but string) error {
	return s.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `delete from session where "user" = $1 and hash <> $2`, user, but)
		return s.err("sign out", err)
	})
}

// FailedSignIn counts a failed sign-in under each of these names and forgets
// those from before a moment.
func (s *Store) FailedSignIn(ctx context.Context, at, before time.Time, who ...string) error {
	return s.inTx(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `delete from sign_in_failure where at < $1`, millis(before)); err != nil {
			return s.err("count failed sign-ins", err)
		}
		for _, w := range who {
			if _, err := t.exec(ctx, `insert into sign_in_failure (who, at) values ($1, $2)`, w, millis(at)); err != nil {
				return s.err("count failed sign-ins", err)
			}
		}
		return nil
	})
}

// FailedSignIns is how often a sign-in failed under a name since a moment.
func (s *Store) FailedSignIns(ctx context.Context, who string, since time.Time) (n int, err error) {
	err = s.r.QueryRowContext(ctx, `select count(*) from sign_in_failure where who = $1 and at >= $2`, who, millis(since)).Scan(&n)
	return n, s.err("count failed sign-ins", err)
}

// NeedsSetup reports whether nobody can sign in as administrator yet.
func (s *Store) NeedsSetup(ctx context.Context) (bool, error) {
	return s.needsSetup(ctx, s.r)
}

func (s *Store) needsSetup(ctx context.Context, q querier) (bool, error) {
	var can bool
	err := q.QueryRowContext(ctx, `select exists (select 1 from app_user where role = 'admin' and disabled = 0 and password <> '')`).Scan(&can)
	return !can, s.err("look for an administrator", err)
}

// setupLink begins the settings that hold the nodes' set-up links.
const setupLink = "setup_link "

// AddSetupLink keeps the hash of this node's set-up link, instead of an earlier
// one's.
func (s *Store) AddSetupLink(ctx context.Context, hash string) error {
	return s.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `insert into setting (key, value) values ($1, $2)
			on conflict (key) do update set value = excluded.value`, setupLink+s.node, hash)
		return s.err("keep set-up link", err)
	})
}

// IsSetupLink reports whether a hash is that of a set-up link of any node.
func (s *Store) IsSetupLink(ctx context.Context, hash string) (is bool, err error) {
	err = s.r.QueryRowContext(ctx, `select exists (select 1 from setting where key like $1 and value = $2)`, setupLink+"%", hash).Scan(&is)
	return is, s.err("look for a set-up link", err)
}

// SetUp makes the first administrator who can sign in, with the installation's
// country and time zone, and ends all set-up links; lead.ErrConflict once there
// is one. An administrator
// of that name whom the command line made gets the password.
func (s *Store) SetUp(ctx context.Context, u *access.User, passwordHash string, settings map[string]string) error {
	return s.inTx(ctx, func(t *tx) error {
		needs, err := s.needsSetup(ctx, t.q)
		if err != nil {
			return err
		}
		if !needs {
			return fmt.Errorf("there is an administrator already: %w", lead.ErrConflict)
		}
		u.Role = "admin"
		err = t.q.QueryRowContext(ctx, `select id from app_user where key = $1 and role = 'admin' and password = ''`,
			norm.Key(norm.KeyUser, u.Username)).Scan(&u.ID)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			if err := t.addUser(ctx, 0, u, passwordHash); err != nil {
				return err
			}
		case err != nil:
			return s.err("set up", err)
		default:
			if _, err := t.exec(ctx, `update app_user set name = $2, email = $3, zone = $4, password = $5, disabled = 0 where id = $1`,
				u.ID, u.Name, u.Email, u.Zone, passwordHash); err != nil {
				return s.err("set up", err)
			}
		}
		for key, value := range settings {
			if _, err := t.exec(ctx, `insert into setting (key, value) values ($1, $2)
				on conflict (key) do update set value = excluded.value`, key, value); err != nil {
				return s.err("set up", err)
			}
		}
		if _, err := t.exec(ctx, `delete from setting where key like $1`, setupLink+"%"); err != nil {
			return s.err("set up", err)
		}
		return t.audit(ctx, u.ID, "setup", u.ID, "")
	})
}
