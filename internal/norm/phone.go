package norm

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// Phone reads a phone number as it is dialled in region (ISO 3166-1 alpha-2,
// "" = unknown); one with + or 00 needs no region. Canonical is E.164
// ("+15852551127"), with an extension as RFC 3966 writes it
// ("+15852551127;ext=12"). What is no possible number is returned as written
// with CodePhoneUnparsed, a local number without region with
// CodePhoneNoCountry; one that a spreadsheet has rounded (4.91521E+11) is left
// out with CodeExcelScientific.
func Phone(s, region string) (string, Finding) {
	if s == "" {
		return "", Finding{}
	}
	if Scientific(s) {
		return "", Finding{Code: CodeExcelScientific, Detail: "the last digits are lost"}
	}
	if e164, ok := dial(s, region); ok {
		return e164, Finding{}
	}
	if strings.HasPrefix(s, "00") {
		if e164, ok := parsePhone("+"+s[2:], region); ok {
			return e164, Finding{}
		}
	}
	if e164, ok := parsePhone(s, region); ok {
		return e164, Finding{}
	}
	if region == "" && !strings.ContainsRune(s, '+') && !strings.HasPrefix(s, "00") && countDigits(s) >= 5 {
		return s, Finding{Code: CodePhoneNoCountry}
	}
	return s, Finding{Code: CodePhoneUnparsed}
}

// International groups a number that Phone has read as people of its country
// do: "+49 30 90112239". Any other text is returned as it is.
func International(e164 string) string {
	if !strings.HasPrefix(e164, "+") {
		return e164
	}
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return e164
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

func countDigits(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// parsePhone asks libphonenumber, and refuses what it would read differently
// the second time (0 00 000 in Germany): such is no number.
func parsePhone(s, region string) (string, bool) {
	e164, ok := askLibrary(s, region)
	if !ok {
		return "", false
	}
	if again, ok := dial(e164, ""); ok {
		return e164, again == e164
	}
	again, ok := askLibrary(e164, "")
	return e164, ok && again == e164
}

func askLibrary(s, region string) (string, bool) {
	n, err := phonenumbers.Parse(s, region)
	if err != nil {
		return "", false
	}
	switch phonenumbers.IsPossibleNumberWithReason(n) {
	case phonenumbers.IS_POSSIBLE:
	case phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		// Too short to be dialled from elsewhere, but for Canada's 310-1234 and
		// its like.
		if valid := phonenumbers.IsValidNumber(n); !valid || region != "" && !phonenumbers.IsValidNumberForRegion(n, region) {
			return "", false
		}
	default:
		return "", false
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if ext := n.GetExtension(); ext != "" {
		e164 += ";ext=" + ext
	}
	return e164, true
}

// Scientific reports what a spreadsheet makes of a long number: 4.91521E+11.
func Scientific(s string) bool {
	e := strings.IndexAny(s, "eE")
	if e < 1 || e+1 >= len(s) {
		return false
	}
	digits := 0
	for i := 0; i < e; i++ {
		switch c := s[i]; {
		case isDigit(c):
			digits++
		case c == '.' || c == ',' || (c == '+' || c == '-') && i == 0:
		default:
			return false
		}
	}
	exp := s[e+1:]
	if exp[0] == '+' || exp[0] == '-' {
		exp = exp[1:]
	}
	if exp == "" || len(exp) > 3 || digits == 0 {
		return false
	}
	for i := 0; i < len(exp); i++ {
		if !isDigit(exp[i]) {
			return false
		}
	}
	return true
}
