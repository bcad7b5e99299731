package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A mutation whose text is not in the program any more proves nothing.
func TestTextsStand(t *testing.T) {
	for _, m := range mutations() {
		text, err := os.ReadFile(filepath.Join("..", "..", m.file))
		if err != nil {
			t.Fatal(err)
		}
		for _, old := range strings.Split(m.old, and) {
			if n := strings.Count(string(text), old); n != 1 {
				t.Errorf("%s: its text stands %d times in %s:\n%s", m.name, n, m.file, old)
			}
		}
	}
}
