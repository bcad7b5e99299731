package api

import (
	"context"
	"strconv"
	"time"

	"github.com/leadport/leadport/internal/access"
)

type settings struct {
	Country      string `json:"country" doc:"ISO 3166-1 alpha-2" pattern:"^([A-Z]{2})?$"`
	Zone         string `json:"zone" doc:"IANA time zone" maxLength:"64"`
	Organization string `json:"organization" maxLength:"255"`
	UploadDays   int    `json:"upload_days,omitempty" minimum:"1" maximum:"3650" doc:"How long uploaded files are kept after their last import; 30 unless set"`
}

type auditInfo struct {
	ID     int64     `json:"id"`
	At     time.Time `json:"at"`
	Actor  int64     `json:"actor"`
	Action string    `json:"action"`
	Target int64     `json:"target"`
	Detail string    `json:"detail"`
}

type mailInfo struct {
	ID         int64     `json:"id"`
	At         time.Time `json:"at"`
	Import     int64     `json:"import,omitempty"`
	Recipients string    `json:"recipients"`
	Subject    string    `json:"subject"`
	State      string    `json:"state" enum:"waiting,sent,failed"`
	Attempts   int       `json:"attempts"`
	Reason     string    `json:"reason,omitempty"`
	Message    string    `json:"message" doc:"JSON of the mail with its bodies"`
}

type before struct {
	Before int64 `query:"before" minimum:"0" doc:"Ids below this one"`
	Limit  int   `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

func (a *API) settingRoutes() {
	add(a, route{Method: "GET", Path: "/settings", Needs: access.Settings, Tag: "Settings", Summary: "The installation's settings"},
		func(ctx context.Context, _ access.Principal, _ *none) (*body[settings], error) {
			return a.settings(ctx)
		})
	add(a, route{Method: "PUT", Path: "/settings", Needs: access.Settings, Tag: "Settings", Summary: "Change them"},
		func(ctx context.Context, p access.Principal, in *struct{ Body settings }) (*body[settings], error) {
			if in.Body.Zone != "" {
				if err := validZone(in.Body.Zone); err != nil {
					return nil, err
				}
			}
			list := []struct{ key, value string }{{"country", in.Body.Country}, {"zone", in.Body.Zone}, {"organization", in.Body.Organization}}
			if in.Body.UploadDays > 0 {
				list = append(list, struct{ key, value string }{"upload_days", strconv.Itoa(in.Body.UploadDays)})
			}
			for _, x := range list {
				if err := a.Store.SetSetting(ctx, p, x.key, x.value); err != nil {
					return nil, err
				}
			}
			return a.settings(ctx)
		})
	add(a, route{Method: "GET", Path: "/audit", Needs: access.Settings, Tag: "Settings", Summary: "The audit log, newest first"},
		func(ctx context.Context, p access.Principal, in *before) (*body[items[auditInfo]], error) {
			list, err := a.Store.AuditLog(ctx, p, in.Before, in.Limit)
			out := make([]auditInfo, len(list))
			for i, e := range list {
				out[i] = auditInfo{e.ID, e.At, e.Actor, e.Action, e.Target, e.Detail}
			}
			return itemsOf(out), err
		})
	add(a, route{Method: "GET", Path: "/outbox", Needs: access.Settings, Tag: "Settings", Summary: "Mail that was sent or waits, newest first"},
		func(ctx context.Context, p access.Principal, in *before) (*body[items[mailInfo]], error) {
			list, err := a.Store.ListMail(ctx, p, in.Before, in.Limit)
			out := make([]mailInfo, len(list))
			for i, m := range list {
				out[i] = mailInfo{m.ID, m.At, m.Import, m.Recipients, m.Subject, m.State, m.Attempts, m.Reason, m.Message}
			}
			return itemsOf(out), err
		})
}

func (a *API) settings(ctx context.Context) (*body[settings], error) {
	var out settings
	for _, x := range []struct {
		key string
		to  *string
	}{{"country", &out.Country}, {"zone", &out.Zone}, {"organization", &out.Organization}} {
		var err error
		if *x.to, err = a.Store.Setting(ctx, x.key); err != nil {
			return nil, err
		}
	}
	days, err := a.Store.Setting(ctx, "upload_days")
	if out.UploadDays, _ = strconv.Atoi(days); out.UploadDays <= 0 {
		out.UploadDays = 30 // also where somebody wrote no number
	}
	return answerOf(out), err
}
