package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

type windowJSON struct {
	Items []struct {
		Record     int64
		Outcome    string
		Reason     string
		Name       string
		Lead       int64
		Stale      bool
		Cells      []string
		Fixed      []int
		Issues     []struct{ Code, Message, Remedy string }
		Was, Will  map[string]any
		Candidates []struct {
			Lead, Row int64
			Values    map[string]any
		}
	}
	Next, Total int64
}

type groupsJSON struct {
	Items []struct {
		Group        int
		Code, Remedy string
		Count        int64
	}
	Totals []struct {
		Code    string
		Column  int
		Groups  int
		Records int64
	}
}

func (c *client) recheck(id int64) importJSON {
	c.d.t.Helper()
	c.ok("POST", fmt.Sprintf("/imports/%d/check", id), map[string]any{}, nil)
	return c.settle(id)
}

// What the review asks for: lists with places, problems one after the other,
// cells found and mended, and nobody is shown a flag of the command line.
func TestReview(t *testing.T) {
	d := newDesk(t)
	_, c := d.person("ada", "admin")
	var file strings.Builder
	file.WriteString("Lead name,Email,Number of employees,Date\n")
	for i := 1; i <= 30; i++ {
		email, size := fmt.Sprintf("p%d@x.example", i), "10"
		if i%10 == 0 {
			email = fmt.Sprintf("p%d.x.example", i)
		}
		if i == 15 {
			size = "50-100"
		}
		fmt.Fprintf(&file, "Person %d,%s,%s,x\n", i, email, size)
	}
	id := c.checked("people.csv", file.String())
	at := fmt.Sprintf("/imports/%d", id)

	var before, after, prep map[string]any
	c.ok("GET", at, nil, &before)
	c.ok("GET", at+"/prepared", nil, &prep)
	c.ok("GET", at, nil, &after)
	if after["state"] != "checked" || before["state"] != "checked" {
		t.Errorf("looking at the settings makes %v of %v", after["state"], before["state"])
	}
	if first := prep["first"].([]any); len(first) != 10 || first[9].([]any)[1] != "p10.x.example" {
		t.Errorf("first records: %v", first)
	}

	var g groupsJSON
	text := c.ok("GET", at+"/groups", nil, &g).text
	if strings.Contains(text, "--") || strings.Contains(text, "leadport ") {
		t.Errorf("a flag is shown: %s", text)
	}
	found := false
	for _, x := range g.Totals {
		if x.Code == "email.invalid" {
			found = true
			if x.Groups != 3 || x.Records != 3 || x.Column != 1 {
				t.Errorf("total %+v", x)
			}
		}
	}
	if !found {
		t.Fatalf("no total: %s", text)
	}

	list := func(query string) (w windowJSON) {
		t.Helper()
		c.ok("GET", at+"/records?"+query, nil, &w)
		return w
	}
	if w := list("code=email.invalid&column=1&at=1&limit=1"); w.Total != 3 || len(w.Items) != 1 || w.Items[0].Record != 20 {
		t.Errorf("the second of the list: %+v", w)
	}
	if w := list("code=email.invalid&column=1&at=7"); w.Total != 3 || len(w.Items) != 0 {
		t.Errorf("behind the list: %+v", w)
	}
	if w := list("at=29&cells=true"); w.Total != 30 || len(w.Items) != 1 || w.Items[0].Will != nil || w.Items[0].Issues[0].Code != "email.invalid" {
		t.Errorf("the last record: %+v", w)
	}
	if w := list("problems=true&at=0"); w.Total != 4 {
		t.Errorf("with problems: %+v", w)
	}
	for _, x := range []struct {
		query      string
		record, at int64
	}{{"from=0", 10, 9}, {"from=10", 15, 14}, {"from=30", 0, 0}, {"from=15&back=true", 10, 9}, {"from=10&back=true", 0, 0}, {"from=10&code=email.invalid&column=1", 20, 1}} {
		var p struct{ Record, At int64 }
		c.ok("GET", at+"/problems?"+x.query, nil, &p)
		if p.Record != x.record || p.At != x.at {
			t.Errorf("%s: %+v, want record %d at %d", x.query, p, x.record, x.at)
		}
	}

	var hits struct {
		Items []struct {
			Record int64
			Column int
			Text   string
		}
		Next int64
	}
	c.ok("GET", at+"/cells?text=PERSON%201&limit=3", nil, &hits)
	if len(hits.Items) != 3 || hits.Items[1].Record != 10 || hits.Next != 12 {
		t.Errorf("found %+v", hits)
	}
	c.ok("GET", at+"/cells?text=PERSON&exact=true", nil, &hits)
	if len(hits.Items) != 0 {
		t.Errorf("case counts: %+v", hits)
	}

	// A cell mended shows so at once; a group is mended in one go.
	c.ok("POST", at+"/fixes", map[string]any{"fixes": []any{map[string]any{"record": 10, "column": 1, "was": "p10.x.example", "new": "p10@x.example"}}}, nil)
	if w := list("at=9&limit=1&cells=true"); len(w.Items[0].Issues) != 0 || w.Items[0].Cells[1] != "p10@x.example" || len(w.Items[0].Fixed) != 1 {
		t.Errorf("mended: %+v", w.Items[0])
	}
	c.is(409, "POST", at+"/fixes", map[string]any{"fixes": []any{map[string]any{"record": 10, "column": 1, "was": "p10.x.example", "new": "y"}}})
	for _, x := range g.Items {
		if x.Code == "integer.range" {
			c.ok("POST", at+"/fixes", map[string]any{"group": map[string]any{"group": x.Group, "new": "50"}}, nil)
		}
	}
	c.recheck(id)
	if w := list("problems=true&at=0"); w.Total != 2 {
		t.Errorf("two are mended, two are left: %+v", w)
	}

	// Another file keeps columns and corrections; the records may have moved.
	moved := strings.Replace(file.String(), "Person 1,", "Someone new,new@x.example,1,x\nPerson 1,", 1)
	other := c.upload("people-2.csv", strings.Replace(moved, "p15@", "changed@", 1))
	c.ok("POST", at+"/file", map[string]any{"from": other.ID}, &prep)
	c.is(404, "GET", fmt.Sprintf("/imports/%d", other.ID), nil)
	if got := c.recheck(id); got.File != "people-2.csv" || got.Accounting["records"] != 31 {
		t.Errorf("another file: %+v", got)
	}
	if w := list("at=10&limit=1"); w.Items[0].Cells[1] != "p10@x.example" {
		t.Errorf("the correction is lost: %+v", w.Items[0])
	}
	c.ok("GET", at+"/groups", nil, &g)
	set := 0
	for _, x := range g.Items {
		if x.Code == "fix.set_aside" {
			set++
		}
	}
	if set != 1 {
		t.Errorf("%d corrections are set aside, not 1", set)
	}

	c.ok("DELETE", at, nil, nil)
	c.is(404, "GET", at, nil)
	c.is(404, "DELETE", at, nil)
}

