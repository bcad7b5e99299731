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

const userColumns = `id, username, name, email, role, team, zone, disabled`

func userDest(u *access.User) []any {
	return []any{&u.ID, &u.Username, &u.Name, &u.Email, &u.Role, &u.Team, &u.Zone, &u.Disabled}
}

// Users implements importer.Directory: everybody, by id.
func (s *Store) Users(ctx context.Context) ([]access.User, error) {
	rows, err := s.r.QueryContext(ctx, `select `+userColumns+` from app_user order by id`)
	if err != nil {
		return nil, s.err("list users", err)
	}
	out, err := collect(rows, userDest)
	return out, s.err("list users", err)
}

// UserByID fails with lead.ErrNotFound.
func (s *Store) UserByID(ctx context.Context, id int64) (access.User, error) {
	var u access.User
	err := s.r.QueryRowContext(ctx, `select `+userColumns+` from app_user where id = $1`, id).Scan(userDest(&u)...)
	if errors.Is(err, sql.ErrNoRows) {
		return u, notFound("user", id)
	}
	return u, s.err("read user", err)
}

// UserByName finds a person by user name, else by e-mail, else by full name
// where one person alone has it, each by its folded text; lead.ErrNotFound if
// there is none.
func (s *Store) UserByName(ctx context.Context, text string) (access.User, error) {
	users, err := s.Users(ctx)
	if err != nil {
		return access.User{}, err
	}
	key := norm.Key(norm.KeyUser, text)
	for _, of := range []func(access.User) string{
		func(u access.User) string { return u.Username },
		func(u access.User) string { return u.Email },
		func(u access.User) string { return u.Name },
	} {
		var found []access.User
		for _, u := range users {
			if v := of(u); v != "" && norm.Key(norm.KeyUser, v) == key {
				found = append(found, u)
			}
		}
		if len(found) == 1 {
			return found[0], nil
		}
	}
	return access.User{}, fmt.Errorf("user %q: %w", text, lead.ErrNotFound)
}

// PasswordHash returns a user's stored password hash by user name, "" with
// lead.ErrNotFound if there is no such user.
func (s *Store) PasswordHash(ctx context.Context, username string) (id int64, hash string, err error) {
	err = s.r.QueryRowContext(ctx, `select id, password from app_user where key = $1 and disabled = 0`,
		norm.Key(norm.KeyUser, username)).Scan(&id, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", fmt.Errorf("user: %w", lead.ErrNotFound)
	}
	return id, hash, s.err("read user", err)
}

// AddUser creates a user and sets its ID; lead.ErrConflict if the user name,
// by its folded text, is taken. The password comes hashed.
func (s *Store) AddUser(ctx context.Context, p access.Principal, u *access.User, passwordHash string) error {
	if !p.Can(access.Settings) {
		return fmt.Errorf("add user: %w", lead.ErrForbidden)
	}
	return s.inTx(ctx, func(t *tx) error { return t.addUser(ctx, p.User.ID, u, passwordHash) })
}

// AddFirstUser creates the first user, an administrator, without any right;
// lead.ErrConflict once there is one.
func (s *Store) AddFirstUser(ctx context.Context, u *access.User, passwordHash string) error {
	return s.inTx(ctx, func(t *tx) error {
		var any bool
		if err := t.q.QueryRowContext(ctx, `select exists (select 1 from app_user)`).Scan(&any); err != nil {
			return s.err("add user", err)
		}
		if any {
			return fmt.Errorf("there is an administrator already: %w", lead.ErrConflict)
		}
		u.Role = "admin"
		return t.addUser(ctx, 0, u, passwordHash)
	})
}

