package table

import "io"

// readAhead unpacks a part while its rows are read: on two cores a large sheet
// takes as long as the slower of the two.
type readAhead struct {
	part io.ReadCloser
	full chan aheadChunk
	free chan []byte
	stop chan struct{}
	done chan struct{}
	buf  []byte // of the chunk being read
	rest []byte
	err  error
}

type aheadChunk struct {
	buf []byte
	n   int
	err error
}

const (
	aheadFrom   = 1 << 20 // bytes unpacked from which it is worth it
	aheadChunks = 4
)

func newReadAhead(part io.ReadCloser) *readAhead {
	a := &readAhead{part: part, full: make(chan aheadChunk, aheadChunks), free: make(chan []byte, aheadChunks), stop: make(chan struct{}), done: make(chan struct{})}
	for range aheadChunks {
		a.free <- make([]byte, chunkSize)
	}
	go a.run()
	return a
}

func (a *readAhead) run() {
	defer close(a.done)
	defer close(a.full)
	for {
		var buf []byte
		select {
		case buf = <-a.free:
		case <-a.stop:
			return
		}
		n, err := io.ReadFull(a.part, buf)
		if err == io.ErrUnexpectedEOF { //nolint:errorlint // ReadFull's own, for a last chunk that is not full; the part's are wrapped
			err = io.EOF
		}
		a.full <- aheadChunk{buf, n, err}
		if err != nil {
			return
		}
	}
}

func (a *readAhead) Read(b []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		if a.buf != nil {
			a.free <- a.buf
			a.buf = nil
		}
		c, ok := <-a.full
		if !ok {
			return 0, io.EOF
		}
		a.buf, a.rest, a.err = c.buf, c.buf[:c.n], c.err
	}
	n := copy(b, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

func (a *readAhead) Close() error {
	close(a.stop)
	<-a.done
	return a.part.Close()
}
