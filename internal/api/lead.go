package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// LeadInfo is a lead. Values are canonical text ("+491701234567",
// "2026-08-22", "1234.50", "true"); a list field is a list of elements with
// their id and parts; a phone is also given as it is to be shown. An empty
// field is left out.
type LeadInfo struct {
	ID        int64          `json:"id"`
	Version   int64          `json:"version" doc:"Also the ETag"`
	Values    map[string]any `json:"values"`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
	CreatedBy int64          `json:"created_by"`
	Import    int64          `json:"import,omitempty" doc:"That made it"`
	Record    int64          `json:"record,omitempty" doc:"Of that import's file"`
	DeletedAt *time.Time     `json:"deleted_at,omitempty" doc:"In the bin since"`
	DeletedBy int64          `json:"deleted_by,omitempty"`
	MayEdit   bool           `json:"may_edit" doc:"I may change it"`
	MayDelete bool           `json:"may_delete" doc:"I may put it into the bin, and bring it back"`
}

func leadOf(s *lead.Schema, p access.Principal, l *Lead) LeadInfo {
	out := LeadInfo{ID: l.ID, Version: l.Version, Values: valuesOf(s, l.Record), CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt,
		CreatedBy: l.CreatedBy, Import: l.CreatedImport, Record: l.CreatedRecord, DeletedBy: l.DeletedBy,
		MayEdit: p.Reaches(access.LeadEdit, l.Owner, l.OwnerTeam), MayDelete: p.Reaches(access.LeadDelete, l.Owner, l.OwnerTeam)}
	if !l.DeletedAt.IsZero() {
		out.DeletedAt = &l.DeletedAt
	}
	return out
}

func valuesOf(s *lead.Schema, r lead.Record) map[string]any {
	out := map[string]any{}
	for i, v := range r.Values {
		if v != "" && i < len(s.Fields) {
			out[s.Fields[i].Key] = valueOf(&s.Fields[i], v)
		}
	}
	return out
}

func valueOf(f *lead.Field, v string) any {
	if !f.List() {
		return v
	}
	list := lead.DecodeList(f.Parts, v)
	out := make([]map[string]any, len(list))
	for i, e := range list {
		out[i] = map[string]any{}
		if f.Key != "external_id" { // whose first part is called id
			out[i]["id"] = e.ID
		}
		for p, text := range e.Values {
			if text != "" {
				out[i][f.Parts[p].Key] = text
			}
		}
		if f.Key == "phones" {
			out[i]["shown"] = shownPhone(e.Values[0], e.Values[1])
		}
	}
	return out
}

// shownPhone is a number as it is written, but for one that is digits alone.
func shownPhone(phone, written string) string {
	if strings.Trim(written, "+0123456789") == "" {
		return norm.International(phone)
	}
	return written
}

// tagged is an answer with a lead and its version as ETag.
type tagged struct {
	ETag string `header:"ETag"`
	Body leadAnswer
}

type leadAnswer struct {
	LeadInfo
	Notices []FieldProblem `json:"notices,omitempty" doc:"Values read in another way than written"`
}

type LeadPath struct {
	ID int64 `path:"id" minimum:"1"`
}

type Precondition struct {
	IfMatch string `header:"If-Match" doc:"The ETag that was read (RFC 9110 13.1.1); required"`
}

// version reads If-Match: a change needs it (RFC 6585 3).
func (m Precondition) version() (int64, error) {
	if m.IfMatch == "" {
		return 0, &Problem{Status: http.StatusPreconditionRequired, Code: "if-match", Detail: "A change needs the header If-Match.",
			Remedy: "Send the ETag of the lead as you read it."}
	}
	n, err := strconv.ParseInt(strings.Trim(m.IfMatch, `"`), 10, 64)
	if err != nil || !strings.HasPrefix(m.IfMatch, `"`) {
		return 0, stale(0)
	}
	return n, nil
}

func stale(current int64) *Problem {
	return &Problem{Status: http.StatusPreconditionFailed, Code: "changed", Detail: "Somebody changed this lead meanwhile.",
		Remedy: "Read it again, then decide.", Current: current}
}

