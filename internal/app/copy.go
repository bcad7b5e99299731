package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"

	"github.com/leadport/leadport/internal/blob"
)

// copied says what copyFiles found and did.
type copied struct {
	Files  int64 `json:"files"`
	Bytes  int64 `json:"bytes"`
	Copied int64 `json:"copied"` // the others were there
}

// copyFiles brings every file of a store to another, and reads back what it
// wrote. What is there with the same bytes is left as it is, so that it can be
// called again; files of the source that go meanwhile are not missed. tell may
// be nil.
func copyFiles(ctx context.Context, from, to blob.Store, tell MoveProgress) (done copied, err error) {
	var all int64
	if tell != nil {
		if err := from.Each(ctx, func(_ string, size int64) error { all += size; return nil }); err != nil {
			return done, err
		}
	}
	err = from.Each(ctx, func(name string, size int64) error {
		if err := copyFile(ctx, from, to, name, &done); err != nil && !errors.Is(err, errGone) {
			return fmt.Errorf("copy file %s: %w", name, err)
		}
		if tell != nil {
			tell(filesMoved, done.Bytes, max(all, done.Bytes)) // some may have come since
		}
		return nil
	})
	return done, err
}

// errGone says that the source's file is no longer there.
var errGone = errors.New("removed meanwhile")

func copyFile(ctx context.Context, from, to blob.Store, name string, done *copied) error {
	in, err := from.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return errGone
	}
	if err != nil {
		return err
	}
	defer in.Close()
	there, err := sumOf(ctx, to, name)
	if err != nil {
		return err
	}
	content := len(name) == 2*sha256.Size // the name is the sum
	want := name
	if !content && there != "" {
		if want, err = sumOf(ctx, from, name); err != nil {
			return err
		}
	}
	done.Files++
	done.Bytes += in.Size()
	if there != "" && there == want {
		return nil
	}
	hash := sha256.New()
	whole := io.TeeReader(io.NewSectionReader(in, 0, in.Size()), hash)
	if content {
		_, err = to.Put(ctx, whole, math.MaxInt64)
	} else {
		err = putNamed(ctx, to, name, whole)
	}
	if err != nil {
		return err
	}
	want = hex.EncodeToString(hash.Sum(nil))
	if content && want != name {
		return fmt.Errorf("its bytes are not those that were stored (SHA-256 %s): the disk it lies on damaged it; restore it from a backup", want)
	}
	got, err := sumOf(ctx, to, name)
	if err == nil && got != want {
		err = fmt.Errorf("what was written has SHA-256 %s, not %s: call the command again", got, want)
	}
	done.Copied++
	return err
}

func putNamed(ctx context.Context, to blob.Store, name string, r io.Reader) error {
	w, err := to.Create(ctx)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Commit(name)
}

// sumOf is the SHA-256 of a stored file, "" if it is not there.
func sumOf(ctx context.Context, s blob.Store, name string) (string, error) {
	f, err := s.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
