package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// Engine checks, runs and takes back imports. It keeps no state of its own but
// what it read of the latest files: the database is the truth, so any process
// can go on where another stopped.
type Engine struct {
	Leads   Leads
	Dir     Directory
	Imports Imports
	Runs    Runs
	Journal Journal
	Files   Files
	Now     func() time.Time
	Log     *slog.Logger
	// Tell queues the mail about an import that has come to its end, inside
	// the transaction that ended it (rule 10.2). May be nil.
	Tell func(ctx context.Context, tx Tx, imp *Import, groups []Group) error

	sizes    sizes // zero: the usual ones; tests make them small
	profiles profiles
	last     lastGroups
	lanes    lanes
}

// sizes bound what is done at one go. They never change a result.
type sizes struct {
	batch  int // records that travel together
	tx     int // records, or rows of an undo, in one transaction
	undo   int // rows of an undo that travel together
	states int // merged leads kept in memory
	again  int // of a hundred records so many are decided again, rather than all
	crowd  int // leads of one key beyond which they are filed (see crowd)
	keys   int // slots of a file's keys in memory, a power of two
	values int // of one code and column that are listed one by one
	part   int // records of a part; 0: the usual, if several nodes share the work
}

// size returns the sizes with the usual ones for those not set.
func (e *Engine) size() sizes {
	s := e.sizes
	for _, x := range []struct {
		set   *int
		usual int
	}{{&s.batch, batchRows}, {&s.tx, txRows}, {&s.undo, undoBatch}, {&s.states, stateBudget}, {&s.again, 50}, {&s.crowd, crowdFrom}, {&s.keys, keySlots}, {&s.values, maxValues}} {
		if *x.set == 0 {
			*x.set = x.usual
		}
	}
	return s
}

// tell loads the worst groups and hands them to Tell.
func (e *Engine) tell(ctx context.Context, tx Tx, imp *Import) error {
	if e.Tell == nil {
		return nil
	}
	groups, err := e.Imports.Groups(ctx, imp.ID)
	if err != nil {
		return err
	}
	return e.Tell(ctx, tx, imp, groups)
}

// finish ends a run or undo: state, accounting and mail in one transaction.
func (e *Engine) finish(ctx context.Context, tx Tx, imp *Import, state State, acc Accounting, reason string) error {
	if err := tx.Finish(ctx, imp.ID, state, acc, reason); err != nil {
		return err
	}
	now := *imp
	now.State, now.Accounting, now.Reason, now.Finished = state, acc, reason, e.Now()
	return e.tell(ctx, tx, &now)
}

// Progress is told while something long goes on.
type Progress struct {
	Phase string // reading, checking, importing, undoing
	Done  int64
	Total int64 // 0: not known
	// SoFar counts the records that a check has done.
	SoFar Accounting
}

// source is an upload as the table reader wants it.
type source struct {
	File
	name string
}

func (s source) Name() string { return s.name }

// openUpload opens the kept bytes of an import.
func (e *Engine) openUpload(ctx context.Context, imp *Import) (source, error) {
	f, err := e.Files.Open(ctx, imp.SHA256)
	if errors.Is(err, fs.ErrNotExist) {
		return source{}, fmt.Errorf("the file of import %d is no longer kept; what became of its records is: %w", imp.ID, lead.ErrNotFound)
	}
	if err != nil {
		return source{}, fmt.Errorf("open upload of import %d: %w", imp.ID, err)
	}
	return source{f, imp.File}, nil
}

// Notes of the ledger about what a spreadsheet did to a column (rule 3.3).
const (
	noteSerial = "serial_dates"
	noteZeros  = "lost_zeros"
)

func damage(p *table.Profile) []table.Guess {
	var out []table.Guess
	for i, c := range p.Columns {
		if c.SerialDates {
			out = append(out, table.Guess{Name: noteSerial, Value: "yes", Column: i, Certainty: table.Likely,
				Evidence: "whole numbers under a date's heading are the spreadsheet's count of days", Record: c.SerialRecord, Samples: c.Samples})
		}
		if c.LostZeros > 0 {
			out = append(out, table.Guess{Name: noteZeros, Value: strconv.FormatInt(c.LostZeros, 10), Column: i, Certainty: table.Likely,
				Evidence: "some codes are shorter than the five digits of the others", Record: c.LostZerosRecord})
		}
	}
	return out
}

// learned collects what finished, not undone imports taught (rule 2.1), and
// the latest of them whose file had the columns of this one, in any order.
func (e *Engine) learned(ctx context.Context, p access.Principal, headings []string) (recipe.Learned, *Finished, error) {
	out := recipe.Learned{}
	all, err := e.Imports.FinishedRecipes(ctx, p, 200)
	if err != nil {
		return nil, nil, err
	}
	var known *Finished
	for i := range all {
		r, err := recipe.Load(strings.NewReader(all[i].Recipe))
		if err != nil {
			continue
		}
		out.Learn(r, 1)
		if known == nil && sameColumns(r, headings) {
			known = &all[i]
		}
	}
	return out, known, nil
}

// sameColumns reports whether a recipe speaks of just these columns.
func sameColumns(r *recipe.Recipe, headings []string) bool {
	left := map[string]int{}
	for _, h := range headings {
		left[recipe.FoldHeading(h)]++
	}
	n := 0
	for _, c := range r.Columns {
		if c.Heading == "" {
			continue // computed
		}
		h := recipe.FoldHeading(c.Heading)
		if left[h]--; left[h] < 0 {
			return false
		}
		n++
	}
	return n > 0 && n == len(headings)
}

