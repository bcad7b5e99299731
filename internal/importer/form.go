package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// Input is what a form or program gives for fields: field key → text, number
// or yes/no; for a list field a list whose elements are texts (the first part)
// or objects of part → text. nil, "" and the empty list clear the field; a
// field that is absent is not touched.
type Input map[string]any

// FormError says which values of an Input cannot be taken. Issue.Heading is
// where: "website", "emails.2.email".
type FormError struct{ Issues []Issue }

func (e *FormError) Error() string {
	return fmt.Sprintf("%s: %s", e.Issues[0].Heading, e.Issues[0].Message)
}

// Unwrap makes it an lead.ErrInvalid.
func (e *FormError) Unwrap() error { return lead.ErrInvalid }

// CreateLead makes a lead by hand. Its values are cleaned as a file's are; the
// notices say what was read in another way than written.
func (e *Engine) CreateLead(ctx context.Context, p access.Principal, in Input) (id int64, notices []Issue, err error) {
	if !p.Can(access.LeadCreate) {
		return 0, nil, fmt.Errorf("create leads: %w", lead.ErrForbidden)
	}
	f, err := e.form(ctx, p, in)
	if err != nil {
		return 0, nil, err
	}
	m := &lead.Merger{Schema: f.schema, Key: exactKey, Policies: f.replaceAll()}
	after, fill := m.Create(f.draft.change, lead.Change{}), f.create(&f.draft.defaults, lead.Change{}, f.draft.called)
	for i, v := range fill.Values {
		if after.Values[i] == "" && !f.draft.change.Touched.Has(i) {
			after.Values[i] = v
		}
	}
	if f.schema.Get(after, "name") == "" {
		f.bad("name.missing", "name", "")
		return 0, nil, f.err()
	}
	writes := []Write{{Create: true, After: after}}
	err = e.write(ctx, p, writes)
	return writes[0].Lead, f.notices, err
}

