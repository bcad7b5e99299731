// Package app is the only place that wires the program together: database,
// files, engine, jobs and mail. It may import every package but cli.
package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/gofrs/flock"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/blob"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/jobs"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/metrics"
	"github.com/leadport/leadport/internal/notify"
	"github.com/leadport/leadport/internal/store"
	"github.com/leadport/leadport/internal/trace"
)

// Version is the program's.
const Version = "0.1"

// ErrLocked says that another process works on the folder; ask it through
// SocketPath.
var ErrLocked = errors.New("another leadport works on this folder")

// App is the program on one folder. Only one process has it at a time.
type App struct {
	Config Config
	Store  *store.Store
	Files  blob.Store
	Engine *importer.Engine
	Log    *slog.Logger

	metrics *metrics.Metrics

	parts   blob.Parts // of uploads under way
	jobs    *jobs.Jobs
	mail    *notify.Deliverer // nil: no mail server
	lock    *flock.Flock
	working bool

	interrupted []importer.Import // what a killed process left under way
	resumed     chan struct{}     // closed when its checks have been made again
	watched     chan struct{}     // closed when it no longer looks for those of others
	stop        context.CancelFunc
	stands      standing
}

// SocketPath is where the process that holds a folder listens.
func SocketPath(data string) string { return filepath.Join(data, "server.sock") }

// Open takes the folder's lock and opens everything; a folder that does not
// exist is made. It fails with ErrLocked while another process has the folder.
func Open(ctx context.Context, c Config, log *slog.Logger) (a *App, err error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be made: %w. Choose another with --data", c.Data, err)
	}
	measured := metrics.New(Version)
	log = slog.New(trace.Handler(log.Handler(), measured.Logged))
	a = &App{Config: c, Log: log, metrics: measured, lock: flock.New(filepath.Join(c.Data, "server.lock"), flock.SetPermissions(0o600))}
	locked, err := a.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be used: %w. Choose another with --data", c.Data, err)
	}
	if !locked {
		return nil, ErrLocked
	}
	defer func() {
		if err != nil {
			a.Close(ctx)
		}
	}()
	if err = sameDatabase(c); err != nil {
		return a, err
	}
	node, err := nodeOf(c.Data)
	if err != nil {
		return a, err
	}
	if a.Store, err = store.Open(ctx, store.Config{Path: filepath.Join(c.Data, "leadport.db"), URL: c.DatabaseURL, Node: node, Connections: c.Connections}); err != nil {
		return a, err
	}
	if err = a.identify(ctx); err != nil {
		return a, err
	}
	if err = a.openFiles(ctx); err != nil {
		return a, err
	}
	a.Engine = &importer.Engine{
		Leads: a.Store, Dir: a.Store, Imports: a.Store, Runs: a.Store, Journal: a.Store,
		Files: files{a.Files}, Now: time.Now, Log: log, Tell: a.tell,
	}
	var deliverer jobs.Deliverer = noMail{}
	if c.SMTP != "" {
		sender, err := notify.NewSender(c.SMTP, c.From)
		if err != nil {
			return a, err
		}
		a.mail = &notify.Deliverer{Outbox: outbox{a.Store}, Sender: sender}
		deliverer = a.mail
	}
	a.jobs, err = jobs.New(ctx, a.Store, stepper{a.Engine, &a.stands}, deliverer, jobs.Config{Log: log, Sweep: a.sweep, Away: away})
	if err != nil {
		return a, err
	}
	a.Store.OnWake(a.jobs)
	return a, a.recover(ctx)
}

// Close ends the jobs, then closes everything and gives the folder back.
func (a *App) Close(ctx context.Context) error {
	var errs []error
	errs = append(errs, a.StopWork(ctx))
	if a.Store != nil {
		errs = append(errs, a.Store.Close())
	}
	if a.parts != nil {
		errs = append(errs, a.parts.Close())
	}
	if a.Files != nil {
		errs = append(errs, a.Files.Close())
	}
	return errors.Join(append(errs, a.lock.Close())...)
}

// StopWork ends the background jobs, within 10 s; what they did not commit is
// done again by the next start.
func (a *App) StopWork(ctx context.Context) error {
	if !a.working {
		return nil
	}
	a.working = false
	a.stop()
	err := a.jobs.Stop(ctx)
	<-a.watched
	return err
}

