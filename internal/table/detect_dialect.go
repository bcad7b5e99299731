package table

import (
	"bytes"
	"strings"
)

// detectDialect is rule 1.3 but for the heading.
func (d *Detection) detectDialect(s *sample, opt Options) error {
	d.Delimiter, d.Quote, d.Escape = ",", `"`, `"`
	best := 0
	head := s.text[:min(len(s.text), 4096)]
	if i := bytes.IndexByte(head, '\n'); i > 0 {
		head = head[:i]
	}
	for _, c := range []string{",", ";", "\t", "|"} {
		if n := strings.Count(string(head), c); n > best {
			best, d.Delimiter = n, c
		}
	}
	if opt.Delimiter != "" {
		d.Delimiter = opt.Delimiter
	}
	d.LineEnd = "lf"
	return nil
}
