package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// importFlags are the answers that can be given on the command line.
type importFlags struct {
	check, yes, validate          bool
	rejects, saveAs               string
	recipe, preset                string
	maps, sets, values            []string
	decide, policy, ranges        []string
	owner, existing, match, mode  string
	dates, decimal, country, zone string
	encoding, delimiter, sheet    string
	quote, system, stopAfter      string
	header                        int
	strict, allOrNothing          bool
	keepPlaceholders, suggestions bool
	duplicatesAreErrors           bool
	noNewAccounts                 bool
	eraseBlank                    []string
}

func (c *command) importCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Check a file, show what it will do, and import it",
		Long: `Import reads the file, checks all its records and shows what it would do; then
it asks, and imports exactly that. Nothing is written before you say yes.

Each question that the check prints ends with the flag that answers it, so the
next call can do without asking. What was imported can be undone for 90 days.

Exit codes: 0 all in, 1 failed or cancelled, 2 wrong usage, 3 finished (or
checked) with records rejected or undecided, 4 a decision is missing.`,
		Example: `  leadport import leads.csv
  leadport import leads.csv --check
  leadport import leads.csv --yes --country US --dates dmy
  leadport import leads.csv --set source='Trade Show' --set 'tags=Booth 12'
  leadport import leads.csv --map 'Kontakt=full_name' --map 'Fax='
  leadport import leads.csv --value 'Status:Hot=new' --value 'Owner:Bob=ana'
  leadport import leads.csv --existing fill --match external_id,email
  leadport import leads.csv --rejects rejects.xlsx
  leadport import - --json < leads.csv`,
		Args: args(cobra.ExactArgs(1), "name the file to import, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				return (&importRun{command: c, importFlags: f, app: a, p: p, cmd: cmd}).run(ctx, args[0])
			})
		},
	}
	c.register(cmd, &f)
	cmd.Flags().BoolVar(&f.check, "check", false, "only check; nothing is written to leads")
	cmd.Flags().BoolVarP(&f.yes, "yes", "y", false, "import without asking")
	return cmd
}

// checkCommand is import --check under the name by which it is looked for.
func (c *command) checkCommand() *cobra.Command {
	f := importFlags{check: true}
	cmd := &cobra.Command{
		Use:     "check FILE",
		Aliases: []string{"validate"},
		Short:   "Check a file without importing it, and mail the result",
		Long: `Check is import --check, and the result is also sent by mail
("Result of import validation file …"). Nothing is written to leads.`,
		Example: `  leadport check leads.csv
  leadport check leads.csv --rejects rejects.xlsx
  leadport check leads.csv --json | jq .accounting`,
		Args: args(cobra.ExactArgs(1), "name the file to check, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.validate = true
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				return (&importRun{command: c, importFlags: f, app: a, p: p, cmd: cmd}).run(ctx, args[0])
			})
		},
	}
	c.register(cmd, &f)
	return cmd
}

