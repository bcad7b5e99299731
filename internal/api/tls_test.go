package api_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/api"
	"github.com/leadport/leadport/internal/app"
)

// Under TLS the session's cookie is of this host alone and never leaves TLS,
// pages may not be had without TLS later, and plain HTTP is refused.
func TestTLS(t *testing.T) {
	cert, key, pool := certificate(t)
	ctx := t.Context()
	a, err := app.Open(ctx, app.Config{Data: t.TempDir(), MaxUpload: 1 << 20}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(context.Background())
	if err := a.Work(ctx); err != nil {
		t.Fatal(err)
	}
	web, err := a.Serve(ctx, app.WebConfig{Listen: "127.0.0.1:0", TLSCert: cert, TLSKey: key}, true)
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	base := web.Server.URL()
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer c.CloseIdleConnections()
	do := func(method, path, body string, header ...string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		got, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { got.Body.Close() })
		return got
	}
	_, secret, _ := strings.Cut(web.Link, "sign-in=")
	in := do("POST", api.Prefix+"/session/link", `{"secret":"`+secret+`"}`)
	cookie := in.Header.Get("Set-Cookie")
	for _, part := range []string{"__Host-leadport=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("%s is not in %s", part, cookie)
		}
	}
	if strings.Contains(cookie, "Domain") {
		t.Error(cookie)
	}
	value, _, _ := strings.Cut(cookie, ";")
	if got := do("GET", api.Prefix+"/session", "", "Cookie", value); got.StatusCode != 200 {
		t.Error(got.Status)
	}
	// The name that plain HTTP uses is nobody's here.
	if got := do("GET", api.Prefix+"/session", "", "Cookie", strings.TrimPrefix(value, "__Host-")); got.StatusCode != 401 {
		t.Error(got.Status)
	}
	if got := do("GET", "/", ""); !strings.HasPrefix(got.Header.Get("Strict-Transport-Security"), "max-age=") {
		t.Error("no Strict-Transport-Security")
	}
	// A token works here as anywhere, and only as far as its scopes.
	made := do("POST", api.Prefix+"/tokens", `{"name":"script","scopes":"lead.view","days":1}`, "Cookie", value)
	var token struct{ Secret string }
	if err := json.NewDecoder(made.Body).Decode(&token); err != nil || !strings.HasPrefix(token.Secret, access.TokenPrefix) {
		t.Fatal(made.Status, err)
	}
	for path, want := range map[string]int{"GET /leads": 200, "GET /users": 403, "POST /tokens": 403} {
		method, at, _ := strings.Cut(path, " ")
		if got := do(method, api.Prefix+at, `{"name":"x"}`, "Authorization", "Bearer "+token.Secret); got.StatusCode != want {
			t.Error(path, got.Status)
		}
	}
	if got := do("GET", api.Prefix+"/leads", "", "Authorization", "Bearer "+token.Secret+"x"); got.StatusCode != 401 {
		t.Error(got.Status)
	}
	plain, err := http.Get(strings.Replace(base, "https", "http", 1) + api.Prefix + "/setup")
	if err == nil {
		text, _ := io.ReadAll(plain.Body) // whatever it is, it is no answer of the API
		plain.Body.Close()
		if plain.StatusCode != 400 || strings.Contains(string(text), "needed") {
			t.Errorf("plain HTTP: %s %s", plain.Status, text)
		}
	}
}

// certificate makes one for 127.0.0.1 and returns its files and who trusts it.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(cert, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded}), 0o600); err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return cert, key, pool
}
