package notify

import (
	_ "embed"
	"html/template"
	"strings"
)

// body is the content of a mail, ready to be shown: the same for both parts.
type body struct {
	Title, Lead    string
	Reason, Remedy string
	Balance, Cells string
	Problems       []problem
	Links          []Link
	Command, Undo  string
}

type problem struct{ Records, Text, Remedy string }

// clean makes each text one line: a file name with a line break could otherwise
// speak for Leadport in the text part.
func (b *body) clean() {
	all := []*string{&b.Title, &b.Lead, &b.Reason, &b.Remedy, &b.Balance, &b.Cells, &b.Command, &b.Undo}
	for i := range b.Problems {
		p := &b.Problems[i]
		all = append(all, &p.Records, &p.Text, &p.Remedy)
	}
	for i := range b.Links {
		all = append(all, &b.Links[i].Label, &b.Links[i].URL)
	}
	for _, s := range all {
		*s = oneLine(*s)
	}
}

// text is the part for plain mail readers and for quick looks: short
// paragraphs, no drawing.
func (b *body) text() string {
	var paragraphs []string
	add := func(lines ...string) {
		if p := strings.Join(lines, "\n"); p != "" {
			paragraphs = append(paragraphs, p)
		}
	}
	add(b.Lead)
	add(b.Reason)
	add(b.Remedy)
	add(b.Balance)
	add(b.Cells)
	if len(b.Problems) > 0 {
		lines := []string{"Problems:"}
		for _, p := range b.Problems {
			lines = append(lines, "- "+p.Records+": "+p.Text)
			if p.Remedy != "" {
				lines = append(lines, "  "+p.Remedy)
			}
		}
		add(lines...)
	}
	for _, l := range b.Links {
		add(l.Label+":", l.URL)
	}
	if b.Command != "" {
		add("On the command line:", "  "+b.Command)
	}
	add(b.Undo)
	return strings.Join(paragraphs, "\n\n") + "\n"
}

//go:embed mail.html
var layout string

// html is the part with the same content in a layout of tables, which is what
// mail readers agree on. html/template makes every text inert.
func (b *body) html() (string, error) {
	t, err := template.New("mail").Parse(layout)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = t.Execute(&out, b)
	return out.String(), err
}
