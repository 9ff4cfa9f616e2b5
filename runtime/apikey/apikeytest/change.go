package apikeytest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

func testRotate(t *testing.T, s subject) {
	r, other := s.added(t), s.added(t)
	use := apikey.Use{ID: r.ID, SHA256: r.SHA256, At: s.now}
	require.NoError(t, s.SaveUses(t.Context(), []apikey.Use{use}))
	r.Used = use.At
	rotation := s.rotation(t, r)
	require.NoError(t, s.Rotate(t.Context(), rotation))
	s.expect(t, rotated(r, rotation))
	s.expect(t, other)

	require.ErrorIs(t, s.Rotate(t.Context(), rotation), apikey.ErrChanged, "a second time")
	s.expect(t, rotated(r, rotation))
}

func testRotateTwice(t *testing.T, s subject) {
	r := s.added(t)
	first := s.rotation(t, r)
	require.NoError(t, s.Rotate(t.Context(), first))
	r = rotated(r, first)
	second := s.rotation(t, r)
	second.Expires = time.Time{}
	require.NoError(t, s.Rotate(t.Context(), second))
	s.expect(t, rotated(r, second), "the text before the last one is gone")
}

// testRotateEnds does not let an old text outlive what it had.
func testRotateEnds(t *testing.T, s subject) {
	r := s.added(t)
	rotation := s.rotation(t, r)
	rotation.OldExpires = r.Expires.Add(time.Hour)
	require.NoError(t, s.Rotate(t.Context(), rotation))
	want := rotated(r, rotation)
	want.PreviousExpires = r.Expires
	s.expect(t, want)

	r = s.record(t)
	r.Expires = time.Time{}
	require.NoError(t, s.Add(t.Context(), r))
	rotation = s.rotation(t, r)
	require.NoError(t, s.Rotate(t.Context(), rotation))
	s.expect(t, rotated(r, rotation), "the key had no end")
}

func testNotRotated(t *testing.T, s subject) {
	r := s.added(t)
	for name, change := range map[string]func(*apikey.Rotation){
		"no old":     func(by *apikey.Rotation) { by.Old = apikey.Digest{} },
		"no new":     func(by *apikey.Rotation) { by.New = apikey.Digest{} },
		"old is new": func(by *apikey.Rotation) { by.New = by.Old },
		"no end":     func(by *apikey.Rotation) { by.OldExpires = time.Time{} },
		"not the old": func(by *apikey.Rotation) {
			by.Old = apikey.DigestOf("another")
		},
	} {
		by := s.rotation(t, r)
		change(&by)
		require.Error(t, s.Rotate(t.Context(), by), name)
		s.expect(t, r, name)
	}
	require.NoError(t, s.Revoke(t.Context(), r.ID, s.now))
	require.ErrorIs(t, s.Rotate(t.Context(), s.rotation(t, r)), runtime.ErrRevoked)
	r.Revoked = s.now
	s.expect(t, r)
}

func testUses(t *testing.T, s subject) {
	r, other, third := s.added(t), s.added(t), s.added(t)
	save := func(uses ...apikey.Use) { require.NoError(t, s.SaveUses(t.Context(), uses)) }
	save()
	save(apikey.Use{ID: r.ID, SHA256: r.SHA256, At: s.now}, apikey.Use{ID: other.ID, SHA256: other.SHA256, At: s.now.Add(time.Hour)})
	r.Used, other.Used = s.now, s.now.Add(time.Hour)
	s.expect(t, r)
	s.expect(t, other)
	s.expect(t, third)

	save(apikey.Use{ID: r.ID, SHA256: r.SHA256, At: s.now.Add(-time.Minute)})
	s.expect(t, r, "a later use is known")
	save(apikey.Use{ID: r.ID, SHA256: apikey.DigestOf("another"), At: s.now.Add(time.Minute)})
	s.expect(t, r, "none of the key's texts")
	save(apikey.Use{ID: r.ID, SHA256: r.SHA256, At: s.now.Add(time.Microsecond)})
	r.Used = s.now.Add(time.Microsecond)
	s.expect(t, r)
}

func testUsesOfBoth(t *testing.T, s subject) {
	r := s.added(t)
	rotation := s.rotation(t, r)
	require.NoError(t, s.Rotate(t.Context(), rotation))
	require.NoError(t, s.SaveUses(t.Context(), []apikey.Use{
		{ID: r.ID, SHA256: rotation.Old, At: s.now.Add(time.Minute)}, // before the rotation, or after
		{ID: r.ID, SHA256: rotation.New, At: s.now.Add(time.Second)},
	}))
	r = rotated(r, rotation)
	r.PreviousUsed, r.Used = s.now.Add(time.Minute), s.now.Add(time.Second)
	s.expect(t, r)
	require.NoError(t, s.SaveUses(t.Context(), []apikey.Use{{ID: r.ID, SHA256: rotation.Old, At: s.now}}))
	s.expect(t, r, "a later use is known")
}

