package store

import (
	"database/sql"
	"time"
)

// collect scans every row into a T whose fields dest points to.
func collect[T any](rows *sql.Rows, dest func(*T) []any) ([]T, error) {
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(dest(&v)...); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// millis is how the database holds a time: UTC milliseconds, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// timeColumn scans milliseconds into a time.
type timeColumn struct{ t *time.Time }

func (c timeColumn) Scan(v any) error {
	ms, _ := v.(int64)
	*c.t = fromMillis(ms)
	return nil
}
