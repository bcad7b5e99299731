package recipe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadport/leadport/internal/lead"
)

// trap is a heading that means different things in different files (rule 2.2).
// Its values decide, and what they decide is never better than Likely.
type trap uint8

const (
	noTrap trap = iota
	trapCompany
	trapOrganization // OroCRM's own organization, or the lead's company
	trapAccount
	trapTitle
	trapState
	trapContact
	trapName
	trapLastName  // French "Nom": the last name, or all of it
	trapFirstName // Spanish "Nombre", Italian "Nome"
	trapID
	trapWebsite
	trapOpportunity
)

func trapOf(heading string) trap {
	switch FoldHeading(heading) {
	case "organization", "organisation", "firm", "organizacion", "organizzazione", "organisatie":
		return trapCompany
	case "organizationname", "organisationname":
		return trapOrganization
	case "account", "accountname":
		return trapAccount
	case "title", "titel", "titre", "titulo", "titolo":
		return trapTitle
	case "state":
		return trapState
	case "contact", "kontakt", "contacto", "contatto":
		return trapContact
	case "name", "naam":
		return trapName
	case "nom":
		return trapLastName
	case "nombre", "nome":
		return trapFirstName
	case "id", "recordid", "leadid", "donotmodifylead", "donotmodifycontact":
		return trapID
	case "url", "website", "web", "link", "profileurl":
		return trapWebsite
	case "opportunity":
		return trapOpportunity
	}
	return noTrap
}

// trapEvenIfExact are headings that other programs write just as we do.
func trapEvenIfExact(heading string) bool {
	t := trapOf(heading)
	return t == trapOrganization || t == trapID
}

// decide asks the values.
func (g *guesser) decide(t trap, c *column) guess {
	switch t {
	case trapCompany:
		return g.company(c)
	case trapOrganization:
		if len(c.values) <= 1 || g.claimed("company_name") {
			return g.sure("organization", c, "Leadport's own heading")
		}
		return g.company(c)
	case trapAccount:
		return g.account(c)
	case trapTitle:
		if c.share(isPrefix) >= 0.9 {
			return g.likely("name_prefix", "", "nine in ten values are forms of address")
		}
		return g.likely("job_title", "", "the values are no forms of address")
	case trapState:
		return g.state(c)
	case trapContact, trapName, trapLastName, trapFirstName:
		return g.name(t, c)
	case trapID:
		return g.id(c)
	case trapWebsite:
		return g.website(c)
	case trapOpportunity:
		if !g.claimed("name") && len(c.values) > 1 && !g.claimed("opportunities") {
			return g.likely("name", "", "nothing else names the lead")
		}
		return g.likely("opportunities", "name", `another name of "Opportunity name"`)
	}
	return guess{}
}

func (g *guesser) likely(key, part, reason string) guess {
	p, ok := g.keyed(key, part)
	if !ok {
		return guess{}
	}
	return guess{place: p, stage: stageTrap, confidence: Likely, reason: reason}
}

func (g *guesser) check(key, part, reason string) guess {
	gu := g.likely(key, part, reason)
	gu.confidence = min(gu.confidence, Check)
	return gu
}

// sure is for a heading that is ours to the letter, after its values agreed.
func (g *guesser) sure(key string, c *column, reason string) guess {
	gu := g.likely(key, "", reason)
	if c.heading == g.schema.Fields[gu.field].Heading {
		gu.stage, gu.confidence = stageExact, Exact
	}
	return gu
}

func (g *guesser) company(c *column) guess {
	switch {
	case c.share(isEmail) > 0.5 || c.share(hasLetter) < 0.5 && !c.empty():
		return g.byShape(c)
	case c.persons():
		return g.check("company_name", "", "the values look like persons")
	}
	return g.likely("company_name", "", "the values look like companies")
}

// account feeds the company too where nothing else does: files of contacts
// have the company there.
func (g *guesser) account(c *column) guess {
	gu := g.company(c)
	if gu.confidence == Unmapped || g.schema.Fields[gu.field].Key != "company_name" {
		return gu
	}
	account, ok := g.keyed("account", "")
	if FoldHeading(c.heading) != "accountname" || !ok {
		return gu
	}
	if g.claimed("company_name") {
		return g.likely("account", "", "names the account; the company has a column of its own")
	}
	gu.also = []place{account}
	gu.reason = "names the account, and no other column the company"
	return gu
}

