// Package revocationtest tests stores of revocations: whether a [revocation.Store]
// of your own keeps all that the interface promises.
//
//	func TestStore(t *testing.T) {
//		revocationtest.Run(t, func(t *testing.T) (revocation.Store, revocation.Store) {
//			return newStore(t, path), newStore(t, path)
//		})
//	}
package revocationtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// Run runs the tests, each as a subtest with two handles on one storage, as two
// instances of a program have them: what is written by the first is asked of both.
// They are the same store twice if it has no storage outside of itself. The storage
// may be the same again and need not be empty: the tests use names that are new
// each time, and times about the present. Run it with the race detector.
func Run(t *testing.T, open func(t *testing.T) (one, other revocation.Store)) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s subject)
	}{
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
	} {
		t.Run(test.name, func(t *testing.T) {
			one, other := open(t)
			test.run(t, subject{one, other, time.Now().Truncate(time.Second), rand.Text()})
		})
	}
}

// A subject is a store under test and another handle on its storage, with the
// present as the test has it and a name that nobody has used.
type subject struct {
	revocation.Store
	other revocation.Store
	now   time.Time
	name  string
}

const issuer = "https://issuer.example"

// token returns one that was issued a minute ago and is good for an hour.
func (s subject) token(id string) revocation.Token {
	return revocation.Token{
		Issuer: issuer, ID: s.name + id, UserID: "user " + s.name, Family: "family " + s.name + id,
		IssuedAt: s.now.Add(-time.Minute), Expires: s.now.Add(time.Hour),
	}
}

// expect asks both handles.
func (s subject) expect(t *testing.T, want bool, token revocation.Token, about ...any) {
	t.Helper()
	for _, store := range []revocation.Store{s.Store, s.other} {
		revoked, err := store.Revoked(t.Context(), token)
		require.NoError(t, err, about...)
		require.Equal(t, want, revoked, about...)
	}
}

func testToken(t *testing.T, s subject) {
	token, other := s.token("it"), s.token("other")
	s.expect(t, false, token)
	for range 2 { // the second time does no harm
		require.NoError(t, s.Revoke(t.Context(), token))
		s.expect(t, true, token)
	}
	s.expect(t, false, other, "another token of the user")
	require.NoError(t, s.Revoke(t.Context(), other))
	s.expect(t, true, other)
	s.expect(t, true, token, "the first one stays revoked")

	again := revocation.Token{Issuer: token.Issuer, ID: token.ID}
	s.expect(t, true, again, "issuer and ID alone name it")
	again.UserID, again.Family, again.IssuedAt, again.Expires = "x", "y", s.now.Add(time.Hour), s.now.Add(9*time.Hour)
	s.expect(t, true, again, "whatever else the token says")
}

func testUser(t *testing.T, s subject) {
	before, after := s.token("before"), s.token("after")
	after.IssuedAt = s.now.Add(time.Second)
	stranger := s.token("stranger's")
	stranger.UserID += "x"
	s.expect(t, false, before)

	for range 2 { // the second time does no harm
		require.NoError(t, s.RevokeUser(t.Context(), issuer, before.UserID, s.now))
		s.expect(t, true, before)
		s.expect(t, false, after, "issued later")
		s.expect(t, false, stranger, "of somebody else")
	}
	before.ID, before.Family = "", ""
	s.expect(t, true, before, "a token without an ID")
	before.IssuedAt = time.Time{}
	s.expect(t, true, before, "a token that does not say when it was issued")
	stranger.IssuedAt = time.Time{}
	s.expect(t, false, stranger, "somebody else's, which does not say when it was issued")

	require.NoError(t, s.RevokeUser(t.Context(), issuer, before.UserID, s.now.Add(time.Hour)))
	s.expect(t, true, after, "a later instant counts")
	require.NoError(t, s.RevokeUser(t.Context(), issuer, before.UserID, s.now.Add(-time.Hour)))
	s.expect(t, true, after, "an earlier instant takes nothing back")
}

// testInstants is about tokens that were issued about when the user was revoked.
func testInstants(t *testing.T, s subject) {
	for i, at := range []time.Time{s.now, s.now.Add(500 * time.Millisecond), s.now.Add(123456 * time.Microsecond)} {
		token := s.token("")
		token.UserID += fmt.Sprint(i)
		require.NoError(t, s.RevokeUser(t.Context(), issuer, token.UserID, at.In(time.FixedZone("east", 9*60*60))))
		for after, want := range map[time.Duration]bool{
			0: true, -time.Microsecond: true, -time.Second: true, -20 * 365 * 24 * time.Hour: true,
			time.Microsecond: false, time.Millisecond: false, time.Second: false, 20 * 365 * 24 * time.Hour: false,
		} {
			token.IssuedAt = at.Add(after)
			s.expect(t, want, token, "issued %v after the instant", after)
		}
		token.IssuedAt = at.Truncate(time.Second)
		s.expect(t, true, token, "a token that tells whole seconds only")
	}
	for name, at := range map[string]time.Time{
		"long ago": time.Unix(-1e9, 1e9-1000), "the year 10,000": time.Unix(253402300800, 0), "the year 300,000": time.Unix(9.4e12, 0),
	} {
		token := s.token("")
		token.UserID += name
		token.IssuedAt = time.Unix(-1e9-1, 0)
		require.NoError(t, s.RevokeUser(t.Context(), issuer, token.UserID, at), name)
		s.expect(t, true, token, name)
		token.IssuedAt = s.now
		s.expect(t, at.After(s.now), token, name)
		token.IssuedAt = time.Time{}
		s.expect(t, true, token, name)
	}
}

