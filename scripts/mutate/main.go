// Command mutate proves that the tests of imports would notice: it breaks the
// program in one place after the other, in a copy of the tracked files, and
// runs the test that has to fail. It says "killed" or "survived" for each and
// fails on a survivor, and on a mutation whose text is not in the program any
// more. Arguments choose mutations by a part of their name.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// mutation is one mistake that somebody could make.
type mutation struct {
	name     string
	file     string
	old, new string // old occurs exactly once; and separates several places
	test     string // arguments of go test, which has to fail
}

const (
	and       = "\x00"
	match     = "./internal/importer -run ^TestOracleImports$ -rapid.nofailfile -rapid.shrinktime=0s"
	course    = "./internal/importer -run ^TestOracle$ -rapid.nofailfile -rapid.shrinktime=0s"
	interfere = "./internal/importer -run ^(TestInterference|TestChangedSinceCheck|TestRestoredSince)$ -rapid.nofailfile -rapid.shrinktime=0s"
	keeps     = "./internal/importer -run ^TestUndoKeeps$"
	parts     = "./internal/importer -run ^TestParts$ -rapid.nofailfile -rapid.shrinktime=0s"
	beside    = "./internal/store -run ^TestPostgresParts$" // needs PostgreSQL
	cases     = "./internal/importer -run ^TestCases$"
	blocks    = "./internal/store -run ^TestSQLite$/^keys_in_blocks$"
)

func mutations() []mutation {
	const imp = "internal/importer/"
	return []mutation{
		{"a part is advanced without its fence", "internal/store/run.go",
			"where import = $1 and part = $2 and fence = $3 and cursor = $4`", "where import = $1 and part = $2 and $3 = $3 and $4 = $4`",
			"./internal/importer -run ^TestFence$"},
		{"the match is not made again", imp + "apply.go",
			"	if len(b.foreign) == 0 || b.untouched(d, planned) {\n		return true, nil", "	if true {\n		return true, nil", interfere},
		{"a changed lead is not looked at", imp + "apply.go",
			"changeHash(cur.Record, after) != e.Change {\n		return b.divert(d, Conflict, ConflictSinceCheck, e.Lead", "false {\n		return b.divert(d, Conflict, ConflictSinceCheck, e.Lead", interfere},
		{"a record is swallowed", imp + "apply.go",
			"b.writes = append(b.writes, Write{Lead: cur.ID, Before: cur.Record, After: after, Record: d.record})", "if d.record%3 != 0 {\n		b.writes = append(b.writes, Write{Lead: cur.ID, Before: cur.Record, After: after, Record: d.record})\n	}", match},
		{"the cursor is committed apart", imp + "run.go",
			"		if err := tx.Advance(ctx, &r.part, cursor, acc, lease); err != nil || more || r.parts != nil {\n			return err\n		}\n		if r.recipe" + and +
				"	if err == nil && state != Running {",
			"		if more || r.parts != nil {\n			return nil\n		}\n		if r.recipe" + and +
				"	if err == nil && state == Running {\n		err = r.engine.Runs.InTx(ctx, func(tx Tx) error { return tx.Advance(ctx, &r.part, cursor, acc, lease) })\n	}\n" +
				"	if err == nil && state != Running {", course},
		{"a part is taken over under its old fence", "internal/store/run.go",
			"update import_part set fence = fence + 1, lease_until =", "update import_part set fence = fence + 0, lease_until =",
			"./internal/importer -run ^TestPartsFence$"},
		{"a part begins anew where it was left", imp + "run.go",
			"at, err := r.plan.At(part.Cursor)", "at, err := r.plan.At(part.First)", parts},
		{"only the last part's accounting counts", imp + "parts.go",
			"		s.Add(parts[i].Accounting)", "		s.Accounting = parts[i].Accounting", parts},
		{"who merges into another part is done at once", imp + "parts.go",
			"return e.Head < r.parts[partOf(r.parts, record)].First" + and + "	return e.Head >= r.part.First\n",
			"return false" + and + "	return true\n", "./internal/importer -run ^TestPartsLater$"},
		{"who merges into another part is done twice", imp + "parts.go",
			"	return e.Head >= r.part.First\n", "	return true\n", parts},
		{"the last part does not wait for the others", "internal/store/run.go",
			"p + `.later = 0 or not exists (\n", "p + `.later = 0 or 1 = 1 or not exists (\n", beside},
		{"sequences follow commits among parts", "internal/store/search.go",
			"const settled = `l.seq <", "const settled = `0 <", beside},
		{"a key that is dropped stays in its block", "internal/store/key.go",
			"op.drop && ok {", "op.drop && !ok {", blocks},
		{"a merge brings back keys that are gone", "internal/store/keyrun.go",
			"lead: k.lead, drop: true})\n		return true", "lead: k.lead, drop: true})\n		return false", blocks},
		{"a merge gives keys to both runs", "internal/store/keyrun.go",
			"set low = $1 where merge = $2`, high+1,", "set low = $1 where merge = $2`, low,", blocks},
		{"a follower counts as new", imp + "resolve.go",
			"out.outcome, out.reason, out.head = Skip, SkipMerged, head", "out.outcome, out.reason, out.head = New, SkipMerged, head", match},
		{"a follower overwrites", "internal/lead/merge.go",
			"		default:\n			p[i] = Fill\n", "		default:\n			p[i] = Replace\n", match},
		{"contradictions are not seen", imp + "match.go",
			"case contradicted(t, d.keys, c.state.keys):", "case false:", match},
		{"a role mailbox matches", imp + "match.go",
			`case role && (last == "" || theirs == "" || !norm.NearName(last, theirs)):`, "case false && role:", match},
		{"another person matches", imp + "match.go",
			`case last != "" && theirs != "" && !norm.NearName(last, theirs):`, "case false:", match},
		{"an Id is believed", imp + "match.go",
			"if !d.trusted && !r.corroborated(d, st) {", "if false {", match},
		{"keys that point at another lead are not seen", imp + "match.go",
			"v.reason, v.others = ConflictSplit, []entity{c.ent, o.ent}\n				return v, nil", "continue", match},
		{"the first of several is taken", imp + "match.go",
			"len(kept) > 1 && (t.first || kept[0].state.deleted())", "len(kept) > 1", match},
		{"fill replaces", "internal/lead/merge.go",
			`	if old == "" {
		if policy == Keep {
			return old
		}
		return new
	}
	switch policy {
	case Replace:`, `	if old == "" {
		if policy == Keep {
			return old
		}
		return new
	}
	switch policy {
	case Replace, Fill:`, match},
		{"a blank cell erases", imp + "clean.go",
			"if c.program.Erases.Has(t.Field) {", "if true {", cases},
		{"changes are not journalled", "internal/store/write.go",
			"	return w.journal(b, wr, changed)\n}", "	return nil\n}", course},
		{"an undo overwrites what was edited since", imp + "revert.go",
			"	case now == wrote:", "	case now == wrote || !f.List():", keeps},
		{"an undo takes leads that were touched", imp + "undo.go",
			"case touch != nil && !u.imp.Options.RemoveToo:", "case false:", course},
		{"what an undone import left is right", imp + "undo.go",
			"		if err != nil || !left {\n			return value, err\n		}", "		if left = false; err != nil || !left {\n			return value, err\n		}", keeps},
		{"an element's id is used twice", "internal/lead/merge.go",
			"func freshID(version int64) int64 { return version<<10 + 1 }", "func freshID(version int64) int64 { return version*0 + 1 }", keeps},
		{"the protective quote is dropped anywhere", "internal/norm/protect.go",
			"if NeedsProtection(s) || id && isDigit(s[1]) {", "if true {", cases},
		{"all or nothing starts with errors", imp + "run.go",
			"if f.recipe.AllOrNothing && a.Open() {", "if false {", "./internal/importer -run ^TestAllOrNothing$"},
		{"the rights of the check hold in the run", imp + "run.go",
			"	if r.acting, err = r.engine.actor(ctx, r.imp.Actor); err != nil {\n		return false, err\n	}\n	state := Running", "	r.acting = r.principal\n	state := Running", "./internal/importer -run ^TestRightsOfNow$"},
	}
}

