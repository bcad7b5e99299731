package recipe

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// ParseSet reads --set: "source=Trade Show" is a default, "source:=Trade Show"
// a constant. The field is named by key or heading. Errors wrap
// lead.ErrInvalid and say what to write instead.
func ParseSet(text string, s *lead.Schema) (Same, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return Same{}, fmt.Errorf("--set %q: write --set 'field=value' for a default or --set 'field:=value' for a value in every record: %w", text, lead.ErrInvalid)
	}
	name, constant := strings.CutSuffix(strings.TrimSpace(name), ":")
	value = unquote(value)
	if FoldHeading(name) == "country" {
		return Same{}, fmt.Errorf("--set %q: the country of records without one is set by --country %s: %w", text, value, lead.ErrInvalid)
	}
	target, err := targetNamed(name, s)
	if err != nil {
		return Same{}, fmt.Errorf("--set %q: %w", text, err)
	}
	if value == "" {
		return Same{}, fmt.Errorf("--set %q: the value is blank: %w", text, lead.ErrInvalid)
	}
	same := Same{Field: sameField(target, s), Value: value, Constant: constant}
	f := &s.Fields[target.Field]
	if f.Kind == lead.Choice && len(f.Options) > 0 {
		id, ok := norm.ChoiceID(value, f.Options)
		if !ok {
			return Same{}, fmt.Errorf("--set %q: %q is no %s; there are %s: %w", text, value, f.Label, optionList(f.Options), lead.ErrInvalid)
		}
		same.Value = id
	}
	return same, nil
}

// ParseValue reads --value: "Status Id:Hot=new" answers an unknown value of a
// field, "Status Id:Hot=" leaves it empty, "=tag:" keeps it as a tag, "=add:"
// adds it to the options. It returns the field's key, the value and the
// answer, ready for Recipe.SetAnswer.
func ParseValue(text string, s *lead.Schema) (field, value string, a Answer, err error) {
	fail := func(format string, args ...any) (string, string, Answer, error) {
		return "", "", Answer{}, fmt.Errorf("--value %q: %s: %w", text, fmt.Sprintf(format, args...), lead.ErrInvalid)
	}
	at := strings.LastIndex(text, "=")
	name, rest, ok := strings.Cut(text, ":")
	if at < 0 || !ok || at < len(name) {
		return fail("write --value 'Status Id:Hot=new'")
	}
	target, err := targetNamed(name, s)
	if err != nil {
		return "", "", Answer{}, fmt.Errorf("--value %q: %w", text, err)
	}
	f := &s.Fields[target.Field]
	value, answer := unquote(rest[:at-len(name)-1]), unquote(text[at+1:])
	if value == "" {
		return fail("there is no value before the =")
	}
	a = ParseAnswer(answer)
	if a.Do == AddOption && a.Value == "" {
		a.Value = value
	}
	switch {
	case a.Do == AddOption && f.Kind != lead.Choice && f.Kind != lead.MultiChoice:
		return fail("add: is for choices, %s is none", f.Heading)
	case a.Do == Use && (f.Kind == lead.Choice || f.Kind == lead.MultiChoice):
		id, ok := norm.ChoiceID(a.Value, f.Options)
		if !ok {
			return fail("%q is no %s; there are %s, or add: to add %q, tag: to keep it as a tag, nothing to leave it empty",
				a.Value, f.Label, optionList(f.Options), value)
		}
		a.Value = id
	}
	return f.Key, value, a, nil
}

