package store

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leadport/leadport/internal/proptest"
)

// What the bulk writer takes in comes back by the driver as it was: texts of
// any bytes and size, numbers, rows of several shapes among statements.
func TestBulkRows(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, Config{Path: filepath.Join(t.TempDir(), "leadport.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.w.ExecContext(ctx, `create table bulk_test (id integer primary key, n integer not null default 0, a text not null default '', b text not null default '')`); err != nil {
		t.Fatal(err)
	}
	type row struct {
		id, n int64
		a, b  string
	}
	wide := &rowShape{table: "bulk_test", columns: []string{"id", "n", "a", "b"}}
	narrow := &rowShape{table: "bulk_test", columns: []string{"id", "b"}}
	proptest.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringN(0, 3, -1), rapid.SampledFrom([]string{"", "a\x00b", "\xff\xfe", strings.Repeat("long ", maxWaitingText/4)}))
		var want []row
		err := s.inTx(ctx, func(tx *tx) error {
			return s.d.bulk(ctx, tx, func(b bulk) error {
				var a args
				if err := b.exec(`delete from bulk_test`, nil); err != nil {
					return err
				}
				for id := range rapid.SampledFrom([]int64{0, 1, 7, maxWaiting, maxWaiting + 3}).Draw(t, "rows") {
					r := row{id: id, b: "the same"}
					if id < 4 || id > maxWaiting {
						r.b = text.Draw(t, "b")
					}
					var err error
					if id%5 == 3 {
						err = b.insert(narrow, a.reset().ints(r.id).texts(r.b).v)
					} else {
						r.n, r.a = rapid.Int64().Draw(t, "n"), "x"
						err = b.insert(wide, a.reset().ints(r.id, r.n).texts(r.a, r.b).v)
					}
					if err == nil && id%100 == 7 { // a statement meets the rows before it
						r.a = "changed"
						err = b.one(int(id), `update bulk_test set a = ? where id = ?`, a.reset().texts(r.a).ints(r.id).v)
					}
					if err != nil {
						return err
					}
					want = append(want, r)
				}
				return nil
			}, tx.said("write"))
		})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.r.QueryContext(ctx, `select id, n, a, b from bulk_test order by id`)
		if err != nil {
			t.Fatal(err)
		}
		got, err := collect(rows, func(r *row) []any { return []any{&r.id, &r.n, &r.a, &r.b} })
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d rows, want %d: %v", len(got), len(want), err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("got  %.200v\nwant %.200v", got[i], want[i])
			}
		}
	})
}

// An error of the bulk writer is the package's, as one of the driver is, and
// nothing of the transaction stays.
func TestBulkErrors(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, Config{Path: filepath.Join(t.TempDir(), "leadport.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	shape := &rowShape{table: "recipe", columns: []string{"name", "toml", "owner", "updated_at"}}
	put := func(toml string, names ...string) error {
		return s.inTx(ctx, func(tx *tx) error {
			return s.d.bulk(ctx, tx, func(b bulk) error {
				var a args
				for _, name := range names {
					if err := b.insert(shape, a.reset().texts(name, toml).ints(1, 2).v); err != nil {
						return err
					}
				}
				return nil
			}, tx.said("write"))
		})
	}
	if err := put("", "a", "b", "c", "a"); !errors.Is(err, errTaken) {
		t.Errorf("twice the same: %v", err)
	}
	if _, err := s.w.ExecContext(ctx, `pragma max_page_count = 200`); err != nil {
		t.Fatal(err)
	}
	if err := put(strings.Repeat("x", 2<<20), "d"); !errors.Is(err, ErrFull) {
		t.Errorf("full: %v", err)
	}
	var n int
	if err := s.r.QueryRowContext(ctx, `select count(*) from recipe`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows stayed: %v", n, err)
	}

	// A transaction that its context took back writes nothing more.
	gone, cancel := context.WithCancel(ctx)
	err = s.inTx(gone, func(tx *tx) error {
		cancel()
		for tx.q.QueryRowContext(ctx, `select 1`).Scan(&n) == nil {
		}
		return s.d.bulk(ctx, tx, func(b bulk) error {
			var a args
			return b.insert(shape, a.texts("late", "").ints(1, 2).v)
		}, tx.said("write"))
	})
	if err == nil {
		t.Error("a transaction that was taken back committed")
	}
	if err := s.r.QueryRowContext(ctx, `select count(*) from recipe`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows came late: %v", n, err)
	}
}
