// Package access says who may do what: users, roles, permissions and their
// scope. Every store method takes a Principal, so that no query can forget it.
package access

import "fmt"

// Scope is how far a permission reaches.
type Scope uint8

const (
	None Scope = iota
	Own        // leads that the user owns
	Team       // leads owned by anyone in the user's team
	All
)

// Permission is one thing that may be done. Deny is the default.
type Permission string

const (
	LeadView   Permission = "lead.view"
	LeadCreate Permission = "lead.create"
	LeadEdit   Permission = "lead.edit"
	LeadDelete Permission = "lead.delete"
	LeadAssign Permission = "lead.assign" // to whom: own = oneself, team, all
	LeadExport Permission = "lead.export"
	Import     Permission = "import"
	Undo       Permission = "undo"
	Settings   Permission = "settings"
)

// Role is a named set of grants.
type Role struct {
	Key, Label string
	Grants     map[Permission]Scope
}

// Roles are the built-in roles, most powerful first.
func Roles() []Role {
	return []Role{
		{"admin", "Administrator", map[Permission]Scope{LeadView: All, LeadCreate: All, LeadEdit: All, LeadDelete: All, LeadAssign: All, LeadExport: All, Import: All, Undo: All, Settings: All}},
		{"manager", "Manager", map[Permission]Scope{LeadView: All, LeadCreate: All, LeadEdit: All, LeadDelete: Team, LeadAssign: All, LeadExport: All, Import: All, Undo: All}},
		{"sales", "Sales", map[Permission]Scope{LeadView: Team, LeadCreate: All, LeadEdit: Own, LeadDelete: Own, LeadAssign: Own, LeadExport: Own, Import: All, Undo: Own}},
		{"readonly", "Read-only", map[Permission]Scope{LeadView: All}},
	}
}

// RoleByKey returns a built-in role.
func RoleByKey(key string) (Role, bool) {
	for _, r := range Roles() {
		if r.Key == key {
			return r, true
		}
	}
	return Role{}, false
}

// User is a person who signs in, owns leads and imports files.
type User struct {
	ID       int64
	Username string
	Name     string
	Email    string
	Role     string
	Team     int64  // 0 = none
	Zone     string // IANA time zone, "" = UTC
	Disabled bool
}

// Display is the name to show: the full name, else the user name.
func (u User) Display() string {
	if u.Name != "" {
		return u.Name
	}
	return u.Username
}

// Principal is who acts: a user with what the user's role grants. Jobs act as
// the person who started them.
type Principal struct {
	User   User
	Grants map[Permission]Scope
}

// For returns the principal of a user; a disabled user may do nothing.
func For(u User) Principal {
	p := Principal{User: u}
	if r, ok := RoleByKey(u.Role); ok && !u.Disabled {
		p.Grants = r.Grants
	}
	return p
}

// Can reports whether the principal has the permission at all.
func (p Principal) Can(perm Permission) bool { return p.Grants[perm] != None }

// Reaches reports whether the permission covers a lead with this owner, who is
// in this team.
func (p Principal) Reaches(perm Permission, owner, ownerTeam int64) bool {
	switch p.Grants[perm] {
	case All:
		return true
	case Team:
		return owner == p.User.ID || (p.User.Team != 0 && ownerTeam == p.User.Team)
	case Own:
		return owner == p.User.ID
	}
	return false
}

// Predicate is the scope of a permission as a condition on the owner column
// of a query. It holds numbers only, never text from outside.
func (p Principal) Predicate(perm Permission, owner string) string {
	switch p.Grants[perm] {
	case All:
		return "true"
	case Team:
		if p.User.Team != 0 {
			return fmt.Sprintf("(%s = %d or %s in (select id from app_user where team = %d))", owner, p.User.ID, owner, p.User.Team)
		}
		fallthrough
	case Own:
		return fmt.Sprintf("%s = %d", owner, p.User.ID)
	}
	return "false"
}

// System is who acts where no person does: the job queue looking for work. It
// sees everything and changes no lead.
func System() Principal {
	return Principal{User: User{Username: "system"}, Grants: map[Permission]Scope{LeadView: All, Import: All, Undo: All, Settings: All}}
}

// TakingBack is the principal with the rights to take back an import of its
// own that failed as a whole: what it may create it may also remove again.
func (p Principal) TakingBack() Principal {
	grants := map[Permission]Scope{}
	for perm, scope := range p.Grants {
		grants[perm] = scope
	}
	for _, perm := range []Permission{LeadView, LeadEdit, LeadDelete, Undo} {
		grants[perm] = All
	}
	p.Grants = grants
	return p
}
