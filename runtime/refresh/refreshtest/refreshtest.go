// Package refreshtest tests stores of refresh-token families: whether a
// [refresh.Store] of your own keeps all that the interface promises.
//
//	func TestStore(t *testing.T) {
//		refreshtest.Run(t, func(t *testing.T) refresh.Store { return newStore(t) })
//	}
package refreshtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/refresh"
)

// Run runs the tests, each as a subtest with a store that newStore returns. It
// may return the same store again and need not be empty: the tests use names that
// are new each time, and times about the present. Run it with the race detector.
func Run(t *testing.T, newStore func(t *testing.T) refresh.Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s subject)
	}{
		{"start", testStart},
		{"start what is there already", testDuplicate},
		{"rotate", testRotate},
		{"repeat within the grace", testRepeat},
		{"repeat without grace", testNoGrace},
		{"repeat after the grace", testLateRepeat},
		{"a token from before the last rotation", testOlderToken},
		{"a token that the family never had", testForeignToken},
		{"nothing remains of a family that has ended", testNothingRemains},
		{"unknown", testUnknown},
		{"expired", testExpired},
		{"end", testEnd},
		{"end user", testEndUser},
		{"names that read alike when joined", testJoinedNames},
		{"hostile names", testHostileNames},
		{"invalid arguments", testInvalid},
		{"what is given and returned is copied", testCopies},
		{"done context", testDoneContext},
		{"concurrent rotations", testConcurrentRotations},
		{"concurrent starts", testConcurrentStarts},
		{"rotations while the family ends", testRotateWhileEnding},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(t, subject{newStore(t), time.Now().Truncate(time.Second), rand.Text()})
		})
	}
}

// grace is that of rotations here unless the test is about it.
const grace = 30 * time.Second

// A subject is a store under test, with the present as the test has it and a name
// that nobody has used.
type subject struct {
	refresh.Store
	now  time.Time
	name string
}

// digest returns the digest of a token that a test knows by a number.
func digest(number int) refresh.Digest {
	return sha256.Sum256([]byte{'t', 'o', 'k', 'e', 'n', byte(number >> 8), byte(number)})
}

// sealed returns what stands for the sealed token: bytes that no encoding of text survives.
func sealed(number int) []byte {
	d := digest(number)
	return append([]byte{0, 0xFF, '\'', '\n', 0}, d[:]...)
}

// family returns one that is good for an hour, with token 0.
func (s subject) family() refresh.Family {
	return refresh.Family{
		Issuer: "https://issuer.example", ID: s.name, UserID: "user " + s.name,
		Started: s.now, Expires: s.now.Add(time.Hour), Current: digest(0),
	}
}

// started returns a family of the given name that is in the store.
func (s subject) started(t *testing.T, id string) refresh.Family {
	t.Helper()
	f := s.family()
	f.ID = id
	require.NoError(t, s.Start(t.Context(), f))
	return f
}

// rotation returns one from a token to another, a minute after the start.
func (s subject) rotation(f refresh.Family, from, to int) refresh.Rotation {
	return refresh.Rotation{
		Issuer: f.Issuer, Family: f.ID,
		Old: digest(from), New: digest(to), Sealed: sealed(to),
		Now: s.now.Add(time.Minute), Grace: grace, Expires: s.now.Add(2 * time.Hour),
	}
}

// expect rotates and compares the outcome.
func (s subject) expect(t *testing.T, want refresh.Outcome, r refresh.Rotation, about ...any) {
	t.Helper()
	result, err := s.Rotate(t.Context(), r)
	require.NoError(t, err, about...)
	require.Equal(t, want, result.Outcome, about...)
	if want != refresh.Repeated {
		require.Nil(t, result.Sealed, about...)
	}
}

// expectRepeated rotates and wants what the rotation to the given token has sealed.
func (s subject) expectRepeated(t *testing.T, to int, r refresh.Rotation) {
	t.Helper()
	result, err := s.Rotate(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, refresh.Result{Outcome: refresh.Repeated, Sealed: sealed(to)}, result)
}

