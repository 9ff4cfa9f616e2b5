// Package sessiontest tests stores of sessions: whether a [session.Store] of your own
// keeps all that the interface promises.
//
//	func TestStore(t *testing.T) {
//		sessiontest.Run(t, func(t *testing.T) session.Store { return newStore(t) })
//	}
package sessiontest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// Run runs the tests, each as a subtest with a store that newStore returns. It may
// return the same store again and need not be empty: the tests use names that are
// new each time, and times about the present. Run it with the race detector.
func Run(t *testing.T, newStore func(t *testing.T) session.Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s subject)
	}{
		{"create and load", testCreate},
		{"create what is there already", testDuplicate},
		{"unknown", testUnknown},
		{"touch", testTouch},
		{"touch what was seen later", testTouchBackwards},
		{"update", testUpdate},
		{"update another version", testConflict},
		{"what is over is not revived", testOver},
		{"what has ended is not revived", testEnded},
		{"end", testEnd},
		{"end a user's sessions", testEndUser},
		{"list", testList},
		{"IDs that are nearly the same", testIDs},
		{"hostile names of users", testUsers},
		{"texts and bytes come back as they are", testContents},
		{"nothing alive is forgotten", testForget},
		{"invalid arguments", testInvalid},
		{"what is given and returned is copied", testCopies},
		{"done context", testDoneContext},
		{"concurrent creations", testConcurrentCreations},
		{"concurrent updates", testConcurrentUpdates},
		{"uses and updates at the same time", testTouchWhileUpdating},
		{"writes while the session ends", testWriteWhileEnding},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(t, subject{newStore(t), time.Now().Truncate(time.Second), rand.Text()})
		})
	}
}

// A subject is a store under test, with the present as the test has it and a name
// that nobody has used.
type subject struct {
	session.Store
	now  time.Time
	name string
}

// digest returns a digest that a test knows by a name of its own.
func (s subject) digest(name string) session.Digest {
	return sha256.Sum256([]byte(s.name + " " + name))
}

// record returns a session that can idle for an hour, and live for a day.
func (s subject) record(name string) session.Record {
	return session.Record{
		ID: s.digest(name), Secret: s.digest(name + " secret"), UserID: "user " + s.name,
		AuthTime: s.now.Add(-time.Minute), Created: s.now, Seen: s.now,
		Expires: s.now.Add(time.Hour), Deadline: s.now.Add(24 * time.Hour),
		UserAgent: "Browser/1.0", Address: "192.0.2.1",
	}
}

// created returns a session that is in the store.
func (s subject) created(t *testing.T, name string) session.Record {
	t.Helper()
	r := s.record(name)
	require.NoError(t, s.Create(t.Context(), r))
	return r
}

// expect wants the session to be there, and to be like this.
func (s subject) expect(t *testing.T, want session.Record, about ...any) {
	t.Helper()
	got, err := s.Load(t.Context(), want.ID)
	require.NoError(t, err, about...)
	require.Equal(t, plain(want), plain(got), about...)
}

// expectNone wants the session not to be there, whatever is asked.
func (s subject) expectNone(t *testing.T, r session.Record, about ...any) {
	t.Helper()
	got, err := s.Load(t.Context(), r.ID)
	require.ErrorIs(t, err, session.ErrNotFound, about...)
	require.Zero(t, got, about...)
	records, err := s.List(t.Context(), r.UserID)
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(records, func(listed session.Record) bool { return listed.ID == r.ID }), about...)
}

// plain makes records comparable: instants in microseconds of UTC, and no difference
// between no data and empty data.
func plain(r session.Record) session.Record {
	for _, t := range []*time.Time{&r.AuthTime, &r.Created, &r.Seen, &r.Expires, &r.Deadline} {
		*t = time.UnixMicro(t.UnixMicro()).UTC()
	}
	if len(r.Data) == 0 {
		r.Data = nil
	}
	return r
}

// later returns an instant that many minutes from now.
func (s subject) later(minutes float64) time.Time {
	return s.now.Add(time.Duration(minutes * float64(time.Minute)))
}

func testCreate(t *testing.T, s subject) {
	s.expect(t, s.created(t, "plain"))

	full := s.record("full")
	full.Remembered = true
	full.Expires = full.Deadline
	full.Data = []byte(`{"cart":[1,2]}`)
	full.Version = 7
	full.Created = s.now.Add(time.Microsecond)
	require.NoError(t, s.Create(t.Context(), full))
	s.expect(t, full)

	bare := s.record("bare")
	bare.AuthTime = time.Unix(0, 0)
	bare.UserAgent, bare.Address = "", ""
	require.NoError(t, s.Create(t.Context(), bare))
	s.expect(t, bare)
}

