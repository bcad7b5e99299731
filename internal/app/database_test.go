package app_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/leadport/leadport/internal/app"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/store/pgtest"
)

// The files of a folder belong to one database.
func TestSameDatabase(t *testing.T) {
	url := pgtest.URL(t)
	open := func(c app.Config) error {
		a, err := app.Open(t.Context(), c, slog.New(slog.DiscardHandler))
		if err == nil {
			err = a.Close(t.Context())
		}
		return err
	}
	here, there := t.TempDir(), t.TempDir()
	must(t, open(app.Config{Data: here}))
	must(t, open(app.Config{Data: there, DatabaseURL: url}))
	must(t, open(app.Config{Data: there, DatabaseURL: url}))
	for says, c := range map[string]app.Config{
		"has an SQLite database": {Data: here, DatabaseURL: url},
		"is on PostgreSQL":       {Data: there},
	} {
		if err := open(c); !errors.Is(err, lead.ErrInvalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
}
