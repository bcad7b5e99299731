// Package notify tells people what became of their imports, by mail.
//
// A mail is composed from plain facts, queued by whoever keeps the queue (see
// Outbox) in the transaction that did the work, and delivered at least once. It
// knows no database; of ours it may import lead only.
package notify

import (
	"fmt"
	"strconv"
	"strings"
)

// Message is one mail: what is queued, and sent unchanged at every try. Queue
// one per recipient: a Message goes to all of To or to none, so one bad address
// would keep it from the others.
type Message struct {
	ID      string // Message-ID without <>, the same at every try (RFC 5322 3.6.4); see MessageID
	To      []Address
	Subject string
	Text    string // each part says all by itself
	HTML    string
}

// Address is a mailbox. Name may be any text, or none.
type Address struct {
	Name string
	Mail string // local@domain
}

// MessageID makes the constant Message-ID of a mail, like
// "result.42@leadport.example": what it tells, of which import, and the host
// name (or another dot-separated name) that sets this installation apart.
func MessageID(what string, id int64, host string) string {
	return fmt.Sprintf("%s.%d@%s", what, id, host)
}

// oneLine takes everything out of a text that could end a line or a header:
// the line breaks of Unicode and NUL become blanks, what is no UTF-8 becomes
// U+FFFD. All else stays as it is, so that names are told letter for letter.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 0, '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029':
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// grouped writes 12480 as "12,480".
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted writes 1 as "1 record" and 2 as "2 records".
func counted(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + more
}