func testDuplicate(t *testing.T, s subject) {
	first := s.created(t, "a")
	second := s.record("a")
	second.Secret = s.digest("of somebody else")
	second.UserID += "'s enemy"
	require.Error(t, s.Create(t.Context(), second))
	require.Error(t, s.Create(t.Context(), first), "even if nothing differs")
	s.expect(t, first)

	records, err := s.List(t.Context(), second.UserID)
	require.NoError(t, err)
	require.Empty(t, records)
}

func testUnknown(t *testing.T, s subject) {
	r := s.record("never there")
	s.expectNone(t, r)
	require.ErrorIs(t, s.Touch(t.Context(), r.ID, s.now, s.later(60)), session.ErrNotFound)
	require.ErrorIs(t, s.Update(t.Context(), r, s.now), session.ErrNotFound)
	require.NoError(t, s.End(t.Context(), r.ID))
	require.NoError(t, s.EndUser(t.Context(), r.UserID, r.ID))
	s.expectNone(t, r, "none of that has made it exist")
}

func testTouch(t *testing.T, s subject) {
	r, other := s.created(t, "a"), s.created(t, "b")
	for _, minutes := range []float64{0.001, 30, 31, 90.9, 150} {
		r.Seen, r.Expires = s.later(minutes), s.later(minutes+60)
		require.NoError(t, s.Touch(t.Context(), r.ID, r.Seen, r.Expires), minutes)
		s.expect(t, r, "only Seen and Expires have changed")
	}
	s.expect(t, other)

	r.Seen, r.Expires = s.later(151), s.later(152)
	require.NoError(t, s.Touch(t.Context(), r.ID, r.Seen, r.Expires))
	s.expect(t, r, "it may be over sooner than before")
}

// A slow request must not make a session look older than it is.
func testTouchBackwards(t *testing.T, s subject) {
	r := s.created(t, "a")
	r.Seen, r.Expires = s.later(30), s.later(90)
	require.NoError(t, s.Touch(t.Context(), r.ID, r.Seen, r.Expires))
	require.NoError(t, s.Touch(t.Context(), r.ID, s.later(29), s.later(89)), "it is there, after all")
	require.NoError(t, s.Touch(t.Context(), r.ID, r.Seen, s.later(500)), "the same instant")
	s.expect(t, r)
}

func testUpdate(t *testing.T, s subject) {
	r, other := s.created(t, "a"), s.created(t, "b")
	for i := range 5 {
		r.Secret, r.Data, r.AuthTime = s.digest(fmt.Sprint("secret ", i)), []byte(fmt.Sprint("data ", i)), s.later(float64(i))
		mine := r // has a Seen that may be outdated, and must not be written
		mine.UserID, mine.Address, mine.UserAgent, mine.Remembered = "another", "another", "another", true
		mine.Created, mine.Seen, mine.Expires, mine.Deadline = s.later(-1), s.later(-2), s.later(900), s.later(1000)
		require.NoError(t, s.Update(t.Context(), mine, s.later(1)))
		r.Version++
		s.expect(t, r, "only Secret, AuthTime, Data and Version have changed")
	}
	r.Data = nil
	require.NoError(t, s.Update(t.Context(), r, s.later(2)))
	r.Version++
	s.expect(t, r, "the data is gone")
	s.expect(t, other)
}

func testConflict(t *testing.T, s subject) {
	r := s.created(t, "a")
	mine := r
	r.Data = []byte("theirs")
	require.NoError(t, s.Update(t.Context(), r, s.now))
	r.Version++

	for _, version := range []int64{0, 2, -1, 1 << 40} {
		mine.Version = version
		mine.Data, mine.Secret = []byte("mine"), s.digest("mine")
		require.ErrorIs(t, s.Update(t.Context(), mine, s.now), session.ErrConflict, version)
	}
	s.expect(t, r, "nothing has changed")
	require.NoError(t, s.Touch(t.Context(), r.ID, s.later(1), s.later(61)))
	require.NoError(t, s.Update(t.Context(), r, s.now), "uses of the session are no conflict")
}

