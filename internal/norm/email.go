package norm

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Email reads one address and returns it as written (compare by EmailKey).
// What is certainly only its wrapping is taken off (rule 4.3, CodeEmailMended):
// mailto:, Name <a@b.c>, quotes, blanks beside @ and dots, zero-width marks, a
// trailing dot. An address that cannot receive mail is left out with
// CodeEmailInvalid, with a suggestion where the error is likely a slip
// (gmail.con, acme,com); one whose domain is a slip away from a big
// provider's, or has no dot, is kept with CodeEmailSuspect.
func Email(s string) (string, Finding) {
	if s == "" {
		return "", Finding{}
	}
	if ValidEmail(s) {
		return judgeDomain(s, Finding{})
	}
	mended := mendEmail(s)
	if ValidEmail(mended) {
		return judgeDomain(mended, Finding{Code: CodeEmailMended, Detail: s})
	}
	return "", Finding{Code: CodeEmailInvalid, Detail: "not an e-mail address", Suggestion: suggestEmail(mended)}
}

// Emails reads a cell that may hold several addresses, split by ; , | line
// ends or blanks. There is one finding per part that has one, in order; a part
// that is left out gives no address. An address named twice is given once.
func Emails(s string) ([]string, []Finding) {
	if s == "" {
		return nil, nil
	}
	if strings.Count(s, "@") < 2 {
		one, f := Email(s)
		return oneEmail(one, f)
	}
	var list []string
	var findings []Finding
	for _, part := range splitEmails(s) {
		one, f := Email(part)
		if f.Code != "" {
			findings = append(findings, f)
		}
		if one != "" && !hasEmail(list, one) {
			list = append(list, one)
		}
	}
	return list, findings
}

func oneEmail(one string, f Finding) ([]string, []Finding) {
	var list []string
	var findings []Finding
	if one != "" {
		list = []string{one}
	}
	if f.Code != "" {
		findings = []Finding{f}
	}
	return list, findings
}

func hasEmail(list []string, s string) bool {
	for _, have := range list {
		if have == s || EmailKey(have) == EmailKey(s) {
			return true
		}
	}
	return false
}

// splitEmails cuts at separators outside "quotes" and <brackets>. A piece
// without @ belongs to the one after it where that is a name (Coleman, Jerry
// <j@acme.com>), else to the one before it (jerry@acme,com).
func splitEmails(s string) []string {
	var parts []string
	for _, piece := range cutEmails(s) {
		piece = trim(piece)
		if piece == "" {
			continue
		}
		last := len(parts) - 1
		switch {
		case last < 0, strings.IndexByte(parts[last], '@') >= 0 && strings.IndexByte(piece, '@') >= 0:
			parts = append(parts, piece)
		case strings.IndexByte(parts[last], '@') < 0:
			parts[last] += ", " + piece
		case domainEnd(parts[last], piece):
			parts[last] += "," + piece
		default:
			parts = append(parts, piece)
		}
	}
	var list []string
	for _, p := range parts {
		if strings.Count(p, "@") > 1 {
			list = append(list, cutBlanks(p)...)
		} else {
			list = append(list, p)
		}
	}
	return list
}

// domainEnd reports that a comma stands where address's domain wants a dot.
func domainEnd(address, piece string) bool {
	if strings.HasSuffix(address, ">") || !hostLabel(piece) {
		return false
	}
	domain := address[strings.LastIndexByte(address, '@')+1:]
	return strings.IndexByte(domain, '.') < 0 || len(piece) <= 4 && toLowerASCII(piece) == piece
}

func cutEmails(s string) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			quoted = !quoted && strings.IndexByte(s[i+1:], '"') >= 0
		case ';', ',', '|', '\n', '\r':
			if !quoted {
				parts = append(parts, s[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, s[start:])
}

// cutBlanks cuts "a@b.c d@e.f" and "A <a@b.c> D <d@e.f>", not "a @ b.c".
func cutBlanks(s string) []string {
	var parts []string
	rest := s
	for {
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			break
		}
		parts = append(parts, trim(rest[:end+1]))
		rest = rest[end+1:]
	}
	for _, f := range strings.Fields(rest) {
		if at := strings.IndexByte(f, '@'); at <= 0 || at == len(f)-1 {
			return append(parts, trim(rest))
		}
	}
	return append(parts, strings.Fields(rest)...)
}

