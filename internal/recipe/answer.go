package recipe

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadport/leadport/internal/norm"
)

// Answer says what an unknown value means for all its records (rule 2.5).
type Answer struct {
	Do    AnswerKind
	Value string // Use: the option's id, the user's name; AddOption: its label
}

// AnswerKind is what to do with an unknown value.
type AnswerKind uint8

const (
	Use       AnswerKind = iota // take Value instead
	Empty                       // leave the field empty
	KeepAsTag                   // leave it empty, keep the value as a tag
	AddOption                   // make it an option, labelled as written
)

// String is how TOML and --value write an answer.
func (a Answer) String() string {
	switch a.Do {
	case Empty:
		return ""
	case KeepAsTag:
		return "tag:"
	case AddOption:
		return "add:" + a.Value
	}
	return a.Value
}

// ParseAnswer is the inverse of Answer.String.
func ParseAnswer(text string) Answer {
	switch text {
	case "":
		return Answer{Do: Empty}
	case "tag:":
		return Answer{Do: KeepAsTag}
	}
	if label, ok := strings.CutPrefix(text, "add:"); ok {
		return Answer{Do: AddOption, Value: label}
	}
	return Answer{Value: text}
}

// Answer looks up what a value of a field means; ok is false if nobody
// answered. Values are compared folded.
func (r *Recipe) Answer(field, value string) (a Answer, ok bool) {
	text, ok := r.Values[field][norm.Fold(value)]
	return ParseAnswer(text), ok
}

// FoldValues folds the values that have answers, as somebody wrote them.
func (r *Recipe) FoldValues() {
	for field, answers := range r.Values {
		folded := make(map[string]string, len(answers))
		for _, value := range slices.Sorted(maps.Keys(answers)) {
			key := norm.Fold(value)
			if _, twice := folded[key]; !twice || key == value {
				folded[key] = answers[value]
			}
		}
		r.Values[field] = folded
	}
}

// SetAnswer remembers what a value of a field means.
func (r *Recipe) SetAnswer(field, value string, a Answer) {
	r.setValue(field, norm.Fold(value), a.String())
}

func (r *Recipe) setValue(field, folded, answer string) {
	if r.Values == nil {
		r.Values = map[string]map[string]string{}
	}
	if r.Values[field] == nil {
		r.Values[field] = map[string]string{}
	}
	r.Values[field][folded] = answer
}

// SetDecision answers a question of the check for its whole group.
func (r *Recipe) SetDecision(code, answer string) {
	if r.Decide == nil {
		r.Decide = map[string]string{}
	}
	r.Decide[code] = answer
}