// A record in conflict is shown beside its candidates, and each can be decided.
func TestAnswers(t *testing.T) {
	d := newDesk(t)
	_, c := d.person("ada", "admin")
	c.ok("POST", "/leads", `{"values":{"name":"First Acme","company_name":"Acme","emails":["a@acme.example"]}}`, nil)
	c.ok("POST", "/leads", `{"values":{"name":"Second Acme","company_name":"Acme","emails":["a@acme.example"]}}`, nil)
	id := c.checked("twice.csv", "Lead name,Email,Website\nAcme one,a@acme.example,https://one.example\nAcme two,a@acme.example,https://two.example\nAcme three,a@acme.example,https://three.example\nFree,f@free.example,\n")
	at := fmt.Sprintf("/imports/%d", id)
	var w windowJSON
	c.ok("GET", at+"/records?outcome=conflict", nil, &w)
	if len(w.Items) != 3 || len(w.Items[0].Candidates) != 2 || w.Items[0].Candidates[1].Values["name"] != "Second Acme" || w.Items[0].Will["name"] != "Acme one" {
		t.Fatalf("%+v", w)
	}
	second := w.Items[0].Candidates[1].Lead
	answer := func(status int, body map[string]any) { t.Helper(); c.is(status, "POST", at+"/answers", body) }
	answer(422, map[string]any{"records": []int{1}, "do": "update"})
	answer(404, map[string]any{"records": []int{1}, "do": "update", "lead": 999})
	answer(204, map[string]any{"records": []int{1}, "do": "update", "lead": second})
	answer(204, map[string]any{"records": []int{2}, "do": "new"})
	answer(204, map[string]any{"records": []int{3}, "do": "skip"})
	got := c.recheck(id)
	if a := got.Accounting; a["update"] != 1 || a["new"] != 2 || a["skipped"] != 1 || a["conflicts"] != 0 {
		t.Fatalf("%v", a)
	}
	answer(204, map[string]any{"records": []int{3}, "do": "ask"})
	if a := c.recheck(id).Accounting; a["conflicts"] != 1 {
		t.Fatalf("the answer is not taken back: %v", a)
	}
	answer(204, map[string]any{"group": conflictGroup(t, c, at), "do": "update", "lead": second})
	if a := c.recheck(id).Accounting; a["update"] != 1 || a["conflicts"] != 0 {
		t.Fatalf("the group: %v", a)
	}
	c.ok("POST", at+"/start", nil, nil)
	if got := c.settle(id); got.State != "done" || got.Accounting["update"] != 1 || got.Accounting["new"] != 2 {
		t.Fatalf("%+v", got)
	}
	var l struct{ Values map[string]any }
	c.ok("GET", fmt.Sprintf("/leads/%d", second), nil, &l)
	if l.Values["website"] != "https://one.example" {
		t.Errorf("the chosen lead: %v", l.Values)
	}
}

