package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/store"
	"github.com/leadport/leadport/internal/table"
)

func (c *command) templateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "template [FILE]",
		Short: "Write the import template, with a sample row",
		Long: `Template writes all headings that import knows, in one line, and a sample row,
which is skipped if it comes back unchanged. A workbook has drop-down lists.`,
		Example: `  leadport template leads_template.csv
  leadport template leads_template.xlsx
  leadport template > leads_template.csv`,
		Args: args(cobra.MaximumNArgs(1), "name one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				schema, err := a.Store.Schema(ctx)
				if err != nil {
					return err
				}
				cols, sample := importer.Template(schema, p.User)
				err = c.writeTable(first(args), table.CSVOptions{}, func(w table.RowWriter) error {
					return importer.WriteTemplate(w, cols, sample)
				})
				if err == nil && first(args) != "" {
					c.say("Template written to %s.\n", first(args))
				}
				return err
			})
		},
	}
	return cmd
}

func (c *command) exportCommand() *cobra.Command {
	var system, bom bool
	var status, imp string
	cmd := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write all leads to a file that import takes back",
		Long: `Export writes the leads that you may export as CSV, XLSX or JSON Lines, by the
file's ending. The file carries Id and version, so it can be edited and
imported again: unchanged leads are recognised as unchanged.`,
		Example: `  leadport export leads.csv
  leadport export leads.xlsx
  leadport export leads.jsonl --system-columns
  leadport export --import 3 > third.csv`,
		Args: args(cobra.MaximumNArgs(1), "name one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				filter := store.LeadFilter{}
				if status != "" {
					filter.Status = status
				}
				if imp != "" {
					id, err := importID(imp)
					if err != nil {
						return err
					}
					filter.Import = id
				}
				return c.writeTable(first(args), table.CSVOptions{BOM: bom, Protect: true}, func(w table.RowWriter) error {
					n, err := a.Engine.Export(ctx, p, exporter{a.Store, filter}, w, system)
					if err == nil && first(args) != "" {
						c.say("%s written to %s.\n", count(n, "lead"), first(args))
					}
					return err
				})
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&system, "system-columns", false, "also when and by whom each lead was created and changed")
	f.BoolVar(&bom, "bom", false, "begin a CSV file with a byte order mark, for Excel")
	f.StringVar(&status, "status", "", "only leads with this status `id`")
	f.StringVar(&imp, "import", "", "only leads that this import `number` made")
	return cmd
}

// exporter shows the store's stream of leads as the engine wants it.
type exporter struct {
	store  *store.Store
	filter store.LeadFilter
}

func (x exporter) EachLead(ctx context.Context, p access.Principal, r importer.Reading, f func(importer.Lead, importer.Stamps) error) error {
	return x.store.EachLead(ctx, p, x.filter, r, func(l *store.Lead) error {
		return f(l.Lead, importer.Stamps{Created: l.CreatedAt, Updated: l.UpdatedAt, CreatedBy: l.CreatedBy})
	})
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// writeTable writes a table to a file by its ending, or as CSV to standard
// output.
func (c *command) writeTable(name string, csv table.CSVOptions, f func(table.RowWriter) error) error {
	out, err := c.create(name)
	if err != nil {
		return err
	}
	w, err := writerWith(name, out, csv)
	if err != nil {
		return errors.Join(err, out.Close())
	}
	return errors.Join(f(w), w.Close(), out.Close())
}

// writerWith picks the format by the file's ending.
func writerWith(name string, w io.Writer, csv table.CSVOptions) (table.RowWriter, error) {
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".xlsx":
		return table.NewXLSXWriter(w), nil
	case ".jsonl", ".ndjson":
		return table.NewJSONLWriter(w), nil
	case ".csv", "":
		return table.NewCSVWriter(w, csv), nil
	default:
		return nil, usage{fmt.Errorf("files are written as .csv, .xlsx or .jsonl, not as %s: %s", ext, name)}
	}
}
