package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/store/pgtest"
)

func admin() access.Principal { return access.For(access.User{ID: 1, Role: "admin"}) }

// sample is a lead with five keys and some 15 columns, made from a number.
func sample(s *lead.Schema, n int) lead.Record {
	r := s.New()
	put := func(key, v string) { r.Values[s.Index(key)] = v }
	list := func(key string, elements ...[]string) {
		var l []lead.Element
		f := s.Field(key)
		for i, e := range elements {
			v := make([]string, len(f.Parts))
			copy(v, e)
			l = append(l, lead.Element{ID: int64(i + 1), Values: v})
		}
		put(key, lead.EncodeList(f.Parts, l))
	}
	put("name", fmt.Sprintf("Jerry Coleman %d", n))
	put("first_name", "Jerry")
	put("last_name", fmt.Sprintf("Coleman %d", n))
	put("job_title", "Head of Purchasing")
	put("status", "new")
	put("company_name", fmt.Sprintf("Gov Mart %d", n%5000))
	put("website", "https://example.com/")
	put("number_of_employees", "120")
	put("notes", "Met at the fair; wants a call back next week about the new line.")
	put("industry", "Retail")
	put("owner", "1")
	put("account", fmt.Sprintf("Gov Mart %d", n%5000))
	put("source", "trade_show")
	list("emails", []string{fmt.Sprintf("jerry.coleman%d@example.com", n)})
	list("phones", []string{fmt.Sprintf("+4917012%06d", n), "0170 12"}, []string{fmt.Sprintf("+4989%08d", n)})
	list("tags", []string{"fair"})
	a := make([]string, len(s.Field("addresses").Parts))
	for i, p := range s.Field("addresses").Parts {
		switch p.Key {
		case "street":
			a[i] = "1215 Caldwell Road"
		case "city":
			a[i] = "Rochester"
		case "postal_code":
			a[i] = "14608"
		case "country":
			a[i] = "US"
		}
	}
	list("addresses", a)
	return r
}

func BenchmarkWrite(b *testing.B) {
	ctx := context.Background()
	s, err := Open(ctx, Config{Path: filepath.Join(b.TempDir(), "leadport.db"), URL: pgtest.Chosen(b)})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	schema, err := s.Schema(ctx)
	if err != nil {
		b.Fatal(err)
	}
	const batch, perTx = 5000, 50000
	n := 0
	phase := func(name string, f func() error) {
		start := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/"+name)
	}
	for b.Loop() {
		var made [][]importer.Write
		for range 100000 / batch {
			w := make([]importer.Write, batch)
			for i := range w {
				n++
				w[i] = importer.Write{Create: true, After: sample(schema, n), Record: int64(n)}
			}
			made = append(made, w)
		}
		phase("create100k", func() error {
			for at := 0; at < len(made); at += perTx / batch {
				if err := s.InTx(ctx, func(t importer.Tx) error {
					for _, w := range made[at : at+perTx/batch] {
						if err := t.Write(ctx, admin(), importer.Origin{Actor: 1, Import: 1, At: time.Now()}, w); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					return err
				}
			}
			return nil
		})
		phase("findkeys500k", func() error {
			for _, w := range made {
				var keys []importer.Key
				for i := range w {
					keys = append(keys, importer.KeysOf(schema, w[i].After)...)
				}
				hits, err := s.FindKeys(ctx, admin(), keys)
				if err != nil || len(hits) < len(keys) {
					return fmt.Errorf("%d hits of %d: %w", len(hits), len(keys), err)
				}
			}
			return nil
		})
		phase("findmiss500k", func() error {
			for _, w := range made {
				var keys []importer.Key
				for i := range w {
					for _, k := range importer.KeysOf(schema, w[i].After) {
						k.Hash ^= 0x5555555555555555
						keys = append(keys, k)
					}
				}
				if _, err := s.FindKeys(ctx, admin(), keys); err != nil {
					return err
				}
			}
			return nil
		})
		phase("eachkey", func() error {
			return s.EachKey(ctx, admin(), func(uint64, int64, int64) error { return nil })
		})
		phase("load100k", func() error {
			for _, w := range made {
				ids := make([]int64, len(w))
				for i := range w {
					ids[i] = w[i].Lead
				}
				got, err := s.Load(ctx, admin(), ids)
				if err != nil || len(got) != len(ids) {
					return fmt.Errorf("%d leads of %d: %w", len(got), len(ids), err)
				}
			}
			return nil
		})
		phase("update100k", func() error {
			for at := 0; at < len(made); at += perTx / batch {
				if err := s.InTx(ctx, func(t importer.Tx) error {
					for _, w := range made[at : at+perTx/batch] {
						for i := range w {
							w[i].Create, w[i].Before = false, w[i].After
							w[i].After = w[i].After.Clone()
							w[i].After.Values[schema.Index("job_title")] = "CEO"
							w[i].After.Values[schema.Index("last_name")] += "x"
						}
						if err := t.Write(ctx, admin(), importer.Origin{Actor: 1, Import: 2, At: time.Now()}, w); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					return err
				}
			}
			return nil
		})
	}
}
