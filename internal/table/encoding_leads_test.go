package table

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// leadWords are names of people, firms and places with letters beyond ASCII, as a
// list of leads in that language has a handful of. None is in the other texts.
var leadWords = []languageText{
	{"German", "Jürgen Köhler Grünwald Schäfer Überlingen Bäckerei Löwenstein Gößweinstein Weißenfels Rößler Hülya Mörike Tübingen", []string{"windows-1252", "iso-8859-1", "iso-8859-15", "macintosh", "ibm850", "ibm437", "ibm273"}},
	{"French", "Chloé Gérard Besançon Évreux Hélène Noël Bénédicte Châteauroux Mâcon Benoît Ganaëlle Angoulême Sète", []string{"windows-1252", "iso-8859-15", "macintosh", "ibm850", "ibm500"}},
	{"Spanish", "Íñigo Peñalver Cádiz Verónica Hernández Logroño Sánchez Martínez Jesús Zúñiga Alcañiz Ramón Mérida", []string{"windows-1252", "iso-8859-1", "macintosh", "ibm850", "ibm437"}},
	{"Portuguese", "Conceição Guimarães João Magalhães Bragança Inês Araújo Setúbal Leitão Gonçalo Tomás Valença", []string{"windows-1252", "iso-8859-1", "ibm850", "ibm860"}},
	{"Swedish", "Göran Sandström Växjö Åkesson Häggström Märta Jönköping Östlund Björkman Västerås Håkan Säffle", []string{"windows-1252", "iso-8859-1", "macintosh", "ibm850", "ibm437"}},
	{"Danish", "Jørgensen Søndergård Næstved Bjørn Tårnby Kløver Østergaard Mågård Åbenrå Ægir Løkken Nørrebro", []string{"windows-1252", "iso-8859-1", "ibm850", "ibm865"}},
	{"Finnish", "Mäkinen Järvinen Hämäläinen Seinäjoki Jyväskylä Päivi Väisänen Törmä Yläjärvi Kärkkäinen Lähde", []string{"windows-1252", "iso-8859-1", "ibm850"}},
	{"Polish", "Wiśniewski Zieliński Agnieszka Łęczyca Małgorzata Paweł Święcicki Gołąb Żmuda Częstochowa Kołodziej Bąk Poznań", []string{"windows-1250", "iso-8859-2", "ibm852"}},
	{"Czech", "Tomáš Novotný Českých Budějovice Kateřina Svobodová Třebíč Šárka Černý Ondřej Dvořáček Přerov Žďár", []string{"windows-1250", "iso-8859-2", "ibm852", "x-mac-ce"}},
	{"Hungarian", "Gábor Kiskőrös Erzsébet Fűzfő Zoltán Székesfehérvár Bőhm Tünde Dunaújváros Ödön Gyöngyös Kertész Eszter", []string{"windows-1250", "iso-8859-2", "ibm852"}},
	{"Romanian", "Brăila Mureşan Iaşi Constanţa Ştefănescu Ioniţă Câmpina Târgovişte Păun Căline Dobrotă", []string{"windows-1250", "iso-8859-2"}},
	{"Croatian", "Šimić Jurišić Čakovec Đakovo Žuvela Marković Požega Tomašević Krešimir Bjelovčan", []string{"windows-1250", "iso-8859-2", "ibm852"}},
	{"Turkish", "Özgür Yıldız Şükrü Çağlar Eskişehir Gökçe Kılıç Işık İzmir Niğde Uğur Öztürk Beşiktaş", []string{"windows-1254", "iso-8859-9", "ibm857"}},
	{"Lithuanian", "Žilvinas Kęstutis Jurgita Šakiai Vėjūnas Ąžuolas Mažeikiai Česlovas Grigaitė Įranga Plungė", []string{"windows-1257", "iso-8859-13"}},
	{"Latvian", "Ēriks Ķirsons Liepāja Zariņš Kārlis Ļaudona Ogrē Šķēle Jēkabpils Dzērve Ādaži", []string{"windows-1257", "iso-8859-13"}},
	{"Russian", "Дмитрий Волков Екатерина Нижний Новгород Ольга Самара Морозова Павел Тула Фёдор Зайцев", []string{"windows-1251", "koi8-r", "iso-8859-5", "ibm866", "x-mac-cyrillic"}},
	{"Ukrainian", "Андрій Ткаченко Харків Юлія Бондаренко Житомир Василь Полтава Ірина Чернігів", []string{"windows-1251", "koi8-u"}},
	{"Bulgarian", "Николай Димитров Бургас Елица Стоянова Русе Петър Велико Търново Христо", []string{"windows-1251", "iso-8859-5"}},
	{"Greek", "Νίκος Ιωάννου Πάτρα Κατερίνα Ηράκλειο Δημήτρης Βόλος Σταύρος Καλαμάτα Ζωή", []string{"windows-1253", "iso-8859-7", "ibm737"}},
	{"Hebrew", "אברהם לביא חיפה שרה מזרחי נתניה דוד אשדוד יעקב פרידמן רמת גן", []string{"windows-1255", "iso-8859-8"}},
	{"Arabic", "أحمد حسين الإسكندرية خديجة منصور دمشق يوسف عمان سعيد الدوحة مريم", []string{"windows-1256", "iso-8859-6"}},
	{"Thai", "วิชัย ทองดี ขอนแก่น สุนีย์ ศรีสุข ภูเก็ต ประเสริฐ นครราชสีมา อรุณ แก้วมณี", []string{"windows-874"}},
	{"Japanese", "鈴木一郎 名古屋市 株式会社さくら 渡辺 ゆうこ 横浜市 高橋 サービス 札幌 青森県", []string{"shift_jis", "euc-jp", "iso-2022-jp"}},
	{"Korean", "박지훈 대전광역시 최수진 인천 정민호 한국전자 유통 울산 서비스 강서구", []string{"euc-kr", "iso-2022-kr"}},
	{"Chinese", "陈静 深圳市南山区 刘洋 成都 杨帆 贸易有限公司 周杰 南京 黄丽 科技", []string{"gb18030", "gbk", "hz-gb-2312"}},
	{"Traditional Chinese", "黃志明 新北市板橋區 張雅婷 臺中市 王建國 實業有限公司 李淑芬 高雄 貿易", []string{"big5", "euc-tw"}},
}

