package table

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// TestEncodings: rule 1.2. Each text is written in each encoding that can hold it
// and must come back as it was; another encoding that reads the same is as good.
func TestEncodings(t *testing.T) {
	tests := []struct {
		language, text string
		encodings      []string
	}{
		{"German", "Jörg Müller;Straße 5;München\nÄnne Böhm;Größe 7;Köln\nRené Weiß;Gänsemarkt 3;Düsseldorf", []string{"windows-1252", "iso-8859-1", "iso-8859-15", "macintosh", "ibm850", "ibm437"}},
		{"French", "François Lefèvre;à côté de l'hôtel;Orléans\nHélène Müller;très bientôt reçu;Besançon\nZoé Béranger;élève;Nîmes", []string{"windows-1252", "iso-8859-15", "macintosh", "ibm850"}},
		{"Spanish", "José Núñez;Calle Peñón 4;Málaga\nMaría Ibáñez;¿Cuándo?;León", []string{"windows-1252", "iso-8859-1", "macintosh", "ibm850"}},
		{"Portuguese", "João Gonçalves;São Paulo;informação\nAntónio Simões;Évora;não", []string{"windows-1252", "iso-8859-1"}},
		{"Swedish", "Åsa Sjöberg;Göteborg;Ängsvägen\nBjörn Öberg;Malmö;Hälsingborg", []string{"windows-1252", "iso-8859-1", "ibm850"}},
		{"Danish", "Søren Kjær;Ærø;Rødgrød\nÅse Bjørn;København;Høje", []string{"windows-1252", "iso-8859-1"}},
		{"Polish", "Łukasz Wójcik;Gdańsk;ulica Żółta\nMałgorzata Dąbrowska;Łódź;Święty\nMichał Ćwik;Kraków;źródło", []string{"windows-1250", "iso-8859-2", "ibm852"}},
		{"Czech", "Jiří Dvořák;Plzeň;Náměstí\nZdeněk Šťastný;Děčín;žluťoučký kůň\nLukáš Růžička;Brno;příští", []string{"windows-1250", "iso-8859-2", "ibm852"}},
		{"Hungarian", "György Szabó;Győr;Petőfi út\nÁgnes Kőműves;Pécs;fűszer\nLászló Tóth;Szegedi körút;üdvözlettel", []string{"windows-1250", "iso-8859-2"}},
		{"Russian", "Иван Петров;Москва;улица Ленина\nЕлена Смирнова;Санкт-Петербург;проспект\nСергей Кузнецов;Казань;дом", []string{"windows-1251", "koi8-r", "iso-8859-5", "ibm866", "x-mac-cyrillic"}},
		{"Ukrainian", "Олексій Шевченко;Київ;вулиця Хрещатик\nНаталія Коваленко;Львів;їжак і єнот", []string{"windows-1251", "koi8-u"}},
		{"Bulgarian", "Георги Иванов;София;улица Витоша\nМария Петрова;Пловдив;България", []string{"windows-1251"}},
		{"Greek", "Γιώργος Παπαδόπουλος;Αθήνα;οδός Ερμού\nΕλένη Νικολάου;Θεσσαλονίκη;καλημέρα", []string{"windows-1253", "iso-8859-7"}},
		{"Turkish", "Ayşe Yılmaz;İstanbul;Çiçek sokağı\nOğuz Şahin;Muğla;Gümüşlük", []string{"windows-1254", "iso-8859-9"}},
		{"Lithuanian", "Rūta Žukauskienė;Šiauliai;gatvė\nJonas Petrauskas;Panevėžys;ąžuolų", []string{"windows-1257", "iso-8859-13"}},
		{"Hebrew", "משה כהן;תל אביב;רחוב הרצל\nרחל לוי;ירושלים;שלום", []string{"windows-1255", "iso-8859-8"}},
		{"Arabic", "محمد علي;القاهرة;شارع النيل\nفاطمة حسن;الرياض;السلام عليكم", []string{"windows-1256", "iso-8859-6"}},
		{"Thai", "สมชาย ใจดี;กรุงเทพ;ถนนสุขุมวิท\nมาลี สุขใจ;เชียงใหม่;สวัสดี", []string{"windows-874"}},
		{"Japanese", "田中太郎;東京都新宿区;株式会社ミライ\n佐藤花子;大阪市北区;よろしくお願いします", []string{"shift_jis", "euc-jp", "iso-2022-jp"}},
		{"Korean", "김철수;서울특별시 강남구;주식회사 한국\n이영희;부산광역시;안녕하세요", []string{"euc-kr"}},
		{"Chinese", "张伟;北京市海淀区;中国公司\n王芳;上海市浦东新区;你好世界\n李娜;广州市天河区;发展银行", []string{"gb18030"}},
		{"Traditional Chinese", "陳大文;台北市信義區;中華公司\n林小美;高雄市;您好，請問這個電話號碼", []string{"big5"}},
	}
	for _, tt := range tests {
		for _, name := range append(tt.encodings, "utf-16le", "utf-16be", "utf-32le", "utf-8") {
			t.Run(tt.language+" "+name, func(t *testing.T) {
				text := "name;place;note\n" + tt.text + "\n"
				raw := encodeText(t, text, name)
				det, rows := readAll(t, BytesSource("x.csv", raw), Options{})
				want := strings.Split(tt.text, "\n")
				for i, r := range rows {
					if got := strings.Join(r.Cells, ";"); i >= len(want) || got != want[i] {
						t.Fatalf("%s: got %q, want %q\n%+v", det.Encoding, got, want[i], det.Ledger[0])
					}
					// The position leads back to the record.
					at := raw[r.Offset : r.Offset+r.Length]
					if back := encodeText(t, want[i]+"\n", name); name != "iso-2022-jp" && !bytes.Equal(at, back) {
						t.Fatalf("record %d at %d+%d is %q", i+1, r.Offset, r.Length, at)
					}
				}
				if len(rows) != len(want) {
					t.Fatalf("%s: %d rows", det.Encoding, len(rows))
				}
			})
		}
	}
}

