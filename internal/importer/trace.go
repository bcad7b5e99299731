package importer

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"
)

// A trace lies beside a plan and says of each record what its outcome hangs on:
// the keys that it asked for or came to hold and the leads that it met, each as
// a tie. Records that share no tie, not over others either, cannot change one
// another's outcome, so that a check after a fix need only look at those that
// hang together with the fixed ones.

// tie is 32 bits of the hash of a key, a lead or a question. Where two things
// have the same, some records are decided again for nothing.
type tie uint32

func tieOf(hash uint64) tie { return tie(hash ^ hash>>32) }

func leadTie(e entity) tie {
	return tieOf(xxhash.Sum64(binary.LittleEndian.AppendUint64(nil, uint64(e))))
}

// askTie stands for the question what a folded value of a field means.
func askTie(field, folded string) tie { return tieOf(xxhash.Sum64String(field + "\x00" + folded)) }

// traced is the trace of one record.
type traced struct {
	fixed bool     // it has fixes
	id    bool     // it has an Id
	ties  []tie    // keys and leads
	asks  []tie    // values whose answer it asked for
	makes []uint32 // accounts and tags that it creates, by their number
}

// traceTail is what a check knows of the file as a whole.
type traceTail struct {
	Rest, Recipe string                       // see ground
	Values       map[string]map[string]string // the recipe's answers
	Blank        []int                        // columns that feed nothing and hold nothing
	IDs          int64
	Contradicted int64
	Creations    []creation
	Groups       uint64  // of the issues that were saved with it
	Blocks       []int64 // where each block of traceBlock records begins
}

// traceBlock is how many records of a trace are read by one worker at a time.
const traceBlock = 1 << 14

// creation is an account or a tag that the import creates.
type creation struct {
	Hash    uint64
	Tag     bool  `json:",omitempty"`
	Records int64 // that name it
	// Name is how the first of them writes it; "" if that is not known.
	Name string `json:",omitempty"`
}

const (
	traceMagic      = "LEADTRC2"
	traceHeaderSize = 48
	tracedFixed     = 1
	tracedID        = 2
)

type traceWriter struct {
	f      FileWriter
	w      *bufio.Writer
	n, at  int64 // records and bytes so far
	blocks []int64
	// Room to make a record in.
	buf, size []byte
}

// newTraceWriter begins the trace of a check; ground is the hash over all that
// has to be as it was for the trace to be of use.
func newTraceWriter(f FileWriter, ground string) (*traceWriter, error) {
	t := &traceWriter{f: f, w: bufio.NewWriterSize(f, 1<<18), at: traceHeaderSize}
	header, err := traceHeader(ground)
	if err == nil {
		_, err = t.w.Write(header)
	}
	return t, err
}

func traceHeader(ground string) ([]byte, error) {
	header := make([]byte, traceHeaderSize)
	copy(header, traceMagic)
	binary.LittleEndian.PutUint32(header[8:], Version)
	raw, err := hex.DecodeString(ground)
	copy(header[16:], raw)
	return header, err
}

func (t *traceWriter) add(x *traced) error {
	flags := byte(0)
	if x.fixed {
		flags |= tracedFixed
	}
	if x.id {
		flags |= tracedID
	}
	b := append(t.buf[:0], flags)
	for _, list := range [][]tie{x.ties, x.asks} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, m := range list {
			b = binary.LittleEndian.AppendUint32(b, uint32(m))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(x.makes)))
	for _, n := range x.makes {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	t.buf = b
	t.size = binary.AppendUvarint(t.size[:0], uint64(len(b)))
	if t.n%traceBlock == 0 {
		t.blocks = append(t.blocks, t.at)
	}
	t.n++
	t.at += int64(len(t.size) + len(b))
	if _, err := t.w.Write(t.size); err != nil {
		return err
	}
	_, err := t.w.Write(b)
	return err
}

func (t *traceWriter) commit(name string, tail *traceTail) error {
	tail.Blocks = t.blocks
	text, err := json.Marshal(tail)
	if err != nil {
		return err
	}
	t.w.Write(text)
	t.w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text))))
	if err := t.w.Flush(); err != nil {
		return err
	}
	return t.f.Commit(name)
}

// trace reads a trace.
type trace struct {
	f    File
	end  int64 // of the records
	tail traceTail
}

// errStale says that a trace is of no use for a check.
var errStale = errors.New("the trace of the last check is for other inputs")

// openTrace opens a trace if it is for this ground; "" stands for any.
func openTrace(ctx context.Context, files Files, name, ground string) (*trace, error) {
	f, err := files.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	t := &trace{f: f}
	if err := t.open(ground); err != nil {
		f.Close()
		return nil, err
	}
	return t, nil
}

func (t *trace) open(ground string) error {
	want, err := traceHeader(ground)
	if err != nil {
		return err
	}
	got := make([]byte, traceHeaderSize)
	if _, err := t.f.ReadAt(got, 0); err != nil {
		return err
	}
	if ground == "" {
		copy(want[16:], got[16:])
	}
	if string(got) != string(want) {
		return errStale
	}
	size := t.f.Size()
	var length [8]byte
	if _, err := t.f.ReadAt(length[:], size-8); err != nil {
		return err
	}
	n := int64(binary.LittleEndian.Uint64(length[:]))
	if t.end = size - 8 - n; n < 0 || t.end < traceHeaderSize {
		return errStale
	}
	text := make([]byte, n)
	if _, err := t.f.ReadAt(text, t.end); err != nil {
		return err
	}
	return json.Unmarshal(text, &t.tail)
}

