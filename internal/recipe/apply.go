package recipe

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Apply lays one recipe over another and returns a third: what over says wins,
// what it leaves open stays as base has it. A column of over replaces base's
// column of the same heading, and takes its fields away from other columns of
// base, so that "--map 'Firm=company_name'" never feeds a field twice. Lists
// of answers and of codes made errors are joined. A flag that base sets cannot
// be unset. A preset that over names comes between the two.
func Apply(base, over *Recipe) *Recipe {
	if preset, err := Preset(over.Preset); err == nil {
		over = layer(preset, over)
	}
	return layer(base, over)
}

func layer(base, over *Recipe) *Recipe {
	out := base.Clone()
	overlay(reflect.ValueOf(out).Elem(), reflect.ValueOf(over.Clone()).Elem())
	out.Columns = applyColumns(base.Clone().Columns, over.Clone().Columns)
	out.Same = applySame(base.Same, over.Same)
	out.Errors = slices.Clone(base.Errors)
	for _, code := range over.Errors {
		if !slices.Contains(out.Errors, code) {
			out.Errors = append(out.Errors, code)
		}
	}
	out.Values = maps.Clone(base.Clone().Values)
	for field, answers := range over.Values {
		for value, answer := range answers {
			out.setValue(field, value, answer)
		}
	}
	return out
}

// overlay copies every member that is set and joins maps. Members that need
// more care are overwritten by layer afterwards.
func overlay(dst, src reflect.Value) {
	for i := range src.NumField() {
		from, to := src.Field(i), dst.Field(i)
		switch {
		case from.IsZero():
		case from.Kind() == reflect.Struct:
			overlay(to, from)
		case from.Kind() == reflect.Map && !to.IsNil():
			for _, key := range from.MapKeys() {
				to.SetMapIndex(key, from.MapIndex(key))
			}
		default:
			to.Set(from)
		}
	}
}

func applyColumns(base, over []Column) []Column {
	same := func(a, b Column) bool {
		return a.Heading != "" && FoldHeading(a.Heading) == FoldHeading(b.Heading) && max(a.Nth, 1) == max(b.Nth, 1)
	}
	var out []Column
	for _, c := range base {
		if slices.ContainsFunc(over, func(o Column) bool { return same(c, o) }) {
			continue
		}
		c.To = slices.DeleteFunc(c.To, func(to string) bool {
			return slices.ContainsFunc(over, func(o Column) bool {
				return slices.ContainsFunc(o.To, func(theirs string) bool { return excludes(theirs, to) })
			})
		})
		out = append(out, c)
	}
	return append(out, over...)
}

// excludes reports whether two columns cannot go to these targets at once.
// First and last name exclude the whole name, which is split into them.
func excludes(a, b string) bool {
	person := func(to string) bool { return to == "first_name" || to == "last_name" }
	switch {
	case a == Comments || a == Tags || b == Comments || b == Tags:
		return false
	case a == FullName && person(b), b == FullName && person(a):
		return true
	}
	return sameTarget(a, b)
}

// sameTarget compares targets as they are written, short forms included:
// "emails", "emails.1" and "emails.1.email" are one. It needs no schema, as
// the part left out is the first one of a built-in field.
func sameTarget(a, b string) bool {
	keyA, slotA, partA := cutTarget(a)
	keyB, slotB, partB := cutTarget(b)
	if keyA != keyB || slotA != slotB {
		return false
	}
	first := func(part string) bool {
		return slices.Contains([]string{"", "email", "phone", "tag", "id", "name", "label", "first_name"}, part)
	}
	return partA == partB || partA == "" && first(partB) || partB == "" && first(partA)
}

func cutTarget(text string) (key, slot, part string) {
	key, rest, _ := strings.Cut(text, ".")
	slot, part, _ = strings.Cut(rest, ".")
	if strings.Trim(slot, "0123456789") != "" {
		slot, part = "1", slot
	}
	if slot == "" {
		slot = "1"
	}
	return key, slot, part
}

func applySame(base, over []Same) []Same {
	var out []Same
	for _, s := range base {
		if !slices.ContainsFunc(over, func(o Same) bool { return o.Field == s.Field }) {
			out = append(out, s)
		}
	}
	return append(out, over...)
}

// OfRecords is what of a recipe decides what becomes of a record; the rest says
// whether a run begins or goes on, and whom it tells.
func (r *Recipe) OfRecords() *Recipe {
	c := r.Clone()
	c.Name, c.Tell, c.AllOrNothing, c.StopAfter = "", nil, false, ""
	return c
}

// Clone returns a copy that shares nothing with r.
func (r *Recipe) Clone() *Recipe {
	c := *r
	c.Columns = slices.Clone(r.Columns)
	for i := range c.Columns {
		c.Columns[i].To = slices.Clone(c.Columns[i].To)
	}
	c.Same = slices.Clone(r.Same)
	if r.Values != nil {
		c.Values = make(map[string]map[string]string, len(r.Values))
		for field, answers := range r.Values {
			c.Values[field] = maps.Clone(answers)
		}
	}
	c.Decide = maps.Clone(r.Decide)
	c.Policy = maps.Clone(r.Policy)
	c.Match = slices.Clone(r.Match)
	c.BlankErases = slices.Clone(r.BlankErases)
	c.Errors = slices.Clone(r.Errors)
	c.Tell = slices.Clone(r.Tell)
	if r.File.Header != nil {
		line := *r.File.Header
		c.File.Header = &line
	}
	return &c
}
