package revocation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

var errDown = errors.New("dial postgres://app:secret@db: connection refused")

func TestFleetLearnsWhatOthersHaveRevoked(t *testing.T) { // HOSTILE 62
	f := newFleetUnderTest(t, FleetConfig{})
	require.NoError(t, f.feed.Revoke(t.Context(), id("before")))
	f.polls(t)
	require.NoError(t, f.feed.Revoke(t.Context(), id("1")))
	require.NoError(t, f.feed.RevokeFamily(t.Context(), "a", "f of 2", time.Time{}))
	require.NoError(t, f.feed.RevokeUser(t.Context(), "a", "u of 3", noon))
	for _, name := range []string{"1", "2", "3"} {
		assert.False(t, revoked(t, f, id(name)), "not known yet")
	}
	f.polls(t)
	for _, name := range []string{"before", "1", "2", "3"} {
		assert.True(t, revoked(t, f, id(name)), name)
	}
	assert.False(t, revoked(t, f, id("4")))
	later := id("3")
	later.IssuedAt = noon.Add(time.Second)
	assert.False(t, revoked(t, f, later), "issued after the user was revoked")
	assert.Zero(t, f.feed.timesAsked())
	assert.Equal(t, []error{nil, nil}, f.told)
}

// What is answered beyond the bound, by whichever clock.
func TestFleetIsStale(t *testing.T) {
	for _, c := range []struct {
		name       string
		wall, mono time.Duration // that go by after the last poll
		stale      bool
		lag        time.Duration
	}{
		{"at once", 0, 0, false, 0},
		{"at the bound", time.Second, time.Second, false, time.Second},
		{"HOSTILE 63: the store hangs", time.Second + 1, time.Second + 1, true, time.Second + 1},
		{"the machine was suspended", time.Hour, time.Millisecond, true, time.Hour},
		{"HOSTILE 74: the wall clock jumps ahead", time.Hour, 0, true, time.Hour},
		{"HOSTILE 74: the wall clock jumps back", -time.Hour, time.Millisecond, true, math.MaxInt64},
		{"the wall clock jumps back a bit, and a long time goes by", time.Millisecond, time.Minute, true, time.Minute},
		{"the wall clock is slow", time.Millisecond, time.Second + 1, true, time.Second + 1},
		{"the monotonic clock jumps back", time.Millisecond, -2, true, math.MaxInt64},
	} {
		t.Run(c.name, func(t *testing.T) {
			ask, refuse := newFleetUnderTest(t, FleetConfig{}), newFleetUnderTest(t, FleetConfig{WhenStale: Refuse})
			for _, f := range []*fleetUnderTest{ask, refuse} {
				require.NoError(t, f.feed.Revoke(t.Context(), id("known")))
				f.pass(time.Hour)
				f.polls(t)
				require.NoError(t, f.feed.Revoke(t.Context(), id("new")))
				f.now.wall += int64(c.wall)
				f.now.mono += int64(c.mono)
				assert.True(t, revoked(t, f, id("known")), "whatever the time is")
				assert.Equal(t, c.lag, f.Status().Lag)
				assert.Equal(t, c.stale, f.Status().Stale)
				_, known := f.Known(id("other"))
				assert.Equal(t, !c.stale, known)
			}
			assert.Equal(t, c.stale, revoked(t, ask, id("new")))
			assert.False(t, revoked(t, ask, id("other")))
			_, err := refuse.Revoked(t.Context(), id("new"))
			assert.Equal(t, c.stale, errors.Is(err, runtime.ErrUnavailable), "%v", err)
			assert.Zero(t, refuse.feed.timesAsked())

			ask.polls(t)
			asked := ask.feed.timesAsked()
			assert.False(t, revoked(t, ask, id("other")))
			assert.Equal(t, asked, ask.feed.timesAsked(), "caught up again")
		})
	}
}

