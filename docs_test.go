package leadport_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/importer"
)

var update = flag.Bool("update", false, "write generated docs")

// docs/issues.md is made of importer.Rules(): go test -run TestIssuesDoc -update .
func TestIssuesDoc(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`# Issues

Every kind of issue there is, by its stable code. An *error* keeps a record out,
a *warning* imports it with something left out or guessed, an *info* only tells.
` + "`--strict`" + ` makes the warnings marked * errors; a recipe can make any code one.
This file is generated: ` + "`go test -run TestIssuesDoc -update .`" + `
`)
	rules, group := importer.Rules(), ""
	slices.SortStableFunc(rules, func(x, y importer.Rule) int {
		a, _, _ := strings.Cut(x.Code, ".")
		b, _, _ := strings.Cut(y.Code, ".")
		return strings.Compare(a, b)
	})
	seen := map[string]bool{}
	for _, r := range rules {
		if seen[r.Code] {
			t.Errorf("%s is listed twice", r.Code)
		}
		seen[r.Code] = true
		if name, _, _ := strings.Cut(r.Code, "."); name != group {
			group = name
			fmt.Fprintf(&b, "\n## %s\n\n| code | severity | text | remedy |\n|---|---|---|---|\n", group)
		}
		severity := r.Severity.String()
		if r.Value && r.Severity == importer.Warning {
			severity += " *"
		}
		text := r.Text
		if r.LeftOut {
			text += " *The value is left out.*"
		}
		remedy := r.Remedy
		if r.Command != "" {
			remedy += " *On the command line:* " + r.Command
		}
		if strings.Contains(r.Remedy, "--") || strings.Contains(r.Text, "--") {
			t.Errorf("%s names a flag to people who see no command line", r.Code)
		}
		cell := strings.NewReplacer("|", `\|`)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Code, severity, cell.Replace(text), cell.Replace(remedy))
	}
	const name = "docs/issues.md"
	if *update {
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, b.Bytes()) {
		t.Errorf("%s is not what importer.Rules() says: go test -run TestIssuesDoc -update .", name)
	}
}

// Every command in a ```console block of README.md and docs is run, all of one
// file in one scratch folder. "# exit 3" at its end says its exit code; what is
// shown below it is what it prints, where … stands for anything, and a line …
// for any lines.
func TestDocsConsole(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "leadport"), "./cmd/leadport")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	examples, err := filepath.Abs("examples")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append([]string{"README.md"}, files...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		commands := consoleCommands(string(text))
		if len(commands) == 0 {
			continue
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Symlink(examples, filepath.Join(dir, "examples")); err != nil {
				t.Fatal(err)
			}
			for _, c := range commands {
				line := strings.ReplaceAll(c.line, "go run ./cmd/leadport", "leadport")
				cmd := exec.Command("sh", "-c", line)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "TZ=UTC", "LEADPORT_DATA=", "LEADPORT_SMTP_URL=")
				out, err := cmd.CombinedOutput()
				if cmd.ProcessState == nil {
					t.Fatal(err)
				}
				if code := cmd.ProcessState.ExitCode(); code != c.code {
					t.Errorf("$ %s\nexit code %d, want %d:\n%s", c.line, code, c.code, out)
				} else if c.shown != "" && !c.matches(string(out)) {
					t.Errorf("$ %s\nprints:\n%s\nbut the docs show:\n%s", c.line, out, c.shown)
				}
			}
		})
	}
}

type consoleCommand struct {
	line  string
	code  int
	shown string
}

func consoleCommands(text string) []consoleCommand {
	var out []consoleCommand
	for _, block := range regexp.MustCompile("(?ms)^```console\n(.*?)^```").FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(block[1]) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				c := consoleCommand{line: strings.TrimSpace(command)}
				if m := regexp.MustCompile(`# exit (\d)$`).FindStringSubmatch(c.line); m != nil {
					c.code, _ = strconv.Atoi(m[1]) // a digit, by the pattern
				}
				out = append(out, c)
			} else if len(out) > 0 {
				out[len(out)-1].shown += line
			}
		}
	}
	return out
}

func (c *consoleCommand) matches(got string) bool {
	pattern := "^"
	for line := range strings.SplitSeq(strings.TrimRight(c.shown, "\n"), "\n") {
		if line == "…" {
			pattern += `(?s:.*)`
			continue
		}
		parts := strings.Split(line, "…")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		pattern += strings.Join(parts, ".*") + "\n+"
	}
	return regexp.MustCompile(pattern + "$").MatchString(strings.TrimRight(got, "\n") + "\n")
}
