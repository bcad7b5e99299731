package table

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// headingWords are parts of headings in the languages of usual exports; a row
// that has some is a heading even where all its columns hold text.
var headingWords = regexp.MustCompile(`(?i)(^|[^a-z])(id|name|first|last|email|e-mail|mail|phone|tel|telephone|mobile|fax|company|organi[sz]ation|account|title|street|address|city|zip|postal|postcode|plz|state|country|region|date|created|updated|status|source|owner|notes?|comments?|description|website|url|web|industry|revenue|amount|price|total|quantity|number|type|category|code|tags?|lead|contact|gender|age|year|month|day|key|value|val|vorname|nachname|firma|telefon|strasse|straße|ort|land|prénom|nom|société|ville|pays|nombre|apellido|empresa|teléfono|correo|ciudad|país|nome|cognome|azienda|città|imię|nazwisko|miasto|jméno|příjmení|job|position|department|salutation|prefix|suffix|middle|twitter|linkedin|facebook|label|subject|message|product|service|score|rating|level|group|team|manager|user|username|employees|currency|language|birthday|width|height|x|y|lat|lon|latitude|longitude|time)([^a-z]|$)`)

// detectHeader finds preamble and comments, the heading, and the first record.
func (d *Detection) detectHeader(rows []sampleRow, opt Options) error {
	judge(rows)
	width := tableWidth(rows)
	d.detectComment(rows, width)
	rows, before, err := d.chooseTable(rows, opt)
	if err != nil {
		return err
	}
	width = tableWidth(rows)
	if opt.Header != nil && *opt.Header > 0 {
		return d.headerAt(rows, *opt.Header, opt)
	}
	first := d.firstOfTable(rows, width)
	if first > 0 && d.Format == "xlsx" && opt.Header != nil {
		first = 0 // "no heading" in a workbook: all of the sheet, as Excel's own CSV has it
	}
	if first < 0 {
		return refuse("empty", "The file has no records: it holds only blank lines or comments.", "Export it again.")
	}
	for _, r := range slices.Concat(before, rows[:first]) {
		if !r.blank {
			d.skip(r)
		}
	}
	g := Guess{Name: "header", Flag: "--header"}
	top, below := rows[first], rows[first+1:]
	count, certainty, why := 1, Proven, "as you said"
	if opt.Header != nil {
		count = 0
	} else {
		count, certainty, why = judgeHeader(top, d.records(below, width), width)
		if opt.HeaderRows > 0 {
			count, certainty, why = opt.HeaderRows, Proven, "as you said"
		}
	}
	g.Certainty, g.Evidence = certainty, why
	g.Samples = clipAll(top.cells, 8)
	if count == 0 {
		d.noHeader(top, max(width, len(top.cells)), &g)
	} else {
		used := []sampleRow{top}
		for _, r := range below {
			if len(used) == count {
				break
			}
			if !r.blank {
				used = append(used, r)
			}
		}
		d.setHeader(used)
		g.Value = fmt.Sprintf("line %d", top.line)
		if len(used) > 1 {
			g.Value = fmt.Sprintf("lines %d to %d", top.line, used[len(used)-1].line)
		}
		g.Alternatives = []string{"0"}
	}
	d.note(g)
	d.widen(d.records(below, width))
	return nil
}

func (d *Detection) skip(r sampleRow) {
	kind := "preamble"
	if d.isComment(r) {
		kind = "comment"
	}
	d.Skipped = append(d.Skipped, Skipped{Kind: kind, Line: int64(r.line), Text: clip(strings.Join(trimBlank(r.cells), d.Delimiter+" "))})
}

// headerAt takes the heading from the line that the person named.
func (d *Detection) headerAt(rows []sampleRow, line int, opt Options) error {
	for i, r := range rows {
		if r.line < line {
			continue
		}
		if r.line > line || r.blank {
			return fmt.Errorf("header in line %d: no record begins there", line)
		}
		for _, p := range rows[:i] {
			if !p.blank {
				d.skip(p)
			}
		}
		// The rows below it may be headings as well.
		below := d.records(rows[i+1:], len(r.cells))
		n := opt.HeaderRows
		if n == 0 {
			n = headingRows(r, below, len(r.cells))
		}
		used := append([]sampleRow{r}, below[:min(n-1, len(below))]...)
		d.setHeader(used)
		d.note(Guess{Name: "header", Value: fmt.Sprintf("line %d", line), Evidence: "as you said", Certainty: Proven, Flag: "--header", Samples: clipAll(r.cells, 8)})
		d.widen(d.records(rows[i+1:], len(r.cells)))
		return nil
	}
	return fmt.Errorf("header in line %d: the first %d lines were looked at", line, len(rows))
}