// Work starts the background jobs; imports under way go on.
func (a *App) Work(ctx context.Context) error {
	if a.working {
		return nil
	}
	a.working, a.resumed, a.watched = true, make(chan struct{}), make(chan struct{})
	ctx, a.stop = context.WithCancel(context.WithoutCancel(ctx)) // until Close
	go func() {
		defer close(a.watched)
		a.resume(ctx)
		close(a.resumed)
		if a.Store.Nodes() {
			a.takeOver(ctx)
		}
	}()
	return a.jobs.Start(ctx)
}

// resume goes on with the checks that were interrupted here. They are no jobs,
// because a check of a large file takes longer than a job may.
func (a *App) resume(ctx context.Context) {
	for _, imp := range a.interrupted {
		if imp.State == importer.Checking || imp.State == importer.Checked {
			a.again(ctx, imp.ID)
		}
	}
}

// takeOver goes on with checks that another node left: it was killed, or is out
// of the database's reach.
func (a *App) takeOver(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		idle, err := a.Store.IdleChecks(ctx)
		if err != nil && ctx.Err() == nil {
			a.Log.WarnContext(ctx, "look for checks to take over", "error", err)
		}
		for _, id := range idle {
			a.again(ctx, id)
		}
	}
}

// checkBroken is why an import is a draft again whose check was interrupted and
// whose run was not to follow.
const checkBroken = "the check was interrupted; nothing was changed"

// again checks an import whose run is to follow, and starts the run. One that
// was only to be checked is a draft again: its person looks at it anew.
func (a *App) again(ctx context.Context, id int64) {
	imp, err := a.Store.GetImport(ctx, access.System(), id)
	if err == nil && imp.State == importer.Checking && !imp.Options.Run {
		err = a.Store.StopCheck(ctx, id, true, checkBroken)
	} else if err == nil {
		_, err = a.Engine.Step(ctx, id)
	}
	if err == nil || errors.Is(err, lead.ErrFenced) {
		return
	}
	if ctx.Err() == nil {
		a.Log.ErrorContext(ctx, "go on with an interrupted import", "import", id, "error", err)
		return
	}
	// We are stopped: the next start, or another node, checks again.
	err = a.Store.UpdateImport(context.WithoutCancel(ctx), access.System(), id, func(i *importer.Import) error {
		if i.State == importer.Draft && i.Options.Run {
			i.State, i.Reason = importer.Checking, ""
		}
		return nil
	})
	if err != nil {
		a.Log.ErrorContext(ctx, "keep an interrupted import", "import", id, "error", err)
	}
}

// identify gives a new installation its export mark (import-rules.md 5.2); of
// several nodes that start at once one does.
func (a *App) identify(ctx context.Context) error {
	mark, err := a.Store.Setting(ctx, "installation")
	if err != nil || mark != "" {
		return err
	}
	return a.Store.FirstSetting(ctx, "installation", rand.Text()[:8])
}

// recover finds what a killed process left under way here, before anybody else
// can begin something; what another node works on is not ours. A check whose run
// was not to follow is a draft again.
func (a *App) recover(ctx context.Context) error {
	if err := a.Store.EndLeases(ctx); err != nil {
		return err
	}
	list, err := a.Unfinished(ctx)
	if err != nil {
		return err
	}
	held, err := a.Store.Held(ctx)
	if err != nil {
		return err
	}
	for _, imp := range list {
		switch {
		case held[imp.ID]:
		case imp.State == importer.Checking && !imp.Options.Run:
			if err := a.Store.StopCheck(ctx, imp.ID, true, checkBroken); err != nil {
				return err
			}
		default:
			a.interrupted = append(a.interrupted, imp)
		}
	}
	return nil
}

// Unfinished returns the imports that are under way, oldest first; also the
// checked ones whose run is to follow.
func (a *App) Unfinished(ctx context.Context) ([]importer.Import, error) {
	var out []importer.Import
	for _, state := range []importer.State{importer.Checking, importer.Checked, importer.Running, importer.Cancelling, importer.Undoing} {
		list, err := a.Store.ListImports(ctx, access.System(), store.ImportFilter{State: state}, 0, 1000)
		if err != nil {
			return nil, err
		}
		for _, imp := range list {
			if imp.State == importer.Undoing && imp.Kind != "undo" || imp.State == importer.Checked && !imp.Options.Run {
				continue // the parent of an undo only waits, and a check may be all that was wanted
			}
			out = append(out, imp)
		}
	}
	slices.SortFunc(out, func(x, y importer.Import) int { return cmp.Compare(x.ID, y.ID) })
	return out, nil
}

