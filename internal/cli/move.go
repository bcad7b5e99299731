package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/blob"
)

// moving is what the commands that copy an installation share: they say how far
// they are, and what they did.
func (c *command) moving(done *app.Moved, err error) error {
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(done)
	}
	if len(done.Tables) > 0 {
		c.printf("%s in %s, each table compared with its source.\n", count(done.Rows, "row"), count(int64(len(done.Tables)), "table"))
	}
	c.printf("%s, %s bytes; %s copied now.\n", count(done.Files.Files, "file"), number(done.Files.Bytes), number(done.Files.Copied))
	return nil
}

// telling shows what is being copied, if somebody looks.
func (c *command) telling() (app.MoveProgress, func()) {
	b := newBar(c)
	if !b.on {
		return nil, func() {}
	}
	return func(what string, done, of int64) {
			fmt.Fprintf(c.err, "\r\x1b[K%s: %s of %s", what, number(done), number(of))
		},
		func() { fmt.Fprint(c.err, "\r\x1b[K") }
}

func (c *command) moveCommand() *cobra.Command {
	var from, to []string
	cmd := &cobra.Command{
		Use:   "move --to PLACE",
		Short: "Bring database and files elsewhere: PostgreSQL, S3, a folder",
		Long: `Move brings the database to PostgreSQL (postgres://…) or to SQLite in a folder,
the files to S3 (s3://bucket/prefix) or into a folder; give --to once for each.
What is not named stays where it is; a folder takes both. The source is where
--data, --database-url and --files say, or --from.

Nobody may work on it meanwhile: end every serve first. Every table and file is
compared with its source. The target must be empty; a move that was killed is
called again and goes on. The old database stays, marked as moved.`,
		Example: `  leadport move --to postgres://leadport@db.example.com/leadport --to s3://leads/prod
  leadport move --from ./leadport-data --to s3://leads/prod
  leadport move --from postgres://leadport@db.example.com/leadport --to ./leadport-data`,
		Args: args(cobra.NoArgs, "move takes no arguments: say --to PLACE"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if c.app != nil {
				return errors.New("a leadport works on this folder: end it first, nobody may work on it meanwhile")
			}
			source, err := c.config()
			if err != nil {
				return err
			}
			for _, place := range from {
				switch {
				case postgresURL(place):
					source.DatabaseURL = place
				case blob.IsS3(place):
					source.Files = place
				default:
					source.Data = c.path(place)
				}
			}
			target := source
			if len(to) == 0 {
				return usage{errors.New("say where to: --to postgres://…, s3://bucket/prefix or a folder")}
			}
			for _, place := range to {
				switch {
				case postgresURL(place):
					target.DatabaseURL = place
				case blob.IsS3(place):
					target.Files = place
				default:
					target.Data, target.DatabaseURL, target.Files = c.path(place), "", ""
				}
			}
			tell, end := c.telling()
			done, err := app.Move(cmd.Context(), source, target, tell)
			end()
			if err := c.moving(done, err); err != nil {
				return err
			}
			c.say("Moved. From now on: %s\n", asCommand(source, target))
			if done.Kept != "" {
				c.say("The old database is kept as %s; delete it when you are content.\n", done.Kept)
			}
			if done.Files.Files > 0 {
				c.say("The old files are kept, too.\n")
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&from, "from", nil, "where it is, if not where the usual flags say: a `place`")
	f.StringArrayVar(&to, "to", nil, "where it goes: a `place`, once for the database and once for the files")
	f.BoolVar(&c.json, "json", false, "print JSON")
	return cmd
}

func postgresURL(place string) bool {
	return strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://")
}

// asCommand is how to serve what was moved; a URL may hold a password.
func asCommand(from, to app.Config) string {
	text := ""
	if to.DatabaseURL != "" {
		text += "LEADPORT_DATABASE_URL=postgres://… "
	}
	if blob.IsS3(to.Files) {
		text += "LEADPORT_FILES=s3://… "
	}
	return text + "leadport --data " + to.Data + " serve"
}

func (c *command) backupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy database and files while everything goes on",
		Long: `Backup writes a consistent copy of the database, of SQLite or PostgreSQL, and of
all kept files into a new folder. To restore it: leadport restore DIR, also to
the other kind of database. The folder can also be used as --data as it is.`,
		Example: `  leadport backup /backups/leadport-monday`,
		Args:    args(cobra.ExactArgs(1), "name the folder to write to"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				if !p.Can(access.Settings) {
					return fmt.Errorf("only an administrator may make a backup")
				}
				tell, end := c.telling()
				done, err := a.BackUp(ctx, c.path(args[0]), tell)
				end()
				if err := c.moving(done, err); err != nil || c.json {
					return err
				}
				c.printf("Backup written to %s. To restore it: leadport --data NEW restore %s\n", args[0], args[0])
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&c.json, "json", false, "print JSON")
	return cmd
}

func (c *command) restoreCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore DIR",
		Short: "Make an installation of a backup",
		Long: `Restore makes an installation of a backup, where --data, --database-url and
--files say: a folder without a database, or an empty PostgreSQL database. It
refuses a backup that is not as it was made, or of a newer version. One that was
killed is called again.`,
		Example: `  leadport --data ./new restore /backups/leadport-monday
  leadport --data ./node --database-url postgres://leadport@db/leadport restore /backups/leadport-monday`,
		Args: args(cobra.ExactArgs(1), "name the backup's folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.app != nil {
				return errors.New("a leadport works on this folder: restore to a new one, with --data")
			}
			conf, err := c.config()
			if err != nil {
				return err
			}
			tell, end := c.telling()
			done, err := app.Restore(cmd.Context(), c.path(args[0]), conf, tell)
			end()
			if err := c.moving(done, err); err != nil || c.json {
				return err
			}
			c.printf("Restored. Look whether everything holds: leadport --data %s doctor\n", conf.Data)
			return nil
		},
	}
	cmd.Flags().BoolVar(&c.json, "json", false, "print JSON")
	return cmd
}
