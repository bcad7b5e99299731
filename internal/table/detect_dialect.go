package table

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The dialect is judged as in G.J.J. van den Burg, A. Nazábal, C. Sutton,
// "Wrangling messy CSV files by detecting row and type patterns" (2019): for each
// candidate, how regular the rows are times how many cells look like values. It
// looks at scoreBytes of the head, so its time is bounded.
const (
	scoreBytes = 64 << 10
	scoreRows  = 300
)

// majors are preferred in this order where two explain the file equally well;
// minors must be close to perfect, as they occur inside values.
var (
	majors = []string{",", ";", "\t", "|"}
	minors = []string{"^", "~", "¦", "§", "\x01", "\x1c", "\x1d", "\x1e", "\x1f", "\x02", "\x03", "\x06", "!", "#", "*", "%", "&", "$", "=", "::", ":", "\\", "/", " "}
	// spaced are majors that always have a blank beside them, also before a quote.
	spaced = []string{", ", "; ", " , ", " ; ", " | "}
	// betweenQuotes is a delimiter between two quoted cells.
	betweenQuotes = regexp.MustCompile("[^\"]\"([^\\s\"\\pL\\pN]{1,3})\"")
	sepRow        = regexp.MustCompile(`(?i)^"?sep=(.{1,3}?)"?(?:;|,|\t)*\r?$`)
)

// candidate is one dialect with its score.
type candidate struct {
	dialect
	score  float64
	first  int     // cells of the first row
	width  int     // of most rows
	share  float64 // of rows that have it
	rows   int
	loose  int
	quoted int     // rows with quoted cells
	fine   float64 // how many cells look like values, 0 to 1
}

// detectDialect is rule 1.3 but for the heading.
func (d *Detection) detectDialect(src Source, s *sample, opt Options) error {
	cr := s.lineEnds(d)
	start, sep := s.sepLine()
	if start > 0 {
		d.Skipped = append(d.Skipped, Skipped{Kind: "sep", Line: 1, Text: clip(string(s.text[:start]))})
	}
	s.start, s.startLine = start, 1+boolInt(start > 0)
	head := s.head(true)
	delims, quotes := candidateDelims(head.text), candidateQuotes(head.text)
	odd, doubled, wide := oddQuotes(s.head(false).text)
	if bytes.IndexByte(odd, '#') >= 0 {
		head = s.head(false) // it begins cells, not comments
		delims, quotes = candidateDelims(head.text), candidateQuotes(head.text)
	}
	quotes = append(quotes, odd...)
	said := ""
	switch opt.Delimiter {
	case "":
		if sep != "" {
			delims, said = []string{sep}, "the first line says sep="+sep
		}
	case "none":
		delims, said = []string{""}, "as you said"
	case "tab", `\t`:
		delims, said = []string{"\t"}, "as you said"
	default:
		if strings.ContainsAny(opt.Delimiter, "\r\n\"") {
			return fmt.Errorf("delimiter %q: must hold no line end and no quote", opt.Delimiter)
		}
		delims, said = []string{opt.Delimiter}, "as you said"
	}
	switch opt.Quote {
	case "":
	case "none":
		quotes = []byte{0}
	default:
		if err := checkQuote(opt.Quote); err != nil {
			return err
		}
		quotes = []byte{opt.Quote[0]}
		if isWideQuote(opt.Quote) {
			quotes[0] = quoteByte
		}
	}
	head.doubled = doubled
	best, second := head.rank(delims, quotes, cr, said != "")
	if opt.Quote == "" && best.loose >= 3 && best.loose*5 >= best.quoted*4 && head.detectEscape(best) == 0 {
		best, second = head.rank(delims, []byte{0}, cr, said != "") // quotes are never closed: they are inches or the like
	}
	if opt.Quote == "" && wide != "" {
		best, second = d.tryWideQuote(src, s, head, wide, delims, cr, said != "", best, second)
	}
	if said == "" {
		if x := head.extendDelim(best); !bytes.Equal(x, best.delim) {
			best.delim = x
			head.score(&best)
		}
	}
	var late *sample
	if len(head.text) < len(s.text)-start || !s.whole {
		late = d.lateLines(src, s, start+len(head.text))
		if opt.Quote == "" {
			best.quote = late.lateQuote(best, cr)
		}
	}
	if opt.Escape != "" && opt.Escape != opt.Quote {
		if len(opt.Escape) != 1 || opt.Escape[0] >= utf8.RuneSelf {
			return fmt.Errorf("escape %q: must be one ASCII character", opt.Escape)
		}
		if opt.Escape[0] != best.quote {
			best.escape = opt.Escape[0]
		}
	} else if opt.Escape == "" {
		best.escape = head.detectEscape(best)
		if best.escape == 0 && late != nil {
			best.escape = late.detectEscape(best)
		}
	}
	d.Delimiter = string(best.delim)
	switch best.quote {
	case 0:
	case quoteByte:
		d.Quote, d.Escape = s.quote, s.quote
	default:
		d.Quote, d.Escape = string(best.quote), string(best.quote)
	}
	if best.escape != 0 {
		d.Escape = string(best.escape)
	}
	if best.crEnds && d.LineEnd != "cr" {
		d.LineEnd = "any"
	}
	d.noteDialect(best, second, said, opt, head)
	return nil
}

