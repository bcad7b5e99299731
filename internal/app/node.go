package app

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// nodeOf is the name of the node on a folder, made once: as the folder is one
// process's at a time, whatever has that name in the database is ours, or was
// of one that no longer lives.
func nodeOf(data string) (string, error) {
	at := filepath.Join(data, "node")
	text, err := os.ReadFile(at)
	if name := strings.TrimSpace(string(text)); err == nil && name != "" {
		return name, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the data folder %s cannot be used: %w", data, err)
	}
	name := rand.Text()[:16]
	if err := os.WriteFile(at, []byte(name+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("the data folder %s cannot be used: %w", data, err)
	}
	return name, nil
}
