package recipe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// byShape guesses from values that only one kind of field has. A heading that
// speaks of somebody else ("Manager's e-mail") is proposed, not applied.
func (g *guesser) byShape(c *column) guess {
	if c.empty() {
		return guess{}
	}
	shapes := []struct {
		is         func(string) bool
		most       float64
		key, part  string
		confidence Confidence
		reason     string
	}{
		{isEmail, 0.8, "emails", "email", Likely, "the values are e-mail addresses"},
		{isPersonLinkedIn, 0.8, "linked_in", "", Likely, "the values are LinkedIn profiles"},
		{isTwitter, 0.8, "twitter", "", Likely, "the values are Twitter addresses"},
		{dialled, 0.8, "phones", "phone", Likely, "the values are phone numbers"},
		{isRegionCode, 0.9, "addresses", "region", Likely, "the values are region codes"},
		{isPrefix, 0.9, "name_prefix", "", Likely, "the values are forms of address"},
		{isCountry, 0.9, "addresses", "country", Likely, "the values are countries"},
		{isURL, 0.8, "website", "", Check, "the values are web addresses"},
	}
	for _, shape := range shapes {
		if c.share(shape.is) < shape.most {
			continue
		}
		if shape.key == "name_prefix" && g.claimed("name_prefix") {
			continue
		}
		p, ok := g.keyed(shape.key, shape.part)
		if !ok {
			continue
		}
		gu := guess{place: p, stage: stageShape, confidence: shape.confidence, reason: shape.reason}
		if w := words(c.heading); slices.ContainsFunc(w, otherPerson) {
			gu.confidence, gu.reason = Check, gu.reason+", but the heading speaks of somebody else"
		} else if g.claimed(shape.key) && !g.schema.Field(shape.key).List() {
			return guess{}
		}
		return gu
	}
	return guess{}
}

// keyed is the place of a field's part by key.
func (g *guesser) keyed(key, part string) (place, bool) {
	i := g.schema.Index(key)
	if i < 0 {
		return place{}, false
	}
	p := place{field: i}
	if part != "" {
		if p.part = partNamed(g.schema.Fields[i].Parts, part); p.part < 0 {
			return place{}, false
		}
	}
	return p, true
}

// claimed reports whether a column feeds a field already.
func (g *guesser) claimed(key string) bool { return g.claimant(key) != "" }

// claimant is the heading of the column that feeds a field.
func (g *guesser) claimant(key string) string {
	for i := range g.guesses {
		gu := &g.guesses[i]
		if gu.confidence > Check && gu.pseudo == "" && g.schema.Fields[gu.field].Key == key {
			return g.cols[i].heading
		}
	}
	return ""
}

// contradiction says why the values cannot belong to a place that the heading
// names; "" if they may.
func (g *guesser) contradiction(c *column, p place) string {
	if c.empty() || p.pseudo != "" {
		return ""
	}
	f := &g.schema.Fields[p.field]
	kind := f.Kind
	if f.List() {
		kind = f.Parts[p.part].Kind
	}
	few := func(is func(string) bool, what string) string {
		if c.share(is) < 0.3 {
			return "few values are " + what
		}
		return ""
	}
	switch kind {
	case lead.Email:
		return few(func(s string) bool { return strings.ContainsAny(s, "@,.") && !isPhone(s) }, "e-mail addresses")
	case lead.Phone:
		return few(func(s string) bool { return hasDigit(s) && !isEmail(s) && !isDate(s) }, "phone numbers")
	case lead.URL:
		if c.share(isEmail) > 0.5 {
			return "the values are e-mail addresses"
		}
		return few(hasDot, "web addresses")
	case lead.Date, lead.DateTime:
		return few(func(s string) bool { return isDate(s) || isDayNumber(s) }, "dates")
	case lead.Integer, lead.Decimal:
		return few(hasDigit, "numbers")
	case lead.Bool:
		return few(isYesNo, "yes or no")
	case lead.Country:
		if c.share(func(s string) bool { return hasDigit(s) || isEmail(s) }) > 0.5 {
			return "the values are no countries"
		}
	}
	if f.Key == "tags" && c.share(func(s string) bool { return strings.Count(s, ",") > 8 || len(s) > 200 }) > 0.5 {
		return "they would make very many tags"
	}
	if f.Key == "addresses" && c.share(isEmail) > 0.5 {
		return "the values are e-mail addresses"
	}
	return ""
}