func encodeText(t *testing.T, text, name string) []byte {
	t.Helper()
	switch name {
	case "utf-8":
		return []byte(text)
	case "utf-16le", "utf-16be":
		var out []byte
		for _, u := range utf16.Encode([]rune(text)) {
			if name == "utf-16le" {
				out = binary.LittleEndian.AppendUint16(out, u)
			} else {
				out = binary.BigEndian.AppendUint16(out, u)
			}
		}
		return out
	case "utf-32le":
		var out []byte
		for _, r := range text {
			out = binary.LittleEndian.AppendUint32(out, uint32(r))
		}
		return out
	}
	e, _, err := lookupEncoding(name)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestBadBytes: rule 1.2, never a silent "?".
func TestBadBytes(t *testing.T) {
	var b strings.Builder
	b.WriteString("name;place\n")
	for range 20 {
		b.WriteString("Müller;Köln\n")
	}
	at := b.Len()
	b.WriteString("x;a\xffb\nMüller;Köln\n")
	det, rows := readAll(t, BytesSource("x.csv", []byte(b.String())), Options{})
	row := rows[20]
	if det.Encoding != "utf-8" || len(row.Bad) != 1 || row.Bad[0].Column != 1 || row.Bad[0].Offset != int64(at+3) || row.Bad[0].Line != 22 || row.Cells[1] != "a\uFFFDb" {
		t.Errorf("%s %+v", det.Encoding, row)
	}
	if len(rows) != 22 || len(rows[21].Bad) > 0 || !utf8.ValidString(row.Cells[1]) {
		t.Errorf("%+v", rows[21])
	}
	// In a multi-byte encoding.
	raw := append(encodeText(t, "name,place\n田中太郎,東京都\n佐藤,大阪\n鈴木,", "shift_jis"), 0x82, '\n')
	det, rows = readAll(t, BytesSource("x.csv", raw), Options{Encoding: "shift_jis"})
	if last := rows[len(rows)-1]; len(last.Bad) != 1 || last.Bad[0].Offset != int64(len(raw)-2) || last.Bad[0].Column != 1 {
		t.Errorf("%+v %+v", det, rows)
	}
}
