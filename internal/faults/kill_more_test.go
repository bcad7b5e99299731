package faults_test

import (
	"database/sql"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// TestKillCheck kills checks. Where --yes was said the next command checks and
// imports; where only a check was asked for nothing is left under way.
//
// rules 8.3 and 8.5
func TestKillCheck(t *testing.T) {
	kills(t)
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 5))
	dir := t.TempDir()
	first := firstFile(t, dir, 2000)
	file := nextFile(t, dir, 2, killRecords, first)
	other := firstFile(t, t.TempDir(), 100)
	for _, c := range []struct {
		name string
		next []string
	}{
		{"imports", []string{"imports"}},
		{"check of another file", []string{"import", other.name, "--check"}},
		{"serve", []string{"serve", "--listen", "127.0.0.1:0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFolder(t)
			f.must("0", "import", first.name, "--yes")
			d := f.open()
			defer d.Close()
			p := f.start("import", file.name, "--yes")
			eventually(t, time.Minute, "check begins", func() bool { return d.state(2) == "checking" })
			for killed := 0; killed < 3; killed++ {
				time.Sleep(time.Duration(r.IntN(500)) * time.Millisecond)
				p.kill()
				if s := d.state(2); s != "checking" {
					t.Fatalf("the kill came too late: %s", s)
				}
				if n := d.number(`select count(*) from lead where created_import = 2`); n != 0 {
					t.Fatalf("%d leads by a check", n)
				}
				p = f.start(c.next...)
			}
			eventually(t, 2*time.Minute, "the import ends", func() bool { return d.state(2) == "done" })
			if c.name == "serve" {
				p.signal(syscall.SIGTERM)
			}
			if p.code() != "0" {
				t.Fatalf("exit %s\n%s", p.code(), p.text())
			}
			f.clean()
			f.verify(first, 1, 2, file)
		})
	}
	t.Run("only a check", func(t *testing.T) {
		f := newFolder(t)
		f.must("0", "import", first.name, "--yes")
		d := f.open()
		defer d.Close()
		p := f.start("import", file.name, "--check")
		eventually(t, time.Minute, "check begins", func() bool { return d.state(2) == "checking" })
		p.kill()
		f.must("0", "imports")
		if s := d.state(2); s != "draft" {
			t.Errorf("a check that was killed is %s, want draft", s)
		}
		if n := f.leads(); n != 2000 {
			t.Errorf("%d leads, want 2000", n)
		}
	})
}

// TestKillUndo kills undos: the next command goes on, then every lead that the
// import made is gone and every other is as it was.
//
// rule 9.3
func TestKillUndo(t *testing.T) {
	kills(t)
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 3))
	dir := t.TempDir()
	first := firstFile(t, dir, 2000)
	file := nextFile(t, dir, 3, 40_000, first)
	f := newFolder(t)
	f.must("0", "import", first.name, "--yes")
	d := f.open()
	defer d.Close()
	before := d.contents(1)
	f.must("3", "import", file.name, "--yes")
	f.verify(first, 1, 2, file)
	p := f.start("undo", "2", "--yes")
	undone := func() int64 { return d.number(`select count(*) from lead_change where import = 3`) }
	eventually(t, time.Minute, "undo begins", func() bool { return undone() > 0 })
	inside := 0
	for next := 0; inside < 5; next++ {
		time.Sleep(time.Duration(r.IntN(700)) * time.Millisecond)
		p.kill()
		if d.state(3) == "done" {
			break
		}
		if n := undone(); n > 0 {
			inside++
		}
		p = f.start([][]string{{"imports"}, {"serve", "--listen", "127.0.0.1:0"}}[next%2]...)
	}
	eventually(t, time.Minute, "undo ends", func() bool { return d.state(3) == "done" })
	p.signal(syscall.SIGTERM)
	<-p.ended
	f.clean()
	if s := d.state(2); s != "undone" {
		t.Errorf("the import is %s, want undone", s)
	}
	if n := d.number(`select count(*) from lead where created_import = 2 and deleted_at = 0`); n != 0 {
		t.Errorf("%d leads of the import are still there", n)
	}
	after := d.contents(1)
	for id, was := range before {
		if after[id] != was {
			t.Fatalf("lead %d is %s, was %s", id, after[id], was)
		}
	}
	if n := d.number(`select count(*) from (select 1 from lead_change where import = 3 and reverts > 0 group by reverts having count(*) > 1) twice`); n != 0 {
		t.Errorf("%d changes were taken back twice", n)
	}
	if inside == 0 {
		t.Error("no kill came inside the undo")
	}
	t.Logf("%d kills inside an undo of %d records", inside, len(file.records))
}

// contents are the leads of an import as text, without what every write counts
// up.
func (d *database) contents(imp int64) map[int64]string {
	d.t.Helper()
	out := map[int64]string{}
	d.each(`select id, name || '|' || first_name || '|' || last_name || '|' || job_title || '|' || company_name || '|' ||
		notes || '|' || emails || '|' || phones || '|' || tags || '|' || owner || '|' || account || '|' || deleted_at
		from lead where created_import = ?`, []any{imp}, func(rows *sql.Rows) error {
		var id int64
		var text string
		err := rows.Scan(&id, &text)
		out[id] = text
		return err
	})
	return out
}
