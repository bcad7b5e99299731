package store

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
)

// BenchmarkList pages through lists of many leads as the browser does, the
// count included. LEADPORT_LIST_LEADS says how many there are (1,000,000 in
// docs/benchmarks.md); p95 is over pages at the beginning and further on.
func BenchmarkList(b *testing.B) {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("LEADPORT_LIST_LEADS"), "5000"))
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	s, err := Open(ctx, Config{Path: filepath.Join(cmp.Or(os.Getenv("LEADPORT_LIST_DIR"), b.TempDir()), "leadport.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if have, err := s.Count(ctx); err != nil || have < int64(n) {
		start := time.Now()
		fillList(b, s, n)
		b.Logf("write %d leads: %v", n, time.Since(start))
	}
	start := time.Now()
	if _, err := s.IndexSearch(ctx, n+1); err != nil {
		b.Fatal(err)
	}
	b.Logf("index them: %v", time.Since(start))
	sales := access.For(access.User{ID: 7, Role: "sales", Team: 1})
	none := access.For(access.User{ID: 999, Role: "sales"})
	for _, c := range []struct {
		name string
		p    access.Principal
		q    LeadQuery
	}{
		{"created", admin(), LeadQuery{}},
		{"updated", admin(), LeadQuery{Sort: "updated"}},
		{"name", admin(), LeadQuery{Sort: "name", Asc: true}},
		{"name descending", admin(), LeadQuery{Sort: "name"}},
		{"company", admin(), LeadQuery{Sort: "company", Asc: true}},
		{"own", sales, LeadQuery{}},
		{"own, none", none, LeadQuery{}},
		{"own by name", sales, LeadQuery{Sort: "name", Asc: true}},
		{"status, most", admin(), LeadQuery{Status: "new"}},
		{"status, few", admin(), LeadQuery{Status: "canceled"}},
		{"status, few, by name", admin(), LeadQuery{Status: "canceled", Sort: "name", Asc: true}},
		{"status, few, by updated", admin(), LeadQuery{Status: "canceled", Sort: "updated"}},
		{"owner, few", admin(), LeadQuery{Owner: "8"}},
		{"owner, nobody's", admin(), LeadQuery{Owner: "none"}},
		{"source, few", admin(), LeadQuery{Source: "referral"}},
		{"my open", admin(), LeadQuery{Open: true, Owner: "8"}},
		{"new and untouched", admin(), LeadQuery{Status: "new", Fresh: true}},
		{"follow up", admin(), LeadQuery{Open: true, FollowUp: "2026-06-01"}},
		{"last import", admin(), LeadQuery{Last: true}},
		{"import", admin(), LeadQuery{Import: 3}},
		{"import by name", admin(), LeadQuery{Import: 3, Sort: "name", Asc: true}},
		{"tag, most", admin(), LeadQuery{Tag: "fair"}},
		{"tag, few", admin(), LeadQuery{Tag: "vip"}},
		{"country", admin(), LeadQuery{Country: "US"}},
		{"domain", admin(), LeadQuery{Domain: "example.com"}},
		{"words, few", admin(), LeadQuery{Text: "coleman 77"}},
		{"words, all", admin(), LeadQuery{Text: "jerry"}},
		{"words, all, by name", admin(), LeadQuery{Text: "jerry", Sort: "name", Asc: true}},
		{"bin", admin(), LeadQuery{Deleted: true}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var pages, counts []time.Duration
			for b.Loop() {
				q := c.q
				q.Limit = 100
				for range 8 {
					start := time.Now()
					page, err := s.ListLeads(ctx, c.p, q)
					if err != nil {
						b.Fatal(err)
					}
					pages = append(pages, time.Since(start))
					if q.After = page.Next; q.After == "" {
						break
					}
				}
				start := time.Now()
				if _, err := s.CountQuery(ctx, c.p, c.q, 10_001); err != nil {
					b.Fatal(err)
				}
				counts = append(counts, time.Since(start))
			}
			p95 := func(list []time.Duration) float64 {
				slices.Sort(list)
				return float64(list[len(list)*95/100].Microseconds()) / 1000
			}
			b.ReportMetric(p95(pages), "ms/page-p95")
			b.ReportMetric(p95(counts), "ms/count-p95")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func fillList(b *testing.B, s *Store, n int) {
	b.Helper()
	ctx := context.Background()
	for i := range 8 {
		u := access.User{Username: fmt.Sprint("u", i), Role: "admin", Team: int64(i % 2)}
		if err := s.AddUser(ctx, access.System(), &u, ""); err != nil {
			b.Fatal(err)
		}
	}
	schema, err := s.Schema(ctx)
	if err != nil {
		b.Fatal(err)
	}
	for at := 0; at < n; at += 50_000 {
		err := s.InTx(ctx, func(t importer.Tx) error {
			for from := at; from < min(n, at+50_000); from += 5000 {
				w := make([]importer.Write, min(n-from, 5000))
				for i := range w {
					k := from + i
					r := sample(schema, k)
					put := func(key, v string) { r.Values[schema.Index(key)] = v }
					put("name", fmt.Sprintf("%c%s Coleman %d", 'A'+k*7919%26, "jerry"[k%5:], k))
					put("owner", strconv.Itoa(1+k%7))
					switch {
					case k%1000 == 0:
						put("owner", "8")
					case k%1001 == 0:
						put("owner", "")
					}
					if k%200 == 0 {
						put("status", "canceled")
					}
					if k%300 == 0 {
						put("source", "referral")
					}
					if k%500 == 0 {
						put("follow_up_on", fmt.Sprintf("2026-%02d-11", 1+k/500%12))
					}
					if k%2000 == 0 {
						put("tags", `[{"id":1,"tag":"VIP"}]`)
					}
					w[i] = importer.Write{Create: true, After: r, Record: int64(k + 1)}
				}
				if err := t.Write(ctx, admin(), importer.Origin{Actor: 1, Import: int64(1 + from/50_000), At: time.Now()}, w); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
