package norm

import "testing"

// lead-fields.md, number_of_employees; rule 3.3.
func TestInteger(t *testing.T) {
	for _, tt := range []struct {
		name, in             string
		mark                 byte
		want, code, proposal string
	}{
		{"plain", "1200", 0, "1200", "", ""},
		{"comma groups", "1,200", '.', "1200", "", ""},
		{"point groups", "1.200", ',', "1200", "", ""},
		{"blank groups", "1 200", 0, "1200", "", ""},
		{"no-break blank groups", "1\u202f200", 0, "1200", "", ""},
		{"apostrophe groups", "1'200", 0, "1200", "", ""},
		{"groups prove themselves", "1,200,000", 0, "1200000", "", ""},
		{"lakhs", "12,34,567", '.', "1234567", "", ""},
		{"which mark?", "1,200", 0, "", CodeNumberAmbiguous, ""},
		{"zeros in front", "007", 0, "7", "", ""},
		{"plus", "+5", 0, "5", "", ""},
		{"whole with decimals", "100.00", '.', "100", "", ""},
		{"not whole", "1.5", '.', "", CodeIntegerInvalid, "1"},
		{"range", "50-100", 0, "", CodeIntegerRange, "50"},
		{"range with en dash", "50 – 100", 0, "", CodeIntegerRange, "50"},
		{"range with words", "1,001 to 5,000 employees", 0, "", CodeIntegerRange, "1001"},
		{"open range", "10,001+", 0, "", CodeIntegerRange, "10001"},
		{"below", "<50", 0, "", CodeIntegerRange, "50"},
		{"unit", "250 employees", 0, "", CodeIntegerInvalid, "250"},
		{"about", "ca. 20", 0, "", CodeIntegerInvalid, "20"},
		{"numbered", "No.200", 0, "", CodeIntegerInvalid, "200"},
		{"thousands", "5k", 0, "", CodeIntegerInvalid, "5000"},
		{"negative", "-3", 0, "", CodeIntegerTooSmall, ""},
		{"too big", "99999999999999999999", 0, "", CodeIntegerTooBig, ""},
		{"rule 3.3 rounded", "1.2E+11", 0, "", CodeExcelScientific, ""},
		{"word", "many", 0, "", CodeIntegerInvalid, ""},
		{"bad groups", "1,20", '.', "", CodeIntegerInvalid, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, f := Integer(tt.in, Marks{tt.mark}, 0)
			if got != tt.want || f.Code != tt.code || f.Suggestion != tt.proposal {
				t.Errorf("Integer(%q) = %q, %+v; want %q, %q, %q", tt.in, got, f, tt.want, tt.code, tt.proposal)
			}
		})
	}
	if lower, upper, ok := IntegerRange("1.001 - 5.000", Marks{}); !ok || lower != "1001" || upper != "5000" {
		t.Error(lower, upper, ok)
	}
}

func TestDecimal(t *testing.T) {
	for _, tt := range []struct {
		in, want, code string
		mark           byte
	}{
		{"1234.50", "1234.5", "", 0}, {"1,234.50", "1234.5", "", 0}, {"1.234,50", "1234.5", "", 0}, {"1,2", "1.2", "", 0}, {"1,200", "", CodeNumberAmbiguous, 0},
		{"1,200", "1.2", "", ','}, {"1.200", "1200", "", ','}, {"0.125", "0.125", "", 0}, {".5", "0.5", "", '.'}, {"-0.0", "0", "", '.'}, {"(12.50)", "-12.5", "", '.'}, {"$ 1,234.5", "1234.5", "", '.'},
		{"12,50 €", "12.5", "", ','}, {"1.5E-3", "0.0015", "", '.'}, {"1E+5", "100000", "", '.'}, {"1.2.3", "", CodeDecimalInvalid, '.'}, {"12%", "", CodeDecimalInvalid, '.'}, {"", "", "", '.'}, {"−4", "-4", "", 0},
	} {
		if got, f := Decimal(tt.in, Marks{tt.mark}); got != tt.want || f.Code != tt.code {
			t.Errorf("Decimal(%q, %q) = %q, %q; want %q, %q", tt.in, tt.mark, got, f.Code, tt.want, tt.code)
		}
	}
}

func TestBool(t *testing.T) {
	for in, want := range map[string]string{"yes": "true", "Ja": "true", "OUI": "true", "Sí": "true", "да": "true", "1": "true", "x": "true", "TRUE": "true", "": "",
		"no": "false", "Nein": "false", "não": "false", "0": "false", "нет": "false", "false": "false", "perhaps": ""} {
		got, f := Bool(in)
		if got != want || (f.Code != "") != (in == "perhaps") {
			t.Errorf("Bool(%q) = %q, %+v", in, got, f)
		}
	}
}
