package importer

import (
	"iter"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// cleaner turns rows into drafts. Each worker has its own.
type cleaner struct {
	*frame
	memo   []*memo          // per input; nil: its cells are cleaned one by one
	idLike []bool           // per input: phones, postal codes or ids
	lists  [][]lead.Element // per slot, of the record at hand
	listed []int            // the slots of lists
	parts  []string         // of their elements, used anew for each record
	used   int              // of parts
	extra  []string         // further e-mails of a cell
	notes  []string
	tags   []string
	phone  []phoneCell
	in     *recipe.Input // the column at hand
	slab   slab
	maker  keyMaker
	set    keySet
	buf    []byte
}

// cleaned is what a cell became.
type cleaned struct {
	value   string
	finding norm.Finding
	asks    []tie // what it means was asked for, answered or not
}

type phoneCell struct {
	in    *recipe.Input
	slot  int
	value string
}

func newCleaner(f *frame) *cleaner {
	c := &cleaner{frame: f, memo: make([]*memo, len(f.program.Inputs)), lists: make([][]lead.Element, len(f.schema.Fields))}
	for i := range f.program.Inputs {
		in := &f.program.Inputs[i]
		c.idLike = append(c.idLike, f.idLike(in))
		if f.repeats(in) {
			c.memo[i] = &memo{}
		}
	}
	for i := range f.schema.Fields {
		if f.schema.Fields[i].List() {
			c.listed = append(c.listed, i)
		}
	}
	c.maker.slab = &c.slab
	return c
}

// draft cleans one record.
func (c *cleaner) draft(row *table.Row, d *draft) {
	*d = draft{record: row.Record, line: row.Line, offset: row.Offset, change: c.emptied(d.change), empties: d.empties[:0], asks: d.asks[:0]}
	d.cells = c.overlay(row)
	for _, f := range c.fixes[row.Offset] {
		if f.Column == answerColumn {
			d.answer = parseAnswer(f.New)
			f.used.Store(true)
		}
	}
	if c.homeRecord >= 0 {
		d.homeImport, _ = strconv.ParseInt(cell(d.cells, c.homeImport), 10, 64)
		d.homeRecord, _ = strconv.ParseInt(cell(d.cells, c.homeRecord), 10, 64)
	}
	c.damage(row, d)
	for _, i := range c.listed {
		c.lists[i] = c.lists[i][:0]
	}
	c.extra, c.notes, c.tags, c.phone, c.used = c.extra[:0], c.notes[:0], c.tags[:0], c.phone[:0], 0
	for i := range c.program.Inputs {
		c.in = &c.program.Inputs[i]
		c.column(i, d)
	}
	c.in = nil
	c.addresses(d)
	c.phones(d)
	c.emails(d)
	c.same(d)
	c.finish(d)
	c.identify(d)
	d.planned = c.plannedHash(d)
}

// emptied makes the change of an earlier batch's record one of nothing.
func (c *cleaner) emptied(old lead.Change) lead.Change {
	if old.Values == nil {
		return c.schema.NewChange()
	}
	clear(old.Touched)
	clear(old.Values)
	return old
}

// overlay applies the fixes of a record whose old text still stands (rule 8.1).
func (c *cleaner) overlay(row *table.Row) []string {
	fixes := c.fixes[row.Offset]
	if len(fixes) == 0 {
		return row.Cells
	}
	cells := append([]string(nil), row.Cells...)
	for _, f := range fixes {
		if f.Column < 0 || f.Column >= len(c.headings) || cell(cells, f.Column) != f.Old {
			continue
		}
		for len(cells) <= f.Column { // a record that ends early
			cells = append(cells, "")
		}
		cells[f.Column] = f.New
		f.used.Store(true)
	}
	return cells
}

// damage notes what is wrong with the record as such (rules 1.2, 1.4).
func (c *cleaner) damage(row *table.Row, d *draft) {
	if row.Problem != "" && row.Problem != table.Undecodable {
		c.issue(d, row.Problem, "", "", "")
	}
	for _, b := range row.Bad {
		for i := range c.program.Inputs {
			if c.program.Inputs[i].Column == b.Column {
				c.in = &c.program.Inputs[i]
				c.issue(d, table.Undecodable, "", cell(row.Cells, b.Column), hexBytes(b.Bytes)+" at byte "+strconv.FormatInt(b.Offset, 10))
				break
			}
		}
	}
	c.in = nil
	if row.Missing > 0 {
		c.issue(d, "row.missing_cells", "", "", "")
	}
	if row.Notice != "" {
		c.issue(d, row.Notice, "", "", "")
	}
}

// column cleans one cell and puts it where the recipe says.
func (c *cleaner) column(n int, d *draft) {
	in, memo := c.in, c.memo[n]
	if memo != nil {
		if m := memo.find(cell(d.cells, in.Column)); m != nil {
			c.put(d, in.Targets[0], m.value, m.got)
			return
		}
	}
	value, err := in.Value(d.cells)
	if err != nil {
		c.issue(d, "expr.failed", "", cell(d.cells, in.Column), err.Error())
		return
	}
	value = norm.Unprotect(norm.Clean(value), c.idLike[n])
	filled := value != ""
	if value != "" && !c.recipe.KeepPlaceholders {
		if code := norm.Absent(value); code != "" {
			c.issue(d, code, "", value, "")
			value = ""
		}
	} else if value != "" && norm.Absent(value) == norm.CodeExcelError {
		c.issue(d, norm.CodeExcelError, "", value, "")
		value = ""
	}
	if value == "" {
		c.blank(d, filled)
		return
	}
	if value == c.recipe.ClearToken {
		for _, t := range in.Targets {
			c.clear(d, t)
		}
		return
	}
	if in.Full != nil {
		c.fullName(d, value)
	}
	if in.Comments {
		c.notes = append(c.notes, in.Heading+": "+value)
	}
	if in.Tags {
		c.tag(in.Heading+": ", value)
	}
	if len(in.Targets) == 1 {
		c.target(n, d, in.Targets[0], value)
		return
	}
	pieces := in.Pieces(value)
	for i, t := range in.Targets {
		if pieces[i] != "" {
			c.target(n, d, t, pieces[i])
		}
	}
}

// idLike reports whether a column holds phones, postal codes or ids, where a
// protective ' also stands before a digit (rule 3.1).
func (f *frame) idLike(in *recipe.Input) bool {
	for _, t := range in.Targets {
		switch fl := &f.schema.Fields[t.Field]; {
		case fl.Key == "phones", fl.Key == "external_id", fl.Key == "id", fl.Kind == lead.Phone,
			fl.Key == "addresses" && fl.Parts[t.Part].Key == "postal_code":
			return true
		}
	}
	return false
}

// blank notes the fields whose cell is blank: a blank never erases, unless the
// recipe says so for the column (rule 6.2).
func (c *cleaner) blank(d *draft, filled bool) {
	for _, t := range c.in.Targets {
		if !filled { // a placeholder in an export is what the lead holds
			d.empties = append(d.empties, t.Field)
		}
		if c.program.Erases.Has(t.Field) {
			c.clear(d, t)
		}
	}
}

func (c *cleaner) clear(d *draft, t lead.Target) {
	f := &c.schema.Fields[t.Field]
	if f.Required {
		c.issue(d, "required.cleared", f.Key, "", "")
		return
	}
	if !f.Virtual && !d.change.Touched.Has(t.Field) {
		d.change.Put(t.Field, "")
	}
}

// target cleans a value for one field and stores it.
func (c *cleaner) target(n int, d *draft, t lead.Target, value string) {
	f := &c.schema.Fields[t.Field]
	kind, maxLen := f.Kind, f.MaxLen
	if f.List() {
		kind, maxLen = f.Parts[t.Part].Kind, f.Parts[t.Part].MaxLen
	}
	switch {
	case f.Virtual:
		c.virtual(d, f, value)
		return
	case f.Key == "tags":
		c.tag("", value)
		return
	case f.Key == "phones":
		c.phone = append(c.phone, phoneCell{c.in, t.Slot, value})
		return
	case f.Key == "emails":
		c.email(d, f, t, value)
		return
	case f.Key == "external_id" && t.Part == 0 && norm.Scientific(value):
		c.issue(d, norm.CodeExcelScientific, f.Key, value, "")
		return
	}
	if col := c.column0(); col >= 0 && c.zeros[col] && lostZero(value) {
		c.issue(d, "cell.lost_zeros", f.Key, value, "")
	}
	got := c.cleanKind(d, f, kind, maxLen, value)
	if memo := c.memo[n]; memo != nil {
		memo.add(cell(d.cells, c.in.Column), value, got)
	}
	c.put(d, t, value, got)
}

// put stores what a value of one field became.
func (c *cleaner) put(d *draft, t lead.Target, value string, got cleaned) {
	f := &c.schema.Fields[t.Field]
	out, ok := c.take(d, f, value, got)
	switch {
	case !ok:
	case f.List():
		c.part(t, f, out)
	default:
		d.change.Put(t.Field, out)
	}
}

// tag adds the tags of a text, which are split by comma or semicolon: no tag
// holds one, so that a cell can hold them all.
func (c *cleaner) tag(prefix, text string) {
	for tag := range split(text) {
		c.tags = append(c.tags, prefix+tag)
	}
}

// split cuts a cell of several values.
func split(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for more := true; more; {
			i, v := strings.IndexAny(text, ",;"), text
			if more = i >= 0; more {
				v, text = text[:i], text[i+1:]
			}
			if v = norm.Clean(v); v != "" && !yield(v) {
				return
			}
		}
	}
}

