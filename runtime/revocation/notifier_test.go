package revocation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A notifyingFeed tells of each write, until it is told to fail.
type notifyingFeed struct {
	*scriptedFeed
	mu      sync.Mutex
	changed func()
	end     chan error
	begun   []time.Time
	panics  bool
}

func newNotifyingFeed() *notifyingFeed {
	return &notifyingFeed{scriptedFeed: newFeed(), end: make(chan error)}
}

func (f *notifyingFeed) Notify(ctx context.Context, changed func()) error {
	f.mu.Lock()
	f.begun = append(f.begun, time.Now())
	f.changed = changed
	f.mu.Unlock()
	changed()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-f.end:
		if f.panics {
			panic(err)
		}
		return err
	}
}

func (f *notifyingFeed) Revoke(ctx context.Context, t Token) error {
	err := f.scriptedFeed.Revoke(ctx, t)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changed()
	return err
}

// What is told is known soon, and what is written all the time is not read all the time.
func TestFleetIsNotified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := newNotifyingFeed()
		f, err := NewFleet(t.Context(), FleetConfig{Feed: feed, OnPoll: func(err error) { assert.NoError(t, err) }})
		require.NoError(t, err)
		synctest.Wait()
		assert.True(t, f.Status().Notified)
		for i := range 100 {
			time.Sleep(time.Duration(i) * 7 * time.Millisecond)
			token := id(fmt.Sprint(i))
			require.NoError(t, feed.Revoke(t.Context(), token))
			time.Sleep(25 * time.Millisecond)
			synctest.Wait()
			require.True(t, revoked(t, f, token))
		}
		time.Sleep(time.Second)
		feed.polled()
		for i := range 1000 {
			require.NoError(t, feed.Revoke(t.Context(), id(fmt.Sprint("many ", i))))
			time.Sleep(time.Millisecond)
		}
		assert.InDelta(t, 40, len(feed.polled()), 1)
	})
}

// A feed that tells no more is asked as before, and listened to again after a while.
func TestFleetIsNotNotified(t *testing.T) {
	for _, panics := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			feed := newNotifyingFeed()
			feed.panics = panics
			f, err := NewFleet(ctx, FleetConfig{Feed: feed, OnPoll: func(err error) { assert.NoError(t, err) }})
			require.NoError(t, err)
			time.Sleep(time.Hour)
			began := time.Now()
			feed.end <- errors.New("cut")
			synctest.Wait()
			assert.False(t, f.Status().Notified)
			require.NoError(t, feed.scriptedFeed.Revoke(t.Context(), id("it")))
			time.Sleep(250 * time.Millisecond)
			synctest.Wait()
			require.True(t, revoked(t, f, id("it")))
			time.Sleep(time.Second)
			assert.True(t, f.Status().Notified)
			require.Len(t, feed.begun, 2)
			assert.Equal(t, time.Second, feed.begun[1].Sub(began))
			cancel()
			synctest.Wait() // nothing runs any more
			assert.False(t, f.Status().Notified)
		})
	}
}
