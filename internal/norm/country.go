package norm

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// iso2 is every officially assigned code of ISO 3166-1 alpha-2 and XK, the
// user-assigned one for Kosovo that CLDR, banks and CRMs use.
const iso2 = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ " +
	"TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"

// countryLanguages are the languages whose names of countries are understood,
// in order of precedence where a name means different countries.
const countryLanguages = "en de fr es it pt nl pl sv da nb fi cs sk hu ro bg hr sl et lv lt el tr ru uk ca ja zh zh-Hant ko ar he id vi"

// countryAliases are names that CLDR 32, which x/text carries, does not have:
// newer, shorter, official and colloquial ones.
const countryAliases = `US=usa|u.s.a.|u.s.|united states of america|the united states|america|etats-unis d'amerique|vereinigte staaten von amerika|eeuu|ee.uu.|ee. uu.|e.e.u.u.|verenigde staten van amerika|stati uniti d'america|estados unidos de america|usa (united states)
GB=uk|u.k.|great britain|britain|england|scotland|wales|northern ireland|united kingdom of great britain and northern ireland|grossbritannien|grande-bretagne|gran bretana|gran bretagna|gra-bretanha|groot-brittannie|the united kingdom|inglaterra|angleterre|inghilterra|engeland|schottland|g.b.|gb-eng|gb-sct|gb-wls|gb-nir
GR=el|hellas|hellenic republic
DE=brd|bundesrepublik deutschland|federal republic of germany|allemagne (rfa)
AT=oesterreich|republik osterreich
CZ=czechia|czech republic|ceska republika|cesko|tschechien|republica checa|tchequie|republique tcheque|cechia|tsjechie|chequia
MK=north macedonia|macedonia|nordmazedonien|macedoine du nord|macedonia del norte|macedonia del nord|fyrom|republic of macedonia
SZ=eswatini|swaziland|kingdom of eswatini
TR=turkiye|turkey|republic of turkey
CI=ivory coast|cote d'ivoire|elfenbeinkuste
CV=cape verde|cabo verde
MM=burma|myanmar
TL=east timor|timor-leste
CD=dr congo|drc|democratic republic of the congo|congo, democratic republic of the|congo, the democratic republic of the|congo (drc)|congo-kinshasa|zaire
CG=republic of the congo|congo (brazzaville)|congo-brazzaville|congo, republic of the
KR=south korea|republic of korea|korea, republic of|korea (south)|korea, south|korea
KP=north korea|democratic people's republic of korea|korea, democratic people's republic of|korea, north|dprk
RU=russian federation|russia|the russian federation
IR=iran, islamic republic of|islamic republic of iran|persia
SY=syrian arab republic
VN=viet nam|vietnam
LA=lao people's democratic republic|lao pdr
BO=bolivia, plurinational state of|plurinational state of bolivia
VE=venezuela, bolivarian republic of|bolivarian republic of venezuela
TZ=tanzania, united republic of|united republic of tanzania
MD=moldova, republic of|republic of moldova
TW=taiwan, province of china|republic of china|taiwan, roc|chinese taipei
CN=people's republic of china|prc|mainland china|p.r. china|pr china|china, people's republic of
HK=hong kong|hong kong sar|hongkong
MO=macau|macao
PS=palestine|palestine, state of|state of palestine
BN=brunei darussalam
FM=micronesia, federated states of|federated states of micronesia
NL=holland|the netherlands|netherlands, the|hollande|olanda|holanda|kingdom of the netherlands
AE=uae|u.a.e.|emirates|vae|eau
SA=ksa|kingdom of saudi arabia
IE=eire|republic of ireland|irish republic|ireland, republic of
VA=vatican|holy see|holy see (vatican city state)|vatican city state
BS=the bahamas|bahamas, the
GM=the gambia|gambia, the
PH=the philippines
FK=falkland islands (malvinas)
ZA=rsa|republic of south africa|south-africa
NZ=new-zealand|aotearoa
CH=swiss confederation|schweizerische eidgenossenschaft|confoederatio helvetica|suisse|svizzera|schweiz
BA=bosnia|bosnia-herzegovina|bosnia and herzegovina
TT=trinidad
VI=us virgin islands|virgin islands, u.s.
VG=british virgin islands|virgin islands, british
KN=saint kitts
LC=saint lucia|st lucia
RE=reunion
CW=curacao
XK=republic of kosovo
IN=bharat|republic of india
MX=mejico
JP=nippon|nihon
BY=belorussia|byelorussia
DO=dominican rep.|dominican rep`

type countryTable struct {
	code [26 * 26]bool
	name map[string]string // FoldName of a name or an ISO-3 code → ISO-2
}

// countries is built on first use: some 8,000 names.
var countries = sync.OnceValue(buildCountries)

func buildCountries() *countryTable {
	t := &countryTable{name: make(map[string]string, 10000)}
	codes := strings.Fields(iso2)
	regions := make([]language.Region, len(codes))
	for i, code := range codes {
		t.code[pair(code[0], code[1])] = true
		regions[i] = language.MustParseRegion(code)
	}
	for line := range strings.SplitSeq(countryAliases, "\n") {
		code, names, _ := strings.Cut(line, "=")
		for name := range strings.SplitSeq(names, "|") {
			t.name[FoldName(name)] = code
		}
	}
	for i, r := range regions {
		t.add(strings.ToLower(r.ISO3()), codes[i])
	}
	for lang := range strings.FieldsSeq(countryLanguages) {
		namer := display.Regions(language.MustParse(lang))
		if namer == nil {
			continue
		}
		for i, r := range regions {
			name := FoldName(namer.Name(r))
			t.add(name, codes[i])
			t.add(plainCountry(name), codes[i])
		}
	}
	return t
}

// add keeps the first meaning of a name.
func (t *countryTable) add(name, code string) {
	if _, taken := t.name[name]; !taken && len(name) > 2 {
		t.name[name] = code
	}
}

func pair(a, b byte) int { return int(a-'A')*26 + int(b-'A') }

// CountryCode reads a country as ISO 3166-1 alpha-2 or alpha-3 code or as a
// name in any of some 30 languages (Unicode CLDR), any case, with or without
// accents; canonical is alpha-2 ("US"). Unknown ones are left out with
// CodeCountryUnknown.
func CountryCode(s string) (string, Finding) {
	if s == "" {
		return "", Finding{}
	}
	t := countries()
	if len(s) == 2 && isLetter(s[0]) && isLetter(s[1]) {
		a, b := s[0]&^0x20, s[1]&^0x20
		if t.code[pair(a, b)] {
			if a == s[0] && b == s[1] {
				return s, Finding{}
			}
			return string([]byte{a, b}), Finding{}
		}
	}
	if code, ok := t.name[s]; ok {
		return code, Finding{}
	}
	name := FoldName(s)
	if code, ok := t.name[name]; ok {
		return code, Finding{}
	}
	if code, ok := t.name[plainCountry(name)]; ok {
		return code, Finding{}
	}
	return "", Finding{Code: CodeCountryUnknown, Detail: "no country of this name"}
}

// plainCountry evens out what spellings of one name differ in: the article,
// points, "&" and "St.".
func plainCountry(s string) string {
	s = strings.TrimPrefix(s, "the ")
	s = strings.ReplaceAll(s, "&", "and")
	s = strings.ReplaceAll(s, "st. ", "saint ")
	s = strings.ReplaceAll(s, ".", "")
	return Fold(s)
}