// part sets one part of a list element of the record at hand.
func (c *cleaner) part(t lead.Target, f *lead.Field, value string) {
	list := c.lists[t.Field]
	for len(list) < t.Slot {
		list = append(list, lead.Element{})
	}
	e := &list[t.Slot-1]
	if e.Values == nil {
		e.Values = c.element(f)
	}
	e.Values[t.Part] = value
	c.lists[t.Field] = list
}

// element is room for the parts of a list element of the record at hand.
func (c *cleaner) element(f *lead.Field) []string {
	n := len(f.Parts)
	if len(c.parts)-c.used < n {
		c.parts, c.used = make([]string, max(256, n)), 0
	}
	c.used += n
	out := c.parts[c.used-n : c.used : c.used]
	clear(out)
	return out
}

// virtual takes the columns that say something about the record rather than
// about the lead.
func (c *cleaner) virtual(d *draft, f *lead.Field, value string) {
	switch f.Key {
	case "id":
		id, err := strconv.ParseInt(value, 10, 64)
		if err != nil || id <= 0 {
			c.issue(d, "id.not_integer", f.Key, value, "")
			return
		}
		d.id = id
	case "version":
		mark, version, _ := strings.Cut(value, "-")
		if n, err := strconv.ParseInt(version, 10, 64); err == nil && mark == c.mark && c.mark != "" {
			d.version, d.trusted = n, true
		}
	case "organization":
		if c.org != "" && norm.Fold(value) != norm.Fold(c.org) {
			c.issue(d, "organization.other", f.Key, value, "")
		}
	}
}

