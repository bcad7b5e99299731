package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/lead"
)

// How long a session lasts: since its last use, and since the sign-in.
const (
	SessionIdle = 12 * time.Hour
	SessionMost = 7 * 24 * time.Hour
)

// TokenPrefix begins every API token, so that scanners for leaked secrets know
// it.
const TokenPrefix = "lp_"

// NewSecret returns 256 random bits as text (base64url, 43 characters).
func NewSecret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}

// HashSecret is what the database keeps of a session's id or a token: SHA-256
// in hex. A secret of 256 random bits needs no slow hash.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Session is one sign-in.
type Session struct {
	Hash    string // HashSecret of the cookie's value
	User    int64
	Created time.Time
	Seen    time.Time
}

// Alive reports whether the session still counts at a moment.
func (s Session) Alive(now time.Time) bool {
	return now.Sub(s.Seen) < SessionIdle && now.Sub(s.Created) < SessionMost
}

// Token is a key for programs. It can do no more than its user can, and of
// that only what its scopes name.
type Token struct {
	ID      int64
	User    int64
	Name    string
	Scopes  []Permission // none: all that the user may
	Created time.Time
	Expires time.Time // zero: never
	Used    time.Time // zero: never; kept to the minute
}

// Permissions are all there are, in the order in which they are shown.
func Permissions() []Permission {
	return []Permission{LeadView, LeadCreate, LeadEdit, LeadDelete, LeadAssign, LeadExport, Import, Undo, Settings}
}

// ParseScopes reads permissions separated by commas; lead.ErrInvalid names
// those there are.
func ParseScopes(text string) ([]Permission, error) {
	var out []Permission
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		if !slices.Contains(Permissions(), Permission(name)) {
			return nil, fmt.Errorf("there is no scope %q; scopes are %s: %w", name, joinPermissions(Permissions()), lead.ErrInvalid)
		}
		out = append(out, Permission(name))
	}
	return out, nil
}

func joinPermissions(list []Permission) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}

// Within returns the principal with only the grants that the scopes name; no
// scopes leave it as it is.
func (p Principal) Within(scopes []Permission) Principal {
	if len(scopes) == 0 {
		return p
	}
	grants := map[Permission]Scope{}
	for _, perm := range scopes {
		if s := p.Grants[perm]; s != None {
			grants[perm] = s
		}
	}
	p.Grants = grants
	return p
}
