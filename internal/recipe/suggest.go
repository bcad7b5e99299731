package recipe

import "github.com/leadport/leadport/internal/lead"

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

var _ = lead.Text
