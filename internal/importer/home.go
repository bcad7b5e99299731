package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// homeRecipe recognises a rejects file that comes home (rule 10.1): it goes on
// with the settings of the import it is from, and with what that file had
// proved of dates and numbers. Any other file keeps what was suggested.
func (e *Engine) homeRecipe(ctx context.Context, p access.Principal, prep *Prepared, base *recipe.Recipe) (*recipe.Recipe, error) {
	var from int64
	for i, h := range prep.Detection.Headings {
		if recipe.FoldHeading(h) == recipe.FoldHeading(HomeImport) && len(prep.Profile.Columns[i].Values) > 0 {
			from, _ = strconv.ParseInt(prep.Profile.Columns[i].Values[0].Text, 10, 64)
		}
	}
	if from == 0 {
		return base, nil
	}
	imp, err := e.Imports.GetImport(ctx, p, from)
	if errors.Is(err, lead.ErrNotFound) {
		return base, nil
	}
	if err != nil {
		return nil, err
	}
	first, err := recipe.Load(bytes.NewReader([]byte(imp.Recipe)))
	if err != nil {
		return nil, fmt.Errorf("recipe of import %d: %w", from, err)
	}
	var det table.Detection
	if err := json.Unmarshal(imp.Detection, &det); err != nil {
		return nil, fmt.Errorf("detection of import %d: %w", from, err)
	}
	file := recipe.File{Dates: first.File.Dates, Decimal: first.File.Decimal, Country: first.File.Country, Zone: first.File.Zone}
	for _, g := range det.Ledger {
		switch {
		case g.Certainty == table.Unproven:
		case g.Name == "dates" && file.Dates == "":
			file.Dates = g.Value
		case g.Name == "decimal" && file.Decimal == "":
			file.Decimal = g.Value
		}
	}
	first.File = file // the file itself is written anew, in our own dialect
	return recipe.Apply(base, first), nil
}
