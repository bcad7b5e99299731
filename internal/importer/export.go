package importer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// Exporter streams leads in id order.
type Exporter interface {
	// EachLead calls f for every lead that is not deleted and that the
	// principal may export; f's error stops it.
	EachLead(ctx context.Context, p access.Principal, r Reading, f func(Lead, Stamps) error) error
}

// Reading says what is read of the leads; the zero value is all.
type Reading struct {
	Need func(*lead.Field) bool // nil: all fields; others stay empty
	// Brief leads have no more than these values, until f returns.
	Brief bool
	// Only one of several shares of about equal ranges of ids, the first being 0.
	Share, Shares int64
}

// Stamps are what Leadport itself knows of a lead.
type Stamps struct {
	Created, Updated time.Time
	CreatedBy        int64
}

// Export writes all leads the principal may export, under the headings that
// import knows, with Id and version, so that it comes home as unchanged
// (lead-fields.md, Export; rule 6.5). System columns are added on demand.
// With fields it writes only these beside Id and version, and those whatever
// they are; lead.ErrInvalid if one does not exist. It returns the number of
// leads.
func (e *Engine) Export(ctx context.Context, p access.Principal, from Exporter, w RowWriter, system bool, fields ...string) (int64, error) {
	if !p.Can(access.LeadExport) {
		return 0, fmt.Errorf("export leads: %w", lead.ErrForbidden)
	}
	schema, err := e.Dir.Schema(ctx)
	if err != nil {
		return 0, err
	}
	for _, key := range fields {
		if schema.Index(key) < 0 {
			return 0, fmt.Errorf("there is no field %q: %w", key, lead.ErrInvalid)
		}
	}
	mark, err := e.Dir.Setting(ctx, "installation")
	if err != nil {
		return 0, err
	}
	list, err := e.Dir.Users(ctx)
	if err != nil {
		return 0, err
	}
	users := map[string]string{}
	for _, u := range list {
		users[strconv.FormatInt(u.ID, 10)] = u.Username
	}
	with := func(f *lead.Field) bool {
		if len(fields) > 0 {
			return slices.Contains(fields, f.Key) || f.Key == "id" || f.Key == "version"
		}
		return (system || !f.System) && !f.Gone && f.Key != "organization"
	}
	x := exporter{schema: schema, users: users, mark: mark}
	if x.most, err = mostElements(ctx, p, from, schema, with); err != nil {
		return 0, err
	}
	cols := columns(schema, func(_ *lead.Field, slot int) int { return max(1, x.most[slot]) }, with)
	if err := w.Write(headingsOf(cols)); err != nil {
		return 0, err
	}
	x.cols, x.row = cols, make([]string, len(cols))
	x.lists, x.rooms = make([][]lead.Element, len(schema.Fields)), make([]lead.ListRoom, len(schema.Fields))
	return x.write(ctx, p, from, w)
}

// mostElements is how many elements the fullest lead has in each list with
// columns of its own for each.
func mostElements(ctx context.Context, p access.Principal, from Exporter, schema *lead.Schema, with func(*lead.Field) bool) ([]int, error) {
	const shares = 2 // one a core
	lists := func(f *lead.Field) bool { return f.List() && !oneCell(f) && with(f) }
	var counts [shares][]int
	var errs [shares]error
	var wait sync.WaitGroup
	for n := range counts {
		wait.Go(func() {
			most := make([]int, len(schema.Fields))
			counts[n] = most
			errs[n] = from.EachLead(ctx, p, Reading{Need: lists, Brief: true, Share: int64(n), Shares: shares}, func(l Lead, _ Stamps) error {
				for i, v := range l.Values {
					// Most lists cannot be longer, which a count of braces shows.
					if v == "" || strings.Count(v, "{") <= most[i] {
						continue
					}
					if f := &schema.Fields[i]; lists(f) {
						most[i] = max(most[i], len(lead.DecodeList(f.Parts, v)))
					}
				}
				return nil
			})
		})
	}
	wait.Wait()
	for i := range schema.Fields {
		counts[0][i] = max(counts[0][i], counts[1][i])
	}
	return counts[0], errors.Join(errs[:]...)
}

// exportBatch is how many leads travel together from the database to the rows.
const exportBatch = 256

