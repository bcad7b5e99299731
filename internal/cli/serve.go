package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/app"
)

// serveCommand keeps the folder: it answers HTTP, finishes what was
// interrupted, works the queue, sends mail, and runs the commands of other
// processes.
func (c *command) serveCommand() *cobra.Command {
	var demo bool
	var web app.WebConfig
	var metrics string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the browser and programs, and work in the background",
		Long: `Serve answers the browser and programs over HTTP, goes on with imports that
were interrupted, sends mail, and runs the commands that are typed beside it.
The first time it prints a link that makes the first administrator; until then
only this computer reaches it. End it with Ctrl-C or SIGTERM; nothing is lost.`,
		Example: `  leadport serve --demo                   try it, with some leads
  leadport serve
  leadport serve --listen :8443 --tls-cert cert.pem --tls-key key.pem`,
		Args: args(cobra.NoArgs, "serve takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if c.app != nil {
				return fmt.Errorf("another leadport has this folder already")
			}
			conf, err := c.config()
			if err != nil {
				return err
			}
			if demo && c.data == "" && os.Getenv("LEADPORT_DATA") == "" {
				conf.Data = filepath.Join(c.dir, "leadport-demo")
			}
			ctx := cmd.Context()
			if metrics != "" {
				conf.MetricsAddr = metrics
			}
			a, err := app.Open(ctx, conf, c.log(conf))
			if err != nil {
				return err
			}
			defer func() { err = errorOr(err, a.Close(context.WithoutCancel(ctx))) }()
			server, err := a.Serve(ctx, web, demo)
			if err != nil {
				return err
			}
			host := newHost(a)
			// All at once, since each may take some seconds and ten are all there are.
			defer func() {
				server.Stopping()
				work := make(chan error, 1)
				go func() { work <- a.StopWork(context.WithoutCancel(ctx)) }()
				commands := make(chan struct{})
				go func() { host.close(); close(commands) }()
				err = errorOr(err, server.Close())
				<-commands
				err = errorOr(err, <-work)
			}()
			if err := a.Work(ctx); err != nil {
				return err
			}
			// Last, so that a command finds what serve makes, such as a demo.
			if err := host.listen(app.SocketPath(conf.Data)); err != nil {
				return err
			}
			url := server.Server.URL()
			switch {
			case demo:
				c.say("Leadport's demo is ready. Open this link, it signs you in once:\n  %s%s\nFiles to import are in %s\n", url, server.Link, server.Examples)
			case server.Link != "":
				c.say("Leadport is ready to be set up. Open this link, it makes the first administrator:\n  %s%s\n", url, server.Link)
			default:
				c.say("Leadport serves %s on %s\n", conf.Data, url)
			}
			if server.Internal != nil {
				c.say("Metrics are on %s/metrics\n", server.Internal.URL())
			}
			c.say("End with Ctrl-C.\n")
			select {
			case <-ctx.Done():
				return nil
			case err := <-server.Server.Done():
				return errors.Join(err, fmt.Errorf("the server ended"))
			}
		},
	}
	f := cmd.Flags()
	f.StringVar(&web.Listen, "listen", "127.0.0.1:8080", "`address` to listen on, host:port")
	f.StringVar(&web.TLSCert, "tls-cert", "", "`file` with the TLS certificate")
	f.StringVar(&web.TLSKey, "tls-key", "", "`file` with its key")
	f.StringVar(&metrics, "metrics-addr", "", "`address` for Prometheus and probes, host:port (or $LEADPORT_METRICS_ADDR; default: none)")
	f.BoolVar(&demo, "demo", false, "try it: some leads, and a link that signs you in (in ./leadport-demo, unless --data or $LEADPORT_DATA says otherwise)")
	return cmd
}
