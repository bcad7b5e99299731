package recipe

import (
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/table"
)

// maxValues is how many distinct values of a column are looked at: enough for
// the shares that rules ask for, few enough for files of thousands of columns.
const maxValues = 200

// Suggest proposes where each file column goes (rules 2.1, 2.2): one proposal
// a column, in file order, and the recipe that applies those that are Likely
// or Exact. prof may be nil, then headings alone decide; learned may be nil.
func Suggest(det *table.Detection, prof *table.Profile, s *lead.Schema, learned Learned) (*Recipe, []Proposal) {
	return suggestColumns(columnsOf(det, prof), s, learned)
}

// columnsOf takes what Suggest needs. Placeholders and Excel's errors are no
// values (rule 3.2) and say nothing of a column.
func columnsOf(det *table.Detection, prof *table.Profile) []column {
	cols := make([]column, len(det.Headings))
	for i, heading := range det.Headings {
		cols[i].heading = named(heading, i)
		if prof == nil || i >= len(prof.Columns) {
			continue
		}
		from := &prof.Columns[i]
		if prof.Records > 0 {
			cols[i].filled = float64(from.Filled) / float64(prof.Records)
		}
		cols[i].samples = from.Samples
		for _, v := range from.Values {
			text := norm.Unprotect(norm.Clean(v.Text), false)
			if norm.Absent(text) != "" || text == "" {
				continue
			}
			cols[i].values = append(cols[i].values, valueCount{text, v.Count})
			if len(cols[i].values) == maxValues {
				break
			}
		}
	}
	return cols
}
