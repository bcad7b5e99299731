package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// most groups are printed; --json and --rejects have them all.
const mostGroups = 20

func (r *importRun) tellCheck(ctx context.Context) error {
	r.printf("%s\n", r.recognised())
	for _, b := range r.prep.Before {
		r.printf("This very file was imported on %s (import %d).\n", b.Finished.Local().Format("2 January 2006"), b.ID)
	}
	r.tellColumns()
	r.printf("\n%s\n", accountingLine(r.imp.Plan.Accounting))
	r.tellAside(r.imp.Plan.Accounting)
	groups, err := r.app.Store.Groups(ctx, r.imp.ID)
	if err != nil {
		return err
	}
	r.tellGroups(groups)
	if len(r.imp.Plan.Decisions) > 0 {
		r.printf("\nPlease confirm\n")
		for _, d := range r.imp.Plan.Decisions {
			r.printf("  %s\n", d.Question)
			if len(d.Flags) > 0 {
				r.printf("      %s\n", strings.Join(d.Flags, "   or   "))
			}
		}
	}
	r.printf("\nNothing has been changed yet.\n")
	return nil
}

// recognised is the strip that says how the file was read.
func (r *importRun) recognised() string {
	d := r.prep.Detection
	parts := []string{r.imp.File, strings.ToUpper(d.Format)}
	if d.Format == "csv" {
		parts = append(parts, strings.ToUpper(d.Encoding), delimiterName(d.Delimiter))
	}
	if d.Sheet != "" {
		parts = append(parts, "sheet "+d.Sheet)
	}
	if d.HeaderLine > 0 {
		parts = append(parts, fmt.Sprintf("heading in line %d", d.HeaderLine))
	} else {
		parts = append(parts, "no headings")
	}
	if order := r.dateOrder(); order != "" {
		parts = append(parts, "dates "+order)
	}
	return strings.Join(append(parts, count(r.imp.Plan.Records, "record")), " · ")
}

func (r *importRun) dateOrder() string {
	order := r.prep.Recipe.File.Dates
	for _, g := range r.prep.Detection.Ledger {
		if order == "" && g.Name == "dates" && g.Certainty != table.Unproven {
			order = g.Value
		}
	}
	return map[string]string{"dmy": "d/m/y", "mdy": "m/d/y", "ymd": "y-m-d"}[order]
}

func delimiterName(d string) string {
	if name, ok := map[string]string{",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "": "one column"}[d]; ok {
		return name
	}
	return strconv.Quote(d)
}

// tellColumns lists where each column goes.
func (r *importRun) tellColumns() {
	schema, err := r.app.Store.Schema(r.cmd.Context())
	if err != nil {
		return
	}
	width := 0
	for _, p := range r.prep.Proposals {
		width = max(width, min(len([]rune(p.Heading)), 32))
	}
	to := map[int][]string{}
	for _, in := range r.prep.Program.Inputs {
		var names []string
		if in.Full != nil {
			names = append(names, "Full name (split into first and last name)")
		}
		for _, t := range in.Targets {
			names = append(names, schema.TargetHeading(t))
		}
		if in.Comments {
			names = append(names, "comments")
		}
		if in.Tags {
			names = append(names, "tags")
		}
		to[in.Column] = names
	}
	r.printf("\nColumns\n")
	groups := map[string]int{}
	for _, p := range r.prep.Proposals {
		sure := p.Confidence.String()
		switch names := to[p.Column]; {
		case p.Group != "" && len(names) == 0:
			groups[p.Group]++
			continue
		case len(names) > 0:
			r.printf("  %s → %s\n", pad(p.Heading, width), strings.Join(names, ", ")+suffix(sure, p.Reason))
		case p.Confidence == recipe.Check && len(p.To) > 0:
			r.printf("  %s   not imported; perhaps --map '%s=%s'\n", pad(p.Heading, width), p.Heading, strings.Join(p.To, ","))
		case p.Filled > 0:
			r.printf("  %s   not imported (%.0f %% filled)\n", pad(p.Heading, width), p.Filled*100)
		default:
			r.printf("  %s   empty\n", pad(p.Heading, width))
		}
	}
	for name, n := range groups {
		r.printf("  %s   not imported: %s\n", pad(count(int64(n), "column"), width), name)
	}
}

func suffix(sure, reason string) string {
	if sure == "" || sure == "Exact" {
		return ""
	}
	if reason == "" {
		return "  (" + sure + ")"
	}
	return "  (" + sure + ": " + reason + ")"
}

func pad(s string, width int) string {
	r := []rune(s)
	if len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return s + strings.Repeat(" ", width-len(r))
}

// accountingLine is rule 7.1 in words.
func accountingLine(a importer.Accounting) string {
	return fmt.Sprintf("%s = %s new + %s %s + %s unchanged + %s skipped + %s with errors + %s your decision",
		count(a.Records, "record"), number(a.New), number(a.Update), plural(a.Update, "update"), number(a.Unchanged),
		number(a.Skipped), number(a.Errors), number(a.Conflicts)+map[bool]string{true: " needs", false: " need"}[a.Conflicts == 1])
}

