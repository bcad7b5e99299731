package recipe

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/table"
)

func mustCompile(t *testing.T, r *Recipe, headings ...string) *Program {
	t.Helper()
	p, err := compile(r, headings, testSchema())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCompileColumns(t *testing.T) {
	s := testSchema()
	r := &Recipe{Columns: []Column{
		{Heading: "first name", To: []string{"first_name"}}, // found without regard to case
		{Heading: "Phone", Nth: 2, To: []string{"phones.2"}},
		{Heading: "Phone", To: []string{"phones.1"}},
		{Heading: "Booth", To: []string{Comments, Tags}}, // rule 2.3
		{Heading: "Gone", To: []string{"last_name"}},
		{Heading: "Tag", To: []string{Tags}},
	}}
	p := mustCompile(t, r, "First Name", "Phone", "Phone", "Booth", "Tag", "Colour", "Customer Business Customer Id")
	if len(p.Inputs) != 5 {
		t.Fatalf("%d inputs", len(p.Inputs))
	}
	phone, _ := s.ParseTarget("phones.2.phone")
	if in := p.Inputs[2]; in.Column != 2 || in.Targets[0] != phone {
		t.Errorf("second Phone: %+v", in)
	}
	if in := p.Inputs[3]; !in.Comments || !in.Tags || len(in.Targets) != 0 {
		t.Errorf("comments and tags: %+v", in)
	}
	if in := p.Inputs[4]; in.Tags || len(in.Targets) != 1 {
		t.Errorf("a tag column gives plain tags: %+v", in)
	}
	if len(p.Missing) != 1 || p.Missing[0].Heading != "Gone" {
		t.Errorf("missing %v", p.Missing)
	}
	want := []Ignored{{Column: 5, Heading: "Colour"}, {Column: 6, Heading: "Customer Business Customer Id", Group: GroupBusinessCustomer}}
	if !reflect.DeepEqual(p.Ignored, want) { // rule 2.3: named above the import button
		t.Errorf("ignored %v", p.Ignored)
	}
}

func TestBlankHeading(t *testing.T) {
	det := &table.Detection{Headings: []string{"First name", "", " "}}
	r, proposals := Suggest(det, nil, testSchema(), nil)
	if proposals[1].Heading != "Column 2" || proposals[2].Heading != "Column 3" {
		t.Errorf("%q, %q", proposals[1].Heading, proposals[2].Heading)
	}
	r.Columns[2].To = []string{Comments}
	p, err := Compile(r, det, testSchema())
	if err != nil || len(p.Inputs) != 2 || p.Inputs[1].Column != 2 || p.Inputs[1].Heading != "Column 3" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestCompileFullName(t *testing.T) {
	s := testSchema()
	t.Run("feeds what no other column does", func(t *testing.T) { // rule 2.1
		p := mustCompile(t, &Recipe{Columns: []Column{
			{Heading: "Anrede", To: []string{"name_prefix"}},
			{Heading: "Name", To: []string{FullName}},
			{Heading: "Deal", To: []string{"name"}},
		}}, "Anrede", "Name", "Deal")
		full := p.Inputs[1].Full
		if full == nil || full.Prefix != -1 || full.Lead != -1 || full.First != s.Index("first_name") || full.Last != s.Index("last_name") {
			t.Errorf("%+v", full)
		}
		if len(p.Conflicts) != 0 {
			t.Error(p.Conflicts)
		}
	})
	t.Run("conflicts with a last name", func(t *testing.T) { // rule 2.1
		p := mustCompile(t, &Recipe{Columns: []Column{
			{Heading: "Name", To: []string{FullName}},
			{Heading: "Surname", To: []string{"last_name"}},
		}}, "Name", "Surname")
		if len(p.Conflicts) != 1 || p.Conflicts[0].String() != `Last name is fed by "Surname" and "Name"` {
			t.Error(p.Conflicts)
		}
	})
}

func TestCompileConflicts(t *testing.T) { // rule 2.1
	p := mustCompile(t, &Recipe{
		Columns: []Column{
			{Heading: "A", To: []string{"emails"}}, {Heading: "B", To: []string{"emails.1.email"}},
			{Heading: "Source", To: []string{"source"}}, {Heading: "Owner", To: []string{"owner"}},
		},
		Same: []Same{{Field: "source", Value: "website", Constant: true}, {Field: "owner", Value: "ana"}, {Field: "tags", Value: "expo", Constant: true}}, // rule 2.4
	}, "A", "B", "Source", "Owner")
	var got []string
	for _, c := range p.Conflicts {
		got = append(got, c.String())
	}
	want := []string{`Emails 1 Email is fed by "A" and "B"`, `Source Id is fed by "Source" and "same for every record"`}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if len(p.Same) != 3 || p.Same[1].Constant || !p.Same[2].Constant { // rule 2.4: a default, a constant
		t.Errorf("%+v", p.Same)
	}
}

func TestCompilePolicies(t *testing.T) { // rule 6.1
	tests := []struct {
		name   string
		recipe Recipe
		want   map[string]lead.Policy
	}{
		{"update", Recipe{}, map[string]lead.Policy{"job_title": lead.Replace, "status": lead.Keep, "owner": lead.Keep, "source": lead.Keep, "notes": lead.Append,
			"emails": lead.Append, "do_not_email": lead.Raise, "source_created": lead.Fill}},
		{"fill", Recipe{Existing: "fill"}, map[string]lead.Policy{"job_title": lead.Fill, "owner": lead.Fill, "emails": lead.Fill, "do_not_email": lead.Raise}},
		{"leave", Recipe{Existing: "leave"}, map[string]lead.Policy{"job_title": lead.Keep, "emails": lead.Keep, "do_not_email": lead.Keep}},
		{"per field", Recipe{Existing: "leave", Policy: map[string]string{"job_title": "replace", "tags": "append"}},
			map[string]lead.Policy{"job_title": lead.Replace, "tags": lead.Append, "company_name": lead.Keep}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := testSchema()
			p := mustCompile(t, &tt.recipe)
			for key, want := range tt.want {
				if got := p.Policies[s.Index(key)]; got != want {
					t.Errorf("%s: %v, want %v", key, got, want)
				}
			}
		})
	}
}

func TestTiers(t *testing.T) {
	if got := mustCompile(t, &Recipe{}).Tiers; !reflect.DeepEqual(got, []Tier{TierID, TierExternal, TierEmail, TierName}) { // rule 5.1
		t.Error(got)
	}
	preset, err := Preset("orocrm")
	if err != nil {
		t.Fatal(err)
	}
	if got := mustCompile(t, preset).Tiers; !reflect.DeepEqual(got, []Tier{TierID, TierLeadName}) || !preset.FirstMatch { // rule 5.9
		t.Error(got)
	}
	if len(preset.BlankErases) != 0 {
		t.Error("blank cells erase unasked")
	}
	for _, code := range []string{"email.invalid", "url.invalid", "integer.invalid", "text.too_long", "country.unknown", "choice.unknown"} { // rule 4.2
		if !strings.Contains(strings.Join(preset.Errors, " "), code) {
			t.Errorf("%s is no error", code)
		}
	}
	if _, err := Preset("other"); !errors.Is(err, lead.ErrNotFound) {
		t.Error(err)
	}
}

func TestTransforms(t *testing.T) { // rule 2.3: split, join, constant, expression
	headings := []string{"First", "Last", "City, State", "Phone", "Amount"}
	row := []string{" Anna ", "Schmidt", "Boston, MA", "tel: 030/12 34", "12"}
	tests := []struct {
		name   string
		column Column
		want   []string
	}{
		{"cell", Column{Heading: "Last", To: []string{"last_name"}}, []string{"Schmidt"}},
		{"split", Column{Heading: "City, State", To: []string{"addresses.1.city", "addresses.1.state"}, Split: ","}, []string{"Boston", "MA"}},
		{"split short", Column{Heading: "Last", To: []string{"addresses.1.city", "addresses.1.state"}, Split: ","}, []string{"Schmidt", ""}},
		{"join", Column{To: []string{"name"}, Expr: `join(" ", trim(row["First"]), row["Last"], "")`}, []string{"Anna Schmidt"}},
		{"constant", Column{To: []string{"industry"}, Expr: `"Retail"`}, []string{"Retail"}},
		{"condition", Column{Heading: "Last", To: []string{"industry"}, Expr: `value startsWith "Sch" ? "A" : "B"`}, []string{"A"}},
		{"number", Column{Heading: "Amount", To: []string{"number_of_employees"}, Expr: `int(value) * 2 + len("ab")`}, []string{"26"}},
		{"float", Column{Heading: "Amount", To: []string{"c2"}, Expr: `float(value) / 8`}, []string{"1.5"}},
		{"digits", Column{Heading: "Phone", To: []string{"phones"}, Expr: `digits(value)`}, []string{"0301234"}},
		{"part", Column{Heading: "Phone", To: []string{"phones"}, Expr: `part(value, ":", -1)`}, []string{"030/12 34"}},
		{"replace and plus", Column{Heading: "Phone", To: []string{"phones"}, Expr: `upper(replace(value, "tel: ", "")) + "x"`}, []string{"030/12 34x"}},
		{"heading without case", Column{Heading: "Last", To: []string{"name"}, Expr: `row["FIRST"] + value`}, []string{" Anna Schmidt"}},
		{"blank for false", Column{Heading: "Last", To: []string{"do_not_email"}, Expr: `value == "x"`}, []string{"false"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustCompile(t, &Recipe{Columns: []Column{tt.column}}, headings...)
			value, err := p.Inputs[0].Value(row)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Inputs[0].Pieces(value); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	t.Run("short row", func(t *testing.T) {
		p := mustCompile(t, &Recipe{Columns: []Column{{Heading: "Last", To: []string{"name"}, Expr: `value + row["Amount"]`}}}, headings...)
		if got, err := p.Inputs[0].Value([]string{"Anna"}); err != nil || got != "" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestExpressionsAreBounded(t *testing.T) {
	tests := []struct{ name, expr, want string }{
		{"unknown heading", `row["Nope"]`, `column "A": the file has no column "Nope"`},
		{"computed heading", `row[value]`, "takes a heading in quotes"},
		{"whole row", `string(row)`, "takes a heading in quotes"},
		{"syntax", `value +`, "unexpected token"},
		{"type", `value + 1`, `mismatched types`},
		{"cells", `cells[0]`, "no name cells"},
		{"loop", `map(1..9, #)`, ""},
		{"range", `1..1000000`, "ranges"},
		{"list", `[value, value]`, "lists and loops"},
		{"clock", `now()`, "now"},
		{"too long", `"` + strings.Repeat("a", maxExpr) + `"`, "longer than"},
		{"too many nodes", strings.Repeat("1+", 400) + "1", "nodes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := compile(&Recipe{Columns: []Column{{Heading: "A", To: []string{"name"}, Expr: tt.expr}}}, []string{"A"}, testSchema())
			if !errors.Is(err, lead.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
	t.Run("text without end", func(t *testing.T) {
		expr := `let a = value + value; ` + doubling(40)
		p := mustCompile(t, &Recipe{Columns: []Column{{Heading: "A", To: []string{"name"}, Expr: expr}}}, "A")
		if _, err := p.Inputs[0].Value([]string{strings.Repeat("x", 100)}); !errors.Is(err, lead.ErrInvalid) {
			t.Error(err)
		}
	})
	t.Run("replace without end", func(t *testing.T) {
		p := mustCompile(t, &Recipe{Columns: []Column{{Heading: "A", To: []string{"name"}, Expr: `replace(value, "x", value)`}}}, "A")
		if _, err := p.Inputs[0].Value([]string{strings.Repeat("x", 30000)}); !errors.Is(err, lead.ErrInvalid) {
			t.Error(err)
		}
	})
	t.Run("no number", func(t *testing.T) {
		p := mustCompile(t, &Recipe{Columns: []Column{{Heading: "A", To: []string{"name"}, Expr: `int(value)`}}}, "A")
		if _, err := p.Inputs[0].Value([]string{"x"}); !errors.Is(err, lead.ErrInvalid) {
			t.Error(err)
		}
	})
}

// doubling doubles a text n times: 2^n copies of it.
func doubling(n int) string {
	var b strings.Builder
	name := "a"
	for i := range n {
		next := "b" + strings.Repeat("b", i)
		b.WriteString("let " + next + " = " + name + " + " + name + "; ")
		name = next
	}
	return b.String() + name
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		recipe Recipe
		want   string
	}{
		{"field", Recipe{Columns: []Column{{Heading: "City", To: []string{"job_titel"}}}}, `columns[0] ("City").to: there is no field "job_titel": not valid; did you mean "job_title"?`},
		{"part", Recipe{Columns: []Column{{Heading: "City", To: []string{"addresses.1.town"}}}}, `"addresses" has no part "town"`},
		{"derived", Recipe{Columns: []Column{{Heading: "A", To: []string{"phones.1.written"}}}}, "filled by Leadport"},
		{"system", Recipe{Columns: []Column{{Heading: "A", To: []string{"created_by"}}}}, "written by Leadport alone"},
		{"no heading", Recipe{Columns: []Column{{To: []string{"name"}}}}, "needs a heading or an expression"},
		{"split", Recipe{Columns: []Column{{Heading: "A", Split: ",", To: []string{"name"}}}}, "two targets or more"},
		{"range", Recipe{Columns: []Column{{Heading: "A", Range: "middle"}}}, "lower, upper, empty"},
		{"tier", Recipe{Match: []string{"id", "mail"}}, `match[1]: "mail" is none of id, external_id, email, name, lead_name`},
		{"policy", Recipe{Policy: map[string]string{"job_title": "append"}}, "only lists and comments can append"},
		{"policy name", Recipe{Policy: map[string]string{"job_title": "merge"}}, `policy.job_title: "merge" is none of`},
		{"a yes is kept", Recipe{Policy: map[string]string{"do_not_email": "replace"}}, "never cleared"},
		{"required", Recipe{BlankErases: []string{"name"}}, "cannot be cleared"},
		{"values", Recipe{Values: map[string]map[string]string{"state": {}}}, `values: there is no field "state"`},
		{"dates", Recipe{File: File{Dates: "d/m/y"}}, "dmy, mdy, ymd"},
		{"country", Recipe{File: File{Country: "Germany"}}, "two-letter code"},
		{"zone", Recipe{File: File{Zone: "Mars/Base"}}, "time zone"},
		{"stop", Recipe{StopAfter: "many"}, "number of errors"},
		{"same", Recipe{Same: []Same{{Field: "source"}}}, "same[0].value: is blank"},
		{"version", Recipe{Version: 99}, "newer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := errors.Join(tt.recipe.Validate(testSchema())...)
			if !errors.Is(err, lead.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}
