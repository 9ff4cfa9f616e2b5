package revocation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/nilable"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// A Feed is a [Store] that instances of a program share, and that they can follow,
// such as [SQL].
type Feed interface {
	Store

	// Changes returns what was written since a call that returned since as its next
	// one, the oldest first, limit at most; zero stands for the beginning. An answer of
	// fewer than limit has everything that was acknowledged before the call began; next
	// is since if that is nothing. A limit that is not positive is an error. It returns
	// soon after its context is done. Package revocationtest tests all of that. A next that is
	// less than since says that the store has lost what it had, so that its numbers
	// begin again: restored from an older copy, say, or flushed.
	Changes(ctx context.Context, since int64, limit int) (changes []Change, next int64, err error)
}

// WhenStale is what a [Fleet] does for a token about which it knows nothing, while
// it has not caught up with its feed within the bound. Whatever it is, a revocation
// that the Fleet knows counts.
type WhenStale int

const (
	// Ask has the feed asked for the token. If it does not answer, or if the last
	// attempt to follow it failed, that is an error.
	Ask WhenStale = iota

	// Refuse is an error at once.
	Refuse

	// Serve is like Ask, but where that would be an error, the token counts as not
	// revoked for as long as the Fleet has caught up within FleetConfig.ServeStale.
	// Each such answer is reported before it is given.
	Serve
)

// FleetConfig configures a [Fleet].
type FleetConfig struct {
	// Feed is the store that all instances share.
	Feed Feed

	// Staleness is the bound that the documentation of [Fleet] is about. Zero means one
	// second; less than 10 milliseconds is an error.
	Staleness time.Duration

	// WhenStale is what happens beyond it.
	WhenStale WhenStale

	// ServeStale is the bound in place of Staleness while the feed does not answer. It
	// belongs to Serve, and must be greater than Staleness then.
	ServeStale time.Duration

	// OnServeStale is told of each token that is served beyond Staleness, with how far
	// the Fleet is behind, for an audit log, say. The request waits for it. It belongs
	// to Serve, too, and must not be nil then.
	OnServeStale func(ctx context.Context, t Token, lag time.Duration)

	// MaxEntries is how many revocations are held. Zero means 4,000,000, which take 240
	// MB at most; a negative one is an error. What is alive is never dropped for it: if
	// there is more, the Fleet says so, and is stale until there is room again.
	MaxEntries int

	// OnPoll is told of every attempt to follow the feed, with nil if the Fleet has
	// caught up, for metrics or a log; and in the middle of one, with [ErrFeedLost], that
	// the feed has lost something. By default errors that say something new are logged to
	// slog.Default() as warnings, and the end of them. It is called from one goroutine at
	// a time, which does not follow meanwhile.
	OnPoll func(error)
}

const (
	defaultStaleness  = time.Second
	leastStaleness    = 10 * time.Millisecond
	defaultMaxEntries = 4_000_000

	// longestCall is how long a call of the feed may take at most, however large the
	// bound is.
	longestCall = 2 * time.Second

	// batch is how many changes are asked for at once.
	batch = 1000

	// reread is how often the Fleet asks once more for what it has read, and how far
	// it goes back for that, at least.
	reread = time.Minute
)

// ErrFeedLost says that a feed has lost what it had. What a Fleet knows it keeps, but
// instances that are started from now on do not know it.
var ErrFeedLost = errors.New("the store has lost revocations: they are known here, but not to instances that are started from now on")

