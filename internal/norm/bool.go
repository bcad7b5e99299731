package norm

// Bool reads yes and no in common languages, marks and digits; canonical are
// "true" and "false". Anything else is left out with CodeBoolInvalid.
func Bool(s string) (string, Finding) {
	switch s {
	case "", "true", "false":
		return s, Finding{}
	}
	if len(s) <= 24 {
		switch FoldName(s) {
		case "true", "t", "yes", "y", "1", "on", "x", "✓", "✔", "☑", "✅", "checked", "enabled", "1.0",
			"ja", "j", "wahr", "oui", "o", "vrai", "si", "s", "verdadero", "verdadeiro", "vero", "sim",
			"waar", "tak", "prawda", "ano", "pravda", "sand", "sant", "kylla", "tosi", "evet", "dogru",
			"да", "истина", "ναι", "はい", "是", "真", "예", "opted out", "opt out", "unsubscribed":
			return "true", Finding{}
		case "false", "f", "no", "n", "0", "off", "✗", "✘", "☐", "❌", "unchecked", "disabled", "0.0",
			"nein", "falsch", "non", "faux", "falso", "nao", "nee", "onwaar", "nie", "falsz", "ne", "nepravda",
			"nej", "nei", "falsk", "usand", "ei", "epatosi", "hayir", "yanlis",
			"нет", "ложь", "οχι", "いいえ", "否", "假", "아니요", "opted in", "opt in", "subscribed":
			return "false", Finding{}
		}
	}
	return "", Finding{Code: CodeBoolInvalid, Detail: "neither yes nor no"}
}