func (d *Detection) setHeader(used []sampleRow) {
	last := used[len(used)-1]
	d.HeaderLine, d.HeaderRows = used[0].line, len(used)
	d.Headings = joinHeadings(used)
	d.FirstOffset, d.FirstLine = last.endOff, int64(last.endLine)
}

func (d *Detection) noHeader(top sampleRow, width int, g *Guess) {
	g.Value, g.Alternatives = "none", []string{fmt.Sprint(top.line)}
	for i := range width {
		d.Headings = append(d.Headings, fmt.Sprintf("Column %d", i+1))
	}
	d.FirstOffset, d.FirstLine = top.off, int64(top.line)
}

// joinHeadings makes one heading per column; in the upper of several rows a
// heading goes on over the blank cells right of it.
func joinHeadings(used []sampleRow) []string {
	width := 0
	for _, r := range used {
		width = max(width, len(r.cells))
	}
	out := make([]string, width)
	for n, r := range used {
		group := ""
		for i := range width {
			c := ""
			if i < len(r.cells) {
				c = r.cells[i]
			}
			if strings.TrimSpace(c) == "" {
				if n == len(used)-1 || len(used) == 1 {
					if out[i] == "" {
						out[i] = c
					}
					continue
				}
				c = group
			}
			group = c
			if out[i] != "" && c != "" && out[i] != c {
				out[i] += " "
			} else if out[i] == c {
				out[i] = ""
			}
			out[i] += c
		}
	}
	return out
}

// modalWidth is the number of cells that most rows have.
func modalWidth(rows []sampleRow) int {
	count := map[int]int{}
	best := 0
	for _, r := range rows {
		if r.blank {
			continue
		}
		w := len(r.cells)
		count[w]++
	}
	for w, n := range count {
		if n > count[best] || n == count[best] && w > best {
			best = w
		}
	}
	return best
}

// tableWidth is modalWidth, but of a small table below a longer preamble its own.
func tableWidth(rows []sampleRow) int {
	modal, w, run, above := modalWidth(rows), 0, 0, 0
	for i := len(rows) - 1; i >= 0; i-- {
		switch n := len(rows[i].cells); {
		case rows[i].blank:
		case w == 0 || n == w && above == 0:
			w = n
			run++
		case n*3 > w:
			return modal
		default:
			above++
		}
	}
	if above > run && above < 20 && (w > 3 || w == 3 && run > 1) {
		return w
	}
	return modal
}

// detectComment: lines that begin with # and have another width than the rest.
func (d *Detection) detectComment(rows []sampleRow, width int) {
	for _, mark := range []string{"#", "//", "--"} {
		comments, records := 0, 0
		for i, r := range rows {
			if r.blank || r.quote || !strings.HasPrefix(r.cells[0], mark) {
				continue
			}
			if len(r.cells) == width && (width > 1 || i == 0 || mark != "#") {
				records++
			} else {
				comments++
			}
		}
		if comments > 0 && records == 0 && comments < len(rows) {
			d.Comment = mark
			return
		}
	}
}

func (d *Detection) isComment(r sampleRow) bool {
	return d.Comment != "" && len(r.cells) > 0 && strings.HasPrefix(r.cells[0], d.Comment)
}

// records leaves out blank lines and comments.
func (d *Detection) records(rows []sampleRow, width int) []sampleRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r sampleRow) bool {
		return r.blank || d.isComment(r) && len(r.cells) != width
	})
}