// EditLead changes the fields of an Input, if the lead still has this version;
// lead.ErrConflict if not.
func (e *Engine) EditLead(ctx context.Context, p access.Principal, id, version int64, in Input) (notices []Issue, err error) {
	cur, err := e.one(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if cur.Version != version {
		return nil, fmt.Errorf("lead %d has version %d now, not %d: %w", id, cur.Version, version, lead.ErrConflict)
	}
	if !cur.DeletedAt.IsZero() {
		return nil, fmt.Errorf("lead %d is in the bin; restore it first: %w", id, lead.ErrConflict)
	}
	f, err := e.form(ctx, p, in)
	if err != nil {
		return nil, err
	}
	m := &lead.Merger{Schema: f.schema, Key: exactKey, Policies: f.replaceAll()}
	return f.notices, e.write(ctx, p, []Write{{Lead: id, Before: cur.Record, After: m.Merge(cur.Record, f.draft.change)}})
}

// BinLead puts a lead into the bin, or restores it; lead.ErrConflict if it has
// another version.
func (e *Engine) BinLead(ctx context.Context, p access.Principal, id, version int64, restore bool) error {
	cur, err := e.one(ctx, p, id)
	if err != nil {
		return err
	}
	if cur.Version != version {
		return fmt.Errorf("lead %d has version %d now, not %d: %w", id, cur.Version, version, lead.ErrConflict)
	}
	if cur.DeletedAt.IsZero() == restore {
		return nil // it is there already
	}
	at := e.Now()
	if restore {
		at = time.Time{}
	}
	return e.write(ctx, p, []Write{{Lead: id, Before: cur.Record, After: cur.Record, Binned: cur.DeletedAt, Deleted: &at}})
}

// Comment adds a dated block to a lead's comments, whatever its version: a
// comment overwrites nothing.
func (e *Engine) Comment(ctx context.Context, p access.Principal, id int64, text string) error {
	f, err := e.form(ctx, p, Input{"notes": text})
	if err != nil {
		return err
	}
	slot := f.slot.notes
	text = f.draft.change.Values[slot]
	if text == "" {
		return fmt.Errorf("a comment needs a text: %w", lead.ErrInvalid)
	}
	block := e.Now().In(f.zone).Format("2006-01-02 15:04") + " " + p.User.Display() + "\n" + text
	for tries := 0; ; tries++ {
		cur, err := e.one(ctx, p, id)
		if err != nil {
			return err
		}
		after := cur.Record.Clone()
		if after.Values[slot] != "" {
			after.Values[slot] += "\n\n"
		}
		after.Values[slot] += block
		if most := f.schema.Fields[slot].MaxLen; len(after.Values[slot]) > most {
			return fmt.Errorf("the comments of a lead hold at most %d characters: %w", most, lead.ErrInvalid)
		}
		err = e.write(ctx, p, []Write{{Lead: id, Before: cur.Record, After: after}})
		if !errors.Is(err, lead.ErrConflict) || tries == 5 {
			return err
		}
	}
}

func exactKey(_ lead.Kind, value string) string { return value }

func (e *Engine) one(ctx context.Context, p access.Principal, id int64) (*Lead, error) {
	got, err := e.Leads.Load(ctx, p, []int64{id})
	if err != nil {
		return nil, err
	}
	if len(got) == 0 {
		return nil, fmt.Errorf("lead %d: %w", id, lead.ErrNotFound)
	}
	return &got[0], nil
}

func (e *Engine) write(ctx context.Context, p access.Principal, writes []Write) error {
	return e.Runs.AtOnce(ctx, func(tx Tx) error {
		return tx.Write(ctx, p, Origin{Actor: p.User.ID, At: e.Now()}, writes)
	})
}

// form is an Input as a file of one record, so that its values go the way of a
// file's: each value is a cell under the heading of its target.
type form struct {
	*frame
	draft    *draft
	headings []string
	cells    []string
	clear    []int // slots
	issues   []Issue
	notices  []Issue
}

func (f *form) replaceAll() []lead.Policy { return make([]lead.Policy, len(f.schema.Fields)) } // zero: replace

func (f *form) bad(code, where, value string) {
	rule := newRuleTable(nil, false).rule(code)
	f.issues = append(f.issues, Issue{Code: code, Severity: Error, Heading: where, Field: where, Value: value,
		Message: fill(rule.Text, value, "", where), Remedy: fill(rule.Remedy, value, "", where)})
}

func (f *form) refuse(where, message string) {
	f.issues = append(f.issues, Issue{Code: "field.refused", Severity: Error, Heading: where, Field: where, Message: message})
}

func (f *form) err() error {
	if len(f.issues) == 0 {
		return nil
	}
	return &FormError{f.issues}
}

func (e *Engine) form(ctx context.Context, p access.Principal, in Input) (*form, error) {
	schema, err := e.Dir.Schema(ctx)
	if err != nil {
		return nil, err
	}
	f := &form{frame: &frame{schema: schema}}
	users, err := e.Dir.Users(ctx)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(in)) {
		f.take(key, in[key], users)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	r := &recipe.Recipe{KeepPlaceholders: true}
	for _, h := range f.headings {
		r.Columns = append(r.Columns, recipe.Column{Heading: h, To: []string{h}})
	}
	var text bytes.Buffer
	if err := recipe.Save(&text, r); err != nil {
		return nil, err
	}
	det, err := json.Marshal(table.Detection{Headings: f.headings})
	if err != nil {
		return nil, err
	}
	if f.frame, _, err = e.frame(ctx, p, &Import{Recipe: text.String(), Detection: det, At: e.Now()}); err != nil {
		return nil, err
	}
	list := make([]draft, 1)
	newCleaner(f.frame).draft(&table.Row{Record: 1, Cells: f.cells}, &list[0])
	if err := newLinker(f.frame, e.Dir).prepare(ctx, list); err != nil {
		return nil, err
	}
	f.draft = &list[0]
	for _, slot := range f.clear {
		f.draft.change.Put(slot, "")
	}
	for _, i := range f.draft.issues {
		i.Record, i.Line = 0, 0
		if i.Heading == "" {
			i.Heading = i.Field
		}
		if i.Severity == Error || f.rules.rule(i.Code).LeftOut {
			i.Severity = Error
			f.issues = append(f.issues, i)
		} else {
			f.notices = append(f.notices, i)
		}
	}
	return f, f.err()
}

// take turns one value of an Input into cells.
func (f *form) take(key string, value any, users []access.User) {
	slot := f.schema.Index(key)
	if slot < 0 {
		f.refuse(key, "There is no such field.")
		return
	}
	field := &f.schema.Fields[slot]
	if field.Virtual || field.System {
		f.refuse(key, "This field cannot be changed by hand.")
		return
	}
	list, isList := value.([]any)
	if field.List() {
		if value != nil && value != "" && !isList {
			f.refuse(key, "A list is expected here.")
			return
		}
		f.list(field, slot, list)
		return
	}
	text, ok := scalar(value)
	if !ok {
		f.refuse(key, "A text is expected here.")
		return
	}
	text = strings.TrimSpace(text)
	if text == "" {
		f.empty(field, slot)
		return
	}
	if field.Kind == lead.User {
		for _, u := range users {
			if text == strconv.FormatInt(u.ID, 10) {
				text = u.Username
			}
		}
	}
	f.put(key, text)
}

func (f *form) empty(field *lead.Field, slot int) {
	if field.Required || field.Key == "status" {
		f.bad("required.cleared", field.Key, "")
		return
	}
	f.clear = append(f.clear, slot)
}

func (f *form) put(heading, text string) {
	f.headings, f.cells = append(f.headings, heading), append(f.cells, text)
}

func (f *form) list(field *lead.Field, slot int, list []any) {
	n := 0
	var tags []string
	for _, e := range list {
		where := fmt.Sprintf("%s.%d", field.Key, n+1)
		parts, isObject := e.(map[string]any)
		if !isObject {
			parts = map[string]any{field.Parts[0].Key: e}
		}
		took := false
		for _, key := range slices.Sorted(maps.Keys(parts)) {
			part := slices.IndexFunc(field.Parts, func(p lead.Part) bool { return p.Key == key })
			text, ok := scalar(parts[key])
			switch {
			case key == "id" && isObject && field.Key != "external_id":
				continue // of the element; elements keep theirs by what they hold and where they stand
			case key == "shown" && field.Key == "phones":
				continue // made from the number
			case part < 0:
				f.refuse(where+"."+key, "There is no such part.")
				continue
			case !ok:
				f.refuse(where+"."+key, "A text is expected here.")
				continue
			case field.Parts[part].Derived:
				continue
			}
			if text = strings.TrimSpace(text); text == "" {
				continue
			}
			took = true
			if field.Key == "tags" {
				tags = append(tags, text)
			} else {
				f.put(where+"."+key, text)
			}
		}
		if took {
			n++
		}
	}
	if len(tags) > 0 {
		f.put("tags.1.tag", strings.Join(tags, ";"))
	}
	if n == 0 {
		f.empty(field, slot)
	}
}

// scalar is a JSON value as the text of a cell.
func scalar(v any) (string, bool) {
	switch x := v.(type) {
	case nil:
		return "", true
	case string:
		return x, true
	case bool:
		return strconv.FormatBool(x), true
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64), true
	case int64:
		return strconv.FormatInt(x, 10), true
	}
	return "", false
}