func testFamily(t *testing.T, s subject) {
	token := s.token("one")
	sibling := s.token("another")
	sibling.Family = token.Family
	cousin := s.token("stranger's")
	s.expect(t, false, token)
	for range 2 { // the second time does no harm
		require.NoError(t, s.RevokeFamily(t.Context(), issuer, token.Family, token.Expires))
		s.expect(t, true, token)
		s.expect(t, true, sibling)
		s.expect(t, false, cousin, "another family of the user")
	}
	token.IssuedAt = s.now.Add(time.Minute)
	s.expect(t, true, token, "issued later")
	token.IssuedAt = time.Time{}
	s.expect(t, true, token)
	token.Family = ""
	s.expect(t, false, token, "a token of no family")
}

// testParts gives a token, a family and a user the same name. What is revoked
// of one is not of the others, and each of the three is enough.
func testParts(t *testing.T, s subject) {
	asToken := revocation.Token{Issuer: issuer, ID: s.name}
	asFamily := revocation.Token{Issuer: issuer, Family: s.name}
	asUser := revocation.Token{Issuer: issuer, UserID: s.name}
	revokers := []func(name string) error{
		func(name string) error { return s.Revoke(t.Context(), revocation.Token{Issuer: issuer, ID: name}) },
		func(name string) error { return s.RevokeFamily(t.Context(), issuer, name, time.Time{}) },
		func(name string) error { return s.RevokeUser(t.Context(), issuer, name, s.now) },
	}
	for i, revoke := range revokers {
		all := []*revocation.Token{&asToken, &asFamily, &asUser}
		name := fmt.Sprint(s.name, i)
		asToken.ID, asFamily.Family, asUser.UserID = name, name, name
		require.NoError(t, revoke(name))
		for j, one := range all {
			s.expect(t, i == j, *one, "revoked as %d, asked as %d", i, j)
		}

		token := s.token(fmt.Sprint("enough", i))
		token.UserID += fmt.Sprint(i)
		s.expect(t, false, token)
		require.NoError(t, revoke([]string{token.ID, token.Family, token.UserID}[i]))
		s.expect(t, true, token, "one of three is enough: %d", i)
	}
}

func testNothing(t *testing.T, s subject) {
	nothing := revocation.Token{Issuer: issuer, IssuedAt: s.now.Add(-time.Minute), Expires: s.now.Add(time.Hour)}
	s.expect(t, false, nothing)
	s.expect(t, false, revocation.Token{})
	token := s.token("it")
	require.NoError(t, s.Revoke(t.Context(), token))
	require.NoError(t, s.RevokeFamily(t.Context(), issuer, token.Family, token.Expires))
	require.NoError(t, s.RevokeUser(t.Context(), issuer, token.UserID, s.now))
	s.expect(t, false, nothing)
	s.expect(t, false, revocation.Token{})
}

// testEnds revokes what ends at all sorts of times. Nothing that is not over by
// more than the grace may be forgotten.
func testEnds(t *testing.T, s subject) {
	for name, end := range map[string]time.Time{
		"none":                {},
		"now":                 s.now,
		"within the grace":    s.now.Add(-revocation.Grace + 5*time.Minute),
		"soon":                s.now.Add(time.Second),
		"in a while":          s.now.Add(1000 * time.Hour),
		"in 10,000 years":     s.now.AddDate(10_000, 0, 0),
		"in the year 292,277": time.Unix(math.MaxInt64/1_000_000, 0),
		"the last one":        time.Unix(math.MaxInt64, 0),
		"the last but grace":  time.Unix(math.MaxInt64-int64(revocation.Grace/time.Second)+1, 0),
	} {
		token := s.token(name)
		token.Expires = end
		require.NoError(t, s.Revoke(t.Context(), token), name)
		token.Expires = s.now
		sibling := s.token(name + " sibling")
		require.NoError(t, s.RevokeFamily(t.Context(), issuer, sibling.Family, end), name)
		s.flood(t, name)
		s.expect(t, true, token, "the end is: %s", name)
		s.expect(t, true, sibling, "the end is: %s", name)
	}
}

