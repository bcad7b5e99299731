package norm

import "testing"

func TestSplitFullName(t *testing.T) {
	for in, want := range map[string][5]string{
		"Jerry Coleman":                 {"", "Jerry", "", "Coleman", ""},
		"Coleman, Jerry":                {"", "Jerry", "", "Coleman", ""},
		"Dr. Jerry A. Coleman Jr.":      {"Dr.", "Jerry", "A.", "Coleman", "Jr."},
		"Coleman, Jerry A., PhD":        {"", "Jerry", "A.", "Coleman", "PhD"},
		"Jerry Coleman, PhD":            {"", "Jerry", "", "Coleman", "PhD"},
		"Prof. Dr. Ludwig van der Rohe": {"Prof. Dr.", "Ludwig", "", "van der Rohe", ""},
		"van der Rohe, Ludwig":          {"", "Ludwig", "", "van der Rohe", ""},
		"Cher":                          {"", "", "", "Cher", ""},
		"Mr Coleman":                    {"Mr", "", "", "Coleman", ""},
		"":                              {},
	} {
		var got [5]string
		got[0], got[1], got[2], got[3], got[4] = SplitFullName(in)
		if got != want {
			t.Errorf("SplitFullName(%q) = %q, want %q", in, got, want)
		}
	}
}

// lead-fields.md, name.
func TestComposeName(t *testing.T) {
	for _, tt := range [][6]string{
		{"Jerry", "Coleman", "Oro", "j@oro.example", "+1", "Jerry Coleman"}, {"", "Coleman", "Oro", "", "", "Coleman"}, {"Jerry", "", "Oro", "", "", "Jerry"},
		{"", "", "Oro", "j@oro.example", "", "Oro"}, {"", "", "", "j@oro.example", "+1", "j@oro.example"}, {"", "", "", "", "+1", "+1"}, {},
	} {
		if got := ComposeName(tt[0], tt[1], tt[2], tt[3], tt[4]); got != tt[5] {
			t.Errorf("ComposeName(%q) = %q", tt, got)
		}
	}
}

// Rule 5.3: more than case, accents or a typo.
func TestNearName(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"Coleman", "COLEMAN", true}, {"Müller", "Muller", true}, {"Müller", "Mueller", true}, {"Coleman", "Colemann", true}, {"Coleman", "Coelman", true}, {"O’Brien", "O'Brien", true}, {"O'Brien", "OBrien", true},
		{"Papadopoulos", "Papadopulus", true}, {"Coleman", "Holman", false}, {"Li", "Lu", false}, {"Smith", "Jones", false}, {"", "", true}, {"", "Lee", false},
	} {
		if got := NearName(tt.a, tt.b); got != tt.want || NearName(tt.b, tt.a) != tt.want {
			t.Errorf("rule 5.3: NearName(%q, %q) = %v", tt.a, tt.b, got)
		}
	}
}
