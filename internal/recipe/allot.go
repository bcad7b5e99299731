package recipe

import (
	"fmt"
	"slices"

	"github.com/leadport/leadport/internal/lead"
)

// settleNames weighs whole names against first and last name: where both have
// columns of their own, the whole name adds nothing; beside one of them it
// would feed a field twice and is proposed only.
func (g *guesser) settleNames() {
	first, last := g.claimant("first_name"), g.claimant("last_name")
	for i := range g.guesses {
		gu := &g.guesses[i]
		if gu.pseudo != FullName {
			continue
		}
		switch {
		case first != "" && last != "":
			*gu = guess{reason: fmt.Sprintf("%q and %q say the same", first, last)}
		case first != "" || last != "":
			gu.confidence, gu.reason = Check, gu.reason+fmt.Sprintf(", but %q feeds a part of it", first+last)
		}
	}
}

// allotter hands out targets so that no field is fed by two columns.
type allotter struct {
	*guesser
	taken    map[lead.Target]int // → column
	address  map[string]int      // qualifier → slot
	fullName int                 // column that feeds the whole name, or -1
	out      [][]string
}

// allot gives each column its targets, the surest first: a field goes to the
// strongest claim, list fields hand out their next free slot in file order.
func allot(g *guesser) [][]string {
	a := &allotter{guesser: g, taken: map[lead.Target]int{}, fullName: -1, out: make([][]string, len(g.cols))}
	a.numberAddresses()
	order := make([]int, len(g.cols))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		x, y := &g.guesses[i], &g.guesses[j]
		switch {
		case x.numbered() != y.numbered():
			return yesFirst(x.numbered())
		case x.confidence > Check != (y.confidence > Check):
			return yesFirst(x.confidence > Check)
		case a.list(x) && a.list(y):
			return 0 // file order
		case x.confidence != y.confidence:
			return int(y.confidence) - int(x.confidence)
		case x.stage != y.stage:
			return int(x.stage) - int(y.stage)
		case g.cols[i].empty() != g.cols[j].empty():
			return yesFirst(!g.cols[i].empty())
		}
		return 0
	})
	for _, i := range order {
		a.out[i] = []string{}
		gu := &g.guesses[i]
		if gu.confidence == Unmapped {
			continue
		}
		for n, p := range append([]place{gu.place}, gu.also...) {
			text, holder := a.take(i, p, gu.stage)
			if text != "" {
				a.out[i] = append(a.out[i], text)
			} else if n == 0 {
				reason := fmt.Sprintf("%s is fed by %q", a.placeName(p), g.cols[holder].heading)
				*gu = guess{reason: reason, group: gu.group}
				break
			}
		}
	}
	return a.out
}

func yesFirst(yes bool) int {
	if yes {
		return -1
	}
	return 1
}

// numbered reports a heading whose own number is the element's.
func (g *guess) numbered() bool { return g.slot > 0 && g.stage <= stageSynonym && g.pseudo == "" }

func (a *allotter) list(g *guess) bool {
	return g.pseudo == "" && g.confidence != Unmapped && a.schema.Fields[g.field].List()
}

// take gives a column a target. If the field is fed already it returns "" and
// the column that feeds it.
func (a *allotter) take(column int, p place, st stage) (text string, holder int) {
	switch {
	case p.pseudo == FullName:
		if a.fullName >= 0 {
			return "", a.fullName
		}
		a.fullName = column
		return FullName, 0
	case p.pseudo != "":
		return p.pseudo, 0
	}
	t := lead.Target{Field: p.field, Part: p.part}
	f := &a.schema.Fields[p.field]
	if f.List() {
		t.Slot = max(p.slot, 1)
		if f.Kind == lead.Group && p.slot == 0 {
			t.Slot = max(a.address[p.qualifier], 1)
		}
		// A heading that is only like an address part starts no address.
		for used := st != stageFuzzy || f.Kind != lead.Group; used && t.Slot < 1000; {
			if _, used = a.taken[t]; used {
				t.Slot++
			}
		}
	}
	if by, used := a.taken[t]; used {
		return "", by
	}
	if a.fullName >= 0 && (f.Key == "first_name" || f.Key == "last_name") {
		return "", a.fullName
	}
	a.taken[t] = column
	return a.schema.TargetText(t), 0
}

// numberAddresses gives each qualifier an address: headings that number theirs
// keep it, plain "City" is the first, shipping never the first.
func (a *allotter) numberAddresses() {
	a.address = map[string]int{}
	used := map[int]bool{}
	var qualifiers []string
	for i := range a.guesses {
		gu := &a.guesses[i]
		if gu.confidence == Unmapped || gu.stage == stageFuzzy || gu.pseudo != "" || a.schema.Fields[gu.field].Kind != lead.Group {
			continue
		}
		if gu.slot > 0 {
			used[gu.slot] = true
		} else if !slices.Contains(qualifiers, gu.qualifier) {
			qualifiers = append(qualifiers, gu.qualifier)
		}
	}
	// The first one that is no shipping address leads, shipping follows it.
	slices.SortStableFunc(qualifiers, func(x, y string) int { return addressRank(x) - addressRank(y) })
	if n := len(qualifiers); n > 2 && shipping(qualifiers[n-1]) {
		qualifiers = slices.Insert(qualifiers[:n-1], 1, qualifiers[n-1])
	}
	for _, q := range qualifiers {
		slot := 1
		if shipping(q) {
			slot = 2
		}
		for used[slot] && q != "" {
			slot++
		}
		used[slot] = true
		a.address[q] = slot
	}
}

func addressRank(qualifier string) int {
	switch {
	case qualifier == "":
		return 0
	case shipping(qualifier):
		return 2
	}
	return 1
}

func shipping(qualifier string) bool { return qualifier == "shipping" || qualifier == "delivery" }
