package recipe

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/lead"
)

func TestParseSet(t *testing.T) { // rule 2.4
	tests := []struct {
		text string
		want Same
		err  string
	}{
		{"source=Trade Show", Same{Field: "source", Value: "trade_show"}, ""},
		{"source='Trade Show'", Same{Field: "source", Value: "trade_show"}, ""},
		{"Source Id := partner", Same{Field: "source", Value: "partner", Constant: true}, ""},
		{"tags=expo 2026", Same{Field: "tags", Value: "expo 2026"}, ""},
		{"owner:=ana", Same{Field: "owner", Value: "ana", Constant: true}, ""},
		{"Address 1 City=Berlin", Same{Field: "addresses.1.city", Value: "Berlin"}, ""},
		{"industry=a=b", Same{Field: "industry", Value: "a=b"}, ""},
		{"Booth visit=Mon", Same{Field: "c1", Value: "Mon"}, ""},
		{"source", Same{}, "--set 'field=value'"},
		{"soruce=x", Same{}, `there is no field "soruce"; did you mean "source"?`},
		{"source=Fair", Same{}, `"Fair" is no Source; there are demand_generation (Demand Generation)`},
		{"country=DE", Same{}, "--country DE"},
		{"tags=", Same{}, "blank"},
		{"created_at=x", Same{}, "written by Leadport alone"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := ParseSet(tt.text, testSchema())
			wantErr(t, err, tt.err)
			if got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestParseValue(t *testing.T) { // rule 2.5
	tests := []struct {
		text, field, value string
		want               Answer
		err                string
	}{
		{"Status Id:Hot=new", "status", "Hot", Answer{Value: "new"}, ""},
		{"status:Hot=Disqualified", "status", "Hot", Answer{Value: "canceled"}, ""},
		{"Status Id:Hot = lead=new", "status", "Hot = lead", Answer{Value: "new"}, ""},
		{"source:Fair:Berlin=tag:", "source", "Fair:Berlin", Answer{Do: KeepAsTag}, ""},
		{"source:Fair=add:", "source", "Fair", Answer{Do: AddOption, Value: "Fair"}, ""},
		{"source:Fair=", "source", "Fair", Answer{Do: Empty}, ""},
		{"owner:J. Coleman=jerry", "owner", "J. Coleman", Answer{Value: "jerry"}, ""},
		{"Status Id:Hot=warm", "", "", Answer{}, `"warm" is no Status; there are new, qualified, canceled (Disqualified), or add: to add "Hot"`},
		{"owner:x=add:", "", "", Answer{}, "add: is for choices"},
		{"Status Id=new", "", "", Answer{}, "write --value 'Status Id:Hot=new'"},
		{"Staus Id:Hot=new", "", "", Answer{}, `did you mean "Status Id"?`},
		{"status:=new", "", "", Answer{}, "no value before the ="},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			field, value, a, err := ParseValue(tt.text, testSchema())
			wantErr(t, err, tt.err)
			if field != tt.field || value != tt.value || a != tt.want {
				t.Errorf("%q %q %+v", field, value, a)
			}
		})
	}
}

func TestParseMap(t *testing.T) { // rule 2.3
	tests := []struct {
		text string
		want Column
		err  string
	}{
		{"Firm=company_name", Column{Heading: "Firm", To: []string{"company_name"}}, ""},
		{"Firm=Company name", Column{Heading: "Firm", To: []string{"company_name"}}, ""},
		{"Mail=emails", Column{Heading: "Mail", To: []string{"emails.1.email"}}, ""},
		{"Tel[2]=phones.2", Column{Heading: "Tel", Nth: 2, To: []string{"phones.2.phone"}}, ""},
		{"Town=Address 2 City", Column{Heading: "Town", To: []string{"addresses.2.city"}}, ""},
		{"a=b=job_title", Column{Heading: "a=b", To: []string{"job_title"}}, ""},
		{"Colour=", Column{Heading: "Colour", To: []string{}}, ""},
		{"Colour=comments", Column{Heading: "Colour", To: []string{Comments}}, ""},
		{"Colour=tags", Column{Heading: "Colour", To: []string{Tags}}, ""},
		{"Labels=tags", Column{Heading: "Labels", To: []string{"tags.1.tag"}}, ""},
		{"Who=full_name", Column{Heading: "Who", To: []string{FullName}}, ""},
		{"Who=name, company_name", Column{Heading: "Who", To: []string{"name", "company_name"}}, ""},
		{"Town=addresses.1.town", Column{}, `has no part "town"`},
		{"Town=cty", Column{}, "there is no field"},
		{"Town", Column{}, "--map 'Heading=field'"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := ParseMap(tt.text, testSchema())
			wantErr(t, err, tt.err)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestParseMatch(t *testing.T) { // rule 5.1
	if got, err := ParseMatch("id, Email"); err != nil || !reflect.DeepEqual(got, []string{"id", "email"}) {
		t.Error(got, err)
	}
	_, err := ParseMatch("id,phone")
	wantErr(t, err, `"phone" is none of id, external_id, email, name, lead_name`)
	_, err = ParseMatch("id,id")
	wantErr(t, err, "stands twice")
}

func wantErr(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("error %v", err)
	case want != "" && (!errors.Is(err, lead.ErrInvalid) || !strings.Contains(err.Error(), want)):
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestAnswers(t *testing.T) { // rule 2.5
	var r Recipe
	if _, ok := r.Answer("status", "Hot"); ok {
		t.Error("an answer that nobody gave")
	}
	for _, a := range []Answer{{Value: "new"}, {Do: Empty}, {Do: KeepAsTag}, {Do: AddOption}} {
		r.SetAnswer("status", " Hot  Lead", a)
		if got, ok := r.Answer("status", "HOT LEAD"); !ok || got != a {
			t.Errorf("%+v, %v, want %+v", got, ok, a)
		}
	}
}

// Values are folded fully, whoever wrote the recipe: ß is ss.
func TestFoldValues(t *testing.T) {
	r := Recipe{Values: map[string]map[string]string{"status": {"Heiß": "new", " HEISS ": "tag:", "heiss": "qualified", "Straße": ""}}}
	r.FoldValues()
	for value, want := range map[string]Answer{"heiß": {Value: "qualified"}, "STRASSE": {Do: Empty}} {
		if got, ok := r.Answer("status", value); !ok || got != want {
			t.Errorf("%s: %+v, %v, want %+v", value, got, ok, want)
		}
	}
	if len(r.Values["status"]) != 2 {
		t.Errorf("%v", r.Values)
	}
}

func TestProposeValue(t *testing.T) { // rule 2.5
	s := testSchema()
	more := append([]lead.Option{{ID: "working", Label: "Working"}}, s.Field("status").Options...)
	tests := []struct {
		field, value string
		options      []lead.Option
		want         string
	}{
		{"status", "Hot", nil, "new"},
		{"status", "Open - Not Contacted", nil, "new"},
		{"status", "Working - Contacted", nil, "new"},
		{"status", "Contacted", more, "working"},
		{"status", "Qualifed", nil, "qualified"},
		{"status", "Closed - Converted", nil, "qualified"},
		{"status", "Lost Lead", nil, "canceled"},
		{"status", "Neu", nil, "new"},
		{"status", "Purple", nil, ""},
		{"source", "Web", nil, "website"},
		{"source", "Messe Hannover", nil, "trade_show"},
		{"source", "Employee Referral", nil, "referral"},
		{"source", "tradeshow", nil, "trade_show"},
		{"source", "Newsletter", nil, "email_marketing"},
		{"source", "Purple", nil, ""},
		{"industry", "Web", s.Field("source").Options, ""},
	}
	for _, tt := range tests {
		t.Run(tt.field+" "+tt.value, func(t *testing.T) {
			f := s.Field(tt.field)
			options := tt.options
			if options == nil {
				options = f.Options
			}
			a, reason, ok := ProposeValue(f, tt.value, options)
			if a.Value != tt.want || ok != (tt.want != "") || ok && reason == "" {
				t.Errorf("%+v %q %v, want %q", a, reason, ok, tt.want)
			}
		})
	}
}
