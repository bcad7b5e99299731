package importer

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// Exporter streams leads in id order.
type Exporter interface {
	// EachLead calls f for every lead that is not deleted and that the
	// principal may export; f's error stops it.
	EachLead(ctx context.Context, p access.Principal, f func(Lead, Stamps) error) error
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
	most := make([]int, len(schema.Fields)) // elements of the fullest lead
	err = from.EachLead(ctx, p, func(l Lead, _ Stamps) error {
		for i := range schema.Fields {
			if f := &schema.Fields[i]; f.List() && l.Values[i] != "" {
				most[i] = max(most[i], len(lead.DecodeList(f.Parts, l.Values[i])))
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	cols := columns(schema, func(_ *lead.Field, slot int) int { return max(1, most[slot]) }, func(f *lead.Field) bool {
		if len(fields) > 0 {
			return slices.Contains(fields, f.Key) || f.Key == "id" || f.Key == "version"
		}
		return (system || !f.System) && f.Key != "organization"
	})
	if err := w.Write(headingsOf(cols)); err != nil {
		return 0, err
	}
	x := exporter{schema: schema, cols: cols, users: users, mark: mark, row: make([]string, len(cols))}
	var n int64
	err = from.EachLead(ctx, p, func(l Lead, st Stamps) error {
		n++
		return w.Write(x.cells(l, st))
	})
	return n, err
}

type exporter struct {
	schema *lead.Schema
	cols   []Column
	users  map[string]string
	mark   string
	row    []string
}

func (x *exporter) cells(l Lead, st Stamps) []string {
	lists := make([][]lead.Element, len(x.schema.Fields))
	for i, c := range x.cols {
		f := &x.schema.Fields[c.Target.Field]
		v := l.Values[c.Target.Field]
		switch {
		case f.List():
			if lists[c.Target.Field] == nil && v != "" {
				lists[c.Target.Field] = lead.DecodeList(f.Parts, v)
			}
			x.row[i] = listCell(f, lists[c.Target.Field], c.Target)
		case f.Kind == lead.User && !f.System:
			x.row[i] = x.users[v]
		case f.Virtual:
			x.row[i] = x.virtual(f.Key, l, st)
		case f.Kind == lead.Bool && v != "":
			x.row[i] = map[string]string{"true": "yes", "false": "no"}[v]
		default:
			x.row[i] = v
		}
	}
	return x.row
}

func listCell(f *lead.Field, list []lead.Element, t lead.Target) string {
	if f.Key == "tags" {
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

func (x *exporter) virtual(key string, l Lead, st Stamps) string {
	switch key {
	case "id":
		return strconv.FormatInt(l.ID, 10)
	case "version":
		return x.mark + "-" + strconv.FormatInt(l.Version, 10)
	case "created_at":
		return st.Created.UTC().Format(time.RFC3339)
	case "updated_at":
		return st.Updated.UTC().Format(time.RFC3339)
	case "created_by":
		return x.users[strconv.FormatInt(st.CreatedBy, 10)]
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
