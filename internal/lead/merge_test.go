package lead_test

import (
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/lead"
)

// merger compares as the importer does, but for letters only.
func merger(s *lead.Schema, policies map[string]lead.Policy) *lead.Merger {
	m := &lead.Merger{Schema: s, Stamp: "2026-08-22 file.csv", Key: func(kind lead.Kind, v string) string {
		switch kind {
		case lead.Email, lead.Choice, lead.Link:
			return strings.ToLower(v)
		}
		return v
	}}
	if policies != nil {
		m.Policies = make([]lead.Policy, len(s.Fields))
		for i := range s.Fields {
			m.Policies[i] = s.Fields[i].Policy
			if p, ok := policies[s.Fields[i].Key]; ok {
				m.Policies[i] = p
			}
		}
	}
	return m
}

// list makes the text of a list field: elements by |, parts as key:value by ;.
// A number before # is the element's id.
func list(s *lead.Schema, key, text string) string {
	f := s.Field(key)
	var out []lead.Element
	for n, el := range strings.Split(text, "|") {
		e := lead.Element{ID: int64(n + 1), Values: make([]string, len(f.Parts))}
		if rest, ok := strings.CutPrefix(el, "new "); ok {
			e.ID, el = 0, rest
		}
		for _, kv := range strings.Split(el, ";") {
			k, v, _ := strings.Cut(kv, ":")
			for p := range f.Parts {
				if f.Parts[p].Key == k {
					e.Values[p] = v
				}
			}
		}
		out = append(out, e)
	}
	return lead.EncodeList(f.Parts, out)
}

func TestMerge(t *testing.T) {
	s := schema()
	l := func(key, text string) string {
		if text == "" {
			return ""
		}
		return list(s, key, text)
	}
	for _, c := range []struct {
		name, key         string
		policy            lead.Policy
		own               bool // the field's own policy
		before, in, after string
	}{
		// rule 6.1
		{"a text is replaced", "job_title", 0, true, "CEO", "CFO", "CFO"},
		{"status keeps", "status", 0, true, "qualified", "new", "qualified"},
		{"owner keeps", "owner", 0, true, "1", "2", "1"},
		{"source keeps", "source", 0, true, "website", "partner", "website"},
		{"fill leaves what stands", "job_title", lead.Fill, false, "CEO", "CFO", "CEO"},
		{"fill fills", "job_title", lead.Fill, false, "", "CFO", "CFO"},
		{"keep keeps nothing too", "job_title", lead.Keep, false, "", "CFO", ""},
		{"comments are appended dated", "notes", 0, true, "one", "two", "one\n\n2026-08-22 file.csv\ntwo"},
		{"a comment that stands is not repeated", "notes", 0, true, "one two", "two", "one two"},
		{"yes is not taken back", "do_not_email", 0, true, "true", "false", "true"},
		{"yes is raised", "do_not_email", 0, true, "false", "true", "true"},
		{"created in source fills only", "source_created", 0, true, "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z", "2020-01-01T00:00:00Z"},
		// rule 6.2
		{"a clear under replace", "job_title", lead.Replace, false, "CEO", "", ""},
		{"a clear under fill", "job_title", lead.Fill, false, "CEO", "", "CEO"},
		{"a required field is not cleared", "name", lead.Replace, false, "A", "", "A"},
		// rule 6.3
		{"another case of an e-mail is the same", "emails", 0, true, "email:A@x.example", "email:a@X.example", "email:A@x.example"},
		{"e-mails append", "emails", 0, true, "email:a@x", "email:b@x", "email:a@x|email:b@x"},
		{"e-mails replace", "emails", lead.Replace, false, "email:a@x|email:b@x", "email:b@x", "2#email:b@x"},
		{"a phone written alike", "phones", 0, true, "phone:+4930901820;written:030 901820", "phone:030 901820;written:030 901820", "phone:+4930901820;written:030 901820"},
		{"tags append without case", "tags", 0, true, "tag:Fair", "tag:fair|tag:new", "tag:Fair|tag:new"},
		// rule 6.4
		{"an address pairs by label", "addresses", 0, true, "label:Work;street:A 1;city:X", "label:work;street:B 2", "label:Work;street:B 2;city:X"},
		{"an address pairs by street and zip", "addresses", 0, true, "street:A 1;postal_code:1;city:X", "street:a 1;postal_code:1;city:Y", "street:A 1;postal_code:1;city:Y"},
		{"a lone incomplete one is filled", "addresses", 0, true, "city:X;country:DE", "street:A 1;city:X", "street:A 1;city:X;country:DE"},
		{"another is added", "addresses", 0, true, "street:A 1;city:X", "street:B 2;city:Y", "street:A 1;city:X|street:B 2;city:Y"},
		{"never by position", "addresses", 0, true, "label:Home;street:A 1|label:Work;street:B 2", "label:Work;street:C 3", "label:Home;street:A 1|label:Work;street:C 3"},
		// rule 6.5
		{"slot by slot", "emails", lead.Slotwise, false, "email:a@x|email:b@x", "|email:c@x", "email:a@x|email:c@x"},
		{"slot by slot adds", "emails", lead.Slotwise, false, "email:a@x", "email:a@x|email:b@x", "email:a@x|email:b@x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := s.Field(c.key)
			var policies map[string]lead.Policy
			if !c.own {
				policies = map[string]lead.Policy{c.key: c.policy}
			}
			slot := s.Index(c.key)
			before, change := s.New(), s.NewChange()
			before.Values[slot] = c.before
			in := c.in
			if f.List() {
				before.Values[slot], in = l(c.key, c.before), l(c.key, c.in)
			}
			change.Put(slot, in)
			got := merger(s, policies).Merge(before, change).Values[slot]
			if !f.List() {
				if got != c.after {
					t.Fatalf("got %q, want %q", got, c.after)
				}
				return
			}
			if want := parts(f, l(c.key, strings.TrimPrefix(c.after, "2#"))); parts(f, got) != want {
				t.Fatalf("\n got %s\nwant %s", parts(f, got), want)
			}
		})
	}
}

// parts is a list's elements without their ids.
func parts(f *lead.Field, text string) string {
	var out []string
	for _, e := range lead.DecodeList(f.Parts, text) {
		out = append(out, strings.Join(e.Values, "/"))
	}
	return strings.Join(out, " | ")
}

// rule 6.1: an element keeps its id for the lead's life, and no id is given twice.
func TestElementIDs(t *testing.T) {
	s := schema()
	m := merger(s, nil)
	slot := s.Index("emails")
	f := &s.Fields[slot]
	r := s.New()
	seen := map[int64]string{}
	for _, in := range []string{"email:a@x", "email:b@x|email:a@x", "email:c@x"} {
		c := s.NewChange()
		c.Put(slot, list(s, "emails", in))
		r = m.Merge(r, c)
		r.Version++
		ids := map[int64]bool{}
		for _, e := range lead.DecodeList(f.Parts, r.Values[slot]) {
			if ids[e.ID] || e.ID == 0 {
				t.Fatalf("id %d twice or none in %s", e.ID, r.Values[slot])
			}
			ids[e.ID] = true
			if old, ok := seen[e.ID]; ok && old != e.Values[0] {
				t.Fatalf("id %d was %s and is %s", e.ID, old, e.Values[0])
			}
			seen[e.ID] = e.Values[0]
		}
	}
}
