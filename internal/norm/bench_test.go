package norm

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/lead"
)

func BenchmarkFunctions(b *testing.B) {
	options := []lead.Option{{ID: "new", Label: "New"}, {ID: "qualified", Label: "Qualified"}, {ID: "canceled", Label: "Disqualified"}}
	var sink string
	var sum uint64
	clean := func(f func(string) string) func(string) { return func(s string) { sink = f(s) } }
	for _, bm := range []struct {
		name, in string
		do       func(string)
	}{
		{"Clean/ascii", "Rochester Institute", clean(Clean)},
		{"Clean/utf8", "Müller & Söhne", clean(Clean)},
		{"Clean/blank", "  Rochester ", clean(Clean)},
		{"Unprotect", "Rochester", func(s string) { sink = Unprotect(s, false) }},
		{"Absent", "Rochester", clean(Absent)},
		{"Text", "Rochester Institute", func(s string) { Text(s, 255, false) }},
		{"Email/clean", "jerry.coleman@example.com", func(s string) { Email(s) }},
		{"Email/mended", "mailto:jerry.coleman@example.com", func(s string) { Email(s) }},
		{"Emails/two", "jerry@example.com; ana@example.com", func(s string) { Emails(s) }},
		{"Phone/e164", "+15852551127", func(s string) { Phone(s, "US") }},
		{"Phone/written", "(585) 255-1127", func(s string) { Phone(s, "US") }},
		{"Phone/german", "089 / 1234567", func(s string) { Phone(s, "DE") }},
		{"Phone/extension", "585-255-1127 ext. 12", func(s string) { Phone(s, "US") }},
		{"URL/clean", "https://www.example.com/about", func(s string) { URL(s) }},
		{"URL/added", "www.example.com", func(s string) { URL(s) }},
		{"Integer/clean", "1200", func(s string) { Integer(s, Marks{'.'}, 0) }},
		{"Integer/grouped", "1,200", func(s string) { Integer(s, Marks{'.'}, 0) }},
		{"Decimal", "1,200.50", func(s string) { Decimal(s, Marks{'.'}) }},
		{"Date/iso", "2026-08-22", func(s string) { Date(s, DMY) }},
		{"Date/numbers", "22.08.2026", func(s string) { Date(s, DMY) }},
		{"Date/words", "22 August 2026", func(s string) { Date(s, DMY) }},
		{"DateTime/canonical", "2026-08-22T13:00:00Z", func(s string) { DateTime(s, DMY, time.UTC) }},
		{"DateTime/written", "2026-08-22 13:00:00", func(s string) { DateTime(s, DMY, time.UTC) }},
		{"Bool", "yes", func(s string) { Bool(s) }},
		{"CountryCode/iso2", "US", func(s string) { CountryCode(s) }},
		{"CountryCode/name", "United States", func(s string) { CountryCode(s) }},
		{"RegionCode/combined", "US-NY", func(s string) { RegionCode("US", s) }},
		{"RegionCode/name", "New York", func(s string) { RegionCode("US", s) }},
		{"ChoiceID/id", "qualified", func(s string) { ChoiceID(s, options) }},
		{"ChoiceID/label", "Disqualified", func(s string) { ChoiceID(s, options) }},
		{"Fold/ascii", "Rochester Institute", clean(Fold)},
		{"Fold/utf8", "Müller & Söhne", clean(Fold)},
		{"FoldName/utf8", "Müller & Söhne", clean(FoldName)},
		{"NearName", "Colemann", func(s string) { NearName(s, "Coleman") }},
		{"EmailKey/clean", "jerry.coleman@example.com", clean(EmailKey)},
		{"Key/name", "Gov Mart", func(s string) { Key(KeyName, s, "Gov Mart Inc.") }},
		{"Hash", "jerry.coleman@example.com", func(s string) { sum = Hash(KeyEmail, s) }},
		{"RoleMailbox", "jerry.coleman@example.com", func(s string) { RoleMailbox(s) }},
		{"SplitFullName", "Dr. Jerry A. Coleman Jr.", func(s string) { SplitFullName(s) }},
		{"Protect", "Rochester", clean(Protect)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			bm.do(bm.in) // builds the tables
			b.ReportAllocs()
			for b.Loop() {
				bm.do(bm.in)
			}
		})
	}
	runtime.KeepAlive(sink)
	runtime.KeepAlive(sum)
}

// BenchmarkRecord cleans a record of 25 cells as the check does; phones
// differ in every record, so that no memo helps. One op is one record.
func BenchmarkRecord(b *testing.B) {
	options := []lead.Option{{ID: "new", Label: "New"}, {ID: "qualified", Label: "Qualified"}}
	phones := make([]string, 4096)
	for i := range phones {
		n := strconv.Itoa(2000000 + i*37)
		phones[i] = "(585) " + n[:3] + "-" + n[3:]
	}
	cell := func(s string) string { return Unprotect(Clean(s), false) }
	Phone("+15852551127", "US") // builds the tables
	RegionCode("US", "NY")
	CountryCode("US")
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		var sum uint64
		for i := 0; pb.Next(); i++ {
			for _, s := range [...]string{"Gov Mart", "Mr", "Jerry", "", "Coleman", "Jr.", "Manager", "Gov Mart Inc.", "Retail", "Primary Address",
				"", "12 Main Street", "", "14608", "Rochester", "@jerry"} {
				s = cell(s)
				if Absent(s) == "" {
					Text(s, 255, false)
				}
			}
			email, _ := Email(cell("jerry.coleman@example.com"))
			sum += Hash(KeyEmail, Key(KeyEmail, email)) + Hash(KeyName, Key(KeyName, "Gov Mart", "Gov Mart Inc."))
			Phone(cell(phones[i%4096]), "US")
			Phone(cell(phones[(i+2048)%4096]), "US")
			URL(cell("https://www.example.com"))
			Integer(cell("1200"), Marks{'.'}, 0)
			Date(cell("22.08.2026"), DMY)
			DateTime(cell("2026-08-22 13:00:00"), DMY, time.UTC)
			country, _ := CountryCode(cell("US"))
			RegionCode(country, cell("NY"))
			ChoiceID(cell("qualified"), options)
			Bool(cell("no"))
		}
	})
}
