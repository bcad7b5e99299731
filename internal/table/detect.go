package table

import (
	"bytes"
	"context"
	"fmt"
)

// Detect looks at the head of src, and at as much of the rest as it needs, and
// says how to read it. What opt decides is not detected. It fails with a
// *Refusal for a file that cannot be read, and with src's own errors.
func Detect(ctx context.Context, src Source, opt Options) (*Detection, error) {
	return detect(ctx, src, opt, false)
}

// detect is Detect; packed says that src was unpacked from an archive, in which no other may be.
func detect(ctx context.Context, src Source, opt Options, packed bool) (*Detection, error) {
	head := make([]byte, min(src.Size(), 64<<10))
	n, err := readSome(src, head, 0)
	if err != nil {
		return nil, err
	}
	head = head[:n]
	if len(head) == 0 {
		return nil, refuse("empty", "The file is empty.", "Export it again, and see that the export has finished before uploading.")
	}
	if err := refuseCompound(src, head); err != nil {
		return nil, err
	}
	if err := refuseBinary(head); err != nil {
		return nil, err
	}
	det := &Detection{Format: "csv", Size: src.Size()}
	if packed {
		det.Container = "packed"
	}
	if bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		if packed {
			return nil, refuse("gzip", "The file is packed twice.", "Unpack it and upload the file inside.")
		}
		return det, det.detectGzip(ctx, src, opt)
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")) {
		return det, det.detectZip(ctx, src, opt)
	}
	if kind := markup(head); kind != "" && !packed && opt.Format == "" {
		return det, det.detectConverted(ctx, src, kind, opt)
	}
	if isVCard(head) && !packed && opt.Format == "" {
		return det, det.detectConverted(ctx, src, "vcard", opt)
	}
	array, isJSON := looksLikeJSON(head)
	if opt.Format == "json" || opt.Format == "jsonl" || opt.Format == "" && isJSON && opt.Delimiter == "" {
		return det, det.detectJSON(ctx, src, array || opt.Format == "json")
	}
	return det, det.detectText(ctx, src, opt)
}

// detectText settles encoding, dialect and heading of delimited text.
func (d *Detection) detectText(ctx context.Context, src Source, opt Options) error {
	if err := refuseOneLine(src); err != nil {
		return err
	}
	bom, err := d.detectEncoding(ctx, src, opt)
	if err != nil {
		return err
	}
	s, err := readSample(src, d.Encoding, opt.Quote, int64(bom))
	if err != nil {
		return err
	}
	if err := refuseData(s.text); err != nil {
		return err
	}
	if err := d.detectDialect(src, s, opt); err != nil {
		return err
	}
	di := d.dialect()
	rows := s.rows(&di, s.start, s.startLine, 1000)
	s.mendHead(rows, &di, modalWidth(rows))
	cut := len(rows) > 0 && rows[len(rows)-1].endOff < src.Size()
	head := opt
	if cut {
		head.Sheet = "" // it may begin below
		if blocks := d.tableBlocks(rows); len(blocks) > 1 {
			head.Sheet = opt.Sheet
		}
	}
	if err := d.detectHeader(rows, head); err != nil {
		return err
	}
	if len(d.Headings) > MaxColumns {
		return refuse("csv", fmt.Sprintf("The table has %d columns; at most %d can be read.", len(d.Headings), MaxColumns),
			"Export only the columns that you need.")
	}
	if cut {
		if err := d.detectBeyond(ctx, src, rows[len(rows)-1].off, opt); err != nil {
			return err
		}
	}
	if err := d.detectFooter(src); err != nil {
		return err
	}
	return d.beforeEndMark(src)
}

// refuseOneLine refuses a large file whose first line does not end, before all of it is read.
func refuseOneLine(src Source) error {
	if src.Size() <= MaxRecord {
		return nil
	}
	buf := make([]byte, chunkSize)
	for off := int64(0); off < MaxRecord+chunkSize; off += chunkSize {
		n, err := readSome(src, buf, off)
		if err != nil {
			return err
		}
		if n < len(buf) || bytes.IndexByte(buf, '\n') >= 0 || bytes.IndexByte(buf, '\r') >= 0 {
			return nil
		}
	}
	return tooLongLine()
}