func main() {
	failed, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	if failed > 0 {
		os.Exit(1)
	}
}

func run(only []string) (failed int, err error) {
	root, err := os.MkdirTemp("", "leadport-mutate-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(root)
	if err := copyTracked(root); err != nil {
		return 0, err
	}
	for _, m := range mutations() {
		if !chosen(m.name, only) {
			continue
		}
		began := time.Now()
		verdict, err := try(root, m)
		if err != nil {
			return failed, fmt.Errorf("%s: %w", m.name, err)
		}
		if verdict != killed {
			failed++
		}
		fmt.Printf("%-9s %-52s %5.1f s\n", verdict, m.name, time.Since(began).Seconds())
	}
	return failed, nil
}

func chosen(name string, only []string) bool {
	for _, part := range only {
		if strings.Contains(name, part) {
			return true
		}
	}
	return len(only) == 0
}

// Verdicts.
const (
	killed   = "killed"
	survived = "SURVIVED"
	gone     = "GONE"   // the old text is not there, or more than once
	broken   = "BROKEN" // the mutated program does not compile, so nothing is proved
)

// try breaks one place, runs the test, and mends it again.
func try(root string, m mutation) (verdict string, err error) {
	path := filepath.Join(root, filepath.FromSlash(m.file))
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	mutant := text
	news := strings.Split(m.new, and)
	for i, old := range strings.Split(m.old, and) {
		if bytes.Count(mutant, []byte(old)) != 1 {
			return gone, nil
		}
		mutant = bytes.Replace(mutant, []byte(old), []byte(news[i]), 1)
	}
	if err := os.WriteFile(path, mutant, 0o644); err != nil {
		return "", err
	}
	defer func() {
		if e := os.WriteFile(path, text, 0o644); err == nil {
			err = e
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	args := strings.Fields(m.test)
	if out, err := command(ctx, root, "go", "test", "-vet=off", "-count=1", "-run", "^$", args[0]); err != nil {
		fmt.Printf("%s\n", out)
		return broken, nil
	}
	out, err := command(ctx, root, "go", append([]string{"test", "-vet=off", "-count=1"}, args...)...)
	switch {
	case err == nil:
		return survived, nil
	case bytes.Contains(out, []byte("--- FAIL")) || bytes.Contains(out, []byte("panic:")):
		return killed, nil
	}
	return "", fmt.Errorf("the test does not run: %w\n%s", err, out)
}

func command(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	return c.CombinedOutput()
}

// copyTracked copies the files that git tracks, as they are now.
func copyTracked(to string) error {
	list, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		return fmt.Errorf("list the tracked files: %w", err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(list), "\x00"), "\x00") {
		text, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue // deleted, not committed yet
		}
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
