// Package oracle is a second, naive reading of the import rules, against which
// tests hold the engine: what becomes of each record, what the leads are then,
// and what an undo leaves. It shares no code with the engine and imports
// nothing of ours; it is slow, knows plain ASCII only, and keeps everything in
// memory.
package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// Scalars are the fields of one value that the model knows, Lists those of
// several; comments are a list of blocks.
func Scalars() []string {
	return []string{"name", "first_name", "last_name", "company_name", "job_title", "status", "source", "do_not_call"}
}

// Lists are the fields of several values that the model knows.
func Lists() []string { return []string{"emails", "phones", "tags", "external_id", "notes"} }

// Lead is a lead with the writes that made it what it is.
type Lead struct {
	ID      int64
	One     map[string]string
	Many    map[string][]Element
	Deleted bool
	MadeBy  int // number of the operation, 0: by hand
	Record  int64
	Writes  []*Write
}

// Element is a value of a list; two of one text at different times are two.
type Element struct {
	Text string
	N    int
}

// Texts are the elements' texts.
func Texts(list []Element) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Text)
	}
	return out
}

// Write is what one operation did to one field of a lead.
type Write struct {
	Op     int // 0: a person
	Record int64
	Field  string // "bin": put into the bin, or taken out
	// Of a field of one value, and of the bin ("" or "yes").
	Before, After string
	// Of a field of several values.
	Old, New []Element

	Undoes   *Write // the write that it takes back
	Creation bool   // it takes back the making of the lead
	Restored bool   // it was taken back
	Left     bool   // an undo met it and left it, since something stood over it
}

// Record is one data row as cells by field; "" is blank.
type Record struct {
	ID   int64
	One  map[string]string
	Many map[string][]string
}

// Options are the decisions of a recipe that the model knows.
type Options struct {
	Mode, Existing     string
	Policy             map[string]string
	DuplicatesAsErrors bool
	OtherPerson        string // answer to match.other_person
	Contradicted       string // answer to id.contradicted
	Revive             bool
	Stamp              string
	Tiers              []string
}

// Outcome is what becomes of a record.
type Outcome struct {
	What   string // new, update, unchanged, skipped, error, conflict
	Reason string
	Lead   int64
	Head   int64
}

// Desk is all leads.
type Desk struct {
	Leads []*Lead
	Next  int64 // id of the next new lead
	ops   map[int]*op
	n     int // elements so far
}

type op struct {
	undoes  int // 0: an import
	outcome Undo
}

// New returns a desk without leads.
func New() *Desk { return &Desk{Next: 1, ops: map[int]*op{}} }

// Lead returns a lead by id, nil if there is none.
func (d *Desk) Lead(id int64) *Lead {
	for _, l := range d.Leads {
		if l.ID == id {
			return l
		}
	}
	return nil
}

// fold is enough for the ASCII that tests make.
func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// key is what two values of a field are compared by.
func key(field, v string) string {
	switch field {
	case "emails", "tags":
		return fold(v)
	case "external_id":
		return fold(v)
	case "phones":
		var out []byte
		for i := range len(v) {
			if v[i] == '+' || v[i] >= '0' && v[i] <= '9' {
				out = append(out, v[i])
			}
		}
		return string(out)
	}
	return v
}

func has(field string, list []string, v string) bool {
	return slices.ContainsFunc(list, func(x string) bool { return key(field, x) == key(field, v) })
}

func (d *Desk) element(text string) Element {
	d.n++
	return Element{text, d.n}
}

func share(field string, a, b []string) bool {
	return slices.ContainsFunc(a, func(v string) bool { return has(field, b, v) })
}

// disjoint: both have values and share none; external ids within a system.
func disjoint(field string, a, b []string) bool {
	if field != "external_id" {
		return len(a) > 0 && len(b) > 0 && !share(field, a, b)
	}
	system := func(v string) string { s, _, _ := strings.Cut(v, "/"); return s }
	for _, v := range a {
		var theirs []string
		for _, w := range b {
			if system(w) == system(v) {
				theirs = append(theirs, w)
			}
		}
		var mine []string
		for _, w := range a {
			if system(w) == system(v) {
				mine = append(mine, w)
			}
		}
		if len(theirs) > 0 && !share(field, mine, theirs) {
			return true
		}
	}
	return false
}

// Near reports whether two names differ by no more than case or a typo.
func Near(a, b string) bool {
	a, b = fold(a), fold(b)
	if a == b {
		return true
	}
	if len(a) < 3 || len(b) < 3 {
		return false
	}
	return edits(a, b) <= 1
}