func testManyUses(t *testing.T, s subject) {
	first, last := s.added(t), s.added(t)
	uses := []apikey.Use{{ID: first.ID, SHA256: first.SHA256, At: s.now}}
	for range 1500 { // keys that have gone
		uses = append(uses, apikey.Use{ID: "0000000000000000", SHA256: apikey.DigestOf("x"), At: s.now})
	}
	uses = append(uses, apikey.Use{ID: last.ID, SHA256: last.SHA256, At: s.now})
	require.NoError(t, s.SaveUses(t.Context(), uses))
	first.Used, last.Used = s.now, s.now
	s.expect(t, first)
	s.expect(t, last)
}

func testDoneContext(t *testing.T, s subject) {
	r, other := s.added(t), s.record(t)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()
	for _, ctx := range []context.Context{cancelled, late} {
		require.Error(t, s.Add(ctx, other))
		_, err := s.Lookup(ctx, r.ID)
		require.Error(t, err)
		require.NotErrorIs(t, err, apikey.ErrUnknown, "it is not known whether there is one")
		require.Error(t, s.Revoke(ctx, r.ID, s.now))
		require.Error(t, s.Rotate(ctx, s.rotation(t, r)))
		require.Error(t, s.SaveUses(ctx, []apikey.Use{{ID: r.ID, SHA256: r.SHA256, At: s.now}}))
		n := 0
		for record, err := range s.List(ctx, s.owner) {
			require.Error(t, err)
			require.Zero(t, record)
			n++
		}
		require.Equal(t, 1, n, "one error, and nothing else")
	}
	s.expect(t, r, "nothing has happened")
	require.Equal(t, []string{r.ID}, s.listed(t, s.owner))
}

// callers do the same at the same time, in each of some rounds.
const (
	callers = 30
	rounds  = 5
)

// together calls f for each of n numbers, as much at the same time as can be.
func together(n int, f func(i int)) {
	var group sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-gate
			f(i)
		})
	}
	close(gate)
	group.Wait()
}

// winner returns the only index without an error.
func winner(t *testing.T, errs []error) int {
	t.Helper()
	found := -1
	for i, err := range errs {
		if err == nil {
			require.Equal(t, -1, found, "two have succeeded")
			found = i
		}
	}
	require.NotEqual(t, -1, found, "nobody has succeeded: %v", errs[0])
	return found
}

func testConcurrentAdds(t *testing.T, s subject) {
	for range rounds {
		records, errs := make([]apikey.Record, callers), make([]error, callers)
		for i := range records {
			records[i] = s.record(t)
			records[i].ID = records[0].ID
		}
		together(callers, func(i int) { errs[i] = s.Add(t.Context(), records[i]) })
		s.expect(t, records[winner(t, errs)])
	}
}

func testConcurrentRotations(t *testing.T, s subject) {
	for range rounds {
		r := s.added(t)
		rotations, errs := make([]apikey.Rotation, callers), make([]error, callers)
		for i := range rotations {
			rotations[i] = s.rotation(t, r)
		}
		together(callers, func(i int) { errs[i] = s.Rotate(t.Context(), rotations[i]) })
		won := winner(t, errs)
		for i, err := range errs {
			if i != won {
				require.ErrorIs(t, err, apikey.ErrChanged)
			}
		}
		s.expect(t, rotated(r, rotations[won]))
	}
}

// testRotateWhileRevoking does not let a rotation bring back what is revoked.
func testRotateWhileRevoking(t *testing.T, s subject) {
	for range rounds {
		r := s.added(t)
		id := r.ID
		var group sync.WaitGroup
		under := make(chan struct{})
		group.Go(func() {
			<-under
			assert.NoError(t, s.Revoke(t.Context(), id, s.now))
		})
		for i := range 100 {
			rotation := s.rotation(t, r)
			if err := s.Rotate(t.Context(), rotation); err != nil {
				require.ErrorIs(t, err, runtime.ErrRevoked)
				break
			}
			r = rotated(r, rotation)
			if i == 2 {
				close(under)
			}
		}
		group.Wait()
		r.Revoked = s.now
		s.expect(t, r)
		require.ErrorIs(t, s.Rotate(t.Context(), s.rotation(t, r)), runtime.ErrRevoked)
	}
}
