// Package cli is the command line. A command runs on the folder's App: its own
// while no other process has the folder, else inside the process that has it
// (remote.go), so that two commands never write side by side.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // machines without a list of time zones
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/blob"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/table"
)

// Exit codes (product.md).
const (
	exitOK       = 0 // all in
	exitFailed   = 1 // failed or cancelled
	exitUsage    = 2 // wrong usage
	exitRejected = 3 // finished, or checked, with records rejected or undecided
	exitDecision = 4 // a decision is missing
)

// exit is an error that says only the exit code: the command has told its
// story already.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// usage is an error in how a command was called.
type usage struct{ error }

// console is what a command talks to: the terminal of whoever typed it, which
// may be another process's.
type console struct {
	in       *os.File
	out, err *os.File
	dir      string // working folder of whoever typed the command
}

// path resolves a file name as the person meant it.
func (c *console) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.dir, name)
}

// Main runs the program and returns its exit code.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "leadport:", err)
		return exitFailed
	}
	c := &command{console: console{in: os.Stdin, out: os.Stdout, err: os.Stderr, dir: dir}, args: os.Args[1:]}
	return c.run(ctx)
}

// command is one run of the program's command line.
type command struct {
	console
	args []string
	app  *app.App // of the process that has the folder; nil: to be opened
	// ending is closed when that process is about to end; nil: it is our own.
	ending <-chan struct{}

	data, as      string
	database      string
	files         string
	logFormat     string
	verbose, json bool
	zone          *time.Location // of the person; nil: this machine's
}

func (c *command) run(ctx context.Context) int {
	root := c.newRoot()
	root.SetArgs(c.args)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	return c.code(root.ExecuteContext(ctx))
}

// code reports an error in the person's words and turns it into an exit code.
func (c *command) code(err error) int {
	var e exit
	var u usage
	var refusal *table.Refusal
	said, remedy, code := "", "", exitFailed
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return int(e)
	case errors.Is(err, context.Canceled):
		said = "Cancelled."
	case errors.As(err, &refusal):
		said, remedy = refusal.Message, refusal.Remedy
	default:
		said = sentence(err)
		if errors.As(err, &u) || errors.Is(err, lead.ErrInvalid) {
			code = exitUsage
		}
	}
	if c.json {
		doc := jsonRefusal{Error: said, Remedy: remedy}
		if refusal != nil {
			doc.Encoding = refusal.Encoding
		}
		c.printJSON(doc)
		return code
	}
	c.say("%s\n", said)
	if remedy != "" {
		c.say("%s\n", remedy)
	}
	return code
}

