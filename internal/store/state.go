package store

import (
	"context"
	"database/sql"
)

// Numbers are how the installation stands.
type Numbers struct {
	Imports map[string]int64 // how many, by state
	Records map[string]int64 // records or rows done, by kind of import
	Mail    map[string]int64 // how many, by state
}

// Numbers counts how the installation stands.
func (s *Store) Numbers(ctx context.Context) (n Numbers, err error) {
	for _, q := range []struct {
		into *map[string]int64
		text string
	}{
		{&n.Imports, `select state, count(*) from import group by state`},
		{&n.Records, `select i.kind, cast(coalesce(sum(p.cursor - p.first), 0) as bigint) from import_part p join import i on i.id = p.import where p.later = 0 group by i.kind`},
		{&n.Mail, `select state, count(*) from outbox group by state`},
	} {
		rows, err := s.r.QueryContext(ctx, q.text)
		if err != nil {
			return n, s.err("count", err)
		}
		type number struct {
			name  string
			count int64
		}
		list, err := collect(rows, func(x *number) []any { return []any{&x.name, &x.count} })
		if err != nil {
			return n, s.err("count", err)
		}
		*q.into = map[string]int64{}
		for _, x := range list {
			(*q.into)[x.name] = x.count
		}
	}
	return n, nil
}

// Ready fails while the database gives no answer, or has not all that this
// Leadport needs.
func (s *Store) Ready(ctx context.Context) error {
	return s.err("ask the database", s.checkVersion(ctx))
}

// Readers is the pool that everything is read through.
func (s *Store) Readers() *sql.DB { return s.r }
