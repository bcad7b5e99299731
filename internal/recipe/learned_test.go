package recipe

import (
	"reflect"
	"testing"
)

// Rule 2.1: headings are learned from finished, not undone imports.
func TestLearned(t *testing.T) {
	l := Learned{}
	done := &Recipe{Columns: []Column{
		{Heading: "Kd-Nr", To: []string{"external_id.1.id"}},
		{Heading: "Colour", To: []string{}},
		{Heading: "Anruf", To: []string{"phones.2.phone"}},
		{Heading: "Wert", To: []string{"c2"}, Expr: "value"},
	}}
	l.Learn(done, 1)
	l.Learn(done, 1)
	if to, n := l.Best("KD NR"); n != 2 || !reflect.DeepEqual(to, []string{"external_id.1.id"}) {
		t.Errorf("Best = %v, %d", to, n)
	}
	if _, n := l.Best("Wert"); n != 0 {
		t.Error("learned from an expression")
	}

	cols := sheet("Kd-Nr = A1 | A2", "Colour = a@example.org", "Anruf = 030 1234567")
	_, proposals := suggestColumns(cols, testSchema(), l)
	want := "Kd-Nr -> external_id.1.id Likely\nColour -> emails.1.email Check\nAnruf -> phones.1.phone Likely\n"
	if got := mapping(proposals); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := proposals[0].Reason; got != "as in 2 earlier imports" {
		t.Errorf("reason %q", got)
	}

	t.Run("undone", func(t *testing.T) {
		l.Learn(done, -1)
		l.Learn(done, -1)
		if _, n := l.Best("Kd-Nr"); n != 0 {
			t.Errorf("still learned %d times", n)
		}
	})
	t.Run("field is gone", func(t *testing.T) {
		l := Learned{"kdnr": {"c99": 3}}
		_, proposals := suggestColumns(sheet("Kd-Nr = A1"), testSchema(), l)
		if len(proposals[0].To) != 0 {
			t.Errorf("-> %v", proposals[0].To)
		}
	})
}