// Who says when a request began is answered by that.
func TestFleetKnowsAt(t *testing.T) {
	f := newFleetUnderTest(t, FleetConfig{Staleness: 10 * time.Second})
	now := time.Now()
	_, known := f.KnownAt(now, id("other"))
	assert.False(t, known, "nothing was read yet")
	require.NoError(t, f.feed.Revoke(t.Context(), id("it")))
	f.polls(t)
	for _, c := range []struct {
		name       string
		wall, mono time.Duration // how long before it began all was known
		want       bool
	}{
		{"at once", 0, 0, true},
		{"at the bound", 10 * time.Second, 10 * time.Second, true},
		{"beyond it", 10*time.Second + 1, 10*time.Second + 1, false},
		{"beyond it by the wall clock", time.Minute, 1, false},
		{"beyond it by the monotonic clock", 1, time.Minute, false},
		{"caught up meanwhile", -time.Millisecond, -time.Millisecond, true},
		{"the wall clock was set back a bit", -1, 0, false},
		{"the wall clock was set back, and time went by", -1, time.Second, false},
		{"the wall clock was set ahead meanwhile", -time.Minute, -1, false},
		{"an instant without a monotonic reading, say", 0, -1, false},
		{"an old instant", -time.Second, -time.Second, false},
	} {
		at := readingOf(now)
		f.caughtUp.Store(&reading{at.wall - int64(c.wall), at.mono - int64(c.mono)})
		revoked, known := f.KnownAt(now, id("other"))
		assert.False(t, revoked, c.name)
		assert.Equal(t, c.want, known, c.name)
		revoked, known = f.KnownAt(now, id("it"))
		assert.True(t, revoked && known, c.name)
	}
	_, known = (*Fleet)(nil).KnownAt(now, id("it"))
	assert.False(t, known)
}

// The time that a poll takes is part of the lag, but for the calls before the last.
func TestFleetMeasuresFromTheBeginningOfTheCall(t *testing.T) {
	f := newFleetUnderTest(t, FleetConfig{WhenStale: Refuse})
	for i := range batch + 1 { // two calls
		require.NoError(t, f.feed.Revoke(t.Context(), id(fmt.Sprint(i))))
	}
	f.feed.before = func(context.Context) error { f.pass(300 * time.Millisecond); return nil }
	f.polls(t)
	assert.Equal(t, 300*time.Millisecond, f.Status().Lag)
	f.pass(700 * time.Millisecond)
	assert.False(t, revoked(t, f, id("x")))
	f.pass(1)
	_, err := f.Revoked(t.Context(), id("x"))
	assert.ErrorIs(t, err, runtime.ErrUnavailable)
}

// A caller that is held up between its look and the clock must not take the look
// for as new as what was learned meanwhile.
func TestFleetLooksAtTheClockLast(t *testing.T) {
	f := newFleetUnderTest(t, FleetConfig{})
	f.polls(t)
	f.inside = func() {
		require.NoError(t, f.feed.Revoke(t.Context(), id("it")))
		f.pass(time.Hour)
		f.polls(t)
	}
	assert.True(t, revoked(t, f, id("it")))
	assert.Equal(t, 1, f.feed.timesAsked())
}

func TestFleetReadsUntilNothingIsLeft(t *testing.T) {
	for _, n := range []int{0, 1, batch - 1, batch, batch + 1, 3*batch + 7} {
		f := newFleetUnderTest(t, FleetConfig{})
		for i := range n {
			require.NoError(t, f.feed.Revoke(t.Context(), id(fmt.Sprint(i))))
		}
		f.polls(t)
		assert.Len(t, f.feed.polled(), n/batch+1)
		assert.Equal(t, n, f.Status().Entries)
		for i := range n {
			require.True(t, revoked(t, f, id(fmt.Sprint(i))))
		}
	}
}

func TestFleetCatchingUpEndsWithTheContext(t *testing.T) {
	f := newFleetUnderTest(t, FleetConfig{})
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	f.feed.answer = func(ctx context.Context, since int64, limit int) ([]Change, int64, error) {
		if calls++; calls == 3 {
			cancel()
		}
		changes := make([]Change, limit)
		for i := range changes {
			changes[i] = Change{ID: fmt.Sprint(since, i)}
		}
		return changes, since + int64(limit), ctx.Err() // an answer that never ends
	}
	assert.ErrorIs(t, f.poll(ctx), context.Canceled)
	assert.Equal(t, 3, calls)
	assert.Empty(t, f.told, "an end is no failure")
	assert.True(t, f.Status().Stale)
}

