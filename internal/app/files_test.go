package app_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/blob/s3test"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// s3place makes an empty place for files in S3.
func s3place(t *testing.T) string {
	t.Helper()
	server := s3test.Start(t)
	t.Setenv("AWS_ACCESS_KEY_ID", s3test.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3test.SecretKey)
	return server.Place(t)
}

// importLeads imports as many leads as are asked for; those there already count.
func importLeads(t *testing.T, a *app.App, p access.Principal, leads int) *importer.Import {
	t.Helper()
	ctx := t.Context()
	var file strings.Builder
	file.WriteString("Lead name,Company name,Emails 1 Email\n")
	for i := range leads {
		fmt.Fprintf(&file, "Lead %d,Acme,lead%d@example.com\n", i, i)
	}
	imp, err := a.Engine.Upload(ctx, p, "leads.csv", func() (string, int64, error) {
		ref, err := a.Files.Put(ctx, strings.NewReader(file.String()), 1<<20)
		return ref.SHA256, ref.Size, err
	}, importer.Options{})
	must(t, err)
	_, err = a.Engine.Prepare(ctx, p, imp.ID, &recipe.Recipe{})
	must(t, err)
	must(t, a.Engine.Check(ctx, p, imp.ID, nil))
	must(t, a.Work(ctx))
	must(t, a.Engine.Start(ctx, p, imp.ID))
	imp, err = a.Watch(ctx, imp.ID, nil)
	must(t, err)
	if imp.State != importer.Done || imp.Accounting.New+imp.Accounting.Unchanged+imp.Accounting.Update+imp.Accounting.Skipped != int64(leads) {
		t.Fatalf("%s, %+v", imp.State, imp.Accounting)
	}
	return imp
}

// An import, from its check to its rejects and undo, with its files in S3, and
// nothing of them in the folder.
func TestFilesInS3(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	conf := app.Config{Data: dir, DatabaseURL: pgtest.Chosen(t), Files: s3place(t), MaxUpload: 1 << 20}
	a, err := app.Open(ctx, conf, slog.New(slog.DiscardHandler))
	must(t, err)
	p, _, err := a.Principal(ctx, "")
	must(t, err)
	imp := importLeads(t, a, p, 50)
	must(t, a.Close(ctx))

	a, err = app.Open(ctx, conf, slog.New(slog.DiscardHandler))
	must(t, err)
	must(t, a.Work(ctx))
	fate, err := a.Engine.Fate(ctx, p, imp.ID, 7)
	must(t, err)
	if fate.Outcome != "new" {
		t.Errorf("%+v", fate)
	}
	undo, err := a.Engine.Undo(ctx, p, imp.ID, importer.Options{})
	must(t, err)
	_, err = a.Watch(ctx, undo.ID, nil)
	must(t, err)
	must(t, a.Close(ctx))
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !strings.HasPrefix(e.Name(), "leadport.db") && !slices.Contains([]string{"server.lock", "postgres", "node"}, e.Name()) {
			t.Errorf("%s is left in the folder", path)
		}
		return err
	})
	must(t, err)
}

// The files of an installation are in one place, and a place in S3 is one
// installation's.
func TestSamePlace(t *testing.T) {
	place := s3place(t)
	open := func(c app.Config) error {
		a, err := app.Open(context.Background(), c, slog.New(slog.DiscardHandler))
		if err == nil {
			err = a.Close(context.Background())
		}
		return err
	}
	here, there := t.TempDir(), t.TempDir()
	must(t, open(app.Config{Data: here, Files: place}))
	must(t, open(app.Config{Data: here, Files: place}))
	a, err := app.Open(t.Context(), app.Config{Data: there, MaxUpload: 1 << 20}, slog.New(slog.DiscardHandler))
	must(t, err)
	p, _, err := a.Principal(t.Context(), "")
	must(t, err)
	importLeads(t, a, p, 1)
	must(t, a.Close(t.Context()))
	for says, c := range map[string]app.Config{
		"files of this installation are in s3://": {Data: here},
		"files of this installation are in a fol": {Data: there, Files: place},
		"the files of another installation":       {Data: filepath.Join(here, "new"), Files: place},
	} {
		if err := open(c); !errors.Is(err, lead.ErrInvalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	if _, err := os.Stat(filepath.Join(here, "files")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder for files was made: %v", err)
	}
}
