package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// Several nodes work on one PostgreSQL database. What keeps them apart are
// locks of transactions, which a pooler between node and database may be in
// transaction mode for, and leases by the database's clock.

// Advisory locks of an installation, which is a schema.
const (
	migrateLock = `(1818584419, hashtext(current_schema()))`
	commitLock  = `(1818584420, hashtext(current_schema()))`

	// commitQueue are the locks on commitLock that are held or waited for.
	commitQueue = `pg_locks l where l.locktype = 'advisory' and l.classid = 1818584420 and l.objsubid = 2
		and l.objid = (hashtext(current_schema())::bigint & 4294967295)::oid
		and l.database = (select oid from pg_database where datname = current_database())`
)

const (
	// lookEvery is how often one that waits to write looks whether the one who
	// writes is still there.
	lookEvery = time.Second
	// silentFor, if a test does not say otherwise, is how long a node that writes may say nothing while others
	// wait. Nodes are frozen, and networks cut, without the database noticing.
	silentFor = 10 * time.Second
)

func (*postgres) nodes() bool { return true }

func (*postgres) clock() string {
	return "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)"
}

// alone holds a lock in a transaction on a connection of its own.
func (d *postgres) alone(ctx context.Context, f func() error) error {
	db := stdlib.OpenDB(*d.config)
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock`+migrateLock); err != nil {
		return err
	}
	return f()
}

// sharing is the counter that names the import whose parts share the lock. It
// is set with the lock in one's own hands only.
const sharing = "sharing"

// errOthersShare says that the parts of another import share the lock.
var errOthersShare = errors.New("the parts of another import write")

// begin waits for the one lock of the installation. Transactions after it see
// all that was committed before, since their snapshots are taken per statement.
// What they join is a list of ids with a table in which each has an index:
// nothing else may be planned, above all for tables never analyzed.
func (d *postgres) begin(ctx context.Context, tx *sql.Tx, readers *sql.DB, imp int64) error {
	mode := ""
	if imp != 0 {
		mode = "_shared"
	}
	if err := d.lock(ctx, tx, readers, mode); err != nil || imp == 0 {
		return err
	}
	var whose int64
	err := tx.QueryRowContext(ctx, `select coalesce(max(value), 0) from counter where name = $1`, sharing).Scan(&whose)
	if err == nil && whose != imp {
		err = errOthersShare
	}
	return err
}

func (d *postgres) lock(ctx context.Context, tx *sql.Tx, readers *sql.DB, mode string) error {
	var taken bool
	err := tx.QueryRowContext(ctx, `select pg_try_advisory_xact_lock`+mode+commitLock+` from set_config('enable_hashjoin', 'off', true) a, set_config('enable_mergejoin', 'off', true) b`).Scan(&taken)
	if err != nil || taken {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				d.endSilent(ctx, readers)
			case <-ctx.Done():
				return
			}
		}
	}()
	_, err = tx.ExecContext(ctx, `select pg_advisory_xact_lock`+mode+commitLock)
	return err
}

// endSilent ends the sessions that hold the lock if their node has sent nothing
// for too long: in the middle of a transaction, or of the rows of a COPY, which
// no timeout of PostgreSQL ends. What it wrote is rolled back.
func (d *postgres) endSilent(ctx context.Context, readers *sql.DB) {
	rows, err := readers.QueryContext(ctx, `select pg_terminate_backend(a.pid) from pg_stat_activity a
		where a.wait_event = 'ClientRead' and a.state_change < clock_timestamp() - $1 * interval '1 millisecond'
		and a.pid in (select l.pid from `+commitQueue+` and l.granted)`, d.silent.Milliseconds())
	if err == nil { // else the one who waits goes on waiting, and says so in the end
		rows.Close()
	}
}

func (*postgres) waiting(readers *sql.DB) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var some bool
	err := readers.QueryRowContext(ctx, `select exists (select 1 from `+commitQueue+` and not l.granted)`).Scan(&some)
	return err == nil && some
}

// minReader is the lowest version of the schema whose Leadport may still work on
// the present one: migrations only add, so nodes of two versions run side by
// side while an installation is brought up to date. Before 6 nodes took every
// part but the first for somebody else's, and sequences for those of commits;
// before 8 they found no key in a block.
const minReader = 8

// mayRead reports whether this Leadport, which knows the schema up to a version,
// may work on a database that a newer one has migrated.
func (s *Store) mayRead(ctx context.Context, db *sql.DB, known int64) (bool, error) {
	least, err := leastReader(ctx, db)
	return least > 0 && least <= known, err
}

func leastReader(ctx context.Context, q querier) (least int64, err error) {
	err = q.QueryRowContext(ctx, `select coalesce(max(value), 0) from counter where name = 'min_reader'`).Scan(&least)
	return least, err
}

// mayStill refuses a write if a newer Leadport has migrated the database since
// this one opened it, and left what this one would take for something else.
func (s *Store) mayStill(ctx context.Context, q *sql.Tx) error {
	least, err := leastReader(ctx, q)
	if err == nil && least > s.version {
		err = fmt.Errorf("%w, which was started meanwhile. This one knows up to version %d of the schema and writes nothing any more: end it and start the newer one", ErrNewer, s.version)
	}
	return err
}

// noteReader keeps who may read what a migration left.
func (s *Store) noteReader(ctx context.Context) error {
	_, err := s.w.ExecContext(ctx, `insert into counter (name, value) values ('min_reader', $1)
		on conflict (name) do update set value = excluded.value`, minReader)
	if err != nil {
		return fmt.Errorf("note who may read the database: %w", err)
	}
	return nil
}
