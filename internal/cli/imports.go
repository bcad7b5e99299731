package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/store"
)

func (c *command) importsCommand() *cobra.Command {
	var record, before int64
	var rejects string
	var goOn, cancel bool
	cmd := &cobra.Command{
		Use:   "imports [ID]",
		Short: "What was imported, and what became of each record",
		Example: `  leadport imports                        the newest 50
  leadport imports 3                      one of them
  leadport imports 3 --record 42          what became of record 42
  leadport imports 3 --rejects bad.xlsx   its records with errors, with the reasons
  leadport imports 3 --continue           go on with a cancelled or only checked import`,
		Args: args(cobra.MaximumNArgs(1), "name one import by its number"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				if len(args) == 0 {
					return c.listImports(ctx, a, p, before)
				}
				id, err := importID(args[0])
				if err != nil {
					return err
				}
				imp, err := c.theImport(ctx, a, p, id)
				if err != nil {
					return err
				}
				switch {
				case record > 0:
					return c.tellRecord(ctx, a, p, id, record)
				case goOn:
					return c.continueImport(ctx, a, p, imp)
				case cancel:
					if err := a.Engine.Cancel(ctx, p, id); err != nil {
						return err
					}
					c.printf("Import %d is being cancelled; what is in stays until it is undone.\n", id)
					return nil
				case rejects != "":
					r := &importRun{command: c, importFlags: importFlags{rejects: rejects}, app: a, p: p, imp: imp}
					if err := r.writeRejects(ctx); err != nil {
						return err
					}
					r.tellRejects()
					return nil
				}
				return c.tellImport(ctx, a, p, imp)
			})
		},
	}
	f := cmd.Flags()
	f.Int64Var(&record, "record", 0, "`number` of the record, the heading not counted")
	f.Int64Var(&before, "before", 0, "list imports older than this `number`")
	f.StringVar(&rejects, "rejects", "", "write its records with errors to this `file` (.csv or .xlsx)")
	f.BoolVar(&goOn, "continue", false, "run an import that was only checked, cancelled or paused")
	f.BoolVar(&cancel, "cancel", false, "cancel a running import; what is in stays until it is undone")
	f.BoolVar(&c.json, "json", false, "print JSON")
	return cmd
}

// theImport is an import that the person may see.
func (c *command) theImport(ctx context.Context, a *app.App, p access.Principal, id int64) (*importer.Import, error) {
	imp, err := a.Store.GetImport(ctx, p, id)
	if errors.Is(err, lead.ErrNotFound) {
		return nil, fmt.Errorf("there is no import %d; list them with: leadport imports", id)
	}
	return imp, err
}

func importID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, usage{fmt.Errorf("%q is no number of an import; list them with: leadport imports", text)}
	}
	return id, nil
}

// importSummary is one import as JSON.
type importSummary struct {
	ID         int64               `json:"import"`
	Kind       string              `json:"kind"`
	Undoes     int64               `json:"undoes,omitempty"`
	File       string              `json:"file"`
	State      importer.State      `json:"state"`
	Reason     string              `json:"reason,omitempty"`
	By         string              `json:"by"`
	At         string              `json:"at"`
	Accounting importer.Accounting `json:"accounting"`
	Issues     []jsonGroup         `json:"issues,omitempty"`
}

func summarise(imp *importer.Import, users map[int64]access.User) importSummary {
	return importSummary{ID: imp.ID, Kind: imp.Kind, Undoes: imp.Parent, File: imp.File, State: imp.State, Reason: imp.Reason,
		By: users[imp.Actor].Display(), At: imp.At.UTC().Format("2006-01-02T15:04:05Z"), Accounting: imp.Accounting}
}

func usersByID(ctx context.Context, a *app.App) (map[int64]access.User, error) {
	list, err := a.Store.Users(ctx)
	out := map[int64]access.User{}
	for _, u := range list {
		out[u.ID] = u
	}
	return out, err
}

func (c *command) listImports(ctx context.Context, a *app.App, p access.Principal, before int64) error {
	list, err := a.Store.ListImports(ctx, p, store.ImportFilter{}, before, 50)
	if err != nil {
		return err
	}
	users, err := usersByID(ctx, a)
	if err != nil {
		return err
	}
	if c.json {
		out := make([]importSummary, len(list))
		for i := range list {
			out[i] = summarise(&list[i], users)
		}
		return c.printJSON(out)
	}
	if len(list) == 0 {
		c.printf("Nothing was imported yet. Begin with: leadport import FILE\n")
		return nil
	}
	rows := [][]string{{"ID", "WHEN", "BY", "STATE", "FILE", "RESULT"}}
	for i := range list {
		imp := &list[i]
		rows = append(rows, []string{strconv.FormatInt(imp.ID, 10), c.minute(imp.At), users[imp.Actor].Display(),
			string(imp.State), fileOf(imp), resultOf(imp)})
	}
	c.rows(rows)
	return nil
}

