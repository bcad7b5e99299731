package recipe

import "github.com/leadport/leadport/internal/lead"

// Tier is a key that records are matched by (rule 5.1).
type Tier string

const (
	TierID       Tier = "id"
	TierExternal Tier = "external_id" // within its system
	TierEmail    Tier = "email"       // any of the lead's
	TierName     Tier = "name"        // lead name and company
	TierLeadName Tier = "lead_name"   // lead name alone: OroCRM's way (rule 5.9)
)

// Tiers are all of them, strongest first.
func Tiers() []Tier { return []Tier{TierID, TierExternal, TierEmail, TierName, TierLeadName} }

func (r *Recipe) tiers() []Tier {
	if len(r.Match) == 0 {
		return []Tier{TierID, TierExternal, TierEmail, TierName}
	}
	out := make([]Tier, len(r.Match))
	for i, m := range r.Match {
		out[i] = Tier(m)
	}
	return out
}

// policies gives each slot its merge policy (rule 6.1): what the recipe says
// of the field, else what it says of leads that exist, else the field's own.
func (r *Recipe) policies(s *lead.Schema) []lead.Policy {
	out := make([]lead.Policy, len(s.Fields))
	for i := range s.Fields {
		f := &s.Fields[i]
		out[i] = f.Policy
		switch {
		case r.Existing == "leave":
			out[i] = lead.Keep
		case r.Existing == "fill" && f.Policy != lead.Raise:
			// A yes that forbids contact is not lost to "only fill what is empty".
			out[i] = lead.Fill
		}
		if text, ok := r.Policy[f.Key]; ok {
			if p, err := lead.ParsePolicy(text); err == nil {
				out[i] = p
			}
		}
	}
	return out
}
