package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
)

// How much of the problems is printed; --json and --rejects have them all.
const (
	mostKinds   = 20
	mostValues  = 3  // of one kind in one column
	mostAnswers = 10 // of values that are each to be answered
)

// teller tells the problems of an import.
type teller struct {
	*command
	schema *lead.Schema
	users  map[int64]access.User
	format string // of the file
	told   bool   // that this very file was imported before
}

func (r *importRun) teller(ctx context.Context) (*teller, error) {
	schema, err := r.app.Store.Schema(ctx)
	if err != nil {
		return nil, err
	}
	users, err := usersByID(ctx, r.app)
	return &teller{command: r.command, schema: schema, users: users, format: r.prep.Detection.Format, told: len(r.prep.Before) > 0}, err
}

// formatOf is the format that an import's file was recognised as.
func formatOf(imp *importer.Import) string {
	var det struct{ Format string }
	if json.Unmarshal(imp.Detection, &det) != nil {
		return ""
	}
	return det.Format
}

// kind is all groups of one code and column: the same trouble with several
// values.
type kind struct {
	groups  []*importer.Group // worst first
	records *roaring.Bitmap
}

// kinds puts groups, worst first, together by kind; notes are only counted.
func kinds(groups []importer.Group) (list []*kind, notes int) {
	type key struct {
		code   string
		column int
	}
	index := map[key]*kind{}
	for i := range groups {
		g := &groups[i]
		if g.Severity == importer.Info {
			notes++
			continue
		}
		at := key{g.Code, g.Column}
		k := index[at]
		if k == nil {
			k = &kind{records: roaring.New()}
			index[at] = k
			list = append(list, k)
		}
		k.groups = append(k.groups, g)
		if g.Records != nil {
			k.records.Or(g.Records)
		}
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.groups[0].Severity != b.groups[0].Severity {
			return a.groups[0].Severity > b.groups[0].Severity
		}
		return a.records.GetCardinality() > b.records.GetCardinality()
	})
	return list, notes
}

// tellGroups prints the problems by their repair, worst first.
func (t *teller) tellGroups(groups []importer.Group) {
	list, notes := kinds(groups)
	if t.told {
		for i, k := range list {
			if k.groups[0].Code == "file.imported_before" {
				list = append(list[:i:i], list[i+1:]...)
				break
			}
		}
	}
	if len(list) > 0 {
		title := "Records with errors"
		if list[len(list)-1].groups[0].Severity == importer.Warning {
			title += " and warnings"
		}
		if list[0].groups[0].Severity == importer.Warning {
			title = "Records with warnings"
		}
		t.printf("\n%s\n", title)
	}
	for i, k := range list {
		if i == mostKinds {
			t.printf("  … and %s; --json and --rejects FILE have them all\n", count(int64(len(list)-i), "more kind"))
			break
		}
		t.tellKind(k)
	}
	if notes > 0 {
		t.printf("  %s on what was mended or left out on purpose; --json has them\n", count(int64(notes), "note"))
	}
}

func (t *teller) tellKind(k *kind) {
	const indent = "           "
	first := k.groups[0]
	most := mostValues
	if t.answer(first) != "" {
		most = mostAnswers
	}
	one := true // remedy for all
	for i, g := range k.groups {
		one = one && (t.remedy(g) == t.remedy(first) || i >= most)
	}
	for i, g := range k.groups {
		if i == most && len(k.groups) > most+1 {
			rest := roaring.New()
			for _, g := range k.groups[i:] {
				rest.Or(g.Records)
			}
			where := "whole file"
			if n := rest.GetCardinality(); n > 0 {
				where = count(int64(n), "record")
			}
			t.printf("%s… and %s like these – %s\n", indent, count(int64(len(k.groups)-i), "more value"), where)
			break
		}
		name := g.Severity.String()
		if i > 0 {
			name = ""
		}
		what := g.Message
		if g.Heading != "" {
			what = g.Heading + ": " + what
		}
		t.printf("  %-8s %s – %s\n", name, what, t.where(g))
		if g.Suggestion != "" {
			t.printf("%s    Perhaps %s?\n", indent, g.Suggestion)
		}
		if a := t.answer(g); a != "" {
			t.printf("%s    %s\n", indent, a)
		}
		if remedy := t.remedy(g); !one && remedy != "" {
			t.printf("%s    %s\n", indent, remedy)
		}
	}
	if remedy := t.remedy(first); one && remedy != "" {
		t.printf("%s%s\n", indent, remedy)
	}
}

