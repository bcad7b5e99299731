package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/table"
)

// tableCommand reads a file as import does and prints what it is. It needs no
// data folder.
func (c *command) tableCommand() *cobra.Command {
	var opt table.Options
	var header int
	cmd := &cobra.Command{
		Use:   "table FILE",
		Short: "Print a file as a clean table, or how it was recognised",
		Long: `Table reads any tabular file as import would and prints it as RFC 4180 CSV: the
headings, if it has some, then its records; of an empty file nothing. Of a workbook
it prints the whole sheet as Excel saves it to CSV, or from --header on. Nothing is
stored. With --json it prints what was recognised instead, each guess with its
evidence.`,
		Example: `  leadport table leads.xls
  leadport table leads.csv --json
  leadport table export.txt --delimiter tab --encoding windows-1252 > clean.csv`,
		Args: args(cobra.ExactArgs(1), "name the file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if header >= 0 {
				opt.Header = &header
			}
			opt.AsShown = true // what a workbook's person sees, not what it stores
			opt.Whole = !c.json && header < 0 && opt.HeaderRows == 0
			src, err := table.OpenFile(c.path(args[0]))
			var refusal *table.Refusal
			if err != nil && !errors.As(err, &refusal) {
				return fileError(args[0], err)
			}
			if err != nil {
				return err
			}
			defer src.Close()
			det, err := table.Detect(cmd.Context(), src, opt)
			if errors.As(err, &refusal) && refusal.Format == "empty" && !c.json {
				return nil // an empty file is an empty table
			}
			if err != nil {
				return err
			}
			if c.json {
				return c.describe(cmd.Context(), src, det)
			}
			return c.clean(cmd.Context(), src, det, opt.Whole && det.Format == "xlsx")
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&c.json, "json", false, "print what was recognised as JSON")
	f.StringVar(&opt.Encoding, "encoding", "", "how the file's text is encoded")
	f.StringVar(&opt.Delimiter, "delimiter", "", "what stands between cells (tab for a tab)")
	f.StringVar(&opt.Quote, "quote", "", "the quote character, or none")
	f.StringVar(&opt.Escape, "escape", "", "the character before a quote inside quotes")
	f.IntVar(&header, "header", -1, "`line` of the headings, 0 if there are none")
	f.IntVar(&opt.HeaderRows, "header-rows", 0, "how many `rows` the headings have, joined to one")
	f.StringVar(&opt.Sheet, "sheet", "", "`name` or number of the sheet, or of the table in a text file")
	return cmd
}

// description is a table's detection with the profile of its columns.
type description struct {
	*table.Detection
	Profile *table.Profile `json:"profile"`
}

func (c *command) describe(ctx context.Context, src table.Source, det *table.Detection) error {
	prof, err := table.ProfileOf(ctx, src, det)
	if err != nil {
		return err
	}
	return c.printJSON(description{det, prof})
}

// clean prints the table, with blank rows too if blanks is set. A damaged record is
// printed as it was read, and said on standard error.
func (c *command) clean(ctx context.Context, src table.Source, det *table.Detection, blanks bool) error {
	r, err := det.Open(src)
	if err != nil {
		return err
	}
	defer r.Close()
	w := table.NewCSVWriter(c.out, table.CSVOptions{})
	if det.HeaderLine > 0 || strings.HasPrefix(det.Format, "json") { // whose keys stand in every record
		if err := w.Write(det.Headings); err != nil {
			return err
		}
	}
	line, blank := int64(1), make([]string, len(det.Headings))
	err = eachBatch(ctx, r, func(b *table.Batch) error {
		for i := range b.Rows {
			row := &b.Rows[i]
			if row.Problem != "" {
				fmt.Fprintf(c.err, "record %d (line %d): %s\n", row.Record, row.Line, row.Problem)
			}
			for ; blanks && line < row.Line; line++ {
				if err := w.Write(blank); err != nil {
					return err
				}
			}
			if err := w.Write(row.Cells); err != nil {
				return err
			}
			line++
		}
		return nil
	})
	return errors.Join(err, w.Close())
}

// eachBatch calls f for all rows while the next ones are read.
func eachBatch(ctx context.Context, r *table.Reader, f func(*table.Batch) error) error {
	ctx, stop := context.WithCancel(ctx)
	const ahead = 3
	full, free := make(chan *table.Batch, ahead), make(chan *table.Batch, ahead)
	for range ahead {
		free <- &table.Batch{}
	}
	var end error
	go func() {
		defer close(full)
		for b := range free {
			if end = r.Next(ctx, b); end != nil {
				return
			}
			full <- b
		}
	}()
	var err error
	for b := range full {
		if err = f(b); err != nil {
			break
		}
		free <- b
	}
	stop()
	close(free)
	for range full { // what was read ahead of an error
	}
	if err == nil && !errors.Is(end, io.EOF) {
		err = end
	}
	return err
}
