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

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapLimit)
	}
	os.Exit(cli.Main())
}