func testStart(t *testing.T, s subject) {
	f := s.started(t, s.name)
	s.expect(t, refresh.Rotated, s.rotation(f, 0, 1))

	f = s.family()
	f.ID += " of no issuer"
	f.Issuer = ""
	require.NoError(t, s.Start(t.Context(), f), "an issuer is not required")
	s.expect(t, refresh.Rotated, s.rotation(f, 0, 1))
}

func testDuplicate(t *testing.T, s subject) {
	f := s.started(t, s.name)
	second := f
	second.UserID += "'s enemy"
	second.Current = digest(7)
	require.Error(t, s.Start(t.Context(), second))
	require.Error(t, s.Start(t.Context(), f), "even if nothing differs")

	require.NoError(t, s.EndUser(t.Context(), f.Issuer, second.UserID, s.now))
	s.expect(t, refresh.Rotated, s.rotation(f, 0, 1), "the first one stays")
	require.Error(t, s.Start(t.Context(), f), "after a rotation")
	s.expect(t, refresh.Rotated, s.rotation(f, 1, 2), "the first one stays as it is")
}

func testRotate(t *testing.T, s subject) {
	f := s.started(t, s.name)
	other := s.started(t, s.name+" other")
	for i := range 10 {
		r := s.rotation(f, i, i+1)
		r.Now = s.now.Add(time.Duration(i) * 50 * time.Minute) // each within the lifetime of the last
		r.Expires = r.Now.Add(time.Hour)
		s.expect(t, refresh.Rotated, r, "rotation %d", i)
	}
	s.expect(t, refresh.Rotated, s.rotation(other, 0, 1), "another family of the user")
}

func testRepeat(t *testing.T, s subject) {
	f := s.started(t, s.name)
	r := s.rotation(f, 0, 1)
	s.expect(t, refresh.Rotated, r)

	for _, after := range []time.Duration{0, time.Microsecond, time.Second, grace, grace - time.Microsecond, -time.Microsecond, -24 * time.Hour} {
		again := s.rotation(f, 0, 2) // the caller has made another successor meanwhile
		again.Now = r.Now.Add(after)
		s.expectRepeated(t, 1, again)
	}
	s.expectRepeated(t, 1, r) // nor is it a problem if it is all the same

	r = s.rotation(f, 1, 3)
	r.Now = r.Now.Add(time.Hour)
	s.expect(t, refresh.Rotated, r, "the first successor is still good")
	again := s.rotation(f, 1, 4)
	again.Now = r.Now.Add(grace)
	s.expectRepeated(t, 3, again) // the grace is that of the last rotation
	s.expect(t, refresh.Rotated, s.rotation(f, 3, 5))
}

func testNoGrace(t *testing.T, s subject) {
	for _, c := range []struct {
		name          string
		first, second time.Duration
	}{{"neither", 0, 0}, {"only the rotation has one", grace, 0}, {"only the repetition has one", 0, grace}} {
		t.Run(c.name, func(t *testing.T) {
			f := s.started(t, s.name+c.name)
			r := s.rotation(f, 0, 1)
			r.Grace = c.first
			s.expect(t, refresh.Rotated, r)
			again := s.rotation(f, 0, 2)
			again.Grace = c.second
			s.expect(t, refresh.Reused, again)
			s.expect(t, refresh.Unknown, s.rotation(f, 1, 3))
		})
	}
	f := s.started(t, s.name)
	r := s.rotation(f, 0, 1)
	r.Grace, r.Sealed = 0, nil
	s.expect(t, refresh.Rotated, r, "without grace nothing need be sealed")
	early := s.rotation(f, 0, 2)
	early.Grace, early.Sealed, early.Now = 0, nil, r.Now.Add(-time.Second)
	s.expect(t, refresh.Reused, early, "a clock that is behind")
}

