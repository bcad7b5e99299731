package importer

import (
	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/norm"
)

// userIndex finds users by user name, e-mail, or full name when one has it
// (lead-fields.md, owner).
type userIndex map[string]*access.User

func newUserIndex(users []access.User) userIndex {
	ix := userIndex{}
	names := map[string]int{}
	for i := range users {
		names[norm.Key(norm.KeyUser, users[i].Name)]++
	}
	for i := range users { // weakest first: a user name wins over a full name
		u := &users[i]
		if k := norm.Key(norm.KeyUser, u.Name); k != "" && names[k] == 1 && !u.Disabled {
			ix[k] = u
		}
	}
	for i := range users {
		if k := norm.Key(norm.KeyUser, users[i].Email); k != "" && !users[i].Disabled {
			ix[k] = &users[i]
		}
	}
	for i := range users {
		if !users[i].Disabled {
			ix[norm.Key(norm.KeyUser, users[i].Username)] = &users[i]
		}
	}
	return ix
}

func (ix userIndex) find(text string) (*access.User, bool) {
	u, ok := ix[norm.Key(norm.KeyUser, text)]
	return u, ok
}