// take turns a finding into an issue; it reports whether the value stands.
func (c *cleaner) take(d *draft, f *lead.Field, value string, got cleaned) (string, bool) {
	d.asks = append(d.asks, got.asks...)
	if got.finding.Code == "" {
		return got.value, got.value != ""
	}
	if got.finding.Code == codeTag { // an answered value that is kept as a tag
		c.tag("", value)
		return "", false
	}
	if got.finding.Suggestion != "" && c.recipe.AcceptSuggestions {
		return got.finding.Suggestion, true
	}
	detail := got.value
	if detail == "" {
		detail = got.finding.Detail
	}
	c.finding(d, f.Key, value, got.finding.Code, detail, got.finding.Suggestion)
	return got.value, got.value != ""
}

// codeTag is not an issue: it marks values that an answer keeps as tags.
const codeTag = "\x00tag"

func (c *cleaner) cleanKind(d *draft, f *lead.Field, kind lead.Kind, maxLen int, value string) (out cleaned) {
	switch kind {
	case lead.LongText:
		out.value, out.finding = norm.Text(value, maxLen, true)
	case lead.Integer:
		out = c.integer(value)
	case lead.Decimal:
		out.value, out.finding = norm.Decimal(value, c.mark0())
	case lead.Date, lead.DateTime:
		out = c.date(kind, value)
	case lead.Bool:
		out.value, out.finding = norm.Bool(value)
	case lead.Email:
		out.value, out.finding = norm.Email(value)
	case lead.Phone:
		out.value, out.finding = norm.Phone(value, c.country)
	case lead.URL:
		out.value, out.finding = norm.URL(value)
	case lead.Country:
		out.value, out.finding = norm.CountryCode(value)
	case lead.Choice:
		out = c.choice(f, value)
	case lead.MultiChoice:
		out = c.choices(f, value)
	case lead.User:
		out = c.user(f, value)
	default: // text, links by name, regions: settled later with the country
		out.value, out.finding = norm.Text(value, maxLen, false)
	}
	return out
}

