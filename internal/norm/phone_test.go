package norm

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leadport/leadport/internal/proptest"
)

// lead-fields.md, phones; rule 3.3 (scientific notation), rule 5.1 (E.164).
func TestPhone(t *testing.T) {
	for _, tt := range []struct{ name, in, region, want, code string }{
		{"rule 5.1 national with marks", "(585) 255-1127", "US", "+15852551127", ""},
		{"rule 5.1 same number, another spelling", "+1 585.255.1127", "", "+15852551127", ""},
		{"country code without plus", "1-585-255-1127", "US", "+15852551127", ""},
		{"00 as plus", "0049 89 123456", "US", "+4989123456", ""},
		{"trunk zero", "089 / 123456", "DE", "+4989123456", ""},
		{"trunk zero after the country code", "+49 (0)89 123456", "", "+4989123456", ""},
		{"Italian leading zero stays", "06 1234 5678", "IT", "+390612345678", ""},
		{"extension", "585-255-1127 ext. 12", "US", "+15852551127;ext=12", ""},
		{"extension x", "585-255-1127 x12", "US", "+15852551127;ext=12", ""},
		{"canonical extension", "+15852551127;ext=12", "", "+15852551127;ext=12", ""},
		{"Argentine mobile", "011 15-2312-3456", "AR", "+5491123123456", ""},
		{"tel URI", "tel:+1-585-255-1127", "", "+15852551127", ""},
		{"wide digits", "+1 585 255 1127", "", "+15852551127", ""},
		{"no country known", "585-255-1127", "", "585-255-1127", CodePhoneNoCountry},
		{"unknown region", "585-255-1127", "XX", "585-255-1127", CodePhoneUnparsed},
		{"local only", "255-1127", "US", "255-1127", CodePhoneUnparsed},
		{"not a number", "call Jerry", "US", "call Jerry", CodePhoneUnparsed},
		{"no number, no country", "n. v.", "", "n. v.", CodePhoneUnparsed},
		{"no such country code", "+999 1234567", "US", "+999 1234567", CodePhoneUnparsed},
		{"rule 3.3 rounded by Excel", "4.91521E+11", "DE", "", CodeExcelScientific},
		{"rule 3.3 rounded, decimal comma", "4,91521E+11", "DE", "", CodeExcelScientific},
		{"empty", "", "US", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, f := Phone(tt.in, tt.region)
			if got != tt.want || f.Code != tt.code {
				t.Errorf("Phone(%q, %q) = %q, %q; want %q, %q", tt.in, tt.region, got, f.Code, tt.want, tt.code)
			}
		})
	}
}

type exampleNumber struct{ Region, CC, Type, National, E164 string }

func exampleNumbers(t *testing.T) []exampleNumber {
	t.Helper()
	var list []exampleNumber
	if err := json.Unmarshal(corpus(t, "libphonenumber/example-numbers.json"), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// Rule 5.1: each example number of libphonenumber, by its national form and
// its region and by E.164 alone, gives the same E.164.
func TestPhoneCorpus(t *testing.T) {
	list := exampleNumbers(t)
	fast := 0
	for _, n := range list {
		region := n.Region
		if _, ok := dial(n.National, region); ok {
			fast++
		}
		if n.Region != "001" {
			if got, f := Phone(n.National, region); got != n.E164 || f.Code != "" {
				t.Errorf("%s %s %q = %q %q, want %q", region, n.Type, n.National, got, f.Code, n.E164)
			}
		}
		if got, f := Phone(n.E164, ""); got != n.E164 || f.Code != "" {
			t.Errorf("%s %s %q = %q %q", region, n.Type, n.E164, got, f.Code)
		}
	}
	t.Logf("%d numbers, %d nationally read without the library", len(list), fast)
}

// The fast path says what the library says, or nothing.
func TestDialAgreesWithLibrary(t *testing.T) {
	regions := make([]string, 0, 256)
	codes := make([]string, 0, 256)
	for r, p := range plans().region {
		regions = append(regions, r)
		codes = append(codes, p.calling)
	}
	proptest.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(regions)-1).Draw(t, "region")
		prefix := rapid.SampledFrom([]string{"", "", "", "+", "+", "0", "00", "1", "8", "+" + codes[i], "+" + codes[i] + "0", codes[i], "+1", "(0", "00" + codes[i]}).Draw(t, "prefix")
		s := prefix + rapid.StringMatching(`[0-9]{2,4}[ ./()-]?[0-9]{2,6}[ -]?[0-9]{0,5}`).Draw(t, "number")
		got, ok := dial(s, regions[i])
		if !ok {
			return
		}
		asked := s
		if d := strings.Trim(s, "( "); strings.HasPrefix(d, "00") {
			asked = "+" + d[2:]
		}
		if want, _ := askLibrary(asked, regions[i]); got != want {
			t.Fatalf("dial(%q, %s) = %q, the library says %q", s, regions[i], got, want)
		}
	})
}

func TestInternational(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"+493090112239", "+49 30 90112239"},
		{"+15852551127;ext=12", "+1 585-255-1127 ext. 12"},
		{"+33123456789", "+33 1 23 45 67 89"},
		{"030 901820", "030 901820"},
		{"+999", "+999"},
		{"", ""},
	} {
		if got := International(c.in); got != c.want {
			t.Errorf("International(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
