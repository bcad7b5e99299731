package leadport_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/leadport/leadport/"

// pkg is a row of the package table.
type pkg struct {
	name   string
	why    string   // what it is, in one sentence
	allows []string // ours that it may import; internal/access beside them
}

// packages is the table: arrows point inward, and one place wires everything.
func packages() []pkg {
	return []pkg{
		{"cmd/leadport", "calls cli.Main", []string{"cli"}},
		{"internal/lead", "what a lead is", nil},
		{"internal/norm", "cell to canonical text", []string{"lead"}},
		{"internal/table", "bytes to rows and back", nil},
		{"internal/recipe", "the decisions about a file", []string{"lead", "norm", "table"}},
		{"internal/importer", "check, plan, run, undo", []string{"lead", "norm", "table", "recipe", "access"}},
		// norm beyond the architecture's table: norm.Key makes every match key,
		// and store writes the keys of a lead with the lead.
		{"internal/store", "all SQL", []string{"lead", "norm", "importer", "access"}},
		{"internal/blob", "files by content", nil},
		{"internal/jobs", "work in the background", []string{"importer", "notify", "trace"}},
		{"internal/notify", "mail, webhooks, live events", []string{"lead"}},
		{"internal/access", "users, rights, audit", []string{"lead"}},
		// norm beyond it, too: norm.International is how a phone is shown.
		{"internal/api", "REST", []string{"lead", "norm", "table", "recipe", "importer", "access", "notify", "trace"}},
		{"internal/server", "HTTP around the API", []string{"api", "web", "access"}},
		{"internal/web", "the user interface, embedded", nil},
		{"internal/app", "wires everything", []string{"lead", "norm", "table", "recipe", "importer", "store", "blob", "jobs",
			"notify", "access", "api", "server", "web", "metrics", "trace", "examples"}},
		{"examples", "files to try", nil},
		{"internal/trace", "which request and import a line of the log belongs to", nil},
		{"internal/metrics", "what Prometheus is told", nil},
		// Commands run in the process that holds the folder, on its App, so the
		// types of what the App gives are theirs (docs/decisions/one-process.md).
		{"internal/proptest", "properties over drawn cases", nil},
		{"internal/bench", "the program against its yardsticks", []string{"table"}},
		{"internal/cli", "the commands", []string{"app", "api", "bench", "blob", "importer", "lead", "recipe", "store", "table"}},
	}
}

// vague names say nothing about what is inside, so everything ends up there.
func vague() []string {
	return []string{"util", "utils", "common", "model", "models", "helper", "helpers"}
}

func TestPackages(t *testing.T) {
	imports := map[string][]string{}
	for file, parsed := range sources(t) {
		if strings.HasSuffix(file, "_test.go") {
			continue // tests may look from outside
		}
		folder := path.Dir(file)
		for _, spec := range parsed.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if inside, ours := strings.CutPrefix(to, module); ours {
				imports[folder] = append(imports[folder], inside)
			}
		}
		imports[folder] = append(imports[folder], "") // known even if it imports nothing
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has func init: what a package offers is a list in one visible place, and app wires it", file)
			}
		}
	}
	for _, v := range violations(packages(), imports) {
		t.Error(v)
	}
}

// TestDrawnCases: properties are checked by proptest.Check, with the same cases at
// every run (docs/decisions/drawn-cases.md).
func TestDrawnCases(t *testing.T) {
	for file, parsed := range sources(t) {
		if path.Dir(file) == "internal/proptest" {
			continue
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && (s.Sel.Name == "Check" || s.Sel.Name == "MakeCheck") {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "rapid" {
					t.Errorf("%s calls rapid.%s, which draws other cases at every run: use proptest.Check", file, s.Sel.Name)
				}
			}
			return true
		})
	}
}

// violations checks the imports of each folder against the table.
func violations(table []pkg, imports map[string][]string) []string {
	var bad []string
	for folder, list := range imports {
		if slices.Contains(vague(), path.Base(folder)) {
			bad = append(bad, folder+": a package is named for what it does; this name would gather everything")
			continue
		}
		i := slices.IndexFunc(table, func(p pkg) bool { return p.name == folder })
		if i < 0 {
			if strings.HasPrefix(folder, "internal/") && strings.Count(folder, "/") == 1 || strings.HasPrefix(folder, "cmd/") {
				bad = append(bad, folder+": is not in the package table; add it there with one sentence and what it may import")
			}
			// A folder inside a package belongs to that package.
			i = slices.IndexFunc(table, func(p pkg) bool { return strings.HasPrefix(folder, p.name+"/") })
		}
		if i < 0 {
			continue
		}
		p := table[i]
		for _, to := range slices.Compact(slices.Sorted(slices.Values(list))) {
			if to == "" || to == p.name || strings.HasPrefix(to, p.name+"/") {
				continue
			}
			inside := strings.SplitN(strings.TrimPrefix(to, "internal/"), "/", 2)[0]
			// A principal goes with every call, so every package may name its
			// type; only lead lies below access.
			if slices.Contains(p.allows, inside) || inside == "access" && p.name != "internal/lead" {
				continue
			}
			may := "nothing of ours"
			if len(p.allows) > 0 {
				may = strings.Join(p.allows, ", ")
			}
			bad = append(bad, fmt.Sprintf("%s imports %s, but it is %q and may import %s: declare a small interface where it is used, and let app wire it",
				folder, to, p.why, may))
		}
	}
	slices.Sort(bad)
	return bad
}

func TestViolations(t *testing.T) {
	for _, c := range []struct {
		name, folder, imports string
		bad                   bool
	}{
		{"inward", "internal/importer", "internal/lead", false},
		{"principal", "internal/blob", "internal/access", false},
		{"its own part", "internal/api", "internal/api/problem", false},
		{"outward", "internal/lead", "internal/norm", true},
		{"lead lies below access", "internal/lead", "internal/access", true},
		{"sideways", "internal/store", "internal/jobs", true},
		{"a part of a package", "internal/table/xlsx", "internal/store", true},
		{"around app", "cmd/leadport", "internal/app", true},
		{"unknown package", "internal/misc", "", true},
		{"unknown command", "cmd/other", "", true},
		{"vague name", "internal/store/util", "", true},
		{"a script", "scripts/skips", "", false},
	} {
		if got := violations(packages(), map[string][]string{c.folder: {c.imports}}); (len(got) > 0) != c.bad {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// sources parses the Go files of the project, by path with slashes.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	set := token.NewFileSet()
	err := filepath.WalkDir(".", func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			name := e.Name()
			if p != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" || name == "vendor") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(set, p, text, parser.ParseComments|parser.SkipObjectResolution)
		files[filepath.ToSlash(p)] = parsed
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