// Finish goes on with what an interrupted process left under way and waits for
// it.
func (a *App) Finish(ctx context.Context, tell func(importer.Import, importer.Progress)) error {
	if len(a.interrupted) == 0 {
		return nil
	}
	if err := a.Work(ctx); err != nil {
		return err
	}
	select {
	case <-a.resumed:
	case <-ctx.Done():
		return ctx.Err()
	}
	for _, imp := range a.interrupted {
		if _, err := a.Watch(ctx, imp.ID, func(p importer.Progress) { tell(imp, p) }); err != nil {
			return err
		}
	}
	return nil
}

// Watch waits until an import is at rest and tells how far it is. It fails
// where an import stands still and its state cannot be written.
func (a *App) Watch(ctx context.Context, id int64, tell func(importer.Progress)) (*importer.Import, error) {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		imp, err := a.Store.GetImport(ctx, access.System(), id)
		if err != nil || imp.State.Finished() {
			return imp, err
		}
		if why := a.stands.reason(id); why != nil {
			return imp, fmt.Errorf("import %d stands still: %w. Nothing is lost: once the disk has space and can be written, the next command goes on with it, such as: leadport imports", id, why)
		}
		parts, err := a.Store.Parts(ctx, id)
		if err != nil {
			return imp, err
		}
		if tell != nil && imp.Kind == "file" && len(parts) > 0 {
			tell(importer.Progress{Phase: "importing", Done: importer.Progressed(parts), Total: imp.Plan.Records})
		}
		select {
		case <-ctx.Done():
			return imp, ctx.Err()
		case <-tick.C:
		}
	}
}

// Principal is who a command acts for: the named user, else the only
// administrator. In an empty folder it makes the user admin first and says so.
func (a *App) Principal(ctx context.Context, as string) (p access.Principal, made bool, err error) {
	users, err := a.Store.Users(ctx)
	if err != nil {
		return p, false, err
	}
	if len(users) == 0 {
		u := access.User{Username: "admin", Role: "admin"}
		err := a.Store.AddFirstUser(ctx, &u, "")
		made = err == nil
		if err != nil && !errors.Is(err, lead.ErrConflict) { // another command was first
			return p, false, err
		}
		if users, err = a.Store.Users(ctx); err != nil {
			return p, made, err
		}
	}
	if as != "" {
		u, err := a.Store.UserByName(ctx, as)
		if err != nil {
			return p, made, fmt.Errorf("--as %s: %w", as, err)
		}
		return access.For(u), made, nil
	}
	var admins []access.User
	for _, u := range users {
		if u.Role == "admin" && !u.Disabled {
			admins = append(admins, u)
		}
	}
	if len(admins) != 1 {
		return p, made, fmt.Errorf("there are %d administrators: say who you are with --as USER: %w", len(admins), lead.ErrInvalid)
	}
	return access.For(admins[0]), made, nil
}

// Mail sends what waits in the outbox; without a mail server it stays there.
func (a *App) Mail(ctx context.Context) (sent int, err error) {
	if a.mail == nil {
		return 0, nil
	}
	return a.mail.Deliver(ctx)
}

// MailConfigured reports whether there is a mail server.
func (a *App) MailConfigured() bool { return a.mail != nil }

// unfinished is how long an upload, or a file in the making, may stay so.
const unfinished = 24 * time.Hour

// sweep removes files that were begun and never finished, and uploads whose
// time is over.
func (a *App) sweep(ctx context.Context) error {
	_, err := a.Files.Sweep(ctx, unfinished)
	old, e := a.Store.OldUploads(ctx, time.Now().Add(-unfinished))
	err = errors.Join(err, e)
	for _, id := range old {
		err = errors.Join(err, a.parts.Remove(ctx, id))
	}
	return errors.Join(err, a.PurgeUploads(ctx, time.Now()))
}

// PurgeUploads deletes the uploads that no import needs any more: 30 days
// after the last one of these bytes, or as the setting upload_days says. What
// became of each record stays known (import-rules.md 10.4).
func (a *App) PurgeUploads(ctx context.Context, now time.Time) error {
	days := 30
	text, err := a.Store.Setting(ctx, "upload_days")
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		days = n
	}
	sums, err := a.Store.SpentUploads(ctx, now.AddDate(0, 0, -days))
	for _, sum := range sums {
		err = errors.Join(err, a.Files.Remove(ctx, sum))
	}
	return err
}
