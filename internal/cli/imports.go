package cli

import (
	"context"
	"fmt"
	"strconv"
	"text/tabwriter"

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
	var asJSON, goOn, cancel bool
	cmd := &cobra.Command{
		Use:   "imports [ID]",
		Short: "What was imported, and what became of each record",
		Example: `  leadport imports                        the newest 50
  leadport imports 3                      one of them
  leadport imports 3 --record 42          what became of record 42
  leadport imports 3 --rejects bad.xlsx   its records with errors, with the reasons
  leadport imports 3 --continue           go on with a cancelled import`,
		Args: args(cobra.MaximumNArgs(1), "name one import by its number"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				if len(args) == 0 {
					return c.listImports(ctx, a, p, before, asJSON)
				}
				id, err := importID(args[0])
				if err != nil {
					return err
				}
				switch {
				case record > 0:
					return c.tellRecord(ctx, a, p, id, record, asJSON)
				case goOn:
					return c.continueImport(ctx, a, p, id)
				case cancel:
					return a.Engine.Cancel(ctx, p, id)
				case rejects != "":
					r := &importRun{command: c, importFlags: importFlags{rejects: rejects}, app: a, p: p, imp: &importer.Import{ID: id}}
					return r.writeRejects(ctx)
				}
				return c.tellImport(ctx, a, p, id, asJSON)
			})
		},
	}
	f := cmd.Flags()
	f.Int64Var(&record, "record", 0, "`number` of the record, the heading not counted")
	f.Int64Var(&before, "before", 0, "list imports older than this `number`")
	f.StringVar(&rejects, "rejects", "", "write its records with errors to this `file` (.csv or .xlsx)")
	f.BoolVar(&goOn, "continue", false, "go on with a cancelled or paused import")
	f.BoolVar(&cancel, "cancel", false, "cancel a running import; what is in stays until it is undone")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func importID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, usage{fmt.Errorf("%q is no number of an import; leadport imports lists them", text)}
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

func (c *command) listImports(ctx context.Context, a *app.App, p access.Principal, before int64, asJSON bool) error {
	list, err := a.Store.ListImports(ctx, p, store.ImportFilter{}, before, 50)
	if err != nil {
		return err
	}
	users, err := usersByID(ctx, a)
	if err != nil {
		return err
	}
	if asJSON {
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
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tWHEN\tBY\tSTATE\tFILE\tRESULT")
	for i := range list {
		imp := &list[i]
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", imp.ID, imp.At.Local().Format("2006-01-02 15:04"), users[imp.Actor].Display(),
			imp.State, fileOf(imp), resultOf(imp))
	}
	return w.Flush()
}

func fileOf(imp *importer.Import) string {
	if imp.Kind == "undo" {
		return fmt.Sprintf("undo of %d (%s)", imp.Parent, imp.File)
	}
	return imp.File
}

func resultOf(imp *importer.Import) string {
	a := imp.Accounting
	if imp.Kind == "undo" {
		return fmt.Sprintf("%s removed, %s restored, %s kept", number(a.Removed), number(a.Restored), number(a.Kept))
	}
	return fmt.Sprintf("%s new, %s %s, %s with errors", number(a.New), number(a.Update), plural(a.Update, "update"), number(a.Errors+a.Conflicts))
}

func (c *command) tellImport(ctx context.Context, a *app.App, p access.Principal, id int64, asJSON bool) error {
	imp, err := a.Store.GetImport(ctx, p, id)
	if err != nil {
		return err
	}
	users, err := usersByID(ctx, a)
	if err != nil {
		return err
	}
	groups, err := a.Store.Groups(ctx, id)
	if err != nil {
		return err
	}
	if asJSON {
		s := summarise(imp, users)
		for _, g := range groups {
			s.Issues = append(s.Issues, jsonGroup{Group: g})
		}
		return c.printJSON(s)
	}
	c.printf("Import %d · %s · %s · by %s on %s\n", imp.ID, fileOf(imp), imp.State, users[imp.Actor].Display(), imp.At.Local().Format("2 January 2006 15:04"))
	if imp.Reason != "" {
		c.printf("%s\n", imp.Reason)
	}
	if imp.Kind == "undo" {
		c.printf("%s\n", resultOf(imp))
		return nil
	}
	c.printf("%s\n", accountingLine(imp.Accounting))
	c.tellAside(imp.Accounting)
	(&importRun{command: c}).tellGroups(groups)
	if imp.State == importer.Done {
		c.printf("You can undo this until %s: leadport undo %d\n", imp.UndoUntil().Local().Format("2 January 2006"), imp.ID)
	}
	return nil
}