// date reads a date in its column's order; a column of the spreadsheet's serial
// numbers is read as such (rule 3.3).
func (c *cleaner) date(kind lead.Kind, value string) (out cleaned) {
	serial := false
	if col := c.column0(); col >= 0 {
		serial = c.serial[col]
	}
	switch {
	case serial && kind == lead.Date:
		out.value, out.finding = norm.DateSerial(value)
	case serial:
		out.value, out.finding = norm.DateTimeSerial(value, c.zone)
	}
	switch {
	case out.value != "":
	case kind == lead.Date:
		out.value, out.finding = norm.Date(value, c.order0())
	default:
		out.value, out.finding = norm.DateTime(value, c.order0(), c.zone)
	}
	return out
}

func (c *cleaner) integer(value string) cleaned {
	v, f := norm.Integer(value, c.mark0(), 0)
	if f.Code != norm.CodeIntegerRange {
		return cleaned{value: v, finding: f}
	}
	f.Suggestion = "" // one repair for the column, not a guess for the cell
	lower, upper, ok := norm.IntegerRange(value, c.mark0())
	switch {
	case !ok || c.in == nil:
	case c.in.Range == "lower" && lower != "":
		return cleaned{value: lower}
	case c.in.Range == "upper" && upper != "":
		return cleaned{value: upper}
	case c.in.Range == "empty":
		return cleaned{}
	}
	return cleaned{value: v, finding: f}
}

func (c *cleaner) choice(f *lead.Field, value string) cleaned {
	if id, ok := norm.ChoiceID(value, f.Options); ok {
		return cleaned{value: id}
	}
	out := cleaned{asks: []tie{askTie(f.Key, norm.Fold(value))}}
	if a, ok := c.recipe.Answer(f.Key, value); ok {
		switch a.Do {
		case recipe.Use:
			out.value = a.Value
		case recipe.AddOption:
			out.value = norm.OptionID(a.Value) // Start adds it
		case recipe.KeepAsTag:
			out.finding.Code = codeTag
		}
		return out
	}
	out.finding.Code = "choice.unknown"
	if f.Key == "status" {
		out.finding.Code = "status.unknown"
	}
	return out
}

func (c *cleaner) choices(f *lead.Field, value string) cleaned {
	var ids []string
	var out cleaned
	for v := range split(value) {
		got := c.choice(f, v)
		out.asks = append(out.asks, got.asks...)
		if got.value != "" {
			ids = append(ids, got.value)
		} else if out.finding.Code == "" {
			out.finding = got.finding
		}
	}
	out.value = strings.Join(ids, ";")
	return out
}

func (c *cleaner) user(f *lead.Field, value string) (out cleaned) {
	u, ok := c.users.find(value)
	if !ok {
		out.asks = []tie{askTie(f.Key, norm.Fold(value))}
		if a, answered := c.recipe.Answer(f.Key, value); answered {
			if a.Do != recipe.Use {
				return out
			}
			u, ok = c.users.find(a.Value)
		}
	}
	switch {
	case !ok:
		out.finding.Code = "owner.unknown"
	case !c.principal.Reaches(access.LeadAssign, u.ID, u.Team):
		out.finding.Code = "owner.not_assignable"
	default:
		out.value = strconv.FormatInt(u.ID, 10)
	}
	return out
}

// column0 is the file column at hand, -1 for a computed one.
func (c *cleaner) column0() int {
	if c.in != nil && c.in.Column < len(c.orders) {
		return c.in.Column
	}
	return -1
}

func (c *cleaner) mark0() norm.Marks {
	if col := c.column0(); col >= 0 {
		return c.marks[col]
	}
	return norm.Marks{}
}

func (c *cleaner) order0() norm.Order {
	if col := c.column0(); col >= 0 {
		return c.orders[col]
	}
	return norm.Unknown
}

func (c *cleaner) fullName(d *draft, value string) {
	full := c.in.Full
	prefix, first, middle, last, suffix := norm.SplitFullName(value)
	for _, x := range [...]struct {
		slot  int
		value string
	}{{full.Prefix, prefix}, {full.First, first}, {full.Middle, middle}, {full.Last, last}, {full.Suffix, suffix}, {full.Lead, value}} {
		if slot, v := x.slot, x.value; slot >= 0 && v != "" {
			if v, f := norm.Text(v, c.schema.Fields[slot].MaxLen, false); f.Code == "" {
				d.change.Put(slot, v)
			} else {
				c.finding(d, c.schema.Fields[slot].Key, v, f.Code, f.Detail, "")
			}
		}
	}
}

