package table

import (
	"errors"
	"strings"
	"testing"
)

// TestHeadingOrNot: which first lines are headings.
func TestHeadingOrNot(t *testing.T) {
	for text, heading := range map[string]bool{
		"country,2018,2019,2020\nDE,1,2,3\nFR,4,5,6\n":                       true,
		"2018,2019,2020\n1.5,2,3\n4,5,6\n7,8,9\n":                            true,
		"Region,01/2020,02/2020\nN,1,2\nS,3,4\n":                             true,
		"Store,2020-01-01,2020-02-01\nN,1,2\nS,3,4\n":                        true,
		"DE,2018,2019\nFR,2016,2017\nIT,2014,2020\n":                         false,
		"DE,2018,17\nFR,2016,4\nIT,2014,5\n":                                 false,
		"2020-01-01,5\n2020-01-02,6\n2020-01-03,7\n":                         false,
		"x1,17,2019\nx2,25,31\nx3,8,90\n":                                    false,
		"Jan,Feb,Mar\n1,2,3\n4,5,6\n":                                        true,
		"Mon,Tue\n08:00,09:00\n08:30,09:30\n":                                true,
		"Ann,ann@b.example\nBob,bob@c.example\nCy,cy@d.example\n":            false,
		"born,died\n1901,1977\n1902,1980\n1903,1999\n":                       true,
		"1901,1902\n1911,1977\n1912,1980\n1913,1999\n":                       false,
		"No,Name\n1,Ann\n2,Bob\n":                                            true,
		"A12,B7,C9\nA13,B8,C1\nA14,B9,C2\nA15,B7,C3\nA16,B8,C4\nA17,B8,C1\n": false,
	} {
		det, err := Detect(t.Context(), BytesSource("x.csv", []byte(text)), Options{})
		if err != nil || (det.HeaderLine > 0) != heading {
			t.Errorf("%q: heading in line %d, %v", text, det.HeaderLine, err)
		}
	}
}