func (c *command) tellRecord(ctx context.Context, a *app.App, p access.Principal, id, record int64, asJSON bool) error {
	fate, err := a.Engine.Fate(ctx, p, id, record)
	if err != nil {
		return err
	}
	if asJSON {
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
		if fate.Issues[i].Remedy != "" {
			c.printf("      %s\n", fate.Issues[i].Remedy)
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
		bin = ", in the bin since " + l.DeletedAt.Local().Format("2 January 2006")
	}
	c.printf("  lead %d: %s%s\n", l.ID, schema.Get(l.Record, "name"), bin)
	return nil
}

func (c *command) continueImport(ctx context.Context, a *app.App, p access.Principal, id int64) error {
	if err := a.Work(ctx); err != nil {
		return err
	}
	if err := a.Engine.Continue(ctx, p, id); err != nil {
		return err
	}
	b := newBar(c)
	imp, err := a.Watch(ctx, id, b.show)
	b.done()
	if err != nil {
		return err
	}
	c.printf("Import %d is %s.\n%s\n", id, imp.State, accountingLine(imp.Accounting))
	if imp.State != importer.Done {
		return exit(exitFailed)
	}
	return nil
}

func (c *command) undoCommand() *cobra.Command {
	var preview, yes, removeToo, asJSON bool
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
		Args: args(cobra.ExactArgs(1), "name the import by its number; leadport imports lists them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := importID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				opt := importer.Options{RemoveToo: removeToo, Records: records, Field: field}
				prev, err := a.Engine.PreviewUndo(ctx, p, id, opt)
				if err != nil {
					return err
				}
				if preview || !asJSON {
					if err := c.tellUndo(prev, id, preview && asJSON); err != nil || preview {
						return err
					}
				}
				if prev.Accounting.Removed+prev.Accounting.Restored == 0 {
					return nil
				}
				if !yes && !asJSON {
					if ok, err := c.ask("Undo? [y/N] "); err != nil || !ok {
						return errorOr(err, exit(exitFailed))
					}
				}
				return c.undo(ctx, a, p, id, opt, asJSON)
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&preview, "preview", false, "only say what would be taken back")
	f.BoolVarP(&yes, "yes", "y", false, "do not ask")
	f.BoolVar(&removeToo, "remove-too", false, "also remove new leads that were edited since")
	f.Int64SliceVar(&records, "record", nil, "only the lead of this record `number`")
	f.StringVar(&field, "field", "", "only this `field`")
	f.BoolVar(&asJSON, "json", false, "print JSON and do not ask")
	return cmd
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (c *command) tellUndo(prev *importer.UndoPreview, id int64, asJSON bool) error {
	if asJSON {
		return c.printJSON(prev)
	}
	a := prev.Accounting
	if a.Removed+a.Restored+a.Kept == 0 {
		c.printf("Nothing of import %d is left to undo.\n", id)
		return nil
	}
	c.printf("Undo of import %d: %s to the bin · %s restored · %s kept\n", id, count(a.Removed, "new lead"), count(a.Restored, "lead"), number(a.Kept))
	for i, k := range prev.Kept {
		if i == mostGroups {
			c.printf("  … and %s more\n", number(a.Kept-mostGroups))
			break
		}
		c.printf("  row #%d  %s (lead %d): %s\n", k.Record, k.Name, k.Lead, k.Why)
	}
	return nil
}

func (c *command) undo(ctx context.Context, a *app.App, p access.Principal, id int64, opt importer.Options, asJSON bool) error {
	if err := a.Work(ctx); err != nil {
		return err
	}
	u, err := a.Engine.Undo(ctx, p, id, opt)
	if err != nil || u == nil {
		return err
	}
	done, err := a.Watch(ctx, u.ID, nil)
	if err != nil {
		return err
	}
	if done.State != importer.Done {
		return fmt.Errorf("undo %d is %s: %s: %w", u.ID, done.State, done.Reason, lead.ErrConflict)
	}
	if asJSON {
		return c.printJSON(map[string]any{"undo": u.ID, "import": id, "accounting": done.Accounting})
	}
	c.printf("Done: %s. To take this undo back: leadport undo %d\n", resultOf(done), u.ID)
	return nil
}
