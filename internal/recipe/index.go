package recipe

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/leadport/leadport/internal/lead"
)

// place is where a heading points: a field and part, or a pseudo target. A
// slot of 0 in a list field means the next free one.
type place struct {
	field, part, slot int
	pseudo            string // FullName, or "" for a field
	qualifier         string // addresses: "shipping"; columns of one qualifier are one address
}

// stage is the step of rule 2.1 that found a place, strongest first.
type stage uint8

const (
	stageExact stage = iota
	stageFolded
	stageSynonym
	stageComposed // words of synonyms put together: "Work Phone 2", "Shipping city"
	stageLearned
	stageTrap
	stageShape
	stageFuzzy
)

// index finds places by heading.
type index struct {
	schema  *lead.Schema
	written map[string]entry // headings as template and export write them, without number
	folded  map[string]entry // any other name, folded
	address map[string]int   // names of address parts, folded → part
	near    []nearName       // names that a heading may be close to, in a stable order
}

type nearName struct {
	folded string
	length int // in letters
	words  []string
	entry  entry
}

type entry struct {
	place
	stage stage
	name  string // as the registry has it, for reasons
}

// newIndex gathers every name of every field that a file may feed. Where two
// fields share a name the stronger stage keeps it, then the earlier field.
func newIndex(s *lead.Schema) *index {
	x := &index{schema: s, written: map[string]entry{}, folded: map[string]entry{}, address: map[string]int{}}
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.System || f.Gone {
			continue
		}
		if f.List() {
			x.addParts(i, f)
			continue
		}
		at := place{field: i}
		if _, taken := x.written[f.Heading]; !taken {
			x.written[f.Heading] = entry{at, stageExact, f.Heading}
		}
		x.add(f.Heading, at, stageFolded)
		if f.Custom {
			x.add(f.Label, at, stageFolded)
		} else {
			x.add(f.Key, at, stageSynonym)
		}
		for _, name := range f.Synonyms {
			x.add(name, at, stageSynonym)
		}
	}
	for _, name := range fullNameHeadings() {
		x.add(name, place{pseudo: FullName}, stageSynonym)
	}
	x.near = x.nearNames()
	return x
}

// nearNames leaves out words that are traps or, like "lead", say nothing among
// others, and our own marks, which are found by their exact names alone.
func (x *index) nearNames() []nearName {
	var out []nearName
	for _, name := range slices.Sorted(maps.Keys(x.folded)) {
		e := x.folded[name]
		n := utf8.RuneCountInString(name)
		if n < 4 || strings.Contains(name, "#") || trapOf(name) != noTrap || name == "lead" || e.pseudo == "" && x.schema.Fields[e.field].Virtual {
			continue
		}
		out = append(out, nearName{name, n, words(e.name), e})
	}
	return out
}

func (x *index) addParts(i int, f *lead.Field) {
	for p := range f.Parts {
		part := &f.Parts[p]
		if part.Derived {
			continue
		}
		at := place{field: i, part: p}
		x.add(strings.Replace(part.Heading, "%d", "#", 1), at, stageFolded)
		for _, name := range part.Synonyms {
			x.add(name, at, stageSynonym)
		}
		if f.Kind == lead.Group {
			x.address[FoldHeading(strings.TrimPrefix(part.Heading, "Address %d "))] = p
			for _, name := range part.Synonyms {
				x.address[FoldHeading(name)] = p
			}
		}
	}
	for _, name := range f.Synonyms {
		x.add(name, place{field: i}, stageSynonym)
	}
}

func (x *index) add(name string, at place, st stage) {
	key := numberless(name)
	if old, taken := x.folded[key]; !taken || st < old.stage {
		x.folded[key] = entry{at, st, name}
	}
}

// numberless folds a registry name, "#" standing for the element's number.
func numberless(name string) string {
	before, after, ok := strings.Cut(name, "#")
	if !ok {
		return FoldHeading(name)
	}
	return FoldHeading(before) + "#" + FoldHeading(after)
}

// lookup finds what a heading names; nil if nothing does.
func (x *index) lookup(heading string) (*entry, bool) {
	if e, ok := x.written[heading]; ok {
		return &e, true
	}
	w := words(heading)
	if e, ok := x.folded[strings.Join(w, "")]; ok {
		if e.pseudo == "" && x.schema.Fields[e.field].Kind == lead.Group {
			e.qualifier = addressQualifier(w)
		}
		return x.sharpen(e, heading), true
	}
	if e, ok := x.numbered(w, heading); ok {
		return e, true
	}
	if e, ok := x.composed(w); ok {
		return e, true
	}
	return nil, false
}

// sharpen makes a folded match exact where the heading is ours to the letter.
func (x *index) sharpen(e entry, heading string) *entry {
	if e.stage == stageFolded && e.pseudo == "" {
		f := &x.schema.Fields[e.field]
		if f.List() && f.PartHeading(e.part, max(e.slot, 1)) == heading || !f.List() && f.Heading == heading {
			e.stage = stageExact
		}
	}
	return &e
}

