package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"
)

// vCards (RFC 6350, and versions 2.1 and 3.0 as phones write them) become one
// record each, with the headings of usual exports. Properties without a column
// here (photos, keys) are left out.

// isVCard tells by the first line.
func isVCard(head []byte) bool {
	head = bytes.TrimPrefix(head[:min(len(head), 64)], []byte("\ufeff"))
	return hasFold(strings.TrimLeft(string(head), " \t\r\n"), "BEGIN:VCARD")
}

var vcardHeadings = []string{"Full name", "Prefix", "First name", "Middle name", "Last name", "Suffix", "Company", "Department", "Job title", "Website", "Birthday", "Notes", "Tags"}

// vcard is one card: its single values by heading, and the lists.
type vcard struct {
	values map[string]string
	emails []string
	phones []string
	places [][]string // street, city, state, postal code, country
}

// convertVCard writes the cards of src as a table.
func convertVCard(src Source, w RowWriter, encoding *string) error {
	if src.Size() > maxMarkup {
		return refuse("vcard", fmt.Sprintf("These are vCards of more than %d MB.", maxMarkup>>20), "Export them in several files.")
	}
	raw := make([]byte, src.Size())
	if _, err := readSome(src, raw, 0); err != nil {
		return err
	}
	text, err := decodeMarkup(raw, encoding)
	if err != nil {
		return err
	}
	cards, err := parseVCards(text)
	if err != nil {
		return err
	}
	var emails, phones, places int
	for _, c := range cards {
		emails, phones, places = max(emails, len(c.emails)), max(phones, len(c.phones)), max(places, len(c.places))
	}
	heading := slices.Clone(vcardHeadings)
	for range emails {
		heading = append(heading, "Email")
	}
	for range phones {
		heading = append(heading, "Phone")
	}
	for range places {
		heading = append(heading, "Street", "City", "State", "Postal code", "Country")
	}
	if err := w.Write(heading); err != nil {
		return err
	}
	for _, c := range cards {
		var row []string
		for _, h := range vcardHeadings {
			row = append(row, c.values[h])
		}
		row = append(append(row, c.emails...), make([]string, emails-len(c.emails))...)
		row = append(append(row, c.phones...), make([]string, phones-len(c.phones))...)
		for _, p := range c.places {
			row = append(row, p...)
		}
		row = append(row, make([]string, 5*(places-len(c.places)))...)
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}

func parseVCards(text string) ([]vcard, error) {
	var cards []vcard
	open := false
	for _, line := range unfold(text) {
		name, params, value := vcardLine(line)
		switch {
		case name == "BEGIN" && strings.EqualFold(value, "VCARD"):
			if open {
				return nil, fmt.Errorf("card %d is not ended: %w", len(cards), io.ErrUnexpectedEOF)
			}
			cards, open = append(cards, vcard{values: map[string]string{}}), true
		case name == "END" && open:
			open = false
		case open:
			cards[len(cards)-1].take(name, params, value)
		}
	}
	if open {
		return nil, fmt.Errorf("the last card is not ended: %w", io.ErrUnexpectedEOF)
	}
	if len(cards) == 0 {
		return nil, errors.New("it holds no card")
	}
	return cards, nil
}

// unfold joins lines that go on with a blank, or after the soft break of quoted-printable.
func unfold(text string) []string {
	var out []string
	soft := false
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		switch {
		case soft:
			out[len(out)-1] += "\n" + line
		case line != "" && (line[0] == ' ' || line[0] == '\t') && len(out) > 0:
			out[len(out)-1] += line[1:]
			continue
		default:
			out = append(out, line)
		}
		head, _, _ := strings.Cut(out[len(out)-1], ":")
		soft = strings.HasSuffix(line, "=") && strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
	}
	return out
}

// vcardLine cuts item1.TEL;TYPE=work:+49… into TEL, its parameters and value.
func vcardLine(line string) (name, params, value string) {
	head, value, _ := strings.Cut(line, ":")
	name, params, _ = strings.Cut(head, ";")
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	name, params = strings.ToUpper(strings.TrimSpace(name)), strings.ToUpper(params)
	if strings.Contains(params, "QUOTED-PRINTABLE") {
		// What does not decode stays as written.
		if b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value))); err == nil {
			value = string(b)
		}
	}
	return name, params, value
}

func (c *vcard) take(name, params, value string) {
	put := func(heading, v string) {
		if v = unescapeVCard(v); v != "" && c.values[heading] == "" {
			c.values[heading] = v
		}
	}
	parts := splitVCard(value, ';')
	part := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	switch name {
	case "FN":
		put("Full name", value)
	case "N":
		for i, h := range []string{"Last name", "First name", "Middle name", "Prefix", "Suffix"} {
			put(h, part(i))
		}
	case "ORG":
		put("Company", part(0))
		put("Department", part(1))
	case "TITLE":
		put("Job title", value)
	case "URL":
		put("Website", value)
	case "BDAY":
		put("Birthday", value)
	case "NOTE":
		put("Notes", value)
	case "CATEGORIES":
		put("Tags", value)
	case "EMAIL":
		if v := unescapeVCard(value); v != "" {
			c.emails = append(c.emails, v)
		}
	case "TEL":
		v := strings.TrimPrefix(unescapeVCard(value), "tel:")
		if v != "" && !strings.Contains(params, "FAX") {
			c.phones = append(c.phones, v)
		}
	case "ADR":
		place := []string{unescapeVCard(part(2)), unescapeVCard(part(3)), unescapeVCard(part(4)), unescapeVCard(part(5)), unescapeVCard(part(6))}
		for _, i := range []int{1, 0} { // extended address, post office box
			if v := unescapeVCard(part(i)); v != "" {
				place[0] = strings.Trim(place[0]+", "+v, ", ")
			}
		}
		if filledCells(place) > 0 {
			c.places = append(c.places, place)
		}
	}
}

// splitVCard splits at separators that no backslash precedes.
func splitVCard(s string, sep byte) []string {
	var out []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

func unescapeVCard(s string) string {
	return strings.TrimSpace(strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\:`, ":").Replace(s))
}
