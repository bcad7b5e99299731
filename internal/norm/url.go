package norm

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// URL accepts http and https addresses (RFC 3986) with a host; a missing
// scheme is added as https:// (CodeURLSchemeAdded). Everything else, above
// all javascript:, data:, file: and addresses with a password, is left out
// with CodeURLInvalid. The path stays as written; scheme and host are lowered.
func URL(s string) (string, Finding) {
	if s == "" {
		return "", Finding{}
	}
	invalid := func(why string) (string, Finding) {
		return "", Finding{Code: CodeURLInvalid, Detail: why}
	}
	rest, added := s, false
	switch {
	case hasPrefixFold(s, "https://"):
		rest = s[8:]
	case hasPrefixFold(s, "http://"):
		rest = s[7:]
	case strings.HasPrefix(s, "//"):
		rest, added = s[2:], true
	default:
		added = true
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	if strings.IndexByte(host, '@') >= 0 {
		if added {
			return invalid("an e-mail address, not a web address")
		}
		return invalid("with a user name")
	}
	for _, r := range s {
		if r <= ' ' || r == '<' || r == '>' || r == '"' || r == '\\' || r == '`' || r == 0x7f ||
			r >= utf8.RuneSelf && (unicode.IsSpace(r) || unicode.IsControl(r) || zeroWidth(r) || r == unicode.ReplacementChar) {
			return invalid("with a character that no web address has")
		}
	}
	if why := badHost(host, added); why != "" {
		return invalid(why)
	}
	out := s
	if added {
		out = "https://" + strings.ToLower(host) + rest[len(host):]
	} else if lower := strings.ToLower(s[:len(s)-len(rest)+len(host)]); lower != s[:len(lower)] {
		out = lower + rest[len(host):]
	}
	if strings.IndexByte(out, '%') >= 0 || strings.IndexByte(host, ':') >= 0 {
		if _, err := url.Parse(out); err != nil {
			return invalid("not a web address")
		}
	}
	if added {
		return out, Finding{Code: CodeURLSchemeAdded, Detail: s}
	}
	return out, Finding{}
}

// badHost says what is wrong with a host and its port, or "". Where the
// scheme was missing, a dot is asked for: "Acme" is a name, not a host.
func badHost(host string, added bool) string {
	name := host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		name = host[:i]
		port := host[i+1:]
		if len(port) > 5 {
			return "with a port that does not exist"
		}
		for j := 0; j < len(port); j++ {
			if !isDigit(port[j]) {
				return "neither http nor https"
			}
		}
		if added && port == "" {
			return "neither http nor https"
		}
	}
	if name == "" {
		return "without a host"
	}
	if name[0] == '[' {
		if added || name[len(name)-1] != ']' {
			return "not a web address"
		}
		if addr, err := netip.ParseAddr(name[1 : len(name)-1]); err != nil || !addr.Is6() {
			return "not a web address"
		}
		return ""
	}
	if len(name) > 253 {
		return "with a host that is too long"
	}
	labels := 0
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		labels++
		if !hostLabel(label) {
			return "with a host that cannot exist"
		}
	}
	if added && labels < 2 {
		return "not a web address"
	}
	return ""
}

// hostLabel allows letters of any script, digits, - and _ inside.
func hostLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for _, r := range s {
		switch {
		case r < 0x80:
			if c := byte(r); !isDigit(c) && !isLetter(c) && c != '-' && c != '_' {
				return false
			}
		case !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !unicode.IsSymbol(r):
			return false
		}
	}
	return true
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