func TestFleetKeepsWhatTheFeedHasLost(t *testing.T) { // HOSTILE 64
	f := newFleetUnderTest(t, FleetConfig{})
	for i := range 5 {
		require.NoError(t, f.feed.Revoke(t.Context(), id(fmt.Sprint("old", i))))
	}
	f.polls(t)
	f.feed.lose()
	require.NoError(t, f.feed.Revoke(t.Context(), id("new")))
	f.feed.polled()
	f.polls(t)
	assert.Equal(t, []int64{5, 0}, f.feed.polled())
	assert.Equal(t, []error{nil, ErrFeedLost, nil}, f.told)
	assert.True(t, revoked(t, f, id("old3")))
	assert.True(t, revoked(t, f, id("new")))
	require.NoError(t, f.feed.Revoke(t.Context(), id("newer")))
	f.polls(t)
	assert.Equal(t, []int64{1}, f.feed.polled())
	assert.True(t, revoked(t, f, id("newer")))

	// While all is read anew, what was known up to some instant still is.
	f.feed.lose()
	f.feed.answer = func(_ context.Context, since int64, _ int) ([]Change, int64, error) {
		if since > 0 {
			return nil, 0, nil
		}
		return nil, 0, errDown
	}
	require.ErrorIs(t, f.poll(t.Context()), errDown)
	assert.False(t, f.Status().Stale)
	assert.True(t, revoked(t, f, id("old4")))
}

// What was over by a clock that was ahead may be alive when that is put right.
func TestFleetWithAClockThatWasAhead(t *testing.T) { // HOSTILE 74
	f := newFleetUnderTest(t, FleetConfig{MaxEntries: 8})
	alive := func(name string) Token {
		token := id(name)
		token.Expires = noon.Add(30 * time.Minute)
		return token
	}
	require.NoError(t, f.feed.Revoke(t.Context(), alive("before")))
	f.polls(t)
	for range 2 {
		f.now.wall += int64(3 * time.Hour)
		require.NoError(t, f.feed.Revoke(t.Context(), alive("meanwhile")))
		f.polls(t)
		f.known.sweep()
		require.False(t, revoked(t, f, alive("before")), "over")
		f.pass(time.Minute)
		f.now.wall -= int64(3 * time.Hour)
		_, known := f.Known(alive("meanwhile"))
		require.False(t, known)
		f.polls(t)
		require.True(t, revoked(t, f, alive("before")))
		require.True(t, revoked(t, f, alive("meanwhile")))
		f.feed.polled()
		f.pass(time.Second)
		f.polls(t)
		require.NotContains(t, f.feed.polled(), int64(0), "once")
	}

	// A write drops what is over, too, and no poll need have seen that clock.
	f.now.wall += int64(3 * time.Hour)
	require.NoError(t, f.Revoke(t.Context(), id("at that time")))
	f.known.sweep()
	f.now.wall -= int64(3 * time.Hour)
	_, known := f.Known(alive("before"))
	require.False(t, known)
	f.feed.answer = func(_ context.Context, since int64, _ int) ([]Change, int64, error) {
		_, known := f.Known(alive("before"))
		require.False(t, known, "not before all is read anew")
		f.feed.answer = nil
		return f.feed.Changes(t.Context(), since, 1)
	}
	f.polls(t)
	require.True(t, revoked(t, f, alive("before")))

	// It is read anew once, even if that fails, or finds no room.
	f.now.wall += int64(3 * time.Hour)
	f.polls(t)
	f.now.wall -= int64(3 * time.Hour)
	f.feed.before = func(context.Context) error { return errDown }
	require.ErrorIs(t, f.poll(t.Context()), errDown)
	f.feed.before = nil
	f.feed.polled()
	f.polls(t)
	require.Equal(t, []int64{0}, f.feed.polled(), "where it was")
	f.pass(time.Second)
	f.polls(t)
	require.NotContains(t, f.feed.polled(), int64(0))
	require.True(t, revoked(t, f, alive("meanwhile")))
}

// With as many entries as there may be, what is held already needs no room.
func TestFleetThatIsExactlyFull(t *testing.T) {
	f := newFleetUnderTest(t, FleetConfig{MaxEntries: 3})
	revoke := func(s Store) {
		require.NoError(t, s.Revoke(t.Context(), id("1")))
		require.NoError(t, s.RevokeFamily(t.Context(), "a", "2", noon.Add(time.Hour)))
		require.NoError(t, s.RevokeUser(t.Context(), "a", "3", noon))
	}
	revoke(f.feed)
	f.polls(t)
	revoke(f.feed)
	f.polls(t)
	revoke(f)
	assert.False(t, f.Status().Full)
	assert.False(t, f.Status().Stale)
	require.NoError(t, f.Revoke(t.Context(), id("4")))
	assert.True(t, f.Status().Full)
}