func testOver(t *testing.T, s subject) {
	for _, after := range []time.Duration{0, time.Microsecond, time.Hour} {
		r := s.created(t, after.String())
		at := r.Expires.Add(after)
		require.ErrorIs(t, s.Touch(t.Context(), r.ID, at, at.Add(time.Hour)), session.ErrNotFound)
		require.ErrorIs(t, s.Update(t.Context(), r, at), session.ErrNotFound)
		wrong := r
		wrong.Version = 5
		require.ErrorIs(t, s.Update(t.Context(), wrong, at), session.ErrNotFound, "rather than a conflict")
		s.expect(t, r, "it is there as it was")
	}

	r := s.created(t, "just in time")
	at := r.Expires.Add(-time.Microsecond)
	require.NoError(t, s.Update(t.Context(), r, at))
	require.NoError(t, s.Touch(t.Context(), r.ID, at, at.Add(time.Hour)))
	require.NoError(t, s.Touch(t.Context(), r.ID, at.Add(time.Minute), at.Add(2*time.Hour)), "it lives on")
}

// A request that was under way when its session ended has loaded it before.
func testEnded(t *testing.T, s subject) {
	for name, end := range map[string]func(session.Record) error{
		"end":      func(r session.Record) error { return s.End(t.Context(), r.ID) },
		"end user": func(r session.Record) error { return s.EndUser(t.Context(), r.UserID, session.Digest{}) },
		"others":   func(r session.Record) error { return s.EndUser(t.Context(), r.UserID, s.digest("current")) },
	} {
		r := s.created(t, name)
		slow, err := s.Load(t.Context(), r.ID)
		require.NoError(t, err)
		require.NoError(t, end(r), name)

		slow.Data = []byte("late")
		require.ErrorIs(t, s.Touch(t.Context(), slow.ID, s.later(1), s.later(61)), session.ErrNotFound, name)
		require.ErrorIs(t, s.Update(t.Context(), slow, s.later(1)), session.ErrNotFound, name)
		s.expectNone(t, r, name)
		require.NoError(t, end(r), "%s, a second time", name)

		// The store remembers nothing of it.
		r.UserID += " who came later"
		require.NoError(t, s.Create(t.Context(), r), name)
		s.expect(t, r, name)
	}
}

func testEnd(t *testing.T, s subject) {
	a, b := s.created(t, "a"), s.created(t, "b")
	require.NoError(t, s.End(t.Context(), a.Secret), "which is no session's ID")
	s.expect(t, a)
	require.NoError(t, s.End(t.Context(), a.ID))
	s.expectNone(t, a)
	s.expect(t, b, "another one of the user")
}

func testEndUser(t *testing.T, s subject) {
	var mine []session.Record
	for _, name := range []string{"a", "b", "c", "d"} {
		mine = append(mine, s.created(t, name))
	}
	theirs := s.record("theirs")
	theirs.UserID += "x"
	require.NoError(t, s.Create(t.Context(), theirs))

	require.NoError(t, s.EndUser(t.Context(), mine[0].UserID, mine[2].ID))
	for i, r := range mine {
		if i == 2 {
			s.expect(t, r, "the one that was to stay")
		} else {
			s.expectNone(t, r)
		}
	}
	s.expect(t, theirs, "another user's")

	require.NoError(t, s.EndUser(t.Context(), theirs.UserID+" not", theirs.ID))
	require.NoError(t, s.EndUser(t.Context(), mine[2].UserID, theirs.ID), "to spare another user's session spares none")
	s.expectNone(t, mine[2])
	require.NoError(t, s.EndUser(t.Context(), theirs.UserID, session.Digest{}))
	s.expectNone(t, theirs)
}

func testList(t *testing.T, s subject) {
	want := map[session.Digest]session.Record{}
	for _, name := range []string{"a", "b", "c"} {
		r := s.record(name)
		r.Data = []byte("which is not needed in a list")
		require.NoError(t, s.Create(t.Context(), r))
		want[r.ID] = r
	}
	theirs := s.record("theirs")
	theirs.UserID = strings.ToUpper(theirs.UserID)
	require.NoError(t, s.Create(t.Context(), theirs))

	expect := func() {
		t.Helper()
		records, err := s.List(t.Context(), s.record("").UserID)
		require.NoError(t, err)
		require.Len(t, records, len(want))
		for _, got := range records {
			expected, ok := want[got.ID]
			require.True(t, ok)
			require.Nil(t, got.Data)
			expected.Data = nil
			require.Equal(t, plain(expected), plain(got))
		}
	}
	expect()
	touched := want[s.digest("a")]
	touched.Seen, touched.Expires = s.later(10), s.later(70)
	require.NoError(t, s.Touch(t.Context(), touched.ID, touched.Seen, touched.Expires))
	touched.Secret = s.digest("renewed")
	require.NoError(t, s.Update(t.Context(), touched, s.now))
	touched.Version++
	want[touched.ID] = touched
	require.NoError(t, s.End(t.Context(), s.digest("b")))
	delete(want, s.digest("b"))
	expect()

	records, err := s.List(t.Context(), s.name+" who has none")
	require.NoError(t, err)
	require.Empty(t, records)
}

