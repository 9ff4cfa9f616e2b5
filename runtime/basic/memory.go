package basic

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// A memory knows the credentials that held lately, and those that are being
// judged. It is safe for concurrent use.
type memory struct {
	key      [sha256.Size]byte
	remember time.Duration // negative: nothing
	size     int
	now      func() time.Time

	mu      sync.Mutex // of all below
	entries map[digest]*entry
	oldest  []*entry // entries, and what they were, in a ring; at most size
	next    int      // index of the oldest, once the ring is closed
	flights map[digest]*flight
	forgets int // how often Forget was called
}

// A digest stands for a user name and a password.
type digest [sha256.Size]byte

// An entry is a credential that held.
type entry struct {
	digest    digest
	principal *runtime.Principal
	since     time.Time
}

// A flight is a credential that is being judged, for all requests that came with
// it meanwhile.
type flight struct {
	digest  digest
	since   time.Time
	forgets int             // those of the memory when it began
	waiting int             // requests that have not gone; guarded by the memory's mutex
	ctx     context.Context // ends when all of them have gone
	cancel  context.CancelFunc

	landed    chan struct{} // closed when the result is there
	principal *runtime.Principal
	err       error
}

func newMemory(size int, remember time.Duration, now func() time.Time) *memory {
	m := &memory{
		remember: remember,
		size:     size,
		now:      now,
		entries:  map[digest]*entry{},
		flights:  map[digest]*flight{},
	}
	_, _ = rand.Read(m.key[:]) // never fails
	return m
}

func (m *memory) digest(pair userpass) (d digest) {
	h := hmac.New(sha256.New, m.key[:])
	_, _ = h.Write([]byte(pair.username + ":" + pair.password)) // a user name has no colon
	h.Sum(d[:0])
	return d
}

// find returns the principal of a credential that is remembered, or the flight
// in which it is judged. If there was none, the flight is the caller's, who has to
// judge the credential and land it.
func (m *memory) find(ctx context.Context, d digest) (p *runtime.Principal, f *flight, mine bool) {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.entries[d]; e != nil {
		if age := now.Sub(e.since); age >= 0 && age < m.remember {
			return e.principal, nil, false
		}
		delete(m.entries, d)
	}
	if f := m.flights[d]; f != nil {
		f.waiting++
		return nil, f, false
	}
	f = &flight{digest: d, since: now, forgets: m.forgets, waiting: 1, landed: make(chan struct{})}
	f.ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	m.flights[d] = f
	return nil, f, true
}

// follow waits for a flight that another request is judging.
func (m *memory) follow(ctx context.Context, f *flight) (*runtime.Principal, error) {
	select {
	case <-f.landed:
		return f.principal, f.err
	case <-ctx.Done():
		m.leave(f)
		return nil, fmt.Errorf("%w: wait for Check: %w", runtime.ErrUnavailable, ctx.Err())
	}
}

// leave says that a request does not wait any more. When none does, the flight
// is given up, and nobody joins it.
func (m *memory) leave(f *flight) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
		m.remove(f)
	}
}

func (m *memory) remove(f *flight) {
	if m.flights[f.digest] == f {
		delete(m.flights, f.digest)
	}
}

// land ends a flight with its result, and remembers one that is good, unless
// somebody may have been forgotten since it began.
func (m *memory) land(f *flight, p *runtime.Principal, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f.principal, f.err = p, err
	close(f.landed)
	f.cancel()
	m.remove(f)
	if err == nil && m.remember > 0 && f.forgets == m.forgets {
		m.add(&entry{digest: f.digest, principal: p, since: f.since})
	}
}

// add remembers an entry, in place of the oldest if there are too many.
func (m *memory) add(e *entry) {
	if len(m.oldest) < m.size {
		m.oldest = append(m.oldest, e)
	} else {
		if old := m.oldest[m.next]; m.entries[old.digest] == old {
			delete(m.entries, old.digest)
		}
		m.oldest[m.next] = e
		m.next = (m.next + 1) % m.size
	}
	m.entries[e.digest] = e
}

// Forget makes the backend forget the credentials that it remembers of a user,
// by the UserID of Check's Identity: when the password is changed, say, or the
// user disabled. Call it after the change has been stored. What is being judged
// just then is served once more, and not remembered. Other processes remember
// what they know until [Config.Remember] is over.
func (b *Backend) Forget(userID string) {
	if b == nil || b.memory == nil {
		return
	}
	m := b.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgets++
	clear(m.flights) // requests from now on are judged by what is stored now
	for d, e := range m.entries {
		if e.principal.UserID() == userID {
			delete(m.entries, d)
		}
	}
}