func (g *guesser) state(c *column) guess {
	status := func(s string) bool { return isStatus(s) || g.isOption("status", s) }
	switch {
	case c.share(isRegionCode) >= 0.9:
		return g.likely("addresses", "region", "the values are region codes")
	case c.share(status) >= 0.6:
		return g.likely("status", "", "the values are statuses")
	}
	return g.likely("addresses", "state", "the values are no statuses")
}

func (g *guesser) isOption(key, value string) bool {
	f := g.schema.Field(key)
	if f == nil {
		return false
	}
	for _, o := range f.Options {
		if FoldHeading(o.Label) == FoldHeading(value) || FoldHeading(o.ID) == FoldHeading(value) {
			return true
		}
	}
	return false
}

// name decides what a heading that just says "name" holds: with a first name
// beside it and single words it is the last name (German and French lists),
// by shape a person, else what the lead is called.
func (g *guesser) name(t trap, c *column) guess {
	first, last := g.claimed("first_name"), g.claimed("last_name")
	single := c.share(oneWord) >= 0.6
	if first && last && g.repeatsLastName(c) {
		return guess{reason: fmt.Sprintf("%q and %q say the same", g.claimant("first_name"), g.claimant("last_name"))}
	}
	switch {
	case t == trapContact && (c.share(isEmail) > 0.5 || c.share(isPhone) > 0.5):
		return g.byShape(c)
	case t != trapContact && first && !last && (single || t == trapLastName):
		return g.likely("last_name", "", fmt.Sprintf("single words beside %q", g.claimant("first_name")))
	case t != trapContact && last && !first && (single || t == trapFirstName):
		return g.likely("first_name", "", fmt.Sprintf("single words beside %q", g.claimant("last_name")))
	case t == trapLastName && (first || single || c.empty()) && !last:
		return g.likely("last_name", "", `another name of "Last name"`)
	case t == trapFirstName && (last || single || c.empty()) && !first && !g.hasTrap(trapLastName):
		return g.likely("first_name", "", `another name of "First name"`)
	case c.persons(), t != trapName && c.share(personShape) >= 0.7:
		return guess{place: place{pseudo: FullName}, stage: stageTrap, confidence: Likely, reason: "the values are names of persons"}
	case t == trapContact:
		return guess{place: place{pseudo: FullName}, stage: stageTrap, confidence: Check, reason: "a contact is a person, but the values do not show it"}
	case g.claimed("name"):
		return guess{reason: fmt.Sprintf("Lead name is fed by %q", g.claimant("name"))}
	}
	return g.likely("name", "", "the values are not names of persons")
}

// repeatsLastName reports a column whose values end or begin with those of the
// column of last names.
func (g *guesser) repeatsLastName(c *column) bool {
	var last []string
	for i := range g.cols {
		if g.cols[i].heading == g.claimant("last_name") {
			for _, v := range g.cols[i].values {
				last = append(last, v.text)
			}
		}
	}
	return c.share(func(s string) bool {
		return slices.ContainsFunc(last, func(name string) bool {
			return strings.HasSuffix(s, " "+name) || strings.HasPrefix(s, name+" ") || strings.HasPrefix(s, name+",")
		})
	}) >= 0.5
}

func (g *guesser) hasTrap(t trap) bool {
	for i := range g.guesses {
		if g.guesses[i].trap == t {
			return true
		}
	}
	return false
}

// id tells our ids from those of other systems (rule 5.2): "Id" to the letter
// is what Leadport exports, everything else depends on whether it can be ours.
func (g *guesser) id(c *column) guess {
	own := c.empty() || c.share(ownID) > 0.95
	if own && (c.heading == "Id" || g.ownExport) {
		return g.sure("id", c, "Leadport's own heading")
	}
	if system := externalSystem(g.cols); system != "" && c.heading != "Id" {
		return g.likely("external_id", "id", "the file is an export of "+system)
	}
	if own {
		return g.likely("id", "", "the values are numbers such as Leadport's; matches are checked against name, e-mail and phone")
	}
	return g.likely("external_id", "id", "the values are no ids of Leadport")
}

