package table

import (
	"strconv"
	"strings"
	"time"
)

// Names of months and days in the language that a format asks for, as in
// [$-407]mmmm: those of Windows, from which Excel takes them.

const (
	langChinese  = 0x04
	langJapanese = 0x11
	langKorean   = 0x12
	// genitive is what Excel writes as [$-FC19]: Russian months beside a day.
	genitive = 0xfc19
)

// localeLanguage is the language of a locale in a format: a hexadecimal id, whose low
// ten bits it is, or a tag such as de-DE.
func localeLanguage(locale string) int {
	id, err := strconv.ParseUint(locale, 16, 32)
	if err != nil {
		tag, _, _ := strings.Cut(strings.ToLower(locale), "-")
		return languageTags[tag]
	}
	if id&0xffff == genitive {
		return genitive
	}
	return int(id & 0x3ff)
}

var languageTags = map[string]int{
	"zh": langChinese, "cs": 0x05, "da": 0x06, "de": 0x07, "el": 0x08, "en": 0x09, "es": 0x0a, "fi": 0x0b, "fr": 0x0c, "hu": 0x0e, "it": 0x10,
	"ja": langJapanese, "ko": langKorean, "nl": 0x13, "nb": 0x14, "no": 0x14, "pl": 0x15, "pt": 0x16, "ro": 0x18, "ru": 0x19, "sv": 0x1d, "tr": 0x1f, "uk": 0x22,
}

// names of one language, from January and from Sunday; short ones are given
// where they are not the first letters.
type names struct {
	months, shortMonths, days, shortDays []string
	letters                              int // of a short name without a list, 0 = 3
}

