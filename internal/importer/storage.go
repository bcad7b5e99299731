package importer

import (
	"context"
	"io"
	"time"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// Key is a match key (rule 5.1): norm.Key's text and its hash.
type Key struct {
	Kind norm.KeyKind
	Text string
	Hash uint64
}

// Hit says that a lead holds a key's hash. The text still has to be compared.
type Hit struct {
	Key  int // index in the keys asked for
	Lead int64
	Seq  int64
}

// Leads is what a check reads of the leads. It shows only what the principal
// may see.
type Leads interface {
	// FindKeys returns the leads that hold these keys' hashes, deleted ones
	// included, in order of key, then lead.
	FindKeys(ctx context.Context, p access.Principal, keys []Key) ([]Hit, error)
	// Load returns leads by id, deleted ones included, in any order; those
	// that do not exist or may not be seen are left out.
	Load(ctx context.Context, p access.Principal, ids []int64) ([]Lead, error)
	// HandEdited returns the field slots of these leads that a person (not an
	// import, not an undo) changed since then (rule 7.2).
	HandEdited(ctx context.Context, ids []int64, since time.Time) (map[int64]lead.Set, error)
	// ChangedSince returns the slots of one lead that were changed after a
	// version of it (rule 6.5).
	ChangedSince(ctx context.Context, id, version int64) (lead.Set, error)
	// Seq is the sequence up to which everything is committed that ever will be.
	Seq(ctx context.Context) (int64, error)
	// WrittenAfter returns leads that were last written after a sequence, at most
	// limit.
	WrittenAfter(ctx context.Context, seq int64, limit int) ([]int64, error)
	// Count is how many leads there are, deleted ones included.
	Count(ctx context.Context) (int64, error)
}

// Directory is what the check needs to know by heart.
type Directory interface {
	// Schema is the fields with the present choices and custom fields.
	Schema(ctx context.Context) (*lead.Schema, error)
	Users(ctx context.Context) ([]access.User, error)
	// Setting returns an installation's setting, "" if it has none: country,
	// zone, organization.
	Setting(ctx context.Context, key string) (string, error)
	// Links returns the ids of accounts, contacts or opportunities by their
	// folded keys (accounts and opportunities: norm.Key(KeyAccount, name);
	// contacts: norm.Key(KeyPerson, first, last)); a key that several have is
	// left out.
	Links(ctx context.Context, entity string, keys []string) (map[string]int64, error)
	// Tags returns which of these folded tags exist.
	Tags(ctx context.Context, keys []string) (map[string]bool, error)
	// AddChoice adds an option to a choice field for an import and returns its
	// id; one with this label already is used as it is.
	AddChoice(ctx context.Context, p access.Principal, field, label string, imp int64) (string, error)
}

// Imports keeps imports, their issues and fixes.
type Imports interface {
	// CreateImport stores a new import and sets its ID.
	CreateImport(ctx context.Context, p access.Principal, imp *Import) error
	// GetImport fails with lead.ErrNotFound.
	GetImport(ctx context.Context, p access.Principal, id int64) (*Import, error)
	// UpdateImport reads, lets f change, and writes one import in one
	// transaction; an error of f changes nothing.
	UpdateImport(ctx context.Context, p access.Principal, id int64, f func(*Import) error) error
	// Uploads returns the finished, not undone imports of the same bytes,
	// newest first.
	Uploads(ctx context.Context, p access.Principal, sha256 string) ([]Import, error)
	// FinishedRecipes returns the recipes of the newest finished, not undone
	// imports, at most limit, newest first.
	FinishedRecipes(ctx context.Context, p access.Principal, limit int) ([]Finished, error)
	// BeginCheck lets f judge and change an import, moves it to Checking and
	// makes the caller the one who checks it: the fence that it returns says so.
	// With idle it fails with lead.ErrConflict while anybody else checks.
	BeginCheck(ctx context.Context, p access.Principal, id int64, idle bool, lease time.Duration, f func(*Import) error) (fence int64, err error)
	// HoldCheck renews the lease of a check and says how far it is;
	// lead.ErrFenced once it is another's.
	HoldCheck(ctx context.Context, id, fence int64, lease time.Duration, at Progress) error
	// EndCheck lets f change the import and replaces its groups of issues, unless
	// they are nil; lead.ErrFenced once the check is another's. The lease is for
	// what is to follow.
	EndCheck(ctx context.Context, p access.Principal, id, fence int64, lease time.Duration, groups []Group, f func(*Import) error) error
	// StopCheck makes a draft of an import that is being checked, on whatever
	// node; with idle only if nobody holds it. One that is not is left alone.
	StopCheck(ctx context.Context, id int64, idle bool, reason string) error
	Groups(ctx context.Context, id int64) ([]Group, error)
	Fixes(ctx context.Context, id int64) ([]Fix, error)
	// SaveFixes adds fixes; one for the same cell replaces the earlier, one
	// that says Old again takes it back.
	SaveFixes(ctx context.Context, id int64, fixes []Fix) error
	// DropImport deletes a draft (state draft or checked, never started) and
	// reports whether another import needs the same bytes. It fails with
	// lead.ErrConflict in any other state.
	DropImport(ctx context.Context, p access.Principal, id int64) (imp *Import, used bool, err error)
	// Undos returns the undos of an import, oldest first.
	Undos(ctx context.Context, id int64) ([]Import, error)
}

// Finished is what a finished import teaches.
type Finished struct {
	ID     int64
	At     time.Time
	Recipe string // TOML
}

// Fix is a cell mended by a person: an overlay over the file (rule 8.1).
type Fix struct {
	Offset   int64
	Column   int
	Old, New string
}

// Origin is who and what writes.
type Origin struct {
	Actor  int64
	Import int64 // 0: by hand
	At     time.Time
}

// Write is one change of one lead. The one writer (Tx.Write) stamps lead, keys
// and journal with the next sequence.
type Write struct {
	Lead    int64 // for a new lead an id allotted beforehand, or 0
	Create  bool
	Before  lead.Record // Before.Version is the version it was decided on
	After   lead.Record
	Deleted *time.Time // nil: leave; zero: restore from the bin; else put into it
	Binned  time.Time  // when the lead was put into the bin, zero: it is not in it
	Record  int64      // of the import
	Reverts int64      // undo: the journal row that is taken back; -1: the creation
	Keys    []Key      // of a new lead, if the caller has them: KeysOf(After)
}

// Result is the final outcome of a record where it differs from the plan.
type Result struct {
	Record  int64
	Outcome Outcome
	Code    string
	Lead    int64
	Message string
	// By is the import that brought a rejected record in (rule 10.1), 0: none.
	// It counts unless that import is undone.
	By int64
}

// Beginning is what a run begins with. One that goes on has nothing.
type Beginning struct {
	Parts []Part
	New   int64 // leads to allot ids for
	// What the parts may all name is made beforehand: accounts and tags, as they
	// are written first in the file.
	Accounts, Tags []string
}

// Runs drives runs and undos.
type Runs interface {
	// Nodes reports whether several processes work on the database.
	Nodes() bool
	// StartRun moves an import from one of the states to another, allots ids
	// for its new leads (Import.FirstID), creates its parts (none: those it
	// has go on) and enqueues the first step, all in one transaction. An undo
	// takes its parent to Undoing with it. It fails with lead.ErrConflict in
	// any other state.
	StartRun(ctx context.Context, p access.Principal, id int64, from []State, to State, b Beginning) error
	// Claim takes a part whose lease is free or has run out and raises its
	// fence; lead.ErrConflict while another holds it.
	Claim(ctx context.Context, id, part int64, lease time.Duration) (Part, error)
	// ClaimNext takes a part on which work is left, one that is for later only
	// once all others are done; lead.ErrConflict where there is none.
	ClaimNext(ctx context.Context, id int64, lease time.Duration) (Part, error)
	// Leave says that a part which was claimed is left although its lease goes
	// on, since the database could not be told. Here it can be claimed at once.
	Leave(part Part)
	// InTx runs f in one write transaction: all of it or nothing.
	// Whoever waits for AtOnce goes before it.
	InTx(ctx context.Context, f func(Tx) error) error
	// InPart is InTx beside those of other parts of the same import. What f
	// writes has to be this part's only.
	InPart(ctx context.Context, part *Part, f func(Tx) error) error
	// AtOnce is InTx for a person who waits for it.
	AtOnce(ctx context.Context, f func(Tx) error) error
	// Waiting reports whether somebody waits to write, so that a long
	// transaction ends early.
	Waiting() bool
	// WaitedSince reports whether anybody had to wait for a writer to end since
	// a time.
	WaitedSince(at time.Time) bool
	Parts(ctx context.Context, id int64) ([]Part, error)
	Results(ctx context.Context, id int64, first, last int64) ([]Result, error)
}

// Tx is one write transaction. Only it is in scope inside.
type Tx interface {
	Leads() Leads
	// Foreign returns the sequences after seq at which anyone but this import
	// wrote.
	Foreign(ctx context.Context, seq, imp int64) (map[int64]bool, error)
	// Write is the one way to change leads. It fails with lead.ErrConflict
	// where a lead's version is not the one it was decided on. Accounts and
	// tags that do not exist are created and stamped with the import.
	Write(ctx context.Context, p access.Principal, o Origin, writes []Write) error
	// BinUntouched puts the untouched leads of some that an import made into the
	// bin, as Write would with each of them. It fails with lead.ErrConflict where
	// there are not as many as Made has counted.
	BinUntouched(ctx context.Context, p access.Principal, o Origin, made Made) error
	SaveResults(ctx context.Context, imp int64, results []Result) error
	// Advance moves a part's cursor, stores its accounting and renews the
	// lease; lead.ErrFenced unless fence and old cursor are still the part's.
	Advance(ctx context.Context, part *Part, cursor int64, acc Accounting, lease time.Duration) error
	// Finish sets the import's state, its final accounting and reason.
	Finish(ctx context.Context, imp int64, state State, acc Accounting, reason string) error
	// Wake enqueues the import's next step.
	Wake(ctx context.Context, imp int64) error
}

// JournalRow is one change of a lead as the journal holds it. Before and After
// hold the changed fields by key; "deleted_at" stands for the bin.
type JournalRow struct {
	ID, Lead, Version, Seq int64
	At                     time.Time
	Actor, Import, Record  int64
	Reverts                int64
	Before, After          map[string]string
}

// Made are leads that an import made, of records after one up to the last.
type Made struct {
	Import, After, Last int64
	Leads               int64 // how many they are
	// Untouched is how many of them nobody has changed since, not even the import,
	// which are not in the bin, and which the person may see and edit.
	Untouched int64
}

// Journal reads the journal for undo and history.
type Journal interface {
	// Changes returns an import's journal rows with id below before (0: from
	// the newest), newest first.
	Changes(ctx context.Context, imp, before int64, limit int) ([]JournalRow, error)
	// Made looks at the next leads that an import made, at most limit, with
	// record number above after; deleted ones included.
	Made(ctx context.Context, p access.Principal, imp, after int64, limit int) (Made, error)
	// Created returns these leads in order of record, without the untouched ones
	// if any are counted. Of their values only name and owner are read.
	Created(ctx context.Context, p access.Principal, made Made) ([]Lead, error)
	// History returns these leads' journal rows, oldest first.
	History(ctx context.Context, leads []int64) (map[int64][]JournalRow, error)
}

// Files is where uploads and plans lie.
type Files interface {
	Open(ctx context.Context, name string) (File, error)
	Create(ctx context.Context) (FileWriter, error)
	Remove(ctx context.Context, name string) error
}

// File is one kept file.
type File interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// FileWriter is a file in the making; nobody sees it before Commit.
type FileWriter interface {
	io.Writer
	io.WriterAt
	Commit(name string) error
	Abort() error
}
