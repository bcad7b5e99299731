package recipe

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/leadport/leadport/internal/lead"
)

// maxFile bounds a recipe's TOML file, in bytes.
const maxFile = 4 << 20

// Load reads a recipe from TOML (toml.io, 1.0). A key that no recipe has is an
// error that names its line and the nearest key there is; so is a version of
// the format that is newer than this program. Errors in the text wrap
// lead.ErrInvalid; whether its fields exist is for Validate.
func Load(r io.Reader) (*Recipe, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read recipe: %w", err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("read recipe: longer than %d MiB: %w", maxFile>>20, lead.ErrInvalid)
	}
	var out Recipe
	meta, err := toml.Decode(string(text), &out)
	if err != nil {
		return nil, fmt.Errorf("read recipe: %s: %w", strings.TrimPrefix(err.Error(), "toml: "), lead.ErrInvalid)
	}
	// Said before unknown keys, which a newer format may well have.
	if out.Version > FormatVersion {
		return nil, fmt.Errorf("read recipe: written by a newer Leadport (format %d, this one reads up to %d): %w", out.Version, FormatVersion, lead.ErrInvalid)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		key := unknown[0]
		return nil, fmt.Errorf("read recipe: line %d: there is no key %q%s: %w",
			lineOf(string(text), key), key.String(), didYouMean(key[len(key)-1], keysBeside(key)), lead.ErrInvalid)
	}
	out.FoldValues()
	return &out, nil
}

// lineOf finds the line that sets a key. The decoder keeps positions of values
// alone, so the text is searched for the table and, below it, the key.
func lineOf(text string, key toml.Key) int {
	table := ""
	want, last := strings.Join(key[:len(key)-1], "."), key[len(key)-1]
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			table = strings.ReplaceAll(strings.Trim(strings.SplitN(line, "#", 2)[0], "[] \t"), `"`, "")
			if table == strings.Join(key, ".") {
				return i + 1
			}
			continue
		}
		name, _, ok := strings.Cut(line, "=")
		name = strings.Trim(strings.TrimSpace(name), `"'`)
		if ok && (table == want && name == last || table == "" && name == strings.Join(key, ".")) {
			return i + 1
		}
	}
	return 1
}

// keysBeside lists the keys that a recipe knows where an unknown one stands.
func keysBeside(key toml.Key) []string {
	t := reflect.TypeFor[Recipe]()
	for _, name := range key[:len(key)-1] {
		for i := range t.NumField() {
			if f := t.Field(i); tomlName(f) == name {
				t = f.Type
				if t.Kind() == reflect.Slice {
					t = t.Elem()
				}
				break
			}
		}
		if t.Kind() != reflect.Struct {
			return nil
		}
	}
	var out []string
	for i := range t.NumField() {
		out = append(out, tomlName(t.Field(i)))
	}
	return out
}

func tomlName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("toml"), ",")
	return name
}

// Hash identifies what a recipe does: 64 hexadecimal digits, equal for equal
// decisions on any machine. The name is not part of it.
func (r *Recipe) Hash() string {
	c := r.Clone()
	c.Name, c.Version = "", 0
	for i := range c.Columns {
		if len(c.Columns[i].To) == 0 {
			c.Columns[i].To = nil
		}
		if c.Columns[i].Nth == 1 {
			c.Columns[i].Nth = 0
		}
	}
	text, err := json.Marshal(c) // maps in order of keys, so the text is stable
	if err != nil {
		panic(err) // strings, numbers and maps of strings always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
