package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
)

// Finding is something that does not hold in the database, for people.
type Finding struct {
	What   string // "integrity", "keys", "audit", "accounting", "leftover"
	Detail string
}

// maxFindings bounds how many of one kind are told one by one.
const maxFindings = 20

// Check looks whether everything that must hold does: the engine's own check,
// keys, journal and values without a lead, keys that differ from
// importer.KeysOf, the audit chain, and the accounting of every finished
// import against the leads that are there. It reads the whole database.
func (s *Store) Check(ctx context.Context) ([]Finding, error) {
	c := &check{s: s, told: map[string]int{}}
	for _, step := range []func(context.Context) error{c.integrity, c.leftovers, c.keys, c.audit, c.accounting} {
		if err := step(ctx); err != nil {
			return c.found, s.err("check database", err)
		}
	}
	return c.found, nil
}

type check struct {
	s     *Store
	found []Finding
	told  map[string]int
}

func (c *check) tell(what, format string, args ...any) {
	c.told[what]++
	switch n := c.told[what]; {
	case n <= maxFindings:
		c.found = append(c.found, Finding{what, fmt.Sprintf(format, args...)})
	case n == maxFindings+1:
		c.found = append(c.found, Finding{what, "and more of the kind"})
	}
}

func (c *check) integrity(ctx context.Context) error {
	damage, err := c.s.d.damage(ctx, c.s.r)
	for _, d := range damage {
		c.tell("integrity", "%s", d)
	}
	return err
}

// leftovers are rows whose lead, import or user is gone.
func (c *check) leftovers(ctx context.Context) error {
	for _, l := range []struct{ text, query string }{
		{"values without a lead", `select count(*) from lead_value where lead not in (select id from lead)`},
		{"journal rows without a lead", `select count(*) from lead_change where lead not in (select id from lead)`},
		{"leads of an account that is gone", `select count(*) from lead where account <> 0 and account not in (select id from account)`},
		{"leads of an owner who is gone", `select count(*) from lead where owner <> 0 and owner not in (select id from app_user)`},
		{"parts without an import", `select count(*) from import_part where import not in (select id from import)`},
		{"records that came home without an import", `select count(*) from import_home where import not in (select id from import) or by_import not in (select id from import)`},
		{"results without an import", `select count(*) from import_result where import not in (select id from import)`},
	} {
		var n int64
		if err := c.s.r.QueryRowContext(ctx, l.query).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			c.tell("leftover", "%d %s", n, l.text)
		}
	}
	return nil
}

// keys compares every lead's stored keys with those it should have, a thousand
// leads at a time.
func (c *check) keys(ctx context.Context) error {
	l, err := c.s.layoutOf(ctx, c.s.r)
	if err != nil {
		return err
	}
	var total int64 // keys that leads should have
	there := roaring64.New()
	want := map[int64][]int64{}
	compare := func() error {
		hashes := make([]int64, 0, 8*len(want))
		for _, h := range want {
			hashes = append(hashes, h...)
		}
		slices.Sort(hashes)
		found, err := c.s.storedKeys(ctx, access.System(), slices.Compact(hashes))
		if err != nil {
			return err
		}
		for _, k := range found {
			if i := slices.Index(want[k.lead], k.hash); i >= 0 {
				want[k.lead] = slices.Delete(want[k.lead], i, i+1)
			}
		}
		for id, h := range want {
			if len(h) > 0 {
				c.tell("keys", "lead %d lacks %d of its keys", id, len(h))
			}
		}
		clear(want)
		return nil
	}
	err = c.s.each(ctx, "true", nil, func(v *Lead) error {
		var hashes []int64
		for _, k := range importer.KeysOf(l.schema, v.Record) {
			if h := int64(k.Hash); !slices.Contains(hashes, h) {
				hashes = append(hashes, h)
			}
		}
		total += int64(len(hashes))
		there.Add(uint64(v.ID))
		want[v.ID] = hashes
		if len(want) < 1000 {
			return nil
		}
		return compare()
	})
	if err == nil {
		err = compare()
	}
	if err != nil {
		return err
	}
	var stored int64
	alone := map[int64]int64{} // keys of leads that were not met
	err = c.s.EachKey(ctx, access.System(), func(_ uint64, id, _ int64) error {
		if there.Contains(uint64(id)) {
			stored++
		} else {
			alone[id]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	made, err := c.s.Load(ctx, access.System(), slices.Collect(maps.Keys(alone))) // meanwhile
	for _, l := range made {
		delete(alone, l.ID)
	}
	var leftover int64
	for _, n := range alone {
		leftover += n
	}
	if leftover > 0 {
		c.tell("leftover", "%d keys without a lead", leftover)
	}
	if err != nil {
		return err
	}
	if stored > total && c.told["keys"] == 0 {
		c.tell("keys", "%d keys belong to no value of their lead", stored-total)
	}
	return nil
}

func (c *check) audit(ctx context.Context) error {
	id, err := c.s.VerifyAudit(ctx)
	if id != 0 {
		c.tell("audit", "the audit log was changed at entry %d", id)
	}
	return err
}

// accounting compares what imports say with what is there.
func (c *check) accounting(ctx context.Context) error {
	type row struct {
		importRow
		made, purged, changed int64
	}
	rows, err := c.s.r.QueryContext(ctx, `select `+importColumns+`,
		(select count(*) from lead where created_import = import.id and created_import <> 0), purged,
		(select count(distinct c.lead) from lead_change c join lead l on l.id = c.lead
			where c.import = import.id and c.import <> 0 and l.created_import <> import.id)
		from import where kind = 'file' and state in ('done', 'undone', 'partly undone')`)
	if err != nil {
		return err
	}
	found, err := collect(rows, func(r *row) []any { return append(r.dest(), &r.made, &r.purged, &r.changed) })
	if err != nil {
		return err
	}
	for i := range found {
		r := &found[i]
		if err := r.decode(); err != nil {
			return err
		}
		a := r.Accounting
		if !a.Balanced() {
			c.tell("accounting", "import %d: %d records, but its outcomes do not add up to them", r.ID, a.Records)
		}
		if r.made+r.purged != a.New {
			c.tell("accounting", "import %d says it made %d leads, there are %d", r.ID, a.New, r.made+r.purged)
		}
		if r.changed > a.Update {
			c.tell("accounting", "import %d says it updated %d leads, its journal has %d", r.ID, a.Update, r.changed)
		}
	}
	return nil
}
