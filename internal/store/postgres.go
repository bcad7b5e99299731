package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/leadport/leadport/internal/lead"
)

// postgres is the dialect of PostgreSQL 15 and later through pgx.
type postgres struct {
	config *pgx.ConnConfig
	silent time.Duration

	analyzed analyzed
}

// newPostgres reads the URL of a database. A transfer calls itself otherwise
// than those that work on it.
func newPostgres(url string, transfer bool) (*postgres, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err) // pgx leaves the password out
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "leadport"
	}
	if transfer {
		config.RuntimeParams["application_name"] = "leadport transfer"
	}
	return &postgres{config: config, silent: silentFor}, nil
}

// name is what messages call the database; it holds no password.
func (d *postgres) name() string {
	return fmt.Sprintf("database %s on %s", d.config.Database, net.JoinHostPort(d.config.Host, strconv.Itoa(int(d.config.Port))))
}

// openWriter gives one connection as on SQLite. It holds nothing between its
// transactions, so that a pooler may lend it to others meanwhile.
func (d *postgres) openWriter(Config) (*sql.DB, error) {
	db := stdlib.OpenDB(*d.config)
	db.SetMaxOpenConns(1)
	return db, nil
}

func (d *postgres) openReaders(c Config) (*sql.DB, error) {
	config := d.config.Copy()
	if c.ReadOnly {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	db := stdlib.OpenDB(*config)
	readers := 8
	if c.Connections != 0 {
		readers = max(2, c.Connections-1-queueConnections)
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return db, nil
}

// queueConnections are those of the job queue, beside the writer and readers.
const queueConnections = 4

func (d *postgres) openQueue(ctx context.Context) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(d.config.ConnString())
	if err != nil {
		return nil, err
	}
	config.ConnConfig.RuntimeParams = d.config.RuntimeParams
	config.MaxConns = queueConnections
	return pgxpool.NewWithConfig(ctx, config)
}

// queueTx is the transaction that database/sql began, for the job queue, which
// only runs statements in it.
type queueTx struct{ connection }

type connection = *pgx.Conn

var errNotItsOwn = errors.New("the transaction is the store's")

// Begin implements pgx.Tx.
func (queueTx) Begin(context.Context) (pgx.Tx, error) { return nil, errNotItsOwn }

// Commit implements pgx.Tx.
func (queueTx) Commit(context.Context) error { return errNotItsOwn }

// Rollback implements pgx.Tx.
func (queueTx) Rollback(context.Context) error { return errNotItsOwn }

// LargeObjects implements pgx.Tx.
func (queueTx) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Conn implements pgx.Tx.
func (t queueTx) Conn() *pgx.Conn { return t.connection }

func (*postgres) inQueue(t *tx, f func(tx any) error) error {
	if err := t.settled(); err != nil {
		return err
	}
	return t.conn.Raw(func(dc any) error { return f(queueTx{dc.(*stdlib.Conn).Conn()}) })
}

func (*postgres) goose() goose.Dialect { return goose.DialectPostgres }

var textType = regexp.MustCompile(`(?m) text( |,|$)`)

// migration: text is compared by its bytes, as everywhere (architecture.md,
// "Text identity").
func (*postgres) migration(text string) string {
	text = textType.ReplaceAllString(only("postgres", text), ` text collate "C"$1`)
	return strings.NewReplacer(" integer", " bigint", " blob ", " bytea ", ") without rowid;", ");").Replace(text)
}

func (d *postgres) kind(err error, path string) error {
	var e *pgconn.PgError
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &e):
		return d.code(e.Code, path)
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF), pgconn.SafeToRetry(err),
		pgconn.Timeout(err), errors.Is(err, driver.ErrBadConn):
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return nil
		}
		return fmt.Errorf("%w: %s cannot be reached; check that it runs and takes connections from here", ErrUnavailable, path)
	}
	return nil
}

// code sorts PostgreSQL's error codes (PostgreSQL, appendix A).
func (*postgres) code(code, path string) error {
	switch code {
	case "23505": // unique_violation
		return errTaken
	case "53100": // disk_full
		return fmt.Errorf("%w: no space is left on the disk of %s; free some and try again", ErrFull, path)
	case "25006", "42501": // read_only_sql_transaction, insufficient_privilege
		return fmt.Errorf("%w: %s may not be written by this user; Leadport needs to own its tables", ErrReadOnly, path)
	case "XX001", "XX002": // data_corrupted, index_corrupted
		return fmt.Errorf("%w: %s is not sound; keep a copy of it and restore a backup", ErrCorrupt, path)
	case "28000", "28P01", "3D000": // invalid_authorization, invalid_password, invalid_catalog_name
		return fmt.Errorf("%w: %s does not let this user in, or is not there; check --database-url", ErrUnavailable, path)
	case "40001", "40P01", "55P03": // serialization_failure, deadlock_detected, lock_not_available
		return fmt.Errorf("%w: %s is held by another; try again", ErrUnavailable, path)
	}
	switch code[:2] {
	case "08", "53", "57", "58": // connection, resources, operator, system
		return fmt.Errorf("%w: %s gives no service at present (code %s)", ErrUnavailable, path, code)
	}
	return nil
}

