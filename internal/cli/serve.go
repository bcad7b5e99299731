package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/app"
)

// serveCommand keeps the folder: it finishes what was interrupted, works the
// queue, sends mail, and runs the commands of other processes.
func (c *command) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Work in the background: imports, mail, housekeeping",
		Long: `Serve keeps the data folder: it goes on with imports that were interrupted,
sends mail, and runs the commands that are typed beside it. End it with Ctrl-C
or SIGTERM; nothing is lost.`,
		Args: args(cobra.NoArgs, "serve takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if c.app != nil {
				return fmt.Errorf("another leadport has this folder already")
			}
			conf, err := c.config()
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			a, err := app.Open(ctx, conf, c.log())
			if err != nil {
				return err
			}
			defer func() { err = errorOr(err, a.Close(context.WithoutCancel(ctx))) }()
			host := newHost(a)
			if err := host.listen(app.SocketPath(conf.Data)); err != nil {
				return err
			}
			defer host.close()
			if err := a.Work(ctx); err != nil {
				return err
			}
			c.say("Leadport serves %s. End with Ctrl-C.\n", conf.Data)
			<-ctx.Done()
			return nil
		},
	}
}
