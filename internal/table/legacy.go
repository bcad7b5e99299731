package table

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/text/encoding/korean"
)

// Legacy encodings are judged by what their letters would be: each candidate
// decodes the lines that have bytes beyond ASCII, and the letters are held
// against those that the languages written in it use, most frequent first.
// gogs/chardet, which knows letter triples, tips the scales between near equals.

// script is a group of encodings and the languages that they were made for.
type script struct {
	encodings []string
	languages []string // letters beyond ASCII, lower case, by falling frequency
	alone     bool     // words are of these letters alone: ASCII letters beside them are odd
	ranks     []map[rune]float64
}

var scripts = ranked([]script{
	{[]string{"windows-1252", "iso-8859-15", "macintosh", "ibm850", "ibm437", "ibm865", "ibm860", "ibm863", "ibm861", "x-mac-icelandic"}, []string{
		"éèàêçôîûùâïëœ", "üäöß", "óíáéñúü¿¡", "ãçáéóíêâõúà", "àèòùìé", "äöå", "øåæé", "áðíóþöúýéæ", "éëïöè", "äõüöšž",
	}, false, nil},
	{[]string{"windows-1250", "iso-8859-2", "ibm852", "iso-8859-16", "x-mac-ce"}, []string{
		"ąęłóśżćńź", "áíéěýčřšžůúťďňó", "áíčžéýšľúťôďňäĺŕó", "áéóöüőúíű", "ăâîşţ", "ăâîșț", "čšžćđ",
	}, false, nil},
	{[]string{"windows-1254", "iso-8859-9", "ibm857", "x-mac-turkish"}, []string{"ışğüöçiâî", "üäöışßğç"}, false, nil}, // and among German words
	{[]string{"iso-8859-3"}, []string{"ĉŝĝŭĵĥ", "ħżġċàùòèì"}, false, nil},
	{[]string{"iso-8859-14"}, []string{"ŵâŷôêîûïáé"}, false, nil},
	{[]string{"windows-1257", "iso-8859-13", "iso-8859-4", "ibm775"}, []string{"ėąšžįųčęū", "āīēšņļžčķūģ", "äõüöšž"}, false, nil},
	{[]string{"windows-1251", "koi8-r", "koi8-u", "iso-8859-5", "ibm866", "x-mac-cyrillic", "ibm855", "ibm1125"}, []string{
		"оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ", "оаинтвресілкудмпязьгбчйхцжїєюшщфґ", "аоиетнрсвлкдпмузяъгбчйхжшцщфюь", "аоиенртсујклвпмдзгбчшцжњхћђљфџ",
	}, true, nil},
	{[]string{"windows-1253", "iso-8859-7", "ibm737", "ibm869", "x-mac-greek"}, []string{"αοιετσνηυρπκμλςωγάίόδήύέχφώβθξζψϊϋ"}, true, nil},
	{[]string{"windows-1255", "iso-8859-8", "ibm862"}, []string{"יוהלארמתבשנדעפחקגכצטזםןסךףץ"}, true, nil},
	{[]string{"windows-1256", "iso-8859-6", "ibm720"}, []string{"اليمونرتبعدسفهكقحةجشصخطىضذغثزءأإآئظؤ"}, true, nil},
	{[]string{"windows-874"}, []string{"านรอกเงมยลวดทสตะปบคหแจพชขใไโผฉถธศษซณญฎฐฒฬภฝฟฮ่้็ัิีึืุู์ำ๊๋"}, true, nil},
	{[]string{"windows-1258"}, []string{"àáâãèéêìíòóôõùúăđơưýĩũ\u0300\u0301\u0303\u0309\u0323"}, false, nil},
})

func ranked(list []script) []script {
	for i := range list {
		for _, l := range list[i].languages {
			list[i].ranks = append(list[i].ranks, letterRanks(l))
		}
		if i == 0 {
			// Not š and ž, in which Central European texts would be read.
			list[i].ranks = append(list[i].ranks, together(list[i].languages[:9]))
		}
	}
	return list
}

