package revocation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/instant"
)

// A follower is where a [Fleet] is in its feed. It belongs to the one goroutine
// that polls.
type follower struct {
	since    int64 // all before has been read
	caughtUp bool  // at the end of the last attempt

	// recent and earlier are what since was at two times that are reread apart.
	earlier, recent int64
	noted           reading // when recent was
}

var (
	errFull       = errors.New("more revocations are alive than MaxEntries")
	errBackwards  = errors.New("the feed begins again and again")
	errStandstill = errors.New("the feed answers the same again and again")
	errNoChange   = errors.New("a change does not revoke exactly one of a token, a family and a user")
)

// follow polls until the context is done.
func (f *Fleet) follow(ctx context.Context) {
	timer := time.NewTimer(f.interval())
	defer timer.Stop()
	for began := f.clock().mono; ; {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-f.changed:
			wait(ctx, min(f.interval(), changedPause)-time.Duration(f.clock().mono-began))
		}
		began = f.clock().mono
		if f.poll(ctx); ctx.Err() != nil {
			return
		}
		timer.Reset(f.interval() - time.Duration(f.clock().mono-began)) // at once if that is over
	}
}

// interval is how much time is between the beginnings of two attempts.
func (f *Fleet) interval() time.Duration { return f.bound / 4 }

// poll reads what is new, notes what has become of that, and reports it, unless
// the context is done.
func (f *Fleet) poll(ctx context.Context) error {
	began, err := f.catchUp(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f.note(began, err)
	if err == nil && f.isPartial() {
		err = errFull
	}
	f.onPoll(err)
	return err
}

// note has everything be known up to an instant, or counts an error. If there was
// no room for all, nothing is said to be known.
func (f *Fleet) note(upTo reading, err error) {
	f.follower.caughtUp = err == nil
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.failed.Store(&err)
		f.errors++
		f.storeErrors.Add(1)
		return
	}
	f.failed.Store(nil)
	f.errors = 0
	if !f.partial {
		f.asOf = upTo
		f.caughtUp.Store(&upTo)
	}
}

// catchUp reads until an answer is not full, and returns when the call of that one
// began.
func (f *Fleet) catchUp(ctx context.Context) (upTo reading, err error) {
	at := &f.follower
	f.stepBack()
	for again := false; ; {
		began := f.clock()
		changes, next, err := f.call(ctx, at.since)
		if err != nil {
			return reading{}, f.giveUp(err)
		}
		if err := f.learn(changes); err != nil {
			return reading{}, f.giveUp(err)
		}
		f.failed.Store(nil) // whether all is read yet or not, the feed answers
		switch full := len(changes) >= batch; {
		case next < at.since && again, next < 0:
			return reading{}, f.giveUp(errBackwards)
		case next < at.since:
			again = true
			f.onPoll(ErrFeedLost)
			f.beginAgain()
		case full && next == at.since:
			return reading{}, f.giveUp(errStandstill)
		case full:
			at.since = next
		default:
			at.arrive(next)
			return began, nil
		}
	}
}

// arrive notes where all has been read.
func (at *follower) arrive(next int64) {
	at.since = next
	if at.recent == 0 { // everything has been read just now, and need not be reread
		at.earlier, at.recent = next, next
	}
}

// stepBack goes back a bit where that is due: see [Fleet]. Then it is also time to
// make room; and if there was not enough for all, but now there is, it goes back to
// the beginning.
func (f *Fleet) stepBack() {
	at, now := &f.follower, f.clock()
	if f.wasAhead(now) { // what seemed to be over then may be alive
		f.caughtUp.Store(nil)
		f.latest.Store(now.wall)
		f.beginAgain()
	}
	if at.noted == (reading{}) {
		at.noted = now
	}
	if !at.caughtUp || at.noted.lag(now) < reread {
		return
	}
	at.noted = now
	at.since, at.earlier, at.recent = at.earlier, at.recent, at.since
	if f.known.size() > f.max/8*7 {
		f.known.sweep()
	}
	if f.isPartial() && !f.full() {
		f.beginAgain()
	}
}

// wasAhead reports whether entries were dropped by a wall clock that was ahead.
func (f *Fleet) wasAhead(now reading) bool {
	const bit = int64(time.Second) // entries have a longer grace
	return f.latest.Load()-now.wall > bit
}

// wallClock returns the present, by which entries are dropped, and notes it.
func (f *Fleet) wallClock() time.Time {
	now := f.clock().wall
	for {
		latest := f.latest.Load()
		if now <= latest || f.latest.CompareAndSwap(latest, now) {
			return time.Unix(0, now)
		}
	}
}

// giveUp goes back a bit, but only once, so that in the end a feed is caught up
// with that fails now and then.
func (f *Fleet) giveUp(err error) error {
	at := &f.follower
	if at.caughtUp {
		at.since, at.caughtUp = at.earlier, false
	}
	return err
}

// beginAgain has all be read anew, which may find room for all this time. What was
// known up to some instant still is.
func (f *Fleet) beginAgain() {
	at := &f.follower
	at.since, at.earlier, at.recent = 0, 0, 0
	f.mu.Lock()
	defer f.mu.Unlock()
	f.partial = false
}

// call calls the feed. A panic is an error.
func (f *Fleet) call(ctx context.Context, since int64) (changes []Change, next int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	f.calling.Store(f.clock().mono)
	defer f.calling.Store(0)
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the feed panicked in Changes, with a value of type %T", v)
		}
	}()
	return f.feed.Changes(ctx, since, batch)
}

// learn makes changes in memory. One that is none does not keep others from being
// made.
func (f *Fleet) learn(changes []Change) (err error) {
	over := instant.Micros(f.known.now())
	for _, c := range changes {
		switch {
		case !c.valid():
			err = errNoChange
		case c.UserID == "" && instant.End(c.Until, Grace) < over:
		case f.full() && !f.known.holds(c):
			f.setPartial()
		default:
			err = errors.Join(err, c.Apply(context.Background(), f.known)) // memory needs none
		}
	}
	return err
}

// valid reports whether a change is one: feeds may hold what others have written.
func (c *Change) valid() bool {
	switch {
	case c.UserID != "":
		return c.ID == "" && c.Family == "" && !c.Before.IsZero()
	case c.Family != "":
		return c.ID == ""
	}
	return c.ID != ""
}

// full reports whether there is no room.
func (f *Fleet) full() bool { return f.known.size() >= f.max }

// setPartial has nothing be known but what is held.
func (f *Fleet) setPartial() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.partial = true
	f.caughtUp.Store(nil)
}

func (f *Fleet) isPartial() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.partial
}
