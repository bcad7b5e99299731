package norm

import (
	"strings"
	"unicode/utf8"
)

// ComposeName makes the lead name that no cell gives: first and last name,
// else company, else e-mail, else phone; "" where there is none of these
// (lead-fields.md, name).
func ComposeName(first, last, company, email, phone string) string {
	switch {
	case first != "" && last != "":
		return first + " " + last
	case first != "" || last != "":
		return first + last
	case company != "":
		return company
	case email != "":
		return email
	}
	return phone
}

// SplitFullName takes a full name apart: "Dr. Jerry A. Coleman Jr.",
// "Coleman, Jerry A., PhD", "Ludwig van Beethoven". A single word is the last
// name. It is a guess: the caller shows samples.
func SplitFullName(s string) (prefix, first, middle, last, suffix string) {
	s = strings.Join(strings.Fields(s), " ")
	if comma := strings.IndexByte(s, ','); comma >= 0 {
		before, after := strings.TrimSpace(s[:comma]), strings.TrimSpace(s[comma+1:])
		if allSuffixes(after) {
			prefix, first, middle, last, suffix = SplitFullName(before)
			return prefix, first, middle, last, joinName(suffix, after)
		}
		given := after
		if comma := strings.IndexByte(after, ','); comma >= 0 {
			given, suffix = strings.TrimSpace(after[:comma]), strings.TrimSpace(after[comma+1:])
		}
		words := strings.Fields(before)
		p, words := takePrefixes(words)
		words, suffix2 := takeSuffixes(words)
		givenWords := strings.Fields(given)
		p2, givenWords := takePrefixes(givenWords)
		givenWords, suffix3 := takeSuffixes(givenWords)
		if len(givenWords) > 0 {
			first, middle = givenWords[0], strings.Join(givenWords[1:], " ")
		}
		return joinName(p, p2), first, middle, strings.Join(words, " "), joinName(joinName(suffix2, suffix3), suffix)
	}
	words := strings.Fields(s)
	prefix, words = takePrefixes(words)
	words, suffix = takeSuffixes(words)
	switch len(words) {
	case 0:
		return prefix, "", "", "", suffix
	case 1:
		return prefix, "", "", words[0], suffix
	}
	at := len(words) - 1
	for i := 1; i < len(words)-1; i++ {
		if nameParticle(words[i]) {
			at = i
			break
		}
	}
	return prefix, words[0], strings.Join(words[1:at], " "), strings.Join(words[at:], " "), suffix
}

func joinName(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

func takePrefixes(words []string) (string, []string) {
	n := 0
	for n < len(words)-1 && NamePrefix(words[n]) {
		n++
	}
	return strings.Join(words[:n], " "), words[n:]
}

func takeSuffixes(words []string) ([]string, string) {
	n := len(words)
	for n > 1 && nameSuffix(words[n-1]) {
		n--
	}
	return words[:n], strings.Join(words[n:], " ")
}

func allSuffixes(s string) bool {
	any := false
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' }) {
		if !nameSuffix(w) {
			return false
		}
		any = true
	}
	return any
}

// NamePrefix reports a word that is a title before a name: Mr, Ms, Dr., Herr,
// Mme, Sra … (also rule 2.2: a column Title of such values is the prefix).
func NamePrefix(s string) bool {
	if len(s) > 16 {
		return false
	}
	switch strings.TrimSuffix(FoldName(s), ".") {
	case "mr", "mrs", "ms", "miss", "mx", "mister", "dr", "doctor", "prof", "professor", "sir", "madam", "dame", "lord", "lady", "rev", "reverend", "fr", "hon", "capt", "captain", "col", "maj", "gen", "lt", "sgt",
		"herr", "frau", "hr", "dipl.-ing", "ing", "mag", "dipl.-kfm",
		"m", "mme", "mlle", "monsieur", "madame", "mademoiselle", "me", "mm",
		"sr", "sra", "srta", "senor", "senora", "senorita", "don", "dona", "d", "dna", "dra",
		"sig", "sig.ra", "sigra", "signor", "signora", "signore", "dott", "dott.ssa", "avv",
		"dhr", "mevr", "mevrouw", "heer", "drs", "ir", "mw", "pan", "pani", "mgr", "bc", "fru", "froken":
		return true
	}
	return false
}

func nameSuffix(s string) bool {
	if len(s) > 12 {
		return false
	}
	switch strings.ReplaceAll(strings.Trim(Fold(s), ",."), ".", "") {
	case "jr", "sr", "jun", "sen", "junior", "senior", "ii", "iii", "iv", "phd", "md", "mba", "esq", "dds", "cpa", "rn", "msc", "bsc", "ma", "ba", "llm", "llb", "jd", "dvm", "pmp", "cfa", "pe", "obe", "mbe", "cbe":
		return true
	}
	return false
}

// nameParticle begins a last name of several words. Only the written-small
// ones count: "Van" can be a first name.
func nameParticle(s string) bool {
	switch s {
	case "van", "von", "vom", "zu", "zur", "zum", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "do", "du", "la", "le", "ten", "ter", "te", "bin", "ibn", "al", "el", "af", "av", "y", "'t", "’t", "d'", "St.", "st.":
		return true
	}
	return false
}

// NearName reports whether two names differ by no more than case, accents or
// a typo (rule 5.3): after FoldName, an optimal string alignment distance
// (Damerau 1964: insert, drop, change, swap neighbours) of at most 1, or 2
// where both have nine letters or more. Names under three letters have to be
// equal: Li is not Lu.
func NearName(a, b string) bool {
	if a == b {
		return true
	}
	a, b = FoldName(a), FoldName(b)
	if a == b {
		return true
	}
	na, nb := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	shorter := min(na, nb)
	limit := 1
	switch {
	case shorter < 3:
		return false
	case shorter >= 9:
		limit = 2
	}
	return Distance(a, b, limit) <= limit
}

// Distance is the number of single-letter edits between two words, a swap of
// neighbours counting as one (Damerau 1964; optimal string alignment). It counts
// to limit+1 at the most.
func Distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if max(len(x)-len(y), len(y)-len(x)) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(y)], limit+1)
}
