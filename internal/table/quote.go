package table

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A quote beyond ASCII (″, or “ and ” in turn) is turned into quoteByte as the text
// is decoded, so that all else knows quotes of one byte only. No text has that
// byte, as it is no UTF-8; where it is left over in a cell it is turned back.

const quoteByte = 0xff

// isWideQuote: one character beyond ASCII, or an opening and a closing one.
func isWideQuote(q string) bool {
	return utf8.ValidString(q) && utf8.RuneCountInString(q) <= 2 && len(q) > 1 && !strings.ContainsFunc(q, func(r rune) bool { return r < utf8.RuneSelf || r == utf8.RuneError })
}

// quotePair is what opens and what closes a cell.
func quotePair(q string) (open, closing string) {
	_, n := utf8.DecodeRuneInString(q)
	if n == len(q) {
		return q, q
	}
	return q[:n], q[n:]
}

// checkQuote says what is wrong with a quote that a person gave.
func checkQuote(q string) error {
	if len(q) != 1 && !isWideQuote(q) || q[0] == '\r' || q[0] == '\n' {
		return fmt.Errorf("quote %q: must be one character, an opening and a closing one like “”, or none", q)
	}
	return nil
}

// decoderOf returns the decoder of a text, nil where its bytes can stay as they are.
func decoderOf(encoding, quote string) (textDecoder, error) {
	dec, err := newTextDecoder(encoding)
	if err != nil || !isWideQuote(quote) {
		return dec, err
	}
	if dec == nil {
		dec = utf8Decoder{}
	}
	open, closing := quotePair(quote)
	return &quoteDecoder{dec, []byte(open), []byte(closing)}, nil
}

// quoteDecoder is another decoder, and puts quoteByte in the place of quotes.
type quoteDecoder struct {
	textDecoder
	open, closing []byte
}

func (d *quoteDecoder) decode(dst, src []byte, off int64, atEOF bool, marks *[]mark, bads *[]badBytes) ([]byte, int) {
	start, m, b := len(dst), len(*marks), len(*bads)
	dst, used := d.textDecoder.decode(dst, src, off, atEOF, marks, bads)
	out := start
	for i := start; i < len(dst); {
		for m < len(*marks) && (*marks)[m].dec <= i {
			(*marks)[m].dec -= i - out
			m++
		}
		for b < len(*bads) && (*bads)[b].dec <= i {
			(*bads)[b].dec -= i - out
			b++
		}
		n := 1
		switch {
		case dst[i] < utf8.RuneSelf:
			dst[out] = dst[i]
		case bytes.HasPrefix(dst[i:], d.open):
			dst[out], n = quoteByte, len(d.open)
		case bytes.HasPrefix(dst[i:], d.closing):
			dst[out], n = quoteByte, len(d.closing)
		default:
			dst[out] = dst[i]
		}
		out++
		i += n
	}
	for ; m < len(*marks); m++ {
		(*marks)[m].dec -= len(dst) - out
	}
	for ; b < len(*bads); b++ {
		(*bads)[b].dec -= len(dst) - out
	}
	return dst[:out], used
}

// unquoteByte gives a cell its own quotes back.
func unquoteByte(s, quote string) string {
	if strings.IndexByte(s, quoteByte) < 0 {
		return s
	}
	open, closing := quotePair(quote)
	var out strings.Builder
	for i := range len(s) {
		switch {
		case s[i] != quoteByte:
			out.WriteByte(s[i])
		case i == 0 || s[i-1] == ' ' || s[i-1] == '(' || s[i-1] == '\n':
			out.WriteString(open)
		default:
			out.WriteString(closing)
		}
	}
	return out.String()
}

// utf8Decoder is for UTF-8 where a decoder is needed.
type utf8Decoder struct{}

func (utf8Decoder) decode(dst, src []byte, off int64, atEOF bool, marks *[]mark, bads *[]badBytes) ([]byte, int) {
	i := 0
	for i < len(src) {
		c := src[i]
		if c < utf8.RuneSelf {
			dst = append(dst, c)
			i++
			if c == '\n' || c == '\r' {
				*marks = append(*marks, mark{len(dst), off + int64(i)})
			}
			continue
		}
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 {
			if !atEOF && !utf8.FullRune(src[i:]) {
				return dst, i
			}
			*bads = append(*bads, badBytes{len(dst), off + int64(i), bytes.Clone(src[i : i+1])})
			dst = append(dst, "\uFFFD"...)
		} else {
			dst = append(dst, src[i:i+n]...)
		}
		i += n
	}
	return dst, i
}
