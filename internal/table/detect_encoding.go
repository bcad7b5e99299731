package table

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode/utf8"
)

// detectEncoding is rule 1.2: BOM, valid UTF-8, UTF-16 without BOM, then the
// legacy encodings. It returns the length of the BOM.
func (d *Detection) detectEncoding(ctx context.Context, src Source, opt Options) (bom int, err error) {
	head := make([]byte, min(src.Size(), 64<<10))
	n, err := readSome(src, head, 0)
	if err != nil {
		return 0, err
	}
	head = head[:n]
	name, bom := byBOM(head)
	if opt.Encoding != "" {
		_, canonical, err := lookupEncoding(opt.Encoding)
		if err != nil {
			return 0, err
		}
		d.Encoding = canonical
		if name != canonical {
			bom = 0
		}
		d.note(Guess{Name: "encoding", Value: canonical, Evidence: "as you said", Certainty: Proven, Flag: "--encoding"})
		return bom, nil
	}
	g := Guess{Name: "encoding", Flag: "--encoding", Certainty: Proven}
	if name != "" {
		d.Encoding = name
		g.Value, g.Evidence = name, "the file begins with its byte order mark"
		d.note(g)
		return bom, nil
	}
	if name := wideWithoutBOM(head); name != "" {
		d.Encoding = name
		g.Value, g.Certainty, g.Evidence = name, Likely, "every other byte is zero"
		d.note(g)
		return 0, nil
	}
	if name, also := ebcdicOf(head); name != "" {
		d.Encoding = name
		g.Value, g.Certainty, g.Alternatives, g.Evidence = name, Likely, also, "its letters and line ends are those of EBCDIC"
		d.note(g)
		return 0, nil
	}
	st, err := surveyBytes(ctx, src)
	if err != nil {
		return 0, err
	}
	d.legacy(st, &g)
	d.Encoding = g.Value
	d.note(g)
	return 0, nil
}

func byBOM(b []byte) (name string, length int) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return "utf-8", 3
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")):
		return "utf-32le", 4
	case bytes.HasPrefix(b, []byte("\x00\x00\xfe\xff")):
		return "utf-32be", 4
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return "utf-16le", 2
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return "utf-16be", 2
	}
	return "", 0
}

// wideWithoutBOM sees UTF-16 and UTF-32 by where the zero bytes are: delimiters,
// digits and line ends have them even in a text without Latin letters.
func wideWithoutBOM(b []byte) string {
	if len(b) < 4 {
		return ""
	}
	var zero [4]int
	n := len(b) &^ 3
	for i, c := range b[:n] {
		if c == 0 {
			zero[i&3]++
		}
	}
	q := n / 4
	switch {
	case zero[3] == q && zero[2] > q*9/10 && zero[0] < q/10+1 && zero[0] < q:
		return "utf-32le"
	case zero[0] == q && zero[1] > q*9/10 && zero[3] < q/10+1 && zero[3] < q:
		return "utf-32be"
	}
	odd, even := zero[1]+zero[3], zero[0]+zero[2]
	enough := func(zeros, first int) bool {
		return zeros > n/8 || zeros > n/50 && zeros >= 8 && wideLines(b[:n], first)
	}
	switch {
	case enough(odd, 0) && even*20 < odd && plausibleWide(b[:n], false):
		return "utf-16le"
	case enough(even, 1) && odd*20 < even && plausibleWide(b[:n], true):
		return "utf-16be"
	}
	return wideByScript(b)
}

// wideByScript sees UTF-16 in scripts whose letters have no zero bytes: read so,
// the text is of few blocks, which bytes of anything else do not give. A text in
// one-byte letters has no zero byte at all.
func wideByScript(b []byte) string {
	b = b[:min(len(b)&^1, 8<<10)]
	if bytes.IndexByte(b, 0) < 0 {
		return ""
	}
	const need = .6
	le, be := wideScore(b, false), wideScore(b, true)
	little := le > be
	if le >= need && be >= need {
		little = distinct(b, 1) < distinct(b, 0) // letters of one alphabet share their high byte
	}
	switch {
	case max(le, be) < need:
		return ""
	case little:
		return "utf-16le"
	}
	return "utf-16be"
}

// distinct counts the different bytes at every other place from first on.
func distinct(b []byte, first int) int {
	var seen [256]bool
	n := 0
	for i := first; i < len(b); i += 2 {
		if !seen[b[i]] {
			seen[b[i]] = true
			n++
		}
	}
	return n
}