// each calls f for every record in turn. What it gets is overwritten by the
// next.
func (t *trace) each(f func(record int64, x *traced) error) error {
	return t.part(1, traceHeaderSize, t.end, nil, f)
}

// find returns the records that f picks, in order. It is not asked about those
// that skip, which gets a record's bytes, leaves out. Both are called by several
// goroutines at once.
func (t *trace) find(skip func(record int64, b []byte) bool, f func(record int64, x *traced) bool) ([]int64, []traced, error) {
	blocks := t.tail.Blocks
	type found struct {
		records []int64
		traces  []traced
		err     error
	}
	all := make([]found, len(blocks))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(blocks)) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(blocks); i = int(next.Add(1)) - 1 {
				end, x := t.end, &all[i]
				if i+1 < len(blocks) {
					end = blocks[i+1]
				}
				x.err = t.part(int64(i)*traceBlock+1, blocks[i], end, skip, func(record int64, y *traced) error {
					if f(record, y) {
						x.records, x.traces = append(x.records, record), append(x.traces, y.clone())
					}
					return nil
				})
			}
		})
	}
	wait.Wait()
	var out found
	for i := range all {
		out.records, out.traces = append(out.records, all[i].records...), append(out.traces, all[i].traces...)
		out.err = errors.Join(out.err, all[i].err)
	}
	return out.records, out.traces, out.err
}

// part is each from a record that begins at one byte up to another byte.
func (t *trace) part(record, from, to int64, skip func(record int64, b []byte) bool, f func(record int64, x *traced) error) error {
	r := bufio.NewReaderSize(io.NewSectionReader(t.f, from, to-from), 1<<18)
	var x traced
	var long []byte // of a record that the reader's buffer does not hold
	for ; ; record++ {
		size, err := binary.ReadUvarint(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && size > uint64(t.end) {
			err = io.ErrUnexpectedEOF
		}
		n := int(size)
		var b []byte
		switch {
		case err != nil:
		case n <= r.Size():
			b, err = r.Peek(n)
		default:
			long = append(long[:0], make([]byte, n)...)
			_, err = io.ReadFull(r, long)
			b, n = long, 0
		}
		if err == nil && skip != nil && skip(record, b) {
			r.Discard(n)
			continue
		}
		if err != nil || !x.read(b) {
			return fmt.Errorf("read the trace at record %d: %w", record, errorOr(err, io.ErrUnexpectedEOF))
		}
		if err := f(record, &x); err != nil {
			return err
		}
		r.Discard(n)
	}
}

// mayMeet reports whether a record's bytes may hold fixes, one of the ties or a
// question of asked, which is quicker to say than what they hold.
func mayMeet(b []byte, ties, asked *tieSet) bool {
	if len(b) == 0 || b[0]&tracedFixed != 0 {
		return true
	}
	b = b[1:]
	for _, s := range [...]*tieSet{ties, asked} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size)/4 {
			return true // it is cut, which its reading tells
		}
		for b = b[size:]; n > 0; n, b = n-1, b[4:] {
			if s.may(tie(binary.LittleEndian.Uint32(b))) {
				return true
			}
		}
	}
	return false
}

// read takes a record of a trace apart.
func (x *traced) read(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	x.fixed, x.id = b[0]&tracedFixed != 0, b[0]&tracedID != 0
	b = b[1:]
	x.ties, b = numbers(x.ties[:0], b)
	x.asks, b = numbers(x.asks[:0], b)
	x.makes, b = numbers(x.makes[:0], b)
	return b != nil
}

// numbers reads a list; the rest is nil if it is cut.
func numbers[T ~uint32](list []T, b []byte) ([]T, []byte) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size)/4 {
		return list, nil
	}
	b = b[size:]
	for range n {
		list = append(list, T(binary.LittleEndian.Uint32(b)))
		b = b[4:]
	}
	return list, b
}

func (x *traced) clone() traced {
	y := *x
	y.ties, y.asks, y.makes = slices.Clone(x.ties), slices.Clone(x.asks), slices.Clone(x.makes)
	return y
}

// tieSet is a set of ties, quick to say no.
type tieSet struct {
	maybe [1 << 15]uint64 // a bit for the low bits of each tie
	all   map[tie]bool
}

func newTieSet() *tieSet { return &tieSet{all: map[tie]bool{}} }

func (s *tieSet) may(m tie) bool { return s.maybe[m>>6&(1<<15-1)]&(1<<(m&63)) != 0 }

func (s *tieSet) has(m tie) bool { return s.may(m) && s.all[m] }

// add reports whether the tie is new.
func (s *tieSet) add(m tie) bool {
	if s.has(m) {
		return false
	}
	s.maybe[m>>6&(1<<15-1)] |= 1 << (m & 63)
	s.all[m] = true
	return true
}

func (s *tieSet) meets(list []tie) bool { return slices.ContainsFunc(list, s.has) }
