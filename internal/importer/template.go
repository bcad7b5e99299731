package importer

import (
	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/recipe"
)

// Headings of a rejects file by which its records are known when they come
// home, and of an export by which a lead's version is (rules 10.1, 6.5).
const (
	HomeImport  = "Leadport import"
	HomeRecord  = "Leadport record"
	HomeReasons = "Leadport reasons"
)

// Column is one column of a template or export.
type Column struct {
	Heading string
	Target  lead.Target
	Options []string // of a choice, for a drop-down list
}

// columns lists the fields' columns in canonical order; groups says how many
// elements a list field gets.
func columns(s *lead.Schema, groups func(f *lead.Field, slot int) int, with func(f *lead.Field) bool) []Column {
	var out []Column
	for slot := range s.Fields {
		f := &s.Fields[slot]
		if !with(f) {
			continue
		}
		if !f.List() {
			out = append(out, Column{Heading: f.Heading, Target: lead.Target{Field: slot}, Options: labels(f.Options)})
			continue
		}
		if oneCell(f) {
			out = append(out, Column{Heading: f.PartHeading(0, 1), Target: lead.Target{Field: slot, Slot: 1}})
			continue
		}
		for n := 1; n <= groups(f, slot); n++ {
			for part := range f.Parts {
				if !f.Parts[part].Derived {
					out = append(out, Column{Heading: f.PartHeading(part, n), Target: lead.Target{Field: slot, Part: part, Slot: n}})
				}
			}
		}
	}
	return out
}

// labels are an option list as a person picks from it.
func labels(options []lead.Option) []string {
	var out []string
	for _, o := range options {
		if !o.Retired {
			out = append(out, o.Label)
		}
	}
	return out
}

// Template returns the columns of the import template and its sample row
// (lead-fields.md, Template).
func Template(s *lead.Schema, u access.User) ([]Column, []string) {
	cols := columns(s, func(f *lead.Field, _ int) int { return f.Template }, func(f *lead.Field) bool {
		return !f.System && !f.Gone && f.Key != "version"
	})
	sample := map[string]string{
		"Lead name": "Jerry Coleman", "Name prefix": "Mr.", "First name": "Jerry", "Last name": "Coleman", "Name suffix": "Jr.",
		"Job title": "Manager", "Status Id": "New", "Company name": "Oro Inc.", "Website": "http://example.com",
		"Number of employees": "100", "Industry": "Internet", "Owner Username": u.Username,
		"Address 1 Label": "Primary Address", "Address 1 First name": "Jerry", "Address 1 Last name": "Coleman",
		"Address 1 Street": "1215 Caldwell Road", "Address 1 Zip/Postal Code": "14608", "Address 1 City": "Rochester",
		"Address 1 State": "New York", "Address 1 State Combined code": "US-NY", "Address 1 Country ISO2 code": "US",
		"Address 2 Label": "Billing Address", "Address 2 Street": "1215 Caldwell Road", "Address 2 Zip/Postal Code": "14608",
		"Address 2 City": "Rochester", "Address 2 State": "New York", "Address 2 State Combined code": "US-NY", "Address 2 Country ISO2 code": "US",
		"Twitter": "@jerrycoleman", "LinkedIn": "jerry.coleman", "Emails 1 Email": "JerryAColeman@example.com",
		"Phones 1 Phone": "+1 585-255-1127", "Phones 2 Phone": "+1 585-255-1147", "Source Id": "Website",
	}
	row := make([]string, len(cols))
	for i, c := range cols {
		row[i] = sample[c.Heading]
	}
	return cols, row
}

// sampleRow is the template's sample by folded heading, as cells are compared.
func sampleRow(s *lead.Schema, u access.User) map[string]string {
	cols, row := Template(s, u)
	out := make(map[string]string, len(cols))
	for i, c := range cols {
		if row[i] != "" {
			out[recipe.FoldHeading(c.Heading)] = norm.Clean(row[i])
		}
	}
	return out
}

// WriteTemplate writes the template.
func WriteTemplate(w FormWriter, cols []Column, sample []string) error {
	for i, c := range cols {
		if len(c.Options) > 0 {
			w.Offer(i, c.Options)
		}
	}
	if err := w.Write(headingsOf(cols)); err != nil {
		return err
	}
	return w.Write(sample)
}

func headingsOf(cols []Column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Heading
	}
	return out
}