func (c *command) register(cmd *cobra.Command, f *importFlags) {
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.BoolVar(&c.json, "json", false, "print one JSON document")
	fl.StringVar(&f.rejects, "rejects", "", "write the records not or partly imported to this `file` (.csv or .xlsx), with the reasons")
	fl.StringArrayVar(&f.maps, "map", nil, "where a column goes: `'Heading=field'`, 'Heading=comments', 'Heading=tags', 'Heading=' for nowhere")
	fl.StringArrayVar(&f.sets, "set", nil, "the same for every record: `field=value` fills blanks of new leads, field:=value applies to all")
	fl.StringArrayVar(&f.values, "value", nil, "what an unknown value means: `'Status Id:Hot=new'`, =tag: to keep it as a tag, =add: to add it, = to leave it out")
	fl.StringVar(&f.owner, "owner", "", "owner of new leads for which the file names none; several, as in ana,ben, share them equally (default: you)")
	fl.StringVar(&f.existing, "existing", "", "for leads you already have: `update|fill|leave`")
	fl.StringVar(&f.mode, "mode", "", "`create` only new leads, or update only existing ones (default: both)")
	fl.StringVar(&f.match, "match", "", "how leads are recognised, in order (default `id,external_id,email,name`)")
	fl.StringArrayVar(&f.policy, "policy", nil, "merging of one field: `field=replace|fill|keep|append`")
	fl.StringArrayVar(&f.decide, "decide", nil, "answer a question for its whole group: `match.other_person=same|separate|skip`")
	fl.StringArrayVar(&f.ranges, "range", nil, "a range such as 50-100 in a number column: `'Heading=lower|upper|empty'`")
	fl.StringArrayVar(&f.eraseBlank, "erase-blank", nil, "`field` that a blank cell clears (default: none)")
	fl.StringVar(&f.dates, "dates", "", "order of dates: `dmy|mdy|ymd`")
	fl.StringVar(&f.decimal, "decimal", "", "decimal mark: `. or ,`")
	fl.StringVar(&f.country, "country", "", "ISO code of the `country` of local phone numbers and of addresses without one")
	fl.StringVar(&f.zone, "zone", "", "time `zone` of date-times without one, such as Europe/Berlin")
	fl.StringVar(&f.encoding, "encoding", "", "how the file's text is encoded")
	fl.StringVar(&f.delimiter, "delimiter", "", "what stands between cells (tab for a tab)")
	fl.StringVar(&f.quote, "quote", "", "the quote character, or none")
	fl.IntVar(&f.header, "header", -1, "`line` of the headings, 0 if there are none")
	fl.StringVar(&f.sheet, "sheet", "", "`name` of the sheet")
	fl.StringVar(&f.recipe, "recipe", "", "saved import settings: a `name`, or a TOML file")
	fl.StringVar(&f.preset, "preset", "", "read the file as another program does: `orocrm`")
	fl.StringVar(&f.saveAs, "save-recipe", "", "keep these settings under a `name`")
	fl.StringVar(&f.system, "external-system", "", "whose ids the External Id column holds")
	fl.BoolVar(&f.strict, "strict", false, "every warning about a value is an error")
	fl.BoolVar(&f.allOrNothing, "all-or-nothing", false, "import nothing if any record is in error")
	fl.StringVar(&f.stopAfter, "stop-after", "", "refuse if more than this `number` or percentage of records is in error")
	fl.BoolVar(&f.keepPlaceholders, "keep-placeholders", false, `take "-", "n/a", "unknown" … as values`)
	fl.BoolVar(&f.suggestions, "accept-suggestions", false, "take over suggested corrections (gmail.con → gmail.com)")
	fl.BoolVar(&f.duplicatesAreErrors, "duplicates-are-errors", false, "a second record about one lead is an error")
	fl.BoolVar(&f.noNewAccounts, "no-new-accounts", false, "do not create accounts that do not exist")
	for name, values := range map[string][]string{
		"existing": {"update", "fill", "leave"}, "mode": {"create", "update"}, "dates": {"dmy", "mdy", "ymd"},
		"decimal": {".", ","}, "preset": {"orocrm"},
	} {
		cobra.CheckErr(cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
	}
}

// over makes the recipe of what was said on the command line.
func (f *importFlags) over(ctx context.Context, c *command, a *app.App, p access.Principal, schema *lead.Schema, flags *pflag.FlagSet) (*recipe.Recipe, error) {
	r := &recipe.Recipe{}
	if f.preset != "" {
		preset, err := recipe.Preset(f.preset)
		if err != nil {
			return nil, usage{err}
		}
		r = preset
	}
	if f.recipe != "" {
		saved, err := loadRecipe(ctx, c, a, p, f.recipe)
		if err != nil {
			return nil, err
		}
		r = recipe.Apply(r, saved)
	}
	said, err := f.said(schema, flags)
	if err != nil {
		return nil, usage{err}
	}
	return recipe.Apply(r, said), nil
}

func (f *importFlags) said(schema *lead.Schema, flags *pflag.FlagSet) (*recipe.Recipe, error) {
	r := &recipe.Recipe{
		File: recipe.File{Encoding: f.encoding, Delimiter: f.delimiter, Quote: f.quote, Sheet: f.sheet,
			Dates: f.dates, Decimal: f.decimal, Country: strings.ToUpper(f.country), Zone: f.zone},
		Mode: f.mode, Existing: f.existing, Strict: f.strict, AllOrNothing: f.allOrNothing, StopAfter: f.stopAfter,
		KeepPlaceholders: f.keepPlaceholders, AcceptSuggestions: f.suggestions, DuplicatesAsErrors: f.duplicatesAreErrors,
		NoNewAccounts: f.noNewAccounts, ExternalSystem: f.system, BlankErases: f.eraseBlank,
	}
	if f.header >= 0 {
		r.File.Header = &f.header
	}
	for _, text := range f.maps {
		col, err := recipe.ParseMap(text, schema)
		if err != nil {
			return nil, err
		}
		r.Columns = append(r.Columns, col)
	}
	for _, text := range f.sets {
		same, err := recipe.ParseSet(text, schema)
		if err != nil {
			return nil, err
		}
		r.Same = append(r.Same, same)
	}
	if f.owner != "" {
		r.Same = append(r.Same, recipe.Same{Field: "owner", Value: f.owner})
	}
	for _, text := range f.values {
		field, value, answer, err := recipe.ParseValue(text, schema)
		if err != nil {
			return nil, err
		}
		r.SetAnswer(field, value, answer)
	}
	if f.match != "" {
		tiers, err := recipe.ParseMatch(f.match)
		if err != nil {
			return nil, err
		}
		r.Match = tiers
	}
	err := pairs("--decide", f.decide, func(code, answer string) { r.SetDecision(code, answer) })
	if err == nil {
		err = pairs("--policy", f.policy, func(field, policy string) {
			if r.Policy == nil {
				r.Policy = map[string]string{}
			}
			r.Policy[field] = policy
		})
	}
	errs := []error{err}
	for _, err := range r.Validate(schema) { // "existing: …" is what --existing says
		if name, rest, ok := strings.Cut(err.Error(), ":"); ok {
			if name = strings.ReplaceAll(name, "_", "-"); flags.Lookup(name) != nil {
				err = fmt.Errorf("--%s:%s", name, strings.TrimSuffix(rest, ": "+lead.ErrInvalid.Error()))
			}
		}
		errs = append(errs, err)
	}
	return r, errors.Join(errs...)
}

func pairs(flag string, list []string, f func(key, value string)) error {
	for _, text := range list {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return fmt.Errorf("%s %q: write %s 'what=answer': %w", flag, text, flag, lead.ErrInvalid)
		}
		f(key, value)
	}
	return nil
}

