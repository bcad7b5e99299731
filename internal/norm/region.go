package norm

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed data/regions.tsv
var regionData string

type regionTable struct {
	name    map[string]string            // combined code → English name
	country map[string]map[string]string // ISO-2 → FoldName of a short code or name → combined code
}

var regions = sync.OnceValue(buildRegions)

func buildRegions() *regionTable {
	t := &regionTable{name: make(map[string]string, 3000), country: make(map[string]map[string]string, 64)}
	for line := range strings.Lines(regionData) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		code, names, _ := strings.Cut(line, "\t")
		english, others, _ := strings.Cut(names, "\t")
		t.name[code] = english
		of := t.country[code[:2]]
		if of == nil {
			of = make(map[string]string, 64)
			t.country[code[:2]] = of
		}
		of[toLowerASCII(code[3:])] = code
		addRegion(of, english, code)
		for other := range strings.SplitSeq(others, "|") {
			addRegion(of, other, code)
		}
	}
	for line := range strings.SplitSeq(regionAliases, "\n") {
		code, names, _ := strings.Cut(line, "=")
		for name := range strings.SplitSeq(names, "|") {
			addRegion(t.country[code[:2]], name, code)
		}
	}
	return t
}

// regionAliases are names and older or postal codes in daily use that ISO
// and CLDR lack.
const regionAliases = `US-DC=washington dc|washington d.c.|washington, d.c.|washington, dc|d.c.
CA-QC=pq|que
CA-NL=newfoundland|nf|nfld
CA-PE=pei|p.e.i.
CA-BC=b.c.
MX-CMX=df|d.f.|distrito federal|cdmx|ciudad de mexico|mexico city|dif
MX-MEX=edo. mex.|edomex|estado de mexico|edo mex
DE-NW=nrw
DE-BW=ba-wu|bawu
DE-MV=meck-pomm
DE-TH=thuringen
GB-NIR=n. ireland|ulster
GB-WLS=cymru
ES-MD=madrid|comunidad de madrid
ES-CT=cataluna|catalunya|catalonia
ES-PV=euskadi|pais vasco
ES-VC=valencia|comunidad valenciana
IT-25=lombardia
IN-OD=orissa|or
IN-TS=tg
IN-CG=ct
IN-UK=ut|uttaranchal
AR-C=caba|capital federal|ciudad autonoma de buenos aires
BR-DF=brasilia
CH-GE=geneve|genf
CH-ZH=zurich
PL-14=mazowsze
IE-D=co dublin|co. dublin`

// addRegion keeps the first meaning of a name within its country: the larger
// area comes first neither in ISO nor in CLDR, and no lead needs more.
func addRegion(of map[string]string, name, code string) {
	if name == "" {
		return
	}
	for _, key := range [...]string{FoldName(name), plainRegion(FoldName(name))} {
		if _, taken := of[key]; !taken && key != "" {
			of[key] = code
		}
	}
}

// plainRegion takes the kind of area off: "county dublin", "tokyo prefecture".
func plainRegion(s string) string {
	for _, kind := range [...]string{" prefecture", " province", " county", " region", " state", " voivodeship", " oblast", " governorate", " department", " canton", " municipality", " district", " metropolis"} {
		s = strings.TrimSuffix(s, kind)
	}
	for _, kind := range [...]string{"county ", "state of ", "province of ", "canton of ", "kanton ", "canton de ", "province de ", "provincia de ", "provincia di ", "estado de ", "region ", "land ", "freistaat ", "wojewodztwo "} {
		s = strings.TrimPrefix(s, kind)
	}
	return s
}

// HasRegions reports whether the regions of a country (ISO 3166-1 alpha-2)
// are known; where they are not, a state is free text.
func HasRegions(country string) bool { return regions().country[country] != nil }

// RegionCode reads a region of a country by combined ISO 3166-2 code
// ("US-NY"), short code ("NY") or name, any case, with or without accents. It
// returns the combined code and the English name. A region that lies in
// another country is left out with CodeRegionElsewhere, others with
// CodeRegionUnknown. Without a country only a combined code is understood.
func RegionCode(country, s string) (code, name string, f Finding) {
	if s == "" {
		return "", "", f
	}
	t := regions()
	if combined := combinedCode(s); combined != "" {
		if n, ok := t.name[combined]; ok {
			if country == "" || combined[:2] == country {
				return combined, n, f
			}
			return "", "", Finding{Code: CodeRegionElsewhere, Detail: n + " lies in " + combined[:2] + ", not in " + country}
		}
	}
	of := t.country[country]
	if of == nil {
		return "", "", Finding{Code: CodeRegionUnknown, Detail: unknownRegion(country)}
	}
	key := FoldName(s)
	if code, ok := of[key]; ok {
		return code, t.name[code], f
	}
	if code, ok := of[plainRegion(key)]; ok {
		return code, t.name[code], f
	}
	if combined := combinedCode(s); combined != "" {
		if code, ok := of[toLowerASCII(combined[3:])]; ok && combined[:2] == country {
			return code, t.name[code], f // a code that ISO has replaced
		}
	}
	if c := countryOfRegion(t, key); c != "" {
		return "", "", Finding{Code: CodeRegionElsewhere, Detail: "lies in " + c + ", not in " + country}
	}
	return "", "", Finding{Code: CodeRegionUnknown, Detail: unknownRegion(country)}
}

func unknownRegion(country string) string {
	switch {
	case country == "":
		return "the country is not known"
	case !HasRegions(country):
		return "the regions of " + country + " are not known"
	}
	return "no region of " + country
}

// countryOfRegion finds a name in the one other country that has it.
func countryOfRegion(t *regionTable, key string) string {
	if len(key) < 4 {
		return ""
	}
	found := ""
	for c, of := range t.country {
		if _, ok := of[key]; ok {
			if found != "" {
				return ""
			}
			found = c
		}
	}
	return found
}

// combinedCode is s as "US-NY" where it has that shape ("us_ny"),
// else "".
func combinedCode(s string) string {
	if len(s) < 4 || len(s) > 6 || s[2] != '-' && s[2] != '_' || !isLetter(s[0]) || !isLetter(s[1]) {
		return ""
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; i != 2 && !isLetter(c) && !isDigit(c) {
			return ""
		}
		if s[i]-'a' < 26 || s[i] == '_' {
			return strings.ToUpper(s[:2]) + "-" + strings.ToUpper(s[3:])
		}
	}
	return s
}