// email takes a cell of one or several addresses: the first goes to its slot,
// the others after all slots.
func (c *cleaner) email(d *draft, f *lead.Field, t lead.Target, value string) {
	if strings.Count(value, "@") < 2 {
		v, finding := norm.Email(value)
		if v, ok := c.take(d, f, value, cleaned{value: v, finding: finding}); ok {
			c.part(t, f, v)
		}
		return
	}
	values, findings := norm.Emails(value)
	for _, x := range findings {
		c.finding(d, f.Key, value, x.Code, x.Detail, "")
	}
	for i, v := range values {
		if i == 0 {
			c.part(t, f, v)
		} else {
			c.extra = append(c.extra, v)
		}
	}
}

func (c *cleaner) emails(d *draft) {
	f := &c.schema.Fields[c.slot.emails]
	for _, v := range c.extra {
		c.part(lead.Target{Field: c.slot.emails, Slot: len(c.lists[c.slot.emails]) + 1}, f, v)
	}
}

// phones reads the phone cells once the record's country is known.
func (c *cleaner) phones(d *draft) {
	if len(c.phone) == 0 {
		return
	}
	f := &c.schema.Fields[c.slot.phones]
	country := c.country
	for _, a := range c.lists[c.slot.addresses] {
		if a.Values != nil && a.Values[c.address.country] != "" {
			country = a.Values[c.address.country]
			break
		}
	}
	for _, p := range c.phone {
		c.in = p.in
		v, finding := norm.Phone(p.value, country)
		if v, ok := c.take(d, f, p.value, cleaned{value: v, finding: finding}); ok {
			t := lead.Target{Field: c.slot.phones, Slot: p.slot}
			c.part(t, f, v)
			t.Part = 1
			c.part(t, f, p.value)
		}
	}
	c.in = nil
}

// same applies what is the same for every record (rule 2.4): constants to the
// change, defaults to what a new lead starts with.
func (c *cleaner) same(d *draft) {
	d.defaults = c.defaults
	for _, s := range c.program.Same {
		f := &c.schema.Fields[s.Target.Field]
		switch {
		case f.Key == "tags":
			c.tag("", s.Value)
		case s.Constant && f.List():
			c.part(s.Target, f, s.Value)
		case s.Constant:
			d.change.Put(s.Target.Field, s.Value)
		}
	}
}

// defaultsOf is what a new lead of any record starts with.
func (f *frame) defaultsOf() lead.Change {
	out := f.schema.NewChange()
	for _, s := range f.program.Same {
		switch fl := &f.schema.Fields[s.Target.Field]; {
		case fl.Key == "tags", s.Constant:
		case fl.List():
			e := lead.Element{Values: make([]string, len(fl.Parts))}
			e.Values[s.Target.Part] = s.Value
			out.Put(s.Target.Field, lead.EncodeList(fl.Parts, []lead.Element{e}))
		default:
			out.Put(s.Target.Field, s.Value)
		}
	}
	if !out.Touched.Has(f.slot.status) {
		out.Put(f.slot.status, "new")
	}
	if !out.Touched.Has(f.slot.owner) {
		out.Put(f.slot.owner, f.owner)
	}
	return out
}

// finish writes lists, comments and tags into the change and makes the name of
// a new lead that has none (lead-fields.md, name).
func (c *cleaner) finish(d *draft) {
	if len(c.notes) > 0 {
		text := strings.Join(c.notes, "\n")
		if old := d.change.Values[c.slot.notes]; old != "" {
			text = old + "\n" + text
		}
		d.change.Put(c.slot.notes, text)
	}
	for _, tag := range c.tags {
		if tag != "" {
			f := &c.schema.Fields[c.slot.tags]
			c.part(lead.Target{Field: c.slot.tags, Slot: len(c.lists[c.slot.tags]) + 1}, f, tag)
		}
	}
	for _, slot := range c.listed {
		list := c.lists[slot]
		if len(list) == 0 {
			continue
		}
		f := &c.schema.Fields[slot]
		kept := list[:0]
		filled := false
		for _, e := range list {
			blank := e.Values == nil || e.Empty()
			filled = filled || !blank
			if blank && d.trusted { // the slot counts: lists are an edit here (rule 6.5)
				kept = append(kept, lead.Element{Values: c.element(f)})
			}
			if !blank {
				if f.Key == "external_id" && e.Values[1] == "" {
					e.Values[1] = c.recipe.ExternalSystem
				}
				kept = append(kept, e)
			}
		}
		if filled {
			c.buf = lead.AppendList(c.buf[:0], f.Parts, kept)
			d.change.Put(slot, c.slab.text(c.buf))
		}
		c.lists[slot] = kept
	}
	if d.change.Values[c.slot.name] == "" {
		first := func(slot int) string {
			if len(c.lists[slot]) > 0 {
				return c.lists[slot][0].Values[0]
			}
			return ""
		}
		name := norm.ComposeName(d.change.Values[c.slot.firstName], d.change.Values[c.slot.lastName],
			d.change.Values[c.slot.company], first(c.slot.emails), first(c.slot.phones))
		d.composed, d.called = true, name
	}
	d.sample = c.isSample(d)
}

