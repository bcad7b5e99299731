package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// Discard deletes a draft: an import that was never started. Its file goes
// with it unless another import needs it.
func (e *Engine) Discard(ctx context.Context, p access.Principal, id int64) error {
	imp, used, err := e.Imports.DropImport(ctx, p, id)
	if err != nil {
		return err
	}
	e.removePlan(ctx, imp)
	if used || imp.SHA256 == "" {
		return nil
	}
	return e.Files.Remove(ctx, imp.SHA256)
}

// removePlan deletes a plan's files. One that stays is no harm.
func (e *Engine) removePlan(ctx context.Context, imp *Import) {
	if imp.Plan == nil {
		return
	}
	for _, name := range imp.Plan.files() {
		if name == "" {
			continue
		}
		if err := e.Files.Remove(ctx, name); err != nil {
			e.Log.WarnContext(ctx, "remove a plan", "import", imp.ID, "error", err)
		}
	}
}

// Replace takes the file of another draft in place of this one's and discards
// that draft. Columns and answers stay; how the bytes are read is detected
// anew. A fix goes with its record: to the first one of the new file with the
// same cells. One that finds no such record is set aside and listed (rule 8.1).
func (e *Engine) Replace(ctx context.Context, p access.Principal, id, from int64) (*Prepared, error) {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	other, err := e.Imports.GetImport(ctx, p, from)
	if err != nil {
		return nil, err
	}
	for _, i := range []*Import{imp, other} {
		if i.Kind != "file" || i.State != Draft && i.State != Checked {
			return nil, i.settled()
		}
	}
	if id == from {
		return nil, fmt.Errorf("an import cannot take its own file: %w", lead.ErrInvalid)
	}
	over := &recipe.Recipe{}
	if imp.Recipe != "" {
		if over, err = recipe.Load(strings.NewReader(imp.Recipe)); err != nil {
			return nil, fmt.Errorf("recipe of import %d: %w", id, err)
		}
	}
	over.File = recipe.File{Dates: over.File.Dates, Decimal: over.File.Decimal, Country: over.File.Country, Zone: over.File.Zone}
	next := *imp
	next.File, next.SHA256, next.Size = other.File, other.SHA256, other.Size
	var was table.Detection
	if len(imp.Detection) > 0 {
		if err := json.Unmarshal(imp.Detection, &was); err != nil {
			return nil, fmt.Errorf("detection of import %d: %w", id, err)
		}
	}
	home := slices.ContainsFunc(was.Headings, func(h string) bool { return recipe.FoldHeading(h) == recipe.FoldHeading(HomeImport) })
	prep, err := e.prepared(ctx, p, &next, over, !home) // before anything changes: it may be refused
	if err != nil {
		return nil, err
	}
	fixes, err := e.carry(ctx, imp, &next, prep.Detection)
	if err != nil {
		return nil, fmt.Errorf("take the corrections over: %w", err)
	}
	err = e.Imports.UpdateImport(ctx, p, id, func(i *Import) error {
		if i.State != Draft && i.State != Checked {
			return i.settled()
		}
		i.File, i.SHA256, i.Size, i.Plan, i.Accounting, i.State = next.File, next.SHA256, next.Size, nil, Accounting{}, Draft
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := e.saveRecipe(ctx, p, id, prep); err != nil {
		return nil, err
	}
	if err := e.Imports.SaveFixes(ctx, id, fixes); err != nil {
		return nil, err
	}
	e.removePlan(ctx, imp)
	return prep, e.Discard(ctx, p, from)
}

// carry moves the fixes of one file to another. It returns what to save: the
// old ones taken back, then the new ones.
func (e *Engine) carry(ctx context.Context, imp, next *Import, to *table.Detection) ([]Fix, error) {
	all, err := e.Imports.Fixes(ctx, imp.ID)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var from table.Detection
	if err := json.Unmarshal(imp.Detection, &from); err != nil {
		return nil, err
	}
	at := map[int64][]Fix{}
	var out []Fix
	for _, x := range all {
		at[x.Offset] = append(at[x.Offset], x)
		out = append(out, Fix{Offset: x.Offset, Column: x.Column, Old: x.Old, New: x.Old})
	}
	// Rows are compared by the columns that both files have.
	var mine, theirs []int
	column := map[int]int{answerColumn: answerColumn}
	for i, h := range from.Headings {
		for j, k := range to.Headings {
			if _, taken := column[i]; !taken && recipe.FoldHeading(h) == recipe.FoldHeading(k) {
				mine, theirs, column[i] = append(mine, i), append(theirs, j), j
			}
		}
	}
	key := func(cells []string, columns []int) string {
		parts := make([]string, len(columns))
		for i, c := range columns {
			parts[i] = cell(cells, c)
		}
		return strings.Join(parts, "\x1f")
	}
	wanted := map[string][]int64{}
	err = e.eachRow(ctx, imp, &from, func(row *table.Row) {
		if len(at[row.Offset]) > 0 {
			k := key(row.Cells, mine)
			wanted[k] = append(wanted[k], row.Offset)
		}
	})
	if err != nil {
		return nil, err
	}
	err = e.eachRow(ctx, next, to, func(row *table.Row) {
		k := key(row.Cells, theirs)
		offsets := wanted[k]
		if len(offsets) == 0 {
			return
		}
		wanted[k] = offsets[1:]
		for _, x := range at[offsets[0]] {
			if c, ok := column[x.Column]; ok {
				x.Offset, x.Column = row.Offset, c
				out = append(out, x)
			}
		}
		delete(at, offsets[0])
	})
	for offset, list := range at {
		for _, x := range list {
			x.Offset = -1 - max(offset, -offset) // nowhere: it is listed as set aside
			out = append(out, x)
		}
	}
	return out, err
}

// eachRow reads an import's whole file.
func (e *Engine) eachRow(ctx context.Context, imp *Import, det *table.Detection, f func(*table.Row)) error {
	rd, err := e.openRows(ctx, imp, det)
	if err != nil {
		return err
	}
	defer rd.Close()
	for batch := (table.Batch{Max: batchRows}); ; {
		err := rd.Next(ctx, &batch)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range batch.Rows {
			f(&batch.Rows[i])
		}
	}
}
