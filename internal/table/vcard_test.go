package table

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// TestVCard: rule 1.1.
func TestVCard(t *testing.T) {
	const text = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Müller;Ana;;Dr.;\r\nFN:Dr. Ana Müller\r\nORG:Acme\\, Inc.;Sales\r\nTITLE:Head of \r\n Sales\r\nitem1.EMAIL;TYPE=work:ana@example.com\r\nEMAIL:a@example.org\r\nTEL;TYPE=cell:+49 170 1\r\nTEL;TYPE=FAX:+49 30 2\r\nADR;TYPE=work:;;Main St 5;Köln;;50667;Germany\r\nNOTE:one\\ntwo\r\nPHOTO:AAAA\r\nEND:VCARD\r\n" +
		"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=\r\n=B6rg\r\nFN:Jörg\r\nEND:VCARD\r\n"
	det, rows := readAll(t, BytesSource("x.vcf", []byte(text)), Options{})
	want := []string{"Dr. Ana Müller", "Dr.", "Ana", "", "Müller", "", "Acme, Inc.", "Sales", "Head of Sales", "", "", "one\ntwo", "", "ana@example.com", "a@example.org", "+49 170 1", "Main St 5", "Köln", "", "50667", "Germany"}
	if det.Container != "vcard" || len(rows) != 2 || !reflect.DeepEqual(rows[0].Cells, want) {
		t.Fatalf("%+v\n%+v", det, rows)
	}
	if c := rows[1].Cells; c[2] != "Jörg" || c[4] != "Müller" {
		t.Errorf("%q", c)
	}
	var damage *Damage
	if _, err := Detect(t.Context(), BytesSource("x.vcf", []byte(strings.TrimSuffix(text, "END:VCARD\r\n"))), Options{}); !errors.As(err, &damage) {
		t.Error(err)
	}
}
