package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
)

func (c *command) tokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Keys for programs: add, list, revoke",
		Example: `  leadport token add 'nightly import' --scopes import,lead.view --days 90
  leadport token list
  leadport token revoke 3`,
		Args: args(cobra.NoArgs, "say what to do: add, list or revoke"),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listTokens(cmd) },
	}
	var scopes string
	var days int
	add := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a token for yourself, or for --as USER; it is shown once",
		Args:  args(cobra.ExactArgs(1), "say what the token is for"),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := access.ParseScopes(scopes)
			if err != nil {
				return usage{fmt.Errorf("--scopes: %w", err)}
			}
			if days < 0 {
				return usage{fmt.Errorf("--days %d: give a number of days, 0 for never", days)}
			}
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				t := access.Token{User: p.User.ID, Name: args[0], Scopes: list}
				if days > 0 {
					t.Expires = time.Now().AddDate(0, 0, days)
				}
				secret := access.TokenPrefix + access.NewSecret()
				if err := a.Store.AddToken(ctx, p, &t, access.HashSecret(secret)); err != nil {
					return err
				}
				c.printf("%s\n", secret)
				c.say("Token %d of %s. It is shown only now; send it as: Authorization: Bearer %s…\n", t.ID, p.User.Username, access.TokenPrefix)
				return nil
			})
		},
	}
	add.Flags().StringVar(&scopes, "scopes", "", "`permissions` separated by commas (default: all that you may)")
	add.Flags().IntVar(&days, "days", 0, "`number` of days until it expires (default: never)")
	cmd.AddCommand(add,
		&cobra.Command{Use: "list", Short: "List them", Args: args(cobra.NoArgs, "list takes no arguments"),
			RunE: func(cmd *cobra.Command, _ []string) error { return c.listTokens(cmd) }},
		&cobra.Command{Use: "revoke ID", Short: "End one, at once", Args: args(cobra.ExactArgs(1), "give the token's number; list them with: leadport token list"),
			RunE: func(cmd *cobra.Command, args []string) error {
				id, err := strconv.ParseInt(args[0], 10, 64)
				if err != nil {
					return usage{fmt.Errorf("%q is no number of a token; list them with: leadport token list", args[0])}
				}
				return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
					if err := a.Store.RevokeToken(ctx, p, id); err != nil {
						return err
					}
					c.printf("Revoked token %d.\n", id)
					return nil
				})
			}})
	return cmd
}

func (c *command) listTokens(cmd *cobra.Command) error {
	return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
		list, err := a.Store.Tokens(ctx, p)
		if err != nil {
			return err
		}
		users, err := usersByID(ctx, a)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			c.printf("No tokens yet. Make one with: leadport token add NAME\n")
			return nil
		}
		when := func(t time.Time, never string) string {
			if t.IsZero() {
				return never
			}
			return c.day(t)
		}
		rows := [][]string{{"ID", "USER", "NAME", "SCOPES", "EXPIRES", "USED"}}
		for _, t := range list {
			var scopes []string
			for _, s := range t.Scopes {
				scopes = append(scopes, string(s))
			}
			if len(scopes) == 0 {
				scopes = []string{"all"}
			}
			u := users[t.User]
			rows = append(rows, []string{strconv.FormatInt(t.ID, 10), u.Display(), t.Name, strings.Join(scopes, ","), when(t.Expires, "never"), when(t.Used, "never")})
		}
		c.rows(rows)
		return nil
	})
}
