package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// filterBody is the list's parameters as JSON.
type filterBody struct {
	Q        string `json:"q,omitempty" maxLength:"200"`
	Status   string `json:"status,omitempty"`
	Source   string `json:"source,omitempty"`
	Owner    string `json:"owner,omitempty"`
	Import   int64  `json:"import,omitempty"`
	Changed  int64  `json:"changed_import,omitempty"`
	Last     bool   `json:"last_import,omitempty"`
	Open     bool   `json:"open,omitempty"`
	Fresh    bool   `json:"untouched,omitempty"`
	Tag      string `json:"tag,omitempty"`
	Country  string `json:"country,omitempty"`
	Domain   string `json:"domain,omitempty"`
	FollowUp string `json:"follow_up,omitempty"`
	Linked   string `json:"linked,omitempty"`
	Bin      bool   `json:"bin,omitempty"`
}

// Selection is which leads: these, or those of a filter.
type Selection struct {
	IDs    []int64     `json:"ids,omitempty" maxItems:"50000"`
	Filter *filterBody `json:"filter,omitempty" doc:"As the list's parameters; an empty one is all leads"`
}

func (s *Selection) query(p access.Principal) (LeadQuery, error) {
	switch {
	case (s.Filter == nil) == (len(s.IDs) == 0):
		return LeadQuery{}, fmt.Errorf("say which leads: either ids or a filter: %w", lead.ErrInvalid)
	case s.Filter == nil:
		return LeadQuery{IDs: s.IDs}, nil
	}
	f := LeadFilters(*s.Filter)
	return f.query(p), nil
}

// list is the query of what a bulk request works on: leads are restored from
// the bin, whatever else is done is done outside of it.
func (b *bulkBody) list(p access.Principal) (LeadQuery, error) {
	q, err := b.query(p)
	if b.Filter == nil || b.Restore {
		q.Deleted = b.Restore
	}
	return q, err
}

// bulkBody is what to do with them; exactly one.
type bulkBody struct {
	Selection
	Assign    *int64   `json:"assign,omitempty" doc:"Owner; 0 for none"`
	Status    string   `json:"status,omitempty" doc:"An option's id"`
	AddTags   []string `json:"add_tags,omitempty" maxItems:"20"`
	DropTags  []string `json:"remove_tags,omitempty" maxItems:"20"`
	Delete    bool     `json:"delete,omitempty" doc:"Into the bin"`
	Restore   bool     `json:"restore,omitempty" doc:"Back from the bin"`
	CountOnly bool     `json:"count_only,omitempty" doc:"Only say how many leads that is"`
}

type bulkAnswer struct {
	Import    int64 `json:"import,omitempty" doc:"Undo it as an import; absent where nothing changed"`
	Leads     int64 `json:"leads" doc:"Selected"`
	Changed   int64 `json:"changed"`
	Unchanged int64 `json:"unchanged"`
	Skipped   int64 `json:"skipped" doc:"May be seen, not changed"`
}

func (a *API) bulkRoutes() {
	add(a, route{Method: "POST", Path: "/leads/bulk", Needs: access.LeadEdit, Tag: "Leads", Summary: "Assign, set the status, tag, delete or restore many leads; can be undone", MaxBody: 4 << 20},
		func(ctx context.Context, p access.Principal, in *struct{ Body bulkBody }) (*body[bulkAnswer], error) {
			out, err := a.bulk(ctx, p, &in.Body)
			return answerOf(out), err
		})
	add(a, route{Method: "POST", Path: "/leads/merge", Needs: access.LeadEdit, Tag: "Leads", Summary: "Merge leads into one; can be undone"},
		func(ctx context.Context, p access.Principal, in *struct{ Body mergeBody }) (*body[bulkAnswer], error) {
			out, err := a.merge(ctx, p, &in.Body)
			return answerOf(out), err
		})
}

func (a *API) bulk(ctx context.Context, p access.Principal, b *bulkBody) (out bulkAnswer, err error) {
	q, err := b.list(p)
	if err != nil {
		return out, err
	}
	if b.CountOnly {
		out.Leads, err = a.Store.CountQuery(ctx, p, q, 50_001)
		return out, err
	}
	name, edit, err := a.editOf(ctx, p, b)
	if err != nil {
		return out, err
	}
	imp, acc, err := a.Store.Operate(ctx, p, name, q, edit)
	return bulkOf(imp, acc), err
}

