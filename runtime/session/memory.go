package session

import (
	"bytes"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Memory is a [Store] in the memory of one process. It suits programs that run as
// a single instance and may forget all sessions when they restart.
//
// Sessions are dropped once they have been over for an hour, never before,
// whatever their number: each Create looks at what is over longest, and drops some
// of it. Memory does no I/O, needs no goroutine, and returns no error but those
// that the documentation of [Store] names, and that of a context that is done. Its
// methods are safe for concurrent use. The zero Memory and a nil one do nothing but
// return errors: see [NewMemory].
type Memory struct {
	mu     sync.Mutex
	byID   map[Digest]*member
	byUser map[string]map[Digest]*member
	queue  queue
}

var _ Store = (*Memory)(nil)

// A member is a session in memory.
type member struct {
	Record
	place int // in the queue
}

// sweepSize is how many sessions that are over a Create drops. More than one, so
// that what is over gets less even while others come.
const sweepSize = 8

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{byID: map[Digest]*member{}, byUser: map[string]map[Digest]*member{}}
}

// ready returns why a call cannot be answered at all.
func (m *Memory) ready(ctx context.Context) error {
	if m == nil || m.byID == nil {
		return errNotMade
	}
	return ctx.Err()
}

// Create implements [Store].
func (m *Memory) Create(ctx context.Context, r Record) error {
	if err := errors.Join(m.ready(ctx), r.Validate()); err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	// The caller's strings may be parts of a request that should not be kept.
	r.UserID, r.UserAgent, r.Address = strings.Clone(r.UserID), strings.Clone(r.UserAgent), strings.Clone(r.Address)
	r.Data = bytes.Clone(r.Data)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byID[r.ID] != nil {
		return fmt.Errorf("create session: %w", errExists)
	}
	m.sweep(r.Created.Add(-slack))
	m.add(&member{Record: r})
	return nil
}

func (m *Memory) add(s *member) {
	m.byID[s.ID] = s
	if m.byUser[s.UserID] == nil {
		m.byUser[s.UserID] = map[Digest]*member{}
	}
	m.byUser[s.UserID][s.ID] = s
	heap.Push(&m.queue, s)
}

func (m *Memory) remove(s *member) {
	delete(m.byID, s.ID)
	delete(m.byUser[s.UserID], s.ID)
	if len(m.byUser[s.UserID]) == 0 {
		delete(m.byUser, s.UserID)
	}
	heap.Remove(&m.queue, s.place)
}

// sweep drops some of what is over at the given instant.
func (m *Memory) sweep(at time.Time) {
	for range sweepSize {
		if len(m.queue) == 0 || m.queue[0].Expires.After(at) {
			return
		}
		m.remove(m.queue[0])
	}
}

// Load implements [Store].
func (m *Memory) Load(ctx context.Context, id Digest) (Record, error) {
	if err := errors.Join(m.ready(ctx), checkID(id)); err != nil {
		return Record{}, fmt.Errorf("load session: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.byID[id]
	if s == nil {
		return Record{}, ErrNotFound
	}
	r := s.Record
	r.Data = bytes.Clone(r.Data)
	return r, nil
}

// alive returns the session, or nil if there is none or it is over.
func (m *Memory) alive(id Digest, now time.Time) *member {
	if s := m.byID[id]; s != nil && s.Expires.After(now) {
		return s
	}
	return nil
}

// Touch implements [Store].
func (m *Memory) Touch(ctx context.Context, id Digest, seen, expires time.Time) error {
	if err := errors.Join(m.ready(ctx), checkTouch(id, seen, expires)); err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.alive(id, seen)
	if s == nil {
		return ErrNotFound
	}
	if s.Seen.Before(seen) {
		s.Seen, s.Expires = seen, expires
		heap.Fix(&m.queue, s.place)
	}
	return nil
}

// Update implements [Store].
func (m *Memory) Update(ctx context.Context, r Record, now time.Time) error {
	if err := errors.Join(m.ready(ctx), r.Validate(), checkInstant(now)); err != nil {
		return fmt.Errorf("update session: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.alive(r.ID, now)
	if s == nil {
		return ErrNotFound
	}
	if s.Version != r.Version {
		return ErrConflict
	}
	s.Secret, s.AuthTime, s.Data = r.Secret, r.AuthTime, bytes.Clone(r.Data)
	s.Version++
	return nil
}

// End implements [Store].
func (m *Memory) End(ctx context.Context, id Digest) error {
	if err := errors.Join(m.ready(ctx), checkID(id)); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.byID[id]; s != nil {
		m.remove(s)
	}
	return nil
}

// EndUser implements [Store].
func (m *Memory) EndUser(ctx context.Context, userID string, except Digest) error {
	if err := errors.Join(m.ready(ctx), checkUser(userID)); err != nil {
		return fmt.Errorf("end user's sessions: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, s := range m.byUser[userID] {
		if id != except {
			m.remove(s)
		}
	}
	return nil
}

// List implements [Store].
func (m *Memory) List(ctx context.Context, userID string) ([]Record, error) {
	if err := errors.Join(m.ready(ctx), checkUser(userID)); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	records := make([]Record, 0, len(m.byUser[userID]))
	for _, s := range m.byUser[userID] {
		r := s.Record
		r.Data = nil
		records = append(records, r)
	}
	return records, nil
}

// A queue is a heap (container/heap) of sessions, that which is over first in front.
type queue []*member

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].Expires.Before(q[j].Expires) }

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

func (q *queue) Push(x any) {
	s := x.(*member)
	s.place = len(*q)
	*q = append(*q, s)
}

func (q *queue) Pop() any {
	last := len(*q) - 1
	s := (*q)[last]
	(*q)[last] = nil // or it would stay reachable
	*q = (*q)[:last]
	return s
}
