package recipe

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/table"
)

// The trade-show list of the examples is understood as its recipe says (rules
// 2.1 to 2.4 on a real file).
func TestTradeShow(t *testing.T) {
	const folder = "../../examples/"
	file, err := table.OpenFile(folder + "trade-show.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	det, prof := detect(t, file)
	if prof.Records != 264 || prof.Blank != 3 || prof.Ragged != 1 {
		t.Errorf("%d records, %d blank lines, %d ragged", prof.Records, prof.Blank, prof.Ragged)
	}

	s := testSchema()
	_, proposals := Suggest(det, prof, s, nil)
	want := `Badge ID -> -
Full Name -> full_name Exact
E-mail -> emails.1.email Exact
Company -> company_name Exact
Job Title -> job_title Exact
Mobile -> phones.1.phone Exact
Phone (office) -> phones.2.phone Likely
Street -> addresses.1.street Exact
Zip -> addresses.1.postal_code Exact
City -> addresses.1.city Exact
Country -> addresses.1.country Exact
Website -> website Exact
Employees -> number_of_employees Exact
Budget (EUR) -> -
Status -> status Exact
Lead Source -> source Exact
Booth visit -> c1 Exact
Interest -> -
Follow-up -> follow_up_on Exact
Owner -> owner Exact
Opt out -> do_not_email Exact
Comments -> notes Exact
`
	if got := mapping(proposals); got != want {
		t.Errorf("got\n%s", got)
	}

	text, err := os.ReadFile(folder + "trade-show.toml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Load(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	program, err := Compile(r, det, s)
	if err != nil {
		t.Fatal(err)
	}
	if len(program.Missing)+len(program.Conflicts)+len(program.Ignored) != 0 || len(program.Inputs) != 22 {
		t.Errorf("missing %v, conflicts %v, ignored %v, inputs %d", program.Missing, program.Conflicts, program.Ignored, len(program.Inputs))
	}
	if a, ok := r.Answer("status", "HOT"); !ok || a.Value != "new" { // rule 2.5
		t.Errorf("Hot: %+v, %v", a, ok)
	}
}

func detect(t *testing.T, src table.Source) (*table.Detection, *table.Profile) {
	t.Helper()
	det, err := table.Detect(context.Background(), src, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	prof, err := table.ProfileOf(context.Background(), src, det)
	if err != nil {
		t.Fatal(err)
	}
	return det, prof
}