// After an error, and once a minute, what was read lately is read again: a write
// may have got a number that is not the greatest.
func TestFleetReadsAgain(t *testing.T) {
	f := newFleetUnderTest(t, FleetConfig{})
	insert := func(at int, name string) { // as a clock that is behind would
		f.feed.script(func(f *scriptedFeed) {
			f.log[at] = Change{Issuer: "a", ID: name}
			require.NoError(t, f.log[at].Apply(t.Context(), f.store))
		})
	}
	write := func(n int) {
		for range n {
			require.NoError(t, f.feed.Revoke(t.Context(), id(fmt.Sprint(len(f.feed.log)))))
		}
	}
	write(10)
	f.polls(t)
	write(10)
	f.polls(t)
	insert(15, "late")
	f.polls(t)
	assert.False(t, revoked(t, f, id("late")))
	f.feed.polled()

	f.feed.before = func(context.Context) error { return errDown }
	require.ErrorIs(t, f.poll(t.Context()), errDown)
	require.ErrorIs(t, f.poll(t.Context()), errDown)
	f.feed.before = nil
	f.polls(t)
	assert.Equal(t, []int64{20, 10, 10}, f.feed.polled())
	assert.True(t, revoked(t, f, id("late")), "after an error")

	f.pass(reread)
	f.polls(t)
	write(10)
	f.polls(t)
	insert(25, "later")
	f.polls(t)
	assert.False(t, revoked(t, f, id("later")))
	f.pass(reread)
	f.polls(t)
	f.pass(reread)
	f.polls(t)
	assert.True(t, revoked(t, f, id("later")), "after two minutes at most")
	assert.Equal(t, []int64{10, 20, 30, 10, 20}, f.feed.polled())
}

// A feed that fails now and then is caught up with all the same.
func TestFleetGoesOnWhereItWas(t *testing.T) {
	f := newFleetUnderTest(t, FleetConfig{})
	for i := range 5 * batch {
		require.NoError(t, f.feed.Revoke(t.Context(), id(fmt.Sprint(i))))
	}
	calls := 0
	f.feed.before = func(context.Context) error {
		if calls++; calls%2 == 0 {
			return errDown
		}
		return nil
	}
	for i := range 5 {
		require.ErrorIs(t, f.poll(t.Context()), errDown)
		require.Equal(t, i+1, f.Status().Errors)
	}
	f.polls(t)
	assert.Equal(t, 5*batch, f.Status().Entries)
	assert.Zero(t, f.Status().Errors)
}

func TestFleetDoesNotBelieveEverything(t *testing.T) { // HOSTILE 63
	good, full := Change{Issuer: "a", ID: "it"}, make([]Change, batch)
	for i := range full {
		full[i] = good
	}
	for _, c := range []struct {
		name    string
		changes []Change
		next    func(since int64) int64
		err     error
	}{
		{"nothing named", []Change{{Issuer: "a"}, good}, nil, errNoChange},
		{"two named", []Change{good, {ID: "x", Family: "x"}}, nil, errNoChange},
		{"two others named", []Change{good, {ID: "x", UserID: "x", Before: noon}}, nil, errNoChange},
		{"no instant", []Change{good, {UserID: "x"}}, nil, errNoChange},
		{"begins again and again", []Change{good}, func(since int64) int64 { return since - 1 }, errBackwards},
		{"a full answer that goes nowhere", full, func(since int64) int64 { return since }, errStandstill},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFleetUnderTest(t, FleetConfig{WhenStale: Refuse})
			require.NoError(t, f.feed.Revoke(t.Context(), id("known")))
			f.polls(t)
			f.feed.answer = func(_ context.Context, since int64, _ int) ([]Change, int64, error) {
				if c.next == nil {
					return c.changes, since + 1, nil
				}
				return c.changes, c.next(since), nil
			}
			f.pass(time.Second)
			require.ErrorIs(t, f.poll(t.Context()), c.err)
			assert.ErrorIs(t, f.told[len(f.told)-1], c.err)
			assert.Equal(t, 1, f.Status().Errors)
			f.pass(1)
			assert.True(t, f.Status().Stale)
			assert.True(t, revoked(t, f, id("known")))
			assert.True(t, revoked(t, f, id("it")), "what is good beside it counts")
			_, err := f.Revoked(t.Context(), id("other"))
			assert.ErrorIs(t, err, runtime.ErrUnavailable)

			f.feed.answer = nil
			f.polls(t)
			assert.False(t, f.Status().Stale)
		})
	}
	t.Run("a panic", func(t *testing.T) {
		f := newFleetUnderTest(t, FleetConfig{})
		f.feed.before = func(context.Context) error { panic("secret") }
		err := f.poll(t.Context())
		require.ErrorContains(t, err, "panic")
		assert.NotContains(t, err.Error(), "secret")
	})
}

