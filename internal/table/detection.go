package table

// Options are the person's own answers; what is left at its zero value is detected.
type Options struct {
	Format    string // csv, jsonl, json: where the content alone leaves a doubt
	Encoding  string // an IANA or WHATWG label: utf-8, windows-1252, shift_jis …
	Delimiter string // any text; "none" for one column; "tab", "\t" also name a tab
	Quote     string // one ASCII character; "none" for no quoting
	Escape    string // one ASCII character before a quote inside quotes; "" or the quote itself means doubled
	Sheet     string // a sheet's name, or its number from 1
	// AsShown gives a workbook's numbers and dates as Excel shows them and writes them
	// into CSV (1/5/2025, $1,234.50), not as plain values (2025-01-05, 1234.5).
	AsShown bool
	// Whole gives a workbook's sheet as it stands, from its first row on: no heading
	// and no footer is sought. It is nothing to other formats.
	Whole  bool
	Header *int // 0 = no heading row; n = heading in physical line n; nil = detect
	// HeaderRows is how many rows the heading has, 0 = detect.
	HeaderRows int
}

// Certainty says how far a guess can be trusted.
type Certainty string

// Proven: the file shows it and no other reading fits. Likely: others fit less
// well. Unproven: it must be confirmed where it changes a mapped value.
const (
	Proven   Certainty = "proven"
	Likely   Certainty = "likely"
	Unproven Certainty = "unproven"
)

// Guess is one entry of the ledger (rule 1.6): a thing inferred about the file.
type Guess struct {
	Name         string    `json:"name"` // format, encoding, delimiter, quote, escape, header, sheet, dates, decimal …
	Value        string    `json:"value"`
	Evidence     string    `json:"evidence"` // what in the file shows it, for people
	Certainty    Certainty `json:"certainty"`
	Alternatives []string  `json:"alternatives,omitempty"`
	Column       int       `json:"column"`         // from 0; -1 = the whole file
	Flag         string    `json:"flag,omitempty"` // the command line's flag that decides it, e.g. --delimiter
	Samples      []string  `json:"samples,omitempty"`
	Record       int64     `json:"record,omitempty"` // the record that proves it, 0 = none
}

// Skipped is a stretch of the file outside the table.
type Skipped struct {
	Kind string `json:"kind"` // sep, comment, preamble, footer
	Line int64  `json:"line"` // physical, from 1; 0 = not known (the end of a large file)
	Text string `json:"text"` // at most 200 bytes of it
}

// Detection says how to read a file. It is plain data: stored as JSON and given
// to Open again, it reads the same bytes in the same way.
type Detection struct {
	Format string `json:"format"` // csv, xlsx, jsonl, json
	// Container is what the table is packed in: gzip, zip; or what it is read from
	// by way of CSV, to which lines and offsets then refer: html, xml
	// (SpreadsheetML 2003), ods, vcard.
	Container  string   `json:"container,omitempty"`
	Entry      string   `json:"entry,omitempty"`     // the table's name inside a zip
	Encoding   string   `json:"encoding,omitempty"`  // WHATWG name
	Delimiter  string   `json:"delimiter,omitempty"` // "" = one column
	Quote      string   `json:"quote,omitempty"`     // "" = none
	Escape     string   `json:"escape,omitempty"`    // equal to Quote = doubled
	Comment    string   `json:"comment,omitempty"`   // lines beginning so, of another width, are comments
	LineEnd    string   `json:"line_end,omitempty"`  // lf, crlf, cr, mixed: what the head of the file has
	Sheet      string   `json:"sheet,omitempty"`
	Sheets     []string `json:"sheets,omitempty"`   // all sheets with cells
	AsShown    bool     `json:"as_shown,omitempty"` // Options.AsShown
	Whole      bool     `json:"whole,omitempty"`    // Options.Whole, of a workbook
	HeaderLine int      `json:"header_line"`        // physical line, 0 = no heading row
	HeaderRows int      `json:"header_rows"`        // heading rows from HeaderLine on
	Headings   []string `json:"headings"`           // one per column; "Column 3" where there is no heading row

	// The first data record. Offset is in bytes of the table (unpacked, in its original encoding).
	FirstOffset int64 `json:"first_offset"`
	FirstLine   int64 `json:"first_line"`
	// EndOffset is where the table ends and footers begin; 0 = at the end of the file.
	EndOffset int64 `json:"end_offset,omitempty"`

	Ledger  []Guess   `json:"ledger"`
	Skipped []Skipped `json:"skipped,omitempty"`
	Size    int64     `json:"size"` // bytes of the file as uploaded
}

// Guess returns the ledger's entry of that name about the whole file.
func (d *Detection) Guess(name string) (Guess, bool) {
	for _, g := range d.Ledger {
		if g.Name == name && g.Column < 0 {
			return g, true
		}
	}
	return Guess{}, false
}

func (d *Detection) note(g Guess) {
	g.Column = -1
	d.Ledger = append(d.Ledger, g)
}
