package store

import (
	"context"
	"database/sql"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
)

// dialect is all that differs between database engines.
type dialect interface {
	openWriter(c Config) (*sql.DB, error)
	openReaders(c Config) (*sql.DB, error)
	// openQueue opens what the job queue works with where it is not the writer.
	openQueue(ctx context.Context) (*pgxpool.Pool, error)
	// inQueue runs f with the transaction as the job queue takes it.
	inQueue(t *tx, f func(tx any) error) error
	// goose is whose SQL migrations are written in, migration their text.
	goose() goose.Dialect
	migration(text string) string
	// kind returns the package's error for an engine's error code, with a
	// message for people, or nil for any other error.
	kind(err error, path string) error
	// alone runs f while no other node does so.
	alone(ctx context.Context, f func() error) error
	// begin lets a write transaction wait for the one before it, on any node, so
	// that the sequence follows the order of commits. Those for the parts of one
	// import (0: it is for none) do not wait for each other; errOthersShare if
	// those of another import are at it.
	begin(ctx context.Context, tx *sql.Tx, readers *sql.DB, imp int64) error
	// waiting reports whether another node waits in begin.
	waiting(readers *sql.DB) bool
	// clock is the time of the database in UTC milliseconds as an expression: the
	// one clock that all nodes have.
	clock() string
	// grown looks at the tables anew after so many leads were written, if plans
	// made for smaller ones would no longer do.
	grown(ctx context.Context, readers *sql.DB, leads int64)
	// idle waits for what goes on beside transactions.
	idle()
	// nodes reports whether several processes work on the database.
	nodes() bool
	// in is the condition that a column is among the values of one argument,
	// which ints or texts made.
	in(column, placeholder string) string
	ints([]int64) any
	texts([]string) any
	// unindexed is a column in an expression that no index is used for.
	unindexed(column string) string
	// found is the condition that a lead is found by one argument, which match
	// made; putWords is the statement that stores a lead's words.
	found(id, placeholder string) string
	// has is the same for leads that are met in another order, one by one; walk
	// is how to go over those that are found in the order of their ids: from
	// where, with lead as l, the id and the condition.
	has(id, placeholder string) string
	walk(placeholder string) (from, id, where string)
	match(all [][]word) any
	// finds is the condition on lead_search as f that it has the words; spell is
	// what to ask for instead of words of which one is enough, so that the index
	// reads no more than most of its entries before it answers: nil if nothing.
	// part says that it finds others, too.
	finds(placeholder string) string
	spell(ctx context.Context, r *sql.DB, any []word, most int64) (ask []word, part bool, err error)
	putWords() string
	// each calls f for every lead of a query that begins with l.query.
	each(ctx context.Context, r leads, l *layout, query string, args []any, f func(*Lead) error) error
	// eachKey calls f for every row of lead_key with one of these hashes, which are
	// sorted; eachBlockKey for every key of the blocks.
	eachKey(ctx context.Context, r leads, hashes []int64, f func(storedKey)) error
	eachBlockKey(ctx context.Context, r leads, hashes []int64, f func(storedKey)) error
	// perBlock is how many keys a block has, at most, on average.
	perBlock() int64
	// bulk runs f with a writer on the transaction's own connection, past
	// database/sql, which costs a third of a bulk write. The transaction cannot
	// be used meanwhile. What was written may fail later, at the latest when the
	// transaction is used again (tx.settled). said makes an error for the caller.
	bulk(ctx context.Context, t *tx, f func(bulk) error, said func(error) error) error
	// backup writes a consistent copy to a path that does not exist.
	backup(ctx context.Context, db *sql.DB, path string) error
	// put inserts rows of any table, whose values are nil, int64, string or
	// []byte.
	put(ctx context.Context, t *tx, r *rowShape, rows [][]any) error
	// catalog is a query for the tables: name, column, and its place in the
	// primary key, or 0; in order of table and column.
	catalog() string
	// snapshot is the isolation in which all reads of a transaction see the same.
	snapshot() sql.IsolationLevel
	// damage returns what the engine's own check of the database finds.
	damage(ctx context.Context, db *sql.DB) ([]string, error)
}

// bulk writes many rows. It may write them together and later, at the latest
// when the function that it was given to returns.
type bulk interface {
	// exec runs a statement; placeholders are ? in order.
	exec(text string, args []arg) error
	// one runs a statement that has to change one row; if it does not, untouched
	// with this number is the error.
	one(number int, text string, args []arg) error
	// change is one for a lead: its arguments are the values of the shape's
	// columns, then id and version. It may wait for others of its shape.
	change(number int, u *updateShape, args []arg) error
	// insert adds a row that is new. It waits for others of its shape.
	insert(r *rowShape, args []arg) error
	// keys writes sorted keys.
	keys(ops []keyOp) error
}

// rowShape is the columns of a table that rows are inserted into.
type rowShape struct {
	table   string
	columns []string
}

// updateShape is the columns of a lead that an update writes, if the lead has the
// version and meets the condition.
type updateShape struct {
	columns   []string
	condition string
	text      string // of the statement for one lead
}

// untouched is the number of a statement that found no row to change.
type untouched int

func (untouched) Error() string { return "no such row in this version" }

// querier is a transaction or a pool of readers.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// migrationFiles are the migrations in an engine's own text. They are written
// for SQLite; lines between "-- only NAME" and "-- both" are for one engine.
type migrationFiles struct {
	fs.FS
	d dialect
}

// Open implements fs.FS.
func (m migrationFiles) Open(name string) (fs.File, error) {
	f, err := m.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	text, err := fs.ReadFile(m.FS, name)
	if err != nil {
		return nil, err
	}
	return migrationFile{f, strings.NewReader(m.d.migration(string(text)))}, nil
}

type migrationFile struct {
	fs.File
	text *strings.Reader
}

// Read implements fs.File.
func (f migrationFile) Read(b []byte) (int, error) { return f.text.Read(b) }

// only leaves out what is for other engines.
func only(engine, text string) string {
	var out strings.Builder
	keep := true
	for line := range strings.Lines(text) {
		switch mark := strings.TrimSpace(line); {
		case mark == "-- both":
			keep = true
		case strings.HasPrefix(mark, "-- only "):
			keep = mark == "-- only "+engine
		case keep:
			out.WriteString(line)
		}
	}
	return out.String()
}
