package table

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

const compoundMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// compoundKinds are the streams that tell what a compound file (MS-CFB) is.
var compoundKinds = []struct{ stream, format, message, remedy string }{
	{"EncryptedPackage", "encrypted", "This workbook is protected by a password.", "In Excel: File › Info › Protect Workbook › Encrypt with Password, empty the field and save. Then upload it again."},
	{"WordDocument", "doc", "This is a Word document, not a table.", "Copy the table into Excel. " + saveAsCSV},
	{"PowerPoint Document", "ppt", "This is a PowerPoint file, not a table.", exportData},
	{"__nameid_version1.0", "msg", "This is an Outlook message, not a table.", "Save its attachment and upload that."},
	{"Workbook", "xls", "This is an old Excel workbook (.xls, 97–2003).", "In Excel: File › Save as › Excel workbook (.xlsx) or CSV UTF-8."},
	{"Book", "xls", "This is a very old Excel workbook (.xls, 5.0 or 95).", "In Excel: File › Save as › Excel workbook (.xlsx) or CSV UTF-8."},
}

// refuseCompound refuses the container of old Office documents and of encrypted
// new ones by what its directory names; what names nothing known is left to
// refuseBinary.
func refuseCompound(src Source, head []byte) error {
	if !bytes.HasPrefix(head, []byte(compoundMagic)) || len(head) < 512 {
		return nil
	}
	shift := binary.LittleEndian.Uint16(head[30:])
	at := (int64(binary.LittleEndian.Uint32(head[48:])) + 1) << (shift & 15)
	directory := make([]byte, 4096)
	n, err := readSome(src, directory, min(at, src.Size()))
	if err != nil {
		return err
	}
	for _, k := range compoundKinds {
		var name []byte
		for _, u := range append(utf16.Encode([]rune(k.stream)), 0) {
			name = binary.LittleEndian.AppendUint16(name, u)
		}
		// A name begins an entry of 128 bytes.
		for e := 0; e+128 <= n; e += 128 {
			if bytes.HasPrefix(directory[e:], name) {
				return refuse(k.format, k.message, k.remedy)
			}
		}
	}
	return nil
}
