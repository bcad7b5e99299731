package norm

import (
	"testing"
	"time"
)

// Rules 1.6 (order from the column), 3.3 (serial dates).
func TestDate(t *testing.T) {
	for _, tt := range []struct {
		name, in   string
		order      Order
		want, code string
	}{
		{"ISO", "2026-08-22", Unknown, "2026-08-22", ""},
		{"ISO basic", "20260822", Unknown, "2026-08-22", ""},
		{"year first, slashes", "2026/8/2", MDY, "2026-08-02", ""},
		{"rule 1.6 day first", "03/04/2025", DMY, "2025-04-03", ""},
		{"rule 1.6 month first", "03/04/2025", MDY, "2025-03-04", ""},
		{"rule 1.6 no order", "03/04/2025", Unknown, "", CodeDateAmbiguous},
		{"both the same", "04/04/2025", Unknown, "2025-04-04", ""},
		{"proves itself", "22.8.2026", Unknown, "2026-08-22", ""},
		{"rule 1.6 against the column", "25/12/2025", MDY, "2025-12-25", CodeDateOrder},
		{"two digits", "22.08.26", DMY, "2026-08-22", CodeDateTwoDigit},
		{"two digits, pivot", "01/02/69", MDY, "1969-01-02", CodeDateTwoDigit},
		{"two digits, year first", "26-08-22", YMD, "2026-08-22", CodeDateTwoDigit},
		{"English", "Aug 22, 2026", Unknown, "2026-08-22", ""},
		{"English, weekday", "Saturday, August 22nd, 2026", Unknown, "2026-08-22", ""},
		{"Oracle", "22-AUG-26", Unknown, "2026-08-22", CodeDateTwoDigit},
		{"German", "3. März 2024", Unknown, "2024-03-03", ""},
		{"French", "1er août 2026", Unknown, "2026-08-01", ""},
		{"Spanish", "22 de agosto de 2026", Unknown, "2026-08-22", ""},
		{"Polish", "22 sierpnia 2026", Unknown, "2026-08-22", ""},
		{"Russian", "22 августа 2026 г.", Unknown, "2026-08-22", ""},
		{"Turkish", "22 Ağustos 2026", Unknown, "2026-08-22", ""},
		{"Japanese", "2026年8月22日", Unknown, "2026-08-22", ""},
		{"time dropped", "2026-08-22 00:00:00", Unknown, "2026-08-22", ""},
		{"no such day", "31.02.2025", DMY, "", CodeDateInvalid},
		{"leap day", "29.02.2024", DMY, "2024-02-29", ""},
		{"rule 3.3 serial is not guessed", "45321", DMY, "", CodeDateInvalid},
		{"zero date", "0000-00-00", DMY, "", CodeDateInvalid},
		{"month and year", "August 2026", DMY, "", CodeDateInvalid},
		{"words", "next week", DMY, "", CodeDateInvalid},
		{"something behind", "22.8.2026 or so", DMY, "", CodeDateInvalid},
		{"empty", "", DMY, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, f := Date(tt.in, tt.order); got != tt.want || f.Code != tt.code {
				t.Errorf("Date(%q, %d) = %q, %+v; want %q, %q", tt.in, tt.order, got, f, tt.want, tt.code)
			}
		})
	}
}

// Rule 3.3.
func TestDateSerial(t *testing.T) {
	for in, want := range map[string]string{"1": "1900-01-01", "59": "1900-02-28", "61": "1900-03-01", "45321": "2024-01-30", "45321.75": "2024-01-30", "2024-01-30": "2024-01-30", "60": "", "x": ""} {
		if got, _ := DateSerial(in); got != want {
			t.Errorf("rule 3.3: DateSerial(%q) = %q, want %q", in, got, want)
		}
	}
	if got, _ := DateTimeSerial("45321.75", time.UTC); got != "2024-01-30T18:00:00Z" {
		t.Errorf("rule 3.3: %q", got)
	}
}

// Rule 3.4.
func TestDateTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	for _, tt := range []struct {
		name, in   string
		loc        *time.Location
		want, code string
	}{
		{"canonical", "2026-08-22T13:00:00Z", berlin, "2026-08-22T13:00:00Z", ""},
		{"rule 3.4 no zone", "22.08.2026 15:00", berlin, "2026-08-22T13:00:00Z", ""},
		{"rule 3.4 no zone, none given", "22.08.2026 15:00", nil, "2026-08-22T15:00:00Z", ""},
		{"own zone", "2026-08-22T15:00:00.123+02:00", time.UTC, "2026-08-22T13:00:00Z", ""},
		{"offset without colon", "2026-08-22 15:00:00 +0200", nil, "2026-08-22T13:00:00Z", ""},
		{"named zone", "Sat, 22 Aug 2026 09:00:00 EDT", nil, "2026-08-22T13:00:00Z", ""},
		{"PM", "22/08/2026 1:05 PM", nil, "2026-08-22T13:05:00Z", ""},
		{"noon", "22/08/2026 12:05 pm", nil, "2026-08-22T12:05:00Z", ""},
		{"midnight", "22/08/2026 12:05 a.m.", nil, "2026-08-22T00:05:00Z", ""},
		{"Uhr", "22. August 2026 15 Uhr", nil, "2026-08-22T15:00:00Z", ""},
		{"French", "22 août 2026 à 15h30", nil, "", CodeDateInvalid},
		{"French hour", "22 août 2026 15h30", nil, "2026-08-22T15:30:00Z", ""},
		{"date alone", "2026-08-22", berlin, "2026-08-21T22:00:00Z", ""},
		{"hour that was skipped", "29.03.2026 02:30", berlin, "2026-03-29T01:30:00Z", CodeDateTimeGap},
		{"25 o'clock", "2026-08-22 25:00", nil, "", CodeDateInvalid},
		{"unknown zone", "2026-08-22 12:00 XYZ", nil, "", CodeDateInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, f := DateTime(tt.in, DMY, tt.loc); got != tt.want || f.Code != tt.code {
				t.Errorf("DateTime(%q) = %q, %+v; want %q, %q", tt.in, got, f, tt.want, tt.code)
			}
		})
	}
}
