package table

import (
	"bytes"

	"golang.org/x/text/encoding/korean"
)

// Encodings that golang.org/x/text does not have.

// ownTables are the upper halves of one-byte encodings, as the Unicode Consortium's
// mapping files have them; U+FFFD where there is no character.
var ownTables = map[string]string{
	"ibm720":          "\u0080\u0081éâ\u0084à\u0086çêëèïî\u008d\u008e\u008f\u0090ّْô¤ـûùءآأؤ£إئابةتثجحخدذرزسشص«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀ضطظعغفµقكلمنهوىي≡ًٌٍَُِ≈°∙·√ⁿ²■\u00a0",
	"ibm737":          "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψ░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀ωάέήϊίόύϋώΆΈΉΊΌΎΏ±≥≤ΪΫ÷≈°∙·√ⁿ²■\u00a0",
	"ibm775":          "ĆüéāäģåćłēŖŗīŹÄÅÉæÆōöĢ¢ŚśÖÜø£Ø×¤ĀĪóŻżź”¦©®¬½¼Ł«»░▒▓│┤ĄČĘĖ╣║╗╝ĮŠ┐└┴┬├─┼ŲŪ╚╔╩╦╠═╬Žąčęėįšųūž┘┌█▄▌▐▀ÓßŌŃõÕµńĶķĻļņĒŅ’\u00ad±“¾¶§÷„°∙·¹³²■\u00a0",
	"ibm857":          "ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞşáíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ºªÊËÈ\ufffdÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµ\ufffd×ÚÛÙìÿ¯´\u00ad±\ufffd¾¶§÷¸°¨·¹³²■\u00a0",
	"ibm861":          "ÇüéâäàåçêëèÐðÞÄÅÉæÆôöþûÝýÖÜø£Ø₧ƒáíóúÁÍÓÚ¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
	"ibm869":          "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdΆ\ufffd·¬¦‘’Έ―ΉΊΪΌ\ufffd\ufffdΎΫ©Ώ²³ά£έήίϊΐόύΑΒΓΔΕΖΗ½ΘΙ«»░▒▓│┤ΚΛΜΝ╣║╗╝ΞΟ┐└┴┬├─┼ΠΡ╚╔╩╦╠═╬ΣΤΥΦΧΨΩαβγ┘┌█▄δε▀ζηθικλμνξοπρσςτ΄\u00ad±υφχ§ψ΅°¨ωϋΰώ■\u00a0",
	"ibm1125":         "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀рстуфхцчшщъыьэюяЁёҐґЄєІіЇї·√№¤■\u00a0",
	"x-mac-ce":        "ÄĀāÉĄÖÜáąČäčĆćéŹźĎíďĒēĖóėôöõúĚěü†°Ę£§•¶ß®©™ę¨≠ģĮįĪ≤≥īĶ∂∑łĻļĽľĹĺŅņŃ¬√ńŇ∆«»…\u00a0ňŐÕőŌ–—“”‘’÷◊ōŔŕŘ‹›řŖŗŠ‚„šŚśÁŤťÍŽžŪÓÔūŮÚůŰűŲųÝýķŻŁżĢˇ",
	"x-mac-greek":     "Ä¹²É³ÖÜ΅àâä΄¨çéèêë£™îï•½‰ôö¦€ùûü†ΓΔΘΛΞΠß®©ΣΪ§≠°·Α±≤≥¥ΒΕΖΗΙΚΜΦΫΨΩάΝ¬ΟΡ≈Τ«»…\u00a0ΥΧΆΈœ–―“”‘’÷ΉΊΌΎέήίόΏύαβψδεφγηιξκλμνοπώρστθωςχυζϊϋΐΰ\u00ad",
	"x-mac-turkish":   "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u00a0ÀÃÕŒœ–—“”‘’÷◊ÿŸĞğİıŞş‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uf8ffÒÚÛÙ\uf8a0ˆ˜¯˘˙˚¸˝˛ˇ",
	"x-mac-icelandic": "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûüÝ°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u00a0ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€ÐðÞþý·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uf8ffÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ",
}

func newOwnDecoder(table string) *byteDecoder {
	d := new(byteDecoder)
	for b := range 0x80 {
		d.set(byte(b), rune(b))
	}
	b := 0x80
	for _, r := range table {
		d.set(byte(b), r)
		b++
	}
	return d
}

