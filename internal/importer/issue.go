package importer

import (
	"fmt"
	"sort"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// Severity of an issue (rule 4.1).
type Severity uint8

const (
	Info    Severity = iota
	Warning          // imported; something was left out or guessed
	Error            // the record is not imported
)

var severityNames = [...]string{"info", "warning", "error"}

func (s Severity) String() string { return severityNames[s] }

// MarshalText writes the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity's name.
func (s *Severity) UnmarshalText(b []byte) error {
	for i, n := range severityNames {
		if n == string(b) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("severity %q is not known", b)
}

// Issue is something wrong with the file: data, not an error of the program
// (rule 4.1). Record 0 is the whole file; Column is -1 where no column is
// meant.
type Issue struct {
	Code       string   `json:"code"`
	Severity   Severity `json:"severity"`
	Record     int64    `json:"record,omitempty"`
	Line       int64    `json:"line,omitempty"`
	Column     int      `json:"column"`
	Heading    string   `json:"heading,omitempty"`
	Field      string   `json:"field,omitempty"`
	Value      string   `json:"value,omitempty"`
	Message    string   `json:"message"`
	Remedy     string   `json:"remedy,omitempty"`
	Suggestion string   `json:"suggestion,omitempty"`
	// Others are what a record in conflict may be about: leads, and as negative
	// numbers earlier records of the file.
	Others []int64 `json:"others,omitempty"`
}

// Text is the message as people read it:
// "Error in row #3. Status Id: The value "Hot" is not a valid choice."
func (i *Issue) Text() string {
	var b strings.Builder
	name := severityNames[i.Severity]
	b.WriteString(strings.ToUpper(name[:1]) + name[1:])
	if i.Record > 0 {
		fmt.Fprintf(&b, " in row #%d.", i.Record)
	} else {
		b.WriteString(" in the file.")
	}
	if i.Heading != "" {
		b.WriteString(" " + i.Heading + ":")
	}
	b.WriteString(" " + i.Message)
	return b.String()
}

// Group is all issues of one code, field and value with the records behind
// them (rule 4.4).
type Group struct {
	Issue                   // of its first record
	Count   int64           `json:"count"`
	Records *roaring.Bitmap `json:"-"`
}

// maxValues bounds the distinct values listed one by one per code and field;
// rarer ones share a group with an exact count.
const maxValues = 2000

// The group of the rarer ones.
const (
	restValue   = "\x00others"
	restMessage = "Further values, each of them rare."
)

// isRest reports whether the group is that of the rarer values.
func (g *Group) isRest() bool { return g.Value == "" && g.Message == restMessage }

// kind is the code and column of a group.
func (g *Group) kind() groupKey { return groupKey{code: g.Code, column: g.Column} }

type groupKey struct {
	code   string
	column int
	value  string
}

// groups collects issues; memory is bounded by most per code and column.
type groups struct {
	most  int
	byKey map[groupKey]*Group
	kinds map[groupKey]int // distinct values per (code, column)
}

func newGroups(most int) *groups {
	return &groups{most: most, byKey: map[groupKey]*Group{}, kinds: map[groupKey]int{}}
}

func (g *groups) add(i Issue) {
	k := groupKey{i.Code, i.Column, i.Value}
	grp := g.byKey[k]
	if grp == nil {
		kind := groupKey{code: i.Code, column: i.Column}
		if g.kinds[kind] >= g.most {
			k.value = restValue
			grp = g.byKey[k]
			i.Value, i.Suggestion, i.Others = "", "", nil
			i.Message = restMessage
		}
		if grp == nil {
			g.kinds[kind]++
			// A cell shares its batch's bytes, which must not live as long.
			k.value, i.Value, i.Suggestion = strings.Clone(k.value), strings.Clone(i.Value), strings.Clone(i.Suggestion)
			grp = &Group{Issue: i, Records: roaring.New()}
			g.byKey[k] = grp
		}
	}
	if i.Record == 0 || grp.Records.CheckedAdd(uint32(i.Record)) {
		grp.Count++
	}
}

// sorted returns the groups worst first: by severity, then records, then the
// first record.
func (g *groups) sorted() []Group {
	out := make([]Group, 0, len(g.byKey))
	for _, grp := range g.byKey {
		grp.Records.RunOptimize()
		out = append(out, *grp)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := &out[i], &out[j]
		switch {
		case a.Severity != b.Severity:
			return a.Severity > b.Severity
		case a.Count != b.Count:
			return a.Count > b.Count
		case a.Record != b.Record:
			return a.Record < b.Record
		case a.Column != b.Column:
			return a.Column < b.Column
		case a.Code != b.Code:
			return a.Code < b.Code
		}
		return a.Value < b.Value
	})
	return out
}