// sentence is an error as people read it: a capital at its beginning, the kind
// at its end left out.
func sentence(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		for _, kind := range []error{lead.ErrInvalid, lead.ErrConflict} {
			line = strings.TrimSuffix(line, ": "+kind.Error())
		}
		if r, size := utf8.DecodeRuneInString(line); i == 0 && size > 0 && !strings.HasPrefix(line, "leadport ") {
			line = string(unicode.ToUpper(r)) + line[size:]
		}
		// No full stop behind a command that is there to be copied.
		if i == 0 && line != "" && !strings.ContainsAny(line[len(line)-1:], ".:?!'\"") && !strings.Contains(line, ": leadport ") {
			line += "."
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

func (c *command) newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "leadport",
		Short: "A lead desk whose import is the best anywhere",
		Long: `Leadport keeps leads and imports them from any spreadsheet: every record is
checked before anything is written, problems come grouped with their repair,
the preview is what gets applied, and every import can be undone.`,
		Example: `  leadport import leads.csv             check, ask, import
  leadport import leads.csv --check     only check, nothing is written
  leadport imports                      what was imported so far
  leadport undo 3                       take import 3 back`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.Args = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		hint := ""
		if near := root.SuggestionsFor(args[0]); len(near) > 0 {
			hint = fmt.Sprintf(" Did you mean %s?", strings.Join(near, " or "))
		}
		return usage{fmt.Errorf("there is no command %q.%s\nSee: leadport --help", args[0], hint)}
	}
	root.RunE = func(*cobra.Command, []string) error { return root.Help() }
	root.SuggestionsMinimumDistance = 2
	f := root.PersistentFlags()
	f.StringVar(&c.data, "data", "", "folder of the database and files (or $LEADPORT_DATA; default ./leadport-data)")
	f.StringVar(&c.database, "database-url", "", "PostgreSQL instead of SQLite in the folder: `postgres://…` (or $LEADPORT_DATABASE_URL)")
	f.StringVar(&c.files, "files", "", "where uploads and plans are: a `folder` or s3://bucket/prefix, which all nodes share (or $LEADPORT_FILES; default: in the data folder)")
	f.StringVar(&c.as, "as", "", "user to act for (default: the only administrator)")
	f.BoolVar(&c.verbose, "verbose", false, "log what goes on in the background")
	f.StringVar(&c.logFormat, "log-format", "", "`text|json`: the log for people, or for programs (or $LEADPORT_LOG_FORMAT)")
	f.Lookup("data").Usage = "`folder` of the database and files (or $LEADPORT_DATA; default ./leadport-data)"
	f.Lookup("as").Usage = "`user` to act for (default: the only administrator)"
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage{fmt.Errorf("%w\nSee: %s --help", err, cmd.CommandPath())}
	})
	root.AddCommand(c.serveCommand(), c.importCommand(), c.checkCommand(), c.importsCommand(), c.undoCommand(),
		c.templateCommand(), c.exportCommand(), c.recipeCommand(), c.userCommand(), c.outboxCommand(),
		c.tokenCommand(), c.doctorCommand(), c.backupCommand(), c.restoreCommand(), c.moveCommand(), c.tableCommand(), c.benchCommand())
	return root
}

// args wraps cobra's argument checks so that they count as wrong usage.
func args(check cobra.PositionalArgs, hint string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, got []string) error {
		if err := check(cmd, got); err != nil {
			return usage{fmt.Errorf("%s\nSee: %s --help", hint, cmd.CommandPath())}
		}
		return nil
	}
}

// config is the environment with the flags over it.
func (c *command) config() (app.Config, error) {
	conf, err := app.FromEnv()
	if err != nil {
		return conf, usage{err}
	}
	if c.data != "" {
		conf.Data = c.data
	}
	conf.Data = c.path(conf.Data)
	if c.database != "" {
		conf.DatabaseURL = c.database
	}
	if c.files != "" {
		conf.Files = c.files
	}
	if conf.Files != "" && !blob.IsS3(conf.Files) {
		conf.Files = c.path(conf.Files)
	}
	if c.logFormat != "" {
		conf.LogFormat = c.logFormat
	}
	if conf.LogFormat != "text" && conf.LogFormat != "json" {
		return conf, usage{fmt.Errorf("--log-format %s: choose text or json", conf.LogFormat)}
	}
	return conf, nil
}

// with runs f on the folder's App: inside the process that has the folder, or
// here after taking it. What an interrupted process left is finished first.
func (c *command) with(cmd *cobra.Command, f func(ctx context.Context, a *app.App, p access.Principal) error) error {
	ctx := cmd.Context()
	if c.app != nil {
		return c.act(ctx, c.app, f)
	}
	conf, err := c.config()
	if err != nil {
		return err
	}
	a, code, err := c.openOrAsk(ctx, conf)
	if err != nil {
		return err
	}
	if a == nil {
		return code
	}
	host := newHost(a)
	if err := host.listen(app.SocketPath(conf.Data)); err != nil {
		a.Log.Warn("other commands have to wait until this one is done", "error", err)
	}
	err = c.finish(ctx, a)
	if err == nil {
		err = c.act(ctx, a, f)
	}
	host.close()
	// What has to be put in order is put in order even after Ctrl-C.
	return errors.Join(err, a.Close(context.WithoutCancel(ctx)))
}

