package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/lead"
)

func (c *command) passwordCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "password USERNAME",
		Short: "Give a person a password, read from standard input",
		Long: `Password reads one line from standard input, unseen where that is a terminal, and
makes it the person's password; their sessions end. Where no browser runs on the
server, this is how the first administrator can sign in.`,
		Example: `  leadport user password admin < secret.txt`,
		Args:    args(cobra.ExactArgs(1), "give the user name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := c.readPassword()
			if err != nil {
				return err
			}
			hash, err := access.HashPassword(password)
			if err != nil {
				return err
			}
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				u, err := a.Store.UserByName(ctx, args[0])
				if errors.Is(err, lead.ErrNotFound) {
					return fmt.Errorf("there is no user %q; list them with: leadport user list", args[0])
				}
				if err != nil {
					return err
				}
				if err := a.Store.SetPassword(ctx, p, u.ID, hash); err != nil {
					return err
				}
				c.printf("%s can sign in.\n", u.Username)
				return nil
			})
		},
	}
}

func (c *command) readPassword() (string, error) {
	if term.IsTerminal(int(c.in.Fd())) {
		c.say("Password: ")
		b, err := term.ReadPassword(int(c.in.Fd()))
		c.say("\n")
		return string(b), err
	}
	line, err := bufio.NewReader(c.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