func conflictGroup(t *testing.T, c *client, at string) int {
	t.Helper()
	var g groupsJSON
	c.ok("GET", at+"/groups", nil, &g)
	for _, x := range g.Items {
		if x.Code == "match.ambiguous" {
			return x.Group
		}
	}
	t.Fatalf("no group: %+v", g)
	return 0
}

// Questions are answered by what the answer says, and a check under way gives
// way to a change.
func TestDecisionAnswers(t *testing.T) {
	d := newDesk(t)
	_, c := d.person("ada", "admin")
	imp := c.upload("dates.csv", "Lead name,Follow-up date\nA,03/04/2026\nB,05/06/2026\n")
	at := fmt.Sprintf("/imports/%d", imp.ID)
	var prep struct {
		Recipe    map[string]any
		Decisions []struct {
			Code    string
			Answers []struct{ File, Value string }
			Flags   []string
		}
	}
	c.ok("POST", at+"/prepare", map[string]any{}, &prep)
	if len(prep.Decisions) != 1 || len(prep.Decisions[0].Answers) != 2 || prep.Decisions[0].Flags != nil {
		t.Fatalf("%+v", prep.Decisions)
	}
	answer := prep.Decisions[0].Answers[0]
	file, _ := prep.Recipe["file"].(map[string]any)
	if file == nil {
		file = map[string]any{}
	}
	file[answer.File] = answer.Value
	prep.Recipe["file"] = file
	for range 5 { // whoever is checking stops for it
		c.ok("POST", at+"/check", map[string]any{}, nil)
		c.ok("PUT", at+"/recipe", prep.Recipe, nil)
	}
	c.ok("PUT", at+"/recipe", prep.Recipe, &prep)
	if len(prep.Decisions) != 0 {
		t.Errorf("still asked: %+v", prep.Decisions)
	}
	if got := c.recheck(imp.ID); got.State != "checked" || got.Accounting["new"] != 2 {
		t.Errorf("%+v", got)
	}
}

// Who has just started something never sees it as it was before.
func TestEventsAreNew(t *testing.T) {
	d := newDesk(t)
	_, c := d.person("ada", "admin")
	id := c.checked("people.csv", people)
	watch := func() *http.Response {
		r, _ := http.NewRequest("GET", fmt.Sprintf("%s/imports/%d/events", d.url, id), nil)
		r.Header = c.head.Clone()
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	first := watch() // so that the import is looked at all the time
	defer first.Body.Close()
	for n := range 10 {
		owner := []string{"ada", ""}[n%2]
		c.ok("PATCH", fmt.Sprintf("/imports/%d", id), map[string]any{"owner": owner}, nil)
		res := watch()
		s := bufio.NewScanner(res.Body)
		for s.Scan() {
			if data, ok := strings.CutPrefix(s.Text(), "data: "); ok {
				var got struct{ State, Owner string }
				if err := json.Unmarshal([]byte(data), &got); err != nil || got.Owner != owner || got.State != "draft" {
					t.Errorf("%d: after the change it is shown as %s", n, data)
				}
				break
			}
		}
		res.Body.Close()
	}
}
