package importer

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// PlanInfo describes a plan: the immutable result of a check.
type PlanInfo struct {
	File string `json:"file"` // the base: name in Files
	// Deltas are the segments laid over the base, oldest first: one for each
	// check after fixes (rule 8.1).
	Deltas     []string   `json:"deltas,omitempty"`
	Trace      string     `json:"trace,omitempty"`  // name in Files
	Base       string     `json:"base"`             // hash over all inputs but fixes and answers
	Hash       string     `json:"hash"`             // over inputs and entries (rule 8.1)
	Inputs     string     `json:"inputs"`           // hash over file, recipe, fixes, fields, choices, users, engine
	Engine     int        `json:"engine,omitempty"` // Version of the one that made it
	Seq        int64      `json:"seq"`              // sequence of the leads it was decided on
	Records    int64      `json:"records"`
	Accounting Accounting `json:"accounting"`
	Decisions  []Decision `json:"decisions,omitempty"` // questions that stop the run
}

// Name names the plan of one check: no two checks have the same.
func (i *PlanInfo) Name() string {
	if n := len(i.Deltas); n > 0 {
		return i.Deltas[n-1]
	}
	return i.File
}

// files are the names of all that belongs to the plan.
func (i *PlanInfo) files() []string { return append([]string{i.File, i.Trace}, i.Deltas...) }

// Entry is the plan of one record.
type Entry struct {
	Offset, Line int64 // where the record lies in the file
	Outcome      Outcome
	Reason       Reason
	Flags        Flags
	// Lead is the lead that an update changes or an unchanged record equals;
	// for a new lead its ordinal among the new ones, 0…; Version is the lead's
	// when the plan was made, for a new one its turn among those that the file
	// gives to nobody, 1…, or 0.
	Lead, Version int64
	// Head is the record that a follower merges into (rule 5.7), else 0.
	Head int64
	// Change is a hash of the planned change, before and after.
	Change uint64
	// Cells counts this record's cells that are not imported.
	Cells uint16
}

// written reports whether the record's values get into a lead, or are there.
func (e *Entry) written() bool {
	return e.Outcome == New || e.Outcome == Update || e.Outcome == Unchanged || e.Outcome == Skip && e.Reason == SkipMerged
}

// Flags of an entry.
type Flags uint8

const (
	Warned   Flags = 1 << iota // the record has a warning
	Fills                      // an update that only fills blanks
	Replaces                   // an update that replaces a value
	Typed                      // … that a person typed in the last 30 days
	HeadNew                    // a follower whose head is a new lead
)

// A plan file is a header and one entry of planEntrySize bytes per record, so
// that record n is one seek away.
const (
	planMagic      = "LEADPLAN"
	deltaMagic     = "LEADDELT"
	planHeaderSize = 64
	planEntrySize  = 56
)

func (e *Entry) put(b []byte) {
	le := binary.LittleEndian
	le.PutUint64(b[0:], uint64(e.Offset))
	le.PutUint64(b[8:], uint64(e.Line))
	le.PutUint64(b[16:], uint64(e.Lead))
	le.PutUint64(b[24:], uint64(e.Version))
	le.PutUint64(b[32:], uint64(e.Head))
	le.PutUint64(b[40:], e.Change)
	b[48], b[49], b[50], b[51] = byte(e.Outcome), byte(e.Reason), byte(e.Flags), 0
	le.PutUint16(b[52:], e.Cells)
	le.PutUint16(b[54:], 0)
}

func (e *Entry) get(b []byte) {
	le := binary.LittleEndian
	e.Offset = int64(le.Uint64(b[0:]))
	e.Line = int64(le.Uint64(b[8:]))
	e.Lead = int64(le.Uint64(b[16:]))
	e.Version = int64(le.Uint64(b[24:]))
	e.Head = int64(le.Uint64(b[32:]))
	e.Change = le.Uint64(b[40:])
	e.Outcome, e.Reason, e.Flags = Outcome(b[48]), Reason(b[49]), Flags(b[50])
	e.Cells = le.Uint16(b[52:])
}

type planWriter struct {
	f    FileWriter
	w    *bufio.Writer
	sum  [32]byte
	hash interface {
		io.Writer
		Sum([]byte) []byte
	}
	n   int64
	buf [planEntrySize]byte
	// Of a delta: the plan it lies over, and the window of it at hand.
	under  *Plan
	window []Entry
}

// newPlanWriter writes a base, or over an earlier plan of the same inputs but
// for the fixes a delta: only the entries that differ, each behind its record
// number.
func newPlanWriter(f FileWriter, base, inputs string, under *Plan) (*planWriter, error) {
	p := &planWriter{f: f, w: bufio.NewWriterSize(f, 1<<20), hash: sha256.New(), under: under}
	header, err := planHeader(planMagic, base)
	if under != nil {
		header, err = planHeader(deltaMagic, base)
	}
	if err != nil {
		return nil, err
	}
	io.WriteString(p.hash, inputs)
	_, err = p.w.Write(header)
	return p, err
}

func planHeader(magic, base string) ([]byte, error) {
	header := make([]byte, planHeaderSize)
	copy(header, magic)
	binary.LittleEndian.PutUint32(header[8:], Version)
	binary.LittleEndian.PutUint32(header[12:], planEntrySize)
	raw, err := hex.DecodeString(base)
	if err != nil {
		return nil, fmt.Errorf("plan inputs: %w", err)
	}
	copy(header[16:48], raw)
	return header, nil
}

