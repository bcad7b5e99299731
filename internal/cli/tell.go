package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

func (r *importRun) tellCheck(ctx context.Context) error {
	t, err := r.teller(ctx)
	if err != nil {
		return err
	}
	r.printf("%s\n", r.recognised())
	if len(r.prep.Before) > 0 {
		b := r.prep.Before[0]
		r.printf("This very file was imported on %s by %s (import %d).\n", r.day(b.Finished), t.users[b.Actor].Display(), b.ID)
	}
	r.tellColumns(t.schema)
	r.printf("\n%s\n", accountingLine(r.imp.Plan.Accounting))
	r.tellAside(r.imp.Plan.Accounting)
	groups, err := r.app.Store.Groups(ctx, r.imp.ID)
	if err != nil {
		return err
	}
	t.tellGroups(groups)
	if len(r.imp.Plan.Decisions) > 0 {
		r.printf("\nPlease confirm\n")
		for _, d := range r.imp.Plan.Decisions {
			r.printf("  %s\n", d.Question)
			if len(d.Flags) > 0 {
				r.printf("      %s\n", strings.Join(d.Flags, "   or   "))
			}
		}
	}
	r.printf("\n%s\n", r.standing())
	return nil
}

// standing says where the import stands after its check.
func (r *importRun) standing() string {
	switch acc := r.imp.Plan.Accounting; {
	case len(r.imp.Plan.Decisions) > 0:
		return "Nothing has been changed yet: add a flag for each question above."
	case acc.Leads() > 0:
		return "Nothing has been changed yet."
	case acc.Records == 0:
		return "There is nothing to import: the file has no records."
	case acc.Records == acc.Unchanged:
		return "There is nothing to import: all records are here already."
	case acc.Open():
		return "There is nothing to import yet: mend the records above, or answer with their flags."
	}
	return "There is nothing to import."
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
func (r *importRun) tellColumns(schema *lead.Schema) {
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
	// Of a wide file, as an export or a filled template is, the columns named
	// like their field say nothing new, nor do empty ones.
	const wide = 25
	var lines [][2]string
	same, empty, home := 0, 0, 0
	groups := map[string]int{}
	for _, p := range r.prep.Proposals {
		names := to[p.Column]
		arrow := "→ " + strings.Join(names, ", ")
		switch {
		case p.Heading == importer.HomeReasons || p.Heading == importer.HomeImport || p.Heading == importer.HomeRecord:
			home++
			continue
		case p.Group != "" && len(names) == 0:
			groups[p.Group]++
			continue
		case len(names) == 1 && names[0] == p.Heading && len(r.prep.Proposals) > wide:
			same++
			continue
		case len(names) > 0:
			arrow += suffix(p.Confidence.String(), p.Reason)
		case p.Confidence == recipe.Check && len(p.To) > 0:
			arrow = "  not imported; perhaps --map " + shellQuote(p.Heading+"="+strings.Join(p.To, ","))
		case p.Filled > 0:
			arrow = fmt.Sprintf("  not imported (%s filled)", percent(p.Filled))
		case len(r.prep.Proposals) > wide:
			empty++
			continue
		default:
			arrow = "  empty"
		}
		lines = append(lines, [2]string{p.Heading, arrow})
	}
	if home > 0 {
		lines = append(lines, [2]string{"Leadport …", "  says which records of which import come home"})
	}
	if same > 0 {
		lines = append(lines, [2]string{count(int64(same), "column"), "→ the fields of the same name"})
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		lines = append(lines, [2]string{count(int64(groups[name]), "column"), "  not imported: " + name})
	}
	if empty > 0 {
		lines = append(lines, [2]string{count(int64(empty), "column"), "  empty"})
	}
	width := 0
	for i := range lines {
		lines[i][0] = oneLine(lines[i][0])
		width = max(width, min(uniseg.StringWidth(lines[i][0]), 32))
	}
	r.printf("\nColumns\n")
	for _, l := range lines {
		r.printf("  %s %s\n", pad(l[0], width), l[1])
	}
}

func percent(share float64) string {
	switch p := math.Round(share * 100); {
	case p < 1:
		return "under 1 %"
	case p == 100 && share < 1:
		return "99 %"
	default:
		return fmt.Sprintf("%.0f %%", p)
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
	if w := uniseg.StringWidth(s); w <= width {
		return s + strings.Repeat(" ", width-w)
	}
	short, used := "", 0
	for g := uniseg.NewGraphemes(s); g.Next() && used+g.Width() < width; used += g.Width() {
		short += g.Str()
	}
	return short + "…" + strings.Repeat(" ", width-1-used)
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

func (r *importRun) tellResult() {
	imp := r.imp
	switch imp.State {
	case importer.Done:
		if imp.Plan.Accounting.Leads() > 0 { // else it is the one above
			r.printf("\n%s\n", accountingLine(imp.Accounting))
			r.tellAside(imp.Accounting)
		}
		if imp.Accounting.Leads() == 0 {
			r.printf("Import %d is done. It changed no lead.\n", imp.ID)
		} else {
			r.printf("Import %d is done. You can undo it until %s: leadport undo %d\n", imp.ID, r.day(imp.UndoUntil()), imp.ID)
		}
	case importer.Cancelled:
		if imp.Accounting.Leads() == 0 {
			r.printf("Import %d was cancelled before a lead was written. To go on: leadport imports %d --continue\n", imp.ID, imp.ID)
			break
		}
		r.printf("%s of %s are in. They stay, unless you undo them: leadport undo %d. To go on: leadport imports %d --continue\n",
			number(imp.Accounting.Leads()), count(imp.Plan.Accounting.Leads(), "lead"), imp.ID, imp.ID)
	case importer.Paused:
		r.printf("Import %d is paused: %s\nNothing is lost. To go on: leadport imports %d --continue\n", imp.ID, imp.Reason, imp.ID)
	default:
		r.printf("Import %d is %s: %s\n", imp.ID, string(imp.State), imp.Reason)
	}
	if r.rejects != "" {
		r.tellRejects()
	} else if open := imp.Accounting.Errors + imp.Accounting.Conflicts; open > 0 {
		r.printf("%s not imported. For a file to mend and import again: leadport imports %d --rejects rejects.xlsx\n",
			counted(open, "record was", "records were"), imp.ID)
	}
}

// tellRejects says what the file of rejects holds.
func (r *importRun) tellRejects() {
	if r.rejects == "" || r.rejects == "-" {
		return
	}
	if r.rejected == 0 {
		r.printf("No record was rejected; %s has only the headings.\n", r.rejects)
		return
	}
	r.printf("%s not or only partly imported, with the reasons: %s\n", count(r.rejected, "record"), r.rejects)
}

// document is what --json prints.
type document struct {
	Import     int64               `json:"import"`
	File       string              `json:"file"`
	State      importer.State      `json:"state"`
	Reason     string              `json:"reason,omitempty"`
	Recognised []table.Guess       `json:"recognised"`
	Before     int64               `json:"imported_before,omitempty"` // the import of the very same file
	Columns    []recipe.Proposal   `json:"columns"`
	Accounting importer.Accounting `json:"accounting"`
	Decisions  []importer.Decision `json:"decisions"`
	Issues     []jsonGroup         `json:"issues"`
	UndoUntil  string              `json:"undo_until,omitempty"`
}

type jsonGroup struct {
	importer.Group
	Records []uint32 `json:"records"`          // the first 100
	Answer  string   `json:"answer,omitempty"` // the flag that answers an unknown value, as proposed
}

type jsonRefusal struct {
	Error    string `json:"error"`
	Remedy   string `json:"remedy,omitempty"`
	Encoding string `json:"encoding,omitempty"` // of a file that is text, but no table
}

func (r *importRun) printDocument(ctx context.Context) error {
	groups, err := r.app.Store.Groups(ctx, r.imp.ID)
	if err != nil {
		return err
	}
	t, err := r.teller(ctx)
	if err != nil {
		return err
	}
	doc := document{Import: r.imp.ID, File: r.imp.File, State: r.imp.State, Reason: r.imp.Reason, Recognised: r.prep.Detection.Ledger,
		Columns: r.prep.Proposals, Accounting: r.imp.Accounting, Decisions: r.imp.Plan.Decisions, Issues: t.issues(groups)}
	if len(r.prep.Before) > 0 {
		doc.Before = r.prep.Before[0].ID
	}
	if doc.Decisions == nil {
		doc.Decisions = []importer.Decision{}
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

func counted(n int64, one, many string) string {
	if n == 1 {
		return number(n) + " " + one
	}
	return number(n) + " " + many
}
