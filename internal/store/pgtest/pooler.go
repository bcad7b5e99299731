package pgtest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// poolerConfig lends a server's connection for one transaction only; there are
// fewer than clients, so that every one of them gets another's.
const poolerConfig = `[databases]
* = host=127.0.0.1 port=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s
pool_mode = transaction
default_pool_size = 6
max_client_conn = 200
logfile = %s
`

const poolerScript = `"$@" >/dev/null 2>&1 &
read -r _
kill -KILL $!
wait
rm -rf "$DIR"`

// Pooled is the URL of the same database behind pgbouncer in transaction mode,
// as an installation has to say it. Without pgbouncer on the machine it skips the
// test; with CI=true it fails.
func Pooled(t T, database string) string {
	t.Helper()
	bin, err := exec.LookPath("pgbouncer")
	if err != nil {
		bin, err = exec.LookPath("/usr/sbin/pgbouncer") // Debian's, which is not on everybody's PATH
	}
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") != "true" {
		t.Skip("needs pgbouncer (Debian: apt-get install pgbouncer)")
	}
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "leadport-pgbouncer-")
	if err != nil {
		t.Fatal(err)
	}
	as, err := owner(dir)
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	users, config, log := filepath.Join(dir, "users"), filepath.Join(dir, "pgbouncer.ini"), filepath.Join(dir, "log")
	for name, text := range map[string]string{
		users:  `"leadport" ""` + "\n",
		config: fmt.Sprintf(poolerConfig, u.Port(), port, users, log),
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	sh := exec.Command("sh", "-c", poolerScript, "sh", bin, config)
	sh.Stdin, sh.Dir, sh.SysProcAttr, sh.Env = r, dir, as, append(os.Environ(), "DIR="+dir)
	if err := errors.Join(sh.Start(), r.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close(); sh.Wait() })
	u.Host = fmt.Sprintf("127.0.0.1:%d", port)
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", u.Host)
		if err == nil {
			conn.Close()
			return u.String() + "&default_query_exec_mode=exec"
		}
		if time.Now().After(until) {
			text, _ := os.ReadFile(log)
			t.Fatal(fmt.Errorf("start pgbouncer: %w: %s", err, text))
		}
	}
}
