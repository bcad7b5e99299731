package norm

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/leadport/leadport/internal/proptest"
)

// Rule 3.1.
func TestClean(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"nothing to do", "Gov Mart", "Gov Mart"},
		{"blanks", " \t Gov Mart\r\n", "Gov Mart"},
		{"no-break and other blanks", "\u00a0\u2003Gov Mart\u3000", "Gov Mart"},
		{"zero-width marks", "\ufeff\u200bGov Mart\u200e", "Gov Mart"},
		{"direction marks of Windows contacts", "\u202a+49 89 123456\u202c", "+49 89 123456"},
		{"joiner inside stays", "\U0001F468\u200d\U0001F469", "\U0001F468\u200d\U0001F469"},
		{"NFC", "Mu\u0308ller", "Müller"},
		{"formula with text undone", `="00123"`, "00123"},
		{"formula with text, blanks inside", ` =" 00123 " `, "00123"},
		{"formula with doubled quotes", `="say ""hi"""`, `say "hi"`},
		{"real formula stays", `="a"&"b"`, `="a"&"b"`},
		{"sum stays", "=1+1", "=1+1"},
		{"blank is absent", " \u200b\u00a0", ""},
		{"empty formula is absent", `=""`, ""},
		{"NUL", "a\x00b", "ab"},
		{"not UTF-8 stays", "a\xffb ", "a\xffb"},
	} {
		t.Run("rule 3.1 "+tt.name, func(t *testing.T) {
			if got := Clean(tt.in); got != tt.want {
				t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// What is taken for clean at first sight stays as it is at a close look: every
// character of the basic plane at each end and between others, and random texts.
func TestAlreadyClean(t *testing.T) {
	check := func(s string) {
		if alreadyClean(s) && cleaned(s) != s {
			t.Fatalf("%+q becomes %+q", s, cleaned(s))
		}
	}
	fast := 0
	for r := rune(1); r < 1<<16; r++ {
		for _, s := range []string{string(r), "a" + string(r), string(r) + "a", "é" + string(r) + "é", "\u1100" + string(r) + "\u1161"} {
			check(s)
		}
		if alreadyClean("a" + string(r) + "b") {
			fast++
		}
	}
	if fast < 50_000 {
		t.Errorf("only %d characters are known as clean", fast)
	}
	proptest.Check(t, func(rt *rapid.T) { check(rapid.String().Draw(rt, "cell")) })
}

// Rule 3.1, second half.
func TestUnprotect(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		id       bool
		want     string
	}{
		{"formula", "'=1+1", false, "=1+1"},
		{"plus", "'+49 89", false, "+49 89"},
		{"several, one taken off", "''=1", false, "'=1"},
		{"tab", "'\tx", false, "\tx"},
		{"text stays", "'t Hart", false, "'t Hart"},
		{"digit in a text stays", "'68 Comeback", false, "'68 Comeback"},
		{"digit in an id", "'00123", true, "00123"},
		{"nothing there", "00123", true, "00123"},
		{"alone", "'", true, "'"},
	} {
		t.Run("rule 3.1 "+tt.name, func(t *testing.T) {
			if got := Unprotect(tt.in, tt.id); got != tt.want {
				t.Errorf("Unprotect(%q, %v) = %q, want %q", tt.in, tt.id, got, tt.want)
			}
		})
	}
}

// Rule 10.3: ^'*[=+\-@\t\r] gets one '.
func TestProtect(t *testing.T) {
	for in, want := range map[string]string{"=1+1": "'=1+1", "+49": "'+49", "-": "'-", "@jerry": "'@jerry", "\tx": "'\tx", "\rx": "'\rx",
		"'=1": "''=1", "''@": "'''@", "a=1": "a=1", "'t Hart": "'t Hart", "": "", "'": "'", " =1": " =1"} {
		if got := Protect(in); got != want {
			t.Errorf("rule 10.3: Protect(%q) = %q, want %q", in, got, want)
		}
		if got := Unprotect(Protect(in), false); got != in {
			t.Errorf("rule 10.3: %q came back as %q", in, got)
		}
	}
}

// Rule 3.2.
func TestAbsent(t *testing.T) {
	for want, cells := range map[string][]string{
		CodeExcelError:  {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#n/a", "#NV", "#WERT!", "#VALEUR!", "#¡VALOR!", "#SPILL!", "########"},
		CodePlaceholder: {"-", "--", "–", "n/a", "N/A", "none", "NULL", "unknown", "tbd", "?", "???", "(null)", `\N`},
		"":              {"", "Gov Mart", "#1 Pizza", "# 4", "Null Island", "None Such", "Na", "NA", "Unknown Ltd", "-5", "?!", "T-Systems", "##"},
	} {
		for _, s := range cells {
			if got := Absent(s); got != want {
				t.Errorf("rule 3.2: Absent(%q) = %q, want %q", s, got, want)
			}
		}
	}
}

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name, in  string
		max       int
		multiline bool
		want      string
		code      string
	}{
		{"fits", "Müller", 6, false, "Müller", ""},
		{"too long", "Müllers", 6, false, "", CodeTextTooLong},
		{"no limit", "Müllers", 0, false, "Müllers", ""},
		{"line breaks become blanks", "12 Main St \r\n Apt 4", 255, false, "12 Main St Apt 4", ""},
		{"line breaks kept", "one\r\ntwo\rthree\nfour", 255, true, "one\ntwo\nthree\nfour", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, f := Text(tt.in, tt.max, tt.multiline)
			if got != tt.want || f.Code != tt.code {
				t.Errorf("Text(%q) = %q, %q; want %q, %q", tt.in, got, f.Code, tt.want, tt.code)
			}
		})
	}
}

// cleaners are all functions whose own output must be left as it is.
func cleaners() map[string]func(string) string {
	first := func(s string, _ Finding) string { return s }
	return map[string]func(string) string{
		"Clean":    Clean,
		"Fold":     Fold,
		"FoldName": FoldName,
		"EmailKey": EmailKey,
		"Text":     func(s string) string { return first(Text(s, 255, false)) },
		"LongText": func(s string) string { return first(Text(s, 64<<10, true)) },
		"Email":    func(s string) string { return first(Email(s)) },
		"Phone":    func(s string) string { return first(Phone(s, "US")) },
		"PhoneDE":  func(s string) string { return first(Phone(s, "DE")) },
		"Phone?":   func(s string) string { return first(Phone(s, "")) },
		"URL":      func(s string) string { return first(URL(s)) },
		"Integer":  func(s string) string { return first(Integer(s, Marks{}, 0)) },
		"Integer,": func(s string) string { return first(Integer(s, Marks{','}, -1000)) },
		"Decimal":  func(s string) string { return first(Decimal(s, Marks{'.'})) },
		"Date":     func(s string) string { return first(Date(s, DMY)) },
		"Date?":    func(s string) string { return first(Date(s, Unknown)) },
		"DateTime": func(s string) string { return first(DateTime(s, MDY, time.FixedZone("", 7200))) },
		"Bool":     func(s string) string { return first(Bool(s)) },
		"Country":  func(s string) string { return first(CountryCode(s)) },
		"Region":   func(s string) string { code, _, _ := RegionCode("US", s); return code },
		"ChoiceID": func(s string) string { id, _ := ChoiceID(s, testOptions); return id },
		"Key":      func(s string) string { return Key(KeyAccount, s) },
	}
}

func checkCell(t interface{ Fatalf(string, ...any) }, s string) {
	for name, f := range cleaners() {
		for _, in := range []string{s, Clean(s)} {
			once := f(in)
			if twice := f(once); twice != once {
				t.Fatalf("%s(%q) = %q, then %q", name, in, once, twice)
			}
			if utf8.ValidString(in) && !utf8.ValidString(once) {
				t.Fatalf("%s(%q) = %q is not UTF-8", name, in, once)
			}
		}
	}
	if got := Unprotect(Protect(s), false); got != s {
		t.Fatalf("Unprotect(Protect(%q)) = %q", s, got)
	}
	if clean := Clean(s); clean != "" && trim(clean) != clean {
		t.Fatalf("Clean(%q) = %q has blanks left", s, clean)
	}
	Absent(s)
	if once := Unprotect(s, true); len(once) > len(s) {
		t.Fatalf("Unprotect(%q) = %q", s, once)
	}
	Emails(s)
	IntegerRange(s, Marks{})
	SplitFullName(s)
	NearName(s, "Coleman")
	RoleMailbox(s)
	DateSerial(s)
	DateTimeSerial(s, nil)
}

// Rules 3.1, 5.1, 10.3 as properties: each function leaves its own output as
// it is, Fold is stable, protection comes off again.
func TestProperties(t *testing.T) {
	cell := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[ '="a-zA-Z0-9@.,;:/+()<>-]{0,24}`),
		rapid.StringMatching(`[0-9]{1,4}[./ -][0-9A-Za-z]{1,9}[./ -][0-9]{1,4}( [0-9]{1,2}:[0-9]{2}( ?[AaPp][Mm])?)?`),
		rapid.StringMatching(`[+(]?[0-9 ()./-]{3,18}( ?(x|ext\.?) ?[0-9]{1,5})?`),
		rapid.StringMatching(`(https?://)?[a-zäÖ0-9.-]{1,20}(:[0-9]{0,6})?(/[ -~]{0,8})?`),
		rapid.StringMatching(`(mailto:|[A-Z][a-z]{1,5} <|")?[a-z.+ ]{0,8}@?[a-z. ,-]{1,12}[>". ]?`),
		rapid.StringMatching(`-?[0-9 .,'€]{1,12}([eE][+-]?[0-9]{1,2})?`),
	)
	proptest.Check(t, func(t *rapid.T) { checkCell(t, cell.Draw(t, "cell")) })
}

// Rule 5.1: folding ignores what spelling alone changes.
func TestFoldProperties(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zA-ZäöüßÄÉñçøÅ]{1,8}( [a-zA-Z0-9&.]{1,6}){0,3}`).Draw(t, "text")
		if a, b := Fold(s), Fold("  "+decompose(s)+"\u00a0"); a != b {
			t.Fatalf("Fold(%q) = %q, decomposed %q", s, a, b)
		}
	})
}

func TestNaughtyStrings(t *testing.T) {
	var list []string
	if err := json.Unmarshal(corpus(t, "blns/blns.json"), &list); err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		checkCell(t, s)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", " a ", `="00123"`, "Mu\u0308ller", "'=1", "Jerry <j@a.example>", "+1 585 255 1127 x12", "1.200,50", "3/4/2025 1 PM", "US-NY", "http://a.example:80/", "\xff\x00", "Ⅷ ﬀ ẞ İ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) < 1000 {
			checkCell(t, s)
		}
	})
}