// ParseMap reads --map: "Heading=field" (key, heading, or one element such as
// phones.2), "Heading=first_name,last_name" for several, "Heading=comments",
// "Heading=tags", "Heading=full_name", "Heading=" for not imported. "Heading[2]"
// is the second column of that heading.
func ParseMap(text string, s *lead.Schema) (Column, error) {
	at := strings.LastIndex(text, "=")
	if at <= 0 {
		return Column{}, fmt.Errorf("--map %q: write --map 'Heading=field', or 'Heading=' to leave the column out: %w", text, lead.ErrInvalid)
	}
	c := Column{Heading: unquote(text[:at]), To: []string{}}
	if m := regexp.MustCompile(`^(.*\S)\s*\[([1-9][0-9]{0,3})\]$`).FindStringSubmatch(c.Heading); m != nil {
		c.Heading = m[1]
		c.Nth, _ = strconv.Atoi(m[2]) // four digits at most, by the pattern
	}
	for name := range strings.SplitSeq(text[at+1:], ",") {
		name = unquote(name)
		switch folded := FoldHeading(name); {
		case folded == "":
			continue
		case folded == FoldHeading(FullName):
			c.To = append(c.To, FullName)
		case name == Comments:
			c.To = append(c.To, Comments)
		case name == Tags && !isTagHeading(c.Heading, s):
			c.To = append(c.To, Tags)
		default:
			t, err := targetNamed(name, s)
			if err != nil {
				return Column{}, fmt.Errorf("--map %q: %w", text, err)
			}
			c.To = append(c.To, s.TargetText(t))
		}
	}
	return c, nil
}

// ParseMatch reads --match: tiers in order, "id,email". See Tier.
func ParseMatch(text string) ([]string, error) {
	r := Recipe{}
	for tier := range strings.SplitSeq(text, ",") {
		r.Match = append(r.Match, strings.ToLower(strings.TrimSpace(tier)))
	}
	for i, m := range r.Match {
		known := false
		for _, t := range Tiers() {
			known = known || string(t) == m
		}
		if !known {
			return nil, fmt.Errorf("--match %q: %q is none of %s: %w", text, m, tierList(), lead.ErrInvalid)
		}
		for _, before := range r.Match[:i] {
			if before == m {
				return nil, fmt.Errorf("--match %q: %s stands twice: %w", text, m, lead.ErrInvalid)
			}
		}
	}
	return r.Match, nil
}

// targetNamed finds a target by its text ("emails.2"), a field's key, heading
// or label, a part's heading ("Address 2 City") or a synonym.
func targetNamed(name string, s *lead.Schema) (lead.Target, error) {
	name = unquote(name)
	if t, err := s.ParseTarget(name); err == nil {
		return t, checkImportable(t, name, s)
	}
	if strings.Contains(name, ".") {
		if key, _, _ := strings.Cut(name, "."); s.Field(key) != nil {
			_, err := s.ParseTarget(name) // teaches better than a list of fields
			return lead.Target{}, err
		}
	}
	if found, _ := newIndex(s).lookup(name); found != nil && found.pseudo == "" {
		slot := found.slot
		if s.Fields[found.field].List() {
			slot = max(slot, 1)
		}
		t := lead.Target{Field: found.field, Part: found.part, Slot: slot}
		return t, checkImportable(t, name, s)
	}
	return lead.Target{}, fmt.Errorf("there is no field %q%s (fields: %s): %w",
		name, didYouMean(name, append(fieldKeys(s), headings(s)...)), strings.Join(fieldKeys(s), ", "), lead.ErrInvalid)
}

func checkImportable(t lead.Target, name string, s *lead.Schema) error {
	if s.Fields[t.Field].System {
		return fmt.Errorf("%q is written by Leadport alone: %w", name, lead.ErrInvalid)
	}
	return nil
}

// sameField names a target as shortly as it can be read back.
func sameField(t lead.Target, s *lead.Schema) string {
	if t.Part == 0 && t.Slot <= 1 {
		return s.Fields[t.Field].Key
	}
	return s.TargetText(t)
}

func headings(s *lead.Schema) []string {
	var out []string
	for i := range s.Fields {
		if !s.Fields[i].System && !s.Fields[i].Gone {
			out = append(out, s.Fields[i].Heading)
		}
	}
	return out
}

func optionList(options []lead.Option) string {
	var out []string
	for _, o := range options {
		if o.Retired {
			continue
		}
		text := o.ID
		if norm.Fold(o.Label) != norm.Fold(o.ID) {
			text += " (" + o.Label + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// unquote takes off blanks and one pair of quotes, which a shell that knows no
// single quotes (cmd.exe) leaves in place.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}