// TestSmallFiles: files of a few lines as a careful person would load them.
func TestSmallFiles(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"years below names of groups":   {"Region,Sales,,Costs,\n,2019,2020,2019,2020\nNorth,1,2,3,4\nSouth,5,6,7,8\nEast,1,3,5,7\n", "Region,Sales 2019,Sales 2020,Costs 2019,Costs 2020\nNorth,1,2,3,4\nSouth,5,6,7,8\nEast,1,3,5,7\n"},
		"units over one record":         {"sku,tags,note,share,vintage\n(a),(b),(c),(d),(e)\nX-1,red,,15.0%,1956\n", "sku (a),tags (b),note (c),share (d),vintage (e)\nX-1,red,,15.0%,1956\n"},
		"a heading that says NO":        {"sku,share,vintage,by\nPACK,ENCHE,FUN,NO\nX-1,15.0%,1956,Ann Lee\nX-2,5.0%,1957,Bob Moe\n", "sku PACK,share ENCHE,vintage FUN,by NO\nX-1,15.0%,1956,Ann Lee\nX-2,5.0%,1957,Bob Moe\n"},
		"a list of addresses":           {"Main Street 1\nHigh Road 22\nLong Lane 5\nPark Ave 9\n", "Main Street 1\nHigh Road 22\nLong Lane 5\nPark Ave 9\n"},
		"a list of three names each":    {"Juan Soto Paz\nAna Gil Rey\nLuz Mora Vega\nEva Roy Sanz\nLeo Cruz Gil\n", "Juan Soto Paz\nAna Gil Rey\nLuz Mora Vega\nEva Roy Sanz\nLeo Cruz Gil\n"},
		"blanks between numbers":        {"a b c\n1 2 3\n4 5 6\n", "a,b,c\n1,2,3\n4,5,6\n"},
		"the end mark of DOS":           {"a,b\n1,2\n\x1a\x1a", "a,b\n1,2\n"},
		"the end mark in the last line": {"a,b\n1,2\x1a", "a,b\n1,2\n"},
		"slashes as quotes":             {"id,ref,day\n1,/A-0//2/,2020-01-02\n2,A-7,2020-01-03\n3,/A-9//1/,2020-01-04\n4,/A-8//2/,2020-01-05\n", "id,ref,day\n1,A-0/2,2020-01-02\n2,A-7,2020-01-03\n3,A-9/1,2020-01-04\n4,A-8/2,2020-01-05\n"},
		"paths":                         {"id,path\n1,/a/\n2,/b/\n3,/c/d/\n4,/e/\n", "id,path\n1,/a/\n2,/b/\n3,/c/d/\n4,/e/\n"},
		"primes as quotes of a record":  {"id,name,day\n1,Ann,2020-01-02\n″2″,″Lee, ″″B″″″,″2020-01-03″\n″3″,″Cy″,″2020-01-04″\n4,Dan,2020-01-05\n", "id,name,day\n1,Ann,2020-01-02\n2,\"Lee, ″B″\",2020-01-03\n3,Cy,2020-01-04\n4,Dan,2020-01-05\n"},
		"curly quotes":                  {"id,name,day\n1,Ann,2020-01-02\n2,“Lee, Bo”,2020-01-03\n3,“Cy”,2020-01-04\n4,Dan,2020-01-05\n", "id,name,day\n1,Ann,2020-01-02\n2,\"Lee, Bo\",2020-01-03\n3,Cy,2020-01-04\n4,Dan,2020-01-05\n"},
		"a first record that is short":  {"TAGS,ITEMS,ARTICLE,LIST,CASE,NAME,TEXT\n110,N-0000B,mek; tet; sos,ke,Ke Mol,gart\nge,93,N-0037/2,aind; enp,85477,Fib Mar,virt\nfe,269,N-0074/2,wos; bend,85480,Ser Vas,trin\nga,286,N-0111A,fes; mai,85483,Ben Ge,Kair\n", "TAGS,ITEMS,ARTICLE,LIST,CASE,NAME,TEXT\n110,N-0000B,mek; tet; sos,ke,Ke Mol,gart,\nge,93,N-0037/2,aind; enp,85477,Fib Mar,virt\nfe,269,N-0074/2,wos; bend,85480,Ser Vas,trin\nga,286,N-0111A,fes; mai,85483,Ben Ge,Kair\n"},
		"a short second heading":        {"Who,,When,,Paid\nname,town,from,to\nAnn,Rome,2019,2020,17\nBob,Bern,2018,2021,4\nCy,Oslo,2018,2020,5\n", "Who name,Who town,When from,When to,Paid\nAnn,Rome,2019,2020,17\nBob,Bern,2018,2021,4\nCy,Oslo,2018,2020,5\n"},
		"text behind quoted lines":      {"id,name,note,kind\n1,Ann,\"box, open\nand wet\"x,a\n2,Bob,none,b\n3,Cy,none,a\n4,Di,\"great, will\ncome\",b\n5,Ed,none,a\n", "id,name,note,kind\n1,Ann,\"\"\"box, open\nand wet\"\"x\",a\n2,Bob,none,b\n3,Cy,none,a\n4,Di,\"great, will\ncome\",b\n5,Ed,none,a\n"},
		"an apostrophe as escape":       {"n,by,note\n1,\"Plus '\"A'\"\",\"x '\"y'\", z\"\n2,Bo,u\n3,\"The '\"C'\"\",w\n4,Ed,\"'\"q'\", v\"\n", "n,by,note\n1,\"Plus \"\"A\"\"\",\"x \"\"y\"\", z\"\n2,Bo,u\n3,\"The \"\"C\"\"\",w\n4,Ed,\"\"\"q\"\", v\"\n"},
		"a title of four words":         {"Report 2024-01-02 - 5/6/2024\n\nstreet,town,people,since\nLong Lane 5,Rome,7,2019-01-02\nHigh Road 7,Bern,8,2018-01-02\n", "street,town,people,since\nLong Lane 5,Rome,7,2019-01-02\nHigh Road 7,Bern,8,2018-01-02\n"},
		"apostrophes over two lines":    {"id,name,note\n1,Ann,x\n'2','Lee, Bo','a\nb'\n3,Cy,y\n4,Dan,z\n", "id,name,note\n1,Ann,x\n2,\"Lee, Bo\",\"a\nb\"\n3,Cy,y\n4,Dan,z\n"},
	} {
		out, err := cleanText(t, BytesSource("x.csv", []byte(tt.text)), Options{})
		if got := strings.ReplaceAll(string(out), "\r\n", "\n"); err != nil || got != tt.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, tt.want)
		}
	}
}

// TestPapers: a table beside its notes is the one table of an archive.
func TestPapers(t *testing.T) {
	det, rows := readAll(t, BytesSource("x.zip", zipOf(t, map[string]string{"out/leads.csv": "name,age\nAnn,3\n", "out/README.txt": "Made, by us", "LICENSE": "CC0", "terms.pdf": "%PDF-"})), Options{})
	if det.Entry != "out/leads.csv" || len(rows) != 1 {
		t.Errorf("%s: %d rows", det.Entry, len(rows))
	}
}

// TestWideAndEmpty: 5 s per MB; 16,384 headings over short records are refused by name.
func TestWideAndEmpty(t *testing.T) {
	head := strings.TrimSuffix(strings.Repeat("name,", MaxColumns), ",") + "\n"
	src := BytesSource("wide.csv", []byte(head+strings.Repeat("a,b\n", 20_000)))
	n, err := countRows(t, src)
	if refusal := (*Refusal)(nil); !errors.As(err, &refusal) {
		t.Errorf("%d rows, %v", n, err)
	}
	if n, err := countRows(t, BytesSource("wide.csv", []byte(head+strings.Repeat("a,b\n", 1000)))); err != nil || n != 1001 {
		t.Errorf("%d rows, %v", n, err)
	}
}
