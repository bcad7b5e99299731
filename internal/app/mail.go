package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/notify"
	"github.com/leadport/leadport/internal/recipe"
	"github.com/leadport/leadport/internal/store"
)

// tell queues the mail about an import that came to its end (import-rules.md
// 10.2), to the person who started it.
func (a *App) tell(ctx context.Context, tx importer.Tx, imp *importer.Import, groups []importer.Group) error {
	if imp.Kind != "file" {
		return nil
	}
	u, err := a.Store.UserByID(ctx, imp.Actor)
	if err != nil {
		return err
	}
	return a.queue(ctx, tx, imp, u, a.report(ctx, imp, u, groups))
}

// TellRefused ends an import whose file cannot be read, queues the mail and
// removes the bytes, which nobody can use.
func (a *App) TellRefused(ctx context.Context, imp *importer.Import, reason, remedy string) error {
	u, err := a.Store.UserByID(ctx, imp.Actor)
	if err != nil {
		return err
	}
	failed := *imp
	failed.State, failed.Reason = importer.Failed, reason
	err = a.Store.UpdateImport(ctx, access.System(), imp.ID, func(i *importer.Import) error {
		i.State, i.Reason = failed.State, failed.Reason
		return nil
	})
	if err != nil {
		return err
	}
	r := a.report(ctx, &failed, u, nil)
	r.Remedy = remedy
	if err := a.Store.InTx(ctx, func(tx importer.Tx) error { return a.queue(ctx, tx, &failed, u, r) }); err != nil {
		return err
	}
	used, err := a.Store.UploadUsed(ctx, imp.SHA256, imp.ID)
	if err != nil || used {
		return err
	}
	return a.Files.Remove(ctx, imp.SHA256)
}

func (a *App) report(ctx context.Context, imp *importer.Import, u access.User, groups []importer.Group) notify.Report {
	acc := imp.Accounting
	r := notify.Report{
		File: imp.File, Person: u.Display(), Reason: imp.Reason,
		Accounting: map[string]int64{
			"records": acc.Records, "new": acc.New, "update": acc.Update, "unchanged": acc.Unchanged, "skipped": acc.Skipped,
			"errors": acc.Errors, "conflicts": acc.Conflicts, "cells_not_imported": acc.CellsNotImported,
		},
		Command: fmt.Sprintf("leadport imports %d", imp.ID),
	}
	if imp.State == importer.Done || imp.State == importer.Cancelled {
		r.UndoUntil = imp.UndoUntil().In(zoneOf(u))
	}
	for _, g := range groups {
		if g.Severity == importer.Info || len(r.Problems) == 10 {
			break
		}
		text := g.Message
		if g.Heading != "" {
			text = g.Heading + ": " + text
		}
		r.Problems = append(r.Problems, notify.Problem{Text: text, Remedy: g.Remedy, Records: g.Count})
	}
	if a.Config.URL != "" {
		r.Links = []notify.Link{{Label: "Open the import", URL: fmt.Sprintf("%s/imports/%d", strings.TrimSuffix(a.Config.URL, "/"), imp.ID)}}
	}
	return r
}

func zoneOf(u access.User) *time.Location {
	if loc, err := time.LoadLocation(u.Zone); err == nil {
		return loc
	}
	return time.UTC
}

// queue composes the mail that fits the import's state and puts it into the
// outbox in the same transaction.
func (a *App) queue(ctx context.Context, tx importer.Tx, imp *importer.Import, u access.User, r notify.Report) error {
	mark, err := a.Store.Setting(ctx, "installation")
	if err != nil {
		return err
	}
	to, err := a.recipients(ctx, imp, u)
	if err != nil {
		return err
	}
	var shown []string
	for _, x := range to {
		r.To = append(r.To, notify.Address{Name: x.Display(), Mail: x.Email})
		shown = append(shown, x.Email)
	}
	what, compose := "result", notify.ResultMail
	switch imp.State {
	case importer.Checked:
		what, compose = "validation-"+imp.Plan.Hash[:8], notify.ValidationMail
	case importer.Failed:
		what, compose = "failed", notify.FailedMail
	}
	r.ID = notify.MessageID(what, imp.ID, strings.ToLower(mark)+".leadport.invalid")
	m, err := compose(r)
	if err != nil {
		return err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return a.Store.Enqueue(ctx, tx, store.Mail{Import: imp.ID, Message: string(text), Recipients: strings.Join(shown, ", "), Subject: m.Subject})
}

// recipients are the person who imports and, of a result, whom the import's
// settings name.
func (a *App) recipients(ctx context.Context, imp *importer.Import, u access.User) ([]access.User, error) {
	to := []access.User{u}
	if imp.State == importer.Checked || imp.Recipe == "" {
		return to, nil
	}
	r, err := recipe.Load(strings.NewReader(imp.Recipe))
	if err != nil || len(r.Tell) == 0 {
		return to, err
	}
	users, err := a.Store.Users(ctx)
	for _, x := range users {
		if x.ID != u.ID && x.Email != "" && !x.Disabled && slices.Contains(r.Tell, x.Username) {
			to = append(to, x)
		}
	}
	return to, err
}