type LeadFilters struct {
	Q        string `query:"q" doc:"Words that begin a word of name, company, e-mail or external id; or a phone" maxLength:"200"`
	Status   string `query:"status" maxLength:"100"`
	Source   string `query:"source" maxLength:"100"`
	Owner    string `query:"owner" doc:"A user's id, me, or none" maxLength:"20"`
	Import   int64  `query:"import" doc:"Made by this import"`
	Changed  int64  `query:"changed_import" doc:"Changed by this import"`
	Last     bool   `query:"last_import" doc:"Made by my last import"`
	Open     bool   `query:"open" doc:"Neither qualified nor disqualified"`
	Fresh    bool   `query:"untouched" doc:"Nobody changed it since it was made"`
	Tag      string `query:"tag" maxLength:"255"`
	Country  string `query:"country" doc:"ISO 3166-1 alpha-2" maxLength:"2"`
	Domain   string `query:"domain" doc:"Of an e-mail" maxLength:"255"`
	FollowUp string `query:"follow_up" doc:"Due on or before this day, 2006-01-02" format:"date"`
	Linked   string `query:"linked" doc:"Linked to an account, contact or opportunity, as account:7" maxLength:"40"`
	Bin      bool   `query:"bin" doc:"Those in the bin instead"`
}

func (f *LeadFilters) query(p access.Principal) LeadQuery {
	owner := f.Owner
	if owner == "me" {
		owner = strconv.FormatInt(p.User.ID, 10)
	}
	return LeadQuery{Text: f.Q, Status: f.Status, Source: f.Source, Owner: owner, Import: f.Import, Changed: f.Changed, Last: f.Last,
		Open: f.Open, Fresh: f.Fresh, Tag: f.Tag, Country: f.Country, Domain: f.Domain, FollowUp: f.FollowUp, Linked: f.Linked, Deleted: f.Bin}
}

type leadPage struct {
	Items    []LeadInfo `json:"items" nullable:"false"`
	Next     string     `json:"next,omitempty" doc:"Give it as after for the next page"`
	Indexing bool       `json:"indexing,omitempty" doc:"Leads written just now are not found by words, tag, country and domain yet"`
	Count    *int64     `json:"count,omitempty" doc:"Exact up to 10,000; 10,001 means more"`
}

const mostCounted = 10_001

