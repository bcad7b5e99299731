package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// testUntouched: what goes into the bin together is what would go one by one, in
// the same state and with the same journal.
func testUntouched(t *testing.T, f *fixture) {
	now, zero := time.Now().Truncate(time.Millisecond).UTC(), time.Time{}
	p := access.Principal{User: access.User{ID: 2}, Grants: map[access.Permission]access.Scope{access.LeadView: access.All, access.LeadEdit: access.Own, access.Undo: access.Own}}
	// 1 to 6 are untouched, 4 somebody else's; 7 is edited, 8 in the bin, 9 was there.
	bring := func(imp int64) (leads []int64) {
		for record := int64(1); record <= 9; record++ {
			owner := "owner=2"
			if record == 4 {
				owner = "owner=1"
			}
			w := []importer.Write{{Create: true, After: f.record(fmt.Sprintf("name=N%d", record), owner, "emails=n@x.example"), Record: record}}
			f.must(f.write(admin(), imp, w...))
			leads = append(leads, w[0].Lead)
		}
		bin := func(id int64, at, was time.Time) {
			r := f.get(id).Record
			f.must(f.write(admin(), 0, importer.Write{Lead: id, Before: r, After: r, Deleted: &at, Binned: was}))
		}
		f.must(f.write(admin(), 0, f.edit(leads[6], "name=Edited")))
		bin(leads[7], now, zero)
		bin(leads[8], now, zero)
		bin(leads[8], zero, now)
		return leads
	}
	one, many := bring(7), bring(8)
	undo := func(p access.Principal, imp int64, take func(tx importer.Tx, o importer.Origin) error) error {
		return f.InTx(f.ctx(), func(tx importer.Tx) error { return take(tx, importer.Origin{Actor: 2, Import: imp + 10, At: now}) })
	}

	f.must(undo(p, 7, func(tx importer.Tx, o importer.Origin) error {
		var writes []importer.Write
		for _, i := range []int{1, 2, 4, 5} { // of records 2 to 6
			r := f.get(one[i]).Record
			writes = append(writes, importer.Write{Lead: one[i], Before: r, After: r, Deleted: &now, Record: int64(i + 1), Reverts: -1})
		}
		return tx.Write(f.ctx(), p, o, writes)
	}))
	made, err := f.Made(f.ctx(), p, 8, 1, 5)
	f.must(err)
	f.equal("made", made, importer.Made{Import: 8, After: 1, Last: 6, Leads: 5, Untouched: 4})
	touched, err := f.Created(f.ctx(), p, made)
	f.must(err)
	f.equal("somebody else's", []int64{touched[0].ID, int64(len(touched))}, []int64{many[3], 1})
	together := func(tx importer.Tx, o importer.Origin) error { return tx.BinUntouched(f.ctx(), p, o, made) }
	f.must(undo(p, 8, together))
	f.is(undo(p, 8, together), lead.ErrConflict) // they are touched now
	p.Grants = map[access.Permission]access.Scope{access.LeadView: access.All, access.LeadEdit: access.All}
	f.is(undo(p, 8, together), lead.ErrForbidden)

	state := func(ids []int64, undo int64) (out []string) {
		journal, err := f.History(f.ctx(), ids)
		f.must(err)
		for _, id := range ids {
			l, err := f.Get(f.ctx(), admin(), id)
			f.must(err)
			line := fmt.Sprint(l.Version, l.DeletedAt.UTC(), l.DeletedBy)
			for _, j := range journal[id] {
				if (j.Import == undo) != (j.Seq == l.Seq && j.At.Equal(now) && l.UpdatedAt.Equal(now)) {
					t.Errorf("lead %d: %+v, journal %+v", id, l, j)
				}
				line += fmt.Sprint(" ", j.Version, j.Actor, j.Record, j.Reverts, j.Before, j.After)
			}
			out = append(out, line)
		}
		return out
	}
	f.equal("leads and journal", state(many[:6], 18), state(one[:6], 17))
	changes, err := f.Changes(f.ctx(), 18, 0, 10)
	f.must(err)
	f.equal("newest first", []int64{changes[0].Record, changes[3].Record, int64(len(changes))}, []int64{6, 2, 4})

	rest, err := f.Made(f.ctx(), admin(), 8, 6, 5)
	f.must(err)
	f.equal("the rest", rest, importer.Made{Import: 8, After: 6, Last: 9, Leads: 3})
	touched, err = f.Created(f.ctx(), admin(), rest)
	f.must(err)
	f.equal("touched", len(touched), 3)
	none, err := f.Made(f.ctx(), admin(), 8, 9, 5)
	f.must(err)
	f.equal("no more", none, importer.Made{Import: 8, After: 9})
}