func edits(a, b string) int {
	switch {
	case a == "":
		return len(b)
	case b == "":
		return len(a)
	case a[0] == b[0]:
		return edits(a[1:], b[1:])
	case len(a)-len(b) > 1 || len(b)-len(a) > 1:
		return 2
	}
	best := min(edits(a[1:], b), edits(a, b[1:]), edits(a[1:], b[1:]))
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		best = min(best, edits(a[2:], b[2:]))
	}
	return 1 + best
}

func role(email string) bool { return strings.HasPrefix(fold(email), "info@") }

// found is the end of matching.
type found struct {
	lead    *Lead
	reason  string
	refused bool
	unknown bool
}

// Match is rule 5 for one record.
func (d *Desk) match(number int, r *Record, o *Options) found {
	var f found
	apart := map[*Lead]bool{} // a person said that they are separate
	tiers := o.Tiers
	if len(tiers) == 0 {
		tiers = []string{"id", "external_id", "email", "name"}
	}
	for _, tier := range tiers {
		if tier == "id" {
			if r.ID == 0 {
				continue
			}
			l := d.Lead(r.ID)
			if l == nil || l.MadeBy == number { // nobody can know the id of a lead in the making
				f.unknown = true
				continue
			}
			if l.Deleted && o.Revive {
				continue
			}
			if !corroborated(r, l) {
				switch o.Contradicted {
				case "same":
				case "separate":
					apart[l] = true
					continue
				case "skip":
					return found{reason: "skip.decided", unknown: f.unknown}
				default:
					return found{lead: l, reason: "id.contradicted", unknown: f.unknown}
				}
			}
			return d.settle(r, o, l, f)
		}
		var same, other []*Lead
		for _, l := range d.hits(r, o, tier) {
			switch {
			case apart[l]:
			case contradicted(tier, r, l):
				f.refused = true
			case tier == "email" && roleOnly(r, l) && !sameLast(r, l):
				f.refused = true
			case tier == "email" && otherLast(r, l):
				other = append(other, l)
			default:
				same = append(same, l)
			}
		}
		same = present(same)
		if len(same) == 0 && len(other) > 0 {
			switch other = present(other); o.OtherPerson {
			case "same":
				same = other
			case "separate":
				for _, l := range other {
					apart[l] = true
				}
			case "skip":
				return found{reason: "skip.decided", unknown: f.unknown}
			default:
				return found{reason: "match.other_person", refused: f.refused, unknown: f.unknown}
			}
		}
		if len(same) > 1 && same[0].Deleted { // all of them are: it is skipped all the same
			same = same[:1]
		}
		switch len(same) {
		case 0:
		case 1:
			return d.settle(r, o, same[0], f)
		default:
			f.reason = "match.ambiguous"
			return f
		}
	}
	return f
}

// present leaves out leads in the bin if any is not.
func present(list []*Lead) []*Lead {
	var out []*Lead
	for _, l := range list {
		if !l.Deleted {
			out = append(out, l)
		}
	}
	if len(out) > 0 {
		return out
	}
	return list
}

func (d *Desk) hits(r *Record, o *Options, tier string) []*Lead {
	var out []*Lead
	for _, l := range d.Leads {
		if l.Deleted && o.Revive {
			continue
		}
		hit := false
		switch tier {
		case "external_id":
			hit = share("external_id", r.Many["external_id"], Texts(l.Many["external_id"]))
		case "email":
			hit = share("emails", r.Many["emails"], Texts(l.Many["emails"]))
		case "name":
			hit = r.One["name"] != "" && fold(r.One["name"]) == fold(l.One["name"]) && fold(r.One["company_name"]) == fold(l.One["company_name"])
		}
		if hit {
			out = append(out, l)
		}
	}
	return out
}

// contradicted: both sides have values of a stronger key and share none.
func contradicted(tier string, r *Record, l *Lead) bool {
	switch tier {
	case "email":
		return disjoint("external_id", r.Many["external_id"], Texts(l.Many["external_id"]))
	case "name":
		return disjoint("external_id", r.Many["external_id"], Texts(l.Many["external_id"])) || disjoint("emails", r.Many["emails"], Texts(l.Many["emails"]))
	}
	return false
}

func roleOnly(r *Record, l *Lead) bool {
	for _, e := range r.Many["emails"] {
		if has("emails", Texts(l.Many["emails"]), e) && !role(e) {
			return false
		}
	}
	return true
}