func (*postgres) in(column, placeholder string) string {
	return column + " = any(" + placeholder + ")"
}

func (*postgres) ints(v []int64) any {
	if v == nil {
		v = []int64{} // a nil slice is null
	}
	return v
}

func (*postgres) texts(v []string) any {
	if v == nil {
		v = []string{}
	}
	return v
}

func (*postgres) unindexed(column string) string { return "(" + column + ` || '')` }

func (*postgres) found(id, placeholder string) string {
	return id + " in (select lead from lead_search where words @@ " + placeholder + "::tsquery)"
}

func (*postgres) has(id, placeholder string) string {
	return "exists (select 1 from lead_search f where f.lead = " + id + " and f.words @@ " + placeholder + "::tsquery)"
}

func (d *postgres) walk(placeholder string) (from, id, where string) {
	return "lead_search f join lead l on l.id = f.lead", "f.lead", d.finds(placeholder)
}

func (*postgres) finds(placeholder string) string { return "f.words @@ " + placeholder + "::tsquery" }

func (*postgres) spell(_ context.Context, _ *sql.DB, any []word, _ int64) ([]word, bool, error) {
	return any, false, nil
}

// match is a query whose words are taken as they are: no parser, no dictionary.
func (*postgres) match(all [][]word) any {
	quote := strings.NewReplacer(`'`, `''`, `\`, `\\`)
	var terms []string
	for _, any := range all {
		var alike []string
		for _, w := range any {
			t := "'" + quote.Replace(w.text) + "'"
			if w.begin {
				t += ":*"
			}
			alike = append(alike, t)
		}
		terms = append(terms, "("+strings.Join(alike, " | ")+")")
	}
	return strings.Join(terms, " & ")
}

func (*postgres) putWords() string {
	return `insert into lead_search (lead, words) values (?, array_to_tsvector(string_to_array(?, ' ')))
		on conflict (lead) do update set words = excluded.words`
}

func (*postgres) backup(context.Context, *sql.DB, string) error {
	return fmt.Errorf("a PostgreSQL database is backed up by its own tools, for example: pg_dump --format=custom: %w", lead.ErrInvalid)
}

func (*postgres) put(ctx context.Context, t *tx, r *rowShape, rows [][]any) error {
	if err := t.settled(); err != nil {
		return err
	}
	return t.conn.Raw(func(dc any) error {
		_, err := dc.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{r.table}, r.columns, pgx.CopyFromRows(rows))
		return err
	})
}

func (*postgres) catalog() string {
	return `select c.relname, a.attname, coalesce(array_position(k.conkey, a.attnum), 0)
		from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
		where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace order by c.relname, a.attnum`
}

func (*postgres) snapshot() sql.IsolationLevel { return sql.LevelRepeatableRead }

// damage is what PostgreSQL noticed itself: pages whose checksum was wrong.
func (*postgres) damage(ctx context.Context, db *sql.DB) ([]string, error) {
	var n int64
	err := db.QueryRowContext(ctx, `select coalesce(max(checksum_failures), 0) from pg_stat_database where datname = current_database()`).Scan(&n)
	if err != nil || n == 0 {
		return nil, err
	}
	return []string{fmt.Sprintf("%d pages had a wrong checksum", n)}, nil
}

func (*postgres) each(ctx context.Context, r leads, l *layout, query string, args []any, f func(*Lead) error) error {
	return r.eachScanned(ctx, l, query, args, f)
}

func (*postgres) eachKey(ctx context.Context, r leads, hashes []int64, f func(storedKey)) error {
	return r.eachKeyScanned(ctx, hashes, f)
}

// eachBlockKey leaves the blocks out in which the bytes of the hash do not occur.
func (*postgres) eachBlockKey(ctx context.Context, r leads, hashes []int64, f func(storedKey)) error {
	rows, err := r.q.QueryContext(ctx, `select h.hash, b.block from unnest($1::bigint[]) h (hash) cross join lead_key_run r
		join lead_key_block b on b.id = r.mid + (h.hash >> r.shift::int)
		where h.hash between r.low and r.high and position(int8send(h.hash) in b.block) > 0`, hashes)
	if err != nil {
		return err
	}
	defer rows.Close()
	var data sql.RawBytes
	for rows.Next() {
		var hash int64
		if err := rows.Scan(&hash, &data); err != nil {
			return err
		}
		if b, ok := openBlock(data); !ok || !b.each(hash, hash, f) {
			return errBlock
		}
	}
	return rows.Err()
}

// perBlock is small, since what is looked at has to come over.
func (*postgres) perBlock() int64 { return 32 }
