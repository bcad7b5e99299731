package faults_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/store/pgtest"
)

// storm cuts, or stalls for a while, the way to the database at random moments
// until it is told to end, and returns how often it did.
func (p *proxy) storm(r *rand.Rand) (end func() (cuts, stalls int)) {
	stop := make(chan struct{})
	var cuts, stalls int
	var wait sync.WaitGroup
	pause := func(most time.Duration) bool {
		select {
		case <-stop:
			return false
		case <-time.After(time.Duration(r.Int64N(int64(most)))):
			return true
		}
	}
	wait.Go(func() {
		for pause(1200 * time.Millisecond) {
			if r.IntN(2) == 0 {
				p.cut()
				cuts++
				continue
			}
			p.stall(true)
			stalls++
			pause(1500 * time.Millisecond)
			p.stall(false)
		}
	})
	return func() (int, int) { close(stop); wait.Wait(); return cuts, stalls }
}

// TestDatabaseStorm: connections break off and stall at random moments of upload,
// check, run and undo. What has begun goes on by itself; a command that could not
// begin, or whose check came to nothing, is typed again.
func TestDatabaseStorm(t *testing.T) {
	rounds := max(1, kills(t)/8)
	t.Parallel()
	r := rand.New(rand.NewPCG(24, 6))
	var all weather
	for round := range rounds {
		all.add(throughStorm(t, r, uint64(60+round)))
	}
	if all.cuts == 0 || all.stalls == 0 {
		t.Errorf("%d cuts and %d stalls show nothing", all.cuts, all.stalls)
	}
	t.Logf("%d imports and undos of 20,000 records through %d cuts and %d stalls, %d commands typed: 0 lost, 0 doubled, 0 stuck", rounds, all.cuts, all.stalls, all.typed)
}

// weather is what a storm did, and how many commands it took.
type weather struct{ cuts, stalls, typed int }

func (w *weather) add(o weather) {
	w.cuts, w.stalls, w.typed = w.cuts+o.cuts, w.stalls+o.stalls, w.typed+o.typed
}

func throughStorm(t *testing.T, r *rand.Rand, seed uint64) (was weather) {
	url := pgtest.URL(t)
	way := newProxy(t, url)
	c := newCluster(t, url, way.url)
	at := c.nodes[0]
	defer at.serve.kill()
	dir := t.TempDir()
	first := firstFile(t, dir, 1000)
	c.must("0", "import", first.name, "--yes")
	file := nextFile(t, dir, seed, 20_000, first)
	d := c.open()
	defer d.Close()
	before := d.contents(1)
	// through types a command again and again until what it is for has come.
	through := func(came, underWay func() bool, args ...string) {
		t.Helper()
		end := way.storm(r)
		for began := time.Now(); !came(); {
			if time.Since(began) > 3*time.Minute {
				t.Fatalf("%v: it does not come to its end", args)
			}
			if underWay() {
				time.Sleep(50 * time.Millisecond)
				continue
			}
			was.typed++
			<-at.folder.start(args...).ended
		}
		cuts, stalls := end()
		was.add(weather{cuts: cuts, stalls: stalls})
	}
	latest := func() int64 { return d.number(`select max(id) from import`) }
	through(func() bool { id := latest(); return id > 1 && d.state(id) == "done" }, func() bool {
		switch id := latest(); d.state(id) {
		case "paused", "failed", "cancelled":
			t.Fatalf("import %d does not go on by itself: %s", id, d.about(id))
		case "checking", "running":
			return true
		case "checked":
			return d.runFollows(id)
		}
		return false
	}, "import", file.name, "--yes")
	id := latest()
	c.verify(first, 1, id, file)
	through(func() bool { return d.state(id) == "undone" }, func() bool { return d.state(id) == "undoing" }, "undo", fmt.Sprint(id), "--yes")
	after := d.contents(1)
	for id, text := range before {
		if after[id] != text {
			t.Fatalf("lead %d is %s, was %s", id, after[id], text)
		}
	}
	if n := c.leads(); n != 1000 {
		t.Fatalf("%d leads, want 1000", n)
	}
	c.clean()
	return was
}
