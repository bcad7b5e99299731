package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
)

// s3File reads an object by ranges, ahead of where it is asked for: little
// where somebody looks at a place, more and more where one read follows the
// last. What was read last is kept, so that a window costs a request or two.
type s3File struct {
	s         *S3
	ctx       context.Context // of whoever opened it
	key, name string
	etag      string // the bytes never change under an open file
	size      int64

	mu       sync.Mutex
	pos      int64 // of Read
	segments []*segment
	clock    int64
	closed   bool
}

// segment is a stretch of the file in memory.
type segment struct {
	off  int64
	data []byte
	used int64 // when, by the file's clock
}

const (
	segmentMin  = 256 << 10
	segmentMax  = 8 << 20
	segmentsMax = 4 // two streams with what follows each
)

// Name implements File.
func (f *s3File) Name() string { return f.name }

// Size implements File.
func (f *s3File) Size() int64 { return f.size }

// Close implements File.
func (f *s3File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed, f.segments = true, nil
	return nil
}

// Read implements io.Reader.
func (f *s3File) Read(p []byte) (int, error) {
	n, err := f.ReadAt(p, f.pos)
	f.pos += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// ReadAt implements io.ReaderAt.
func (f *s3File) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read %s at %d: %w", f.name, off, os.ErrInvalid)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for n < len(p) {
		if off >= f.size {
			return n, io.EOF
		}
		g, err := f.segment(off, len(p)-n)
		if err != nil {
			return n, err
		}
		m := copy(p[n:], g.data[off-g.off:])
		n, off = n+m, off+int64(m)
	}
	return n, nil
}

// segment returns what holds the byte at off; want is how many are asked for
// from there.
func (f *s3File) segment(off int64, want int) (*segment, error) {
	if f.closed {
		return nil, os.ErrClosed
	}
	f.clock++
	size, oldest := segmentMin, (*segment)(nil)
	for _, g := range f.segments {
		end := g.off + int64(len(g.data))
		if g.off <= off && off < end {
			g.used = f.clock
			return g, nil
		}
		if end == off { // one goes on reading
			size = max(size, 2*len(g.data))
		}
		if oldest == nil || g.used < oldest.used {
			oldest = g
		}
	}
	size = int(min(int64(min(max(size, want), segmentMax)), f.size-off))
	g := &segment{}
	if len(f.segments) == segmentsMax {
		g = oldest // its memory serves again
	} else {
		f.segments = append(f.segments, g)
	}
	if cap(g.data) < size {
		g.data = make([]byte, size)
	}
	g.off, g.data, g.used = off, g.data[:size], f.clock
	if err := f.fetch(g.data, off); err != nil {
		g.data = g.data[:0]
		return nil, f.s.err("read file "+f.name, err)
	}
	return g, nil
}

// fetch reads a range whole, again from where it broke off.
func (f *s3File) fetch(p []byte, off int64) error {
	for try := 0; ; try++ {
		n, err := f.fetchOnce(p, off)
		p, off = p[n:], off+int64(n)
		if len(p) == 0 {
			return nil
		}
		// The client has tried again what was answered with an error.
		var answer minio.ErrorResponse
		if try+1 == s3Tries || errors.As(err, &answer) || f.ctx.Err() != nil {
			return err
		}
		select {
		case <-f.ctx.Done():
			return f.ctx.Err()
		case <-time.After(50 * time.Millisecond << try):
		}
	}
}

func (f *s3File) fetchOnce(p []byte, off int64) (int, error) {
	var o minio.GetObjectOptions
	if err := o.SetRange(off, off+int64(len(p))-1); err != nil {
		return 0, err
	}
	if err := o.SetMatchETag(f.etag); err != nil {
		return 0, err
	}
	body, _, _, err := f.s.core.GetObject(f.ctx, f.s.place.bucket, f.key, o)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	return io.ReadFull(body, p)
}
