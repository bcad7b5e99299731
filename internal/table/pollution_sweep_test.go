package table

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// A second measure, on tables that the detection was not made on: every kind of
// damage at every row and column of realistic tables of nine columns. Where two
// readings are as good, either counts (alternatives).

// sweepTables are tables of different kinds: a survey, stations, books, people.
func sweepTables() map[string]cleanTable {
	rng := rand.New(rand.NewPCG(20240607, 99))
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	survey := cleanTable{header: []string{"respondent", "mail", "visited", "at", "spent", "page", "answer", "segment", "callback"}}
	for i := range 90 {
		survey.rows = append(survey.rows, []string{
			fmt.Sprintf("R%05d", 7*i+11), fmt.Sprintf("%s.%s%d@%s", pick("jo", "ann", "lee"), pick("park", "diaz", "moe"), i, pick("mail.test", "example.org")),
			fmt.Sprintf("%02d.%02d.2023", rng.IntN(28)+1, rng.IntN(12)+1), fmt.Sprintf("%02d:%02d:%02d", rng.IntN(24), rng.IntN(60), rng.IntN(60)),
			fmt.Sprintf("%.2f", rng.Float64()*900), fmt.Sprintf("https://www.example.com/shop/item?id=%d&ref=%s", rng.IntN(9999), pick("ad", "mail")),
			pick("Great service, will come back.\nThe waiting time was long, though.", "It said \"closed\", but the sign was wrong", "No answer", "Fine; thanks", "Delivery took 3 days, the box was open\nand wet"),
			pick("retail", "business", "student"), fmt.Sprintf("(555) %03d-%04d", rng.IntN(1000), rng.IntN(10000)),
		})
	}
	stations := cleanTable{header: []string{"Station", "Name", "Latitude", "Longitude", "Measured", "Temperature (°C)", "Humidity %", "Working", "Remark"}}
	for i := range 100 {
		stations.rows = append(stations.rows, []string{
			fmt.Sprintf("%06d", 10400+i*3), pick("Harbour", "Old Mill", "St. Mary's Hill", "Ávila", "North-East Gate") + pick("", " II", ", upper"),
			fmt.Sprintf("%.4f", 40+rng.Float64()*10), fmt.Sprintf("-%.4f", rng.Float64()*9), fmt.Sprintf("2022-%02d-%02dT%02d:00:00Z", 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(24)),
			fmt.Sprintf("%.1f", rng.Float64()*40-10), fmt.Sprint(rng.IntN(101)), pick("true", "false"), pick("", "", "sensor replaced", "calibrated, see log", "wind > 30 m/s"),
		})
	}
	books := cleanTable{header: []string{"ISBN", "Title", "Authors", "Year", "Pages", "Price", "Link", "Abstract", "Lang"}}
	for i := range 84 {
		books.rows = append(books.rows, []string{
			fmt.Sprintf("978-3-16-%06d-%d", 148410+i*17, i%10), pick("A Short History of Almost Anything", "Nets, Webs and Lines", "The \"Other\" Half", "Ökologie des Waldes", "Und dann?"),
			pick("Weiss, K.; Brown, T.", "Osei, A.", "Lindqvist, M.; Aho, V.; Park, S."), fmt.Sprint(1950 + rng.IntN(74)), fmt.Sprint(80 + rng.IntN(900)),
			fmt.Sprintf("€%d.%02d", 5+rng.IntN(90), rng.IntN(100)), fmt.Sprintf("doi.org/10.1000/%d", 182+i),
			pick("We study how tables break, and why.\n\nKeywords: tables; damage", "An introduction.", "", "Long essays on time, place and \"self\".\nSecond edition"), pick("en", "de", "sv"),
		})
	}
	people := cleanTable{header: []string{"First", "Surname", "Firm", "Role", "Town", "Street and no.", "Hobby", "Greeting", "Shelf"}}
	for range 80 {
		people.rows = append(people.rows, []string{
			pick("Maja", "Piotr", "Zoë", "Ian", "Fatima", "Ngozi"), pick("Nowak", "O'Hara", "de la Cruz", "Smith-Jones", "Berg"), pick("Acme, Inc.", "Globex", "Soylent \"Green\" Co", "Umbrella"),
			pick("clerk", "head of sales", "buyer, cars", "owner"), pick("Gdańsk", "Lyon", "Leeds", "Bergen"), pick("Long Lane 5", "Rue de la Paix, 7", "Am Anger 12a"),
			pick("chess", "rowing", "", "reading, music"), pick("Dear Maja,\nthank you", "Hello", "Good day to you"), pick("A", "B", "C"),
		})
	}
	return map[string]cleanTable{"survey": survey, "stations": stations, "books": books, "people": people}
}

