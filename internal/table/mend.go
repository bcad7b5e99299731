package table

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A record whose quotes or delimiters are odd is read again in the ways that a
// careful person would try, within its line, or over several where a quoted cell
// goes on; one that gives exactly the cells of the headings, and nothing odd, is
// taken (rule 1.4).

const (
	mendTries  = 12       // how many opening quotes of one record are tried as text
	mendReach  = 8 << 10  // how far a record is read over line ends
	mendBudget = 32 << 20 // bytes looked at so in a file, besides eight times its length
)

// mender reads the line buf[pos:stop] again, which ends at next.
type mender struct {
	di              dialect
	p               *piece // as it was read, and the better reading
	by              dialect
	buf             []byte
	atEOF           bool // buf holds the rest of the file
	pos, stop, next int
	width           int
	cross           bool   // the lines below may belong to it
	near            bool   // no reading over line ends any more: too many were tried
	looked          int    // bytes read over line ends
	less            int    // cells that may be missing
	loose           bool   // quotes inside that are not doubled are in order
	least           int    // where the record ends at least, as its quotes are in order
	closed          bool   // the better reading has text beside a quoted part that is closed
	wide            string // the quotes beyond ASCII of the better reading, for which buf has quoteByte
	try             piece
}

// mendLine tries readings of m's line, which was read as m.p. It tells which dialect fits.
func (m *mender) mendLine() (notice string) {
	if m.width < 2 || m.stop <= m.pos || m.stop-m.pos > 16*strayReach || len(m.di.delim) == 0 {
		return ""
	}
	line := m.buf[m.pos:m.stop]
	quotes := bytes.ContainsAny(line, "\"'`") || m.di.quote != 0 && bytes.IndexByte(line, m.di.quote) >= 0
	m.cross = quotes && !m.near && m.next < len(m.buf) && !m.wholeAt(m.next)
	if !m.p.unclosed && m.p.lines > 1 && (!m.p.stray || len(m.p.spans) == m.width && m.cross) {
		m.least = m.p.next // it is closed as it is
	}
	if m.innerQuotes() {
		return StrayQuote
	}
	if m.cross {
		least := m.least
		m.least = max(least, m.next+1)
		if inner := m.di; m.di.quote != 0 && (m.p.stray || m.p.unclosed) {
			inner.inner, m.loose = true, true
			if m.fits(&inner, 0) {
				return StrayQuote
			}
			m.loose = false
		}
		if notice = m.tryAll(); notice != "" {
			return notice
		}
		// Text beside a quoted part that goes on over lines, perhaps as a delimiter is missing.
		raw := m.di
		raw.raw = true
		for m.less = range 2 {
			if m.fits(&raw, 0) {
				m.closed = true
				return StrayQuote
			}
		}
		m.less, m.least, m.cross = 0, least, false
	}
	return m.tryAll()
}

// innerQuotes reads cells with quotes inside that are not doubled, the last of which
// stands before the closing one: 1,"the "a"",x.
func (m *mender) innerQuotes() bool {
	di := m.di
	if di.quote == 0 || !m.p.stray && !m.p.unclosed {
		return false
	}
	least, cross := m.least, m.cross
	m.least, m.cross, m.loose = 0, false, true
	defer func() { m.least, m.cross, m.loose = least, cross, false }()
	di.inner = true
	return m.fits(&di, 0)
}

func (m *mender) tryAll() (notice string) {
	if notice = m.tryQuotes(); notice == "" && m.width > 2 {
		notice = m.tryDialects()
	}
	return notice
}

