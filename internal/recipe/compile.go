package recipe

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/vm"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/table"
)

// Program is a recipe made ready for one file: headings are column numbers,
// field names are slots. It is read-only and safe for concurrent use.
type Program struct {
	Inputs    []Input       // what feeds the lead, in file order, computed columns last
	Ignored   []Ignored     // file columns that feed nothing
	Missing   []Column      // columns of the recipe that the file lacks
	Conflicts []Conflict    // targets fed twice; the importer refuses to run with any
	Same      []Fixed       // rule 2.4
	Policies  []lead.Policy // per slot of the schema, rule 6.1
	Tiers     []Tier        // rule 5.1
	Erases    lead.Set      // fields whose blank cell clears, rule 6.2
}

// Input is one column that feeds the lead.
type Input struct {
	Column  int // from 0; -1: computed, no file column
	Heading string
	Targets []lead.Target

	// Full is set where the column is a person's whole name; a slot is -1
	// where another column feeds that field.
	Full     *NameSlots
	Comments bool // append "Heading: value" to the comments
	Tags     bool // add the tag "Heading: value"

	Range string // Column.Range

	expr    string
	program *vm.Program
	split   string
	width   int // columns of the file
}

// Same reports whether two columns, compiled for one file, feed the same in the
// same way.
func (in Input) Same(o Input) bool {
	in.program, o.program = nil, nil // of the expressions, which are compared
	return reflect.DeepEqual(in, o)
}

// Feeds reports whether the column feeds one of the fields; notes is the slot
// of the comments.
func (in *Input) Feeds(fields lead.Set, notes int) bool {
	if in.Comments && fields.Has(notes) {
		return true
	}
	if n := in.Full; n != nil {
		for _, slot := range []int{n.Lead, n.Prefix, n.First, n.Middle, n.Last, n.Suffix} {
			if slot >= 0 && fields.Has(slot) {
				return true
			}
		}
	}
	return slices.ContainsFunc(in.Targets, func(t lead.Target) bool { return fields.Has(t.Field) })
}

// NameSlots are the fields that a whole name is split into.
type NameSlots struct{ Lead, Prefix, First, Middle, Last, Suffix int }

// Fixed is a value for every record.
type Fixed struct {
	Target   lead.Target
	Value    string
	Constant bool // else a default, for new leads only
}

// Ignored is a file column that is not imported.
type Ignored struct {
	Column  int
	Heading string
	Group   string // GroupBusinessCustomer: reported together
}

// Conflict is a target that several columns feed (rule 2.1).
type Conflict struct {
	Target   lead.Target
	Text     string   // the target's heading
	Headings []string // of the columns; "same for every record" for a constant
}

func (c Conflict) String() string {
	return fmt.Sprintf("%s is fed by %s", c.Text, quoteList(c.Headings))
}

// Compile makes the program of a recipe for a file. A recipe that is not valid
// is an error that wraps lead.ErrInvalid and names the place; what does not
// fit this file alone (missing headings, conflicts) is in the program.
func Compile(r *Recipe, det *table.Detection, s *lead.Schema) (*Program, error) {
	return compile(r, det.Headings, s)
}

func compile(r *Recipe, headings []string, s *lead.Schema) (*Program, error) {
	if err := errors.Join(r.Validate(s)...); err != nil {
		return nil, err
	}
	p := &Program{Policies: r.policies(s), Tiers: r.tiers()}
	columns := headingIndex(headings)
	byColumn := make([]*Column, len(headings))
	var computed []Column
	for i := range r.Columns {
		c := &r.Columns[i]
		if c.Heading == "" {
			computed = append(computed, *c)
		} else if at := columns.find(c.Heading, c.Nth); at < 0 {
			p.Missing = append(p.Missing, *c)
		} else if byColumn[at] != nil {
			return nil, fmt.Errorf("column %q stands twice in the recipe: %w", headings[at], lead.ErrInvalid)
		} else {
			byColumn[at] = c
		}
	}
	add := func(at int, c *Column) error {
		in, err := input(at, c, columns, s)
		if in.width = len(headings); err == nil {
			p.Inputs = append(p.Inputs, in)
		}
		return err
	}
	for at, c := range byColumn {
		if c == nil || len(c.To) == 0 {
			heading := named(headings[at], at)
			p.Ignored = append(p.Ignored, Ignored{Column: at, Heading: heading, Group: groupOf(heading)})
			continue
		}
		if err := add(at, c); err != nil {
			return nil, err
		}
	}
	for i := range computed {
		if err := add(-1, &computed[i]); err != nil {
			return nil, err
		}
	}
	for _, same := range r.Same {
		t, err := s.ParseTarget(same.Field)
		if err != nil {
			return nil, err
		}
		p.Same = append(p.Same, Fixed{Target: t, Value: same.Value, Constant: same.Constant})
	}
	for _, key := range r.BlankErases {
		p.Erases.Add(s.Index(key))
	}
	p.resolve(s)
	return p, nil
}

