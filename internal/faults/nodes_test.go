package faults_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/store/pgtest"
)

const (
	// takenOverWithin is the longest until another node goes on with what one
	// that was killed or frozen was at.
	takenOverWithin = 30 * time.Second
	// backWithin is the longest until an import goes on after the database, or
	// the way to it, is there again.
	backWithin  = 15 * time.Second
	nodeRecords = 50_000
	// largeRecords are run in parts.
	largeRecords = 160_000
)

// frozenFor is how long a node stands still: 15 s, which is longer than its
// leases and than others wait for it, or LEADPORT_FREEZE.
func frozenFor(t *testing.T) time.Duration {
	text := os.Getenv("LEADPORT_FREEZE")
	if text == "" {
		return 15 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// cluster is nodes on one PostgreSQL database with the same files.
type cluster struct {
	*folder // of a node that only begins imports
	nodes   []*node
}

type node struct {
	*folder
	serve *process
	name  string // in the database
}

// newCluster makes nodes that serve; the URLs are theirs in turn.
func newCluster(t *testing.T, own string, urls ...string) *cluster {
	t.Helper()
	dir := t.TempDir()
	set := []string{"LEADPORT_FILES=" + filepath.Join(dir, "files")}
	c := &cluster{folder: &folder{t: t, data: filepath.Join(dir, "begins"), url: own, set: set, max: 5 * time.Minute}}
	for i, url := range urls {
		n := &node{folder: &folder{t: t, data: filepath.Join(dir, string(rune('a'+i))), url: url, set: set, max: 5 * time.Minute}}
		n.start()
		c.nodes = append(c.nodes, n)
	}
	return c
}

func (n *node) start() {
	n.t.Helper()
	n.serve = n.folder.start("serve")
	eventually(n.t, 20*time.Second, "the node serves", func() bool {
		_, err := os.Stat(filepath.Join(n.data, "server.sock"))
		return err == nil
	})
	text, err := os.ReadFile(filepath.Join(n.data, "node"))
	if err != nil {
		n.t.Fatal(err)
	}
	n.name = strings.TrimSpace(string(text))
}

// begin starts an import that the serving nodes do: whoever began it is gone as
// soon as its check has begun, so that they check as well.
func (c *cluster) begin(file *people) {
	c.t.Helper()
	d := c.open()
	defer d.Close()
	p := c.start("import", file.name, "--yes")
	eventually(c.t, time.Minute, "the check begins", func() bool { return d.state(2) == "checking" })
	p.kill()
}

// holder is the node that holds the import's part, nil for none.
func (c *cluster) holder(d *database) *node {
	c.t.Helper()
	var name string
	d.each(`select holder from import_part where import = 2 and lease_until > 0`, nil, func(rows *sql.Rows) error { return rows.Scan(&name) })
	for _, n := range c.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

// inside waits until the run is under way at a node.
func (c *cluster) inside(d *database) (at *node, cursor int64) {
	c.t.Helper()
	eventually(c.t, time.Minute, "the run is under way", func() bool {
		s := d.standing(2)
		if s.state == "done" {
			c.t.Fatal("the run ended too early; make the file larger")
		}
		if cursor = s.cursor; s.inside() {
			at = c.holder(d)
		}
		return at != nil
	})
	return at, cursor
}

// goesOn waits until the import is further, and returns how long that took.
func (c *cluster) goesOn(d *database, from int64, within time.Duration) time.Duration {
	c.t.Helper()
	began := time.Now()
	eventually(c.t, within, "the run goes on", func() bool { s := d.standing(2); return s.cursor > from || s.state == "done" })
	return time.Since(began)
}

// files makes the leads that are there, and the next file.
func (c *cluster) files(seed uint64) (first, file *people) {
	c.t.Helper()
	dir := c.t.TempDir()
	first = firstFile(c.t, dir, 1000)
	file = nextFile(c.t, dir, seed, nodeRecords, first)
	c.must("0", "import", first.name, "--yes")
	return first, file
}

// done waits for the end and checks everything against the model.
func (c *cluster) done(d *database, first, file *people) {
	c.t.Helper()
	eventually(c.t, 2*time.Minute, "the import ends", func() bool { return d.state(2) == "done" })
	c.clean()
	c.verify(first, 1, 2, file)
}

// TestNodeKilled: the nodes that check and run are killed; another goes on.
//
// rule 8.3
func TestNodeKilled(t *testing.T) {
	kills(t)
	t.Parallel()
	url := pgtest.URL(t)
	c := newCluster(t, url, url, url)
	first, file := c.files(21)
	d := c.open()
	defer d.Close()
	c.begin(file)
	at, cursor := c.inside(d) // so the check was taken over
	at.serve.kill()
	t.Logf("taken over within %v", c.goesOn(d, cursor, takenOverWithin).Round(time.Millisecond))
	at.start()
	c.done(d, first, file)
}

// TestNodeFrozen: a node that stands still in a run writes nothing when it wakes.
//
// rule 8.3
func TestNodeFrozen(t *testing.T) {
	kills(t)
	t.Parallel()
	url := pgtest.URL(t)
	c := newCluster(t, url, url, url)
	first, file := c.files(22)
	d := c.open()
	defer d.Close()
	c.begin(file)
	at, _ := c.inside(d)
	at.serve.signal(syscall.SIGSTOP)
	since := time.Now()
	cursor := d.standing(2).cursor
	t.Logf("taken over within %v", c.goesOn(d, cursor, takenOverWithin).Round(time.Millisecond))
	time.Sleep(time.Until(since.Add(frozenFor(t))))
	at.serve.signal(syscall.SIGCONT)
	c.done(d, first, file)
	// It serves on, and ends in order.
	at.must("0", "imports")
	at.serve.signal(syscall.SIGTERM)
	if code := at.serve.code(); code != "0" {
		t.Errorf("the node that was frozen ended with %s\n%s", code, at.serve.text())
	}
	c.verify(first, 1, 2, file)
}

// part is how a part of an import stands.
type part struct {
	number, cursor, first, last int64
	holder                      string
	held                        bool
}

func (d *database) parts(imp int64) (list []part) {
	d.t.Helper()
	d.each(`select part, cursor, first, last, holder, lease_until > 0 from import_part where import = ? order by part`, []any{imp}, func(rows *sql.Rows) error {
		var p part
		err := rows.Scan(&p.number, &p.cursor, &p.first, &p.last, &p.holder, &p.held)
		list = append(list, p)
		return err
	})
	return list
}

// TestPartsOfNodes: several nodes run one large file side by side; one is killed
// and one frozen in the middle of their parts, which others take over. Nothing is
// lost or doubled.
//
// rules 5.7 and 8.3
func TestPartsOfNodes(t *testing.T) {
	kills(t)
	t.Parallel()
	url := pgtest.URL(t)
	c := newCluster(t, url, url, url, url)
	dir := t.TempDir()
	first := firstFile(t, dir, 1000)
	file := nextFile(t, dir, 25, largeRecords, first)
	c.must("0", "import", first.name, "--yes")
	d := c.open()
	defer d.Close()
	c.begin(file)
	// victim waits until at least so many nodes are inside parts, and names one.
	victim := func(nodes int) (at *node, in part) {
		t.Helper()
		eventually(t, 2*time.Minute, fmt.Sprintf("%d nodes run parts", nodes), func() bool {
			if d.state(2) == "done" {
				t.Fatal("the run ended too early; make the file larger")
			}
			inside := map[string]part{}
			for _, p := range d.parts(2) {
				if p.held && p.cursor > p.first && p.cursor <= p.last {
					inside[p.holder] = p
				}
			}
			for _, n := range c.nodes {
				if p, ok := inside[n.name]; ok {
					at, in = n, p
				}
			}
			return len(inside) >= nodes
		})
		return at, in
	}
	moved := func(in part, why string) {
		t.Helper()
		began := time.Now()
		eventually(t, takenOverWithin, "another takes over "+why, func() bool {
			p := d.parts(2)[in.number-1]
			return p.cursor > in.cursor && p.holder != in.holder
		})
		t.Logf("%s: part %d went on at another node within %v", why, in.number, time.Since(began).Round(time.Millisecond))
	}
	killed, in := victim(2)
	killed.serve.kill()
	in = d.parts(2)[in.number-1] // what it has committed
	if in.holder == killed.name && in.cursor <= in.last {
		moved(in, "killed")
	}
	frozen, in := victim(1)
	frozen.serve.signal(syscall.SIGSTOP)
	since := time.Now()
	in = d.parts(2)[in.number-1]
	if in.holder == frozen.name && in.cursor <= in.last {
		moved(in, "frozen")
	}
	killed.start()
	time.Sleep(time.Until(since.Add(frozenFor(t))))
	frozen.serve.signal(syscall.SIGCONT)
	c.done(d, first, file)
	frozen.must("0", "imports")
	var holders []string
	for _, p := range d.parts(2) {
		if !slices.Contains(holders, p.holder) {
			holders = append(holders, p.holder)
		}
	}
	if len(holders) < 2 {
		t.Errorf("all parts were run by %q", holders)
	}
}

// TestDatabaseRestarted: PostgreSQL ends in each of its ways in the middle of a
// check and of a run, which goes on by itself.
func TestDatabaseRestarted(t *testing.T) {
	kills(t)
	t.Parallel()
	server, url := pgtest.NewServer(t)
	c := newCluster(t, url, url)
	first, file := c.files(23)
	c.begin(file)
	for _, by := range []syscall.Signal{syscall.SIGQUIT, 0, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if by == 0 { // from here on in the run
			d := c.open()
			c.inside(d)
			d.Close()
			continue
		}
		d := c.open()
		cursor := d.standing(2).cursor
		d.Close()
		server.Restart(by, time.Second)
		d = c.open()
		within := backWithin
		if cursor == 0 { // the whole check comes first
			within = time.Minute
		}
		t.Logf("%v: went on within %v", by, c.goesOn(d, cursor, within).Round(time.Millisecond))
		d.Close()
	}
	d := c.open()
	defer d.Close()
	c.done(d, first, file)
}

// TestDatabaseCut: connections to PostgreSQL break off, and stall, in the middle
// of a run, for one of two nodes and for all.
func TestDatabaseCut(t *testing.T) {
	kills(t)
	t.Parallel()
	url := pgtest.URL(t)
	one, other := newProxy(t, url), newProxy(t, url)
	c := newCluster(t, url, one.url, other.url)
	first, file := c.files(24)
	d := c.open()
	defer d.Close()
	c.begin(file)
	proxyOf := func(n *node) *proxy {
		if n == c.nodes[0] {
			return one
		}
		return other
	}
	c.inside(d)
	cursor := d.standing(2).cursor
	one.cut()
	other.cut()
	t.Logf("cut: went on within %v", c.goesOn(d, cursor, backWithin).Round(time.Millisecond))
	at, _ := c.inside(d)
	proxyOf(at).stall(true)
	cursor = d.standing(2).cursor
	t.Logf("stalled: taken over within %v", c.goesOn(d, cursor, takenOverWithin).Round(time.Millisecond))
	proxyOf(at).stall(false)
	c.done(d, first, file)
}

// TestDatabaseNeverAnalyzed: check, run and undo of many records in a fresh
// database that nobody has analyzed. Plans made for empty tables made each batch
// of an undo read all leads: what is counted is rows, not seconds, which depend
// on who else is at work.
func TestDatabaseNeverAnalyzed(t *testing.T) {
	kills(t)
	t.Parallel()
	_, url := pgtest.NewServer(t)
	dir := t.TempDir()
	f := &folder{t: t, data: filepath.Join(dir, "data"), url: url, max: 10 * time.Minute}
	first := firstFile(t, dir, 1000)
	f.must("0", "import", first.name, "--yes")
	d := f.open()
	defer d.Close()
	// read is how many leads and rows of the journal a command makes the server read
	// for each of the records.
	read := func(codes string, args ...string) (rows float64, took time.Duration) {
		t.Helper()
		before := d.rowsRead()
		took = f.must(codes, args...).took
		return float64(d.rowsRead()-before) / killRecords, took.Round(time.Millisecond)
	}
	for i := range 2 {
		file := nextFile(t, dir, uint64(31+i), killRecords, first)
		imp := int64(2 + 2*i)
		in, inTook := read("03", "import", file.name, "--yes")
		if a := d.standing(imp); a.state != "done" || a.accounting.New != file.all().New {
			t.Fatalf("%+v, want %+v", a, file.all())
		}
		out, outTook := read("0", "undo", fmt.Sprint(imp), "--yes")
		if s := d.state(imp); s != "undone" {
			t.Errorf("the import is %s, want undone", s)
		}
		if n := f.leads(); n != 1000 {
			t.Errorf("%d leads, want 1000", n)
		}
		t.Logf("%d records: import %v, %.1f rows read for each; undo %v, %.1f", len(file.records), inTook, in, outTook, out)
		// Without the early analyze the undo reads 19 and 26.
		if in > 25 || out > 15 {
			t.Errorf("for each record the import read %.1f rows, the undo %.1f", in, out)
		}
	}
	f.clean()
}

// rowsRead is how many leads and rows of the journal the server has read for the
// program, which has ended.
func (d *database) rowsRead() (n int64) {
	d.t.Helper()
	eventually(d.t, time.Minute, "the server has ended its sessions", func() bool {
		return d.number(`select count(*) from pg_stat_activity where datname = current_database() and application_name like 'leadport%'`) == 0
	})
	return d.number(`select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables where relname in ('lead', 'lead_change')`)
}