// sweep gathers the polluted files of one table.
type sweep struct {
	name  string
	t     cleanTable
	ls    []string // as lines, heading first
	files []sweptFile
}

type sweptFile struct {
	pollutedFile
	also []cleanTable // readings as good
}

func newSweep(name string, t cleanTable) *sweep {
	return &sweep{name: name, t: t, ls: rfc4180.lines(t)}
}

func (s *sweep) add(kind, name, text string, want cleanTable, also ...cleanTable) {
	s.file(kind, name, []byte(text), want, also...)
}

func (s *sweep) file(kind, name string, data []byte, want cleanTable, also ...cleanTable) {
	s.files = append(s.files, sweptFile{pollutedFile{kind, s.name + ": " + name, data, want, Options{}}, also})
}

func crlf(lines []string) string { return strings.Join(lines, "\r\n") + "\r\n" }

// line is the file with line i (0 = the heading) replaced.
func (s *sweep) line(i int, with ...string) string {
	return crlf(slices.Concat(s.ls[:i], with, s.ls[i+1:]))
}

func (s *sweep) cellAt(row, col int) {
	t, w := s.t, len(s.t.header)
	cells, written := t.rows[row], make([]string, w)
	for i, c := range cells {
		written[i] = rfc4180.cell(c)
	}
	c, bare := cells[col], written[col] == cells[col]
	at := fmt.Sprintf("record %d, column %d", row+1, col+1)
	put := func(kind string, written []string, want []string, also ...[]string) {
		var alts []cleanTable
		for _, a := range also {
			alts = append(alts, t.with(row, a...))
		}
		s.add(kind, kind+", "+at, s.line(row+1, strings.Join(written, ",")), t.with(row, want...), alts...)
	}
	set := func(list []string, x string) []string {
		out := slices.Clone(list)
		out[col] = x
		return out
	}
	if bare && c != "" {
		put("extra quote", set(written, `"`+c), set(cells, `"`+c), set(cells, c))
		put("extra quote", set(written, c+`"`), set(cells, c+`"`), set(cells, c))
		_, k := utf8.DecodeRuneInString(c)
		put("extra quote", set(written, c[:k]+`"`+c[k:]), set(cells, c[:k]+`"`+c[k:]), set(cells, c))
	}
	if !bare {
		doubled := written[col]
		_, k := utf8.DecodeRuneInString(c)
		inner := doubled[1 : len(doubled)-1]
		put("extra quote in quotes", set(written, `"`+inner[:k]+`"`+inner[k:]+`"`), set(cells, c[:k]+`"`+c[k:]), set(cells, c))
		put("text after quote", set(written, doubled+" x"), set(cells, c+" x"), set(cells, `"`+c+`" x`), set(cells, c+`" x`))
		put("text after quote", set(written, doubled+"x"), set(cells, c+"x"), set(cells, `"`+c+`"x`), set(cells, c+`"x`))
		if !strings.Contains(c, "\n") && !strings.Contains(c, `"`) {
			put("quotes missing", set(written, c), slices.Concat(cells[:col], strings.Split(c, ","), cells[col+1:]))
			// Where the quote should have ended nobody knows: the rest of the cells is left out of the account.
			put("closing quote missing", set(written, `"`+c), append(slices.Clone(cells[:col]), slices.Repeat([]string{""}, w-col)...),
				append(append(slices.Clone(cells[:col]), c+","+strings.Join(written[col+1:], ",")), slices.Repeat([]string{""}, w-col-1)...), cells,
				slices.Concat(cells[:col], strings.Split(`"`+c, ","), cells[col+1:]))
			put("opening quote missing", set(written, c+`"`), slices.Concat(cells[:col], strings.Split(c+`"`, ","), cells[col+1:]), cells)
		}
	} else if c != "" {
		put("text after quote", set(written, `"`+c+`"x`), set(cells, c+"x"), set(cells, `"`+c+`"x`), set(cells, c+`"x`))
		put("needless quotes", set(written, `"`+c+`"`), cells)
		put("blanks around", set(written, " "+c+" "), set(cells, " "+c+" "), cells)
	}
	less := append(without(cells, col), "")
	put("cell missing", without(written, col), less, cells)
	if col+1 < w {
		// One delimiter missing: the cell and its neighbour are one.
		joined := append(slices.Concat(cells[:col], []string{c + cells[col+1]}, cells[col+2:]), "")
		alt := slices.Clone(joined)
		alt[col] = written[col] + written[col+1]
		alt2 := slices.Clone(joined)
		alt2[col] = c + `"` + written[col+1]
		put("delimiter missing", slices.Concat(written[:col], []string{written[col] + written[col+1]}, written[col+2:]), joined, alt, alt2)
	}
	put("delimiter too many", insert(written, col, ""), insert(cells, col, ""))
	put("cell too many", insert(written, col, "extra"), insert(cells, col, "extra"))
	if row%10 == 0 {
		long := strings.Repeat(c+" very long text,", 4000)
		put("huge cell", set(written, rfc4180.cell(long)), set(cells, long))
	}
}