func (d *Detection) noteDialect(best, second candidate, said string, opt Options, head *sample) {
	g := Guess{Name: "delimiter", Value: d.Delimiter, Flag: "--delimiter", Certainty: Likely}
	g.Evidence = fmt.Sprintf("%d of the first %d records have %d cells", int(best.share*float64(best.rows)+.5), best.rows, best.width)
	switch {
	case said != "":
		g.Evidence, g.Certainty = said, Proven
	case d.Delimiter == "":
		g.Value, g.Evidence = "none", "no character divides the lines into columns"
	case best.share == 1 && best.rows > 1 && second.score < best.score*.7:
		g.Certainty = Proven
	case second.score > best.score*.95 && second.width > 1:
		g.Certainty = Unproven
	}
	if second.width > 1 && said == "" && len(second.delim) > 0 && !bytes.Equal(second.delim, best.delim) {
		g.Alternatives = []string{string(second.delim)}
	}
	d.note(g)
	q := Guess{Name: "quote", Value: d.Quote, Flag: "--quote", Certainty: Likely, Evidence: "no quoted cell seen; the usual one is assumed"}
	if opt.Quote != "" {
		q.Certainty, q.Evidence = Proven, "as you said"
	} else if d.Quote != "" {
		if n := bytes.Count(head.text, []byte(d.Quote)); n > 0 {
			q.Evidence = fmt.Sprintf("it stands %d times in the file's head", n)
		}
	}
	d.note(q)
	e := Guess{Name: "escape", Value: "doubled", Flag: "--escape", Certainty: Likely, Evidence: "quotes inside quotes are doubled, as usual"}
	if d.Escape != d.Quote {
		e.Value, e.Evidence = d.Escape, "with it fewer quotes are left over"
	}
	if opt.Escape != "" {
		e.Certainty, e.Evidence = Proven, "as you said"
	}
	d.note(e)
}

// head is what the dialect is judged by, without comments if bare is set.
func (s *sample) head(bare bool) *sample {
	head := &sample{text: s.text[s.start:], whole: s.whole, lfcr: s.lfcr, quote: s.quote}
	if len(head.text) > scoreBytes {
		cut := bytes.LastIndexAny(head.text[:scoreBytes], "\r\n") + 1
		if cut > 0 {
			head.text, head.whole = head.text[:cut], true
		}
	}
	if bare {
		head.text = withoutComments(head.text)
	}
	return head
}

