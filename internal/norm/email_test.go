package norm

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"
)

// Rule 4.3: mended where certain, suggested where likely.
func TestEmail(t *testing.T) {
	for _, tt := range []struct{ name, in, want, code, suggestion string }{
		{"as written", "Jerry.Coleman@Example.com", "Jerry.Coleman@Example.com", "", ""},
		{"sub-address", "jerry+crm@example.com", "jerry+crm@example.com", "", ""},
		{"unicode", "jürgen@bücher.example", "jürgen@bücher.example", "", ""},
		{"mailto", "mailto:jerry@acme.com", "jerry@acme.com", CodeEmailMended, ""},
		{"mailto with subject", "MAILTO:jerry@acme.com?subject=Hi", "jerry@acme.com", CodeEmailMended, ""},
		{"name and brackets", "Jerry Coleman <jerry@acme.com>", "jerry@acme.com", CodeEmailMended, ""},
		{"quoted name", `"Coleman, Jerry" <jerry@acme.com>`, "jerry@acme.com", CodeEmailMended, ""},
		{"brackets alone", "<jerry@acme.com>", "jerry@acme.com", CodeEmailMended, ""},
		{"quotes", `"jerry@acme.com"`, "jerry@acme.com", CodeEmailMended, ""},
		{"inner spaces", "jerry @ acme .com", "jerry@acme.com", CodeEmailMended, ""},
		{"trailing dot", "jerry@acme.com.", "jerry@acme.com", CodeEmailMended, ""},
		{"trailing comma", "jerry@acme.com,", "jerry@acme.com", CodeEmailMended, ""},
		{"zero-width inside", "jerry@ac\u200bme.com", "jerry@acme.com", CodeEmailMended, ""},
		{"full-width at", "jerry＠acme.com", "jerry@acme.com", CodeEmailMended, ""},
		{"gmail.con", "jerry@gmail.con", "", CodeEmailInvalid, "jerry@gmail.com"},
		{"gmial.con", "jerry@gmial.con", "", CodeEmailInvalid, "jerry@gmail.com"},
		{"acme,com", "jerry@acme,com", "", CodeEmailInvalid, "jerry@acme.com"},
		{"two dots", "jerry@acme..com", "", CodeEmailInvalid, "jerry@acme.com"},
		{"two ats", "jerry@@acme.com", "", CodeEmailInvalid, "jerry@acme.com"},
		{"spelled out", "jerry [at] acme [dot] com", "", CodeEmailInvalid, "jerry@acme.com"},
		{"provider without ending", "jerry@gmail", "", CodeEmailInvalid, "jerry@gmail.com"},
		{"slip for a provider", "jerry@gmial.com", "jerry@gmial.com", CodeEmailSuspect, "jerry@gmail.com"},
		{"no at", "jerry.acme.com", "", CodeEmailInvalid, ""},
		{"a name before it is not glued on", "jerry coleman@acme.com", "", CodeEmailInvalid, ""},
		{"sentence", "none given", "", CodeEmailInvalid, ""},
		{"empty", "", "", "", ""},
	} {
		t.Run("rule 4.3 "+tt.name, func(t *testing.T) {
			got, f := Email(tt.in)
			if tt.name == "a name before it is not glued on" {
				f.Suggestion = "" // any
			}
			if got != tt.want || f.Code != tt.code || f.Suggestion != tt.suggestion {
				t.Errorf("Email(%q) = %q, %+v; want %q, %q, suggestion %q", tt.in, got, f, tt.want, tt.code, tt.suggestion)
			}
		})
	}
}

