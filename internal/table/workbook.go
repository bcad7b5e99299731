package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"unsafe"
)

// workbook is the parts of an XLSX file that its sheets need (ECMA-376 part 1, 18).
type workbook struct {
	src      Source
	zip      *zip.Reader
	sheets   []sheetInfo
	date1904 bool
	asShown  bool        // numbers as Excel shows them
	styles   []cellStyle // by index of cellXfs
	strings  *stringTable
	strPart  string
}

type sheetInfo struct {
	name   string
	part   *zip.File
	hidden bool
}

// openWorkbook reads everything but the sheets and shared strings.
func openWorkbook(src Source, z *zip.Reader) (*workbook, error) {
	w := &workbook{src: src, zip: z}
	main := "xl/workbook.xml"
	if rels, err := w.rels("_rels/.rels"); err == nil {
		for _, r := range rels {
			if strings.HasSuffix(r.kind, "/officeDocument") {
				main = strings.TrimPrefix(r.target, "/")
			}
		}
	}
	dir, base := path.Split(main)
	rels, err := w.rels(dir + "_rels/" + base + ".rels")
	if err != nil {
		return nil, err
	}
	byID := map[string]relation{}
	styles := ""
	for _, r := range rels {
		if !strings.HasPrefix(r.target, "/") {
			r.target = path.Join(dir, r.target)
		}
		byID[r.id] = r
		switch {
		case strings.HasSuffix(r.kind, "/sharedStrings"):
			w.strPart = r.target
		case strings.HasSuffix(r.kind, "/styles"):
			styles = r.target
		}
	}
	err = w.each(main, func(t *tag) error {
		switch string(t.name) {
		case "workbookPr":
			v := string(t.attr("date1904"))
			w.date1904 = v == "1" || v == "true" || v == "on"
		case "sheet":
			id := t.attr("r:id")
			if id == nil {
				for _, p := range strings.Fields(string(t.attrs)) {
					if k, v, ok := strings.Cut(p, "="); ok && strings.HasSuffix(k, ":id") {
						id = []byte(strings.Trim(v, `"'`))
					}
				}
			}
			rel, ok := byID[string(id)]
			if t.end || !ok || !strings.HasSuffix(rel.kind, "/worksheet") {
				return nil
			}
			name, err := appendText(nil, t.attr("name"))
			if err != nil {
				return err
			}
			f := zipFile(z, rel.target)
			if f == nil {
				return fmt.Errorf("the part %s of sheet %q is missing", rel.target, name)
			}
			w.sheets = append(w.sheets, sheetInfo{string(name), f, len(t.attr("state")) > 0 && string(t.attr("state")) != "visible"})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(w.sheets) == 0 {
		return nil, errors.New("it has no sheets")
	}
	if styles != "" && zipFile(z, styles) != nil {
		err = w.readStyles(styles)
	}
	return w, err
}

type relation struct{ id, kind, target string }

func (w *workbook) rels(name string) ([]relation, error) {
	var out []relation
	err := w.each(name, func(t *tag) error {
		if string(t.name) == "Relationship" && !t.end {
			target, err := appendText(nil, t.attr("Target"))
			if err != nil {
				return err
			}
			out = append(out, relation{string(t.attr("Id")), string(t.attr("Type")), string(target)})
		}
		return nil
	})
	return out, err
}

// each calls f for every tag of a small part, read to its end.
func (w *workbook) each(name string, f func(*tag) error) error {
	part := zipFile(w.zip, name)
	if part == nil {
		return fmt.Errorf("the part %s is missing", name)
	}
	r, err := openPart(part)
	if err != nil {
		return err
	}
	defer r.Close()
	x := newXMLScanner(r)
	for {
		t, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if t.name != nil {
			if err := f(&t); err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
		}
	}
}

// stringTable is the shared strings in few large pieces.
type stringTable struct {
	list  []string
	bytes arena
}

// maxStrings bounds the memory of the shared strings, their index included.
const maxStrings = 144 << 20

// arena keeps texts in chunks that are never moved, so that strings can point into them.
type arena struct {
	buf   []byte
	total int
}

// keep copies b.
func (a *arena) keep(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if cap(a.buf)-len(a.buf) < len(b) {
		a.buf = make([]byte, 0, max(chunkSize, len(b)))
	}
	n := len(a.buf)
	a.buf = append(a.buf, b...)
	a.total += len(b)
	return unsafe.String(&a.buf[n], len(b))
}

// sharedStrings reads the table on first use (18.4.8): plain or rich text,
// without the phonetic runs.
func (w *workbook) sharedStrings() (*stringTable, error) {
	if w.strings != nil {
		return w.strings, nil
	}
	st := &stringTable{}
	if w.strPart == "" || zipFile(w.zip, w.strPart) == nil {
		w.strings = st
		return st, nil
	}
	part, err := openPart(zipFile(w.zip, w.strPart))
	if err != nil {
		return nil, err
	}
	defer part.Close()
	x := newXMLScanner(part)
	var text []byte
	inSI, inT, phonetic, closed := false, false, false, false
	for {
		t, err := x.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read shared strings: %w", err)
		}
		if t.name == nil {
			if inT && !phonetic {
				if text, err = appendText(text, t.text); err != nil {
					return nil, fmt.Errorf("read shared strings: %w", err)
				}
			}
			continue
		}
		switch string(t.name) {
		case "si":
			if t.end != inSI && !t.empty {
				return nil, errors.New("malformed XML in the shared strings")
			}
			inSI = !t.end && !t.empty
			if t.end || t.empty {
				if utf16Len(text) > MaxXLSXCell {
					return nil, cellTooLong()
				}
				st.list = append(st.list, st.bytes.keep(unescapeX(text)))
				text = text[:0]
				if st.bytes.total+len(st.list)*16 > maxStrings {
					return nil, refuse("xlsx", "The workbook's texts take more memory than is allowed.", "Save the sheet as CSV UTF-8 and upload that.")
				}
			}
		case "t":
			inT = !t.end && !t.empty
		case "rPh":
			phonetic = !t.end && !t.empty
		case "sst":
			closed = t.end || t.empty
		}
	}
	if !closed {
		return nil, fmt.Errorf("the shared strings end too early: %w", io.ErrUnexpectedEOF)
	}
	w.strings = st
	return st, nil
}

func cellTooLong() error {
	return refuse("xlsx", fmt.Sprintf("A cell holds more than %d characters, which no workbook allows.", MaxXLSXCell), "Save the sheet as CSV UTF-8 and upload that.")
}

// utf16Len counts as Excel does.
func utf16Len(b []byte) int {
	if len(b) <= MaxXLSXCell {
		return len(b)
	}
	n := 0
	for _, c := range b {
		if c&0xc0 != 0x80 {
			n++
		}
		if c >= 0xf0 {
			n++
		}
	}
	return n
}

// unescapeX undoes _x000D_, the format's own way to write what XML cannot (22.9.2.19).
func unescapeX(b []byte) []byte {
	if bytes.IndexByte(b, '_') < 0 {
		return b
	}
	for i := 0; i+7 <= len(b); i++ {
		if b[i] == '_' && b[i+1] == 'x' && b[i+6] == '_' {
			if v, err := strconv.ParseUint(string(b[i+2:i+6]), 16, 16); err == nil {
				b = append(b[:i], append([]byte(string(rune(v))), b[i+7:]...)...)
				i += len(string(rune(v))) - 1
			}
		}
	}
	return b
}
