package lead_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/proptest"
)

func schema() *lead.Schema { return lead.NewSchema(nil, nil, nil) }

// EncodeList writes JSON that any reader understands, and DecodeList reads it
// back exactly.
func TestListRoundTrip(t *testing.T) {
	parts := schema().Field("addresses").Parts
	proptest.Check(t, func(t *rapid.T) {
		list := make([]lead.Element, rapid.IntRange(1, 4).Draw(t, "n"))
		for i := range list {
			list[i] = lead.Element{ID: rapid.Int64Range(0, 1<<40).Draw(t, "id"), Values: make([]string, len(parts))}
			for p := range parts {
				list[i].Values[p] = rapid.OneOf(rapid.Just(""), rapid.StringN(0, 12, -1),
					rapid.SampledFrom([]string{`"`, `\`, "a\nb", "\x00", "\t", "\u2028", `{"x":1}`, "\\u0041"})).Draw(t, "v")
			}
		}
		text := lead.EncodeList(parts, list)
		if got := lead.DecodeList(parts, text); !reflect.DeepEqual(got, list) {
			t.Fatalf("%s\n got %v\nwant %v", text, got, list)
		}
		var read []map[string]any
		if err := json.Unmarshal([]byte(text), &read); err != nil || len(read) != len(list) {
			t.Fatalf("not JSON: %s: %v", text, err)
		}
	})
}

func TestDecodeListOfOther(t *testing.T) {
	parts := schema().Field("emails").Parts
	for _, text := range []string{"", "[]", "[", `[{`, `[{"id":`, `[{"email":"a`, `[{"email":"\`, `[{"email":"\u12`, "null", `{"email":"a"}`} {
		if got := lead.DecodeList(parts, text); len(got) > 1 {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestParseTarget(t *testing.T) {
	s := schema()
	for _, c := range []struct{ text, want string }{
		{"first_name", "first_name"}, {"emails", "emails.1.email"}, {"emails.2", "emails.2.email"},
		{"addresses.2.city", "addresses.2.city"}, {"addresses.city", "addresses.1.city"},
		{"nothing", ""}, {"first_name.1", ""}, {"emails.0", ""}, {"emails.1.city", ""}, {"emails.1001", ""}, {"", ""},
	} {
		target, err := s.ParseTarget(c.text)
		switch {
		case (err == nil) != (c.want != ""):
			t.Errorf("%q: %v", c.text, err)
		case err == nil && s.TargetText(target) != c.want:
			t.Errorf("%q: %s", c.text, s.TargetText(target))
		}
	}
}