// tryWideQuote reads the file with a quote beyond ASCII, and keeps that if it is better.
func (d *Detection) tryWideQuote(src Source, s, head *sample, quote string, delims []string, cr []bool, said bool, best, second candidate) (candidate, candidate) {
	other, err := readSample(src, d.Encoding, quote, s.base)
	if err != nil {
		return best, second // the same bytes were read before
	}
	other.lfcr, other.start, other.startLine = s.lfcr, min(s.start, len(other.text)), s.startLine
	otherHead := other.head(true)
	b, c := otherHead.rank(delims, []byte{quoteByte}, cr, said)
	if b.loose > 0 || b.quoted == 0 || b.share < .95 || b.width < 2 || b.score <= best.score {
		return best, second
	}
	*s, *head = *other, *otherHead
	return b, c
}

// lineEnds counts them and tells which readings of a CR alone are possible.
func (s *sample) lineEnds(d *Detection) []bool {
	text := s.text
	lf := bytes.Count(text, []byte("\n"))
	crlf := bytes.Count(text, []byte("\r\n"))
	cr := bytes.Count(text, []byte("\r")) - crlf
	if !s.whole && len(text) > 0 && text[len(text)-1] == '\r' {
		cr--
	}
	lfcr := bytes.Count(text, []byte("\n\r"))
	switch {
	case lfcr > 0 && lfcr*2 > lf && crlf*2 < lfcr:
		d.LineEnd, s.lfcr = "lfcr", true
		return []bool{false}
	case cr > 0 && lf == 0:
		d.LineEnd = "cr"
		return []bool{true}
	case crlf > 0 && crlf < lf:
		d.LineEnd = "mixed"
	case crlf > 0:
		d.LineEnd = "crlf"
	default:
		d.LineEnd = "lf"
	}
	if cr > 0 {
		return []bool{false, true}
	}
	return []bool{false}
}

// sepLine finds Excel's hint "sep=;" in the first line and where the next begins.
func (s *sample) sepLine() (next int, sep string) {
	n := bytes.IndexAny(s.text[:min(len(s.text), 64)], "\r\n")
	if n < 0 {
		return 0, ""
	}
	m := sepRow.FindSubmatch(s.text[:n])
	if m == nil {
		return 0, ""
	}
	next = n + 1
	if s.text[n] == '\r' && next < len(s.text) && s.text[next] == '\n' {
		next++
	}
	return next, string(m[1])
}

// withoutComments leaves out the lines that begin with #, unless all do.
func withoutComments(text []byte) []byte {
	if !bytes.HasPrefix(text, []byte("#")) && !bytes.Contains(text, []byte("\n#")) {
		return text
	}
	var out []byte
	for line := range bytes.Lines(text) {
		if line[0] != '#' {
			out = append(out, line...)
		}
	}
	if len(bytes.TrimSpace(out)) == 0 {
		return text
	}
	return out
}

func candidateDelims(text []byte) []string {
	var found []string
	for _, list := range [][]string{majors, spaced, minors} {
		for _, c := range list {
			if bytes.Contains(text, []byte(c)) {
				found = append(found, c)
			}
		}
	}
	return append(found, rareDelims(text, found)...)
}

// isMinor: neither a usual delimiter nor one with blanks beside it.
func isMinor(delim string) bool {
	return delim != "" && !slices.Contains(majors, delim) && !slices.Contains(spaced, delim)
}

// quotedLines is the length of the first line, with those after it into which its
// last quote goes on.
func quotedLines(text []byte) int {
	first, end, quotes := 0, 0, 0
	for range 10 {
		n := bytes.IndexByte(text[end:], '\n') + 1
		if n == 0 {
			n = len(text) - end
		}
		quotes += bytes.Count(text[end:end+n], []byte(`"`))
		if end += n; first == 0 {
			first = end
		}
		if quotes%2 == 0 {
			return end
		}
		if end == len(text) || end > 4<<10 {
			break
		}
	}
	return first
}