// tellAside says what the accounting line leaves out.
func (c *command) tellAside(a importer.Accounting) {
	if a.Update > 0 {
		c.printf("  updates: %s only fill blanks · %s replace a value · %s replace something a person typed lately\n",
			number(a.UpdateFill), number(a.UpdateReplace), number(a.UpdateTyped))
	}
	var also []string
	for _, x := range []struct {
		n    int64
		what string
	}{{a.Accounts, "account"}, {a.Tags, "tag"}} {
		if x.n > 0 {
			also = append(also, "creates "+count(x.n, x.what))
		}
	}
	if a.CellsNotImported > 0 {
		also = append(also, count(a.CellsNotImported, "cell")+" not imported")
	}
	if a.Blank > 0 {
		also = append(also, count(a.Blank, "blank line"))
	}
	if len(also) > 0 {
		c.printf("  also: %s\n", strings.Join(also, " · "))
	}
}

// tellGroups prints the problems grouped by their repair, worst first.
func (r *importRun) tellGroups(groups []importer.Group) {
	shown, info := 0, 0
	for i := range groups {
		g := &groups[i]
		if g.Severity == importer.Info {
			info++
			continue
		}
		if shown == 0 {
			r.printf("\nRecords with errors and warnings\n")
		}
		if shown++; shown > mostGroups {
			continue
		}
		what := g.Message
		if g.Heading != "" {
			what = g.Heading + ": " + what
		}
		r.printf("  %-7s %s – %s\n", g.Severity, what, r.where(g))
		if g.Suggestion != "" {
			r.printf("          Perhaps %s?\n", g.Suggestion)
		}
		if g.Remedy != "" {
			r.printf("          %s\n", g.Remedy)
		}
	}
	if shown > mostGroups {
		r.printf("  … and %s; see --json, or --rejects FILE\n", count(int64(shown-mostGroups), "more group"))
	}
	if info > 0 {
		r.printf("  %s about what was mended or left out on purpose; see --json\n", count(int64(info), "note"))
	}
}

// where names the records behind a group: the first with its line, and how many.
func (r *importRun) where(g *importer.Group) string {
	if g.Record == 0 {
		return "whole file"
	}
	if g.Count == 1 {
		return fmt.Sprintf("row #%d (line %d)", g.Record, g.Line)
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

func (r *importRun) tellResult() {
	switch imp := r.imp; imp.State {
	case importer.Done:
		r.printf("\n%s\n", accountingLine(imp.Accounting))
		r.tellAside(imp.Accounting)
		r.printf("Import %d is done. You can undo it until %s: leadport undo %d\n", imp.ID, imp.UndoUntil().Local().Format("2 January 2006"), imp.ID)
	case importer.Cancelled:
		r.printf("%s of %s leads are in. Keep them, continue (leadport imports %d --continue) or undo these (leadport undo %d).\n",
			number(imp.Accounting.Leads()), number(imp.Plan.Accounting.Leads()), imp.ID, imp.ID)
	default:
		r.printf("Import %d is %s: %s\n", imp.ID, imp.State, imp.Reason)
	}
	if r.rejects != "" {
		r.printf("Records not or partly imported: %s\n", r.rejects)
	}
}

// document is what --json prints.
type document struct {
	Import     int64               `json:"import"`
	File       string              `json:"file"`
	State      importer.State      `json:"state"`
	Reason     string              `json:"reason,omitempty"`
	Recognised []table.Guess       `json:"recognised"`
	Columns    []recipe.Proposal   `json:"columns"`
	Accounting importer.Accounting `json:"accounting"`
	Decisions  []importer.Decision `json:"decisions"`
	Issues     []jsonGroup         `json:"issues"`
	UndoUntil  string              `json:"undo_until,omitempty"`
}

type jsonGroup struct {
	importer.Group
	Records []uint32 `json:"records"` // the first 100
}

type jsonRefusal struct {
	Error  string `json:"error"`
	Remedy string `json:"remedy,omitempty"`
}

func (r *importRun) printDocument(ctx context.Context) error {
	groups, err := r.app.Store.Groups(ctx, r.imp.ID)
	if err != nil {
		return err
	}
	doc := document{Import: r.imp.ID, File: r.imp.File, State: r.imp.State, Reason: r.imp.Reason, Recognised: r.prep.Detection.Ledger,
		Columns: r.prep.Proposals, Accounting: r.imp.Accounting, Decisions: r.imp.Plan.Decisions, Issues: []jsonGroup{}}
	if doc.Decisions == nil {
		doc.Decisions = []importer.Decision{}
	}
	for _, g := range groups {
		j := jsonGroup{Group: g, Records: []uint32{}}
		it := g.Records.Iterator()
		for it.HasNext() && len(j.Records) < 100 {
			j.Records = append(j.Records, it.Next())
		}
		doc.Issues = append(doc.Issues, j)
	}
	if r.imp.State == importer.Done {
		doc.UndoUntil = r.imp.UndoUntil().UTC().Format("2006-01-02")
	}
	return r.printJSON(doc)
}

func (c *command) printJSON(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// number writes 12480 as 12,480.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n int64, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

func count(n int64, word string) string { return number(n) + " " + plural(n, word) }
