package norm

import (
	"os"
	"path/filepath"
	"testing"
)

// corpus reads a file of the public test material, or skips the test.
func corpus(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("LEADPORT_CORPORA")
	if dir == "" {
		dir = "../../../shared/corpora"
	}
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Skipf("test material is not here (set LEADPORT_CORPORA): %v", err)
	}
	return b
}