// tryQuotes takes quotes as text, or after blanks.
func (m *mender) tryQuotes() (notice string) {
	di, p, line := m.di, m.p, m.buf[:m.stop:m.stop]
	spaced := di
	spaced.spaced = true
	if di.quote != 0 && bytes.Contains(line[m.pos:], append(bytes.Clone(di.delim), ' ')) && m.fits(&spaced, 0) {
		return StrayQuote
	}
	if di.quote != 0 && di.escape == 0 && bytes.Contains(line[m.pos:], []byte{'\\', di.quote}) {
		slash := di
		slash.escape = '\\'
		if m.fits(&slash, 0) {
			return OtherDialect
		}
	}
	if di.quote != 0 && (p.stray || p.unclosed) {
		// One quote too many: it belongs to the text.
		for at, n := m.pos, 0; n < mendTries; n++ {
			k := bytes.IndexByte(line[at:], di.quote)
			if k < 0 {
				break
			}
			if m.fits(&di, at+k+1) {
				return StrayQuote
			}
			at += k + 1
		}
		// Quotes inside that are not doubled, before a delimiter too: 1,"the "a", or b",x
		// Where the next cell has quotes as well, the delimiter more likely divides.
		m.loose = true
		closing := append([]byte{di.quote}, di.delim...)
		for _, between := range []bool{false, true} {
			for at, n := m.pos, 0; p.stray && n < mendTries; n++ {
				k := bytes.Index(line[at:], closing)
				if k < 0 {
					break
				}
				next := at + k + len(closing)
				if (next < len(line) && line[next] == di.quote) == between && m.fits(&di, at+k+1) {
					return StrayQuote
				}
				at += k + 1
			}
		}
		m.loose = false
		// All of them: 1,"Acme" Inc,x
		plain := di
		plain.quote = 0
		if m.fits(&plain, 0) {
			return StrayQuote
		}
	}
	return ""
}

// tryDialects reads the record with other quotes and delimiters.
func (m *mender) tryDialects() (notice string) {
	if m.tryWide() {
		return OtherDialect
	}
	di, p, line := m.di, m.p, m.buf[:m.stop:m.stop]
	for _, quote := range []byte{'\'', '`', '"'} {
		if quote != di.quote && (line[m.pos] == quote || len(p.spans) != m.width && bytes.Contains(line[m.pos:], append(bytes.Clone(di.delim), quote))) {
			other := di
			other.quote = quote
			if m.fits(&other, 0) {
				return OtherDialect
			}
		}
	}
	if len(p.spans) > m.width {
		for _, delim := range [][]byte{append(bytes.Clone(di.delim), di.delim...), append(bytes.Clone(di.delim), ' ')} {
			other := di
			other.delim = delim
			if bytes.Contains(line[m.pos:], delim) && m.fits(&other, 0) {
				return OtherDialect
			}
		}
	}
	if len(p.spans)*2 > m.width+1 && !p.unclosed {
		return "" // the file's delimiter divides it
	}
	for _, delim := range slices.Concat(majors, []string{"||", ";;", "::", ":", "~", "^", " "}) {
		if delim == string(di.delim) || !bytes.Contains(line[m.pos:], []byte(delim)) {
			continue
		}
		if delim == " " && len(betweenBlanks.FindAll(line[m.pos:], 3)) < 2 {
			continue // prose
		}
		other := di
		other.delim = []byte(delim)
		if m.fits(&other, 0) {
			return OtherDialect
		}
	}
	return ""
}

// tryWide reads the line with quotes beyond ASCII, which the first of them shows.
func (m *mender) tryWide() bool {
	line := m.buf[m.pos:m.stop]
	quote := ""
	for at := line; quote == "" && len(at) > 2; {
		r, n := utf8.DecodeRune(at)
		if r >= utf8.RuneSelf && mayQuote(r) {
			quote = string(at[:n])
		}
		next := bytes.Index(at, m.di.delim)
		if next < 0 {
			break
		}
		at = at[next+len(m.di.delim):]
	}
	if quote == "" {
		return false
	}
	for _, pair := range quotePairs {
		if open, closing := quotePair(pair); open == quote && bytes.Contains(line, []byte(closing)) {
			quote = pair
			break
		}
	}
	open, closing := quotePair(quote)
	old := bytes.Clone(line)
	short := bytes.ReplaceAll(bytes.ReplaceAll(line, []byte(open), []byte{quoteByte}), []byte(closing), []byte{quoteByte})
	copy(line, short)
	di, t, end := m.di, &m.try, m.pos+len(short)
	di.quote = quoteByte
	if !di.split(t, m.buf[:end:end], m.pos, true, 0, MaxCell) || len(t.spans) != m.width || t.stray || t.unclosed || !t.anyQuote || t.next != end {
		copy(line, old)
		return false
	}
	m.by, m.wide = di, quote
	*m.p = piece{spans: append(m.p.spans[:0], t.spans...), next: m.next, lines: boolInt(m.next > m.stop), anyQuote: true}
	return true
}

