package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
)

func (c *command) recipeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "recipe",
		Short: "Saved import settings: list, show, save, apply, test",
		Long: `A recipe is all the decisions about a kind of file, kept as TOML: how it is
read, where its columns go, what unknown values mean, how leads are matched.`,
		Example: `  leadport recipe save 'Trade show' trade-show.toml
  leadport recipe save 'Trade show' --import 3     the settings of import 3
  leadport recipe show 'Trade show' > trade-show.toml
  leadport recipe test 'Trade show' leads.csv      check only
  leadport recipe apply 'Trade show' leads.csv     the same as import --recipe`,
		Args: args(cobra.NoArgs, "say what to do: list, show, save, apply, test or delete"),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listRecipes(cmd) },
	}
	var from string
	save := &cobra.Command{
		Use:   "save NAME [FILE]",
		Short: "Keep a TOML file, or the settings of an import, under a name",
		Args:  args(cobra.RangeArgs(1, 2), "give a name, and a TOML file or --import"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				return c.saveRecipe(ctx, a, p, args, from)
			})
		},
	}
	save.Flags().StringVar(&from, "import", "", "take the settings of this import `number`")
	cmd.AddCommand(save,
		&cobra.Command{Use: "list", Short: "List them", Args: args(cobra.NoArgs, "list takes no arguments"),
			RunE: func(cmd *cobra.Command, _ []string) error { return c.listRecipes(cmd) }},
		&cobra.Command{Use: "show NAME", Short: "Print one as TOML", Args: args(cobra.ExactArgs(1), "name the recipe"),
			RunE: func(cmd *cobra.Command, args []string) error {
				return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
					r, err := a.Store.GetRecipe(ctx, p, args[0])
					if err != nil {
						return noRecipe(args[0], err)
					}
					_, err = io.WriteString(c.out, r.TOML)
					return err
				})
			}},
		&cobra.Command{Use: "delete NAME", Short: "Delete one", Args: args(cobra.ExactArgs(1), "name the recipe"),
			RunE: func(cmd *cobra.Command, args []string) error {
				return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
					if err := a.Store.DeleteRecipe(ctx, p, args[0]); err != nil {
						return noRecipe(args[0], err)
					}
					c.printf("Deleted %s.\n", args[0])
					return nil
				})
			}},
		c.withRecipe("apply NAME FILE", "Import a file with a recipe", false),
		c.withRecipe("test NAME FILE", "Check a file with a recipe; nothing is written", true),
	)
	return cmd
}

// withRecipe is import --recipe by another name.
func (c *command) withRecipe(use, short string, check bool) *cobra.Command {
	f := importFlags{check: check, header: -1}
	cmd := &cobra.Command{
		Use: use, Short: short, Args: args(cobra.ExactArgs(2), "name the recipe and the file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.recipe = args[0]
			return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
				return (&importRun{command: c, importFlags: f, app: a, p: p, cmd: cmd}).run(ctx, args[1])
			})
		},
	}
	cmd.Flags().BoolVar(&c.json, "json", false, "print one JSON document")
	cmd.Flags().StringVar(&f.rejects, "rejects", "", "write the records not or partly imported to this `file`")
	if !check {
		cmd.Flags().BoolVarP(&f.yes, "yes", "y", false, "import without asking")
	}
	return cmd
}

func (c *command) listRecipes(cmd *cobra.Command) error {
	return c.with(cmd, func(ctx context.Context, a *app.App, p access.Principal) error {
		list, err := a.Store.Recipes(ctx, p)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			c.printf("No saved import settings yet. Keep some with: leadport import FILE --save-recipe NAME\n")
			return nil
		}
		rows := [][]string{{"NAME", "CHANGED"}}
		for _, r := range list {
			rows = append(rows, []string{r.Name, c.minute(r.Updated)})
		}
		c.rows(rows)
		return nil
	})
}

func (c *command) saveRecipe(ctx context.Context, a *app.App, p access.Principal, args []string, from string) error {
	var text []byte
	switch {
	case from != "" && len(args) == 1:
		id, err := importID(from)
		if err != nil {
			return err
		}
		imp, err := c.theImport(ctx, a, p, id)
		if err != nil {
			return err
		}
		text = []byte(imp.Recipe)
	case from == "" && len(args) == 2:
		var err error
		if text, err = os.ReadFile(c.path(args[1])); err != nil {
			return fileError(args[1], err)
		}
	default:
		return usage{errors.New("give either a TOML file or --import")}
	}
	r, err := recipe.Load(bytes.NewReader(text))
	if err != nil {
		return err
	}
	schema, err := a.Store.Schema(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(r.Validate(schema)...); err != nil {
		return err
	}
	if err := a.Store.SaveRecipe(ctx, p, args[0], string(text)); err != nil {
		return err
	}
	c.printf("Saved as %s.\n", args[0])
	return nil
}

func noRecipe(name string, err error) error {
	if errors.Is(err, lead.ErrNotFound) {
		return fmt.Errorf("there is no recipe %q; list them with: leadport recipe list", name)
	}
	return err
}

// loadRecipe reads a recipe by the name it is kept under, or from a TOML file.
func loadRecipe(ctx context.Context, c *command, a *app.App, p access.Principal, name string) (*recipe.Recipe, error) {
	text := ""
	kept, err := a.Store.GetRecipe(ctx, p, name)
	switch {
	case err == nil:
		text = kept.TOML
	case !errors.Is(err, lead.ErrNotFound):
		return nil, err
	default:
		b, err := os.ReadFile(c.path(name))
		if errors.Is(err, os.ErrNotExist) {
			return nil, usage{fmt.Errorf("--recipe %s: there is neither a recipe of that name (leadport recipe lists them) nor a file", name)}
		}
		if err != nil {
			return nil, fileError(name, err)
		}
		text = string(b)
	}
	return recipe.Load(strings.NewReader(text))
}
