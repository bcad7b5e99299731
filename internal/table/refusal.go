package table

// Refusal says that a file is of a kind that cannot be read, by its content and
// not its name, and the way out. It is the file's fault, not the program's.
type Refusal struct {
	// Format is a short code of what the file is: pdf, xls, zip, empty …
	Format string
	// Message says what the file is, Remedy what to do about it; both are whole sentences.
	Message, Remedy string
	// Encoding is how its text is encoded, where that was found out ("" else).
	Encoding string
}

func (r *Refusal) Error() string {
	if r.Remedy == "" {
		return r.Message
	}
	return r.Message + " " + r.Remedy
}

// Limits against hostile or senseless files. Beyond them a file is refused by a
// *Refusal, or a single record gets a Problem, and memory stays bounded.
const (
	MaxColumns   = 16_384    // cells in a record, as in XLSX
	MaxCell      = 1 << 20   // bytes in a cell of a text file
	MaxXLSXCell  = 32_767    // characters in a cell of a workbook (UTF-16 units)
	MaxRecord    = 16 << 20  // bytes in a record of a text file
	MaxUnpacked  = 4 << 30   // bytes that a compressed file may unpack to
	MaxRatio     = 200       // unpacked to packed bytes, once ratioFrom bytes are unpacked
	MaxEntries   = 10_000    // files in a zip
	ratioFrom    = 10 << 20  // small files may be as repetitive as they like
	defaultBatch = 1024      // rows in a batch whose Max is 0
	chunkSize    = 256 << 10 // bytes read at a time
	seekChunk    = 4 << 10   // the first time after Seek, then ever more: often one record is wanted
)

func refuse(format, message, remedy string) error {
	return &Refusal{Format: format, Message: message, Remedy: remedy}
}
