package main

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	const p = `"Package":"github.com/leadport/leadport/internal/blob"`
	for _, c := range []struct {
		name, in, want string
		ok             bool
	}{
		{"all pass", `{"Action":"pass",` + p + `,"Test":"TestA"}`, "1 passed, 0 failed, 0 skipped", true},
		{"other lines go through", "go vet ./...\n" + `{"Action":"pass",` + p + `,"Test":"TestA"}`, "go vet ./...", true},
		{"a slow one", `{"Action":"pass","Elapsed":15.6,` + p + `,"Test":"TestA"}`, "  16 s internal/blob TestA\n1 passed", true},
		{"one fails", `{"Action":"output",` + p + `,"Test":"TestA","Output":"want 3\n"}` + "\n" + `{"Action":"fail",` + p + `,"Test":"TestA"}` +
			"\n" + `{"Action":"fail",` + p + `}`, "want 3\n0 passed, 1 failed, 0 skipped", false},
		{"fails once, passes under race", `{"Action":"fail",` + p + `,"Test":"TestA"}` + "\n" + `{"Action":"pass",` + p + `,"Test":"TestA"}`,
			"0 passed, 1 failed, 0 skipped", false},
		{"does not build", `{"Action":"pass",` + p + `,"Test":"TestA"}` + "\n" + `{"ImportPath":"x","Action":"build-output","Output":"undefined: y\n"}` +
			"\n" + `{"Action":"fail",` + p + `}`, "undefined: y\n1 passed, 1 failed, 0 skipped", false},
		{"panic", `{"Action":"output",` + p + `,"Test":"TestA","Output":"panic: boo\n"}` + "\n" + `{"Action":"fail",` + p + `}`, "panic: boo", false},
		{"allowed skip", `{"Action":"pass",` + p + `,"Test":"TestB"}` + "\n" + `{"Action":"output",` + p + `,"Test":"TestSkip1","Output":"    a.go:3: no tool\n"}` +
			"\n" + `{"Action":"skip",` + p + `,"Test":"TestSkip1"}`,
			"skipped internal/blob TestSkip1: a.go:3: no tool\n1 passed, 0 failed, 1 skipped", true},
		{"other skip", `{"Action":"pass",` + p + `,"Test":"TestB"}` + "\n" + `{"Action":"skip",` + p + `,"Test":"TestOther"}`, "NOT ALLOWED", false},
		{"folder without tests", `{"Action":"pass",` + p + `,"Test":"TestB"}` + "\n" + `{"Action":"skip",` + p + `}`, "1 passed, 0 failed, 0 skipped", true},
		{"nothing ran", "", "0 passed, 0 failed, 0 skipped", false},
	} {
		var out strings.Builder
		ok, err := run(strings.NewReader(c.in), &out, "# list\n\ninternal/blob TestSkip* needs a tool\n")
		if err != nil || ok != c.ok || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: %v, %v\n%s", c.name, ok, err, out.String())
		}
	}
	if _, err := run(strings.NewReader(""), &strings.Builder{}, "internal/blob TestA\n"); err == nil {
		t.Error("a skip without a reason was allowed")
	}
}