// johabTable makes the table of Johab (KS X 1001 annex 3): a syllable is five bits
// each of its first, middle and last letter; all else is KS X 1001 in other rows.
func johabTable() *pairTable {
	t := new(pairTable)
	for c := range 0x80 {
		t.one[c] = uint16(c)
	}
	euc := pairTableOf("euc-kr", korean.EUCKR)
	for hi := 0x84; hi <= 0xf9; hi++ {
		for lo := 0x31; lo <= 0xfe; lo++ {
			at := (hi-0x80)<<8 | lo
			if hi <= 0xd3 {
				if r, ok := johabSyllable(hi<<8 | lo); ok {
					t.two[at] = r
				}
				continue
			}
			if hi < 0xd9 || hi == 0xdf || lo == 0x7f || lo > 0x7e && lo < 0x91 {
				continue
			}
			row, cell := 2*(hi-0xd9), lo-0x31
			if hi >= 0xe0 {
				row = 2*hi - 0x197
			}
			if lo >= 0x91 {
				cell = lo - 0x43
			}
			if cell >= 94 {
				row, cell = row+1, cell-94
			}
			t.two[at] = euc.two[(row+0x21)<<8|cell+0xa1]
		}
	}
	return t
}

// johabSyllable composes the syllable of a two-byte code; a letter alone is one
// whose other places hold the filler.
func johabSyllable(code int) (uint16, bool) {
	first, middle, last := (code>>10&31)-2, code>>5&31, (code&31)-1
	switch { // the codes leave gaps of two in every eight
	case middle >= 26 && middle <= 29:
		middle -= 9
	case middle >= 18 && middle <= 23:
		middle -= 7
	case middle >= 10 && middle <= 15:
		middle -= 5
	case middle >= 3 && middle <= 7:
		middle -= 3
	default:
		return 0, false
	}
	if last >= 18 { // 18 in the code is left out
		last--
	} else if last == 17 {
		return 0, false
	}
	if first < 0 || first > 18 || last < 0 || last > 27 {
		return 0, false
	}
	return uint16(0xac00 + (first*21+middle)*28 + last), true
}

// shiftDecoder decodes ISO-2022-KR (RFC 1557): between SO and SI bytes are pairs
// of EUC-KR without their high bit; a line begins shifted in.
type shiftDecoder struct{ pairs textDecoder }

func newShiftDecoder() *shiftDecoder {
	return &shiftDecoder{&pairDecoder{pairTableOf("euc-kr", korean.EUCKR), lineDecoder{korean.EUCKR.NewDecoder()}}}
}

func (d *shiftDecoder) decode(dst, src []byte, off int64, atEOF bool, marks *[]mark, bads *[]badBytes) ([]byte, int) {
	used := 0
	for used < len(src) {
		n := bytes.IndexAny(src[used:], "\r\n") + 1
		if n == 0 {
			if !atEOF {
				break // its state is known at its beginning alone
			}
			n = len(src) - used
		}
		line, shifted := make([]byte, 0, n), false
		for _, c := range bytes.ReplaceAll(src[used:used+n], []byte("\x1b$)C"), nil) {
			switch {
			case c == 0x0e || c == 0x0f:
				shifted = c == 0x0e
			case shifted && c > 0x20 && c < 0x7f:
				line = append(line, c|0x80)
			default:
				line = append(line, c)
			}
		}
		var inner []mark
		dst, _ = d.pairs.decode(dst, line, off+int64(used), true, &inner, bads)
		used += n
		if c := src[used-1]; c == '\n' || c == '\r' {
			*marks = append(*marks, mark{len(dst), off + int64(used)})
		}
	}
	return dst, used
}

// ownDecoder returns the decoder of an encoding of this file, nil for others.
func ownDecoder(name string) textDecoder {
	switch name {
	case "johab":
		return &pairDecoder{johabTable(), lineDecoder{}}
	case "iso-2022-kr":
		return newShiftDecoder()
	case "euc-tw":
		return eucTWDecoder{cnsTables()}
	}
	if page, ok := ebcdicPages[name]; ok {
		return newEBCDICDecoder(page)
	}
	if table := ownTables[name]; table != "" {
		return newOwnDecoder(table)
	}
	return nil
}
