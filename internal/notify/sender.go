package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Kinds of errors of Send, to be tested with errors.Is.
var (
	// ErrPermanent: this message will never be taken (5yz for a recipient or for
	// the content, RFC 5321 4.2.1, or it is malformed). Trying again is no use.
	ErrPermanent = errors.New("refused for good")
	// ErrTemporary: it may be taken later, by itself or after the settings were
	// mended. What the server says about us (sign-in, From address) is of this
	// kind: no mail is lost over a wrong password.
	ErrTemporary = errors.New("not sent yet")
	// ErrUnreachable: temporary, and no other message would fare better now.
	ErrUnreachable = errors.New("mail server cannot be used")
)

// Sender sends mail over SMTP (RFC 5321), one connection per message.
type Sender struct {
	// Timeout bounds the sending of one message. RFC 5321 4.5.3.2 would grant
	// many minutes; a queue that tries again need not wait that long.
	Timeout time.Duration

	from    Address
	host    string
	tls     *tls.Config
	options []gomail.Option
	dial    gomail.DialContextFunc
}

// NewSender reads an SMTP URL:
//
//	smtp://user:pass@host:587       STARTTLS required (port 587 if none is given)
//	smtps://user:pass@host          TLS from the start (port 465)
//	smtp://localhost:1025?tls=none  no encryption; a password goes to localhost only
//
// from is an address with or without a name: "Leadport <leads@example.com>".
// Errors never quote the URL: it may hold a password.
func NewSender(smtpURL, from string) (*Sender, error) {
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("from address of mail: %w", err)
	}
	u, err := url.Parse(smtpURL)
	if err != nil || u.Hostname() == "" || (u.Path != "" && u.Path != "/") {
		return nil, errors.New("SMTP address: not of the form smtp://user:password@host:587 (special characters of the password are written as %XX)")
	}
	s := &Sender{
		Timeout: time.Minute,
		from:    Address{sender.Name, sender.Address},
		host:    u.Hostname(),
		tls:     &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12},
	}
	s.options = append(s.options, gomail.WithTLSConfig(s.tls))
	tcp := &net.Dialer{Timeout: 20 * time.Second}
	secure := &tls.Dialer{NetDialer: tcp, Config: s.tls}
	port := "587"
	switch mode := u.Query().Get("tls"); {
	case u.Scheme == "smtp" && (mode == "" || mode == "starttls"):
		s.dial, s.options = tcp.DialContext, append(s.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case u.Scheme == "smtp" && mode == "none":
		s.dial, s.options = tcp.DialContext, append(s.options, gomail.WithTLSPolicy(gomail.NoTLS))
	case u.Scheme == "smtps" && mode == "":
		s.dial, s.options, port = secure.DialContext, append(s.options, gomail.WithSSL()), "465"
	default:
		return nil, errors.New("SMTP address: begins with smtp:// or smtps://, and may end with ?tls=none")
	}
	n, err := strconv.Atoi(cmp.Or(u.Port(), port))
	if err != nil || n < 1 || n > 65535 {
		return nil, errors.New("SMTP address: the port is a number from 1 to 65535")
	}
	s.options = append(s.options, gomail.WithPort(n))
	if u.User.Username() != "" {
		password, _ := u.User.Password()
		s.options = append(s.options, gomail.WithUsername(u.User.Username()), gomail.WithPassword(password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1,
				gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	return s, nil
}

// Send returns when the server took the message for all recipients. Every error
// is ErrPermanent or ErrTemporary. After a temporary one the message may have
// been taken all the same (the answer was lost); sent again, its Message-ID
// tells that it is the same.
func (s *Sender) Send(ctx context.Context, m Message) error {
	msg, err := encode(m, s.from)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	// go-mail heeds the context while it connects only: closing the connection
	// ends everything that comes after.
	dial := func(ctx2 context.Context, network, address string) (net.Conn, error) {
		conn, err := s.dial(ctx2, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { conn.Close() })
		}
		return conn, err
	}
	client, err := gomail.NewClient(s.host, append([]gomail.Option{
		gomail.WithDialContextFunc(dial), gomail.WithTimeout(s.Timeout)}, s.options...)...)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTemporary, err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if msg.IsDelivered() {
		return nil // what fails after the server took it (RSET, QUIT) is no matter
	}
	return classify(err)
}

// classify tells a refusal of this message from everything that time or an
// administrator can mend.
func classify(err error) error {
	var refused *gomail.SendError
	if !errors.As(err, &refused) {
		return fmt.Errorf("%w: %w: %w", ErrTemporary, ErrUnreachable, err)
	}
	switch refused.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		if refused.ErrorCode() >= 500 {
			return fmt.Errorf("%w: %w", ErrPermanent, err)
		}
	}
	return fmt.Errorf("%w: %w", ErrTemporary, err)
}

// reason makes of an error a short line for the outbox page: what servers say
// is foreign text.
func reason(err error) string {
	s := strings.TrimSpace(oneLine(err.Error()))
	if r := []rune(s); len(r) > 500 {
		s = string(r[:500]) + "…"
	}
	return s
}
