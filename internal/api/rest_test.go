package api_test

import (
	"fmt"
	"slices"
	"testing"
)

// rule 8.2: what an import left is decided and mended in a child import, which
// has its own undo.
func TestRest(t *testing.T) {
	d := newDesk(t)
	_, c := d.person("ada", "admin")
	for _, name := range []string{"First Acme", "Second Acme"} {
		c.ok("POST", "/leads", fmt.Sprintf(`{"values":{"name":%q,"company_name":"Acme","emails":["a@acme.example"]}}`, name), nil)
	}
	id := c.checked("fair.csv", "Lead name,Email,Owner,Website,Size\nAcme,a@acme.example,,https://one.example,1\nFree,f@free.example,,,\n=Mine,m@x.example,nobody,,3\n")
	at := fmt.Sprintf("/imports/%d", id)
	c.is(409, "POST", at+"/rest", nil) // it has not run yet
	c.ok("POST", at+"/start", nil, nil)
	if a := c.settle(id).Accounting; a["new"] != 1 || a["conflicts"] != 1 || a["errors"] != 1 {
		t.Fatalf("%v", a)
	}
	var child, again importJSON
	c.ok("POST", at+"/rest", nil, &child)
	c.ok("POST", at+"/rest", nil, &again)
	if child.ID == id || child.ID != again.ID || child.File != "fair (rest).csv" {
		t.Fatalf("%+v, then %+v", child, again)
	}
	rest := fmt.Sprintf("/imports/%d", child.ID)
	c.ok("POST", rest+"/prepare", map[string]any{}, nil)
	if a := c.recheck(child.ID).Accounting; a["records"] != 2 || a["conflicts"] != 1 || a["errors"] != 1 {
		t.Fatalf("of the child: %v", a)
	}
	var w windowJSON
	c.ok("GET", rest+"/records?outcome=conflict", nil, &w)
	if len(w.Items) != 1 || len(w.Items[0].Candidates) != 2 {
		t.Fatalf("%+v", w)
	}
	second := w.Items[0].Candidates[1].Lead
	c.is(204, "POST", rest+"/answers", map[string]any{"records": []int64{w.Items[0].Record}, "do": "update", "lead": second})
	c.is(204, "POST", rest+"/fixes", map[string]any{"fixes": []any{map[string]any{"record": 2, "column": 2, "was": "nobody", "new": "ada"}}})
	if a := c.recheck(child.ID).Accounting; a["update"] != 1 || a["new"] != 1 {
		t.Fatalf("decided: %v", a)
	}
	c.ok("POST", rest+"/start", nil, nil)
	if got := c.settle(child.ID); got.State != "done" || got.Accounting["update"] != 1 {
		t.Fatalf("%+v", got)
	}
	c.ok("GET", rest+"/records?outcome=update", nil, &w)
	if len(w.Items) != 1 || w.Items[0].Stale || w.Items[0].Name != "Acme" || w.Items[0].Was["name"] != "Second Acme" || w.Items[0].Will["website"] != "https://one.example" {
		t.Errorf("what the child changed: %+v", w)
	}
	site := func() any {
		var l struct{ Values map[string]any }
		c.ok("GET", fmt.Sprintf("/leads/%d", second), nil, &l)
		return l.Values["website"]
	}
	if site() != "https://one.example" {
		t.Errorf("the decision is not carried out: %v", site())
	}
	c.ok("GET", "/leads?q=mine", nil, &w)
	if len(w.Items) != 1 {
		t.Errorf("the mended record: %+v", w)
	}
	c.ok("GET", at+"/records?outcome=conflict", nil, &w)
	if len(w.Items) != 0 {
		t.Errorf("the first import still asks: %+v", w)
	}
	c.is(409, "POST", at+"/rest", nil) // nothing is left
	c.ok("POST", rest+"/undo", map[string]any{}, &again)
	c.settle(again.ID)
	if site() != nil {
		t.Errorf("the child is undone, the website stays: %v", site())
	}
	c.ok("GET", at+"/records?outcome=conflict", nil, &w)
	if len(w.Items) != 1 {
		t.Errorf("the child is undone, its record counts as in: %+v", w)
	}
	var list struct{ Items []importJSON }
	c.ok("GET", fmt.Sprintf("/imports?parent=%d", id), nil, &list)
	if len(list.Items) != 1 || list.Items[0].ID != child.ID {
		t.Errorf("children: %+v", list)
	}
}

// New leads without an owner are shared equally among several, in their order.
func TestSharedOwner(t *testing.T) {
	d := newDesk(t)
	ada, c := d.person("ada", "admin")
	ben, _ := d.person("ben", "sales")
	cid, _ := d.person("cid", "sales")
	// Those that the file gives to somebody take no turn.
	id := c.checked("people.csv", "Lead name,Email,Owner\nOne,1@x.example,\nMine,4@x.example,cid\nTwo,2@x.example,\nHers,5@x.example,cid\nThree,3@x.example,\n")
	at := fmt.Sprintf("/imports/%d", id)
	var r map[string]any
	c.ok("GET", at+"/recipe", nil, &r)
	r["same"] = []any{map[string]any{"field": "owner", "value": "ada, nobody"}}
	c.ok("PUT", at+"/recipe", r, nil)
	if got := c.recheck(id); got.State != "draft" || got.Reason != `owner: there is no user "nobody"` {
		t.Errorf("an unknown owner: %+v", got)
	}
	r["same"] = []any{map[string]any{"field": "owner", "value": "ada, ben"}}
	c.ok("PUT", at+"/recipe", r, nil)
	c.recheck(id)
	a, b, other := fmt.Sprint(ada.ID), fmt.Sprint(ben.ID), fmt.Sprint(cid.ID)
	preview := func(what string, want ...string) {
		t.Helper()
		var w windowJSON
		c.ok("GET", at+"/records", nil, &w)
		var got []string
		for _, x := range w.Items {
			got = append(got, fmt.Sprint(x.Will["owner"]))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, not %v", what, got, want)
		}
	}
	preview("preview", a, other, b, other, a)
	c.is(204, "POST", at+"/fixes", map[string]any{"fixes": []any{map[string]any{"record": 2, "column": 2, "was": "cid", "new": ""}}})
	c.recheck(id)
	preview("one more takes a turn", a, b, a, other, b)
	c.ok("POST", at+"/start", nil, nil)
	c.settle(id)
	var page struct{ Count int }
	for who, want := range map[string]int{a: 2, b: 2, other: 1} {
		if c.ok("GET", "/leads?count=true&owner="+who, nil, &page); page.Count != want {
			t.Errorf("%s has %d leads, not %d", who, page.Count, want)
		}
	}
}
