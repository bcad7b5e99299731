package importer

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
)

// answerColumn is where the overlay of fixes keeps what a person decided about
// a record in conflict: Old is its code, New the answer.
const answerColumn = -1

type answerKind uint8

const (
	noAnswer     answerKind = iota
	answerUpdate            // this one
	answerNew
	answerSkip
)

// recordAnswer is what a person decided about one record.
type recordAnswer struct {
	do  answerKind
	ent entity // of an update
}

func (a recordAnswer) String() string {
	switch a.do {
	case answerUpdate:
		return "update " + strconv.FormatInt(int64(a.ent), 10)
	case answerNew:
		return "new"
	case answerSkip:
		return "skip"
	}
	return ""
}

func parseAnswer(text string) recordAnswer {
	what, which, _ := strings.Cut(text, " ")
	switch what {
	case "new":
		return recordAnswer{do: answerNew}
	case "skip":
		return recordAnswer{do: answerSkip}
	case "update":
		if n, err := strconv.ParseInt(which, 10, 64); err == nil {
			return recordAnswer{answerUpdate, entity(n)}
		}
	}
	return recordAnswer{}
}

// answered settles a record by its person's answer. One that cannot be carried
// out any more, because its lead is gone, counts for nothing.
func (r *resolver) answered(ctx context.Context, d *draft, v *verdict) (bool, error) {
	switch d.answer.do {
	case answerNew:
		return true, nil
	case answerSkip:
		v.reason = SkipDecided
		return true, nil
	case answerUpdate:
		r.touch(leadTie(d.answer.ent))
		if d.answer.ent < 0 && !r.makes.Contains(uint32(-d.answer.ent)) {
			return false, nil
		}
		st, err := r.state(ctx, d.answer.ent)
		if err != nil || st == nil || st.deleted() {
			return false, err
		}
		v.ent = d.answer.ent
		return true, nil
	}
	return false, nil
}

// RecordAnswer decides about records in conflict: those named, or all of a
// list (Records is nil then).
type RecordAnswer struct {
	Records []int64
	List    Window
	Do      string // update, new, skip; "" takes an earlier answer back
	Lead    int64  // of an update: this lead
	Row     int64  // … or the lead that this earlier record makes
}

// Answer turns a decision into the overlay that keeps it, for Imports to save.
// It fails with lead.ErrInvalid for an answer that makes no sense.
func (e *Engine) Answer(ctx context.Context, p access.Principal, id int64, a RecordAnswer) ([]Fix, error) {
	var answer recordAnswer
	switch a.Do {
	case "":
	case "new":
		answer.do = answerNew
	case "skip":
		answer.do = answerSkip
	case "update":
		answer = recordAnswer{answerUpdate, entity(a.Lead)}
		if a.Lead == 0 {
			answer.ent = entity(-a.Row)
		}
		if (a.Lead > 0) == (a.Row > 0) {
			return nil, fmt.Errorf("say which lead, or which record's: %w", lead.ErrInvalid)
		}
		if a.Lead > 0 {
			if found, err := e.Leads.Load(ctx, p, []int64{a.Lead}); err != nil || len(found) == 0 {
				return nil, errorOr(err, fmt.Errorf("lead %d: %w", a.Lead, lead.ErrNotFound))
			}
		}
	default:
		return nil, fmt.Errorf("an answer is update, new or skip, not %q: %w", a.Do, lead.ErrInvalid)
	}
	v, err := e.windower(ctx, p, id)
	if err != nil {
		return nil, err
	}
	defer v.plan.Close()
	if v.imp.State != Checked {
		return nil, v.imp.settled()
	}
	records := roaring.New()
	for _, n := range a.Records {
		if n < 1 || n > v.plan.Len() {
			return nil, fmt.Errorf("there is no record %d: %w", n, lead.ErrInvalid)
		}
		records.Add(uint32(n))
	}
	if a.Records == nil {
		a.List.Outcome = Conflict
		if records, err = v.filter(a.List); err != nil {
			return nil, err
		}
	}
	var out []Fix
	for it := records.Iterator(); it.HasNext(); {
		n := int64(it.Next())
		if answer.ent < 0 && int64(-answer.ent) >= n {
			continue // a record is merged into an earlier one
		}
		entry, err := v.plan.At(n)
		if err != nil {
			return nil, err
		}
		out = append(out, Fix{Offset: entry.Offset, Column: answerColumn, New: answer.String()})
	}
	return out, nil
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
