package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/leadport/leadport/internal/app"
)

// A command that finds its folder taken asks the process that has it to run it:
// over the folder's socket, which only the same user can open, it sends its
// arguments and working folder and hands over its standard input, output and
// error (SCM_RIGHTS, unix(7)). Closing the connection cancels the command.

type request struct {
	Args     []string `json:"args"`
	Dir      string   `json:"dir"`
	Database string   `json:"database"` // URL as asked for; "" is whichever the process has
}

type answer struct {
	Code int `json:"code"`
}

// openOrAsk takes the folder, or has the command run by the process that has
// it and returns its exit code. A process that is just ending is waited for.
func (c *command) openOrAsk(ctx context.Context, conf app.Config) (*app.App, exit, error) {
	for began := time.Now(); ; {
		a, err := app.Open(ctx, conf, c.log(conf))
		if !errors.Is(err, app.ErrLocked) {
			return a, 0, err
		}
		code, err := c.forward(ctx, conf)
		if err == nil {
			return nil, exit(code), nil
		}
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		if time.Since(began) > 15*time.Second {
			return nil, 0, fmt.Errorf("another leadport has the folder %s and does not answer (%w). Wait for it, or end it", conf.Data, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// forward fails only before the other process has taken the command.
func (c *command) forward(ctx context.Context, conf app.Config) (int, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: app.SocketPath(conf.Data), Net: "unix"})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.CloseWrite() })
	defer stop()
	body, err := json.Marshal(request{c.args, c.dir, conf.DatabaseURL})
	if err != nil {
		return 0, err
	}
	rights := syscall.UnixRights(int(c.in.Fd()), int(c.out.Fd()), int(c.err.Fd()))
	if _, _, err := conn.WriteMsgUnix(append(body, '\n'), rights, nil); err != nil {
		return 0, err
	}
	var a answer
	if err := json.NewDecoder(conn).Decode(&a); err != nil {
		fmt.Fprintln(c.err, "The leadport that ran this command ended. An import under way is finished by the next command.")
		return exitFailed, nil
	}
	return a.Code, nil
}

// host runs the commands of other processes on this one's App.
type host struct {
	app      *app.App
	listener *net.UnixListener
	wait     sync.WaitGroup
	ending   chan struct{}
}

func newHost(a *app.App) *host { return &host{app: a, ending: make(chan struct{})} }

func (h *host) listen(socket string) error {
	// The folder's lock is ours, so a socket that is there is a dead one's.
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return fmt.Errorf("listen on %s: %w", socket, err)
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		l.Close()
		return err
	}
	h.listener = l
	h.wait.Go(func() {
		for {
			conn, err := l.AcceptUnix()
			if err != nil {
				return
			}
			h.wait.Go(func() { h.serve(conn) })
		}
	})
	return nil
}

// close takes no more commands and waits for those that run; one that waits
// for an answer gets none.
func (h *host) close() {
	close(h.ending)
	if h.listener != nil {
		h.listener.Close()
	}
	h.wait.Wait()
}

func (h *host) serve(conn *net.UnixConn) {
	defer conn.Close()
	req, files, err := receive(conn)
	if err != nil {
		return
	}
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { // the other side closes its end to cancel
		var b [1]byte
		conn.Read(b[:])
		cancel()
	}()
	c := &command{console: console{in: files[0], out: files[1], err: files[2], dir: req.Dir}, args: req.Args, app: h.app, ending: h.ending}
	code := exitUsage
	if req.Database != "" && req.Database != h.app.Config.DatabaseURL {
		c.say("The leadport that works on this folder has another database. End it, or leave --database-url and LEADPORT_DATABASE_URL out.\n")
	} else {
		code = c.run(ctx)
	}
	json.NewEncoder(conn).Encode(answer{code})
}

func receive(conn *net.UnixConn) (req request, files []*os.File, err error) {
	oob := make([]byte, syscall.CmsgSpace(3*4))
	first := make([]byte, 64<<10)
	n, oobn, _, _, err := conn.ReadMsgUnix(first, oob)
	if err != nil {
		return req, nil, err
	}
	msgs, err := syscall.ParseSocketControlMessage(oob[:oobn])
	if err != nil {
		return req, nil, err
	}
	for _, m := range msgs {
		fds, err := syscall.ParseUnixRights(&m)
		if err != nil {
			return req, files, err
		}
		for i, fd := range fds {
			syscall.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), [...]string{"stdin", "stdout", "stderr"}[i%3]))
		}
	}
	if len(files) != 3 {
		return req, files, errors.New("the command came without its standard files")
	}
	rest := bufio.NewReader(conn)
	body := first[:n]
	for len(body) == 0 || body[len(body)-1] != '\n' {
		b, err := rest.ReadByte()
		if err != nil {
			return req, files, err
		}
		body = append(body, b)
	}
	return req, files, json.Unmarshal(body, &req)
}