// lead-fields.md: one address a cell, or several split by ; , or blanks.
func TestEmails(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
		codes    []string
	}{
		{"one", "a@b.example", []string{"a@b.example"}, nil},
		{"semicolons", "a@b.example; c@d.example;", []string{"a@b.example", "c@d.example"}, nil},
		{"commas", "a@b.example,c@d.example", []string{"a@b.example", "c@d.example"}, nil},
		{"blanks", "a@b.example c@d.example", []string{"a@b.example", "c@d.example"}, nil},
		{"lines", "a@b.example\nc@d.example", []string{"a@b.example", "c@d.example"}, nil},
		{"names", "Ann B <a@b.example>, Cy D <c@d.example>", []string{"a@b.example", "c@d.example"}, []string{CodeEmailMended, CodeEmailMended}},
		{"names with commas", `"B, Ann" <a@b.example>; D, Cy <c@d.example>`, []string{"a@b.example", "c@d.example"}, []string{CodeEmailMended, CodeEmailMended}},
		{"names and blanks", "Ann <a@b.example> Cy <c@d.example>", []string{"a@b.example", "c@d.example"}, []string{CodeEmailMended, CodeEmailMended}},
		{"twice the same", "a@b.example; A@B.example", []string{"a@b.example"}, nil},
		{"one bad", "a@b.example; c@gmail.con", []string{"a@b.example"}, []string{CodeEmailInvalid}},
		{"comma for dot", "a@b,example; c@d.example", []string{"c@d.example"}, []string{CodeEmailInvalid}},
		{"spaced out", "a @ b.example", []string{"a@b.example"}, []string{CodeEmailMended}},
		{"empty", "", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, findings := Emails(tt.in)
			var codes []string
			for _, f := range findings {
				codes = append(codes, f.Code)
			}
			if !slices.Equal(got, tt.want) || !slices.Equal(codes, tt.codes) {
				t.Errorf("Emails(%q) = %q, %q; want %q, %q", tt.in, got, codes, tt.want, tt.codes)
			}
		})
	}
}

type isemailTest struct {
	ID        string `xml:"id,attr"`
	Address   string `xml:"address"`
	Category  string `xml:"category"`
	Diagnosis string `xml:"diagnosis"`
}

// isemail (RFC 5321, 5322): every VALID and DNSWARN accepted, every ERR
// refused, by Email too unless it says what it mended. The categories between are valid for some RFC only; ValidEmail's
// comment says which of them we refuse: all but what it names. The test pins
// that choice.
func TestValidEmailCorpus(t *testing.T) {
	for _, file := range []string{"tests.xml", "tests-original.xml"} {
		var doc struct {
			Tests []isemailTest `xml:"test"`
		}
		if err := xml.Unmarshal(corpus(t, "isemail/"+file), &doc); err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, test := range doc.Tests {
			address := strings.Map(func(r rune) rune {
				if r >= 0x2400 && r < 0x2420 {
					return r - 0x2400
				}
				return r
			}, test.Address)
			ok := ValidEmail(address)
			if test.Diagnosis == "ISEMAIL_RFC5321_TLD" { // one label: accepted with a finding
				if _, f := Email(address); !ok || f.Code != CodeEmailSuspect {
					t.Errorf("%s #%s %q: accepted %v, %+v", file, test.ID, address, ok, f)
				}
				continue
			}
			want := test.Category == "ISEMAIL_VALID_CATEGORY" || test.Category == "ISEMAIL_DNSWARN"
			if ok != want {
				t.Errorf("%s #%s %q: accepted %v, but %s %s", file, test.ID, address, ok, test.Category, test.Diagnosis)
			}
			if got, f := Email(address); got != "" && got == address && !want {
				t.Errorf("%s #%s: Email kept %q (%+v)", file, test.ID, address, f)
			} else if got != "" && got != address && f.Code == "" {
				t.Errorf("%s #%s: Email made %q of %q and said nothing", file, test.ID, got, address)
			} else if want && got != address {
				t.Errorf("%s #%s: Email refused %q: %+v", file, test.ID, address, f)
			}
			count[test.Category]++
		}
		t.Log(file, count)
	}
}

// Rule 5.3.
func TestRoleMailbox(t *testing.T) {
	for in, want := range map[string]bool{"info@acme.com": true, "Sales@acme.com": true, "office@x.example": true, "contact@x.example": true,
		"info+de@acme.com": true, "no-reply@acme.com": true, "vertrieb@acme.example": true, "jerry@acme.com": false, "information.desk@acme.com": false, "": false, "info": false} {
		if got := RoleMailbox(in); got != want {
			t.Errorf("RoleMailbox(%q) = %v", in, got)
		}
	}
}