func sameLast(r *Record, l *Lead) bool {
	return r.One["last_name"] != "" && l.One["last_name"] != "" && Near(r.One["last_name"], l.One["last_name"])
}

func otherLast(r *Record, l *Lead) bool {
	return r.One["last_name"] != "" && l.One["last_name"] != "" && !Near(r.One["last_name"], l.One["last_name"])
}

func corroborated(r *Record, l *Lead) bool {
	if share("emails", r.Many["emails"], Texts(l.Many["emails"])) || share("phones", r.Many["phones"], Texts(l.Many["phones"])) {
		return true
	}
	if r.One["name"] != "" {
		return fold(r.One["name"]) == fold(l.One["name"])
	}
	return len(r.Many["emails"]) == 0 && len(r.Many["phones"]) == 0
}

// settle: the bin, and keys that point at another lead.
func (d *Desk) settle(r *Record, o *Options, l *Lead, f found) found {
	f.lead, f.refused = l, false
	if l.Deleted {
		f.reason = "skip.deleted"
		return f
	}
	for _, tier := range []string{"external_id", "email"} {
		if len(o.Tiers) > 0 && !slices.Contains(o.Tiers, tier) {
			continue
		}
		for _, other := range d.hits(r, o, tier) {
			if other == l || other.Deleted || contradicted(tier, r, other) {
				continue
			}
			if tier == "email" && (roleOnly(r, other) && !sameLast(r, other) || otherLast(r, other)) {
				continue
			}
			f.reason = "match.split"
			return f
		}
	}
	return f
}

// Import applies records one after the other in file order (rule 5.7).
func (d *Desk) Import(number int, records []Record, o Options) []Outcome {
	d.ops[number] = &op{}
	heads := map[*Lead]int64{}
	out := make([]Outcome, len(records))
	for i := range records {
		out[i] = d.record(number, int64(i+1), &records[i], &o, heads)
	}
	return out
}

func (d *Desk) record(number int, n int64, r *Record, o *Options, heads map[*Lead]int64) Outcome {
	f := d.match(number, r, o)
	switch {
	case strings.HasPrefix(f.reason, "skip."):
		return Outcome{What: "skipped", Reason: f.reason}
	case f.reason != "":
		return Outcome{What: "conflict", Reason: f.reason}
	case f.lead == nil:
		if o.Mode == "update" {
			return Outcome{What: "skipped", Reason: "skip.not_found"}
		}
		l := d.create(r)
		if l.One["name"] == "" {
			return Outcome{What: "error"}
		}
		l.ID, l.MadeBy, l.Record = d.Next, number, n
		d.Next++
		d.Leads = append(d.Leads, l)
		heads[l] = n
		return Outcome{What: "new", Lead: l.ID}
	}
	l := f.lead
	if head := heads[l]; head > 0 {
		if o.DuplicatesAsErrors {
			return Outcome{What: "error"}
		}
		d.merge(l, number, n, r, func(field string) string {
			// "fill blanks and add"; of a lead that was there already what the
			// person keeps out of the file's reach stays so.
			p := "fill"
			if slices.Contains(Lists(), field) {
				p = "append"
			}
			if own := policy(field, o); l.MadeBy != number && (own == "keep" || own == "fill") {
				p = own
			}
			if field == "do_not_call" && p == "fill" {
				p = "raise"
			}
			return p
		}, o.Stamp)
		return Outcome{What: "skipped", Reason: "skip.merged", Lead: l.ID, Head: head}
	}
	if o.Mode == "create" || o.Existing == "leave" {
		return Outcome{What: "skipped", Reason: "skip.existing"}
	}
	if !d.merge(l, number, n, r, func(field string) string { return policy(field, o) }, o.Stamp) {
		return Outcome{What: "unchanged", Lead: l.ID}
	}
	heads[l] = n
	return Outcome{What: "update", Lead: l.ID}
}

// policy is rule 6.1.
func policy(field string, o *Options) string {
	if p := o.Policy[field]; p != "" {
		return p
	}
	if field == "do_not_call" {
		return "raise"
	}
	if o.Existing == "fill" {
		return "fill"
	}
	switch field {
	case "status", "source":
		return "keep"
	case "emails", "phones", "tags", "external_id", "notes":
		return "append"
	}
	return "replace"
}

