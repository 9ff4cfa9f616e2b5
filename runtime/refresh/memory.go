package refresh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"time"
	"unique"
)

// Memory is a [Store] in the memory of one process. It suits programs that run
// as a single instance and may forget all logins when they restart.
//
// Families are dropped once they have been over for an hour, never before,
// whatever their number; what is kept is at most about twice what is alive.
// Memory does no I/O, needs no goroutine, and returns no error but for a context
// that is done, for a family that is there already, and for arguments that the
// documentation of [Store] calls wrong. Its methods are safe for concurrent use.
// The zero Memory and a nil one do nothing but return errors: see [NewMemory].
type Memory struct {
	seed   maphash.Seed
	shards []shard
}

var _ Store = (*Memory)(nil)

// shardCount spreads the families, so that callers seldom wait for each other
// and looking at all families never holds more than a small part of them.
const shardCount = 64

// sweepSize is the number of families below which a shard is not worth a sweep.
const sweepSize = 64

type shard struct {
	mu       sync.Mutex
	families map[key]*member
	sweepAt  int // number of families at which the next sweep is due
}

// key names a family. As a struct of two strings it cannot be forged by moving
// characters from one to the other.
type key struct{ issuer, family string }

// A member is a family in memory.
type member struct {
	state
	userID  string
	started int64
}

var (
	errNotMade = errors.New("refresh: the store was not made by its constructor")
	errExists  = errors.New("it exists already")
)

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{seed: maphash.MakeSeed(), shards: make([]shard, shardCount)}
}

// ready returns why a call cannot be answered at all.
func (m *Memory) ready(ctx context.Context) error {
	if m == nil || m.shards == nil {
		return errNotMade
	}
	return ctx.Err()
}

func (m *Memory) shard(k key) *shard {
	return &m.shards[maphash.String(m.seed, k.family)%shardCount]
}

// Start implements [Store].
func (m *Memory) Start(ctx context.Context, f Family) error {
	if err := errors.Join(m.ready(ctx), f.Validate()); err != nil {
		return fmt.Errorf("start family: %w", err)
	}
	// The caller's strings may be slices of a request that should not be kept.
	k := key{issuer: unique.Make(f.Issuer).Value(), family: strings.Clone(f.ID)}
	started := &member{
		state:   state{expires: micros(f.Expires), current: f.Current},
		userID:  strings.Clone(f.UserID),
		started: micros(f.Started),
	}
	if !m.shard(k).add(k, started) {
		return fmt.Errorf("start family: %w", errExists)
	}
	return nil
}

// add reports whether there was none of that name. It drops families that are
// over once the shard has doubled since the last time, so the work is constant
// per call over time.
func (s *shard) add(k key, started *member) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, exists := s.families[k]; exists {
		return false
	}
	if s.families == nil || len(s.families) >= max(s.sweepAt, sweepSize) {
		s.sweep(started.started - slack.Microseconds())
	}
	s.families[k] = started
	return true
}

// sweep moves what is not over at the given instant into a new map, since maps
// do not give memory back.
func (s *shard) sweep(at int64) {
	alive := make(map[key]*member)
	for k, f := range s.families {
		if f.expires > at {
			alive[k] = f
		}
	}
	s.families, s.sweepAt = alive, 2*len(alive)
}

// Rotate implements [Store].
func (m *Memory) Rotate(ctx context.Context, r Rotation) (Result, error) {
	if err := errors.Join(m.ready(ctx), r.Validate()); err != nil {
		return Result{}, fmt.Errorf("rotate family: %w", err)
	}
	k := key{r.Issuer, r.Family}
	return m.shard(k).rotate(k, r), nil
}

func (s *shard) rotate(k key, r Rotation) Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, exists := s.families[k]
	if !exists {
		return Result{Outcome: Unknown}
	}
	result := Result{Outcome: f.judge(r)}
	switch result.Outcome {
	case Rotated:
		f.state = state{
			expires:  micros(r.Expires),
			current:  r.New,
			previous: r.Old,
			rotated:  micros(r.Now),
			sealed:   bytes.Clone(r.toKeep()),
		}
	case Repeated:
		result.Sealed = bytes.Clone(f.sealed)
	case Reused:
		delete(s.families, k)
	}
	return result
}

// End implements [Store].
func (m *Memory) End(ctx context.Context, issuer, family string) error {
	if err := m.ready(ctx); err != nil {
		return fmt.Errorf("end family: %w", err)
	}
	if family == "" {
		return errNoFamily
	}
	k := key{issuer, family}
	s := m.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.families, k)
	return nil
}

// EndUser implements [Store]. It looks at every family there is.
func (m *Memory) EndUser(ctx context.Context, issuer, userID string, before time.Time) error {
	if err := m.ready(ctx); err != nil {
		return fmt.Errorf("end user: %w", err)
	}
	if userID == "" {
		return errNoUser
	}
	if before.IsZero() {
		return errNoInstant
	}
	for i := range m.shards {
		m.shards[i].endUser(issuer, userID, micros(before))
	}
	return nil
}

func (s *shard) endUser(issuer, userID string, before int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, f := range s.families {
		if k.issuer == issuer && f.userID == userID && f.started <= before {
			delete(s.families, k)
		}
	}
}
