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
	"unicode/utf16"
	"unicode/utf8"
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
	strPart  string
}

type sheetInfo struct {
	name   string
	part   *zip.File
	hidden bool
	cols   int // wide by its own account, 0 = not said
}

// openWorkbook reads everything but the sheets and shared strings.
func openWorkbook(src Source, z *zip.Reader) (*workbook, error) {
	w := &workbook{src: src, zip: z}
	if name := repeatedPart(z); name != "" {
		return nil, fmt.Errorf("two of its parts are named %s", name)
	}
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
			w.sheets = append(w.sheets, sheetInfo{name: string(name), part: f, hidden: len(t.attr("state")) > 0 && string(t.attr("state")) != "visible"})
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

// repeatedPart is a name that two parts have, which no package may (ECMA-376 part
// 2, 6.2.2.2): which of them is meant would be a guess.
func repeatedPart(z *zip.Reader) string {
	seen := make(map[string]bool, len(z.File))
	for _, f := range z.File {
		name := strings.ToLower(partName(f))
		if seen[name] && !strings.HasSuffix(name, "/") {
			return clip(f.Name)
		}
		seen[name] = true
	}
	return ""
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
			out = append(out, relation{string(t.attr("Id")), string(t.attr("Type")), strings.ReplaceAll(string(target), `\`, "/")})
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
	r, err := openXML(part)
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
	for i := 0; i < len(b); i++ {
		v, ok := escapedUnit(b[i:])
		if !ok {
			continue
		}
		n := 7
		if low, ok := escapedUnit(b[i+7:]); ok && utf16.DecodeRune(v, low) != utf8.RuneError {
			v, n = utf16.DecodeRune(v, low), 14
		}
		char := string(v)
		b = append(b[:i], append([]byte(char), b[i+n:]...)...)
		i += len(char) - 1
	}
	return b
}

// escapedUnit reads _x000D_ at the start of b.
func escapedUnit(b []byte) (rune, bool) {
	if len(b) < 7 || b[0] != '_' || b[1] != 'x' || b[6] != '_' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(v), err == nil
}
