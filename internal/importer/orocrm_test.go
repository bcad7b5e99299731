package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/recipe"
)

// orocrmExport is a lead export of OroCRM 5 with its standard bundles: 114
// columns, of which 45 belong to the business customer.
func orocrmExport(values map[string]string) string {
	address := strings.Split("Label|Organization|Name prefix|First name|Middle name|Last name|Name suffix|Street|Street 2|"+
		"Zip/Postal Code|City|State|State Combined code|Country ISO2 code", "|")
	out := strings.Split("Id|Lead name|Name prefix|First name|Middle name|Last name|Name suffix|Job title|Status Id|Company name|"+
		"Website|Number of employees|Additional comments|Industry|Contact First name|Contact Last name", "|")
	for n := 1; n <= 3; n++ {
		for _, part := range address {
			out = append(out, fmt.Sprintf("Address %d %s", n, part))
		}
	}
	out = append(out, strings.Split("Twitter|LinkedIn|Owner Username|Opportunities 1 Opportunity name|Emails 1 Email|Phones 1 Phone|Phones 2 Phone|"+
		"Customer Account Account name|Organization Name|Source Id|Tags", "|")...)
	customer := []string{"Id", "Channel Name", "Customer name", "Lifetime sales value"}
	for _, kind := range []string{"Shipping Address", "Billing Address"} {
		for _, part := range address {
			customer = append(customer, kind+" "+part)
		}
	}
	customer = append(customer, strings.Split("Account Account name|Contact First name|Contact Last name|Owner Username|Organization Name|Phones 1 Phone|Emails 1 Email|"+
		"Employees|Ownership|Rating|Ticker symbol|Website|Tags", "|")...)
	for _, c := range customer {
		out = append(out, "Customer Business Customer "+c)
	}
	row := make([]string, len(out))
	for i, h := range out {
		row[i] = values[h]
	}
	return csvText(out, row)
}

// rules 2.1 and 4.4: OroCRM's own export is taken as it is; what is not
// imported of it is one line.
func TestOroCRMExport(t *testing.T) {
	d := newDesk(t)
	text := orocrmExport(map[string]string{"Id": "111", "Lead name": "Gov Mart", "First name": "Jerry", "Last name": "Coleman", "Status Id": "qualified",
		"Address 1 Street": "1215 Caldwell Road", "Address 1 City": "Rochester", "Address 1 State Combined code": "US-NY", "Address 1 Country ISO2 code": "US",
		"Address 3 City": "Berlin", "Address 3 Country ISO2 code": "DE", "Emails 1 Email": "jerry@oro.example", "Phones 1 Phone": "585-255-1127",
		"Phones 2 Phone": "585-255-1147", "Source Id": "website", "Tags": "a; b", "Customer Business Customer Id": "7", "Customer Business Customer Customer name": "Gov"})
	imp := d.imports("lead_export.csv", text, &recipe.Recipe{})
	got := strings.Join(d.issues(imp.ID), "\n")
	want := `Warning in row #1. Id: There is no lead with Id "111"; the record is treated as one without an Id.`
	if a := imp.Accounting; a.New != 1 || a.CellsNotImported != 0 || !strings.HasPrefix(got, want) || strings.Count(got, "business customer") != 1 || strings.Count(got, "\n") != 1 {
		t.Errorf("%s\n%s", line(a), got)
	}
	shown := d.show(d.lead(1))
	for _, part := range []string{"status = qualified", "phones = +15852551127 | +15852551147", "tags = a | b", "city:Berlin country:DE", "region:US-NY"} {
		if !strings.Contains(shown, part) {
			t.Errorf("%q is missing in\n%s", part, shown)
		}
	}
}
