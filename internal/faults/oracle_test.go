package faults_test

import (
	"database/sql"
	bytes "encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// database reads a folder's database and never writes it. Placeholders are ?.
type database struct {
	t        *testing.T
	db       *sql.DB
	numbered bool // placeholders are $1 in truth
}

var placeholder = regexp.MustCompile(`\?`)

func (d *database) text(query string) string {
	if !d.numbered {
		return query
	}
	n := 0
	return placeholder.ReplaceAllStringFunc(query, func(string) string { n++; return fmt.Sprint("$", n) })
}

// Close closes the connection.
func (d *database) Close() error { return d.db.Close() }

func (f *folder) open() *database { f.t.Helper(); return f.openTo("ro") }

func (f *folder) openTo(mode string) *database {
	f.t.Helper()
	if f.url != "" {
		db, err := sql.Open("pgx", f.url)
		if err != nil {
			f.t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		return &database{f.t, db, true}
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(f.data, "leadport.db")+"?mode="+mode+"&_pragma=busy_timeout(10000)")
	if err != nil {
		f.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return &database{f.t, db, false}
}

// one reads one row.
func (d *database) one(query string, args []any, to ...any) {
	d.t.Helper()
	if err := d.db.QueryRow(d.text(query), args...).Scan(to...); err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
}

func (d *database) number(query string, args ...any) (n int64) {
	d.t.Helper()
	d.one(query, args, &n)
	return n
}

// each reads rows; f scans one.
func (d *database) each(query string, args []any, f func(*sql.Rows) error) {
	d.t.Helper()
	rows, err := d.db.Query(d.text(query), args...)
	if err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			d.t.Fatalf("%s: %v", query, err)
		}
	}
	if err := rows.Err(); err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
}

// standing is how far an import is.
type standing struct {
	state        string
	cursor, last int64
	accounting   accounting // of the part
}

// inside reports whether the run had begun and was not at its end.
func (s standing) inside() bool {
	return s.state == "running" && s.cursor > 1 && s.cursor <= s.last
}

// standing reads it; a zero value while the import or its part is not there.
func (d *database) standing(imp int64) (s standing) {
	d.t.Helper()
	var text sql.NullString
	err := d.db.QueryRow(d.text(`select i.state, coalesce(p.cursor, 0), coalesce(p.last, 0), p.accounting from import i
		left join import_part p on p.import = i.id and p.part = 1 where i.id = ?`), imp).Scan(&s.state, &s.cursor, &s.last, &text)
	if err == sql.ErrNoRows {
		return s
	}
	if err == nil && text.Valid {
		err = json.Unmarshal([]byte(text.String), &s.accounting)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (d *database) state(imp int64) string { d.t.Helper(); return d.standing(imp).state }

// about is what a failing test says of an import.
func (d *database) about(imp int64) (text string) {
	d.t.Helper()
	d.one(`select state || ': ' || reason from import where id = ?`, []any{imp}, &text)
	return text
}

// runFollows reports whether an import's run is to follow its check.
func (d *database) runFollows(imp int64) bool {
	d.t.Helper()
	var text string
	d.one(`select options from import where id = ?`, []any{imp}, &text)
	var options struct{ Run bool }
	decode(d.t, text, &options)
	return options.Run
}

var anyToken = regexp.MustCompile(`tok\d+-\d{6}`)

// stopped checks an import that stands in the middle: what is in the database
// is exactly the records before the cursor, and the part's accounting says so.
func (d *database) stopped(imp int64, file *people) {
	d.t.Helper()
	s := d.standing(imp)
	want := file.first(int(s.cursor - 1))
	s.accounting.Records = want.Records // a part does not keep their sum
	if s.accounting != want {
		d.t.Fatalf("at record %d the accounting is %+v, want %+v", s.cursor, s.accounting, want)
	}
	d.balance(imp, want)
}

// balance compares an accounting with the leads and the journal.
func (d *database) balance(imp int64, want accounting) {
	d.t.Helper()
	if n := d.number(`select count(*) from lead where created_import = ?`, imp); n != want.New {
		d.t.Fatalf("import %d: %d leads, want %d", imp, n, want.New)
	}
	if n := d.number(`select count(*) from lead_change where import = ? and reverts = 0`, imp); n != want.Update+want.Skipped {
		d.t.Fatalf("import %d: %d journal rows, want %d", imp, n, want.Update+want.Skipped)
	}
}

// verify checks a finished import against the model: every token exactly once
// and on its lead, the accounting, keys, journal, versions, one mail.
func (f *folder) verify(first *people, firstImp, imp int64, file *people) {
	f.t.Helper()
	f.verifyBut(first, firstImp, imp, file, 1)
}

// verifyBut is verify with another number of mails.
func (f *folder) verifyBut(first *people, firstImp, imp int64, file *people, mails int64) {
	t := f.t
	t.Helper()
	d := f.open()
	defer d.Close()
	var state, text string
	d.one(`select state, accounting from import where id = ?`, []any{imp}, &state, &text)
	var acc accounting
	decode(t, text, &acc)
	if want := file.all(); state != "done" || acc != want || !acc.balances() {
		t.Fatalf("import %d is %s with %+v, want done with %+v", imp, state, acc, want)
	}
	d.balance(imp, acc)

	// Where each token must stand: on the lead made by this record of this import.
	type place struct{ imp, record int64 }
	want := map[string]place{}
	for i := range first.records {
		want[token(first.seed, i+1)] = place{firstImp, int64(i + 1)}
	}
	changes := map[place]int64{} // journal rows per lead
	journal := map[int64]place{} // by record
	for i, p := range file.records {
		n := i + 1
		switch p.kind {
		case fresh:
			want[token(file.seed, n)] = place{imp, int64(n)}
		case follow:
			want[token(file.seed, n)] = place{imp, int64(p.of)}
		case update:
			want[token(file.seed, n)] = place{firstImp, int64(p.of)}
		}
		if p.kind == follow || p.kind == update {
			journal[int64(n)] = want[token(file.seed, n)]
			changes[want[token(file.seed, n)]]++
		}
	}
	leads := map[int64]place{}
	d.each(`select id, version, notes, created_import, created_record, deleted_at from lead`, nil, func(rows *sql.Rows) error {
		var id, version, deleted int64
		var at place
		var notes string
		if err := rows.Scan(&id, &version, &notes, &at.imp, &at.record, &deleted); err != nil {
			return err
		}
		if deleted != 0 {
			return fmt.Errorf("lead %d is in the bin", id)
		}
		if version != 1+changes[at] {
			return fmt.Errorf("lead %d (%+v) has version %d, want %d", id, at, version, 1+changes[at])
		}
		leads[id] = at
		for _, tok := range anyToken.FindAllString(notes, -1) {
			where, ok := want[tok]
			if !ok {
				return fmt.Errorf("token %s stands on lead %d a second time, or is of a record in error", tok, id)
			}
			if where != at {
				return fmt.Errorf("token %s stands on the lead of %+v, want %+v", tok, at, where)
			}
			delete(want, tok)
		}
		return nil
	})
	if len(want) > 0 {
		t.Fatalf("%d tokens are lost, such as %v", len(want), slices.Sorted(maps.Keys(want))[0])
	}
	d.each(`select lead, record from lead_change where import = ?`, []any{imp}, func(rows *sql.Rows) error {
		var id, record int64
		if err := rows.Scan(&id, &record); err != nil {
			return err
		}
		if at, ok := journal[record]; !ok || leads[id] != at {
			return fmt.Errorf("journal row of record %d is for lead %d (%+v), want once and for %+v", record, id, leads[id], at)
		}
		delete(journal, record)
		return nil
	})
	if len(journal) > 0 {
		t.Fatalf("%d journal rows are missing", len(journal))
	}
	// Every lead was made alike, so all have as many keys.
	of := map[int64]int{}
	d.each(`select id from lead`, nil, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		of[id] = 0
		return err
	})
	for k := range d.keys() {
		of[k[1]]++
	}
	keys := map[int]int{}
	for _, n := range of {
		keys[n]++
	}
	if len(keys) != 1 || keys[0] > 0 {
		t.Fatalf("leads by their number of keys: %v, want all the same and none without", keys)
	}
	if n := d.number(`select count(*) from import_result where import = ?`, imp); n != 0 {
		t.Fatalf("%d records came out otherwise than planned", n)
	}
	if n := d.number(`select count(*) from outbox where import = ?`, imp); n != mails {
		t.Fatalf("%d mails about the import, want %d", n, mails)
	}
}

// keys are the hashes and leads of all keys: rows, and what blocks hold beside
// them (docs/decisions/key-blocks.md).
func (d *database) keys() map[[2]int64]bool {
	d.t.Helper()
	keys := map[[2]int64]bool{}
	d.each(`select hash, lead, seq from lead_key`, nil, func(rows *sql.Rows) error {
		var hash, lead, seq int64
		err := rows.Scan(&hash, &lead, &seq)
		keys[[2]int64{hash, lead}] = seq != 0
		return err
	})
	d.each(`select r.low, r.high, b.block from lead_key_run r join lead_key_block b
		on b.id between r.mid + (r.low >> cast(r.shift as integer)) and r.mid + (r.high >> cast(r.shift as integer))`, nil, func(rows *sql.Rows) error {
		var low, high int64
		var data []byte
		if err := rows.Scan(&low, &high, &data); err != nil {
			return err
		}
		number := func() int64 {
			v, n := bytes.Uvarint(data)
			data = data[n:]
			return int64(v)
		}
		n, first, _ := number(), number(), number()
		hashes := data[:8*n]
		data = data[8*n:]
		for ; len(hashes) > 0; hashes = hashes[8:] {
			hash, lead := int64(bytes.BigEndian.Uint64(hashes)), first+number()
			number()
			key := [2]int64{hash, lead}
			if _, overridden := keys[key]; !overridden && hash >= low && hash <= high {
				keys[key] = true
			}
		}
		return nil
	})
	maps.DeleteFunc(keys, func(_ [2]int64, there bool) bool { return !there })
	return keys
}

// leads is how many there are, those in the bin left out.
func (f *folder) leads() int64 {
	f.t.Helper()
	if _, err := os.Stat(filepath.Join(f.data, "leadport.db")); err != nil && f.url == "" {
		return 0
	}
	d := f.open()
	defer d.Close()
	return d.number(`select count(*) from lead where deleted_at = 0`)
}

func decode(t *testing.T, text string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), to); err != nil {
		t.Fatal(err)
	}
}