func tableOptions(f recipe.File) table.Options {
	return table.Options{Encoding: f.Encoding, Delimiter: f.Delimiter, Quote: f.Quote, Escape: f.Escape, Sheet: f.Sheet, Header: f.Header}
}

// frame loads all that a check or run of an import needs to know.
func (e *Engine) frame(ctx context.Context, p access.Principal, imp *Import) (*frame, *table.Detection, error) {
	r, err := recipe.Load(bytes.NewReader([]byte(imp.Recipe)))
	if err != nil {
		return nil, nil, fmt.Errorf("recipe of import %d: %w", imp.ID, err)
	}
	det := &table.Detection{}
	if err := json.Unmarshal(imp.Detection, det); err != nil {
		return nil, nil, fmt.Errorf("detection of import %d: %w", imp.ID, err)
	}
	f := &frame{recipe: r, principal: p, headings: det.Headings, homeImport: -1, homeRecord: -1}
	if f.schema, err = e.Dir.Schema(ctx); err != nil {
		return nil, nil, err
	}
	if f.program, err = recipe.Compile(r, det, f.schema); err != nil {
		return nil, nil, err
	}
	users, err := e.Dir.Users(ctx)
	if err != nil {
		return nil, nil, err
	}
	f.slot, f.rules, f.users = slotsOf(f.schema), newRuleTable(r.Errors, r.Strict), newUserIndex(users)
	f.address = addressPartsOf(&f.schema.Fields[f.slot.addresses])
	if err := f.settle(ctx, e.Dir, imp); err != nil {
		return nil, nil, err
	}
	f.maker, f.defaults = &lead.Merger{Schema: f.schema, Key: sameKey}, f.defaultsOf()
	f.fresh, f.keyed = xxhash.Sum64(appendChange(nil, &f.defaults)), f.givesKeys()
	f.readings(det)
	for i, h := range det.Headings {
		switch recipe.FoldHeading(h) {
		case recipe.FoldHeading(HomeImport):
			f.homeImport = i
		case recipe.FoldHeading(HomeRecord):
			f.homeRecord = i
		}
	}
	if f.homeImport < 0 {
		f.homeRecord = -1
	}
	fixes, err := e.Imports.Fixes(ctx, imp.ID)
	if err != nil {
		return nil, nil, err
	}
	f.fixes = map[int64][]*fix{}
	for _, x := range fixes {
		f.fixes[x.Offset] = append(f.fixes[x.Offset], &fix{Fix: x})
	}
	return f, det, nil
}

// settle answers from options and settings what the recipe leaves open.
func (f *frame) settle(ctx context.Context, dir Directory, imp *Import) error {
	var err error
	get := func(key string) string {
		v, e := dir.Setting(ctx, key)
		if err == nil {
			err = e
		}
		return v
	}
	f.org, f.mark = get("organization"), get("installation")
	f.country = firstOf(f.recipe.File.Country, imp.Options.Country, get("country"))
	zone := firstOf(f.recipe.File.Zone, f.principal.User.Zone, imp.Options.Zone, get("zone"), "UTC")
	if err != nil {
		return err
	}
	if f.zone, err = time.LoadLocation(zone); err != nil {
		return fmt.Errorf("time zone %q is not known; write it like Europe/Berlin: %w", zone, lead.ErrInvalid)
	}
	if err := f.settleOwners(imp.Options.Owner); err != nil {
		return err
	}
	if err := f.settleSame(); err != nil {
		return err
	}
	f.stamp = imp.At.In(f.zone).Format("2006-01-02") + " " + imp.File
	f.sample = sampleRow(f.schema, f.principal.User)
	return nil
}

// readings takes date orders and decimal marks from the ledger, unless the
// recipe says them.
func (f *frame) readings(det *table.Detection) {
	f.orders = make([]norm.Order, len(det.Headings))
	f.marks = make([]norm.Marks, len(det.Headings))
	f.serial, f.zeros = make([]bool, len(det.Headings)), make([]bool, len(det.Headings))
	for _, g := range det.Ledger {
		if g.Column < 0 || g.Column >= len(f.orders) {
			continue
		}
		switch g.Name {
		case "dates":
			f.orders[g.Column] = order(g.Value)
		case "decimal":
			f.marks[g.Column] = mark(g.Value)
			if g.Certainty == table.Unproven && f.whole(g.Column) {
				f.marks[g.Column] = grouping(g.Samples)
			}
		case noteSerial:
			f.serial[g.Column] = true
		case noteZeros:
			f.zeros[g.Column] = true
		}
	}
	for i := range f.orders {
		if f.recipe.File.Dates != "" {
			f.orders[i] = order(f.recipe.File.Dates)
		}
		if f.recipe.File.Decimal != "" {
			f.marks[i] = mark(f.recipe.File.Decimal)
		}
	}
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// Upload stores a file and makes a draft of an import. put keeps the bytes
// and returns their SHA-256 and size.
func (e *Engine) Upload(ctx context.Context, p access.Principal, name string, put func() (sha256 string, size int64, err error), opt Options) (*Import, error) {
	if !p.Can(access.Import) {
		return nil, fmt.Errorf("import files: %w", lead.ErrForbidden)
	}
	sum, size, err := put()
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", name, err)
	}
	imp := &Import{Kind: "file", State: Draft, File: name, SHA256: sum, Size: size, Actor: p.User.ID, At: e.Now(), Options: opt}
	return imp, e.Imports.CreateImport(ctx, p, imp)
}