func (p *planWriter) add(e *Entry) error {
	e.put(p.buf[:])
	p.n++
	p.hash.Write(p.buf[:])
	if p.under != nil {
		same, err := p.stands(e)
		if err != nil || same {
			return err
		}
		var number [8]byte
		binary.LittleEndian.PutUint64(number[:], uint64(p.n))
		if _, err := p.w.Write(number[:]); err != nil {
			return err
		}
	}
	_, err := p.w.Write(p.buf[:])
	return err
}

// stands reports whether the plan below says the same of this record.
func (p *planWriter) stands(e *Entry) (bool, error) {
	at := (p.n - 1) % batchRows
	if at == 0 {
		if p.window == nil {
			p.window = make([]Entry, batchRows)
		}
		if _, err := p.under.Read(p.n, p.window); err != nil {
			return false, err
		}
	}
	return p.n <= p.under.n && p.window[at] == *e, nil
}

// commit makes the plan visible and returns its hash.
func (p *planWriter) commit(name string) (string, error) {
	if err := p.w.Flush(); err != nil {
		return "", err
	}
	if err := p.f.Commit(name); err != nil {
		return "", err
	}
	return hex.EncodeToString(p.hash.Sum(p.sum[:0])), nil
}

// Plan reads a plan: its base, any window of which is one read away, and the
// deltas over it.
type Plan struct {
	f     File
	n     int64
	buf   []byte
	delta map[int64]Entry
}

// OpenPlan opens a plan. A file that is not a plan of this engine fails.
func OpenPlan(ctx context.Context, files Files, info *PlanInfo) (*Plan, error) {
	f, err := openSegment(ctx, files, info.File, planMagic, info.Base)
	if err != nil {
		return nil, err
	}
	p := &Plan{f: f, n: (f.Size() - planHeaderSize) / planEntrySize}
	if p.n != info.Records {
		f.Close()
		return nil, fmt.Errorf("plan %s holds %d records instead of %d: check the file again", info.File, p.n, info.Records)
	}
	for _, name := range info.Deltas {
		if err := p.overlay(ctx, files, name, info.Base); err != nil {
			f.Close()
			return nil, err
		}
	}
	return p, nil
}

func openSegment(ctx context.Context, files Files, name, magic, base string) (File, error) {
	f, err := files.Open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("open plan: %w", err)
	}
	header := make([]byte, planHeaderSize)
	if _, err := f.ReadAt(header, 0); err != nil || string(header[:8]) != magic ||
		binary.LittleEndian.Uint32(header[8:]) != Version || hex.EncodeToString(header[16:48]) != base {
		f.Close()
		return nil, fmt.Errorf("plan %s was made by another version of the engine or for other inputs: check the file again", name)
	}
	return f, nil
}

// overlay lays a delta over what was read so far.
func (p *Plan) overlay(ctx context.Context, files Files, name, base string) error {
	f, err := openSegment(ctx, files, name, deltaMagic, base)
	if err != nil {
		return err
	}
	defer f.Close()
	if p.delta == nil {
		p.delta = map[int64]Entry{}
	}
	r := bufio.NewReaderSize(io.NewSectionReader(f, planHeaderSize, f.Size()-planHeaderSize), 1<<16)
	var b [8 + planEntrySize]byte
	for {
		_, err := io.ReadFull(r, b[:])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read plan %s: %w", name, err)
		}
		var e Entry
		e.get(b[8:])
		p.delta[int64(binary.LittleEndian.Uint64(b[:]))] = e
	}
}

// Close closes the file.
func (p *Plan) Close() error { return p.f.Close() }

// Len is the number of records.
func (p *Plan) Len() int64 { return p.n }

// Read fills out with the entries from record first (1…) on and returns how
// many there were.
func (p *Plan) Read(first int64, out []Entry) (int, error) {
	n := min(int64(len(out)), p.n-first+1)
	if first < 1 || n <= 0 {
		return 0, nil
	}
	size := int(n) * planEntrySize
	if cap(p.buf) < size {
		p.buf = make([]byte, size)
	}
	b := p.buf[:size]
	if _, err := p.f.ReadAt(b, planHeaderSize+(first-1)*planEntrySize); err != nil {
		return 0, fmt.Errorf("read plan at record %d: %w", first, err)
	}
	for i := range out[:n] {
		out[i].get(b[i*planEntrySize:])
		if e, ok := p.delta[first+int64(i)]; ok {
			out[i] = e
		}
	}
	return int(n), nil
}

// each calls f for every record in turn, with an entry that is f's until it
// returns.
func (p *Plan) each(f func(record int64, e *Entry) error) error {
	window := make([]Entry, batchRows)
	for first := int64(1); first <= p.n; {
		n, err := p.Read(first, window)
		for i := 0; i < n && err == nil; i++ {
			err = f(first+int64(i), &window[i])
		}
		if err != nil {
			return err
		}
		first += int64(n)
	}
	return nil
}

// At returns the entry of record n (1…).
func (p *Plan) At(n int64) (Entry, error) {
	var e [1]Entry
	got, err := p.Read(n, e[:])
	if err == nil && got == 0 {
		err = fmt.Errorf("the file has %d records, so there is no record %d", p.n, n)
	}
	return e[0], err
}

// inputsHash is the hash over everything that decides a plan (rule 8.1).
func inputsHash(parts ...any) (string, error) {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, p := range append([]any{Version}, parts...) {
		if err := enc.Encode(p); err != nil {
			return "", fmt.Errorf("hash plan inputs: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
