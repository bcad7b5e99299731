package table

import "bytes"

// A record whose quotes or delimiters are odd is read again, within its line, in
// the ways that a careful person would try; one that gives exactly the cells of
// the headings, and nothing odd, is taken (rule 1.4).

// mendTries bounds how many opening quotes of one record are tried as text.
const mendTries = 12

// mend tries readings of the line r.buf[r.pos:stop], which ends at next.
func (r *csvReader) mend(p *piece, stop, next int) (notice string) {
	if r.width < 2 || stop-r.pos > 16*strayReach || len(r.di.delim) == 0 {
		return ""
	}
	line := r.buf[:stop:stop]
	var try piece
	fits := func(d *dialect, literal int) bool {
		d.literal = literal
		ok := d.split(&try, line, r.pos, true, 0, MaxCell) && len(try.spans) == r.width && !try.stray && !try.unclosed && try.next == stop
		d.literal = 0
		if ok {
			r.escBy = *d
			*p = piece{spans: append(p.spans[:0], try.spans...), next: next, lines: boolInt(next > stop), anyQuote: try.anyQuote}
		}
		return ok
	}
	spaced := r.di
	spaced.spaced = true
	if r.di.quote != 0 && fits(&spaced, 0) {
		return StrayQuote
	}
	if r.di.quote != 0 && (p.stray || p.unclosed) {
		// One quote too many: it belongs to the text.
		for at, n := r.pos, 0; n < mendTries; n++ {
			k := bytes.IndexByte(line[at:], r.di.quote)
			if k < 0 {
				break
			}
			if fits(&r.di, at+k+1) {
				return StrayQuote
			}
			at += k + 1
		}
		// All of them: 1,"Acme" Inc,x
		plain := r.di
		plain.quote = 0
		if fits(&plain, 0) {
			return StrayQuote
		}
	}
	if r.width < 3 {
		return ""
	}
	for _, quote := range []byte{'\'', '`', '"'} {
		if line[r.pos] == quote && quote != r.di.quote {
			other := r.di
			other.quote = quote
			if fits(&other, 0) {
				return OtherDialect
			}
		}
	}
	if len(p.spans) >= r.width && !p.stray {
		return ""
	}
	for _, delim := range majors {
		if delim == string(r.di.delim) || !bytes.Contains(line[r.pos:], []byte(delim)) {
			continue
		}
		other := r.di
		other.delim = []byte(delim)
		if fits(&other, 0) {
			return OtherDialect
		}
	}
	return ""
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
