package table

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Our own re-creation of the kinds of pollution that Vitagliano et al., "Pollock:
// A Data Loading Benchmark" (VLDB 2023), found in public files; neither its data
// nor its generator was used. What a careful person would load from each is said
// in docs/table.md, "Polluted files".

// cleanTable is what a polluted file should be read as; header is nil where it has none.
type cleanTable struct {
	header []string
	rows   [][]string
}

// pollutedFile is one file with what it holds and the dialect that a person would give.
type pollutedFile struct {
	kind, name string
	data       []byte
	want       cleanTable
	hints      Options
}

// style is how a table is written down.
type style struct {
	delim, quote, escape, end string
	all                       bool // every cell quoted
}

var rfc4180 = style{delim: ",", quote: `"`, escape: `"`, end: "\r\n"}

func (s style) cell(c string) string {
	if s.quote == "" {
		if s.escape != "" {
			c = strings.ReplaceAll(c, s.escape, s.escape+s.escape)
			return strings.ReplaceAll(c, s.delim, s.escape+s.delim)
		}
		return c
	}
	if !s.all && !strings.Contains(c, s.delim) && !strings.Contains(c, s.quote) && !strings.ContainsAny(c, "\r\n") {
		return c
	}
	if s.escape != s.quote {
		c = strings.ReplaceAll(c, s.escape, s.escape+s.escape)
	}
	return s.quote + strings.ReplaceAll(c, s.quote, s.escape+s.quote) + s.quote
}

func (s style) row(cells []string) string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = s.cell(c)
	}
	return strings.Join(out, s.delim)
}

func (s style) lines(t cleanTable) []string {
	var out []string
	if t.header != nil {
		out = append(out, s.row(t.header))
	}
	for _, r := range t.rows {
		out = append(out, s.row(r))
	}
	return out
}

func (s style) text(t cleanTable) []byte {
	return []byte(strings.Join(s.lines(t), s.end) + s.end)
}

func (s style) hints() Options {
	opt := Options{Delimiter: s.delim, Quote: s.quote, Escape: s.escape}
	if s.delim == "\t" {
		opt.Delimiter = "tab"
	}
	if s.quote == "" {
		opt.Quote = "none"
	}
	return opt
}

// salesTable is 84 records of nine columns: dates, times, numbers, identifiers,
// prices, types, long descriptions with commas and quotes, addresses, comments.
func salesTable() cleanTable {
	rng := rand.New(rand.NewPCG(4, 84))
	t := cleanTable{header: []string{"DATE", "TIME", "Qty", "PRODUCTID", "Price", "ProductType", "ProductDescription", "URL", "Comments"}}
	kinds := []string{"Lawn mower", "Book", "Café table", "Phone", "Lamp"}
	texts := []string{
		`Cordless, 18 V, with two batteries and a charger`, `The "quiet" model, 62 dB, for small gardens`, `Hardcover, 312 pages, with an index, maps and 40 plates; second edition, revised`,
		`Folding table, oak, 80 x 80 cm`, `6.1" screen, 128 GB, black`, `Warm light, "E27", dimmable, energy class A`,
	}
	notes := []string{"", "", "reorder soon", "gift, wrapped", "returned once", `says "fragile"`}
	for i := range 84 {
		t.rows = append(t.rows, []string{
			fmt.Sprintf("%02d/%02d/2021", i%12+1, i%28+1), fmt.Sprintf("%02d:%02d", 8+i%11, i*7%60), fmt.Sprint(1 + rng.IntN(40)),
			fmt.Sprintf("SKU-%05d", 31*i+100), fmt.Sprintf("%d.%02d", 3+rng.IntN(400), rng.IntN(100)), kinds[i%len(kinds)],
			texts[rng.IntN(len(texts))], fmt.Sprintf("https://shop.example.com/p/%d?ref=%d", 31*i+100, i), notes[rng.IntN(len(notes))],
		})
	}
	return t
}

