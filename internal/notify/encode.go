package notify

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"
)

// Atoms and dots around one @ (RFC 5322 3.6.4), no longer than a header line.
var messageID = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,100}@[A-Za-z0-9.-]{1,100}$")

// encode makes the mail (RFC 5322, RFC 2045) of a message. Whatever the names
// and the subject hold, it has the headers named here and no others. An error
// means that the message can never be sent.
func encode(m Message, from Address) (*gomail.Msg, error) {
	if !messageID.MatchString(m.ID) {
		return nil, fmt.Errorf("not a Message-ID: %q", m.ID)
	}
	if len(m.To) == 0 {
		return nil, errors.New("no recipient")
	}
	sender, err := mailbox(from)
	if err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	var to []*mail.Address
	for _, a := range m.To {
		recipient, err := mailbox(a)
		if err != nil {
			return nil, fmt.Errorf("to: %w", err)
		}
		to = append(to, recipient)
	}

	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(sender)
	msg.ToMailAddress(to...)
	msg.SetMessageIDWithValue(m.ID)
	msg.SetGenHeaderPreformatted(gomail.HeaderSubject, headerText(m.Subject))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no out-of-office replies: RFC 3834
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}

// mailbox checks an address and makes its name one line with single blanks,
// since folding could tear others apart, of at most 200 characters: a line of a
// mail has 998 bytes.
func mailbox(a Address) (*mail.Address, error) {
	at := strings.LastIndexByte(a.Mail, '@')
	if at < 0 || strings.ContainsAny(a.Mail, "<>") || a.Mail != oneLine(a.Mail) {
		return nil, fmt.Errorf("not an e-mail address: %q", a.Mail)
	}
	domain, err := idna.Lookup.ToASCII(a.Mail[at+1:])
	if err != nil {
		return nil, fmt.Errorf("not an e-mail address: %q: %w", a.Mail, err)
	}
	parsed, err := mail.ParseAddress("<" + a.Mail[:at+1] + domain + ">")
	if err != nil {
		return nil, fmt.Errorf("not an e-mail address: %q: %w", a.Mail, err)
	}
	name := []rune(strings.Join(strings.Fields(oneLine(a.Name)), " "))
	parsed.Name = string(name[:min(len(name), 200)])
	return parsed, nil
}

// headerText writes a text as the body of a header. Short plain text stays as
// it is. All else, also what only looks encoded or would not survive folding,
// becomes encoded words (RFC 2047): each at most 75 characters, in base64, whole
// runes, one to a line.
func headerText(s string) string {
	s = oneLine(s)
	if plainHeader(s) {
		return s
	}
	const most = 45 // bytes of text in 75 characters of encoded word
	var words []string
	for s != "" {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > most {
				break
			}
			n += size
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, "\r\n ")
}

func plainHeader(s string) bool {
	for _, r := range s {
		if r < ' ' || r > '~' {
			return false
		}
	}
	return len(s) <= 65 && s == strings.TrimSpace(s) && !strings.Contains(s, "=?")
}
