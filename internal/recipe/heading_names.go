package recipe

import "strings"

// fullNameHeadings name a person's whole name and nothing else. "Name" and
// "Contact" alone are traps and decided by values.
func fullNameHeadings() []string {
	return []string{"Full name", "Contact name", "Person name", "Contact full name", "Contact person", "Attendee", "Attendee name", "Participant", "Display name",
		"Your name", "Customer name", "Primary contact", "Name of contact", "First and last name", "First name Last name",
		"Vollständiger Name", "Ansprechpartner", "Ansprechpartnerin", "Kontaktperson", "Vor- und Nachname", "Name, Vorname",
		"Nom complet", "Nom et prénom", "Prénom et nom", "Interlocuteur", "Nombre completo", "Nombre y apellidos", "Persona de contacto",
		"Nome completo", "Nome e cognome", "Referente", "Volledige naam", "Contactpersoon", "Imię i nazwisko", "Osoba kontaktowa"}
}

// groupOf names the group of columns that a heading is reported with.
func groupOf(heading string) string {
	if strings.HasPrefix(FoldHeading(heading), "customerbusinesscustomer") {
		return GroupBusinessCustomer
	}
	return ""
}