func bulkOf(imp *importer.Import, acc importer.Accounting) bulkAnswer {
	out := bulkAnswer{Leads: acc.Records, Changed: acc.Update, Unchanged: acc.Unchanged, Skipped: acc.Skipped}
	if imp != nil {
		out.Import = imp.ID
	}
	return out
}

// editFunc is the change of one lead, nil to leave it.
type editFunc = func(*Lead) (*importer.Write, error)

// editOf is the change that a bulk request asks for, with its name.
func (a *API) editOf(ctx context.Context, p access.Principal, b *bulkBody) (string, editFunc, error) {
	asked := 0
	for _, is := range []bool{b.Assign != nil, b.Status != "", len(b.AddTags)+len(b.DropTags) > 0, b.Delete, b.Restore} {
		if is {
			asked++
		}
	}
	if asked != 1 {
		return "", nil, fmt.Errorf("say one thing to do: assign, status, add_tags and remove_tags, delete, or restore: %w", lead.ErrInvalid)
	}
	s, err := a.Store.Schema(ctx)
	if err != nil {
		return "", nil, err
	}
	put := func(key, value string) editFunc {
		slot := s.Index(key)
		return func(l *Lead) (*importer.Write, error) {
			if l.Values[slot] == value {
				return nil, nil
			}
			w := &importer.Write{After: l.Record.Clone()}
			w.After.Values[slot] = value
			return w, nil
		}
	}
	switch {
	case b.Assign != nil:
		owner, who := "", "nobody"
		if *b.Assign != 0 {
			u, err := a.Store.UserByID(ctx, *b.Assign)
			if err != nil || u.Disabled || !p.Reaches(access.LeadAssign, u.ID, u.Team) {
				return "", nil, fmt.Errorf("you may not assign leads to user %d: %w", *b.Assign, lead.ErrInvalid)
			}
			owner, who = strconv.FormatInt(u.ID, 10), u.Display()
		} else if p.Grants[access.LeadAssign] != access.All {
			return "", nil, fmt.Errorf("you may not take leads from their owners: %w", lead.ErrForbidden)
		}
		return "Assign to " + who, put("owner", owner), nil
	case b.Status != "":
		options := s.Field("status").Options
		i := slices.IndexFunc(options, func(o lead.Option) bool { return o.ID == b.Status && !o.Retired })
		if i < 0 {
			return "", nil, fmt.Errorf("there is no status %q: %w", b.Status, lead.ErrInvalid)
		}
		return "Status: " + options[i].Label, put("status", b.Status), nil
	case b.Delete:
		at := a.Now()
		return "Delete", func(l *Lead) (*importer.Write, error) {
			if !l.DeletedAt.IsZero() {
				return nil, nil
			}
			return &importer.Write{Deleted: &at}, nil
		}, nil
	case b.Restore:
		return "Restore", func(l *Lead) (*importer.Write, error) {
			if l.DeletedAt.IsZero() {
				return nil, nil
			}
			return &importer.Write{Deleted: &time.Time{}}, nil
		}, nil
	}
	return a.tagEdit(s, b)
}

func (a *API) tagEdit(s *lead.Schema, b *bulkBody) (string, editFunc, error) {
	slot := s.Index("tags")
	f := &s.Fields[slot]
	for _, t := range append(slices.Clone(b.AddTags), b.DropTags...) {
		if t = strings.TrimSpace(t); t == "" || len(t) > 255 || strings.ContainsAny(t, ",;\x00\n\r") {
			return "", nil, fmt.Errorf("a tag has 1 to 255 characters, without comma or semicolon: %w", lead.ErrInvalid)
		}
	}
	same := func(tags []string, e lead.Element) bool {
		return slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(strings.TrimSpace(t), e.Values[0]) })
	}
	edit := func(l *Lead) (*importer.Write, error) {
		list := lead.DecodeList(f.Parts, l.Values[slot])
		next := l.Version<<10 + 1 // above every id the list had (lead.Merger)
		for _, e := range list {
			next = max(next, e.ID+1)
		}
		list = slices.DeleteFunc(list, func(e lead.Element) bool { return same(b.DropTags, e) })
		for _, t := range b.AddTags {
			if t = strings.TrimSpace(t); !slices.ContainsFunc(list, func(e lead.Element) bool { return same([]string{t}, e) }) {
				values := make([]string, len(f.Parts))
				values[0] = t
				list = append(list, lead.Element{ID: next, Values: values})
				next++
			}
		}
		text := lead.EncodeList(f.Parts, list)
		if text == l.Values[slot] {
			return nil, nil
		}
		w := &importer.Write{After: l.Record.Clone()}
		w.After.Values[slot] = text
		return w, nil
	}
	return "Tags", edit, nil
}