func fileOf(imp *importer.Import) string {
	if imp.Kind == "undo" {
		return fmt.Sprintf("undo of %d (%s)", imp.Parent, imp.File)
	}
	if imp.Kind == "bulk" {
		return "by hand: " + imp.File
	}
	return imp.File
}

func resultOf(imp *importer.Import) string {
	a := imp.Accounting
	if imp.Kind == "undo" {
		return fmt.Sprintf("%s removed, %s restored, %s kept", number(a.Removed), number(a.Restored), number(a.Kept))
	}
	if imp.State == importer.Failed || imp.State == importer.Draft {
		return imp.Reason
	}
	var parts []string
	for _, x := range []struct {
		n    int64
		what string
	}{{a.New, "new"}, {a.Update, plural(a.Update, "update")}, {a.Unchanged, "unchanged"}, {a.Skipped, "skipped"},
		{a.Errors, "with errors"}, {a.Conflicts, "to decide"}} {
		if x.n > 0 {
			parts = append(parts, number(x.n)+" "+x.what)
		}
	}
	return strings.Join(parts, ", ")
}

func (c *command) tellImport(ctx context.Context, a *app.App, p access.Principal, imp *importer.Import) error {
	id := imp.ID
	users, err := usersByID(ctx, a)
	if err != nil {
		return err
	}
	groups, err := a.Store.Groups(ctx, id)
	if err != nil {
		return err
	}
	schema, err := a.Store.Schema(ctx)
	if err != nil {
		return err
	}
	t := &teller{command: c, schema: schema, users: users, format: formatOf(imp)}
	if c.json {
		s := summarise(imp, users)
		s.Issues = t.issues(groups)
		return c.printJSON(s)
	}
	c.printf("Import %d · %s · %s · by %s on %s\n", imp.ID, fileOf(imp), string(imp.State), users[imp.Actor].Display(), c.minute(imp.At))
	if imp.Reason != "" {
		c.printf("%s\n", imp.Reason)
	}
	if imp.Kind == "undo" {
		c.printf("%s\n", resultOf(imp))
		return nil
	}
	if imp.Plan == nil {
		return nil
	}
	c.printf("%s\n", accountingLine(imp.Accounting))
	c.tellAside(imp.Accounting)
	t.tellGroups(groups)
	switch {
	case imp.State == importer.Done && imp.Accounting.Leads() > 0:
		c.printf("\nYou can undo this until %s: leadport undo %d\n", c.day(imp.UndoUntil()), id)
	case imp.State == importer.Checked:
		c.printf("\nNothing has been changed yet. To import it: leadport imports %d --continue\n", id)
	}
	return nil
}

func (c *command) tellRecord(ctx context.Context, a *app.App, p access.Principal, id, record int64) error {
	fate, err := a.Engine.Fate(ctx, p, id, record)
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(fate)
	}
	c.printf("Record %d of import %d (line %d): %s", fate.Record, id, fate.Line, fate.Outcome)
	switch {
	case fate.Head > 0:
		c.printf(", merged into row #%d", fate.Head)
	case fate.Reason != "":
		c.printf(" (%s)", fate.Reason)
	}
	c.printf("\n")
	if fate.Note != "" {
		c.printf("  %s\n", fate.Note)
	}
	if fate.Lead > 0 {
		if err := c.tellLead(ctx, a, p, fate.Lead); err != nil {
			return err
		}
	}
	for i := range fate.Issues {
		c.printf("  %s\n", fate.Issues[i].Text())
		if remedy := importer.CommandRemedy(&fate.Issues[i]); remedy != "" {
			c.printf("      %s\n", remedy)
		}
	}
	return nil
}

func (c *command) tellLead(ctx context.Context, a *app.App, p access.Principal, id int64) error {
	leads, err := a.Store.Load(ctx, p, []int64{id})
	if err != nil || len(leads) == 0 {
		return err
	}
	schema, err := a.Store.Schema(ctx)
	if err != nil {
		return err
	}
	l := leads[0]
	bin := ""
	if !l.DeletedAt.IsZero() {
		bin = ", in the bin since " + c.day(l.DeletedAt)
	}
	c.printf("  lead %d: %s%s\n", l.ID, schema.Get(l.Record, "name"), bin)
	return nil
}

