package table

import (
	"bytes"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/traditionalchinese"
)

// EUC-TW has the two levels of Big5 as planes 1 and 2 of CNS 11643, in the same
// order but for a few characters: stretches of one are stretches of the other.

// cnsRun is where in CNS 11643 a stretch of Big5 begins; 0 = not in that plane.
type cnsRun struct{ big5, cns int }

var (
	cnsPlane1 = []cnsRun{
		{0xa140, 0x2121}, {0xa1f6, 0x2258}, {0xa1f7, 0x2257}, {0xa1f8, 0x2259}, {0xa2af, 0x2421}, {0xa3c0, 0}, {0xa440, 0x4421}, {0xacfe, 0x5753}, {0xad40, 0x5323},
		{0xafd0, 0x5754}, {0xbbc8, 0x6b51}, {0xbe52, 0x6b50}, {0xbe53, 0x6f5c}, {0xc1ab, 0x7536}, {0xc2cb, 0x7535}, {0xc2cc, 0x7737}, {0xc361, 0x782e}, {0xc3b9, 0x7865},
		{0xc3ba, 0x7864}, {0xc3bb, 0x7866}, {0xc456, 0x782d}, {0xc457, 0x7962}, {0xc6a1, 0},
	}
	cnsPlane2 = []cnsRun{
		{0xc940, 0x2121}, {0xc94a, 0}, {0xc94b, 0x212b}, {0xc96c, 0x214d}, {0xc9be, 0x214c}, {0xc9bf, 0x217d}, {0xc9ed, 0x224e}, {0xcaf7, 0x224d}, {0xcaf8, 0x2439},
		{0xd77a, 0x3f6a}, {0xd77b, 0x387e}, {0xdba7, 0x3f6b}, {0xddfc, 0x4176}, {0xddfd, 0x4424}, {0xe8a3, 0x554c}, {0xe976, 0x5723}, {0xeb5b, 0x5a29}, {0xebf1, 0x554b},
		{0xebf2, 0x5b3f}, {0xecde, 0x5722}, {0xecdf, 0x5c6a}, {0xedaa, 0x5d75}, {0xeeeb, 0x642f}, {0xeeec, 0x6039}, {0xf056, 0x5d74}, {0xf057, 0x6243}, {0xf0cb, 0x5a28},
		{0xf0cc, 0x6337}, {0xf163, 0x6430}, {0xf16b, 0x6761}, {0xf16c, 0x6438}, {0xf268, 0x6934}, {0xf269, 0x6573}, {0xf2c3, 0x664e}, {0xf375, 0x6762}, {0xf466, 0x6935},
		{0xf4b5, 0x664d}, {0xf4b6, 0x6962}, {0xf4fd, 0x6a4c}, {0xf663, 0x6a4b}, {0xf664, 0x6c52}, {0xf977, 0x7167}, {0xf9c4, 0x7166}, {0xf9c5, 0x7234}, {0xf9c6, 0x7240},
		{0xf9c7, 0}, {0xf9d2, 0x7241}, {0xf9d6, 0},
	}
)

// cnsTable has the characters of a plane by row and cell from 0.
type cnsTable [94 * 94]uint16

var cnsTables = sync.OnceValue(func() *[2]cnsTable {
	t := new([2]cnsTable)
	dec := traditionalchinese.Big5.NewDecoder()
	index := func(c int) int { // in Big5, whose rows have 157 cells
		if lo := c & 0xff; lo < 0x7f {
			return (c>>8-0xa1)*157 + lo - 0x40
		}
		return (c>>8-0xa1)*157 + c&0xff - 0xa1 + 63
	}
	for plane, runs := range [][]cnsRun{cnsPlane1, cnsPlane2} {
		for k, run := range runs[:len(runs)-1] {
			if run.cns == 0 {
				continue
			}
			at := (run.cns>>8-0x21)*94 + run.cns&0xff - 0x21
			for i := index(run.big5); i < index(runs[k+1].big5); i++ {
				lo := i%157 + 0x40
				if i%157 >= 63 {
					lo = i%157 - 63 + 0xa1
				}
				text, err := dec.Bytes([]byte{byte(i/157 + 0xa1), byte(lo)})
				if r, n := utf8.DecodeRune(text); err == nil && n == len(text) && r != utf8.RuneError {
					t[plane][at+i-index(run.big5)] = uint16(r)
				}
			}
		}
	}
	return t
})

// eucTWDecoder decodes EUC-TW: two bytes for plane 1, 8E and a byte for the plane before them for others.
type eucTWDecoder struct{ planes *[2]cnsTable }

func (d eucTWDecoder) decode(dst, src []byte, off int64, atEOF bool, marks *[]mark, bads *[]badBytes) ([]byte, int) {
	for i := 0; i < len(src); {
		c := src[i]
		if c < 0x80 {
			dst = append(dst, c)
			i++
			if c == '\n' || c == '\r' {
				*marks = append(*marks, mark{len(dst), off + int64(i)})
			}
			continue
		}
		plane, at := 0, i
		if c == 0x8e {
			if i+4 > len(src) && !atEOF {
				return dst, i
			}
			at = i + 2
			if at <= len(src) {
				plane = int(src[i+1]) - 0xa1
			}
		}
		if at+2 > len(src) && !atEOF {
			return dst, i
		}
		r := uint16(0)
		if at+2 <= len(src) && plane >= 0 && plane < 2 && src[at] > 0xa0 && src[at] < 0xff && src[at+1] > 0xa0 && src[at+1] < 0xff {
			r = d.planes[plane][(int(src[at])-0xa1)*94+int(src[at+1])-0xa1]
		}
		if r == 0 {
			*bads = append(*bads, badBytes{len(dst), off + int64(i), bytes.Clone(src[i : i+1])})
			dst = append(dst, "\uFFFD"...)
			i++
			continue
		}
		dst = utf8.AppendRune(dst, rune(r))
		i = at + 2
	}
	return dst, len(src)
}
