package norm

import "strings"

// judgeDomain looks at a valid address for a mistyped domain. f is what is
// known of it already.
func judgeDomain(s string, f Finding) (string, Finding) {
	at := strings.LastIndexByte(s, '@')
	domain := toLowerASCII(s[at+1:])
	if right := impossibleDomain(domain); right != "" {
		return "", Finding{Code: CodeEmailInvalid, Detail: "the domain " + domain + " cannot exist", Suggestion: s[:at+1] + right}
	}
	if right := mistypedProvider(domain); right != "" {
		return s, Finding{Code: CodeEmailSuspect, Detail: "the domain " + domain + " looks mistyped", Suggestion: s[:at+1] + right}
	}
	if f.Code == "" && strings.IndexByte(domain, '.') < 0 {
		return s, Finding{Code: CodeEmailSuspect, Detail: "the domain " + domain + " has no dot"}
	}
	return s, f
}

// impossibleDomain corrects endings that are no top-level domain (IANA root
// zone) but a slip for one, and big providers without their ending.
func impossibleDomain(domain string) string {
	dot := strings.LastIndexByte(domain, '.')
	if dot < 0 {
		switch domain {
		case "gmail", "googlemail", "hotmail", "outlook", "yahoo", "icloud", "aol", "live", "msn":
			return domain + ".com"
		case "gmx", "web":
			return domain + ".de"
		}
		return ""
	}
	right := ""
	switch domain[dot+1:] {
	case "con", "cmo", "ocm", "comm", "vom", "xom", "cpm", "coom", "conm", "copm", "clm", "cim", "comn", "ccom", "dom":
		right = "com"
	case "nte", "ent", "nett", "nrt":
		right = "net"
	case "ogr", "orgg", "rog", "prg":
		right = "org"
	default:
		return ""
	}
	domain = domain[:dot+1] + right
	if provider := mistypedProvider(domain); provider != "" {
		return provider
	}
	return domain
}

// mistypedProvider knows the frequent slips for the biggest mailbox
// providers. They are valid names, so the address is kept.
func mistypedProvider(domain string) string {
	if len(domain) < 6 || len(domain) > 13 {
		return ""
	}
	switch domain {
	case "gmial.com", "gmai.com", "gmal.com", "gmil.com", "gamil.com", "gnail.com", "gmaill.com", "gmail.co", "gmail.cm",
		"gmail.om", "gmsil.com", "gmaul.com", "gmaik.com", "ggmail.com", "gmeil.com", "gemail.com", "hmail.com", "gmaiil.com", "gmali.com", "gmail.comm":
		return "gmail.com"
	case "hotmial.com", "hotmal.com", "hotmai.com", "hotmil.com", "hotmaill.com", "hotmail.co", "hotmail.cm", "hotmeil.com",
		"hormail.com", "hitmail.com", "htomail.com", "hotnail.com", "hotamil.com", "homail.com", "otmail.com", "hotmsil.com":
		return "hotmail.com"
	case "yaho.com", "yahooo.com", "yahho.com", "yhaoo.com", "yhoo.com", "yaoo.com", "yahoo.co", "yahoo.cm", "yahoo.om", "yahou.com", "yajoo.com", "uahoo.com", "tahoo.com":
		return "yahoo.com"
	case "outlok.com", "outloo.com", "outlool.com", "outlook.co", "outlook.cm", "outllok.com", "otlook.com", "outlokk.com", "outook.com", "putlook.com":
		return "outlook.com"
	case "iclod.com", "icoud.com", "iclould.com", "icloud.co", "icloud.cm", "icluod.com", "iclooud.com":
		return "icloud.com"
	case "gmx.ed", "gmx.dee":
		return "gmx.de"
	}
	return ""
}

// suggestEmail guesses what a refused address should be, or "" (rule 4.3).
func suggestEmail(s string) string {
	if len(s) > 254 || s == "" {
		return ""
	}
	t := s
	for _, pair := range [...][2]string{
		{"[at]", "@"}, {"(at)", "@"}, {"{at}", "@"}, {" at ", "@"}, {"[dot]", "."}, {"(dot)", "."}, {" dot ", "."},
		{",", "."}, {";", "."}, {"..", "."}, {"@@", "@"}, {".@", "@"}, {"@.", "@"}, {"\\", ""}, {"#at#", "@"}, {"*at*", "@"},
	} {
		for strings.Contains(strings.ToLower(t), pair[0]) && len(strings.ToLower(t)) == len(t) {
			i := strings.Index(strings.ToLower(t), pair[0])
			t = t[:i] + pair[1] + t[i+len(pair[0]):]
		}
	}
	if at := strings.IndexByte(t, '@'); at < 0 {
		// AltGr or Shift missed: the key of @ gives " on a British keyboard, 2 on
		// an American and q on a German one. Only the quote is safe to guess.
		if strings.Count(t, `"`) == 1 {
			t = strings.Replace(t, `"`, "@", 1)
		}
	}
	t = strings.Trim(strings.Join(strings.Fields(t), ""), ".,;:<>()[]\"'")
	if t == s || !ValidEmail(t) || strings.LastIndexByte(t, '.') < strings.LastIndexByte(t, '@') {
		return ""
	}
	kept, f := judgeDomain(t, Finding{})
	if f.Suggestion != "" {
		return f.Suggestion
	}
	return kept
}

// RoleMailbox reports an address that belongs to a function and not to a
// person (RFC 2142 and common practice): info@, sales@ … (rule 5.3). A
// sub-address (info+de@) counts as its mailbox.
func RoleMailbox(email string) bool {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return false
	}
	local := toLowerASCII(email[:at])
	if plus := strings.IndexByte(local, '+'); plus > 0 {
		local = local[:plus]
	}
	if len(local) < 2 || len(local) > 20 {
		return false
	}
	switch local {
	case "info", "information", "infos", "sales", "sale", "office", "contact", "contacts", "contactus", "contact-us", "contact.us",
		"hello", "hallo", "hi", "hola", "mail", "email", "e-mail", "post", "admin", "administrator", "administration", "administracion",
		"support", "service", "services", "help", "helpdesk", "team", "marketing", "press", "presse", "media", "pr", "news", "newsletter",
		"jobs", "job", "career", "careers", "karriere", "bewerbung", "hr", "recruiting", "recruitment", "personal",
		"billing", "accounting", "accounts", "accountspayable", "invoice", "invoices", "rechnung", "rechnungen", "buchhaltung", "finance", "payments",
		"order", "orders", "bestellung", "bestellungen", "purchasing", "einkauf", "procurement", "verkauf", "vertrieb", "ventas", "vendas", "vente", "ventes", "vendite", "commercial", "comercial", "commerciale",
		"webmaster", "postmaster", "hostmaster", "abuse", "security", "noc", "root", "www", "web", "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply",
		"enquiries", "enquiry", "inquiries", "inquiry", "anfrage", "anfragen", "kontakt", "contacto", "contato", "contatto", "contatti",
		"reception", "rezeption", "empfang", "accueil", "recepcion", "recepcao", "secretary", "secretariat", "sekretariat", "segreteria", "secretaria",
		"customerservice", "customer.service", "customer-service", "customercare", "kundenservice", "kundendienst", "servicio", "atendimento",
		"reservations", "reservation", "booking", "bookings", "events", "event", "feedback", "legal", "privacy", "datenschutz", "dpo",
		"biuro", "sekretariaat", "administratie", "verkoop", "inkoop", "firma", "export", "import", "shop", "store", "general", "partner", "partners":
		return true
	}
	return false
}
