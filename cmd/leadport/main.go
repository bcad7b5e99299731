// Command leadport is a lead desk whose import is the best anywhere.
package main

import (
	"os"

	"github.com/leadport/leadport/internal/cli"
)

func main() { os.Exit(cli.Main()) }