func input(at int, c *Column, columns headingColumns, s *lead.Schema) (Input, error) {
	in := Input{Column: at, Heading: c.Heading, Range: c.Range, split: c.Split}
	for _, to := range c.To {
		switch {
		case to == FullName:
			in.Full = nameSlots(s)
		case to == Comments:
			in.Comments = true
		case to == Tags && !isTagHeading(c.Heading, s):
			in.Tags = true
		default:
			t, err := s.ParseTarget(to)
			if err != nil {
				return in, fmt.Errorf("column %q: %w", c.Heading, err)
			}
			in.Targets = append(in.Targets, t)
		}
	}
	if c.Expr != "" {
		program, err := compileExpr(c.Expr, func(h string) int { return columns.find(h, 0) })
		if err != nil {
			return in, fmt.Errorf("column %q: %w", c.Heading, err)
		}
		in.program, in.expr = program, c.Expr
	}
	return in, nil
}

func nameSlots(s *lead.Schema) *NameSlots {
	return &NameSlots{
		Lead:   s.Index("name"),
		Prefix: s.Index("name_prefix"), First: s.Index("first_name"), Middle: s.Index("middle_name"),
		Last: s.Index("last_name"), Suffix: s.Index("name_suffix"),
	}
}

// resolve finds targets that are fed twice. Columns of their own win over the
// parts of a whole name, except over first and last name, which are the point
// of it.
func (p *Program) resolve(s *lead.Schema) {
	fed := map[lead.Target][]string{}
	var order []lead.Target
	feed := func(t lead.Target, heading string) {
		if fed[t] == nil {
			order = append(order, t)
		}
		fed[t] = append(fed[t], heading)
	}
	for _, in := range p.Inputs {
		for _, t := range in.Targets {
			feed(t, in.Heading)
		}
	}
	for _, same := range p.Same {
		if same.Constant && !s.Fields[same.Target.Field].List() {
			feed(same.Target, "same for every record")
		}
	}
	for _, in := range p.Inputs {
		if in.Full == nil {
			continue
		}
		for _, slot := range []*int{&in.Full.Lead, &in.Full.Prefix, &in.Full.Middle, &in.Full.Suffix} {
			t := lead.Target{Field: *slot}
			if fed[t] != nil {
				*slot = -1
				continue
			}
			feed(t, in.Heading)
		}
		feed(lead.Target{Field: in.Full.First}, in.Heading)
		feed(lead.Target{Field: in.Full.Last}, in.Heading)
	}
	for _, t := range order {
		if len(fed[t]) > 1 {
			p.Conflicts = append(p.Conflicts, Conflict{Target: t, Text: s.TargetHeading(t), Headings: fed[t]})
		}
	}
}

// Value returns what the column gives for a record: its cell, or what the
// expression makes of it. cells are the record's, as short as the file has
// them. It fails where the expression does, with lead.ErrInvalid.
func (in *Input) Value(cells []string) (string, error) {
	value := ""
	if in.Column >= 0 && in.Column < len(cells) {
		value = cells[in.Column]
	}
	if in.program == nil {
		return value, nil
	}
	if len(cells) < in.width {
		cells = append(cells[:len(cells):len(cells)], make([]string, in.width-len(cells))...)
	}
	return runExpr(in.program, value, cells)
}

// Computed reports whether Value is more than the cell as it stands.
func (in *Input) Computed() bool { return in.program != nil }

// Pieces cuts a value for the targets: out[i] is for Targets[i]. Without a
// split every target gets the whole value.
func (in *Input) Pieces(value string) []string {
	out := make([]string, len(in.Targets))
	if in.split == "" {
		for i := range out {
			out[i] = value
		}
		return out
	}
	for i, piece := range strings.SplitN(value, in.split, len(out)) {
		out[i] = strings.TrimSpace(piece)
	}
	return out
}

// headingColumns finds columns by heading.
type headingColumns struct {
	exact, folded map[string][]int
}

func headingIndex(headings []string) headingColumns {
	h := headingColumns{exact: map[string][]int{}, folded: map[string][]int{}}
	for i, text := range headings {
		text = named(text, i)
		h.exact[text] = append(h.exact[text], i)
		h.folded[FoldHeading(text)] = append(h.folded[FoldHeading(text)], i)
	}
	return h
}

// find returns the nth column (from 1; 0 is 1) with the heading as written,
// else without regard to case, spacing and punctuation; -1 if there is none.
func (h headingColumns) find(heading string, nth int) int {
	nth = max(nth, 1)
	for _, found := range [][]int{h.exact[heading], h.folded[FoldHeading(heading)]} {
		if nth <= len(found) {
			return found[nth-1]
		}
	}
	return -1
}

// named gives a column without a heading the name that people and recipes call
// it by: "Column 3".
func named(heading string, at int) string {
	if strings.TrimSpace(heading) == "" {
		return fmt.Sprintf("Column %d", at+1)
	}
	return heading
}

func isTagHeading(heading string, s *lead.Schema) bool {
	f := s.Field("tags")
	if f == nil {
		return false
	}
	folded := FoldHeading(heading)
	for _, known := range append([]string{f.Heading, f.Key}, f.Parts[0].Synonyms...) {
		if FoldHeading(known) == folded {
			return true
		}
	}
	return false
}

func quoteList(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = fmt.Sprintf("%q", item)
	}
	if n := len(quoted); n > 1 {
		return strings.Join(quoted[:n-1], ", ") + " and " + quoted[n-1]
	}
	return strings.Join(quoted, "")
}