// A Fleet is the [Store] of one of many instances of a program. It knows all that
// is revoked, and answers from memory, without waiting; it follows a [Feed], which
// all instances share, to learn what others have revoked. Its methods are safe for
// concurrent use. The zero Fleet and a nil one do nothing but return errors: see
// [NewFleet].
//
// # The bound
//
// A call of Revoked that begins more than Staleness after a revocation was
// acknowledged, by whichever instance, knows it. What this instance has
// acknowledged itself, it knows at once.
//
// That holds for these reasons. A feed shows what it has acknowledged to each call
// that begins later. So an answer that is not full has everything up to the
// beginning of the call, and since all before it has been read, the Fleet knows
// everything up to there. No answer is given from memory that is more than
// Staleness from there, by the clock of this instance alone, so it does not matter
// how far the clocks of others are off. Time is measured both by the monotonic
// clock and by the wall clock, and the longer one counts: the monotonic clock stands
// still while a machine is suspended, and the wall clock may be set back, which
// by itself counts as stale. A wall clock that is set ahead is no harm: what seemed to
// be over then is read anew when it is set back.
//
// The feed is asked each quarter of Staleness. A call has half of it, two seconds
// at most, so that after one that hangs there is a quarter left for the next one to
// succeed. What is within the bound therefore survives one lost call, and what is
// not is stale, see [WhenStale]: it is never guessed. The default of a second is a
// compromise: a logout takes effect before a person has changed windows, a feed
// answers four small questions a second from each instance, and half a second is
// more than a pause of a busy machine.
//
// A feed that is a [Notifier] is asked as soon as somebody has written, too, but not
// again within 25 milliseconds.
//
// # What is lost and what is late
//
// What is known is never forgotten before its time is over, whatever the feed
// says. If it says that it has lost what it had, everything is read anew. Once a
// minute, and after an error, what was read in the last minute or more is asked for once
// more: a feed may number what comes later with less than what came before, after
// a crash, by the clock of another machine.
//
// A change that revokes nothing, or two things, is an error of the attempt to follow,
// which goes on where it was: what cannot be understood is not passed over.
type Fleet struct {
	feed    Feed
	bound   time.Duration
	timeout time.Duration // of a call of the feed
	stale   WhenStale
	serve   time.Duration
	onServe func(context.Context, Token, time.Duration)
	onPoll  func(error)
	max     int
	clock   func() reading

	known  *Memory
	latest atomic.Int64 // that the wall clock was when something was dropped that is over

	// caughtUp is up to when everything is known; nil if that cannot be said.
	caughtUp    atomic.Pointer[reading]
	failed      atomic.Pointer[error] // of the last attempt to follow; nil if it did not fail
	storeErrors atomic.Uint64
	changed     chan struct{} // there is something to read
	notified    atomic.Bool   // the feed tells when there is
	calling     atomic.Int64  // when the call of the feed began that is under way, by the monotonic clock; 0: none is

	mu      sync.Mutex
	partial bool    // not all that is alive is held, for lack of room
	asOf    reading // the last caughtUp
	errors  int     // of as many attempts, the last ones

	follower follower
}

// NewFleet reads all that is alive in the feed, which is an error if it fails,
// and follows it until the context is done. That there is more than MaxEntries is
// told to OnPoll, and not an error here. After that the Fleet is stale as soon
// as the bound is over, does what WhenStale says, and nothing of it runs any more.
func NewFleet(ctx context.Context, config FleetConfig) (*Fleet, error) {
	f, err := newFleet(config)
	if err != nil {
		return nil, fmt.Errorf("revocation.NewFleet: %w", err)
	}
	if err := f.poll(ctx); err != nil && !errors.Is(err, errFull) {
		return nil, fmt.Errorf("revocation.NewFleet: %w", err)
	}
	go f.follow(ctx)
	if n, ok := config.Feed.(Notifier); ok {
		go f.listen(ctx, n)
	}
	return f, nil
}

var _ Store = (*Fleet)(nil)

var (
	errNoFeed       = errors.New("the Feed is nil")
	errStaleness    = fmt.Errorf("the Staleness is less than %s", leastStaleness)
	errWhenStale    = errors.New("the WhenStale is none of Ask, Refuse and Serve")
	errServeStale   = errors.New("the ServeStale is not greater than the Staleness")
	errOnServeStale = errors.New("the OnServeStale is nil, and nobody would know what is served")
	errNotServe     = errors.New("ServeStale and OnServeStale belong to Serve")
	errMaxEntries   = errors.New("the MaxEntries is negative")
)