// flood writes what is over since long, so that a store that drops what is over
// does so now.
func (s subject) flood(t *testing.T, about string) {
	t.Helper()
	for i, over := range []time.Time{s.now.AddDate(-1, 0, 0), s.now.Add(-2 * revocation.Grace), time.Unix(1, 0), time.Unix(-1e9, 0), time.Unix(math.MinInt64, 0)} {
		token := s.token(fmt.Sprint("over ", about, i))
		token.Expires = over
		require.NoError(t, s.Revoke(t.Context(), token))
		require.NoError(t, s.RevokeFamily(t.Context(), issuer, token.Family, over))
	}
}

func testNeverShortened(t *testing.T, s subject) {
	long := []time.Time{s.now.Add(time.Hour), {}}
	short := []time.Time{s.now, s.now.Add(-3 * revocation.Grace), time.Unix(0, 0)}
	for i, end := range long {
		token := s.token(fmt.Sprint(i))
		sibling := s.token(fmt.Sprint("sibling ", i))
		token.Expires = end
		require.NoError(t, s.Revoke(t.Context(), token))
		require.NoError(t, s.RevokeFamily(t.Context(), issuer, sibling.Family, end))
		for j, earlier := range short {
			token.Expires = earlier
			require.NoError(t, s.Revoke(t.Context(), token))
			require.NoError(t, s.RevokeFamily(t.Context(), issuer, sibling.Family, earlier))
			s.flood(t, fmt.Sprint(i, j))
			s.expect(t, true, token, "%v, and then %v", end, earlier)
			s.expect(t, true, sibling, "%v, and then %v", end, earlier)
		}
	}

	token := s.token("short first")
	token.Expires = s.now.Add(-3 * revocation.Grace)
	require.NoError(t, s.Revoke(t.Context(), token))
	token.Expires = s.now.Add(time.Hour)
	require.NoError(t, s.Revoke(t.Context(), token))
	s.flood(t, "short first")
	s.expect(t, true, token, "made longer")
}

func testInvalid(t *testing.T, s subject) {
	token := s.token("it")
	none := token
	none.ID = ""
	require.Error(t, s.Revoke(t.Context(), none), "no ID")
	require.Error(t, s.RevokeUser(t.Context(), issuer, "", s.now), "no user")
	require.Error(t, s.RevokeUser(t.Context(), issuer, token.UserID, time.Time{}), "no instant")
	require.Error(t, s.RevokeFamily(t.Context(), issuer, "", s.now), "no family")
	s.expect(t, false, token)
	s.expect(t, false, none)
	s.expect(t, false, revocation.Token{Issuer: issuer})
}

// soon is how long a call may take whose context is done.
const soon = 5 * time.Second

func testDoneContext(t *testing.T, s subject) {
	revoked, token := s.token("revoked"), s.token("it")
	revoked.UserID += " other"
	require.NoError(t, s.Revoke(t.Context(), revoked))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()

	for name, ctx := range map[string]context.Context{"cancelled": cancelled, "late": late} {
		asked := time.Now()
		answer, err := s.Revoked(ctx, revoked)
		require.Less(t, time.Since(asked), soon, name)
		require.True(t, err != nil || answer, "%s: that a token is not revoked is not known", name)
		answer, err = s.Revoked(ctx, token)
		require.False(t, err == nil && answer, name)

		// Who says that something was done must have done it.
		one := s.token(name)
		one.UserID += name
		for i, err := range []error{
			s.Revoke(ctx, revocation.Token{Issuer: issuer, ID: one.ID}),
			s.RevokeUser(ctx, issuer, one.UserID, s.now),
			s.RevokeFamily(ctx, issuer, one.Family, one.Expires),
		} {
			if err == nil {
				s.expect(t, true, []revocation.Token{
					{Issuer: issuer, ID: one.ID}, {Issuer: issuer, UserID: one.UserID}, {Issuer: issuer, Family: one.Family},
				}[i], name)
			}
		}
		require.Less(t, time.Since(asked), soon, name)
	}
	s.expect(t, false, token)
	s.expect(t, true, revoked)
}

// testAcknowledged shows that what one handle has acknowledged is seen by the
// other at once, though that has said otherwise a moment before.
func testAcknowledged(t *testing.T, s subject) {
	for i := range 20 {
		token := s.token(fmt.Sprint(i))
		token.UserID += fmt.Sprint(i)
		writer, reader := s.Store, s.other
		if i%2 == 1 {
			writer, reader = reader, writer
		}
		revoked, err := reader.Revoked(t.Context(), token)
		require.NoError(t, err)
		require.False(t, revoked)
		switch i % 3 {
		case 0:
			err = writer.Revoke(t.Context(), token)
		case 1:
			err = writer.RevokeUser(t.Context(), issuer, token.UserID, s.now)
		case 2:
			err = writer.RevokeFamily(t.Context(), issuer, token.Family, token.Expires)
		}
		require.NoError(t, err)
		revoked, err = reader.Revoked(t.Context(), token)
		require.NoError(t, err)
		require.True(t, revoked, "a moment after it was acknowledged")
	}
}