// multiByte are the encodings of East Asia with the blocks that a text in them is made of.
var multiByte = []struct {
	name string
	good func(r rune) float64
}{
	{"shift_jis", japanese},
	{"euc-jp", japanese},
	{"iso-2022-jp", japanese},
	{"euc-kr", func(r rune) float64 {
		switch {
		case syllables.has(r):
			return 1
		case r >= 0xac00 && r <= 0xd7a3:
			if ksSyllables()[r] {
				return .8
			}
			return .2 // of the 8,822 that the standard left out
		}
		return hanLike(r) - .7
	}},
	{"johab", func(r rune) float64 {
		switch {
		case syllables.has(r):
			return 1
		case r >= 0xac00 && r <= 0xd7a3:
			return .3 // nearly any two bytes are one
		}
		return hanLike(r) - .7
	}},
	{"gb18030", func(r rune) float64 { return hanLike(r) }},
	{"big5", func(r rune) float64 { return hanLike(r) }},
	{"euc-tw", func(r rune) float64 { return hanLike(r) - .03 }},
}

var multiByteNames = func() (names []string) {
	for _, m := range multiByte {
		names = append(names, m.name)
	}
	return names
}()

// syllables are the most frequent of Korean.
var syllables = setOf("이다는의가에을하고지로도한은리사기를어자라인시아나대해정일수스여부전서구제보과들그상있유주장원조용비만동성공안마미우경국화소위무와세오내방계선문적되간신모관중통김박최강진연영실명개업물재생요분교학회년월때없면려까니으게였습으었했던것저")

// ksSyllables are the 2,350 of KS X 1001, which nearly all Korean text is made of.
var ksSyllables = sync.OnceValue(func() map[rune]bool {
	known := make(map[rune]bool, 2400)
	euc := pairTableOf("euc-kr", korean.EUCKR)
	for hi := 0xb0; hi <= 0xc8; hi++ {
		for lo := 0xa1; lo <= 0xfe; lo++ {
			known[rune(euc.two[(hi-0x80)<<8|lo])] = true
		}
	}
	return known
})

func japanese(r rune) float64 {
	switch {
	case r >= 0x3040 && r <= 0x30ff:
		return 1
	case r >= 0xff61 && r <= 0xff9f: // half-width: usually another encoding misread
		return -.2
	}
	return hanLike(r) - .3
}

// common are the most frequent characters of names, places and addresses in
// Chinese (both scripts), Japanese and of business texts.
var common = setOf("的一是不了人我在有他这这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市" +
	"个这来说们为时会过学对后发当无开见经头动两长现与进实点种声话问机给几业间电门东关并产万张刘陈杨赵黄吴孙胡郭马罗郑谢许邓韩冯曾彭萧蒋沈贾" +
	"個這來說們為時會過學對後發當無開見經頭動兩長現與進實點種聲話問機給幾業間電門東關並產萬張劉陳楊趙黃吳孫許鄧韓馮蕭賈台灣臺北高雄縣區路街號樓省市鎮鄉村縣州京都府町丁目番株式会社様田中村山本佐藤鈴木高橋伊渡辺林加清斎松井木下島崎原野川池橋石王李周林徐何梁宋唐董袁于余潘杜戴夏")

func hanLike(r rune) float64 {
	switch {
	case common.has(r):
		return 1
	case r >= 0x4e00 && r <= 0x9fff:
		return .45
	case r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff5e:
		return .5
	}
	return -.6
}

// encodingScore is a candidate's; 1 is a perfect text.
type encodingScore struct {
	name  string
	score float64
	text  string
}

// rankBytes are enough to rank by: a few hundred letters beyond ASCII decide.
const rankBytes = 12 << 10

