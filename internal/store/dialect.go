package store

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/pressly/goose/v3"
)

// dialect is all that differs between database engines.
type dialect interface {
	openWriter(c Config) (*sql.DB, error)
	openReaders(c Config) (*sql.DB, error)
	goose() goose.Dialect
	// kind returns the package's error for an engine's error code, with a
	// message for people, or nil for any other error.
	kind(err error, path string) error
	// in is the condition that a column is among the values of one argument,
	// which ints or texts made.
	in(column, placeholder string) string
	ints([]int64) any
	texts([]string) any
	// bulk runs f with prepared statements on the transaction's own
	// connection, past database/sql, which costs a third of a bulk write.
	// The transaction cannot be used meanwhile.
	bulk(conn *sql.Conn, prepared map[string]driver.Stmt, f func(bulk) error) error
	// backup writes a consistent copy to a path that does not exist.
	backup(ctx context.Context, db *sql.DB, path string) error
	// damage returns what the engine's own check of the database finds.
	damage(ctx context.Context, db *sql.DB) ([]string, error)
}

// bulk executes statements many times. Placeholders are ? in order.
type bulk interface {
	// exec returns how many rows were changed.
	exec(text string, args []driver.NamedValue) (int64, error)
}

// querier is a transaction or a pool of readers.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
