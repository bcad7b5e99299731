package table

import "bytes"

// Quotes and escapes may first appear far below the head by which the dialect is
// judged. Only lines that hold some are looked at, from the whole sample and from
// windows in the middle and at the end of the file, so that the time is bounded.

const (
	lateWindow = 64 << 10  // bytes looked at in the middle and at the end
	lateBytes  = 128 << 10 // of lines kept
)

// lateLines gathers the lines beyond the head that hold quotes or backslashes.
func (d *Detection) lateLines(src Source, s *sample, seen int) *sample {
	late := &sample{whole: true, lfcr: s.lfcr}
	take := func(text []byte) {
		for line := range bytes.Lines(text) {
			if len(late.text)+len(line) <= lateBytes && bytes.ContainsAny(line, "\"'`\\") {
				late.text = append(late.text, line...)
			}
		}
	}
	if seen < len(s.text) {
		take(s.text[seen:])
	}
	size := src.Size()
	for _, from := range []int64{size/2 - lateWindow/2, size - lateWindow} {
		from &^= 3
		if s.whole || from < int64(sampleBytes) {
			continue
		}
		window, err := readSample(src, d.Encoding, s.quote, from)
		if err != nil {
			continue // one very long line: nothing to learn
		}
		text := window.text
		if !window.whole {
			text = text[:min(len(text), lateWindow)]
		}
		// The first line is cut, the last may be.
		a, b := bytes.IndexByte(text, '\n')+1, bytes.LastIndexByte(text, '\n')+1
		if window.whole {
			b = len(text)
		}
		if a > 0 && b > a {
			take(text[a:b])
		}
	}
	return late
}

// lateQuote: the head has no quoted cell, but below cells stand in apostrophes or
// backticks that hold the delimiter.
func (s *sample) lateQuote(best candidate, cr []bool) byte {
	if len(best.delim) == 0 || best.quoted > 0 || len(s.text) == 0 {
		return best.quote
	}
	quotes := candidateQuotes(s.text)
	if len(quotes) < 2 {
		return best.quote
	}
	got, _ := s.rank([]string{string(best.delim)}, quotes, cr, true)
	if got.quoted > 0 && got.loose == 0 && got.width == best.width && got.share > .9 {
		return got.quote
	}
	return best.quote
}
