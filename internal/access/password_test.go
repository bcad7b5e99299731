package access

import (
	"errors"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/lead"
)

func TestPassword(t *testing.T) {
	hash, err := HashPassword("correct horse battery")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%q, %v", hash, err)
	}
	if again, _ := HashPassword("correct horse battery"); again == hash {
		t.Error("two hashes of one password are equal: the salt is not random")
	}
	for _, c := range []struct {
		name, hash, password string
		want, fails          bool
	}{
		{"right", hash, "correct horse battery", true, false},
		{"wrong", hash, "correct horse batterY", false, false},
		{"empty", hash, "", false, false},
		{"very long", hash, strings.Repeat("x", 1<<20), false, false},
		{"nobody's", NoPassword(), "correct horse battery", false, false},
		{"no password yet", "", "", false, true},
		{"another program's", "$2a$10$abcdefghijklmnopqrstuv", "x", false, true},
	} {
		got, err := CheckPassword(c.hash, c.password)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
	for _, bad := range []string{"", "short", strings.Repeat("x", PasswordMost+1)} {
		if _, err := HashPassword(bad); !errors.Is(err, lead.ErrInvalid) {
			t.Errorf("a password of %d characters: %v", len(bad), err)
		}
	}
}

func TestWithin(t *testing.T) {
	sales := For(User{ID: 7, Role: "sales"})
	scopes, err := ParseScopes("lead.view, settings")
	if err != nil {
		t.Fatal(err)
	}
	p := sales.Within(scopes)
	if !p.Can(LeadView) || p.Can(LeadEdit) || p.Can(Settings) {
		t.Errorf("grants %v: a token may only what both its user and its scopes may", p.Grants)
	}
	if !sales.Within(nil).Can(LeadEdit) {
		t.Error("no scopes: all that the user may")
	}
	if _, err := ParseScopes("lead.veiw"); !errors.Is(err, lead.ErrInvalid) {
		t.Error(err)
	}
}
