package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver
	lib "modernc.org/sqlite/lib"
)

// sqlite is the dialect of SQLite through modernc.org/sqlite (pure Go).
type sqlite struct{}

// dsn holds every pragma, because one set on a pooled connection is lost with
// it (architecture.md, "Traps already paid for").
func (sqlite) dsn(path, mode string, pragmas ...string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("database path: %w", err)
	}
	q := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_dqs": {"0"}, "_pragma": pragmas}
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(abs), RawQuery: q.Encode()}
	return u.String(), nil
}

func (d sqlite) openWriter(c Config) (*sql.DB, error) {
	cache := c.Cache
	if cache == 0 {
		cache = 128 << 20
	}
	dsn, err := d.dsn(c.Path, "rwc",
		"busy_timeout(10000)",
		"page_size(4096)",
		"journal_mode(WAL)",
		"synchronous(FULL)", // acknowledged states survive a power cut (rule 8.3)
		"foreign_keys(1)",
		"temp_store(MEMORY)",
		"wal_autocheckpoint(16384)",    // pages: a bulk write rewrites the same ones often
		"journal_size_limit(67108864)", // bytes the WAL keeps after a checkpoint
		"cache_size(-"+strconv.FormatInt(cache>>10, 10)+")")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func (d sqlite) openReaders(c Config) (*sql.DB, error) {
	dsn, err := d.dsn(c.Path, "ro",
		"busy_timeout(10000)",
		"temp_store(MEMORY)",
		"cache_size(-16384)")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("open database for reading: %w", err)
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	return db, nil
}

func (sqlite) openQueue(context.Context) (*pgxpool.Pool, error) { return nil, nil }

func (sqlite) inQueue(t *tx, f func(tx any) error) error { return f(t.sql) }

func (sqlite) goose() goose.Dialect { return goose.DialectSQLite3 }

func (sqlite) migration(text string) string { return only("sqlite", text) }

// begin has nothing to wait for: there is one writing connection, and every
// transaction on it begins as a writer (_txlock).
func (sqlite) begin(context.Context, *sql.Tx, *sql.DB, int64) error { return nil }

// A lock on the folder keeps other processes out.
func (sqlite) alone(_ context.Context, f func() error) error { return f() }
func (sqlite) waiting(*sql.DB) bool                          { return false }
func (sqlite) grown(context.Context, *sql.DB, int64)         {}
func (sqlite) idle()                                         {}
func (sqlite) nodes() bool                                   { return false }

func (sqlite) clock() string { return "cast(unixepoch('subsec') * 1000 as integer)" }

func (sqlite) kind(err error, path string) error {
	var e interface { // the driver's error, or the bulk writer's
		error
		Code() int
	}
	if !errors.As(err, &e) {
		return nil
	}
	code := e.Code() & 0xff
	if e.Code() == lib.SQLITE_IOERR_SHMSIZE { // the file beside the WAL cannot grow
		code = lib.SQLITE_FULL
	}
	switch code {
	case lib.SQLITE_FULL:
		return fmt.Errorf("%w: no space is left on the disk of %s; free some and try again", ErrFull, path)
	case lib.SQLITE_CANTOPEN:
		return fmt.Errorf("%w: %s cannot be opened; check that its folder exists and may be written by this user", ErrUnavailable, path)
	case lib.SQLITE_READONLY, lib.SQLITE_PERM, lib.SQLITE_AUTH:
		return fmt.Errorf("%w: %s or its folder may not be written by this user; Leadport needs to create files beside it", ErrReadOnly, path)
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return fmt.Errorf("%w: %s is not a sound database; keep a copy of it and restore a backup", ErrCorrupt, path)
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return fmt.Errorf("%w: another program holds %s; stop it and try again", ErrUnavailable, path)
	case lib.SQLITE_IOERR:
		return fmt.Errorf("%w: the disk of %s reports an error (code %d)", ErrDisk, path, e.Code())
	case lib.SQLITE_CONSTRAINT:
		return errTaken
	}
	return nil
}

// in takes all values as one JSON array, so that one statement finds thousands
// of rows in order: 2 µs for a value that is not there, 4 µs for one that is
// (BenchmarkWrite).
func (sqlite) in(column, placeholder string) string {
	return column + " in (select value from json_each(" + placeholder + "))"
}

func (sqlite) ints(v []int64) any {
	b := make([]byte, 0, 2+20*len(v))
	b = append(b, '[')
	for i, n := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return string(append(b, ']'))
}

func (sqlite) texts(v []string) any {
	b := make([]byte, 0, 2+24*len(v))
	b = append(b, '[')
	for i, s := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, s)
	}
	return string(append(b, ']'))
}

