package recipe

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/lead"
)

// testSchema is a fresh installation's, with custom fields besides.
func testSchema() *lead.Schema {
	status := []lead.Option{{ID: "new", Label: "New"}, {ID: "qualified", Label: "Qualified"}, {ID: "canceled", Label: "Disqualified"}}
	var source []lead.Option
	for _, label := range []string{"Demand Generation", "Website", "Direct Mail", "Affiliate", "Email Marketing", "Outbound", "Partner", "Trade Show", "Referral"} {
		source = append(source, lead.Option{ID: strings.ReplaceAll(strings.ToLower(label), " ", "_"), Label: label})
	}
	return lead.NewSchema(status, source, []lead.Field{
		{Key: "c1", Heading: "Booth visit", Label: "Booth visit", Kind: lead.Text, Custom: true, ID: 1},
		{Key: "c2", Heading: "Annual budget", Label: "Annual budget", Kind: lead.Decimal, Custom: true, ID: 2},
	})
}

// sheet reads "Heading: value | value" lines as columns.
func sheet(lines ...string) []column {
	cols := make([]column, len(lines))
	for i, line := range lines {
		heading, values, _ := strings.Cut(line, " = ")
		cols[i] = columnOf(heading, strings.Split(values, " | ")...)
	}
	return cols
}

func columnOf(heading string, values ...string) column {
	c := column{heading: heading}
	seen := map[string]int{}
	for _, v := range values {
		if v == "" {
			continue
		}
		if at, ok := seen[v]; ok {
			c.values[at].count++
			continue
		}
		seen[v] = len(c.values)
		c.values = append(c.values, valueCount{v, 1})
		c.filled = 1
	}
	for _, v := range c.values {
		c.samples = append(c.samples, v.text)
	}
	return c
}

