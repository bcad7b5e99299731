package recipe

import (
	"slices"
	"strings"
)

// Learned holds where headings went in finished, not undone imports (rule
// 2.1): folded heading → targets joined by "," → number of imports. A heading
// that was left out stands under "".
type Learned map[string]map[string]int

// Learn counts the columns of a finished import; n is 1, or -1 when the
// import is undone.
func (l Learned) Learn(r *Recipe, n int) {
	for _, c := range r.Columns {
		heading := FoldHeading(c.Heading)
		if heading == "" || c.Expr != "" || c.Split != "" {
			continue // what an expression makes of a column says nothing about its heading
		}
		to := strings.Join(c.To, ",")
		if l[heading] == nil {
			l[heading] = map[string]int{}
		}
		if l[heading][to] += n; l[heading][to] <= 0 {
			delete(l[heading], to)
		}
	}
}

// Best returns where a heading went most often and how often; of equal counts
// the alphabetically first. times is 0 for a heading never seen.
func (l Learned) Best(heading string) (to []string, times int) {
	best := ""
	for text, n := range l[FoldHeading(heading)] {
		if n > times || n == times && text < best {
			best, times = text, n
		}
	}
	if times == 0 || best == "" {
		return nil, times
	}
	return slices.DeleteFunc(strings.Split(best, ","), func(s string) bool { return s == "" }), times
}
