// Command leadport is a lead desk whose import is the best anywhere.
package main

import (
	"os"
	"runtime/debug"

	"github.com/leadport/leadport/internal/cli"
)

// heapLimit makes the collector work harder before the heap outgrows it, so
// that an import of 1,000,000 records stays below 512 MiB with SQLite's caches
// beside the heap. GOMEMLIMIT overrides it.
const heapLimit = 300 << 20

// heapGrowth is how many percent the heap grows between two collections, as
// long as it is below the limit: an import leaves little behind for each of
// them to find. GOGC overrides it.
const heapGrowth = 200

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapLimit)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	os.Exit(cli.Main())
}
