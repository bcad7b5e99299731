package recipe

import (
	"fmt"

	"github.com/leadport/leadport/internal/lead"
)

// GroupBusinessCustomer is the group of OroCRM's "Customer Business Customer …"
// columns, which are reported as one.
const GroupBusinessCustomer = "business customer"

// Proposal says what is proposed for one file column, and why.
type Proposal struct {
	Column     int        `json:"column"` // from 0
	Heading    string     `json:"heading"`
	Nth        int        `json:"nth,omitempty"` // which of several columns with this heading; 0 if it is the only one
	To         []string   `json:"to"`            // as Column.To; with Check proposed, not applied
	Confidence Confidence `json:"confidence"`
	Reason     string     `json:"reason"`
	Group      string     `json:"group,omitempty"` // columns reported together
	Samples    []string   `json:"samples,omitempty"`
	Filled     float64    `json:"filled"` // share of records with a value
}

// guess is what is thought of a column before the columns are weighed against
// one another.
type guess struct {
	place
	also       []place // further targets of the same column
	stage      stage
	confidence Confidence // Unmapped: goes nowhere, for the reason
	reason     string
	trap       trap // decided after all plain headings
	group      string
}

// suggestColumns proposes a target for every column (rules 2.1, 2.2) and the
// recipe that applies what is Likely or better.
func suggestColumns(cols []column, s *lead.Schema, learned Learned) (*Recipe, []Proposal) {
	g := &guesser{index: newIndex(s), cols: cols, learned: learned, guesses: make([]guess, len(cols))}
	for i := range cols {
		g.ownExport = g.ownExport || FoldHeading(cols[i].heading) == "leadportversion"
	}
	for i := range cols {
		g.guesses[i] = g.byHeading(&cols[i])
	}
	for i := range cols {
		if t := g.guesses[i].trap; t != noTrap {
			g.guesses[i] = g.decide(t, &cols[i])
		}
	}
	for i := range cols {
		if g.guesses[i].confidence == Unmapped && g.guesses[i].reason == "" {
			g.guesses[i] = g.byValues(&cols[i])
		}
	}
	g.settleNames()
	targets := allot(g)

	r := &Recipe{Version: FormatVersion, ExternalSystem: externalSystem(cols)}
	proposals := make([]Proposal, len(cols))
	nth := occurrences(cols)
	for i := range cols {
		c, gu := &cols[i], &g.guesses[i]
		proposals[i] = Proposal{Column: i, Heading: c.heading, Nth: nth[i], To: targets[i], Confidence: gu.confidence,
			Reason: gu.reason, Group: gu.group, Samples: c.samples, Filled: c.filled}
		to := targets[i]
		if gu.confidence <= Check {
			to = []string{}
		}
		r.Columns = append(r.Columns, Column{Heading: c.heading, Nth: nth[i], To: to})
	}
	return r, proposals
}

// occurrences numbers the columns that share their heading.
func occurrences(cols []column) []int {
	total, seen := map[string]int{}, map[string]int{}
	for i := range cols {
		total[cols[i].heading]++
	}
	out := make([]int, len(cols))
	for i := range cols {
		h := cols[i].heading
		if seen[h]++; total[h] > 1 {
			out[i] = seen[h]
		}
	}
	return out
}

type guesser struct {
	*index
	cols      []column
	learned   Learned
	guesses   []guess
	ownExport bool // the file has this program's export mark
}

// byHeading guesses from the heading: exact, folded, synonym, learned.
func (g *guesser) byHeading(c *column) guess {
	if group := groupOf(c.heading); group != "" {
		return guess{reason: "not imported: " + group, group: group}
	}
	if reason := neverImported(c.heading); reason != "" {
		return guess{reason: reason}
	}
	if reason := g.systemField(c.heading); reason != "" {
		return guess{reason: reason}
	}
	found, ok := g.lookup(c.heading)
	if ok && found.stage == stageExact && !trapEvenIfExact(c.heading) {
		return guess{place: found.place, stage: stageExact, confidence: Exact, reason: "Leadport's own heading"}
	}
	trap := trapOf(c.heading)
	if ok && trap == noTrap {
		return g.checked(c, found)
	}
	if past := g.fromLearned(c); past.confidence != Unmapped {
		return past
	}
	return guess{trap: trap}
}

// checked turns a found name into a guess, held against the values.
func (g *guesser) checked(c *column, e *entry) guess {
	gu := guess{place: e.place, stage: e.stage, confidence: Exact}
	switch e.stage {
	case stageFolded:
		gu.reason = "Leadport's own heading but for case, spacing or punctuation"
		return gu
	case stageSynonym:
		gu.reason = fmt.Sprintf("another name of %q", g.placeName(e.place))
	default:
		gu.confidence = Likely
		gu.reason = fmt.Sprintf("reads like %q", g.placeName(e.place))
	}
	if why := g.contradiction(c, e.place); why != "" {
		gu.confidence, gu.reason = Check, gu.reason+", but "+why
	}
	return gu
}

func (g *guesser) placeName(p place) string {
	if p.pseudo == FullName {
		return "Full name"
	}
	return g.schema.TargetHeading(lead.Target{Field: p.field, Part: p.part, Slot: max(p.slot, 1)})
}

// fromLearned takes what finished imports did with the heading. A column that
// was left out is left to its values, which may propose but not apply.
func (g *guesser) fromLearned(c *column) guess {
	to, times := g.learned.Best(c.heading)
	if times == 0 || len(to) == 0 {
		return guess{}
	}
	imports := "an earlier import"
	if times > 1 {
		imports = fmt.Sprintf("%d earlier imports", times)
	}
	gu := guess{stage: stageLearned, confidence: Likely, reason: "as in " + imports}
	for i, text := range to {
		p, ok := g.parsePlace(text)
		if !ok {
			return guess{} // a field that is no longer there
		}
		if i == 0 {
			gu.place = p
		} else {
			gu.also = append(gu.also, p)
		}
	}
	return gu
}

func (g *guesser) parsePlace(text string) (place, bool) {
	if text == FullName || text == Comments || text == Tags {
		return place{pseudo: text}, true
	}
	t, err := g.schema.ParseTarget(text)
	if err != nil {
		return place{}, false
	}
	p := place{field: t.Field, part: t.Part, slot: t.Slot}
	if f := &g.schema.Fields[t.Field]; f.List() && f.Kind != lead.Group {
		p.slot = 0 // takes the next one in this file
	}
	return p, true
}

// byValues guesses from the shape of the values, then from names that are
// nearly the heading (rule 2.1).
func (g *guesser) byValues(c *column) guess {
	gu := g.byShape(c)
	if gu.confidence != Likely {
		if near := g.byFuzzyName(c); near.confidence > gu.confidence || near.confidence != Unmapped && gu.confidence == Check {
			gu = near
		}
	}
	if to, times := g.learned.Best(c.heading); times > 0 && len(to) == 0 && gu.confidence > Check {
		gu.confidence, gu.reason = Check, gu.reason+", but earlier imports left it out"
	}
	if gu.confidence == Unmapped {
		gu.reason = "no field of that name; it can go to comments or tags"
		if c.empty() && c.filled == 0 {
			gu.reason = "no field of that name, and no values"
		}
	}
	return gu
}
