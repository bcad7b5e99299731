package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/leadport/leadport/internal/blob/s3test"
)

func TestS3(t *testing.T) {
	server := s3server(t)
	testStore(t, func() Store { return openS3(t, server.Place(t)) })
}

func TestS3Parts(t *testing.T) {
	server := s3server(t)
	testParts(t, func() (Parts, Parts) {
		place := server.Place(t)
		return openS3(t, place).Parts(), openS3(t, place).Parts()
	})
}

// A client goes on at another node while its first request still hangs: both
// write the same bytes of the file, in stretches of their own.
func TestS3PartsTwice(t *testing.T) {
	place, ctx := s3server(t).Place(t), context.Background()
	here, there := openS3(t, place), openS3(t, place)
	p := here.Parts()
	if err := p.Create(ctx, "ab"); err != nil {
		t.Fatal(err)
	}
	text := []byte("0123456789")
	for _, x := range []struct {
		s        *S3
		from, to int
	}{{here, 0, 4}, {here, 4, 9}, {there, 4, 6}, {here, 9, 10}, {there, 6, 10}} {
		if err := x.s.putSmall(ctx, partPath("ab", int64(x.from)), text[x.from:x.to]); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := p.Size(ctx, "ab"); n != 10 || err != nil {
		t.Fatalf("size %d, %v", n, err)
	}
	f, err := p.Open(ctx, "ab")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); string(got) != string(text) {
		t.Errorf("%q, %v", got, err)
	}
}

func s3server(t *testing.T) *s3test.Server {
	t.Helper()
	server := s3test.Start(t)
	t.Setenv("AWS_ACCESS_KEY_ID", s3test.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3test.SecretKey)
	return server
}