// importRun is one call of import or check.
type importRun struct {
	*command
	importFlags
	cmd *cobra.Command
	app *app.App
	p   access.Principal

	imp  *importer.Import
	prep *importer.Prepared
	bar  *bar

	rejected int64 // written to --rejects
}

func (r *importRun) run(ctx context.Context, name string) error {
	r.bar = newBar(r.command)
	defer r.bar.done()
	schema, err := r.app.Store.Schema(ctx)
	if err != nil {
		return err
	}
	over, err := r.over(ctx, r.command, r.app, r.p, schema, r.cmd.Flags())
	if err != nil {
		return err
	}
	if err := r.upload(ctx, name); err != nil {
		return err
	}
	if err := r.prepare(ctx, over); err != nil {
		return r.refused(ctx, err)
	}
	if err := r.app.Engine.Check(ctx, r.p, r.imp.ID, r.bar.show); err != nil {
		return r.refused(ctx, err)
	}
	r.bar.done()
	if r.imp, err = r.app.Store.GetImport(ctx, r.p, r.imp.ID); err != nil {
		return err
	}
	if err := r.saveSettings(ctx); err != nil {
		return err
	}
	nothing := r.imp.Plan.Accounting.Leads() == 0 && (!r.yes || r.imp.Plan.Records == 0)
	if r.check || len(r.imp.Plan.Decisions) > 0 || nothing {
		return r.checked(ctx)
	}
	if !r.json {
		if err := r.tellCheck(ctx); err != nil {
			return err
		}
	}
	if !r.yes && r.json {
		if err := errors.Join(r.writeRejects(ctx), r.printDocument(ctx)); err != nil {
			return err
		}
		r.say("Nothing was imported: with --json nobody is asked. To import, add --yes.\n")
		return exit(exitFailed)
	}
	if !r.yes {
		ok, err := r.ask(ctx, fmt.Sprintf("Import %s? [y/N] ", count(r.imp.Plan.Accounting.Leads(), "lead")))
		if err != nil {
			return err
		}
		if !ok {
			r.say("Nothing was imported. The check is kept; to import it later: leadport imports %d --continue\n", r.imp.ID)
			if err := r.writeRejects(ctx); err != nil {
				return err
			}
			return exit(exitFailed)
		}
	}
	return r.start(ctx)
}

