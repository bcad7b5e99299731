package importer

import (
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/recipe"
)

// addresses settles the groups of the record at hand: country, then region,
// then whether there is anything to store (lead-fields.md, addresses).
func (c *cleaner) addresses(d *draft) {
	slot := c.slot.addresses
	f := &c.schema.Fields[slot]
	list := c.lists[slot]
	for n := range list {
		e := &list[n]
		if e.Values == nil || e.Empty() {
			continue
		}
		a := address{f, e.Values}
		if !a.content() {
			c.in = c.column1(d, n+1, a, "label", "name_prefix", "first_name", "middle_name", "last_name", "name_suffix")
			c.issue(d, "address.no_content", f.Key, a.get("label"), "")
			e.Values, c.in = nil, nil
			continue
		}
		if a.get("country") == "" {
			if code := countryOfRegion(a.get("region")); code != "" {
				a.set("country", code)
			} else if c.unknownCountry(d, n+1, a) {
				// Said already; what the file names is not the country of the others.
			} else if c.country != "" {
				a.set("country", c.country)
			} else {
				c.issue(d, "country.missing", f.Key, "", "")
			}
		}
		c.in = c.column1(d, n+1, a, "region", "state")
		c.region(d, a)
		c.in = nil
	}
}

// column1 is the first column that feeds one of these parts of the nth address
// and is filled in the record; nil if there is none.
func (c *cleaner) column1(d *draft, n int, a address, parts ...string) *recipe.Input {
	for _, key := range parts {
		for i := range c.program.Inputs {
			in := &c.program.Inputs[i]
			for _, t := range in.Targets {
				if t.Field == c.slot.addresses && t.Slot == n && t.Part == a.index(key) && norm.Clean(cell(d.cells, in.Column)) != "" {
					return in
				}
			}
		}
	}
	return nil
}

// unknownCountry reports whether the nth address names a country that is none.
func (c *cleaner) unknownCountry(d *draft, n int, a address) bool {
	in := c.column1(d, n, a, "country")
	for i := range d.issues {
		if x := &d.issues[i]; in != nil && x.Code == norm.CodeCountryUnknown && x.Column == in.Column {
			return true
		}
	}
	return false
}

// region matches the state's text or code to the country's list.
func (c *cleaner) region(d *draft, a address) {
	country := a.get("country")
	text := a.get("region")
	if text == "" {
		text = a.get("state")
	}
	if text == "" || country == "" || !norm.HasRegions(country) {
		if a.get("region") != "" && (country == "" || !norm.HasRegions(country)) && a.get("state") == "" {
			a.set("state", a.get("region"))
		}
		a.set("region", "")
		return
	}
	code, name, finding := norm.RegionCode(country, text)
	if finding.Code != "" && a.get("region") != "" && a.get("state") != "" {
		if code2, name2, f2 := norm.RegionCode(country, a.get("state")); f2.Code == "" {
			code, name, finding = code2, name2, f2
		}
	}
	if finding.Code == "" {
		a.set("region", code)
		a.set("state", name)
		return
	}
	c.finding(d, a.field.Key, text, finding.Code, country, finding.Suggestion)
	if a.get("state") == "" && finding.Code == norm.CodeRegionUnknown {
		a.set("state", a.get("region"))
	}
	a.set("region", "")
}

// countryOfRegion is the country that a combined code "US-NY" names.
func countryOfRegion(region string) string {
	if len(region) >= 4 && region[2] == '-' {
		if code, f := norm.CountryCode(region[:2]); f.Code == "" {
			return code
		}
	}
	return ""
}

// address is one element of the addresses by the keys of its parts.
type address struct {
	field  *lead.Field
	values []string
}

func (a address) index(key string) int {
	for p := range a.field.Parts {
		if a.field.Parts[p].Key == key {
			return p
		}
	}
	return 0
}

func (a address) get(key string) string { return a.values[a.index(key)] }
func (a address) set(key, value string) { a.values[a.index(key)] = value }

// content reports whether anything but a label and names is filled.
func (a address) content() bool {
	for _, key := range []string{"organization", "street", "street2", "postal_code", "city", "state", "region", "country"} {
		if a.get(key) != "" {
			return true
		}
	}
	return false
}
