package recipe

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"

	"github.com/leadport/leadport/internal/lead"
)

// Canonical names every target of a recipe in full ("emails" becomes
// "emails.1.email"), so that equal targets are equal texts. What names no target stays for Validate to report.
func (r *Recipe) Canonical(s *lead.Schema) *Recipe {
	out := r.Clone()
	for i := range out.Columns {
		c := &out.Columns[i]
		for j, to := range c.To {
			if to == FullName || to == Comments || to == Tags && !isTagHeading(c.Heading, s) {
				continue
			}
			if t, err := s.ParseTarget(to); err == nil {
				c.To[j] = s.TargetText(t)
			}
		}
	}
	for i := range out.Same {
		if t, err := s.ParseTarget(out.Same[i].Field); err == nil {
			out.Same[i].Field = sameField(t, s)
		}
	}
	return out
}

// Fingerprint is equal for files with the same headings in the same order, by
// which a file like an earlier one is recognised and its recipe offered
// ("Columns as in your import of 3 May").
func Fingerprint(headings []string) string {
	var b strings.Builder
	for _, h := range headings {
		b.WriteString(FoldHeading(h))
		b.WriteByte('\x1f')
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:16])
}

// FileTag is the tag proposed for all records of a file, its name without
// folder and endings (rule 2.4): "leads/Trade_show-2026.csv.gz" gives
// "Trade show-2026"; "" where nothing readable is left.
func FileTag(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	for range 2 {
		if ext := filepath.Ext(name); ext != name && len(ext) > 1 && len(ext) <= 6 && hasLetter(ext) {
			name = strings.TrimSuffix(name, ext)
		}
	}
	// Commas and semicolons would make several tags of it.
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("_,;", r) || r < ' ' {
			return ' '
		}
		return r
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if !hasLetter(name) && !hasDigit(name) {
		return ""
	}
	return name
}
