package faults_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/store/pgtest"
)

// TestKillMove kills moves to PostgreSQL and back: called again it goes on, until
// then nobody can work on half of it, and in the end everything is there once.
func TestKillMove(t *testing.T) {
	kills(t)
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 4))
	dir := t.TempDir()
	here := &folder{t: t, data: dir + "/here"}
	first := firstFile(t, dir, 1000)
	file := nextFile(t, dir, 62, 15_000, first)
	here.must("0", "import", first.name, "--yes")
	here.must("3", "import", file.name, "--yes")
	killed := 0
	// through moves, and kills that up to five times.
	through := func(from *folder, to string) {
		t.Helper()
		var longest time.Duration
		for range 5 {
			p := from.start("move", "--to", to)
			select {
			case <-p.ended:
			case <-time.After(time.Duration(150+r.IntN(900)) * time.Millisecond):
			}
			if !p.running() {
				if p.code() != "0" {
					t.Fatalf("exit %s\n%s", p.code(), p.text())
				}
				return
			}
			p.kill()
			killed++
			longest = max(longest, p.took)
		}
		p := from.must("0", "move", "--to", to)
		t.Logf("to %.20s…: killed after at most %v, then it took %v", to, longest.Round(time.Millisecond), p.took.Round(time.Millisecond))
	}
	url := pgtest.URL(t)
	through(here, url)
	there := &folder{t: t, data: here.data, url: url}
	there.clean()
	there.verify(first, 1, 2, file)
	back := &folder{t: t, data: dir + "/back"}
	through(there, back.data)
	back.clean()
	back.verify(first, 1, 2, file)
	if killed < 4 {
		t.Errorf("%d kills show little", killed)
	}
}
