package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/lead"
)

func (c *command) userCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "People: add, list, give a password", Args: args(cobra.NoArgs, "say what to do: add, password or list"),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listUsers(cmd) }}
	u := access.User{}
	add := &cobra.Command{
		Use:   "add USERNAME",
		Short: "Add a person",
		Example: `  leadport user add ana --name 'Ana Lima' --email ana@example.com
  leadport user add jerry --role manager`,
		Args: args(cobra.ExactArgs(1), "give the user name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			u.Username = args[0]
			if _, ok := access.RoleByKey(u.Role); !ok {
				return usage{fmt.Errorf("--role %s: choose admin, manager, sales or readonly", u.Role)}
			}
			if _, err := time.LoadLocation(u.Zone); err != nil {
				return usage{fmt.Errorf("--zone %s: there is no such time zone; write it like Europe/Berlin", u.Zone)}
			}
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				err := a.Store.AddUser(ctx, p, &u, "")
				if errors.Is(err, lead.ErrConflict) {
					return fmt.Errorf("there is a user %q already", u.Username)
				}
				if err != nil {
					return err
				}
				c.printf("Added %s (%s).\n", u.Username, u.Role)
				return nil
			})
		},
	}
	add.Flags().StringVar(&u.Name, "name", "", "full name")
	add.Flags().StringVar(&u.Email, "email", "", "where the results of imports are sent")
	add.Flags().StringVar(&u.Role, "role", "sales", "`admin|manager|sales|readonly`")
	add.Flags().StringVar(&u.Zone, "zone", "", "time zone, such as Europe/Berlin")
	cobra.CheckErr(add.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{"admin", "manager", "sales", "readonly"}, cobra.ShellCompDirectiveNoFileComp)))
	cmd.AddCommand(add, c.passwordCommand(), &cobra.Command{Use: "list", Short: "List them", Args: args(cobra.NoArgs, "list takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listUsers(cmd) }})
	return cmd
}

func (c *command) listUsers(cmd *cobra.Command) error {
	return c.with(cmd, func(ctx context.Context, a *app.App, _ access.Principal) error {
		list, err := a.Store.Users(ctx)
		if err != nil {
			return err
		}
		rows := [][]string{{"USERNAME", "NAME", "E-MAIL", "ROLE"}}
		for _, u := range list {
			role := u.Role
			if u.Disabled {
				role += " (disabled)"
			}
			rows = append(rows, []string{u.Username, u.Name, u.Email, role})
		}
		c.rows(rows)
		return nil
	})
}

func (c *command) outboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "outbox",
		Short: "Mail that was sent, waits or could not be sent",
		Long: `Without a mail server all mail is kept here. To send it, set LEADPORT_SMTP_URL
(smtp://user:password@host:587) and LEADPORT_MAIL_FROM.`,
		Args: args(cobra.NoArgs, "outbox takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				if _, err := a.Mail(ctx); err != nil {
					return err
				}
				list, err := a.Store.ListMail(ctx, p, 0, 50)
				if err != nil {
					return err
				}
				if c.json {
					return c.printJSON(list)
				}
				if len(list) == 0 {
					c.printf("The outbox is empty.\n")
					return nil
				}
				rows := [][]string{{"WHEN", "TO", "STATE", "SUBJECT"}}
				for _, m := range list {
					state := m.State
					if m.Reason != "" {
						state += ": " + m.Reason
					}
					to := m.Recipients
					if to == "" {
						to = "(no address)"
					}
					rows = append(rows, []string{c.minute(m.At), to, state, m.Subject})
				}
				c.rows(rows)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&c.json, "json", false, "print JSON")
	return cmd
}

func (c *command) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Look whether everything that must hold does",
		Long: `Doctor reads the whole database: the engine's own check, keys and journal
against the leads, the chain of the audit log, and the accounting of every
import against what is there.`,
		Args: args(cobra.NoArgs, "doctor takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd, func(ctx context.Context, a *app.App, _ access.Principal) error {
				found, err := a.Store.Check(ctx)
				if err != nil {
					return err
				}
				for _, f := range found {
					c.printf("%s: %s\n", f.What, f.Detail)
				}
				if len(found) > 0 {
					c.say("%s. Copy the folder before anything else, then go on with a backup: leadport --data BACKUP …\n",
						map[bool]string{true: "One thing does not hold", false: number(int64(len(found))) + " things do not hold"}[len(found) == 1])
					return exit(exitFailed)
				}
				c.printf("Everything holds.\n")
				return nil
			})
		},
	}
}
