package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestImport drives the import journey: by mouse and by keyboard alone, with
// hostile text, with 100,000 records that are all wrong, and with cuts. With
// LEADPORT_SHOTS=DIR it leaves the pictures of docs/guide.md there; with
// LEADPORT_FIGURES=1 it fails where the sheet is slower than it is to be.
func TestImport(t *testing.T) {
	shots := os.Getenv("LEADPORT_SHOTS")
	if shots != "" {
		dir, err := filepath.Abs(shots)
		if err != nil {
			t.Fatal(err)
		}
		shots = dir
	}
	corpora := os.Getenv("LEADPORT_CORPORA")
	if corpora == "" {
		corpora = filepath.Join("..", "..", "..", "..", "shared", "corpora")
	}
	drive(t, 4*time.Minute, "import.mjs", nil, "LEADPORT_CORPORA="+corpora, "SHOTS="+shots)
}