func (c *command) continueImport(ctx context.Context, a *app.App, p access.Principal, imp *importer.Import) error {
	id, goOn := imp.ID, a.Engine.Continue
	if imp.State == importer.Checked {
		goOn = a.Engine.Start
	}
	if err := goOn(ctx, p, id); err != nil {
		return err
	}
	if err := a.Work(ctx); err != nil {
		return err
	}
	b := newBar(c)
	imp, err := a.Watch(ctx, id, b.show)
	b.done()
	if err != nil {
		return err
	}
	(&importRun{command: c, app: a, p: p, imp: imp}).tellResult()
	switch {
	case imp.State != importer.Done:
		return exit(exitFailed)
	case imp.Accounting.Open():
		return exit(exitRejected)
	}
	return nil
}

func (c *command) undoCommand() *cobra.Command {
	var preview, yes, removeToo bool
	var records []int64
	var field string
	cmd := &cobra.Command{
		Use:   "undo ID",
		Short: "Take an import back, sparing what was changed since",
		Long: `Undo puts the leads that an import made into the bin and takes its changes
back, field by field. What somebody changed since is kept and listed. An undo
can itself be undone: it is in the list of imports too.`,
		Example: `  leadport undo 3 --preview
  leadport undo 3
  leadport undo 3 --record 42 --record 43
  leadport undo 3 --field job_title`,
		Args: args(cobra.ExactArgs(1), "name the import by its number; list them with: leadport imports"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := importID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				if _, err := c.theImport(ctx, a, p, id); err != nil {
					return err
				}
				opt := importer.Options{RemoveToo: removeToo, Records: records, Field: field}
				prev, err := a.Engine.PreviewUndo(ctx, p, id, opt)
				if err != nil {
					return err
				}
				nothing := prev.Accounting.Removed+prev.Accounting.Restored == 0
				if preview || nothing || !c.json {
					if err := c.tellUndo(prev, id); err != nil || preview || nothing {
						return err
					}
				}
				if !yes && !c.json {
					if ok, err := c.ask(ctx, "Undo? [y/N] "); err != nil || !ok {
						return errorOr(err, exit(exitFailed))
					}
				}
				return c.undo(ctx, a, p, id, opt)
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&preview, "preview", false, "only say what would be taken back")
	f.BoolVarP(&yes, "yes", "y", false, "do not ask")
	f.BoolVar(&removeToo, "remove-too", false, "also remove new leads that were edited since")
	f.Int64SliceVar(&records, "record", nil, "only the lead of this record `number`")
	f.StringVar(&field, "field", "", "only this `field`")
	f.BoolVar(&c.json, "json", false, "print JSON and do not ask")
	return cmd
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

const mostKept = 20 // are printed

func (c *command) tellUndo(prev *importer.UndoPreview, id int64) error {
	if c.json {
		return c.printJSON(prev)
	}
	a := prev.Accounting
	if a.Removed+a.Restored+a.Kept == 0 {
		c.printf("Nothing of import %d is left to undo.\n", id)
		return nil
	}
	c.printf("Undo of import %d: %s to the bin · %s restored · %s kept\n", id, count(a.Removed, "new lead"), count(a.Restored, "lead"), number(a.Kept))
	for i, k := range prev.Kept {
		if i == mostKept {
			c.printf("  … and %s more; --json has them\n", number(a.Kept-mostKept))
			break
		}
		c.printf("  row #%d  %s (lead %d): %s\n", k.Record, k.Name, k.Lead, k.Why)
	}
	return nil
}

func (c *command) undo(ctx context.Context, a *app.App, p access.Principal, id int64, opt importer.Options) error {
	u, err := a.Engine.Undo(ctx, p, id, opt)
	if err != nil || u == nil {
		return err
	}
	if err := a.Work(ctx); err != nil {
		return err
	}
	done, err := a.Watch(ctx, u.ID, nil)
	if err != nil {
		return err
	}
	if done.State != importer.Done {
		return fmt.Errorf("undo %d is %s: %s: %w", u.ID, done.State, done.Reason, lead.ErrConflict)
	}
	if c.json {
		return c.printJSON(map[string]any{"undo": u.ID, "import": id, "accounting": done.Accounting})
	}
	c.printf("Done: %s. To take this undo back: leadport undo %d\n", resultOf(done), u.ID)
	return nil
}