// remedy is how to mend a group, without the flag that answer gives.
func (t *teller) remedy(g *importer.Group) string {
	if t.answer(g) == "" {
		return importer.CommandRemedy(&g.Issue)
	}
	f := t.schema.Field(g.Field)
	switch g.Code {
	case "owner.unknown":
		return "Say who owns these leads, or add the person: leadport user add"
	case "owner.not_assignable":
		return "Choose an owner you may assign to."
	}
	var ids []string
	for _, o := range f.Options {
		if !o.Retired {
			ids = append(ids, o.ID)
		}
	}
	leave := ""
	if g.Severity != importer.Error {
		leave = ", nothing to leave it out"
	}
	return fmt.Sprintf("Say what it means: %s; tag: to keep it as a tag, add: to add it%s.", strings.Join(ids, ", "), leave)
}

// answer is the flag that says what an unknown value means, with the option
// that is proposed for it (rule 2.5), or "".
func (t *teller) answer(g *importer.Group) string {
	f := t.schema.Field(g.Field)
	if f == nil || g.Value == "" {
		return ""
	}
	options, what := f.Options, "ANSWER"
	switch g.Code {
	case "status.unknown", "choice.unknown":
	case "owner.unknown", "owner.not_assignable":
		options, what = nil, "USERNAME"
		for _, u := range t.users {
			if !u.Disabled {
				options = append(options, lead.Option{ID: u.Username, Label: u.Display()})
			}
		}
	default:
		return ""
	}
	if a, _, ok := recipe.ProposeValue(f, g.Value, options); ok {
		what = a.String()
	}
	// The file's heading, if it is understood as the field's name.
	name := g.Heading
	if field, value, _, err := recipe.ParseValue(name+":"+g.Value+"=tag:", t.schema); err != nil || field != f.Key || value != g.Value {
		name = f.Heading
	}
	return "--value " + shellQuote(name+":"+g.Value+"="+what)
}

// shellQuote quotes an argument for a shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// where names the records behind a group: the first with its line, and how many.
func (t *teller) where(g *importer.Group) string {
	if g.Record == 0 {
		return "whole file"
	}
	if g.Count == 1 {
		line := "line"
		if t.format == "xlsx" || t.format == "ods" {
			line = "Excel row"
		}
		return fmt.Sprintf("row #%d (%s %d)", g.Record, line, g.Line)
	}
	var some []string
	it := g.Records.Iterator()
	for it.HasNext() && len(some) < 3 {
		some = append(some, "#"+strconv.Itoa(int(it.Next())))
	}
	more := ""
	if g.Count > 3 {
		more = " …"
	}
	return fmt.Sprintf("%s (rows %s%s)", count(g.Count, "record"), strings.Join(some, ", "), more)
}

// issues are the groups as JSON has them.
func (t *teller) issues(groups []importer.Group) []jsonGroup {
	out := []jsonGroup{}
	for i := range groups {
		j := jsonGroup{Group: groups[i], Records: []uint32{}, Answer: t.answer(&groups[i])}
		j.Remedy = importer.CommandRemedy(&j.Issue)
		it := groups[i].Records.Iterator()
		for it.HasNext() && len(j.Records) < 100 {
			j.Records = append(j.Records, it.Next())
		}
		out = append(out, j)
	}
	return out
}