func TestFleetFailsAtOnceWhileItsFeedDoes(t *testing.T) {
	f := newFleetUnderTest(t, FleetConfig{})
	f.polls(t)
	f.feed.before = func(context.Context) error { return errDown }
	require.ErrorIs(t, f.poll(t.Context()), errDown)
	assert.False(t, revoked(t, f, id("x")), "within the bound")
	f.pass(time.Second + 1)
	for range 1000 {
		_, err := f.Revoked(t.Context(), id("x"))
		require.ErrorIs(t, err, runtime.ErrUnavailable)
		require.ErrorIs(t, err, errFailing)
		require.ErrorIs(t, err, errDown, "for the log of who asks")
	}
	assert.Zero(t, f.feed.timesAsked())
	assert.NotContains(t, fmt.Sprintf("%+v", f.Status()), "secret")

	// The feed answers again, but there is much to read: others may ask meanwhile.
	f.feed.before = nil
	for i := range batch {
		require.NoError(t, f.feed.Revoke(t.Context(), id(fmt.Sprint(i))))
	}
	calls := 0
	f.feed.before = func(context.Context) error {
		if calls++; calls == 2 {
			f.feed.script(func(f *scriptedFeed) { f.before = nil })
			assert.True(t, revoked(t, f, id("0")), "known already")
			assert.False(t, revoked(t, f, id("x")), "by asking")
			assert.Equal(t, 1, f.feed.timesAsked())
		}
		return nil
	}
	f.polls(t)
}

// A feed that ignores its context holds up who follows it, but no requests.
func TestFleetFailsAtOnceWhileACallHangs(t *testing.T) { // HOSTILE 63
	f := newFleetUnderTest(t, FleetConfig{})
	f.polls(t)
	f.feed.before = func(context.Context) error {
		f.pass(time.Second + 1)
		_, err := f.Revoked(t.Context(), id("x"))
		assert.ErrorIs(t, err, errHanging)
		return nil
	}
	f.polls(t)
	assert.Zero(t, f.feed.timesAsked())
	f.pass(time.Second)
	f.feed.before = nil
	assert.False(t, revoked(t, f, id("x")), "asked again")
	assert.Equal(t, 1, f.feed.timesAsked())
}

func TestFleetAsksInBoundedTime(t *testing.T) {
	for _, c := range []struct{ bound, timeout time.Duration }{{time.Second, 500 * time.Millisecond}, {time.Hour, longestCall}} {
		synctest.Test(t, func(t *testing.T) {
			feed := newFeed()
			f, err := newFleet(FleetConfig{Feed: feed, Staleness: c.bound})
			require.NoError(t, err)
			feed.before = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
			began := time.Now()
			_, err = f.Revoked(t.Context(), id("x"))
			assert.ErrorIs(t, err, runtime.ErrUnavailable)
			assert.Equal(t, c.timeout, time.Since(began))
			_, _, err = f.call(t.Context(), 0)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 2*c.timeout, time.Since(began))
		})
	}
}

func TestFleetServesForAWhile(t *testing.T) {
	type served struct {
		token Token
		lag   time.Duration
	}
	var told []served
	f := newFleetUnderTest(t, FleetConfig{WhenStale: Serve, ServeStale: time.Minute, OnServeStale: func(_ context.Context, t Token, lag time.Duration) {
		told = append(told, served{t, lag})
	}})
	require.NoError(t, f.feed.Revoke(t.Context(), id("known")))
	f.polls(t)
	f.pass(2 * time.Second)
	assert.False(t, revoked(t, f, id("x")), "by asking")
	assert.Equal(t, 1, f.feed.timesAsked())
	f.feed.before = func(context.Context) error { return errDown }
	assert.Empty(t, told)
	assert.False(t, revoked(t, f, id("x")), "asked in vain")
	assert.Equal(t, []served{{id("x"), 2 * time.Second}}, told)
	require.ErrorIs(t, f.poll(t.Context()), errDown)
	f.pass(58 * time.Second)
	assert.False(t, revoked(t, f, id("y")))
	assert.Equal(t, served{id("y"), time.Minute}, told[1])
	assert.Equal(t, 2, f.feed.timesAsked())
	assert.True(t, revoked(t, f, id("known")))

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.Revoked(cancelled, id("y"))
	assert.ErrorIs(t, err, runtime.ErrUnavailable, "nobody waits for it")

	f.pass(1)
	_, err = f.Revoked(t.Context(), id("y"))
	assert.ErrorIs(t, err, runtime.ErrUnavailable)
	assert.True(t, revoked(t, f, id("known")))
	f.now.wall -= int64(time.Hour)
	_, err = f.Revoked(t.Context(), id("y"))
	assert.ErrorIs(t, err, runtime.ErrUnavailable, "how long it is cannot be said")
	assert.Len(t, told, 2)
}