func testInvalid(t *testing.T, s subject) {
	for name, change := range map[string]func(*session.Record){
		"no ID":                    func(r *session.Record) { r.ID = session.Digest{} },
		"no secret":                func(r *session.Record) { r.Secret = session.Digest{} },
		"no user":                  func(r *session.Record) { r.UserID = "" },
		"no time of creation":      func(r *session.Record) { r.Created = time.Time{} },
		"no time of use":           func(r *session.Record) { r.Seen = time.Time{} },
		"over already":             func(r *session.Record) { r.Expires = r.Seen },
		"no expiry":                func(r *session.Record) { r.Expires = time.Time{} },
		"a deadline before expiry": func(r *session.Record) { r.Deadline = r.Expires.Add(-time.Second) },
		"no deadline":              func(r *session.Record) { r.Deadline = time.Time{} },
	} {
		r := s.record(name)
		change(&r)
		require.Error(t, s.Create(t.Context(), r), name)
		s.expectNone(t, s.record(name), name)

		there := s.created(t, name+", of one that is there")
		r = there
		r.Data = []byte("new")
		change(&r)
		err := s.Update(t.Context(), r, s.now)
		require.Error(t, err, name)
		s.expect(t, there, name)
	}

	r, none := s.created(t, "a"), session.Digest{}
	require.Error(t, s.Touch(t.Context(), none, s.later(1), s.later(61)))
	require.Error(t, s.Touch(t.Context(), r.ID, time.Time{}, s.later(61)))
	require.Error(t, s.Touch(t.Context(), r.ID, s.later(1), time.Time{}))
	require.Error(t, s.Touch(t.Context(), r.ID, s.later(1), s.later(1)))
	require.Error(t, s.Update(t.Context(), r, time.Time{}))
	require.Error(t, s.End(t.Context(), none))
	require.Error(t, s.EndUser(t.Context(), "", r.ID))
	require.Error(t, s.EndUser(t.Context(), "", none))
	_, err := s.Load(t.Context(), none)
	require.Error(t, err)
	require.NotErrorIs(t, err, session.ErrNotFound)
	_, err = s.List(t.Context(), "")
	require.Error(t, err)
	s.expect(t, r, "none of that has changed anything")
}

func testCopies(t *testing.T, s subject) {
	r := s.record("a")
	given := []byte("created")
	r.Data = given
	require.NoError(t, s.Create(t.Context(), r))
	clear(given)
	r.Data = []byte("created")
	for range 2 {
		got, err := s.Load(t.Context(), r.ID)
		require.NoError(t, err)
		require.Equal(t, "created", string(got.Data))
		clear(got.Data)
	}
	given = []byte("updated")
	r.Data = given
	require.NoError(t, s.Update(t.Context(), r, s.now))
	clear(given)
	r.Data, r.Version = []byte("updated"), 1
	s.expect(t, r)
}

func testDoneContext(t *testing.T, s subject) {
	r, other := s.created(t, "a"), s.record("b")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()

	for _, ctx := range []context.Context{cancelled, late} {
		for name, err := range map[string]error{
			"create":   s.Create(ctx, other),
			"touch":    s.Touch(ctx, r.ID, s.later(1), s.later(61)),
			"update":   s.Update(ctx, r, s.now),
			"end":      s.End(ctx, r.ID),
			"end user": s.EndUser(ctx, r.UserID, session.Digest{}),
		} {
			assert.Error(t, err, name)
			assert.NotErrorIs(t, err, session.ErrNotFound, name)
			assert.NotErrorIs(t, err, session.ErrConflict, name)
		}
		got, err := s.Load(ctx, r.ID)
		assert.Error(t, err)
		assert.NotErrorIs(t, err, session.ErrNotFound)
		assert.Zero(t, got)
		records, err := s.List(ctx, r.UserID)
		assert.Error(t, err)
		assert.Empty(t, records)
	}
	s.expect(t, r, "nothing has happened")
	s.expectNone(t, other)
}
