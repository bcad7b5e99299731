package store

import (
	"errors"
	"fmt"

	"github.com/leadport/leadport/internal/lead"
)

// Kinds of errors beside those of package lead, to be tested with errors.Is.
var (
	ErrNewer       = errors.New("the database is from a newer version of Leadport")
	ErrFull        = errors.New("the disk is full")
	ErrCorrupt     = errors.New("the database is damaged")
	ErrReadOnly    = errors.New("the database cannot be written")
	ErrUnavailable = errors.New("the database is not available")
	// ErrDisk is an ErrUnavailable that trying again does not mend.
	ErrDisk = fmt.Errorf("the disk fails: %w", ErrUnavailable)
)

// errTaken is a broken uniqueness; who meets it says of what.
var errTaken = fmt.Errorf("exists already: %w", lead.ErrConflict)

// err wraps an error with what was being done; an engine's error becomes one
// of the kinds by its code.
func (s *Store) err(doing string, err error) error {
	if err == nil {
		return nil
	}
	if k := s.d.kind(err, s.path); k != nil {
		return fmt.Errorf("%s: %w (%v)", doing, k, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func notFound(what string, id any) error {
	return fmt.Errorf("%s %v: %w", what, id, lead.ErrNotFound)
}
