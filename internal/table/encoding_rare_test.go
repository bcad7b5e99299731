package table

import (
	"testing"

	"golang.org/x/text/encoding"
)

// TestRareEncodings: texts and short lists in encodings that few files have.
func TestRareEncodings(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"windows-1254", "name,city\nAyşe,Ankara\nMehmet,Bursa\n"},
		{"windows-1254", "Ad,Soyad,Şehir\nAyşe,Yıldız,Ankara\nMehmet,Çelik,Bursa\n"},
		{"iso-8859-3", "Hodiaŭ la infanoj ludas en la ĝardeno, kaj la avino serĉas ŝian ĉapelon.\nMorgaŭ ni vojaĝos al la ĉefurbo.\n"},
		{"iso-8859-3", "Illum it-temp huwa sabiħ. Għada mmorru l-Belt biex naraw il-mużew il-ġdid; ċempilli.\n"},
		{"ibm862", "היום מזג האוויר נעים. הילדים משחקים בחצר וסבתא אופה עוגה.\n"},
		{"ibm720", "الطقس جميل اليوم والأطفال يلعبون في الفناء. غدا نسافر إلى القاهرة.\n"},
		{"ibm1125", "Сьогодні гарна погода. Діти граються на подвір'ї, її родина їде до Києва.\n"},
		{"ibm866", "ИМЯ,ГОРОД\nИВАНОВ,МОСКВА\nПЕТРОВ,ТУЛА\n"},
		{"x-mac-greek", "Σήμερα ο καιρός είναι ωραίος. Τα παιδιά παίζουν στην αυλή και η γιαγιά ψήνει πίτα.\n"},
		{"iso-8859-15", "Žürii valis täna šampooni. Lapsed mängivad õues ja vanaema küpsetab pirukaid.\n"},
		{"hz-gb-2312", "姓名,城市\n陈静,深圳市\n刘洋,成都\n"},
		{"ibm850", "code,word\nA,Pichéck\nB,Stoundänd\nC,Änsért\nD,Ähr\n"},
	} {
		raw, ok := tryEncode(tt.text, tt.name)
		if !ok {
			t.Fatalf("%s cannot be written", tt.name)
		}
		det, err := Detect(t.Context(), BytesSource("x.txt", raw), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if text, bad, ok := decodeSample(raw, det.Encoding); !ok || bad > 0 || text != tt.text {
			t.Errorf("%s was read as %s: %.60q", tt.name, det.Encoding, text)
		}
	}
	if e, _, err := lookupEncoding("cp1125"); err != nil || e != encoding.Replacement {
		t.Error(e, err)
	}
	// ASCII with such signs is no Chinese.
	det, err := Detect(t.Context(), BytesSource("x.csv", []byte("a,b\n~{x,1~}\n~{ab~},2\n")), Options{})
	if err != nil || det.Encoding != "utf-8" {
		t.Error(det.Encoding, err)
	}
}
