package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/access"
)

// Rejects writes the records that were not, or only partly, imported as they
// were, behind them the reasons and where they come from, so that they are
// known when they come home (rule 10.1). It works before the run too. It
// returns how many there were.
func (e *Engine) Rejects(ctx context.Context, p access.Principal, id int64, w FormWriter) (int64, error) {
	return e.rejects(ctx, p, id, w, true)
}

// Left is Rejects without the records that were imported in part: those that
// still are to be mended or decided.
func (e *Engine) Left(ctx context.Context, p access.Principal, id int64, w FormWriter) (int64, error) {
	return e.rejects(ctx, p, id, w, false)
}

func (e *Engine) rejects(ctx context.Context, p access.Principal, id int64, w FormWriter, partly bool) (int64, error) {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return 0, err
	}
	if imp.Plan == nil {
		return 0, fmt.Errorf("import %d was not checked yet", id)
	}
	f, det, err := e.frame(ctx, p, imp)
	if err != nil {
		return 0, err
	}
	plan, err := OpenPlan(ctx, e.Files, imp.Plan)
	if err != nil {
		return 0, err
	}
	defer plan.Close()
	rd, err := e.openRows(ctx, imp, det)
	if err != nil {
		return 0, err
	}
	defer rd.Close()
	for _, in := range f.program.Inputs {
		if in.Column >= 0 && len(in.Targets) == 1 && len(f.schema.Fields[in.Targets[0].Field].Options) > 0 {
			w.Offer(in.Column, labels(f.schema.Fields[in.Targets[0].Field].Options))
		}
	}
	if err := w.Write(append(append([]string(nil), det.Headings...), HomeReasons, HomeImport, HomeRecord)); err != nil {
		return 0, err
	}
	all, err := e.Imports.Groups(ctx, id)
	if err != nil {
		return 0, err
	}
	s := newStream(ctx, f, rd.Reader, e.size().batch)
	defer s.close()
	entries := make([]Entry, e.size().batch)
	var n int64
	for {
		drafts, err := s.next(ctx)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if _, err := plan.Read(drafts[0].record, entries); err != nil {
			return n, err
		}
		results, err := e.Runs.Results(ctx, id, drafts[0].record, drafts[len(drafts)-1].record)
		if err != nil {
			return n, err
		}
		final := map[int64]*Result{}
		for i := range results {
			final[results[i].Record] = &results[i]
		}
		for i := range drafts {
			d := &drafts[i]
			outcome, res := entries[i].Outcome, final[d.record]
			if res != nil {
				outcome = res.Outcome
			}
			if outcome != Failure && outcome != Conflict && (!partly || entries[i].Cells == 0) {
				continue
			}
			if res != nil && res.Code == codeCameHome {
				continue
			}
			n++
			if err := e.reject(w, imp.ID, len(det.Headings), d, all, res); err != nil {
				return n, err
			}
		}
	}
}

// FormWriter writes a table that a person fills in or mends: it can mark a cell
// of the next row with a note and offer choices for a column.
type FormWriter interface {
	RowWriter
	Mark(col int, note string)
	Offer(col int, choices []string)
}

func (e *Engine) reject(w FormWriter, id int64, headings int, d *draft, all []Group, res *Result) error {
	var reasons []string
	for i := range all {
		g := &all[i]
		if g.Severity == Info || !g.Records.Contains(uint32(d.record)) {
			continue
		}
		reason := g.Message
		if g.Heading != "" {
			reason = g.Heading + ": " + reason
		}
		reasons = append(reasons, reason)
		if g.Column >= 0 {
			w.Mark(g.Column, strings.TrimSpace(g.Message+" "+g.Remedy))
		}
	}
	if res != nil {
		reasons = append(reasons, res.Message)
	}
	// Surplus cells go behind our columns, which are to be found coming home.
	row := make([]string, headings, headings+3)
	copy(row, d.cells)
	row = append(row, strings.Join(reasons, " "), strconv.FormatInt(id, 10), strconv.FormatInt(d.record, 10))
	if len(d.cells) > headings {
		row = append(row, d.cells[headings:]...)
	}
	return w.Write(row)
}

// Fate is what became of one record (rule 10.4).
type Fate struct {
	Record  int64   `json:"record"`
	Line    int64   `json:"line"`
	Outcome string  `json:"outcome"`
	Reason  string  `json:"reason,omitempty"`
	Lead    int64   `json:"lead,omitempty"`
	Head    int64   `json:"merged_into,omitempty"`
	Note    string  `json:"note,omitempty"`
	Issues  []Issue `json:"issues,omitempty"`
}

// Fate answers what happened to record n; it needs the plan, not the upload.
func (e *Engine) Fate(ctx context.Context, p access.Principal, id, n int64) (*Fate, error) {
	imp, err := e.Imports.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if imp.Plan == nil {
		return nil, fmt.Errorf("import %d has no plan, so nothing is known of its records", id)
	}
	plan, err := OpenPlan(ctx, e.Files, imp.Plan)
	if err != nil {
		return nil, err
	}
	defer plan.Close()
	entry, err := plan.At(n)
	if err != nil {
		return nil, err
	}
	out := &Fate{Record: n, Line: entry.Line, Outcome: entry.Outcome.String(), Reason: entry.Reason.Code(), Head: entry.Head}
	switch entry.Outcome {
	case Update, Unchanged:
		out.Lead = entry.Lead
	case New:
		if imp.FirstID > 0 {
			out.Lead = imp.FirstID + entry.Lead
		}
	}
	results, err := e.Runs.Results(ctx, id, n, n)
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		out.Outcome, out.Reason, out.Lead, out.Note = r.Outcome.String(), r.Code, r.Lead, r.Message
	}
	all, err := e.Imports.Groups(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, g := range all {
		if g.Records.Contains(uint32(n)) {
			i := g.Issue
			i.Record, i.Line = n, entry.Line
			out.Issues = append(out.Issues, i)
		}
	}
	return out, nil
}