// firstOfTable is the first row that can be a heading or record: preamble lines
// have far fewer cells, or fill few of them.
func (d *Detection) firstOfTable(rows []sampleRow, width int) int {
	anyRow := -1
	for i, r := range rows {
		if r.blank || d.isComment(r) && len(r.cells) != width {
			continue
		}
		if anyRow < 0 {
			anyRow = i
		}
		need := max(1, (width*6+9)/10)
		if width >= 2 {
			need = max(2, need)
		}
		filled := filledCells(r.cells)
		enough := (min(len(r.cells), width)*5 + 9) / 10
		if width >= 3 {
			enough = max(2, enough)
		}
		if width == 2 && filled == 1 && i+2 < len(rows) && rows[i+1].blank && !rows[i+2].blank {
			continue // a title, padded
		}
		if len(r.cells) >= need && filled >= enough {
			return i + d.headingBelow(rows[i:], width)
		}
	}
	for i, r := range rows {
		if !r.blank && len(r.cells) == width {
			return i
		}
	}
	return anyRow
}

// headingBelow is how far below rows[0], which is short or has gaps, the heading
// stands: a full row of names over columns of values within the next few rows.
func (d *Detection) headingBelow(rows []sampleRow, width int) int {
	if width < 3 || len(rows[0].cells) == width && filledCells(rows[0].cells)*4 > width {
		return 0
	}
	for i := 1; i < min(len(rows), 12); i++ {
		r := rows[i]
		if r.blank || len(r.cells) != width || filledCells(r.cells)*5 < width*4 {
			continue
		}
		if valuesIn(r.cells) > 0 {
			return 0 // a record: the short row above it may be the heading
		}
		if names, against := headingOver(r.cells, d.records(rows[i+1:], width), width); names > 0 && against == 0 {
			return i
		}
		return 0
	}
	return 0
}

// headingOver counts the columns of values below that cells name, and those where
// it holds such a value itself.
func headingOver(cells []string, below []sampleRow, width int) (names, against int) {
	for i, k := range columnKinds(below, width) {
		if !k.typed() || i >= len(cells) {
			continue
		}
		switch c := nameKind(cells[i], k); {
		case c.typed():
			against++
		case c == kindText:
			names++
		}
	}
	return names, against
}

// valuesIn counts the cells that are no names; yes, no, n or t may be some.
func valuesIn(cells []string) int {
	n := 0
	for _, c := range cells {
		n += boolInt(nameKind(c, kindText).typed())
	}
	return n
}

// nameKind is what the cell is that may name a column of that kind: n, y or no is a
// value only over such.
func nameKind(cell string, column kind) kind {
	if k := kindOf(cell); k != kindBool || column == kindBool {
		return k
	}
	return kindText
}

func filledCells(cells []string) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// columnKinds is for each column the kind that nearly all of its cells share, or kindText.
func columnKinds(rows []sampleRow, width int) []kind {
	out := make([]kind, width)
	rows = rows[:min(len(rows), 200)]
	for col := range out {
		var count [kindTime + 1]int
		filled := 0
		for i := range rows {
			if r := &rows[i]; col < len(r.cells) {
				if k := r.kind(col); k != kindBlank {
					count[k.family()]++
					filled++
				}
			}
		}
		out[col] = kindText
		if filled == 0 {
			out[col] = kindBlank
		}
		for k, n := range count {
			if kind(k).typed() && n > 0 && n*10 >= filled*8 {
				out[col] = kind(k)
			}
		}
	}
	return out
}

