package importer

import (
	"strings"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// keySet collects the keys of one lead or record without repeats.
type keySet []Key

// keyMaker makes key sets, of its slab where it has one. It is one goroutine's.
type keyMaker struct {
	buf  []byte
	slab *slab
}

// put adds a key to a set, unless it is blank or there already.
func (m *keyMaker) put(s *keySet, kind norm.KeyKind, parts ...string) {
	m.buf = norm.AppendKey(m.buf[:0], kind, parts...)
	n := len(m.buf)
	if n == 0 {
		return
	}
	for i := range *s {
		if k := &(*s)[i]; k.Kind == kind && k.Text == string(m.buf) {
			return
		}
	}
	k := Key{Kind: kind}
	if m.slab != nil {
		k.Text = m.slab.text(m.buf)
	} else {
		k.Text = string(m.buf)
	}
	switch kind {
	case norm.KeyName:
		// A name's hash leaves the company out, so that a look-up by name alone
		// (preset orocrm) meets the same rows; the text holds both.
		k.Hash = norm.Hash(kind, firstPart(k.Text))
	case norm.KeyPerson:
		m.buf = appendOutline(m.buf[:0], k.Text)
		k.Hash = norm.Hash(kind, m.buf)
	default:
		k.Hash = norm.Hash(kind, m.buf)
	}
	*s = append(*s, k)
}

func (s keySet) has(kind norm.KeyKind, text string) bool {
	for i := range s {
		if s[i].Kind == kind && s[i].Text == text {
			return true
		}
	}
	return false
}

func (s keySet) of(kind norm.KeyKind) keySet {
	var out keySet
	for i := range s {
		if s[i].Kind == kind {
			out = append(out, s[i])
		}
	}
	return out
}

// meets reports whether both sets hold keys of the kind, and whether they
// share one.
func (s keySet) meets(kind norm.KeyKind, t keySet) (both, share bool) {
	var a, b bool
	for i := range s {
		if s[i].Kind == kind {
			a = true
			share = share || t.has(kind, s[i].Text)
		}
	}
	for i := range t {
		b = b || t[i].Kind == kind
	}
	return a && b, share
}

// KeyFields are the fields that KeysOf reads.
func KeyFields() []string {
	return []string{"emails", "phones", "external_id", "name", "first_name", "last_name", "company_name"}
}

// KeysOf returns every key that a lead holds (rule 5.1), without repeats:
// e-mails, phones, external ids, its name with its company, and the person.
// The one writer stores them; matching compares their text.
func KeysOf(s *lead.Schema, r lead.Record) []Key {
	var m keyMaker
	keys := make(keySet, 0, 6)
	for _, e := range s.List(r, "emails") {
		m.put(&keys, norm.KeyEmail, e.Values[0])
	}
	for _, e := range s.List(r, "phones") {
		m.put(&keys, norm.KeyPhone, e.Values[0])
	}
	for _, e := range s.List(r, "external_id") {
		m.put(&keys, norm.KeyExternalID, e.Values[1], e.Values[0])
	}
	m.put(&keys, norm.KeyName, s.Get(r, "name"), s.Get(r, "company_name"))
	m.put(&keys, norm.KeyPerson, s.Get(r, "first_name"), s.Get(r, "last_name"), s.Get(r, "company_name"))
	return keys
}

// separator stands between the parts of norm.Key's text.
const separator = "\x1f"

// firstPart of a name key is the name, of an external id key the system.
func firstPart(key string) string {
	part, _, _ := strings.Cut(key, separator)
	return part
}
