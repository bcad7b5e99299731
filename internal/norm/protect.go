package norm

// NeedsProtection reports whether a spreadsheet could take s for a formula:
// it matches ^'*[=+\-@\t\r] (rule 10.3; OWASP, CSV injection).
func NeedsProtection(s string) bool {
	i := 0
	for i < len(s) && s[i] == '\'' {
		i++
	}
	return i < len(s) && formulaStart(s[i])
}

// Protect puts one ' before a cell that needs it (rule 10.3). Unprotect takes
// it off again, so that export and import are a byte-identical round trip.
func Protect(s string) string {
	if NeedsProtection(s) {
		return "'" + s
	}
	return s
}

// Unprotect takes one protective ' off (rule 3.1): only before
// '*[=+\-@\t\r], and in columns of phones, postal codes and ids (id) also
// before a digit, where a spreadsheet's user types it to keep leading zeros.
// Any other ' belongs to the text ('t Hart).
func Unprotect(s string, id bool) string {
	if len(s) < 2 || s[0] != '\'' {
		return s
	}
	if NeedsProtection(s) || id && isDigit(s[1]) {
		return s[1:]
	}
	return s
}

func formulaStart(c byte) bool {
	return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r'
}
