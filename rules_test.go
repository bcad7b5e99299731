package leadport_test

import (
	"bufio"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A rule without a test is a promise: docs/rules.txt lists the rules, a comment
// "// rule N.N" (or "// rules N.N, N.N and N.N") in a test file, or "# rule N.N"
// in a script of one, names what the test proves, and docs/rules-later.txt lists
// with reasons what is not yet due.
func TestRulesHaveTests(t *testing.T) {
	rules, later := numbered(t, "docs/rules.txt"), numbered(t, "docs/rules-later.txt")
	tests := map[string][]string{}
	name := func(file, comment string) {
		for _, number := range rulesIn(comment) {
			if rules[number] == "" {
				t.Errorf("%s names rule %s, which docs/rules.txt does not know", file, number)
			}
			if !slices.Contains(tests[number], file) {
				tests[number] = append(tests[number], file)
			}
		}
	}
	for file, parsed := range sources(t) {
		if !strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, group := range parsed.Comments {
			for _, c := range group.List {
				name(file, c.Text)
			}
		}
	}
	scripts, err := filepath.Glob("internal/*/testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range scripts {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script, _, _ := strings.Cut(string(text), "\n-- ") // then come its files
		for line := range strings.SplitSeq(script, "\n") {
			name(file, line)
		}
	}
	for _, number := range slices.Sorted(maps.Keys(rules)) {
		title := rules[number]
		if tests[number] == nil && later[number] == "" {
			t.Errorf("rule %s (%s): no test names it; write one with // rule %s, or say in docs/rules-later.txt why it is not due", number, title, number)
		}
	}
	for number := range later {
		if rules[number] == "" {
			t.Errorf("docs/rules-later.txt has rule %s, which docs/rules.txt does not know", number)
		}
		if tests[number] != nil {
			t.Logf("rule %s has tests now (%s): take it out of docs/rules-later.txt", number, strings.Join(tests[number], ", "))
		}
	}
}

// rulesIn finds the rule numbers in a comment that names rules.
func rulesIn(comment string) []string {
	named := regexp.MustCompile(`^(?://|#) rules? (\d+\.\d+(?:(?:, | and )\d+\.\d+)*)`).FindStringSubmatch(comment)
	if named == nil {
		return nil
	}
	return regexp.MustCompile(`\d+\.\d+`).FindAllString(named[1], -1)
}

func TestRulesIn(t *testing.T) {
	for comment, want := range map[string]string{
		"// rule 5.1":                        "5.1",
		"# rule 5.1":                         "5.1",
		"// rule 10.2: e-mail in 2.5 s":      "10.2",
		"// rules 5.1, 5.2 and 7.1":          "5.1 5.2 7.1",
		"// see rule 5.1":                    "",
		"// RFC 5321 4.5 is another rule":    "",
		"// rules of the game, version 5.1.": "",
	} {
		if got := strings.Join(rulesIn(comment), " "); got != want {
			t.Errorf("%s: %q, want %q", comment, got, want)
		}
	}
}

// numbered reads lines "N.N text" of a file; lines that begin with # are left out.
func numbered(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		number, text, _ := strings.Cut(line, " ")
		if !regexp.MustCompile(`^\d+\.\d+$`).MatchString(number) || text == "" || list[number] != "" {
			t.Errorf("%s: not a new number and a text: %s", name, line)
		}
		list[number] = text
	}
	return list
}