func (t *tx) addUser(ctx context.Context, actor int64, u *access.User, passwordHash string) error {
	if err := validUser(u); err != nil {
		return err
	}
	id, err := t.allot(ctx, "user", 1)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `insert into app_user (id, username, key, name, email, role, team, zone, password, disabled)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, id, u.Username, norm.Key(norm.KeyUser, u.Username),
		u.Name, u.Email, u.Role, u.Team, u.Zone, passwordHash, number(u.Disabled))
	if err != nil {
		return t.s.err(fmt.Sprintf("add user %q", u.Username), err)
	}
	u.ID = id
	return t.audit(ctx, actor, "user.add", id, u.Role)
}

func validUser(u *access.User) error {
	u.Username = strings.TrimSpace(u.Username)
	if norm.Key(norm.KeyUser, u.Username) == "" {
		return fmt.Errorf("a user needs a user name: %w", lead.ErrInvalid)
	}
	if _, ok := access.RoleByKey(u.Role); !ok {
		return fmt.Errorf("there is no role %q: %w", u.Role, lead.ErrInvalid)
	}
	return nil
}

// UpdateUser stores everything of a user but the password.
func (s *Store) UpdateUser(ctx context.Context, p access.Principal, u access.User) error {
	if !p.Can(access.Settings) {
		return fmt.Errorf("change user: %w", lead.ErrForbidden)
	}
	if err := validUser(&u); err != nil {
		return err
	}
	return s.inTx(ctx, func(t *tx) error {
		if err := t.one(ctx, "user", u.ID, `update app_user set username = $2, key = $3, name = $4, email = $5, role = $6,
			team = $7, zone = $8, disabled = $9 where id = $1`, u.ID, u.Username, norm.Key(norm.KeyUser, u.Username),
			u.Name, u.Email, u.Role, u.Team, u.Zone, number(u.Disabled)); err != nil {
			return err
		}
		return t.audit(ctx, p.User.ID, "user.change", u.ID, u.Role)
	})
}

// UpdateProfile stores one's own name, e-mail and time zone.
func (s *Store) UpdateProfile(ctx context.Context, p access.Principal, u access.User) error {
	return s.inTx(ctx, func(t *tx) error {
		if err := t.one(ctx, "user", p.User.ID, `update app_user set name = $2, email = $3, zone = $4 where id = $1`, p.User.ID, u.Name, u.Email, u.Zone); err != nil {
			return err
		}
		return t.audit(ctx, p.User.ID, "user.profile", p.User.ID, "")
	})
}

// SetPassword stores a user's password hash: one's own, or with the right to
// the settings anybody's.
func (s *Store) SetPassword(ctx context.Context, p access.Principal, user int64, hash string) error {
	if user != p.User.ID && !p.Can(access.Settings) {
		return fmt.Errorf("change password: %w", lead.ErrForbidden)
	}
	return s.inTx(ctx, func(t *tx) error {
		if err := t.one(ctx, "user", user, `update app_user set password = $2 where id = $1`, user, hash); err != nil {
			return err
		}
		return t.audit(ctx, p.User.ID, "user.password", user, "")
	})
}

// Team is a group of users whose leads they see together.
type Team struct {
	ID   int64
	Name string
}

// Teams returns all teams by name.
func (s *Store) Teams(ctx context.Context) ([]Team, error) {
	rows, err := s.r.QueryContext(ctx, `select id, name from team order by name, id`)
	if err != nil {
		return nil, s.err("list teams", err)
	}
	out, err := collect(rows, func(t *Team) []any { return []any{&t.ID, &t.Name} })
	return out, s.err("list teams", err)
}

// AddTeam creates a team; lead.ErrConflict if the name is taken.
func (s *Store) AddTeam(ctx context.Context, p access.Principal, name string) (Team, error) {
	if !p.Can(access.Settings) {
		return Team{}, fmt.Errorf("add team: %w", lead.ErrForbidden)
	}
	team := Team{Name: strings.TrimSpace(name)}
	if team.Name == "" {
		return team, fmt.Errorf("a team needs a name: %w", lead.ErrInvalid)
	}
	err := s.inTx(ctx, func(t *tx) (err error) {
		if team.ID, err = t.allot(ctx, "team", 1); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `insert into team (id, name) values ($1, $2)`, team.ID, team.Name); err != nil {
			return s.err(fmt.Sprintf("add team %q", team.Name), err)
		}
		return t.audit(ctx, p.User.ID, "team.add", team.ID, "")
	})
	return team, err
}