// wideScore is 1 for a text of letters, blanks and the most frequent ideographs.
func wideScore(b []byte, big bool) float64 {
	sum, odd := 0., 0
	for i := 0; i+1 < len(b); i += 2 {
		r := rune(b[i]) | rune(b[i+1])<<8
		if big {
			r = rune(b[i+1]) | rune(b[i])<<8
		}
		switch {
		case r < 0x20 && r != '\n' && r != '\r' && r != '\t', r >= 0x7f && r < 0xa0, r >= 0xd800 && r < 0xf900:
			sum -= 2
			odd++
		case r < 0x700, r >= 0xe00 && r < 0xe80, r >= 0x1e00 && r < 0x2070, r >= 0x3000 && r < 0x3100, r >= 0xac00 && r < 0xd7a4:
			sum++
		default:
			sum += hanLike(r)
		}
	}
	if odd*100 > len(b) {
		return -1 // data
	}
	return sum / float64(len(b)/2)
}

// wideLines: every line end is one of two bytes, the low one at i%2 == first.
func wideLines(b []byte, first int) bool {
	n := 0
	for i := first; i < len(b); i += 2 {
		if b[i] == '\n' && b[i^1] == 0 {
			n++
		}
	}
	return n >= 2
}

// plausibleWide: as UTF-16, the text has few control characters and no broken pairs.
func plausibleWide(b []byte, big bool) bool {
	bad, high := 0, false
	for i := 0; i+1 < len(b); i += 2 {
		u := uint16(b[i]) | uint16(b[i+1])<<8
		if big {
			u = u>>8 | u<<8
		}
		low := u >= 0xdc00 && u < 0xe000
		if low != high || (u < 0x20 && u != '\t' && u != '\n' && u != '\r') || u == 0xffff {
			bad++
		}
		high = u >= 0xd800 && u < 0xdc00
	}
	return bad*50 <= len(b)
}

// survey is what one pass over all bytes tells of their encoding.
type survey struct {
	size     int64
	high     int64  // bytes from 0x80 on
	valid    int64  // multi-byte characters of valid UTF-8
	invalid  int64  // bytes that are none
	firstBad int64  // offset of the first of these
	escapes  bool   // ISO 2022
	tildes   bool   // perhaps HZ
	sample   []byte // lines with high bytes, at most sampleHigh
}

const sampleHigh = 64 << 10

// surveyBytes reads the whole file once.
func surveyBytes(ctx context.Context, src Source) (*survey, error) {
	s := &survey{size: src.Size(), firstBad: -1}
	buf := make([]byte, chunkSize)
	keep := 0 // bytes of a character cut by the last chunk
	for off := int64(0); off < s.size; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := readSome(src, buf[keep:], off)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, fmt.Errorf("read at byte %d: the file is shorter than its %d bytes", off, s.size)
		}
		b := buf[:keep+n]
		start := off - int64(keep)
		off += int64(n)
		keep = s.chunk(b, start, off == s.size)
		copy(buf, b[len(b)-keep:])
	}
	return s, nil
}

// chunk surveys b and returns how many bytes at its end belong to a character that goes on.
func (s *survey) chunk(b []byte, start int64, last bool) (keep int) {
	if isASCII(b) {
		if s.escapes || bytes.IndexByte(b, 0x1b) >= 0 {
			s.escapes = true
			s.take(b)
		} else if bytes.Contains(b, []byte("~{")) {
			s.tildes = true
			s.take(b)
		}
		return 0
	}
	s.take(b)
	cut := len(b)
	for k := 1; !last && k < utf8.UTFMax && k <= len(b); k++ {
		if c := b[len(b)-k]; c >= 0xc0 && !utf8.FullRune(b[len(b)-k:]) {
			cut = len(b) - k
		}
	}
	if utf8.Valid(b[:cut]) {
		s.valid += leads(b[:cut])
		s.high += 2 * leads(b[:cut])
		return len(b) - cut
	}
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			if !last && !utf8.FullRune(b[i:]) {
				return len(b) - i
			}
			s.invalid++
			s.high++
			if s.firstBad < 0 {
				s.firstBad = start + int64(i)
			}
			i++
			continue
		}
		s.valid++
		s.high += int64(n)
		i += n
	}
	return 0
}

// leads counts the characters beyond ASCII of valid UTF-8: the bytes from 0xc0 on.
func leads(b []byte) int64 {
	n := 0
	for len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		n += bits.OnesCount64(w & (w << 1) & highs)
		b = b[8:]
	}
	for _, c := range b {
		n += boolInt(c >= 0xc0)
	}
	return int64(n)
}

// take keeps the lines of b that have high bytes for the detectors.
func (s *survey) take(b []byte) {
	for len(b) > 0 && len(s.sample) < sampleHigh {
		n := bytes.IndexByte(b, '\n') + 1
		if n == 0 {
			n = len(b)
		}
		if !isASCII(b[:n]) || s.escapes && bytes.ContainsAny(b[:n], "\x1b\x0e") || s.tildes && bytes.Contains(b[:n], []byte("~{")) {
			s.sample = append(s.sample, b[:min(n, sampleHigh-len(s.sample))]...)
		}
		b = b[n:]
	}
}
