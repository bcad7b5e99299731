package table

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// Texts that the detection was not made on: web pages, subtitles and plain prose,
// written for this test.

var freshTexts = []languageText{
	{"German", "Das alte Rathaus wurde im Jahre 1743 erbaut und später mehrfach erweitert. Während der Führung hören die Gäste, wie früher über Zölle gestritten wurde. Müde Wanderer fanden im Gewölbe Schutz vor Stürmen.", western},
	{"French", "La forêt s'étendait jusqu'à la rivière, où des pêcheurs réparaient leurs filets. « Voilà l'été », répéta le garçon en riant. Les œuvres exposées au musée étaient prêtées par un collectionneur étranger.", []string{"windows-1252", "iso-8859-15", "macintosh"}},
	{"Spanish", "El año pasado llovió más que nunca en la región. ¿Dónde está el camión que traía el pan? Los niños jugaban junto al río mientras su tía leía el periódico y el señor Ibáñez tocaba la guitarra.", western},
	{"Portuguese", "As crianças não estavam em casa quando o avô chegou com pães e maçãs. Amanhã haverá uma reunião sobre a construção da ponte; à noite, música e refeição no salão da associação.", western},
	{"Swedish", "När våren kom till skären gick båtarna åter ut på sjön. Många äldre människor minns ännu hur fisket sköttes före kriget, och på kvällen tände man små lyktor längs ån.", western},
	{"Norwegian", "Båten lå fortøyd ved kaia da stormen nådde øya. Kjøkkenet luktet av nybakt brød, og bestemor fortalte om årene før veien ble åpnet over fjellet. Ærlig talt, sa hun, var det koseligere før.", append([]string{"ibm865"}, western...)},
	{"Icelandic", "Veturinn var langur og snjóþungur, en í maí kom sólin aftur. Börnin hlupu út á túnið og hrópuðu af gleði. Það var siður að segja sögur við eldinn á kvöldin, bæði af mönnum og álfum.", []string{"windows-1252", "iso-8859-1", "ibm861", "x-mac-icelandic"}},
	{"Polish", "Zeszłego lata pojechaliśmy nad morze, gdzie przez cały tydzień padał deszcz. Mimo to dzieci były szczęśliwe, bo każdego dnia piekły ciastka z jabłkami. Źródło tej rzeki znajduje się wśród wysokich gór.", []string{"windows-1250", "iso-8859-2", "ibm852", "x-mac-ce"}},
	{"Czech", "Můj dědeček býval hodinářem v malém městě pod horami. Každé ráno otevřel dílnu, uvařil si kávu a čekal, až přijdou první zákazníci. Říkal, že čas neutíká, jenom se občas trochu opozdí.", []string{"windows-1250", "iso-8859-2", "ibm852", "x-mac-ce"}},
	{"Slovak", "Na námestí sa zišlo veľa ľudí, hoci pršalo už od rána. Učiteľka čítala deťom rozprávku o múdrom kráľovi a jeho troch dcérach. Večer ešte dlho hrala hudba a vône koláčov sa šírili ulicou.", []string{"windows-1250", "iso-8859-2", "ibm852", "x-mac-ce"}},
	{"Slovene", "Včeraj smo šli čez gozd do stare žage, kjer še vedno režejo les. Čebelar nam je pokazal čebelnjak in povedal, zakaj je letošnji med tako temen. Zvečer so otroci žgali kresove.", []string{"windows-1250", "iso-8859-2"}},
	{"Croatian", "Kiša je padala cijelu noć, a ujutro je grad bio čist i tih. Ribari su već iznosili sanduke na obalu, dok su žene kupovale svježe šparoge. Đaci su čekali autobus ispred škole.", []string{"windows-1250", "iso-8859-2", "ibm852", "x-mac-ce"}},
	{"Hungarian", "A kisváros főterén minden vasárnap zenekar játszott. Az idősebb hölgyek esernyő alatt ültek, a gyerekek pedig a szökőkút körül futkostak. Őszintén szólva ennél szebb délutánt nem is kívánhattunk volna.", []string{"windows-1250", "iso-8859-2", "ibm852", "x-mac-ce"}},
	{"Romanian", "Bătrânul pescar îşi repara plasele în faţa casei, aşteptând vântul dinspre mare. Oraşul părea pustiu, însă în piaţă se vindeau încă roşii şi brânză. Când s-a înserat, toţi au plecat acasă.", []string{"windows-1250", "iso-8859-2", "ibm852", "x-mac-ce"}},
	{"Russian", "Поезд опаздывал уже на два часа, и пассажиры начали знакомиться между собой. Старый инженер рассказывал о мостах, которые он построил в Сибири, а молодая женщина угощала всех пирожками. За окном медленно темнело.", []string{"windows-1251", "koi8-r", "iso-8859-5", "ibm866", "x-mac-cyrillic", "ibm855"}},
	{"Ukrainian", "Улітку ми завжди їздили до бабусі, яка жила біля річки. Її сад був повний яблук і груш, а ввечері сусіди збиралися на лавці й співали. Щоранку я біг до криниці по воду, хоч ґанок був ще мокрий.", []string{"windows-1251", "koi8-u", "iso-8859-5", "x-mac-cyrillic"}},
	{"Bulgarian", "През лятото селото оживяваше, защото внуците идваха от града. Възрастните хора сядаха пред къщите и разказваха за старите времена. Щом паднеше мрак, щурците започваха своята песен.", []string{"windows-1251", "iso-8859-5", "ibm866", "ibm855"}},
	{"Serbian", "Јуче смо путовали возом кроз долину, поред река и малих железничких станица. Деда је причао како је некада овде пловила лађа. Њихова кућа и даље стоји на брду, а ђаци иду у исту школу.", []string{"windows-1251", "iso-8859-5"}},
	{"Macedonian", "Градот спиеше кога ѓорѓиевскиот дожд почна да врне. Ќерката на пекарот веќе месеше леб, а мирисот се ширеше низ тесните улички. Никој не знаеше дека џамлијата на старата чаршија ќе биде затворена.", []string{"windows-1251", "iso-8859-5"}},
	{"Greek", "Το καλοκαίρι οι δρόμοι του νησιού γέμιζαν κόσμο από κάθε γωνιά της γης. Ο γέρος ψαράς καθόταν στο λιμάνι και διόρθωνε τα δίχτυα του. Έλεγε πως η θάλασσα ξέρει περισσότερα από εμάς.", []string{"windows-1253", "iso-8859-7", "ibm737", "x-mac-greek"}},
	{"Turkish", "Dün akşam sahilde yürürken eski bir arkadaşıma rastladım. Çocukluğumuzdan, bahçedeki incir ağacından ve öğretmenimizden konuştuk. Güneş batarken balıkçılar ağlarını topluyordu.", []string{"windows-1254", "iso-8859-9", "ibm857", "x-mac-turkish"}},
	{"Hebrew", "הרכבת יצאה מן התחנה מוקדם בבוקר, והנוסעים הביטו בשדות הירוקים. אישה זקנה חילקה תפוחים לילדים וסיפרה על ימי נעוריה בכפר. כשהגענו אל העיר כבר ירד גשם חזק.", []string{"windows-1255", "iso-8859-8"}},
	{"Arabic", "كان السوق مزدحما بالناس منذ الصباح الباكر. جلس التاجر العجوز أمام دكانه يشرب الشاي ويحكي للأطفال قصصا عن السفر في الصحراء. وعندما غربت الشمس عاد الجميع إلى بيوتهم.", []string{"windows-1256", "iso-8859-6"}},
	{"Thai", "เมื่อวานนี้ฝนตกหนักมากจนถนนในหมู่บ้านน้ำท่วม เด็กๆ จึงไม่ได้ไปโรงเรียนและนั่งฟังคุณยายเล่านิทานอยู่ที่บ้าน ตอนเย็นพ่อกลับมาพร้อมกับปลาตัวใหญ่", []string{"windows-874"}},
	{"Lithuanian", "Senas malūnas stovėjo prie upės, kurioje vaikai gaudė žuvis. Šeimininkė kasdien kepdavo duoną ir vaišindavo keliautojus. Vėjas šiureno ąžuolų lapus, o virš laukų skraidė gervės.", []string{"windows-1257", "iso-8859-13", "ibm775"}},
	{"Latvian", "Rudenī mežs kļuva dzeltens, un mēs gājām lasīt sēnes. Vecāmāte zināja katru taku un stāstīja par dzērvēm, kas lido uz dienvidiem. Vakarā virtuvē smaržoja pēc āboliem un ķimenēm.", []string{"windows-1257", "iso-8859-13", "ibm775"}},
	{"Estonian", "Õhtul süüdati külaplatsil lõke ja vanemad mehed mängisid pilli. Sügisene mets lõhnas seente järele, kuid järve ääres oli juba üsna külm. Lapsed jooksid ümber tule ja naersid.", []string{"windows-1257", "iso-8859-15", "windows-1252"}},
	{"Vietnamese", "Sáng nay trời mưa to nên chợ vắng người hơn mọi ngày. Bà cụ bán hoa vẫn ngồi bên đường, kể cho lũ trẻ nghe chuyện ngày xưa. Đến chiều, nước sông dâng lên gần tới cây cầu.", nil},
	{"Japanese", "昨日は朝から雨が降っていたので、子どもたちは家で本を読んでいました。祖父は昔の旅の話をしてくれました。カメラを買いたいけれど、まだ少し高いと思います。夕方になると、やっと空が明るくなりました。", []string{"shift_jis", "euc-jp", "iso-2022-jp"}},
	{"Korean", "어제는 비가 많이 와서 아이들이 학교에 가지 못했다. 할머니는 부엌에서 따뜻한 국을 끓이며 옛날 이야기를 들려주셨다. 저녁이 되자 하늘이 맑아졌고 우리는 강가를 걸었다.", []string{"euc-kr", "johab"}},
	{"Chinese", "昨天下了一整天的雨，孩子们只好在家里看书。爷爷坐在窗前，给我们讲他年轻时候旅行的故事。到了傍晚，天空终于放晴，街上又热闹起来，卖水果的人也回来了。", []string{"gb18030"}},
	{"Chinese, traditional", "昨天下了一整天的雨，孩子們只好在家裡看書。爺爺坐在窗前，給我們講他年輕時候旅行的故事。到了傍晚，天空終於放晴，街上又熱鬧起來，賣水果的人也回來了。", []string{"big5"}},
}

