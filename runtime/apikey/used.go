package apikey

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// saveEvery is how long a use waits for others before it is saved.
	saveEvery = time.Minute

	// saveTimeout is how long saving may take where nobody waits for it.
	saveTimeout = 30 * time.Second

	// maxUses is how many keys can have been used since the last time that uses
	// were saved. The uses of more are lost.
	maxUses = 1 << 16
)

// A Use says when a key was accepted.
type Use struct {
	ID     string
	SHA256 Digest    // which of the key's texts it was
	At     time.Time // the last time
}

// uses collects when keys were used, and saves it behind the requests' backs.
type uses struct {
	save    func(context.Context, []Use) error // nil: nobody wants to know
	saving  chan struct{}                      // full while save runs
	mu      sync.Mutex                         // of what follows
	pending map[Digest]Use
	armed   bool // a timer is running
}

// note takes down a use. It does no I/O and waits for none.
func (u *uses) note(use Use) {
	if u.save == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.add(use)
	if !u.armed {
		u.armed = true
		time.AfterFunc(saveEvery, u.saveBehind)
	}
}

// add keeps the later one of two uses. The caller holds mu.
func (u *uses) add(use Use) {
	if u.pending == nil {
		u.pending = make(map[Digest]Use)
	}
	before, there := u.pending[use.SHA256]
	if there && !use.At.After(before.At) || !there && len(u.pending) >= maxUses {
		return
	}
	u.pending[use.SHA256] = use
}

// saveBehind is what the timer does. What could not be saved waits for the next.
func (u *uses) saveBehind() {
	ctx, cancel := context.WithTimeout(context.Background(), saveTimeout)
	defer cancel()
	u.mu.Lock()
	u.armed = false
	u.mu.Unlock()
	if err := u.flush(ctx); err != nil {
		slog.Warn("last uses of API keys not saved", slog.Any("err", err))
	}
}

// flush saves what is pending. After an error that is pending again, for as long
// as there is room.
func (u *uses) flush(ctx context.Context) error {
	if u.save == nil {
		return nil
	}
	select {
	case u.saving <- struct{}{}:
		defer func() { <-u.saving }()
	case <-ctx.Done():
		return ctx.Err()
	}
	u.mu.Lock()
	batch := slices.Collect(maps.Values(u.pending))
	u.pending = nil
	u.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	err := u.trySave(ctx, batch)
	if err != nil {
		for _, use := range batch {
			u.note(use)
		}
	}
	return err
}

// trySave turns a panic into an error: behind the requests nobody else would.
func (u *uses) trySave(ctx context.Context, batch []Use) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("SaveUses panicked")
		}
	}()
	return u.save(ctx, batch)
}
