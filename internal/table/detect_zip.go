package table

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// detectZip tells workbooks, documents and plain archives apart by their entries.
func (d *Detection) detectZip(ctx context.Context, src Source, opt Options) error {
	z, err := openZip(src)
	if err != nil {
		return err
	}
	var tables []*zip.File
	for _, f := range z.File {
		name := strings.ToLower(partName(f))
		switch {
		case name == "xl/workbook.bin":
			return refuse("xlsb", "This is a binary Excel workbook (.xlsb).", "In Excel: File › Save as › Excel workbook (.xlsx).")
		case name == "xl/workbook.xml", name == "[content_types].xml" && zipFile(z, "word/document.xml") == nil && zipFile(z, "ppt/presentation.xml") == nil && zipFile(z, "xl/workbook.bin") == nil:
			d.Format = "xlsx"
			return d.detectXLSX(src, z, opt)
		case name == "content.xml" && zipFile(z, "mimetype") != nil && zipFile(z, "META-INF/manifest.xml") != nil:
			return d.detectConverted(ctx, src, "ods", opt)
		case name == "word/document.xml":
			return refuse("docx", "This is a Word document, not a table.", "Copy the table into Excel. "+saveAsCSV)
		case name == "ppt/presentation.xml":
			return refuse("pptx", "This is a PowerPoint file, not a table.", exportData)
		case name == "index/document.iwa":
			return refuse("numbers", "This is an Apple Numbers document.", "In Numbers: File › Export to › CSV.")
		case strings.HasSuffix(name, "/"), strings.HasPrefix(name, "__macosx/"), strings.HasSuffix(name, ".ds_store"), f.FileInfo().IsDir():
		default:
			tables = append(tables, f)
		}
	}
	return d.detectArchive(ctx, src, tables, opt)
}

// papers lie beside a table in an archive: notes, licences, documents, pictures.
var papers = regexp.MustCompile(`(?i)(?:^|/)(?:(?:readme|licen[cs]e|copying|notice)[^/]*|[^/]+\.(?:pdf|md|png|jpe?g|gif|docx?|rtf))$`)

func (d *Detection) detectArchive(ctx context.Context, src Source, tables []*zip.File, opt Options) error {
	if len(tables) > 1 {
		tables = slices.DeleteFunc(tables, func(f *zip.File) bool { return papers.MatchString(f.Name) })
	}
	switch {
	case len(tables) == 0:
		return refuse("zip", "The archive holds no file.", "Upload the table itself.")
	case len(tables) > 1:
		return refuse("zip", fmt.Sprintf("The archive holds %d files, for instance %s and %s.", len(tables), clip(tables[0].Name), clip(tables[1].Name)), "Upload the one table that you need.")
	}
	if d.Container != "" {
		return refuse("zip", "The archive is packed twice.", "Unpack it and upload the file inside.")
	}
	inner, done, err := unpackZip(src, tables[0])
	if err != nil {
		return err
	}
	d.Container, d.Entry = "zip", tables[0].Name
	return errors.Join(d.detectInner(ctx, inner, opt), done())
}

// detectInner detects the unpacked table and keeps what it is packed in.
func (d *Detection) detectInner(ctx context.Context, inner Source, opt Options) error {
	got, err := detect(ctx, inner, opt, true)
	if err != nil {
		return err
	}
	got.Container, got.Entry, got.Size = d.Container, d.Entry, d.Size
	*d = *got
	return nil
}

// detectConverted reads a table of another kind by way of CSV.
func (d *Detection) detectConverted(ctx context.Context, src Source, kind string, opt Options) error {
	if d.Container != "" {
		return refuse(kind, "The file inside the archive is no CSV and no workbook.", "Unpack it and upload the file inside.")
	}
	d.Container = kind
	encoding := ""
	if opt.Encoding != "" {
		_, canonical, err := lookupEncoding(opt.Encoding)
		if err != nil {
			return err
		}
		encoding = canonical
	}
	inner, done, err := convertFrom(src, kind, &encoding)
	if err != nil {
		var r *Refusal
		if errors.As(err, &r) {
			r.Encoding = encoding
		}
		return err
	}
	opt.Encoding, opt.Delimiter, opt.Quote, opt.Escape = "utf-8", ",", `"`, `"`
	if err := errors.Join(d.detectInner(ctx, inner, opt), done()); err != nil {
		return err
	}
	d.Ledger = slices.DeleteFunc(d.Ledger, func(g Guess) bool {
		return g.Name == "encoding" || g.Name == "delimiter" || g.Name == "quote" || g.Name == "escape"
	})
	d.Encoding = encoding
	d.note(Guess{Name: "format", Value: kind, Certainty: Proven, Evidence: "by its content, whatever its name says"})
	return nil
}

// detectGzip unpacks the file and detects what is inside.
func (d *Detection) detectGzip(ctx context.Context, src Source, opt Options) error {
	inner, done, err := unpackGzip(src)
	if err != nil {
		return err
	}
	d.Container = "gzip"
	return errors.Join(d.detectInner(ctx, inner, opt), done())
}
