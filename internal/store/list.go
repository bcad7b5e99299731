package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// LeadQuery is a list of leads: filters, order and place. The zero value is
// the newest leads that are not in the bin.
type LeadQuery struct {
	Text     string // words that begin a word of name, company, e-mail, external id; or a phone
	Status   string // choice id
	Source   string // choice id
	Owner    string // user id, "none" for leads without one
	Import   int64  // made by this import
	Changed  int64  // changed by this import
	Last     bool   // made by the principal's last import of a file
	Open     bool   // neither qualified nor disqualified
	Fresh    bool   // nobody changed it since it was made
	Tag      string
	Country  string // ISO 3166-1 alpha-2
	Domain   string // of an e-mail
	FollowUp string // due on or before this day, 2006-01-02
	Linked   string // to an account, contact or opportunity: "account:7"
	Deleted  bool   // those in the bin instead
	IDs      []int64
	Sort     string // "created" (also ""), "updated", "name", "company"
	Asc      bool
	After    string // LeadList.Next of the page before
	Limit    int
}

// LeadList is one page.
type LeadList struct {
	Leads []Lead
	Next  string // "" at the end
	// Indexing: leads written just now are not found by words, tag, country
	// and domain yet.
	Indexing bool
}

// plain is the condition of the filters on l that need no search index.
func (q *LeadQuery) plain(d dialect, p access.Principal) (string, []any, error) {
	cond := []string{"l.deleted_at = 0"}
	if q.Deleted {
		cond[0] = "l.deleted_at <> 0"
	}
	var args []any
	put := func(text string, v any) {
		args = append(args, v)
		cond = append(cond, fmt.Sprintf(text, "$"+strconv.Itoa(len(args))))
	}
	if q.Status != "" {
		put("l.status = %s", q.Status)
	}
	if q.Source != "" {
		put("l.source = %s", q.Source)
	}
	switch q.Owner {
	case "":
	case "none":
		cond = append(cond, "l.owner = 0")
	default:
		id, err := strconv.ParseInt(q.Owner, 10, 64)
		if err != nil {
			return "", nil, fmt.Errorf("owner %q is neither a user's id nor none: %w", q.Owner, lead.ErrInvalid)
		}
		put("l.owner = %s", id)
	}
	if q.Import != 0 {
		put("l.created_import = %s and l.created_import <> 0", q.Import)
	}
	if q.Changed != 0 {
		put("l.id in (select lead from lead_change where import = %s and import <> 0)", q.Changed)
	}
	if q.Last {
		put("l.created_import <> 0 and l.created_import = (select max(id) from import where kind = 'file' and started_at <> 0 and actor = %s)", p.User.ID)
	}
	if q.Open {
		cond = append(cond, "l.status not in ('qualified', 'canceled')")
	}
	if q.Fresh {
		cond = append(cond, "l.version = 1")
	}
	if q.FollowUp != "" {
		put("l.follow_up_on <> '' and l.follow_up_on <= %s", q.FollowUp)
	}
	if q.Linked != "" {
		cond1, id, err := linked(q.Linked)
		if err != nil {
			return "", nil, err
		}
		put(cond1, id)
	}
	if q.IDs != nil {
		args = append(args, d.ints(q.IDs))
		cond = append(cond, d.in("l.id", "$"+strconv.Itoa(len(args))))
	}
	cond = append(cond, p.Predicate(access.LeadView, "l.owner"))
	return strings.Join(cond, " and "), args, nil
}

// where is the condition of all of a query's filters on l.
func (q *LeadQuery) where(d dialect, p access.Principal) (string, []any, error) {
	where, args, err := q.plain(d, p)
	if err == nil && q.indexed() {
		args = append(args, d.match(q.words()))
		where += " and " + d.found("l.id", "$"+strconv.Itoa(len(args)))
	}
	return where, args, err
}

// indexed reports whether the query needs the search index.
func (q *LeadQuery) indexed() bool { return len(q.words()) > 0 }

// words is what a lead must have.
func (q *LeadQuery) words() [][]word {
	out := searchQuery(q.Text)
	for _, x := range []struct{ kind, value string }{
		{"tag", norm.Key(norm.KeyTag, q.Tag)}, {"country", norm.Fold(q.Country)}, {"domain", norm.Fold(q.Domain)},
	} {
		if x.value != "" {
			out = append(out, []word{{text: wholeWord(x.kind, x.value)}})
		}
	}
	return out
}

// place is where a page ends: the order, the last lead's key in it, its id.
type place struct {
	sort, key string
	id        int64
}

func (p place) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.sort + "\x00" + strconv.FormatInt(p.id, 10) + "\x00" + p.key))
}

func parsePlace(text, sort string) (*place, error) {
	if text == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.SplitN(string(raw), "\x00", 3)
	if err != nil || len(parts) != 3 || parts[0] != sort {
		return nil, errPlace()
	}
	id, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return nil, errPlace()
	}
	return &place{parts[0], parts[2], id}, nil
}

func errPlace() error {
	return fmt.Errorf("after: not the place that a page of this list gave: %w", lead.ErrInvalid)
}

// EachOf calls f for every lead of a query that the principal may export, in
// order of id, as they are at one moment; an error of f ends it.
func (s *Store) EachOf(ctx context.Context, p access.Principal, q LeadQuery, part importer.Reading, f func(*Lead) error) error {
	if q.indexed() {
		if current, err := s.IndexSearch(ctx, 100*searchBatch); err != nil || !current {
			return fmt.Errorf("the search is not up to date yet, try again in a minute: %w", orConflict(err))
		}
	}
	where, args, err := q.where(s.d, p)
	if err != nil {
		return err
	}
	return s.eachPart(ctx, part, where+" and "+p.Predicate(access.LeadExport, "l.owner"), args, f)
}
