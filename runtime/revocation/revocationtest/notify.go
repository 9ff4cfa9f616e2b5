package revocationtest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// testNotify is about a feed that tells of changes. Others need not.
func testNotify(t *testing.T, s feedSubject) {
	for i, feed := range s.feeds {
		n, ok := feed.(revocation.Notifier)
		if !ok {
			t.Logf("%s is no Notifier, and need not be one", s.handles()[i].name)
			continue
		}
		done, cancel := context.WithCancel(t.Context())
		cancel()
		returns(t, "Notify of "+s.handles()[i].name+", whose context was done before the call,", func() { _ = n.Notify(done, func() {}) })
		testListener(t, s, listen(t, n, s.handles()[i].name))
	}
}

// A listener is a call of Notify.
type listener struct {
	name  string
	told  chan struct{} // has something as soon as changed was called since the last look
	ended chan error
	stop  context.CancelFunc
	calls atomic.Int64
	twice atomic.Bool // changed was called while it was
}

func listen(t *testing.T, n revocation.Notifier, name string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	l := &listener{name: name, told: make(chan struct{}, 1), ended: make(chan error, 1), stop: cancel}
	var calling atomic.Int32
	go func() {
		l.ended <- n.Notify(ctx, func() {
			defer calling.Add(-1)
			if calling.Add(1) > 1 {
				l.twice.Store(true)
			}
			time.Sleep(100 * time.Microsecond) // so that somebody else could
			l.calls.Add(1)
			select {
			case l.told <- struct{}{}:
			default:
			}
		})
	}()
	return l
}

// wait waits until changed was called since the last look.
func (l *listener) wait(t *testing.T, promise string, args ...any) {
	t.Helper()
	select {
	case <-l.told:
	case err := <-l.ended:
		l.ended <- err
		require.FailNow(t, "Notify has returned before its context was done", "%s has returned the error: %v", l.name, err)
	case <-time.After(soon):
		require.FailNow(t, "Notify has not called changed for "+soon.String(), append([]any{promise}, args...)...)
	}
}

// testListener reads only when it is told to, and must not miss anything.
func testListener(t *testing.T, s feedSubject, l *listener) {
	l.wait(t, "Notify calls changed once it listens: %s has not", l.name)
	readers := s.readers(t)
	r := readers[0]
	if l.name != r.name {
		r = readers[1]
	}
	var writing sync.WaitGroup
	defer writing.Wait()
	for i := range 10 {
		c, writer := s.change(i), s.handles()[i%2]
		writing.Go(func() {
			assert.NoError(t, c.Apply(t.Context(), writer.Store), "%s must store what is valid, whoever listens", writer.name)
		})
		var seen []revocation.Change
		for len(seen) == 0 {
			l.wait(t, "Notify calls changed after each write: %s was told, and who listens to %s has read all that there was when changed was called, but has not seen this write, number %d", writer.name, l.name, i+1)
			seen = r.catchUp(t)
		}
		requireStored(t, []revocation.Change{c}, seen, "Changes tells what was written: %s was asked because changed was called", r.name)
	}
	s.together(func(i int, own handle) {
		assert.NoError(t, s.change(100+i).Apply(t.Context(), own.Store), "%s must store what is valid, whoever listens", own.name)
	})
	l.wait(t, "Notify calls changed after each write, or once for several: %s has not after %d at the same time", l.name, callers)
	l.end(t, s)
}

// end has it listen no more.
func (l *listener) end(t *testing.T, s feedSubject) {
	l.stop()
	select {
	case <-l.ended:
	case <-time.After(soon):
		require.FailNow(t, "Notify does not return soon after its context is done", "%s has not returned for %v", l.name, soon)
	}
	calls := l.calls.Load()
	apply(t, s.handles()[0], s.change(200))
	time.Sleep(50 * time.Millisecond)
	if l.calls.Load() > calls {
		require.FailNow(t, "Notify calls changed until its context is done", "%s has returned, and has called it after the next write", l.name)
	}
	if l.twice.Load() {
		require.FailNow(t, "Notify calls changed from one goroutine at a time", "%s has called it while another call was under way", l.name)
	}
}
