package table

import "strings"

// EBCDIC, in which mainframes export: code page 37 and what others have in its places.
// Both of its line ends, NEL (15) and LF (25), are the line feed here.

const ebcdicBase = "\u0000\u0001\u0002\u0003\u009c\u0009\u0086\u007f\u0097\u008d\u008e\u000b\u000c\u000d\u000e\u000f\u0010\u0011\u0012\u0013\u009d\n\u0008\u0087\u0018\u0019\u0092\u008f\u001c\u001d\u001e\u001f\u0080\u0081\u0082\u0083\u0084\n\u0017\u001b\u0088\u0089\u008a\u008b\u008c\u0005\u0006\u0007\u0090\u0091\u0016\u0093\u0094\u0095\u0096\u0004\u0098\u0099\u009a\u009b\u0014\u0015\u009e\u001a \u00a0âäàáãåçñ¢.<(+|&éêëèíîïìß!$*);¬-/ÂÄÀÁÃÅÇÑ¦,%_>?øÉÊËÈÍÎÏÌ`:#@'=\"Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ¤µ~stuvwxyz¡¿ÐÝÞ®^£¥·©§¶¼½¾[]¯¨´×{ABCDEFGHI\u00adôöòóõ}JKLMNOPQR¹ûüùúÿ\\÷STUVWXYZ²ÔÖÒÓÕ0123456789³ÛÜÙÚ\u009f"

var ebcdicPages = map[string]map[byte]rune{
	"ibm037":  {},
	"ibm1140": {0x9f: '€'},
	"ibm500":  {0x4a: '[', 0x4f: '!', 0x5a: ']', 0x5f: '^', 0xb0: '¢', 0xba: '¬', 0xbb: '|'},
	"ibm1047": {0x5f: '^', 0xad: '[', 0xb0: '¬', 0xba: 'Ý', 0xbb: '¨', 0xbd: ']'},
	"ibm273": {0x43: '{', 0x4a: 'Ä', 0x4f: '!', 0x59: '~', 0x5a: 'Ü', 0x5f: '^', 0x63: '[', 0x6a: 'ö', 0x7c: '§', 0xa1: 'ß', 0xb0: '¢', 0xb5: '@',
		0xba: '¬', 0xbb: '|', 0xbc: '‾', 0xc0: 'ä', 0xcc: '¦', 0xd0: 'ü', 0xdc: '}', 0xe0: 'Ö', 0xec: '\\', 0xfc: ']'},
}

func newEBCDICDecoder(page map[byte]rune) *byteDecoder {
	d := new(byteDecoder)
	b := 0
	for _, r := range ebcdicBase {
		d.set(byte(b), r)
		b++
	}
	for b, r := range page {
		d.set(b, r)
	}
	return d
}

// ebcdicOf tells the code page of a text in EBCDIC, "" if b is none: its letters,
// digits and blanks are where ASCII has none, and its lines end as no others do.
func ebcdicOf(b []byte) (page string, also []string) {
	ends, usual := 0, 0
	for _, c := range b {
		switch {
		case c == 0x15 || c == 0x25:
			ends++
		case c == 0x20 || c == 0x0a:
			return "", nil
		case c == 0x40, c >= 0x81 && c <= 0x89, c >= 0x91 && c <= 0x99, c >= 0xa2 && c <= 0xa9, c >= 0xc1 && c <= 0xc9, c >= 0xd1 && c <= 0xd9, c >= 0xe2 && c <= 0xe9,
			c >= 0xf0 && c <= 0xf9, c == 0x4b, c == 0x4d, c == 0x5d, c == 0x5e, c == 0x60, c == 0x61, c == 0x6b, c == 0x6d, c == 0x7a, c == 0x7d, c == 0x7f, c == 0x05, c == 0x0d:
			usual++
		}
	}
	if len(b) < 16 || ends == 0 || (usual+ends)*100 < len(b)*85 {
		return "", nil
	}
	// The pages differ in a few signs and, the German one, in letters.
	least := 1 << 30
	for _, name := range []string{"ibm037", "ibm500", "ibm1047", "ibm273"} {
		text, bad, _ := decodeSample(b, name)
		odd := 4 * bad
		for i, r := range text {
			switch {
			case strings.ContainsRune("¢¬¨¦§‾°Ý{}~^¸µ", r):
				odd += 2
			case (r == '!' || r == '\\' || r == '@') && i+1 < len(text) && isWordByte(text[i+1]) && (r != '@' || i == 0 || !isWordByte(text[i-1])):
				odd += 2 // before a word
			}
		}
		if odd < least {
			page, least = name, odd
		}
	}
	for _, name := range []string{"ibm037", "ibm500", "ibm1047", "ibm273"} {
		if name != page {
			also = append(also, name)
		}
	}
	return page, also
}