// betweenBlanks is a cell with digits or in quotes, as prose has few.
var betweenBlanks = regexp.MustCompile(`(?:^| )(?:[\pL/:.-]*\d[^ "]*|"[^"]*")`)

// wholeAt: what begins at pos is a record by itself, so the odd one ends before it.
func (m *mender) wholeAt(pos int) bool {
	var p piece
	end := min(len(m.buf), pos+mendReach)
	ok := m.di.split(&p, m.buf[:end], pos, m.atEOF && end == len(m.buf), m.width, mendReach)
	return ok && len(p.spans) == m.width && !p.stray && !p.unclosed
}

// swallows: a line after the first of buf[next:end] is a whole record by itself, so
// that a stray quote would take it and all up to it into one cell.
func (d *dialect) swallows(buf []byte, next, end, width int) bool {
	if d.literal != 0 || d.inner || d.raw || d.spaced {
		plain := *d
		plain.literal, plain.inner, plain.raw, plain.spaced = 0, false, false, false
		d = &plain
	}
	var p piece
	for range 100 {
		k := bytes.IndexByte(buf[next:end], '\n')
		if k < 0 || next+k+1 >= end {
			return false
		}
		next += k + 1
		if d.split(&p, buf[:min(len(buf), next+mendReach)], next, true, width, mendReach) && len(p.spans) == width && p.lines == 1 && !p.stray && !p.unclosed && p.next < end {
			return true
		}
	}
	return false
}

// fits takes the reading by d if it gives width cells and nothing odd.
func (m *mender) fits(d *dialect, literal int) bool {
	d.literal = literal
	defer func() { d.literal = 0 }()
	t := &m.try
	good := func() bool { return len(t.spans) == m.width-m.less && (!t.stray || m.loose) && !t.unclosed }
	switch {
	case m.next >= m.least && !d.raw && d.split(t, m.buf[:m.stop:m.stop], m.pos, true, 0, MaxCell) && good() && t.next == m.stop:
		t.next, t.lines = m.next, boolInt(m.next > m.stop)
	case !m.cross || d.quote == 0:
		return false
	default:
		reach, atEOF := min(len(m.buf), m.pos+mendReach), m.atEOF
		if reach < len(m.buf) {
			atEOF = false
		}
		m.looked += reach - m.next
		if !d.split(t, m.buf[:reach:reach], m.pos, atEOF, 0, mendReach) || !good() || t.next <= m.next || t.next < m.least ||
			d.raw && t.next < len(m.buf) && !m.wholeAt(t.next) || m.di.swallows(m.buf[:reach], m.next, t.next, m.width) {
			return false
		}
	}
	if d.spaced {
		t.trim(m.buf)
	}
	m.by = *d
	*m.p = piece{spans: append(m.p.spans[:0], t.spans...), next: t.next, lines: t.lines, anyQuote: t.anyQuote}
	return true
}

// trim leaves out the blank before each cell but the first if all have one.
func (p *piece) trim(buf []byte) {
	for _, sp := range p.spans[1:] {
		if !sp.quoted && (sp.start >= sp.end || buf[sp.start] != ' ') {
			return
		}
	}
	for i := range p.spans[1:] {
		if sp := &p.spans[i+1]; !sp.quoted {
			sp.start++
		}
	}
}

