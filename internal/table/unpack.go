package table

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// inMemory is up to how many unpacked bytes are kept without a temporary file.
const inMemory = 4 << 20

// unpack unpacks what d was detected in. done frees the result.
func unpack(src Source, d *Detection) (inner Source, done func() error, err error) {
	switch d.Container {
	case "gzip":
		return unpackGzip(src)
	case "html", "xml", "vcard", "ods":
		encoding := d.Encoding
		return convertFrom(src, d.Container, &encoding)
	}
	z, err := openZip(src)
	if err != nil {
		return nil, nil, err
	}
	f := zipFile(z, d.Entry)
	if f == nil {
		return nil, nil, fmt.Errorf("the archive has no file %q", d.Entry)
	}
	return unpackZip(src, f)
}

// converted: the table is read by way of CSV.
func (d *Detection) converted() bool {
	return d.Container == "html" || d.Container == "xml" || d.Container == "vcard" || d.Container == "ods"
}

// convertFrom turns a document of that kind into CSV; encoding is the one to use,
// or "" to be found and told.
func convertFrom(src Source, kind string, encoding *string) (Source, func() error, error) {
	return convert(src, func(src Source, w RowWriter) error {
		switch kind {
		case "ods":
			return convertODS(src, w)
		case "vcard":
			return convertVCard(src, w, encoding)
		}
		return convertMarkup(src, w, encoding)
	})
}

// members reads all members of a gzip file (RFC 1952), and as gzip(1) does past the
// zeros that a tape or a block device fills it up with.
type members struct {
	in *bufio.Reader
	z  *gzip.Reader
}

func (m *members) Read(p []byte) (int, error) {
	n, err := m.z.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	for {
		b, err := m.in.ReadByte()
		if err != nil {
			return n, err
		}
		if b != 0 {
			break
		}
	}
	err = errors.Join(m.in.UnreadByte(), m.z.Reset(m.in))
	m.z.Multistream(false)
	return n, err
}

// unpackGzip reads all members; a cut or damaged one is an error (rule 1.5).
func unpackGzip(src Source) (Source, func() error, error) {
	in := bufio.NewReader(io.NewSectionReader(src, 0, src.Size()))
	r, err := gzip.NewReader(in)
	if err != nil {
		return nil, nil, damaged(src, err)
	}
	r.Multistream(false)
	guard := &bombGuard{r: &members{in, r}, packed: src.Size(), name: src.Name()}
	inner, done, err := spool(guard, strings.TrimSuffix(src.Name(), ".gz"))
	if err != nil {
		return nil, nil, damaged(src, err)
	}
	return inner, done, nil
}

func unpackZip(src Source, f *zip.File) (Source, func() error, error) {
	if f.Flags&1 != 0 {
		return nil, nil, refuse("zip", "The archive is protected by a password.", "Unpack it and upload the file inside.")
	}
	r, err := openPart(f)
	if err != nil {
		return nil, nil, damaged(src, err)
	}
	inner, done, err := spool(r, f.Name)
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, nil, damaged(src, err)
	}
	return inner, done, nil
}

// spool reads r to its end into memory or a temporary file, which done removes.
func spool(r io.Reader, name string) (Source, func() error, error) {
	var head bytes.Buffer
	if _, err := io.CopyN(&head, r, inMemory); errors.Is(err, io.EOF) {
		return BytesSource(name, head.Bytes()), func() error { return nil }, nil
	} else if err != nil {
		return nil, nil, err
	}
	f, err := os.CreateTemp("", "leadport-table-*")
	if err != nil {
		return nil, nil, err
	}
	done := func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
	n, err := io.Copy(f, io.MultiReader(&head, r))
	if err != nil {
		return nil, nil, errors.Join(err, done())
	}
	return &File{File: f, size: n, name: name}, done, nil
}