// unindexed: the unary plus keeps SQLite from walking the order (SQLite, "The
// query optimizer", 8).
func (sqlite) unindexed(column string) string { return "+" + column }

func (sqlite) found(id, placeholder string) string {
	return id + " in (select rowid from lead_search where lead_search match " + placeholder + ")"
}

func (sqlite) has(id, placeholder string) string {
	return "exists (select 1 from lead_search f where f.rowid = " + id + " and f.lead_search match " + placeholder + ")"
}

// walk: CROSS JOIN keeps the order of the tables (SQLite, "The query
// optimizer", 8).
func (d sqlite) walk(placeholder string) (from, id, where string) {
	return "lead_search f cross join lead l on l.id = f.rowid", "f.rowid", d.finds(placeholder)
}

func (sqlite) finds(placeholder string) string { return "f.lead_search match " + placeholder }

// spell: FTS5 reads every entry of every word that begins so before it answers,
// but for beginnings as long as those it has an index of (00002_web.sql). Whole
// words it reads as far as they are wanted.
func (d sqlite) spell(ctx context.Context, r *sql.DB, any []word, most int64) (ask []word, part bool, err error) {
	const (
		fewWords = 32
		indexed  = 3 // letters
	)
	for _, w := range any {
		letters := utf8.RuneCountInString(w.text)
		if !w.begin || letters == indexed || letters == indexed-1 {
			ask = append(ask, w)
			continue
		}
		whole, err := d.beginning(ctx, r, w.text, fewWords)
		if err != nil {
			return nil, false, err
		}
		if 0 < len(whole) && len(whole) <= fewWords {
			ask = append(ask, whole...)
			continue
		}
		var n int64
		err = r.QueryRowContext(ctx, `select count(*) from (select 1 from lead_search_words where term >= $1 and term <= $2 limit $3) few`, w.text, w.text+lastWord, most+1).Scan(&n)
		switch {
		case err != nil:
			return nil, false, err
		case n <= most:
			ask = append(ask, w)
		case letters < indexed:
			return nil, true, nil
		default:
			ask, part = append(ask, word{string([]rune(w.text)[:indexed]), true}), true
		}
	}
	return ask, part, nil
}

// lastWord makes of a beginning one that no word comes after.
const lastWord = "\U0010ffff"

// beginning is the different words of the index that begin so, or some more
// than most of them.
func (sqlite) beginning(ctx context.Context, r *sql.DB, text string, most int) (whole []word, err error) {
	for from := text; len(whole) <= most; {
		var w word
		err := r.QueryRowContext(ctx, `select term from lead_search_words where term >= $1 and term <= $2 limit 1`, from, text+lastWord).Scan(&w.text)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return nil, err
		}
		whole, from = append(whole, w), w.text+"\x00"
	}
	return whole, nil
}

// match is a query of FTS5.
func (sqlite) match(all [][]word) any {
	var terms []string
	for _, any := range all {
		var alike []string
		for _, w := range any {
			t := `"` + w.text + `"`
			if w.begin {
				t += "*"
			}
			alike = append(alike, t)
		}
		terms = append(terms, "("+strings.Join(alike, " OR ")+")")
	}
	return strings.Join(terms, " AND ")
}

func (sqlite) putWords() string {
	return `insert or replace into lead_search (rowid, words) values (?, ?)`
}

func (sqlite) backup(ctx context.Context, db *sql.DB, path string) error {
	_, err := db.ExecContext(ctx, `vacuum into $1`, path)
	return err
}

func (sqlite) put(ctx context.Context, t *tx, r *rowShape, rows [][]any) error {
	st, err := t.sql.PrepareContext(ctx, `insert into `+r.table+` ("`+strings.Join(r.columns, `", "`)+`") values (?`+strings.Repeat(", ?", len(r.columns)-1)+`)`)
	if err != nil {
		return err
	}
	defer st.Close()
	for _, row := range rows {
		if _, err := st.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return nil
}

func (sqlite) catalog() string {
	return `select m.name, c.name, c.pk from sqlite_master m join pragma_table_info(m.name) c
		where m.type = 'table' and m.sql not like 'create virtual%' order by m.name, c.cid`
}

// snapshot: a transaction in WAL mode reads what was committed before it.
func (sqlite) snapshot() sql.IsolationLevel { return sql.LevelDefault }

func (sqlite) damage(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, `pragma integrity_check(100)`)
	if err != nil {
		return nil, err
	}
	found, err := collect(rows, func(s *string) []any { return []any{s} })
	if len(found) == 1 && found[0] == "ok" {
		found = nil
	}
	return found, err
}
