package revocation

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A scriptedFeed is a feed in memory that does on demand what feeds do on bad days.
// Its numbers count the writes.
type scriptedFeed struct {
	mu     sync.Mutex
	store  *Memory
	log    []Change
	before func(ctx context.Context) error                                                  // each call, if it is not nil
	answer func(ctx context.Context, since int64, limit int) (c []Change, n int64, e error) // in place of Changes, likewise
	asked  int                                                                              // calls of Revoked
	sinces []int64                                                                          // of the calls of Changes
}

func newFeed() *scriptedFeed { return &scriptedFeed{store: NewMemory()} }

// script sets what the feed does from now on.
func (f *scriptedFeed) script(set func(f *scriptedFeed)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	set(f)
}

func (f *scriptedFeed) begin(ctx context.Context) error {
	f.mu.Lock()
	before := f.before
	f.mu.Unlock()
	if before != nil {
		return before(ctx)
	}
	return nil
}

func (f *scriptedFeed) Revoked(ctx context.Context, t Token) (bool, error) {
	f.mu.Lock()
	f.asked++
	f.mu.Unlock()
	if err := f.begin(ctx); err != nil {
		return false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.store.Revoked(ctx, t)
}

func (f *scriptedFeed) Revoke(ctx context.Context, t Token) error {
	return f.write(ctx, Change{Issuer: t.Issuer, ID: t.ID, Until: t.Expires})
}

func (f *scriptedFeed) RevokeUser(ctx context.Context, issuer, userID string, before time.Time) error {
	if userID == "" {
		return errNoUser
	}
	return f.write(ctx, Change{Issuer: issuer, UserID: userID, Before: before})
}

func (f *scriptedFeed) RevokeFamily(ctx context.Context, issuer, family string, until time.Time) error {
	if family == "" {
		return errNoFamily
	}
	return f.write(ctx, Change{Issuer: issuer, Family: family, Until: until})
}

func (f *scriptedFeed) write(ctx context.Context, c Change) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := c.Apply(ctx, f.store); err != nil {
		return err
	}
	f.log = append(f.log, c)
	return nil
}

func (f *scriptedFeed) Changes(ctx context.Context, since int64, limit int) ([]Change, int64, error) {
	f.mu.Lock()
	f.sinces = append(f.sinces, since)
	answer := f.answer
	f.mu.Unlock()
	if err := f.begin(ctx); err != nil {
		return nil, since, err
	}
	if answer != nil {
		return answer(ctx, since, limit)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if since > int64(len(f.log)) {
		return nil, 0, nil
	}
	next := min(since+int64(limit), int64(len(f.log)))
	return append([]Change(nil), f.log[since:next]...), next, nil
}

// lose has the feed forget everything.
func (f *scriptedFeed) lose() {
	f.script(func(f *scriptedFeed) { f.store, f.log = NewMemory(), nil })
}

// timesAsked returns how often Revoked was called.
func (f *scriptedFeed) timesAsked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

// polled returns what Changes was called with since the last time.
func (f *scriptedFeed) polled() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	sinces := f.sinces
	f.sinces = nil
	return sinces
}

// A fleetUnderTest polls when the test says so, by the test's clocks.
type fleetUnderTest struct {
	*Fleet
	feed   *scriptedFeed
	now    reading
	told   []error // of OnPoll
	inside func()  // is called when the clock is read, if it is not nil
}

func newFleetUnderTest(t *testing.T, config FleetConfig) *fleetUnderTest {
	t.Helper()
	f := &fleetUnderTest{feed: newFeed(), now: reading{wall: noon.UnixNano(), mono: 1}}
	config.Feed = f.feed
	config.OnPoll = func(err error) { f.told = append(f.told, err) }
	var err error
	f.Fleet, err = newFleet(config)
	require.NoError(t, err)
	f.clock = func() reading {
		if inside := f.inside; inside != nil {
			f.inside = nil
			inside()
		}
		return f.now
	}
	return f
}

// pass has both clocks go on.
func (f *fleetUnderTest) pass(d time.Duration) {
	f.now.wall += int64(d)
	f.now.mono += int64(d)
}

func (f *fleetUnderTest) polls(t *testing.T) {
	t.Helper()
	require.NoError(t, f.poll(t.Context()))
}

// id returns a token that lives for a day.
func id(name string) Token {
	return Token{Issuer: "a", ID: name, UserID: "u of " + name, Family: "f of " + name, IssuedAt: noon, Expires: noon.AddDate(0, 0, 1)}
}
