package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// caller is who a request comes from; the zero value is nobody.
type caller struct {
	principal access.Principal
	session   string // hash, "" for a token
	address   string
}

type callerKey struct{}

func withCaller(ctx context.Context, c caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// touchAfter is how old a session's last use may get in the database, so that
// reading does not write each time.
const touchAfter = time.Minute

// cookieName has the __Host- prefix under TLS: the cookie is of this host,
// path and scheme alone (RFC 6265bis 4.1.3.2).
func (a *API) cookieName() string {
	if a.Secure {
		return "__Host-leadport"
	}
	return "leadport"
}

// cookie is the session's cookie; an empty value takes it away.
func (a *API) cookie(value string) string {
	c := http.Cookie{Name: a.cookieName(), Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: a.Secure}
	if value == "" {
		c.MaxAge = -1
	}
	return c.String()
}

// authenticate finds who a request is from. A token that is not valid is an
// error; a session that is not, is nobody.
func (a *API) authenticate(r *http.Request) (caller, error) {
	c := caller{address: r.RemoteAddr}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		c.address = host
	}
	if head := r.Header.Get("Authorization"); head != "" {
		err := a.byToken(r.Context(), head, &c)
		return c, err
	}
	cookie, err := r.Cookie(a.cookieName())
	if err != nil {
		return c, nil
	}
	err = a.bySession(r.Context(), access.HashSecret(cookie.Value), &c)
	return c, err
}

func (a *API) bySession(ctx context.Context, hash string, c *caller) error {
	s, u, err := a.Store.SessionByHash(ctx, hash)
	if errors.Is(err, lead.ErrNotFound) {
		return nil
	}
	now := a.Now()
	if err != nil || !s.Alive(now) {
		return err
	}
	c.principal, c.session = access.For(u), hash
	if now.Sub(s.Seen) > touchAfter {
		return a.Store.TouchSession(ctx, hash, now)
	}
	return nil
}

func (a *API) byToken(ctx context.Context, head string, c *caller) error {
	scheme, secret, _ := strings.Cut(head, " ")
	if !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(secret, access.TokenPrefix) {
		return ErrSignIn
	}
	t, u, err := a.Store.TokenByHash(ctx, access.HashSecret(secret))
	now := a.Now()
	if errors.Is(err, lead.ErrNotFound) || err == nil && !t.Expires.IsZero() && !now.Before(t.Expires) {
		return ErrSignIn
	}
	if err != nil {
		return err
	}
	c.principal = access.For(u).Within(t.Scopes)
	if now.Sub(t.Used) > touchAfter {
		return a.Store.UseToken(ctx, t.ID, now)
	}
	return nil
}

// stillIn reports whether who began a long answer may still get it.
func (a *API) stillIn(ctx context.Context, c caller, token string) bool {
	var now caller
	if c.session != "" {
		return a.bySession(ctx, c.session, &now) == nil && now.principal.User.ID != 0
	}
	return a.byToken(ctx, token, &now) == nil
}
