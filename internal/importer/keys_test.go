package importer_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// A lead whose KeyFields stay has the keys that it had: the one writer leaves
// them alone.
func TestKeyFields(t *testing.T) {
	s := lead.NewSchema(nil, nil, []lead.Field{{Key: "custom_1", Heading: "E-mail", Label: "E-mail", Kind: lead.Email, Custom: true, ID: 1}})
	value := func(f *lead.Field, text string) string {
		if !f.List() {
			return text
		}
		e := lead.Element{ID: 1, Values: make([]string, len(f.Parts))}
		for i := range e.Values {
			e.Values[i] = text
		}
		return lead.EncodeList(f.Parts, []lead.Element{e})
	}
	r := s.New()
	for i := range s.Fields {
		r.Values[i] = value(&s.Fields[i], "one@example.com")
	}
	before := importer.KeysOf(s, r)
	for i := range s.Fields {
		f := &s.Fields[i]
		after := r.Clone()
		after.Values[i] = value(f, "two@example.com")
		same := reflect.DeepEqual(before, importer.KeysOf(s, after))
		if same == slices.Contains(importer.KeyFields(), f.Key) {
			t.Errorf("%s: the keys are the same: %t", f.Key, same)
		}
	}
}