// judgeHeader tells how many heading rows begin at top: 0, 1 or 2.
func judgeHeader(top sampleRow, below []sampleRow, width int) (count int, c Certainty, why string) {
	words, typedTop := 0, 0
	for _, cell := range top.cells {
		if k := kindOf(cell); k.typed() {
			typedTop++
		} else if len(cell) < 60 && headingWords.MatchString(cell) {
			words++
		}
	}
	if len(below) == 0 {
		if typedTop > 0 {
			return 0, Likely, "the only line holds values"
		}
		if words > 0 {
			return 1, Likely, "the only line holds names of columns"
		}
		return 1, Unproven, "the only line may be a heading or a record"
	}
	kinds := columnKinds(below, max(width, len(top.cells)))
	pro, con, proof := 0, 0, ""
	periods := periodHeadings(top.cells, below, kinds)
	for i, cell := range top.cells {
		k := kindOf(cell)
		if i < len(kinds) {
			k = nameKind(cell, kinds[i])
		}
		switch {
		case k == kindBlank || i >= len(kinds):
		case kinds[i].typed() && k.family() == kinds[i] && !periods[i]:
			con++
		case kinds[i].typed() && !k.typed() || periods[i]:
			pro++
			if proof == "" {
				proof = fmt.Sprintf("column %d holds %s, its first cell is %q", i+1, kinds[i], clip(cell))
			}
		case k == kindEmail || k == kindURL || k == kindDate:
			con++
		case repeats(below, i, cell):
			con++
		}
	}
	switch {
	case con > 0 && con >= pro && words <= con:
		c = Likely
		if con > 1 && pro == 0 && words == 0 {
			c = Proven
		}
		return 0, c, fmt.Sprintf("the first line is like the others in %d columns", con)
	case pro > 0 && con == 0:
		c, why = Proven, proof
	case pro > con:
		c, why = Likely, proof
	case words*2 >= filledCells(top.cells):
		c, why = Proven, fmt.Sprintf("%d of its %d cells are usual headings", words, len(top.cells))
	case words > 0:
		c, why = Likely, fmt.Sprintf("%d of its %d cells are usual headings", words, len(top.cells))
	case novel(top.cells, below, kinds):
		c, why = Likely, "its words come only once, those of the other lines again and again"
	default:
		c, why = Unproven, "every column holds text: the first line may be a record"
	}
	return headingRows(top, below, width), c, why
}

// monthOfYear is 2024-05 or 5/2024.
var monthOfYear = regexp.MustCompile(`^(?:(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])[-/.](?:19|20)\d\d)$`)

// periodHeadings are the columns of numbers that years, months or days name, each
// another one and years one after the other: Region,2023,2024 over North,17,24.
func periodHeadings(cells []string, below []sampleRow, kinds []kind) []bool {
	isPeriod := func(c string) bool {
		c = strings.TrimSpace(c)
		return isYear(c) || monthOfYear.MatchString(c) || kindOf(c) == kindDate
	}
	out, seen, n, last := make([]bool, len(cells)), map[string]bool{}, 0, 0
	for i, c := range cells {
		if i >= len(kinds) || kinds[i] != kindInteger || !isPeriod(c) {
			continue
		}
		same := 0
		for _, r := range below[:min(len(below), 200)] {
			same += boolInt(i < len(r.cells) && isPeriod(r.cells[i]))
		}
		year, _ := strconv.Atoi(c)
		if same*2 > len(below) || seen[c] || isYear(c) && last != 0 && abs(year-last) != 1 {
			return make([]bool, len(cells))
		}
		if out[i], seen[c] = true, true; isYear(c) {
			last = year
		}
		n++
	}
	if n < 2 {
		return make([]bool, len(cells))
	}
	return out
}

// repeats: the text occurs again in its column.
func repeats(rows []sampleRow, col int, text string) bool {
	for _, r := range rows[:min(len(rows), 200)] {
		if col < len(r.cells) && r.cells[col] == text {
			return true
		}
	}
	return false
}

// maxHeadings is how many rows a heading may have.
const maxHeadings = 3

// headingRows is how many rows from top on are headings.
func headingRows(top sampleRow, below []sampleRow, width int) int {
	for n := min(maxHeadings, len(below)); n > 1; n-- {
		used := append([]sampleRow{top}, below[:n-1]...)
		if areHeadings(used, below[n-1:], width) {
			return n
		}
	}
	return 1
}

// areHeadings: each row but the first names columns where the records hold values,
// and the one above has gaps or repeats, as headings over groups of columns do, or
// enough columns show it; or its words, unlike the records', come only once.
func areHeadings(used, records []sampleRow, width int) bool {
	if width < 2 {
		return false
	}
	kinds := columnKinds(records, width)
	for i, row := range used[1:] {
		names, values, typed := 0, 0, 0
		// Years stand below the names of groups: Sales, ,Costs, over ,2019,2020,2019,2020.
		below := gaps(used[i].cells) > 0 && strings.TrimSpace(row.cells[0]) == ""
		for col, k := range kinds {
			if !k.typed() {
				continue
			}
			typed++
			if col < len(row.cells) {
				switch c := kindOf(row.cells[col]); {
				case below && isYear(row.cells[col]):
					names++
				case c.typed():
					values++
				case c == kindText:
					names++
				}
			}
		}
		grouped := gaps(used[i].cells) > 0
		if len(trimBlank(row.cells)) > width || len(row.cells) < width && !grouped {
			return false // a record, perhaps of another dialect or with cells missing
		}
		for col, c := range row.cells {
			if k := kindOf(c); k == kindInteger || k == kindDecimal || k == kindPhone {
				if col < len(kinds) && !kinds[col].typed() && !grouped {
					return false // over text: one of a record whose cells have moved
				}
			}
			if onlyRecords(c) || kindOf(c) == kindBool && len(c) > 1 && repeats(records, col, c) {
				return false
			}
		}
		filled := filledCells(row.cells)
		enough := names >= 2 && names*3 >= typed*2 && (len(records) >= 2 || names > 2) || names >= 1 && grouped
		enough = (enough || units(row.cells)) && filled*2 >= width || names >= 2 && (names == filled || units(row.cells)) || novel(row.cells, records, kinds)
		if values > 0 || !enough || slices.Equal(row.cells, used[0].cells) {
			return false
		}
	}
	return true
}

