package recipe

import (
	"fmt"
	"testing"
)

// orocrmHeadings are those of a lead export of OroCRM 5 with its standard
// bundles: 114, of which 45 belong to the business customer.
func orocrmHeadings() []string {
	address := []string{"Label", "Organization", "Name prefix", "First name", "Middle name", "Last name", "Name suffix", "Street", "Street 2",
		"Zip/Postal Code", "City", "State", "State Combined code", "Country ISO2 code"}
	out := []string{"Id", "Lead name", "Name prefix", "First name", "Middle name", "Last name", "Name suffix", "Job title", "Status Id", "Company name",
		"Website", "Number of employees", "Additional comments", "Industry", "Contact First name", "Contact Last name"}
	for n := 1; n <= 3; n++ {
		for _, part := range address {
			out = append(out, fmt.Sprintf("Address %d %s", n, part))
		}
	}
	out = append(out, "Twitter", "LinkedIn", "Owner Username", "Opportunities 1 Opportunity name", "Emails 1 Email", "Phones 1 Phone", "Phones 2 Phone",
		"Customer Account Account name", "Organization Name", "Source Id", "Tags")
	customer := []string{"Id", "Channel Name", "Customer name", "Lifetime sales value"}
	for _, kind := range []string{"Shipping Address", "Billing Address"} {
		for _, part := range address {
			customer = append(customer, kind+" "+part)
		}
	}
	customer = append(customer, "Account Account name", "Contact First name", "Contact Last name", "Owner Username", "Organization Name", "Phones 1 Phone", "Emails 1 Email",
		"Employees", "Ownership", "Rating", "Ticker symbol", "Website", "Tags")
	for _, c := range customer {
		out = append(out, "Customer Business Customer "+c)
	}
	return out
}

// Rule 2.1: OroCRM's export is understood wholly, its 45 columns of the
// business customer as one group.
func TestOroCRMExport(t *testing.T) {
	headings := orocrmHeadings()
	if len(headings) != 114 {
		t.Fatalf("%d headings, want 114", len(headings))
	}
	cols := make([]column, len(headings))
	for i, h := range headings {
		cols[i] = column{heading: h}
	}
	s := testSchema()
	r, proposals := suggestColumns(cols, s, nil)
	group, fed := 0, map[string]string{}
	for _, p := range proposals {
		if p.Group == GroupBusinessCustomer {
			group++
			if len(p.To) > 0 || p.Reason != "not imported: business customer" {
				t.Errorf("%s -> %v, %q", p.Heading, p.To, p.Reason)
			}
			continue
		}
		if p.Confidence != Exact || len(p.To) != 1 {
			t.Errorf("%s -> %v %v, want one target, Exact", p.Heading, p.To, p.Confidence)
			continue
		}
		target, err := s.ParseTarget(p.To[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := s.TargetHeading(target); got != p.Heading {
			t.Errorf("%s -> %s, whose heading is %s", p.Heading, p.To[0], got)
		}
		if fed[p.To[0]] != "" {
			t.Errorf("%s is fed by %s and %s", p.To[0], fed[p.To[0]], p.Heading)
		}
		fed[p.To[0]] = p.Heading
	}
	if group != 45 {
		t.Errorf("%d columns of the business customer, want 45", group)
	}
	program, err := compile(r, headings, s)
	if err != nil {
		t.Fatal(err)
	}
	if len(program.Inputs) != 69 || len(program.Ignored) != 45 || len(program.Conflicts) != 0 {
		t.Errorf("inputs %d, ignored %d, conflicts %v", len(program.Inputs), len(program.Ignored), program.Conflicts)
	}
}
