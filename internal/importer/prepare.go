package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// Prepared is what is known of a file before it is checked.
type Prepared struct {
	Detection *table.Detection
	Profile   *table.Profile
	First     [][]string     // the first records as read
	Recipe    *recipe.Recipe // complete: what was asked, and what was suggested
	Proposals []recipe.Proposal
	Program   *recipe.Program
	Decisions []Decision
	Before    []Import  // finished imports of the same bytes
	Known     *Finished // the latest finished import of the same columns
}

// Prepare reads the file once, suggests what the recipe leaves open, and saves
// the complete recipe with the import (rules 1, 2). A file that cannot be read
// fails with a *table.Refusal.
func (e *Engine) Prepare(ctx context.Context, p access.Principal, id int64, over *recipe.Recipe) (*Prepared, error) {
	return e.prepare(ctx, p, id, over, true)
}

// Change is Prepare with complete settings, as Prepare gave them and a person
// has changed them: what they leave out was taken away, and is not suggested
// by the import that a rejected record comes from.
func (e *Engine) Change(ctx context.Context, p access.Principal, id int64, whole *recipe.Recipe) (*Prepared, error) {
	return e.prepare(ctx, p, id, whole, false)
}

func (e *Engine) prepare(ctx context.Context, p access.Principal, id int64, over *recipe.Recipe, first bool) (*Prepared, error) {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	out, err := e.prepared(ctx, p, imp, over, first)
	if err != nil {
		return nil, err
	}
	return out, e.saveRecipe(ctx, p, id, out)
}

// Prepared is Prepare with the settings that the import has; it changes
// nothing. It fails with lead.ErrConflict before the first Prepare.
func (e *Engine) Prepared(ctx context.Context, p access.Principal, id int64) (*Prepared, error) {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if imp.Kind != "file" || imp.Recipe == "" {
		return nil, fmt.Errorf("import %d has no settings yet; prepare it first: %w", id, lead.ErrConflict)
	}
	over, err := recipe.Load(strings.NewReader(imp.Recipe))
	if err != nil {
		return nil, fmt.Errorf("recipe of import %d: %w", id, err)
	}
	had := over.Decide["id"]
	out, err := e.prepared(ctx, p, imp, over, false)
	if err == nil && had == "" {
		delete(out.Recipe.Decide, "id") // its Id column was suggested, not chosen
	}
	return out, err
}

func (e *Engine) prepared(ctx context.Context, p access.Principal, imp *Import, over *recipe.Recipe, first bool) (*Prepared, error) {
	schema, err := e.Dir.Schema(ctx)
	if err != nil {
		return nil, err
	}
	read, err := e.profile(ctx, imp, tableOptions(over.File))
	if err != nil {
		return nil, err
	}
	learned, known, err := e.learned(ctx, p, read.detection.Headings)
	if err != nil {
		return nil, err
	}
	out := &Prepared{Detection: read.detection, Profile: read.profile, First: read.first, Known: known}
	base, proposals := recipe.Suggest(out.Detection, out.Profile, schema, learned)
	out.Proposals = proposals
	if first {
		if base, err = e.homeRecipe(ctx, p, out, base); err != nil {
			return nil, err
		}
	}
	out.Recipe = recipe.Apply(base, over)
	for _, c := range over.Columns {
		if slices.Contains(c.To, "id") { // mapped on purpose: nothing to ask (rule 5.2)
			out.Recipe.SetDecision("id", "id")
		}
	}
	if out.Program, err = recipe.Compile(out.Recipe, out.Detection, schema); err != nil {
		return nil, err
	}
	out.Decisions = decisions(out.Detection, out.Recipe, out.Program, schema)
	out.Before, err = e.Imports.Uploads(ctx, p, imp.SHA256)
	return out, err
}

func (e *Engine) saveRecipe(ctx context.Context, p access.Principal, id int64, out *Prepared) error {
	var text bytes.Buffer
	if err := recipe.Save(&text, out.Recipe); err != nil {
		return err
	}
	det, err := json.Marshal(out.Detection)
	if err != nil {
		return err
	}
	return e.Imports.UpdateImport(ctx, p, id, func(imp *Import) error {
		if imp.State != Draft && imp.State != Checked {
			return fmt.Errorf("import %d is %s, so its settings stand: %w", id, imp.State, lead.ErrConflict)
		}
		if !sameRecords(imp.Recipe, out.Recipe) {
			imp.State = Draft
		}
		imp.Recipe, imp.Detection = text.String(), det
		return nil
	})
}

// sameRecords reports whether every record fares alike under both settings, so
// that what is checked stays checked.
func sameRecords(was string, is *recipe.Recipe) bool {
	old, err := recipe.Load(strings.NewReader(was))
	if was == "" || err != nil {
		return false
	}
	var a, b bytes.Buffer
	err = errors.Join(recipe.Save(&a, old.OfRecords()), recipe.Save(&b, is.OfRecords()))
	return err == nil && a.String() == b.String()
}

// profiles keeps what was read of the latest files, so that a change of the
// columns need not read its file again. What it holds is shared: read-only.
type profiles struct {
	mu   sync.Mutex
	list []profiled // the latest last
}

type profiled struct {
	key       string
	detection *table.Detection
	profile   *table.Profile
	first     [][]string
}

const (
	mostProfiles = 4
	firstRecords = 10
)

// profile reads an import's file with these options.
func (e *Engine) profile(ctx context.Context, imp *Import, opt table.Options) (*profiled, error) {
	text, err := json.Marshal(opt)
	if err != nil {
		return nil, err
	}
	key := imp.SHA256 + imp.File + string(text)
	if x := e.profiles.get(key); x != nil && e.hasRows(ctx, imp, x.detection) {
		return x, nil
	}
	src, err := e.openUpload(ctx, imp)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	x := profiled{key: key}
	if x.detection, err = table.Detect(ctx, src, opt); err != nil {
		return nil, err
	}
	if x.profile, err = e.profileRows(ctx, imp, src, x.detection); err != nil {
		return nil, err
	}
	x.detection.Ledger = append(append(x.detection.Ledger, x.profile.Ledger...), damage(x.profile)...)
	if x.first, err = e.firstOfFile(ctx, imp, x.detection); err != nil {
		return nil, err
	}
	e.profiles.put(x)
	return &x, nil
}

func (l *profiles) get(key string) *profiled {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range l.list {
		if x.key == key {
			return &x
		}
	}
	return nil
}

func (l *profiles) put(x profiled) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) == mostProfiles {
		l.list = slices.Delete(l.list, 0, 1)
	}
	l.list = append(l.list, x)
}

// firstOfFile reads the first records.
func (e *Engine) firstOfFile(ctx context.Context, imp *Import, det *table.Detection) ([][]string, error) {
	rd, err := e.openRows(ctx, imp, det)
	if err != nil {
		return nil, err
	}
	defer rd.Close()
	batch := table.Batch{Max: firstRecords}
	if err := rd.Next(ctx, &batch); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var out [][]string
	for i := range batch.Rows {
		cells := batch.Rows[i].Cells
		for n, c := range cells {
			cells[n] = strings.Clone(c) // the batch's bytes need not live as long
		}
		out = append(out, cells)
	}
	return out, nil
}
