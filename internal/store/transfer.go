package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leadport/leadport/internal/lead"
)

// A transfer brings everything of one database to another, of either engine: a
// move, or a backup of PostgreSQL. The tables are those that the catalogs name,
// so a new one is brought along without a word here.

// TableSum is what a table holds: its rows and a sum over them, which is the
// same on both engines and in any order.
type TableSum struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	Sum   string `json:"sum"`
}

// Transfer says how to transfer.
type Transfer struct {
	// Move keeps everybody else from writing to the source meanwhile and marks
	// it in the end as moved to there; a backup goes on beside them.
	Move  bool
	There string
	// Batch is how many rows a transaction on the target has; 0 means 20,000.
	Batch int
	// Tell is told how many rows of a table are done, of how many; may be nil.
	Tell func(table string, rows, of int64)
}

const (
	// movingTable is in a database that is the target of a transfer; its row says
	// of which installation.
	movingTable = "moving"
	// movedSetting is in a database that was moved; it says where to.
	movedSetting = "moved"

	batchRows  = 20_000
	batchBytes = 32 << 20
)

// ErrMoved refuses a database that was moved, or is the target of a transfer
// that has not come to its end.
var ErrMoved = errors.New("not to be worked on")

// checkMoved refuses to work on a database that only transfers may touch.
func (s *Store) checkMoved(ctx context.Context) error {
	tables, err := s.tables(ctx, s.r)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(tables, func(t tableShape) bool { return t.name == movingTable }) {
		return fmt.Errorf("%w: %s is what something is being moved or restored to, and that has not come to its end; call it again", ErrMoved, s.path)
	}
	to, err := s.Setting(ctx, movedSetting)
	if err == nil && to != "" {
		err = fmt.Errorf("%w: the leads of %s were moved to %s; work there", ErrMoved, s.path, to)
	}
	return err
}

// tableShape is a table as the catalog describes it.
type tableShape struct {
	name    string
	columns []string
	key     []int // of the primary key in its order: indexes of columns
}

// tables returns the tables there are, in order of name, with their columns.
func (s *Store) tables(ctx context.Context, q querier) ([]tableShape, error) {
	rows, err := q.QueryContext(ctx, s.d.catalog())
	if err != nil {
		return nil, s.err("read the catalog", err)
	}
	type line struct {
		table, column string
		key           int
	}
	lines, err := collect(rows, func(l *line) []any { return []any{&l.table, &l.column, &l.key} })
	if err != nil {
		return nil, s.err("read the catalog", err)
	}
	var out []tableShape
	keys := map[int]int{} // position in the key → column, of the table at hand
	finish := func() {
		for i := 1; i <= len(keys); i++ {
			out[len(out)-1].key = append(out[len(out)-1].key, keys[i])
		}
		clear(keys)
	}
	for _, l := range lines {
		if len(out) == 0 || out[len(out)-1].name != l.table {
			if len(out) > 0 {
				finish()
			}
			out = append(out, tableShape{name: l.table})
		}
		t := &out[len(out)-1]
		if l.key > 0 {
			keys[l.key] = len(t.columns)
		}
		t.columns = append(t.columns, l.column)
	}
	if len(out) > 0 {
		finish()
	}
	slices.SortFunc(out, func(a, b tableShape) int { return cmp.Compare(a.name, b.name) })
	return out, nil
}

// kept are the tables that are transferred: not those of migrations, of the job
// queue, which finds by itself what is to be done, and of the search index, which
// follows the leads.
func kept(all []tableShape) []tableShape {
	return slices.DeleteFunc(slices.Clone(all), func(t tableShape) bool {
		return t.name == "goose_db_version" || t.name == movingTable || strings.HasPrefix(t.name, "river_") ||
			strings.HasPrefix(t.name, "lead_search") || strings.HasPrefix(t.name, "sqlite_")
	})
}

