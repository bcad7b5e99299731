package importer

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/cespare/xxhash/v2"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

// Reading a record and cleaning it costs as much in a run as in the check that
// it follows. So a check of all records keeps what it cleaned beside the upload,
// and the run reads that, if it was cleaned under just what the run stands on.
// It is a cache (docs/decisions/clean-once.md): without it, after fixes, or where
// a setting or a user changed since, the run cleans again, and to the same end.

const (
	cleanedMagic      = "LEADCLN1"
	cleanedHeaderSize = 48 // magic, then the key
	cleanedBlockSize  = 32 // of a block in the index
	cleanedTailSize   = 16 // size and hash of the index
	// maxCleaned bounds the cleaned records of one upload that are kept, which
	// take two to three times its size.
	maxCleaned = 4 << 30
)

func cleanedName(imp *Import) string { return imp.SHA256 + ".clean" }

// cleanedKey is a hash over all that the cleaned records hang on.
func cleanedKey(on ground, inputs string) ([]byte, error) {
	text, err := inputsHash(on.trace, inputs)
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(text)
}

// cleanedBlock is one batch of records in the file.
type cleanedBlock struct {
	first, offset int64
	records, size uint32
	hash          uint64
}

// cleanedWriter keeps the batches of a check. The first one is held back: where
// no second one comes, there is nothing to gain.
type cleanedWriter struct {
	ctx   context.Context
	files Files
	key   []byte
	f     FileWriter
	held  []byte
	index []byte
	at    int64
	err   error // nothing is kept
}

// add keeps a batch.
func (w *cleanedWriter) add(first int64, records int, block []byte) {
	if w.err != nil {
		return
	}
	if w.index == nil {
		w.held, w.at = append([]byte(nil), block...), cleanedHeaderSize
	} else if w.f == nil {
		if w.f, w.err = w.files.Create(w.ctx); w.err == nil {
			header := append([]byte(cleanedMagic), make([]byte, cleanedHeaderSize-len(cleanedMagic))...)
			copy(header[16:], w.key)
			w.write(header)
			w.write(w.held)
			w.held = nil
		}
	}
	if w.f != nil {
		w.write(block)
	}
	le := binary.LittleEndian
	w.index = le.AppendUint64(w.index, uint64(first))
	w.index = le.AppendUint64(w.index, uint64(w.at))
	w.index = le.AppendUint32(w.index, uint32(records))
	w.index = le.AppendUint32(w.index, uint32(len(block)))
	w.index = le.AppendUint64(w.index, xxhash.Sum64(block))
	if w.at += int64(len(block)); w.at > maxCleaned {
		w.err = fmt.Errorf("the cleaned records would take more than %d bytes", int64(maxCleaned))
	}
}

func (w *cleanedWriter) write(b []byte) {
	if w.err == nil {
		_, w.err = w.f.Write(b)
	}
}

// commit keeps them under a name; the error says why not.
func (w *cleanedWriter) commit(name string) error {
	if w.f == nil {
		return w.err
	}
	w.write(w.index)
	tail := binary.LittleEndian.AppendUint64(nil, uint64(len(w.index)))
	w.write(binary.LittleEndian.AppendUint64(tail, xxhash.Sum64(w.index)))
	if w.err == nil {
		w.err = w.f.Keep(name)
	}
	return errors.Join(w.err, w.f.Abort())
}

func (w *cleanedWriter) abort() {
	if w != nil && w.f != nil {
		w.f.Abort()
	}
}

// keepCleaned gives the cleaned records of a check their name. That they could
// not be kept is no failure.
func (e *Engine) keepCleaned(ctx context.Context, imp *Import, w *cleanedWriter) error {
	if w == nil {
		return nil
	}
	if err := w.commit(cleanedName(imp)); err != nil {
		e.Log.WarnContext(ctx, "keep the cleaned records of a check", "import", imp.ID, "error", err)
		return nil
	}
	return e.orphaned(ctx, imp, cleanedName(imp))
}

// dropCleaned deletes the cleaned records of an import that is done.
func (e *Engine) dropCleaned(ctx context.Context, id int64) error {
	imp, err := e.Imports.GetImport(ctx, access.System(), id)
	if err != nil || imp.State != Done || !e.Near {
		return err
	}
	if err := e.Files.Remove(ctx, cleanedName(imp)); err != nil { // the next one of this file, or its deletion, takes it away
		e.Log.WarnContext(ctx, "remove the cleaned records of an import that is done", "import", id, "error", err)
	}
	return nil
}

