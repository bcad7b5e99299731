package table

import "bytes"

// dialect is how a text is cut into cells.
type dialect struct {
	delim  []byte // empty = one column
	quote  byte   // 0 = none
	escape byte   // 0 = quotes are doubled; else as well the character before a quote
	// crEnds: a CR alone ends every record. Else it does so only where the record
	// is complete (a file of mixed line ends), and is text elsewhere.
	crEnds bool
	lfcr   bool // a CR right after the LF belongs to the line end
	// literal is after the one quote that is taken as text, 0 = none.
	literal int
	// raw: a quoted part may stand anywhere in a cell, which is kept as it is written.
	raw    bool
	spaced bool // a quoted cell may stand after blanks
	inner  bool // after a stray quote, the second of two before a delimiter closes the cell
}

func (d *Detection) dialect() dialect {
	di := dialect{delim: []byte(d.Delimiter), crEnds: d.LineEnd == "cr" || d.LineEnd == "any", lfcr: d.LineEnd == "lfcr"}
	if d.Quote != "" {
		di.quote = d.Quote[0]
		if isWideQuote(d.Quote) {
			di.quote = quoteByte
		}
	}
	if d.Escape != "" && d.Escape != d.Quote {
		di.escape = d.Escape[0]
	}
	return di
}

// escapesBare: the escape counts outside of quotes as well; a sign like % ends cells otherwise.
func (d *dialect) escapesBare() bool { return d.escape == '\\' || d.quote == 0 }

// span is a cell in a buffer, without its quotes.
type span struct {
	start, end int
	quoted     bool
	escaped    bool // unescape is needed
}

// piece is one record cut out of a buffer.
type piece struct {
	spans    []span
	next     int  // where the next record begins
	lines    int  // line ends inside and after it
	stray    bool // an undoubled quote inside a quoted cell
	unclosed bool // a quoted cell is not closed before the end of the data or within the bounds
	anyQuote bool
	breakAt  int // after the first line end inside the quoted cell that is odd, or the first such cell; 0 = none
}

const (
	strayReach = 4 << 10 // how far a cell with stray quotes may go on over line ends
)

// split cuts the record at buf[pos:] by RFC 4180 and its usual violations. It
// is the complete and slow way; scan.go has the quick one for common dialects.
// ok is false if the record may go on beyond buf and !atEOF. width is the
// expected number of cells or 0, maxQuoted bounds a quoted cell over several lines.
func (d *dialect) split(p *piece, buf []byte, pos int, atEOF bool, width, maxQuoted int) (ok bool) {
	*p = piece{spans: p.spans[:0]}
	n := len(buf)
	i := pos
	for {
		// At the start of a cell.
		if s, j, lines, ok := d.splitSpaced(buf, i, n); ok {
			p.anyQuote = true
			p.lines += lines
			p.spans = append(p.spans, s)
			i = j
		} else if d.quote != 0 && i < n && buf[i] == d.quote && i+1 != d.literal {
			p.anyQuote = true
			s, j, done := d.splitQuoted(p, buf, i, atEOF, maxQuoted)
			if !done {
				return false
			}
			p.spans = append(p.spans, s)
			i = j
		} else {
			s, j, done := d.splitPlain(p, buf, i, atEOF, width)
			if !done {
				return false
			}
			p.spans = append(p.spans, s)
			i = j
		}
		if len(p.spans) > MaxColumns {
			p.next = i
			return true
		}
		// After a cell: a delimiter, a line end, or the end.
		if i >= n {
			p.next = n
			return atEOF
		}
		if len(d.delim) > 0 && bytes.HasPrefix(buf[i:], d.delim) {
			i += len(d.delim)
			if i == n && !atEOF {
				return false
			}
			continue
		}
		if buf[i] == '\r' {
			if i+2 >= n && !atEOF {
				return false
			}
			switch {
			case i+1 < n && buf[i+1] == '\n':
				i++
			case i+2 < n && buf[i+1] == '\r' && buf[i+2] == '\n':
				i += 2
			}
		}
		p.lines++
		p.next = i + 1
		if d.lfcr && buf[i] == '\n' {
			if p.next == n && !atEOF {
				return false
			}
			if p.next < n && buf[p.next] == '\r' {
				p.next++
			}
		}
		return true
	}
}

// splitSpaced reads a quoted cell after blanks, as in  1, "a, b",2 .
func (d *dialect) splitSpaced(buf []byte, i, n int) (s span, j, lines int, ok bool) {
	if !d.spaced || d.quote == 0 || len(d.delim) == 0 || i+2 >= n || buf[i] != ' ' || d.delim[0] == ' ' {
		return s, 0, 0, false
	}
	for i < n && buf[i] == ' ' {
		i++
	}
	if i >= n || buf[i] != d.quote || i+1 == d.literal {
		return s, 0, 0, false
	}
	var p piece
	s, j, ok = d.splitQuoted(&p, buf, i, true, strayReach)
	if !ok || p.unclosed || p.stray || j > n {
		return s, 0, 0, false
	}
	return s, j, p.lines, true
}

