package revocation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/instant"
	"github.com/boltauthgen/boltauthgen/internal/nilable"
)

// BreakerConfig configures a [Breaker]. Zero means the default of each; less is an
// error.
type BreakerConfig struct {
	// Timeout is how long a call of the store may take: by default one second. Let it
	// be less than the time that callers have, or nobody waits for it.
	Timeout time.Duration

	// Failures is how many calls fail one after the other before the store is left
	// alone: by default 5.
	Failures int

	// Pause is for how long: by default one second.
	Pause time.Duration
}

const (
	defaultBreakerTimeout = time.Second
	defaultFailures       = 5
	defaultPause          = time.Second
)

// A Breaker is a [Store] that asks another one, but does not let every caller wait
// for one that is dead. Once some calls in a row have failed or taken too long,
// Revoked is an error at once, for a while; then one call is let through, and its
// outcome decides how it goes on. A [Fleet] needs no Breaker.
//
// What writes is always tried, since nobody else would do it, and its outcome
// counts, too. It may be done even though a call returned an error, after the
// Timeout as well.
//
// A call whose own context ends before the Timeout says nothing of the store, and
// neither does an [errors.ErrUnsupported]. No call takes longer than the Timeout, whatever
// the store does; if the store ignores its context, a goroutine of that call stays until
// it returns. The methods are safe for concurrent use. The zero Breaker and a nil one do nothing but return errors: see
// [NewBreaker].
type Breaker struct {
	store  Store
	config BreakerConfig
	now    func() time.Time

	mu       sync.Mutex
	failures int       // in a row
	until    time.Time // with as many as it takes: when one call may try again
	trying   bool      // that one is under way
}

var _ Store = (*Breaker)(nil)

var (
	errNoStore = errors.New("the store is nil")
	errBreaker = errors.New("the Timeout, Failures or Pause is negative")
	errLeft    = errors.New("the store has failed lately, and is not asked")
	errSlow    = errors.New("the revocation store did not answer in time")
	errNoEnd   = errors.New("the revocation store panicked")
)

// NewBreaker returns a Breaker for a store. It is an error if that is nil.
func NewBreaker(store Store, config BreakerConfig) (*Breaker, error) {
	if nilable.IsNil(store) {
		return nil, fmt.Errorf("revocation.NewBreaker: %w", errNoStore)
	}
	if config.Timeout < 0 || config.Failures < 0 || config.Pause < 0 {
		return nil, fmt.Errorf("revocation.NewBreaker: %w", errBreaker)
	}
	if config.Timeout == 0 {
		config.Timeout = defaultBreakerTimeout
	}
	if config.Failures == 0 {
		config.Failures = defaultFailures
	}
	if config.Pause == 0 {
		config.Pause = defaultPause
	}
	return &Breaker{store: store, config: config, now: time.Now}, nil
}

// Revoked implements [Store]. An error wraps runtime.ErrUnavailable.
func (b *Breaker) Revoked(ctx context.Context, t Token) (revoked bool, err error) {
	if b == nil || b.store == nil {
		return false, unavailable(errNotMade)
	}
	if err := ctx.Err(); err != nil {
		return false, unavailable(err)
	}
	trying, ok := b.enter()
	if !ok {
		return false, unavailable(errLeft)
	}
	revoked, err = b.call(ctx, trying, func(ctx context.Context) (bool, error) { return b.store.Revoked(ctx, t) })
	if err != nil {
		return false, unavailable(err)
	}
	return revoked, nil
}

// Revoke implements [Store]. Wrong arguments are no failures of the store.
func (b *Breaker) Revoke(ctx context.Context, t Token) error {
	if t.ID == "" {
		return errNoID
	}
	return b.write(ctx, func(ctx context.Context) error { return b.store.Revoke(ctx, t) })
}

// RevokeUser implements [Store].
func (b *Breaker) RevokeUser(ctx context.Context, issuer, userID string, before time.Time) error {
	if userID == "" {
		return errNoUser
	}
	if instant.IsZero(before) {
		return errNoInstant
	}
	return b.write(ctx, func(ctx context.Context) error { return b.store.RevokeUser(ctx, issuer, userID, before) })
}

// RevokeFamily implements [Store].
func (b *Breaker) RevokeFamily(ctx context.Context, issuer, family string, until time.Time) error {
	if family == "" {
		return errNoFamily
	}
	return b.write(ctx, func(ctx context.Context) error { return b.store.RevokeFamily(ctx, issuer, family, until) })
}

func (b *Breaker) write(ctx context.Context, f func(context.Context) error) error {
	if b == nil || b.store == nil {
		return fmt.Errorf("revoke: %w", errNotMade)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	_, err := b.call(ctx, false, func(ctx context.Context) (bool, error) { return false, f(ctx) })
	return err
}

// enter reports whether the store may be asked now, and whether that is the one
// call that tries whether it is back. Then finish must be told of its outcome.
func (b *Breaker) enter() (trying, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < b.config.Failures {
		return false, true
	}
	if b.trying || b.now().Before(b.until) {
		return false, false
	}
	b.trying = true
	return true, true
}

// An outcome is what a call says of the store.
type outcome int

const (
	unknown outcome = iota // nothing: the caller has not waited
	good
	bad
)

func (b *Breaker) finish(trying bool, o outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if trying {
		b.trying = false
	}
	switch o {
	case good:
		b.failures = 0
	case bad:
		b.failures = min(b.failures+1, b.config.Failures)
		b.until = b.now().Add(b.config.Pause)
	}
}

// A result is what the store has returned.
type result struct {
	revoked bool
	err     error
}

// call calls the store, and waits no longer than the Timeout, even if the store
// does.
func (b *Breaker) call(ctx context.Context, trying bool, f func(context.Context) (bool, error)) (bool, error) {
	inner, cancel := context.WithTimeoutCause(ctx, b.config.Timeout, errSlow)
	defer cancel()
	done := make(chan result, 1)
	go func() {
		r := result{err: errNoEnd} // which stays so if the store panics
		defer func() { _ = recover(); done <- r }()
		r.revoked, r.err = f(inner)
	}()
	var r result
	select {
	case r = <-done:
	case <-inner.Done():
		r.err = context.Cause(inner)
	}
	switch {
	case r.err == nil:
		b.finish(trying, good)
	case ctx.Err() != nil || errors.Is(r.err, errors.ErrUnsupported):
		b.finish(trying, unknown)
	default:
		b.finish(trying, bad)
	}
	return r.revoked, r.err
}
