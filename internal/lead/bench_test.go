package lead

import "testing"

func BenchmarkCreate(b *testing.B) {
	s := NewSchema(nil, nil, nil)
	m := &Merger{Schema: s, Key: func(_ Kind, v string) string { return v }}
	c := s.NewChange()
	c.Put(s.Index("name"), "Ana Lima")
	list := func(key string, values ...[]string) {
		f := s.Field(key)
		var l []Element
		for _, v := range values {
			l = append(l, Element{Values: append(v, make([]string, len(f.Parts)-len(v))...)})
		}
		c.Put(s.Index(key), EncodeList(f.Parts, l))
	}
	list("emails", []string{"ana.lima@example.com"}, []string{"office@example.com"})
	list("phones", []string{"+12125551234", "+1 212 555 1234"}, []string{"+12125551235", "+1 212 555 1235"})
	list("addresses", []string{"", "", "", "", "", "", "", "1 Madison Avenue"})
	list("tags", []string{"fair"})
	b.ReportAllocs()
	for b.Loop() {
		m.Create(c, Change{})
	}
}
