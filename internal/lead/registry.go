package lead

// builtin returns every built-in field in the order of headings that template
// and export write (lead-fields.md). A new field is one line here and one
// line in a migration.
func builtin() []Field {
	text := func(key, heading string, synonyms ...string) Field {
		return Field{Key: key, Heading: heading, Label: heading, Kind: Text, MaxLen: 255, Synonyms: synonyms}
	}
	name := text("name", "Lead name", "Lead", "Opportunity title", "Lead title", "Topic", "Subject")
	name.Required = true
	fields := []Field{
		{Key: "id", Heading: "Id", Label: "Id", Kind: Integer, Virtual: true, Synonyms: []string{"Lead Id", "Leadport Id"}},
		name,
		text("name_prefix", "Name prefix", "Prefix", "Salutation", "Anrede", "Civilité", "Tratamiento", "Honorific", "Aanhef", "Courtesy title"),
		text("first_name", "First name", "Given name", "Forename", "Vorname", "Prénom", "Nombre", "Nome", "Voornaam", "Imię", "Firstname", "Fname", "Primer nombre", "Nome proprio", "First"),
		text("middle_name", "Middle name", "Zweiter Vorname", "Deuxième prénom", "Segundo nombre"),
		text("last_name", "Last name", "Surname", "Family name", "Nachname", "Nom", "Nom de famille", "Apellido", "Apellidos", "Cognome", "Achternaam", "Nazwisko", "Lastname", "Lname", "Last", "Familienname"),
		text("name_suffix", "Name suffix", "Suffix", "Namenszusatz"),
		text("job_title", "Job title", "Position", "Role", "Job", "Berufsbezeichnung", "Funktion", "Fonction", "Poste", "Cargo", "Qualifica", "Designation", "Jobtitle", "Job position", "Current title", "Current position", "Organization title", "Functie", "Stanowisko", "Función", "Puesto", "Ruolo", "Posizione"),
		{Key: "status", Heading: "Status Id", Label: "Status", Kind: Choice, Policy: Keep,
			Synonyms: []string{"Status", "Lead status", "Stage", "Lead stage", "Lifecycle stage", "Estado", "Statut", "Stato", "Status reason", "Phase", "Etap"}},
		text("company_name", "Company name", "Company", "Employer", "Business name", "Firma", "Unternehmen", "Firmenname", "Société", "Entreprise", "Empresa", "Compañía", "Azienda", "Bedrijf", "Company / Account", "Associated company", "Organisation name", "Current company", "Primary company", "Employer name", "Unternehmensname", "Nom de la société", "Raison sociale", "Nombre de la empresa", "Ragione sociale", "Bedrijfsnaam", "Nazwa firmy"),
		{Key: "website", Heading: "Website", Label: "Website", Kind: URL, MaxLen: 255,
			Synonyms: []string{"Web site", "Web", "URL", "Homepage", "Webseite", "Site web", "Sitio web", "Sito web", "Website URL", "Company website", "Domain", "Company domain name", "Web page", "Web address", "Website 1 Value", "Internet", "Strona www", "Strona internetowa", "Página web", "Site internet"}},
		{Key: "number_of_employees", Heading: "Number of employees", Label: "Number of employees", Kind: Integer,
			Synonyms: []string{"Employees", "No. of employees", "Employee count", "Company size", "Mitarbeiter", "Anzahl Mitarbeiter", "Effectif", "Empleados", "# Employees", "Headcount", "Company employee count", "Num employees", "Mitarbeiterzahl", "Mitarbeiteranzahl", "Nombre d'employés", "Número de empleados", "Numero dipendenti", "Dipendenti", "Aantal medewerkers", "Liczba pracowników", "Liczba zatrudnionych"}},
		{Key: "notes", Heading: "Additional comments", Label: "Comments", Kind: LongText, MaxLen: 64 << 10, Policy: Append,
			Synonyms: []string{"Comments", "Comment", "Notes", "Note", "Description", "Remarks", "Message", "Bemerkungen", "Notizen", "Kommentar", "Commentaires", "Comentarios", "Osservazioni", "Summary", "Anmerkungen", "Anmerkung", "Notiz", "Remarques", "Notas", "Observaciones", "Note interne", "Opmerkingen", "Opmerking", "Uwagi", "Komentarz", "Notatki"}},
		text("industry", "Industry", "Branche", "Secteur", "Sector", "Industria", "Settore", "Vertical", "Company industry", "Secteur d'activité", "Branża", "Sektor"),
		{Key: "contact", Heading: "Contact", Label: "Contact", Kind: Link, Entity: "contact", Parts: []Part{
			{Key: "first_name", Heading: "Contact First name", Kind: Text, MaxLen: 255},
			{Key: "last_name", Heading: "Contact Last name", Kind: Text, MaxLen: 255},
			{Key: "ref", Kind: Link, Derived: true},
		}, Template: 1},
		{Key: "addresses", Heading: "Addresses", Label: "Addresses", Kind: Group, Policy: Append, Template: 3, Parts: []Part{
			{Key: "label", Heading: "Address %d Label", Kind: Text, MaxLen: 255},
			{Key: "organization", Heading: "Address %d Organization", Kind: Text, MaxLen: 255},
			{Key: "name_prefix", Heading: "Address %d Name prefix", Kind: Text, MaxLen: 255},
			{Key: "first_name", Heading: "Address %d First name", Kind: Text, MaxLen: 255},
			{Key: "middle_name", Heading: "Address %d Middle name", Kind: Text, MaxLen: 255},
			{Key: "last_name", Heading: "Address %d Last name", Kind: Text, MaxLen: 255},
			{Key: "name_suffix", Heading: "Address %d Name suffix", Kind: Text, MaxLen: 255},
			{Key: "street", Heading: "Address %d Street", Kind: Text, MaxLen: 500,
				Synonyms: []string{"Street", "Street address", "Address", "Address line 1", "Address 1", "Mailing street", "Billing street", "Straße", "Strasse", "Adresse", "Rue", "Calle", "Dirección", "Via", "Indirizzo", "Straat", "Street 1", "Street name", "Hausanschrift", "Domicilio", "Ulica", "Adres"}},
			{Key: "street2", Heading: "Address %d Street 2", Kind: Text, MaxLen: 500,
				Synonyms: []string{"Street 2", "Address line 2", "Address 2", "Adresszusatz", "Complément d'adresse", "Street line 2"}},
			{Key: "postal_code", Heading: "Address %d Zip/Postal Code", Kind: Text, MaxLen: 255,
				Synonyms: []string{"Zip", "Zip code", "Postal code", "Postcode", "Zip/Postal code", "PLZ", "Postleitzahl", "Code postal", "Código postal", "CAP", "Mailing zip", "Mailing postal code", "Billing zip", "Kod pocztowy", "C.P."}},
			{Key: "city", Heading: "Address %d City", Kind: Text, MaxLen: 255,
				Synonyms: []string{"City", "Town", "Ort", "Stadt", "Ville", "Ciudad", "Città", "Plaats", "Mailing city", "Billing city", "City/Town", "Wohnort", "Localité", "Localidad", "Municipio", "Comune", "Woonplaats", "Miasto", "Miejscowość"}},
			{Key: "state", Heading: "Address %d State", Kind: Text, MaxLen: 255,
				Synonyms: []string{"State/Region", "State/Province", "Province", "Region", "Bundesland", "Provincia", "Région", "Mailing state", "Billing state", "County", "Provincie", "Województwo", "Comunidad autónoma", "Regione", "Département"}},
			{Key: "region", Heading: "Address %d State Combined code", Kind: Region, MaxLen: 16,
				Synonyms: []string{"State Combined code", "Region code"}},
			{Key: "country", Heading: "Address %d Country ISO2 code", Kind: Country, MaxLen: 2,
				Synonyms: []string{"Country", "Country code", "Country/Region", "Country ISO2 code", "Land", "Pays", "País", "Paese", "Mailing country", "Billing country", "Nation", "Kraj", "Nazione", "Country name"}},
		}},
		text("twitter", "Twitter", "Twitter handle", "Twitter username", "X (Twitter)", "X handle"),
		text("linked_in", "LinkedIn", "LinkedIn URL", "LinkedIn profile", "LinkedIn bio", "Person LinkedIn URL", "Linked In"),
		{Key: "owner", Heading: "Owner Username", Label: "Owner", Kind: User, Policy: Keep,
			Synonyms: []string{"Owner", "Lead owner", "Assigned to", "Contact owner", "Sales rep", "Account executive", "Zuständig", "Besitzer", "Propriétaire", "Propietario", "Owner name", "Owner email", "Salesperson", "Opiekun", "Właściciel", "Eigenaar", "Verantwoordelijke", "Responsable", "Responsabile", "Verantwortlich", "Kundenbetreuer"}},
		{Key: "opportunities", Heading: "Opportunities", Label: "Opportunities", Kind: Link, Entity: "opportunity", Policy: Append, Template: 1, Parts: []Part{
			{Key: "name", Heading: "Opportunities %d Opportunity name", Kind: Text, MaxLen: 255, Synonyms: []string{"Opportunity name", "Opportunity", "Deal name"}},
			{Key: "ref", Kind: Link, Derived: true},
		}},
		{Key: "emails", Heading: "Emails", Label: "E-mails", Kind: Email, Policy: Append, Template: 1, Parts: []Part{
			{Key: "email", Heading: "Emails %d Email", Kind: Email, MaxLen: 254,
				Synonyms: []string{"Email", "E-mail", "Email address", "E-mail address", "Mail", "Work email", "Business email", "Primary email", "Personal email", "Secondary email", "E-Mail-Adresse", "Courriel", "Adresse e-mail", "Correo electrónico", "Correo", "Posta elettronica", "Email 1", "Mailadresse", "Other email", "Home email", "E-mailadres", "Adres e-mail", "Adresse mail", "Indirizzo e-mail", "Dirección de correo"}},
		}},
		{Key: "phones", Heading: "Phones", Label: "Phones", Kind: Phone, Policy: Append, Template: 2, Parts: []Part{
			{Key: "phone", Heading: "Phones %d Phone", Kind: Phone, MaxLen: 255,
				Synonyms: []string{"Phone", "Phone number", "Telephone", "Tel", "Mobile", "Mobile phone", "Mobile number", "Cell", "Cell phone", "Work phone", "Business phone", "Home phone", "Direct phone", "Primary phone", "Other phone", "Telefon", "Telefonnummer", "Handy", "Mobil", "Téléphone", "Teléfono", "Móvil", "Telefono", "Cellulare", "Portable", "Corporate phone", "Phone 1", "Telefoon", "Telefoonnummer", "Mobiel", "Mobilnummer", "Mobiltelefon", "Rufnummer", "Numer telefonu", "Komórka", "Número de teléfono", "Numero di telefono", "Numéro de téléphone", "Contact number"}},
			{Key: "written", Kind: Text, Derived: true},
		}},
		{Key: "account", Heading: "Customer Account Account name", Label: "Account", Kind: Link, Entity: "account", MaxLen: 255,
			Synonyms: []string{"Customer Account", "Account name"}},
		{Key: "organization", Heading: "Organization Name", Label: "Organization", Kind: Text, MaxLen: 255, Virtual: true},
		{Key: "source", Heading: "Source Id", Label: "Source", Kind: Choice, Policy: Keep,
			Synonyms: []string{"Source", "Lead source", "Original source", "Quelle", "Leadquelle", "Origine", "Fuente", "Fonte", "Channel", "Herkunft", "Leadherkunft", "Bron", "Źródło", "Source du lead", "Origen", "Provenienza", "How did you hear about us"}},
		{Key: "tags", Heading: "Tags", Label: "Tags", Kind: Text, Policy: Append, Template: 1, Parts: []Part{
			{Key: "tag", Heading: "Tags", Kind: Text, MaxLen: 255, Synonyms: []string{"Tag", "Labels", "Keywords", "Schlagworte", "Étiquettes", "Etiquetas", "Schlagwörter", "Categories", "Tagi"}},
		}},
		{Key: "external_id", Heading: "External Id", Label: "External ids", Kind: Text, Policy: Append, Template: 1, Parts: []Part{
			{Key: "id", Heading: "External Id", Kind: Text, MaxLen: 255, Synonyms: []string{"Record Id", "Contact Id", "HubSpot Id", "Salesforce Id", "CRM Id", "Reference", "Source Id in other system", "Apollo Contact Id", "Person Id", "CRM record id"}},
			{Key: "system", Heading: "External Id System", Kind: Text, MaxLen: 255, Synonyms: []string{"External system"}},
		}},
		{Key: "follow_up_on", Heading: "Follow up on", Label: "Follow up on", Kind: Date,
			Synonyms: []string{"Follow up", "Follow-up date", "Next contact", "Next activity date", "Wiedervorlage", "Relance", "Follow-up", "Next step date", "Seguimiento", "Próximo contacto"}},
		{Key: "do_not_email", Heading: "Do not e-mail", Label: "Do not e-mail", Kind: Bool, Policy: Raise,
			Synonyms: []string{"Email opt out", "Unsubscribed", "Opt out", "Do not email", "Unsubscribed from all email", "Has opted out of email", "Do not allow emails", "Email opted out", "No email", "Do not bulk email"}},
		{Key: "do_not_call", Heading: "Do not call", Label: "Do not call", Kind: Bool, Policy: Raise,
			Synonyms: []string{"DNC", "Phone opt out", "Do not phone", "Do not allow phone calls", "No calls"}},
		{Key: "source_created", Heading: "Created in source system", Label: "Created in source system", Kind: DateTime, Policy: Fill,
			Synonyms: []string{"Create date", "Created date", "Date created", "Creation date", "Created on", "Erstellt am", "Date de création", "Created time", "Created at", "Added on", "Created", "Date added", "Lead created", "Added", "Creado el", "Fecha de creación", "Data di creazione", "Aangemaakt op", "Data utworzenia"}},
		{Key: "version", Heading: "Leadport version", Label: "Version", Kind: Integer, Virtual: true},
		{Key: "created_at", Heading: "Created at", Label: "Created", Kind: DateTime, Virtual: true, System: true},
		{Key: "updated_at", Heading: "Updated at", Label: "Updated", Kind: DateTime, Virtual: true, System: true},
		{Key: "created_by", Heading: "Created by", Label: "Created by", Kind: User, Virtual: true, System: true},
		{Key: "import", Heading: "Import", Label: "Import", Kind: Integer, Virtual: true, System: true},
	}
	return fields
}
