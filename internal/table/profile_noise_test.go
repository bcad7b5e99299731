package table

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// spoiled are cells that tell nothing of their column.
var spoiled = []string{"n/a", "??", "see note", "-", "31/31/2024", "30.02.2024", "1.2.3.4.5", "tbd"}

// noisy is a column of n cells of which one in twenty is spoiled, and where.
func noisy(rng *rand.Rand, n int, cell func() string) (cells []string, bad map[int64]bool) {
	bad = map[int64]bool{}
	for i := range n {
		if rng.IntN(20) == 0 {
			cells = append(cells, spoiled[rng.IntN(len(spoiled))])
			bad[int64(i+1)] = true
		} else {
			cells = append(cells, cell())
		}
	}
	return cells, bad
}

func noisyProfile(t *testing.T, heading string, cells []string) ColumnProfile {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "name\t%s\n", heading)
	for i, c := range cells {
		fmt.Fprintf(&b, "Person %d\t%s\n", i, c)
	}
	return profileOf(t, b.String()).Columns[1]
}

// TestProfileNoise: rules 1.6 and 3.3 on columns in the manner of many places, one
// cell in twenty spoiled; a proof is a cell that does prove it.
func TestProfileNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(20, 26))
	dates := []struct {
		layout, order string
		proves        func(a, b, c int) bool
	}{
		{"%[3]d/%[2]d/%[1]d", "dmy", func(a, _, _ int) bool { return a > 12 }}, {"%02[3]d.%02[2]d.%[1]d", "dmy", func(a, _, _ int) bool { return a > 12 }},
		{"%02[3]d-%02[2]d-%[1]d", "dmy", func(a, _, _ int) bool { return a > 12 }}, {"%[2]d/%[3]d/%[1]d", "mdy", func(_, b, _ int) bool { return b > 12 }},
		{"%02[2]d-%02[3]d-%[1]d", "mdy", func(_, b, _ int) bool { return b > 12 }}, {"%[2]d/%[3]d/%02[4]d", "mdy", func(_, b, _ int) bool { return b > 12 }},
		{"%02[3]d.%02[2]d.%02[4]d", "dmy", func(a, _, _ int) bool { return a > 12 }}, {"%02[4]d/%02[2]d/%02[3]d", "ymd", func(a, _, _ int) bool { return a > 31 }},
		{"%[1]d-%02[2]d-%02[3]d", "ymd", func(a, _, _ int) bool { return a > 1900 }}, {"%[1]d/%[2]d/%[3]d", "ymd", func(a, _, _ int) bool { return a > 1900 }},
	}
	for _, d := range dates {
		cells, bad := noisy(rng, 200, func() string {
			y := 1940 + rng.IntN(85)
			return fmt.Sprintf(d.layout, y, 1+rng.IntN(12), 1+rng.IntN(28), y%100)
		})
		for i := range cells {
			cells[i], _, _ = strings.Cut(cells[i], "%!")
		}
		c := noisyProfile(t, "date", cells)
		if c.DateOrder != d.order || c.DateCertainty != Proven || c.DateRecord == 0 || bad[c.DateRecord] {
			t.Errorf("%s: %s %s by %d", d.layout, c.DateOrder, c.DateCertainty, c.DateRecord)
			continue
		}
		var n [3]int
		if _, err := fmt.Sscan(strings.NewReplacer("/", " ", ".", " ", "-", " ").Replace(cells[c.DateRecord-1]), &n[0], &n[1], &n[2]); err != nil || !d.proves(n[0], n[1], n[2]) {
			t.Errorf("%s: record %d, %q, proves nothing", d.layout, c.DateRecord, cells[c.DateRecord-1])
		}
	}
	for _, m := range []struct{ group, mark string }{{",", "."}, {".", ","}, {" ", ","}, {"'", "."}, {"\u00a0", ","}, {"\u202f", ","}, {"’", "."}, {"", ","}, {"", "."}} {
		cells, bad := noisy(rng, 200, func() string {
			return fmt.Sprintf("%d%s%03d%s%02d", 1+rng.IntN(999), m.group, rng.IntN(1000), m.mark, rng.IntN(100))
		})
		c := noisyProfile(t, "amount", cells)
		if c.Decimal != m.mark || c.DecimalCertainty != Proven || bad[c.DecimalRecord] || !strings.Contains(cells[max(c.DecimalRecord, 1)-1], m.mark) {
			t.Errorf("%q %q: %q %s by %d; %+v", m.group, m.mark, c.Decimal, c.DecimalCertainty, c.DecimalRecord, c.Shapes)
		}
	}
	for _, words := range [][2]string{{"Yes", "No"}, {"ja", "nein"}, {"Oui", "Non"}, {"Sí", "No"}, {"Да", "Нет"}, {"TAK", "NIE"}, {"Evet", "Hayır"}, {"はい", "いいえ"}, {"Wahr", "Falsch"}, {"Kyllä", "Ei"}, {"Igen", "Nem"}, {"Não", "Sim"}} {
		cells, _ := noisy(rng, 200, func() string { return words[rng.IntN(2)] })
		p := profileOf(t, "name\tactive\nx\t"+strings.Join(cells, "\nx\t")+"\n")
		n := int64(0)
		for _, c := range cells {
			n += int64(boolInt(c == words[0] || c == words[1]))
		}
		if got := p.Columns[1].Shapes.YesNo; got != n {
			t.Errorf("%v: %d of %d", words, got, n)
		}
		found := false
		for _, g := range p.Ledger {
			found = found || g.Name == "booleans" && g.Column == 1 && g.Certainty == Likely && strings.Contains(g.Value, words[0]) && strings.Contains(g.Value, words[1]) && (cells[g.Record-1] == words[0] || cells[g.Record-1] == words[1])
		}
		if !found {
			t.Errorf("%v: ledger %+v", words, p.Ledger)
		}
	}
	cells, bad := noisy(rng, 200, func() string { return fmt.Sprintf("%d.%04d", 40000+rng.IntN(9000), rng.IntN(10000)) })
	if c := noisyProfile(t, "Created on", cells); !c.SerialDates || c.SerialRecord == 0 || bad[c.SerialRecord] {
		t.Errorf("serial days: %+v", c)
	}
	cells, bad = noisy(rng, 200, func() string { return strings.TrimLeft(fmt.Sprintf("%05d", 1000+rng.IntN(80000)), "0") })
	if c := noisyProfile(t, "ZIP", cells); c.LostZeros == 0 || c.LostZerosRecord == 0 || bad[c.LostZerosRecord] || len(cells[c.LostZerosRecord-1]) != 4 {
		t.Errorf("lost noughts: %+v", c)
	}
	cells, bad = noisy(rng, 200, func() string { return fmt.Sprintf("4.9%dE+11", rng.IntN(10)) })
	if c := noisyProfile(t, "phone", cells); c.Scientific == 0 || bad[c.ScientificRecord] {
		t.Errorf("scientific: %+v", c)
	}
}