// splitPlain reads an unquoted cell from i; j is where its delimiter or line end begins.
func (d *dialect) splitPlain(p *piece, buf []byte, i int, atEOF bool, width int) (s span, j int, done bool) {
	n := len(buf)
	s.start = i
	var first byte
	if len(d.delim) > 0 {
		first = d.delim[0]
	}
	for ; i < n; i++ {
		c := buf[i]
		switch {
		case c == '\n':
			s.end = i
			return s, i, true
		case c == '\r':
			if i+2 >= n && !atEOF {
				return s, 0, false
			}
			if i == s.start && len(p.spans) == 0 || i+2 < n && buf[i+1] == '\r' && buf[i+2] == '\n' {
				s.end = i // the second half of a line end LF CR; CR CR LF
				return s, i, true
			}
			if d.crEnds || i+1 == n || buf[i+1] == '\n' || (width > 0 && len(p.spans)+1 == width) {
				s.end = i
				return s, i, true
			}
		case d.raw && c == d.quote:
			var q piece
			inner := *d
			inner.raw = false
			if _, j, ok := inner.splitQuoted(&q, buf, i, true, mendReach); ok && !q.unclosed && !q.stray {
				p.lines += q.lines
				i = j - 1
			}
		case d.escape != 0 && c == d.escape && d.escapesBare():
			if i+1 == n {
				if !atEOF {
					return s, 0, false
				}
			} else if x := buf[i+1]; x == d.quote || x == d.escape && d.escape == '\\' || (len(d.delim) > 0 && x == first) {
				s.escaped = true
				i++
			}
		case c == first && len(d.delim) > 0:
			if i+len(d.delim) > n && !atEOF {
				return s, 0, false
			}
			if bytes.HasPrefix(buf[i:], d.delim) {
				s.end = i
				return s, i, true
			}
		}
	}
	s.end = n
	return s, n, atEOF
}

// splitQuoted reads a quoted cell whose opening quote is at i. A quote inside
// that is neither doubled nor before a delimiter or line end is taken as text.
func (d *dialect) splitQuoted(p *piece, buf []byte, i int, atEOF bool, maxQuoted int) (s span, j int, done bool) {
	n := len(buf)
	open := i
	s.start, s.quoted = i+1, true
	breakAt, stray := 0, false
	odd := func() {
		p.unclosed, p.stray = true, p.stray || stray
		p.breakAt = breakAt
		s.end = n
	}
	for i++; i < n; i++ {
		c := buf[i]
		switch {
		case d.escape != 0 && c == d.escape:
			if i+1 == n {
				if !atEOF {
					return s, 0, false
				}
			} else if x := buf[i+1]; x == d.quote || x == d.escape {
				s.escaped = true
				i++
			}
		case c == d.quote:
			if i+1 == n && !atEOF {
				return s, 0, false
			}
			if i+1 < n && buf[i+1] == d.quote && i+1 != d.literal {
				if after, closed, _ := d.afterQuote(buf, i+2, true); d.inner && stray && closed {
					s.end = i + 1
					p.stray = true
					return s, after, true
				}
				s.escaped = true
				i++
				continue
			}
			if i+1 == d.literal {
				continue
			}
			after, closed, known := d.afterQuote(buf, i+1, atEOF)
			if !known {
				return s, 0, false
			}
			if closed {
				s.end = i
				if stray {
					p.stray = true
				}
				if breakAt > 0 && (p.breakAt == 0 || stray) {
					p.breakAt = breakAt
				}
				return s, after, true
			}
			if d.raw {
				rest, j, done := d.splitPlain(p, buf, i+1, atEOF, 0)
				return span{start: open, end: rest.end}, j, done
			}
			stray = true
		case c == '\n' || (c == '\r' && i+1 < n && buf[i+1] != '\n'):
			p.lines++
			if breakAt == 0 {
				breakAt = i + 1
			}
		}
		if breakAt > 0 && (i-open > maxQuoted || (stray && i-open > strayReach)) {
			odd()
			return s, n, true
		}
	}
	if !atEOF {
		return s, 0, false
	}
	odd()
	return s, n, true
}

// afterQuote tells whether a quote that ends before i closes its cell: blanks may
// stand between it and the delimiter or line end, which begins at end.
func (d *dialect) afterQuote(buf []byte, i int, atEOF bool) (end int, closed, known bool) {
	n := len(buf)
	for {
		if i >= n {
			return n, true, atEOF
		}
		if len(d.delim) > 0 && buf[i] == d.delim[0] {
			if i+len(d.delim) > n && !atEOF {
				return 0, false, false
			}
			if bytes.HasPrefix(buf[i:], d.delim) {
				return i, true, true
			}
		}
		if buf[i] == '\n' || buf[i] == '\r' {
			return i, true, true
		}
		if buf[i] != ' ' && (buf[i] != '\t') {
			return 0, false, true
		}
		i++
	}
}

// unescape takes doubled quotes and escapes out of b in place and returns what is left of it.
func (d *dialect) unescape(b []byte, quoted bool) []byte {
	out := b[:0]
	if d.escape == 0 {
		for {
			i := bytes.IndexByte(b, d.quote)
			if i < 0 || i+1 >= len(b) {
				return append(out, b...)
			}
			out = append(out, b[:i+1]...)
			if b[i+1] == d.quote {
				i++
			}
			b = b[i+1:]
		}
	}
	for i := 0; i < len(b); i++ {
		c := b[i]
		if i+1 < len(b) {
			x := b[i+1]
			switch {
			case d.escape != 0 && c == d.escape && (x == d.quote || x == d.escape && (quoted || d.escape == '\\') || (!quoted && len(d.delim) > 0 && x == d.delim[0])):
				c = x
				i++
			case quoted && c == d.quote && x == d.quote:
				i++
			}
		}
		out = append(out, c)
	}
	return out
}