// mapping writes proposals as "Heading -> targets Confidence" lines.
func mapping(proposals []Proposal) string {
	var b strings.Builder
	for _, p := range proposals {
		to := strings.Join(p.To, ", ")
		if to == "" {
			to = "-"
		}
		fmt.Fprintf(&b, "%s -> %s", p.Heading, to)
		if p.Confidence != Unmapped {
			b.WriteString(" " + p.Confidence.String())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestSuggest(t *testing.T) {
	tests := []struct {
		name string
		cols []column
		want string
	}{
		{"manual's sample", sheet( // rule 2.1
			"ID = 111", "Lead Name = Gov Mart", "Name prefix = Mr", "First name = Jerry", "Last Name = Coleman", "Status Id = new",
			"Company name = Gov Mart", "Address 1 Label = Primary Address", "Twitter = @Jerry", "LinkedIn = LinkedInID", "Owner Username = Jerry"),
			`ID -> id Likely
Lead Name -> name Exact
Name prefix -> name_prefix Exact
First name -> first_name Exact
Last Name -> last_name Exact
Status Id -> status Exact
Company name -> company_name Exact
Address 1 Label -> addresses.1.label Exact
Twitter -> twitter Exact
LinkedIn -> linked_in Exact
Owner Username -> owner Exact
`},
		{"case, spacing, punctuation", sheet("first_name", "LAST-NAME", "jobTitle", "e mail", "Zip/postal  code"), // rule 2.1
			`first_name -> first_name Exact
LAST-NAME -> last_name Exact
jobTitle -> job_title Exact
e mail -> emails.1.email Exact
Zip/postal  code -> addresses.1.postal_code Exact
`},
		{"phones take the next slot, fax none", sheet("Phone 2", "Mobile", "Phone", "Phone", "Fax", "Business Fax 2", "Work Phone (direct)"), // rule 2.1
			`Phone 2 -> phones.1.phone Exact
Mobile -> phones.2.phone Exact
Phone -> phones.3.phone Exact
Phone -> phones.4.phone Exact
Fax -> -
Business Fax 2 -> -
Work Phone (direct) -> phones.5.phone Likely
`},
		{"our own numbers stay", sheet("Mobile", "Phones 2 Phone", "Phones 1 Phone", "Emails 2 Email", "E-mail"), // rule 2.1
			`Mobile -> phones.3.phone Exact
Phones 2 Phone -> phones.2.phone Exact
Phones 1 Phone -> phones.1.phone Exact
Emails 2 Email -> emails.2.email Exact
E-mail -> emails.1.email Exact
`},
		{"addresses", sheet("City", "Shipping city", "Shipping Street", "Address 3 City", "Zip", "Billing zip code"), // rule 2.1
			`City -> addresses.1.city Exact
Shipping city -> addresses.2.city Likely
Shipping Street -> addresses.2.street Likely
Address 3 City -> addresses.3.city Exact
Zip -> addresses.1.postal_code Exact
Billing zip code -> addresses.4.postal_code Likely
`},
		{"no field is fed twice", sheet("Company = Acme | Oro", "Company name = Acme | Oro", "Employer = Acme | Oro"), // rule 2.1
			`Company -> -
Company name -> company_name Exact
Employer -> -
`},
		{"values", sheet( // rule 2.1
			"Kontaktdaten = a@example.org | b@example.com", "Erreichbar unter = +49 30 901820 | +1 212 555 0100", "Profil = https://www.linkedin.com/in/a | linkedin.com/in/b",
			"Nationality = Germany | FR | Italia", "Manager's contact = m@example.org | n@example.org", "Colour = red | blue"),
			`Kontaktdaten -> emails.1.email Likely
Erreichbar unter -> phones.1.phone Likely
Profil -> linked_in Likely
Nationality -> addresses.1.country Likely
Manager's contact -> emails.2.email Check
Colour -> -
`},
		{"nearly the name is proposed, not applied", sheet("Compnay name = Acme", "What is your job title? = Chef", "Email status = x"), // rule 2.1
			`Compnay name -> company_name Check
What is your job title? -> job_title Check
Email status -> -
`},
		{"a name with wrong values", sheet("E-mail = yes | no", "Follow-up = yes | no", "Employees = many | few"), // rule 2.1
			`E-mail -> emails.1.email Check
Follow-up -> follow_up_on Check
Employees -> number_of_employees Check
`},
		{"title is a prefix", sheet("Title = Mr | Ms | Dr. | Mrs | Mr | Mr | Ms | Herr | Prof. Dr. | CEO"), // rule 2.2
			"Title -> name_prefix Likely\n"},
		{"title is a job", sheet("Title = CEO | Engineer | Mr"), // rule 2.2
			"Title -> job_title Likely\n"},
		{"state is a region", sheet("State = NY | CA | Texas"), // rule 2.2
			"State -> addresses.1.state Likely\n"},
		{"state is a combined code", sheet("State = US-NY | DE-BY"), // rule 2.2
			"State -> addresses.1.region Likely\n"},
		{"state is a status", sheet("State = Open | Contacted | Qualified | Lost"), // rule 2.2
			"State -> status Likely\n"},
		{"organization is the company", sheet("Organization = Acme Inc | Oro"), // rule 2.2
			"Organization -> company_name Likely\n"},
		{"account is the company", sheet("Account = Acme Inc | Oro"), // rule 2.2
			"Account -> company_name Likely\n"},
		{"firm is the company", sheet("Firm = Acme Inc | Oro"), // rule 2.2
			"Firm -> company_name Likely\n"},
		{"organization beside company", sheet("Company = Acme", "Organization = Acme Inc | Oro"), // rule 2.2
			"Company -> company_name Exact\nOrganization -> -\n"},
		{"contact is a person", sheet("Contact = Anna Schmidt | Peter Novak | Jean Dupont"), // rule 2.2
			"Contact -> full_name Likely\n"},
		{"contact is an address", sheet("Contact = anna@example.org | p@example.org"), // rule 2.2
			"Contact -> emails.1.email Likely\n"},
		{"name is a person", sheet("Name = Anna Schmidt | Dr. Peter Novak | 山田太郎 | Jean-Luc Dupont"), // rule 2.2
			"Name -> full_name Likely\n"},
		{"name is the lead", sheet("Name = Gov Mart | Website relaunch | Bright Ideas"), // rule 2.2
			"Name -> name Likely\n"},
		{"name beside a first name is the last", sheet("Name = Schmidt | Novak", "Vorname = Anna | Peter"), // rule 2.2
			"Name -> last_name Likely\nVorname -> first_name Exact\n"},
		{"whole name beside its parts", sheet("Full Name = Anna Schmidt", "First Name = Anna", "Last Name = Schmidt"), // rule 2.1
			"Full Name -> -\nFirst Name -> first_name Exact\nLast Name -> last_name Exact\n"},
		{"id of ours", sheet("Id = 1 | 2 | 30"), "Id -> id Exact\n"},                                                       // rule 5.2
		{"id by shape", sheet("ID = 1 | 2 | 30"), "ID -> id Likely\n"},                                                     // rule 5.2
		{"id of another", sheet("ID = A-1 | A-2"), "ID -> external_id.1.id Likely\n"},                                      // rule 5.2
		{"id too long for ours", sheet("Record ID = 84519283746 | 84519283747"), "Record ID -> external_id.1.id Likely\n"}, // rule 5.2
		{"record id by shape", sheet("Record ID = 12 | 13"), "Record ID -> id Likely\n"},                                   // rule 5.2
		{"times of the system", sheet("Created at = 2026-01-02 10:00:00", "Updated at = 2026-01-02 10:00:00", "Created by = ana"),
			"Created at -> source_created Exact\nUpdated at -> -\nCreated by -> -\n"},
		{"custom field by label", sheet("booth visit = Mon", "ANNUAL BUDGET = 100"),
			"booth visit -> c1 Exact\nANNUAL BUDGET -> c2 Exact\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, proposals := suggestColumns(tt.cols, testSchema(), nil)
			if got := mapping(proposals); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
			for _, p := range proposals {
				if p.Reason == "" {
					t.Errorf("%s has no reason", p.Heading)
				}
			}
		})
	}
}
