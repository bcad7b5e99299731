package norm

import (
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/lead"
)

// lead-fields.md, addresses: ISO-2, ISO-3 or a name in any common language.
func TestCountryCode(t *testing.T) {
	for want, names := range map[string]string{
		"US": "US|us|USA|U.S.A.|United States|united states of america|Vereinigte Staaten|États-Unis|Estados Unidos|Stati Uniti|Соединенные Штаты|アメリカ合衆国|USA",
		"GB": "GB|UK|GBR|United Kingdom|Great Britain|England|Scotland|Vereinigtes Königreich|Royaume-Uni",
		"DE": "DE|DEU|Germany|Deutschland|Allemagne|Alemania|Germania|Duitsland|Niemcy|Tyskland|Saksa|ドイツ|德国|Германия",
		"CZ": "Czechia|Czech Republic|Česko|Tschechien", "TR": "Türkiye|Turkey|Türkei", "CI": "Côte d’Ivoire|Cote d'Ivoire|Ivory Coast",
		"NL": "The Netherlands|Niederlande|Holland|Pays-Bas", "CH": "Switzerland|Schweiz|Suisse|Svizzera|Suiza", "KR": "South Korea|Korea, Republic of|Südkorea",
		"AT": "Austria|Österreich|Oesterreich|Autriche", "XK": "Kosovo", "ZA": "South Africa|Südafrika", "IS": "Iceland|Island", "IE": "Ireland|Irland|Irlande", "NA": "NA|Namibia", "GR": "Greece|Griechenland|Ελλάδα",
		"": "Atlantis|XX|Europe|1",
	} {
		for name := range strings.SplitSeq(names, "|") {
			if got, f := CountryCode(name); got != want || (f.Code == CodeCountryUnknown) != (want == "") {
				t.Errorf("CountryCode(%q) = %q, %+v; want %q", name, got, f, want)
			}
		}
	}
	if n := len(strings.Fields(iso2)); n != 250 {
		t.Errorf("%d codes, ISO 3166-1 has 249, and Kosovo", n)
	}
}

// lead-fields.md, addresses: combined code, short code or name; it must lie in
// the country.
func TestRegionCode(t *testing.T) {
	for _, tt := range []struct{ country, in, code, name, finding string }{
		{"US", "US-NY", "US-NY", "New York", ""},
		{"US", "us_ny", "US-NY", "New York", ""},
		{"US", "NY", "US-NY", "New York", ""},
		{"US", "new york", "US-NY", "New York", ""},
		{"US", "Washington, D.C.", "US-DC", "Washington DC", ""},
		{"", "US-NY", "US-NY", "New York", ""},
		{"", "NY", "", "", CodeRegionUnknown},
		{"US", "DE-BY", "", "", CodeRegionElsewhere},
		{"US", "Bayern", "", "", CodeRegionElsewhere},
		{"US", "Narnia", "", "", CodeRegionUnknown},
		{"DE", "Bayern", "DE-BY", "Bavaria", ""},
		{"DE", "Bavaria", "DE-BY", "Bavaria", ""},
		{"DE", "NRW", "DE-NW", "North Rhine-Westphalia", ""},
		{"CA", "Québec", "CA-QC", "Quebec", ""},
		{"CH", "Genève", "CH-GE", "Geneva", ""},
		{"AT", "Wien", "AT-9", "Vienna", ""},
		{"GB", "England", "GB-ENG", "England", ""},
		{"IN", "Orissa", "IN-OD", "Odisha", ""},
		{"IN", "IN-OR", "IN-OD", "Odisha", ""},
		{"BR", "São Paulo", "BR-SP", "São Paulo", ""},
		{"MX", "CDMX", "MX-CMX", "Ciudad de Mexico", ""},
		{"NO", "Akershus", "NO-32", "Akershus", ""},
		{"JP", "Tokyo", "JP-13", "Tokyo", ""},
		{"IE", "Co. Dublin", "IE-D", "Dublin", ""},
		{"ES", "Cataluña", "ES-CT", "Catalonia", ""},
		{"SM", "Serravalle", "", "", CodeRegionUnknown},
		{"US", "", "", "", ""},
	} {
		code, name, f := RegionCode(tt.country, tt.in)
		if code != tt.code || name != tt.name || f.Code != tt.finding {
			t.Errorf("RegionCode(%q, %q) = %q, %q, %+v; want %q, %q, %q", tt.country, tt.in, code, name, f, tt.code, tt.name, tt.finding)
		}
	}
	for _, c := range strings.Fields("US CA AU DE AT CH FR IT ES GB IN BR MX NL BE PL JP IE NZ PT SE NO DK FI CN AR") {
		if !HasRegions(c) {
			t.Errorf("no regions of %s", c)
		}
	}
	if HasRegions("SM") || HasRegions("") {
		t.Error("regions of a country that has no list")
	}
	for code := range regions().name {
		if got, _, f := RegionCode(code[:2], code); got != code || f.Code != "" {
			t.Errorf("%s gives %q, %+v", code, got, f)
		}
		if c, _ := CountryCode(code[:2]); c != code[:2] {
			t.Errorf("%s lies in no country", code)
		}
	}
}

var testOptions = []lead.Option{{ID: "new", Label: "New"}, {ID: "qualified", Label: "Qualified"}, {ID: "canceled", Label: "Disqualified"}}

// lead-fields.md, status: id, label and lead_status.new, any case.
func TestChoiceID(t *testing.T) {
	for in, want := range map[string]string{"new": "new", "NEW": "new", "New ": "new", "lead_status.new": "new", "Lead_Status.Canceled": "canceled", "disqualified": "canceled", "Hot": "", "": "", "v2.new": ""} {
		if got, ok := ChoiceID(in, testOptions); got != want || ok != (want != "") {
			t.Errorf("ChoiceID(%q) = %q, %v", in, got, ok)
		}
	}
}

func TestURL(t *testing.T) {
	for _, tt := range []struct{ in, want, code string }{
		{"https://www.example.com/About?x=1#y", "https://www.example.com/About?x=1#y", ""},
		{"HTTP://Example.COM/Path", "http://example.com/Path", ""},
		{"example.com", "https://example.com", CodeURLSchemeAdded},
		{"www.Example.com/A", "https://www.example.com/A", CodeURLSchemeAdded},
		{"//example.com", "https://example.com", CodeURLSchemeAdded},
		{"example.com:8080", "https://example.com:8080", CodeURLSchemeAdded},
		{"https://bücher.example", "https://bücher.example", ""},
		{"http://localhost", "http://localhost", ""},
		{"http://[::1]/", "http://[::1]/", ""},
		{"javascript:alert(1)", "", CodeURLInvalid},
		{"javascript://%0aalert(1)", "", CodeURLInvalid},
		{"data:text/html,x", "", CodeURLInvalid},
		{"ftp://example.com", "", CodeURLInvalid},
		{"file:///etc/passwd", "", CodeURLInvalid},
		{"https://user:pw@example.com", "", CodeURLInvalid},
		{"jerry@acme.com", "", CodeURLInvalid},
		{"http://", "", CodeURLInvalid},
		{"http://a b.example", "", CodeURLInvalid},
		{"Acme", "", CodeURLInvalid},
		{"https://example.com/\"><script>", "", CodeURLInvalid},
		{"https://example.com/%zz", "", CodeURLInvalid},
		{"", "", ""},
	} {
		if got, f := URL(tt.in); got != tt.want || f.Code != tt.code {
			t.Errorf("URL(%q) = %q, %+v; want %q, %q", tt.in, got, f, tt.want, tt.code)
		}
	}
}
