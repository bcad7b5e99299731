package table

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"
)

// A third measure: tables drawn by a seed, so that a new seed is a measure that
// nothing was made on. Columns, headings, words, formats, widths and lengths all
// vary; the kinds of pollution are those of the paper, each at every position.

// drawer makes one table.
type drawer struct {
	*rand.Rand
	words  []string
	script string // letters of another script, "" = Latin
}

func (d *drawer) pick(list ...string) string { return list[d.IntN(len(list))] }

// word is pronounceable and unlike those of other seeds.
func (d *drawer) word() string {
	var b strings.Builder
	if letters := []rune(d.script); len(letters) > 0 {
		for range 2 + d.IntN(6) {
			b.WriteRune(letters[d.IntN(len(letters))])
		}
		return b.String()
	}
	for range 1 + d.IntN(3) {
		b.WriteString(d.pick("b", "c", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr", "ch", ""))
		b.WriteString(d.pick("a", "e", "i", "o", "u", "ai", "ou", "ä", "é", "a", "e", "i", "o"))
		b.WriteString(d.pick("", "", "n", "r", "s", "l", "nd", "rt", "ck"))
	}
	if b.Len() < 2 {
		return "ox"
	}
	return b.String()
}

func title(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

func (d *drawer) phrase(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = d.words[d.IntN(len(d.words))]
	}
	return strings.Join(out, " ")
}

func (d *drawer) date(layout string) string {
	y, m, day := 1990+d.IntN(35), 1+d.IntN(12), 1+d.IntN(28)
	months := []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
	switch layout {
	case "iso":
		return fmt.Sprintf("%d-%02d-%02d", y, m, day)
	case "us":
		return fmt.Sprintf("%d/%d/%d", m, day, y)
	case "de":
		return fmt.Sprintf("%02d.%02d.%d", day, m, y)
	case "name":
		return fmt.Sprintf("%d %s %d", day, months[m-1], y)
	case "long":
		return fmt.Sprintf("%s %d, %d", months[m-1], day, y)
	}
	return fmt.Sprintf("%d-%02d-%02dT%02d:%02d:00Z", y, m, day, d.IntN(24), d.IntN(60))
}

type drawnColumn struct {
	names []string
	cell  func(i int) string
}

func (d *drawer) columns() []drawnColumn {
	layout := d.pick("iso", "us", "de", "name", "long", "stamp")
	money := d.pick("%d.%02d", "$%d.%02d", "%d,%02d", "%d.%02d EUR", "1,%03d.%02d", "€ %d.%02d")
	base := d.IntN(90000) + 100
	some := func(p float64, s string) string {
		if d.Float64() < p {
			return s
		}
		return ""
	}
	return []drawnColumn{
		{[]string{"id", "No.", "Nr", "record", "case number"}, func(i int) string { return fmt.Sprint(base + 3*i) }},
		{[]string{"code", "sku", "ref", "Article"}, func(i int) string {
			return fmt.Sprintf("%s-%04d%s", strings.ToUpper(d.words[0]), i*37%9999, d.pick("A", "B", "/2"))
		}},
		{[]string{"name", "Full Name", "person", "contact"}, func(int) string { return title(d.phrase(1)) + " " + title(d.phrase(1)) }},
		{[]string{"sorted name", "Author", "Inventor"}, func(int) string { return title(d.phrase(1)) + ", " + title(d.phrase(1)) }},
		{[]string{"firm", "Company", "supplier", "institution"}, func(int) string {
			return title(d.phrase(1+d.IntN(2))) + d.pick("", " Ltd", ", Inc.", " & Sons", ` "Plus"`, " S.A.")
		}},
		{[]string{"mail", "E-Mail", "email_address"}, func(i int) string { return fmt.Sprintf("%s.%d@%s.example", d.phrase(1), i, d.words[1]) }},
		{[]string{"url", "Link", "homepage"}, func(i int) string {
			return fmt.Sprintf("https://%s.example/%s/%d%s", d.words[2], d.phrase(1), i, d.pick("", "?a=1,2&b=3", "#top", "/x,y,z.html"))
		}},
		{[]string{"when", "Date", "date_of_entry", "valid from"}, func(int) string { return d.date(layout) }},
		{[]string{"time", "at", "Start"}, func(int) string { return fmt.Sprintf("%02d:%02d", d.IntN(24), d.IntN(60)) }},
		{[]string{"amount", "Price", "total", "fee"}, func(int) string { return fmt.Sprintf(money, d.IntN(900), d.IntN(100)) }},
		{[]string{"count", "Qty", "number of items", "n"}, func(int) string { return fmt.Sprint(d.IntN(500)) }},
		{[]string{"share", "Rate", "value", "lat"}, func(int) string { return fmt.Sprintf("%.*f", 1+d.IntN(4), d.Float64()*200-100) }},
		{[]string{"share %", "Change"}, func(int) string { return fmt.Sprintf("%.1f%%", d.Float64()*40-20) }},
		{[]string{"phone", "Tel.", "hotline"}, func(int) string {
			return d.pick("+44 20 %s", "(0%s)", "0%s-12") + ""
		}},
		{[]string{"kind", "Category", "type", "status"}, func(int) string { return d.words[3+d.IntN(4)] }},
		{[]string{"flag", "Active", "ok?"}, func(int) string { return d.pick("yes", "no") }},
		{[]string{"note", "Remarks", "comment", "description"}, func(int) string {
			return d.pick("", d.phrase(6), d.phrase(4)+", "+d.phrase(3), d.phrase(2)+"\n"+d.phrase(5), d.phrase(1)+"'s "+d.phrase(3), d.phrase(3)+` "`+d.phrase(1)+`", `+d.phrase(2), title(d.phrase(5))+".")
		}},
		{[]string{"address", "Street"}, func(int) string {
			return fmt.Sprintf("%s %s %d", title(d.phrase(1)), d.pick("Road", "St.", "Weg"), 1+d.IntN(200))
		}},
		{[]string{"tags", "keywords"}, func(int) string { return d.phrase(1) + some(.6, ","+d.phrase(1)) + some(.4, ","+d.phrase(1)) }},
		{[]string{"list", "members"}, func(int) string { return d.phrase(1) + "; " + d.phrase(1) + some(.5, "; "+d.phrase(1)) }},
		{[]string{"year", "Vintage"}, func(int) string { return fmt.Sprint(1950 + d.IntN(75)) }},
	}
}

// shaped is the first seed of tables of any width, length and script.
const shaped = 10000

var drawnScripts = []string{"абвгдежзиклмнопрстуфхцчшэюя", "αβγδεζηθικλμνξοπρστυφχψω", "いうえおかきくけこさしすせそたちつてとアイウエオカキ日本東京大阪山田中", "가나다라마바사아자차카타파하김이박최", "אבגדהוזחטיכלמנסעפצקרשת", "ابتثجحدرزسشصضطعفقكلمنهوي", "กขคงจชดตนบปพฟมยรลวสห", ""}

// drawTable is a table of 5 to 10 columns and 80 to 100 records; some column has
// values and some has text. From shaped on it has 2 to 30 columns and 4 to 400 records.
func drawTable(seed uint64) cleanTable {
	d := &drawer{Rand: rand.New(rand.NewPCG(seed, 0x70a11d))}
	if seed >= shaped {
		d.script = drawnScripts[d.IntN(len(drawnScripts))]
	}
	for range 60 {
		d.words = append(d.words, d.word())
	}
	all := d.columns()
	if seed >= shaped {
		all = append(all, d.columns()...)
	}
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	width, length := 5+d.IntN(6), 80
	if seed >= shaped {
		width = []int{2, 3, 4, 6, 12, 20, 30}[d.IntN(7)]
		length = []int{4, 8, 20, 200, 400}[d.IntN(5)]
	}
	all = all[:width]
	style := d.pick("as is", "upper", "title", "snake")
	var t cleanTable
	for _, c := range all {
		h := d.pick(c.names...)
		switch style {
		case "upper":
			h = strings.ToUpper(h)
		case "title":
			h = title(h)
		case "snake":
			h = strings.ReplaceAll(strings.ToLower(h), " ", "_")
		}
		t.header = append(t.header, h)
	}
	for i := range length + d.IntN(21) {
		var row []string
		for _, c := range all {
			cell := c.cell(i)
			if strings.Contains(cell, "%s") {
				cell = fmt.Sprintf(cell, fmt.Sprint(1000000+d.IntN(8999999)))
			}
			row = append(row, cell)
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// drawn gathers the polluted files of one table.
type drawn struct {
	*sweep
	seed uint64
	d    *drawer
}

func newDrawn(seed uint64) *drawn {
	d := &drawer{Rand: rand.New(rand.NewPCG(seed, 0xf11e5))}
	for range 40 + 60*boolInt(seed >= shaped) {
		d.words = append(d.words, d.word())
	}
	return &drawn{newSweep(fmt.Sprint("seed ", seed), drawTable(seed)), seed, d}
}

// as writes the table in another style; opt are the flags that a person would give.
func (s *drawn) as(kind, name string, st style, t cleanTable) {
	s.file(kind, name, st.text(t), t)
	s.files[len(s.files)-1].hints = st.hints()
}

func (s *drawn) lines(kind, name string, lines []string, want cleanTable, also ...cleanTable) {
	s.add(kind, name, crlf(lines), want, also...)
	s.files[len(s.files)-1].hints = rfc4180.hints()
}

// unlike tells whether the cells hold none of the signs, so that the table can be
// written with them unquoted.
func unlike(t cleanTable, sign string) cleanTable {
	out := cleanTable{}
	fix := func(row []string) []string {
		row = slices.Clone(row)
		for i, c := range row {
			row[i] = strings.NewReplacer("\n", "", `"`, "'", sign, "").Replace(c)
		}
		return row
	}
	out.header = fix(t.header)
	for _, r := range t.rows {
		out.rows = append(out.rows, fix(r))
	}
	return out
}

func (s *drawn) wholeFile() {
	t, ls, w, d := s.t, s.ls, len(s.t.header), s.d
	s.lines("clean", "clean", ls, t)
	s.add("empty file", "empty", "", cleanTable{})
	s.lines("no header", "no header", ls[1:], cleanTable{nil, t.rows})
	zero := 0
	s.files[len(s.files)-1].hints.Header = &zero
	s.lines("no payload", "header only", ls[:1], cleanTable{t.header, nil})
	s.add("no payload", "header only, no newline", ls[0], cleanTable{t.header, nil})
	for _, i := range []int{0, 1, len(t.rows) / 2, len(t.rows) - 1} {
		s.lines("one record", fmt.Sprint("record ", i+1), []string{ls[0], ls[i+1]}, cleanTable{t.header, t.rows[i : i+1]})
	}
	// Headings.
	var units, more []string
	for i := range w {
		units = append(units, "("+d.words[i]+")")
		more = append(more, strings.ToUpper(d.words[w+i]))
	}
	both := func(rows ...[]string) []string {
		out := slices.Clone(t.header)
		for i := range out {
			for _, r := range rows {
				out[i] = strings.TrimSpace(out[i] + " " + r[i])
			}
		}
		return out
	}
	s.lines("header rows", "two", insert(ls, 1, rfc4180.row(units)), cleanTable{both(units), t.rows})
	s.lines("header rows", "three", insert(ls, 1, rfc4180.row(units), rfc4180.row(more)), cleanTable{both(units, more), t.rows})
	s.lines("header rows", "two, one record", []string{ls[0], rfc4180.row(units), ls[1]}, cleanTable{both(units), t.rows[:1]})
	s.lines("header rows, no payload", "two, no record", []string{ls[0], rfc4180.row(units)}, cleanTable{both(units), nil}, cleanTable{t.header, [][]string{units}})
	head := func(kind, name string, written string, want []string, also ...cleanTable) {
		s.lines("header: "+kind, name, slices.Concat([]string{written}, ls[1:]), cleanTable{want, t.rows}, also...)
	}
	for col := range w {
		set := func(x string) []string { out := slices.Clone(t.header); out[col] = x; return out }
		at := fmt.Sprint("column ", col+1)
		head("one too few", at, rfc4180.row(without(t.header, col)), append(without(t.header, col), ""))
		if col+1 < w && w > 3 {
			head("two too few", at, rfc4180.row(without(without(t.header, col), col)), append(without(without(t.header, col), col), "", ""))
		}
		wider := cleanTable{header: insert(t.header, col, d.words[0])}
		for _, r := range t.rows {
			wider.rows = append(wider.rows, append(slices.Clone(r), ""))
		}
		s.lines("header: one too many", at, slices.Concat([]string{rfc4180.row(wider.header)}, ls[1:]), wider)
		head("empty", at, rfc4180.row(set("")), set(""))
		head("duplicate", at, rfc4180.row(set(t.header[(col+1)%w])), set(t.header[(col+1)%w]))
		head("number", at, rfc4180.row(set(fmt.Sprint(2010+col))), set(fmt.Sprint(2010+col)))
		head("line break", at, rfc4180.row(set(t.header[col]+"\n"+d.words[3])), set(t.header[col]+"\n"+d.words[3]))
		head("with delimiter", at, rfc4180.row(set(t.header[col]+", "+d.words[3])), set(t.header[col]+", "+d.words[3]))
		long := strings.TrimSpace(strings.Repeat(d.words[4]+" ", 60))
		head("long", at, rfc4180.row(set(long)), set(long))
	}
	head("all the same", "", rfc4180.row(slices.Repeat([]string{"field"}, w)), slices.Repeat([]string{"field"}, w))
	head("all upper", "", strings.ToUpper(ls[0]), strings.Split(strings.ToUpper(strings.Join(t.header, "\x00")), "\x00"))
	// Line ends.
	plain := crlf(ls)
	for _, end := range []string{"\n", "\r", "\n\r", "\r\n"} {
		st := rfc4180
		st.end = end
		s.as("record ends", fmt.Sprintf("%q", end), st, t)
	}
	var mixed strings.Builder
	for _, l := range ls {
		mixed.WriteString(l + d.pick("\r\n", "\n"))
	}
	s.add("record ends", "mixed", mixed.String(), t)
	s.add("final newline", "none", strings.TrimSuffix(plain, "\r\n"), t)
	for n := 1; n <= 3; n++ {
		s.add("final newline", fmt.Sprint(n, " more"), plain+strings.Repeat("\r\n", n), t)
	}
	for _, n := range []int{1, 2, 5} {
		s.lines("blank lines first", fmt.Sprint(n), insert(ls, 0, make([]string, n)...), t)
	}
	double := []string{}
	for _, l := range ls {
		double = append(double, l, "")
	}
	s.lines("blank line after each", "", double, t)
	s.lines("blank line after the heading", "", insert(ls, 1, ""), t)
	s.around()
	s.moreTables()
	s.delimiters()
	s.quotes()
	s.encoded()
}

func (s *drawn) around() {
	t, ls, w, d := s.t, s.ls, len(s.t.header), s.d
	pad := strings.Repeat(",", w-1)
	for n := 1; n <= 6; n++ {
		var free, padded, pairs, values []string
		for i := range n {
			l := title(d.phrase(3 + i%3))
			free = append(free, l)
			padded = append(padded, l+pad)
			pairs = append(pairs, title(d.words[i])+":,"+d.pick(d.phrase(2), d.date("iso"), "17"))
			values = append(values, fmt.Sprintf("%s %s - %s", title(d.words[i]), d.date("iso"), d.date("us")))
		}
		name := fmt.Sprint(n, " lines")
		s.lines("preamble", name, slices.Concat(free, ls), t)
		s.lines("preamble", name+", blank", slices.Concat(free, []string{""}, ls), t)
		s.lines("preamble", name+", padded", slices.Concat(padded, ls), t)
		s.lines("preamble", name+", padded, delimiters", slices.Concat(padded, []string{pad}, ls), t)
		s.lines("preamble", name+", pairs", slices.Concat(pairs, []string{""}, ls), t)
		s.lines("preamble", name+", values", slices.Concat(values, []string{""}, ls), t)
		s.lines("preamble", name+", no header", slices.Concat(free, []string{""}, ls[1:]), cleanTable{nil, t.rows})
		s.lines("footer", name+" after a blank", slices.Concat(ls, []string{""}, free), t)
		s.lines("footer", name+", padded, after a row of delimiters", slices.Concat(ls, []string{pad}, padded), t)
		s.lines("footer", name+" at once", slices.Concat(ls, free), t)
		s.lines("preamble and footer", name, slices.Concat(free, []string{""}, ls, []string{""}, free), t)
	}
	s.lines("footer", "total", append(slices.Clone(ls), "Total,"+fmt.Sprint(len(t.rows))+strings.Repeat(",", w-2)), t)
	s.lines("comments", "first", slices.Concat([]string{"# " + d.phrase(4)}, ls), t)
	s.lines("comments", "last", slices.Concat(ls, []string{"# " + d.phrase(4)}), t)
}

func (s *drawn) moreTables() {
	ls, w, d := s.ls, len(s.t.header), s.d
	other := func(width, n int) []string {
		var h []string
		for i := range width {
			h = append(h, title(d.words[10+i]))
		}
		out := []string{strings.Join(h, ",")}
		for k := range n {
			r := []string{d.words[k%len(d.words)]}
			for i := 1; i < width; i++ {
				r = append(r, fmt.Sprint(d.IntN(1000)))
			}
			out = append(out, strings.Join(r, ","))
		}
		return out
	}
	for _, width := range []int{2, 3, w - 1, w, w + 1, w + 3} {
		for _, n := range []int{2, 6, 15} {
			if width < 2 || 2*width*n > w*len(s.t.rows) {
				continue // not the largest any more
			}
			for gap, between := range map[string][]string{"blank": {""}, "none": nil, "two": {"", ""}, "title": {"", title(d.phrase(2)), ""}} {
				if gap == "none" && width == w {
					continue // nobody can know where it begins
				}
				name := fmt.Sprintf("%d columns, %d records, gap %s", width-w, n, gap)
				s.lines("tables", "below "+name, slices.Concat(ls, between, other(width, n)), s.t)
				s.lines("tables", "above "+name, slices.Concat(other(width, n), between, ls), s.t)
			}
		}
	}
}

func (s *drawn) delimiters() {
	for _, x := range []string{";", "\t", "|", " ", ":", "~", "^", "!", "#", "$", "%", "&", "*", "+", "-", "_", "=", "@", "<", ">", "?", "/", "\\", "\x01", "\x1f", "\x00", "¦", "·", "→", "，", "§"} {
		s.delimiter("delimiter", x)
	}
	for _, x := range []string{", ", "; ", " | ", ",,", ";;", "||", "\t\t", "::", "~~", "|||", "<>", "->", "@@", "; ; ", "--", "#|#", " - ", "\t|\t"} {
		s.delimiter("delimiter of several", x)
	}
}

func (s *drawn) delimiter(kind, x string) {
	few := cleanTable{s.t.header, s.t.rows[:3]}
	s.as(kind, fmt.Sprintf("%q", x), style{x, `"`, `"`, "\r\n", false}, s.t)
	s.as(kind+", all quoted", fmt.Sprintf("%q", x), style{x, `"`, `"`, "\r\n", true}, s.t)
	s.as(kind+", three records", fmt.Sprintf("%q", x), style{x, `"`, `"`, "\r\n", false}, few)
	s.as(kind+", no quotes", fmt.Sprintf("%q", x), style{x, "", "", "\r\n", false}, unlike(s.t, x))
}

func (s *drawn) quotes() {
	for _, q := range []string{`"`, "'", "`", "~", "|", "*", "%", "$", "#", "^", "/", "!", "_", "″", "”", "´", "＂", "¨", "′", "”", "§", "¦", "•"} {
		kind := "quote"
		if len(q) > 1 {
			kind = "quote beyond ASCII"
		}
		for _, delim := range []string{",", ";"} {
			s.as(kind, q+" "+delim, style{delim, q, q, "\r\n", false}, s.t)
			s.as(kind+", all quoted", q+" "+delim, style{delim, q, q, "\r\n", true}, s.t)
		}
	}
	quotedCell := func(q string) bool { // else nothing shows the escape
		return slices.ContainsFunc(slices.Concat(s.t.rows...), func(c string) bool { return strings.Contains(c, q) })
	}
	for _, e := range []string{`\`, "/", "^", "~", "#", "'", "!", "?", "%", "@", "`", "\x1b"} {
		if quotedCell(`"`) {
			s.as("escape", e, style{",", `"`, e, "\r\n", false}, s.t)
			s.as("escape", e+", all quoted", style{",", `"`, e, "\r\n", true}, s.t)
		}
		if quotedCell("'") {
			s.as("escape", e+", single quotes", style{";", `'`, e, "\r\n", false}, s.t)
		}
	}
	var bare []string
	for _, r := range slices.Concat([][]string{s.t.header}, s.t.rows) {
		cells := slices.Clone(r)
		for i, c := range r {
			if rfc4180.cell(c) != c {
				cells[i] = `"` + c + `"`
			}
		}
		bare = append(bare, strings.Join(cells, ","))
	}
	s.add("escape, none", "none", crlf(bare), s.t)
}

func (s *drawn) encoded() {
	for _, bom := range []string{"", "\ufeff"} {
		for _, name := range []string{"utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be", "windows-1252", "iso-8859-1", "iso-8859-15", "macintosh", "ibm850", "ibm437", "windows-1250"} {
			if bom != "" && !strings.HasPrefix(name, "utf") {
				continue
			}
			if raw, ok := tryEncode(bom+string(rfc4180.text(s.t)), name); ok {
				s.file("encoding", fmt.Sprintf("%s %q", name, bom), raw, s.t)
			}
		}
	}
}

// position spoils one cell.
func (s *drawn) position(row, col int) {
	t, w, d := s.t, len(s.t.header), s.d
	cells := t.rows[row]
	written := make([]string, w)
	for i, c := range cells {
		written[i] = rfc4180.cell(c)
	}
	c, bare := cells[col], written[col] == cells[col]
	at := fmt.Sprintf("record %d, column %d", row+1, col+1)
	put := func(kind string, written, want []string, also ...[]string) {
		var alts []cleanTable
		for _, a := range also {
			alts = append(alts, t.with(row, a...))
		}
		s.lines("cell: "+kind, at, slices.Concat(s.ls[:row+1], []string{strings.Join(written, ",")}, s.ls[row+2:]), t.with(row, want...), alts...)
	}
	set := func(list []string, x string) []string { out := slices.Clone(list); out[col] = x; return out }
	blank := func(n int) []string { return make([]string, n) }
	put("one less", without(written, col), append(without(cells, col), ""))
	put("one more", insert(written, col, d.words[7]), insert(cells, col, d.words[7]))
	put("extra delimiter", insert(written, col, ""), insert(cells, col, ""))
	if two := slices.Concat(cells[:col+1], []string{"", ""}, cells[col+1:]); col+1 < w {
		put("extra delimiter", set(written, written[col]+",,"), two)
	}
	put("row ends early", written[:col+1], append(slices.Clone(cells[:col+1]), blank(w-col-1)...))
	if col+1 < w && bare && written[col+1] == cells[col+1] {
		put("delimiter missing", slices.Concat(written[:col], []string{c + cells[col+1]}, written[col+2:]), append(slices.Concat(cells[:col], []string{c + cells[col+1]}, cells[col+2:]), ""))
	} else if col+1 < w && bare {
		put("delimiter missing", slices.Concat(written[:col], []string{c + written[col+1]}, written[col+2:]),
			append(slices.Concat(cells[:col], []string{c + written[col+1]}, cells[col+2:]), ""), append(slices.Concat(cells[:col], []string{c + `"` + cells[col+1] + `"`}, cells[col+2:]), ""))
	}
	if bare && c != "" {
		put("extra quote", set(written, `"`+c), set(cells, `"`+c), set(cells, c))
		put("extra quote", set(written, c+`"`), set(cells, c+`"`), set(cells, c))
		_, k := utf8.DecodeRuneInString(c)
		put("extra quote", set(written, c[:k]+`"`+c[k:]), set(cells, c[:k]+`"`+c[k:]))
		put("needless quotes", set(written, `"`+c+`"`), cells)
		put("blank after quotes", set(written, `"`+c+`" `), cells, set(cells, c+" "))
	}
	if !bare {
		in := written[col][1 : len(written[col])-1]
		put("quote too many at the start", set(written, `""`+in+`"`), set(cells, `"`+c), cells)
		put("quote too many at the end", set(written, `"`+in+`""`), set(cells, c+`"`), cells)
		_, k := utf8.DecodeRuneInString(c)
		put("quote too many inside", set(written, `"`+in[:k]+`"`+in[k:]+`"`), set(cells, c[:k]+`"`+c[k:]), cells)
		if !strings.ContainsAny(c, "\"\n") {
			put("no closing quote", set(written, `"`+c), append(append(slices.Clone(cells[:col]), c+","+strings.Join(written[col+1:], ",")), blank(w-col-1)...), cells,
				slices.Concat(cells[:col], strings.Split(`"`+c, ","), cells[col+1:]))
			put("no opening quote", set(written, c+`"`), slices.Concat(cells[:col], strings.Split(c+`"`, ","), cells[col+1:]), cells)
			put("no quotes", set(written, c), slices.Concat(cells[:col], strings.Split(c, ","), cells[col+1:]))
		}
	}
	put("other quotes", set(written, `'`+c+`'`), slices.Concat(cells[:col], strings.Split(`'`+c+`'`, ","), cells[col+1:]), set(cells, `'`+c+`'`), cells)
	long := strings.Repeat(d.words[8]+" ", 3000) + d.words[9]
	put("long", set(written, long), set(cells, long))
	lines := strings.Repeat(d.words[8]+", \n", 30) + `"` + d.words[9] + `"`
	put("many lines", set(written, rfc4180.cell(lines)), set(cells, lines))
}

// record spoils one record.
func (s *drawn) record(row int) {
	t, w, d := s.t, len(s.t.header), s.d
	cells, ls := t.rows[row], s.ls
	at := fmt.Sprint("record ", row+1)
	put := func(kind, name string, line string, want cleanTable, also ...cleanTable) {
		s.lines("row: "+kind, at+" "+name, slices.Concat(ls[:row+1], []string{line}, ls[row+2:]), want, also...)
	}
	for _, x := range []string{";", "\t", "|", " ", ", ", "::", ":", "||", ",,", "~"} {
		kind := "other delimiter"
		put(kind, fmt.Sprintf("%q", x), style{x, `"`, `"`, "", false}.row(cells), t)
		put(kind+", all quoted", fmt.Sprintf("%q", x), style{x, `"`, `"`, "", true}.row(cells), t)
	}
	for _, q := range []string{"'", "`", "″"} {
		put("other quote", q, style{",", q, q, "", true}.row(cells), t)
	}
	put("other escape", `\`, style{",", `"`, `\`, "", false}.row(cells), t)
	put("all quoted", "", style{",", `"`, `"`, "", true}.row(cells), t)
	put("trailing delimiter", "", ls[row+1]+",", t)
	put("trailing delimiters", "", ls[row+1]+",,,", t)
	put("leading delimiter", "", ","+ls[row+1], t.with(row, insert(cells, 0, "")...))
	for _, end := range []string{"\n", "\r", "\n\r", "\r\r\n"} {
		text := strings.Join(ls[:row+2], "\r\n") + end
		if row+2 < len(ls) {
			text += crlf(ls[row+2:])
		}
		s.add("row: other line end", fmt.Sprintf("%s %q", at, end), text, t)
	}
	for name, extra := range map[string]string{"blank": "", "delimiters": strings.Repeat(",", w-1), "blanks": "   ", "tab": "\t"} {
		s.lines("row: blank row", at+" "+name, insert(ls, row+1, extra), t)
	}
	s.lines("row: one cell alone", at, insert(ls, row+1, d.words[5]), cleanTable{t.header, insert(t.rows, row, append([]string{d.words[5]}, make([]string, w-1)...))})
	if row > 0 {
		s.lines("row: heading again", at, insert(ls, row+1, ls[0]), cleanTable{t.header, insert(t.rows, row, t.header)})
		s.lines("row: twice", at, insert(ls, row+1, ls[row+1]), cleanTable{t.header, insert(t.rows, row, cells)})
	}
}
