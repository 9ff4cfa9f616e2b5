// Package apikeytest tests stores of API keys: whether what stands in place of an
// [apikey.SQL], or below one, keeps all that its methods promise.
//
//	func TestStore(t *testing.T) {
//		apikeytest.Run(t, func(t *testing.T) apikeytest.Store { return newStore(t) })
//	}
package apikeytest

import (
	"context"
	"crypto/rand"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

// A Store is what [Run] tests. The methods of [apikey.SQL] say what each must do.
type Store interface {
	Add(ctx context.Context, r apikey.Record) error
	Lookup(ctx context.Context, id string) (apikey.Record, error)
	List(ctx context.Context, owner string) iter.Seq2[apikey.Record, error]
	Revoke(ctx context.Context, id string, at time.Time) error
	Rotate(ctx context.Context, r apikey.Rotation) error
	SaveUses(ctx context.Context, uses []apikey.Use) error
}

var _ Store = (*apikey.SQL)(nil)

// Run runs the tests, each as a subtest with a store that newStore returns. It
// may return the same store again and need not be empty: the tests use ids and
// owners that are new each time. Run it with the race detector.
func Run(t *testing.T, newStore func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s subject)
	}{
		{"add", testAdd},
		{"add with little", testAddLittle},
		{"add what is there already", testDuplicate},
		{"add what is not valid", testInvalid},
		{"unknown", testUnknown},
		{"ids that differ in case", testCase},
		{"hostile ids", testHostileIDs},
		{"hostile texts", testHostileTexts},
		{"instants", testInstants},
		{"list", testList},
		{"list and stop", testListStop},
		{"revoke", testRevoke},
		{"rotate", testRotate},
		{"rotate twice", testRotateTwice},
		{"rotate and keep the end", testRotateEnds},
		{"rotate what cannot be", testNotRotated},
		{"uses", testUses},
		{"uses of both texts", testUsesOfBoth},
		{"many uses", testManyUses},
		{"what is given is copied", testCopies},
		{"done context", testDoneContext},
		{"concurrent adds", testConcurrentAdds},
		{"concurrent rotations", testConcurrentRotations},
		{"rotations while the key is revoked", testRotateWhileRevoking},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(t, subject{newStore(t), time.Now().Truncate(time.Second), "owner " + rand.Text()})
		})
	}
}

// A subject is a store under test, with the present as the test has it and an
// owner that nobody has used.
type subject struct {
	Store
	now   time.Time
	owner string
}

// record returns one of a new key, with everything in it.
func (s subject) record(t *testing.T) apikey.Record {
	t.Helper()
	g, err := apikey.Generate("acme")
	require.NoError(t, err)
	return apikey.Record{
		ID: g.ID, SHA256: g.SHA256, Prefix: g.Prefix, Owner: s.owner, Name: "nightly export",
		Permissions: []string{"blog.view_article", "blog.add_article"}, Scopes: []string{"read", "write:all"},
		Created: s.now, NotBefore: s.now.Add(time.Hour), Expires: s.now.Add(90 * 24 * time.Hour),
	}
}

// added returns a record that is in the store.
func (s subject) added(t *testing.T) apikey.Record {
	t.Helper()
	r := s.record(t)
	require.NoError(t, s.Add(t.Context(), r))
	return r
}

// expect wants the store to have this very record.
func (s subject) expect(t *testing.T, want apikey.Record, about ...any) {
	t.Helper()
	got, err := s.Lookup(t.Context(), want.ID)
	require.NoError(t, err, about...)
	require.Equal(t, plain(want), plain(got), about...)
}

// plain returns a record that is equal to others of the same meaning: instants in
// UTC and empty lists as nil.
func plain(r apikey.Record) apikey.Record {
	for _, instant := range []*time.Time{
		&r.NotBefore, &r.Expires, &r.Revoked, &r.PreviousExpires, &r.Created, &r.Used, &r.PreviousUsed,
	} {
		*instant = instant.UTC()
	}
	for _, list := range []*[]string{&r.Permissions, &r.Scopes} {
		if *list = slices.Clone(*list); len(*list) == 0 {
			*list = nil
		}
	}
	return r
}

// listed returns the ids of the owner's keys.
func (s subject) listed(t *testing.T, owner string) (ids []string) {
	t.Helper()
	for r, err := range s.List(t.Context(), owner) {
		require.NoError(t, err)
		ids = append(ids, r.ID)
	}
	return ids
}

// rotation returns one from what the record has to a new text, with an overlap of an hour.
func (s subject) rotation(t *testing.T, r apikey.Record) apikey.Rotation {
	t.Helper()
	g, err := apikey.Regenerate(r.Prefix, r.ID)
	require.NoError(t, err)
	return apikey.Rotation{ID: r.ID, Old: r.SHA256, New: g.SHA256, OldExpires: s.now.Add(time.Hour), Expires: s.now.Add(180 * 24 * time.Hour)}
}

// rotated returns the record as it must be after the rotation.
func rotated(r apikey.Record, by apikey.Rotation) apikey.Record {
	r.Previous, r.PreviousExpires, r.PreviousUsed = r.SHA256, by.OldExpires, r.Used
	r.SHA256, r.Used, r.Expires = by.New, time.Time{}, by.Expires
	return r
}
