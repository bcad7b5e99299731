package table

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/klauspost/compress/flate"
)

// openZip reads a zip's directory and refuses what holds too many entries.
func openZip(src Source) (*zip.Reader, error) {
	z, err := zip.NewReader(src, src.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, damaged(src, fmt.Errorf("read its directory: %w", err))
	}
	if len(z.File) > MaxEntries {
		return nil, refuse("zip", fmt.Sprintf("The archive holds %d files; at most %d can be read.", len(z.File), MaxEntries), "Upload one table.")
	}
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	return z, nil
}

// damaged is the error for a workbook or archive that cannot be read to its end.
func damaged(src Source, err error) error {
	var r *Refusal
	if errors.As(err, &r) {
		return err
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &Damage{Name: src.Name(), Err: err}
}

// Damage says that a compressed file or workbook is damaged or cut: it has no
// trustworthy table, not even a shorter one (rule 1.5).
type Damage struct {
	Name string
	Err  error
}

func (d *Damage) Error() string { return d.message() + " " + remedyOfDamage }

const remedyOfDamage = "Export or download it again."

func (d *Damage) message() string {
	if errors.Is(d.Err, io.ErrUnexpectedEOF) {
		return fmt.Sprintf("The file %s is cut off: its end is missing (%v).", d.Name, d.Err)
	}
	return fmt.Sprintf("The file %s is damaged: %v.", d.Name, d.Err)
}

// Refused is the refusal of a file in an error, of a damaged one too, or nil.
func Refused(err error) *Refusal {
	var damage *Damage
	if errors.As(err, &damage) {
		return &Refusal{Format: "damaged", Message: damage.message(), Remedy: remedyOfDamage}
	}
	var refusal *Refusal
	errors.As(err, &refusal)
	return refusal
}

func (d *Damage) Unwrap() error { return d.Err }

// openPart opens a part for reading under the limits against bombs. Reading it
// to io.EOF has checked its length and CRC.
func openPart(f *zip.File) (io.ReadCloser, error) {
	// The directory's sizes are enough to refuse; a smaller lie is an error when it shows.
	if f.UncompressedSize64 > MaxUnpacked || f.UncompressedSize64 > ratioFrom && f.UncompressedSize64/MaxRatio > f.CompressedSize64 {
		return nil, bomb(f.Name, int64(f.UncompressedSize64), int64(f.CompressedSize64))
	}
	if f.Flags&1 != 0 {
		return nil, refuse("encrypted", fmt.Sprintf("%s inside the file is protected by a password.", clip(f.Name)), "Take the password off and upload it again.")
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", f.Name, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{&bombGuard{r: r, packed: int64(f.CompressedSize64), name: f.Name}, r}, nil
}

// bombGuard stops a reader that unpacks to too much.
type bombGuard struct {
	r         io.Reader
	n, packed int64
	name      string
}

func (g *bombGuard) Read(b []byte) (int, error) {
	n, err := g.r.Read(b)
	g.n += int64(n)
	if g.n > MaxUnpacked || (g.n > ratioFrom && g.n > MaxRatio*max(1, g.packed)) {
		return 0, bomb(g.name, g.n, g.packed)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("unpack %s: %w", g.name, err)
	}
	return n, err
}

// bombWriter stops a conversion that writes too much: rows and cells can be
// repeated by a number alone.
type bombWriter struct {
	w         io.Writer
	n, packed int64
	name      string
}

func (g *bombWriter) Write(b []byte) (int, error) {
	if g.n += int64(len(b)); g.n > MaxUnpacked || g.n > ratioFrom && g.n > MaxRatio*max(1, g.packed) {
		return 0, bomb(g.name, g.n, g.packed)
	}
	return g.w.Write(b)
}

func bomb(name string, n, packed int64) error {
	return refuse("bomb", fmt.Sprintf("%s unpacks to far more than it should: %d MB from %d KB.", name, n>>20, packed>>10),
		"Save the table as CSV and upload that.")
}

// partName is an entry's name as most programs write it.
func partName(f *zip.File) string {
	return strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")
}

// zipFile finds an entry by name, without case, as Office does.
func zipFile(z *zip.Reader, name string) *zip.File {
	name = strings.TrimPrefix(name, "/")
	for _, f := range z.File {
		if f.Name == name {
			return f
		}
	}
	for _, f := range z.File {
		if strings.EqualFold(partName(f), name) {
			return f
		}
	}
	if plain, err := url.PathUnescape(name); err == nil && plain != name {
		return zipFile(z, plain) // as relationships may refer to it
	}
	return nil
}