func testLateRepeat(t *testing.T, s subject) {
	for _, late := range []time.Duration{time.Microsecond, time.Second, time.Hour} {
		f := s.started(t, s.name+late.String())
		r := s.rotation(f, 0, 1)
		s.expect(t, refresh.Rotated, r)
		again := s.rotation(f, 0, 2)
		again.Now = r.Now.Add(grace + late)
		s.expect(t, refresh.Reused, again, late)
		s.expect(t, refresh.Unknown, again, "a second time")
		s.expect(t, refresh.Unknown, s.rotation(f, 1, 3), "the good one goes, too")
		s.expect(t, refresh.Unknown, s.rotation(f, 2, 3), "the one that was not taken")
	}

	f := s.started(t, s.name)
	r := s.rotation(f, 0, 1)
	s.expect(t, refresh.Rotated, r)
	again := r
	again.Now = r.Now.Add(grace)
	s.expectRepeated(t, 1, again)
	again.Now = again.Now.Add(time.Microsecond)
	s.expect(t, refresh.Reused, again, "a repetition does not prolong the grace")
}

func testOlderToken(t *testing.T, s subject) {
	f := s.started(t, s.name)
	s.expect(t, refresh.Rotated, s.rotation(f, 0, 1))
	s.expect(t, refresh.Rotated, s.rotation(f, 1, 2))
	s.expect(t, refresh.Reused, s.rotation(f, 0, 3), "within its grace, but its successor was used")
	s.expect(t, refresh.Unknown, s.rotation(f, 2, 3))
	s.expect(t, refresh.Unknown, s.rotation(f, 1, 3))
}

func testForeignToken(t *testing.T, s subject) {
	f := s.started(t, s.name)
	s.expect(t, refresh.Reused, s.rotation(f, 9, 1))
	s.expect(t, refresh.Unknown, s.rotation(f, 0, 1))

	f = s.started(t, s.name+" nearly")
	r := s.rotation(f, 0, 1)
	r.Old[len(r.Old)-1] ^= 1
	s.expect(t, refresh.Reused, r, "all but the last bit")
}

func testNothingRemains(t *testing.T, s subject) {
	for name, end := range map[string]func(refresh.Family) error{
		"reuse": func(f refresh.Family) error {
			result, err := s.Rotate(t.Context(), s.rotation(f, 9, 8))
			assert.Equal(t, refresh.Reused, result.Outcome)
			return err
		},
		"end":      func(f refresh.Family) error { return s.End(t.Context(), f.Issuer, f.ID) },
		"end user": func(f refresh.Family) error { return s.EndUser(t.Context(), f.Issuer, f.UserID, f.Started) },
	} {
		f := s.started(t, s.name+name)
		s.expect(t, refresh.Rotated, s.rotation(f, 0, 1))
		require.NoError(t, end(f), name)

		f.UserID, f.Current = "successor of "+f.UserID, digest(10)
		require.NoError(t, s.Start(t.Context(), f), "%s: the name is free", name)
		s.expect(t, refresh.Reused, s.rotation(f, 0, 12), "%s: no grace is left over", name)
		require.NoError(t, s.Start(t.Context(), f), "%s: the name is free again", name)
		s.expect(t, refresh.Rotated, s.rotation(f, 10, 11), name)
	}
}

func testUnknown(t *testing.T, s subject) {
	f := s.family()
	s.expect(t, refresh.Unknown, s.rotation(f, 0, 1))
	require.NoError(t, s.Start(t.Context(), f), "asking has not made it exist")
	for _, issuer := range []string{"", "https://issuer", "https://issuer.example/", "https://other.example"} {
		other := f
		other.Issuer = issuer
		s.expect(t, refresh.Unknown, s.rotation(other, 0, 1), "the same name of another issuer, %q", issuer)
	}
	for _, id := range []string{f.ID[:len(f.ID)-1], f.ID + "x"} {
		other := f
		other.ID = id
		s.expect(t, refresh.Unknown, s.rotation(other, 0, 1), "%q", id)
	}
	s.expect(t, refresh.Rotated, s.rotation(f, 0, 1))
}

