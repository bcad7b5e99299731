package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// outbox is an Outbox in memory.
type outbox struct {
	queued  []Queued
	next    map[int64]time.Time
	sent    []int64
	lost    map[int64]string // given up, with the reason
	reasons []string
	broken  error // of Sent
}

func newOutbox(to ...string) *outbox {
	o := &outbox{next: map[int64]time.Time{}, lost: map[int64]string{}}
	for i, mail := range to {
		m := message()
		m.To, m.ID = []Address{{"", mail}}, fmt.Sprintf("result.%d@desk.example", i)
		o.queued = append(o.queued, Queued{ID: int64(i), Message: m})
	}
	return o
}

func (o *outbox) Due(_ context.Context, now time.Time) ([]Queued, error) {
	var due []Queued
	for _, q := range o.queued {
		if _, lost := o.lost[q.ID]; !lost && !slices.Contains(o.sent, q.ID) && !now.Before(o.next[q.ID]) {
			due = append(due, q)
		}
	}
	return due, nil
}

func (o *outbox) Sent(_ context.Context, id int64) error {
	if o.broken == nil {
		o.sent = append(o.sent, id)
	}
	return o.broken
}

func (o *outbox) Failed(_ context.Context, id int64, next time.Time, reason string, permanent bool) error {
	o.queued[id].Attempt++
	o.next[id] = next
	o.reasons = append(o.reasons, reason)
	if permanent {
		o.lost[id] = reason
	}
	return nil
}

// The server is down, then refuses one address, then works: each mail arrives
// once, the bad address is given up with the server's words.
func TestDeliver(t *testing.T) { // rule 10.2
	var down atomic.Bool
	down.Store(true)
	srv := serve(t, plain, &server{
		mail: func() error {
			if down.Load() {
				return &smtp.SMTPError{Code: 421, Message: "shutting down"}
			}
			return nil
		},
		rcpt: func(to string) error {
			if strings.HasPrefix(to, "gone@") {
				return &smtp.SMTPError{Code: 550, Message: "no such user"}
			}
			return nil
		},
	})
	o := newOutbox("ana@example.com", "gone@example.com", "bo@example.com")
	now := time.Unix(0, 0)
	d := &Deliverer{Outbox: o, Sender: sender(t, "smtp://"+srv.addr+"?tls=none"), Now: func() time.Time { return now }}
	deliver := func(want int) {
		t.Helper()
		if sent, err := d.Deliver(context.Background()); sent != want || err != nil {
			t.Fatalf("sent %d, %v, want %d", sent, err, want)
		}
	}
	deliver(0)
	deliver(0) // nothing is due
	if o.queued[0].Attempt != 1 || o.next[0] != now.Add(NextTry(1)) {
		t.Errorf("after one try: %d tries, next %v", o.queued[0].Attempt, o.next[0])
	}
	down.Store(false)
	now = now.Add(NextTry(1))
	deliver(2)
	deliver(0)
	if len(srv.all()) != 2 || !slices.Equal(o.sent, []int64{0, 2}) || !strings.Contains(o.lost[1], "no such user") {
		t.Errorf("server took %d, sent %v, given up %v", len(srv.all()), o.sent, o.lost)
	}
}

// When the server cannot be reached, the first message waits for it and the
// others do not.
func TestDeliverUnreachable(t *testing.T) {
	var tries atomic.Int32
	srv := serve(t, plain, &server{answer: func([]byte, net.Conn) bool { tries.Add(1); return false }})
	o := newOutbox("a@example.com", "b@example.com", "c@example.com")
	d := &Deliverer{Outbox: o, Sender: sender(t, "smtp://"+srv.addr+"?tls=none")}
	if sent, err := d.Deliver(context.Background()); sent != 0 || err != nil {
		t.Fatalf("sent %d, %v", sent, err)
	}
	if len(o.reasons) != 3 || tries.Load() != 1 {
		t.Errorf("%d noted, %d connections", len(o.reasons), tries.Load())
	}
}

// The answer is lost, or the outbox cannot note it: the mail is sent again, and
// its Message-ID tells that it is the same.
func TestDeliverAtLeastOnce(t *testing.T) { // rule 10.2
	var cut atomic.Bool
	cut.Store(true)
	srv := serve(t, plain, &server{answer: func(p []byte, _ net.Conn) bool {
		return !bytes.Contains(p, []byte("queued")) || !cut.Swap(false)
	}})
	o := newOutbox("ana@example.com")
	now := time.Unix(0, 0)
	d := &Deliverer{Outbox: o, Sender: sender(t, "smtp://"+srv.addr+"?tls=none"), Now: func() time.Time { return now }}
	if sent, err := d.Deliver(context.Background()); sent != 0 || err != nil {
		t.Fatalf("answer lost: sent %d, %v", sent, err)
	}
	now = now.Add(time.Hour)
	o.broken = errors.New("disk full")
	if sent, err := d.Deliver(context.Background()); sent != 0 || !errors.Is(err, o.broken) {
		t.Fatalf("outbox broken: sent %d, %v", sent, err)
	}
	o.broken = nil
	if sent, err := d.Deliver(context.Background()); sent != 1 || err != nil {
		t.Fatalf("sent %d, %v", sent, err)
	}
	all := srv.all()
	if len(all) != 3 {
		t.Fatalf("the server took %d", len(all))
	}
	for _, m := range all {
		if id := parse(t, m.raw).header.Get("Message-Id"); id != "<result.0@desk.example>" {
			t.Errorf("Message-ID %s", id)
		}
	}
}

// Stopping the program is not the server's fault: no try is counted.
func TestDeliverCancelled(t *testing.T) {
	srv := serve(t, plain, &server{})
	o := newOutbox("ana@example.com")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d := &Deliverer{Outbox: o, Sender: sender(t, "smtp://"+srv.addr+"?tls=none")}
	if _, err := d.Deliver(ctx); !errors.Is(err, context.Canceled) || len(o.reasons) != 0 {
		t.Errorf("%v, %d tries noted", err, len(o.reasons))
	}
}

func TestNextTry(t *testing.T) {
	var sum, last time.Duration
	attempt := 1
	for ; NextTry(attempt) > 0; attempt++ {
		if NextTry(attempt) < last {
			t.Errorf("try %d comes sooner than the one before", attempt)
		}
		last = NextTry(attempt)
		sum += last
	}
	if sum < 4*24*time.Hour || sum > 5*24*time.Hour {
		t.Errorf("gives up after %v, RFC 5321 4.5.4.1 says 4 to 5 days", sum)
	}
	if NextTry(0) <= 0 || NextTry(1000) != 0 {
		t.Error("outside of the schedule")
	}

	o := newOutbox("ana@example.com") // the last try failed
	o.queued[0].Attempt = attempt - 1
	d := &Deliverer{Outbox: o, Sender: failing{fmt.Errorf("%w: line one\nline two", ErrTemporary)}}
	if _, err := d.Deliver(context.Background()); err != nil || !strings.Contains(o.lost[0], "line one line two") {
		t.Errorf("%v, given up %v", err, o.lost)
	}
}

type failing struct{ err error }

func (f failing) Send(context.Context, Message) error { return f.err }