func (a *API) leadRoutes() {
	add(a, route{Method: "GET", Path: "/leads", Needs: access.LeadView, Tag: "Leads", Summary: "A page of leads"},
		func(ctx context.Context, p access.Principal, in *struct {
			LeadFilters
			Sort  string `query:"sort" enum:"created,updated,name,company" default:"created"`
			Order string `query:"order" enum:"asc,desc" default:"desc"`
			After string `query:"after" maxLength:"2000"`
			Limit int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
			Count bool   `query:"count" doc:"Count them, too"`
		}) (*body[leadPage], error) {
			s, err := a.Store.Schema(ctx)
			if err != nil {
				return nil, err
			}
			q := in.query(p)
			q.Sort, q.Asc, q.After, q.Limit = in.Sort, in.Order == "asc", in.After, in.Limit
			out := leadPage{Items: []LeadInfo{}}
			list, next, indexing, err := a.Store.ListLeads(ctx, p, q)
			if err != nil {
				return nil, err
			}
			out.Next, out.Indexing = next, indexing
			for i := range list {
				out.Items = append(out.Items, leadOf(s, p, &list[i]))
			}
			if in.Count {
				n, err := a.Store.CountQuery(ctx, p, q, mostCounted)
				if err != nil {
					return nil, err
				}
				out.Count = &n
			}
			return answerOf(out), nil
		})
	add(a, route{Method: "GET", Path: "/leads/{id}", Needs: access.LeadView, Tag: "Leads", Summary: "One lead, also from the bin"},
		func(ctx context.Context, p access.Principal, in *LeadPath) (*tagged, error) {
			return a.taggedLead(ctx, p, in.ID, nil)
		})
	add(a, route{Method: "POST", Path: "/leads", Needs: access.LeadCreate, Tag: "Leads", Summary: "Create a lead", Status: http.StatusCreated},
		func(ctx context.Context, p access.Principal, in *struct {
			Body struct {
				Values map[string]any `json:"values"`
			}
		}) (*tagged, error) {
			id, notices, err := a.Engine.CreateLead(ctx, p, in.Body.Values)
			if err != nil {
				return nil, err
			}
			return a.taggedLead(ctx, p, id, notices)
		})
	add(a, route{Method: "PATCH", Path: "/leads/{id}", Needs: access.LeadEdit, Tag: "Leads", Summary: "Change the named fields; null clears one"},
		func(ctx context.Context, p access.Principal, in *struct {
			LeadPath
			Precondition
			Body struct {
				Values map[string]any `json:"values"`
			}
		}) (*tagged, error) {
			var notices []importer.Issue
			err := a.atVersion(ctx, p, in.ID, in.Precondition, func(version int64) (err error) {
				notices, err = a.Engine.EditLead(ctx, p, in.ID, version, in.Body.Values)
				return err
			})
			if err != nil {
				return nil, err
			}
			return a.taggedLead(ctx, p, in.ID, notices)
		})
	add(a, route{Method: "DELETE", Path: "/leads/{id}", Needs: access.LeadDelete, Tag: "Leads", Summary: "Put a lead into the bin, for 30 days"},
		func(ctx context.Context, p access.Principal, in *struct {
			LeadPath
			Precondition
		}) (*tagged, error) {
			return a.bin(ctx, p, in.ID, in.Precondition, false)
		})
	add(a, route{Method: "POST", Path: "/leads/{id}/restore", Needs: access.LeadDelete, Tag: "Leads", Summary: "Bring a lead back from the bin"},
		func(ctx context.Context, p access.Principal, in *struct {
			LeadPath
			Precondition
		}) (*tagged, error) {
			return a.bin(ctx, p, in.ID, in.Precondition, true)
		})
	add(a, route{Method: "POST", Path: "/leads/{id}/comments", Needs: access.LeadEdit, Tag: "Leads", Summary: "Add a dated comment", Status: http.StatusCreated},
		func(ctx context.Context, p access.Principal, in *struct {
			LeadPath
			Body struct {
				Text string `json:"text" minLength:"1" maxLength:"10000"`
			}
		}) (*tagged, error) {
			if err := a.Engine.Comment(ctx, p, in.ID, in.Body.Text); err != nil {
				return nil, err
			}
			return a.taggedLead(ctx, p, in.ID, nil)
		})
	a.historyRoutes()
	a.duplicateRoutes()
	a.qualifyRoutes()
}

// atVersion changes a lead that must still be the one that was read.
func (a *API) atVersion(ctx context.Context, p access.Principal, id int64, m Precondition, change func(version int64) error) error {
	l, err := a.Store.Get(ctx, p, id)
	if err != nil {
		return err
	}
	version, err := m.version()
	if err != nil {
		return err
	}
	if version != l.Version {
		return stale(l.Version)
	}
	err = change(version)
	if errors.Is(err, lead.ErrConflict) {
		if now, e := a.Store.Get(ctx, p, id); e == nil && now.Version != version { // another was quicker
			return stale(now.Version)
		}
	}
	return err
}

func (a *API) bin(ctx context.Context, p access.Principal, id int64, m Precondition, restore bool) (*tagged, error) {
	err := a.atVersion(ctx, p, id, m, func(version int64) error { return a.Engine.BinLead(ctx, p, id, version, restore) })
	if err != nil {
		return nil, err
	}
	return a.taggedLead(ctx, p, id, nil)
}

func (a *API) taggedLead(ctx context.Context, p access.Principal, id int64, notices []importer.Issue) (*tagged, error) {
	s, err := a.Store.Schema(ctx)
	if err != nil {
		return nil, err
	}
	l, err := a.Store.Get(ctx, p, id)
	if err != nil {
		return nil, err
	}
	out := &tagged{ETag: fmt.Sprintf("%q", strconv.FormatInt(l.Version, 10)), Body: leadAnswer{LeadInfo: leadOf(s, p, l)}}
	for _, i := range notices {
		out.Body.Notices = append(out.Body.Notices, FieldProblem{Location: "body.values." + i.Heading, Code: i.Code, Message: i.Message, Remedy: i.Remedy, Suggestion: i.Suggestion})
	}
	return out, nil
}