// query reads a table in the order of its key. Nobody holds a lease on what is
// transferred, and that it was moved stays behind.
func (t *tableShape) query() string {
	list := make([]string, len(t.columns))
	for i, c := range t.columns {
		list[i] = `"` + c + `"`
		if c == "lease_until" {
			list[i] = "0"
		}
	}
	text := "select " + strings.Join(list, ", ") + " from " + t.name
	if t.name == "setting" {
		text += ` where key <> '` + movedSetting + `'`
	}
	if len(t.key) > 0 {
		var order []string
		for _, i := range t.key {
			order = append(order, `"`+t.columns[i]+`"`)
		}
		text += " order by " + strings.Join(order, ", ")
	}
	return text
}

// sum gathers rows.
type sum struct {
	rows  int64
	total uint64
	buf   []byte
}

func (s *sum) add(row []any) error {
	b := s.buf[:0]
	for _, v := range row {
		switch v := v.(type) {
		case nil:
			b = append(b, 'n')
		case int64:
			b = binary.LittleEndian.AppendUint64(append(b, 'i'), uint64(v))
		case string:
			b = append(binary.LittleEndian.AppendUint64(append(b, 't'), uint64(len(v))), v...)
		case []byte:
			b = append(binary.LittleEndian.AppendUint64(append(b, 'b'), uint64(len(v))), v...)
		default:
			return fmt.Errorf("a value of type %T cannot be transferred", v)
		}
	}
	s.buf = b
	h := sha256.Sum256(b)
	s.total += binary.LittleEndian.Uint64(h[:])
	s.rows++
	return nil
}

func (s *sum) of(table string) TableSum {
	return TableSum{table, s.rows, fmt.Sprintf("%016x", s.total)}
}

// scanTable calls f with every row of a table, whose slice is used again.
func (s *Store) scanTable(ctx context.Context, q querier, t *tableShape, f func(row []any) error) error {
	rows, err := q.QueryContext(ctx, t.query())
	if err != nil {
		return s.err("read table "+t.name, err)
	}
	defer rows.Close()
	row := make([]any, len(t.columns))
	into := make([]any, len(row))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return s.err("read table "+t.name, err)
		}
		if err := f(row); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return s.err("read table "+t.name, rows.Err())
}

func (s *Store) sumOf(ctx context.Context, q querier, t *tableShape) (TableSum, error) {
	var n sum
	err := s.scanTable(ctx, q, t, n.add)
	return n.of(t.name), err
}