// cleanedRecords are those of a check, for the run of its plan.
type cleanedRecords struct {
	*frame
	f      File
	blocks []cleanedBlock
	first  int64 // records of the run
	last   int64
	remove func() // what cannot be read
}

// openCleaned opens what the check of the plan cleaned, for the records from
// first to last. It fails with fs.ErrNotExist or errStale where there is nothing
// of use.
func (e *Engine) openCleaned(ctx context.Context, f *frame, imp *Import, first, last int64) (*cleanedRecords, error) {
	file, err := e.Files.Open(ctx, cleanedName(imp))
	if err != nil {
		return nil, err
	}
	c := &cleanedRecords{frame: f, f: file, first: first, last: last}
	c.remove = func() {
		if err := e.Files.Remove(context.WithoutCancel(ctx), cleanedName(imp)); err != nil {
			e.Log.Warn("remove damaged cleaned records", "import", imp.ID, "error", err)
		}
	}
	err = c.open(ctx, e, imp)
	if err != nil {
		file.Close()
		return nil, err
	}
	return c, nil
}

func (c *cleanedRecords) open(ctx context.Context, e *Engine, imp *Import) error {
	fixes, err := e.Imports.Fixes(ctx, imp.ID)
	if err != nil {
		return err
	}
	on, err := c.ground(imp, imp.Plan.Seq)
	if err != nil {
		return err
	}
	inputs, err := inputsHash(on.plan, c.recipe.Values, fixes)
	if err != nil {
		return err
	}
	key, err := cleanedKey(on, inputs)
	if err != nil {
		return err
	}
	header, tail := make([]byte, cleanedHeaderSize), make([]byte, cleanedTailSize)
	end := c.f.Size() - cleanedTailSize
	if end < cleanedHeaderSize {
		return errStale
	}
	if _, err := c.f.ReadAt(header, 0); err != nil {
		return err
	}
	if string(header[:8]) != cleanedMagic || string(header[16:]) != string(key) {
		return errStale
	}
	if _, err := c.f.ReadAt(tail, end); err != nil {
		return err
	}
	le := binary.LittleEndian
	size := int64(le.Uint64(tail))
	if size < 0 || size%cleanedBlockSize != 0 || size > end-cleanedHeaderSize {
		return errStale
	}
	index := make([]byte, size)
	if _, err := c.f.ReadAt(index, end-size); err != nil {
		return err
	}
	if xxhash.Sum64(index) != le.Uint64(tail[8:]) {
		return errStale
	}
	next := int64(1)
	for ; len(index) > 0; index = index[cleanedBlockSize:] {
		b := cleanedBlock{first: int64(le.Uint64(index)), offset: int64(le.Uint64(index[8:])), records: le.Uint32(index[16:]), size: le.Uint32(index[20:]), hash: le.Uint64(index[24:])}
		if b.first != next || int64(b.records) > int64(e.size().batch) {
			return errStale
		}
		next += int64(b.records)
		c.blocks = append(c.blocks, b)
	}
	if next != imp.Plan.Records+1 {
		return errStale
	}
	n := sort.Search(len(c.blocks), func(i int) bool { return c.blocks[i].first > c.first }) - 1
	c.blocks = c.blocks[max(n, 0):]
	return nil
}

// Close closes the file.
func (c *cleanedRecords) Close() error { return c.f.Close() }

// next implements drafting.
func (c *cleanedRecords) next(ctx context.Context, l *load) error {
	if len(c.blocks) == 0 || c.blocks[0].first > c.last {
		return io.EOF
	}
	l.at, c.blocks = c.blocks[0], c.blocks[1:]
	l.block = slices.Grow(l.block[:0], int(l.at.size))[:l.at.size]
	if _, err := c.f.ReadAt(l.block, l.at.offset); err != nil {
		return fmt.Errorf("read the cleaned records from %d: %w", l.at.first, err)
	}
	if xxhash.Sum64(l.block) != l.at.hash {
		c.remove()
		return fmt.Errorf("the cleaned records from %d are damaged; the run goes on without them when it is tried again", l.at.first)
	}
	return ctx.Err()
}

// workers implements drafting: one is quicker than any writer.
func (c *cleanedRecords) workers() int { return 1 }

