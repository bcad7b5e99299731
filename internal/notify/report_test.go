package notify

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func report() Report {
	return Report{
		ID: "result.42@desk.example", To: []Address{{"Ana Silva", "ana@example.com"}},
		File: "trade-show.csv", Person: "Ana Silva",
		Accounting: map[string]int64{"records": 12480, "new": 9412, "update": 2240, "unchanged": 610, "skipped": 98,
			"errors": 115, "conflicts": 5, "cells_not_imported": 412},
		Problems: []Problem{
			{"The value “Hot” is not a valid choice of Status Id.", "Map it to a status, or leave it empty.", 37},
			{"The e-mail address has no @.", "", 412},
		},
		Links:     []Link{{"Open the result", "https://desk.example/imports/42"}, {"Download rejected records", "https://desk.example/imports/42/rejects"}},
		Command:   "leadport imports show 42",
		UndoUntil: time.Date(2027, 8, 1, 12, 0, 0, 0, time.UTC),
	}
}

// Each mail in both parts is a golden file: testdata/NAME.txt and NAME.html.
func TestMails(t *testing.T) { // rules 7.1 and 10.2
	local := Report{ID: "result.1@localhost", To: []Address{{Mail: "ana@example.com"}}, File: "leads.csv",
		Accounting: map[string]int64{"records": 1, "conflicts": 1, "cells_not_imported": 1}, Command: "leadport imports show 1"}
	failed := report()
	failed.Accounting, failed.Problems, failed.UndoUntil = nil, nil, time.Time{}
	failed.Reason = "The file is a PDF document."
	failed.Remedy = "In Excel: File › Save as › CSV UTF-8."
	for _, c := range []struct {
		name    string
		compose func(Report) (Message, error)
		report  Report
		subject string
	}{
		{"result", ResultMail, report(), "Result of importing file trade-show.csv"},
		{"result-local", ResultMail, local, "Result of importing file leads.csv"},
		{"validation", ValidationMail, report(), "Result of import validation file trade-show.csv"},
		{"failed", FailedMail, failed, "Cannot import file trade-show.csv"},
		{"assigned", func(r Report) (Message, error) { return AssignedMail(r, 312) },
			Report{Person: "Ana", File: "trade-show.csv", Links: report().Links[:1]}, "Ana gave you 312 leads from trade-show.csv"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := c.compose(c.report)
			if err != nil {
				t.Fatal(err)
			}
			if m.Subject != c.subject {
				t.Errorf("subject %q, want %q", m.Subject, c.subject)
			}
			if m.ID != c.report.ID {
				t.Errorf("id %q", m.ID)
			}
			golden(t, c.name+".txt", m.Text)
			golden(t, c.name+".html", m.HTML)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update and look at the difference):\n%s", path, got)
	}
}

func TestBalance(t *testing.T) { // rule 7.1
	for _, c := range []struct {
		accounting map[string]int64
		want       string
	}{
		{nil, ""},
		{map[string]int64{"records": 0}, "0 records = nothing to do"},
		{map[string]int64{"records": 1, "update": 1}, "1 record = 1 update"},
		{map[string]int64{"records": 1234567, "new": 1234566, "conflicts": 1}, "1,234,567 records = 1,234,566 new + 1 needs your decision"},
		{map[string]int64{"records": 4, "unchanged": 2, "skipped": 1, "errors": 1}, "4 records = 2 unchanged + 1 skipped + 1 with errors"},
	} {
		if got := balance(c.accounting); got != c.want {
			t.Errorf("%v: %q, want %q", c.accounting, got, c.want)
		}
	}
}

// Only web pages are linked, whoever made the list.
func TestLinks(t *testing.T) {
	r := report()
	r.Links = []Link{{"script", "javascript:alert(1)"}, {"data", "data:text/html,x"}, {"no host", "https:///x"}, {"relative", "/imports/1"},
		{"quote", `https://desk.example/"><script>`}}
	m, err := ResultMail(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{m.Text, m.HTML} {
		for _, bad := range []string{"javascript", "data:", "https:///", "relative", "<script"} {
			if strings.Contains(part, bad) {
				t.Errorf("%q stands in\n%s", bad, part)
			}
		}
	}
	if !strings.Contains(m.Text, "https://desk.example/%22%3E%3Cscript%3E") {
		t.Errorf("the good link is missing in\n%s", m.Text)
	}
}