func (c *command) act(ctx context.Context, a *app.App, f func(ctx context.Context, a *app.App, p access.Principal) error) error {
	p, made, err := a.Principal(ctx, c.as)
	if errors.Is(err, lead.ErrNotFound) {
		return fmt.Errorf("--as: there is no user %q; list them with: leadport user list", c.as)
	}
	if err != nil {
		return err
	}
	if made {
		c.say("A new folder, %s, with one user: admin.\n", a.Config.Data)
	}
	if zone := p.User.Zone; zone != "" {
		c.zone, _ = time.LoadLocation(zone) // checked when it was set; else this machine's
	}
	return f(ctx, a, p)
}

// finish goes on with imports that an interrupted process left under way.
func (c *command) finish(ctx context.Context, a *app.App) error {
	bar := newBar(c)
	defer bar.done()
	return a.Finish(ctx, func(imp importer.Import, p importer.Progress) {
		bar.title(fmt.Sprintf("Finishing import %d (%s), which was interrupted", imp.ID, imp.File))
		bar.show(p)
	})
}

// log is for programs as JSON, one object a line, and for people as text that
// says little unless they ask for more.
func (c *command) log(conf app.Config) *slog.Logger {
	switch {
	case conf.LogFormat == "json":
		return slog.New(slog.NewJSONHandler(c.err, nil))
	case c.verbose:
		return slog.New(slog.NewTextHandler(c.err, nil))
	}
	return slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelError}))
}

// printf writes to standard output. Texts may come from files: they are made
// harmless for a terminal and keep to their line.
func (c *command) printf(format string, a ...any) {
	for i := range a {
		if s, ok := a[i].(string); ok {
			a[i] = oneLine(s)
		}
	}
	fmt.Fprintf(c.out, format, a...)
}

// say is printf on the error stream, for what is not the command's result; it
// lets line ends through.
func (c *command) say(format string, a ...any) {
	for i := range a {
		if s, ok := a[i].(string); ok {
			a[i] = visible(s)
		}
	}
	fmt.Fprintf(c.err, format, a...)
}

// visible shows control characters, which could steer a terminal, as the
// pictures that Unicode has for them (U+2400 and following), and takes out
// marks that turn the direction of writing.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r < 0x20:
			return 0x2400 + r
		case r == 0x7f:
			return 0x2421
		case r >= 0x80 && r < 0xa0:
			return utf8.RuneError
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

// oneLine is visible for a text that must not break its line.
func oneLine(s string) string { return strings.ReplaceAll(visible(s), "\n", "⏎") }

// day writes a date in the person's time zone.
func (c *command) day(t time.Time) string { return c.local(t).Format("2 January 2006") }

// minute writes a date and time in the person's time zone.
func (c *command) minute(t time.Time) string { return c.local(t).Format("2006-01-02 15:04") }

// rows prints a table with aligned columns; the first row is the heading.
func (c *command) rows(list [][]string) {
	width := make([]int, len(list[0]))
	for _, row := range list {
		for i := range row {
			row[i] = oneLine(row[i])
			width[i] = max(width[i], uniseg.StringWidth(row[i]))
		}
	}
	for _, row := range list {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", width[i]-uniseg.StringWidth(cell)+2))
			}
		}
		fmt.Fprintln(c.out, strings.TrimRight(b.String(), " "))
	}
}

func (c *command) local(t time.Time) time.Time {
	if c.zone != nil {
		return t.In(c.zone)
	}
	return t.Local()
}

// create makes the file that a command writes to; "-" is standard output.
func (c *command) create(name string) (io.WriteCloser, error) {
	if name == "" || name == "-" {
		return nopCloser{c.out}, nil
	}
	f, err := os.Create(c.path(name))
	if err != nil {
		return nil, fmt.Errorf("the file cannot be written: %w", err)
	}
	return f, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
