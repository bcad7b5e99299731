package importer

import (
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// KeysOf returns every key that a lead holds (rule 5.1), without repeats:
// e-mails, phones, external ids, its name with its company, and the person.
// The one writer stores them; matching compares their text.
func KeysOf(s *lead.Schema, r lead.Record) []Key {
	keys := make([]Key, 0, 6)
	put := func(kind norm.KeyKind, parts ...string) {
		text := norm.Key(kind, parts...)
		if text == "" {
			return
		}
		for _, k := range keys {
			if k.Kind == kind && k.Text == text {
				return
			}
		}
		keys = append(keys, Key{kind, text, norm.Hash(kind, text)})
	}
	for _, e := range s.List(r, "emails") {
		put(norm.KeyEmail, e.Values[0])
	}
	for _, e := range s.List(r, "phones") {
		put(norm.KeyPhone, e.Values[0])
	}
	for _, e := range s.List(r, "external_id") {
		put(norm.KeyExternalID, e.Values[1], e.Values[0])
	}
	put(norm.KeyName, s.Get(r, "name"), s.Get(r, "company_name"))
	put(norm.KeyPerson, s.Get(r, "first_name"), s.Get(r, "last_name"), s.Get(r, "company_name"))
	return keys
}