// ValidEmail is the strict rule: a Mailbox of RFC 5321 (4.1.2, lengths of
// 4.5.3.1) with a dot-string before the @ and a domain name behind it, in
// UTF-8 as RFC 6531 allows. Not accepted on purpose, though some RFC permits
// them: quoted local parts, comments, folding, address literals, domains
// whose last label is a number: no business address looks so, and mail
// programs and other systems choke on them. A domain of one label is accepted,
// since a few top-level domains do have mail.
func ValidEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at >= 1 && at <= 64 && len(s) <= 254 && validLocal(s[:at]) && validDomain(s[at+1:])
}

func validLocal(s string) bool {
	dot := true
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '.':
			if dot {
				return false
			}
			dot = true
			i++
			continue
		case c < utf8.RuneSelf:
			if !atext(c) {
				return false
			}
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) || zeroWidth(r) {
				return false
			}
			i += n
		}
		dot = false
	}
	return !dot
}

// atext of RFC 5322, 3.2.3.
func atext(c byte) bool {
	if isLetter(c) || isDigit(c) {
		return true
	}
	switch c {
	case '!', '#', '$', '%', '&', '\'', '*', '+', '-', '/', '=', '?', '^', '_', '`', '{', '|', '}', '~':
		return true
	}
	return false
}

// validDomain asks for labels of letters, digits and inner hyphens of at most
// 63 bytes (RFC 1035, 2.3.4), letters of any script as IDNA has them.
func validDomain(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	start, digits := 0, true
	for i := 0; i <= len(s); {
		if i == len(s) || s[i] == '.' {
			if i == start || i-start > 63 || s[start] == '-' || s[i-1] == '-' {
				return false
			}
			if i == len(s) {
				return !digits
			}
			i++
			start, digits = i, true
			continue
		}
		c := s[i]
		switch {
		case isDigit(c):
		case isLetter(c) || c == '-':
			digits = false
		case c < utf8.RuneSelf:
			return false
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) || zeroWidth(r) {
				return false
			}
			digits = false
			i += n
			continue
		}
		i++
	}
	return false
}

// mendEmail takes wrappings off until there is none.
func mendEmail(s string) string {
	for range 8 {
		t := mendOnce(s)
		if t == s {
			break
		}
		s = t
	}
	return s
}

func mendOnce(s string) string {
	s = trim(s)
	if open := strings.LastIndexByte(s, '<'); open >= 0 && strings.HasSuffix(s, ">") && strings.Count(s, "@") >= 1 {
		if inner := s[open+1 : len(s)-1]; strings.IndexByte(inner, '@') >= 0 {
			s = inner
		}
	}
	if hasPrefixFold(s, "mailto:") {
		s = s[len("mailto:"):]
		if q := strings.IndexByte(s, '?'); q >= 0 && q > strings.IndexByte(s, '@') {
			s = s[:q]
		}
	}
	if n := len(s); n >= 2 {
		if q := s[0]; q == s[n-1] && (q == '"' || q == '\'') || q == '(' && s[n-1] == ')' || q == '[' && s[n-1] == ']' {
			s = s[1 : n-1]
		}
	}
	s = strings.TrimRight(s, ".,;: \t\r\n")
	if strings.IndexFunc(s, needsMending) >= 0 {
		s = closeGaps(s)
	}
	return s
}

func needsMending(r rune) bool { return unicode.IsSpace(r) || zeroWidth(r) || r == '＠' }

// closeGaps removes zero-width marks, and blanks beside an @ or beside a dot
// behind it. Other blanks could part a name from an address; they stay, and
// the address is refused.
func closeGaps(s string) string {
	b := make([]rune, 0, len(s))
	for _, r := range s {
		if zeroWidth(r) {
			continue
		}
		if r == '＠' {
			r = '@'
		}
		if unicode.IsSpace(r) {
			r = ' '
		}
		b = append(b, r)
	}
	out := b[:0]
	at := false
	for i, r := range b {
		if r == ' ' {
			next := rune(0)
			for _, n := range b[i:] {
				if n != ' ' {
					next = n
					break
				}
			}
			last := rune(0)
			if len(out) > 0 {
				last = out[len(out)-1]
			}
			if next == '@' || last == '@' || at && (next == '.' || last == '.') || next == 0 {
				continue
			}
		}
		at = at || r == '@'
		out = append(out, r)
	}
	return string(out)
}
