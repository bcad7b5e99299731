package table

import "bytes"

// signature is how a kind of file that is no table begins.
type signature struct {
	prefix          string
	format, message string
	remedy          string
}

const (
	saveAsCSV  = "In Excel: File › Save as › CSV UTF-8."
	exportData = "Export the data as CSV or as an Excel workbook (.xlsx)."
)

var signatures = []signature{
	{"%PDF-", "pdf", "This is a PDF document, not a table.", "Open what it was made from. " + saveAsCSV},
	{compoundMagic, "xls", "This is an old Excel workbook (.xls, 97–2003) or a workbook protected by a password.", "Open it in Excel, take off the password if it has one. File › Save as › CSV UTF-8."},
	{"MZ\x90", "executable", "This is a Windows program, not a table.", exportData},
	{"\x7fELF", "executable", "This is a Linux program, not a table.", exportData},
	{"\xcf\xfa\xed\xfe", "executable", "This is a macOS program, not a table.", exportData},
	{"\xca\xfe\xba\xbe", "executable", "This is a program, not a table.", exportData},
	{"\x89PNG\r\n", "image", "This is a picture (PNG), not a table.", exportData},
	{"\xff\xd8\xff", "image", "This is a picture (JPEG), not a table.", exportData},
	{"GIF8", "image", "This is a picture (GIF), not a table.", exportData},
	{"II*\x00", "image", "This is a picture (TIFF), not a table.", exportData},
	{"MM\x00*", "image", "This is a picture (TIFF), not a table.", exportData},
	{"RIFF", "media", "This is a picture, sound or film, not a table.", exportData},
	{"Rar!\x1a\x07", "rar", "This is a RAR archive.", "Unpack it and upload the file inside."},
	{"7z\xbc\xaf\x27\x1c", "7z", "This is a 7-Zip archive.", "Unpack it and upload the file inside."},
	{"BZh", "bzip2", "This is a bzip2 archive.", "Unpack it and upload the file inside."},
	{"\xfd7zXZ\x00", "xz", "This is an xz archive.", "Unpack it and upload the file inside."},
	{"\x28\xb5\x2f\xfd", "zstd", "This is a Zstandard archive.", "Unpack it and upload the file inside."},
	{"SQLite format 3\x00", "sqlite", "This is an SQLite database.", "Export the table as CSV."},
	{"PAR1", "parquet", "This is a Parquet file.", "Export the table as CSV."},
	{"{\\rtf", "rtf", "This is a text document (RTF), not a table.", exportData},
	{"\x00\x01\x00\x00Standard ", "access", "This is an Access database.", "In Access: External Data › Export › Text File."},
}

// refuseBinary refuses what can be told from the first bytes.
func refuseBinary(head []byte) error {
	for _, s := range signatures {
		if !bytes.HasPrefix(head, []byte(s.prefix)) {
			continue
		}
		if (s.prefix == "RIFF" || s.prefix == "BZh" || s.prefix == "GIF8" || s.prefix == "PAR1") && looksLikeText(head) {
			continue
		}
		return refuse(s.format, s.message, s.remedy)
	}
	return nil
}

// refuseData refuses what no encoding makes a text of: many control characters.
func refuseData(text []byte) error {
	text = text[:min(len(text), 64<<10)]
	odd, kinds := 0, 0
	var seen [0x20]bool
	for _, c := range text {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && (c < 0x1c || c == 0) && c != 0x1b {
			odd++
			kinds += boolInt(!seen[c])
			seen[c] = true
		}
	}
	// Delimiters of control characters are of one or two kinds.
	if odd*10 > len(text)*3 && odd > 8 || kinds >= 10 && odd*50 > len(text) {
		return refuse("binary", "This is binary data, not a table.", exportData)
	}
	return nil
}

// looksLikeText: no control characters but the usual ones.
func looksLikeText(head []byte) bool {
	for _, c := range head {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			return false
		}
	}
	return true
}
