//go:build ignore

// Generate bundles src and vendor into dist.
package main

import (
	"log"

	"github.com/leadport/leadport/internal/web/bundle"
)

func main() {
	files, err := bundle.Build(".")
	if err == nil {
		err = bundle.Write(".", files)
	}
	if err != nil {
		log.Fatal(err)
	}
}