// mendHead reads odd rows among the first of a sample again, as the heading may be one.
func (s *sample) mendHead(rows []sampleRow, d *dialect, width int) {
	full := false // a row of the table came before: no preamble any more
	widths := map[int]int{}
	for _, r := range rows {
		widths[len(r.cells)]++
	}
	for i := range rows[:min(len(rows), 20)] {
		r := &rows[i]
		if !r.loose && len(r.cells) > width && widths[len(r.cells)] > 2 {
			continue // of another table
		}
		if !full && len(r.cells) == 1 && i+1 < len(rows) && rows[i+1].blank {
			continue // a title
		}
		if !r.quotedBehind {
			trimSpaced(r.cells, d)
		}
		if q := sameQuotes(r.cells, d.quote); q != "" && !r.quote {
			open, closing := quotePair(q)
			for k, c := range r.cells {
				r.cells[k] = strings.ReplaceAll(c[len(open):len(c)-len(closing)], closing+closing, closing)
			}
		}
		if r.blank || !r.loose && (len(r.cells) == width || len(r.cells) > 1 && len(r.cells) < width && !full) {
			full = full || len(r.cells) == width
			continue
		}
		stop := r.end
		for stop > r.at && (s.text[stop-1] == '\n' || s.text[stop-1] == '\r') {
			stop--
		}
		p := piece{stray: r.loose, spans: make([]span, len(r.cells))}
		m := mender{di: *d, p: &p, buf: s.text[:r.end], atEOF: true, pos: r.at, stop: stop, next: r.end, width: width}
		if m.mendLine() == "" {
			continue
		}
		r.cells, r.loose = r.cells[:0], false
		for _, sp := range p.spans {
			t := s.text[sp.start:sp.end]
			if sp.escaped {
				t = m.by.unescape(bytes.Clone(t), sp.quoted)
			}
			cell := string(t)
			if m.wide != "" {
				cell = unquoteByte(cell, m.wide)
			}
			r.cells = append(r.cells, cell)
		}
	}
}

// trimSpaced: a row whose cells are parted by a delimiter and a blank where the
// file has no such blanks.
func trimSpaced(cells []string, d *dialect) {
	if len(cells) < 3 || len(d.delim) == 0 || d.delim[len(d.delim)-1] == ' ' || d.delim[0] == '\t' {
		return
	}
	for _, c := range cells[1:] {
		if len(c) < 2 && c != " " || c[0] != ' ' || len(c) > 1 && c[1] == ' ' {
			return
		}
	}
	for i := range cells[1:] {
		cells[i+1] = cells[i+1][1:]
	}
}

// startsOddly: oddlyQuoted is worth asking.
func startsOddly(cells []string) bool {
	if len(cells) == 0 || len(cells[0]) < 2 {
		return false
	}
	switch cells[0][0] {
	case '\'', '`', '"', 0xc2, 0xe2, 0xef: // or « ″ ＂
		return true
	}
	return false
}

// oddlyQuoted: every filled cell of the record stands in quotes that are not the
// file's, or so does the first while the last goes on in the next line.
func oddlyQuoted(cells []string, quote byte) bool {
	if sameQuotes(cells, quote) != "" {
		return true
	}
	if len(cells) < 3 || len(cells[0]) < 2 {
		return false
	}
	q, last := cells[0][0], cells[len(cells)-1]
	return (q == '\'' || q == '`' || q == '"') && q != quote && len(last) > 1 && last[0] == q && last[len(last)-1] != q
}

// sameQuotes are the quotes, not the file's, in which every filled cell stands.
func sameQuotes(cells []string, quote byte) string {
	if len(cells) < 3 || len(cells[0]) < 2 || cells[0][0] == quote {
		return ""
	}
	r, n := utf8.DecodeRuneInString(cells[0])
	if r < utf8.RuneSelf && r != '\'' && r != '`' && r != '"' || r >= utf8.RuneSelf && !mayQuote(r) {
		return ""
	}
	open, closing := cells[0][:n], cells[0][:n]
	for _, pair := range quotePairs {
		if a, b := quotePair(pair); n > 1 && a == open && strings.HasSuffix(cells[0], b) {
			closing = b
		}
	}
	for _, c := range cells {
		if len(c) < len(open)+len(closing) || !strings.HasPrefix(c, open) || !strings.HasSuffix(c, closing) {
			return ""
		}
	}
	if open == closing {
		return open
	}
	return open + closing
}
