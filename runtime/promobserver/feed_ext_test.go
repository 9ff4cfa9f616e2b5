package promobserver_test

import (
	"context"
	"errors"
	"sync"

	"github.com/boltauthgen/boltauthgen/internal/observertest"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

var errFeed = errors.New("no answer from redis://app:" + observertest.Secret + "@store")

// A feed is a store in memory that several fleets may share, and that fails while it is broken.
type feed struct {
	*revocation.Memory

	mu     sync.Mutex
	broken bool
	failed int // calls
	log    []revocation.Change
}

func newFeed() *feed { return &feed{Memory: revocation.NewMemory()} }

// breakDown has each call fail from now on, or none.
func (f *feed) breakDown(broken bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = broken
}

// failures returns how many calls have failed.
func (f *feed) failures() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

// answer returns the error of a call, with the lock held.
func (f *feed) answer() error {
	if f.broken {
		f.failed++
		return errFeed
	}
	return nil
}

func (f *feed) Revoked(ctx context.Context, t revocation.Token) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.answer(); err != nil {
		return false, err
	}
	return f.Memory.Revoked(ctx, t)
}

func (f *feed) Revoke(ctx context.Context, t revocation.Token) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.answer(); err != nil {
		return err
	}
	f.log = append(f.log, revocation.Change{Issuer: t.Issuer, ID: t.ID, Until: t.Expires})
	return f.Memory.Revoke(ctx, t)
}

func (f *feed) Changes(_ context.Context, since int64, limit int) ([]revocation.Change, int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.answer(); err != nil {
		return nil, since, err
	}
	next := min(since+int64(limit), int64(len(f.log)))
	return f.log[since:next:next], next, nil
}
