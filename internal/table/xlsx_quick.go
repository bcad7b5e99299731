package table

// quickCell reads a cell as nearly all programs write most cells,
//
//	<c r="B7" s="3" t="s"><v>12</v></c>
//	<c r="B7" s="3"><v>45658.5</v></c>
//	<c r="B7" s="3"/>
//
// if all of it is in the buffer. Anything else, and anything doubtful, is left to
// the thorough way: ok is false, and nothing was read.
func (s *sheetScanner) quickCell(cells []string, first int) (_ []string, ok bool, err error) {
	const head = `<c r="`
	b := s.x.buf[s.x.pos:]
	if len(b) < 96 || string(b[:len(head)]) != head {
		return cells, false, nil
	}
	b = b[:96]
	i, col := len(head), 0
	for ; i < len(head)+3 && b[i] >= 'A' && b[i] <= 'Z'; i++ {
		col = col*26 + int(b[i]-'A') + 1
	}
	digits := i
	for ; i < digits+8 && b[i] >= '0' && b[i] <= '9'; i++ {
	}
	if col == 0 || col > MaxColumns || i == digits || b[i] != '"' {
		return cells, false, nil
	}
	i++
	style := 0
	if string(b[i:i+4]) == ` s="` {
		at := i + 4
		for i = at; i < at+6 && b[i] >= '0' && b[i] <= '9'; i++ {
			style = style*10 + int(b[i]-'0')
		}
		if i == at || b[i] != '"' {
			return cells, false, nil
		}
		i++
	}
	shared := string(b[i:i+6]) == ` t="s"`
	if shared {
		i += 6
	}
	col--
	if col < len(cells)-first {
		return cells, false, nil // out of order
	}
	var format cellStyle
	if style >= 0 && style < len(s.book.styles) {
		format = s.book.styles[style]
	}
	text, end := "", 0
	switch {
	case string(b[i:i+2]) == "/>":
		end = i + 2
	case string(b[i:i+4]) != "><v>":
		return cells, false, nil
	default:
		i += 4
		from, index := i, 0
		for ; i < len(b)-9 && (b[i] >= '0' && b[i] <= '9' || !shared && (b[i] == '.' || b[i] == '-' || b[i] == '+' || b[i] == 'E' || b[i] == 'e')); i++ {
			index = index*10 + int(b[i]-'0')
		}
		if i == from || i-from > 24 || shared && i-from > 9 || string(b[i:i+8]) != "</v></c>" {
			return cells, false, nil
		}
		end = i + 8
		if shared {
			if text, err = s.strs.get(index); err == nil {
				text = s.shownText(text, format)
			}
		} else {
			text = s.number(b[from:i], format, style)
		}
	}
	for len(cells)-first < col {
		cells = append(cells, "")
	}
	s.x.pos += end
	return append(cells, text), true, err
}

// shownNumber is a number that was formatted, as dates and amounts come again
// and again.
type shownNumber struct {
	style  int
	stored [24]byte
	length int
	text   string
}

// maxShown is how many are kept, each at the place of its hash.
const maxShown = 4096

// number is a stored number as text.
func (s *sheetScanner) number(v []byte, format cellStyle, style int) string {
	if format.kind == 0 && (!s.book.asShown || format.show == nil) || style < 0 || len(v) > len(shownNumber{}.stored) {
		s.value = s.book.formatNumber(s.value[:0], v, format)
		return s.arena.keep(s.value)
	}
	h := uint32(style)
	for _, c := range v {
		h = (h ^ uint32(c)) * 16777619
	}
	if s.shown == nil {
		s.shown = make([]shownNumber, maxShown)
	}
	known := &s.shown[(h^h>>15)%maxShown]
	if known.length == len(v) && known.style == style && string(known.stored[:len(v)]) == string(v) {
		return known.text
	}
	s.value = s.book.formatNumber(s.value[:0], v, format)
	known.style, known.length, known.text = style, copy(known.stored[:], v), string(s.value) // of its own: the arena's chunks would be kept with it
	return known.text
}