// identify makes the keys that the record is matched by. A composed name is
// never one (rule 5.4).
func (c *cleaner) identify(d *draft) {
	set, m := c.set[:0], &c.maker
	for _, e := range c.lists[c.slot.emails] {
		m.put(&set, norm.KeyEmail, e.Values[0])
	}
	for _, e := range c.lists[c.slot.phones] {
		m.put(&set, norm.KeyPhone, e.Values[0])
	}
	for _, e := range c.lists[c.slot.external] {
		m.put(&set, norm.KeyExternalID, e.Values[1], e.Values[0])
	}
	v := d.change.Values
	if !d.composed {
		m.put(&set, norm.KeyName, v[c.slot.name], v[c.slot.company])
	}
	m.put(&set, norm.KeyPerson, v[c.slot.firstName], v[c.slot.lastName], v[c.slot.company])
	n := len(set)
	if d.composed {
		m.put(&set, norm.KeyName, firstOf(d.called, d.defaults.Values[c.slot.name]), v[c.slot.company])
	}
	d.held = c.slab.set(set)
	d.keys = d.held[:n:n]
	c.set = set
}

// isSample recognises the template's sample row, unchanged (rule 10.5).
func (c *cleaner) isSample(d *draft) bool {
	if d.record > 3 || len(c.sample) == 0 {
		return false
	}
	same := 0
	for i, v := range d.cells {
		if v == "" || i >= len(c.headings) {
			continue
		}
		if c.sample[recipe.FoldHeading(c.headings[i])] != norm.Clean(v) {
			return false
		}
		same++
	}
	return same >= 5
}

// display is how a message calls the record.
func (d *draft) display(s slots) string {
	if n := firstOf(d.change.Values[s.name], d.called, d.defaults.Values[s.name]); n != "" {
		return n
	}
	return "a record without a name"
}

// issue notes something about the column at hand, or about the record.
func (c *cleaner) issue(d *draft, code, field, value, detail string) {
	c.finding(d, field, value, code, detail, "")
}

func (c *cleaner) finding(d *draft, field, value, code, detail, suggestion string) {
	heading, column := "", -1
	if c.in != nil {
		heading, column = c.in.Heading, c.in.Column
	}
	d.add(c.rules.rule(code), Issue{Column: column, Heading: heading, Field: field, Value: value, Suggestion: suggestion}, detail)
}

// note adds an issue about the record as a whole.
func (f *frame) note(d *draft, code, field, value, detail string) {
	heading, column := "", -1
	for i := range f.program.Inputs {
		in := &f.program.Inputs[i]
		for _, t := range in.Targets {
			if field != "" && f.schema.Fields[t.Field].Key == field {
				heading, column = in.Heading, in.Column
			}
		}
	}
	d.add(f.rules.rule(code), Issue{Column: column, Heading: heading, Field: field, Value: value}, detail)
}

// add completes an issue by its rule.
func (d *draft) add(r *Rule, i Issue, detail string) {
	i.Code, i.Severity, i.Record, i.Line = r.Code, r.Severity, d.record, d.line
	i.Message = fill(r.Text, i.Value, detail, i.Heading)
	i.Remedy = fill(r.Remedy, i.Value, detail, i.Heading)
	d.issues = append(d.issues, i)
	if r.Severity == Error {
		d.failed = true
	}
	if r.LeftOut {
		d.omitted++
	}
}

// lostZero: three or four digits where the column's others have five.
func lostZero(value string) bool {
	return (len(value) == 3 || len(value) == 4) && strings.Trim(value, "0123456789") == ""
}

func cell(cells []string, i int) string {
	if i >= 0 && i < len(cells) {
		return cells[i]
	}
	return ""
}

func hexBytes(b []byte) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i, c := range b {
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteByte(digits[c>>4])
		out.WriteByte(digits[c&15])
	}
	return out.String()
}
