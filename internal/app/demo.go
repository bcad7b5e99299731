package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/leadport/leadport/examples"
	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// Demo makes a demo administrator, some leads and files to try in a folder that
// has none, and returns the administrator.
func (a *App) Demo(ctx context.Context) (access.User, error) {
	users, err := a.Store.Users(ctx)
	if err != nil {
		return access.User{}, err
	}
	for _, u := range users {
		if u.Username == "demo" && u.Role == "admin" && !u.Disabled {
			return u, a.demoFiles()
		}
	}
	if len(users) > 0 {
		return access.User{}, fmt.Errorf("the folder %s has people of its own, so it is no place for a demo; choose another with --data", a.Config.Data)
	}
	u := access.User{Username: "demo", Name: "Dana Demo", Email: "demo@example.com"}
	if err := a.Store.AddFirstUser(ctx, &u, ""); err != nil {
		return u, err
	}
	p := access.For(u)
	for _, x := range []access.User{
		{Username: "ana", Name: "Ana Lopez", Email: "ana@example.com", Role: "sales"},
		{Username: "jerry", Name: "Jerry Coleman", Email: "jerry@example.com", Role: "manager"},
	} {
		if err := a.Store.AddUser(ctx, p, &x, ""); err != nil {
			return u, err
		}
	}
	if err := a.demoFiles(); err != nil {
		return u, err
	}
	return u, a.demoLeads(ctx, p)
}

// examples is where the demo's files are.
func (a *App) examples() string { return filepath.Join(a.Config.Data, "examples") }

func (a *App) demoFiles() error {
	if err := os.CopyFS(a.examples(), examples.Files); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write the demo's files: %w", err)
	}
	return nil
}

// demoLeads are 200 leads by hand, some of which the trade-show file of
// examples/ meets again.
func (a *App) demoLeads(ctx context.Context, p access.Principal) error {
	schema, err := a.Store.Schema(ctx)
	if err != nil {
		return err
	}
	users, err := a.Store.Users(ctx)
	if err != nil {
		return err
	}
	firsts := []string{"Zoé", "Heike", "Şebnem", "Ana", "Tom", "Mia", "Ravi", "Elena", "Kofi", "Ingrid"}
	lasts := []string{"Garnier", "Schäfer", "Şahin", "Silva", "Baker", "Rossi", "Patel", "Novak", "Mensah", "Larsen"}
	companies := []string{"Acme Tools", "Güneş Tekstil A.Ş.", "Nordwind GmbH", "Blue Harbor", "Emballages du Rhône", "Fictional Foods"}
	sources := []string{"website", "trade_show", "referral", "partner"}
	status := []string{"new", "new", "new", "qualified", "canceled"}
	list := func(key string, parts ...string) string {
		f := schema.Field(key)
		values := make([]string, len(f.Parts))
		copy(values, parts)
		return lead.EncodeList(f.Parts, []lead.Element{{ID: 1, Values: values}})
	}
	var writes []importer.Write
	for i := range 200 {
		first, last := firsts[i%10], lasts[(i/10+i)%10]
		r := schema.New()
		for key, v := range map[string]string{
			"name": first + " " + last, "first_name": first, "last_name": last, "company_name": companies[i%6],
			"status": status[i%5], "source": sources[i%4], "owner": fmt.Sprint(users[i%len(users)].ID),
			"emails": list("emails", fmt.Sprintf("lead%03d@example.com", i+1)),
			"phones": list("phones", fmt.Sprintf("+4930901820%03d", i)),
		} {
			r.Values[schema.Index(key)] = v
		}
		if i%7 == 0 {
			r.Values[schema.Index("follow_up_on")] = time.Now().AddDate(0, 0, i%10-3).Format(time.DateOnly)
		}
		writes = append(writes, importer.Write{Create: true, After: r})
	}
	return a.Store.InTx(ctx, func(tx importer.Tx) error {
		return tx.Write(ctx, p, importer.Origin{Actor: p.User.ID, At: time.Now()}, writes)
	})
}
