package norm

import (
	"strings"
	"sync"
)

// monthTable finds the number of a month by its name as FoldName writes it.
type monthTable map[string]int

// months are full and short names, nominative and genitive, of the languages
// leads come in (Unicode CLDR). A name that means two months in two of them
// (Croatian listopad) has the meaning of the bigger one.
var months = sync.OnceValue(buildMonths)

func buildMonths() monthTable {
	t := make(monthTable, 512)
	for i, names := range [...]string{
		"january jan januar jän jänner janvier janv enero ene gennaio gen janeiro januari styczeń stycznia sty leden ledna led tammikuu tammikuuta tammi январь января янв ocak oca ιανουάριος ιανουαρίου ianuarie ian január gener",
		"february feb februar feber février févr fév febrero febbraio fevereiro fev februari luty lutego lut únor února úno helmikuu helmikuuta helmi февраль февраля фев şubat şub φεβρουαρίου februarie február febr febrer",
		"march mar märz mär mrz mars marzo março maart mrt marzec marca březen března bře maaliskuu maaliskuuta maalis март марта мар mart μαρτίου martie március marts",
		"april apr avril avr abril abr aprile kwiecień kwietnia kwi duben dubna dub huhtikuu huhtikuuta huhti апрель апреля апр nisan nis απριλίου aprilie április",
		"may mai mayo maggio mag maio mei maj maja květen května kvě toukokuu toukokuuta touko май мая mayıs μαΐου május máj",
		"june jun juni juin junio giugno giu junho czerwiec czerwca cze červen června čvn kesäkuu kesäkuuta kesä июнь июня июн haziran haz ιουνίου iunie június jún juny",
		"july jul juli juillet juil julio luglio lug julho lipiec lipca lip červenec července čvc heinäkuu heinäkuuta heinä июль июля июл temmuz tem ιουλίου iulie július júl",
		"august aug août aou agosto ago augustus augusti sierpień sierpnia sie srpen srpna srp elokuu elokuuta elo август августа авг ağustos ağu αυγούστου augusztus agost",
		"september sep sept septembre septiembre settembre set setembro wrzesień września wrz září zář syyskuu syyskuuta syys сентябрь сентября сен сент eylül eyl σεπτεμβρίου septembrie szeptember setiembre",
		"october oct oktober okt octobre octubre ottobre ott outubro out październik października paź říjen října říj lokakuu lokakuuta loka октябрь октября окт ekim eki οκτωβρίου octombrie október",
		"november nov novembre noviembre novembro listopad listopada lis marraskuu marraskuuta marras ноябрь ноября ноя нояб kasım kas νοεμβρίου noiembrie november",
		"december dec dezember dez décembre déc diciembre dic dicembre dezembro grudzień grudnia gru prosinec prosince pro joulukuu joulukuuta joulu декабрь декабря дек aralık ara δεκεμβρίου decembrie desember des",
	} {
		for name := range strings.FieldsSeq(names) {
			name = FoldName(name)
			if _, taken := t[name]; !taken {
				t[name] = i + 1
			}
		}
	}
	return t
}

// dateFiller reports a word inside a date that says nothing: 22nd, de, of,
// 年月日.
func dateFiller(s string) bool {
	switch s {
	case "st", "nd", "rd", "th", "of", "the", "de", "del", "do", "di", "den", "d", "er", "le", "el", "年", "月", "日", "년", "월", "일", "г", "года":
		return true
	}
	return false
}

// weekday reports the name of a day in front of a date; it is not checked.
func weekday(s string) bool {
	switch s {
	case "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun",
		"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
		"mo", "di", "mi", "do", "fr", "sa", "so", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag",
		"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "lun", "mar", "mer", "jeu", "ven", "sam", "dim",
		"lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo", "mie", "jue", "vie", "sab", "dom",
		"lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "domenica", "gio",
		"segunda", "terca", "quarta", "quinta", "sexta", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag", "ma", "wo", "vr", "za", "zo":
		return true
	}
	return false
}