func newFleet(config FleetConfig) (*Fleet, error) {
	if config.Staleness == 0 {
		config.Staleness = defaultStaleness
	}
	if config.MaxEntries == 0 {
		config.MaxEntries = defaultMaxEntries
	}
	if config.OnPoll == nil {
		config.OnPoll = pollLogger()
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	f := &Fleet{
		feed: config.Feed, bound: config.Staleness, timeout: min(config.Staleness/2, longestCall),
		stale: config.WhenStale, serve: config.ServeStale, onServe: config.OnServeStale, onPoll: config.OnPoll,
		max: config.MaxEntries, clock: readClock, known: NewMemory(), changed: make(chan struct{}, 1),
	}
	f.known.now = f.wallClock
	return f, nil
}

func (c *FleetConfig) check() error {
	serving := c.WhenStale == Serve
	switch {
	case nilable.IsNil(c.Feed):
		return errNoFeed
	case c.Staleness < leastStaleness:
		return errStaleness
	case c.WhenStale < Ask || c.WhenStale > Serve:
		return errWhenStale
	case serving && c.ServeStale <= c.Staleness:
		return errServeStale
	case serving && c.OnServeStale == nil:
		return errOnServeStale
	case !serving && (c.ServeStale != 0 || c.OnServeStale != nil):
		return errNotServe
	case c.MaxEntries < 0:
		return errMaxEntries
	}
	return nil
}

// pollLogger returns a function that logs when attempts begin to fail, for what other
// reasons they do so, and when they succeed again.
func pollLogger() func(error) {
	const maxLogged = 10 // of texts that may all differ
	logged := make(map[string]bool)
	return func(err error) {
		switch {
		case errors.Is(err, ErrFeedLost):
			slog.Warn("revocations lost", slog.Any("err", err))
		case err == nil && len(logged) > 0:
			slog.Info("revocations of other instances are read again")
			clear(logged)
		case err != nil && !logged[err.Error()] && len(logged) < maxLogged:
			slog.Warn("revocations of other instances not read", slog.Any("err", err))
			logged[err.Error()] = true
		}
	}
}

// Known answers like Revoked if that needs nothing but memory: if the token is known
// to be revoked, or if the Fleet has caught up within the bound. It neither waits
// nor allocates. Who calls it first saves what it takes to guard a call that
// might wait.
func (f *Fleet) Known(t Token) (revoked, known bool) {
	if f == nil || f.feed == nil {
		return false, false
	}
	return f.knows(&t)
}

// KnownAt is like Known on behalf of a request that began at an instant or earlier, which
// [time.Now] has returned just now, so that the clocks need not be read once more.
// What was acknowledged more than Staleness before it is known. An instant without a
// monotonic reading must not be given.
func (f *Fleet) KnownAt(now time.Time, t Token) (revoked, known bool) {
	if f == nil || f.feed == nil {
		return false, false
	}
	caughtUp := f.caughtUp.Load()
	if f.known.knows(&t) {
		return true, true
	}
	at := readingOf(now)
	return false, f.fresh(caughtUp, at) || caughtUp != nil && at.before(*caughtUp) // caught up meanwhile
}

func (f *Fleet) knows(t *Token) (revoked, known bool) {
	caughtUp := f.caughtUp.Load() // first, so that what is looked up is not older
	if f.known.knows(t) {
		return true, true
	}
	return false, f.fresh(caughtUp, f.clock())
}

// fresh reports whether what is not known is not revoked: all was known within the bound,
// and nothing was dropped since by a clock that was ahead.
func (f *Fleet) fresh(caughtUp *reading, now reading) bool {
	return caughtUp != nil && caughtUp.lag(now) <= f.bound && !f.wasAhead(now)
}

// Revoked implements [Store]. If it can be answered from memory, it is, even if the
// context is done. An error wraps [runtime.ErrUnavailable].
func (f *Fleet) Revoked(ctx context.Context, t Token) (bool, error) {
	if f == nil || f.feed == nil {
		return false, unavailable(errNotMade)
	}
	if revoked, known := f.knows(&t); known {
		return revoked, nil
	}
	if f.stale == Refuse {
		return false, unavailable(errStale)
	}
	revoked, err := f.ask(ctx, t)
	if err != nil && ctx.Err() == nil && f.servesStale(ctx, t) {
		return false, nil
	}
	return revoked, err
}

var (
	errStale   = errors.New("not caught up with the feed within the bound")
	errFailing = fmt.Errorf("%w, and the last attempt to follow it failed", errStale)
	errHanging = fmt.Errorf("%w, and it does not answer", errStale)
)

func unavailable(err error) error {
	return fmt.Errorf("%w: look up revocations: %w", runtime.ErrUnavailable, err)
}

// ask asks the feed, unless it is known not to answer.
func (f *Fleet) ask(ctx context.Context, t Token) (bool, error) {
	if err := f.failing(); err != nil {
		return false, unavailable(err)
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	revoked, err := f.feed.Revoked(ctx, t)
	if err != nil {
		f.storeErrors.Add(1)
		return false, unavailable(err)
	}
	return revoked, nil
}

// failing returns an error if the last attempt to follow the feed failed, or a call
// that is under way should have returned.
func (f *Fleet) failing() error {
	if err := f.failed.Load(); err != nil {
		return fmt.Errorf("%w: %w", errFailing, *err)
	}
	if began := f.calling.Load(); began != 0 && f.clock().mono-began > int64(f.timeout) {
		return errHanging
	}
	return nil
}

// servesStale reports whether a token of which nothing is known counts as not
// revoked, and tells who wants to know.
func (f *Fleet) servesStale(ctx context.Context, t Token) bool {
	if f.stale != Serve {
		return false
	}
	caughtUp := f.caughtUp.Load()
	if f.known.knows(&t) || caughtUp == nil { // it may have become known meanwhile
		return false
	}
	lag := caughtUp.lag(f.clock())
	if lag > f.serve {
		return false
	}
	f.onServe(ctx, t, lag)
	return true
}

// Revoke implements [Store]. It writes to the feed, and returns its error. Without
// one, this instance knows the revocation at once, and the others do within the bound.
//
// After an error it may have been stored, and is known within the bound if it was; if
// it was not, it is not in force here either. A token that one instance alone
// refused, until it is started again, would look as if it was revoked, and its
// owner could not repeat with it what failed. So repeat it, or report the error.
func (f *Fleet) Revoke(ctx context.Context, t Token) error {
	return f.write(ctx, Change{Issuer: t.Issuer, ID: t.ID, Until: t.Expires}, func() error { return f.feed.Revoke(ctx, t) })
}

// RevokeUser implements [Store]. See [Fleet.Revoke].
func (f *Fleet) RevokeUser(ctx context.Context, issuer, userID string, before time.Time) error {
	return f.write(ctx, Change{Issuer: issuer, UserID: userID, Before: before}, func() error {
		return f.feed.RevokeUser(ctx, issuer, userID, before)
	})
}

// RevokeFamily implements [Store]. See [Fleet.Revoke].
func (f *Fleet) RevokeFamily(ctx context.Context, issuer, family string, until time.Time) error {
	return f.write(ctx, Change{Issuer: issuer, Family: family, Until: until}, func() error {
		return f.feed.RevokeFamily(ctx, issuer, family, until)
	})
}

// write makes a change in the feed, and then in memory.
func (f *Fleet) write(ctx context.Context, c Change, inFeed func() error) error {
	if f == nil || f.feed == nil {
		return fmt.Errorf("revoke: %w", errNotMade)
	}
	if err := inFeed(); err != nil {
		f.storeErrors.Add(1)
		return err
	}
	if f.full() && !f.known.holds(c) {
		f.setPartial()
		return nil
	}
	return c.Apply(ctx, f.known)
}
