package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImport drives the import journey: by mouse and by keyboard alone, with
// hostile text, with 100,000 records that are all wrong, and with cuts. With
// LEADPORT_SHOTS=DIR it leaves the pictures of docs/guide.md there; with
// LEADPORT_FIGURES=1 it fails where the sheet is slower than it is to be;
// SCENES="mouse rest" drives these parts only.
func TestImport(t *testing.T) {
	corpora := os.Getenv("LEADPORT_CORPORA")
	if corpora == "" {
		corpora = filepath.Join("..", "..", "..", "..", "shared", "corpora")
	}
	drive(t, "import.mjs", strings.Fields(os.Getenv("SCENES")), "LEADPORT_CORPORA="+corpora, "SHOTS="+shots(t))
}

// TestShots brings every screen into every state: 0, 1 and many rows, names of
// 255 characters, text from right to left, a refused file, no permission, no
// server. With LEADPORT_SHOTS=DIR it leaves pictures of them all there, in
// four widths and both themes, for a person to look at; SCENES="leads lead"
// makes these only. Without, it judges those that no other test visits.
func TestShots(t *testing.T) {
	scenes := strings.Fields(os.Getenv("SCENES"))
	if len(scenes) == 0 && shots(t) == "" {
		scenes = []string{"gate", "choose"}
	}
	drive(t, "shots.mjs", scenes, "SHOTS="+shots(t))
}

// shots is the folder that pictures are wanted in, or none.
func shots(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("LEADPORT_SHOTS")
	if dir == "" {
		return ""
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