func testExpired(t *testing.T, s subject) {
	for _, after := range []time.Duration{0, time.Microsecond, 24 * time.Hour} {
		f := s.started(t, s.name+after.String())
		r := s.rotation(f, 0, 1)
		r.Now = f.Expires.Add(after)
		r.Expires = r.Now.Add(time.Hour)
		s.expect(t, refresh.Unknown, r, "the current token")
		r.Old = digest(9)
		s.expect(t, refresh.Unknown, r, "another token")
	}

	f := s.started(t, s.name)
	first := s.rotation(f, 0, 1)
	first.Now = f.Expires.Add(-time.Microsecond)
	first.Expires = first.Now.Add(time.Second)
	s.expect(t, refresh.Rotated, first, "a moment before")
	again := s.rotation(f, 0, 2)
	again.Now = first.Expires.Add(-time.Microsecond)
	s.expectRepeated(t, 1, again)
	again.Now = first.Expires
	s.expect(t, refresh.Unknown, again, "within the grace, but the successor has expired")
}

func testEnd(t *testing.T, s subject) {
	f := s.started(t, s.name)
	other := s.started(t, s.name+" other")
	require.NoError(t, s.End(t.Context(), "https://other.example", f.ID))
	require.NoError(t, s.End(t.Context(), f.Issuer, s.name+" never there"))
	s.expect(t, refresh.Rotated, s.rotation(f, 0, 1))

	require.NoError(t, s.End(t.Context(), f.Issuer, f.ID))
	s.expect(t, refresh.Unknown, s.rotation(f, 1, 2), "its current token")
	s.expect(t, refresh.Unknown, s.rotation(f, 0, 2), "within the grace")
	require.NoError(t, s.End(t.Context(), f.Issuer, f.ID), "a second time")
	s.expect(t, refresh.Rotated, s.rotation(other, 0, 1), "another family of the user")
}

func testEndUser(t *testing.T, s subject) {
	start := func(name string, change func(*refresh.Family)) refresh.Family {
		f := s.family()
		f.ID = s.name + name
		change(&f)
		require.NoError(t, s.Start(t.Context(), f))
		return f
	}
	at := s.now.Add(500 * time.Millisecond)
	startedAt := func(started time.Time) func(*refresh.Family) {
		return func(f *refresh.Family) { f.Started = started }
	}
	long := start("long before", startedAt(at.Add(-24*time.Hour)))
	before := start("before", startedAt(at.Add(-time.Microsecond)))
	exactly := start("at", startedAt(at))
	rotated := start("rotated", startedAt(at))
	after := start("after", startedAt(at.Add(time.Microsecond)))
	unknown := start("at a time that is not known", startedAt(time.Time{}))
	issuer := start("another issuer", func(f *refresh.Family) { f.Issuer = "" })
	user := start("another user", func(f *refresh.Family) { f.UserID += "x" })
	s.expect(t, refresh.Rotated, s.rotation(rotated, 0, 1))

	require.NoError(t, s.EndUser(t.Context(), after.Issuer, after.UserID, at))
	for _, f := range []refresh.Family{long, before, exactly, rotated, unknown} {
		s.expect(t, refresh.Unknown, s.rotation(f, 0, 2), f.ID)
	}
	s.expect(t, refresh.Unknown, s.rotation(rotated, 1, 2), "rotated later than that, but not started later")
	for i, f := range []refresh.Family{after, issuer, user} {
		s.expect(t, refresh.Rotated, s.rotation(f, 0, 1), f.ID)
		require.NoError(t, s.EndUser(t.Context(), f.Issuer, f.UserID, at.AddDate(i*1000, 0, 1)), "with nothing left but that one")
		s.expect(t, refresh.Unknown, s.rotation(f, 1, 2), f.ID)
	}
	require.NoError(t, s.EndUser(t.Context(), "", s.name+" never there", at))
}

