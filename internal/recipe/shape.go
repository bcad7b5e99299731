package recipe

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leadport/leadport/internal/norm"
)

// column is what Suggest knows of a file column.
type column struct {
	heading string
	filled  float64 // share of records with a value
	values  []valueCount
	samples []string
}

type valueCount struct {
	text  string
	count int64
}

// share is the part of the column's values that are so, each weighted by how
// often it occurs; 0 for a column without values.
func (c *column) share(is func(string) bool) float64 {
	var yes, all int64
	for _, v := range c.values {
		all += v.count
		if is(v.text) {
			yes += v.count
		}
	}
	if all == 0 {
		return 0
	}
	return float64(yes) / float64(all)
}

func (c *column) empty() bool { return len(c.values) == 0 }

func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-3 && strings.ContainsAny(s[at:], ".,") && !strings.Contains(s, "://")
}

// isPhone accepts what is written like a phone number: 6 to 15 digits (E.164
// has at most 15) and nothing but their usual company.
func isPhone(s string) bool {
	s, _, _ = strings.Cut(strings.ToLower(s), "ext")
	s, _, _ = strings.Cut(s, "x")
	digits := 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case strings.ContainsRune(" +-()./\u00a0\u2011\u2013'", r):
		default:
			return false
		}
	}
	return digits >= 6 && digits <= 15 && !isDate(s) && !isIP(s)
}

func isIP(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// dialled reports a phone number that no other number looks like: it begins
// with + or has brackets or several groups.
func dialled(s string) bool {
	s = strings.TrimSpace(s)
	return isPhone(s) && (strings.HasPrefix(s, "+") || strings.HasPrefix(s, "00") || strings.ContainsRune(s, '(') ||
		len(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })) >= 3)
}

func isURL(s string) bool {
	s = strings.ToLower(s)
	if strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "www.") {
		return true
	}
	host, _, _ := strings.Cut(s, "/")
	dot := strings.LastIndexByte(host, '.')
	return dot > 0 && len(host)-dot > 2 && !strings.ContainsAny(host, " @,") && hasLetter(host[dot:]) && !strings.HasSuffix(host, ".")
}

func isLinkedIn(s string) bool { return strings.Contains(strings.ToLower(s), "linkedin.com/") }

func isPersonLinkedIn(s string) bool {
	s = strings.ToLower(s)
	return isLinkedIn(s) && !strings.Contains(s, "/company/")
}

func isTwitter(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "twitter.com/") || strings.Contains(s, "//x.com/")
}

// ownID reports a number that an installation's lead can have: ids are allotted
// from 1 on, other systems' record ids are often longer than that.
func ownID(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n > 0 && n < 1e9
}

func isDate(s string) bool {
	groups := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) && !unicode.IsLetter(r) })
	if len(groups) < 3 || len(s) > 40 {
		return false
	}
	year, small, month := false, 0, false
	for _, g := range groups[:3] {
		n, err := strconv.Atoi(g)
		switch {
		case err != nil:
			month = month || len([]rune(g)) >= 3
		case len(g) == 4 && n > 1900 && n < 2100:
			year = true
		case len(g) <= 2 && n >= 1 && n <= 31:
			small++
		}
	}
	separated := strings.ContainsAny(s, "./-") || month
	return separated && (year && (small >= 2 || month && small >= 1) || small == 3 && strings.Count(s, " ") == 0)
}

func isYesNo(s string) bool {
	switch norm.FoldName(s) {
	case "yes", "no", "y", "n", "true", "false", "1", "0", "x", "ja", "nein", "oui", "non", "si", "nee", "tak", "nie", "on", "off":
		return true
	}
	return false
}

func hasDigit(s string) bool { return strings.IndexFunc(s, unicode.IsDigit) >= 0 }

func hasLetter(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) >= 0 }

func hasDot(s string) bool { return strings.ContainsRune(s, '.') }

// isRegionCode reports an ISO 3166-2 code: US-NY.
func isRegionCode(s string) bool {
	country, rest, ok := strings.Cut(s, "-")
	return ok && len(country) == 2 && len(rest) >= 1 && len(rest) <= 3 && strings.ToUpper(s) == s && hasLetter(country)
}

