package cli_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/leadport/leadport/internal/cli"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// The scripts read like the manual: each tells what a person types and sees.
func TestScripts(t *testing.T) {
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLES", examples)
			env.Setenv("TZ", "UTC")
			env.Setenv("LEADPORT_TEST_URL", pgtest.Chosen(scriptT{env}))
			return nil
		},
		Condition: func(c string) (bool, error) { return c == "sqlite" && !pgtest.Selected(), nil },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exit": exitCode, "json": jsonCheck, "waitfor": waitFor,
		},
	})
}

// scriptT is a script as a test.
type scriptT struct{ *testscript.Env }

func (s scriptT) Helper()           {}
func (s scriptT) Cleanup(f func())  { s.Defer(f) }
func (s scriptT) Error(args ...any) { s.T().Fatal(args...) }
func (s scriptT) Fatal(args ...any) { s.T().Fatal(args...) }
func (s scriptT) Skip(args ...any)  { s.T().Skip(args...) }

func TestMain(m *testing.M) {
	if os.Getenv("LEADPORT_TEST_MAIN") != "" { // a person of mail_test.go types a command
		os.Exit(cli.Main())
	}
	testscript.Main(m, map[string]func(){"leadport": func() {
		if url := os.Getenv("LEADPORT_TEST_URL"); url != "" {
			os.Setenv("LEADPORT_DATABASE_URL", schemaOfFolder(url))
		}
		os.Exit(cli.Main())
	}})
}

// schemaOfFolder is the URL of the folder's own schema in a script's database,
// since the folders of a script are installations of their own.
func schemaOfFolder(url string) string {
	data := os.Getenv("LEADPORT_DATA")
	for i, arg := range os.Args[1:] {
		if arg == "--data" && i+2 < len(os.Args) {
			data = os.Args[i+2]
		}
		if arg == "--demo" && data == "" {
			data = "leadport-demo"
		}
	}
	if data == "" {
		data = "leadport-data"
	}
	data, err := filepath.Abs(data)
	if err != nil {
		panic(err)
	}
	schema := fmt.Sprintf("s%x", sha256.Sum256([]byte(data)))[:20]
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		panic(err)
	}
	defer conn.Close(context.Background())
	conn.Exec(context.Background(), "create schema "+schema) // it may be there
	return url + "&search_path=" + schema
}

// exitCode runs a command that must end with a code: exit 3 leadport import …
func exitCode(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exit CODE COMMAND …")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		if _, text, ok := strings.Cut(err.Error(), "exit status "); !ok {
			ts.Fatalf("%s: %v", args[1], err)
		} else if got, err = strconv.Atoi(text); err != nil {
			ts.Fatalf("exit code: %v", err)
		}
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// jsonCheck looks into the one JSON document of a file or stdout:
// json stdout accounting.new 182. A path element len is a list's length, and
// key=value finds the element that has it.
func jsonCheck(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH VALUE")
	}
	var doc any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc); err != nil {
		ts.Fatalf("%s is not one JSON document: %v", args[0], err)
	}
	for step := range strings.SplitSeq(args[1], ".") {
		doc = stepInto(doc, step)
	}
	got := "null"
	if doc != nil {
		got = fmt.Sprint(doc)
	}
	if (got == args[2]) == neg {
		ts.Fatalf("%s: %s is %s, want %s", args[0], args[1], got, args[2])
	}
}

func stepInto(doc any, step string) any {
	switch v := doc.(type) {
	case map[string]any:
		return v[step]
	case []any:
		if step == "len" {
			return len(v)
		}
		if key, value, ok := strings.Cut(step, "="); ok {
			for _, e := range v {
				if m, ok := e.(map[string]any); ok && fmt.Sprint(m[key]) == value {
					return e
				}
			}
			return nil
		}
		if i, err := strconv.Atoi(step); err == nil && i < len(v) {
			return v[i]
		}
	}
	return nil
}

// waitFor waits until a file is there, or with ! until it is gone.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); (err == nil) != neg {
			return
		}
	}
	ts.Fatalf("waited too long for %s", args[0])
}