func (s *sweep) rowAt(row int) {
	t, w := s.t, len(s.t.header)
	cells, line := t.rows[row], s.ls[row+1]
	at := fmt.Sprintf("record %d", row+1)
	put := func(kind, name, text string, want cleanTable, also ...cleanTable) {
		s.add(kind, kind+" "+name+", "+at, text, want, also...)
	}
	for _, d := range []string{";", "\t", "|", " ", ", ", "::", ":", "~", "^"} {
		o := style{d, `"`, `"`, "", false}
		put("other delimiter in a row", fmt.Sprintf("%q", d), s.line(row+1, o.row(cells)), t)
		o.all = true
		put("other delimiter in a row, quoted", fmt.Sprintf("%q", d), s.line(row+1, o.row(cells)), t)
	}
	for _, q := range []string{"'", "`"} {
		put("other quote in a row", q, s.line(row+1, style{",", q, q, "", true}.row(cells)), t)
		put("other quote in a row, where needed", q, s.line(row+1, style{",", q, q, "", false}.row(cells)), t)
	}
	put("other escape in a row", "backslash", s.line(row+1, style{",", `"`, `\`, "", false}.row(cells)), t)
	none := make([]string, w)
	for i, c := range cells {
		none[i] = c
		if rfc4180.cell(c) != c {
			none[i] = `"` + c + `"`
		}
	}
	put("other escape in a row", "none", s.line(row+1, strings.Join(none, ",")), t)
	for _, end := range []string{"\n", "\r", "\n\r", "\r\r\n"} {
		text := strings.Join(s.ls[:row+2], "\r\n") + end
		if row+2 < len(s.ls) {
			text += crlf(s.ls[row+2:])
		}
		put("other record end in a row", fmt.Sprintf("%q", end), text, t)
	}
	put("all cells of a row quoted", "", s.line(row+1, style{",", `"`, `"`, "", true}.row(cells)), t)
	half := make([]string, w)
	for i, c := range cells {
		half[i] = style{",", `"`, `"`, "", i%2 == 0}.cell(c)
	}
	put("row inconsistently quoted", "", s.line(row+1, strings.Join(half, ",")), t)
	quotedLine := style{",", `"`, `"`, "", true}.cell(line)
	if !strings.Contains(line, "\n") {
		put("whole row in quotes", "", s.line(row+1, quotedLine), t, t.with(row, append([]string{line}, slices.Repeat([]string{""}, w-1)...)...))
	}
	for name, extra := range map[string][]string{"blank row": {""}, "blank rows": {"", "", ""}, "row of delimiters": {strings.Repeat(",", w-1)}, "comment": {"# checked, until here"}, "row of blanks": {"  "}} {
		put(name, "", crlf(insert(s.ls, row+1, extra...)), t)
	}
	put("delimiter at a row's end", "", s.line(row+1, line+","), t)
	put("delimiters at a row's end", "", s.line(row+1, line+",,,"), t)
	if row > 0 {
		again := t
		again.rows = insert(t.rows, row, t.header)
		put("heading again", "", crlf(insert(s.ls, row+1, s.ls[0])), again, t)
		put("short row", "", crlf(insert(s.ls, row+1, cells[0])), cleanTable{t.header, insert(t.rows, row, append([]string{rfc4180.cell(cells[0])}, slices.Repeat([]string{""}, w-1)...))}, t)
	}
}

func (s *sweep) heading() {
	t, w := s.t, len(s.t.header)
	put := func(kind, name, line string, header []string, also ...[]string) {
		var alts []cleanTable
		for _, a := range also {
			alts = append(alts, cleanTable{a, t.rows})
		}
		s.add("heading: "+kind, "heading: "+kind+" "+name, s.line(0, line), cleanTable{header, t.rows}, alts...)
	}
	for col := range w {
		at := fmt.Sprintf("column %d", col+1)
		set := func(x string) []string { out := slices.Clone(t.header); out[col] = x; return out }
		h := t.header[col]
		for _, x := range []string{`"` + h, h + `"`, h[:1] + `"` + h[1:]} {
			put("extra quote", at, strings.Join(set(x), ","), set(x), t.header)
		}
		put("blank cell", at, strings.Join(set(""), ","), set(""))
		put("same twice", at, strings.Join(set(t.header[(col+1)%w]), ","), set(t.header[(col+1)%w]))
		long := strings.Repeat("a very long heading of a column ", 20)
		put("long", at, strings.Join(set(long), ","), set(long), set(strings.TrimSpace(long)))
		put("line break", at, strings.Join(set("\"two\nlines\""), ","), set("two\nlines"))
		put("cell missing", at, strings.Join(without(t.header, col), ","), append(without(t.header, col), ""), without(t.header, col), t.header)
		put("delimiter too many", at, strings.Join(insert(t.header, col, ""), ","), insert(t.header, col, ""))
		put("quoted", at, strings.Join(set(`"`+h+`"`), ","), t.header)
		put("number", at, strings.Join(set(fmt.Sprint(2015+col)), ","), set(fmt.Sprint(2015+col)))
	}
	put("delimiter at the end", "", s.ls[0]+",", t.header, append(slices.Clone(t.header), ""))
	put("all the same", "", strings.Join(slices.Repeat([]string{"column"}, w), ","), slices.Repeat([]string{"column"}, w))
	put("all quoted", "", style{",", `"`, `"`, "", true}.row(t.header), t.header)
	for _, d := range []string{";", "\t", "|", ", "} {
		put("other delimiter", d, strings.Join(t.header, d), t.header)
	}
	var codes []string
	for i := range w {
		codes = append(codes, fmt.Sprintf("v%d", i+1))
	}
	put("codes", "", strings.Join(codes, ","), codes)
}

func (s *sweep) whole() {
	t, ls, w := s.t, s.ls, len(s.t.header)
	plain := crlf(ls)
	s.add("plain", "plain", plain, t)
	s.add("no heading", "no heading", crlf(ls[1:]), cleanTable{nil, t.rows})
	s.add("heading only", "heading only", crlf(ls[:1]), cleanTable{t.header, nil})
	s.add("heading only", "heading only, no newline", ls[0], cleanTable{t.header, nil})
	for n := 1; n <= 4; n++ {
		s.add("few records", fmt.Sprintf("%d records", n), crlf(ls[:n+1]), cleanTable{t.header, t.rows[:n]})
	}
	for row := 0; row < len(t.rows); row += 7 {
		s.add("few records", fmt.Sprintf("record %d alone", row+1), crlf([]string{ls[0], ls[row+1]}), cleanTable{t.header, t.rows[row : row+1]})
	}
	for col := range w {
		one := cleanTable{header: t.header[col : col+1]}
		for _, r := range t.rows {
			if r[col] != "" {
				one.rows = append(one.rows, r[col:col+1])
			}
		}
		s.add("one column", fmt.Sprintf("column %d", col+1), string(rfc4180.text(one)), one)
		if !slices.ContainsFunc(one.rows, func(r []string) bool { return kindOf(r[0]) == kindText }) {
			s.add("one column", fmt.Sprintf("column %d, no heading", col+1), string(rfc4180.text(cleanTable{nil, one.rows})), cleanTable{nil, one.rows})
		}
	}
	for n := 2; n < w; n++ {
		few := cleanTable{header: t.header[:n]}
		for _, r := range t.rows {
			few.rows = append(few.rows, r[:n])
		}
		s.add("fewer columns", fmt.Sprintf("%d columns", n), string(rfc4180.text(few)), few)
	}
	part := []string{"(text)", "per unit", "as given", "[1]", "n/a here", "unit", "kind", "source", "memo"}
	units := []string{"s", "text", "kg", "m", "EUR", "code", "free", "list", "word"}
	join := func(rows ...[]string) []string {
		out := make([]string, w)
		for _, r := range rows {
			for i, c := range r {
				out[i] = strings.TrimSpace(out[i] + " " + c)
			}
		}
		return out
	}
	for n := range len(t.rows) + 1 {
		if n > 5 && n != len(t.rows) {
			continue
		}
		kind := "heading rows"
		if n < 3 {
			kind = "heading rows, few records"
		}
		rows := slices.Clone(ls[1 : n+1])
		s.add(kind, fmt.Sprintf("two heading rows, %d records", n), crlf(slices.Concat([]string{ls[0], rfc4180.row(part)}, rows)), cleanTable{join(t.header, part), t.rows[:n]})
		if n > 0 {
			s.add(kind, fmt.Sprintf("three heading rows, %d records", n), crlf(slices.Concat([]string{ls[0], rfc4180.row(part), rfc4180.row(units)}, rows)), cleanTable{join(t.header, part, units), t.rows[:n]})
		}
	}
	group := make([]string, w)
	group[0], group[3], group[6] = "Who", "When", "What"
	spread := []string{"Who", "Who", "Who", "When", "When", "When", "What", "What", "What"}
	s.add("heading rows", "groups above", crlf(insert(ls, 0, rfc4180.row(group))), cleanTable{join(spread, t.header), t.rows}, cleanTable{join(group, t.header), t.rows}, t)
	sub := []string{"", "", "(a)", "(b)", "", "(c)", "", "", ""}
	s.add("heading rows", "a second with gaps", crlf(insert(ls, 1, rfc4180.row(sub))), cleanTable{join(t.header, sub), t.rows})

	for name, end := range map[string]string{"LF": "\n", "CR": "\r", "LFCR": "\n\r", "CRCRLF": "\r\r\n"} {
		st := rfc4180
		st.end = end
		s.add("record ends", name, string(st.text(t)), t)
	}
	s.add("final newline", "none", strings.TrimSuffix(plain, "\r\n"), t)
	s.add("final newline", "two", plain+"\r\n", t)
	s.add("final newline", "three", plain+"\r\n\r\n", t)
	s.add("final newline", "LF after CRLF", plain+"\n", t)
	s.add("final newline", "blanks", plain+"   ", t)
	s.add("final newline", "0x1a", plain+"\x1a", t)

	for _, d := range []string{",", ";", "\t", "|", " ", "::", ", ", "; ", " ; ", " | ", "~", "^", "\x1f", ":", "||", "¬", "§", "!", "#", "&", "=", "/", "\\", "*", "@", "+", "-", "_", "·", "€", "<>", "|~|", "$", "%", "\x01", "\x00"} {
		for _, all := range []bool{false, true} {
			st := style{d, `"`, `"`, "\r\n", all}
			kind := "delimiter"
			if strings.Contains("¬§·€<>|~|@+-_\x00", d) && !strings.Contains("~|", d) {
				kind = "odd delimiter"
			}
			s.file(kind, fmt.Sprintf("delimiter %q, all quoted %v", d, all), st.text(t), t)
			if d != "," {
				few := cleanTable{t.header, t.rows[:2]}
				s.file(kind+", two records", fmt.Sprintf("delimiter %q, two records, all quoted %v", d, all), st.text(few), few)
			}
		}
	}
	for _, q := range []string{"'", "`", "~", "|", "*", "%"} {
		for _, all := range []bool{false, true} {
			st := style{",", q, q, "\r\n", all}
			kind := "quote"
			if !strings.Contains("'`", q) {
				kind = "odd quote"
			}
			s.file(kind, fmt.Sprintf("quote %s, all %v", q, all), st.text(t), t)
		}
	}
	for _, e := range []string{`\`, "#", "^", "/", "~", "'", "|"} {
		st := style{",", `"`, e, "\r\n", false}
		s.file("escape", "escape "+e, st.text(t), t)
		st.all = true
		s.file("escape", "escape "+e+", all quoted", st.text(t), t)
	}
	var bare []string
	for _, r := range slices.Concat([][]string{t.header}, t.rows) {
		var cells []string
		for _, c := range r {
			if rfc4180.cell(c) != c {
				c = `"` + c + `"`
			}
			cells = append(cells, c)
		}
		bare = append(bare, strings.Join(cells, ","))
	}
	s.add("escape", "none", crlf(bare), t)
	noQuotes := cleanTable{header: t.header}
	for _, r := range t.rows {
		row := slices.Clone(r)
		for i := range row {
			row[i] = strings.NewReplacer(",", " ", `"`, "'", "\n", " ").Replace(row[i])
		}
		noQuotes.rows = append(noQuotes.rows, row)
	}
	s.file("quote", "none needed", style{",", "", "", "\r\n", false}.text(noQuotes), noQuotes)
	s.around()
	s.tables()
}

// around puts preambles, comments and footers around the table.
func (s *sweep) around() {
	t, ls, w := s.t, s.ls, len(s.t.header)
	say := []string{"Quarterly extract", "prepared by the records office, 3 June 2024", "Period: 2023-01-01 to 2023-12-31", "Contact: records@example.org", "All figures are provisional; see notes", "Region: North", "Version 2.1", "(c) 2024", "Page 1 of 1"}
	pad := strings.Repeat(",", w-1)
	for n := 1; n <= len(say); n++ {
		pre := say[:n]
		s.add("preamble", fmt.Sprintf("%d lines", n), crlf(insert(ls, 0, pre...)), t)
		s.add("preamble", fmt.Sprintf("%d lines and a blank", n), crlf(insert(ls, 0, append(slices.Clone(pre), "")...)), t)
		s.add("preamble", fmt.Sprintf("%d lines, blanks between", n), crlf(insert(ls, 0, append([]string{pre[0], ""}, pre[1:]...)...)), t)
		var padded, pairs, quoted, hashed []string
		for i, l := range pre {
			padded = append(padded, style{",", `"`, `"`, "", false}.cell(l)+pad)
			pairs = append(pairs, fmt.Sprintf("key %d,%s", i, []string{"value", "2024-01-01", "17"}[i%3]))
			quoted = append(quoted, style{",", `"`, `"`, "", true}.cell(l))
			hashed = append(hashed, "# "+l)
		}
		s.add("preamble", fmt.Sprintf("%d lines, padded", n), crlf(insert(ls, 0, padded...)), t)
		s.add("preamble", fmt.Sprintf("%d lines, padded, and one of delimiters", n), crlf(insert(ls, 0, append(padded, pad)...)), t)
		s.add("preamble", fmt.Sprintf("%d pairs", n), crlf(insert(ls, 0, pairs...)), t)
		s.add("preamble", fmt.Sprintf("%d pairs and a blank", n), crlf(insert(ls, 0, append(pairs, "")...)), t)
		s.add("preamble", fmt.Sprintf("%d lines, quoted", n), crlf(insert(ls, 0, quoted...)), t)
		s.add("preamble", fmt.Sprintf("%d comments", n), crlf(insert(ls, 0, hashed...)), t)
		s.add("preamble", fmt.Sprintf("%d blank lines", n), crlf(insert(ls, 0, make([]string, n)...)), t)
		foot := append(slices.Clone(ls), "")
		s.add("footer", fmt.Sprintf("%d lines after a blank", n), crlf(append(foot, pre...)), t)
		if n <= 3 {
			s.add("footer", fmt.Sprintf("%d comments", n), crlf(append(slices.Clone(ls), hashed...)), t)
			s.add("preamble, few records", fmt.Sprintf("%d lines, one record", n), crlf(append(slices.Clone(pre), ls[:2]...)), cleanTable{t.header, t.rows[:1]})
			s.add("preamble, few records", fmt.Sprintf("%d lines, two records", n), crlf(append(slices.Clone(pre), ls[:3]...)), cleanTable{t.header, t.rows[:2]})
			s.add("preamble, few records", fmt.Sprintf("%d lines, heading only", n), crlf(append(slices.Clone(pre), ls[:1]...)), cleanTable{t.header, nil})
		}
		s.add("preamble and footer", fmt.Sprintf("%d lines", n), crlf(slices.Concat(pre, []string{""}, ls, []string{"", "Source: own data"})), t)
		s.add("preamble, no heading", fmt.Sprintf("%d lines", n), crlf(slices.Concat(pre, []string{""}, ls[1:])), cleanTable{nil, t.rows})
		two := []string{"(text)", "per unit", "as given", "[1]", "n/a here", "unit", "kind", "source", "memo"}
		joined := make([]string, w)
		for i := range joined {
			joined[i] = t.header[i] + " " + two[i]
		}
		s.add("preamble, two heading rows", fmt.Sprintf("%d lines", n), crlf(slices.Concat(pre, []string{""}, ls[:1], []string{strings.Join(two, ",")}, ls[1:])), cleanTable{joined, t.rows})
	}
	s.add("footer", "total", crlf(append(slices.Clone(ls), "Total"+pad)), t)
	s.add("footer", "total with a sum", crlf(append(slices.Clone(ls), "Total,,,,1234.50,,,,")), t)
	s.add("footer", "one line, no blank", crlf(append(slices.Clone(ls), "Source: the records office")), t)
	s.add("footer", "notes, no blank", crlf(append(slices.Clone(ls), "* provisional", "** estimated")), t)
}

func (s *sweep) tables() {
	t, ls := s.t, s.ls
	small := func(width, n int) []string {
		var out, h []string
		for i := range width {
			h = append(h, []string{"Region", "Sales", "Share", "Count", "Rank", "Code", "Index", "Mean", "Max", "Min", "Sum"}[i])
		}
		out = append(out, strings.Join(h, ","))
		for k := range n {
			r := []string{fmt.Sprintf("Region %c", 'A'+k)}
			for i := 1; i < width; i++ {
				r = append(r, fmt.Sprintf("%d.%d", 10*k+i, i))
			}
			out = append(out, strings.Join(r, ","))
		}
		return out
	}
	for _, width := range []int{2, 3, 5, 8, 9, 11} {
		for _, n := range []int{2, 5, 12} {
			for gap, between := range map[string][]string{"a blank line": {""}, "two blank lines": {"", ""}, "no blank line": nil, "a title between": {"", "Summary", ""}} {
				name := fmt.Sprintf("%d columns, %d records, %s", width, n, gap)
				other := small(width, n)
				s.add("tables", "below, "+name, crlf(slices.Concat(ls, between, other)), t)
				if gap != "no blank line" || width != 9 {
					s.add("tables", "above, "+name, crlf(slices.Concat(other, between, ls)), t)
				}
			}
		}
	}
}

// score is the best of the readings that count.
func (f *sweptFile) score(t *testing.T) float64 {
	out, err := cleanText(t, BytesSource("x.csv", f.data), Options{})
	if err != nil {
		return 0
	}
	best := sum(measures(out, f.want))
	for _, a := range f.also {
		best = max(best, sum(measures(out, a)))
	}
	return best
}

// TestPollutionSweep: rules 1.3 and 1.4 at every position with LEADPORT_POLLUTION=all,
// or of the table named there alone, else at some.
func TestPollutionSweep(t *testing.T) {
	which := os.Getenv("LEADPORT_POLLUTION")
	type tally struct {
		n          int
		sum, worst float64
		low        []string
	}
	kinds := map[string]*tally{}
	total, files := 0., 0
	for name, clean := range sweepTables() {
		all := which == "all" || which == name
		if !all && (which != "" || name != "survey") {
			continue
		}
		s := newSweep(name, clean)
		s.whole()
		s.heading()
		for row := range clean.rows {
			if !all && row%41 != 0 && row != len(clean.rows)-1 {
				continue
			}
			s.rowAt(row)
			for col := range clean.header {
				s.cellAt(row, col)
			}
		}
		for _, f := range s.files {
			score := f.score(t)
			k := kinds[f.kind]
			if k == nil {
				k = &tally{worst: 10}
				kinds[f.kind] = k
			}
			k.n++
			k.sum += score
			total += score
			files++
			k.worst = min(k.worst, score)
			if score < 9.99 {
				k.low = append(k.low, fmt.Sprintf("%6.3f %s", score, f.name))
			}
		}
	}
	var names []string
	mean := 0.
	for name, k := range kinds {
		names = append(names, name)
		mean += k.sum / float64(k.n)
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := kinds[a].sum/float64(kinds[a].n), kinds[b].sum/float64(kinds[b].n)
		if x < y {
			return -1
		}
		return 1
	})
	var report strings.Builder
	for _, name := range names {
		k := kinds[name]
		fmt.Fprintf(&report, "%-40s %6d files %6.3f worst %6.3f\n", name, k.n, k.sum/float64(k.n), k.worst)
		slices.Sort(k.low)
		for i := 0; i < min(len(k.low), 12); i++ {
			fmt.Fprintf(&report, "      %s\n", k.low[i])
		}
	}
	simple, byKind := total/float64(files), mean/float64(len(kinds))
	t.Logf("%d files, simple %.3f, by kind %.3f\n%s", files, simple, byKind, report.String())
	if simple < 9.8 || byKind < 9.75 {
		t.Errorf("simple %.3f, by kind %.3f", simple, byKind)
	}
	// What real files have most often.
	for _, name := range []string{
		"plain", "no heading", "preamble", "footer", "cell too many", "cell missing", "delimiter missing", "delimiter too many", "extra quote",
		"extra quote in quotes", "text after quote", "needless quotes", "blank row", "comment", "record ends", "final newline", "few records", "quote",
	} {
		if k := kinds[name]; k == nil || k.sum/float64(k.n) < 9.98 {
			t.Errorf("%s: %v", name, k)
		}
	}
}
