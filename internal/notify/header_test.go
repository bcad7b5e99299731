package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// received is a mail as its reader sees it: decoded, lines ended by \n.
type received struct {
	header        mail.Header
	subject, name string // name of the first recipient
	text, html    string
}

func parse(t *testing.T, raw []byte) received {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	r := received{header: m.Header}
	if r.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 {
		t.Fatalf("To: %q: %v", m.Header.Get("To"), err)
	}
	r.name = to[0].Name
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return r
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		content := strings.ReplaceAll(string(b), "\r\n", "\n")
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			r.html = content
		} else {
			r.text = content
		}
	}
}

// headers are all that a mail may have.
const headers = "Auto-Submitted Content-Type Date From Message-Id Mime-Version Subject To"

// A text that stands wherever foreign text can stand adds no header and no
// markup, and arrives letter for letter, line breaks and NUL apart.
func TestForeignText(t *testing.T) { // rule 10.2
	carryTexts(t, []string{
		"leads.csv", "Zażółć gęślą jaźń.csv", "名簿.xlsx", strings.Repeat("lang ", 60) + ".csv", strings.Repeat("ü", 200),
		"a\r\nBcc: eve@example.com", "a\nBcc: eve@example.com\n\n<b>body</b>", "a\rBcc: eve@example.com", "a\x00b\x0bc\x0cd\u0085e\u2028f",
		"\r\n\r\nbody", "a\r\n\tfolded", "=?UTF-8?Q?a=0D=0ABcc:_eve@example.com?=", "two  blanks   kept ", " leading",
		"<script>alert(1)</script>.csv", `"><img src=x onerror=alert(1)>`, "{{.}}", "%s%n", `a" <eve@example.com>, "b`, "bad\xffutf8", ".",
	})
}

func TestNaughtyStrings(t *testing.T) { // rule 10.2
	carryTexts(t, naughty(t))
}

func carryTexts(t *testing.T, texts []string) {
	t.Helper()
	srv := serve(t, plain, &server{})
	s := sender(t, "smtp://"+srv.addr+"?tls=none")
	plainTags := tags(t, compose(t, "x").HTML)
	for _, text := range texts {
		m := compose(t, text)
		if err := s.Send(context.Background(), m); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		all := srv.all()
		raw := all[len(all)-1].raw
		got := parse(t, raw)
		want := oneLine(text)
		if keys := slices.Sorted(maps.Keys(got.header)); strings.Join(keys, " ") != headers {
			t.Errorf("%q: headers %v", text, keys)
		}
		if strings.ContainsAny(got.subject, "\r\n\x00") || strings.ContainsAny(got.name, "\r\n\x00") {
			t.Errorf("%q: a line break or NUL in subject %q or name %q", text, got.subject, got.name)
		}
		if got.subject != "Result of importing file "+want {
			t.Errorf("%q: subject %q", text, got.subject)
		}
		if name := []rune(strings.Join(strings.Fields(want), " ")); got.name != string(name[:min(len(name), 200)]) {
			t.Errorf("%q: name %q", text, got.name)
		}
		if !strings.Contains(got.text, "“"+want+"”") || strings.Count(got.text, "\n") != strings.Count(compose(t, "x").Text, "\n") {
			t.Errorf("%q: text part\n%s", text, got.text)
		}
		if h := tags(t, got.html); h != plainTags {
			t.Errorf("%q: markup changed\n%s", text, got.html)
		}
		for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
				t.Errorf("%q: not a line of a mail: %q", text, line) // RFC 5322 2.1.1
			}
		}
	}
}

func compose(t *testing.T, text string) Message {
	t.Helper()
	m, err := ResultMail(Report{ID: "result.1@desk.example", To: []Address{{text, "ana@example.com"}}, File: text, Person: text + "x",
		Problems: []Problem{{text, "Mend " + text, 3}}, Links: []Link{{text, "https://desk.example/imports/1"}}, Command: "leadport imports " + text})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tags is the markup of a page without its text: elements and attributes.
func tags(t *testing.T, page string) string {
	t.Helper()
	var out strings.Builder
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				t.Fatal(z.Err())
			}
			return out.String()
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken, html.CommentToken:
			token := z.Token()
			fmt.Fprintln(&out, token.Type, token.Data, token.Attr)
		}
	}
}

// naughty is the Big List of Naughty Strings, which is not part of the project.
func naughty(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("LEADPORT_CORPORA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpora")
	}
	b, err := os.ReadFile(filepath.Join(dir, "blns", "blns.json"))
	if err != nil {
		t.Skip("the Big List of Naughty Strings is not here: set LEADPORT_CORPORA to the folder of test corpora")
	}
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	return list
}
