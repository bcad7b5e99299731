package recipe

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Save writes a recipe as TOML that Load reads back unchanged, with a comment
// on each part for people who edit it.
func Save(w io.Writer, r *Recipe) error {
	var b bytes.Buffer
	b.WriteString("# Leadport recipe: all the decisions about a file of leads.\n")
	b.WriteString("# leadport import FILE --recipe THIS-FILE uses it; what is left out is detected or has its default.\n")
	fmt.Fprintf(&b, "version = %d\n", FormatVersion)
	top := *r
	top.Version = 0
	saveMembers(&b, reflect.ValueOf(top), topComments())
	if r.File != (File{}) {
		b.WriteString("\n# How the bytes are read. Members left out are detected.\n[file]\n")
		saveMembers(&b, reflect.ValueOf(r.File), fileComments())
	}
	saveColumns(&b, r.Columns)
	saveSame(&b, r.Same)
	saveTexts(&b, "decide", "Answers to questions of the check, each for its whole group.", r.Decide)
	saveTexts(&b, "policy", "What a value does to a lead that has one: replace, fill, keep, append.", r.Policy)
	for i, field := range slices.Sorted(maps.Keys(r.Values)) {
		comment := ""
		if i == 0 {
			comment = "What unknown values mean: an option, \"\" (leave empty), \"tag:\" (keep as tag), \"add:\" (add the option)."
		}
		saveTexts(&b, "values."+tomlKey(field), comment, r.Values[field])
	}
	_, err := w.Write(b.Bytes())
	return err
}

// saveMembers writes the plain members of a struct that are set; tables are
// written by their own functions, after all plain keys, as TOML requires.
func saveMembers(b *bytes.Buffer, v reflect.Value, comments map[string]string) {
	for i := range v.NumField() {
		f, name := v.Field(i), tomlName(v.Type().Field(i))
		if f.IsZero() {
			continue
		}
		text := ""
		switch f.Kind() {
		case reflect.String:
			text = tomlText(f.String())
		case reflect.Bool:
			text = strconv.FormatBool(f.Bool())
		case reflect.Int:
			text = strconv.FormatInt(f.Int(), 10)
		case reflect.Pointer:
			text = strconv.FormatInt(f.Elem().Int(), 10)
		case reflect.Slice:
			list, ok := f.Interface().([]string)
			if !ok {
				continue
			}
			text = tomlTexts(list)
		default:
			continue
		}
		fmt.Fprintf(b, "%s = %s", name, text)
		if c := comments[name]; c != "" {
			b.WriteString(" # " + c)
		}
		b.WriteByte('\n')
	}
}

func topComments() map[string]string {
	return map[string]string{
		"match":           "how records find leads, strongest first",
		"first_match":     "of several candidates the first one is taken",
		"mode":            "create or update only",
		"existing":        "for leads you already have: update, fill what is empty, leave",
		"blank_erases":    "a blank cell clears these fields",
		"clear_token":     "a cell with just this clears",
		"strict":          "warnings about values are errors",
		"errors":          "findings that stop their record",
		"stop_after":      "errors, or a share of the records",
		"external_system": "whose ids External Id holds",
		"tell":            "who gets the mail about the result, too",
		"revive_deleted":  "deleted leads come in as new ones",
	}
}

func fileComments() map[string]string {
	return map[string]string{
		"header":  "line of the headings, 0 = none",
		"dates":   "dmy, mdy or ymd",
		"country": "for phones and addresses without one",
		"zone":    "for times without one",
	}
}

func saveColumns(b *bytes.Buffer, columns []Column) {
	for i, c := range columns {
		b.WriteByte('\n')
		if i == 0 {
			b.WriteString("# Where each column goes; to = [] is not imported.\n")
		}
		b.WriteString("[[columns]]\n")
		fmt.Fprintf(b, "heading = %s\n", tomlText(c.Heading))
		if c.Nth != 0 {
			fmt.Fprintf(b, "nth = %d # which of the columns with this heading\n", c.Nth)
		}
		fmt.Fprintf(b, "to = %s\n", tomlTexts(c.To))
		for _, member := range []struct{ name, text string }{{"expr", c.Expr}, {"split", c.Split}, {"range", c.Range}} {
			if member.text != "" {
				fmt.Fprintf(b, "%s = %s\n", member.name, tomlText(member.text))
			}
		}
	}
}

func saveSame(b *bytes.Buffer, same []Same) {
	for i, s := range same {
		b.WriteByte('\n')
		if i == 0 {
			b.WriteString("# Same for every record: a default fills a blank on new leads, a constant goes everywhere.\n")
		}
		fmt.Fprintf(b, "[[same]]\nfield = %s\nvalue = %s\n", tomlText(s.Field), tomlText(s.Value))
		if s.Constant {
			b.WriteString("constant = true\n")
		}
	}
}

func saveTexts(b *bytes.Buffer, table, comment string, texts map[string]string) {
	if texts == nil {
		return
	}
	b.WriteByte('\n')
	if comment != "" {
		b.WriteString("# " + comment + "\n")
	}
	fmt.Fprintf(b, "[%s]\n", table)
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(b, "%s = %s\n", tomlKey(key), tomlText(texts[key]))
	}
}

func tomlTexts(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = tomlText(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// tomlKey writes a key bare where TOML allows it.
func tomlKey(key string) string {
	bare := key != "" && strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
	if bare {
		return key
	}
	return tomlText(key)
}

// tomlText writes a basic string (TOML 1.0, "String").
func tomlText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
