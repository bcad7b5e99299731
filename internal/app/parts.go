package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/blob"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/store"
)

// openFiles opens the store of files and of uploads under way, where the
// configuration says, if it is this installation's.
func (a *App) openFiles(ctx context.Context) error {
	if err := a.samePlace(ctx); err != nil {
		return err
	}
	if blob.IsS3(a.Config.Files) {
		s, err := blob.OpenS3(ctx, a.Config.Files, filepath.Join(a.Config.Data, "scratch"))
		if err != nil {
			return err
		}
		a.Files, a.parts = s, s.Parts()
		return a.ownPlace(ctx)
	}
	d, err := blob.OpenDir(a.Config.filesDir())
	if err != nil {
		return err
	}
	a.Files = d
	parts, err := blob.OpenParts(a.Config.partsDir())
	if err != nil {
		return err
	}
	a.parts = parts
	return nil
}

// s3Name is a place in S3 without how to reach it, "" for a folder.
func s3Name(place string) string {
	if !blob.IsS3(place) {
		return ""
	}
	name, _, _ := strings.Cut(place, "?")
	return strings.TrimRight(name, "/")
}

// filesSetting says where the files of an installation are: s3Name.
const filesSetting = "files"

// samePlace refuses another place for files than the one where this
// installation's are: a node that kept its uploads for itself would let imports
// fail on the others.
func (a *App) samePlace(ctx context.Context) error {
	want := s3Name(a.Config.Files)
	have, err := a.Store.Setting(ctx, filesSetting)
	if err != nil || have == want {
		return err
	}
	if have != "" {
		return fmt.Errorf("the files of this installation are in %s: say so with --files or LEADPORT_FILES; to bring them elsewhere: leadport move: %w", have, lead.ErrInvalid)
	}
	list, err := a.Store.ListImports(ctx, access.System(), store.ImportFilter{}, 0, 1)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		return fmt.Errorf("the files of this installation are in a folder: leave --files and LEADPORT_FILES as they were; to bring them elsewhere: leadport move --to %s: %w", want, lead.ErrInvalid)
	}
	return a.Store.SetSetting(ctx, access.System(), filesSetting, want)
}

// ownPlace refuses a place in S3 that another installation uses, whose files
// would be deleted as nobody's; a new one is marked.
func (a *App) ownPlace(ctx context.Context) error {
	const name = "installation"
	mark, err := a.Store.Setting(ctx, name)
	if err != nil {
		return err
	}
	f, err := a.Files.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		w, err := a.Files.Create(ctx)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, mark); err != nil {
			return errors.Join(err, w.Abort())
		}
		return w.Commit(name)
	}
	if err != nil {
		return err
	}
	got, err := io.ReadAll(f)
	err = errors.Join(err, f.Close())
	if err == nil && string(got) != mark {
		err = fmt.Errorf("%s holds the files of another installation: name another prefix with --files: %w", s3Name(a.Config.Files), lead.ErrInvalid)
	}
	return err
}

// uploads shows uploads under way as the API wants them.
type uploads struct{ blob.Parts }

func (u uploads) Append(ctx context.Context, id string, offset int64, r io.Reader) (int64, error) {
	n, err := u.Parts.Append(ctx, id, offset, r)
	if errors.Is(err, blob.ErrOffset) {
		err = fmt.Errorf("%w: %w", err, lead.ErrConflict)
	}
	return n, notThere(err)
}

func (u uploads) Size(ctx context.Context, id string) (int64, error) {
	n, err := u.Parts.Size(ctx, id)
	return n, notThere(err)
}

func (u uploads) Open(ctx context.Context, id string) (io.ReadCloser, error) {
	f, err := u.Parts.Open(ctx, id)
	return f, notThere(err)
}

func notThere(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("upload: %w", lead.ErrNotFound)
	}
	return err
}