// isPrefix reports forms of address, of several languages, alone.
func isPrefix(s string) bool {
	w := words(s)
	for _, word := range w {
		switch word {
		case "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "doctor", "sir", "rev", "hon",
			"herr", "frau", "hr", "fr", "herrn", "dipl", "ing", "mag", "m", "mme", "mlle", "mlles", "monsieur", "madame",
			"sr", "sra", "srta", "senor", "senora", "don", "dona", "sig", "sigra", "signor", "signora", "dott", "dottssa", "ssa", "avv",
			"pan", "pani", "dhr", "mevr", "mevrouw", "mw", "de", "heer", "ir", "drs":
		default:
			return false
		}
	}
	return len(w) > 0 && len(w) <= 3
}

// isStatus reports what CRMs call the state of a lead.
func isStatus(s string) bool {
	_, ok := statusMeaning(s)
	return ok
}

// isCompany reports a name that only companies have: a legal form or a word of
// business in it.
func isCompany(s string) bool {
	for _, w := range words(s) {
		switch w {
		case "inc", "llc", "ltd", "limited", "corp", "corporation", "co", "company", "plc", "lp", "llp", "pty", "gmbh", "mbh", "ag", "kg", "ohg", "ug", "ev",
			"sa", "sas", "sarl", "eurl", "srl", "spa", "sl", "bv", "nv", "vof", "oy", "ab", "aps", "sp", "zoo", "kft", "pvt", "holding", "holdings",
			"group", "groupe", "gruppe", "systems", "solutions", "services", "consulting", "partners", "partner", "technologies", "technology", "tech", "software",
			"labs", "lab", "studio", "studios", "media", "bank", "hotel", "hotels", "university", "college", "school", "institute", "hospital", "clinic", "foundation",
			"mart", "store", "stores", "shop", "industries", "international", "global", "logistics", "engineering", "energy", "foods", "motors", "airlines",
			"insurance", "capital", "ventures", "agency", "network", "networks", "associates", "enterprises", "the", "of", "project", "deal", "order", "request":
			return true
		}
	}
	return strings.ContainsAny(s, "&@/") || strings.Contains(s, "株式会社") || strings.Contains(s, "有限公司")
}

// personShape reports a text written like a person's name: two to five words
// of letters with capitals, or a few characters of a script without words.
func personShape(s string) bool {
	if hasDigit(s) || isCompany(s) || utf8.RuneCountInString(s) > 60 {
		return false
	}
	w := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	if len(w) == 1 {
		n := utf8.RuneCountInString(s)
		return strings.IndexFunc(s, func(r rune) bool { return !unicode.In(r, unicode.Han, unicode.Hangul) }) < 0 && n >= 2 && n <= 4
	}
	if len(w) > 5 {
		return false
	}
	capital := 0
	for _, word := range w {
		r, _ := utf8.DecodeRuneInString(word)
		if !unicode.IsLetter(r) {
			return false
		}
		if !unicode.IsLower(r) {
			capital++
		}
	}
	return capital >= 2
}

// oneWord reports a name of a single word, as a first or last name alone is.
func oneWord(s string) bool { return !strings.ContainsAny(strings.TrimSpace(s), " ,") && hasLetter(s) }

// persons is how sure it is that a column holds names of persons: the share
// written like them, provided that enough begin or end with a known given
// name. In scripts other than Latin the writing alone counts.
func (c *column) persons() bool {
	if c.share(personShape) < 0.7 {
		return false
	}
	given := givenNames()
	known := c.share(func(s string) bool {
		if strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) }) >= 0 {
			return true
		}
		for _, w := range words(s) {
			if given[w] {
				return true
			}
		}
		return isPrefix(strings.SplitN(strings.TrimSpace(s), " ", 2)[0])
	})
	return known >= 0.15
}

// isCountry reports a country's code or name; "No" is an answer before it is
// Norway.
func isCountry(s string) bool {
	if len(s) < 2 || isYesNo(s) {
		return false
	}
	code, _ := norm.CountryCode(s)
	return code != ""
}