// dressings are ways in which such texts are found.
func dressings(text string) map[string]string {
	sentences := strings.SplitAfter(text, ".")
	if len(sentences) < 3 {
		sentences = strings.SplitAfter(text, "。")
	}
	srt := ""
	for i, s := range sentences {
		srt += fmt.Sprintf("%d\r\n00:00:%02d,000 --> 00:00:%02d,500\r\n<i>%s</i>\r\n\r\n", i+1, 4*i, 4*i+3, strings.TrimSpace(s))
	}
	page := "<?xml version=\"1.0\"?>\n<rss><channel><title>News</title><link>http://www.example.com/</link>\n"
	for _, s := range sentences {
		page += "<item><description>&lt;p class=\"text\"&gt;" + s + "&lt;/p&gt;</description><pubDate>Mon, 02 Jan 2006 15:04:05 GMT</pubDate></item>\n"
	}
	return map[string]string{"prose": text, "subtitles": srt, "feed": page + "</channel></rss>\n", "one sentence": sentences[0] + "\n"}
}

// TestEncodingFresh: rule 1.2 on texts that it was not tuned on.
func TestEncodingFresh(t *testing.T) {
	right, all := 0, 0
	by := map[string][2]int{}
	var wrong []string
	for _, lt := range freshTexts {
		for kind, text := range dressings(lt.text) {
			names := slices.Clone(lt.encodings)
			if lt.language == "Vietnamese" {
				text, names = vietnamese(text), []string{"windows-1258"}
			}
			for _, name := range append(names, "utf-8", "utf-16le", "utf-16be") {
				raw, ok := tryEncode(text, name)
				if !ok {
					t.Logf("%s cannot be written in %s", lt.language, name)
					continue
				}
				d := &Detection{}
				_, err := d.detectEncoding(t.Context(), BytesSource("x", raw), Options{})
				got := string(raw)
				if d.Encoding != "utf-8" && err == nil {
					got, _, _ = decodeSample(raw, d.Encoding)
				}
				ok = err == nil && got == text
				right += boolInt(ok)
				all++
				n := by[name]
				by[name] = [2]int{n[0] + boolInt(ok), n[1] + 1}
				if !ok {
					wrong = append(wrong, fmt.Sprintf("%s in %s (%s) read as %s", lt.language, name, kind, d.Encoding))
				}
			}
		}
	}
	share := 100 * float64(right) / float64(all)
	t.Logf("%d of %d right (%.1f %%)", right, all, share)
	for _, name := range slices.Sorted(maps.Keys(by)) {
		t.Logf("%s %d/%d", name, by[name][0], by[name][1])
	}
	if os.Getenv("LEADPORT_WRONG") != "" {
		slices.Sort(wrong)
		t.Log("\n" + strings.Join(wrong, "\n"))
	}
	if share < 90 {
		t.Errorf("%.1f %% right", share)
	}
}
