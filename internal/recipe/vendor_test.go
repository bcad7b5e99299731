package recipe

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestVendors holds the mapping of each program's export against
// testdata/vendor/NAME.golden; NAME.txt has a "Heading = value | value" line
// per column (rules 2.1 and 2.2 on real headings).
func TestVendors(t *testing.T) {
	files, err := filepath.Glob("testdata/vendor/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no vendors", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, proposals := suggestColumns(sheet(strings.Split(strings.TrimSpace(string(text)), "\n")...), testSchema(), nil)
			got := mapping(proposals)
			if r.ExternalSystem != "" {
				got += "external system: " + r.ExternalSystem + "\n"
			}
			golden := strings.TrimSuffix(file, ".txt") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}
