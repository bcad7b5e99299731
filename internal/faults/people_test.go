package faults_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// kind is what must become of a record.
type kind int

const (
	fresh  kind = iota // a new lead
	bad                // an error
	follow             // merged into an earlier record of the file
	update             // changes a lead that is there already
)

// person is one record of a generated file. Its token stands in the comments,
// which a follower and an update append to, so that every token must be found
// exactly once, whatever becomes of its record.
type person struct {
	kind kind
	of   int // follow: number of the record it belongs to; update: of the lead's record in the first file
}

// people is a generated file and the model of its import.
type people struct {
	name    string
	seed    uint64
	records []person // record n at n-1
}

func token(seed uint64, n int) string { return fmt.Sprintf("tok%d-%06d", seed, n) }

// firstFile makes a file of n new leads.
func firstFile(t *testing.T, dir string, n int) *people {
	f := &people{name: filepath.Join(dir, "first.csv"), seed: 1, records: make([]person, n)}
	f.write(t, nil)
	return f
}

// nextFile makes a file of n records, deterministic by seed: 2 % in error, 2 %
// that follow an earlier one, and one for each lead of the first file.
func nextFile(t *testing.T, dir string, seed uint64, n int, first *people) *people {
	f := &people{name: filepath.Join(dir, fmt.Sprintf("next-%d.csv", seed)), seed: seed, records: make([]person, n)}
	r := rand.New(rand.NewPCG(seed, 2026))
	var heads []int
	updates := r.Perm(len(first.records))
	for i := range f.records {
		p := &f.records[i]
		switch x := r.IntN(100); {
		case x < 2:
			p.kind = bad
		case x < 4 && len(heads) > 0:
			p.kind, p.of = follow, heads[r.IntN(len(heads))]
			if x == 2 { // just behind its head
				p.of = heads[len(heads)-1]
			}
		case x < 6 && len(updates) > 0:
			p.kind, p.of = update, updates[0]+1
			updates = updates[1:]
		default:
			heads = append(heads, i+1)
		}
	}
	f.write(t, first)
	return f
}

func (f *people) write(t *testing.T, first *people) {
	t.Helper()
	out, err := os.Create(f.name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(out)
	fmt.Fprint(w, "First name,Last name,Email,Company,Phone,Job title,Comments\n")
	for i, p := range f.records {
		n := i + 1
		switch p.kind {
		case fresh:
			fmt.Fprintf(w, "%s,%s,%s,%s GmbH,+49 30 %07d,Buyer,\"Met at the fair,\nsays %s\"\n", given(n), family(f.seed, n), mail(f.seed, n), family(f.seed, n), 2000000+n, token(f.seed, n))
		case follow:
			fmt.Fprintf(w, "%s,%s,%s,,,,again %s\n", given(p.of), family(f.seed, p.of), mail(f.seed, p.of), token(f.seed, n))
		case update:
			fmt.Fprintf(w, "%s,%s,%s,,,Head of purchasing %d,now %s\n", given(p.of), family(first.seed, p.of), mail(first.seed, p.of), n, token(f.seed, n))
		case bad:
			if n%2 == 0 {
				fmt.Fprintf(w, ",,,,,Buyer,%s\n", token(f.seed, n)) // no name, company, e-mail or phone
			} else {
				fmt.Fprintf(w, "%s,%s,%s,,,,%s,one cell too many\n", given(n), family(f.seed, n), mail(f.seed, n), token(f.seed, n))
			}
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func given(n int) string {
	return [...]string{"Ana", "Zoé", "Jürgen", "Mehmet", "Olga", "Nguyễn", "Łucja", "Σοφία"}[n%8]
}

// family is a name that only this record has.
func family(seed uint64, n int) string {
	x := uint64(n)*7919 + seed*1_000_003
	b := []byte{byte('A' + x%26)}
	for range 6 {
		x /= 26
		b = append(b, byte('a'+x%26))
	}
	return string(b)
}

func mail(seed uint64, n int) string { return fmt.Sprintf("p%d.%d@firm%d.example.com", seed, n, n%977) }

// accounting is the accounting line as the model has it.
type accounting struct {
	Records   int64 `json:"records"`
	New       int64 `json:"new"`
	Update    int64 `json:"update"`
	Unchanged int64 `json:"unchanged"`
	Skipped   int64 `json:"skipped"`
	Errors    int64 `json:"errors"`
	Conflicts int64 `json:"conflicts"`
}

func (a accounting) balances() bool {
	return a.Records == a.New+a.Update+a.Unchanged+a.Skipped+a.Errors+a.Conflicts
}

// first is the accounting of the first n records.
func (f *people) first(n int) accounting {
	var a accounting
	for _, p := range f.records[:n] {
		a.Records++
		switch p.kind {
		case fresh:
			a.New++
		case update:
			a.Update++
		case follow:
			a.Skipped++
		case bad:
			a.Errors++
		}
	}
	return a
}

func (f *people) all() accounting { return f.first(len(f.records)) }
