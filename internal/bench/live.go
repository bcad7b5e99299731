package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"
)

func start(ctx context.Context, b *bench) (float64, error) {
	data := b.fresh("data")
	defer os.RemoveAll(data)
	s, took, err := b.serve(ctx, data)
	if err != nil {
		return 0, err
	}
	s.stop()
	return took.Seconds(), nil
}

// onLeads runs f beside a server on the folder with the leads.
func (b *bench) onLeads(ctx context.Context, f func(s *server) (float64, error)) (float64, error) {
	data, err := b.loaded(ctx)
	if err != nil {
		return 0, err
	}
	s, err := b.signedIn(ctx, data)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	return f(s)
}

// timed returns how long each request took, in seconds and in order.
func (s *server) timed(ctx context.Context, paths []string) ([]float64, error) {
	var took []float64
	for _, path := range paths {
		began := time.Now()
		if err := s.get(ctx, path, nil); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began).Seconds())
	}
	slices.Sort(took)
	return took, nil
}

// percentile of sorted figures.
func percentile(sorted []float64, p float64) float64 {
	return sorted[min(len(sorted)-1, int(p/100*float64(len(sorted))))]
}

func list(ctx context.Context, b *bench) (float64, error) {
	return b.onLeads(ctx, func(s *server) (float64, error) {
		var paths []string
		for _, sort := range []string{"updated", "created", "name", "company"} {
			for _, filter := range []string{"", "status=new", "owner=me", "source=website", "import=1", "tag=Fair+2026", "country=DE", "domain=mail.example.org"} {
				for _, order := range []string{"asc", "desc"} {
					paths = append(paths, "/leads?sort="+sort+"&order="+order+"&"+filter)
				}
			}
		}
		took, err := s.timed(ctx, paths)
		return percentile(took, 95), err
	})
}

func search(ctx context.Context, b *bench) (float64, error) {
	return b.onLeads(ctx, func(s *server) (float64, error) {
		var paths []string
		for range 25 {
			i := 1 + rand.IntN(b.Records)
			for _, q := range []string{fmt.Sprintf("contact%d", i), "Garcia", "+49 30", fmt.Sprintf("Müller Software %d", i/5), fmt.Sprintf("C-%d", 1_000_000+i)} {
				paths = append(paths, "/leads?q="+url.QueryEscape(q))
			}
		}
		took, err := s.timed(ctx, paths)
		return percentile(took, 95), err
	})
}

// onCheck runs f on a server of a new folder in which the file is checked.
func (b *bench) onCheck(ctx context.Context, f func(s *server, id int64) (float64, error)) (float64, error) {
	file, err := b.file(1, b.Records, false)
	if err != nil {
		return 0, err
	}
	data := b.fresh("data")
	defer os.RemoveAll(data)
	s, err := b.signedIn(ctx, data)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	id, err := s.checked(ctx, file)
	if err != nil {
		return 0, err
	}
	return f(s, id)
}

func window(ctx context.Context, b *bench) (float64, error) {
	return b.onCheck(ctx, func(s *server, id int64) (float64, error) {
		var paths []string
		for range 50 {
			paths = append(paths, fmt.Sprintf("/imports/%d/records?first=%d&limit=50", id, 1+rand.IntN(b.Records)))
		}
		took, err := s.timed(ctx, paths)
		return percentile(took, 100), err
	})
}

// changed is how long the check takes after a change of the settings.
func (b *bench) changed(ctx context.Context, change func(recipe map[string]any) error) (float64, error) {
	return b.onCheck(ctx, func(s *server, id int64) (float64, error) {
		path := fmt.Sprintf("/imports/%d/recipe", id)
		var recipe map[string]any
		if err := s.get(ctx, path, &recipe); err != nil {
			return 0, err
		}
		if err := change(recipe); err != nil {
			return 0, err
		}
		began := time.Now()
		if err := s.send(ctx, "PUT", path, recipe, nil); err != nil {
			return 0, err
		}
		err := s.check(ctx, id)
		return time.Since(began).Seconds(), err
	})
}

// recheck answers a value that one record in a hundred holds.
func recheck(ctx context.Context, b *bench) (float64, error) {
	return b.changed(ctx, func(recipe map[string]any) error {
		recipe["values"] = map[string]any{"source": map[string]string{"Messe": "trade_show"}}
		return nil
	})
}

// remap takes a column's field from it.
func remap(ctx context.Context, b *bench) (float64, error) {
	return b.changed(ctx, func(recipe map[string]any) error {
		columns, _ := recipe["columns"].([]any)
		for _, c := range columns {
			if c, _ := c.(map[string]any); c["heading"] == "Job title" {
				c["to"] = []string{}
				return nil
			}
		}
		return fmt.Errorf("the recipe has no column Job title")
	})
}

// during runs f while the file is imported beside the leads that are there.
func (b *bench) during(ctx context.Context, f func(s *server, running func() bool) (float64, error)) (float64, error) {
	data, err := b.copied(ctx)
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(data)
	file, err := b.file(1+b.Records, b.Records, false)
	if err != nil {
		return 0, err
	}
	s, err := b.signedIn(ctx, data)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	id, err := s.checked(ctx, file)
	if err != nil {
		return 0, err
	}
	started := false
	return f(s, func() bool {
		if !started {
			started = true
			err = s.send(ctx, "POST", fmt.Sprintf("/imports/%d/start", id), struct{}{}, nil)
			return err == nil
		}
		var imp struct{ State string }
		return s.get(ctx, fmt.Sprintf("/imports/%d", id), &imp) == nil && imp.State == "running"
	})
}

func reads(ctx context.Context, b *bench) (float64, error) {
	return b.during(ctx, func(s *server, running func() bool) (float64, error) {
		some := func() []string {
			var paths []string
			for range 10 {
				paths = append(paths, fmt.Sprintf("/leads/%d", 1+rand.IntN(b.Records/2)), "/leads?limit=50")
			}
			return paths
		}
		var idle, busy []float64
		for range 20 {
			took, err := s.timed(ctx, some())
			if err != nil {
				return 0, err
			}
			idle = append(idle, took...)
		}
		for running() {
			took, err := s.timed(ctx, some())
			if err != nil {
				return 0, err
			}
			busy = append(busy, took...)
		}
		if len(busy) == 0 {
			return 0, fmt.Errorf("the import ended before anything was read")
		}
		slices.Sort(idle)
		slices.Sort(busy)
		return percentile(busy, 99) / percentile(idle, 99), nil
	})
}

func edit(ctx context.Context, b *bench) (float64, error) {
	return b.during(ctx, func(s *server, running func() bool) (float64, error) {
		var took []float64
		for running() {
			path := fmt.Sprintf("/leads/%d", 1+rand.IntN(b.Records/2))
			header, err := s.ask(ctx, "GET", path, nil, nil, nil)
			if err != nil {
				return 0, err
			}
			began := time.Now()
			err = s.send(ctx, "PATCH", path, map[string]any{"values": map[string]string{"job_title": fmt.Sprintf("Edited %d", len(took))}}, http.Header{"If-Match": header["Etag"]})
			if err != nil {
				return 0, err
			}
			took = append(took, time.Since(began).Seconds())
			time.Sleep(20 * time.Millisecond)
		}
		if len(took) == 0 {
			return 0, fmt.Errorf("the import ended before anything was edited")
		}
		slices.Sort(took)
		return percentile(took, 95), nil
	})
}
