package norm

import (
	"strings"
	"unicode"

	"github.com/leadport/leadport/internal/lead"
)

// ChoiceID finds the option that a cell names: by its id, its label, or an id
// with OroCRM's prefix of the list ("lead_status.new"), in any case. An id
// wins over a label. ok is false where none fits; then the value is asked for
// once (rule 2.5).
func ChoiceID(s string, options []lead.Option) (id string, ok bool) {
	for i := range options {
		if options[i].ID == s {
			return s, true
		}
	}
	folded := Fold(s)
	if folded == "" {
		return "", false
	}
	if id, ok := choiceFolded(folded, options); ok {
		return id, true
	}
	if dot := strings.LastIndexByte(folded, '.'); dot >= 0 && strings.HasSuffix(folded[:dot], "_"+lastWord(folded[:dot])) {
		return choiceFolded(folded[dot+1:], options)
	}
	return "", false
}

// lastWord is the part of "lead_status" after its last underscore.
func lastWord(s string) string { return s[strings.LastIndexByte(s, '_')+1:] }

func choiceFolded(folded string, options []lead.Option) (string, bool) {
	for i := range options {
		if foldsTo(options[i].ID, folded) {
			return options[i].ID, true
		}
	}
	for i := range options {
		if foldsTo(options[i].Label, folded) {
			return options[i].ID, true
		}
	}
	return "", false
}

// foldsTo is Fold(s) == folded, without allocation for ordinary ASCII.
func foldsTo(s, folded string) bool {
	if len(s) == len(folded) && isASCII(s) && isASCII(folded) {
		return strings.EqualFold(s, folded) // no blanks can collapse
	}
	if len(s) < len(folded) && isASCII(s) {
		return false
	}
	return Fold(s) == folded
}

// OptionID makes an option's id of its label: letters and digits folded, "_"
// between words.
func OptionID(label string) string {
	words := strings.FieldsFunc(Fold(label), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "_")
}