// rareDelims are signs, and strings of some, that most lines have equally often,
// and what stands between most quotes.
func rareDelims(text []byte, known []string) []string {
	const lines = 40
	var bare []string // the lines without what is quoted
	between := map[string]int{}
	for len(text) > 0 && len(bare) < lines {
		line := text[:quotedLines(text)]
		text = text[len(line):]
		line = bytes.TrimRight(line, "\r\n")
		line = line[:min(len(line), 2000)]
		if len(line) > 0 {
			bare = append(bare, outsideQuotes(line))
		}
		for _, m := range betweenQuotes.FindAllSubmatch(line, -1) {
			between[string(m[1])]++
		}
	}
	var rare []string
	add := func(s string) {
		if !slices.Contains(known, s) && !slices.Contains(rare, s) {
			rare = append(rare, s)
		}
	}
	for s, n := range between {
		if n >= len(bare) && n > 1 {
			add(s)
		}
	}
	if len(bare) == 0 {
		return nil
	}
	for s, n := range signStrings(bare[0]) {
		least := 2
		switch {
		case len(s) == 1:
			least = 3 // 2024-01-02, a_b@c
		case utf8.RuneCountInString(s) > 1 && strings.TrimSpace(s) == s:
			least = 1
		}
		same := 0
		for _, line := range bare {
			same += boolInt(strings.Count(line, s) == n)
		}
		if n >= least && same*2 > len(bare) {
			add(s)
		}
	}
	// Of strings within each other the longest is tried first.
	slices.SortFunc(rare, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return rare[:min(len(rare), 12)]
}

// outsideQuotes leaves out what stands in ".
func outsideQuotes(line []byte) string {
	var out strings.Builder
	inside := false
	for i, part := range strings.Split(string(line), `"`) {
		if i > 0 {
			inside = !inside
			out.WriteByte('"')
		}
		if !inside {
			out.WriteString(part)
		}
	}
	return out.String()
}

// signStrings counts the signs of a line that may be a delimiter, and the strings of
// two to four of them.
func signStrings(line string) map[string]int {
	count := map[string]int{}
	var run []rune
	end := func() {
		for i := range run {
			for n := 1; n <= 4 && i+n <= len(run); n++ {
				s := string(run[i : i+n])
				if count[s] == 0 && strings.TrimSpace(s) != "" {
					count[s] = strings.Count(line, s)
				}
			}
		}
		run = run[:0]
	}
	for _, r := range line {
		if r == '"' || r == '\'' || r == '.' || r == utf8.RuneError || unicode.In(r, unicode.L, unicode.N, unicode.M) || len(count) > 500 {
			end()
			continue
		}
		run = append(run, r)
	}
	end()
	return count
}

// candidateQuotes: the apostrophe and the backtick only where they stand around cells.
func candidateQuotes(text []byte) []byte {
	quotes := []byte{'"'}
	for _, q := range []byte("'`") {
		var opens, closes int
		for i, c := range text {
			if c != q {
				continue
			}
			if i > 0 && i+1 < len(text) && text[i+1] == '"' && bytes.IndexByte([]byte(",;\t|\r\n"), text[i-1]) < 0 {
				continue // an escape
			}
			if i == 0 || !isWordByte(text[i-1]) && text[i-1] != q {
				opens++
			}
			if i+1 == len(text) || !isWordByte(text[i+1]) && text[i+1] != q {
				closes++
			}
		}
		if opens >= 1 && closes >= 1 {
			quotes = append(quotes, q)
		}
	}
	return quotes
}

// isOddQuote: none of the usual ones.
func isOddQuote(q byte) bool { return q != 0 && q != '"' && q != '\'' && q != '`' && q != quoteByte }

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// rank scores all candidates and returns the best two of different delimiters.
func (s *sample) rank(delims []string, quotes []byte, cr []bool, said bool) (best, second candidate) {
	var all []candidate
	var major *candidate // regular and of values
	whole := !said && s.wholeLines()
	for _, delim := range delims {
		for _, quote := range quotes {
			for _, crEnds := range cr {
				c := candidate{dialect: dialect{delim: []byte(delim), quote: quote, crEnds: crEnds, lfcr: s.lfcr}}
				s.score(&c)
				if len(quotes) > 1 && isOddQuote(quote) && (c.loose > 0 || c.share < .95 || c.width < 2) {
					continue
				}
				if c.quoted > 0 && bytes.IndexByte(s.doubled, quote) >= 0 {
					c.score *= 1.01 // as text it would not be doubled
				}
				minor := isMinor(delim)
				if minor && !said && (whole || !c.acceptable(s)) || !said && slices.Contains(spaced, delim) && (c.share < .95 || c.width < 2 || c.rows < 2 || c.loose > 0) {
					continue
				}
				if minor {
					c.score *= .7
				} else if c.width > 1 && c.share > .9 && c.loose == 0 && c.fine > .5 && (major == nil || c.score > major.score) {
					keep := c
					major = &keep
				}
				all = append(all, c)
			}
		}
	}
	if major != nil {
		// The others stand inside values then, unless they cut finer and to better values.
		all = slices.DeleteFunc(all, func(c candidate) bool {
			return isMinor(string(c.delim)) && (c.width <= major.width || c.fine <= major.fine) && !c.decimal(major) && !c.doubles(major) && !c.finer(major)
		})
		for i := range all {
			if c := &all[i]; isMinor(string(c.delim)) && (c.width > major.width && c.share > .98 || c.decimal(major) || c.doubles(major) || c.finer(major)) {
				c.score = max(c.score, major.score*1.01)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	one := candidate{dialect: dialect{quote: quotes[0], crEnds: cr[0], lfcr: s.lfcr}, width: 1}
	if len(all) == 0 {
		s.score(&one)
		return one, candidate{}
	}
	best = all[0]
	for _, c := range all[1:] {
		// -> divides the rows as > does, and leaves nothing of itself behind.
		if isMinor(string(c.delim)) && len(c.delim) > len(best.delim) && bytes.Contains(c.delim, best.delim) &&
			c.quote == best.quote && c.crEnds == best.crEnds && c.width == best.width && c.share >= best.share && c.loose <= best.loose {
			best = c
		}
	}
	for _, c := range all {
		if !bytes.Equal(c.delim, best.delim) {
			second = c
			break
		}
	}
	if !said {
		if best.width <= 1 && best.share >= .5 || s.prose(&best) {
			one.quote, one.crEnds = best.quote, best.crEnds
			s.score(&one)
			second = best
			return one, second
		}
	}
	return best, second
}

// decimal: c divides every line, the first too, which has none of major's signs:
// these are decimal commas then.
func (c *candidate) decimal(major *candidate) bool {
	return string(major.delim) == "," && major.first == 1 && c.share == 1 && c.rows > 2 && c.fine > .8 && c.fine > major.fine-.1
}

// finer: c divides every line alike, the first too, into far more cells than major,
// which the first has none of: Smith,Ana 12 Rome.
func (c *candidate) finer(major *candidate) bool {
	return major.first == 1 && c.share == 1 && c.rows >= 10 && c.width >= 4 && c.width > 2*major.width
}

// doubles: c is several of major's, which leaves blank cells and stands in some alone.
func (c *candidate) doubles(major *candidate) bool {
	return len(c.delim) > len(major.delim) && len(bytes.ReplaceAll(c.delim, major.delim, nil)) == 0 && c.width > 2 &&
		c.share == 1 && major.share < 1 && c.fine > major.fine
}

// wholeLines: nearly every line is a value by itself, as in a column of dates.
func (s *sample) wholeLines() bool {
	lines, typed := 0, 0
	for line := range bytes.Lines(s.text) {
		cell := strings.Trim(string(line), "\"' \t\r\n")
		if cell == "" {
			continue
		}
		lines++
		typed += boolInt(kindOf(cell).typed())
		if lines == scoreRows {
			break
		}
	}
	return typed > 0 && typed*5 >= (lines-1)*4
}

// acceptable: nearly all rows have the same number of cells; a blank needs three
// columns, or numbers in one of two.
func (c *candidate) acceptable(s *sample) bool {
	if c.width < 2 || c.rows < 2 || c.share < .95 || c.loose > 0 || c.share < 1 && !slices.Contains(minors, string(c.delim)) {
		return false
	}
	switch string(c.delim) {
	case " ", "/", "=", ":", "\\", "$", "%", "#", "&":
		if c.rows < 3 {
			return c.width > 3 && c.share == 1
		}
		if c.delim[0] == ' ' && c.width < 5 && c.rows < 20 && !c.hasColumns(s) {
			return false // a list of names or addresses of as many words each
		}
		if d := c.delim[0]; c.share == 1 && d != '/' && c.width > 3 && (c.width > 4 || d != ' ' && d != ':' && d != '=') {
			return true
		}
		if d := c.delim[0]; (d == ':' || d == ' ') && c.share == 1 && c.width > 2 && c.rows >= 5 {
			return true
		}
		typed, filled := 0, 0
		quoted, path := false, true
		for _, r := range s.rows(&c.dialect, 0, 1, scoreRows) {
			quoted = quoted || r.quote
			path = path && kindOf(r.cells[0]) == kindBlank
			for _, cell := range r.cells {
				switch k := kindOf(cell); {
				case k == kindBlank && c.width < 5:
					return quoted && c.width > 2
				case k == kindBlank:
					continue
				case k.typed():
					typed++
				}
				filled++
			}
		}
		if path {
			return false
		}
		return quoted || c.width > 2 && (string(c.delim) == " " || typed*4 >= filled) || typed*3 > filled
	}
	return true
}

// hasColumns: cells are quoted, or the first row names columns of values, or half of
// the columns hold values.
func (c *candidate) hasColumns(s *sample) bool {
	rows := s.rows(&c.dialect, 0, 1, scoreRows)
	if slices.ContainsFunc(rows, func(r sampleRow) bool { return r.quote }) {
		return true
	}
	names, values := 0, 0
	for i, k := range columnKinds(rows[1:], c.width) {
		if k.typed() {
			values++
			names += boolInt(i < len(rows[0].cells) && nameKind(rows[0].cells[i], k) == kindText)
		}
	}
	return names > 0 || values*2 >= c.width
}

// prose: the only comma of a line is one between words ("Smith, John").
func (s *sample) prose(c *candidate) bool {
	if string(c.delim) != "," || c.width != 2 {
		return false
	}
	rows := s.rows(&c.dialect, 0, 1, scoreRows)
	if len(rows) < 3 || len(rows[0].cells) != 1 {
		return false
	}
	for _, r := range rows {
		for _, cell := range r.cells[1:] {
			if r.quote || !strings.HasPrefix(cell, " ") || kindOf(cell) != kindText {
				return false
			}
		}
	}
	return true
}

// score fills in c's regularity and type score.
func (s *sample) score(c *candidate) {
	rows := s.rows(&c.dialect, 0, 1, scoreRows)
	widths := map[int]int{}
	good, cells, all := 0., 0., 0
	for _, r := range rows {
		if r.blank {
			continue
		}
		if c.rows++; c.rows == 1 {
			c.first = len(r.cells)
		}
		if r.loose {
			c.loose++
		}
		c.quoted += boolInt(r.quote)
		all += boolInt(r.allQuoted && !r.loose)
		widths[len(r.cells)]++
		for _, cell := range r.cells {
			cells++
			switch k := kindOf(cell); {
			case k.typed():
				good++
			case k == kindText:
				good += .9
			case k == kindBlank:
				good += .8
			case r.quote && !strings.HasPrefix(cell, `"`):
				good += .6
			}
		}
	}
	if c.rows == 0 {
		return
	}
	c.fine = good / (cells + 1e-9)
	pattern := 0.
	for w, n := range widths {
		pattern += float64(n) * max(1e-3, float64(w-1)) / float64(w)
		if n > widths[c.width] || n == widths[c.width] && w > c.width {
			c.width = w
		}
	}
	if w := tableWidth(rows); widths[w] > 0 {
		c.width = w
	}
	c.share = float64(widths[c.width]) / float64(c.rows)
	pattern /= float64(len(widths))
	// How many rows agree counts as well: preambles and ragged rows add patterns to every candidate.
	pattern *= .25 + .75*c.share
	c.score = pattern * (good + 1e-9) / (cells + 1e-9) * (1 - .7*float64(c.loose)/float64(c.rows))
	if all*10 > c.rows*9 {
		c.score *= 1.03 // every cell stands in them
	}
}

// extendDelim finds that the delimiter is longer than one character: every
// occurrence outside quotes stands in the same longer string.
func (s *sample) extendDelim(c candidate) []byte {
	if len(c.delim) == 0 {
		return c.delim
	}
	text := s.unquoted(&c.dialect)
	n := bytes.Count(text, c.delim)
	if n == 0 {
		return c.delim
	}
	longest := c.delim
	tried := map[string]bool{}
	first := bytes.Index(text, c.delim)
	for from := max(0, first-3); from <= first; from++ {
		for to := first + len(c.delim); to <= min(len(text), first+len(c.delim)+3); to++ {
			x := text[from:to]
			if len(x) <= len(longest) || tried[string(x)] || !delimLike(x, c.delim) || c.quote != 0 && bytes.IndexByte(x, c.quote) >= 0 {
				continue
			}
			tried[string(x)] = true
			k := bytes.Count(text, x)
			need := 3
			if string(x) == string(c.delim)+" " {
				need = 1
			}
			if k >= need && k*bytes.Count(x, c.delim) == n && (bytes.Count(x, c.delim) == 1 || k >= 2*c.rows || len(c.delim) == 1 && !slices.Contains(majors[:2], string(c.delim))) {
				longest = bytes.Clone(x)
			}
		}
	}
	return longest
}

// delimLike: made of the delimiter, blanks and characters that are rarely part of a value.
func delimLike(x, delim []byte) bool {
	if x[0] == ' ' && string(delim) != "|" && string(delim) != " " && string(x) != " "+string(delim)+" " {
		return false
	}
	for _, b := range bytes.ReplaceAll(x, delim, nil) {
		if !bytes.ContainsRune([]byte(" \t|~^:;<>*#=!"), rune(b)) {
			return false
		}
	}
	return true
}

// unquoted is the text without the contents of quoted cells.
func (s *sample) unquoted(d *dialect) []byte {
	if d.quote == 0 || bytes.IndexByte(s.text, d.quote) < 0 {
		return s.text
	}
	var out []byte
	var p piece
	for pos := 0; pos < len(s.text); pos = p.next {
		if !d.split(&p, s.text, pos, s.whole, 0, strayReach) {
			break
		}
		at := pos
		for _, sp := range p.spans {
			if sp.quoted && sp.start <= sp.end {
				out = append(out, s.text[at:sp.start]...)
				at = sp.end
			}
		}
		out = append(out, s.text[at:p.next]...)
		if p.next <= pos {
			break
		}
	}
	return out
}

// detectEscape tries a character before quotes that is neither quote nor letter,
// the backslash first, and keeps it if fewer rows are odd.
func (s *sample) detectEscape(c candidate) byte {
	odd := func(c *candidate, width int) (n int) {
		for _, r := range s.rows(&c.dialect, 0, 1, 1000) {
			if !r.blank && (r.loose || len(r.cells) != width) {
				n++
			}
		}
		return n
	}
	plain := odd(&c, c.width)
	least := plain
	var best byte
	for _, escape := range []byte("\\#^~/%$&|!?*+@'`<>-=_:;\x1b") {
		if escape == c.quote || len(c.delim) > 0 && bytes.IndexByte(c.delim, escape) >= 0 {
			continue
		}
		before := c.quote != 0 && bytes.Count(s.text, []byte{escape, c.quote}) > 0
		bare := escape == '\\' && len(c.delim) > 0 && bytes.Contains(s.text, append([]byte{'\\'}, c.delim...))
		if !bare && (!before || plain == 0) {
			continue
		}
		other := c
		other.escape = escape
		s.score(&other)
		without := plain
		if bare {
			without = odd(&c, other.width) // a delimiter escaped in every row
		}
		if n := odd(&other, other.width); n < min(without, least) || bare && n < without && best == 0 {
			least, best = n, escape
		}
	}
	return best
}

func clip(s string) string {
	s = strings.TrimRight(s, "\r\n")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}
