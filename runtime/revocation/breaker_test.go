package revocation

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// newBreakerOn returns one with the defaults.
func newBreakerOn(t *testing.T, store Store) *Breaker {
	t.Helper()
	b, err := NewBreaker(store, BreakerConfig{})
	require.NoError(t, err)
	return b
}

func TestBreakerLeavesADeadStoreAlone(t *testing.T) { // HOSTILE 63
	synctest.Test(t, func(t *testing.T) {
		feed := newFeed()
		require.NoError(t, feed.Revoke(t.Context(), id("it")))
		b := newBreakerOn(t, feed)
		feed.before = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		ask := func() (revoked bool, took time.Duration, err error) {
			began := time.Now()
			revoked, err = b.Revoked(t.Context(), id("it"))
			return revoked, time.Since(began), err
		}
		for range defaultFailures {
			_, took, err := ask()
			require.ErrorIs(t, err, runtime.ErrUnavailable)
			require.Equal(t, defaultBreakerTimeout, took)
		}
		for range 1000 {
			_, took, err := ask()
			require.ErrorIs(t, err, errLeft)
			require.ErrorIs(t, err, runtime.ErrUnavailable)
			require.Zero(t, took)
		}
		assert.Equal(t, defaultFailures, feed.timesAsked())

		time.Sleep(defaultPause)
		tried := make(chan time.Duration)
		go func() {
			_, took, err := ask()
			assert.ErrorIs(t, err, runtime.ErrUnavailable)
			tried <- took
		}()
		synctest.Wait()
		_, took, err := ask()
		assert.ErrorIs(t, err, errLeft, "one tries for all")
		assert.Zero(t, took)
		assert.Equal(t, defaultBreakerTimeout, <-tried)
		_, _, err = ask()
		assert.ErrorIs(t, err, errLeft, "in vain")

		time.Sleep(defaultPause)
		feed.script(func(f *scriptedFeed) { f.before = nil })
		for range 3 {
			revoked, _, err := ask()
			require.NoError(t, err)
			assert.True(t, revoked)
		}
		assert.Equal(t, defaultFailures+1+3, feed.timesAsked())
	})
}

func TestBreakerCountsFailuresInARow(t *testing.T) {
	feed := newFeed()
	b := newBreakerOn(t, feed)
	for range 3 {
		feed.before = func(context.Context) error { return errDown }
		for range defaultFailures - 1 {
			_, err := b.Revoked(t.Context(), id("x"))
			require.ErrorIs(t, err, errDown)
		}
		feed.before = nil
		assert.False(t, revoked(t, b, id("x")))
	}
}

// Whether a write was done is never made up.
func TestBreakerAlwaysTriesToWrite(t *testing.T) {
	feed := newFeed()
	b := newBreakerOn(t, feed)
	writes := []func() error{
		func() error { return b.Revoke(t.Context(), id("1")) },
		func() error { return b.RevokeUser(t.Context(), "a", "u of 2", noon) },
		func() error { return b.RevokeFamily(t.Context(), "a", "f of 3", noon) },
	}
	feed.before = func(context.Context) error { return errDown }
	for range 5 {
		for _, write := range writes {
			require.ErrorIs(t, write(), errDown)
		}
	}
	_, err := b.Revoked(t.Context(), id("x"))
	require.ErrorIs(t, err, errLeft)
	feed.before = nil
	for _, write := range writes {
		require.NoError(t, write())
	}
	for _, name := range []string{"1", "2", "3"} {
		assert.True(t, revoked(t, b, id(name)), "the store was seen to be back")
	}
}

// A store that has no place for users is not broken.
func TestBreakerDoesNotCountWhatIsNotSupported(t *testing.T) {
	b := newBreakerOn(t, userless{NewMemory()})
	for range 2 * defaultFailures {
		assert.ErrorIs(t, b.RevokeUser(t.Context(), "a", "b", noon), errors.ErrUnsupported)
	}
	assert.False(t, revoked(t, b, id("it")))
}

type userless struct{ Store }

func (userless) RevokeUser(context.Context, string, string, time.Time) error { return errNoUserPlace }

func TestBreakerDoesNotCountWhoGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := newFeed()
		b := newBreakerOn(t, feed)
		feed.before = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		for range 10 * defaultFailures {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			_, err := b.Revoked(ctx, id("x"))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, b.Revoke(ctx, id("x")), context.DeadlineExceeded)
			_, err = b.Revoked(ctx, id("x"))
			require.ErrorIs(t, err, context.DeadlineExceeded, "done before")
			cancel()
		}
		assert.Zero(t, b.failures)

		// Nor does it count for more that one goes away who tries for all.
		b.failures = b.config.Failures
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, err := b.Revoked(ctx, id("x"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		cancel()
		feed.script(func(f *scriptedFeed) { f.before = nil })
		assert.False(t, revoked(t, b, id("x")), "the next one may try")
	})
}

func TestBreakerWithAStoreThatDoesNotReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := newFeed()
		b := newBreakerOn(t, feed)
		end := make(chan struct{})
		feed.before = func(context.Context) error { <-end; return nil }
		began := time.Now()
		_, err := b.Revoked(t.Context(), id("x"))
		assert.ErrorIs(t, err, errSlow)
		assert.ErrorIs(t, b.Revoke(t.Context(), id("x")), errSlow)
		assert.Equal(t, 2*defaultBreakerTimeout, time.Since(began))
		assert.Equal(t, 2, b.failures)
		close(end)
	})
}

func TestBreakerWithAStoreThatPanics(t *testing.T) {
	feed := newFeed()
	b := newBreakerOn(t, feed)
	feed.before = func(context.Context) error { panic("secret") }
	revoked, err := b.Revoked(t.Context(), id("x"))
	assert.False(t, revoked)
	assert.ErrorIs(t, err, errNoEnd)
	assert.ErrorIs(t, err, runtime.ErrUnavailable)
	assert.ErrorIs(t, b.Revoke(t.Context(), id("x")), errNoEnd)
	assert.Equal(t, 2, b.failures)
}

func TestBreakerArguments(t *testing.T) {
	_, err := NewBreaker(nil, BreakerConfig{})
	assert.ErrorIs(t, err, errNoStore)
	for _, config := range []BreakerConfig{{Timeout: -1}, {Failures: -1}, {Pause: -1}} {
		_, err := NewBreaker(newFeed(), config)
		assert.ErrorIs(t, err, errBreaker)
	}
	b := newBreakerOn(t, newFeed())
	for range 2 * defaultFailures {
		assert.ErrorIs(t, b.Revoke(t.Context(), Token{}), errNoID)
		assert.ErrorIs(t, b.RevokeUser(t.Context(), "a", "", noon), errNoUser)
		assert.ErrorIs(t, b.RevokeUser(t.Context(), "a", "b", time.Time{}), errNoInstant)
		assert.ErrorIs(t, b.RevokeUser(t.Context(), "a", "b", time.Time{}.Add(999)), errNoInstant, "zero in microseconds")
		assert.ErrorIs(t, b.RevokeFamily(t.Context(), "a", "", noon), errNoFamily)
	}
	assert.Zero(t, b.failures)
	for _, b := range []*Breaker{nil, {}} {
		_, err := b.Revoked(t.Context(), id("x"))
		assert.ErrorIs(t, err, errNotMade)
		assert.ErrorIs(t, b.Revoke(t.Context(), id("x")), errNotMade)
	}
}