// upload keeps the file's bytes and makes the draft.
func (r *importRun) upload(ctx context.Context, name string) error {
	var in io.Reader = r.in
	shown := "standard input"
	if name != "-" {
		f, err := table.OpenFile(r.path(name))
		var refusal *table.Refusal
		if errors.As(err, &refusal) {
			return err
		}
		if err != nil {
			return fileError(name, err)
		}
		defer f.Close()
		in, shown = io.NewSectionReader(f, 0, f.Size()), filepath.Base(name)
	}
	var err error
	opt := importer.Options{Run: r.yes && !r.check, Validate: r.validate}
	r.imp, err = r.app.Engine.Upload(ctx, r.p, shown, func() (string, int64, error) {
		ref, err := r.app.Files.Put(ctx, in, r.app.Config.MaxUpload)
		return ref.SHA256, ref.Size, err
	}, opt)
	return err
}

func fileError(name string, err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no file %s", name)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("the file %s cannot be read: you have no permission. Ask its owner, or copy it to a folder of yours", name)
	}
	return fmt.Errorf("the file %s cannot be read: %w", name, err)
}

func (r *importRun) prepare(ctx context.Context, over *recipe.Recipe) error {
	var err error
	if r.prep, err = r.app.Engine.Prepare(ctx, r.p, r.imp.ID, over); err != nil {
		return err
	}
	if err := r.mapped(); err != nil {
		return err
	}
	err = pairs("--range", r.ranges, func(heading, bound string) {
		for i := range r.prep.Recipe.Columns {
			if recipe.FoldHeading(r.prep.Recipe.Columns[i].Heading) == recipe.FoldHeading(heading) {
				r.prep.Recipe.Columns[i].Range = bound
			}
		}
	})
	if err != nil || len(r.ranges) == 0 {
		return err
	}
	r.prep, err = r.app.Engine.Prepare(ctx, r.p, r.imp.ID, r.prep.Recipe)
	return err
}

// mapped reports a --map whose column the file does not have: most likely a
// slip of the pen.
func (r *importRun) mapped() error {
	for _, text := range r.maps {
		heading := text[:max(0, strings.LastIndex(text, "="))]
		for _, m := range r.prep.Program.Missing {
			if strings.HasPrefix(recipe.FoldHeading(heading), recipe.FoldHeading(m.Heading)) {
				return usage{fmt.Errorf("--map %q: the file has no column %q; it has %s", text, m.Heading, strings.Join(r.prep.Detection.Headings, ", "))}
			}
		}
	}
	return nil
}

// refused queues the mail about a file that cannot be imported.
func (r *importRun) refused(ctx context.Context, err error) error {
	var refusal *table.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	return errors.Join(err, r.app.TellRefused(ctx, r.imp, refusal.Message, refusal.Remedy), r.deliver(ctx))
}

// deliver sends waiting mail; that it cannot be sent now is no failure of the
// command, the outbox tries again.
func (r *importRun) deliver(ctx context.Context) error {
	_, err := r.app.Mail(ctx)
	return err
}

func (r *importRun) saveSettings(ctx context.Context) error {
	if r.saveAs == "" {
		return nil
	}
	return r.app.Store.SaveRecipe(ctx, r.p, r.saveAs, r.imp.Recipe)
}