func TestFleetKnowsWhatItHasRevoked(t *testing.T) {
	f := newFleetUnderTest(t, FleetConfig{})
	f.polls(t)
	require.NoError(t, f.Revoke(t.Context(), id("1")))
	require.NoError(t, f.RevokeFamily(t.Context(), "a", "f of 2", time.Time{}))
	require.NoError(t, f.RevokeUser(t.Context(), "a", "u of 3", noon))
	for _, name := range []string{"1", "2", "3"} {
		answer, known := f.Known(id(name))
		assert.True(t, answer && known, name)
		assert.True(t, revoked(t, f.feed, id(name)), name)
	}

	f.feed.before = func(context.Context) error { return errDown }
	assert.ErrorIs(t, f.Revoke(t.Context(), id("4")), errDown)
	assert.ErrorIs(t, f.RevokeFamily(t.Context(), "a", "f of 5", time.Time{}), errDown)
	assert.ErrorIs(t, f.RevokeUser(t.Context(), "a", "u of 6", noon), errDown)
	f.feed.before = nil
	for _, name := range []string{"4", "5", "6"} {
		assert.False(t, revoked(t, f, id(name)), "so that it can be repeated: %s", name)
	}

	// It was stored, but the answer was lost.
	require.NoError(t, f.feed.Revoke(t.Context(), id("4")))
	f.polls(t)
	assert.True(t, revoked(t, f, id("4")))
}

func TestFleetNeverDropsWhatIsAlive(t *testing.T) { // HOSTILE 67
	served := func(context.Context, Token, time.Duration) { t.Error("served, though not all is held") }
	f := newFleetUnderTest(t, FleetConfig{MaxEntries: 100, WhenStale: Serve, ServeStale: time.Hour, OnServeStale: served})
	soon := func(name string) Token {
		token := id(name)
		token.Expires = noon
		return token
	}
	for i := range 100 {
		require.NoError(t, f.feed.Revoke(t.Context(), soon(fmt.Sprint(i))))
	}
	f.polls(t)
	assert.False(t, f.Status().Full)
	require.NoError(t, f.feed.Revoke(t.Context(), id("100")))
	require.ErrorIs(t, f.poll(t.Context()), errFull)
	require.ErrorIs(t, f.poll(t.Context()), errFull, "as long as it is so")
	status := f.Status()
	assert.True(t, status.Full && status.Stale)
	assert.Equal(t, 100, status.Entries)
	assert.Zero(t, status.Errors, "the feed answers")
	for i := range 101 {
		require.True(t, revoked(t, f, id(fmt.Sprint(i))))
	}
	assert.False(t, revoked(t, f, id("other")))
	assert.Equal(t, 2, f.feed.timesAsked(), "for what is not held, and for what nobody has revoked")
	f.feed.before = func(context.Context) error { return errDown }
	_, err := f.Revoked(t.Context(), id("100"))
	assert.ErrorIs(t, err, runtime.ErrUnavailable)
	f.feed.before = nil

	f.pass(reread)
	require.ErrorIs(t, f.poll(t.Context()), errFull, "all are alive")
	f.pass(Grace)
	f.polls(t)
	status = f.Status()
	assert.Equal(t, 1, status.Entries)
	assert.False(t, status.Full || status.Stale)
	answer, known := f.Known(id("100"))
	assert.True(t, answer && known)

	// What it has acknowledged itself may be what there is no room for.
	for i := range 99 {
		require.NoError(t, f.Revoke(t.Context(), id(fmt.Sprint("own", i))))
	}
	assert.False(t, f.Status().Stale)
	require.NoError(t, f.Revoke(t.Context(), id("own99")))
	assert.True(t, f.Status().Stale)
	assert.True(t, revoked(t, f, id("own99")))
}