type exported struct {
	Lead
	Stamps
}

// write writes the rows while the next leads are read.
func (x *exporter) write(ctx context.Context, p access.Principal, from Exporter, w RowWriter) (n int64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := make(chan []exported, 4)
	read := make(chan error, 1)
	go func() {
		defer close(batches)
		var batch []exported
		send := func() error {
			select {
			case batches <- batch:
				batch = make([]exported, 0, exportBatch)
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		err := from.EachLead(ctx, p, Reading{Need: x.needs}, func(l Lead, st Stamps) error {
			if batch = append(batch, exported{l, st}); len(batch) < exportBatch {
				return nil
			}
			return send()
		})
		if err == nil {
			err = send()
		}
		read <- err
	}()
	for batch := range batches {
		for i := range batch {
			cells, err := x.cells(&batch[i])
			if err == nil {
				err = w.Write(cells)
			}
			if err != nil {
				cancel()
				for range batches { // until the reading has ended
				}
				return n, err
			}
			n++
		}
	}
	return n, <-read
}

type exporter struct {
	schema *lead.Schema
	cols   []Column
	users  map[string]string
	mark   string
	most   []int // elements of each list that have columns
	row    []string
	lists  [][]lead.Element // of the lead at hand
	rooms  []lead.ListRoom  // where they lie
}

// needs reports whether a field has a column.
func (x *exporter) needs(f *lead.Field) bool {
	return slices.ContainsFunc(x.cols, func(c Column) bool { return x.schema.Fields[c.Target.Field].Key == f.Key })
}

func (x *exporter) cells(l *exported) ([]string, error) {
	for i := range x.schema.Fields {
		f := &x.schema.Fields[i]
		if !f.List() {
			continue
		}
		if x.lists[i] = x.rooms[i].Decode(f.Parts, l.Values[i]); len(x.lists[i]) > max(1, x.most[i]) && !oneCell(f) {
			return nil, fmt.Errorf("lead %d got more %s while it was exported than there are columns for; export again: %w", l.ID, f.Label, lead.ErrConflict)
		}
	}
	for i, c := range x.cols {
		f := &x.schema.Fields[c.Target.Field]
		v := l.Values[c.Target.Field]
		switch {
		case f.List():
			x.row[i] = listCell(f, x.lists[c.Target.Field], c.Target)
		case f.Kind == lead.User && !f.System:
			x.row[i] = x.users[v]
		case f.Virtual:
			x.row[i] = x.virtual(f.Key, l)
		case f.Kind == lead.Bool:
			x.row[i] = yesNo(v)
		default:
			x.row[i] = v
		}
	}
	return x.row, nil
}

func yesNo(v string) string {
	switch v {
	case "true":
		return "yes"
	case "false":
		return "no"
	}
	return ""
}

// oneCell reports whether a list stands in one cell, whatever it holds.
func oneCell(f *lead.Field) bool { return f.Key == "tags" }

func listCell(f *lead.Field, list []lead.Element, t lead.Target) string {
	if oneCell(f) {
		tags := make([]string, len(list))
		for i, e := range list {
			tags[i] = e.Values[0]
		}
		return strings.Join(tags, ", ")
	}
	if t.Slot > len(list) {
		return ""
	}
	e := list[t.Slot-1]
	if f.Key == "phones" && e.Values[1] != "" && !strings.HasPrefix(e.Values[0], "+") {
		return e.Values[1]
	}
	return e.Values[t.Part]
}

func (x *exporter) virtual(key string, l *exported) string {
	switch key {
	case "id":
		return strconv.FormatInt(l.ID, 10)
	case "version":
		return x.mark + "-" + strconv.FormatInt(l.Version, 10)
	case "created_at":
		return l.Created.UTC().Format(time.RFC3339)
	case "updated_at":
		return l.Updated.UTC().Format(time.RFC3339)
	case "created_by":
		return x.users[strconv.FormatInt(l.CreatedBy, 10)]
	case "import":
		if l.CreatedImport > 0 {
			return strconv.FormatInt(l.CreatedImport, 10)
		}
	}
	return ""
}

// RowWriter takes the rows of a table, the headings first. table has one per
// format.
type RowWriter interface{ Write(cells []string) error }
