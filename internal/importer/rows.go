package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/leadport/leadport/internal/table"
)

// A workbook or packed file is read from its beginning to reach any record. So
// the first pass over it, the profile, keeps its rows beside the upload, under
// whose name Files deletes them with it; the check, the run and every window of
// the sheet read those. Without them (another sheet of the same file is being
// read, or the disk was full) the upload is read: slower, and the same.

// rows are the records of an import's file.
type rows struct {
	*table.Reader
	file io.Closer
}

// Close closes reader and file.
func (r *rows) Close() error { return errors.Join(r.Reader.Close(), r.file.Close()) }

// openRows opens the records of an import.
func (e *Engine) openRows(ctx context.Context, imp *Import, det *table.Detection) (*rows, error) {
	src, err := e.openUpload(ctx, imp)
	if err != nil {
		return nil, err
	}
	if det.Packed() {
		kept, err := e.keptRows(ctx, imp, det)
		if err == nil {
			return kept, src.Close()
		}
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, table.ErrOtherRows) {
			return nil, errors.Join(err, src.Close())
		}
	}
	rd, err := det.Open(src)
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	return &rows{rd, src}, nil
}

func rowsName(imp *Import) string { return imp.SHA256 + ".rows" }

// keptRows opens the rows that were kept, which fails with fs.ErrNotExist or
// table.ErrOtherRows where there are none.
func (e *Engine) keptRows(ctx context.Context, imp *Import, det *table.Detection) (*rows, error) {
	key, err := det.RowsKey(Version)
	if err != nil {
		return nil, fmt.Errorf("open rows of import %d: %w", imp.ID, err)
	}
	f, err := e.Files.Open(ctx, rowsName(imp))
	if err != nil {
		return nil, fmt.Errorf("open rows of import %d: %w", imp.ID, err)
	}
	rd, err := table.OpenRows(f, f.Size(), key, func() {
		if err := e.Files.Remove(context.WithoutCancel(ctx), rowsName(imp)); err != nil {
			e.Log.Warn("remove damaged rows", "import", imp.ID, "error", err)
		}
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open rows of import %d: %w", imp.ID, err), f.Close())
	}
	return &rows{rd, f}, nil
}

// maxKept bounds the rows of one upload that are kept.
const maxKept = 4 << 30

// profileRows is the profile of an import's file; on the way it keeps the rows of
// a packed one. That they could not be kept is no failure.
func (e *Engine) profileRows(ctx context.Context, imp *Import, src source, det *table.Detection) (*table.Profile, error) {
	if !det.Packed() {
		return table.ProfileOf(ctx, src, det)
	}
	f, err := e.Files.Create(ctx)
	if err != nil {
		e.Log.Warn("keep the rows of a file", "import", imp.ID, "error", err)
		return table.ProfileOf(ctx, src, det)
	}
	defer f.Abort()
	w := table.NewRowsWriter(f, maxKept)
	prof, err := table.ProfileAndKeep(ctx, src, det, w)
	if err != nil {
		return nil, err
	}
	key, err := det.RowsKey(Version)
	if err != nil {
		return nil, err
	}
	if err := w.Close(key, prof.Blank); err != nil {
		e.Log.Warn("keep the rows of a file", "import", imp.ID, "error", err)
		return prof, nil
	}
	if err := f.Commit(rowsName(imp)); err != nil {
		e.Log.Warn("keep the rows of a file", "import", imp.ID, "error", err)
		return prof, nil
	}
	return prof, e.orphaned(ctx, imp)
}

// orphaned deletes rows whose upload was deleted while they were written.
func (e *Engine) orphaned(ctx context.Context, imp *Import) error {
	f, err := e.Files.Open(ctx, imp.SHA256)
	if errors.Is(err, fs.ErrNotExist) {
		return e.Files.Remove(ctx, rowsName(imp))
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// hasRows: reading this import again would gain nothing.
func (e *Engine) hasRows(ctx context.Context, imp *Import, det *table.Detection) bool {
	if !det.Packed() {
		return true
	}
	r, err := e.keptRows(ctx, imp, det)
	if err != nil {
		return false
	}
	r.Close()
	return true
}
