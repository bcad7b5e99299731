// Package store keeps everything that Leadport remembers: leads, their keys
// and journal, imports, people, settings. It holds all SQL of the program and
// the one function that changes leads (Tx.Write).
//
// SQL is written by hand, a literal beside its scan, in text that runs on
// SQLite and PostgreSQL alike; what differs sits in dialect. The database
// never folds nor collates text: keys come from internal/norm.
//
// The package may import lead, norm, importer and access. It knows no HTTP, no
// files of uploads and no job queue; what wakes a step is handed in
// (Store.OnWake).
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Config says which database to open.
type Config struct {
	Path     string // file of a SQLite database; it is created if missing
	URL      string // postgres://…, of a database that exists; instead of Path
	ReadOnly bool   // nothing is created, migrated or written
	Node     string // of the nodes on one PostgreSQL database; the same whenever it starts again
	// Transfer opens a database that is otherwise not to be worked on: one that
	// was moved, or is the target of a transfer.
	Transfer bool
	// Connections are those to PostgreSQL, at most; 0 means 13, fewer than 7 are 7.
	Connections int
	// Cache is the writer's page cache in bytes on SQLite; 0 means 128 MiB.
	Cache int64
}

// Waker enqueues jobs inside a transaction, on whose commit they are seen. The
// transaction is an *sql.Tx on SQLite, a pgx.Tx on PostgreSQL.
type Waker interface {
	// WakeImport enqueues the next step of an import. The turn says where its
	// parts stand: two wake-ups of the same turn are one.
	WakeImport(ctx context.Context, tx any, imp int64, turn string) error
	// WakeMail enqueues a look into the outbox.
	WakeMail(ctx context.Context, tx any) error
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	leads   // reads through the pool of readers
	d       dialect
	path    string
	node    string
	version int64         // of the schema, that this Leadport knows
	w       *sql.DB       // one connection: SQLite has one writer; nil if read-only
	r       *sql.DB       // readers, which never wait for the writer
	pool    *pgxpool.Pool // of the job queue on PostgreSQL, else nil
	waker   Waker
	layout  atomic.Pointer[layout]
	waiting atomic.Int32
	waited  atomic.Int64 // when one last had to wait, UTC milliseconds
	crowded sync.Map     // hashes of keys that too many leads hold (duplicate.go)
	few     int64        // fewLeads, but in tests
	// runFrom and mergeSlice are the constants, but in tests.
	runFrom    int
	mergeSlice int64
	tidying    tidying
	left       left
	now        func() time.Time
}

// Open opens the database, creates it if it is missing, and migrates it. It
// fails with ErrNewer if a newer version of Leadport wrote it, and with a
// message that says what to do if its folder cannot be written, its disk is
// full or its file is damaged.
func Open(ctx context.Context, c Config) (*Store, error) {
	s := &Store{d: sqlite{}, path: c.Path, node: c.Node, few: fewLeads, runFrom: runFrom, mergeSlice: mergeSlice, now: time.Now}
	s.tidying.ctx, s.tidying.stop = context.WithCancel(context.Background())
	var err error
	if c.URL != "" {
		d, err := newPostgres(c.URL, c.Transfer)
		if err != nil {
			return nil, err
		}
		s.d, s.path = d, d.name()
	}
	if !c.ReadOnly {
		if s.w, err = s.d.openWriter(c); err != nil {
			return nil, err
		}
		if err = s.d.alone(ctx, func() error { return s.migrate(ctx) }); err != nil {
			return nil, errors.Join(s.err("open database", err), s.w.Close())
		}
	}
	if s.r, err = s.d.openReaders(c); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.leads = leads{s: s, q: s.r}
	if !c.ReadOnly {
		if s.pool, err = s.d.openQueue(ctx); err != nil {
			return nil, errors.Join(s.err("open database", err), s.Close())
		}
	}
	if c.ReadOnly {
		if err = s.checkVersion(ctx); err != nil {
			return nil, errors.Join(s.err("open database", err), s.Close())
		}
	}
	if !c.Transfer {
		if err = s.checkMoved(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Close closes the database. Transactions under way must have ended.
func (s *Store) Close() error {
	var errs []error
	if s.tidying.stop != nil {
		s.tidying.stop()
		s.tidying.wait.Wait()
	}
	if s.pool != nil {
		s.pool.Close()
	}
	s.d.idle()
	if s.r != nil { // before the writer: the last to close tidies the WAL, which a reader cannot
		errs = append(errs, s.r.Close())
	}
	if s.w != nil {
		errs = append(errs, s.w.Close())
	}
	return errors.Join(errs...)
}

// Writer is the pool of the one writing connection, nil if read-only. On SQLite
// the job queue works there.
func (s *Store) Writer() *sql.DB { return s.w }

// Pool is where the job queue works on PostgreSQL, nil on SQLite.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Alone runs f while nobody writes, on any node. On SQLite f must not write
// either.
func (s *Store) Alone(ctx context.Context, f func() error) error {
	return s.inTx(ctx, func(*tx) error { return f() })
}

// OnWake sets who enqueues jobs. It must be set before the first step runs;
// without it the queue's own sweep finds what is to be done.
func (s *Store) OnWake(w Waker) { s.waker = w }

// Waiting reports whether somebody waits to write, on any node, so that a long
// transaction commits early.
func (s *Store) Waiting() bool {
	if s.waiting.Load() > 0 {
		return true
	}
	if !s.d.waiting(s.r) {
		return false
	}
	s.waited.Store(millis(time.Now())) // what it tells itself, it does not tell us
	return true
}

// WaitedSince reports whether somebody had to wait for it since a time.
func (s *Store) WaitedSince(at time.Time) bool { return s.waited.Load() >= millis(at) }

func (s *Store) goose(db *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(s.d.goose(), db, migrationFiles{dir, s.d}, goose.WithDisableGlobalRegistry(true))
}

func (s *Store) migrate(ctx context.Context) error {
	p, err := s.goose(s.w)
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	s.version = target
	switch {
	case err != nil:
		return err
	case current > target:
		if may, err := s.mayRead(ctx, s.w, target); err != nil || may {
			return err
		}
		return newer(current, target)
	case current == target:
		// A database that may not be written opens without a word and would fail
		// at the first change only; this changes nothing.
		_, err := s.w.ExecContext(ctx, `delete from counter where name = ''`)
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the database from version %d to %d: %w", current, target, err)
	}
	return s.noteReader(ctx)
}

// checkVersion is for read-only databases, which cannot be migrated.
func (s *Store) checkVersion(ctx context.Context) error {
	p, err := s.goose(s.r)
	if err != nil {
		return err
	}
	var target int64
	for _, src := range p.ListSources() {
		target = max(target, src.Version)
	}
	var current int64
	err = s.r.QueryRowContext(ctx, `select max(version_id) from goose_db_version where is_applied`).Scan(&current)
	switch {
	case err != nil:
		return err
	case current > target:
		if may, err := s.mayRead(ctx, s.r, target); err != nil || may {
			return err
		}
		return newer(current, target)
	case current < target:
		return fmt.Errorf("the database has version %d, this Leadport needs %d: start leadport serve once, which brings it up to date", current, target)
	}
	return nil
}

func newer(current, target int64) error {
	return fmt.Errorf("%w: it has version %d, this Leadport knows up to %d; install the newer Leadport or restore a backup from before", ErrNewer, current, target)
}
