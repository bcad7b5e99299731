package recipe

import (
	"fmt"

	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// Preset returns the recipe that reads files as another program does. The
// only one is "orocrm" (rules 4.2, 5.9): values that OroCRM refuses are
// errors, leads are found by id, then by lead name, the first one in file
// order. Blank cells leave what stands; BlankErases asks for OroCRM's way.
// Another name fails with lead.ErrNotFound.
func Preset(name string) (*Recipe, error) {
	if name != "orocrm" {
		return nil, fmt.Errorf("there is no preset %q, only orocrm: %w", name, lead.ErrNotFound)
	}
	return &Recipe{
		Preset:     name,
		Match:      []string{string(TierID), string(TierLeadName)},
		FirstMatch: true,
		Errors: []string{
			norm.CodeEmailInvalid,
			norm.CodeURLInvalid,
			norm.CodeIntegerInvalid, norm.CodeIntegerRange, norm.CodeIntegerTooSmall, norm.CodeIntegerTooBig, norm.CodeNumberAmbiguous,
			norm.CodeTextTooLong,
			norm.CodeCountryUnknown, norm.CodeRegionUnknown, norm.CodeRegionElsewhere,
			CodeChoiceUnknown, CodeStatusUnknown,
		},
	}, nil
}

// Issues of a value that is no option of its choice and has no answer.
const (
	CodeChoiceUnknown = "choice.unknown"
	CodeStatusUnknown = "status.unknown" // an error anyway
)
