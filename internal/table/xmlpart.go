package table

import (
	"archive/zip"
	"bufio"
	"bytes"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

var declaredEncoding = regexp.MustCompile(`^(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// openXML opens an XML part as UTF-8: packages may hold UTF-16 (ECMA-376 part 2,
// 8.1.4), and some programs write what they declare.
func openXML(f *zip.File) (io.ReadCloser, error) {
	part, err := openPart(f)
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(part, 256)
	head, _ := r.Peek(200) // an error comes again when it is read
	enc := partEncoding(head)
	if enc == nil {
		return struct {
			io.Reader
			io.Closer
		}{r, part}, nil
	}
	return struct {
		io.Reader
		io.Closer
	}{transform.NewReader(r, enc.NewDecoder()), part}, nil
}

// partEncoding is nil for UTF-8.
func partEncoding(head []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("<\x00")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("\x00<")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	said := declaredEncoding.FindSubmatch(head)
	if said == nil {
		return nil
	}
	enc, name, err := lookupEncoding(string(said[1]))
	if err != nil || enc == encoding.Replacement || strings.HasPrefix(name, "utf-") {
		return nil // the bytes say that it is no UTF-16
	}
	return enc
}