// mergeFrom is a lead that goes into another.
type mergeFrom struct {
	ID      int64 `json:"id" minimum:"1"`
	Version int64 `json:"version" doc:"As it was read"`
}

// mergeBody says which leads become one.
type mergeBody struct {
	Into    int64            `json:"into" minimum:"1"`
	From    []mergeFrom      `json:"from" minItems:"1" maxItems:"2" doc:"They go into the bin"`
	Version int64            `json:"version" doc:"Of into, as it was read"`
	Fields  map[string]int64 `json:"fields,omitempty" doc:"Field key → the lead whose value it gets; else into keeps its own, and blanks are filled"`
}

// merge makes the record and applies it as one operation. A list field gets
// the elements of all, unless it is chosen.
func (a *API) merge(ctx context.Context, p access.Principal, b *mergeBody) (out bulkAnswer, err error) {
	s, err := a.Store.Schema(ctx)
	if err != nil {
		return out, err
	}
	if !p.Can(access.LeadDelete) {
		return out, fmt.Errorf("merging puts leads into the bin, which you may not: %w", lead.ErrForbidden)
	}
	all := map[int64]*Lead{}
	read := func(id, version int64) (*Lead, error) {
		l, err := a.Store.Get(ctx, p, id)
		if err != nil {
			return nil, err
		}
		switch {
		case all[id] != nil:
			return nil, fmt.Errorf("a lead cannot be merged with itself: %w", lead.ErrInvalid)
		case l.Version != version:
			return nil, stale(l.Version)
		case !l.DeletedAt.IsZero():
			return nil, fmt.Errorf("lead %d is in the bin: %w", id, lead.ErrConflict)
		case !p.Reaches(access.LeadEdit, l.Owner, l.OwnerTeam) || id != b.Into && !p.Reaches(access.LeadDelete, l.Owner, l.OwnerTeam):
			return nil, fmt.Errorf("you may not merge lead %d: %w", id, lead.ErrForbidden)
		}
		all[id] = l
		return l, nil
	}
	into, err := read(b.Into, b.Version)
	if err != nil {
		return out, err
	}
	m := lead.Merger{Schema: s, Key: func(_ lead.Kind, v string) string { return strings.ToLower(v) }, Policies: lead.FollowerPolicies(s, nil)}
	after := into.Record
	for _, f := range b.From {
		l, err := read(f.ID, f.Version)
		if err != nil {
			return out, err
		}
		change := s.NewChange()
		for i, v := range l.Values {
			if v != "" {
				change.Put(i, v)
			}
		}
		after = m.Merge(after, change)
	}
	for key, id := range b.Fields {
		slot := s.Index(key)
		if slot < 0 || s.Fields[slot].Virtual || all[id] == nil {
			return out, fmt.Errorf("fields: %q of lead %d: %w", key, id, lead.ErrInvalid)
		}
		if v := all[id].Values[slot]; v != "" || !s.Fields[slot].Required {
			after.Values[slot] = v
		}
	}
	at := a.Now()
	q := LeadQuery{IDs: []int64{b.Into}}
	for _, f := range b.From {
		q.IDs = append(q.IDs, f.ID)
	}
	imp, acc, err := a.Store.Operate(ctx, p, "Merge", q, func(l *Lead) (*importer.Write, error) {
		switch {
		case all[l.ID].Version != l.Version:
			return nil, stale(l.Version)
		case l.ID != b.Into:
			return &importer.Write{Deleted: &at}, nil
		case !lead.Diff(l.Record, after).Empty():
			return &importer.Write{After: after}, nil
		}
		return nil, nil
	})
	return bulkOf(imp, acc), err
}