func (d *Desk) create(r *Record) *Lead {
	l := &Lead{One: map[string]string{}, Many: map[string][]Element{}}
	for _, f := range Scalars() {
		l.One[f] = r.One[f]
	}
	for _, f := range Lists() {
		for _, v := range r.Many[f] {
			if !has(f, Texts(l.Many[f]), v) {
				l.Many[f] = append(l.Many[f], d.element(v))
			}
		}
	}
	if l.One["status"] == "" {
		l.One["status"] = "new"
	}
	if l.One["name"] == "" {
		l.One["name"] = strings.TrimSpace(r.One["first_name"] + " " + r.One["last_name"])
		for _, v := range []string{r.One["company_name"], first(r.Many["emails"]), first(r.Many["phones"])} {
			if l.One["name"] == "" {
				l.One["name"] = v
			}
		}
	}
	return l
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// merge is rule 6; it reports whether anything changed.
func (d *Desk) merge(l *Lead, number int, n int64, r *Record, policy func(string) string, stamp string) bool {
	changed := false
	for _, f := range Scalars() {
		old, v := l.One[f], r.One[f]
		if v == "" || v == old {
			continue
		}
		switch p := policy(f); {
		case p == "keep", p == "fill" && old != "", p == "raise" && v != "true":
			if p != "raise" || old != "" {
				continue
			}
		}
		l.One[f] = v
		l.Writes = append(l.Writes, &Write{Op: number, Record: n, Field: f, Before: old, After: v})
		changed = true
	}
	for _, f := range Lists() {
		old, vs := l.Many[f], r.Many[f]
		if len(vs) == 0 {
			continue
		}
		var now []Element
		switch p := policy(f); {
		case p == "keep", p == "fill" && len(old) > 0:
			continue
		case p == "replace":
			for _, v := range vs { // slots are what the file says; a spelling that stands stays
				var e Element
				if at := slices.IndexFunc(old, func(x Element) bool { return key(f, x.Text) == key(f, v) }); at >= 0 && (f != "notes" || len(old) == 1) {
					e = old[at]
				} else {
					e = d.element(v)
				}
				now = append(now, e)
			}
		case f == "notes":
			now = slices.Clone(old)
			for _, v := range vs {
				switch {
				case len(now) == 0:
					now = append(now, d.element(v))
				case !strings.Contains(strings.Join(Texts(now), "\n\n"), v):
					now = append(now, d.element(stamp+"\n"+v))
				}
			}
		default:
			now = slices.Clone(old)
			for _, v := range vs {
				if !has(f, Texts(now), v) {
					now = append(now, d.element(v))
				}
			}
		}
		if slices.Equal(old, now) {
			continue
		}
		l.Many[f] = now
		l.Writes = append(l.Writes, &Write{Op: number, Record: n, Field: f, Old: old, New: now})
		changed = true
	}
	return changed
}

// Edit is a person's change of a field of one value.
func (d *Desk) Edit(l *Lead, field, value string) {
	l.Writes = append(l.Writes, &Write{Field: field, Before: l.One[field], After: value})
	l.One[field] = value
}

// Add is a person's new value of a list.
func (d *Desk) Add(l *Lead, field, value string) {
	d.EditList(l, field, append(slices.Clone(l.Many[field]), d.element(value)))
}

// EditList is a person's change of a field of several values.
func (d *Desk) EditList(l *Lead, field string, now []Element) {
	l.Writes = append(l.Writes, &Write{Field: field, Old: l.Many[field], New: now})
	l.Many[field] = now
}

// Bin puts a lead into the bin or takes it out, by a person.
func (d *Desk) Bin(l *Lead, in bool) {
	l.Writes = append(l.Writes, &Write{Field: "bin", Before: yes(l.Deleted), After: yes(in)})
	l.Deleted = in
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// String shows the leads as a counterexample prints them.
func (d *Desk) String() string {
	var b strings.Builder
	for _, l := range d.Leads {
		b.WriteString(l.String() + "\n")
	}
	return b.String()
}

// String is one line.
func (l *Lead) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "lead %d", l.ID)
	if l.Deleted {
		b.WriteString(" (in the bin)")
	}
	for _, f := range Scalars() {
		if l.One[f] != "" {
			fmt.Fprintf(&b, " %s=%q", f, l.One[f])
		}
	}
	for _, f := range Lists() {
		if len(l.Many[f]) > 0 {
			fmt.Fprintf(&b, " %s=%q", f, Texts(l.Many[f]))
		}
	}
	return b.String()
}

// Digits is a phone number as it is compared: plus and digits.
func Digits(v string) string { return key("phones", v) }
