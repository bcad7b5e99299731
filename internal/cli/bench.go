package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/bench"
)

// benchCommand measures this very program; it makes data folders of its own.
func (c *command) benchCommand() *cobra.Command {
	o := bench.Options{}
	cmd := &cobra.Command{
		Use:   "bench [ROW …]",
		Short: "Measure Leadport on this machine, against sqlite3, psql and fixed limits",
		Long: `Bench generates a file of leads and measures what Leadport does with it beside
what sqlite3, psql and Go's encoding/csv need for the same file, in runs that
alternate. A row that misses its target is printed as missed. All of it takes
half an hour and 5 GB for 1,000,000 records; nothing of it touches your data.

Rows:
  ` + strings.Join(bench.Names(), "\n  "),
		Example: `  leadport bench --records 100000
  leadport bench job check --runs 5
  leadport bench generate leads.csv --records 1000000`,
		RunE: func(cmd *cobra.Command, rows []string) (err error) {
			if err := positive(&o); err != nil {
				return err
			}
			o.Rows = rows
			if o.Binary, err = os.Executable(); err != nil {
				return err
			}
			if o.Dir == "" {
				if o.Dir, err = os.MkdirTemp("", "leadport-bench-"); err != nil {
					return err
				}
				defer os.RemoveAll(o.Dir)
			} else if o.Dir = c.path(o.Dir); os.MkdirAll(o.Dir, 0o700) != nil {
				return fmt.Errorf("the folder %s cannot be made", o.Dir)
			}
			return bench.Run(cmd.Context(), c.out, o)
		},
	}
	f := cmd.PersistentFlags()
	f.IntVar(&o.Records, "records", 1_000_000, "`number` of records of the file")
	f.Uint64Var(&o.Seed, "seed", 1, "`number` that the file is made from; the same gives the same file")
	cmd.Flags().IntVar(&o.Runs, "runs", 3, "`number` of runs of each row")
	cmd.Flags().StringVar(&o.Postgres, "postgres", os.Getenv("LEADPORT_BENCH_DATABASE"), "`URL` of a database for the rows on PostgreSQL, which make schemas of their own (or $LEADPORT_BENCH_DATABASE)")
	cmd.Flags().StringVar(&o.Dir, "dir", "", "`folder` for files and data (default: a temporary one, removed at the end)")
	cmd.AddCommand(&cobra.Command{
		Use:   "generate [FILE]",
		Short: "Only write the file, a workbook if its name ends in .xlsx",
		Args:  args(cobra.MaximumNArgs(1), "name one file"),
		RunE: func(cmd *cobra.Command, names []string) error {
			o.Runs = 1
			if err := positive(&o); err != nil {
				return err
			}
			if name := first(names); strings.EqualFold(filepath.Ext(name), ".xlsx") {
				return bench.GenerateWorkbook(cmd.Context(), c.path(name), o.Records, o.Seed)
			}
			out, err := c.create(first(names))
			if err != nil {
				return err
			}
			return errors.Join(bench.Generate(out, 1, o.Records, o.Seed, false), out.Close())
		},
	})
	return cmd
}

func positive(o *bench.Options) error {
	if o.Records < 100 || o.Runs < 1 {
		return usage{fmt.Errorf("bench needs at least 100 records and one run")}
	}
	return nil
}