func isYear(s string) bool {
	return len(s) == 4 && (s[:2] == "19" || s[:2] == "20") && kindOf(s) == kindInteger
}

// units: every filled cell stands in brackets: (EUR), [kg].
func units(cells []string) bool {
	n := 0
	for _, c := range cells {
		c = strings.TrimSpace(c)
		if c == "" {
			continue
		}
		if open, last := c[0], c[len(c)-1]; len(c) < 3 || !(open == '(' && last == ')' || open == '[' && last == ']') || kindOf(c).typed() {
			return false
		}
		n++
	}
	return n > 0
}

// onlyRecords: such a cell stands in no heading. NO may, as a name.
func onlyRecords(cell string) bool {
	k := kindOf(cell)
	return k == kindEmail || k == kindURL || k == kindDate || k == kindTime
}

// novel: the records' texts come again and again, but none of cells' does.
func novel(cells []string, records []sampleRow, kinds []kind) bool {
	if len(records) < 8 || len(cells) != modalWidth(records) {
		return false
	}
	n := 0
	for col, k := range kinds {
		if k != kindText || col >= len(cells) || strings.TrimSpace(cells[col]) == "" {
			continue
		}
		count := map[string]int{}
		filled, again := 0, 0
		for _, r := range records[:min(len(records), 200)] {
			if col < len(r.cells) && r.cells[col] != "" {
				filled++
				count[r.cells[col]]++
			}
		}
		for _, c := range count {
			if c > 1 {
				again += c
			}
		}
		if filled < 8 || again*10 < filled*9 {
			continue
		}
		if count[cells[col]] > 0 {
			return false
		}
		n++
	}
	return n >= 3
}

// gaps counts the blank and the repeated cells.
func gaps(cells []string) int {
	n := len(cells) - filledCells(cells)
	seen := map[string]bool{}
	for _, c := range cells {
		if seen[c] && strings.TrimSpace(c) != "" {
			n++
		}
		seen[c] = true
	}
	return n
}

// widen adds nameless columns where nearly all records have more cells than the
// heading, and drops blank headings that no record has a cell for.
func (d *Detection) widen(records []sampleRow) {
	w := modalWidth(records)
	n, filled := 0, 0
	for _, r := range records {
		n += boolInt(len(r.cells) == w)
		filled += filledCells(r.cells[min(len(r.cells), len(d.Headings)):])
	}
	// One blank heading too many shifts all others: without it they stand over their columns.
	if blank := len(d.Headings) - filledCells(d.Headings); d.HeaderRows > 0 && d.Format == "csv" && n >= 2 && n*10 >= len(records)*9 &&
		w > 1 && len(d.Headings)-w == blank {
		d.Headings = slices.DeleteFunc(d.Headings, func(h string) bool { return strings.TrimSpace(h) == "" })
	}
	if d.HeaderRows > 0 && len(records) > 0 && filled == 0 {
		for last := len(d.Headings) - 1; last >= max(w, 1) && strings.TrimSpace(d.Headings[last]) == ""; last-- {
			d.Headings = d.Headings[:last]
		}
	}
	enough := n >= 10 && n*10 >= len(records)*9 || n >= 2 && n == len(records)
	if enough && filled > 0 {
		for len(d.Headings) < w {
			d.Headings = append(d.Headings, "")
		}
	}
}

