package importer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/leadport/leadport/internal/norm"
)

// likeEnough is how many leads of the file that share a phone or a person's
// outline are looked at for one that a new lead may repeat: the first ones.
const likeEnough = 16

// personScore is the score of two leads of one person and company.
const personScore = 80

// possibleDuplicates warns of the lead that a new one most likely repeats,
// though no key matches: same phone, same person and company, or names that
// are a typo apart in one company (rule 5.8). It changes nothing.
func (r *resolver) possibleDuplicates(ctx context.Context, d *draft, st *state) error {
	best, score, why := entity(0), 0, ""
	seen := []entity{entity(-d.record)}
	for _, k := range st.keys {
		if k.Kind != norm.KeyPhone && k.Kind != norm.KeyPerson {
			continue
		}
		for _, e := range r.holders(k) {
			if k.Kind == norm.KeyPerson && score >= personScore {
				break // those who share a phone as well were looked at before
			}
			if slices.Contains(seen, e) {
				continue
			}
			seen = append(seen, e)
			other, err := r.glance(ctx, e)
			if err != nil {
				return err
			}
			if other == nil || other.deleted() {
				continue
			}
			if s, reasons := likeness(st, other); s > score {
				best, score, why = e, s, reasons
			}
		}
	}
	if best != 0 {
		who := fmt.Sprintf("%s: %s (score %d)", r.nameFor(ctx, best), why, score)
		r.note(d, "duplicate.possible", "", who, who)
	}
	return nil
}

// likeness scores how likely two leads are one, 0 to 99, with the reasons.
func likeness(a, b *state) (score int, why string) {
	var reasons []string
	add := func(points int, reason string) {
		score = min(99, max(score, points)+10*len(reasons))
		reasons = append(reasons, reason)
	}
	if _, share := a.keys.meets(norm.KeyPerson, b.keys); share {
		add(personScore, "same person and company")
	} else if nearPerson(a.keys, b.keys) {
		add(70, "much the same name, same company")
	}
	if _, share := a.keys.meets(norm.KeyPhone, b.keys); share {
		add(60, "same phone")
	}
	return score, strings.Join(reasons, ", ")
}

// nearPerson reports whether first and last names are at most a typo apart
// and the company is the same and not blank.
func nearPerson(a, b keySet) bool {
	for i := range a {
		for j := range b {
			if a[i].Kind == norm.KeyPerson && b[j].Kind == norm.KeyPerson && nearNames(a[i].Text, b[j].Text) {
				return true
			}
		}
	}
	return false
}

func nearNames(a, b string) bool {
	p, q := strings.Split(a, separator), strings.Split(b, separator)
	return len(p) == 3 && len(q) == 3 && p[2] != "" && p[2] == q[2] && norm.NearName(p[0], q[0]) && norm.NearName(p[1], q[1])
}

// appendOutline appends what a person's key is hashed by, so that names a typo
// apart mostly meet: the first letter of the first name, the last name without
// vowels and doubled letters, the company.
func appendOutline(b []byte, key string) []byte {
	first, rest, _ := strings.Cut(key, separator)
	last, company, whole := strings.Cut(rest, separator)
	if !whole {
		return append(b, key...)
	}
	_, size := utf8.DecodeRuneInString(first)
	b = append(b, first[:size]...)
	before := rune(0)
	for i, c := range last {
		if c != before && (i == 0 || !strings.ContainsRune("aeiouyh", c)) {
			b = utf8.AppendRune(b, c)
		}
		before = c
	}
	return append(append(b, separator...), company...)
}