func TestFleetDoesNotHoldWhatIsOver(t *testing.T) {
	f := newFleetUnderTest(t, FleetConfig{})
	over, alive := id("over"), id("alive")
	over.Expires, alive.Expires = noon.Add(-Grace-time.Second), noon.Add(-Grace)
	require.NoError(t, f.feed.Revoke(t.Context(), over))
	require.NoError(t, f.feed.Revoke(t.Context(), alive))
	require.NoError(t, f.feed.RevokeUser(t.Context(), "a", "u", time.Unix(0, 0)))
	f.polls(t)
	assert.Equal(t, 2, f.Status().Entries)
	assert.True(t, revoked(t, f, alive))
}

func TestFleetConfigs(t *testing.T) {
	feed, told := newFeed(), func(context.Context, Token, time.Duration) {}
	for _, c := range []struct {
		config FleetConfig
		err    error
	}{
		{FleetConfig{}, errNoFeed},
		{FleetConfig{Feed: feed, Staleness: -1}, errStaleness},
		{FleetConfig{Feed: feed, Staleness: leastStaleness - 1}, errStaleness},
		{FleetConfig{Feed: feed, WhenStale: -1}, errWhenStale},
		{FleetConfig{Feed: feed, WhenStale: 3}, errWhenStale},
		{FleetConfig{Feed: feed, WhenStale: Serve, ServeStale: time.Second, OnServeStale: told}, errServeStale},
		{FleetConfig{Feed: feed, WhenStale: Serve, ServeStale: time.Minute}, errOnServeStale},
		{FleetConfig{Feed: feed, ServeStale: time.Minute}, errNotServe},
		{FleetConfig{Feed: feed, WhenStale: Refuse, OnServeStale: told}, errNotServe},
		{FleetConfig{Feed: feed, MaxEntries: -1}, errMaxEntries},
	} {
		_, err := NewFleet(t.Context(), c.config)
		assert.ErrorIs(t, err, c.err)
	}
	assert.Empty(t, feed.polled())

	feed.before = func(context.Context) error { return errDown }
	_, err := NewFleet(t.Context(), FleetConfig{Feed: feed, OnPoll: func(error) {}})
	assert.ErrorIs(t, err, errDown, "the first time must succeed")
	_, err = NewFleet(t.Context(), FleetConfig{Feed: (*SQL)(nil)})
	assert.ErrorIs(t, err, errNoFeed)
	_, err = NewFleet(t.Context(), FleetConfig{Feed: new(SQL), OnPoll: func(error) {}})
	assert.ErrorIs(t, err, errNotMade)
}

func TestFleetNotMade(t *testing.T) {
	for _, f := range []*Fleet{nil, {}} {
		_, err := f.Revoked(t.Context(), id("x"))
		assert.ErrorIs(t, err, errNotMade)
		assert.ErrorIs(t, err, runtime.ErrUnavailable)
		_, known := f.Known(id("x"))
		assert.False(t, known)
		assert.ErrorIs(t, f.Revoke(t.Context(), id("x")), errNotMade)
		assert.True(t, f.Status().Stale)
	}
}

func TestFleetLogsChanges(t *testing.T) {
	var text bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&text, nil)))
	defer slog.SetDefault(before)
	log := pollLogger()
	for _, err := range []error{nil, nil, errDown, errDown, errFull, errDown, nil, nil} {
		log(err)
	}
	assert.Equal(t, 3, bytes.Count(text.Bytes(), []byte("\n")), text.String())
	assert.Equal(t, 2, bytes.Count(text.Bytes(), []byte("level=WARN")), "each error once")
	assert.Contains(t, text.String(), "read again")

	text.Reset()
	for _, err := range []error{ErrFeedLost, nil, ErrFeedLost, nil} {
		log(err)
	}
	assert.Equal(t, 2, bytes.Count(text.Bytes(), []byte("revocations lost")))
	for i := range 1000 {
		log(fmt.Errorf("error %d", i))
	}
	assert.Equal(t, 12, bytes.Count(text.Bytes(), []byte("\n")), "ten of all that differ")
}

// From here on time is that of a bubble, which also sees to it that nothing runs
// any more in the end.

func TestFleetFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		feed := newFeed()
		f, err := NewFleet(ctx, FleetConfig{Feed: feed, WhenStale: Refuse, OnPoll: func(error) {}})
		require.NoError(t, err)
		for i := range 100 {
			token := id(fmt.Sprint(i))
			time.Sleep(time.Duration(i) * 7 * time.Millisecond)
			require.NoError(t, feed.Revoke(ctx, token))
			require.False(t, revoked(t, f, token))
			time.Sleep(250 * time.Millisecond)
			synctest.Wait()
			require.True(t, revoked(t, f, token))
		}
		cancel()
		synctest.Wait()
		feed.polled()
		time.Sleep(time.Second)
		assert.Empty(t, feed.polled(), "nothing runs any more")
		time.Sleep(time.Second)
		_, err = f.Revoked(t.Context(), id("x"))
		assert.ErrorIs(t, err, errStale)
		assert.True(t, revoked(t, f, id("1")))
	})
}

// One call that hangs does not break the bound; two do, and are told of.
func TestFleetWithCallsThatHang(t *testing.T) {
	for _, c := range []struct {
		hangs int32
		stale bool
	}{{1, false}, {2, true}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			feed := newFeed()
			var errs, stale atomic.Int32
			f, err := NewFleet(ctx, FleetConfig{Feed: feed, OnPoll: func(err error) {
				if err != nil {
					errs.Add(1)
				}
			}})
			require.NoError(t, err)
			began := time.Now()
			var hung atomic.Int32
			feed.script(func(f *scriptedFeed) {
				f.before = func(ctx context.Context) error {
					if hung.Add(1) <= c.hangs {
						<-ctx.Done()
						return ctx.Err()
					}
					select {
					case <-ctx.Done():
					case <-time.After(200 * time.Millisecond): // slow, but not too slow
					}
					return ctx.Err()
				}
			})
			for time.Since(began) < 3*time.Second {
				time.Sleep(time.Millisecond)
				synctest.Wait()
				if f.Status().Stale {
					stale.Add(1)
					_, err := f.Revoked(t.Context(), id("x"))
					assert.ErrorIs(t, err, errFailing)
				}
			}
			assert.Equal(t, c.stale, stale.Load() > 0, stale.Load())
			assert.Equal(t, c.hangs, errs.Load())
			assert.False(t, f.Status().Stale)
		})
	}
}

// The context ends a call that hangs, too.
func TestFleetEndsInTheMiddleOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		feed := newFeed()
		_, err := NewFleet(ctx, FleetConfig{Feed: feed, Staleness: time.Hour, OnPoll: func(err error) { assert.NoError(t, err) }})
		require.NoError(t, err)
		feed.script(func(f *scriptedFeed) {
			f.before = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		})
		time.Sleep(15*time.Minute + time.Second)
		began := time.Now()
		cancel()
		synctest.Wait()
		assert.Zero(t, time.Since(began))
	})
}

// Two instances, each of which writes, reads and is followed by the other. On a busy
// machine they may be late, and say so, but never say no.
func TestFleetConcurrently(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	feed := newFeed()
	fleets := make([]*Fleet, 2)
	for i := range fleets {
		var err error
		fleets[i], err = NewFleet(ctx, FleetConfig{Feed: feed, Staleness: 100 * time.Millisecond, MaxEntries: 1500})
		require.NoError(t, err)
	}
	refused := func(f *Fleet, token Token) {
		if revoked, err := f.Revoked(ctx, token); err != nil {
			assert.ErrorIs(t, err, runtime.ErrUnavailable)
		} else {
			assert.True(t, revoked)
		}
	}
	const callers, each = 8, 250 // more in all than there is room for
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			own, other := fleets[caller%2], fleets[1-caller%2]
			for i := range each {
				token := id(fmt.Sprint(caller, "-", i))
				token.Expires = time.Now().Add(time.Hour)
				assert.NoError(t, own.Revoke(ctx, token))
				refused(own, token)
				_, _ = other.Revoked(ctx, token) // either is right
				own.Status()
			}
		})
	}
	group.Wait()
	for _, f := range fleets {
		require.Eventually(t, func() bool { return f.Status().Full }, time.Minute, time.Millisecond)
		for caller := range callers {
			for i := range each {
				refused(f, id(fmt.Sprint(caller, "-", i)))
			}
		}
	}
}

func TestFleetLookupDoesNotAllocate(t *testing.T) {
	f := newFleetUnderTest(t, FleetConfig{})
	f.clock = readClock
	require.NoError(t, f.feed.Revoke(t.Context(), id("it")))
	f.polls(t)
	ctx := t.Context()
	var store Store = f.Fleet
	for _, token := range []Token{id("it"), id("other")} {
		assert.Zero(t, testing.AllocsPerRun(1000, func() {
			if _, err := store.Revoked(ctx, token); err != nil {
				t.Error(err)
			}
		}))
	}
}
