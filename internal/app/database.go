package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/leadport/leadport/internal/lead"
)

// sameDatabase refuses a folder whose files belong to another database than
// the one that is asked for, and notes in a new one where its database is.
func sameDatabase(c Config) error {
	note := filepath.Join(c.Data, "postgres")
	there := func(path string) (bool, error) {
		_, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		return err == nil, err
	}
	elsewhere, err := there(note)
	if err != nil {
		return fmt.Errorf("the data folder %s cannot be used: %w", c.Data, err)
	}
	if c.DatabaseURL == "" {
		if elsewhere {
			return fmt.Errorf("the database of the folder %s is on PostgreSQL: say where with --database-url or LEADPORT_DATABASE_URL: %w", c.Data, lead.ErrInvalid)
		}
		if away := filepath.Join(c.Data, movedAway); exists(away) && !exists(filepath.Join(c.Data, database)) {
			return fmt.Errorf("the database of the folder %s was moved: work where it is now; to begin anew here, put %s away: %w", c.Data, away, lead.ErrInvalid)
		}
		return nil
	}
	here, err := there(filepath.Join(c.Data, "leadport.db"))
	if err != nil {
		return fmt.Errorf("the data folder %s cannot be used: %w", c.Data, err)
	}
	if here {
		return fmt.Errorf("the folder %s has an SQLite database; choose another with --data for the files beside PostgreSQL: %w", c.Data, lead.ErrInvalid)
	}
	if elsewhere {
		return nil
	}
	return os.WriteFile(note, []byte("The database of this folder is on PostgreSQL.\n"), 0o600)
}
