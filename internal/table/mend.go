package table

import "bytes"

// A record whose quotes or delimiters are odd is read again, within its line, in
// the ways that a careful person would try; one that gives exactly the cells of
// the headings, and nothing odd, is taken (rule 1.4).

// mendTries bounds how many opening quotes of one record are tried as text.
const mendTries = 12

// mendLine tries readings of the line buf[pos:stop], which ends at next and was
// read as p. It returns the dialect that fits.
func mendLine(di dialect, p *piece, buf []byte, pos, stop, next, width int) (by dialect, notice string) {
	if width < 2 || stop <= pos || stop-pos > 16*strayReach || len(di.delim) == 0 {
		return by, ""
	}
	line := buf[:stop:stop]
	var try piece
	fits := func(d *dialect, literal int) bool {
		d.literal = literal
		ok := d.split(&try, line, pos, true, 0, MaxCell) && len(try.spans) == width && !try.stray && !try.unclosed && try.next == stop
		d.literal = 0
		if ok {
			by = *d
			*p = piece{spans: append(p.spans[:0], try.spans...), next: next, lines: boolInt(next > stop), anyQuote: try.anyQuote}
		}
		return ok
	}
	spaced := di
	spaced.spaced = true
	if di.quote != 0 && fits(&spaced, 0) {
		return by, StrayQuote
	}
	if di.quote != 0 && (p.stray || p.unclosed) {
		// One quote too many: it belongs to the text.
		for at, n := pos, 0; n < mendTries; n++ {
			k := bytes.IndexByte(line[at:], di.quote)
			if k < 0 {
				break
			}
			if fits(&di, at+k+1) {
				return by, StrayQuote
			}
			at += k + 1
		}
		// All of them: 1,"Acme" Inc,x
		plain := di
		plain.quote = 0
		if fits(&plain, 0) {
			return by, StrayQuote
		}
	}
	if width < 3 {
		return by, ""
	}
	for _, quote := range []byte{'\'', '`', '"'} {
		if line[pos] == quote && quote != di.quote {
			other := di
			other.quote = quote
			if fits(&other, 0) {
				return by, OtherDialect
			}
		}
	}
	if len(p.spans) >= width && !p.stray {
		return by, ""
	}
	for _, delim := range majors {
		if delim == string(di.delim) || !bytes.Contains(line[pos:], []byte(delim)) {
			continue
		}
		other := di
		other.delim = []byte(delim)
		if fits(&other, 0) {
			return by, OtherDialect
		}
	}
	return by, ""
}

// mendHead reads odd rows among the first of a sample again, as the heading may be one.
func (s *sample) mendHead(rows []sampleRow, d *dialect, width int) {
	for i := range rows[:min(len(rows), 20)] {
		r := &rows[i]
		if !r.loose || len(r.cells) == width {
			continue
		}
		stop := r.end
		for stop > r.at && (s.text[stop-1] == '\n' || s.text[stop-1] == '\r') {
			stop--
		}
		p := piece{stray: true}
		by, notice := mendLine(*d, &p, s.text, r.at, stop, r.end, width)
		if notice == "" {
			continue
		}
		r.cells, r.loose = r.cells[:0], false
		for _, sp := range p.spans {
			t := s.text[sp.start:sp.end]
			if sp.escaped {
				t = by.unescape(bytes.Clone(t), sp.quoted)
			}
			r.cells = append(r.cells, string(t))
		}
	}
}

// startsOddly: sameQuotes is worth asking.
func startsOddly(cells []string) bool {
	return len(cells) > 0 && len(cells[0]) > 1 && (cells[0][0] == '\'' || cells[0][0] == '`' || cells[0][0] == '"')
}

// sameQuotes: every filled cell of the record stands in quotes that are not the file's.
func (r *csvReader) sameQuotes(cells []string) bool {
	if len(cells) < 3 || len(cells[0]) < 2 {
		return false
	}
	q := cells[0][0]
	if q == r.di.quote || q != '\'' && q != '`' && q != '"' {
		return false
	}
	for _, c := range cells {
		if len(c) < 2 || c[0] != q || c[len(c)-1] != q {
			return false
		}
	}
	return true
}
