package faults_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestBadInput gives the program what is no table, or a broken one. Each case
// says with which exit code it ends, and words of the message that say what is
// wrong and how to mend it. No lead comes of a refused file, no temporary file
// stays, and the program does not grow.
//
// rules 1.1, 1.2, 1.3 and 1.4
func TestBadInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := newFolder(t)
	good := firstFile(t, dir, 50)
	f.must("0", "import", good.name, "--yes")
	wide := func(cell string) string { return strings.Repeat(cell+",", 19_999) + cell + "\n" }
	people := "First name,Last name,Email,Comments\n"
	for _, c := range []struct {
		name    string
		content string
		flags   []string
		codes   string
		says    []string
		leads   int64 // that it makes
	}{
		{"empty.csv", "", nil, "1", []string{"empty", "Export it again"}, 0},
		{"report.csv", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj\n", nil, "1", []string{"PDF", "Save as"}, 0},
		{"picture.csv", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01", nil, "1", []string{"PNG", "Export"}, 0},
		{"old.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 4096), nil, "1", []string{".xls", "Save as"}, 0},
		{"program.csv", "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 200), nil, "1", nil, 0},
		{"broken.xlsx", "PK\x03\x04\x14\x00\x00\x00\x08\x00broken", nil, "1", nil, 0},
		{"cut.csv.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56", nil, "1", nil, 0},
		{"wide.csv", wide("Heading") + wide("value"), nil, "1", []string{"16384", "columns"}, 0},
		{"no-heading.csv", "Ana,Lima,ana@example.org\nBob,Ray,bob@example.org\n", nil, "0", []string{"no headings"}, 2},
		{"klingon.csv", people + "Ana,Lima,a@example.org,x\n", []string{"--encoding", "klingon"}, "12", []string{"klingon", "utf-8"}, 0},
		{"utf16.csv", people + "Jürgen,Löwe,j@example.org,x\n", []string{"--encoding", "utf-16le"}, "134", nil, 0},
		{"latin.csv", people + "J\xfcrgen,L\xf6we,j@example.org,x\nCy,Old,cy@example.org,x\n", []string{"--encoding", "utf-8"}, "3", []string{"FC", "byte", "--encoding"}, 1},
		{"invalid.csv", people + strings.Repeat("Jürgen,Löwe,,x\n", 3) + "Di,Moe\xff,di@example.org,x\n", []string{"--encoding", "utf-8"}, "3", []string{"FF", "byte"}, 3},
		{"only-heading.csv", people, nil, "0", []string{"0 records"}, 0},
		{"blank.csv", people + "\n\n \n,,,\n", nil, "0", []string{"0 records", "blank line"}, 0},
		{"quoted.csv", people + "Ed,Poe,ed@example.org,\"one\ntwo\r\nthree\"\nEve,Orr,eve@example.org,x\n", nil, "0", []string{"2 records"}, 2},
		{"unclosed.csv", people + "Flo,Kay,flo@example.org,\"never closed\nGus,Hay,gus@example.org,x\nHal,Ivy,hal@example.org,x\n", nil, "03", nil, -1},
		{"nul.csv", people + "I\x00da,Ja\x00y,ida@example.org,x\nJim,Fox,jim@example.org,x\n", nil, "03", []string{"2 records"}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &folder{t: t, data: f.data, url: f.url}
			name := filepath.Join(dir, c.name)
			if err := os.WriteFile(name, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			before := f.leads()
			p := f.run(append([]string{"import", name, "--yes"}, c.flags...)...)
			f.refused(p, c.codes, c.says)
			if made := f.leads() - before; c.leads >= 0 && made != c.leads {
				t.Errorf("%d leads were made, want %d\n%s", made, c.leads, p.text())
			}
		})
	}
	f.clean()
}

// refused checks what holds for every file that makes trouble.
func (f *folder) refused(p *process, codes string, says []string) {
	t := f.t
	t.Helper()
	text := p.text()
	if !strings.Contains(codes, p.code()) {
		t.Errorf("exit %s, want %s\n%s", p.code(), codes, text)
	}
	for _, s := range says {
		if !strings.Contains(text, s) {
			t.Errorf("the message does not say %q:\n%s", s, text)
		}
	}
	for _, s := range []string{"panic", "goroutine ", "internal/", "0x"} {
		if strings.Contains(text, s) {
			t.Errorf("the message says %q:\n%s", s, text)
		}
	}
	if p.rss() > 512 {
		t.Errorf("%d MiB of memory", p.rss())
	}
	f.noTemporary()
}

// noTemporary fails if a half-written file was left.
func (f *folder) noTemporary() {
	f.t.Helper()
	for _, name := range f.files() {
		if strings.Contains(name, "/tmp/") || strings.HasSuffix(name, ".tmp") {
			f.t.Errorf("%s was left", name)
		}
	}
}

// files are the paths in the folder, from the folder on.
func (f *folder) files() (names []string) {
	f.t.Helper()
	err := filepath.WalkDir(f.data, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, strings.TrimPrefix(path, f.data))
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return names
}

// TestNoFile: what is named is no file, is not there, or may not be read.
func TestNoFile(t *testing.T) {
	dir := t.TempDir()
	f := newFolder(t)
	t.Run("missing", func(t *testing.T) {
		f := &folder{t: t, data: f.data, url: f.url}
		f.refused(f.run("import", filepath.Join(dir, "nothing.csv"), "--yes"), "1", []string{"nothing.csv"})
	})
	t.Run("a folder", func(t *testing.T) {
		f := &folder{t: t, data: f.data, url: f.url}
		f.refused(f.run("import", dir, "--yes"), "1", []string{"folder"})
	})
	t.Run("no permission", func(t *testing.T) {
		f := nobody(t)
		name := filepath.Join(filepath.Dir(f.data), "secret.csv")
		if err := os.WriteFile(name, []byte("Email\na@example.org\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		f.refused(f.run("import", name, "--yes"), "1", []string{"permission", "secret.csv"})
	})
	t.Run("a folder for data that is read-only", func(t *testing.T) {
		f := nobody(t)
		f.must("0", "imports")
		if err := os.Chmod(f.data, 0o500); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"leadport.db", "server.lock"} {
			if err := os.Chmod(filepath.Join(f.data, name), 0o400); err != nil {
				t.Fatal(err)
			}
		}
		p := f.run("imports")
		if p.code() != "1" || !strings.Contains(p.text(), f.data) || !strings.Contains(p.text(), "permission") && !strings.Contains(p.text(), "may not be written") {
			t.Errorf("exit %s\n%s", p.code(), p.text())
		}
	})
	t.Run("a place for the folder that is read-only", func(t *testing.T) {
		f := nobody(t)
		f.data = "/proc/leadport-data"
		p := f.run("imports")
		if p.code() != "1" || !strings.Contains(p.text(), "--data") {
			t.Errorf("exit %s\n%s", p.code(), p.text())
		}
	})
}

// nobody is a folder of a user without rights; tests that need one run as root.
func nobody(t *testing.T) *folder {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to run the program as another user")
	}
	dir, err := os.MkdirTemp("", "leadport-nobody-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{dir, data} {
		if err := os.Chown(name, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	return &folder{t: t, data: data, as: &syscall.Credential{Uid: 65534, Gid: 65534}}
}

// TestNewerDatabase: a folder that a newer version wrote is left alone.
func TestNewerDatabase(t *testing.T) {
	f := newFolder(t)
	f.must("0", "imports")
	db := f.openTo("rw")
	if _, err := db.db.Exec(`insert into goose_db_version (version_id, is_applied) values (99999, true); update counter set value = 99999 where name = 'min_reader'`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	p := f.run("imports")
	if p.code() != "1" || !strings.Contains(p.text(), "newer") || !strings.Contains(p.text(), "99999") {
		t.Errorf("exit %s\n%s", p.code(), p.text())
	}
}

// TestEndlessLine: three gigabytes without a line end are refused, in little
// memory and without keeping them.
func TestEndlessLine(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 3 GB")
	}
	t.Parallel()
	f := newFolder(t)
	f.must("0", "imports")
	name := filepath.Join(t.TempDir(), "line.csv")
	if err := os.WriteFile(name, []byte("Email,Comments"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 3<<30); err != nil {
		t.Fatal(err)
	}
	p := f.run("import", name, "--yes")
	f.refused(p, "1", []string{"line end", "export it again"})
	t.Logf("refused after %v with %d MiB", p.took.Round(time.Millisecond), p.rss())
	var kept int64
	for _, n := range f.files() {
		if info, err := os.Stat(f.data + n); err == nil {
			kept += info.Size()
		}
	}
	if kept > 64<<20 {
		t.Errorf("the folder keeps %d MB", kept>>20)
	}
}

// TestDiskFull lets the disk run full in the middle of a run: the import stops
// with a reason, nothing is lost, and it goes on once there is space.
func TestDiskFull(t *testing.T) {
	kills(t)
	if os.Getuid() != 0 {
		t.Skip("needs root, to mount a small disk")
	}
	dir := t.TempDir()
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=30m"); err != nil {
		t.Skipf("a small disk cannot be mounted: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	first := firstFile(t, dir, 2000)
	file := nextFile(t, dir, 6, 60_000, first)
	f := &folder{t: t, data: filepath.Join(disk, "data")}
	f.must("0", "import", first.name, "--yes")
	d := f.open()
	defer d.Close()
	p := f.start("import", file.name, "--yes")
	eventually(t, time.Minute, "check begins", func() bool { return d.state(2) == "checking" })
	eventually(t, time.Minute, "run begins", func() bool { return d.standing(2).cursor > 1 || !p.running() })
	<-p.ended
	s := d.standing(2)
	if s.state != "paused" && s.state != "running" || p.code() != "1" {
		t.Errorf("the import is %s, exit %s; want paused or running and 1", s.state, p.code())
	}
	if s.cursor <= 1 || s.cursor > s.last {
		t.Errorf("the disk was full at record %d, not inside the run", s.cursor)
	}
	if text := p.text(); !strings.Contains(text, "no space") || !strings.Contains(text, "leadport imports") || strings.Contains(text, "level=") {
		t.Errorf("the message does not say that the disk is full and how to go on, or says too much:\n%s", text)
	}
	if p.took > 40*time.Second {
		t.Errorf("it took %v to say so", p.took)
	}
	d.stopped(2, file)
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=1g"); err != nil {
		t.Fatal(err)
	}
	if s.state == "paused" {
		f.must("03", "imports", "2", "--continue")
	} else {
		f.must("0", "imports")
	}
	f.clean()
	f.verify(first, 1, 2, file)
	t.Logf("the disk was full at record %d (%s); told after %v", s.cursor, s.state, p.took.Round(time.Millisecond))
}
