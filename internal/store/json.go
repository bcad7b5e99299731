package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/leadport/leadport/internal/lead"
)

const hexDigits = "0123456789abcdef"

// appendJSON appends s as a JSON string (RFC 8259). Bytes that are not UTF-8
// become U+FFFD, so that what is stored can always be read again.
func appendJSON(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		case c < utf8.RuneSelf:
			b = append(b, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += n
			continue
		}
		i++
	}
	return append(b, '"')
}

// appendMember appends "key":"value" to an object under way.
func appendMember(b []byte, key, value string) []byte {
	if len(b) > 1 {
		b = append(b, ',')
	}
	b = appendJSON(b, key)
	b = append(b, ':')
	return appendJSON(b, value)
}

// encodeCustom writes the custom fields as one object keyed by their id; ""
// for none.
func encodeCustom(l *layout, values []string) string {
	var b []byte
	for _, i := range l.custom {
		if i >= len(values) || values[i] == "" {
			continue
		}
		if b == nil {
			b = append(b, '{')
		}
		b = appendMember(b, strconv.FormatInt(l.schema.Fields[i].ID, 10), values[i])
	}
	if b == nil {
		return ""
	}
	return string(append(b, '}'))
}

// decodeCustom is the inverse. Values of a field that is gone are left out.
func decodeCustom(l *layout, text string, r *lead.Record) error {
	if text == "" {
		return nil
	}
	var m map[string]string
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return fmt.Errorf("custom fields of lead %d: %w", r.ID, err)
	}
	for _, i := range l.custom {
		r.Values[i] = m[strconv.FormatInt(l.schema.Fields[i].ID, 10)]
	}
	return nil
}

func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func fromJSON(text string, v any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), v)
}
