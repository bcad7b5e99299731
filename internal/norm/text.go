package norm

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text bounds a text to maxLen characters (Unicode code points; 0 = no
// limit); a longer one is left out with CodeTextTooLong, never cut. Line ends
// become \n; a field of one line (not multiline) gets a blank for each run of
// them.
func Text(s string, maxLen int, multiline bool) (string, Finding) {
	if strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0 {
		s = breakLines(s, multiline)
	}
	if maxLen > 0 && len(s) > maxLen {
		if n := utf8.RuneCountInString(s); n > maxLen {
			return "", Finding{Code: CodeTextTooLong, Detail: strconv.Itoa(n) + " of at most " + strconv.Itoa(maxLen) + " characters"}
		}
	}
	return s, Finding{}
}

func breakLines(s string, multiline bool) string {
	if multiline {
		if strings.IndexByte(s, '\r') < 0 {
			return s
		}
		return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '\r' && c != '\n' {
			b = append(b, c)
			continue
		}
		for len(b) > 0 && b[len(b)-1] == ' ' {
			b = b[:len(b)-1]
		}
		for i+1 < len(s) && (s[i+1] == '\r' || s[i+1] == '\n' || s[i+1] == ' ') {
			i++
		}
		b = append(b, ' ')
	}
	return strings.Trim(string(b), " ")
}