// numbered finds "Address 2 City", whose number is the element's, and
// "Phone 2", whose number only says that it is another one.
func (x *index) numbered(w []string, heading string) (*entry, bool) {
	for i, word := range w {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > 1000 {
			continue
		}
		before, after := strings.Join(w[:i], ""), strings.Join(w[i+1:], "")
		if e, ok := x.folded[before+"#"+after]; ok {
			e.slot = n
			return x.sharpen(e, heading), true
		}
		if e, ok := x.folded[before+after]; ok && e.pseudo == "" && x.schema.Fields[e.field].List() {
			if x.schema.Fields[e.field].Kind == lead.Group {
				e.slot = n
			}
			e.stage = max(e.stage, stageSynonym)
			return &e, true
		}
	}
	return nil, false
}

// composed reads headings made of known words: qualifiers around "phone" and
// "e-mail", and in front of the parts of an address.
func (x *index) composed(w []string) (*entry, bool) {
	if e, ok := x.composedAddress(w); ok {
		return e, true
	}
	phone, email := 0, 0
	for _, word := range w {
		switch {
		case phoneWord(word):
			phone++
		case emailWord(word):
			email++
		case qualifier(word):
		default:
			if _, err := strconv.Atoi(word); err != nil {
				return nil, false
			}
		}
	}
	key := ""
	switch {
	case phone > 0 && email == 0:
		key = "phones"
	case email > 0 && phone == 0:
		key = "emails"
	default:
		return nil, false
	}
	return &entry{place{field: x.schema.Index(key)}, stageComposed, x.schema.Field(key).Parts[0].Synonyms[0]}, true
}

// composedAddress reads "Shipping city", "Address 2: ZIP/Postal Code",
// "Company Country": a number or qualifiers, "address", the name of a part.
func (x *index) composedAddress(w []string) (*entry, bool) {
	at := place{field: x.schema.Index("addresses")}
	if at.field < 0 {
		return nil, false
	}
	i, named := 0, false
	for ; i < len(w); i++ {
		if _, ok := x.address[strings.Join(w[i:], "")]; ok && i > 0 {
			break
		}
		if n, err := strconv.Atoi(w[i]); err == nil && n >= 1 && n <= 1000 && named && at.slot == 0 {
			at.slot = n
		} else if addressWord(w[i]) {
			named = true
		} else if qualifier(w[i]) {
			if at.qualifier == "" {
				at.qualifier = addressQualifier(w[i : i+1])
			}
		} else {
			break
		}
	}
	if i == 0 {
		return nil, false
	}
	rest := strings.Join(w[i:], "")
	if rest == "" {
		// "Shipping address": the street, as far as a cell can say it.
		if !named || len(w) < 2 {
			return nil, false
		}
		rest = "street"
	}
	// The person's own name is an address part only after the word "address".
	part, ok := x.address[rest]
	name := x.schema.Fields[at.field].Parts
	if !ok || !named && part < partNamed(name, "street") {
		return nil, false
	}
	at.part = part
	return &entry{at, stageComposed, strings.Replace(name[part].Heading, "%d", "N", 1)}, true
}

// addressQualifier is the word that tells one address of a file from another.
func addressQualifier(w []string) string {
	for _, word := range w {
		switch word {
		case "mailing", "billing", "shipping", "delivery", "home", "work", "business", "office", "other", "company", "primary", "private":
			return word
		}
	}
	return ""
}

func partNamed(parts []lead.Part, key string) int {
	for i := range parts {
		if parts[i].Key == key {
			return i
		}
	}
	return -1
}

func phoneWord(w string) bool {
	switch w {
	case "phone", "phones", "telephone", "tel", "telefon", "telefono", "telefoon", "mobile", "mobil", "mobiel", "cell", "cellphone", "cellular", "handy", "movil", "cellulare", "portable", "komorka", "komorkowy", "rufnummer", "telefonnummer", "handynummer", "mobilfunk", "mobiltel", "fon", "gsm":
		return true
	}
	return false
}

func emailWord(w string) bool {
	switch w {
	case "email", "emails", "mail", "courriel", "correo", "mailadresse", "emailadresse":
		return true
	}
	return false
}

func addressWord(w string) bool {
	switch w {
	case "address", "addr", "adresse", "anschrift", "direccion", "indirizzo", "adres":
		return true
	}
	return false
}

// qualifier reports words that say which of several, not what.
func qualifier(w string) bool {
	switch w {
	case "work", "business", "home", "private", "personal", "primary", "main", "secondary", "other", "direct", "corporate",
		"company", "office", "alternate", "alternative", "alt", "preferred", "first", "second", "third", "person", "lead", "contact", "organization", "organisation",
		"mailing", "billing", "shipping", "delivery", "postal", "headquarters", "hq", "current",
		"value", "number", "num", "no", "nr", "numer", "numero", "address", "adresse", "adres", "car", "dial", "line",
		"geschaftlich", "privat", "dienstlich", "zentrale", "professionnel", "professionnelle", "personnel", "bureau", "fixe", "domicile",
		"trabajo", "oficina", "particular", "ufficio", "aziendale", "lavoro", "werk", "zakelijk", "prive", "sluzbowy", "prywatny", "de", "di", "the", "your":
		return true
	}
	return false
}
