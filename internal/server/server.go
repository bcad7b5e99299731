// Package server is HTTP around the API: limits, security headers, protection
// against requests from other sites, TLS and an orderly end. It may import
// api, web and access, and decides nothing about leads.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"github.com/leadport/leadport/internal/api"
)

// Config says where to listen and how.
type Config struct {
	Listen           string // host:port
	TLSCert, TLSKey  string // files; both or none
	Log              *slog.Logger
	MayLeaveLoopback bool          // somebody can sign in, so that others may reach it
	ShutdownAfter    time.Duration // that requests under way get, at most; 0: 8 s
	Connections      int           // at once, at most; 0: 10,000
	Health           *Health       // nil: not asked
}

// TLS reports whether the server speaks TLS.
func (c Config) TLS() bool { return c.TLSCert != "" }

// Limits of a connection. A large upload or download lifts the last two for
// itself.
const (
	headerTime  = 10 * time.Second
	readTime    = time.Minute
	writeTime   = time.Minute
	idleTime    = 2 * time.Minute
	headerBytes = 64 << 10
	connections = 10_000
)

// Server listens and answers.
type Server struct {
	config Config
	http   *http.Server
	ln     net.Listener
	done   chan error
}

// ErrLoopback refuses to be reachable by others before anybody can sign in.
var ErrLoopback = errors.New("before the set-up only this computer may reach the server: listen on 127.0.0.1")

// Start listens and serves in the background. It fails with ErrLoopback on an
// address that others reach while nobody can sign in.
func Start(c Config, a *api.API) (*Server, error) {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return nil, errors.New("TLS needs both --tls-cert and --tls-key")
	}
	if !c.MayLeaveLoopback && !loopback(c.Listen) {
		return nil, fmt.Errorf("%w, not on %s", ErrLoopback, c.Listen)
	}
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	if c.TLS() {
		cert, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("TLS certificate: %w", err), ln.Close())
		}
		ln = tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}})
	}
	mux := http.NewServeMux()
	mux.Handle("/", Handler(a, c.TLS()))
	if c.Health != nil {
		c.Health.Handle(mux)
	}
	return serve(c, ln, mux), nil
}

// StartInternal listens for those who watch the server: metrics under /metrics,
// and its health. It speaks no TLS and asks nobody who they are.
func StartInternal(c Config, metrics http.Handler) (*Server, error) {
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics on %s: %w", c.Listen, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	c.Health.Handle(mux)
	return serve(c, ln, mux), nil
}

func serve(c Config, ln net.Listener, h http.Handler) *Server {
	most := c.Connections
	if most == 0 {
		most = connections
	}
	ln = netutil.LimitListener(ln, most)
	s := &Server{config: c, ln: ln, done: make(chan error, 1), http: &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: headerBytes, ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelWarn),
	}}
	go func() { s.done <- s.http.Serve(ln) }()
	return s
}

// URL is where the server is reached.
func (s *Server) URL() string {
	scheme := "http"
	if s.config.TLS() {
		scheme = "https"
	}
	return scheme + "://" + s.ln.Addr().String()
}

// Done gives the error that ended the server, if one does.
func (s *Server) Done() <-chan error { return s.done }

// Close takes no more requests and waits for those under way, but not long.
func (s *Server) Close() error {
	wait := s.config.ShutdownAfter
	if wait == 0 {
		wait = 8 * time.Second
	}
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		return s.http.Close() // those that still run are cut off
	}
	return nil
}

// loopback reports whether only this computer reaches an address.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost"
}
