package oracle

import (
	"slices"
)

// Undo is what an undo comes to.
type Undo struct {
	Removed, Restored, Kept int64 // leads
}

// Clone returns a copy that shares nothing with d, for a preview.
func (d *Desk) Clone() *Desk {
	c := &Desk{Next: d.Next, n: d.n, ops: map[int]*op{}}
	for n, o := range d.ops {
		copied := *o
		c.ops[n] = &copied
	}
	for _, l := range d.Leads {
		n := *l
		n.One, n.Many, n.Writes = map[string]string{}, map[string][]Element{}, nil
		for f, v := range l.One {
			n.One[f] = v
		}
		for f, v := range l.Many {
			n.Many[f] = slices.Clone(v)
		}
		twin := map[*Write]*Write{}
		for _, w := range l.Writes {
			x := *w
			twin[w] = &x
			if w.Undoes != nil {
				x.Undoes = twin[w.Undoes]
			}
			n.Writes = append(n.Writes, &x)
		}
		c.Leads = append(c.Leads, &n)
	}
	return c
}

// Undo takes back operation target under a number of its own (rule 9.1).
func (d *Desk) Undo(number, target int) Undo {
	d.ops[number] = &op{undoes: target}
	var u Undo
	for _, l := range d.Leads {
		if l.MadeBy == target && target != 0 {
			d.unmake(l, number, target, &u)
			continue
		}
		touched, kept := false, false
		for i := len(l.Writes) - 1; i >= 0; i-- {
			w := l.Writes[i]
			if w.Op != target || w.Restored {
				continue
			}
			t, k := l.takeBack(i, number)
			touched, kept = touched || t, kept || k
		}
		switch {
		case kept:
			u.Kept++
		case touched:
			u.Restored++
		}
	}
	if back := d.ops[target]; back.undoes != 0 { // what was left then stands again
		for _, l := range d.Leads {
			for _, w := range l.Writes {
				if w.Op == back.undoes {
					w.Left = false
				}
			}
		}
	}
	d.ops[number].outcome = u
	return u
}

// unmake puts a lead that the operation made into the bin, unless someone
// touched it.
func (d *Desk) unmake(l *Lead, number, target int, u *Undo) {
	if l.Deleted {
		return
	}
	for _, w := range l.Writes {
		if w.Op != target && w.Undoes == nil && !w.Creation && !w.Restored {
			u.Kept++
			return
		}
	}
	l.Deleted = true
	l.Writes = append(l.Writes, &Write{Op: number, Record: l.Record, Field: "bin", After: "yes", Creation: true})
	u.Removed++
}

// takeBack takes back the ith write of a lead.
func (l *Lead) takeBack(i, number int) (touched, kept bool) {
	w := l.Writes[i]
	back := &Write{Op: number, Record: w.Record, Field: w.Field, Undoes: w}
	switch {
	case w.Field == "bin":
		now := yes(l.Deleted)
		if now == w.Before {
			return false, false
		}
		if now != w.After || l.binner() != w { // someone put it there again since
			return false, true
		}
		l.Deleted = w.Before == "yes"
		back.Before, back.After = now, w.Before
	case slices.Contains(Lists(), w.Field):
		now := l.Many[w.Field]
		next := slices.Clone(now)
		for _, v := range w.New { // what it added goes
			if !slices.Contains(w.Old, v) {
				if at := slices.Index(next, v); at >= 0 {
					next = slices.Delete(next, at, at+1)
				}
			}
		}
		for at, v := range w.Old { // what it took comes back
			there := slices.Contains(next, v)
			if w.Field == "notes" { // a comment that stands there is not added again (rule 6.1)
				there = slices.ContainsFunc(next, func(x Element) bool { return x.Text == v.Text })
			}
			if !slices.Contains(w.New, v) && !there {
				next = slices.Insert(next, min(at, len(next)), v)
			}
		}
		if slices.Equal(now, next) {
			return false, false
		}
		l.Many[w.Field] = next
		back.Old, back.New = now, next
	default:
		now, right := l.One[w.Field], l.right(i)
		switch now {
		case right:
			w.Left = true
			return false, false
		case w.After:
			l.One[w.Field] = right
			back.Before, back.After = now, right
		default:
			w.Left = true
			return false, true
		}
	}
	w.Restored = true
	if w.Undoes != nil {
		w.Undoes.Restored = false
	}
	l.Writes = append(l.Writes, back)
	return true, false
}

// binner is the last write of the bin.
func (l *Lead) binner() *Write {
	for i := len(l.Writes) - 1; i >= 0; i-- {
		if l.Writes[i].Field == "bin" {
			return l.Writes[i]
		}
	}
	return nil
}

// right is what a field is once its ith write is gone: what the nearest write
// below says that still stands.
func (l *Lead) right(i int) string {
	w := l.Writes[i]
	value := w.Before
	if w.Undoes != nil {
		return value
	}
	for j := i - 1; j >= 0; j-- {
		q := l.Writes[j]
		if q.Field != w.Field || q.Undoes != nil {
			continue
		}
		if q.After != value || !q.Left {
			return value
		}
		value = q.Before
	}
	return value
}
