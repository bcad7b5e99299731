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
		a := address{c.address, e.Values}
		if !a.content() {
			c.in = c.column1(d, n+1, "label", "name_prefix", "first_name", "middle_name", "last_name", "name_suffix")
			c.issue(d, "address.no_content", f.Key, a.values[c.address.label], "")
			e.Values, c.in = nil, nil
			continue
		}
		if country := &a.values[c.address.country]; *country == "" {
			if code := countryOfRegion(a.values[c.address.region]); code != "" {
				*country = code
			} else if c.unknownCountry(d, n+1) {
				// Said already; what the file names is not the country of the others.
			} else if c.country != "" {
				*country = c.country
			} else {
				c.issue(d, "country.missing", f.Key, "", "")
			}
		}
		c.region(d, n+1, a)
	}
}

// column1 is the first column that feeds one of these parts of the nth address
// and is filled in the record; nil if there is none.
func (c *cleaner) column1(d *draft, n int, parts ...string) *recipe.Input {
	f := &c.schema.Fields[c.slot.addresses]
	for _, key := range parts {
		for i := range c.program.Inputs {
			in := &c.program.Inputs[i]
			for _, t := range in.Targets {
				if t.Field == c.slot.addresses && t.Slot == n && f.Parts[t.Part].Key == key && norm.Clean(cell(d.cells, in.Column)) != "" {
					return in
				}
			}
		}
	}
	return nil
}

// unknownCountry reports whether the nth address names a country that is none.
func (c *cleaner) unknownCountry(d *draft, n int) bool {
	in := c.column1(d, n, "country")
	for i := range d.issues {
		if x := &d.issues[i]; in != nil && x.Code == norm.CodeCountryUnknown && x.Column == in.Column {
			return true
		}
	}
	return false
}

// region matches the state's text or code to the country's list.
func (c *cleaner) region(d *draft, n int, a address) {
	country, region, state := a.values[c.address.country], &a.values[c.address.region], &a.values[c.address.state]
	text := firstOf(*region, *state)
	if text == "" || country == "" || !norm.HasRegions(country) {
		if *region != "" && (country == "" || !norm.HasRegions(country)) && *state == "" {
			*state = *region
		}
		*region = ""
		return
	}
	code, name, finding := norm.RegionCode(country, text)
	if finding.Code != "" && *region != "" && *state != "" {
		if code2, name2, f2 := norm.RegionCode(country, *state); f2.Code == "" {
			code, name, finding = code2, name2, f2
		}
	}
	if finding.Code == "" {
		*region, *state = code, name
		return
	}
	c.in = c.column1(d, n, "region", "state")
	c.finding(d, c.schema.Fields[c.slot.addresses].Key, text, finding.Code, country, finding.Suggestion)
	c.in = nil
	if *state == "" && finding.Code == norm.CodeRegionUnknown {
		*state = *region
	}
	*region = ""
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

// address is one element of the addresses.
type address struct {
	at     *addressParts
	values []string
}

// addressParts are the positions of the parts that the rules name.
type addressParts struct {
	label, country, region, state int
	content                       []int // what makes an address: not a label, not names
}

func addressPartsOf(f *lead.Field) *addressParts {
	at := func(key string) int {
		for p := range f.Parts {
			if f.Parts[p].Key == key {
				return p
			}
		}
		return 0
	}
	out := &addressParts{label: at("label"), country: at("country"), region: at("region"), state: at("state")}
	for _, key := range []string{"organization", "street", "street2", "postal_code", "city", "state", "region", "country"} {
		out.content = append(out.content, at(key))
	}
	return out
}

// content reports whether anything but a label and names is filled.
func (a address) content() bool {
	for _, p := range a.at.content {
		if a.values[p] != "" {
			return true
		}
	}
	return false
}
