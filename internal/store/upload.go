package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/leadport/leadport/internal/access"
)

// Upload is a file on its way (tus 1.0).
type Upload struct {
	ID     string
	Name   string
	Length int64 // bytes, as announced
	Import int64 // once complete
	At     time.Time
}

// AddUpload begins an upload.
func (s *Store) AddUpload(ctx context.Context, p access.Principal, u Upload) error {
	return s.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `insert into upload (id, "user", name, length, at) values ($1, $2, $3, $4, $5)`,
			u.ID, p.User.ID, u.Name, u.Length, millis(s.now()))
		return s.err("begin upload", err)
	})
}

// GetUpload returns one's own upload; lead.ErrNotFound for any other.
func (s *Store) GetUpload(ctx context.Context, p access.Principal, id string) (Upload, error) {
	u := Upload{ID: id}
	err := s.r.QueryRowContext(ctx, `select name, length, import, at from upload where id = $1 and "user" = $2`, id, p.User.ID).
		Scan(&u.Name, &u.Length, &u.Import, timeColumn{&u.At})
	if errors.Is(err, sql.ErrNoRows) {
		return u, notFound("upload", id)
	}
	return u, s.err("read upload", err)
}

// EndUpload says which import an upload became.
func (s *Store) EndUpload(ctx context.Context, p access.Principal, id string, imp int64) error {
	return s.inTx(ctx, func(t *tx) error {
		return t.one(ctx, "upload", id, `update upload set import = $3 where id = $1 and "user" = $2`, id, p.User.ID, imp)
	})
}

// DropUpload forgets an upload.
func (s *Store) DropUpload(ctx context.Context, p access.Principal, id string) error {
	return s.inTx(ctx, func(t *tx) error {
		return t.one(ctx, "upload", id, `delete from upload where id = $1 and "user" = $2`, id, p.User.ID)
	})
}

// OldUploads forgets the uploads begun before a moment and returns their ids.
func (s *Store) OldUploads(ctx context.Context, before time.Time) (ids []string, err error) {
	err = s.inTx(ctx, func(t *tx) error {
		rows, err := t.q.QueryContext(ctx, `delete from upload where at < $1 returning id`, millis(before))
		if err != nil {
			return s.err("forget uploads", err)
		}
		ids, err = collect(rows, func(id *string) []any { return []any{id} })
		return s.err("forget uploads", err)
	})
	return ids, err
}