// leadList has n records with an ASCII heading; one cell in share holds words of the language.
func leadList(rng *rand.Rand, words []string, n int, share float64) string {
	ascii := []string{"Anna", "Peter", "Martin", "Berlin", "Paris", "Smith", "Trade Ltd", "Laura", "Max", "Roma", "Eva", "Lund"}
	pick := func() string {
		if rng.Float64() < share {
			return words[rng.IntN(len(words))]
		}
		return ascii[rng.IntN(len(ascii))]
	}
	var b strings.Builder
	b.WriteString("id,name,company,city,email,phone\r\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%s %s,%s,%s,user%d@example.com,+49 30 %d\r\n", i+1, pick(), pick(), pick(), pick(), i, 100000+rng.IntN(899999))
	}
	return b.String()
}

// TestEncodingLeads: rule 1.2 on short lists of leads with few letters beyond ASCII.
func TestEncodingLeads(t *testing.T) {
	type tally struct{ right, all int }
	by := map[string]*tally{}
	var wrong []string
	total := tally{}
	rng := rand.New(rand.NewPCG(31, 7))
	for _, l := range leadWords {
		for _, n := range []int{4, 12, 60} {
			for _, share := range []float64{.15, .6} {
				text := leadList(rng, strings.Fields(l.text), n, share)
				if isASCII([]byte(text)) {
					continue
				}
				names := append([]string{"utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"}, l.encodings...)
				if isASCII([]byte(strings.Map(func(r rune) rune {
					if r < 0x100 {
						return 'a'
					}
					return r
				}, text))) {
					names = append(names, "ibm037", "ibm1047")
				}
				for _, name := range names {
					raw, ok := tryEncode(text, name)
					if name == "iso-2022-kr" {
						raw, ok = encodeShifted(text), true
					}
					if !ok {
						continue
					}
					det, err := Detect(t.Context(), BytesSource("x.csv", raw), Options{})
					if err != nil {
						t.Fatalf("%s in %s: %v", l.language, name, err)
					}
					got := string(raw)
					if det.Encoding != "utf-8" {
						got, _, _ = decodeSample(raw, det.Encoding)
					}
					g, _ := det.Guess("encoding")
					right := got == text
					for _, key := range []string{fmt.Sprintf("%d records, %.0f %%", n, 100*share), name} {
						if by[key] == nil {
							by[key] = &tally{}
						}
						by[key].all++
						by[key].right += boolInt(right)
					}
					total.all++
					total.right += boolInt(right)
					if !right {
						wrong = append(wrong, fmt.Sprintf("%s in %s, %d records, %.0f %%: read as %s (%s) %q", l.language, name, n, 100*share, det.Encoding, g.Certainty, g.Samples))
						if g.Certainty == Proven {
							t.Errorf("proven, but wrong: %s", wrong[len(wrong)-1])
						}
					}
				}
			}
		}
	}
	var report strings.Builder
	for _, name := range slices.Sorted(maps.Keys(by)) {
		fmt.Fprintf(&report, "%s %d/%d  ", name, by[name].right, by[name].all)
	}
	share := float64(total.right) / float64(total.all)
	t.Logf("%d of %d right (%.1f %%)\n%s", total.right, total.all, 100*share, report.String())
	if os.Getenv("LEADPORT_WRONG") != "" {
		t.Log("\n" + strings.Join(wrong, "\n"))
	}
	if share < .9 {
		t.Errorf("%.1f %% right", 100*share)
	}
}

