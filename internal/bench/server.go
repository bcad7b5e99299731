package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// server is a running leadport serve with a token for it.
type server struct {
	url, token string
	cmd        *exec.Cmd
}

// serve starts one on a data folder and waits for its first answer.
func (b *bench) serve(ctx context.Context, data string) (*server, time.Duration, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, 0, err
	}
	addr := free.Addr().String()
	free.Close()
	s := &server{url: "http://" + addr + "/api/v1", cmd: exec.CommandContext(ctx, b.Binary, "serve", "--listen", addr)}
	s.cmd.Env = append(os.Environ(), "LEADPORT_DATA="+data, "LEADPORT_DATABASE_URL=")
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, 0, err
	}
	for time.Since(began) < time.Minute {
		res, err := http.Get(s.url + "/setup")
		if err == nil {
			res.Body.Close()
			return s, time.Since(began), nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	s.stop()
	return nil, 0, errors.New("serve gives no answer")
}

// signedIn is serve with a token.
func (b *bench) signedIn(ctx context.Context, data string) (*server, error) {
	s, _, err := b.serve(ctx, data)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, b.Binary, "token", "add", "bench")
	cmd.Env = append(os.Environ(), "LEADPORT_DATA="+data, "LEADPORT_DATABASE_URL=")
	out, err := cmd.Output()
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("token: %w", err)
	}
	s.token = strings.TrimSpace(string(out))
	return s, nil
}

func (s *server) stop() {
	s.cmd.Process.Signal(os.Interrupt)
	s.cmd.Wait()
}

// ask does one request and decodes the answer into out, if there is one.
func (s *server) ask(ctx context.Context, method, path string, header http.Header, body io.Reader, out any) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, body)
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, res.Status, got)
	}
	if out != nil {
		return res.Header, json.Unmarshal(got, out)
	}
	return res.Header, nil
}

func (s *server) get(ctx context.Context, path string, out any) error {
	_, err := s.ask(ctx, "GET", path, nil, nil, out)
	return err
}

func (s *server) send(ctx context.Context, method, path string, in any, header http.Header) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	_, err = s.ask(ctx, method, path, header, bytes.NewReader(body), nil)
	return err
}

// checked uploads a file and checks it; it returns the import.
func (s *server) checked(ctx context.Context, file string) (int64, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	r, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() {
		part, err := form.CreateFormFile("file", "leads.csv")
		if err == nil {
			_, err = io.Copy(part, f)
		}
		w.CloseWithError(errors.Join(err, form.Close()))
	}()
	var imp struct{ ID int64 }
	if _, err := s.ask(ctx, "POST", "/imports", http.Header{"Content-Type": {form.FormDataContentType()}}, r, &imp); err != nil {
		return 0, err
	}
	path := fmt.Sprintf("/imports/%d", imp.ID)
	if err := s.send(ctx, "POST", path+"/prepare", struct{}{}, nil); err != nil {
		return 0, err
	}
	return imp.ID, s.check(ctx, imp.ID)
}

// check checks an import and waits for its end.
func (s *server) check(ctx context.Context, id int64) error {
	path := fmt.Sprintf("/imports/%d", id)
	if err := s.send(ctx, "POST", path+"/check", struct{}{}, nil); err != nil {
		return err
	}
	return s.until(ctx, id, "checked")
}

// until waits for an import's state.
func (s *server) until(ctx context.Context, id int64, state string) error {
	for {
		var imp struct{ State, Reason string }
		if err := s.get(ctx, fmt.Sprintf("/imports/%d", id), &imp); err != nil {
			return err
		}
		switch imp.State {
		case state:
			return nil
		case "checking", "running":
			time.Sleep(5 * time.Millisecond)
		default:
			return fmt.Errorf("the import is %s: %s", imp.State, imp.Reason)
		}
	}
}
