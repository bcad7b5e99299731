package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// stringTable is the shared strings (18.4.8) in few large pieces: plain or rich
// text, without the phonetic runs. They are read as far as they are asked for.
type stringTable struct {
	texts textList
	part  io.Closer // nil when all is read
	x     *xmlScanner
	text  []byte
	state stringState
}

type stringState struct{ inSI, inT, phonetic, closed, preserve bool }

// sharedStrings opens the table; ahead if all of it will be read.
func (w *workbook) sharedStrings(ahead bool) (*stringTable, error) {
	f := zipFile(w.zip, w.strPart)
	if w.strPart == "" || f == nil {
		return &stringTable{}, nil
	}
	part, err := openXML(f)
	if err != nil {
		return nil, err
	}
	if ahead && f.UncompressedSize64 > aheadFrom {
		part = newReadAhead(part)
	}
	return &stringTable{part: part, x: newXMLScanner(part)}, nil
}

// get is string i.
func (t *stringTable) get(i int) (string, error) {
	for i >= t.texts.count && t.part != nil {
		if err := t.next(); err != nil {
			return "", err
		}
	}
	if i < 0 || i >= t.texts.count {
		return "", fmt.Errorf("text number %d of %d is missing", i, t.texts.count)
	}
	return t.texts.get(i), nil
}

// finish reads what no cell asked for, so that its CRC is checked.
func (t *stringTable) finish() error {
	for t.part != nil {
		if err := t.next(); err != nil {
			return err
		}
	}
	return nil
}

func (t *stringTable) close() error {
	if t.part == nil {
		return nil
	}
	part := t.part
	t.part = nil
	return part.Close()
}

// next reads one string, or to the end.
func (t *stringTable) next() error {
	if t.quick() {
		return t.bounded()
	}
	s := &t.state
	for {
		tag, err := t.x.next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			if !s.closed {
				return fmt.Errorf("the shared strings end too early: %w", io.ErrUnexpectedEOF)
			}
			return t.close()
		}
		if err != nil {
			return fmt.Errorf("read shared strings: %w", err)
		}
		if tag.name == nil {
			if s.inT && !s.phonetic {
				if t.text, err = appendSpaced(t.text, tag.text, s.preserve); err != nil {
					return fmt.Errorf("read shared strings: %w", err)
				}
			}
			continue
		}
		switch string(tag.name) {
		case "si":
			if tag.end != s.inSI && !tag.empty {
				return errors.New("malformed XML in the shared strings")
			}
			s.inSI = !tag.end && !tag.empty
			if tag.end || tag.empty {
				if utf16Len(t.text) > MaxXLSXCell {
					return cellTooLong()
				}
				t.texts.add(unescapeX(t.text))
				t.text = t.text[:0]
				return t.bounded()
			}
		case "t":
			s.inT, s.preserve = !tag.end && !tag.empty, preserves(&tag)
		case "rPh":
			s.phonetic = !tag.end && !tag.empty
		case "sst":
			s.closed = tag.end || tag.empty
		}
	}
}

func (t *stringTable) bounded() error {
	if t.texts.memory() > maxStrings {
		return refuse("xlsx", "The workbook's texts take more memory than is allowed.", "Save the sheet as CSV UTF-8 and upload that.")
	}
	return nil
}

// quick reads <si><t>a</t></si> if all of it is in the buffer and nothing in it
// needs a second look.
func (t *stringTable) quick() bool {
	const open, end = "<si><t>", "</t></si>"
	b := t.x.buf[t.x.pos:]
	if t.state.inSI || len(b) < len(open) || string(b[:len(open)]) != open {
		return false
	}
	b = b[len(open):]
	n := bytes.IndexByte(b, '<')
	if n < 1 || len(b) < n+len(end) || string(b[n:n+len(end)]) != end || n > MaxXLSXCell || b[0] <= ' ' || b[n-1] <= ' ' {
		return false
	}
	text, err := appendText(t.text[:0], b[:n])
	if err != nil {
		return false // said by the thorough way
	}
	t.texts.add(unescapeX(text))
	t.text = text[:0]
	t.x.pos += len(open) + n + len(end)
	return true
}

// preserves: the text keeps the blanks at its ends (xml:space).
func preserves(t *tag) bool { return string(t.attr("xml:space")) == "preserve" }

// appendSpaced appends the text of a <t>, which Excel trims unless it says
// otherwise.
func appendSpaced(dst, text []byte, preserve bool) ([]byte, error) {
	if !preserve {
		text = bytes.Trim(text, " \t\r\n")
	}
	return appendText(dst, text)
}