var footerWords = regexp.MustCompile(`(?i)^(?:\s*[*†‡]+\s*\pL|\W*(?:grand total|total|totals|sum|summe|gesamt|subtotal|count|records?|rows?|generated|exported|report|confidential|copyright|©|end of|source:|page \d|notes?:|\d+ (?:rows|records|results)))`)

var totalWords = regexp.MustCompile(`(?i)^\W*(?:(?:grand |sub)?totals?|sum|summe|gesamt)\W*$`)

// detectFooter looks at the file's last lines: those after a blank line or with a
// total's words, which fill one cell of three or more, are no records.
func (d *Detection) detectFooter(src Source) error {
	width := len(d.Headings)
	if width < 2 || d.EndOffset > 0 {
		return nil
	}
	from := d.FirstOffset
	if t := (src.Size() - 16<<10) &^ 3; t > from {
		from = t
	}
	tail, err := readSample(src, d.Encoding, d.Quote, from)
	if err != nil {
		return nil //nolint:nilerr // one very long last line: no footer
	}
	di := d.dialect()
	pos := 0
	if from > d.FirstOffset {
		if pos = bytes.IndexByte(tail.text, '\n') + 1; pos == 0 {
			return nil
		}
		tail.marks = append([]mark(nil), tail.marks...)
	}
	rows := tail.rows(&di, pos, 1, 1<<20)
	cut := footerCut(rows, width, di.quote)
	if cut == len(rows) || cut == 0 {
		return nil
	}
	d.EndOffset = tail.offset(rows[cut].at)
	for _, r := range rows[cut:] {
		line := int64(0)
		if from == d.FirstOffset {
			line = d.FirstLine + int64(r.line) - 1
		}
		if !r.blank {
			d.Skipped = append(d.Skipped, Skipped{Kind: "footer", Line: line, Text: clip(string(tail.text[r.at:r.end]))})
		}
	}
	d.note(Guess{Name: "footer", Value: fmt.Sprintf("%d lines", len(rows)-cut), Certainty: Likely, Evidence: "lines at the end that are no records", Samples: []string{clip(rows[cut].cells[0])}})
	return nil
}

// footerCut is where the footer begins among the last rows, len(rows) if there is none.
func footerCut(rows []sampleRow, width int, quote byte) int {
	cut, alone := len(rows), 0
	ids := columnKinds(rows, width)[0].typed() // a total's word is none of them
	for i := len(rows) - 1; i > 0; i-- {
		r := rows[i]
		if r.blank {
			continue
		}
		filled := filledCells(r.cells)
		gap := rows[i-1].blank && totalWords.MatchString(r.cells[0]) // a company may be called so, but not below a gap
		word := footerWords.MatchString(r.cells[0]) && (filled == 1 || gap && filled < width || filled*2 <= width || ids && filled < width && kindOf(r.cells[0]) == kindText) && !strings.Contains(r.cells[0], "@")
		// A record may be as short, so only a bare line after a blank one counts without such a word.
		first := strings.TrimSpace(r.cells[0]) != "" && filled == 1
		bare := width >= 3 && (len(r.cells) == 1 || len(r.cells)*3 <= width || first) && !reaches(r.cells)
		if r.quote || r.loose || quote != 0 && strings.IndexByte(r.cells[0], quote) >= 0 || !word && !bare {
			// Or several of one cell right below records, where one might be cut off.
			if cut == len(rows) && alone > 1 && len(r.cells) == width {
				cut = i + 1
			}
			break
		}
		if word || rows[i-1].blank {
			cut = i
		} else if len(rows)-i > 30 {
			break
		}
		if alone++; len(r.cells) > 1 || kindOf(r.cells[0]) != kindText {
			alone = -1 << 20
		}
	}
	return cut
}

// reaches: a cell is an address or number by which someone can be reached.
func reaches(cells []string) bool {
	return slices.ContainsFunc(cells, func(c string) bool {
		k := kindOf(c)
		return k == kindEmail || k == kindPhone || k == kindURL
	})
}

// trimBlank leaves out the blank cells at the end.
func trimBlank(cells []string) []string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

func clipAll(cells []string, n int) []string {
	var out []string
	for _, c := range cells[:min(n, len(cells))] {
		out = append(out, clip(c))
	}
	return out
}