// randomTable is another table of any width and length, by seed.
func randomTable(seed uint64) cleanTable {
	rng := rand.New(rand.NewPCG(seed, 7))
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	columns := []struct {
		heading string
		cell    func(i int) string
	}{
		{"id", func(i int) string { return fmt.Sprint(1000 + i) }},
		{"Name", func(i int) string {
			return pick("Ana", "Björn", "Chloé", "Dmitri", "Eva", "Łukasz", "José", "Grace") + " " + pick("Müller", "Smith", "O'Brien", "Novák", "García", "Lee", "van Dyk")
		}},
		{"E-Mail", func(i int) string {
			return fmt.Sprintf("%s%d@example.%s", pick("ana", "info", "b.lee"), i, pick("com", "org", "de"))
		}},
		{"Phone", func(i int) string { return fmt.Sprintf("+49 30 %07d", rng.IntN(9999999)) }},
		{"Company", func(i int) string {
			return pick("Acme, Inc.", "Globex GmbH", `"Best" Foods`, "Initech", "Umbrella Ltd", "")
		}},
		{"Betrag", func(i int) string { return fmt.Sprintf("%d,%02d", rng.IntN(9000), rng.IntN(100)) }},
		{"score", func(i int) string { return fmt.Sprintf("%.3f", rng.Float64()) }},
		{"created", func(i int) string {
			return fmt.Sprintf("2024-%02d-%02d %02d:30:00", 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(24))
		}},
		{"Note", func(i int) string {
			return pick("met at the fair", "call back; urgent", "wants a demo, then an offer", "", "line one\nline two", "n/a")
		}},
		{"City", func(i int) string { return pick("Köln", "Paris", "Kraków", "Oslo", "São Paulo", "Wien", "New York") }},
		{"active", func(i int) string { return pick("yes", "no") }},
		{"Website", func(i int) string { return fmt.Sprintf("www.example.com/%d", i) }},
		{"Straße", func(i int) string {
			return fmt.Sprintf("%s %d", pick("Hauptstraße", "Main Street", "Rue de Lyon"), 1+rng.IntN(200))
		}},
	}
	rng.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
	columns = columns[:2+rng.IntN(len(columns)-2)]
	size := []int{1, 2, 3, 5, 10, 30, 100, 400, 2000}[rng.IntN(9)]
	var t cleanTable
	for _, c := range columns {
		t.header = append(t.header, c.heading)
	}
	for i := range size {
		var row []string
		for _, c := range columns {
			row = append(row, c.cell(i))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func insert[T any](list []T, i int, x ...T) []T {
	return append(append(append([]T{}, list[:i]...), x...), list[i:]...)
}

func (t cleanTable) with(row int, cells ...string) cleanTable {
	t.rows = append([][]string{}, t.rows...)
	t.rows[row] = cells
	return t
}

// pollutions gathers files.
type pollutions struct{ files []pollutedFile }

func (p *pollutions) add(kind, name string, data []byte, want cleanTable, hints Options) {
	p.files = append(p.files, pollutedFile{kind, name, data, want, hints})
}

// fileLevel spoils the whole file in one way at a time.
func (p *pollutions) fileLevel(t cleanTable) {
	add := func(kind, text string, want cleanTable) {
		p.add(kind, kind, []byte(text), want, rfc4180.hints())
	}
	ls := rfc4180.lines(t)
	join := func(lines []string) string { return strings.Join(lines, "\r\n") + "\r\n" }
	plain := join(ls)
	add("none", plain, t)
	add("no header", join(ls[1:]), cleanTable{nil, t.rows})
	add("header only", join(ls[:1]), cleanTable{t.header, nil})
	add("one record", join(ls[:2]), cleanTable{t.header, t.rows[:1]})
	if w := len(t.header); w > 2 {
		second, units := make([]string, w), make([]string, w)
		joined2, joined3 := make([]string, w), make([]string, w)
		for i, h := range t.header {
			second[i], units[i] = fmt.Sprintf("part %c", 'a'+i%26), []string{"[text]", "[unit]", "[n]"}[i%3]
			joined2[i] = h + " " + second[i]
			joined3[i] = joined2[i] + " " + units[i]
		}
		add("two header rows", join(insert(ls, 1, rfc4180.row(second))), cleanTable{joined2, t.rows})
		add("three header rows", join(insert(ls, 1, rfc4180.row(second), rfc4180.row(units))), cleanTable{joined3, t.rows})
	}
	one := cleanTable{header: t.header[:1]}
	for _, r := range t.rows {
		one.rows = append(one.rows, r[:1])
	}
	add("one column", string(rfc4180.text(one)), one)

	for name, end := range map[string]string{"LF": "\n", "CR": "\r", "LFCR": "\n\r"} {
		s := rfc4180
		s.end = end
		add("record end "+name, string(s.text(t)), t)
	}
	var mixed strings.Builder
	for i, l := range ls {
		mixed.WriteString(l + []string{"\r\n", "\n", "\r"}[i%3])
	}
	add("record end mixed", mixed.String(), t)
	add("no final newline", strings.TrimSuffix(plain, "\r\n"), t)
	add("two final newlines", plain+"\r\n", t)
	for _, d := range []string{";", "\t", "|", ":", " ", ", ", "; ", "||", "::", "\t\t", "~", "^"} {
		s := rfc4180
		s.delim = d
		p.add("delimiter", fmt.Sprintf("delimiter %q", d), s.text(t), t, s.hints())
	}
	for _, q := range []string{"'", "`", ""} {
		s := rfc4180
		s.quote, s.escape = q, q
		if q == "" {
			s.delim = ";"
			bare := cleanTable{header: t.header}
			for _, r := range t.rows {
				row := make([]string, len(r))
				for i, c := range r {
					row[i] = strings.NewReplacer(";", ",", `"`, "", "\n", " ").Replace(c)
				}
				bare.rows = append(bare.rows, row)
			}
			p.add("quote", "quote none", s.text(bare), bare, s.hints())
			continue
		}
		p.add("quote", "quote "+q, s.text(t), t, s.hints())
	}
	s := rfc4180
	s.all = true
	p.add("quote", "all quoted", s.text(t), t, s.hints())
	for _, e := range []string{`\`, "#", "^"} {
		s := rfc4180
		s.escape = e
		p.add("escape", "escape "+e, s.text(t), t, s.hints())
	}

	preambles := map[string][]string{
		"one":             {"Sales report 2021"},
		"one, blank":      {"Sales report 2021", ""},
		"several":         {"Sales report", "created on 2021-12-31 by Ana", "all amounts in USD"},
		"with delimiters": {"Report:,Sales,,,", "From,2021-01-01,to,2021-12-31,,", ""},
		"padded":          {"Sales report" + strings.Repeat(",", max(0, len(t.header)-1)), strings.Repeat(",", max(0, len(t.header)-1))},
	}
	for name, lines := range preambles {
		p.add("preamble", "preamble "+name, []byte(join(append(lines, ls...))), t, rfc4180.hints())
	}
	for name, lines := range map[string][]string{
		"one": {"Source: the shop's own data"}, "after blank": {"", "* provisional figures", "Source: own data"}, "total": {"Total,," + fmt.Sprint(len(t.rows)) + strings.Repeat(",", max(0, len(t.header)-3))},
	} {
		p.add("footnote", "footnote "+name, []byte(join(append(append([]string{}, ls...), lines...))), t, rfc4180.hints())
	}
	p.add("comments", "comments", []byte(join(insert(insert(ls, len(ls), "# the end, really"), 1, "# a comment, with a comma"))), t, rfc4180.hints())

	p.tables(t)
	p.encodings(t)
}

// tables puts a second, smaller table into the file.
func (p *pollutions) tables(t cleanTable) {
	if len(t.rows) < 12 || len(t.header) < 3 {
		return
	}
	w := len(t.header)
	small := func(width, n int) cleanTable {
		var s cleanTable
		for i := range width {
			s.header = append(s.header, fmt.Sprintf("Feature %d", i+1))
		}
		for k := range n {
			var row []string
			for i := range width {
				row = append(row, fmt.Sprint(100*k+i))
			}
			s.rows = append(s.rows, row)
		}
		return s
	}
	for name, second := range map[string]cleanTable{"narrower": small(w-1, 5), "two columns": small(2, 5), "wider": small(w+2, 5), "same width": small(w, 5)} {
		ls, other := rfc4180.lines(t), rfc4180.lines(second)
		for gap, between := range map[string][]string{"blank line": {""}, "no blank line": nil, "two blank lines": {"", ""}} {
			below := append(append(append([]string{}, ls...), between...), other...)
			p.add("two tables", "below, "+name+", "+gap, []byte(strings.Join(below, "\r\n")+"\r\n"), t, rfc4180.hints())
			if gap == "no blank line" && name == "same width" {
				continue // then its records are the first's, for anyone
			}
			above := append(append(append([]string{}, other...), between...), ls...)
			p.add("two tables", "above, "+name+", "+gap, []byte(strings.Join(above, "\r\n")+"\r\n"), t, rfc4180.hints())
		}
	}
}

// encodings writes the table in other encodings, as far as they can hold it.
func (p *pollutions) encodings(t cleanTable) {
	text := rfc4180.text(t)
	with := func(name string, data []byte) {
		hints := rfc4180.hints()
		hints.Encoding = name
		p.add("encoding", "encoding "+name, data, t, hints)
	}
	p.add("encoding", "encoding utf-8 BOM", append([]byte("\ufeff"), text...), t, rfc4180.hints())
	for _, name := range []string{"utf-16le", "utf-16be", "utf-32le"} {
		with(name, encodeWide(string(text), name))
		with(name, encodeWide("\ufeff"+string(text), name))
	}
	for _, name := range []string{"windows-1252", "iso-8859-1", "macintosh", "ibm850"} {
		e, _, err := lookupEncoding(name)
		if err != nil {
			panic(err)
		}
		if b, err := e.NewEncoder().Bytes(text); err == nil {
			with(name, b)
		}
	}
}

// rowLevel spoils one record in one way, at every row and column given.
func (p *pollutions) rowLevel(t cleanTable, rows, cols []int) {
	ls := rfc4180.lines(t)
	hints := rfc4180.hints()
	put := func(kind string, row, col int, lines []string, want cleanTable) {
		p.add(kind, fmt.Sprintf("%s, row %d, column %d", kind, row, col), []byte(strings.Join(lines, "\r\n")+"\r\n"), want, hints)
	}
	changed := func(row int, line string) []string {
		out := append([]string{}, ls...)
		out[row+1] = line
		return out
	}
	w := len(t.header)
	for _, row := range rows {
		cells := t.rows[row]
		written := make([]string, w)
		for i, c := range cells {
			written[i] = rfc4180.cell(c)
		}
		line := func(w []string) string { return strings.Join(w, ",") }
		for _, col := range cols {
			c := cells[col]
			// One cell more: an empty one stands where it was put, and all others are kept.
			put("one cell more", row, col, changed(row, line(insert(written, col, ""))), t.with(row, insert(cells, col, "")...))
			// One cell less: the last is missing.
			put("one cell less", row, col, changed(row, line(without(written, col))), t.with(row, append(without(cells, col), "")...))
			// A delimiter missing: two cells are one, where neither is quoted.
			if col+1 < w && written[col] == c && written[col+1] == cells[col+1] {
				merged := append(without(cells, col+1), "")
				merged[col] = c + cells[col+1]
				put("delimiter missing", row, col, changed(row, line(append(append(append([]string{}, written[:col]...), written[col]+written[col+1]), written[col+2:]...))), t.with(row, merged...))
			}
			quoted := `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			with := func(s string) []string {
				out := append([]string{}, written...)
				out[col] = s
				return changed(row, line(out))
			}
			as := func(s string) cleanTable {
				out := append([]string{}, cells...)
				out[col] = s
				return t.with(row, out...)
			}
			// A quote too many is text.
			if written[col] == c {
				put("extra quote at the start", row, col, with(`"`+c), as(`"`+c))
				put("extra quote at the end", row, col, with(c+`"`), as(c+`"`))
				if len(c) > 2 {
					put("extra quote inside", row, col, with(c[:1]+`"`+c[1:]), as(c[:1]+`"`+c[1:]))
				}
				put("needless quotes", row, col, with(quoted), t)
			}
			if len(c) > 2 {
				// An undoubled quote in a quoted cell.
				put("undoubled quote", row, col, with(quoted[:2]+`"`+quoted[2:]), as(c[:1]+`"`+c[1:]))
			}
			// A quote that is not closed: the cell ends where its text does.
			if !strings.Contains(c, `"`) && written[col] != c && col+1 < w {
				put("closing quote missing", row, col, with(strings.TrimSuffix(quoted, `"`)), cleanTable{})
			}
			if written[col] == c {
				put("blanks around", row, col, with(" "+c), as(" "+c))
			}
			if strings.Contains(c, ",") && !strings.Contains(c, `"`) {
				parts := strings.Split(c, ",")
				want := append(append(append([]string{}, cells[:col]...), parts...), cells[col+1:]...)
				put("quotes missing", row, col, with(c), t.with(row, want...))
			}
		}
		put("delimiter at the end", row, 0, changed(row, ls[row+1]+","), t)
		put("delimiter at the start", row, 0, changed(row, ","+ls[row+1]), t.with(row, insert(cells, 0, "")...))
		put("blank row", row, 0, insert(ls, row+1, ""), t)
		put("row of delimiters", row, 0, insert(ls, row+1, strings.Repeat(",", w-1)), t)
		again := t
		again.rows = insert(t.rows, row, t.header)
		if row > 0 {
			put("header again", row, 0, insert(ls, row+1, ls[0]), again)
		}
		long := append([]string{}, cells...)
		long[w/2] = strings.Repeat("very long text ", 800)
		put("long cell", row, 0, changed(row, rfc4180.row(long)), t.with(row, long...))
		for _, end := range []string{"\n", "\r"} {
			all := strings.Join(ls[:row+2], "\r\n") + end
			if row+2 < len(ls) {
				all += strings.Join(ls[row+2:], "\r\n") + "\r\n"
			}
			p.add("record end changed", fmt.Sprintf("record end %q in row %d", end, row), []byte(all), t, hints)
		}
		slash := style{",", `"`, `\`, "\r\n", true}
		put("escape changed", row, 0, changed(row, slash.row(cells)), t)
		apostrophe := style{",", "'", "'", "\r\n", true}
		put("quote changed", row, 0, changed(row, apostrophe.row(cells)), cleanTable{})
		semi := style{";", `"`, `"`, "\r\n", true}
		put("delimiter changed", row, 0, changed(row, semi.row(cells)), t)
	}
	// The heading spoiled in the same ways.
	heading := func(kind string, col int, cells []string, line string) {
		out := append([]string{}, ls...)
		out[0] = line
		put("heading: "+kind, -1, col, out, cleanTable{cells, t.rows})
	}
	for _, col := range cols {
		h := append([]string{}, t.header...)
		h[col] = `"` + h[col]
		heading("extra quote at the start", col, h, strings.Join(h, ","))
		h = append([]string{}, t.header...)
		h[col] += `"`
		heading("extra quote at the end", col, h, strings.Join(h, ","))
		short := append(without(t.header, col), "")
		if len(t.rows) >= 10 {
			heading("one cell less", col, short, strings.Join(without(t.header, col), ","))
		}
		heading("needless quotes", col, t.header, rfc4180.row(t.header[:col])+strings.Repeat(",", min(col, 1))+style{",", `"`, `"`, "", true}.row(t.header[col:]))
	}
	heading("delimiter at the end", 0, t.header, ls[0]+",")
	// Where people would differ, any reading that leaves the other records whole is
	// right: the record itself is left out of both sides.
	for i := range p.files {
		if f := &p.files[i]; f.want.header == nil && f.kind != "no header" {
			f.want = t
		}
	}
}

func encodeWide(text, name string) []byte {
	e, _, err := lookupEncoding(name)
	if err != nil {
		panic(err)
	}
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		panic(err)
	}
	return bytes.Clone(b)
}
