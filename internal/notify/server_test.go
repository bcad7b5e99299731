package notify

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// server is a real SMTP server on loopback that keeps what it takes, and fails
// as told. The hooks may be nil.
type server struct {
	addr  string
	roots *x509.CertPool // trusts its certificate

	rcpt  func(to string) error
	mail  func() error
	data  func(c *smtp.Conn, r io.Reader) error
	login map[string]string // nil: no sign-in
	// answer sees each answer; false closes the connection without it.
	answer func(line []byte, c net.Conn) bool

	mu    sync.Mutex
	taken []taken
}

type taken struct {
	to  []string
	raw []byte
}

type security int

const (
	plain security = iota
	startTLS
	fromStart
)

func serve(t *testing.T, how security, s *server) *server {
	t.Helper()
	back := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		if s.login != nil {
			return &authSession{session{server: s, conn: c}}, nil
		}
		return &session{server: s, conn: c}, nil
	}))
	back.Domain, back.EnableSMTPUTF8 = "localhost", true
	back.ReadTimeout, back.WriteTimeout = 10*time.Second, 10*time.Second
	back.ErrorLog = silent{}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = ln.Addr().String()
	if how != plain {
		web := httptest.NewTLSServer(nil) // for its certificate, which names 127.0.0.1
		web.Close()
		s.roots = x509.NewCertPool()
		s.roots.AddCert(web.Certificate())
		config := &tls.Config{Certificates: web.TLS.Certificates}
		if how == startTLS {
			back.TLSConfig = config
		} else {
			ln = tls.NewListener(ln, config)
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); back.Serve(listener{ln, s}) }()
	t.Cleanup(func() { back.Close(); ln.Close(); <-done }) // both: Serve may not have begun
	return s
}

func (s *server) all() []taken {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]taken(nil), s.taken...)
}

type session struct {
	*server
	conn *smtp.Conn
	to   []string
}

func (s *session) Reset()        { s.to = nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(string, *smtp.MailOptions) error {
	if s.mail != nil {
		return s.mail()
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.rcpt != nil {
		if err := s.rcpt(to); err != nil {
			return err
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.data != nil {
		if err := s.data(s.conn, r); err != nil {
			return err
		}
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = append(s.taken, taken{s.to, raw})
	return nil
}

type authSession struct{ session }

func (s *authSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *authSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if want, ok := s.login[user]; !ok || want != password {
			return errors.New("wrong user or password")
		}
		return nil
	}), nil
}

type listener struct {
	net.Listener
	*server
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil && l.answer != nil {
		c = answering{c, l.server}
	}
	return c, err
}

type answering struct {
	net.Conn
	*server
}

func (a answering) Write(p []byte) (int, error) {
	if !a.answer(bytes.TrimSpace(p), a.Conn) {
		a.Close()
		return 0, net.ErrClosed
	}
	return a.Conn.Write(p)
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