// checked ends a call that writes no leads.
func (r *importRun) checked(ctx context.Context) error {
	err := r.report(ctx, func() error {
		err := r.tellCheck(ctx)
		r.tellRejects()
		return err
	})
	if err != nil {
		return err
	}
	switch acc := r.imp.Plan.Accounting; {
	case len(r.imp.Plan.Decisions) > 0:
		return exit(exitDecision)
	case acc.Open():
		return exit(exitRejected)
	}
	return nil
}

// start runs the plan and tells the result.
func (r *importRun) start(ctx context.Context) error {
	// Before the jobs, which look at once for what there is to do when they begin.
	if err := r.app.Engine.Start(ctx, r.p, r.imp.ID); err != nil {
		return err
	}
	if err := r.app.Work(ctx); err != nil {
		return err
	}
	if !r.json && r.imp.Plan.Accounting.Leads() > 0 {
		r.printf("%s\n", r.started())
	}
	imp, err := r.app.Watch(ctx, r.imp.ID, r.bar.show)
	if errors.Is(err, context.Canceled) {
		imp, err = r.cancel(context.WithoutCancel(ctx))
	}
	if err != nil {
		return err
	}
	r.bar.done()
	r.imp = imp
	err = r.report(context.WithoutCancel(ctx), func() error { r.tellResult(); return nil })
	if err != nil {
		return err
	}
	switch {
	case imp.State != importer.Done:
		return exit(exitFailed)
	case imp.Accounting.Open():
		return exit(exitRejected)
	}
	return nil
}

// report writes the rejects and sends the mail, then tells the person, or
// prints the document.
func (r *importRun) report(ctx context.Context, tell func() error) error {
	if err := r.writeRejects(ctx); err != nil {
		return err
	}
	if err := r.deliver(ctx); err != nil {
		return err
	}
	if r.json {
		return r.printDocument(ctx)
	}
	return tell()
}

func (r *importRun) started() string {
	if r.app.MailConfigured() && r.p.User.Email != "" {
		return "Import started successfully. You will receive an email notification upon completion."
	}
	return "Import started successfully. The result will appear here and under Imports."
}

// cancel is Ctrl-C during a run: what is in stays until it is undone.
func (r *importRun) cancel(ctx context.Context) (*importer.Import, error) {
	r.bar.done()
	r.say("Cancelling…\n")
	if err := r.app.Engine.Cancel(ctx, r.p, r.imp.ID); err != nil && !errors.Is(err, lead.ErrConflict) {
		return nil, err
	}
	return r.app.Watch(ctx, r.imp.ID, nil)
}

func (r *importRun) writeRejects(ctx context.Context) error {
	if r.rejects == "" {
		return nil
	}
	return r.writeTable(r.rejects, table.CSVOptions{Protect: true}, func(w table.RowWriter) error {
		var err error
		r.rejected, err = r.app.Engine.Rejects(ctx, r.p, r.imp.ID, w)
		return err
	})
}

// ask puts a yes/no question; without a terminal the answer is no.
func (c *command) ask(ctx context.Context, question string) (bool, error) {
	if !term.IsTerminal(int(c.in.Fd())) {
		c.say("There is no terminal to ask on. To go on without being asked, add --yes.\n")
		return false, nil
	}
	fmt.Fprint(c.err, question)
	type read struct {
		line string
		err  error
	}
	got := make(chan read, 1)
	go func() { // a read from a terminal cannot be called off; it ends with the process
		line, err := bufio.NewReader(c.in).ReadString('\n')
		got <- read{line, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(c.err)
		return false, ctx.Err()
	case <-c.ending:
		fmt.Fprintln(c.err)
		return false, errors.New("the leadport that ran this command is ending, so nothing was done. Try again")
	case r := <-got:
		if r.err != nil && !errors.Is(r.err, io.EOF) {
			return false, r.err
		}
		if r.err != nil {
			fmt.Fprintln(c.err)
		}
		line := strings.ToLower(strings.TrimSpace(r.line))
		return line == "y" || line == "yes", nil
	}
}
