// Package examples holds files to try Leadport with. The demo leaves them in
// its folder.
package examples

import "embed"

// Files are the lists and their recipes.
//
//go:embed *.csv *.toml
var Files embed.FS