func testInvalid(t *testing.T, s subject) {
	for name, change := range map[string]func(*refresh.Family){
		"no ID":      func(f *refresh.Family) { f.ID = "" },
		"no user":    func(f *refresh.Family) { f.UserID = "" },
		"no expiry":  func(f *refresh.Family) { f.Expires = time.Time{} },
		"no current": func(f *refresh.Family) { f.Current = refresh.Digest{} },
	} {
		f := s.family()
		change(&f)
		require.Error(t, s.Start(t.Context(), f), name)
		if f.ID != "" {
			s.expect(t, refresh.Unknown, s.rotation(f, 0, 1), "%s: nothing has been started", name)
		}
	}

	f := s.started(t, s.name)
	s.expect(t, refresh.Rotated, s.rotation(f, 0, 1))
	for name, change := range map[string]func(*refresh.Rotation){
		"no family":              func(r *refresh.Rotation) { r.Family = "" },
		"no old":                 func(r *refresh.Rotation) { r.Old = refresh.Digest{} },
		"no new":                 func(r *refresh.Rotation) { r.New = refresh.Digest{} },
		"old is new":             func(r *refresh.Rotation) { r.New = r.Old },
		"no present":             func(r *refresh.Rotation) { r.Now = time.Time{} },
		"no expiry":              func(r *refresh.Rotation) { r.Expires = time.Time{} },
		"expires now":            func(r *refresh.Rotation) { r.Expires = r.Now },
		"expired":                func(r *refresh.Rotation) { r.Expires = r.Now.Add(-time.Second) },
		"negative grace":         func(r *refresh.Rotation) { r.Grace = -1 },
		"grace without sealed":   func(r *refresh.Rotation) { r.Sealed = nil },
		"grace and empty sealed": func(r *refresh.Rotation) { r.Sealed = []byte{} },
	} {
		for from := range 3 { // the last one, the current one, another
			r := s.rotation(f, from, 5)
			change(&r)
			result, err := s.Rotate(t.Context(), r)
			require.Error(t, err, name)
			require.Zero(t, result, name)
		}
	}
	require.Error(t, s.End(t.Context(), f.Issuer, ""))
	require.Error(t, s.EndUser(t.Context(), f.Issuer, "", s.now))
	require.Error(t, s.EndUser(t.Context(), f.Issuer, f.UserID, time.Time{}))
	s.expectRepeated(t, 1, s.rotation(f, 0, 2)) // none of that has changed anything
	s.expect(t, refresh.Rotated, s.rotation(f, 1, 2))
}

func testCopies(t *testing.T, s subject) {
	f := s.started(t, s.name)
	r := s.rotation(f, 0, 1)
	s.expect(t, refresh.Rotated, r)
	clear(r.Sealed)

	for range 2 {
		result, err := s.Rotate(t.Context(), s.rotation(f, 0, 2))
		require.NoError(t, err)
		require.Equal(t, sealed(1), result.Sealed)
		clear(result.Sealed)
	}
}

func testDoneContext(t *testing.T, s subject) {
	f := s.started(t, s.name)
	other := s.family()
	other.ID += " other"
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()

	for _, ctx := range []context.Context{cancelled, late} {
		for from := range 2 {
			result, err := s.Rotate(ctx, s.rotation(f, from, 2))
			require.Error(t, err)
			require.Zero(t, result)
		}
		require.Error(t, s.Start(ctx, other))
		require.Error(t, s.End(ctx, f.Issuer, f.ID))
		require.Error(t, s.EndUser(ctx, f.Issuer, f.UserID, s.now))
	}
	s.expect(t, refresh.Unknown, s.rotation(other, 0, 1))
	s.expect(t, refresh.Rotated, s.rotation(f, 0, 1), "nothing has happened")
}
