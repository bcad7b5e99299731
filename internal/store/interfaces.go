package store

import "github.com/leadport/leadport/internal/importer"

// What the engine asks of a database.
var (
	_ importer.Leads     = (*Store)(nil)
	_ importer.Directory = (*Store)(nil)
	_ importer.Imports   = (*Store)(nil)
	_ importer.Runs      = (*Store)(nil)
	_ importer.Journal   = (*Store)(nil)
	_ importer.Tx        = (*tx)(nil)
)
