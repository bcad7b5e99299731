package notify

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

func sender(t *testing.T, url string) *Sender {
	t.Helper()
	s, err := NewSender(url, "Leadport <leads@example.com>")
	if err != nil {
		t.Fatal(err)
	}
	s.Timeout = 5 * time.Second
	return s
}

func message() Message {
	return Message{ID: "result.42@desk.example", To: []Address{{"Ana", "ana@example.com"}},
		Subject: "Result of importing file leads.csv", Text: "All in.\n.\nA lone dot.\n", HTML: "<p>All in.</p>"}
}

func TestSend(t *testing.T) {
	for _, c := range []struct {
		name, scheme, user, query string
		how                       security
		login                     map[string]string
	}{
		{name: "no encryption", scheme: "smtp", query: "?tls=none", how: plain},
		{name: "STARTTLS", scheme: "smtp", how: startTLS},
		{name: "TLS from the start", scheme: "smtps", how: fromStart},
		{name: "STARTTLS and password", scheme: "smtp", user: "ana:p%40ss%3A@", how: startTLS, login: map[string]string{"ana": "p@ss:"}},
		{name: "TLS and password", scheme: "smtps", user: "ana:secret@", how: fromStart, login: map[string]string{"ana": "secret"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := serve(t, c.how, &server{login: c.login})
			s := sender(t, c.scheme+"://"+c.user+srv.addr+c.query)
			s.tls.RootCAs = srv.roots
			if err := s.Send(context.Background(), message()); err != nil {
				t.Fatal(err)
			}
			got := srv.all()
			if len(got) != 1 || len(got[0].to) != 1 || got[0].to[0] != "ana@example.com" {
				t.Fatalf("the server took %+v", got)
			}
			m := parse(t, got[0].raw)
			if m.text != message().Text || m.html != message().HTML {
				t.Errorf("text %q, html %q", m.text, m.html)
			}
			if id := m.header.Get("Message-Id"); id != "<result.42@desk.example>" {
				t.Errorf("Message-ID %s", id)
			}
			if from := m.header.Get("From"); from != `"Leadport" <leads@example.com>` {
				t.Errorf("From %s", from)
			}
		})
	}
}

// What is said about the message is final, what is said about us is not.
func TestSendRefused(t *testing.T) {
	say := func(code int) *smtp.SMTPError { return &smtp.SMTPError{Code: code, Message: "says the server"} }
	for _, c := range []struct {
		name string
		srv  *server
		kind error
	}{
		{"421 for the sender", &server{mail: func() error { return say(421) }}, ErrTemporary},
		{"550 for the sender", &server{mail: func() error { return say(550) }}, ErrTemporary},
		{"450 for the recipient", &server{rcpt: func(string) error { return say(450) }}, ErrTemporary},
		{"550 for the recipient", &server{rcpt: func(string) error { return say(550) }}, ErrPermanent},
		{"421 after the content", &server{data: func(_ *smtp.Conn, r io.Reader) error { io.Copy(io.Discard, r); return say(421) }}, ErrTemporary},
		{"554 after the content", &server{data: func(_ *smtp.Conn, r io.Reader) error { io.Copy(io.Discard, r); return say(554) }}, ErrPermanent},
		{"connection cut in the content", &server{data: func(c *smtp.Conn, r io.Reader) error {
			io.CopyN(io.Discard, r, 100)
			return errors.Join(c.Conn().Close(), io.ErrUnexpectedEOF)
		}}, ErrTemporary},
		{"421 as greeting", &server{answer: func(p []byte, c net.Conn) bool { io.WriteString(c, "421 busy\r\n"); return false }}, ErrUnreachable},
		{"554 as greeting", &server{answer: func(p []byte, c net.Conn) bool { io.WriteString(c, "554 go away\r\n"); return false }}, ErrUnreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := serve(t, plain, c.srv)
			err := sender(t, "smtp://"+srv.addr+"?tls=none").Send(context.Background(), message())
			if !errors.Is(err, c.kind) || errors.Is(err, ErrPermanent) == errors.Is(err, ErrTemporary) {
				t.Errorf("got %v, want %v", err, c.kind)
			}
			if n := len(srv.all()); n != 0 {
				t.Errorf("%d messages were taken", n)
			}
		})
	}
}