var namesOf = map[int]names{
	0x09: {months: strings.Fields("January February March April May June July August September October November December"), days: strings.Fields("Sunday Monday Tuesday Wednesday Thursday Friday Saturday")},
	0x07: {months: strings.Fields("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"), shortMonths: strings.Fields("Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez"),
		days: strings.Fields("Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag"), shortDays: strings.Fields("So Mo Di Mi Do Fr Sa")},
	0x0c: {months: strings.Fields("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"), shortMonths: strings.Fields("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
		days: strings.Fields("dimanche lundi mardi mercredi jeudi vendredi samedi"), shortDays: strings.Fields("dim. lun. mar. mer. jeu. ven. sam.")},
	0x0a: {months: strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"), days: strings.Fields("domingo lunes martes miércoles jueves viernes sábado")},
	0x10: {months: strings.Fields("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"), days: strings.Fields("domenica lunedì martedì mercoledì giovedì venerdì sabato")},
	0x16: {months: strings.Fields("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"), days: strings.Fields("domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado")},
	0x13: {months: strings.Fields("januari februari maart april mei juni juli augustus september oktober november december"), shortMonths: strings.Fields("jan feb mrt apr mei jun jul aug sep okt nov dec"),
		days: strings.Fields("zondag maandag dinsdag woensdag donderdag vrijdag zaterdag"), shortDays: strings.Fields("zo ma di wo do vr za")},
	0x1d: {months: strings.Fields("januari februari mars april maj juni juli augusti september oktober november december"), days: strings.Fields("söndag måndag tisdag onsdag torsdag fredag lördag")},
	0x06: {months: strings.Fields("januar februar marts april maj juni juli august september oktober november december"), days: strings.Fields("søndag mandag tirsdag onsdag torsdag fredag lørdag")},
	0x14: {months: strings.Fields("januar februar mars april mai juni juli august september oktober november desember"), days: strings.Fields("søndag mandag tirsdag onsdag torsdag fredag lørdag")},
	0x0b: {months: strings.Fields("tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu"), shortMonths: strings.Fields("tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu"),
		days: strings.Fields("sunnuntai maanantai tiistai keskiviikko torstai perjantai lauantai"), shortDays: strings.Fields("su ma ti ke to pe la")},
	0x15: {months: strings.Fields("styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień"), shortMonths: strings.Fields("sty lut mar kwi maj cze lip sie wrz paź lis gru"),
		days: strings.Fields("niedziela poniedziałek wtorek środa czwartek piątek sobota"), shortDays: strings.Fields("niedz. pon. wt. śr. czw. pt. sob.")},
	0x05: {months: strings.Fields("leden únor březen duben květen červen červenec srpen září říjen listopad prosinec"), shortMonths: strings.Fields("led úno bře dub kvě čvn čvc srp zář říj lis pro"),
		days: strings.Fields("neděle pondělí úterý středa čtvrtek pátek sobota"), shortDays: strings.Fields("ne po út st čt pá so")},
	0x0e: {months: strings.Fields("január február március április május június július augusztus szeptember október november december"), shortMonths: strings.Fields("jan. febr. márc. ápr. máj. jún. júl. aug. szept. okt. nov. dec."),
		days: strings.Fields("vasárnap hétfő kedd szerda csütörtök péntek szombat"), shortDays: strings.Fields("V H K Sze Cs P Szo")},
	0x18: {months: strings.Fields("ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie"), days: strings.Fields("duminică luni marți miercuri joi vineri sâmbătă")},
	0x19: {months: strings.Fields("Январь Февраль Март Апрель Май Июнь Июль Август Сентябрь Октябрь Ноябрь Декабрь"), shortMonths: strings.Fields("янв фев мар апр май июн июл авг сен окт ноя дек"),
		days: strings.Fields("воскресенье понедельник вторник среда четверг пятница суббота"), shortDays: strings.Fields("Вс Пн Вт Ср Чт Пт Сб")},
	genitive: {months: strings.Fields("января февраля марта апреля мая июня июля августа сентября октября ноября декабря"), shortMonths: strings.Fields("янв фев мар апр мая июн июл авг сен окт ноя дек"),
		days: strings.Fields("воскресенье понедельник вторник среда четверг пятница суббота"), shortDays: strings.Fields("Вс Пн Вт Ср Чт Пт Сб")},
	0x22: {months: strings.Fields("січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень"),
		days: strings.Fields("неділя понеділок вівторок середа четвер п'ятниця субота"), shortDays: strings.Fields("Нд Пн Вт Ср Чт Пт Сб")},
	0x1f: {months: strings.Fields("Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık"), shortMonths: strings.Fields("Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara"),
		days: strings.Fields("Pazar Pazartesi Salı Çarşamba Perşembe Cuma Cumartesi"), shortDays: strings.Fields("Paz Pzt Sal Çar Per Cum Cmt")},
	0x08: {months: strings.Fields("Ιανουάριος Φεβρουάριος Μάρτιος Απρίλιος Μάιος Ιούνιος Ιούλιος Αύγουστος Σεπτέμβριος Οκτώβριος Νοέμβριος Δεκέμβριος"),
		days: strings.Fields("Κυριακή Δευτέρα Τρίτη Τετάρτη Πέμπτη Παρασκευή Σάββατο")},
	langChinese: {months: strings.Fields("一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月"), shortMonths: strings.Fields("1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月"),
		days: strings.Fields("星期日 星期一 星期二 星期三 星期四 星期五 星期六"), shortDays: strings.Fields("周日 周一 周二 周三 周四 周五 周六")},
	langJapanese: {months: strings.Fields("1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月"), shortMonths: strings.Fields("1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月"),
		days: strings.Fields("日曜日 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日"), letters: 1},
	langKorean: {months: strings.Fields("1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월"), shortMonths: strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12"),
		days: strings.Fields("일요일 월요일 화요일 수요일 목요일 금요일 토요일"), letters: 1},
}

// monthName is the name for mmm, mmmm, or mmmmm (its first letter).
func monthName(lang, month, n int) string {
	l, ok := namesOf[lang]
	if !ok {
		l = namesOf[0x09]
	}
	switch full := l.months[month-1]; {
	case n >= 5:
		return firstLetters(full, 1)
	case n == 4:
		return full
	case l.shortMonths != nil:
		return l.shortMonths[month-1]
	default:
		return firstLetters(full, 3)
	}
}

// dayName is the name for ddd or dddd.
func dayName(lang int, day time.Weekday, n int) string {
	l, ok := namesOf[lang]
	if !ok {
		l = namesOf[0x09]
	}
	switch full := l.days[day]; {
	case n >= 4:
		return full
	case l.shortDays != nil:
		return l.shortDays[day]
	case l.letters > 0:
		return firstLetters(full, l.letters)
	default:
		return firstLetters(full, 3)
	}
}

func firstLetters(s string, n int) string {
	r := []rune(s)
	return string(r[:min(n, len(r))])
}

// halfDays are the words of AM/PM.
func halfDays(lang int) string {
	switch lang {
	case langChinese:
		return "上午/下午"
	case langJapanese:
		return "午前/午後"
	case langKorean:
		return "오전/오후"
	}
	return "AM/PM"
}

// Eras of Japan since the first that a workbook's dates reach.
var eras = []struct {
	from                int // year, month and day
	letter, short, full string
}{
	{20190501, "R", "令", "令和"}, {19890108, "H", "平", "平成"}, {19261225, "S", "昭", "昭和"}, {19120730, "T", "大", "大正"}, {18680908, "M", "明", "明治"},
}

// appendEra writes e and g, the year and the name of an era, in Japanese
// formats; in others e is the year and g nothing.
func (s *section) appendEra(dst []byte, text string, year, month, dom int) []byte {
	if s.lang != langJapanese {
		if text[0] == 'e' {
			dst = appendYear(dst, 4, year)
		}
		return dst
	}
	for _, e := range eras {
		if year*10000+month*100+dom < e.from {
			continue
		}
		switch {
		case text[0] == 'e':
			return appendPadded(dst, min(len(text), 2), int64(year-e.from/10000+1))
		case len(text) == 1:
			return append(dst, e.letter...)
		case len(text) == 2:
			return append(dst, e.short...)
		}
		return append(dst, e.full...)
	}
	return dst
}
