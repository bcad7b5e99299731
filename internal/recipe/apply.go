package recipe

import (
	"maps"
	"reflect"
	"slices"
)

// Apply lays one recipe over another and returns a third: what over says wins,
// what it leaves open stays as base has it. A column of over replaces base's
// column of the same heading, and takes its fields away from other columns of
// base, so that "--map 'Firm=company_name'" never feeds a field twice. Lists
// of answers are joined. Both should name targets in full (see Canonical).
func Apply(base, over *Recipe) *Recipe {
	out := base.Clone()
	overlay(reflect.ValueOf(out).Elem(), reflect.ValueOf(over.Clone()).Elem())
	out.Columns = applyColumns(base.Clone().Columns, over.Clone().Columns)
	out.Same = applySame(base.Same, over.Same)
	out.Values = maps.Clone(base.Clone().Values)
	for field, answers := range over.Values {
		for value, answer := range answers {
			out.setValue(field, value, answer)
		}
	}
	return out
}

// overlay copies every member that is set. Members that need more care are
// overwritten by Apply afterwards; errors and maps are joined.
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
			return to != Comments && to != Tags && slices.ContainsFunc(over, func(o Column) bool { return slices.Contains(o.To, to) })
		})
		out = append(out, c)
	}
	return append(out, over...)
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
	if r.File.Header != nil {
		line := *r.File.Header
		c.File.Header = &line
	}
	return &c
}
