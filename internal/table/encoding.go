package table

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// lookupEncoding finds an encoding by any WHATWG label and by the names of some
// that the web never had. UTF-8 gives nil.
func lookupEncoding(name string) (encoding.Encoding, string, error) {
	n := strings.ToLower(strings.TrimSpace(name))
	switch strings.NewReplacer("_", "", "-", "", " ", "").Replace(n) {
	case "", "utf8", "utf8sig", "utf8bom", "ascii", "usascii":
		return nil, "utf-8", nil
	case "utf16", "utf16le", "ucs2", "ucs2le":
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16le", nil
	case "utf16be", "ucs2be":
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "utf-16be", nil
	case "utf32", "utf32le":
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), "utf-32le", nil
	case "utf32be":
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), "utf-32be", nil
	case "iso88591", "latin1":
		return charmap.ISO8859_1, "iso-8859-1", nil
	case "iso88599", "latin5":
		return charmap.ISO8859_9, "iso-8859-9", nil
	case "cp437", "ibm437":
		return charmap.CodePage437, "ibm437", nil
	case "cp850", "ibm850":
		return charmap.CodePage850, "ibm850", nil
	case "cp852", "ibm852":
		return charmap.CodePage852, "ibm852", nil
	case "cp855", "ibm855":
		return charmap.CodePage855, "ibm855", nil
	case "cp858", "ibm858":
		return charmap.CodePage858, "ibm858", nil
	case "cp860", "ibm860":
		return charmap.CodePage860, "ibm860", nil
	case "cp862", "ibm862":
		return charmap.CodePage862, "ibm862", nil
	case "cp863", "ibm863":
		return charmap.CodePage863, "ibm863", nil
	case "cp865", "ibm865":
		return charmap.CodePage865, "ibm865", nil
	case "johab", "cp1361", "ms1361":
		return encoding.Replacement, "johab", nil
	case "iso2022kr", "csiso2022kr":
		return encoding.Replacement, "iso-2022-kr", nil
	case "hz", "hzgb2312":
		return simplifiedchinese.HZGB2312, "hz-gb-2312", nil
	case "euctw", "cns11643":
		return encoding.Replacement, "euc-tw", nil
	case "cp037", "ibm037", "cp1140", "ibm1140", "cp500", "ibm500", "cp1047", "ibm1047", "cp273", "ibm273":
		return encoding.Replacement, "ibm" + n[strings.IndexAny(n, "0123456789"):], nil
	case "ebcdic":
		return encoding.Replacement, "ibm037", nil
	case "maccentraleurope", "maccentraleurroman", "maclatin2", "macce", "xmaccentraleurroman":
		n = "x-mac-ce"
	case "macgreek", "macturkish", "macicelandic":
		n = "x-mac-" + strings.TrimPrefix(strings.NewReplacer("_", "", "-", "", " ", "").Replace(n), "mac")
	case "maciceland":
		n = "x-mac-icelandic"
	case "cp720", "cp737", "cp775", "cp857", "cp861", "cp869", "cp1125":
		n = "ibm" + n[2:]
	case "cp932", "ms932", "windows31j":
		n = "shift_jis"
	case "cp949", "uhc", "ms949":
		n = "euc-kr"
	case "cp936":
		n = "gbk"
	case "cp950":
		n = "big5"
	case "macroman":
		n = "macintosh"
	}
	if strings.HasPrefix(n, "cp125") {
		n = "windows-" + n[2:]
	}
	if ownTables[n] != "" {
		return encoding.Replacement, n, nil // its decoder is our own
	}
	e, err := htmlindex.Get(n)
	if err != nil {
		return nil, "", fmt.Errorf("unknown encoding %q; known are utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis, gb18030, big5, euc-kr, koi8-r, macintosh, ibm850 and the like", name)
	}
	canonical, err := htmlindex.Name(e)
	if err != nil {
		return nil, "", err
	}
	return e, canonical, nil
}
