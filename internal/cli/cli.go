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
	"syscall"

	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
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
	root *cobra.Command

	data, databaseURL string
	as                string
	verbose           bool
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
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return int(e)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(c.err, "Cancelled.")
		return exitFailed
	case errors.As(err, &refusal):
		fmt.Fprintln(c.err, refusal.Message)
		if refusal.Remedy != "" {
			fmt.Fprintln(c.err, refusal.Remedy)
		}
		return exitFailed
	}
	fmt.Fprintf(c.err, "leadport: %v\n", err)
	if errors.As(err, &u) || (errors.Is(err, lead.ErrInvalid)) {
		return exitUsage
	}
	return exitFailed
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
	root.CompletionOptions.HiddenDefaultCmd = false
	f := root.PersistentFlags()
	f.StringVar(&c.data, "data", "", "folder of the database and files (or $LEADPORT_DATA; default ./leadport-data)")
	f.StringVar(&c.as, "as", "", "user to act for (default: the only administrator)")
	f.BoolVar(&c.verbose, "verbose", false, "log what goes on in the background")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage{fmt.Errorf("%w\nSee: %s --help", err, cmd.CommandPath())}
	})
	root.AddCommand(c.serveCommand(), c.importCommand(), c.checkCommand(), c.importsCommand(), c.undoCommand(),
		c.templateCommand(), c.exportCommand(), c.recipeCommand(), c.userCommand(), c.outboxCommand(),
		c.doctorCommand(), c.backupCommand())
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
	if err != nil {
		return err
	}
	if made {
		fmt.Fprintf(c.err, "A new folder, %s, with one user: admin.\n", a.Config.Data)
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

func (c *command) log() *slog.Logger {
	if c.verbose {
		return slog.New(slog.NewTextHandler(c.err, nil))
	}
	return slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelError}))
}

func (c *command) printf(format string, a ...any) { fmt.Fprintf(c.out, format, a...) }

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
