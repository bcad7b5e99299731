package table

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// variants are a text as short and long prose and as a short leads file.
func variants(text string) map[string]string {
	words := strings.Fields(text)
	if len(words) < 12 { // no blanks between words
		words = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("，。、.", r) })
	}
	short, leads, long := "", "id,name,note\n", ""
	for i := 0; len(short) < 200 && i < len(words); i++ {
		short += words[i] + " "
	}
	for i := 0; len(leads) < 260 && i+2 < len(words); i += 3 {
		leads += fmt.Sprintf("%d,%s %s,%s\n", i, strings.Trim(words[i], ",;"), strings.Trim(words[i+1], ",;"), strings.Trim(words[i+2], ",;"))
	}
	for i := 0; len(long) < 8<<10; i++ {
		long += words[i*7%len(words)] + " "
		if i%11 == 10 {
			long += "\n"
		}
	}
	return map[string]string{"short": short + "\n", "leads": leads, "long": long + "\n", "prose": text + "\n"}
}

// vietnamese writes tone marks by themselves, as windows-1258 has them.
func vietnamese(s string) string {
	var out strings.Builder
	for _, r := range s {
		d := []rune(norm.NFD.String(string(r)))
		switch {
		case len(d) == 3 || len(d) == 2 && strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", d[1]):
			tone, rest := rune(0), []rune{}
			for _, m := range d {
				if strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", m) {
					tone = m
				} else {
					rest = append(rest, m)
				}
			}
			out.WriteString(norm.NFC.String(string(rest)))
			out.WriteRune(tone)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// TestEncodingScore: rule 1.2, over texts in 30 languages and 50 encodings: a text
// counts as right if it decodes to what was written.
func TestEncodingScore(t *testing.T) {
	type tally struct{ right, all int }
	byEncoding, byVariant := map[string]*tally{}, map[string]*tally{}
	var total tally
	var wrong []string
	count := func(m map[string]*tally, key string, ok bool) {
		if m[key] == nil {
			m[key] = &tally{}
		}
		m[key].all++
		m[key].right += boolInt(ok)
	}
	for _, lt := range languageTexts {
		for variant, text := range variants(lt.text) {
			names := slices.Concat(lt.encodings, []string{"utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"})
			if lt.language == "Vietnamese" {
				text = vietnamese(text)
				names = append(names, "windows-1258")
			}
			for _, name := range names {
				raw, ok := tryEncode(text, name)
				if !ok {
					continue
				}
				d := &Detection{}
				bom, err := d.detectEncoding(t.Context(), BytesSource("x", raw), Options{})
				got := string(raw[bom:])
				if d.Encoding != "utf-8" && err == nil {
					got, _, _ = decodeSample(raw[bom:], d.Encoding)
				}
				right := err == nil && got == text
				total.all++
				total.right += boolInt(right)
				count(byEncoding, name, right)
				count(byVariant, variant, right)
				if !right {
					wrong = append(wrong, fmt.Sprintf("%s in %s (%s) read as %s: %.60q", lt.language, name, variant, d.Encoding, got))
					if strings.HasPrefix(name, "utf-8") {
						t.Error(wrong[len(wrong)-1])
					}
				}
			}
		}
	}
	var report strings.Builder
	for _, m := range []map[string]*tally{byVariant, byEncoding} {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			fmt.Fprintf(&report, "%s %d/%d  ", name, m[name].right, m[name].all)
		}
		report.WriteByte('\n')
	}
	share := float64(total.right) / float64(total.all)
	t.Logf("%d of %d right (%.1f %%)\n%s", total.right, total.all, 100*share, report.String())
	if os.Getenv("LEADPORT_WRONG") != "" {
		slices.Sort(wrong)
		t.Log("\n" + strings.Join(wrong, "\n"))
	}
	if share < .9 {
		t.Errorf("%.1f %% right", 100*share)
	}
}

// tryEncode is false if the encoding has no such letters.
func tryEncode(text, name string) ([]byte, bool) {
	e, _, err := lookupEncoding(name)
	if err != nil {
		return nil, false
	}
	if e == nil {
		return []byte(text), true
	}
	if own := ownDecoder(name); own != nil {
		return encodeOwn(text, own)
	}
	raw, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		return nil, false
	}
	// Some letters are written as others.
	back, err := e.NewDecoder().Bytes(raw)
	return raw, err == nil && string(back) == text
}

// encodeOwn looks for the bytes of each character.
func encodeOwn(text string, dec textDecoder) ([]byte, bool) {
	var marks []mark
	var bads []badBytes
	bytesOf := map[string][]byte{}
	try := func(b ...byte) {
		bads = bads[:0]
		c, _ := dec.decode(nil, b, 0, true, &marks, &bads)
		if len(bads) == 0 && len([]rune(string(c))) == 1 && bytesOf[string(c)] == nil {
			bytesOf[string(c)] = slices.Clone(b)
		}
	}
	for a := range 256 {
		try(byte(a))
	}
	_, pairs := dec.(*pairDecoder)
	if tw, ok := dec.(eucTWDecoder); ok {
		pairs = true
		for i := range tw.planes[1] {
			try(0x8e, 0xa2, byte(i/94+0xa1), byte(i%94+0xa1))
		}
	}
	if pairs {
		for a := 0x80; a < 256; a++ {
			for b := range 256 {
				try(byte(a), byte(b))
			}
		}
	}
	var raw []byte
	for _, r := range text {
		b := bytesOf[string(r)]
		if b == nil {
			return nil, false
		}
		raw = append(raw, b...)
	}
	return raw, true
}
