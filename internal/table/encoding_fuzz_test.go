package table

import (
	"bytes"
	"slices"
	"testing"
	"unicode/utf8"
)

// fuzzedEncodings are those with a decoder of their own kind each, and some more.
var fuzzedEncodings = []string{"utf-16le", "utf-16be", "utf-32le", "utf-32be", "windows-1252", "windows-1258", "ibm850", "koi8-r", "x-mac-turkish",
	"shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "johab", "iso-2022-kr", "gb18030", "big5", "euc-tw", "ibm037"}

// FuzzEncodings: any bytes decode to valid UTF-8, bad ones named at rising places,
// and in pieces as in one (rule 1.2).
func FuzzEncodings(f *testing.F) {
	for _, s := range []string{"Müller,é\r\n", "\x82\xa0\x83\\,\n", "\x1b$B$\"\x1b(B,a\n\x1b$", "\x84\x31\x95\x33\x81\n", "\x8e\xa2\xa1\xa1\n", "a\x00,\x00\x00\xd8\x00\xdc\n\x00", "\xd8\x3d\xde\x00\x00\n", "\x0e\x30\x21\x0f\n\x1b$)C", "\x00\x00\xfe\xff\x00\x11\x00\x00", "\xff\xfe\xfd\x80\xa4\n\r", "\xcc\xd2\xde"} {
		for i := range fuzzedEncodings {
			f.Add([]byte(s), i, 3)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, which, piece int) {
		if which < 0 || which >= len(fuzzedEncodings) || piece < 1 || len(data) > 1<<16 {
			t.Skip()
		}
		name := fuzzedEncodings[which]
		whole, marks, bads := decodeIn(t, name, data, len(data))
		if !utf8.Valid(whole) {
			t.Fatalf("%s: %q is no UTF-8", name, whole)
		}
		for i, b := range bads {
			if b.raw < 0 || b.raw >= int64(len(data)) || i > 0 && b.raw < bads[i-1].raw || b.dec > len(whole) {
				t.Fatalf("%s: bad bytes %+v", name, bads)
			}
		}
		for i, m := range marks {
			if m.raw > int64(len(data)) || i > 0 && (m.raw <= marks[i-1].raw || m.dec <= marks[i-1].dec) || m.dec == 0 || whole[m.dec-1] != '\n' && whole[m.dec-1] != '\r' {
				t.Fatalf("%s: marks %+v of %q", name, marks, whole)
			}
		}
		cut, cutMarks, _ := decodeIn(t, name, data, min(piece, 64))
		if !bytes.Equal(cut, whole) || !slices.Equal(cutMarks, marks) {
			t.Fatalf("%s in pieces of %d: %q %v, at once %q %v", name, piece, cut, cutMarks, whole, marks)
		}
	})
}

// decodeIn decodes data as a reader does, piece bytes at a time, more where these
// are not enough.
func decodeIn(t *testing.T, name string, data []byte, piece int) (out []byte, marks []mark, bads []badBytes) {
	dec, err := newTextDecoder(name)
	if err != nil || dec == nil {
		t.Fatalf("%s: %v", name, err)
	}
	for at, n := 0, piece; at < len(data); {
		end := min(at+n, len(data))
		var used int
		out, used = dec.decode(out, data[at:end], int64(at), end == len(data), &marks, &bads)
		if at += used; used == 0 {
			if end == len(data) {
				t.Fatalf("%s: no progress at byte %d of %q", name, at, data)
			}
			n += piece
		} else {
			n = piece
		}
	}
	return out, marks, bads
}
