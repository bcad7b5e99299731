package importer_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
)

// loads counts the leads that are read.
type loads struct {
	importer.Leads
	n int
}

func (l *loads) Load(ctx context.Context, p access.Principal, ids []int64) ([]importer.Lead, error) {
	l.n += len(ids)
	return l.Leads.Load(ctx, p, ids)
}

// rules 5.3, 5.5 and 5.8 where thousands of leads share an e-mail and a phone: each
// record's outcome is as if it had looked at all of them, and it looks at few.
func TestCrowd(t *testing.T) {
	const leads, records = 700, 230
	d := newDesk(t)
	r := mapped("Name", "name", "Last", "last_name", "Mail", "emails.1.email", "Phone", "phones.1.phone", "System", "external_id.1.system", "Number", "external_id.1.id")
	last := func(i int) string { // no two are near
		return strings.Repeat(string(rune('a'+i%26)), 3) + strings.Repeat(string(rune('a'+i/26%26)), 3) + strings.Repeat(string(rune('a'+i/676)), 3)
	}
	line := func(name, last, mail, number string) string {
		system := ""
		if number != "" {
			system = "hs"
		}
		return strings.Join([]string{name, last, mail, "+15852551127", system, number}, ",") + "\n"
	}
	head := "Name,Last,Mail,Phone,System,Number\n"
	text := head
	for i := range leads {
		text += line(fmt.Sprint("Lead ", i), last(i), []string{"none@x.example", "info@x.example"}[i%2], []string{"", fmt.Sprint(i)}[i/2%2])
	}
	r.SetDecision("match.other_person", "separate")
	if imp := d.imports("before.csv", text, r); imp.Accounting.New != leads {
		t.Fatalf("%+v", imp.Accounting)
	}
	text = head
	for i := range records {
		n := i * 3
		mail := []string{"none@x.example", "info@x.example"}[n%2]
		switch i % 6 {
		case 0:
			text += line(fmt.Sprint("Lead ", n), last(n)+"x", mail, "") // a typo
		case 1:
			text += line(fmt.Sprint("Other ", n), last(n), mail, "")
		case 2:
			text += line(fmt.Sprint("Other ", n), "", mail, "") // any of them
		case 3:
			text += line(fmt.Sprint("Other ", n), "zzzyyyxxx", mail, "") // none of them
		case 4:
			text += line(fmt.Sprint("Other ", n), last(n), mail, fmt.Sprint(n+leads)) // another id
		case 5:
			text += line(fmt.Sprint("Lead ", n), "zzzyyyxxx", mail, fmt.Sprint(n))
		}
	}
	count := &loads{Leads: d.engine.Leads}
	d.engine.Leads = count
	for _, decision := range []string{"", "same", "separate"} {
		r.Decide = nil
		if decision != "" {
			r.SetDecision("match.other_person", decision)
		}
		var plans [2][]importer.Entry
		var issues [2][]string
		var acc [2]importer.Accounting
		var read [2]int
		for i, size := range []int{1 << 30, 100} {
			d.engine.SetCrowd(size)
			count.n = 0
			imp := d.check(fmt.Sprintf("in%s%d.csv", decision, i), text, r)
			plans[i], issues[i], acc[i], read[i] = d.plan(imp), d.issues(imp.ID), imp.Accounting, count.n
		}
		if acc[0] != acc[1] || !reflect.DeepEqual(plans[0], plans[1]) || !slices.Equal(issues[0], issues[1]) {
			t.Fatalf("%q: looked at one by one %+v\n%s\nas a crowd %+v\n%s", decision, acc[0], strings.Join(issues[0], "\n"), acc[1], strings.Join(issues[1], "\n"))
		}
		t.Logf("%q: %+v; %d leads read, %d without crowds", decision, acc[1], read[1], read[0])
		if most := leads + 5*records; read[1] > most {
			t.Errorf("%q: %d leads read for %d records, want at most %d", decision, read[1], records, most)
		}
	}
}
