package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// XML 1.0 cannot hold control characters; a workbook writes them as _xHHHH_
// (ECMA-376 part 1, 22.9.2.19). excelize escapes every _xHHHH_ that it is given,
// so a noncharacter stands for the first underscore until the sheet is written.
const escapeMark = '\ufdd0'

// escapeX marks what XML cannot hold or would change.
func escapeX(s string) (out string, marked bool) {
	clean := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 && c != '\t' && c != '\n' || c >= 0xef {
			clean = false
			break
		}
	}
	if clean {
		return s, false
	}
	var b strings.Builder
	for _, r := range s {
		if r < 0x20 && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff || r == escapeMark {
			fmt.Fprintf(&b, "%cx%04X_", escapeMark, r)
			marked = true
			continue
		}
		b.WriteRune(r)
	}
	return b.String(), marked
}

// finishEscapes copies a workbook and turns the marks in its sheets into underscores.
func finishEscapes(w io.Writer, book []byte) error {
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		return err
	}
	out := zip.NewWriter(w)
	for _, f := range in.File {
		if !strings.HasPrefix(f.Name, "xl/worksheets/sheet") {
			err = errors.Join(err, out.Copy(f))
			continue
		}
		src, err1 := f.Open()
		if err1 != nil {
			return err1
		}
		dst, err1 := out.Create(f.Name)
		if err1 != nil {
			return err1
		}
		err = errors.Join(err, replaceMarks(dst, src), src.Close())
	}
	return errors.Join(err, out.Close())
}

func replaceMarks(dst io.Writer, src io.Reader) error {
	mark := []byte(string(escapeMark))
	buf := make([]byte, 64<<10)
	keep := 0
	for {
		n, err := src.Read(buf[keep:])
		b := buf[:keep+n]
		end := len(b)
		if err == nil { // a mark may be cut by the buffer's end
			end = max(0, end-len(mark)+1)
		}
		if i := bytes.LastIndex(b, mark); i >= 0 && i+len(mark) > end {
			end = i + len(mark)
		}
		if _, werr := dst.Write(bytes.ReplaceAll(b[:end], mark, []byte("_"))); werr != nil {
			return werr
		}
		keep = copy(buf, b[end:])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
