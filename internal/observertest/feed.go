package observertest

import (
	"context"
	"errors"
	"sync"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// ErrFeed is the error of a Feed that is broken. It holds a secret.
var ErrFeed = errors.New("no answer from redis://app:" + Secret + "@store")

// A Feed is a store in memory that several fleets may share, and that fails while it is broken.
type Feed struct {
	*revocation.Memory

	mu     sync.Mutex
	broken bool
	failed int // calls
	log    []revocation.Change
}

// NewFeed returns an empty one, which works.
func NewFeed() *Feed { return &Feed{Memory: revocation.NewMemory()} }

// Break has each call fail from now on, or none.
func (f *Feed) Break(broken bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = broken
}

// Failures returns how many calls have failed.
func (f *Feed) Failures() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

// answer returns the error of a call, with the lock held.
func (f *Feed) answer() error {
	if f.broken {
		f.failed++
		return ErrFeed
	}
	return nil
}

// Revoked implements [revocation.Store].
func (f *Feed) Revoked(ctx context.Context, t revocation.Token) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.answer(); err != nil {
		return false, err
	}
	return f.Memory.Revoked(ctx, t)
}

// Revoke implements [revocation.Store].
func (f *Feed) Revoke(ctx context.Context, t revocation.Token) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.answer(); err != nil {
		return err
	}
	f.log = append(f.log, revocation.Change{Issuer: t.Issuer, ID: t.ID, Until: t.Expires})
	return f.Memory.Revoke(ctx, t)
}

// Changes implements [revocation.Feed].
func (f *Feed) Changes(_ context.Context, since int64, limit int) ([]revocation.Change, int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.answer(); err != nil {
		return nil, since, err
	}
	next := min(since+int64(limit), int64(len(f.log)))
	return f.log[since:next:next], next, nil
}