// worker implements drafting.
func (c *cleanedRecords) worker() func(*load) error {
	var texts slab // what a text keeps alive is small, where a block is large
	return func(l *load) error {
		r, kept := reading{b: l.block, slab: &texts}, 0
		l.drafts = l.drafts[:l.at.records]
		for n := range int64(l.at.records) {
			d := &l.drafts[kept]
			c.read(&r, d)
			if d.record = l.at.first + n; c.first <= d.record && d.record <= c.last {
				kept++
			}
		}
		l.drafts = l.drafts[:kept]
		if r.cut || len(r.b) > 0 {
			c.remove()
			return fmt.Errorf("the cleaned records from %d cannot be read", l.at.first)
		}
		return nil
	}
}

// Flags of a cleaned record.
const (
	cleanedFailed = 1 << iota
	cleanedTrusted
	cleanedComposed
	cleanedMore // ids, where it comes from, a person's answer
)

// appendCleaned appends what a run needs of a draft as it was cleaned. Of one
// that failed the plan says all.
func appendCleaned(b []byte, d *draft) []byte {
	var flags byte
	if d.failed {
		return append(b, cleanedFailed)
	}
	if d.trusted {
		flags |= cleanedTrusted
	}
	if d.composed {
		flags |= cleanedComposed
	}
	more := d.id != 0 || d.version != 0 || d.homeImport != 0 || d.homeRecord != 0 || d.answer != recordAnswer{}
	if more {
		flags |= cleanedMore
	}
	b = append(b, flags)
	if more {
		for _, n := range [...]int64{d.id, d.version, d.homeImport, d.homeRecord, int64(d.answer.do), int64(d.answer.ent)} {
			b = binary.AppendVarint(b, n)
		}
	}
	if d.trusted {
		b = binary.AppendUvarint(b, uint64(len(d.empties)))
		for _, slot := range d.empties {
			b = binary.AppendUvarint(b, uint64(slot))
		}
	}
	n := 0
	d.change.Touched.Each(func(int) { n++ })
	b = binary.AppendUvarint(b, uint64(n))
	b = appendChange(b, &d.change)
	b = appendText(b, d.called)
	b = binary.AppendUvarint(b, uint64(len(d.keys)))
	b = binary.AppendUvarint(b, uint64(len(d.held)))
	for i := range d.held {
		k := &d.held[i]
		b = append(b, byte(k.Kind))
		b = binary.LittleEndian.AppendUint64(b, k.Hash)
		b = appendText(b, k.Text)
	}
	return b
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// read takes the next record apart.
func (f *frame) read(r *reading, d *draft) {
	flags := r.byte()
	*d = draft{change: f.emptied(d.change), defaults: f.defaults, empties: d.empties[:0], held: d.held[:0]}
	if d.failed = flags&cleanedFailed != 0; d.failed {
		return
	}
	d.trusted, d.composed = flags&cleanedTrusted != 0, flags&cleanedComposed != 0
	if flags&cleanedMore != 0 {
		d.id, d.version, d.homeImport, d.homeRecord = r.varint(), r.varint(), r.varint(), r.varint()
		d.answer = recordAnswer{answerKind(r.varint()), entity(r.varint())}
	}
	if d.trusted {
		for range r.count() {
			d.empties = append(d.empties, r.slot(f.schema))
		}
	}
	for range r.count() {
		slot := r.slot(f.schema)
		d.change.Put(slot, r.text())
	}
	d.called = r.text()
	keys := int(r.uvarint())
	for range r.count() {
		d.held = append(d.held, Key{Kind: norm.KeyKind(r.byte()), Hash: r.hash(), Text: r.text()})
	}
	if keys > len(d.held) {
		r.cut, keys = true, 0
	}
	d.keys = d.held[:keys:keys]
	d.planned = f.plannedHash(d)
}

// reading is the rest of a block. Its hash was right: what is cut nevertheless
// is no block of this version.
type reading struct {
	b    []byte
	slab *slab
	cut  bool
}

func (r *reading) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.cut, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reading) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reading) hash() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reading) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.take(uint64(max(n, 0)))
	r.cut = r.cut || n <= 0
	return v
}

func (r *reading) varint() int64 {
	v, n := binary.Varint(r.b)
	r.take(uint64(max(n, 0)))
	r.cut = r.cut || n <= 0
	return v
}

// count is how many follow: no more than there are bytes.
func (r *reading) count() uint64 {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.cut = true
		return 0
	}
	return n
}

// slot is a field's.
func (r *reading) slot(s *lead.Schema) int {
	n := r.uvarint()
	if n >= uint64(len(s.Fields)) {
		r.cut = true
		return 0
	}
	return int(n)
}

func (r *reading) text() string { return r.slab.text(r.take(r.uvarint())) }
