package integration

import (
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testCutAnswers ends connections to the store in the middle of an answer, again and
// again, while all processes write to it.
func (f *fleet) testCutAnswers(t *testing.T) {
	good := f.logIn(t, 3)
	w := f.keepLoggingOut(t)
	w.waitFor(t, 8)
	func() {
		defer f.proxy.cut.Store(-1)
		for since := time.Now(); time.Since(since) < 4*fleetBound || f.proxy.ended.Load() < 30 && time.Since(since) < 10*fleetBound; {
			f.proxy.cut.Store(mathrand.Int64N(5000))
			time.Sleep(mathrand.N(100 * time.Millisecond))
		}
	}()
	cut, all := f.proxy.ended.Load(), w.all()
	w.waitFor(t, 8)
	t.Logf("%d connections were cut, and %d of %d logouts acknowledged", cut, len(ended(all)), len(all))
	assert.GreaterOrEqual(t, cut, int64(30), "hardly any connection was cut")
	f.expectWell(t, good, w.enough())
}

// testReadOnlyStore has the store take no writes for some time, in each way there is:
// what is known to be revoked is refused all the same, and nobody acknowledges anything
// more.
func (f *fleet) testReadOnlyStore(t *testing.T) {
	for _, way := range f.store.readOnly {
		known, good := f.known(t), f.logIn(t, 3)
		w := f.keepLoggingOut(t)
		w.waitFor(t, 8)
		func() {
			way.set(t, true)
			defer way.set(t, false)
			began := time.Now()
			time.Sleep(3 * fleetBound / 2)
			for _, p := range f.instances {
				f.expect(t, p, http.StatusUnauthorized, known)
				f.expectSoon(t, p, way.good, good)
			}
			w.expectRefused(t, began)
		}()
		w.waitFor(t, 8)
		logins := w.enough()
		f.expectWell(t, good, logins)
		f.logOutAgain(t, logins)
	}
}

// expectSoon wants an answer for tokens, by and by.
func (f *fleet) expectSoon(t *testing.T, p *instance, want int, logins []*login) {
	t.Helper()
	for _, l := range logins {
		require.NoError(t, within(10*time.Second, func() error {
			if status, _ := f.ask(t, p, l); status != want {
				return fmt.Errorf("answer %d", status)
			}
			return nil
		}), p.name)
	}
}

// expectRefused wants logouts to have been tried since an instant, but none of them to
// have been acknowledged.
func (w *writers) expectRefused(t *testing.T, since time.Time) {
	t.Helper()
	tried := triedSince(w.all(), since)
	t.Logf("%d logouts were refused", len(tried))
	assert.Empty(t, ended(tried), "acknowledged")
	assert.NoError(t, w.haveTried(since))
}

// haveTried is an error if hardly anybody has tried to log out since an instant.
func (w *writers) haveTried(since time.Time) error {
	if n := len(triedSince(w.all(), since)); n < 3 {
		return fmt.Errorf("%d logouts tried", n)
	}
	return nil
}

// logOutAgain wants those who could not log out to be able to do so by now, with the
// same token.
func (f *fleet) logOutAgain(t *testing.T, logins []*login) {
	t.Helper()
	refused := slices.DeleteFunc(slices.Clone(logins), func(l *login) bool { return l.ended.Load() != nil })
	for i, l := range refused[:min(20, len(refused))] {
		p := f.instances[i%len(f.instances)]
		assert.NoError(t, within(20*time.Second, func() error {
			if f.settled(t, p, l) == http.StatusOK && !f.logOut(t, p, l) {
				return errors.New("not acknowledged")
			}
			return nil
		}), p.name)
	}
}

// testFullDisk has every write of the store to a file fail while all processes write to
// it. If it has ended itself for that, as they do whose log cannot be written, it is
// started again.
func (f *fleet) testFullDisk(t *testing.T) {
	good := f.logIn(t, 3)
	w := f.keepLoggingOut(t)
	w.waitFor(t, 8)
	f.store.limitFiles(t, 0)
	began := time.Now()
	time.Sleep(2 * fleetBound)
	require.NoError(t, within(15*time.Second, func() error { return w.haveTried(began) })) // some hang while the store reports why it ends
	w.expectRefused(t, began)
	f.store.limitFiles(t, -1)
	f.restartIfEnded(t, w)
	w.waitFor(t, 8)
	logins := w.enough()
	f.end(t, f.expectStored(t))
	f.expectWell(t, good, logins)
	f.logOutAgain(t, logins)
}

// restartIfEnded waits until the store acknowledges something or has ended, and starts
// it again then.
func (f *fleet) restartIfEnded(t *testing.T, w *writers) {
	t.Helper()
	since := time.Now()
	require.NoError(t, within(30*time.Second, func() error {
		if alive(f.store.pid) && len(ended(triedSince(w.all(), since))) == 0 {
			return errors.New("the store neither works nor ends")
		}
		return nil
	}))
	if alive(f.store.pid) {
		t.Log("the store has gone on")
		return
	}
	t.Log("the store has ended itself")
	f.store.kill(t)
	require.NoError(t, f.store.restart())
}

// testLostStore has the store lose all that it has while all processes write to it. They
// notice that, and neither vouch for anything nor acknowledge anything until they are
// started again. What had ended before is then forgotten, as the documentation of
// package redisstore says.
func (f *fleet) testLostStore(t *testing.T) {
	known, good := f.known(t), f.logIn(t, 3)
	w := f.keepLoggingOut(t)
	w.waitFor(t, 8)
	f.store.lose(t)
	began := time.Now()
	f.stopped.Store(&began)
	time.Sleep(2 * fleetBound)
	for _, p := range f.instances {
		f.expect(t, p, http.StatusUnauthorized, known)
		f.expect(t, p, http.StatusServiceUnavailable, good)
	}
	w.enough()
	w.expectRefused(t, began)

	f.mu.Lock()
	f.logins = good
	f.mu.Unlock()
	f.stopped.Store(nil)
	for _, p := range f.instances {
		f.end(t, p)
		f.keepAsking(t, f.start(t))
	}
	w = f.keepLoggingOut(t)
	w.waitFor(t, 8)
	f.expectWell(t, good, w.enough())
}