// isDayNumber accepts days as spreadsheets and databases count them.
func isDayNumber(s string) bool {
	return len(s) >= 5 && len(s) <= 14 && strings.Trim(s, "0123456789.") == ""
}

// byFuzzyName finds the field whose name the heading misspells or holds among
// other words ("What is your job title?"). It proposes; only values of the
// very kind make it Likely.
func (g *guesser) byFuzzyName(c *column) guess {
	in := words(c.heading)
	joined := strings.Join(in, "")
	if len([]rune(joined)) < 4 {
		return guess{}
	}
	var best *entry
	score := 0
	own := slices.ContainsFunc(in, otherMeaning) // "Department" is no misspelt "Département"
	for i := range g.near {
		name := &g.near[i]
		limit := name.length / 5
		if d := norm.Distance(joined, name.folded, limit); !own && d > 0 && d <= limit && 100-d > score {
			best, score = &name.entry, 100-d
		}
		if score < 90 && name.length > score && containsAll(in, name.words) && !otherwise(in, name.words) {
			best, score = &name.entry, name.length
		}
	}
	if best == nil {
		return guess{}
	}
	if g.contradiction(c, best.place) != "" {
		return guess{}
	}
	gu := guess{place: best.place, stage: stageFuzzy, confidence: Check, reason: fmt.Sprintf("the heading is much like %q", best.name)}
	if g.proves(c, best.place) && !slices.ContainsFunc(in, otherPerson) {
		gu.confidence, gu.reason = Likely, gu.reason+", and the values fit"
	}
	return gu
}

// proves reports values that leave no doubt about a place.
func (g *guesser) proves(c *column, p place) bool {
	if p.pseudo == FullName {
		return c.persons()
	}
	f := &g.schema.Fields[p.field]
	kind := f.Kind
	if f.List() {
		kind = f.Parts[p.part].Kind
	}
	switch kind {
	case lead.Email:
		return c.share(isEmail) >= 0.8
	case lead.Phone:
		return c.share(isPhone) >= 0.8
	case lead.URL:
		return c.share(isURL) >= 0.8
	case lead.Country:
		return c.share(isCountry) >= 0.9
	}
	return f.Key == "linked_in" && c.share(isLinkedIn) >= 0.8
}

func containsAll(in, all []string) bool {
	for _, w := range all {
		if !slices.Contains(in, w) {
			return false
		}
	}
	return len(all) > 0
}

// otherwise reports a heading with a word beside the name that turns it into
// something else.
func otherwise(in, name []string) bool {
	return slices.ContainsFunc(in, func(w string) bool {
		return (otherMeaning(w) || emailWord(w) || phoneWord(w)) && !slices.Contains(name, w)
	})
}

// otherPerson are words for people and things that are not the lead.
func otherPerson(w string) bool {
	switch w {
	case "manager", "assistant", "supervisor", "referrer", "referred", "parent", "spouse", "partner", "emergency", "owner", "creator", "created", "by",
		"agent", "rep", "account", "pager", "telex", "campaign", "invoice", "support", "sender", "from", "vorgesetzter", "assistenz":
		return true
	}
	return false
}

// otherMeaning are words that turn a known name into something else: an
// "Email status" is no e-mail.
func otherMeaning(w string) bool {
	switch w {
	case "label", "type", "status", "opt", "consent", "fax", "score", "count", "verified", "verification", "valid", "validation", "confidence", "format",
		"date", "time", "on", "last", "previous", "former", "old", "domain", "provider", "url", "link", "id", "quality", "change", "changed", "bounce", "bounced",
		"sent", "opened", "clicked", "open", "rate", "size", "revenue", "allow", "not", "extension", "ext", "preferred", "phonetic", "birth",
		"maiden", "nick", "budget", "price", "currency", "visit", "interest", "file", "as", "stage", "seniority", "department", "departments", "technologies":
		return true
	}
	return false
}
