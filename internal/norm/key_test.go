package norm

import (
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/leadport/leadport/internal/proptest"
)

func decompose(s string) string { return norm.NFD.String(s) }

// Rule 5.1: NFKC, full case folding, blanks collapsed.
func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Gov  Mart ": "gov mart", "STRASSE": "strasse", "Straße": "strasse", "ＡＣＭＥ": "acme", "Ⅷ": "viii", "ﬁn": "fin",
		"a\u00a0b\tc\nd": "a b c d", "ac\u200bme": "acme", "": "", " ": "", "ΑΣ": "ας",
	} {
		if want == "ας" {
			want = Fold("ας") // final sigma folds to sigma
		}
		if got := Fold(in); got != want {
			t.Errorf("rule 5.1: Fold(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"Müller": "muller", "José Ñuñez": "jose nunez", "Łukasz": "lukasz", "Søren": "soren", "O’Brien": "o'brien", "Æthel": "aethel", "İpek": "ipek", "Citroën": "citroen"} {
		if got := FoldName(in); got != want {
			t.Errorf("rule 5.3: FoldName(%q) = %q, want %q", in, got, want)
		}
	}
}

// Rule 5.1: one function makes every key.
func TestKey(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind KeyKind
		in   []string
		want string
	}{
		{"e-mail", KeyEmail, []string{"Jerry@Example.COM"}, "jerry@example.com"},
		{"e-mail, IDNA", KeyEmail, []string{"Jerry@BÜCHER.example"}, "jerry@xn--bcher-kva.example"},
		{"e-mail, IDNA, sharp s", KeyEmail, []string{"a@straße.example"}, "a@strasse.example"},
		{"e-mail, ASCII form", KeyEmail, []string{"jerry@xn--bcher-kva.example"}, "jerry@xn--bcher-kva.example"},
		{"name and company", KeyName, []string{"Gov  Mart", "GOV MART"}, "gov mart\x1fgov mart"},
		{"name alone", KeyName, []string{"Gov Mart"}, "gov mart\x1f"},
		{"no name", KeyName, []string{"", "Gov Mart"}, ""},
		{"external id", KeyExternalID, []string{"HubSpot", "AB-1"}, "hubspot\x1fab-1"},
		{"external id, Salesforce 15", KeyExternalID, []string{"sf", "001A0000006Vm9r"}, "sf\x1f001a0000006vm9riac"},
		{"external id, Salesforce 18", KeyExternalID, []string{"sf", "001A0000006Vm9rIAC"}, "sf\x1f001a0000006vm9riac"},
		{"no external id", KeyExternalID, []string{"sf", " "}, ""},
		{"phone", KeyPhone, []string{"+15852551127"}, "+15852551127"},
		{"account", KeyAccount, []string{" Oro,  Inc. "}, "oro, inc."},
		{"person", KeyPerson, []string{"José", "Müller", "Oro Inc."}, "jose\x1fmuller\x1foro inc."},
	} {
		t.Run("rule 5.1 "+tt.name, func(t *testing.T) {
			if got := Key(tt.kind, tt.in...); got != tt.want {
				t.Errorf("Key(%d, %q) = %q, want %q", tt.kind, tt.in, got, tt.want)
			}
		})
	}
	if Key(KeyExternalID, "sf", "001A0000006Vm9r") == Key(KeyExternalID, "sf", "001a0000006vm9R") {
		t.Error("two Salesforce records have one key")
	}
}

// The hash is part of the database format: these numbers, computed by
// another implementation, never change.
func TestHashGolden(t *testing.T) {
	for _, tt := range []struct {
		kind KeyKind
		key  string
		want uint64
	}{
		{KeyEmail, "", 0xd7cea42b5057e4c},
		{KeyEmail, "jerry@example.com", 0xdd07e056c61d7a56},
		{KeyExternalID, "hubspot\x1f111", 0x2466a13964f3e5ec},
		{KeyName, "gov mart\x1f", 0xe129feb31b05d0cd},
		{KeyPhone, "+15852551127", 0x9e881725830620b4},
		{KeyAccount, "oro, inc.", 0x1588e1d83f73f7fd},
		{KeyEmail, "jürgen@example.com", 0xc97068cdfb51fcbb},
	} {
		if got := Hash(tt.kind, tt.key); got != tt.want {
			t.Errorf("Hash(%d, %q) = %#x, want %#x", tt.kind, tt.key, got, tt.want)
		}
	}
}

// AppendKey appends what Key returns, whatever stands before it.
func TestAppendKey(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ .@a-zA-ZäßÉ]{0,12}`))
		parts := []string{text.Draw(t, "1"), text.Draw(t, "2"), text.Draw(t, "3")}
		kind := KeyKind(rapid.IntRange(1, 8).Draw(t, "kind"))
		if got, want := string(AppendKey([]byte("@ x "), kind, parts...)), "@ x "+Key(kind, parts...); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
		if h := Hash(kind, Key(kind, parts...)); h != Hash(kind, []byte(Key(kind, parts...))) {
			t.Fatal("a text and its bytes have different hashes")
		}
	})
}
