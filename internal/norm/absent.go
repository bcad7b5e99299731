package norm

import "strings"

// Absent says that a cell holds text for "nothing" (rule 3.2): CodeExcelError
// (a warning) for a spreadsheet's error value in any of its languages,
// CodePlaceholder (an info) for a placeholder alone, else "". The cell is
// expected Clean.
func Absent(s string) string {
	if s == "" || len(s) > 24 {
		return ""
	}
	switch c := s[0]; {
	case c == '#':
		if excelError(s) {
			return CodeExcelError
		}
		return ""
	case c == '-', c == '?', c == '.', c == '_', c >= 0x80:
		if marksOnly(s) {
			return CodePlaceholder
		}
		return ""
	case c == '\\', c == '(', c == '[', c == '<':
	default:
		switch c | 0x20 {
		case 'n', 'u', 't', 'k':
		default:
			return ""
		}
	}
	switch toLowerASCII(s) {
	case "n/a", "n.a.", "n/a.", "none", "null", "unknown", "tbd", "t.b.d.", "undefined", "k.a.", "k. a.",
		"not available", "not applicable", "not provided", "unbekannt", "keine angabe", "tba",
		"(none)", "(null)", "(blank)", "(empty)", "(unknown)", "(n/a)", "[null]", "[none]", "<null>", "<none>", `\n`:
		return CodePlaceholder
	}
	return ""
}

// marksOnly reports dashes or question marks and nothing else.
func marksOnly(s string) bool {
	for _, r := range s {
		switch r {
		case '-', '?', '.', '_', '–', '—', '‒', '―', '−', '？':
		default:
			return false
		}
	}
	return true
}

// excelError knows the error values of Excel, LibreOffice and Google Sheets
// as their translations write them, and ##### (a column too narrow).
func excelError(s string) bool {
	if strings.Trim(s, "#") == "" {
		return len(s) >= 3
	}
	switch strings.ToUpper(s) {
	case "#N/A", "#N/A!", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#ERROR!", "#GETTING_DATA",
		"#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!", "#EXTERNAL!",
		"#NV", "#WERT!", "#BEZUG!", "#ZAHL!", "#ÜBERLAUF!", "#FEHLER!", // de
		"#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!", // fr
		"#¡VALOR!", "#¡REF!", "#¿NOMBRE?", "#¡DIV/0!", "#¡NUM!", "#¡NULO!", "#N/D", // es, it, pt
		"#VALORE!", "#RIF!", "#NOME?", "#NULLO!", // it
		"#VALOR!", "#NÚM!", "#NULO!", // pt
		"#WAARDE!", "#VERW!", "#NAAM?", "#GETAL!", "#DEEL/0!", "#LEEG!", "#N/B", // nl
		"#ADR!", "#ARG!", "#LICZBA!", "#DZIEL/0!", "#NAZWA?", "#ZERO!", // pl
		"#SAKNAS!", "#VÄRDEFEL!", "#REFERENS!", "#DIVISION/0!", "#NAMN?", "#OGILTIGT!", "#SKÄRNING!", // sv
		"#I/T", "#VÆRDI!", "#REFERENCE!", "#NAVN?", "#VERDI!", // da, nb
		"#HODNOTA!", "#ODKAZ!", "#NÁZEV?", "#ČÍSLO!", "#DĚLENÍ_NULOU!", "#NENÍ_K_DISPOZICI", // cs
		"#ЗНАЧ!", "#ССЫЛКА!", "#ИМЯ?", "#ДЕЛ/0!", "#ЧИСЛО!", "#ПУСТО!", "#Н/Д": // ru
		return true
	}
	return strings.HasPrefix(s, "#REF!") || strings.HasPrefix(s, "Err:5")
}

// toLowerASCII lowers A–Z only; it does not allocate where there are none.
func toLowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c-'A' < 26 {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i]-'A' < 26 {
					b[i] |= 0x20
				}
			}
			return string(b)
		}
	}
	return s
}