// Sums returns what the tables hold that a transfer brings along.
func (s *Store) Sums(ctx context.Context) ([]TableSum, error) {
	all, err := s.tables(ctx, s.r)
	if err != nil {
		return nil, err
	}
	var out []TableSum
	for _, t := range kept(all) {
		n, err := s.sumOf(ctx, s.r, &t)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// Transfer brings everything of s to another database, which is empty, or what
// an earlier call with the same source, killed in the middle, has left. It
// returns what is there, each table compared row for row with the source.
// Finish has to follow; until then nobody works on the target.
func (s *Store) Transfer(ctx context.Context, to *Store, o Transfer) (sums []TableSum, err error) {
	if !o.Move {
		return s.transfer(ctx, to, o)
	}
	err = s.inTx(ctx, func(t *tx) error {
		if sums, err = s.transfer(ctx, to, o); err != nil {
			return err
		}
		_, err = t.exec(ctx, `insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value`, movedSetting, o.There)
		return s.err("note that it was moved", err)
	})
	return sums, err
}

func (s *Store) transfer(ctx context.Context, to *Store, o Transfer) ([]TableSum, error) {
	from, err := s.r.BeginTx(ctx, &sql.TxOptions{Isolation: s.d.snapshot(), ReadOnly: true})
	if err != nil {
		return nil, s.err("begin to read", err)
	}
	defer from.Rollback()
	all, err := s.tables(ctx, from)
	if err != nil {
		return nil, err
	}
	there, err := to.tables(ctx, to.r)
	if err != nil {
		return nil, err
	}
	tables := kept(all)
	if err := sameShape(tables, kept(there)); err != nil {
		return nil, err
	}
	var mark string
	if err := from.QueryRowContext(ctx, `select value from setting where key = 'installation'`).Scan(&mark); err != nil {
		return nil, s.err("read which installation it is", err)
	}
	if err := to.receive(ctx, mark, there, tables); err != nil {
		return nil, err
	}
	var sums []TableSum
	for i := range tables {
		n, err := s.transferTable(ctx, from, to, &tables[i], o)
		if err != nil {
			return nil, err
		}
		sums = append(sums, n)
	}
	return sums, nil
}

func sameShape(from, to []tableShape) error {
	for i := range max(len(from), len(to)) {
		if i >= len(from) || i >= len(to) || from[i].name != to[i].name {
			return fmt.Errorf("source and target have different tables: bring both up to date with the same version of leadport: %w", lead.ErrConflict)
		}
		a, b := slices.Sorted(slices.Values(from[i].columns)), slices.Sorted(slices.Values(to[i].columns))
		if !slices.Equal(a, b) {
			return fmt.Errorf("source and target have different columns in %s: bring both up to date with the same version of leadport: %w", from[i].name, lead.ErrConflict)
		}
	}
	return nil
}

// receive makes the database the target of a transfer of an installation. It
// refuses one that has anything of its own.
func (s *Store) receive(ctx context.Context, mark string, all, tables []tableShape) error {
	return s.inTx(ctx, func(t *tx) error {
		if slices.ContainsFunc(all, func(t tableShape) bool { return t.name == movingTable }) {
			var of string
			if err := t.q.QueryRowContext(ctx, `select source from `+movingTable).Scan(&of); err != nil {
				return s.err("look at the target", err)
			}
			if of != mark {
				return fmt.Errorf("another installation is being moved or restored to %s: choose another: %w", s.path, lead.ErrConflict)
			}
			return nil
		}
		for _, x := range tables {
			if x.name == "choice" || x.name == "counter" {
				continue // migrations fill them
			}
			var some bool
			if err := t.q.QueryRowContext(ctx, `select exists (select 1 from `+x.name+`)`).Scan(&some); err != nil {
				return s.err("look at the target", err)
			}
			if some {
				return fmt.Errorf("%s is not empty (it has rows in %s): choose another, or empty it: %w", s.path, x.name, lead.ErrConflict)
			}
		}
		for _, x := range tables {
			if _, err := t.exec(ctx, `delete from `+x.name); err != nil {
				return s.err("begin", err)
			}
		}
		_, err := t.exec(ctx, `create table `+movingTable+` (source text not null)`)
		if err == nil {
			_, err = t.exec(ctx, `insert into `+movingTable+` (source) values ($1)`, mark)
		}
		return s.err("begin", err)
	})
}

// transferTable goes on behind the rows that are there, if these are the
// source's, else anew.
func (s *Store) transferTable(ctx context.Context, from querier, to *Store, t *tableShape, o Transfer) (TableSum, error) {
	there, err := to.sumOf(ctx, to.r, t)
	if err != nil {
		return there, err
	}
	if there.Rows > 0 && len(t.key) == 0 {
		there.Rows = 0
		if err := to.clear(ctx, t.name); err != nil {
			return there, err
		}
	}
	var all int64
	if o.Tell != nil {
		if err := from.QueryRowContext(ctx, `select count(*) from `+t.name).Scan(&all); err != nil {
			return there, s.err("count table "+t.name, err)
		}
	}
	var n sum
	var batch [][]any
	size := 0
	shape := &rowShape{table: t.name, columns: t.columns}
	flush := func() error {
		if err := to.put(ctx, shape, batch); err != nil {
			return err
		}
		batch, size = batch[:0], 0
		if o.Tell != nil {
			o.Tell(t.name, n.rows, all)
		}
		return nil
	}
	err = s.scanTable(ctx, from, t, func(row []any) error {
		if n.rows == there.Rows && n.rows > 0 && n.of(t.name) != there {
			return errOther
		}
		fresh := n.rows >= there.Rows
		if err := n.add(row); err != nil || !fresh {
			return err
		}
		batch, size = append(batch, slices.Clone(row)), size+len(n.buf)
		if len(batch) < cmp.Or(o.Batch, batchRows) && size < batchBytes {
			return nil
		}
		return flush()
	})
	if err == nil && n.rows <= there.Rows && n.of(t.name) != there {
		err = errOther
	}
	if errors.Is(err, errOther) {
		if err := to.clear(ctx, t.name); err != nil {
			return there, err
		}
		return s.transferTable(ctx, from, to, t, o)
	}
	if err == nil && len(batch) > 0 {
		err = flush()
	}
	if err != nil {
		return there, err
	}
	got, err := to.sumOf(ctx, to.r, t)
	if err == nil && got != n.of(t.name) {
		err = fmt.Errorf("table %s: %d rows with the sum %s arrived of %d with the sum %s; call it again", t.name, got.Rows, got.Sum, n.rows, n.of(t.name).Sum)
	}
	return got, err
}

// errOther says that the rows in the target are not the first of the source.
var errOther = errors.New("other rows are there")

func (s *Store) clear(ctx context.Context, table string) error {
	return s.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `delete from `+table)
		return s.err("clear table "+table, err)
	})
}

