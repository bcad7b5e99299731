package recipe

import (
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/table"
)

// Suggest proposes a target for every column of a file (rules 2.1, 2.2) from
// its headings and the profile of its values, and returns the recipe that
// applies what is Likely or better.
func Suggest(det *table.Detection, prof *table.Profile, s *lead.Schema, learned Learned) (*Recipe, []Proposal) {
	cols := make([]column, len(det.Headings))
	for i, h := range det.Headings {
		cols[i].heading = h
		if i >= len(prof.Columns) {
			continue
		}
		p := &prof.Columns[i]
		cols[i].samples = p.Samples
		if prof.Records > 0 {
			cols[i].filled = float64(p.Filled) / float64(prof.Records)
		}
		for _, v := range p.Values {
			cols[i].values = append(cols[i].values, valueCount{v.Text, v.Count})
		}
	}
	return suggestColumns(cols, s, learned)
}
