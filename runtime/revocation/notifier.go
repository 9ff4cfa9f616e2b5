package revocation

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// A Notifier is a [Feed] that tells when something has been written, so that a
// [Fleet] need not wait for the next time that it asks. Nothing rests on it: who is not
// told, or too late, learns of it when the Fleet asks anyhow, well within its bound.
type Notifier interface {
	Feed

	// Notify calls changed once it listens, and from then on after each write, or once
	// for several, until the context is done, or until it can listen no more, which
	// is an error. It calls from one goroutine at a time; changed returns at once.
	Notify(ctx context.Context, changed func()) error
}

const (
	// changedPause keeps a feed that is written to all the time from being asked all the
	// time, by all instances.
	changedPause = 25 * time.Millisecond

	// listenAgain is how long after a failure the feed is listened to again.
	listenAgain = time.Second
)

// listen has the feed be read soon after it was written to, until the context is done.
func (f *Fleet) listen(ctx context.Context, n Notifier) {
	for logged := false; ctx.Err() == nil; wait(ctx, listenAgain) {
		err := f.notify(ctx, n)
		if f.notified.Swap(false) {
			logged = false
		}
		if ctx.Err() == nil && !logged { // the first of several
			slog.Info("not told of revocations by their store, which is asked for them all the same", slog.Any("err", err))
			logged = true
		}
	}
}

// notify calls the feed's Notify. A panic is an error.
func (f *Fleet) notify(ctx context.Context, n Notifier) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the feed panicked in Notify, with a value of type %T", v)
		}
	}()
	return n.Notify(ctx, func() {
		f.notified.Store(true)
		select {
		case f.changed <- struct{}{}:
		default: // it will be read anyhow
		}
	})
}

// wait waits for some time, or until the context is done.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
