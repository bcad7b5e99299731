package recipe

import (
	"reflect"
	"testing"
)

func TestCanonical(t *testing.T) {
	r := &Recipe{
		Columns: []Column{{Heading: "Mail", To: []string{"emails", "phones.2"}}, {Heading: "Labels", To: []string{Tags}}, {Heading: "Colour", To: []string{Tags, Comments, "nope"}}},
		Same:    []Same{{Field: "tags.1.tag"}, {Field: "addresses.1.city"}},
	}
	got := r.Canonical(testSchema())
	want := &Recipe{
		Columns: []Column{{Heading: "Mail", To: []string{"emails.1.email", "phones.2.phone"}}, {Heading: "Labels", To: []string{"tags.1.tag"}}, {Heading: "Colour", To: []string{Tags, Comments, "nope"}}},
		Same:    []Same{{Field: "tags"}, {Field: "addresses.1.city"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if r.Columns[0].To[0] != "emails" {
		t.Error("the recipe itself was changed")
	}
}

func TestFileTag(t *testing.T) { // rule 2.4: the file's name is proposed as a tag
	for name, want := range map[string]string{
		"trade-show.csv":                     "trade-show",
		`C:\lists\Hannover_Messe, 2026.xlsx`: "Hannover Messe 2026",
		"leads/Trade_show-2026.csv.gz":       "Trade show-2026",
		"Dr. Müller's list v1.2.csv":         "Dr. Müller's list v1.2",
		"-.csv":                              "",
		"":                                   "",
		"leads":                              "leads",
	} {
		if got := FileTag(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestFingerprint(t *testing.T) {
	a := Fingerprint([]string{"First name", "E-mail"})
	if a != Fingerprint([]string{"FIRST NAME", "e mail"}) || a == Fingerprint([]string{"E-mail", "First name"}) || a == Fingerprint([]string{"First nameE-mail"}) {
		t.Error("not by folded headings in order")
	}
}
