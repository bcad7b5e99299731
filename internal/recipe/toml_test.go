package recipe

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/lead"
)

// Every member of a recipe survives Save and Load: the value is filled by
// reflection, so that a new member cannot be forgotten.
func TestSaveLoad(t *testing.T) {
	var r Recipe
	fill(reflect.ValueOf(&r).Elem(), "r")
	r.FoldValues() // as Load does
	r.Version = FormatVersion
	r.Columns = append(r.Columns, Column{Heading: "Left out", To: []string{}})
	var b bytes.Buffer
	if err := Save(&b, &r); err != nil {
		t.Fatal(err)
	}
	got, err := Load(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	if !reflect.DeepEqual(got, &r) {
		t.Errorf("got\n%+v\nwant\n%+v\nfile\n%s", got, &r, b.String())
	}
	var again bytes.Buffer
	if err := Save(&again, got); err != nil || again.String() != b.String() {
		t.Errorf("saved twice differs: %v", err)
	}
}

func fill(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(name + " \"ä\"\n\\ #\t\x01=")
	case reflect.Int:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), name+string(rune('a'+i)))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{name, "Status Id: \"x\"", ""} {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(e, name)
			v.SetMapIndex(reflect.ValueOf(key), e)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), v.Type().Field(i).Name)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown key", "version = 1\nnmae = \"x\"\n", `line 2: there is no key "nmae"; did you mean "name"?`},
		{"unknown in file", "[file]\nencoding = \"utf-8\"\ndelimeter = \",\"\n", `line 3: there is no key "file.delimeter"; did you mean "delimiter"?`},
		{"unknown in a column", "[[columns]]\nheading = \"A\"\nto = []\n[[columns]]\nheadin = \"B\"\n", `line 5: there is no key "columns.headin"; did you mean "heading"?`},
		{"unknown table", "name = \"x\"\n[colums]\na = 1\n", `there is no key "colums`},
		{"syntax", "name = \"x\nmatch = 1", "line 1"},
		{"type", "match = \"id\"\n", "match"},
		{"newer", "version = 2\nfuture = true\n", "newer Leadport (format 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(strings.NewReader(tt.text))
			if !errors.Is(err, lead.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestHash(t *testing.T) {
	base := func() *Recipe {
		return &Recipe{Columns: []Column{{Heading: "A", To: []string{"name"}}, {Heading: "B", To: nil}},
			Values: map[string]map[string]string{"status": {"hot": "new", "cold": "canceled"}}}
	}
	same := base()
	same.Name, same.Version, same.Columns[0].Nth, same.Columns[1].To = "other", FormatVersion, 1, []string{}
	if base().Hash() != same.Hash() || len(same.Hash()) != 64 {
		t.Error("the same decisions hash differently")
	}
	other := base()
	other.Values["status"]["hot"] = "qualified"
	if base().Hash() == other.Hash() {
		t.Error("other decisions hash alike")
	}
}

func TestApply(t *testing.T) {
	base := &Recipe{
		Existing: "fill", Match: []string{"id"}, File: File{Encoding: "utf-8", Dates: "dmy"},
		Columns: []Column{{Heading: "Company", To: []string{"company_name"}}, {Heading: "City", To: []string{"addresses.1.city"}}},
		Same:    []Same{{Field: "source", Value: "website"}, {Field: "owner", Value: "ana"}},
		Values:  map[string]map[string]string{"status": {"hot": "new", "old": "canceled"}},
	}
	over := &Recipe{
		Match: []string{"email"}, File: File{Dates: "mdy"}, Strict: true,
		Columns: []Column{{Heading: "Firm", To: []string{"company_name"}}, {Heading: "CITY", To: []string{}}},
		Same:    []Same{{Field: "source", Value: "partner", Constant: true}},
		Values:  map[string]map[string]string{"status": {"hot": "qualified"}, "source": {"fair": "trade_show"}},
	}
	before := base.Hash()
	got := Apply(base, over)
	want := &Recipe{
		Existing: "fill", Match: []string{"email"}, Strict: true, File: File{Encoding: "utf-8", Dates: "mdy"},
		Columns: []Column{{Heading: "Company", To: []string{}}, {Heading: "Firm", To: []string{"company_name"}}, {Heading: "CITY", To: []string{}}},
		Same:    []Same{{Field: "owner", Value: "ana"}, {Field: "source", Value: "partner", Constant: true}},
		Values:  map[string]map[string]string{"status": {"hot": "qualified", "old": "canceled"}, "source": {"fair": "trade_show"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if base.Hash() != before {
		t.Error("the base was changed")
	}
}

func TestApplyTakesTargets(t *testing.T) {
	tests := []struct{ name, base, over, want string }{
		{"same field", "company_name", "company_name", ""},
		{"short form", "emails.1.email", "emails", ""},
		{"short slot", "phones.2.phone", "phones.2", ""},
		{"other slot", "phones.1.phone", "phones.2", "phones.1.phone"},
		{"other part", "addresses.1.city", "addresses.1.street", "addresses.1.city"},
		{"not the first part", "addresses.1.city", "addresses", "addresses.1.city"},
		{"whole name by last name", FullName, "last_name", ""},
		{"last name by whole name", "last_name", FullName, ""},
		{"prefix beside whole name", "name_prefix", FullName, "name_prefix"},
		{"comments", Comments, Comments, Comments},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Apply(&Recipe{Columns: []Column{{Heading: "A", To: []string{tt.base}}}}, &Recipe{Columns: []Column{{Heading: "B", To: []string{tt.over}}}})
			if to := strings.Join(got.Columns[0].To, ","); to != tt.want {
				t.Errorf("A goes to %q, want %q", to, tt.want)
			}
		})
	}
}

func TestApplyPreset(t *testing.T) { // rules 4.2, 5.9
	got := Apply(&Recipe{Match: []string{"email"}}, &Recipe{Preset: "orocrm", Errors: []string{"text.too_long", "bool.invalid"}})
	preset, _ := Preset("orocrm")
	if !reflect.DeepEqual(got.Match, preset.Match) || !got.FirstMatch || len(got.Errors) != len(preset.Errors)+1 {
		t.Errorf("%+v", got)
	}
	if got := Apply(&Recipe{}, &Recipe{Preset: "orocrm", Match: []string{"email"}}); !reflect.DeepEqual(got.Match, []string{"email"}) {
		t.Errorf("the recipe's own tiers lose: %v", got.Match)
	}
}