func (g *guesser) website(c *column) guess {
	if c.share(isPersonLinkedIn) >= 0.8 && !g.claimed("linked_in") {
		return g.likely("linked_in", "", "the values are LinkedIn profiles")
	}
	if e, ok := g.lookup(c.heading); ok {
		return g.checked(c, e)
	}
	return guess{}
}

// neverImported says why a column is left out whatever it holds.
func neverImported(heading string) string {
	w := words(heading)
	folded := strings.Join(w, "")
	for _, word := range w {
		switch word {
		case "fax", "telefax", "faxnummer", "telecopie", "telecopieur", "businessfax", "homefax", "faks", "telefaks":
			return "a fax number is not a phone number"
		}
	}
	switch folded {
	case "updatedat", "updated", "lastmodified", "modifiedon", "modifiedtime", "modified", "lastupdated", "lastmodifieddate", "modifieddate", "lastchanged",
		"updatetime", "modifiedby", "lastupdate", "updatedon", "lastmodifiedby", "geandertam", "modifiele", "lastupdatedon", "dateupdated", "updatedtime":
		return "Leadport keeps its own time of change"
	}
	if folded == "donotmodifylead" || folded == "donotmodifycontact" {
		return "" // Dynamics' record id
	}
	if strings.HasPrefix(folded, "donotmodify") {
		return "kept by the exporting system for itself"
	}
	if n := len(w); n > 1 && (w[n-1] == "label" || w[n-1] == "type") {
		for _, word := range w[:n-1] {
			if phoneWord(word) || emailWord(word) || word == "website" {
				return "says what kind the value beside it is"
			}
		}
	}
	return ""
}

// systemField says why a column of a system field is left out; "" where the
// heading is none, or may be the other system's creation time.
func (g *guesser) systemField(heading string) string {
	folded := FoldHeading(heading)
	for i := range g.schema.Fields {
		f := &g.schema.Fields[i]
		if !f.System || FoldHeading(f.Heading) != folded && FoldHeading(f.Key) != folded {
			continue
		}
		if f.Kind == lead.DateTime && f.Key == "created_at" && !g.ownExport {
			return ""
		}
		return "written by Leadport itself"
	}
	return ""
}

// externalSystem recognises the program that made an export, "" if it cannot
// be told. Its ids go to External Id under this name.
func externalSystem(cols []column) string {
	has := func(headings ...string) bool {
		for _, h := range headings {
			for i := range cols {
				if FoldHeading(cols[i].heading) == h {
					return true
				}
			}
		}
		return false
	}
	prefixed := func(prefix string) bool {
		for i := range cols {
			if strings.HasPrefix(cols[i].heading, prefix) {
				return true
			}
		}
		return false
	}
	salesforce := func() bool {
		for i := range cols {
			c := &cols[i]
			if h := FoldHeading(c.heading); (h == "leadid" || h == "contactid" || h == "id" || h == "accountid") && c.share(isSalesforceID) > 0.9 {
				return true
			}
		}
		return false
	}
	switch {
	case has("recordid") && has("lifecyclestage", "contactowner", "associatedcompany", "associatedcompanyids") || has("hubspotid"):
		return "HubSpot"
	case salesforce() || has("salesforceid"):
		return "Salesforce"
	case prefixed("Person - ") || prefixed("Lead - "):
		return "Pipedrive"
	case prefixed("(Do Not Modify) "):
		return "Dynamics"
	case has("apollocontactid"):
		return "Apollo"
	case has("leadownerid", "recordid") && has("leadowner") && has("modifiedtime", "modifiedbyid", "createdtime"):
		return "Zoho"
	case has("leid") && has("euid"):
		return "Mailchimp"
	}
	return ""
}

func isSalesforceID(s string) bool {
	if len(s) != 15 && len(s) != 18 {
		return false
	}
	return strings.HasPrefix(s, "00") && strings.IndexFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
}
