package recipe

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/lead"
)

// Validate returns everything that is wrong with a recipe, each error naming
// its place as the TOML file has it and wrapping lead.ErrInvalid; none for a
// recipe that Compile takes, its expressions aside, which need the file.
func (r *Recipe) Validate(s *lead.Schema) []error {
	v := &validator{schema: s}
	if r.Version > FormatVersion {
		v.bad("version", "%d is newer than this Leadport reads (%d)", r.Version, FormatVersion)
	}
	v.oneOf("preset", r.Preset, "orocrm")
	v.oneOf("mode", r.Mode, "create", "update")
	v.oneOf("existing", r.Existing, "update", "fill", "leave")
	v.oneOf("file.dates", r.File.Dates, "dmy", "mdy", "ymd")
	v.oneOf("file.decimal", r.File.Decimal, ".", ",")
	if c := r.File.Country; c != "" && (len(c) != 2 || strings.ToUpper(c) != c) {
		v.bad("file.country", "%q is not a two-letter code such as DE", c)
	}
	if _, err := time.LoadLocation(r.File.Zone); err != nil {
		v.bad("file.zone", "%q is not a time zone such as Europe/Berlin", r.File.Zone)
	}
	if h := r.File.Header; h != nil && *h < 0 {
		v.bad("file.header", "%d is not a line; 0 means no header row", *h)
	}
	for i := range r.Columns {
		v.column(i, &r.Columns[i])
	}
	for i, same := range r.Same {
		v.same(i, same)
	}
	for i, m := range r.Match {
		if !slices.Contains(Tiers(), Tier(m)) {
			v.bad(fmt.Sprintf("match[%d]", i), "%q is none of %s", m, tierList())
		} else if slices.Contains(r.Match[:i], m) {
			v.bad(fmt.Sprintf("match[%d]", i), "%q stands twice", m)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.Policy)) {
		v.policy(key, r.Policy[key])
	}
	for _, key := range slices.Sorted(maps.Keys(r.Values)) {
		v.field("values", key)
	}
	for i, key := range r.BlankErases {
		place := fmt.Sprintf("blank_erases[%d]", i)
		if f := v.field(place, key); f != nil && f.Required {
			v.bad(place, "%s is required and cannot be cleared", f.Heading)
		}
	}
	if _, _, err := r.Stop(); err != nil {
		v.errs = append(v.errs, err)
	}
	return v.errs
}

// Stop reads StopAfter: more errors than count, or than percent of the
// records; both 0 mean never.
func (r *Recipe) Stop() (count int64, percent float64, err error) {
	switch text, isPercent := strings.CutSuffix(r.StopAfter, "%"); {
	case r.StopAfter == "":
		return 0, 0, nil
	case isPercent:
		percent, err = strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err == nil && percent > 0 && percent <= 100 {
			return 0, percent, nil
		}
	default:
		count, err = strconv.ParseInt(text, 10, 64)
		if err == nil && count > 0 {
			return count, 0, nil
		}
	}
	return 0, 0, fmt.Errorf(`stop_after: %q is neither a number of errors ("100") nor a share ("5%%"): %w`, r.StopAfter, lead.ErrInvalid)
}

type validator struct {
	schema *lead.Schema
	errs   []error
}

func (v *validator) bad(place, format string, args ...any) {
	v.errs = append(v.errs, fmt.Errorf("%s: %s: %w", place, fmt.Sprintf(format, args...), lead.ErrInvalid))
}

func (v *validator) oneOf(place, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		v.bad(place, "%q is none of %s", value, strings.Join(allowed, ", "))
	}
}

func (v *validator) field(place, key string) *lead.Field {
	f := v.schema.Field(key)
	if f == nil {
		v.bad(place, "there is no field %q%s", key, didYouMean(key, fieldKeys(v.schema)))
	}
	return f
}

func (v *validator) column(i int, c *Column) {
	place := fmt.Sprintf("columns[%d] (%q)", i, c.Heading)
	if c.Heading == "" && c.Expr == "" {
		v.bad(place, "a column needs a heading or an expression")
	}
	if c.Nth < 0 {
		v.bad(place+".nth", "%d is below 1", c.Nth)
	}
	v.oneOf(place+".range", c.Range, "lower", "upper", "empty")
	for _, to := range c.To {
		if to == FullName || to == Comments || to == Tags {
			if c.Split != "" {
				v.bad(place+".split", "cannot go together with %q", to)
			}
			continue
		}
		v.target(place+".to", to)
	}
	if c.Split != "" && len(c.To) < 2 {
		v.bad(place+".split", "needs two targets or more")
	}
	if len(c.Expr) > maxExpr {
		v.bad(place+".expr", "longer than %d bytes", maxExpr)
	}
}

func (v *validator) target(place, text string) {
	t, err := v.schema.ParseTarget(text)
	if err != nil {
		key, _, _ := strings.Cut(text, ".")
		v.errs = append(v.errs, fmt.Errorf("%s: %w%s", place, err, didYouMean(key, fieldKeys(v.schema))))
		return
	}
	f := &v.schema.Fields[t.Field]
	if f.System {
		v.bad(place, "%s is written by Leadport alone", f.Heading)
	} else if f.List() && f.Parts[t.Part].Derived {
		v.bad(place, "%q is filled by Leadport, not by a column", text)
	}
}

func (v *validator) same(i int, same Same) {
	place := fmt.Sprintf("same[%d]", i)
	v.target(place+".field", same.Field)
	if same.Value == "" {
		v.bad(place+".value", "is blank")
	}
}

func (v *validator) policy(key, text string) {
	place := "policy." + key
	f := v.field(place, key)
	if f == nil {
		return
	}
	p, err := lead.ParsePolicy(text)
	switch {
	case err != nil || p == lead.Raise && f.Policy != lead.Raise:
		v.bad(place, "%q is none of replace, fill, keep, append", text)
	case p == lead.Append && !f.List() && f.Kind != lead.LongText:
		v.bad(place, "only lists and comments can append; %s holds one value", f.Heading)
	case p == lead.Replace && f.Policy == lead.Raise:
		v.bad(place, "a yes in %q is never cleared by a file", f.Heading)
	}
}

func fieldKeys(s *lead.Schema) []string {
	keys := make([]string, 0, len(s.Fields))
	for i := range s.Fields {
		if !s.Fields[i].System && !s.Fields[i].Gone {
			keys = append(keys, s.Fields[i].Key)
		}
	}
	return keys
}

func tierList() string {
	var names []string
	for _, t := range Tiers() {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}

func didYouMean(text string, known []string) string {
	if n := nearest(text, known); n != "" && n != text {
		return fmt.Sprintf("; did you mean %q?", n)
	}
	return ""
}
