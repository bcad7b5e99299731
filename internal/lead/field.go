package lead

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is the type of a field's values; it decides cleaning, editing, display
// and the database column.
type Kind uint8

const (
	Text Kind = iota
	LongText
	Integer
	Decimal
	Date
	DateTime
	Bool
	Choice
	MultiChoice
	URL
	Email
	Phone
	User
	Link    // names a record of another entity: account, contact, opportunity
	Country // ISO 3166-1 alpha-2
	Region  // ISO 3166-2, "US-NY"
	Group   // a list whose elements have several parts: addresses
)

var kindNames = [...]string{"text", "long text", "integer", "decimal", "date", "date-time", "yes/no",
	"choice", "multi-choice", "URL", "e-mail", "phone", "user", "link", "country", "region", "group"}

func (k Kind) String() string { return kindNames[k] }

// ParseKind is the inverse of Kind.String; it fails with ErrInvalid.
func ParseKind(s string) (Kind, error) {
	for i, n := range kindNames {
		if n == s {
			return Kind(i), nil
		}
	}
	return 0, fmt.Errorf("field type %q: %w", s, ErrInvalid)
}

// Policy says what a file's value does to a lead that has one already
// (import-rules.md 6.1).
type Policy uint8

const (
	Replace  Policy = iota // the file's value wins
	Fill                   // only where the lead has none
	Keep                   // the lead keeps what it has, even nothing
	Append                 // lists and comments: what is new is added
	Raise                  // yes/no: yes stays yes
	Slotwise               // lists: the nth element replaces the nth, a blank one leaves it
)

var policyNames = [...]string{"replace", "fill", "keep", "append", "raise", "slotwise"}

func (p Policy) String() string { return policyNames[p] }

// ParsePolicy is the inverse of Policy.String; it fails with ErrInvalid.
func ParsePolicy(s string) (Policy, error) {
	for i, n := range policyNames {
		if n == s {
			return Policy(i), nil
		}
	}
	return 0, fmt.Errorf("merge policy %q is none of replace, fill, keep, append: %w", s, ErrInvalid)
}

// Part is one component of a list field's element. Heading has one %d for the
// number of the element, or none where the field has a single column.
type Part struct {
	Key, Heading string
	Kind         Kind
	MaxLen       int // characters; 0 = the kind's own limit
	Synonyms     []string
	Derived      bool // filled by cleaning, never by a column of its own
}

// Field is one column of a lead; the registry drives mapping, checks, SQL,
// forms, export and the API.
type Field struct {
	Key, Heading, Label string
	Synonyms            []string
	Kind                Kind
	MaxLen              int // characters; 0 = the kind's own limit
	Policy              Policy
	Required, Custom    bool
	Indexed             bool   // custom fields only: searchable through lead_value
	Virtual             bool   // known to files, not stored on the lead
	System              bool   // written by Leadport alone, exported on demand, never imported
	Gone                bool   // custom fields only: made by an undone import, offered nowhere
	Entity              string // Link: account, contact, opportunity
	Parts               []Part // list fields: what an element consists of
	Template            int    // list fields: groups in the template
	Options             []Option
	ID                  int64 // custom fields: immutable id; 0 for built-in ones
}

// Option is one value of a choice.
type Option struct {
	ID, Label string
	Retired   bool // kept by leads that have it, no longer offered
}

// List reports whether the field holds a list of elements.
func (f *Field) List() bool { return len(f.Parts) > 0 }

// PartHeading is the heading of part p of element n (1…).
func (f *Field) PartHeading(p, n int) string {
	h := f.Parts[p].Heading
	if strings.Contains(h, "%d") {
		return fmt.Sprintf(h, n)
	}
	if n > 1 {
		return h + " " + strconv.Itoa(n)
	}
	return h
}

// Schema is the fields of a lead in canonical order: built-in ones, then the
// installation's custom fields. It is immutable; a change of fields makes a
// new one.
type Schema struct {
	Fields []Field
	byKey  map[string]int
}

// NewSchema returns the built-in fields followed by custom ones, with the
// options of status and source.
func NewSchema(status, source []Option, custom []Field) *Schema {
	s := &Schema{Fields: append(builtin(), custom...)}
	s.byKey = make(map[string]int, len(s.Fields))
	for i := range s.Fields {
		f := &s.Fields[i]
		s.byKey[f.Key] = i
		switch f.Key {
		case "status":
			f.Options = status
		case "source":
			f.Options = source
		}
	}
	return s
}

// Index returns the slot of a field in Record.Values, or -1.
func (s *Schema) Index(key string) int {
	if i, ok := s.byKey[key]; ok {
		return i
	}
	return -1
}

// Field returns a field by its key, or nil.
func (s *Schema) Field(key string) *Field {
	if i, ok := s.byKey[key]; ok {
		return &s.Fields[i]
	}
	return nil
}

// New returns an empty record with a slot for each field.
func (s *Schema) New() Record { return Record{Values: make([]string, len(s.Fields))} }

// Get returns a record's value by key; "" for a field that does not exist.
func (s *Schema) Get(r Record, key string) string {
	if i, ok := s.byKey[key]; ok {
		return r.Values[i]
	}
	return ""
}

// Target is a place a file column can go to: a field, or one part of one
// element of a list field.
type Target struct {
	Field int // slot in Schema.Fields
	Part  int // list fields: index in Field.Parts
	Slot  int // list fields: number of the element, 1…
}

// ParseTarget reads "first_name", "emails.2.email", "emails.2" (the first
// part) or "emails" (the first part of the first element). It fails with
// ErrInvalid and names what exists.
func (s *Schema) ParseTarget(text string) (Target, error) {
	key, rest, _ := strings.Cut(text, ".")
	i := s.Index(key)
	if i < 0 {
		return Target{}, fmt.Errorf("there is no field %q: %w", key, ErrInvalid)
	}
	f := &s.Fields[i]
	if !f.List() {
		if rest != "" {
			return Target{}, fmt.Errorf("field %q has no parts, so %q names nothing: %w", key, text, ErrInvalid)
		}
		return Target{Field: i}, nil
	}
	t := Target{Field: i, Slot: 1}
	if rest == "" {
		return t, nil
	}
	num, part, hasPart := strings.Cut(rest, ".")
	n, err := strconv.Atoi(num)
	if err != nil {
		part, hasPart = rest, true
	} else {
		t.Slot = n
	}
	if t.Slot < 1 || t.Slot > 1000 {
		return Target{}, fmt.Errorf("%q: elements are numbered from 1 to 1000: %w", text, ErrInvalid)
	}
	if !hasPart {
		return t, nil
	}
	for j, p := range f.Parts {
		if p.Key == part {
			t.Part = j
			return t, nil
		}
	}
	return Target{}, fmt.Errorf("%q has no part %q: %w", key, part, ErrInvalid)
}

// TargetText is the inverse of ParseTarget in its full form.
func (s *Schema) TargetText(t Target) string {
	f := &s.Fields[t.Field]
	if !f.List() {
		return f.Key
	}
	return f.Key + "." + strconv.Itoa(t.Slot) + "." + f.Parts[t.Part].Key
}

// TargetHeading is the heading that template and export write for a target.
func (s *Schema) TargetHeading(t Target) string {
	f := &s.Fields[t.Field]
	if !f.List() {
		return f.Heading
	}
	return f.PartHeading(t.Part, t.Slot)
}

// List returns the elements of a record's list field by key.
func (s *Schema) List(r Record, key string) []Element {
	i, ok := s.byKey[key]
	if !ok {
		return nil
	}
	return DecodeList(s.Fields[i].Parts, r.Values[i])
}