func openS3(t *testing.T, place string) *S3 {
	t.Helper()
	s, err := OpenS3(context.Background(), place, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// An upload that a killed process left incomplete, and what it put together,
// are swept.
func TestS3Left(t *testing.T) {
	ctx := context.Background()
	s := openS3(t, s3server(t).Place(t))
	id, err := s.core.NewMultipartUpload(ctx, s.place.bucket, s.place.prefix+"tmp/left", minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	part := make([]byte, 5<<20)
	if _, err := s.core.PutObjectPart(ctx, s.place.bucket, s.place.prefix+"tmp/left", id, 1, bytes.NewReader(part), int64(len(part)), minio.PutObjectPartOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := s.putSmall(ctx, "tmp/whole", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := s.Parts().Create(ctx, "ab"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Sweep(ctx, time.Hour); n != 0 || err != nil {
		t.Errorf("young ones: swept %d, %v", n, err)
	}
	if n, err := s.Sweep(ctx, -time.Second); n != 3 || err != nil {
		t.Errorf("old ones: swept %d, %v", n, err)
	}
	clean(t, s)
}

// A service that answers with errors and cuts its answers costs time, and
// nothing else.
func TestS3Flaky(t *testing.T) {
	place := s3server(t).Place(t)
	u, err := url.Parse(place)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	host := q.Get("endpoint")
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", host, r.In.Host // the signature is over the host
	}}
	var requests, errs, cuts atomic.Int64
	front := newFront(t, func(w http.ResponseWriter, r *http.Request) {
		switch requests.Add(1) % 4 {
		case 1:
			errs.Add(1)
			w.WriteHeader(http.StatusServiceUnavailable)
		case 3:
			cuts.Add(1)
			proxy.ServeHTTP(&cutting{ResponseWriter: w, left: 100_000}, r)
		default:
			proxy.ServeHTTP(w, r)
		}
	})
	q.Set("endpoint", front)
	u.RawQuery = q.Encode()
	ctx, s := context.Background(), openS3(t, u.String())
	content := bytes.Repeat([]byte("0123456789abcdef"), 2<<20) // 32 MiB
	ref, err := s.Put(ctx, bytes.NewReader(content), math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, s, ref.SHA256); !bytes.Equal(got, content) {
		t.Error("other bytes came back")
	}
	if errs.Load() < 3 || cuts.Load() < 3 {
		t.Errorf("%d errors and %d cuts prove nothing", errs.Load(), cuts.Load())
	}
}

// cutting breaks an answer off.
type cutting struct {
	http.ResponseWriter
	left int
}

func (c *cutting) Write(p []byte) (int, error) {
	if c.left -= len(p); c.left < 0 {
		panic(http.ErrAbortHandler)
	}
	return c.ResponseWriter.Write(p)
}

// Errors say what cannot be used and what to mend.
func TestS3Refused(t *testing.T) {
	server := s3server(t)
	place := server.Place(t)
	other := "s3://nobodys/x?insecure=true&region=us-east-1&endpoint=" + server.Endpoint
	for _, c := range []struct {
		name, place, key string
		kind             error
		says             string
	}{
		{"no bucket", other, "", ErrUnavailable, "there is no bucket nobodys at " + server.Endpoint},
		{"wrong secret", place, "wrong", fs.ErrPermission, "AWS_SECRET_ACCESS_KEY"},
		{"key in the URL", "s3://key:secret@bucket/x", "", nil, "s3://key:xxxxx@bucket/x can be seen by others"},
		{"no bucket named", "s3:///x", "", nil, "names no bucket"},
		{"unknown parameter", "s3://bucket/x?acl=public", "", nil, `"acl"`},
		{"bad flag", "s3://bucket/x?insecure=perhaps", "", nil, "insecure=perhaps must be true or false"},
		{"bad endpoint", "s3://bucket/x?endpoint=ftp://host", "", nil, "host:port"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.key != "" {
				t.Setenv("AWS_SECRET_ACCESS_KEY", c.key)
			}
			_, err := OpenS3(context.Background(), c.place, t.TempDir())
			if err == nil {
				t.Fatal("no error")
			}
			if c.kind != nil && !errors.Is(err, c.kind) {
				t.Errorf("not %v: %v", c.kind, err)
			}
			if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret@") || strings.Contains(err.Error(), s3test.SecretKey) {
				t.Errorf("%q does not say %q, or says a secret", err, c.says)
			}
		})
	}
}

// What the URL does not say comes from the environment.
func TestS3Place(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://minio:9000")
	t.Setenv("AWS_DEFAULT_REGION", "eu-west-3")
	for text, want := range map[string]s3Place{
		"s3://b":   {bucket: "b", endpoint: "minio:9000", region: "eu-west-3"},
		"s3://b/a": {bucket: "b", prefix: "a/", endpoint: "minio:9000", region: "eu-west-3"},
		"s3://b/a/c/?endpoint=s3.example.com&region=x&path-style=true": {bucket: "b", prefix: "a/c/", endpoint: "s3.example.com", secure: true, region: "x", lookup: minio.BucketLookupPath},
		"s3://b?endpoint=https://s3.example.com&insecure=true":         {bucket: "b", endpoint: "s3.example.com", region: "eu-west-3"},
	} {
		if got, err := parseS3(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

// Ranges are few: a window is one request, a whole file some.
func TestS3Requests(t *testing.T) {
	place := s3server(t).Place(t)
	u, err := url.Parse(place)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	host := q.Get("endpoint")
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", host, r.In.Host
	}}
	var gets atomic.Int64
	q.Set("endpoint", newFront(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.Header.Get("Range") != "" {
			gets.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	u.RawQuery = q.Encode()
	ctx, s := context.Background(), openS3(t, u.String())
	ref, err := s.Put(ctx, io.LimitReader(zeros{}, 48<<20), math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Open(ctx, ref.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for off := range int64(100) { // 100 records of one window
		if _, err := f.ReadAt(make([]byte, 400), 20<<20+off*400); err != nil {
			t.Fatal(err)
		}
	}
	if n := gets.Swap(0); n != 1 {
		t.Errorf("a window took %d requests", n)
	}
	if _, err := io.Copy(io.Discard, io.NewSectionReader(f, 0, f.Size())); err != nil {
		t.Fatal(err)
	}
	if n := gets.Load(); n > 12 {
		t.Errorf("48 MiB in order took %d requests", n)
	}
}

// newFront listens before the S3 server and returns its host:port.
func newFront(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	front := httptest.NewUnstartedServer(f)
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.Start()
	t.Cleanup(front.Close)
	return strings.TrimPrefix(front.URL, "http://")
}
