package bench

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode"
)

// headings are the 30 columns of the yardstick's file.
var headings = []string{
	"External Id", "External Id System", "Name prefix", "First name", "Middle name", "Last name", "Job title", "Company name",
	"Industry", "Number of employees", "Website", "Emails 1 Email", "Emails 2 Email", "Phones 1 Phone", "Phones 2 Phone",
	"Address 1 Street", "Address 1 Street 2", "Address 1 Zip/Postal Code", "Address 1 City", "Address 1 State",
	"Address 1 Country ISO2 code", "Twitter", "LinkedIn", "Status Id", "Source Id", "Tags", "Additional comments",
	"Follow up on", "Do not e-mail", "Created in source system",
}

// land gives a record names, an address and a phone that belong together.
type land struct {
	code, phone, zip      string // # is a digit
	given, family, cities []string
	streets, firms        []string
}

var lands = []land{
	{"US", "+1 212 2## ####", "1000#", []string{"James", "Mary", "Robert", "Linda"}, []string{"Smith", "Johnson", "O'Brien", "Garcia"}, []string{"New York"}, []string{"Madison Avenue", "Fifth Avenue"}, []string{"Inc.", "LLC"}},
	{"DE", "+49 30 ########", "101##", []string{"Jürgen", "Heike", "Björn", "Zoë"}, []string{"Müller", "Schäfer", "Weiß", "von der Heide"}, []string{"Berlin"}, []string{"Hauptstraße", "Am Markt"}, []string{"GmbH", "AG"}},
	{"FR", "+33 1 42 ## ## ##", "750##", []string{"Zoé", "François", "Hélène", "Jean-Luc"}, []string{"Lefèvre", "Garnier", "d'Arc", "Noël"}, []string{"Paris"}, []string{"rue de la République", "boulevard Voltaire"}, []string{"SARL", "SA"}},
	{"GB", "+44 20 7### ####", "SW1A 1AA", []string{"Oliver", "Amelia", "Harry", "Isla"}, []string{"Taylor", "Brown", "Evans", "Walker"}, []string{"London"}, []string{"High Street", "Church Road"}, []string{"Ltd", "plc"}},
	{"PL", "+48 22 ### ## ##", "00-0##", []string{"Łucja", "Paweł", "Małgorzata", "Krzysztof"}, []string{"Wójcik", "Kowalczyk", "Zając", "Dąbrowski"}, []string{"Warszawa"}, []string{"ulica Długa", "ulica Nowa"}, []string{"sp. z o.o."}},
	{"GR", "+30 21 0### ####", "105 ##", []string{"Γιώργος", "Μαρία", "Δημήτρης", "Ελένη"}, []string{"Παπαδόπουλος", "Νικολάου", "Οικονόμου", "Γεωργίου"}, []string{"Αθήνα"}, []string{"Οδός Ερμού", "Οδός Σταδίου"}, []string{"ΑΕ"}},
	{"BG", "+359 2 8## ####", "10##", []string{"Иван", "Мария", "Георги", "Елена"}, []string{"Иванов", "Петрова", "Димитров", "Николова"}, []string{"София"}, []string{"улица Раковски", "булевард Витоша"}, []string{"ООД"}},
	{"JP", "+81 3 #### ####", "100-00##", []string{"太郎", "花子", "健一", "さくら"}, []string{"佐藤", "鈴木", "高橋", "田中"}, []string{"東京"}, []string{"丸の内", "銀座"}, []string{"株式会社"}},
	{"CN", "+86 10 #### ####", "1000##", []string{"伟", "芳", "娜", "秀英"}, []string{"王", "李", "张", "刘"}, []string{"北京"}, []string{"建国路", "长安街"}, []string{"有限公司"}},
	{"IL", "+972 3 ### ####", "61######", []string{"דוד", "שרה", "יוסף", "רחל"}, []string{"כהן", "לוי", "מזרחי", "פרץ"}, []string{"תל אביב"}, []string{"רחוב הרצל", "שדרות רוטשילד"}, []string{"בע״מ"}},
	{"BR", "+55 11 9#### ####", "0100#-###", []string{"João", "Conceição", "André", "Inês"}, []string{"da Silva", "Gonçalves", "Araújo", "Magalhães"}, []string{"São Paulo"}, []string{"Avenida Paulista", "Rua Augusta"}, []string{"Ltda."}},
	{"IN", "+91 98### #####", "1100##", []string{"आरव", "Priya", "Arjun", "Ananya"}, []string{"Sharma", "Patel", "सिंह", "Reddy"}, []string{"New Delhi"}, []string{"Janpath", "Rajpath"}, []string{"Pvt. Ltd."}},
}

var (
	titles     = []string{"Buyer", "Head of Purchasing", "CEO", "Plant manager", "IT lead, infrastructure", "Quality engineer", ""}
	industries = []string{"Machinery", "Food & beverage", "Logistics", "Software", "Retail", ""}
	sources    = []string{"Trade Show", "Website", "Referral", "Partner", "Outbound"}
	remarks    = []string{
		"Met at the fair.\nAsked for a quote on 40 units, \"as soon as possible\".",
		"Rückruf erbeten; nächste Woche, nachmittags.",
		"Prefers e-mail.\r\n- wants the brochure\r\n- knows our partner",
		"商談中。来月もう一度連絡する。",
		"", "",
	}
)

