package notify

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Report is what a mail tells about one import. Texts may come from the file or
// from a person: they are shown as text, on one line.
type Report struct {
	ID     string    // the mail's Message-ID; see MessageID
	To     []Address // best one: see Message
	File   string    // its name, as the person gave it
	Person string    // who imported

	// Accounting holds records, new, update, unchanged, skipped, errors,
	// conflicts and cells_not_imported (rule 7.1). A nil map: nothing was counted.
	Accounting map[string]int64
	Problems   []Problem // the top ones, worst first
	Links      []Link    // none if the server's address is not known
	Command    string    // the command line that shows more; "" for none
	UndoUntil  time.Time // in the person's time zone; zero: there is nothing to undo

	Reason string // FailedMail: why, and where
	Remedy string // FailedMail: what to do
}

// Problem is a group of issues.
type Problem struct {
	Text    string // what is wrong
	Remedy  string // what to do, or ""
	Records int64  // how many records have it
}

// Link is a page to open. Only http and https addresses are shown.
type Link struct{ Label, URL string }

// ResultMail tells how an import ended.
func ResultMail(r Report) (Message, error) {
	return r.message("Result of importing file "+r.File, body{
		Title: "Import finished",
		Lead:  fmt.Sprintf("%s imported “%s”.", orSomebody(r.Person), r.File),
	})
}

// ValidationMail tells what a check found that somebody asked for by Validate.
func ValidationMail(r Report) (Message, error) {
	r.UndoUntil = time.Time{} // nothing was done
	return r.message("Result of import validation file "+r.File, body{
		Title: "Validation finished",
		Lead:  fmt.Sprintf("%s validated “%s”. Nothing has been changed yet.", orSomebody(r.Person), r.File),
	})
}

// FailedMail tells that an import could not be done, why, and what to do.
func FailedMail(r Report) (Message, error) {
	return r.message("Cannot import file "+r.File, body{
		Title:  "Import failed",
		Lead:   fmt.Sprintf("“%s” could not be imported.", r.File),
		Reason: r.Reason,
		Remedy: r.Remedy,
	})
}

// AssignedMail tells a new owner, once per import, how many leads it brought.
func AssignedMail(r Report, leads int64) (Message, error) {
	what := fmt.Sprintf("%s gave you %s from ", orSomebody(r.Person), counted(leads, "lead", "leads"))
	return r.message(what+r.File, body{Title: "New leads for you", Lead: what + "“" + r.File + "”."})
}

func orSomebody(person string) string {
	if strings.TrimSpace(person) == "" {
		return "Somebody"
	}
	return person
}

// message puts the report's part into b, cleans all of it and makes both texts.
func (r Report) message(subject string, b body) (Message, error) {
	b.Balance = balance(r.Accounting)
	if n := r.Accounting["cells_not_imported"]; n > 0 {
		b.Cells = counted(n, "cell was", "cells were") + " not imported."
	}
	for _, p := range r.Problems {
		b.Problems = append(b.Problems, problem{
			Records: counted(p.Records, "record", "records"), Text: p.Text, Remedy: p.Remedy})
	}
	for _, l := range r.Links {
		if u, err := url.Parse(l.URL); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
			b.Links = append(b.Links, Link{l.Label, u.String()})
		}
	}
	b.Command = r.Command
	if !r.UndoUntil.IsZero() {
		b.Undo = "You can undo this until " + r.UndoUntil.Format("2 January 2006") + "."
	}
	b.clean()
	html, err := b.html()
	if err != nil {
		return Message{}, fmt.Errorf("compose mail: %w", err)
	}
	return Message{ID: r.ID, To: r.To, Subject: oneLine(subject), Text: b.text(), HTML: html}, nil
}

// balance is the accounting line: "3 records = 2 new + 1 update". Kinds of which
// there are none are left out, so that it reads as a sentence and stays true.
func balance(a map[string]int64) string {
	if a == nil {
		return ""
	}
	var parts []string
	for _, k := range []struct{ key, one, more string }{
		{"new", "new", "new"},
		{"update", "update", "updates"},
		{"unchanged", "unchanged", "unchanged"},
		{"skipped", "skipped", "skipped"},
		{"errors", "with errors", "with errors"},
		{"conflicts", "needs your decision", "need your decision"},
	} {
		if n := a[k.key]; n != 0 {
			parts = append(parts, counted(n, k.one, k.more))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing to do"}
	}
	return counted(a["records"], "record", "records") + " = " + strings.Join(parts, " + ")
}