// rankLegacy scores all encodings on lines with high bytes, best first.
func rankLegacy(sample []byte, escapes bool) []encodingScore {
	if len(sample) > rankBytes {
		if n := bytes.LastIndexByte(sample[:rankBytes], '\n') + 1; n > 0 {
			sample = sample[:n]
		} else {
			sample = sample[:rankBytes]
		}
	}
	var out []encodingScore
	hint := ""
	if best, err := chardet.NewTextDetector().DetectBest(sample); err == nil && best.Confidence >= 30 {
		if _, name, err := lookupEncoding(best.Charset); err == nil {
			hint = name
		}
	}
	for _, m := range multiByte {
		if m.name == "iso-2022-jp" && !escapes {
			continue
		}
		text, bad, ok := decodeSample(sample, m.name)
		if !ok {
			continue
		}
		sum, n := 0., 0.
		prev := rune(0)
		for _, r := range text {
			if r >= 0x80 {
				n++
				sum += m.good(r)
			}
			if r >= 0x80 && isLatin(prev) || prev >= 0x80 && isLatin(r) {
				sum -= .7 // inside a word of Latin letters
			}
			prev = r
		}
		if n == 0 {
			continue
		}
		score := sum/n - 8*float64(bad)/n
		if n < 3 {
			score -= .4
		}
		out = append(out, encodingScore{m.name, score, text})
	}
	for _, s := range scripts {
		for _, name := range s.encodings {
			text, bad, ok := decodeSample(sample, name)
			if !ok {
				continue
			}
			letters := lettersOf(text, s.alone)
			best := letters.best(s.ranks)
			rare := 0.
			switch name {
			case "ibm863", "ibm862":
				rare = .03
			case "ibm861", "x-mac-icelandic", "x-mac-ce", "ibm857", "x-mac-turkish", "ibm775", "ibm737", "ibm869", "x-mac-greek", "iso-8859-3", "iso-8859-14", "ibm720":
				rare = .1 // rarer
			case "ibm860", "ibm865", "ibm855", "ibm1125", "iso-8859-4", "iso-8859-16":
				rare = .06
			}
			if rare > 0 && letters.few() {
				rare += .3
			}
			best -= rare
			out = append(out, encodingScore{name, best - float64(bad)/10, text})
		}
	}
	for i := range out {
		if out[i].name == hint || hint == "iso-8859-1" && out[i].name == "windows-1252" {
			if hint == "windows-1251" {
				out[i].score += .03 // Mac Cyrillic differs in few letters
			} else {
				out[i].score += .05
			}
		}
	}
	slices.SortStableFunc(out, func(a, b encodingScore) int { return cmp.Compare(b.score, a.score) })
	return out
}

func decodeSample(sample []byte, name string) (text string, bad int, ok bool) {
	dec, err := newTextDecoder(name)
	if err != nil || dec == nil {
		return "", 0, false
	}
	var marks []mark
	var bads []badBytes
	b, _ := dec.decode(nil, sample, 0, true, &marks, &bads)
	return string(b), len(bads), true
}

// letterRanks weighs a language's letters by their frequency.
func letterRanks(language string) map[rune]float64 {
	rank := map[rune]float64{}
	n := utf8.RuneCountInString(language)
	i := 0
	for _, r := range language {
		rank[r] = 1 - .5*float64(i)/float64(n)
		i++
	}
	return rank
}

// together weighs the letters of names from many countries in one file: none much,
// so that one language wins where it has them all. œ is not among them: ISO-8859-15
// has it where windows-1252 has the ¼ of a ü that was UTF-8.
func together(languages []string) map[rune]float64 {
	rank := map[rune]float64{}
	for _, r := range strings.Join(languages, "") {
		rank[r] = .55
	}
	delete(rank, 'œ')
	return rank
}

