package importer

import (
	"fmt"
	"strings"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/table"
)

// Decision is a question that has to be answered before anything is written:
// a guess that nothing in the file proves and that changes a mapped value
// (rule 1.6), or columns that cannot be imported as they are mapped.
type Decision struct {
	Code     string   `json:"code"`
	Heading  string   `json:"heading,omitempty"`
	Question string   `json:"question"`
	Samples  []string `json:"samples,omitempty"`
	Answers  []Answer `json:"answers"` // any one of them answers it
	Flags    []string `json:"flags"`   // the same for the command line
}

// Answer is one answer to a Decision, as a change of the recipe: File is the
// member of its file part that gets Value, Decide the member of decide that
// does, or the column Heading goes To these targets.
type Answer struct {
	File    string   `json:"file,omitempty"`
	Decide  string   `json:"decide,omitempty"`
	Value   string   `json:"value,omitempty"`
	Heading string   `json:"heading,omitempty"`
	To      []string `json:"to,omitempty"`
}

// decisions lists the open questions about a file. Only guesses that matter
// for mapped columns are asked.
func decisions(det *table.Detection, r *recipe.Recipe, p *recipe.Program, s *lead.Schema) []Decision {
	var out []Decision
	asked := map[string]bool{}
	for _, g := range det.Ledger {
		if g.Certainty != table.Unproven || answered(r, g.Name) || asked[g.Name] {
			continue
		}
		if g.Column >= 0 && !mattersFor(p, s, g) {
			continue
		}
		asked[g.Name] = true
		out = append(out, question(det, g))
	}
	for _, c := range p.Conflicts {
		d := Decision{Code: "target.twice", Question: fmt.Sprintf("%s. Which of them is not to be imported?", c)}
		for _, h := range c.Headings {
			d.Answers = append(d.Answers, Answer{Heading: h, To: []string{}})
			d.Flags = append(d.Flags, fmt.Sprintf("--map '%s='", shellQuoted(h)))
		}
		out = append(out, d)
	}
	return out
}

func answered(r *recipe.Recipe, name string) bool {
	switch name {
	case "encoding":
		return r.File.Encoding != ""
	case "delimiter":
		return r.File.Delimiter != ""
	case "quote":
		return r.File.Quote != ""
	case "escape":
		return r.File.Escape != ""
	case "header":
		return r.File.Header != nil
	case "sheet":
		return r.File.Sheet != ""
	case "dates":
		return r.File.Dates != ""
	case "decimal":
		return r.File.Decimal != ""
	}
	return true // a note, not a question
}

// mattersFor reports whether a guess about a column changes a mapped value.
func mattersFor(p *recipe.Program, s *lead.Schema, g table.Guess) bool {
	for i := range p.Inputs {
		if p.Inputs[i].Column != g.Column {
			continue
		}
		for _, t := range p.Inputs[i].Targets {
			kind := kindOf(s, t)
			switch g.Name {
			case "dates":
				if kind == lead.Date || kind == lead.DateTime {
					return true
				}
			case "decimal": // in a whole number a lone mark can only group
				if kind == lead.Decimal {
					return true
				}
			}
		}
	}
	return false
}

func kindOf(s *lead.Schema, t lead.Target) lead.Kind {
	f := &s.Fields[t.Field]
	if f.List() {
		return f.Parts[t.Part].Kind
	}
	return f.Kind
}

func question(det *table.Detection, g table.Guess) Decision {
	d := Decision{Code: g.Name, Samples: g.Samples}
	if g.Column >= 0 && g.Column < len(det.Headings) {
		d.Heading = det.Headings[g.Column]
	}
	example := ""
	if len(g.Samples) > 0 {
		example = g.Samples[0]
	}
	switch g.Name {
	case "dates":
		d.Question = fmt.Sprintf("In column %q dates can be read in two ways, for example %s: which comes first?", d.Heading, example)
		d.Answers = []Answer{{File: "dates", Value: "dmy"}, {File: "dates", Value: "mdy"}}
		d.Flags = []string{"--dates dmy", "--dates mdy"}
		return d
	case "decimal":
		d.Question = fmt.Sprintf("In column %q numbers can be read in two ways, for example %s: which is the decimal mark?", d.Heading, example)
		d.Answers = []Answer{{File: "decimal", Value: "."}, {File: "decimal", Value: ","}}
		d.Flags = []string{"--decimal .", "--decimal ,"}
		return d
	}
	d.Question = fmt.Sprintf("The %s looks like %s, but nothing proves it. %s", g.Name, g.Value, g.Evidence)
	for _, v := range append([]string{g.Value}, g.Alternatives...) {
		d.Answers = append(d.Answers, Answer{File: g.Name, Value: strings.TrimPrefix(v, "line ")})
		d.Flags = append(d.Flags, flagFor(g, v))
	}
	return d
}

func flagFor(g table.Guess, value string) string {
	value = strings.TrimPrefix(value, "line ") // of the headings
	flag := g.Flag
	if flag == "" {
		flag = "--" + g.Name
	}
	if strings.ContainsAny(value, " \t;|'\"\\") {
		return fmt.Sprintf("%s '%s'", flag, shellQuoted(value))
	}
	return flag + " " + value
}

// idDecision asks whether an Id column is ours at all, where many of its Ids
// are somebody else's here (rule 5.2).
func idDecision(heading string, contradicted, ids int64) Decision {
	return Decision{
		Code:     "id",
		Heading:  heading,
		Question: fmt.Sprintf("%d of %d Ids in column %q belong to other leads here. Are they another system's?", contradicted, ids, heading),
		Answers:  []Answer{{Heading: heading, To: []string{"external_id"}}, {Decide: "id", Value: "id"}},
		Flags:    []string{fmt.Sprintf("--map '%s=external_id'", shellQuoted(heading)), fmt.Sprintf("--map '%s=id'", shellQuoted(heading))},
	}
}
