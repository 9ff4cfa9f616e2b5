// Package revocationtest tests stores of revocations: whether a [revocation.Store] or a
// [revocation.Feed] of your own keeps all that its interface promises.
//
//	func TestStore(t *testing.T) {
//		revocationtest.Run(t, func(t *testing.T) (one, other revocation.Store) {
//			return newStore(t, path), newStore(t, path)
//		})
//	}
//
// A feed is a store, too: test it with [Run], for what any store promises, and with
// [RunFeed], for what Changes promises, and Notify if it is a [revocation.Notifier].
//
// # Two handles
//
// What is tested is two handles on one storage, as two instances of a program have
// them. Both are written to and both are asked, and what one has acknowledged the other must
// know at once, by the documentation of [revocation.Store.Revoked]. A store that has no
// storage outside of itself is given as both.
//
// A [revocation.Fleet] learns within its Staleness what others have written, not at once. So
// neither a Fleet and its Feed nor two Fleets are two such handles, and they fail first. Test
// the feed alone; a Fleet need not be tested, but can be, with itself as both:
//
//	revocationtest.Run(t, func(*testing.T) (one, other revocation.Store) { return fleet, fleet })
//
// # What is written
//
// The storage may be the same again and need not be empty: the tests use names that
// are new each time, of up to 64 KiB, of all bytes that there are. Nobody else may write to it
// meanwhile. What is alive when a test ends stays: some hundred entries, some of
// them for good. Ends and instants are about the present, long ago, after the year 9999, and
// near the end of time, where adding [revocation.Grace] exceeds an int64 and
// [time.Time.Before] itself is wrong.
//
// Run makes some 4,000 calls, of which 1,200 write, and RunFeed 3,000, of which 800 write.
// They hardly wait for anything else, so each takes less than a second with a store in memory
// and a few seconds with a database. A test that fails may wait for some seconds more. Use the
// race detector.
package revocationtest

import (
	"crypto/rand"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// Run tests a store, each promise in a subtest of its own for which two handles are
// opened: see the documentation of the package. If they are not of one storage, that is
// the only subtest that fails.
func Run(t *testing.T, open func(t *testing.T) (one, other revocation.Store)) {
	t.Helper()
	runAll(t, func(t *testing.T) subject {
		t.Helper()
		one, other := open(t)
		return newSubject(t, one, other)
	}, []test[subject]{
		{handlesTest, testHandles},
		{"one token", testToken},
		{"a user", testUser},
		{"a user's instants", testInstants},
		{"a family", testFamily},
		{"each part of a token counts", testParts},
		{"nothing named, nothing revoked", testNothing},
		{"issuers are kept apart", testIssuers},
		{"names that read alike when joined", testJoinedNames},
		{"hostile names", testHostileNames},
		{"ends of tokens", testEnds},
		{"never shortened", testNeverShortened},
		{"invalid arguments", testInvalid},
		{"done context", testDoneContext},
		{"seen by the other handle", testAcknowledged},
		{"concurrent revocations", testConcurrent},
		{"concurrent instants", testConcurrentInstants},
	})
}

// RunFeed tests what a feed promises beyond what a store does, which is for [Run]. What
// it expects of Changes:
//
//   - From zero, it returns all that is alive, and what is over only until that is removed.
//   - It never returns more than the limit, and a limit that is not positive is an error. An
//     answer of fewer has everything that was acknowledged before the call began, by
//     whichever handle, however many write at the same time.
//   - What was written comes in its order. The next number is greater than since if there is
//     something and equal if there is not, and the answer to it has what comes later.
//   - What is revoked once more comes again or stays where it was; if that revokes more, or for
//     longer, it comes again.
//   - A change has one of ID, Family and UserID, byte by byte, and the instant that is
//     stored, to the microsecond. An end that cannot be counted in microseconds may be none.
//   - It returns soon after its context is done, with an error or with the whole answer.
//
// Of Notify, if there is one: that it calls changed once it listens, and after each write or once
// for several, from one goroutine at a time; and that it ends soon after its context is done, and
// calls no more. That a feed has lost what it had is not tested.
func RunFeed(t *testing.T, open func(t *testing.T) (one, other revocation.Feed)) {
	t.Helper()
	runAll(t, func(t *testing.T) feedSubject {
		t.Helper()
		one, other := open(t)
		return newFeedSubject(t, one, other)
	}, []test[feedSubject]{
		{handlesTest, func(t *testing.T, s feedSubject) { testHandles(t, s.subject) }},
		{"from zero", testFromZero},
		{"the limit", testLimit},
		{"a limit that is none", testNoLimit},
		{"order and numbers", testOrder},
		{"nothing new", testNothingNew},
		{"what a change says", testChange},
		{"hostile names", testChangesOfHostileNames},
		{"revoked once more", testOnceMore},
		{"applied to a Memory", testApplied},
		{"seen by the other handle", testChangesOfOther},
		{"a follower misses nothing", testFollowers},
		{"done context", testChangesDoneContext},
		{"told of changes", testNotify},
	})
}

// A test is about one promise.
type test[S any] struct {
	name string
	run  func(t *testing.T, s S)
}

const handlesTest = "both handles are of one store"

// runAll runs the tests, but only the first one if that fails.
func runAll[S any](t *testing.T, open func(t *testing.T) S, tests []test[S]) {
	t.Helper()
	for i, test := range tests {
		if passed := t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) }); i == 0 && !passed {
			return
		}
	}
}

// newSubject fails if there is nothing to test.
func newSubject(t *testing.T, one, other revocation.Store) subject {
	t.Helper()
	s := subject{one, other, time.Now().Truncate(time.Second), rand.Text()}
	for _, h := range s.handles() {
		if isNil(h.Store) {
			require.FailNow(t, "open returned no store: "+h.name+" is nil")
		}
	}
	oneFleet, _ := one.(*revocation.Fleet)
	otherFleet, _ := other.(*revocation.Fleet)
	if oneFleet != otherFleet {
		require.FailNow(t, "a Fleet learns within its Staleness what another handle has written, not at once: test its Feed alone, or give the same Fleet as both")
	}
	return s
}

// isNil reports whether a store is nil or a nil pointer: the methods of such a one would panic.
func isNil(s revocation.Store) bool {
	if s == nil {
		return true
	}
	v := reflect.ValueOf(s)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// testHandles is about handles that share nothing, with which nearly all else would
// fail. What is wrong with one handle alone, or comes late, is for the other tests.
func testHandles(t *testing.T, s subject) {
	handles := s.handles()
	for i, writer := range handles {
		reader := handles[1-i]
		token := revocation.Token{Issuer: issuer, ID: s.name + writer.name, Expires: s.now.Add(time.Hour)}
		if writer.Revoke(t.Context(), token) != nil {
			return
		}
		if revoked, err := writer.Revoked(t.Context(), token); err != nil || !revoked {
			return
		}
		if !seen(t, reader, token) {
			require.FailNow(t, fmt.Sprintf("%s does not see what %s wrote: both must be of the same store", reader.name, writer.name))
		}
	}
}

// seen reports whether a handle sees within a while what was revoked.
func seen(t *testing.T, h handle, token revocation.Token) bool {
	t.Helper()
	for late := time.Now().Add(time.Second); ; time.Sleep(10 * time.Millisecond) {
		revoked, err := h.Revoked(t.Context(), token)
		if err != nil || revoked || time.Now().After(late) {
			return err != nil || revoked
		}
	}
}
