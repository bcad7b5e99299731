package table

import (
	"reflect"
	"strings"
	"testing"
)

// TestDialect: rule 1.3.
func TestDialect(t *testing.T) {
	const body = "id,name,email,amount\n1,Ana Müller,ana@example.com,12.50\n2,\"Roe, Bob\",bob@example.com,7.25\n3,Cy,cy@example.com,1.00\n"
	want := [][]string{{"1", "Ana Müller", "ana@example.com", "12.50"}, {"2", "Roe, Bob", "bob@example.com", "7.25"}, {"3", "Cy", "cy@example.com", "1.00"}}
	swap := func(delim string) string {
		s := strings.ReplaceAll(body, `"Roe, Bob"`, "@@")
		s = strings.ReplaceAll(s, ",", delim)
		return strings.ReplaceAll(s, "@@", `"Roe, Bob"`)
	}
	tests := []struct {
		name   string
		text   string
		delim  string
		quote  string
		header int
		rows   [][]string
	}{
		{"comma", body, ",", `"`, 1, want},
		{"semicolon", swap(";"), ";", `"`, 1, want},
		{"tab", swap("\t"), "\t", `"`, 1, want},
		{"bar", swap("|"), "|", `"`, 1, want},
		{"caret", swap("^"), "^", `"`, 1, want},
		{"tilde", swap("~"), "~", `"`, 1, want},
		{"unit separator", swap("\x1f"), "\x1f", `"`, 1, want},
		{"broken bar", swap("¦"), "¦", `"`, 1, want},
		{"comma and blank", swap(", "), ", ", `"`, 1, want},
		{"two bars", swap("||"), "||", `"`, 1, want},
		{"tilde bar tilde", swap("~|~"), "~|~", `"`, 1, want},
		{"two colons", swap("::"), "::", `"`, 1, want},
		{"crlf", strings.ReplaceAll(body, "\n", "\r\n"), ",", `"`, 1, want},
		{"cr", strings.ReplaceAll(body, "\n", "\r"), ",", `"`, 1, want},
		{"mixed line ends", strings.Replace(strings.Replace(body, "\n", "\r\n", 1), "12.50\n", "12.50\r", 1), ",", `"`, 1, want},
		{"no final line end", strings.TrimSuffix(body, "\n"), ",", `"`, 1, want},
		{"two final line ends", body + "\n\n", ",", `"`, 1, want},
		{"apostrophes", strings.ReplaceAll(body, `"`, "'"), ",", "'", 1, want},
		{"sep hint", "sep=;\n" + swap(";"), ";", `"`, 2, want},
		{"preamble", "Report of leads\nMade on 1 March\n\n" + body, ",", `"`, 4, want},
		{"preamble padded", "Report of leads,,,\n,,,\n" + body, ",", `"`, 3, want},
		{"comments", "# made by X\n# on Monday\n" + body + "# end\n", ",", `"`, 3, want},
		{"footer total", body + "\nTotal: 3\n", ",", `"`, 1, want},
		{"footer row", body + "Total,,,20.75\n", ",", `"`, 1, want},
		{"no header", body[strings.IndexByte(body, '\n')+1:], ",", `"`, 0, want},
		{"no header one record", "1,Ana,ana@example.com\n", ",", `"`, 0, [][]string{{"1", "Ana", "ana@example.com"}}},
		{"one record", "name,email\nAna,ana@example.com\n", ",", `"`, 1, [][]string{{"Ana", "ana@example.com"}}},
		{"one column", "email\nana@example.com\nbob@example.com\n", "", `"`, 1, [][]string{{"ana@example.com"}, {"bob@example.com"}}},
		{"one column of names", "name\nAna Müller\nBob Roe\nCy Twombly\n", "", `"`, 1, [][]string{{"Ana Müller"}, {"Bob Roe"}, {"Cy Twombly"}}},
		{"one column of names with commas", "name\nMüller, Ana\nRoe, Bob\nTwombly, Cy\n", "", `"`, 1, [][]string{{"Müller, Ana"}, {"Roe, Bob"}, {"Twombly, Cy"}}},
		{"two heading rows", "Person,,Deal,\nname,email,amount,date\nAna,a@x.com,1.5,2025-01-13\nBob,b@x.com,2.5,2025-01-14\nCy,c@x.com,3.5,2025-01-15\n", ",", `"`, 1,
			[][]string{{"Ana", "a@x.com", "1.5", "2025-01-13"}, {"Bob", "b@x.com", "2.5", "2025-01-14"}, {"Cy", "c@x.com", "3.5", "2025-01-15"}}},
		{"blanks as delimiter", "id name \"full address\" n\n1 Ana \"1 Main St\" 5\n2 Bob \"2 Main St\" 6\n3 Cy \"3 Main St\" 7\n", " ", `"`, 1,
			[][]string{{"1", "Ana", "1 Main St", "5"}, {"2", "Bob", "2 Main St", "6"}, {"3", "Cy", "3 Main St", "7"}}},
		{"decimal commas", "id;amount;tax\n1;1,50;0,3\n2;2,75;0,4\n", ";", `"`, 1, [][]string{{"1", "1,50", "0,3"}, {"2", "2,75", "0,4"}}},
		{"backslash escapes", "id,note\n1,\"say \\\"hi\\\", ok\"\n2,\"a\\\"b\"\n3,plain\n", ",", `"`, 1, [][]string{{"1", `say "hi", ok`}, {"2", `a"b`}, {"3", "plain"}}},
		{"backslash at the end is no escape", "id,dir\n1,\"C:\\x\\\"\n2,\"D:\\\"\n", ",", `"`, 1, [][]string{{"1", `C:\x\`}, {"2", `D:\`}}},
		{"short header", "id,name,email\n1,Ana,a@x.com\n2,Bob\n3\n4,Cy,c@x.com\n", ",", `"`, 1, [][]string{{"1", "Ana", "a@x.com"}, {"2", "Bob", ""}, {"3", "", ""}, {"4", "Cy", "c@x.com"}}},
		{"currency signs alone", "name,sum\nA,€\nB,£ \n", ",", `"`, 1, [][]string{{"A", "€"}, {"B", "£ "}}},
		{"header only", "name,email,phone\n", ",", `"`, 1, nil},
		{"trailing delimiters", "name,email,\nAna,a@x.com,\nBob,b@x.com,\n", ",", `"`, 1, [][]string{{"Ana", "a@x.com", ""}, {"Bob", "b@x.com", ""}}},
		{"all quoted", "\"name\";\"email\"\n\"Ana; x\";\"a@x.com\"\n\"Bo\"\"b\";\"b@x.com\"\n", ";", `"`, 1, [][]string{{"Ana; x", "a@x.com"}, {`Bo"b`, "b@x.com"}}},
		{"manual sample", "ID,Lead Name,Name prefix,First name\n111,Gov Mart,Mr,Jerry\n", ",", `"`, 1, [][]string{{"111", "Gov Mart", "Mr", "Jerry"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			det, rows := readAll(t, BytesSource("x.csv", []byte(tt.text)), Options{})
			if det.Delimiter != tt.delim || det.Quote != tt.quote || det.HeaderLine != tt.header {
				t.Errorf("delimiter %q quote %q header %d, want %q %q %d\n%+v", det.Delimiter, det.Quote, det.HeaderLine, tt.delim, tt.quote, tt.header, det.Ledger)
			}
			var got [][]string
			for _, r := range rows {
				got = append(got, r.Cells)
			}
			if !reflect.DeepEqual(got, tt.rows) {
				t.Errorf("got  %q\nwant %q", got, tt.rows)
			}
		})
	}
}

// TestDamage: rule 1.4, one bad row spoils nothing else.
func TestDamage(t *testing.T) {
	const head = "id,name,email\n"
	tests := []struct {
		name, text string
		rows       [][]string
		problems   []string
	}{
		{"too few", head + "1,a\n2,b,c\n", [][]string{{"1", "a", ""}, {"2", "b", "c"}}, []string{"", ""}},
		{"too many", head + "1,a,b,c\n2,b,c\n", [][]string{{"1", "a", "b", "c"}, {"2", "b", "c"}}, []string{TooManyCells, ""}},
		{"too many but blank", head + "1,a,b,,\n2,b,c\n", [][]string{{"1", "a", "b"}, {"2", "b", "c"}}, []string{"", ""}},
		{"unclosed quote", head + "1,\"a,b\n2,b,c\n3,d,e\n", [][]string{{"1", `"a`, "b"}, {"2", "b", "c"}, {"3", "d", "e"}}, []string{UnclosedQuote, "", ""}},
		{"unclosed quote before quoted cells", head + "1,\"a,b\n2,\"b\",c\n3,\"d\",e\n", [][]string{{"1", `"a`, "b"}, {"2", "b", "c"}, {"3", "d", "e"}}, []string{UnclosedQuote, "", ""}},
		{"unclosed quote in the last record", head + "1,a,b\n2,\"b,c", [][]string{{"1", "a", "b"}, {"2", `"b`, "c"}}, []string{"", UnclosedQuote}},
		{"blanks before a quoted cell", head + "1, \"a, b\",d\n2,b,c\n", [][]string{{"1", "a, b", "d"}, {"2", "b", "c"}}, []string{"", ""}},
		{"another delimiter", head + "1,a,b\n2;x;y\n3,b,c\n", [][]string{{"1", "a", "b"}, {"2", "x", "y"}, {"3", "b", "c"}}, []string{"", "", ""}},
		{"another quote", head + "1,a,b\n'2','x, ''y','z'\n3,b,c\n", [][]string{{"1", "a", "b"}, {"2", "x, 'y", "z"}, {"3", "b", "c"}}, []string{"", "", ""}},
		{"stray quotes", head + "1,\"a \"b\" c\",d\n2,b,c\n", [][]string{{"1", `a "b" c`, "d"}, {"2", "b", "c"}}, []string{"", ""}},
		{"quotes around the first word", head + "1,\"Acme\" Inc,d\n2,b,c\n", [][]string{{"1", `"Acme" Inc`, "d"}, {"2", "b", "c"}}, []string{"", ""}},
		{"inch", head + "1,6\" pipe,d\n2,b,c\n", [][]string{{"1", `6" pipe`, "d"}, {"2", "b", "c"}}, []string{"", ""}},
		{"line end in a cell", head + "1,\"a\nb\",d\n2,b,c\n", [][]string{{"1", "a\nb", "d"}, {"2", "b", "c"}}, []string{"", ""}},
		{"NUL", head + "1,a\x00b,d\n2,b,c\n", [][]string{{"1", "a\x00b", "d"}, {"2", "b", "c"}}, []string{"", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, rows := readAll(t, BytesSource("x.csv", []byte(tt.text)), Options{})
			var got [][]string
			var problems []string
			for _, r := range rows {
				got, problems = append(got, r.Cells), append(problems, r.Problem)
			}
			if !reflect.DeepEqual(got, tt.rows) || !reflect.DeepEqual(problems, tt.problems) {
				t.Errorf("got  %q %q\nwant %q %q", got, problems, tt.rows, tt.problems)
			}
		})
	}
}
