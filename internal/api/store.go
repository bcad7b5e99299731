package api

import (
	"context"
	"io"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// Store is what the API asks of the database, by subject.
type Store interface {
	Sessions
	Tokens
	People
	Leads
	Imports
	Recipes
	Views
	Requests
	Uploads
	Installation
}

// Sessions keeps sign-ins.
type Sessions interface {
	PasswordHash(ctx context.Context, username string) (id int64, hash string, err error)
	AddSession(ctx context.Context, s access.Session) error
	SessionByHash(ctx context.Context, hash string) (access.Session, access.User, error)
	TouchSession(ctx context.Context, hash string, at time.Time) error
	EndSession(ctx context.Context, hash string) error
	EndSessions(ctx context.Context, user int64, but string) error
	FailedSignIn(ctx context.Context, at, before time.Time, who ...string) error
	FailedSignIns(ctx context.Context, who string, since time.Time) (int, error)
}

// Tokens keeps API tokens.
type Tokens interface {
	AddToken(ctx context.Context, p access.Principal, t *access.Token, hash string) error
	Tokens(ctx context.Context, p access.Principal) ([]access.Token, error)
	RevokeToken(ctx context.Context, p access.Principal, id int64) error
	TokenByHash(ctx context.Context, hash string) (access.Token, access.User, error)
	UseToken(ctx context.Context, id int64, at time.Time) error
}

// People keeps users and teams.
type People interface {
	Users(ctx context.Context) ([]access.User, error)
	UserByID(ctx context.Context, id int64) (access.User, error)
	AddUser(ctx context.Context, p access.Principal, u *access.User, passwordHash string) error
	UpdateUser(ctx context.Context, p access.Principal, u access.User) error
	UpdateProfile(ctx context.Context, p access.Principal, u access.User) error
	SetPassword(ctx context.Context, p access.Principal, user int64, hash string) error
	Teams(ctx context.Context) ([]Team, error)
	AddTeam(ctx context.Context, p access.Principal, name string) (Team, error)
}

// Team is a group of users.
type Team struct {
	ID   int64
	Name string
}

// Lead is a lead with what only Leadport writes about it.
type Lead struct {
	importer.Lead
	CreatedAt, UpdatedAt time.Time
	CreatedBy, DeletedBy int64
}

// LeadQuery is a list of leads: filters, order and place.
type LeadQuery struct {
	Text     string
	Status   string
	Source   string
	Owner    string
	Import   int64
	Changed  int64
	Last     bool
	Open     bool
	Fresh    bool
	Tag      string
	Country  string
	Domain   string
	FollowUp string
	Linked   string
	Deleted  bool
	IDs      []int64
	Sort     string
	Asc      bool
	After    string
	Limit    int
}

// Leads reads leads and changes many at once.
type Leads interface {
	Get(ctx context.Context, p access.Principal, id int64) (*Lead, error)
	ListLeads(ctx context.Context, p access.Principal, q LeadQuery) (leads []Lead, next string, indexing bool, err error)
	CountQuery(ctx context.Context, p access.Principal, q LeadQuery, most int64) (int64, error)
	History(ctx context.Context, ids []int64) (map[int64][]importer.JournalRow, error)
	Operate(ctx context.Context, p access.Principal, name string, q LeadQuery, edit func(*Lead) (*importer.Write, error)) (*importer.Import, importer.Accounting, error)
	Exporter(q LeadQuery) importer.Exporter
	Qualify(ctx context.Context, p access.Principal, id, version int64, q Qualification) (*importer.Import, error)
	Duplicates(ctx context.Context, p access.Principal, after string, limit int) ([]Twins, string, error)
	CountDuplicates(ctx context.Context, p access.Principal, most int64) (int64, error)
	Entity(ctx context.Context, kind string, id int64, name string) (Entity, error)
	SetSeparate(ctx context.Context, p access.Principal, a, b int64, separate bool) error
	Separate(ctx context.Context, id int64) ([]int64, error)
}

// Entity is an account, contact or opportunity that leads link to.
type Entity struct {
	ID     int64
	Name   string
	Import int64 // that made it
}

// Qualification is what a lead becomes; an empty part is left out.
type Qualification struct {
	FirstName, LastName string // the contact
	Account             string
	Opportunity         string
}

// Twins is a pair of leads that may be the same.
type Twins struct {
	Lead, Other Lead
	Score       int
	By          []string
}

// ImportFilter narrows a list of imports.
type ImportFilter struct {
	Kind   string
	State  importer.State
	Actor  int64
	Parent int64
}

// Imports keeps imports.
type Imports interface {
	importer.Imports
	ListImports(ctx context.Context, p access.Principal, f ImportFilter, before int64, limit int) ([]importer.Import, error)
	Parts(ctx context.Context, id int64) ([]importer.Part, error)
	CheckProgress(ctx context.Context, id int64) (importer.Progress, error)
	StopCheck(ctx context.Context, id int64, idle bool, reason string) error
}

// Recipe is a saved recipe.
type Recipe struct {
	Name    string
	TOML    string
	Owner   int64
	Updated time.Time
}

// Recipes keeps saved import settings.
type Recipes interface {
	SaveRecipe(ctx context.Context, p access.Principal, name, toml string) error
	GetRecipe(ctx context.Context, p access.Principal, name string) (Recipe, error)
	Recipes(ctx context.Context, p access.Principal) ([]Recipe, error)
	DeleteRecipe(ctx context.Context, p access.Principal, name string) error
}

// View is a saved view of the list of leads.
type View struct {
	ID     int64
	User   int64
	Name   string
	Query  string
	Shared bool
}

// Views keeps saved views.
type Views interface {
	Views(ctx context.Context, p access.Principal) ([]View, error)
	SaveView(ctx context.Context, p access.Principal, v *View) error
	DeleteView(ctx context.Context, p access.Principal, id int64) error
}

// Remembered is what a request with an Idempotency-Key was and answered;
// Status 0: it is under way.
type Remembered struct {
	Request string
	Status  int
	Answer  string
	At      time.Time
}

// Requests remembers requests by their Idempotency-Key.
type Requests interface {
	Remember(ctx context.Context, p access.Principal, key, request string, stale time.Time) (*Remembered, error)
	Answered(ctx context.Context, p access.Principal, key string, status int, answer string) error
}

// Upload is a file on its way.
type Upload struct {
	ID     string
	Name   string
	Length int64
	Import int64
	At     time.Time
}

// Uploads keeps uploads under way.
type Uploads interface {
	AddUpload(ctx context.Context, p access.Principal, u Upload) error
	GetUpload(ctx context.Context, p access.Principal, id string) (Upload, error)
	EndUpload(ctx context.Context, p access.Principal, id string, imp int64) error
	DropUpload(ctx context.Context, p access.Principal, id string) error
}

// AuditEntry is one line of the audit log.
type AuditEntry struct {
	ID     int64
	At     time.Time
	Actor  int64
	Action string
	Target int64
	Detail string
	Hash   string
}

// Mail is a message in the outbox.
type Mail struct {
	ID         int64
	At         time.Time
	Import     int64
	Message    string
	Recipients string
	Subject    string
	State      string
	Attempts   int
	Next       time.Time
	Reason     string
}

// Installation is what belongs to all: set-up, fields, settings, logs.
type Installation interface {
	NeedsSetup(ctx context.Context) (bool, error)
	AddSetupLink(ctx context.Context, hash string) error
	IsSetupLink(ctx context.Context, hash string) (bool, error)
	SetUp(ctx context.Context, u *access.User, passwordHash string, settings map[string]string) error
	Schema(ctx context.Context) (*lead.Schema, error)
	Setting(ctx context.Context, key string) (string, error)
	SetSetting(ctx context.Context, p access.Principal, key, value string) error
	AddChoice(ctx context.Context, p access.Principal, field, label string, imp int64) (string, error)
	RetireChoice(ctx context.Context, p access.Principal, field, id string) error
	AddField(ctx context.Context, p access.Principal, label string, kind lead.Kind, indexed bool, imp int64) (*lead.Field, error)
	AuditLog(ctx context.Context, p access.Principal, before int64, limit int) ([]AuditEntry, error)
	ListMail(ctx context.Context, p access.Principal, before int64, limit int) ([]Mail, error)
	Audit(ctx context.Context, actor int64, action string, target int64, detail string) error
}

// Files keeps uploads by content. More than limit bytes are ErrTooLarge.
type Files interface {
	Put(ctx context.Context, r io.Reader, limit int64) (sha256 string, size int64, err error)
}

// Parts keeps the bytes of uploads under way by id.
type Parts interface {
	Create(ctx context.Context, id string) error
	// Append writes r at the end, which must be at offset, keeps what came
	// even if r breaks off, and returns the new size.
	Append(ctx context.Context, id string, offset int64, r io.Reader) (int64, error)
	Size(ctx context.Context, id string) (int64, error)
	Open(ctx context.Context, id string) (io.ReadCloser, error)
	Remove(ctx context.Context, id string) error
}