func TestSendCannotConnect(t *testing.T) {
	srv := serve(t, startTLS, &server{login: map[string]string{"ana": "right"}})
	noTLS := serve(t, plain, &server{login: map[string]string{"ana": "right"}})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := ln.Addr().String()
	ln.Close()
	for name, url := range map[string]string{
		"nobody listens":      "smtp://" + closed,
		"wrong password":      "smtp://ana:wr0ng@" + srv.addr,
		"no TLS where wanted": "smtp://ana:wr0ng@" + noTLS.addr,
	} {
		s := sender(t, url)
		s.tls.RootCAs = srv.roots
		err := s.Send(context.Background(), message())
		if !errors.Is(err, ErrTemporary) || !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(err.Error(), "wr0ng") {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
	unknown := sender(t, "smtp://ana:right@"+srv.addr) // does not trust the certificate
	if err := unknown.Send(context.Background(), message()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("certificate of nobody: %v", err)
	}
}

// A password never goes over the wire in the clear.
func TestSendPasswordNeedsTLS(t *testing.T) {
	srv := serve(t, plain, &server{login: map[string]string{"ana": "secret"}})
	s := sender(t, "smtp://ana:secret@mail.test:25?tls=none")
	s.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, srv.addr)
	}
	if err := s.Send(context.Background(), message()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

// The server took the mail and the connection broke afterwards: it is sent, and
// must not be sent again.
func TestSendCutAfterwards(t *testing.T) {
	srv := serve(t, plain, &server{answer: func(p []byte, c net.Conn) bool {
		if !bytes.Contains(p, []byte("queued")) {
			return true
		}
		c.Write(append(p, "\r\n"...))
		return false
	}})
	if err := sender(t, "smtp://"+srv.addr+"?tls=none").Send(context.Background(), message()); err != nil {
		t.Error(err)
	}
	if n := len(srv.all()); n != 1 {
		t.Errorf("%d messages were taken", n)
	}
}

// A server that never answers holds nobody up.
func TestSendTimeout(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	s := sender(t, "smtp://"+ln.Addr().String()+"?tls=none")
	s.Timeout = 100 * time.Millisecond
	start := time.Now()
	if err := s.Send(context.Background(), message()); !errors.Is(err, ErrTemporary) {
		t.Errorf("timeout: %v", err)
	}
	s.Timeout = time.Minute
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if err := s.Send(ctx, message()); !errors.Is(err, ErrTemporary) {
		t.Errorf("cancelled: %v", err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestNewSenderRefuses(t *testing.T) {
	for _, url := range []string{"", "localhost:25", "http://localhost", "smtp://", "smtp://h:0", "smtp://h:99999", "smtp://h/path",
		"smtp://h?tls=maybe", "smtps://h?tls=none", "smtp://ana:p%zz-s3cret@h", "smtp://ana:s3cret@h:port"} {
		if _, err := NewSender(url, "leads@example.com"); err == nil {
			t.Errorf("%s: accepted", url)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
	for _, from := range []string{"", "leads", "a@b.c, d@e.f"} {
		if _, err := NewSender("smtp://localhost", from); err == nil {
			t.Errorf("from %q: accepted", from)
		}
	}
}

func TestSendMalformed(t *testing.T) {
	s := sender(t, "smtp://127.0.0.1:1?tls=none") // never dialled
	for name, change := range map[string]func(*Message){
		"no recipient":              func(m *Message) { m.To = nil },
		"no address":                func(m *Message) { m.To[0].Mail = "" },
		"address with a line break": func(m *Message) { m.To[0].Mail = "ana@example.com\r\nRCPT TO:<eve@example.com>" },
		"two addresses in one":      func(m *Message) { m.To[0].Mail = "ana@example.com,eve@example.com" },
		"address with brackets":     func(m *Message) { m.To[0].Mail = "a@b.example> <eve@example.com" },
		"id with a line break":      func(m *Message) { m.ID = "a@b\r\nBcc: eve@example.com" },
		"no id":                     func(m *Message) { m.ID = "" },
	} {
		m := message()
		change(&m)
		if err := s.Send(context.Background(), m); !errors.Is(err, ErrPermanent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m, err := mailbox(Address{"Jörg", "joerg@münchen.example"})
	if err != nil || *m != (mail.Address{Name: "Jörg", Address: "joerg@xn--mnchen-3ya.example"}) {
		t.Errorf("international domain: %v, %v", m, err)
	}
}
