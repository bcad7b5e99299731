// Command skips reads the output of "go test -json", with lines of other
// programs in between, and prints what a person wants to know of it: those
// lines, the output of failed tests, every skip with its reason, and in the end
// "N passed, N failed, N skipped" (tests and subtests; one that ran twice counts
// once), before it the tests that took longest. It fails on a failed test and on a skip that is not in the list whose
// name is its argument.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

const module = "github.com/leadport/leadport"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go test -json ./... | skips LIST")
		os.Exit(2)
	}
	list, err := os.ReadFile(os.Args[1])
	if err == nil {
		var ok bool
		if ok, err = run(os.Stdin, os.Stdout, string(list)); err == nil && !ok {
			os.Exit(1)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "skips:", err)
		os.Exit(2)
	}
}

// event is a line of go test -json; see go doc test2json.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64 // seconds
}

// test names a test, or with an empty name the package's own part.
type test struct{ folder, name string }

type timed struct {
	test
	seconds float64
}

// run reports whether all is well.
func run(in io.Reader, out io.Writer, list string) (ok bool, err error) {
	allowed, err := parse(list)
	if err != nil {
		return false, err
	}
	result := map[test]string{}           // the worst: fail, skip, pass
	output := map[test]*strings.Builder{} // of tests that are not over
	blamed := map[string]bool{}           // folders with a failed test
	refused := 0
	var slow []timed
	for lines := bufio.NewReader(in); ; {
		line, readErr := lines.ReadString('\n')
		var e event
		if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
			io.WriteString(out, line)
		} else if e.Action == "build-output" {
			io.WriteString(out, e.Output)
		} else if e.Package != "" {
			id := test{strings.TrimPrefix(strings.TrimPrefix(e.Package, module), "/"), e.Test}
			if id.folder == "" {
				id.folder = "."
			}
			if e.Elapsed >= 15 && e.Test != "" && !strings.Contains(e.Test, "/") {
				slow = append(slow, timed{id, e.Elapsed})
			}
			switch e.Action {
			case "output":
				if output[id] == nil {
					output[id] = new(strings.Builder)
				}
				output[id].WriteString(e.Output)
			case "fail":
				show(out, output, id)
				if id.name != "" {
					blamed[id.folder] = true
				} else if blamed[id.folder] {
					break // a failed test says it all
				}
				result[id] = "fail"
			case "skip":
				if id.name == "" {
					delete(output, id) // a folder without tests
					break
				}
				why := reason(output[id])
				delete(output, id)
				if allowed.has(id) {
					fmt.Fprintf(out, "skipped %s %s: %s\n", id.folder, id.name, why)
				} else {
					fmt.Fprintf(out, "SKIPPED, AND NOT ALLOWED TO: %s %s: %s\n", id.folder, id.name, why)
					refused++
				}
				if result[id] != "fail" {
					result[id] = "skip"
				}
			case "pass":
				if id.name == "" && output[id] != nil {
					io.WriteString(out, lastLine(output[id].String()))
				}
				delete(output, id)
				if id.name != "" && result[id] == "" {
					result[id] = "pass"
				}
			}
		}
		if readErr == io.EOF {
			break
		}
		if readErr != nil {
			return false, readErr
		}
	}
	slices.SortFunc(slow, func(a, b timed) int { return cmp.Compare(b.seconds, a.seconds) })
	for _, s := range slow {
		fmt.Fprintf(out, "%4.0f s %s %s\n", s.seconds, s.folder, s.name)
	}
	count := map[string]int{}
	for _, r := range result {
		count[r]++
	}
	if count["pass"]+count["fail"] == 0 {
		fmt.Fprintln(out, "no test ran")
	}
	if refused > 0 {
		fmt.Fprintf(out, "%d skips are not in the list of allowed ones\n", refused)
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", count["pass"], count["fail"], count["skip"])
	return count["fail"] == 0 && refused == 0 && count["pass"] > 0, nil
}

// show prints what a failed test wrote; of a failed package also what the tests
// wrote that did not come to their end (a panic, a time-out).
func show(out io.Writer, output map[test]*strings.Builder, id test) {
	for other, text := range output {
		if other == id || id.name == "" && other.folder == id.folder {
			io.WriteString(out, text.String())
			delete(output, other)
		}
	}
}

// reason is what a test said before it was skipped, on one line.
func reason(output *strings.Builder) string {
	if output == nil {
		return ""
	}
	var said []string
	for line := range strings.Lines(output.String()) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			said = append(said, line)
		}
	}
	return strings.Join(said, " ")
}

func lastLine(s string) string {
	s = strings.TrimSuffix(s, "\n")
	return s[strings.LastIndexByte(s, '\n')+1:] + "\n"
}

// patterns are the tests that may be skipped; a name may hold * for any text
// without a slash.
type patterns []test

func parse(list string) (patterns, error) {
	var p patterns
	for line := range strings.Lines(list) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) < 3 {
			return nil, fmt.Errorf("list of allowed skips: want PACKAGE TEST REASON: %s", line)
		}
		if _, err := path.Match(words[1], ""); err != nil {
			return nil, fmt.Errorf("list of allowed skips: %s: %w", line, err)
		}
		p = append(p, test{words[0], words[1]})
	}
	return p, nil
}

func (p patterns) has(id test) bool {
	for _, allowed := range p {
		if ok, _ := path.Match(allowed.name, id.name); ok && allowed.folder == id.folder { // parse checked the pattern
			return true
		}
	}
	return false
}