// Generate writes the records first … first+n-1: about 390 bytes each, names
// and notes in eight scripts, line breaks in cells, and one bad cell in 2 % of
// them, of every kind by turns. A record is the same for the same seed whatever
// stands around it; with later, it is the same person some months on: another
// job title, a remark, a follow-up.
func Generate(out io.Writer, first, n int, seed uint64, later bool) error {
	w := bufio.NewWriterSize(out, 1<<20)
	source := rand.NewPCG(seed, 0)
	r := rand.New(source)
	w.WriteString(strings.Join(headings, ",") + "\n")
	cells := make([]string, len(headings))
	for i := first; i < first+n; i++ {
		source.Seed(seed, uint64(i))
		cells = record(cells[:0], r, i)
		if later {
			cells[6], cells[26] = "Head of department", "Called again; now responsible for the whole group."
		} else if r.IntN(100) == 0 {
			cells[24] = "Messe" // no choice: one answer mends it
		} else if r.IntN(50) == 0 {
			cells = spoil(cells, r.IntN(14), i)
		}
		for j, c := range cells {
			if j > 0 {
				w.WriteByte(',')
			}
			if strings.ContainsAny(c, ",\"\r\n") {
				w.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
			} else {
				w.WriteString(c)
			}
		}
		w.WriteByte('\n')
	}
	return w.Flush()
}

func record(cells []string, r *rand.Rand, i int) []string {
	l := &lands[r.IntN(len(lands))]
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	given, family := pick(l.given), pick(l.family)+syllables(r, l)
	number := i/5 + r.IntN(1000) // about five people of each firm
	firm := fmt.Sprintf("%s %s %d %s", l.family[number%len(l.family)], industries[number%5], number, pick(l.firms))
	domain := fmt.Sprintf("firm%d.example.com", number)
	day := fmt.Sprintf("%d-%02d-%02d", 2026+r.IntN(2), 1+r.IntN(12), 1+r.IntN(28))
	cells = append(cells,
		"C-"+strconv.Itoa(1_000_000+i), "Fair scanner", "", given, "", family, pick(titles), firm,
		pick(industries), strconv.Itoa(1+r.IntN(5000)), "https://www."+domain, fmt.Sprintf("contact%d@%s", i, domain), "",
		digits(r, l.phone), "", fmt.Sprintf("%s %d", pick(l.streets), 1+r.IntN(200)), "", digits(r, l.zip), pick(l.cities), "",
		l.code, "", "", "New", pick(sources), "Fair 2026", pick(remarks), day, "", day+"T09:30:00Z")
	if r.IntN(3) == 0 {
		cells[12], cells[14] = fmt.Sprintf("private%d@mail.example.org", i), digits(r, l.phone)
	}
	if r.IntN(4) == 0 {
		cells[2], cells[4], cells[16] = "Dr.", "M.", "2nd floor"
		cells[21], cells[22], cells[28] = fmt.Sprintf("@person%d", i), fmt.Sprintf("https://www.linkedin.com/in/person-%d", i), "yes"
	}
	return cells
}

// syllables make a name that few have, in the script of its land.
func syllables(r *rand.Rand, l *land) string {
	letters := []rune(strings.ToLower(strings.Join(l.given, "")))
	out := []rune{}
	for range 3 {
		if c := letters[r.IntN(len(letters))]; unicode.IsLetter(c) {
			out = append(out, c)
		}
	}
	return string(out)
}

// digits replaces each # by a digit.
func digits(r *rand.Rand, pattern string) string {
	b := []byte(pattern)
	for i, c := range b {
		if c == '#' {
			b[i] = byte('0' + r.IntN(10))
		}
	}
	return string(b)
}

// spoil makes one cell bad, or the record itself, in one of 14 ways.
func spoil(cells []string, way, i int) []string {
	switch way {
	case 0:
		cells[11] = "no address given"
	case 1:
		cells[11] = fmt.Sprintf("a%d@gmail.con", i)
	case 2:
		cells[13] = "4,91713E+11"
	case 3:
		cells[13] = "call reception"
	case 4:
		cells[20] = "Freedonia"
	case 5:
		cells[9] = "many"
	case 6:
		cells[10] = "not a web page"
	case 7:
		cells[27] = "2026-02-31"
	case 8:
		cells[7] = "#N/A"
	case 9:
		cells[6] = strings.Repeat("very long ", 30)
	case 10:
		cells[28] = "maybe"
	case 11: // neither name nor company, e-mail or phone
		cells[3], cells[5], cells[7], cells[11], cells[12], cells[13], cells[14] = "", "", "", "", "", "", ""
	case 12:
		cells = append(cells, "one too many")
	case 13:
		cells[29] = "yesterday"
	}
	return cells
}