func (s *Store) put(ctx context.Context, shape *rowShape, rows [][]any) error {
	return s.inTx(ctx, func(t *tx) error {
		return s.err("write table "+shape.table, s.d.put(ctx, t, shape, rows))
	})
}

// Finish makes the target of a transfer a database to work on. Its search index
// begins anew.
func (s *Store) Finish(ctx context.Context, settings map[string]string) error {
	err := s.inTx(ctx, func(t *tx) error {
		for _, text := range []string{`drop table ` + movingTable, `delete from counter where name in ('search_seq', 'search_lead')`} {
			if _, err := t.exec(ctx, text); err != nil {
				return s.err("finish", err)
			}
		}
		return t.settings(ctx, settings)
	})
	if err == nil && s.pool != nil {
		_, err = s.w.ExecContext(ctx, `analyze`) // plans on never-analyzed tables go quadratic
	}
	return s.err("finish", err)
}

// PutSettings stores settings without asking who wants it; "" takes one away.
func (s *Store) PutSettings(ctx context.Context, settings map[string]string) error {
	return s.inTx(ctx, func(t *tx) error { return t.settings(ctx, settings) })
}

func (t *tx) settings(ctx context.Context, settings map[string]string) error {
	for key, value := range settings {
		_, err := t.exec(ctx, `delete from setting where key = $1`, key)
		if err == nil && value != "" {
			_, err = t.exec(ctx, `insert into setting (key, value) values ($1, $2)`, key, value)
		}
		if err != nil {
			return t.s.err("change setting "+key, err)
		}
	}
	return nil
}

// Others is how many sessions of other processes work on the database; always 0
// on SQLite, where a lock on the folder keeps them out.
func (s *Store) Others(ctx context.Context) (n int64, err error) {
	if s.pool == nil {
		return 0, nil
	}
	err = s.r.QueryRowContext(ctx, `select count(*) from pg_stat_activity where datname = current_database() and application_name = 'leadport'`).Scan(&n)
	return n, s.err("look for other processes", err)
}

// OpenCopy opens a copy of an SQLite database to be read, of whatever version.
func OpenCopy(path string) (*Store, error) {
	s := &Store{d: sqlite{}, path: filepath.Clean(path)}
	var err error
	if s.r, err = s.d.openReaders(Config{Path: path, ReadOnly: true}); err != nil {
		return nil, err
	}
	s.leads = leads{s: s, q: s.r}
	return s, nil
}
