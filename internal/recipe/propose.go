package recipe

import (
	"fmt"
	"strings"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// ProposeValue proposes the option that an unknown value of a field means
// (rule 2.5), with the reason for the person; ok is false where none comes to
// mind. A slip of the pen is tried first, then what other CRMs call the same
// thing. It is only a proposal: an answer needs a person or a recipe.
func ProposeValue(field *lead.Field, value string, options []lead.Option) (a Answer, reason string, ok bool) {
	if o := nearOption(value, options); o != nil {
		return Answer{Value: o.ID}, fmt.Sprintf("spelled like %q", o.Label), true
	}
	switch field.Key {
	case "status":
		return proposeStatus(value, options)
	case "source":
		return proposeSource(value, options)
	}
	return Answer{}, "", false
}

// nearOption finds the one option whose label or id differs from the value in
// at most one letter of five.
func nearOption(value string, options []lead.Option) *lead.Option {
	var found *lead.Option
	folded := FoldHeading(value)
	limit := len([]rune(folded)) / 5
	for i := range options {
		o := &options[i]
		if o.Retired || folded == "" {
			continue
		}
		if d := min(norm.Distance(folded, FoldHeading(o.Label), limit), norm.Distance(folded, FoldHeading(o.ID), limit)); d <= limit {
			if found != nil {
				return nil
			}
			found = o
		}
	}
	return found
}

// meaning is what a status says, whatever it is called.
type meaning uint8

const (
	untouched meaning = iota // nobody has worked on it
	inWork                   // somebody has, and it is open
	good                     // worth selling to, or sold to
	lost
)

// statusMeaning knows the statuses that the common CRMs ship with, and what
// they are called in other languages.
func statusMeaning(value string) (meaning, bool) {
	switch FoldHeading(value) {
	case "new", "open", "opennotcontacted", "notcontacted", "raw", "fresh", "unread", "uncontacted", "toprocess", "todo", "assigned", "unassigned", "subscriber", "lead", "prospect",
		"cold", "coldlead", "neu", "offen", "nouveau", "nuevo", "abierto", "nuovo", "aperto", "nieuw", "nowy", "otwarty":
		return untouched, true
	case "hot", "hotlead", "warm", "warmlead", "working", "workingcontacted", "contacted", "attempted", "attemptedtocontact", "attemptingcontact", "contactinfuture", "connected", "inprogress",
		"nurturing", "nurture", "engaged", "interested", "followup", "meetingscheduled", "meetingbooked", "pending", "onhold", "active", "approaching", "replied", "interessiert", "inbearbeitung",
		"kontaktiert", "encours", "contacte", "contactado", "encurso", "incorso", "contattato", "wtrakcie", "badtiming", "marketingqualifiedlead", "mql", "opendeal", "proposition":
		return inWork, true
	case "qualified", "prequalified", "salesqualified", "salesqualifiedlead", "sql", "opportunity", "converted", "closedconverted", "won", "closedwon", "customer", "client", "qualifiziert", "gewonnen",
		"qualifie", "gagne", "calificado", "cualificado", "ganado", "qualificato", "gekwalificeerd", "zakwalifikowany", "evangelist", "accepted":
		return good, true
	case "lost", "lostlead", "closedlost", "closed", "closednotconverted", "dead", "junk", "junklead", "disqualified", "unqualified", "notqualified", "notinterested", "notafit", "donotcontact",
		"spam", "bad", "invalid", "canceled", "cancelled", "rejected", "recycled", "inactive", "nolongerinterested", "cannotcontact", "duplicate", "verloren", "disqualifiziert", "perdu", "perdido", "perso",
		"abgelehnt", "keininteresse", "niezainteresowany", "utracony":
		return lost, true
	}
	return 0, false
}

func proposeStatus(value string, options []lead.Option) (Answer, string, bool) {
	m, known := statusMeaning(value)
	if !known {
		return Answer{}, "", false
	}
	// An option of the same meaning and another name comes before the
	// built-in ones: "Contacted" is nearer to an installation's "Working" than
	// to New.
	builtin := map[meaning]string{untouched: "new", inWork: "new", good: "qualified", lost: "canceled"}[m]
	for i := range options {
		o := &options[i]
		if om, ok := statusMeaning(o.Label); ok && om == m && o.ID != builtin && !o.Retired && m == inWork {
			return Answer{Value: o.ID}, fmt.Sprintf("%q also means a lead that is being worked on", value), true
		}
	}
	for i := range options {
		if options[i].ID == builtin && !options[i].Retired {
			reason := map[meaning]string{
				untouched: "%q means that nobody has worked on the lead yet",
				inWork:    "%q means that the lead is open and not yet qualified",
				good:      "%q means that the lead was qualified",
				lost:      "%q means that the lead was given up",
			}[m]
			return Answer{Value: builtin}, fmt.Sprintf(reason, value), true
		}
	}
	return Answer{}, "", false
}

// sourceMeanings are words by which a source is recognised, each list with
// the labels of the option it means.
func sourceMeanings() []struct{ label, words string } {
	return []struct{ label, words string }{
		{"Trade Show", "tradeshow trade show fair messe expo exhibition exhibitor booth salon feria fiera beurs targi conference event congress summit"},
		{"Email Marketing", "email newsletter mailchimp campaign mailing drip"},
		{"Direct Mail", "postal letter post flyer brochure"},
		{"Referral", "referral referred referrer recommendation recommended mouth empfehlung recommandation referencia colleague friend employee customer"},
		{"Partner", "partner reseller channel distributor agency partnerschaft"},
		{"Affiliate", "affiliate affiliates"},
		{"Outbound", "cold outbound call calling telemarketing telesales prospecting outreach linkedin apollo list purchased"},
		{"Demand Generation", "webinar whitepaper ads adwords advertisement advert advertising ppc paid sem display content download ebook facebook social"},
		{"Website", "web website webform form online organic seo search internet inbound chat landing direct homepage site google"},
	}
}

func proposeSource(value string, options []lead.Option) (Answer, string, bool) {
	in := words(value)
	joined := strings.Join(in, "")
	for _, m := range sourceMeanings() {
		for _, known := range strings.Fields(m.words) {
			hit := joined == known
			for _, w := range in {
				hit = hit || w == known
			}
			if !hit {
				continue
			}
			for i := range options {
				if norm.Fold(options[i].Label) == norm.Fold(m.label) && !options[i].Retired {
					return Answer{Value: options[i].ID}, fmt.Sprintf("%q is a kind of %s", value, m.label), true
				}
			}
		}
	}
	return Answer{}, "", false
}
