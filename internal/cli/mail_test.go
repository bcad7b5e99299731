package cli_test

import (
	"bytes"
	"database/sql"
	"io"
	"mime"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	_ "modernc.org/sqlite"
)

// mailbox is a real SMTP server on loopback that keeps what it takes.
type mailbox struct {
	addr string
	mu   sync.Mutex
	got  []*mail.Message
	rcpt []string
}

func (m *mailbox) start(t *testing.T) (stop func()) {
	t.Helper()
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{m}, nil }))
	srv.Domain = "localhost"
	at := m.addr
	if at == "" {
		at = "127.0.0.1:0"
	}
	ln, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	m.addr = ln.Addr().String()
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(ln) }()
	return func() { srv.Close(); ln.Close(); <-done }
}

type session struct{ box *mailbox }

func (*session) Reset()                               {}
func (*session) Logout() error                        { return nil }
func (*session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.rcpt = append(s.box.rcpt, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.got = append(s.box.got, msg)
	return nil
}

// take returns the subjects of what came since it was called last.
func (m *mailbox) take(t *testing.T) []string {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for _, msg := range m.got {
		subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
		if err != nil {
			t.Errorf("subject %q: %v", msg.Header.Get("Subject"), err)
		}
		out = append(out, subject)
		if to := msg.Header.Get("To"); !strings.Contains(to, "ana@example.com") {
			t.Errorf("%s went to %s", subject, to)
		}
		for name := range msg.Header {
			if strings.HasPrefix(name, "X-Evil") || name == "Bcc" {
				t.Errorf("%q added a header %s", subject, name)
			}
		}
	}
	m.got = nil
	return out
}

// person types commands in a folder of his own.
type person struct {
	t   *testing.T
	dir string
	env []string
}

// types runs a command and returns its exit code and what it printed.
func (p *person) types(args ...string) (int, string) {
	p.t.Helper()
	exe, err := os.Executable() // TestMain makes it leadport
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Dir, cmd.Env = p.dir, append(os.Environ(), append(p.env, "LEADPORT_TEST_MAIN=1")...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func (p *person) must(code int, args ...string) string {
	p.t.Helper()
	got, out := p.types(args...)
	if got != code {
		p.t.Fatalf("leadport %q: exit code %d, want %d\n%s", args, got, code, out)
	}
	return out
}

func (p *person) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

const oneLead = "Lead name,Emails 1 Email\nAna Lima,lead@example.com\n"

// rule 10.2
func TestMailOfImports(t *testing.T) {
	box := &mailbox{}
	stop := box.start(t)
	p := &person{t: t, dir: t.TempDir()}
	p.env = []string{"LEADPORT_SMTP_URL=smtp://" + box.addr + "?tls=none", "LEADPORT_MAIL_FROM=leadport@example.com"}
	p.must(0, "user", "add", "ana", "--email", "ana@example.com", "--role", "manager")
	p.write("leads.csv", oneLead)
	p.write("scan.csv", "%PDF-1.4")
	want := func(subjects ...string) {
		t.Helper()
		if got := box.take(t); strings.Join(got, "|") != strings.Join(subjects, "|") {
			t.Errorf("mail %q, want %q", got, subjects)
		}
	}

	p.must(0, "check", "leads.csv", "--as", "ana")
	want("Result of import validation file leads.csv")
	p.must(0, "import", "leads.csv", "--as", "ana", "--check") // no Validate was pressed
	want()
	if out := p.must(0, "import", "leads.csv", "--as", "ana", "--yes"); !strings.Contains(out, "You will receive an email notification upon completion.") {
		t.Errorf("no mail is promised:\n%s", out)
	}
	want("Result of importing file leads.csv")
	p.must(1, "import", "scan.csv", "--as", "ana", "--yes")
	want("Cannot import file scan.csv")

	// The server is down: the import is done, and its mail is sent once, later.
	stop()
	p.write("more.csv", "Lead name,Emails 1 Email\nBen Weber,ben@example.com\n")
	if out := p.must(0, "import", "more.csv", "--as", "ana", "--yes"); !strings.Contains(out, "is done.") {
		t.Errorf("not done:\n%s", out)
	}
	if out := p.must(0, "outbox"); !strings.Contains(out, "waiting") {
		t.Errorf("nothing waits:\n%s", out)
	}
	stop = box.start(t)
	defer stop()
	p.must(0, "outbox")
	want() // its time has not come
	p.later()
	p.must(0, "outbox")
	want("Result of importing file more.csv")
	p.later()
	p.must(0, "outbox")
	want()
}

// later lets the minutes pass until mail is tried again.
func (p *person) later() {
	p.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(p.dir, "leadport-data", "leadport.db"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("update outbox set next_at = 1 where state = 'waiting'"); err != nil {
		p.t.Fatal(err)
	}
}

// rule 10.2: the result also goes to whom the settings name, once each, and to
// nobody without an address.
func TestMailToOthers(t *testing.T) {
	box := &mailbox{}
	defer box.start(t)()
	p := &person{t: t, dir: t.TempDir()}
	p.env = []string{"LEADPORT_SMTP_URL=smtp://" + box.addr + "?tls=none", "LEADPORT_MAIL_FROM=leadport@example.com"}
	for _, name := range []string{"ana", "ben"} {
		p.must(0, "user", "add", name, "--email", name+"@example.com", "--role", "manager")
	}
	p.must(0, "user", "add", "cleo", "--role", "manager")
	p.write("leads.csv", oneLead)
	p.write("recipe.toml", "version = 1\ntell = ['ben', 'ana', 'cleo', 'nobody']\n")
	p.must(0, "check", "leads.csv", "--as", "ana", "--recipe", "recipe.toml") // a validation is its person's alone
	p.must(0, "import", "leads.csv", "--as", "ana", "--yes", "--recipe", "recipe.toml")
	if got, want := strings.Join(box.rcpt, " "), "ana@example.com ana@example.com ben@example.com"; got != want {
		t.Errorf("mail to %s, want %s", got, want)
	}
	last := box.got[len(box.got)-1]
	if to := last.Header.Get("To"); !strings.Contains(to, "ana@example.com") || !strings.Contains(to, "ben@example.com") || strings.Contains(to, "cleo") {
		t.Errorf("the result is addressed to %s", to)
	}
}

// rule 10.2: whatever a file is called, its name stays inside the subject.
func TestMailOfHostileNames(t *testing.T) {
	box := &mailbox{}
	defer box.start(t)()
	p := &person{t: t, dir: t.TempDir()}
	p.env = []string{"LEADPORT_SMTP_URL=smtp://" + box.addr + "?tls=none", "LEADPORT_MAIL_FROM=leadport@example.com"}
	p.must(0, "user", "add", "ana", "--email", "ana@example.com", "--role", "manager")
	for _, name := range []string{
		"a\r\nX-Evil: 1.csv", "b\nBcc: eve@example.com\n\nbody.csv", "=?utf-8?q?X-Evil=3A_1?=.csv",
		"<img src=x onerror=alert(1)>.csv", "Ω≈ç√∫˜µ≤≥÷ 田中さん.csv", "\u202etest\u202c.csv", "$(touch x) 'q' \"d\".csv",
		"👾 🙇 " + strings.Repeat("long ", 30) + ".csv",
	} {
		p.write(name, oneLead)
		p.must(0, "check", name, "--as", "ana")
		got := box.take(t)
		if len(got) != 1 || !strings.HasPrefix(got[0], "Result of import validation file ") {
			t.Errorf("%q: mail %q", name, got)
		}
	}
}
