package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// A transfer that breaks off in the middle of a table goes on behind the rows
// that are there, unless these are no longer the source's.
func TestTransferGoesOn(t *testing.T) {
	for _, name := range []string{"SQLite", "PostgreSQL"} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			open := func(c Config) *Store {
				t.Helper()
				s, err := Open(ctx, c)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { s.Close() })
				return s
			}
			from := open(Config{Path: filepath.Join(t.TempDir(), "from.db")})
			if err := from.PutSettings(ctx, map[string]string{"installation": "A"}); err != nil {
				t.Fatal(err)
			}
			for i := range 500 {
				if _, err := from.w.ExecContext(ctx, `insert into tag (key, name) values ($1, $2)`, fmt.Sprintf("ä%d", i*7919%500), "Tag"); err != nil {
					t.Fatal(err)
				}
				if _, err := from.w.ExecContext(ctx, `insert into sign_in_failure (who, at) values ('x', $1)`, i%2); err != nil {
					t.Fatal(err)
				}
				if _, err := from.w.ExecContext(ctx, `insert into import_issue (import, n, issue, count, records) values (1, $1, '', 1, $2)`, i, []byte{0, byte(i), 255}); err != nil {
					t.Fatal(err)
				}
			}
			c := Config{Path: filepath.Join(t.TempDir(), "to.db"), Transfer: true}
			if name == "PostgreSQL" {
				c.URL = pgtest.URL(t)
			}
			to := open(c)
			written := 0
			try := func(stop int) ([]TableSum, error) {
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				written = 0
				return from.Transfer(ctx, to, Transfer{Batch: 50, Tell: func(table string, rows, of int64) {
					if table == "tag" {
						if rows > of || of < 499 || of > 500 {
							t.Errorf("%d rows of %d", rows, of)
						}
						if written++; written == stop {
							cancel()
						}
					}
				}})
			}
			if _, err := try(4); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			if _, err := try(2); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			sums, err := try(0)
			if err != nil {
				t.Fatal(err)
			}
			if written < 2 || written > 6 { // of ten, after 4 and 2
				t.Errorf("%d batches of tags were written at last", written)
			}
			for _, s := range sums {
				if want := map[string]int64{"tag": 500, "sign_in_failure": 500, "import_issue": 500}[s.Table]; s.Rows < want {
					t.Errorf("%s has %d rows", s.Table, s.Rows)
				}
			}
			// Somebody changed a row here, one there: neither is taken for the other.
			for s, text := range map[*Store]string{to: `update tag set name = 'Other' where key = 'ä3'`, from: `delete from tag where key = 'ä4'`} {
				if _, err := s.w.ExecContext(ctx, text); err != nil {
					t.Fatal(err)
				}
				if _, err := try(0); err != nil {
					t.Fatal(err)
				}
				if written != 10 {
					t.Errorf("%d batches were written again", written)
				}
			}
			if _, err := from.w.ExecContext(ctx, `update setting set value = 'B' where key = 'installation'`); err != nil {
				t.Fatal(err)
			}
			if _, err := try(0); !errors.Is(err, lead.ErrConflict) {
				t.Errorf("another installation: %v", err)
			}
		})
	}
}
