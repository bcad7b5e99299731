// Package recipe holds all the decisions about a file: how it is read, which
// column goes where, what unknown values mean, how records are matched and
// merged. It suggests them, and keeps them as a TOML file that people can
// read, diff and share. On screen a recipe is "saved import settings".
//
// It may import lead, norm and table.
package recipe

// Recipe is all the decisions about a file (import-rules.md 2, 5, 6). The zero
// value means: detect, suggest, and the rules' defaults.
type Recipe struct {
	// Version is that of the format: FormatVersion, or 0 for the same.
	Version int    `toml:"version,omitempty" json:"version,omitempty"`
	Name    string `toml:"name,omitempty" json:"name,omitempty"`
	Preset  string `toml:"preset,omitempty" json:"preset,omitempty"` // "" or "orocrm"

	File    File     `toml:"file,omitempty" json:"file,omitzero"`
	Columns []Column `toml:"columns,omitempty" json:"columns,omitempty"`
	Same    []Same   `toml:"same,omitempty" json:"same,omitempty"`

	// Values answers unknown values once for all their records (rule 2.5):
	// field key → the value as norm.Fold folds it → the answer as Answer.String
	// writes it: an option's id, a user name, "" (leave empty), "tag:" (keep as
	// tag) or "add:" (add the option, labelled as written).
	Values map[string]map[string]string `toml:"values,omitempty" json:"values,omitempty"`
	// Decide answers a question that the check asks, for its whole group:
	// issue code → answer ("match.other_person" = "same", "separate", "skip").
	Decide map[string]string `toml:"decide,omitempty" json:"decide,omitempty"`

	Match []string `toml:"match,omitempty" json:"match,omitempty"` // tiers in order, see Tier
	// FirstMatch takes the first of several candidates in file order, as
	// OroCRM does (rule 5.9); else several are a conflict.
	FirstMatch bool `toml:"first_match,omitempty" json:"first_match,omitempty"`

	Mode     string            `toml:"mode,omitempty" json:"mode,omitempty"`         // "" both, "create", "update"
	Existing string            `toml:"existing,omitempty" json:"existing,omitempty"` // "" update, "fill", "leave"
	Policy   map[string]string `toml:"policy,omitempty" json:"policy,omitempty"`     // field key → replace, fill, keep, append

	BlankErases []string `toml:"blank_erases,omitempty" json:"blank_erases,omitempty"` // field keys whose blank cell clears
	ClearToken  string   `toml:"clear_token,omitempty" json:"clear_token,omitempty"`   // a cell with just this clears

	Strict             bool     `toml:"strict,omitempty" json:"strict,omitempty"` // all warnings about values are errors
	Errors             []string `toml:"errors,omitempty" json:"errors,omitempty"` // issue codes made errors
	DuplicatesAsErrors bool     `toml:"duplicates_as_errors,omitempty" json:"duplicates_as_errors,omitempty"`
	KeepPlaceholders   bool     `toml:"keep_placeholders,omitempty" json:"keep_placeholders,omitempty"`   // "-", "n/a" … are values
	AcceptSuggestions  bool     `toml:"accept_suggestions,omitempty" json:"accept_suggestions,omitempty"` // rule 4.3: gmail.con → gmail.com
	ReviveDeleted      bool     `toml:"revive_deleted,omitempty" json:"revive_deleted,omitempty"`         // rule 5.6: bring in as new
	NoNewAccounts      bool     `toml:"no_new_accounts,omitempty" json:"no_new_accounts,omitempty"`
	AllOrNothing       bool     `toml:"all_or_nothing,omitempty" json:"all_or_nothing,omitempty"`   // rule 8.4
	StopAfter          string   `toml:"stop_after,omitempty" json:"stop_after,omitempty"`           // "100" errors or "5%"
	ExternalSystem     string   `toml:"external_system,omitempty" json:"external_system,omitempty"` // whose ids External Id holds
	Tell               []string `toml:"tell,omitempty" json:"tell,omitempty"`                       // user names who get the mail about the result, too
}

// File is how the bytes are read. An empty member is detected.
type File struct {
	Encoding  string `toml:"encoding,omitempty" json:"encoding,omitempty"`
	Delimiter string `toml:"delimiter,omitempty" json:"delimiter,omitempty"`
	Quote     string `toml:"quote,omitempty" json:"quote,omitempty"`
	Escape    string `toml:"escape,omitempty" json:"escape,omitempty"`
	Sheet     string `toml:"sheet,omitempty" json:"sheet,omitempty"`
	Header    *int   `toml:"header,omitempty" json:"header,omitempty"`   // line of the header row, 0 = none
	Dates     string `toml:"dates,omitempty" json:"dates,omitempty"`     // dmy, mdy, ymd
	Decimal   string `toml:"decimal,omitempty" json:"decimal,omitempty"` // "." or ","
	Country   string `toml:"country,omitempty" json:"country,omitempty"` // ISO-2 for phones and addresses without one
	Zone      string `toml:"zone,omitempty" json:"zone,omitempty"`       // IANA name for date-times without one
}

// Column says where one file column goes.
type Column struct {
	Heading string `toml:"heading" json:"heading"`
	Nth     int    `toml:"nth,omitempty" json:"nth,omitempty"` // which of several columns with this heading: 2 = the second
	// To names targets as lead.Schema.ParseTarget reads them, or "full_name"
	// (split into prefix, first, middle, last, suffix, and the lead name),
	// "comments" or "tags" (as "Heading: value"). None: the column is not
	// imported.
	To []string `toml:"to" json:"to"`
	// Expr computes the value (expr-lang, see compileExpr): value is the cell,
	// row["Heading"] another cell of the record. A column without a heading
	// but with an expression belongs to no file column.
	Expr string `toml:"expr,omitempty" json:"expr,omitempty"`
	// Split cuts the value at this text; the pieces go to the targets in
	// order, the last takes what is left.
	Split string `toml:"split,omitempty" json:"split,omitempty"`
	Range string `toml:"range,omitempty" json:"range,omitempty"` // "50-100" in an integer column: lower, upper, empty
}

// Same is a value for every record (rule 2.4).
type Same struct {
	Field string `toml:"field" json:"field"` // field key
	Value string `toml:"value" json:"value"`
	// Constant applies to every record under the merge rules; else the value
	// is a default, which fills a blank on new leads only.
	Constant bool `toml:"constant,omitempty" json:"constant,omitempty"`
}

// FormatVersion is the newest version of the TOML format that Load reads and
// the one that Save writes.
const FormatVersion = 1

// Values of Column.To that name no field of their own.
const (
	FullName = "full_name" // split into prefix, first, middle, last, suffix and the lead name
	Comments = "comments"  // appended to the comments as "Heading: value"
	Tags     = "tags"      // one tag a piece; from a heading that is no tag column as "Heading: value"
)

// Confidence says how sure a suggested column is.
type Confidence uint8

const (
	Unmapped Confidence = iota
	Check               // proposed, not applied
	Likely
	Exact
)

func (c Confidence) String() string { return [...]string{"", "Check", "Likely", "Exact"}[c] }

// MarshalText writes the confidence by its name.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