// TestEUCTW: characters of both planes, as the standard's tables have them (CNS 11643).
func TestEUCTW(t *testing.T) {
	for code, want := range map[string]string{
		"\xc4\xa1": "一", "\xc4\xe3": "中", "\xea\xd7": "臺", "\xe7\xc9": "鈴", "\xf3\xbf": "龜", "\xfd\xca": "鸞", "\x8e\xa2\xa1\xa1": "乂",
	} {
		if got, bad, ok := decodeSample([]byte(code), "euc-tw"); !ok || bad > 0 || got != want {
			t.Errorf("% x: %q, want %q", code, got, want)
		}
	}
	// Cut and impossible bytes are named.
	for _, code := range []string{"\x8e", "\x8e\xa2\xa1", "\xc4", "\xc4\x20", "\x8e\xb1\xa1\xa1"} {
		if _, bad, _ := decodeSample([]byte(code), "euc-tw"); bad == 0 {
			t.Errorf("% x is taken for text", code)
		}
	}
}

// TestEBCDIC: the places in which the code pages differ, as IBM's tables have them.
func TestEBCDIC(t *testing.T) {
	for name, code := range map[string]string{
		"ibm037": "\xc1\x82\xf1\x6b\x5e\x4f\xba\xbb\x5a\x7f", "ibm500": "\xc1\x82\xf1\x6b\x5e\xbb\x4a\x5a\x4f\x7f",
		"ibm273": "\xc1\x82\xf1\x6b\x5e\xbb\x63\xfc\x4f\x7f", "ibm1047": "\xc1\x82\xf1\x6b\x5e\x4f\xad\xbd\x5a\x7f",
	} {
		if got, _, _ := decodeSample([]byte(code), name); got != `Ab1,;|[]!"` {
			t.Errorf("%s: %q", name, got)
		}
	}
	// Records by their places in the file, whose lines end with NEL.
	raw, _ := tryEncode("name|town\nAna|Ulm\nBea|Köln\n", "ibm037")
	det, rows := readAll(t, BytesSource("x", raw), Options{})
	if det.Encoding != "ibm037" || det.Delimiter != "|" || len(rows) != 2 || rows[1].Cells[1] != "Köln" || rows[1].Offset != 18 || rows[1].Length != 9 {
		t.Errorf("%+v %+v", det, rows)
	}
}

// encodeShifted writes ISO-2022-KR: pairs of EUC-KR without their high bits between SO and SI.
func encodeShifted(text string) []byte {
	raw, _ := tryEncode(text, "euc-kr")
	out, shifted := []byte("\x1b$)C"), false
	for _, c := range raw {
		if high := c >= 0x80; high != shifted {
			shifted = high
			out = append(out, 0x0f-byte(boolInt(high)))
		}
		out = append(out, c&0x7f)
	}
	return out
}