func isLatin(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// legacy decides between damaged UTF-8 and the encodings before it.
func (d *Detection) legacy(s *survey, g *Guess) {
	switch {
	case s.tildes && s.high == 0 && !s.escapes && isHZ(s.sample):
		g.Value, g.Certainty, g.Evidence = "hz-gb-2312", Likely, "Chinese stands between ~{ and ~}"
		return
	case s.high == 0 && !s.escapes:
		g.Value, g.Evidence = "utf-8", "only ASCII characters"
		return
	case s.invalid == 0 && s.high > 0:
		g.Value, g.Evidence = "utf-8", fmt.Sprintf("%d characters beyond ASCII, all valid UTF-8", s.valid)
		return
	case s.strayMarks():
		g.Value, g.Certainty = "utf-8", Likely
		g.Evidence = fmt.Sprintf("only ASCII but for a byte order mark in the middle, at byte %d", s.firstBad)
		return
	case s.valid >= 4*s.invalid && s.valid > 2:
		g.Value, g.Certainty = "utf-8", Likely
		g.Evidence = fmt.Sprintf("%d characters are valid UTF-8; %d bytes are not, the first at byte %d", s.valid, s.invalid, s.firstBad)
		return
	}
	if s.high == 0 && bytes.Contains(s.sample, []byte("\x1b$)C")) && bytes.IndexByte(s.sample, 0x0e) >= 0 {
		g.Value, g.Evidence = "iso-2022-kr", "it begins with the escape sequence of that encoding"
		return
	}
	ranked := rankLegacy(s.sample, s.escapes)
	if s.high == 0 && (len(ranked) == 0 || ranked[0].name != "iso-2022-jp") {
		g.Value, g.Evidence = "utf-8", "only ASCII characters"
		return
	}
	best := ranked[0]
	g.Value, g.Certainty = best.name, Likely
	margin := 1.
	for _, other := range ranked[1:] {
		if other.text == best.text || len(g.Alternatives) == 4 {
			continue // the same reading: nothing to decide
		}
		margin = min(margin, best.score-other.score)
		if best.score-other.score < .5 {
			g.Alternatives = append(g.Alternatives, other.name)
		}
	}
	if best.score < .3 || margin < .04 {
		g.Certainty = Unproven
	}
	g.Samples = beyondASCII(best.text, 3)
	g.Evidence = fmt.Sprintf("no UTF-8 at byte %d; read so, there are words like %s", s.firstBad, strings.Join(g.Samples, ", "))
	if s.valid > 0 && !slices.Contains(multiByteNames, best.name) {
		// Letters of one byte make no valid UTF-8 by chance: lines of both were put together.
		g.Certainty = Unproven
		g.Evidence = fmt.Sprintf("the file mixes encodings: %d characters are valid UTF-8, %d bytes are not, the first at byte %d; as %s there are words like %s",
			s.valid, s.invalid, s.firstBad, best.name, strings.Join(g.Samples, ", "))
		g.Alternatives = slices.Insert(g.Alternatives, 0, "utf-8")
		if s.valid >= s.invalid {
			g.Value, g.Alternatives[0] = "utf-8", best.name // what does not decode is named, cell by cell
		}
	}
}

// isHZ: between ~{ and ~} of each line stands Chinese (RFC 1843).
func isHZ(sample []byte) bool {
	text, bad, ok := decodeSample(sample, "hz-gb-2312")
	if !ok || bad > 0 || bytes.Count(sample, []byte("~{")) != bytes.Count(sample, []byte("~}")) {
		return false
	}
	sum, n := 0., 0.
	for _, r := range text {
		if r >= utf8.RuneSelf {
			sum += hanLike(r)
			n++
		}
	}
	return n >= 2 && sum > n*.4
}

// strayMarks: the bytes beyond ASCII are the marks FF FE or FE FF, as where files
// of other encodings were put together.
func (s *survey) strayMarks() bool {
	rest := bytes.ReplaceAll(bytes.ReplaceAll(s.sample, []byte("\xff\xfe"), nil), []byte("\xfe\xff"), nil)
	return s.high > 0 && s.valid == 0 && s.high < 100 && isASCII(rest)
}

// beyondASCII returns the first n different words with such letters.
func beyondASCII(text string, n int) []string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '-' }) {
		if !isASCII([]byte(w)) && len(out) < n && !slices.Contains(out, w) && len(w) < 100 {
			out = append(out, w)
		}
	}
	return out
}
